"""The purchase code: four digits, as a recogniser may hand them over, and which ones are too easy to guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

CODE_LENGTH = 4

#: Three wrong in a row lock orders until an adult resets the code outside the voice channel.
CODE_ATTEMPTS_MAX = 3

#: "?" and silence are asked again, at most this often, and do not count as guesses.
CODE_ASKS_MAX = 2

#: No honest answer to "which code?" is longer than this, in characters.
_HEARD_LENGTH_MAX = 120


def heard_code(text: str | None, digit_words: Mapping[str, str]) -> str | None:
    """The digits that were heard, or None where nothing was (`?`, silence, no digit at all).

    `digit_words` are the language's ("four" → "4"). A recogniser drops leading zeros, so fewer than four digits are
    filled up from the left. More than four come back as they are, and will be wrong.
    """
    heard = _digits_in((text or "")[:_HEARD_LENGTH_MAX], digit_words)
    return heard.rjust(CODE_LENGTH, "0") if heard else None


def _digits_in(text: str, digit_words: Mapping[str, str]) -> str:
    """The digits of the text, as ASCII, from figures of any script and from words; whatever stands between is dropped."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(each if each.isalnum() else " " for each in folded).split()
    return "".join(digit_words.get(word) or "".join(map(_decimal, word)) for word in words)


def _decimal(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return "" if value is None else str(value)


def is_four_digits(code: str) -> bool:
    return len(code) == CODE_LENGTH and code.isascii() and code.isdigit()


def is_guessable(code: str) -> bool:
    """Whether the code is among the most guessable tenth: dates, years, repeats, runs, keypad lines.

    Source: the shape of published PIN frequencies (DataGenetics 2012; Wang et al., "Understanding Human-Chosen PINs",
    ASIACCS 2017): days of the year, years of living memory, repeated digits and pairs, runs, and the middle of the keypad.
    """
    a, b, c, d = (int(each) for each in code)
    steps = {(b - a) % 10, (c - b) % 10, (d - c) % 10}
    return (
        len(set(code)) == 1
        or (a, b) == (c, d)  # 1212
        or (a == b and c == d)  # 1122
        or (len(steps) == 1 and not steps & {4, 6})  # 1234, 2468, 9876
        or 1900 <= int(code) <= 2029
        or _is_day(code[:2], code[2:])
        or _is_day(code[2:], code[:2])
        or code in _KEYPAD
    )


#: Lines and corners of a telephone's keypad, and the two numbers everybody knows from films.
_KEYPAD = frozenset(
    "2580 0852 1470 0741 3690 0963 1397 1379 7913 9731 3179 1590 3570 0070 1004 4200 5683".split()  # noqa: SIM905
)

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= _DAYS[int(month) - 1]


def redact_codes(text: str, digit_words: Mapping[str, str]) -> str:
    """The text without anything that could be a code: four or more digits in a row, as figures or as words.

    Punctuation between them, or within a word, does not hide them; the rest keeps its words, one space between two.
    """
    words = text.split()
    # Most of what is said has no figure and no number in it: plain letters that name no digit hide nothing.
    if text.isascii() and all(word.isalpha() and word.casefold() not in digit_words for word in words):
        return " ".join(words)
    kept: list[str] = []
    run: list[str] = []
    digits = 0
    for word in (*words, ""):
        heard = _digits_in(word, digit_words)
        digits += len(heard)
        if heard or (word and not any(map(str.isalnum, word))):
            run.append(word)
            continue
        kept += run if digits < CODE_LENGTH else []
        kept += [word] if word else []
        run, digits = [], 0
    return " ".join(kept)
