"""The outbox: the shop hears of each order's events in their order, until it has taken them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skill.errors import OrderStateConflict, StorageError
from skill.ports import Event
from skill.shop.orders import Order
from tests.contracts.stores import NOON, Stores, draft

LATER = NOON + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _shelf(stores: Stores) -> None:
    stores.stock(milk=100)


def placed(stores: Stores) -> Order:
    return stores.commit(stores.reserve(lines={"milk": 2}))


def due(stores: Stores, limit: int = 10) -> list[Event]:
    return list(stores.outbox.due(LATER, limit))


def test_an_event_holds_what_the_shop_needs_to_know(stores: Stores) -> None:
    order = placed(stores)

    (event,) = due(stores)

    assert (order.order_id, 1, "order.placed", NOON, 0, "", "pending") == (
        event.order_id, event.number, event.kind, event.at, event.attempts, event.last_error, event.state,
    )  # fmt: skip
    assert {
        "order_id": order.order_id,
        "household_id": "home",
        "store": "corner",
        "state": "committed",
        "lines": [
            {
                "sku": "milk",
                "title": "Milk",
                "size": "1 l",
                "quantity": 2,
                "unit_price": {"amount": 1000, "currency": "USD"},
            }
        ],
        "delivery": {"amount": 0, "currency": "USD"},
        "tax": {"amount": 0, "currency": "USD"},
        "discount": {"amount": 0, "currency": "USD"},
        "total": {"amount": 2000, "currency": "USD"},
        "address": "1 Main St",
        "platform": "alexa",
        "payment": "pay-1",
        "placed_at": "2026-11-21T12:00:00.000000+00:00",
        "closed_at": None,
    } == event.body


def test_an_event_tells_of_its_own_moment_whatever_came_after(stores: Stores) -> None:
    order = placed(stores)
    stores.cancel(order, now=NOON + timedelta(seconds=5))

    cancelled, first = stores.outbox.list(10)

    assert ("committed", None) == (first.body["state"], first.body["closed_at"])
    assert ("cancelled", "2026-11-21T12:00:05.000000+00:00") == (cancelled.body["state"], cancelled.body["closed_at"])


def test_an_order_that_was_never_paid_has_no_event(stores: Stores) -> None:
    stores.void(stores.reserve())
    stores.reserve()

    assert [] == due(stores)


def test_events_of_one_order_come_one_after_the_other(stores: Stores) -> None:
    order = placed(stores)
    stores.cancel(order)

    (first,) = due(stores)
    assert "order.placed" == first.kind
    stores.outbox.delivered(first.event_id, NOON)
    (second,) = due(stores)
    assert ("order.cancelled", 2) == (second.kind, second.number)
    stores.outbox.delivered(second.event_id, NOON)

    assert [] == due(stores)
    assert ["delivered", "delivered"] == [event.state for event in stores.outbox.list(10)]


def test_a_delivered_event_is_not_delivered_again_by_a_late_failure(stores: Stores) -> None:
    placed(stores)
    (event,) = due(stores)
    stores.outbox.delivered(event.event_id, NOON)

    stores.outbox.failed(event.event_id, "timed out", NOON)

    assert [] == due(stores)


def test_a_failed_event_waits_until_it_is_tried_again(stores: Stores) -> None:
    placed(stores)
    (event,) = due(stores)

    stores.outbox.failed(event.event_id, "500 from the shop " + "x" * 10_000, LATER + timedelta(seconds=30))

    assert [] == due(stores)
    (again,) = stores.outbox.due(LATER + timedelta(seconds=30), 10)
    assert (event.event_id, 1) == (again.event_id, again.attempts)
    assert again.last_error.startswith("500 from the shop")
    assert len(again.last_error) <= 500


def test_other_orders_do_not_wait_for_a_failing_one(stores: Stores) -> None:
    stuck, other = placed(stores), placed(stores)
    (first, _) = due(stores)
    assert stuck.order_id == first.order_id

    stores.outbox.failed(first.event_id, "no", LATER + timedelta(hours=1))

    assert [other.order_id] == [event.order_id for event in due(stores)]


def test_a_dead_letter_is_seen_and_holds_back_what_follows_it(stores: Stores) -> None:
    order = placed(stores)
    stores.cancel(order)
    (event,) = due(stores)

    stores.outbox.failed(event.event_id, "410 Gone", None)

    assert [] == due(stores)
    assert [(event.event_id, "410 Gone")] == [
        (dead.event_id, dead.last_error) for dead in stores.outbox.list(10, state="dead")
    ]
    stores.outbox.retry(event.event_id, LATER)
    assert [(event.event_id, 0)] == [(again.event_id, again.attempts) for again in due(stores)]


def test_what_was_delivered_or_never_was_cannot_be_retried(stores: Stores) -> None:
    placed(stores)
    (event,) = due(stores)
    stores.outbox.delivered(event.event_id, NOON)

    for event_id in (event.event_id, "nothing.1", "nothing", ""):
        with pytest.raises(OrderStateConflict):
            stores.outbox.retry(event_id, LATER)


def test_due_and_list_keep_to_their_limits(stores: Stores) -> None:
    events = [placed(stores).order_id for _ in range(4)]

    assert events[:3] == [event.order_id for event in due(stores, 3)]
    assert events[:1:-1] == [event.order_id for event in stores.outbox.list(2)]
    assert [] == list(stores.outbox.list(9, state="dead"))


def test_a_damaged_record_is_named_and_holds_up_no_other(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    damaged, whole = placed(stores), placed(stores)
    stores.damage(damaged)
    assert [whole.order_id] == [event.order_id for event in due(stores)]
    assert [whole.order_id] == [event.order_id for event in stores.outbox.list(10)]
    assert damaged.order_id in caplog.text
    with pytest.raises(StorageError):
        stores.orders.get(damaged.order_id)


def test_a_damaged_reservation_or_refund_is_named_and_holds_up_no_other(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    reserved = [stores.reserve(lines={"milk": 1}) for _ in range(2)]
    cancelled = [placed(stores) for _ in range(2)]
    for order in cancelled:
        stores.ledger.cancel(order.order_id, NOON, draft("cancelled", order))
    for order in (reserved[0], cancelled[0]):
        stores.damage(order)
    late = NOON + timedelta(days=1)
    assert [reserved[1].order_id] == [order.order_id for order in stores.ledger.overdue(late, 10)]
    assert [cancelled[1].order_id] == [order.order_id for order in stores.ledger.unrefunded(late, 10)]
    assert reserved[0].order_id in caplog.text
    assert cancelled[0].order_id in caplog.text
