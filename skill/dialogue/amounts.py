"""How many of a product make what was asked for: five pounds of what is sold by the pound, a dozen of what comes by the dozen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from skill.shop.catalogue import Product
from skill.shop.sizes import HOLDER, PIECES, Size, are_comparable, read_size, whole_times
from skill.speech.heard import heard_number
from skill.speech.render import FALLBACK_LOCALE, heard_words

#: "Two and a half gallons": an amount is said in so many words at most.
_AMOUNT_WORDS_MAX = 6
#: Half a dozen of what comes by the dozen is one pack; one or two may as well be packs.
_PIECES_MIN = 6

#: Pieces that are cut from what is sold: so many of them are never so many packs.
_CUT = frozenset({"slice"})

_DECIMAL = re.compile(r"[0-9]{1,4}[.,][0-9]{1,3}\Z")


@dataclass(frozen=True, slots=True)
class Packs:
    """So many of a product. `asks`: it is not certainly what was said, or more than that, so it is offered first.

    `pieces` is how many pieces they have, where pieces were said and that does not come out even; else 0.
    """

    count: int
    asks: bool = False
    pieces: int = 0


def is_measured(words: str, locale: str) -> bool:
    """Whether the words begin with a unit or with money: a number before "pounds of rice" or "dollar wine" counts no products."""
    first = next(iter(words.casefold().split()), "")
    return first in heard_words("money", locale) or _is_unit(first, locale)


def holds_amount(unit: str, locale: str) -> bool:
    """Whether the unit is one of measure, as in "two pounds of": then the amount is part of what is looked for."""
    return _is_unit(unit.casefold(), locale)


def packs_of(product: Product, quantity: int, words: str, locale: str, *, named: bool, unit: str = "") -> Packs:
    """How many of the product to add where `quantity`, the words for it and a `unit` ("bottles") were heard.

    "Five pounds of bananas" are 5 of what is sold by the pound, "half a dozen eggs" one carton, "six bottles" one pack of six.
    `named`: the quantity was said with the product's name, so that it may count pieces.
    """
    # The number before the bottles counts them; it is no size.
    if named and unit:
        words = words.partition(f"{unit} ")[2] or words
    size = size_of(product, locale)
    amount = _amount_in(words, locale)
    if amount is not None:
        return _packs_for_amount(size, amount, quantity)
    counted = _counted_kind(unit, locale)
    if counted in _CUT and (size is None or size.kind != counted):
        return Packs(1, asks=True)
    if not named or size is None or _speaks_of_packs(words, locale):
        return Packs(quantity)
    if size.by_measure:
        # Ten bananas are not ten pounds of them.
        return Packs(quantity, asks=quantity >= _PIECES_MIN)
    return _packs_for_pieces(size, quantity, counted)


def _packs_for_amount(size: Size | None, amount: Size, quantity: int) -> Packs:
    if size is None or not size.total or not are_comparable((size, amount)):
        return Packs(quantity, asks=True)
    whole = whole_times(amount, size)
    return Packs(quantity * (whole or math.ceil(amount.total / size.total)), asks=whole != 1)


def is_cut_so(product: Product, unit: str, locale: str) -> bool:
    """Whether the unit is a piece that is cut, and the product comes in such pieces: in slices, of slices of cheese."""
    counted, size = _counted_kind(unit, locale), size_of(product, locale)
    return counted in _CUT and size is not None and size.kind == counted


def _counted_kind(unit: str, locale: str) -> str:
    return _units(locale).get(unit.casefold(), "").removeprefix(PIECES)


def _packs_for_pieces(size: Size, quantity: int, kind: str) -> Packs:
    """`kind` is what the unit that was said means: rolls, when the pack has rolls, are pieces of it."""
    own_named = size.kind not in ("", HOLDER)
    pieces = int(size.pieces) if size.pieces.denominator == 1 else 1
    if pieces <= 1 or (kind and (kind != size.kind if own_named else kind.startswith(HOLDER))):
        return Packs(quantity)
    if quantity % pieces == 0:
        return Packs(quantity // pieces)
    surely = bool(kind) and (own_named or size.measure is not None)
    if not surely and quantity < min(pieces, _PIECES_MIN):
        return Packs(quantity)
    if quantity >= _PIECES_MIN and pieces % quantity == 0:
        return Packs(1)
    packs = math.ceil(quantity / pieces)
    return Packs(packs, asks=True, pieces=packs * pieces)


def size_in_words(words: str, locale: str) -> Size | None:
    """The size that the words are, whole: "half gallon", "gallon", "twelve ounce"; None where they are anything else."""
    said = words.casefold().split()
    if not said or not _is_unit(said[-1], locale) or any(_is_unit(word, locale) for word in said[:-1]):
        return None
    return _amount_in(words, locale) if len(said) > 1 else read_size(words, _units(locale))


def packs_in(product: Product, amount: str, locale: str) -> int:
    """How many of the product make the amount that the words are; 0 where that does not come out even, or nobody knows."""
    size, wanted = size_of(product, locale), size_in_words(amount, locale)
    if size is None or wanted is None or not size.total or not are_comparable((size, wanted)):
        return 0
    return whole_times(wanted, size)


def is_of_size(product: Product, size: Size, locale: str) -> bool:
    own = size_of(product, locale)
    return own is not None and are_comparable((own, size)) and whole_times(own, size) == 1


def size_of(product: Product, locale: str) -> Size | None:
    return read_size(product.size, _units(locale))


def _amount_in(words: str, locale: str) -> Size | None:
    """The amount that the words begin with: "two gallons of milk"; None where they begin with none."""
    said = words.casefold().split()[:_AMOUNT_WORDS_MAX]
    end = next((at for at, word in enumerate(said) if _is_unit(word, locale)), 0)
    if not end:
        return None
    units = _units(locale)
    numbers = [word for word in said[:end] if not units.get(word, "").startswith("x")]
    factors = [word for word in said[:end] if units.get(word, "").startswith("x")]
    number = " ".join(numbers) or "1"
    if not _DECIMAL.match(number):
        count = heard_number(number, locale)
        if count is None or count < 1:
            return None
        number = str(count)
    return read_size(" ".join((number, *factors, said[end])), units)


def _speaks_of_packs(words: str, locale: str) -> bool:
    """Whether the words themselves name a size, as in "two six packs" and "two half gallons": then packs were counted."""
    return any(_is_of_sizes(word, locale) for word in words.casefold().split())


def _is_of_sizes(word: str, locale: str) -> bool:
    meaning = _units(locale).get(word, "")
    measures = bool(meaning) and not meaning.startswith(PIECES)
    return measures or meaning == PIECES + HOLDER or heard_number(word, locale) is not None


@lru_cache(maxsize=32)
def _units(locale: str) -> Mapping[str, str]:
    """What sizes are written and said with; a catalogue may be in English wherever it is sold."""
    return {**heard_words("sizes", FALLBACK_LOCALE), **heard_words("sizes", locale)}


def _is_unit(word: str, locale: str) -> bool:
    return _units(locale).get(word, "")[:1].isdigit()
