"""Numbers as a recogniser hands them over: `2`, `two`, `forty seven`, `second`, `?`."""

from __future__ import annotations

import re

from skill.speech.render import heard_words

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}\Z")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_HEARD_LENGTH_MAX = 80


def heard_number(text: str | None, locale: str) -> int | None:
    """The whole number that was said, or None where it is none (`?`, a fraction, other words).

    Words go together as the language counts: "forty seven" is 47, and "four seven" is no number. A meaning such as `x100`
    multiplies: "two hundred" is 200; an empty one says nothing: "twenty dollars" is 20.
    """
    heard = (text or "")[:_HEARD_LENGTH_MAX].casefold().strip()
    if _INTEGER.match(heard):
        return int(heard)
    known = heard_words("numbers", locale)
    total, group, counted = 0, 0, False
    for word in _HYPHENATED.sub(" ", heard).split():
        meaning = known.get(word, word if _INTEGER.match(word) else None)
        if meaning is None:
            return None
        if meaning.startswith("x"):
            factor = int(meaning[1:])
            if group >= factor >= 100 or (factor >= 1000 and total % (factor * 1000)):
                return None
            group = max(group, 1) * factor
            total, group = (total + group, 0) if factor >= 1000 else (total, group)
        elif meaning:
            if not _follows(total + group, int(meaning), counted):
                return None
            group += int(meaning)
        counted = counted or bool(meaning)
    return total + group if counted else None


def _follows(before: int, number: int, counted: bool) -> bool:
    """Whether a language says the number after what came before: one after twenty, but nothing after nothing or nine."""
    if not counted:
        return number >= 0
    tens_and_ones = before % 100
    return before > 0 and (
        (0 < number < 100 and tens_and_ones == 0) or (0 < number < 10 and tens_and_ones >= 20 and before % 10 == 0)
    )


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
    return next((number for number in numbers if number and number > 0), None)
