"""Prices as feeds write them, and when a sale price holds."""

from __future__ import annotations

import re
from datetime import MAXYEAR, datetime, timedelta, tzinfo

from skill.errors import AmountOutOfRange
from skill.shop.money import Money, minor_unit_exponent, parse_decimal

_PRICE = re.compile(
    r"(?P<sign>[-−+])?\s*(?P<before>[A-Za-z]{3}|[$€£¥₸])?\s*(?P<inner_sign>[-−+])?\s*"
    r"(?P<number>\d[\d.,' ]*?)\s*(?P<after>[A-Za-z]{3}|[$€£¥₸])?\Z",
    re.ASCII,
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?\Z", re.ASCII)
#: Thousands with one mark and decimals with the other, or a mark that comes twice, which no decimal point does.
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+|(?:,\d{3}){2,}|(?:\.\d{3}){2,})\Z", re.ASCII)
#: Thousands with spaces, as much of Europe writes them: `1 299,00`.
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?\Z", re.ASCII)
#: Three digits behind the only mark: a thousand in half of the world's writing, and one and no cents in the other half.
#: Any other number of digits behind it is no thousand anywhere.
_ONE_MARK = re.compile(r"\d+[.,]\d+\Z", re.ASCII)
_MARK_OF_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}\Z", re.ASCII)

#: A sign is not a currency: several countries write `$`. It is read as the store's own where that is one of them.
_SIGNS = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD", "TWD", "CLP", "COP", "ARS"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₸": frozenset({"KZT"}),
}


#: A start and an end, which is None where there is none.
Period = tuple[datetime, datetime | None]


class PriceRefused(ValueError):
    """`kind` names what is wrong, the message says what to write instead."""

    def __init__(self, kind: str, remedy: str) -> None:
        self.kind = kind
        super().__init__(remedy)


def parse_price(text: str, currency: str) -> Money:
    """`12.99 USD`, `USD 12.99`, `$12.99`, `12.99`, `12,99 $` → `Money(1299, "USD")`. Above zero.

    Raises `PriceRefused`: `price_negative`, `price_zero`, `price_ambiguous` (a comma or a point before three digits may stand for
    decimals or for thousands), `currency_wrong`, `price_too_precise`, `price_too_large`, `price_unreadable`.
    """
    found = _PRICE.match(text.replace("\xa0", " ").replace("\u202f", " ").strip())
    if not found:
        raise PriceRefused(
            "price_unreadable", f"write the price as a number and the currency, such as 12.99 {currency}"
        )
    for stated in (found["before"], found["after"]):
        if stated and stated.upper() != currency and currency not in _SIGNS.get(stated, ()):
            raise PriceRefused("currency_wrong", f"the store sells in {currency}: give the price in {currency}")
    if {found["sign"], found["inner_sign"]} & {"-", "−"}:
        raise PriceRefused("price_negative", "a price cannot be below zero: write what the product costs")
    number = found["number"]
    if _THOUSANDS.match(number):
        mark = next(c for c in number if not c.isdigit())
        number = number.replace(mark, "").replace(",", ".")
    elif _SPACED.match(number):
        number = number.replace(" ", "").replace(",", ".")
    elif _MARK_OF_THOUSANDS.match(number) and ("," in number or minor_unit_exponent(currency) != 3):
        mark = "comma" if "," in number else "point"
        raise PriceRefused(
            "price_ambiguous",
            f"the {mark} can stand for decimals or for thousands: write no more decimal places than {currency} has "
            f"({minor_unit_exponent(currency)}), and thousands without a {mark}",
        )
    elif _ONE_MARK.match(number):
        number = number.replace(",", ".")
    if not _PLAIN.match(number):
        raise PriceRefused(
            "price_unreadable", f"write the price as a number and the currency, such as 12.99 {currency}"
        )
    try:
        price = parse_decimal(number, currency)
    except AmountOutOfRange as error:
        raise PriceRefused("price_too_large", "the price is larger than any order may be: check it") from error
    except ValueError as error:
        kind = "price_too_large" if len(number.partition(".")[0]) > 12 else "price_too_precise"
        remedy = (
            "the price is larger than any order may be: check it"
            if kind == "price_too_large"
            else f"write no more decimal places than {currency} has"
        )
        raise PriceRefused(kind, remedy) from error
    if price.amount == 0:
        raise PriceRefused("price_zero", "a price must be above zero: leave the row out if the product is not for sale")
    return price


def parse_period(text: str, time_zone: tzinfo) -> Period | None:
    """The start and end of an ISO 8601 interval, `2026-11-24T00:00-0500/2026-11-30T23:59-0500`, the end excluded.

    A time without an offset is in `time_zone`; an end that is a date alone includes that day; an end in the year 9999 is none.
    None for a bare `/`, which programs write where nobody has set a time. Raises `ValueError`.
    Source: Google Merchant Center, attribute `sale_price_effective_date`; Meta's attribute of that name is the same.
    """
    start_text, slash, end_text = text.partition("/")
    if slash and not start_text.strip() and not end_text.strip():
        return None
    if not slash:
        raise ValueError(text)
    start = _moment(start_text, time_zone)
    end = None if _moment(end_text, time_zone).year == MAXYEAR else parse_end(end_text, time_zone)
    if end is not None and end < start:
        raise ValueError(text)
    return start, end


def parse_end(text: str, time_zone: tzinfo) -> datetime:
    """The moment at which something ends, `2026-11-30T23:59-0500`. A date alone includes that day. Raises `ValueError`."""
    end = _moment(text, time_zone)
    try:
        return end + timedelta(days=1) if len(text.strip()) <= len("2026-11-30") else end
    except OverflowError:
        return end  # the last day that there is


def _moment(text: str, time_zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=time_zone)
