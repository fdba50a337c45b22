"""The store that a function answers for, opened once for each instance."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from skill.app import App, build_app
from skill.settings import Settings, read_settings


def open_store(variables: Mapping[str, str]) -> App:
    """The App that the `SAYSO_*` variables describe.

    A function can write below /tmp alone, which starts empty: where SAYSO_SEED_DIR is set, the data directory is first copied
    from there. Raises `SettingsInvalid` and whatever else stops a store from opening, which stops the function at its start.
    """
    return build_app(read_seeded_settings(variables))


def read_seeded_settings(variables: Mapping[str, str]) -> Settings:
    """The settings, once their data directory is there. Raises `SettingsInvalid`."""
    settings = read_settings(variables)
    seed = variables.get("SAYSO_SEED_DIR")
    if seed and not settings.data_dir.exists():
        shutil.copytree(Path(seed), settings.data_dir)
    return settings
