"""The sample store, made once for all conversations of a process; each of them plays in a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from skill.cli.demo import make_sample_store
from skill.shop.catalogue import Product


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Product]]:
    folder = tmp_path_factory.mktemp("sample") / "store"
    return folder, make_sample_store(folder)
