"""Sizes that can be compared: "12 oz" is less than "half gallon"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

_NUMBER = re.compile(r"(\d{1,6})(?:\.(\d{1,3})|\s*/\s*(\d{1,2}))?", re.ASCII)


def size_in_base_units(size: str, units: Mapping[str, str]) -> Fraction | None:
    """The size as one number, or None where it has no number or unit that is known.

    `units` maps a language's words to thousandths of a base unit ("oz" → "28350" milligrams or microlitres), and words for
    numbers to `x` factors ("half" → "x1/2", "dozen" → "x12"). Weights and volumes compare as if all were water.
    """
    factor, amount, unit = Fraction(1), None, None
    for word in re.findall(r"[^\W\d_]+|\d[\d./]*", size.casefold()):
        number = _NUMBER.fullmatch(word)
        if number:
            whole, decimals, divisor = number.groups()
            value = Fraction(f"{whole}.{decimals}") if decimals else Fraction(int(whole), int(divisor or 1) or 1)
            amount = value if amount is None else amount * value
        elif word in units:
            meaning = units[word]
            if meaning.startswith("x"):
                factor *= Fraction(meaning[1:])
                amount = amount if amount is not None else Fraction(1)
            else:
                unit = Fraction(int(meaning))
    if amount is None and unit is None:
        return None
    return (amount if amount is not None else Fraction(1)) * factor * (unit if unit is not None else Fraction(1))
