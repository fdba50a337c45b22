"""A quote adds up, in one currency, and survives being remembered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import AmountOutOfRange, CurrencyMismatch
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.quote import Quote, QuoteLine, line_from_data, line_to_data, quote_from_data, quote_to_data

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def a_line(sku: str = "milk", quantity: int = 2, price: Money | None = None, **more: Any) -> QuoteLine:
    return QuoteLine(Sku(sku), "Whole Milk", "half gallon", quantity, price or usd(349), **more)


def a_quote(*lines: QuoteLine, **more: Any) -> Quote:
    values: dict[str, Any] = {
        "household_id": HouseholdId("hh_1"), "store": "corner", "seller": "Corner Store", "platform": "voice",
        "device": "kitchen", "session": "s-1", "person": None, "lines": lines, "delivery": usd(499), "tax": usd(61),
        "discount": usd(0), "address": "1 Elm St", "policy_version": "s1.h1", "quoted_at": NOW,
        "expires_at": NOW + timedelta(seconds=120), "nonce": "n-1",
    }  # fmt: skip
    return Quote(**values | more)


def test_a_line_costs_its_price_times_its_quantity() -> None:
    assert usd(1047) == a_line(quantity=3).price


def test_goods_are_the_lines_and_the_total_has_delivery_tax_and_discount() -> None:
    quote = a_quote(a_line(quantity=2), a_line("ale", 1, usd(1000)), discount=usd(200))
    assert usd(1698) == quote.goods
    assert usd(1698 + 499 + 61 - 200) == quote.total
    assert "USD" == quote.currency


def test_a_quote_for_nothing_is_what_the_delivery_costs() -> None:
    assert usd(560) == a_quote().total
    assert usd(0) == a_quote().goods


@pytest.mark.parametrize(
    "quote",
    [
        a_quote(a_line(price=Money(349, "EUR"))),
        a_quote(a_line(), tax=Money(1, "EUR")),
        a_quote(a_line(), discount=Money(1, "EUR")),
        a_quote(a_line(), delivery=Money(1, "EUR")),
    ],
    ids=["line", "tax", "discount", "delivery"],
)
def test_a_quote_in_two_currencies_has_no_total(quote: Quote) -> None:
    with pytest.raises(CurrencyMismatch):
        _ = quote.total


def test_a_total_beyond_the_range_is_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        _ = a_quote(a_line(quantity=999, price=usd(10**10))).total


def test_what_is_remembered_of_a_line_is_all_of_it() -> None:
    line = a_line(category=("Dairy", "Milk"), age_min=18)
    assert ["milk", "Whole Milk", "half gallon", 2, 349, ["Dairy", "Milk"], 18] == line_to_data(line)
    assert line == line_from_data(json.loads(json.dumps(line_to_data(line))), "USD")


texts = st.text(max_size=12)
minors = st.integers(0, 10**6)
currencies = st.sampled_from(("USD", "JPY", "KWD"))


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    currency = draw(currencies)
    lines = st.builds(
        QuoteLine, texts, texts, texts, st.integers(1, 999), minors.map(lambda minor: Money(minor, currency)),
        st.lists(texts, max_size=3).map(tuple), st.integers(0, 21),
    )  # fmt: skip
    delivery, tax, discount = (Money(draw(minors), currency) for _ in range(3))
    return a_quote(
        *draw(st.lists(lines, max_size=3)), delivery=delivery, tax=tax, discount=discount, person=draw(st.none() | texts),
        device=draw(texts), session=draw(texts), address=draw(texts), nonce=draw(texts),
        quoted_at=draw(st.datetimes(timezones=st.just(UTC))),
    )  # fmt: skip


@given(quotes())
def test_a_quote_that_is_remembered_is_the_same_quote(quote: Quote) -> None:
    assert quote == quote_from_data(json.loads(json.dumps(quote_to_data(quote))))
    assert quote.total == quote_from_data(quote_to_data(quote)).total


def test_no_field_is_forgotten() -> None:
    full = a_quote(a_line(), person="kim", discount=usd(1))
    data = quote_to_data(full)
    assert 17 == len(data)
    for name, value in data.items():
        missing = {key: each for key, each in data.items() if key != name}
        with pytest.raises(KeyError):
            quote_from_data(missing)
        assert value is not None
    assert full != replace(full, person=None)
