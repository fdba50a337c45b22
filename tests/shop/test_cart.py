"""The cart: whole numbers of things, in the order they were added, within limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import CartFull, QuantityInvalid
from skill.shop.cart import (
    LINES_MAX,
    QUANTITY_MAX,
    Cart,
    CartLine,
    add_to_cart,
    clear_cart,
    merge_carts,
    remove_from_cart,
    set_quantity,
)
from skill.shop.catalogue import Sku

ALE, BREAD, MILK = Sku("ale"), Sku("bread"), Sku("milk")
TWO = Cart((CartLine(MILK, 2), CartLine(ALE, 1)), version=7)
NO_LIMITS: dict[str, Any] = {"quantity_max": None, "lines_max": None}


def quantities(cart: Cart) -> list[tuple[str, int]]:
    return [(line.sku, line.quantity) for line in cart.lines]


def test_adding_more_of_a_line_adds_up_where_it_stands() -> None:
    assert [("milk", 5), ("ale", 1)] == quantities(add_to_cart(TWO, MILK, 3, **NO_LIMITS))


def test_a_new_line_comes_last() -> None:
    assert [("milk", 2), ("ale", 1), ("bread", 4)] == quantities(add_to_cart(TWO, BREAD, 4, **NO_LIMITS))


def test_setting_a_quantity_replaces_it() -> None:
    assert [("milk", 9), ("ale", 1)] == quantities(set_quantity(TWO, MILK, 9, **NO_LIMITS))
    assert [("milk", 2), ("ale", 1), ("bread", 4)] == quantities(set_quantity(TWO, BREAD, 4, **NO_LIMITS))


def test_removing_takes_the_whole_line() -> None:
    assert [("ale", 1)] == quantities(remove_from_cart(TWO, MILK))
    assert TWO == remove_from_cart(TWO, BREAD)


def test_clearing_leaves_nothing() -> None:
    assert [] == quantities(clear_cart(TWO))


@pytest.mark.parametrize(
    "change",
    [
        lambda cart: add_to_cart(cart, MILK, 1, **NO_LIMITS),
        lambda cart: add_to_cart(cart, BREAD, 1, **NO_LIMITS),
        lambda cart: set_quantity(cart, MILK, 1, **NO_LIMITS),
        lambda cart: remove_from_cart(cart, MILK),
        clear_cart,
    ],
)
def test_every_change_keeps_the_version_and_the_cart_it_came_from(change: Callable[[Cart], Cart]) -> None:
    assert 7 == change(TWO).version
    assert [("milk", 2), ("ale", 1)] == quantities(TWO)


def test_what_is_not_in_the_cart_is_there_no_times() -> None:
    assert (2, 1, 0) == (TWO.quantity_of(MILK), TWO.quantity_of(ALE), TWO.quantity_of(BREAD))


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 2.0, float("nan"), "2", "a dozen", True, None, 10**400 * -1])
@pytest.mark.parametrize("change", [add_to_cart, set_quantity])
def test_a_quantity_is_a_whole_number_from_one_up(change: Callable[..., Cart], quantity: Any) -> None:
    for sku in (MILK, BREAD):
        with pytest.raises(QuantityInvalid) as invalid:
            change(TWO, sku, quantity, **NO_LIMITS)
        assert {"quantity"} == set(invalid.value.facts)


def test_adding_nothing_to_what_is_there_is_invalid_too() -> None:
    with pytest.raises(QuantityInvalid) as invalid:
        add_to_cart(TWO, MILK, 0, **NO_LIMITS)
    assert {"quantity": 0} == invalid.value.facts


@pytest.mark.parametrize(
    ("limit", "most"), [(None, QUANTITY_MAX), (10, 10), (QUANTITY_MAX, QUANTITY_MAX), (100_000, QUANTITY_MAX)]
)
def test_a_line_holds_what_the_policy_and_the_cart_allow(limit: int | None, most: int) -> None:
    assert most == set_quantity(TWO, MILK, most, quantity_max=limit, lines_max=None).quantity_of(MILK)
    assert most == add_to_cart(TWO, MILK, most - 2, quantity_max=limit, lines_max=None).quantity_of(MILK)
    for full in (
        lambda: set_quantity(TWO, MILK, most + 1, quantity_max=limit, lines_max=None),
        lambda: add_to_cart(TWO, MILK, most - 1, quantity_max=limit, lines_max=None),
        lambda: add_to_cart(TWO, BREAD, 10**9, quantity_max=limit, lines_max=None),
    ):
        with pytest.raises(CartFull) as refused:
            full()
        assert {"quantity_max": most} == refused.value.facts


@pytest.mark.parametrize(("limit", "most"), [(None, LINES_MAX), (3, 3), (100_000, LINES_MAX)])
def test_a_cart_holds_as_many_lines_as_the_policy_and_the_ear_allow(limit: int | None, most: int) -> None:
    full = Cart(tuple(CartLine(Sku(f"sku-{number}"), 1) for number in range(most)))
    last = Cart(full.lines[:-1])
    assert full == add_to_cart(last, Sku(f"sku-{most - 1}"), 1, quantity_max=None, lines_max=limit)
    with pytest.raises(CartFull) as refused:
        add_to_cart(full, MILK, 1, quantity_max=None, lines_max=limit)
    assert {"lines_max": most} == refused.value.facts
    # What is in a full cart can still be changed.
    assert 5 == set_quantity(full, Sku("sku-0"), 5, quantity_max=None, lines_max=limit).quantity_of(Sku("sku-0"))


def test_the_limits_of_a_cart_are_what_can_be_read_aloud() -> None:
    assert (50, 999) == (LINES_MAX, QUANTITY_MAX)


@given(
    st.lists(
        st.tuples(st.sampled_from(("add", "set", "remove", "clear")), st.sampled_from("abc"), st.integers(1, 9)),
        max_size=20,
    )
)
def test_a_cart_behaves_like_a_dictionary_of_counts(steps: list[tuple[str, str, int]]) -> None:
    cart, model = Cart(), {}
    for step, name, quantity in steps:
        sku = Sku(name)
        match step:
            case "add":
                cart = add_to_cart(cart, sku, quantity, **NO_LIMITS)
                model[sku] = model.get(sku, 0) + quantity
            case "set":
                cart, model[sku] = set_quantity(cart, sku, quantity, **NO_LIMITS), quantity
            case "remove":
                cart = remove_from_cart(cart, sku)
                model.pop(sku, None)
            case _:
                cart, model = clear_cart(cart), {}
    assert list(model.items()) == quantities(cart)


@given(
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 12), max_size=5),
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 12), max_size=5),
    st.integers(0, 10) | st.none(),
    st.integers(0, 6) | st.none(),
)
def test_merging_takes_nothing_out_and_puts_nothing_in_beyond_the_limits(ours, theirs, quantity_max, lines_max):
    def cart_of(quantities):
        return Cart(tuple(CartLine(Sku(sku), quantity) for sku, quantity in quantities.items()), version=7)

    merged = merge_carts(cart_of(ours), cart_of(theirs), quantity_max=quantity_max, lines_max=lines_max)
    assert 7 == merged.version
    assert list(ours) == [line.sku for line in merged.lines][: len(ours)]
    assert len(merged.lines) <= max(len(ours), LINES_MAX if lines_max is None else lines_max)
    most = QUANTITY_MAX if quantity_max is None else quantity_max
    for line in merged.lines:
        before = ours.get(line.sku, 0)
        assert before <= line.quantity <= max(before, min(before + theirs.get(line.sku, 0), most))


@pytest.mark.parametrize(
    ("ours", "theirs", "quantity_max", "expected"),
    [
        ({"a": 8}, {"a": 5, "b": 1, "c": 3}, 10, {"a": 10, "b": 1, "c": 3}),
        ({"a": 10}, {"a": 2, "b": 1}, 10, {"a": 10, "b": 1}),
        ({"a": 12}, {"a": 2, "b": 30}, 10, {"a": 12, "b": 10}),
        ({"a": 990}, {"a": 30}, None, {"a": QUANTITY_MAX}),
        ({}, {"b": 2, "a": 1}, None, {"b": 2, "a": 1}),
    ],
)
def test_merging_fills_up_to_the_limit_line_by_line(ours, theirs, quantity_max, expected):
    def cart_of(quantities):
        return Cart(tuple(CartLine(Sku(sku), quantity) for sku, quantity in quantities.items()))

    merged = merge_carts(cart_of(ours), cart_of(theirs), quantity_max=quantity_max, lines_max=None)
    assert list(expected.items()) == quantities(merged)
