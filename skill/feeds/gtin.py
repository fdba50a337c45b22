"""Global Trade Item Numbers: the digits below a bar code."""

from __future__ import annotations

_LENGTHS = frozenset({8, 12, 13, 14})


def check_digit(digits: str) -> int:
    """The digit that must follow `digits`. Source: GS1 General Specifications, section 7.9.1."""
    return -(3 * sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2]))) % 10


def is_gtin(digits: str) -> bool:
    """Whether these are a GTIN-8, -12, -13 or -14 whose check digit is right."""
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdigit()) or not digits.strip("0"):
        return False
    return check_digit(digits[:-1]) == int(digits[-1])
