"""Thirty-two workers at the edge of a cap, on DynamoDB Local. `SAYSO_ROUNDS=1000` runs as many rounds; a few are the default."""

from __future__ import annotations

import os

import pytest

from skill.errors import OutOfStock, SpendCapExceeded
from skill.guard.audit import verify_chain
from skill.shop.households import HouseholdId
from tests.contracts.stores import Stores, at_once

pytestmark = pytest.mark.clients

WORKERS = 32
ROUNDS = int(os.environ.get("SAYSO_ROUNDS", "3"))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_workers_at_the_edge_of_a_cap_never_pass_it(stores: Stores, number: int) -> None:
    home = HouseholdId(f"cap-{number}")
    stores.stock(milk=1000)

    results = at_once(WORKERS, lambda _: stores.reserve(household_id=home, amount_max=5999))

    assert (5000, 5) == stores.spent(household_id=home)
    refused = [each for each in results if isinstance(each, Exception)]
    assert {SpendCapExceeded} == {type(each) for each in refused}, refused
    assert WORKERS - 5 == len(refused)
    assert 995 == stores.available("milk")
    entries = stores.ledger.audit(home, 100)
    assert 5 == len(entries)
    assert () == verify_chain(entries, stores.ledger.anchors()[home], lambda message: stores.keys.mac("audit", message))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_households_for_the_last_pieces_never_oversell(stores: Stores, number: int) -> None:
    stores.stock(milk=7)

    results = at_once(WORKERS, lambda worker: stores.reserve(household_id=f"stock-{number}-{worker}"))

    assert 0 == stores.available("milk")
    assert 7 == len(stores.orders.list(100))
    refused = [each for each in results if isinstance(each, Exception)]
    assert {OutOfStock} == {type(each) for each in refused}, refused
    assert WORKERS - 7 == len(refused)
