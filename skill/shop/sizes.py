"""Sizes that can be compared: "12 oz" is less than "half gallon"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

#: No honest size is longer than this, in characters.
_LENGTH_MAX = 80

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
_PIECE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,3})|([0-9]{0,9}\.[0-9]{1,3}|[0-9]{1,9})|([^\W\d_]+)")


def size_in_base_units(size: str, units: Mapping[str, str]) -> Fraction | None:
    """The size as one number, or None where it has no number or unit that is known.

    `units` maps a language's words to thousandths of a base unit ("oz" → "28350" milligrams or microlitres), and words for
    numbers to `x` factors ("half" → "x1/2", "dozen" → "x12"). Weights and volumes compare as if all were water.
    """
    written = _DECIMAL_COMMA.sub(".", _THOUSANDS.sub("", size[:_LENGTH_MAX].casefold()))
    factor, amount, unit, after_whole = Fraction(1), None, None, False
    for above, below, number, word in _PIECE.findall(written):
        if word:
            meaning = units.get(word, "")
            if meaning.startswith("x"):
                factor *= Fraction(meaning[1:])
                amount = amount if amount is not None else Fraction(1)
            elif meaning:
                unit = Fraction(int(meaning))
            after_whole = False
            continue
        value = Fraction(number) if number else Fraction(int(above), int(below) or 1)
        if after_whole and above and amount is not None:
            amount += value  # "1 1/2"
        else:
            amount = value if amount is None else amount * value  # "6 x 12"
        after_whole = number.isdigit()
    if amount is None and unit is None:
        return None
    return (amount if amount is not None else Fraction(1)) * factor * (unit if unit is not None else Fraction(1))
