"""The web application over the sample store, on a clock of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household, make_sample_store
from skill.settings import Settings
from tests.platforms.signing import NOW


class StoppedClock:
    def now_utc(self):
        return NOW


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    make_sample_store(folder)
    return folder


@pytest.fixture
def app_with(sample_store: Path, tmp_path: Path) -> Iterator[Callable[..., App]]:
    """`app_with(**settings)`: an App over a copy of the sample store, with the demo household."""
    opened: list[App] = []

    def build(**values: Any) -> App:
        folder = tmp_path / f"data-{len(opened)}"
        shutil.copytree(sample_store, folder)
        app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys", **values), clock=StoppedClock())
        opened.append(app)
        ensure_demo_household(app)
        return app

    yield build
    for app in opened:
        app.close()
