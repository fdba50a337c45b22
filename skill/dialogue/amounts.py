"""How many of a product make what was asked for."""

from __future__ import annotations

from skill.speech.render import heard_words


def is_measured(words: str, locale: str) -> bool:
    """Whether the words begin with a unit or with money: a number before "pounds of rice" or "dollar wine" counts no products."""
    first = next(iter(words.casefold().split()), "")
    return first in heard_words("money", locale) or _is_unit(first, locale)


def _is_unit(word: str, locale: str) -> bool:
    meaning = heard_words("sizes", locale).get(word, "")
    return bool(meaning) and not meaning.startswith("x")
