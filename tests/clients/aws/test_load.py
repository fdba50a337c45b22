"""A short slice of `benchmarks/load.py`: many households at once, and nothing lost, doubled or miscounted."""

from __future__ import annotations

import pytest

from benchmarks.load import measure
from tests.contracts import dynamodb_local

pytestmark = pytest.mark.clients


def test_households_shopping_at_once_lose_and_double_nothing() -> None:
    figures = measure(dynamodb_local.endpoint(), households=12, seconds=15, instances=2)

    assert not any(figures["wrong"].values()), figures
    assert figures["orders"]
