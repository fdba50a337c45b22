"""Amounts and times as people of a locale write them, many to a page.

Babel reads its patterns anew for every amount. A page with a hundred of them asks it once how the currency is written, and goes on
by itself where it is written as most are; whatever else there is, Babel goes on writing.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, get_currency_symbol

from skill.errors import AmountOutOfRange
from skill.shop.money import Money, minor_unit_exponent, read_typed

#: Amounts that tell how a currency is written: what is made of them by hand must be what Babel makes.
_SAMPLES = (0, 5, 99, 100, 12_345, 99_999, 123_456, 1_234_567, 123_456_789, 98_765_432_101)

_Form = tuple[str, str, str, str]


def write_money(money: Money, locale: str) -> str:
    """`$1,234.50`, `1.234,50 €`; `locale` as Babel has it, `en_US`."""
    form = _money_form(money.currency, locale)
    if form is None or money.amount < 0:
        return _by_babel(money, locale)
    return _by_hand(money.amount, minor_unit_exponent(money.currency), form)


def write_typed(money: Money, locale: str) -> str:
    """As somebody of the locale would type it into a field: `1234.50`, `1234,50`."""
    return money.decimal().replace(".", decimal_sign(locale))


def decimal_sign(locale: str) -> str:
    return "," if _separators(locale)[1] == "," else "."


def read_amount(typed: str, currency: str, locale: str) -> int | None:
    """What somebody typed into a field, in minor units, with or without the currency's sign: `25`, `€ 12,50`, `1.200,00`. None
    where nothing was typed. Raises `ValueError` for what is none, is below nothing, or may mean two amounts, such as `1,200`.
    """
    sign = get_currency_symbol(currency, locale=locale)
    plain = typed.strip()
    for each in (currency, sign, sign[-1]):
        plain = plain.removeprefix(each).removesuffix(each).strip()
    if not plain and not typed.strip():
        return None
    try:
        amount = read_typed(plain, currency).amount
    except AmountOutOfRange as error:
        raise ValueError from error
    if amount < 0:
        raise ValueError
    return amount


def write_time(local: datetime, form: str, locale: str) -> str:
    """The time by Babel's pattern `form`. A day is written once for all times of it."""
    of_day, clock, after = form.partition("HH:mm")
    if not clock or after or "H" in of_day or "m" in of_day or not _has_latin_digits(locale):
        return str(format_datetime(local, form, locale=locale))
    return f"{_write_day(local.date(), of_day, locale)}{local.hour:02}:{local.minute:02}"


@lru_cache(maxsize=1024)
def _write_day(day: date, form: str, locale: str) -> str:
    return str(format_date(day, form, locale=locale))


@lru_cache(maxsize=32)
def _has_latin_digits(locale: str) -> bool:
    return bool(Locale.parse(locale).default_numbering_system == "latn")


@lru_cache(maxsize=32)
def _money_form(currency: str, locale: str) -> _Form | None:
    """What stands before and after, between thousands and before the decimals; None where that does not make Babel's texts."""
    group, point = _separators(locale)
    exponent = minor_unit_exponent(currency)
    nothing = f"0{point}{'0' * exponent}" if exponent else "0"
    before, found, after = _by_babel(Money(0, currency), locale).partition(nothing)
    form = (before, after, group, point)
    if not found or any(
        _by_hand(each, exponent, form) != _by_babel(Money(each, currency), locale) for each in _SAMPLES
    ):
        return None
    return form


@lru_cache(maxsize=32)
def _separators(locale: str) -> tuple[str, str]:
    """What the locale writes between thousands, and before decimals."""
    symbols = Locale.parse(locale).number_symbols
    symbols = symbols.get("latn", symbols)
    return str(symbols.get("group", ",")), str(symbols.get("decimal", "."))


def _by_hand(minor: int, exponent: int, form: _Form) -> str:
    before, after, group, point = form
    whole, rest = divmod(minor, 10**exponent)
    grouped = f"{whole:,}".replace(",", group)
    return f"{before}{grouped}{point}{rest:0{exponent}}{after}" if exponent else f"{before}{grouped}{after}"


def _by_babel(money: Money, locale: str) -> str:
    return str(format_currency(Decimal(money.decimal()), money.currency, locale=locale))
