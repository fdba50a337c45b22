"""Sizes that can be compared: "12 oz" is less than "1 lb", and neither more nor less than "8 count"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

#: No honest size is longer than this, in characters.
_LENGTH_MAX = 80

#: Units are rounded, so that four quarts are a gallon within this part of it.
_TOLERANCE = Fraction(1, 200)

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
_PIECE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,3})|([0-9]{0,9}\.[0-9]{1,3}|[0-9]{1,9})|([^\W\d_]+|×)")
_UNIT = re.compile(r"([0-9]+)([a-z/]+)")
_TIMES = frozenset({"x", "×"})

#: What a word for pieces begins with among the units, and what it goes on with where it may hold other pieces.
PIECES = "#"
HOLDER = "+"


@dataclass(frozen=True, slots=True)
class Size:
    """So many pieces of so much each: "6 x 1.5 l", "12 cans", "half gallon".

    `measure` is what one piece measures, in thousandths of a gram or a millilitre, None where nothing says it; `dimensions`
    are what that may be (`mg`, `ul`). `kind` is what the pieces are, as the units name them. `by_measure`: sold by the pound,
    with no number before it.
    """

    pieces: Fraction = Fraction(1)
    kind: str = ""
    measure: Fraction | None = None
    dimensions: frozenset[str] = frozenset()
    by_measure: bool = False

    @property
    def total(self) -> Fraction:
        """How much or how many it is in all: only to be compared with what `are_comparable`."""
        return self.pieces * (self.measure if self.measure is not None else 1)


def are_comparable(sizes: Sequence[Size]) -> bool:
    """Whether they measure the same: all weigh something, all have a volume, or all are only counted."""
    measured = [size for size in sizes if size.measure is not None]
    if len(measured) < len(sizes):
        return not measured
    return not sizes or bool(frozenset.intersection(*(size.dimensions for size in sizes)))


def whole_times(size: Size, part: Size) -> int:
    """How often `part` goes into what it is comparable with, if that comes out even, as far as units are rounded; else 0."""
    times = size.total / part.total
    whole = round(times)
    return whole if whole >= 1 and abs(times - whole) <= whole * _TOLERANCE else 0


def read_size(size: str, units: Mapping[str, str]) -> Size | None:
    """The size as it stands on a pack, or None where it has no number or unit that is known.

    `units` maps a language's words to how many thousandths of what they are ("kg" → "1000000mg", "oz" → "28350mg/ul", because
    drinks are sold by it too), words for numbers to `x` factors ("half" → "x1/2", "dozen" → "x12"), and words that count
    pieces to `#` and the kind of piece ("count" → "#", "roll" → "#roll"); `#+` begins what may hold pieces of another
    kind ("box" → "#+box").
    """
    written = _DECIMAL_COMMA.sub(".", _THOUSANDS.sub("", size[:_LENGTH_MAX].casefold()))
    found = Size()
    number: Fraction | None = None
    known = counted = after_whole = False
    for above, below, figures, word in _PIECE.findall(written):
        if not word:
            value = Fraction(figures) if figures else Fraction(int(above), int(below) or 1)
            if after_whole and above and number is not None:
                number += value  # "1 1/2"
            else:
                if number is not None:
                    found = replace(found, pieces=found.pieces * number)  # "6 12 oz"
                number = value
            after_whole, known = figures.isdigit(), True
            continue
        meaning = units.get(word, "")
        if meaning.startswith("x"):
            number, known = (number if number is not None else 1) * Fraction(meaning[1:]), True
        elif meaning.startswith(PIECES) or (word in _TIMES and number is not None):
            found = _count(found, meaning.removeprefix(PIECES), number)
            number, counted = None, counted or number is not None
        elif unit := _UNIT.fullmatch(meaning):
            found = replace(
                found,
                measure=Fraction(int(unit[1])) * (number if number is not None else 1),
                dimensions=frozenset(unit[2].split("/")),
                by_measure=number is None and unit[2] == "mg",
            )
            number = None
        else:
            known = known and number is None  # "12 inch": nobody knows what is counted
        after_whole = False
    if number is not None and known and found.measure is None:
        found, counted = _count(found, "", number), True  # "12", "2 dozen", "pack of 20"
    return found if found.measure is not None or counted else None


def _count(size: Size, kind: str, number: Fraction | None) -> Size:
    kind = kind if kind not in ("", HOLDER) else size.kind
    if number is None and size.pieces == 1:
        return size  # the bag of "2 lb bag", the bunch of a "bunch"
    return replace(size, pieces=size.pieces * (number if number is not None else 1), kind=kind)
