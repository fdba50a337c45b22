"""The store that a function answers for, opened once for each instance."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from pathlib import Path

from .quick_start import compile_as_ever, use_compiled_dataclasses

# Where the zones are; asked for otherwise, Python reads the whole configuration that it was built with.
os.environ.setdefault("PYTHONTZPATH", "/usr/share/zoneinfo")
# What a start makes, it keeps: nothing is looked for among it until `settle_in`.
gc.disable()
use_compiled_dataclasses()

from skill.app import App, build_app  # noqa: E402
from skill.settings import Settings, read_settings  # noqa: E402

PACKAGED_DATA = Path(__file__).parents[1] / "data"


def open_store(variables: Mapping[str, str]) -> App:
    """The App that the `SAYSO_*` variables describe.

    A function can write below /tmp alone, which starts empty: what is not in the data directory comes from the package's
    `data/`, or from SAYSO_SEED_DIR. Raises `SettingsInvalid` and whatever else stops a store from opening, which stops the
    function at its start.
    """
    app = build_app(read_seeded_settings(variables))
    app.warn_of_payments()
    return app


def read_seeded_settings(variables: Mapping[str, str]) -> Settings:
    """The settings, once their data directory is there. Raises `SettingsInvalid`."""
    settings = read_settings(variables)
    seed = Path(variables.get("SAYSO_SEED_DIR") or PACKAGED_DATA)
    if seed.is_dir():
        _fill(settings.data_dir, seed)
    return settings


def _fill(folder: Path, seed: Path) -> None:
    """Copies those of the seed's files that are not there. The catalogue's index is linked: it is large, read only, and replaced
    as a whole or not at all."""
    for path in sorted(seed.rglob("*")):
        target = folder / path.relative_to(seed)
        if target.exists():
            continue
        target.unlink(missing_ok=True)  # a link to what is no longer there
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.name == "catalogue.index":
            os.symlink(path, target)
        elif path.is_file():
            target.write_bytes(path.read_bytes())


def settle_in() -> None:
    """What an instance has read and built by now stays as long as it lives: the garbage collector need not look at it again."""
    compile_as_ever()
    gc.freeze()
    gc.enable()
