"""Reading orders."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skill.errors import VersionConflict
from skill.ports import Basis
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


def test_the_order_that_was_bought_last_is_the_newest_whatever_its_id(stores: Stores) -> None:
    ahead = stores.reserve(now=NOON + timedelta(hours=1))  # by a clock that is then set right
    bought = stores.commit(ahead, now=NOON)
    last = stores.commit(stores.reserve(now=NOON + timedelta(minutes=5)), now=NOON + timedelta(minutes=5))
    waits = stores.reserve(now=NOON + timedelta(minutes=2))

    assert last.order_id < ahead.order_id
    assert [last, waits, bought] == list(stores.orders.recent(HOME, 9))
    assert [last] == list(stores.orders.recent(HOME, 1))


def test_of_orders_of_one_moment_the_one_with_the_later_id_is_the_newest(stores: Stores) -> None:
    ids = [stores.commit(stores.reserve()).order_id for _ in range(3)]

    assert sorted(ids, reverse=True) == [each.order_id for each in stores.orders.recent(HOME, 9)]


def test_the_newest_stay_the_newest_beyond_those_that_are_looked_at(stores: Stores) -> None:
    stores.commit(ahead := stores.reserve(now=NOON + timedelta(hours=9)), now=NOON)
    later = [stores.reserve(now=NOON + timedelta(minutes=minute)) for minute in range(1, 23)]

    newest = [each.order_id for each in (*reversed(later), ahead)]
    for limit in (1, 20, 30):
        assert newest[:limit] == [each.order_id for each in stores.orders.recent(HOME, limit)]


def test_a_reservation_holds_on_the_newest_by_time(stores: Stores) -> None:
    ahead = stores.reserve(now=NOON + timedelta(hours=1))
    stores.commit(ahead, now=NOON)
    last = stores.commit(stores.reserve(now=NOON + timedelta(minutes=5)), now=NOON + timedelta(minutes=5))

    with pytest.raises(VersionConflict):
        stores.reserve(basis=Basis(orders=(ahead.order_id, last.order_id)))
    stores.reserve(basis=Basis(orders=(last.order_id, ahead.order_id)))


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
