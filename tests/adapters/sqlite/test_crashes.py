"""Killed in the middle of a transaction, nothing of it is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.shopping import WRITES
from tests.contracts.test_crashes import end_of


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return end_of("sqlite", tmp_path_factory.mktemp("undisturbed"), "never")


@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_killed_within_any_write_it_ends_the_same(undisturbed: dict[str, object], write: int, tmp_path: Path) -> None:
    assert undisturbed == end_of("sqlite", tmp_path, f"within-{write}")
