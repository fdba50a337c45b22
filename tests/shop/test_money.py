"""Money: whole minor units of one currency, within what a ledger may hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import AmountOutOfRange, CurrencyMismatch
from skill.shop.money import AMOUNT_MINOR_MAX, Money, minor_unit_exponent, parse_decimal, read_typed, total

minors = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
small = st.integers(-(10**9), 10**9)
currencies = st.sampled_from(("USD", "EUR", "JPY", "KWD", "CLF"))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        ("USD", 2), ("EUR", 2), ("GBP", 2), ("HUF", 2), ("IDR", 2), ("TWD", 2), ("MGA", 2), ("MRU", 2), ("COP", 2),
        ("BHD", 3), ("IQD", 3), ("JOD", 3), ("KWD", 3), ("LYD", 3), ("OMR", 3), ("TND", 3),
        ("BIF", 0), ("CLP", 0), ("DJF", 0), ("GNF", 0), ("ISK", 0), ("JPY", 0), ("KMF", 0), ("KRW", 0), ("PYG", 0),
        ("RWF", 0), ("UGX", 0), ("UYI", 0), ("VND", 0), ("VUV", 0), ("XAF", 0), ("XOF", 0), ("XPF", 0),
        ("CLF", 4), ("UYW", 4),
    ],
)  # fmt: skip
def test_a_currency_has_as_many_places_as_its_minor_unit(currency: str, places: int) -> None:
    assert places == minor_unit_exponent(currency)


@pytest.mark.parametrize("amount", [1.0, 10.99, Decimal(5), "5", True, None, float("nan")])
def test_money_is_made_of_whole_numbers_only(amount: object) -> None:
    with pytest.raises(TypeError) as refused:
        Money(amount, "USD")  # type: ignore[arg-type]
    assert f"money is a whole number of minor units, not {type(amount).__name__}" == str(refused.value)


@pytest.mark.parametrize("currency", ["", "usd", "US", "USDX", "$", "US1", "USD\n", "ＵＳＤ"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(CurrencyMismatch, match="not an ISO 4217 code such as USD") as mismatch:
        Money(1, currency)
    assert {"currency": currency} == mismatch.value.facts


def test_the_largest_amount_is_far_below_64_bits() -> None:
    assert 10**12 == AMOUNT_MINOR_MAX
    assert AMOUNT_MINOR_MAX * 9_000_000 < 2**63


@pytest.mark.parametrize("amount", [AMOUNT_MINOR_MAX, -AMOUNT_MINOR_MAX])
def test_an_amount_may_be_as_large_as_a_ledger_takes_and_no_larger(amount: int) -> None:
    assert amount == usd(amount).amount
    beyond = amount + (1 if amount > 0 else -1)
    with pytest.raises(AmountOutOfRange) as refused:
        usd(beyond)
    assert {"amount_minor": beyond} == refused.value.facts


def test_arithmetic_that_leaves_the_range_is_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        usd(AMOUNT_MINOR_MAX) + usd(1)
    with pytest.raises(AmountOutOfRange):
        usd(-AMOUNT_MINOR_MAX) - usd(1)
    with pytest.raises(AmountOutOfRange):
        usd(10**10) * 999
    with pytest.raises(AmountOutOfRange):
        usd(2**63) - usd(2**63)


@given(small, small)
def test_adding_and_taking_away(left: int, right: int) -> None:
    assert usd(left + right) == usd(left) + usd(right)
    assert usd(left - right) == usd(left) - usd(right)


@given(small, st.integers(0, 999))
def test_a_price_times_a_count_is_the_sum_of_so_many(minor: int, count: int) -> None:
    assert usd(minor * count) == usd(minor) * count == count * usd(minor)


@pytest.mark.parametrize("count", [1.5, True, "2", None])
def test_money_is_multiplied_by_whole_numbers_only(count: object) -> None:
    with pytest.raises(TypeError, match=r"^money is multiplied by whole numbers only$"):
        usd(100) * count  # type: ignore[operator]


def test_two_currencies_never_meet() -> None:
    yen = Money(100, "JPY")
    for meet in (
        lambda: usd(1) + yen, lambda: usd(1) - yen, lambda: usd(1) < yen, lambda: usd(1) >= yen,
        lambda: total([usd(1), yen], "USD"), lambda: total([yen], "USD"),
    ):  # fmt: skip
        with pytest.raises(CurrencyMismatch) as mismatch:
            meet()
        assert {"ours": "USD", "theirs": "JPY"} == mismatch.value.facts
    assert usd(100) != yen


@given(small, small)
def test_amounts_compare_as_their_numbers_do(left: int, right: int) -> None:
    a, b = usd(left), usd(right)
    assert (left < right, left <= right, left > right, left >= right, left == right) == (
        a < b,
        a <= b,
        a > b,
        a >= b,
        a == b,
    )


@given(st.lists(small, max_size=20))
def test_a_total_is_the_sum_and_zero_for_none(amounts: list[int]) -> None:
    assert usd(sum(amounts)) == total(map(usd, amounts), "USD")
    assert Money(0, "JPY") == total([], "JPY")


def test_a_total_beyond_the_range_is_refused_though_each_amount_fits() -> None:
    with pytest.raises(AmountOutOfRange):
        total([usd(AMOUNT_MINOR_MAX), usd(1)], "USD")


# --- as text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (usd(1099), "10.99 USD"), (usd(5), "0.05 USD"), (usd(0), "0.00 USD"), (usd(-5), "-0.05 USD"),
        (usd(-1099), "-10.99 USD"), (usd(100), "1.00 USD"), (Money(1099, "JPY"), "1099 JPY"), (Money(0, "JPY"), "0 JPY"),
        (Money(-7, "JPY"), "-7 JPY"), (Money(1099, "KWD"), "1.099 KWD"), (Money(5, "KWD"), "0.005 KWD"),
        (Money(12345, "CLF"), "1.2345 CLF"),
    ],
)  # fmt: skip
def test_an_amount_is_written_with_its_currencys_places(money: Money, text: str) -> None:
    assert text == str(money)
    assert text.split()[0] == money.decimal()


@given(minors, currencies)
def test_what_is_written_reads_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert money == parse_decimal(money.decimal(), currency)
    assert Decimal(money.decimal()) == Decimal(minor) / 10 ** minor_unit_exponent(currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10.99", "USD", 1099), (" 10.99 ", "USD", 1099), ("10.9", "USD", 1090), ("10", "USD", 1000), ("0010", "USD", 1000),
        ("+1.50", "USD", 150), ("-1.50", "USD", -150), ("-0", "USD", 0), ("10.990", "USD", 1099), ("10.9900", "USD", 1099),
        ("1099", "JPY", 1099), ("1099.00", "JPY", 1099), ("1.234", "KWD", 1234), ("1.2340", "KWD", 1234),
        ("1.2", "KWD", 1200), ("1.2345", "CLF", 12345),
    ],
)  # fmt: skip
def test_a_plain_decimal_is_read(text: str, currency: str, minor: int) -> None:
    assert Money(minor, currency) == parse_decimal(text, currency)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", "10.", ".99", "1,099.00", "10,99", "1e5", "1E-2", "NaN", "inf", "$10.99", "10.99 USD", "0x10", "1_000",
        "--1", "1 0", "١٠", "１０", "10.99\n1", "1234567890123", "1.00000",
    ],
)  # fmt: skip
def test_what_is_no_plain_decimal_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a price such as 10\.99") as refused:
        parse_decimal(text, "USD")
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "currency", "places"), [("1.999", "USD", 2), ("1.5", "JPY", 0), ("1.2345", "KWD", 3), ("0.0001", "USD", 2)]
)
def test_more_places_than_the_currency_has_are_refused(text: str, currency: str, places: int) -> None:
    with pytest.raises(ValueError, match=rf"has more decimal places than {currency} has \({places}\)"):
        parse_decimal(text, currency)


def test_a_price_beyond_the_range_is_refused() -> None:
    assert usd(AMOUNT_MINOR_MAX) == parse_decimal("10000000000", "USD")
    with pytest.raises(AmountOutOfRange):
        parse_decimal("10000000000.01", "USD")


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        (" 25 ", "USD", 2500), ("25,00", "USD", 2500), ("25.5", "USD", 2550), ("1200", "JPY", 1200),
        ("1.200", "KWD", 1200), ("1,2", "KWD", 1200), ("0.5000", "USD", 50), ("1.200,00", "EUR", 120000),
        ("1,200.00", "USD", 120000), ("1 200,5", "KZT", 120050), ("12\u202f345\u00a0678", "EUR", 1234567800),
        ("1’200.50", "CHF", 120050), ("1.234.567,8", "EUR", 123456780), ("1,200.500", "KWD", 1200500),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_type_it(typed: str, currency: str, minor: int) -> None:
    assert Money(minor, currency) == read_typed(typed, currency)


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("1,200", "USD"), ("1.200", "EUR"), ("1,200.0.0", "USD"), ("1.200.000", "USD"), ("1,200", "JPY"), ("5.0", "JPY"),
        ("1.2.3", "KWD"), ("", "USD"), ("five", "USD"), (",", "USD"), ("12,00.00", "USD"), ("1,200,00.5", "USD"),
        ("12 50", "USD"), ("1 2345", "USD"), ("1.200,", "EUR"),
    ],
)  # fmt: skip
def test_what_may_be_thousands_is_no_amount(typed: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"thousands|is not a price|decimal places"):
        read_typed(typed, currency)
