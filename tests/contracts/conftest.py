"""Each port's contract is run against every adapter of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.stores import STORES, SetClock, Stores


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """DynamoDB Local is an emulator in another language: `make test-clients` runs what needs it."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and "dynamodb" in callspec.params.values():
            item.add_marker("clients")


@pytest.fixture(params=STORES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    opened = STORES[request.param](tmp_path, SetClock())
    yield opened
    opened.close()
