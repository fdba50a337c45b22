from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.feeds.prices import PriceRefused, parse_period, parse_price
from skill.shop.money import AMOUNT_MINOR_MAX, Money

CURRENCIES = ["USD", "EUR", "JPY", "KWD", "CLF"]


@pytest.mark.parametrize(
    ("text", "currency", "price"),
    [
        ("12.99 USD", "USD", 1299),
        ("USD 12.99", "USD", 1299),
        ("usd12.99", "USD", 1299),
        ("12.99USD", "USD", 1299),
        ("12.99", "USD", 1299),
        ("12", "USD", 1200),
        ("12.5", "USD", 1250),
        ("+12.50", "USD", 1250),
        ("$12.99", "USD", 1299),
        ("$ 12.99", "CAD", 1299),
        ("12.99 €", "EUR", 1299),
        ("1,299.00 USD", "USD", 129900),
        ("1,234,567.89", "USD", 123456789),
        ("12.99\u00a0USD", "USD", 1299),
        ("1099 JPY", "JPY", 1099),
        ("¥1099", "JPY", 1099),
        ("1099.00 JPY", "JPY", 1099),
        ("1.250 KWD", "KWD", 1250),
        ("1.299,00 EUR", "EUR", 129900),
        ("1.234.567,8 EUR", "EUR", 123456780),
        ("1.250.000 VND", "VND", 1250000),
        ("1,250,000 VND", "VND", 1250000),
        ("1,250.500 KWD", "KWD", 1250500),
        ("0.500 EUR", "EUR", 50),
        ("1299.000 EUR", "EUR", 129900),
        ("1,29 €", "EUR", 129),
        ("€ 1,39", "EUR", 139),
        ("12,99", "EUR", 1299),
        ("12,5 EUR", "EUR", 1250),
        ("1299,90\u00a0€", "EUR", 129990),
        ("0,500 EUR", "EUR", 50),
        ("1 299,00 €", "EUR", 129900),
        ("1\u202f290 ₸", "KZT", 129000),
        ("12,99 USD", "USD", 1299),
    ],
)
def test_a_price_is_read_in_minor_units_of_the_stores_currency(text: str, currency: str, price: int) -> None:
    assert Money(price, currency) == parse_price(text, currency)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1,299", "price_ambiguous"),
        ("1.299", "price_ambiguous"),
        ("1.200 USD", "price_ambiguous"),
        ("USD 250.000", "price_ambiguous"),
        ("12.990 USD", "price_ambiguous"),
        ("1,299 USD", "price_ambiguous"),
        ("1,2,3", "price_unreadable"),
        ("1 29,00", "price_unreadable"),
        ("-5.00 USD", "price_negative"),
        ("USD -5.00", "price_negative"),
        ("\u22125.00", "price_negative"),
        ("-$5.00", "price_negative"),
        ("0", "price_zero"),
        ("0.00 USD", "price_zero"),
        ("12.99 EUR", "currency_wrong"),
        ("€12.99", "currency_wrong"),
        ("EUR 12.99 USD", "currency_wrong"),
        ("12.999", "price_ambiguous"),
        ("0.999", "price_too_precise"),
        ("1,299.999", "price_too_precise"),
        ("12.99999 USD", "price_too_precise"),
        ("99999999999.00", "price_too_large"),
        ("9" * 40, "price_too_large"),
        ("free", "price_unreadable"),
        ("1.2.3", "price_unreadable"),
        ("1e3", "price_unreadable"),
        ("٣٫٥", "price_unreadable"),
        ("", "price_unreadable"),
        ("12 99", "price_unreadable"),
        ("12.", "price_unreadable"),
        ("NaN", "price_unreadable"),
    ],
)
def test_a_price_that_could_be_misread_is_refused_by_name(text: str, kind: str) -> None:
    with pytest.raises(PriceRefused) as refused:
        parse_price(text, "USD")
    assert kind == refused.value.kind
    assert len(str(refused.value)) > 20


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.200", "EUR"),
        ("2.500 EUR", "EUR"),
        ("EUR 1.050", "EUR"),
        ("250.000 VND", "VND"),
        ("12.000", "CLP"),
        ("25,000", "VND"),
        ("1,299 €", "EUR"),
        ("1,250 KWD", "KWD"),
    ],
)
def test_a_thousand_is_not_taken_for_one(text: str, currency: str) -> None:
    with pytest.raises(PriceRefused, match="thousands") as refused:
        parse_price(text, currency)
    assert "price_ambiguous" == refused.value.kind


@given(st.integers(1, AMOUNT_MINOR_MAX), st.sampled_from(CURRENCIES), st.sampled_from(["{} {}", "{1} {0}", "{}"]))
def test_every_price_that_is_written_is_read_back(amount: int, currency: str, form: str) -> None:
    price = Money(amount, currency)
    assert price == parse_price(form.format(price.decimal(), currency), currency)


@given(st.text(max_size=30), st.sampled_from(CURRENCIES))
def test_any_text_is_a_price_above_zero_or_refused(text: str, currency: str) -> None:
    try:
        price = parse_price(text, currency)
    except PriceRefused:
        return
    assert price.amount > 0
    assert currency == price.currency


def test_a_sale_holds_between_two_times_with_offsets() -> None:
    assert (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), datetime(2026, 12, 1, 4, 59, tzinfo=UTC)) == parse_period(
        "2026-11-24T00:00-0500/2026-11-30T23:59-05:00", UTC
    )


def test_a_sale_without_offsets_is_in_the_stores_zone() -> None:
    period = parse_period("2026-11-24T09:00/2026-11-30T21:00", ZoneInfo("America/New_York"))
    assert period is not None
    assert datetime(2026, 11, 24, 14, 0, tzinfo=UTC) == period[0]


def test_an_end_without_a_time_includes_its_day() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    assert (start, start + timedelta(days=1)) == parse_period("2026-11-24/2026-11-24", UTC)


@pytest.mark.parametrize("end", ["9999-12-31", "9999-12-31T23:59", "9999-12-31T23:59:59-1200", "9999-01-01"])
def test_an_end_in_the_year_9999_is_none(end: str) -> None:
    assert (datetime(2026, 11, 24, tzinfo=UTC), None) == parse_period(f"2026-11-24/{end}", UTC)


@pytest.mark.parametrize("text", ["/", " / "])
def test_a_period_of_nothing_is_none(text: str) -> None:
    assert parse_period(text, UTC) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-11-24", "2026-11-24/", "/2026-11-24", "soon/later", "2026-11-30/2026-11-24", "soon/9999-12-31",
        "2026-13-01/2026-13-02", "2026-11-24T25:00/2026-11-25",
    ],
)  # fmt: skip
def test_a_sale_that_has_no_beginning_or_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_period(text, UTC)
