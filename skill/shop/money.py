"""Money: whole minor units of one currency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, total_ordering

from skill.errors import AmountOutOfRange, CurrencyMismatch

#: No ledger entry or total may pass this: far above any household's spending, far below 64 bits, so that the sum of every
#: order a database can hold still fits its integer column.
AMOUNT_MINOR_MAX = 10**12

#: ISO 4217 currencies whose minor unit is not a hundredth.
#: Source: ISO 4217 list one, column "Minor unit".
_EXPONENTS = {
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "CLF": 4, "UYW": 4,
}  # fmt: skip

_CURRENCY = re.compile(r"[A-Z]{3}\Z")
#: Spaces and apostrophes between thousands, which stand for nothing else.
_SPACED = re.compile(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d{3}(?!\d))")
#: Thousands that can be nothing else, because another separator comes after them.
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,])\d{3}(?:\1\d{3})*(?!\1)[.,]\d{1,4}\Z", re.ASCII)
_DECIMAL = re.compile(r"([+-]?)(\d{1,12})(?:\.(\d{1,4}))?\Z", re.ASCII)


@lru_cache(maxsize=256)
def _is_currency(code: str) -> bool:
    return _CURRENCY.match(code) is not None


def minor_unit_exponent(currency: str) -> int:
    """How many decimal places the currency's minor unit has: 2 for USD, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`Money(1099, "USD")` is ten dollars and ninety-nine cents. `amount` is in minor units and may be negative.

    Raises `AmountOutOfRange` beyond ±`AMOUNT_MINOR_MAX`, `CurrencyMismatch` when two currencies meet.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"money is a whole number of minor units, not {type(self.amount).__name__}")
        if not _is_currency(self.currency):
            raise CurrencyMismatch(f"{self.currency!r} is not an ISO 4217 code such as USD", currency=self.currency)
        if not -AMOUNT_MINOR_MAX <= self.amount <= AMOUNT_MINOR_MAX:
            raise AmountOutOfRange(amount_minor=self.amount)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, count: int) -> Money:
        if type(count) is not int:
            raise TypeError("money is multiplied by whole numbers only")
        return Money(self.amount * count, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(ours=self.currency, theirs=other.currency)
        return other

    def decimal(self) -> str:
        """The amount as a plain decimal text: `10.99`, `1099` for yen."""
        places = minor_unit_exponent(self.currency)
        sign, digits = ("-" if self.amount < 0 else ""), str(abs(self.amount)).rjust(places + 1, "0")
        return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"


def parse_decimal(text: str, currency: str) -> Money:
    """`parse_decimal("10.99", "USD")` → `Money(1099, "USD")`.

    Raises `ValueError` where the text is no plain decimal or has more places than the currency's minor unit, and
    `AmountOutOfRange` for more than a ledger may hold.
    """
    found = _DECIMAL.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a price such as 10.99")
    sign, whole, fraction = found[1], found[2], found[3] or ""
    places = minor_unit_exponent(currency)
    if len(fraction.rstrip("0")) > places:
        raise ValueError(f"{text!r} has more decimal places than {currency} has ({places})")
    minor = int(whole) * 10**places + (int(fraction[:places].ljust(places, "0")) if places else 0)
    return Money(-minor if sign == "-" else minor, currency)


def read_typed(text: str, currency: str) -> Money:
    """An amount as people type it, with a point or a comma: `25`, `25.00`, `25,00`, `1,200.00`, `1.200,00`, `1 200,00`.

    Raises `ValueError` as `parse_decimal` does, and where the one separator may stand for thousands: `1,200` dollars are
    nobody's 1.20, and `1.200` euros nobody's 1200. Raises `AmountOutOfRange`.
    """
    typed = _SPACED.sub("", text.strip())
    separators = [each for each in typed if each in ".,"]
    if separators:
        places, after = minor_unit_exponent(currency), len(typed) - 1 - typed.rindex(separators[-1])
        if grouped := _GROUPED.match(typed):
            typed = typed.replace(grouped[1], "")
        elif len(separators) > 1 or not places or (after == 3 and places < 3):
            raise ValueError(f"{text!r} may be thousands; write it without them, such as 1200")
    return parse_decimal(typed.replace(",", "."), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, zero for none. Raises `CurrencyMismatch` if an amount is in another currency."""
    minor = 0
    for each in amounts:
        if each.currency != currency:
            raise CurrencyMismatch(ours=currency, theirs=each.currency)
        minor += each.amount
    return Money(minor, currency)
