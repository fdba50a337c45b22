"""The web application over the sample store, on a clock of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household
from skill.settings import Settings
from skill.web import create_app
from tests.platforms.signing import NOW


class StoppedClock:
    def now_utc(self):
        return NOW


def open_copy(sample_store: Path, folder: Path, **values: Any) -> App:
    """An App over a copy of the sample store in `folder`, with the demo household."""
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys", **values), clock=StoppedClock())
    ensure_demo_household(app)
    return app


@pytest.fixture
def app_with(sample_store: Path, tmp_path: Path) -> Iterator[Callable[..., App]]:
    """`app_with(**settings)`: an App of the test's own."""
    opened: list[App] = []

    def build(**values: Any) -> App:
        opened.append(open_copy(sample_store, tmp_path / f"data-{len(opened)}", **values))
        return opened[-1]

    yield build
    for app in opened:
        app.close()


@pytest.fixture(scope="module")
def client(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A developer's own server, which all tests of a file share: on loopback, nothing is checked."""
    app = open_copy(sample_store, tmp_path_factory.mktemp("own") / "data")
    yield create_app(app).test_client()
    app.close()
