"""Each port's contract is run against every adapter of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.stores import STORES, SetClock, Stores


@pytest.fixture(params=STORES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    opened = STORES[request.param](tmp_path, SetClock())
    yield opened
    opened.close()
