"""A store with the sample's catalogue and the demo household, and a browser's way to its simulator."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household, make_sample_store
from skill.settings import Settings
from skill.shop.catalogue import Product


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Product]]:
    folder = tmp_path_factory.mktemp("sample") / "store"
    return folder, make_sample_store(folder)


@pytest.fixture
def app(sample_store: tuple[Path, list[Product]], tmp_path: Path) -> Iterator[App]:
    """The sample store with the demo household (code 4271)."""
    folder = tmp_path / "data"
    shutil.copytree(sample_store[0], folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    ensure_demo_household(app)
    yield app
    app.close()
