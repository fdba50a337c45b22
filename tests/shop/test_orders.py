"""Which state an order may go to, what counts against the caps, and what makes two baskets the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.orders import LIVE_STATES, NEXT_STATES, Order, OrderId, OrderState, WindowCharge, basket
from skill.shop.quote import QuoteLine

RESERVED, COMMITTED, SHIPPED, CANCELLED, VOIDED = OrderState


def a_line(sku: str, quantity: int, minor: int = 100, title: str = "Milk") -> QuoteLine:
    return QuoteLine(Sku(sku), title, "", quantity, Money(minor, "USD"))


def test_an_order_goes_forward_only() -> None:
    assert {
        (RESERVED, COMMITTED), (RESERVED, VOIDED), (COMMITTED, SHIPPED), (COMMITTED, CANCELLED),
    } == {(state, after) for state, following in NEXT_STATES.items() for after in following}  # fmt: skip
    assert set(OrderState) == set(NEXT_STATES)


def test_money_is_held_from_the_reservation_until_it_is_given_back() -> None:
    assert {RESERVED, COMMITTED, SHIPPED} == LIVE_STATES


def test_nothing_that_was_given_back_comes_to_life_again() -> None:
    assert set() == {after for state in (CANCELLED, VOIDED) for after in NEXT_STATES[state]}


def test_states_are_stored_by_these_names() -> None:
    assert ["reserved", "committed", "shipped", "cancelled", "voided"] == [state.value for state in OrderState]


def test_a_basket_is_what_and_how_many_in_any_order_at_any_price() -> None:
    one = (a_line("milk", 2), a_line("ale", 1))
    other = (a_line("ale", 1, 999, "Ale"), a_line("milk", 2, 5))
    assert (("ale", 1), ("milk", 2)) == basket(one) == basket(other)
    assert basket(one) != basket((a_line("milk", 2),))
    assert basket(one) != basket((a_line("milk", 1), a_line("ale", 2)))
    assert () == basket(())


def test_an_order_knows_its_basket() -> None:
    at, nothing = datetime(2026, 11, 21, tzinfo=UTC), Money(0, "USD")
    order = Order(
        OrderId("o-1"), HouseholdId("hh_1"), "corner", "Corner Store", RESERVED, (a_line("milk", 2), a_line("ale", 1)),
        nothing, nothing, nothing, nothing, "", "voice", "c-1", at, at + timedelta(seconds=900), 1800,
        (WindowCharge("household", "day", "2026-11-21"),),
    )  # fmt: skip
    assert (("ale", 1), ("milk", 2)) == order.basket
    assert (None, False, "", "none") == (order.person, order.code_proved, order.payment, order.payment_state)


def test_a_paid_order_differs_in_nothing_but_what_the_payment_said() -> None:
    reserved_at = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
    placed_at, undo_until = reserved_at + timedelta(seconds=2), reserved_at + timedelta(minutes=30)
    order = Order(
        OrderId("o-1"), HouseholdId("home"), "corner", "Corner Store", RESERVED, (a_line("milk", 2),),
        Money(399, "USD"), Money(35, "USD"), Money(5, "USD"), Money(629, "USD"), "12 Orchard Lane", "alexa", "nonce",
        reserved_at, reserved_at + timedelta(minutes=15), 1800, (WindowCharge("household", "day", "2026-11-21"),), "kim",
        code_proved=True, closed_at=reserved_at, note="a note",
    )  # fmt: skip
    paid = replace(
        order,
        state=COMMITTED,
        placed_at=placed_at,
        undo_until=undo_until,
        payment="reference",
        payment_state="approved",
    )
    assert paid == order.as_committed(placed_at, undo_until, "reference")
    assert (reserved_at, placed_at) == (order.bought_at, paid.bought_at)


def test_a_forgotten_order_says_neither_who_nor_where_to_and_counts_for_the_household_alone() -> None:
    at, nothing = datetime(2026, 11, 21, tzinfo=UTC), Money(0, "USD")
    day, ever = WindowCharge("household", "day", "2026-11-21"), WindowCharge("household", "ever", "ever")
    of_child, of_kim = (replace(day, scope=scope) for scope in ("profile:home/child", "person:home/kim"))
    order = Order(
        OrderId("o-1"), HouseholdId("home"), "corner", "Corner Store", COMMITTED, (a_line("milk", 2),),
        nothing, nothing, nothing, Money(200, "USD"), "12 Orchard Lane", "alexa", "nonce", at, at, 1800,
        (day, ever, of_child, of_kim), "kim", code_proved=True, payment="reference",
    )  # fmt: skip
    assert replace(order, address="", person=None, charges=(day, ever)) == order.as_forgotten()
    assert order.as_forgotten() == order.as_forgotten().as_forgotten()
