"""What households are to be told of their orders: queued with what it tells of, until it is handed on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skill.errors import OrderStateConflict, VersionConflict
from skill.shop.cart import Cart
from tests.contracts.stores import HOME, NOON, Stores, draft, household


def due(stores: Stores, minutes: float = 60, limit: int = 9) -> list[tuple[str, str]]:
    return [(each.kind, each.key) for each in stores.notices.due(NOON + timedelta(minutes=minutes), limit)]


def test_what_happens_to_an_order_is_queued_for_its_household(stores: Stores) -> None:
    stores.stock(milk=9)
    placed, sent, unpaid = (stores.reserve() for _ in range(3))
    assert [] == due(stores)

    stores.commit(placed)
    stores.commit(sent, now=stores.clock.pass_time(minutes=1))
    stores.cancel(placed, now=stores.clock.pass_time(minutes=1))
    stores.ship(sent, now=stores.clock.pass_time(minutes=1))
    stores.void(unpaid, now=stores.clock.pass_time(minutes=1), notice="payment_declined")
    refused = draft("refund_declined", placed, stores.clock.pass_time(minutes=1))
    stores.ledger.note_payment(placed.order_id, "refund_declined", "", refused, notice="refund_declined")

    assert [
        ("receipt", f"{placed.order_id}.receipt"),
        ("receipt", f"{sent.order_id}.receipt"),
        ("cancelled", f"{placed.order_id}.cancelled"),
        ("shipped", f"{sent.order_id}.shipped"),
        ("payment_declined", f"{unpaid.order_id}.payment_declined"),
        ("refund_declined", f"{placed.order_id}.refund_declined"),
    ] == due(stores)
    assert ["receipt"] * 2 == [kind for kind, _ in due(stores, limit=2)]
    assert [] == due(stores, minutes=-1)


def test_what_happens_to_an_order_in_one_moment_is_told_as_it_happened(stores: Stores) -> None:
    stores.stock(milk=9)
    order = stores.reserve()
    stores.commit(order)
    stores.cancel(order)

    assert ["receipt", "cancelled"] == [kind for kind, _ in due(stores)]


def test_what_did_not_happen_is_told_to_nobody(stores: Stores) -> None:
    stores.stock(milk=9)
    order, unpaid = stores.reserve(), stores.reserve()
    stores.void(unpaid)
    with pytest.raises(OrderStateConflict):
        stores.commit(unpaid)
    with pytest.raises(VersionConflict):
        stores.void(order, cart=Cart((), version=7), notice="payment_declined")

    assert [] == due(stores)


def test_a_notice_waits_until_it_is_handed_on(stores: Stores) -> None:
    stores.stock(milk=9)
    order = stores.commit(stores.reserve())
    (notice,) = stores.notices.due(NOON, 9)
    assert ("receipt", NOON, order, 0) == (notice.kind, notice.at, notice.order, notice.attempts)

    stores.notices.put_off(notice, NOON + timedelta(minutes=5))
    assert [] == due(stores, minutes=4)
    (again,) = stores.notices.due(NOON + timedelta(minutes=5), 9)
    assert (notice.key, NOON, 1) == (again.key, again.at, again.attempts)

    for _ in range(2):
        stores.notices.handed_on(again)
    stores.notices.put_off(again, NOON)
    assert [] == due(stores)


def test_a_notice_says_what_is_left_of_its_order(stores: Stores) -> None:
    stores.stock(milk=9)
    stores.households.create(household())
    stores.commit(stores.reserve())
    stores.households.forget(HOME)

    (notice,) = stores.notices.due(NOON, 9)
    assert "" == notice.order.address


def test_a_notice_whose_order_cannot_be_read_holds_up_no_other(stores: Stores) -> None:
    stores.stock(milk=9)
    broken, whole = stores.commit(stores.reserve()), stores.commit(stores.reserve())
    stores.damage(broken)

    assert [("receipt", f"{whole.order_id}.receipt")] == due(stores)
