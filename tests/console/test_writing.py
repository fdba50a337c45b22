"""Amounts and times, written as Babel writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_datetime
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from skill.console.writing import write_money, write_time
from skill.shop.money import Money

LOCALES = ("en_US", "en_GB", "it_IT", "hr_HR", "el_GR", "kk_KZ", "de_CH", "hi_IN", "fr_FR", "ar_EG", "es_ES", "pl_PL")


@pytest.mark.parametrize("locale", LOCALES)
@given(st.integers(-(10**6), 10**11), st.sampled_from(["USD", "EUR", "JPY", "KWD", "GBP", "INR"]))
def test_amounts_are_written_as_the_locale_writes_them(locale, minor, currency):
    money = Money(minor, currency)
    assert format_currency(Decimal(money.decimal()), currency, locale=locale) == write_money(money, locale)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("form", ["EEE d MMM, HH:mm", "d MMM y, HH:mm", "d MMMM y", "HH:mm", "HH:mm:ss", "EEEE"])
def test_times_are_written_as_the_locale_writes_them(locale, form):
    for hours in range(0, 400, 37):
        moment = datetime(2026, 11, 21, 23, 4, 9, tzinfo=UTC) + timedelta(hours=hours)
        assert format_datetime(moment, form, locale=locale) == write_time(moment, form, locale)
