"""Reading orders."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skill.shop.households import HouseholdId
from skill.shop.orders import OrderId
from tests.contracts.stores import HOME, NOON, Stores


@pytest.fixture(autouse=True)
def _shelf(stores: Stores) -> None:
    stores.stock(milk=100)


def test_an_order_that_is_not_there_is_none(stores: Stores) -> None:
    assert None is stores.orders.get(OrderId("nothing"))
    assert None is stores.orders.of_consent("nothing")


def test_recent_are_the_households_newest_first(stores: Stores) -> None:
    mine = [stores.reserve() for _ in range(3)]
    stores.reserve(household_id="away")

    assert [mine[2], mine[1]] == list(stores.orders.recent(HOME, 2))
    assert [] == list(stores.orders.recent(HouseholdId("nobody"), 2))


def test_list_goes_on_after_an_order(stores: Stores) -> None:
    orders = [stores.reserve(household_id=home) for home in ("home", "away", "home", "away")]

    assert orders[:2] == list(stores.orders.list(2))
    assert orders[2:] == list(stores.orders.list(2, after=orders[1].order_id))
    assert orders[0::2] == list(stores.orders.list(9, household_id=HOME))
    assert orders[2:3] == list(stores.orders.list(9, after=orders[0].order_id, household_id=HOME))


def test_the_newest_orders_come_first_and_page_backwards(stores: Stores) -> None:
    stores.stock(milk=10)
    ids = [stores.reserve(now=NOON + timedelta(minutes=minute)).order_id for minute in range(5)]

    first = stores.orders.newest(2)
    second = stores.orders.newest(2, first[-1].order_id)
    last = stores.orders.newest(9, second[-1].order_id)

    assert [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]] == [
        [each.order_id for each in page] for page in (first, second, last)
    ]
    assert 5 == len(stores.orders.newest(100))
