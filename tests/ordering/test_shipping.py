from __future__ import annotations

from types import SimpleNamespace

import pytest

from skill.errors import OrderStateConflict
from skill.ordering.shipping import ship_order
from tests.platforms.signing import NOW


class Store:
    """A ledger that ships an order once; that the household is told is its own affair (`tests/contracts/test_notices.py`)."""

    def __init__(self):
        self.order = SimpleNamespace(
            order_id="ord-1", household_id="home", seller="Corner Store", total=SimpleNamespace(amount=537, currency="USD"),
            lines=(), address="7 Mill Road", state="committed",
        )  # fmt: skip
        self.drafts = []
        self.ports = SimpleNamespace(
            clock=SimpleNamespace(now_utc=lambda: NOW),
            ledger=SimpleNamespace(ship=self.ship),
        )

    def ship(self, order_id, now, draft):
        if self.order.state != "committed":
            raise OrderStateConflict(state=self.order.state)
        self.order.state = "shipped"
        self.drafts.append(draft)
        return self.order


def test_an_order_is_shipped_once_and_who_says_so_is_written_down():
    store = Store()
    ship_order(store.ports, store.order, "kim@example.com")
    with pytest.raises(OrderStateConflict):
        ship_order(store.ports, store.order, "kim@example.com")
    assert [{"by": "kim@example.com"}] == [draft.facts for draft in store.drafts]
