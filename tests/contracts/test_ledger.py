"""The ledger's contract: money, stock, orders and the audit trail move together or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skill.errors import (
    ConsentInvalid,
    ConsentUsed,
    CurrencyMismatch,
    OrderCountExceeded,
    OrderStateConflict,
    OutOfStock,
    PriceChanged,
    SpendCapExceeded,
    UndoWindowClosed,
    VersionConflict,
)
from skill.guard.decision import Spent
from skill.guard.policy import Layer
from skill.ports import ORDERS_LOOKED_AT_MAX, Basis
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from skill.shop.orders import UNANSWERED_ASKS, OrderId, OrderState, WindowCharge
from tests.contracts.stores import (
    DAY,
    EVER,
    HOME,
    NOON,
    Stores,
    at_once,
    draft,
    household,
    product,
    record,
    request_key,
    reservation,
    usd,
)

NO_CODE = WindowCharge("household", "no_code", "0")
PERSON = WindowCharge("person:kim", "day", "2026-11-21")


def nothing_happened(stores: Stores, stock: int = 10) -> bool:
    return (
        stores.orders.list(10) == ()
        and stores.spent(DAY) == stores.spent(EVER) == (0, 0)
        and stores.available("milk") == stock
        and stores.ledger.audit(HOME, 10) == ()
        and stores.outbox.list(10) == ()
    )


@pytest.fixture(autouse=True)
def _shelf(stores: Stores) -> None:
    stores.stock(milk=10, eggs=10)


# --- reserve ----------------------------------------------------------------------------------------------------------


def test_reserve_takes_stock_adds_to_every_window_and_writes_order_and_audit(stores: Stores) -> None:
    order = stores.reserve(lines={"milk": 2, "eggs": 1}, charges=(DAY, EVER, NO_CODE, PERSON))

    assert (8, 9) == (stores.available("milk"), stores.available("eggs"))
    assert [(3000, 1)] * 4 == [stores.spent(each) for each in (DAY, EVER, NO_CODE, PERSON)]
    assert order == stores.orders.get(order.order_id)
    assert [(1, "reserved", order.order_id, {"total": 3000})] == [
        (entry.number, entry.kind, entry.order_id, entry.facts) for entry in stores.ledger.audit(HOME, 10)
    ]
    assert () == stores.outbox.list(10), "the shop hears of an order when it is paid"


def test_a_stored_order_comes_back_as_it_was(stores: Stores) -> None:
    made = reservation(lines={"milk": 1})
    order = replace(
        made.order, person="kim", code_proved=True, payment_state="none", reserved_at=NOON + timedelta(microseconds=1)
    )
    stores.ledger.reserve(replace(made, order=order))

    assert order == stores.orders.get(order.order_id)


def test_what_is_ordered_leaves_the_cart_in_the_same_write(stores: Stores) -> None:
    stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 2),)))

    order = stores.reserve(lines={"milk": 2}, cart=Cart((), version=1))

    assert order == stores.orders.get(order.order_id)
    assert Cart((), version=2) == stores.carts.load(HOME)


@pytest.mark.parametrize("version", [0, 2])
def test_a_cart_that_was_changed_since_the_guard_looked_reserves_nothing(stores: Stores, version: int) -> None:
    stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 2),)))

    with pytest.raises(VersionConflict):
        stores.reserve(lines={"milk": 2}, cart=Cart((), version=version))

    assert nothing_happened(stores)
    assert Cart((CartLine(Sku("milk"), 2),), version=1) == stores.carts.load(HOME)


def test_one_consent_makes_one_order(stores: Stores) -> None:
    first = stores.reserve(consent_id="yes")

    with pytest.raises(ConsentUsed) as used:
        stores.reserve(consent_id="yes")

    assert first.order_id == used.value.facts["order_id"]
    assert (1000, 1) == stores.spent()
    assert 9 == stores.available("milk")
    assert first == stores.orders.of_consent("yes")


@pytest.mark.parametrize(("level", "subject"), [("store", "corner"), ("household", HOME), ("person", f"{HOME}/kim")])
def test_limits_that_changed_since_the_guard_looked_reserve_nothing(stores: Stores, level: str, subject: str) -> None:
    stores.households.create(household())
    unset, basis = Layer(level, subject, {}), Basis(((level, subject, 0), ("household", "another", 0)))
    stores.reserve(basis=basis)
    first = stores.set_layer(unset)
    held = stores.spent()

    for seen in 0, 2:
        with pytest.raises(VersionConflict):
            stores.reserve(basis=Basis(((level, subject, seen),)))
    assert (held, 9, 1) == (stores.spent(), stores.available("milk"), len(stores.orders.list(9)))

    stores.reserve(basis=Basis(((level, subject, first.version),)))
    stores.set_layer(first)
    with pytest.raises(VersionConflict):
        stores.reserve(basis=Basis(((level, subject, first.version),)))
    assert 2 == len(stores.orders.list(9))


def test_an_order_that_came_since_the_guard_looked_reserves_nothing(stores: Stores) -> None:
    first = stores.reserve(basis=Basis(orders=()))

    for orders in (), (OrderId("another"),):
        with pytest.raises(VersionConflict):
            stores.reserve(basis=Basis(orders=orders))
    assert (1000, 1) == stores.spent()

    # An older clock's order is no less new than others.
    second = stores.reserve(basis=Basis(orders=(first.order_id,)), now=NOON - timedelta(hours=1))
    with pytest.raises(VersionConflict):
        stores.reserve(basis=Basis(orders=(first.order_id,)))
    stores.reserve(basis=Basis(orders=(first.order_id, second.order_id)))
    stores.reserve(household_id="away", basis=Basis(orders=()))


def test_only_so_many_orders_are_looked_at(stores: Stores) -> None:
    made: list[OrderId] = []
    stores.stock(milk=100)
    for number in range(ORDERS_LOOKED_AT_MAX + 3):
        newest = tuple(made[: -1 - ORDERS_LOOKED_AT_MAX : -1])
        made.append(stores.reserve(basis=Basis(orders=newest), now=NOON + timedelta(seconds=number)).order_id)
    with pytest.raises(VersionConflict):
        stores.reserve(basis=Basis(orders=newest))


def test_of_those_who_saw_the_same_orders_one_orders(stores: Stores) -> None:
    results = at_once(4, lambda n: stores.reserve(basis=Basis((("store", "corner", 0),), ())))

    assert 3 == sum(isinstance(each, VersionConflict) for each in results)
    assert (1000, 1) == stores.spent()


def test_a_consent_that_was_used_is_told_before_what_has_changed(stores: Stores) -> None:
    stores.households.create(household())
    first = stores.reserve(consent_id="yes", basis=Basis((("household", HOME, 0),), ()))
    stores.set_layer(Layer("household", HOME, {}))

    with pytest.raises(ConsentUsed) as used:
        stores.reserve(consent_id="yes", basis=Basis((("household", HOME, 0),), ()))

    assert first.order_id == used.value.facts["order_id"]


def test_a_consent_stays_used_when_its_order_is_voided(stores: Stores) -> None:
    stores.void(stores.reserve(consent_id="yes"))

    with pytest.raises(ConsentUsed):
        stores.reserve(consent_id="yes")


def test_cap_may_be_reached_and_not_passed(stores: Stores) -> None:
    stores.reserve(minor=1000, amount_max=2000)
    stores.reserve(minor=1000, amount_max=2000)
    stores.inventory.restock([product("milk", stock=10, minor=1)])

    with pytest.raises(SpendCapExceeded) as exceeded:
        stores.reserve(minor=1, amount_max=2000)

    assert {"scope": "household", "window": "day", "cap_minor": 2000, "attempted_minor": 2001} == exceeded.value.facts
    assert (2000, 2) == stores.spent()


def test_cap_holds_for_the_first_order_of_a_window(stores: Stores) -> None:
    with pytest.raises(SpendCapExceeded):
        stores.reserve(minor=1000, amount_max=999)

    assert nothing_happened(stores)


def test_cap_of_zero_lets_nothing_through(stores: Stores) -> None:
    with pytest.raises(SpendCapExceeded):
        stores.reserve(amount_max=0)
    with pytest.raises(OrderCountExceeded):
        stores.reserve(orders_max=0)

    assert nothing_happened(stores)


def test_the_lowest_cap_of_several_windows_decides(stores: Stores) -> None:
    stores.reserve(charges=(DAY, EVER, PERSON), amount_max=1500, capped=PERSON)

    with pytest.raises(SpendCapExceeded) as exceeded:
        stores.reserve(charges=(DAY, EVER, PERSON), amount_max=1500, capped=PERSON)

    assert "person:kim" == exceeded.value.facts["scope"]
    assert [(1000, 1)] * 3 == [stores.spent(each) for each in (DAY, EVER, PERSON)]


def test_orders_in_a_window_are_counted(stores: Stores) -> None:
    stores.reserve(orders_max=2)
    stores.reserve(orders_max=2)

    with pytest.raises(OrderCountExceeded) as exceeded:
        stores.reserve(orders_max=2)

    assert {"scope": "household", "window": "day", "count_max": 2} == exceeded.value.facts
    assert (2000, 2) == stores.spent()


def test_a_cap_lowered_after_a_reservation_stops_the_next_one_only(stores: Stores) -> None:
    order = stores.reserve(amount_max=5000)

    with pytest.raises(SpendCapExceeded):
        stores.reserve(amount_max=500)

    assert OrderState.COMMITTED == stores.commit(order).state


def test_windows_of_one_household_are_not_anothers(stores: Stores) -> None:
    stores.reserve(household_id="home", amount_max=1000)
    stores.reserve(household_id="away", amount_max=1000)

    assert (1000, 1) == stores.spent(household_id=HOME)


def test_spent_answers_for_windows_that_nobody_has_used(stores: Stores) -> None:
    assert {DAY: Spent(), EVER: Spent()} == stores.ledger.spent(HOME, [DAY, EVER])


def test_a_window_named_twice_counts_once(stores: Stores) -> None:
    stores.reserve(charges=(DAY, DAY))

    assert (1000, 1) == stores.spent()


def test_more_than_is_available_is_refused(stores: Stores) -> None:
    with pytest.raises(OutOfStock) as out:
        stores.reserve(lines={"milk": 11})

    assert {"sku": "milk", "available": 10} == out.value.facts
    assert nothing_happened(stores)


def test_what_is_reserved_is_not_available_to_others(stores: Stores) -> None:
    stores.reserve(lines={"milk": 8})

    with pytest.raises(OutOfStock) as out:
        stores.reserve(lines={"milk": 3})

    assert 2 == out.value.facts["available"]


def test_an_unknown_sku_is_out_of_stock(stores: Stores) -> None:
    with pytest.raises(OutOfStock) as out:
        stores.reserve(lines={"moonrock": 1})

    assert {"sku": "moonrock", "available": 0} == out.value.facts


@pytest.mark.parametrize("quoted", [999, 1001])
def test_a_price_that_changed_either_way_is_refused(stores: Stores, quoted: int) -> None:
    with pytest.raises(PriceChanged) as changed:
        stores.reserve(minor=quoted)

    assert {"sku": "milk"} == changed.value.facts
    assert nothing_happened(stores)


def test_one_line_short_takes_back_the_whole_order(stores: Stores) -> None:
    with pytest.raises(OutOfStock):
        stores.reserve(lines={"eggs": 1, "milk": 99})

    assert 10 == stores.available("eggs")
    assert nothing_happened(stores)


def test_an_order_of_other_lines_than_consented_to_is_refused(stores: Stores) -> None:
    made = reservation(lines={"milk": 1})
    dearer = tuple(replace(line, quantity=2) for line in made.order.lines)

    for order in (
        replace(made.order, lines=dearer, total=usd(2000)),
        replace(made.order, total=usd(999)),
        replace(made.order, consent_id="another"),
        replace(made.order, address="2 Elm St"),
        replace(made.order, seller="Mallory"),
        replace(made.order, discount=usd(1), total=usd(999)),
        replace(made.order, state=OrderState.COMMITTED),
    ):
        with pytest.raises(ConsentInvalid):
            stores.ledger.reserve(replace(made, order=order))

    assert nothing_happened(stores)


def test_a_check_of_a_window_that_the_order_does_not_count_in_is_a_mistake(stores: Stores) -> None:
    made = reservation(charges=(DAY,))

    with pytest.raises(ValueError, match="window"):
        stores.ledger.reserve(replace(made, order=replace(made.order, charges=(EVER,))))


def test_a_ledger_has_one_currency(stores: Stores) -> None:
    stores.reserve()

    with pytest.raises(CurrencyMismatch) as mismatch:
        stores.reserve(currency="JPY")

    assert {"ours": "USD", "theirs": "JPY"} == mismatch.value.facts


def test_the_ledgers_currency_outlives_the_process(stores: Stores) -> None:
    stores.reserve()
    again = stores.reopen()

    with pytest.raises(CurrencyMismatch):
        again.reserve(currency="JPY")
    again.close()


# --- commit -----------------------------------------------------------------------------------------------------------


def test_commit_places_the_order_and_hands_over_the_stock(stores: Stores) -> None:
    order = stores.reserve(lines={"milk": 2}, undo_window_s=1800)
    now = NOON + timedelta(seconds=3)

    placed = stores.commit(order, now=now)

    assert placed == stores.orders.get(order.order_id)
    assert (OrderState.COMMITTED, now, now + timedelta(seconds=1800), "pay-1", "approved") == (
        placed.state,
        placed.placed_at,
        placed.undo_until,
        placed.payment,
        placed.payment_state,
    )
    assert 8 == stores.available("milk")
    assert (2000, 1) == stores.spent()
    assert ["order.placed"] == [event.kind for event in stores.outbox.list(10)]


def test_commit_by_another_process_places_the_same_order(stores: Stores) -> None:
    order = stores.reserve(lines={"milk": 2})
    other = stores.reopen()

    placed = other.commit(order)

    assert placed == stores.orders.get(order.order_id)
    assert 8 == stores.available("milk")
    with pytest.raises(OrderStateConflict):
        stores.commit(order)
    other.close()


def test_an_undo_window_of_a_thousand_years_is_ten_years(stores: Stores) -> None:
    placed = stores.commit(stores.reserve(undo_window_s=10**12))

    assert NOON + timedelta(days=3650) == placed.undo_until


@pytest.mark.parametrize("state", ["committed", "shipped", "cancelled", "voided"])
def test_only_a_reserved_order_is_committed_or_voided(stores: Stores, state: str) -> None:
    order = in_state(stores, state)
    before = stores.orders.get(order.order_id)

    for step in (stores.commit, stores.void):
        with pytest.raises(OrderStateConflict) as conflict:
            step(order)
        assert {"order_id": order.order_id, "state": state} == conflict.value.facts

    assert before == stores.orders.get(order.order_id)


@pytest.mark.parametrize("state", ["reserved", "shipped", "cancelled", "voided"])
def test_only_a_committed_order_is_cancelled_or_shipped(stores: Stores, state: str) -> None:
    order = in_state(stores, state)
    before = stores.orders.get(order.order_id)

    for step in (stores.cancel, stores.ship):
        with pytest.raises(OrderStateConflict) as conflict:
            step(order)
        assert {"order_id": order.order_id, "state": state} == conflict.value.facts

    assert before == stores.orders.get(order.order_id)


def in_state(stores: Stores, state: str):  # type: ignore[no-untyped-def]
    order = stores.reserve()
    if state == "voided":
        stores.void(order)
    elif state != "reserved":
        stores.commit(order)
        if state == "shipped":
            stores.ship(order)
        if state == "cancelled":
            stores.cancel(order)
    return order


def test_an_unknown_order_is_a_conflict(stores: Stores) -> None:
    ghost = replace(reservation().order, order_id=OrderId("ghost"))

    for step in (stores.commit, stores.void, stores.cancel, stores.ship):
        with pytest.raises(OrderStateConflict) as conflict:
            step(ghost)
        assert {"order_id": "ghost", "state": "unknown"} == conflict.value.facts
    with pytest.raises(OrderStateConflict):
        stores.ledger.note_payment(OrderId("ghost"), "unknown", "", draft("payment_unknown"))
    assert () == stores.ledger.audit(HOME, 10)


def test_commit_writes_the_turn_with_the_order(stores: Stores) -> None:
    stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 1),)))
    request = request_key("r1")

    stores.commit(stores.reserve(), record=record(request=request, cart=Cart((), version=1)))

    opened = stores.conversations.open(HOME, "session", request)
    assert ('{"state":1}', 1, '{"speech":"hello"}') == (opened.state, opened.version, opened.answered)
    assert Cart((), version=2) == stores.carts.load(HOME)


@pytest.mark.parametrize("what", ["session", "cart", "request"])
def test_a_turn_that_cannot_be_written_takes_the_commit_back(stores: Stores, what: str) -> None:
    order = stores.reserve()
    request = request_key("r1")
    written = record(request=request)
    if what == "session":
        stores.conversations.close(record())
    if what == "cart":
        written = replace(written, cart=Cart((), version=7))
    if what == "request":
        stores.conversations.close(record(request=request, session="other"))

    with pytest.raises(VersionConflict):
        stores.commit(order, record=written)

    assert order == stores.orders.get(order.order_id)
    assert () == stores.outbox.list(10)
    assert 1 == len(stores.ledger.audit(HOME, 10))
    assert OrderState.COMMITTED == stores.commit(order).state


# --- void and cancel --------------------------------------------------------------------------------------------------


def test_void_gives_back_money_count_and_stock_once(stores: Stores) -> None:
    order = stores.reserve(lines={"milk": 4}, charges=(DAY, EVER, NO_CODE))

    voided = stores.void(order, now=NOON + timedelta(minutes=16))
    with pytest.raises(OrderStateConflict):
        stores.void(order)

    assert [(0, 0)] * 3 == [stores.spent(each) for each in (DAY, EVER, NO_CODE)]
    assert 10 == stores.available("milk")
    assert voided == stores.orders.get(order.order_id)
    assert (OrderState.VOIDED, "declined", "declined", NOON + timedelta(minutes=16)) == (
        voided.state,
        voided.note,
        voided.payment_state,
        voided.closed_at,
    )
    assert () == stores.outbox.list(10), "the shop never heard of it"


def test_an_order_whose_payment_was_unknown_is_declined_once_it_is_voided(stores: Stores) -> None:
    order = stores.reserve()
    stores.ledger.note_payment(order.order_id, "unknown", "ref-7", draft("payment_unknown", order))

    stores.void(order)

    voided = stores.orders.get(order.order_id)
    assert voided is not None
    assert (OrderState.VOIDED, "declined", "ref-7") == (voided.state, voided.payment_state, voided.payment)


def test_void_gives_the_cart_back_in_the_same_write(stores: Stores) -> None:
    stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 2),)))
    order = stores.reserve(lines={"milk": 2}, cart=Cart((), version=1))
    full = (CartLine(Sku("milk"), 2), CartLine(Sku("eggs"), 1))

    with pytest.raises(VersionConflict):
        stores.void(order, cart=Cart(full, version=1))
    assert order == stores.orders.get(order.order_id)
    stores.void(order, cart=Cart(full, version=2))
    with pytest.raises(OrderStateConflict):
        stores.void(order, cart=Cart((), version=3))

    assert Cart(full, version=3) == stores.carts.load(HOME)
    assert 10 == stores.available("milk")


def test_cancel_gives_back_money_and_stock_once_and_keeps_the_count(stores: Stores) -> None:
    order = stores.reserve(lines={"milk": 4}, charges=(DAY, EVER, NO_CODE))
    stores.commit(order)

    cancelled = stores.cancel(order)
    with pytest.raises(OrderStateConflict):
        stores.cancel(order)

    assert [(0, 1)] * 3 == [stores.spent(each) for each in (DAY, EVER, NO_CODE)]
    assert 10 == stores.available("milk")
    assert cancelled == stores.orders.get(order.order_id)
    assert OrderState.CANCELLED == cancelled.state
    assert ["order.cancelled", "order.placed"] == [event.kind for event in stores.outbox.list(10)]


def test_money_goes_back_to_the_windows_it_was_reserved_in(stores: Stores) -> None:
    before_midnight, after_midnight = WindowCharge("household", "day", "d1"), WindowCharge("household", "day", "d2")
    order = stores.reserve(charges=(before_midnight,))
    stores.reserve(charges=(after_midnight,))
    stores.commit(order, now=NOON + timedelta(minutes=2))

    stores.cancel(order, now=NOON + timedelta(minutes=4))

    assert [(0, 1), (1000, 1)] == [stores.spent(before_midnight), stores.spent(after_midnight)]


def test_undo_ends_with_its_window(stores: Stores) -> None:
    order = stores.reserve(undo_window_s=60)
    stores.commit(order)

    with pytest.raises(UndoWindowClosed):
        stores.cancel(order, now=NOON + timedelta(seconds=60))

    assert (1000, 1) == stores.spent()
    assert OrderState.CANCELLED == stores.cancel(order, now=NOON + timedelta(seconds=59, microseconds=999999)).state


def test_without_an_undo_window_nothing_is_undone(stores: Stores) -> None:
    order = stores.reserve(undo_window_s=0)
    stores.commit(order)

    with pytest.raises(UndoWindowClosed):
        stores.cancel(order)


def test_ship_ends_the_undo(stores: Stores) -> None:
    order = stores.reserve()
    stores.commit(order)

    shipped = stores.ship(order)

    assert OrderState.SHIPPED == shipped.state
    assert shipped == stores.orders.get(order.order_id)
    assert (1000, 1) == stores.spent()
    with pytest.raises(OrderStateConflict):
        stores.cancel(order)


def test_cancel_and_void_write_the_turn_too(stores: Stores) -> None:
    first, second = stores.reserve(), stores.reserve()
    stores.commit(first)

    stores.cancel(first, record=record(request=request_key("r1")))
    stores.void(second, record=record(1, request=request_key("r2")))
    stores.ledger.write_audit(draft("note"), record(2, request=request_key("r3")))

    for request_id in ("r1", "r2", "r3"):
        assert stores.conversations.open(HOME, "session", request_key(request_id)).answered


# --- payment, overdue -------------------------------------------------------------------------------------------------


def test_note_payment_keeps_what_the_provider_said_and_moves_nothing(stores: Stores) -> None:
    order = stores.reserve()

    noted = stores.ledger.note_payment(order.order_id, "unknown", "ref-7", draft("payment_unknown", order))

    assert (OrderState.RESERVED, "unknown", "ref-7") == (noted.state, noted.payment_state, noted.payment)
    assert noted == stores.orders.get(order.order_id)
    assert ["reserved", "payment_unknown"] == [each.kind for each in stores.ledger.audit(HOME, 10)]
    stores.commit(order)
    stores.cancel(order)
    again = stores.ledger.note_payment(order.order_id, "refunded", "", draft("refunded", order))
    assert (OrderState.CANCELLED, "refunded", "pay-1") == (again.state, again.payment_state, again.payment)


def test_what_a_provider_says_late_takes_nothing_back_that_was_heard_meanwhile(stores: Stores) -> None:
    paid, unpaid, refunded = (stores.reserve() for _ in range(3))
    stores.commit(paid)
    stores.void(unpaid)
    stores.commit(refunded)
    stores.cancel(refunded)
    stores.ledger.note_payment(refunded.order_id, "refunded", "", draft("refunded", refunded))
    before = [stores.orders.get(each.order_id) for each in (paid, unpaid, refunded)]
    kinds = [each.kind for each in stores.ledger.audit(HOME, 20)]

    for order, late in (
        (paid, "unknown"), (paid, "refund_declined"), (unpaid, "unknown"), (refunded, "unknown"),
        (refunded, "refund_unknown"), (refunded, "refund_declined"), (refunded, "refunded"),
    ):  # fmt: skip
        with pytest.raises(OrderStateConflict):
            stores.ledger.note_payment(order.order_id, late, "late", draft(late, order), notice=late)

    assert before == [stores.orders.get(each.order_id) for each in (paid, unpaid, refunded)]
    assert kinds == [each.kind for each in stores.ledger.audit(HOME, 20)]


def test_overdue_are_the_reserved_past_their_deadline_oldest_first(stores: Stores) -> None:
    late = stores.reserve(reservation_ttl_s=200)
    later = stores.reserve(reservation_ttl_s=300)
    stores.reserve(reservation_ttl_s=301)
    stores.commit(stores.reserve(reservation_ttl_s=100))
    stores.void(stores.reserve(reservation_ttl_s=100))

    due = NOON + timedelta(seconds=300)

    assert [late, later] == list(stores.ledger.overdue(due, 10))
    assert [late] == list(stores.ledger.overdue(due, 1))
    assert [] == list(stores.ledger.overdue(NOON + timedelta(seconds=199), 10))


def test_orders_whose_payment_is_unknown_do_not_crowd_out_the_others(stores: Stores) -> None:
    stuck = stores.reserve(reservation_ttl_s=100)
    stores.ledger.note_payment(stuck.order_id, "unknown", "", draft("payment_unknown", stuck))
    other = stores.reserve(reservation_ttl_s=200)

    overdue = stores.ledger.overdue(NOON + timedelta(hours=1), 10)

    assert [other.order_id, stuck.order_id] == [order.order_id for order in overdue]


@pytest.mark.parametrize("unknown", [True, False])
def test_an_order_that_was_put_off_is_overdue_again_at_its_time(stores: Stores, unknown: bool) -> None:
    order = stores.reserve(reservation_ttl_s=100)
    if unknown:
        order = stores.ledger.note_payment(order.order_id, "unknown", "", draft("payment_unknown", order))
    due, later = NOON + timedelta(seconds=100), NOON + timedelta(hours=1)
    assert (order,) == tuple(stores.ledger.overdue(due, 9))

    put_off = stores.ledger.put_off(order, later)

    assert (1, later) == (put_off.asks, put_off.ask_at)
    assert put_off == stores.orders.get(order.order_id) == stores.orders.recent(HOME, 1)[0]
    assert [] == list(stores.ledger.overdue(later - timedelta(seconds=1), 9))
    assert (put_off,) == tuple(stores.ledger.overdue(later, 9))
    paid = stores.commit(order)
    assert (0, None) == (paid.asks, paid.ask_at)
    assert paid == stores.orders.get(order.order_id)
    assert [] == list(stores.ledger.overdue(later, 9))


def test_a_refund_that_was_put_off_is_open_again_at_its_time(stores: Stores) -> None:
    order = stores.reserve()
    stores.commit(order)
    put_off = stores.ledger.put_off(stores.cancel(order), NOON + timedelta(hours=1))

    assert [] == list(stores.ledger.unrefunded(NOON, 9))
    assert (put_off,) == tuple(stores.ledger.unrefunded(NOON + timedelta(hours=1), 9))


def test_an_order_is_put_off_once_by_those_who_saw_the_same(stores: Stores) -> None:
    order, paid = stores.reserve(), stores.reserve()
    stores.commit(paid)
    stores.ledger.put_off(order, NOON)

    for seen in (order, paid):
        with pytest.raises(OrderStateConflict):
            stores.ledger.put_off(seen, NOON + timedelta(hours=1), draft("payment_unanswered", seen))
    left = stores.orders.get(order.order_id)
    assert left is not None
    assert (1, NOON) == (left.asks, left.ask_at)
    assert "payment_unanswered" not in [each.kind for each in stores.ledger.audit(HOME, 9)]


def test_what_has_no_answer_for_long_is_put_before_the_owner_until_it_has_one(stores: Stores) -> None:
    unpaid, cancelled = stores.reserve(), stores.reserve()
    stores.ledger.note_payment(unpaid.order_id, "unknown", "", draft("payment_unknown", unpaid))
    stores.commit(cancelled)
    stores.cancel(cancelled)
    for order in (unpaid, cancelled):
        now = stores.orders.get(order.order_id)
        for minutes in range(UNANSWERED_ASKS + 1):
            assert now is not None
            assert now not in stores.ledger.unanswered(9)
            now = stores.ledger.put_off(now, NOON + timedelta(minutes=minutes))

    assert {unpaid.order_id, cancelled.order_id} == {each.order_id for each in stores.ledger.unanswered(9)}
    assert 1 == len(stores.ledger.unanswered(1))

    stores.void(unpaid)
    stores.ledger.note_payment(cancelled.order_id, "refunded", "", draft("refunded", cancelled))
    assert [] == list(stores.ledger.unanswered(9))


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["refund_unknown", "refund_declined", "refunded"])
def test_only_a_refund_without_an_answer_is_asked_for_again(stores: Stores, state: str) -> None:
    order = stores.reserve()
    stores.commit(order)
    cancelled = stores.cancel(order)
    assert (cancelled,) == stores.ledger.unrefunded(NOON, 10)

    noted = stores.ledger.note_payment(order.order_id, state, "", draft(state, order))

    assert ((noted,) if state == "refund_unknown" else ()) == stores.ledger.unrefunded(NOON, 10)


def test_threads_at_the_edge_of_a_cap_never_pass_it(stores: Stores) -> None:
    results = at_once(12, lambda _: stores.reserve(amount_max=4500))

    assert 4 == sum(not isinstance(each, Exception) for each in results)
    assert {SpendCapExceeded} == {type(each) for each in results if isinstance(each, Exception)}
    assert (4000, 4) == stores.spent()
    assert 6 == stores.available("milk")


def test_threads_with_one_consent_make_one_order(stores: Stores) -> None:
    results = at_once(8, lambda _: stores.reserve(consent_id="yes"))

    made = [each for each in results if not isinstance(each, Exception)]
    assert 1 == len(made)
    assert {made[0].order_id} == {each.facts["order_id"] for each in results if isinstance(each, ConsentUsed)}
    assert 7 == sum(isinstance(each, ConsentUsed) for each in results)
    assert (1000, 1) == stores.spent()


def test_threads_for_the_last_pieces_never_oversell(stores: Stores) -> None:
    results = at_once(8, lambda _: stores.reserve(lines={"milk": 3}))

    assert 3 == sum(not isinstance(each, Exception) for each in results)
    assert 1 == stores.available("milk")


def test_sweeper_against_commit_resolves_an_order_once(stores: Stores) -> None:
    for _ in range(10):
        order = stores.reserve()
        results = at_once(2, lambda n, order=order: (stores.commit, stores.void)[n](order))

        assert 1 == sum(isinstance(each, OrderStateConflict) for each in results), results
        state = stores.orders.get(order.order_id)
        assert state is not None
        if state.state is OrderState.COMMITTED:
            stores.cancel(order)
        assert 10 == stores.available("milk")
        assert 0 == stores.spent()[0]


def test_undo_against_shipment_resolves_an_order_once(stores: Stores) -> None:
    for _ in range(10):
        order = stores.reserve()
        stores.commit(order)
        results = at_once(2, lambda n, order=order: (stores.cancel, stores.ship)[n](order))

        assert 1 == sum(isinstance(each, OrderStateConflict) for each in results), results


def test_undo_many_times_at_once_gives_back_once(stores: Stores) -> None:
    order = stores.reserve(lines={"milk": 2})
    stores.commit(order)

    results = at_once(6, lambda _: stores.cancel(order))

    assert 5 == sum(isinstance(each, OrderStateConflict) for each in results)
    assert (0, 1) == stores.spent()
    assert 10 == stores.available("milk")


def test_one_writers_failure_leaves_its_neighbours_alone(stores: Stores) -> None:
    """Writers of one process may share a commit; each has its own conditions all the same."""
    results = at_once(10, lambda n: stores.reserve(household_id=f"h{n}", lines={"milk": 99 if n % 2 else 1}))

    assert [n % 2 == 1 for n in range(10)] == [isinstance(each, OutOfStock) for each in results]
    assert 5 == len(stores.orders.list(20))
    assert 5 == stores.available("milk")
    assert [1, 0] * 5 == [len(stores.ledger.audit(f"h{n}", 9)) for n in range(10)]  # type: ignore[arg-type]


# --- counters ---------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from(["reserve", "commit", "void", "cancel", "ship"]), st.integers(0, 5), st.integers(1, 3)),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_counters_equal_the_sum_over_live_orders(stores: Stores, steps: list[tuple[str, int, int]]) -> None:
    """Whatever is done in whatever order, what cannot be done changes nothing, and no cap is passed."""
    home = f"home-{id(steps)}-{len(stores.orders.list(10**6))}"
    stores.stock(milk=10)
    orders = []
    for step, which, pieces in steps:
        try:
            if step == "reserve":
                orders.append(stores.reserve(household_id=home, lines={"milk": pieces}, amount_max=6000, orders_max=6))
            elif which < len(orders):
                getattr(stores, step)(orders[which])
        except (SpendCapExceeded, OrderCountExceeded, OutOfStock, OrderStateConflict):
            pass

        now = [stores.orders.get(order.order_id) for order in orders]
        live = [each for each in now if each and each.state in ("reserved", "committed", "shipped")]
        begun = [each for each in now if each and each.state != "voided"]
        expected = (sum(each.total.amount for each in live), len(begun))
        assert expected == stores.spent(household_id=home)  # type: ignore[arg-type]
        assert expected[0] <= 6000
        assert expected[1] <= 6
        assert 10 - sum(each.lines[0].quantity for each in live) == stores.available("milk")
    for order in orders:  # so that the next example finds nothing reserved
        if (state := stores.orders.get(order.order_id)) and state.state is OrderState.RESERVED:
            stores.void(order)


def test_the_store_itself_takes_an_order_back_after_the_window(stores: Stores) -> None:
    stores.stock(milk=3)
    order = stores.commit(stores.reserve())
    stores.clock.pass_time(hours=3)

    cancelled = stores.cancel(order, any_time=True)

    assert (OrderState.CANCELLED, 3) == (cancelled.state, stores.available("milk"))
    assert (0, 1) == stores.spent()


def test_not_even_the_store_takes_back_what_it_has_shipped(stores: Stores) -> None:
    stores.stock(milk=3)
    order = stores.ship(stores.commit(stores.reserve()))

    with pytest.raises(OrderStateConflict):
        stores.cancel(order, any_time=True)
