"""Numbers as a recogniser hands them over: `2`, `two`, `forty seven`, `second`, `?`."""

from __future__ import annotations

import re

from skill.speech.render import heard_words

_INTEGER = re.compile(r"[+-]?\d{1,15}\Z", re.ASCII)
_HEARD_LENGTH_MAX = 80


def heard_number(text: str | None, locale: str) -> int | None:
    """The whole number that was said, or None where it is none (`?`, a fraction, other words).

    Words add up as the language says them: "forty seven" is 47; a meaning such as `x100` multiplies: "two hundred" is 200.
    """
    if not text:
        return None
    words = text[:_HEARD_LENGTH_MAX].casefold().replace("-", " ").split() if not _INTEGER.match(text) else [text]
    if len(words) == 1 and _INTEGER.match(words[0]):
        return int(words[0])
    known = heard_words("numbers", locale)
    total = 0
    for word in words:
        meaning = known.get(word)
        if meaning is None:
            return None
        total = max(total, 1) * int(meaning[1:]) if meaning.startswith("x") else total + int(meaning)
    return total if words else None


def heard_ordinal(text: str | None, locale: str) -> int | None:
    """1 for the first, -1 for the last; None where it is no ordinal."""
    if not text:
        return None
    word = text[:_HEARD_LENGTH_MAX].casefold().strip()
    known = heard_words("ordinals", locale)
    if word in known:
        return int(known[word])
    ordinal = next((int(known[each]) for each in word.split() if each in known), None)
    if ordinal is not None:
        return ordinal
    numbers = (heard_number(each, locale) for each in (word, *word.split()))
    return next((number for number in numbers if number), None)
