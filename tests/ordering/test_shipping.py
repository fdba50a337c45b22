from __future__ import annotations

from types import SimpleNamespace

import pytest

from skill.errors import OrderStateConflict
from skill.ordering.shipping import ship_order
from tests.platforms.signing import NOW


class Store:
    """A ledger that ships an order once, and what the household was told."""

    def __init__(self):
        self.order = SimpleNamespace(
            order_id="ord-1", household_id="home", seller="Corner Store", total=SimpleNamespace(amount=537, currency="USD"),
            lines=(), address="7 Mill Road", state="committed",
        )  # fmt: skip
        self.told, self.drafts = [], []
        self.ports = SimpleNamespace(
            clock=SimpleNamespace(now_utc=lambda: NOW),
            ledger=SimpleNamespace(ship=self.ship),
            notifier=SimpleNamespace(notify=self.told.append),
        )

    def ship(self, order_id, now, draft):
        if self.order.state != "committed":
            raise OrderStateConflict(state=self.order.state)
        self.order.state = "shipped"
        self.drafts.append(draft)
        return self.order


def test_the_household_is_told_once_that_its_order_is_on_its_way():
    store = Store()
    ship_order(store.ports, store.order, "kim@example.com")
    with pytest.raises(OrderStateConflict):
        ship_order(store.ports, store.order, "kim@example.com")
    assert [("shipped", "home", "ord-1")] == [
        (each.kind, each.household_id, each.values["order_id"]) for each in store.told
    ]
    assert [{"by": "kim@example.com"}] == [draft.facts for draft in store.drafts]
