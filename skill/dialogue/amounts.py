"""How many of a product make what was asked for: five pounds of what is sold by the pound, a dozen of what comes by the dozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from skill.shop.catalogue import Product
from skill.shop.sizes import size_in_base_units
from skill.speech.heard import heard_number
from skill.speech.render import FALLBACK_LOCALE, heard_words

#: "Two and a half gallons": an amount is said in so many words at most.
_AMOUNT_WORDS_MAX = 6
#: Half a dozen of what comes by the dozen is one pack; one or two may as well be packs.
_PIECES_MIN = 6
#: Units are rounded, so that four quarts are a gallon within this part of it.
_TOLERANCE = Fraction(1, 200)

_DECIMAL = re.compile(r"[0-9]{1,4}[.,][0-9]{1,3}\Z")


def is_measured(words: str, locale: str) -> bool:
    """Whether the words begin with a unit or with money: a number before "pounds of rice" or "dollar wine" counts no products."""
    first = next(iter(words.casefold().split()), "")
    return first in heard_words("money", locale) or _is_unit(first, locale)


def quantity_of(product: Product, quantity: int, words: str, locale: str, *, named: bool) -> int:
    """How many of the product to add where `quantity` and the words for it were heard; `named` in one breath.

    "Five pounds of bananas" are 5 of what is sold by the pound, "half a dozen eggs" one carton. What does not come out even
    is left as it was said.
    """
    amount = _amount_in(words, locale)
    if amount is not None:
        return quantity * (_times(product, amount, locale) or 1)
    pieces = _pieces_in(product.size, locale) if named and not _speaks_of_packs(words, locale) else 1
    if pieces > 1 and quantity % pieces == 0:
        return quantity // pieces
    if quantity >= _PIECES_MIN and pieces % quantity == 0:
        return 1
    return quantity


def comes_in(product: Product, words: str, locale: str) -> bool:
    """Whether so many of the product are the amount that the words begin with."""
    amount = _amount_in(words, locale)
    return amount is not None and _times(product, amount, locale) > 0


def words_after_amount(words: str, locale: str) -> str:
    """ "Of milk" in "two gallons of milk"; empty where the words begin with no amount."""
    said = words.split()
    end = next((at for at, word in enumerate(said[:_AMOUNT_WORDS_MAX]) if _is_unit(word.casefold(), locale)), 0)
    return " ".join(said[end + 1 :]) if _amount_in(words, locale) is not None else ""


def size_in_words(words: str, locale: str) -> Fraction | None:
    """The size that the words are, whole: "half gallon", "gallon", "twelve ounce"; None where they are anything else."""
    said = words.casefold().split()
    if not said or not _is_unit(said[-1], locale) or any(_is_unit(word, locale) for word in said[:-1]):
        return None
    return _amount_in(words, locale) if len(said) > 1 else size_in_base_units(words, _units(locale))


def is_of_size(product: Product, size: Fraction, locale: str) -> bool:
    own = size_in_base_units(product.size, _units(locale))
    return own is not None and abs(own - size) <= size * _TOLERANCE


def _times(product: Product, amount: Fraction, locale: str) -> int:
    """How many times the product's size the amount is; 0 where that does not come out even."""
    size = size_in_base_units(product.size, _units(locale))
    times = amount / size if size else Fraction(0)
    whole = round(times)
    return whole if whole >= 1 and abs(times - whole) <= whole * _TOLERANCE else 0


def _amount_in(words: str, locale: str) -> Fraction | None:
    """The amount that the words begin with, as `size_in_base_units` counts: "two gallons of milk"; None where they do not."""
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
    return size_in_base_units(" ".join((number, *factors, said[end])), units)


def _pieces_in(size: str, locale: str) -> int:
    """12 for "12 count" and for "a dozen"; 1 where the size counts nothing."""
    counts = {word: meaning for word, meaning in _units(locale).items() if meaning.startswith("x")}
    words = re.findall(r"[^\W\d_]+", size.casefold())
    if not words or not all(word in counts for word in words):
        return 1
    pieces = size_in_base_units(size, counts)
    return int(pieces) if pieces is not None and pieces.denominator == 1 else 1


def _speaks_of_packs(words: str, locale: str) -> bool:
    """Whether the words themselves name a size, as in "two six packs" and "two half gallons": then packs were counted."""
    units = _units(locale)
    return any(word in units or heard_number(word, locale) is not None for word in words.casefold().split())


@lru_cache(maxsize=32)
def _units(locale: str) -> Mapping[str, str]:
    """What sizes are written and said with; a catalogue may be in English wherever it is sold."""
    return {**heard_words("sizes", FALLBACK_LOCALE), **heard_words("sizes", locale)}


def _is_unit(word: str, locale: str) -> bool:
    meaning = _units(locale).get(word, "")
    return bool(meaning) and not meaning.startswith("x")
