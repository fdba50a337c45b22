"""Numbers in words: found, counted, and set apart from the words around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from interaction_models.language import MARK, NUMBER_MARKS, PLACES_MAX, Language, number_mark

CODE_DIGITS = 4
PHRASE_WORDS_MAX = 7  # the longest spelling below 1,000 in any language here, joiner included

_NAME = f"{MARK}m"  # a name with a number in it: only a wildcard takes it


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the templates see it (`text`) and as it was said.

    `number` is set where it is a number, in digits; `digits` where it is a whole one, as heard ("0042"). `spoken_alone` is
    true of what may be one of several digits said one by one.
    """

    text: str
    said: str
    number: str = ""
    digits: str = ""
    spoken_alone: bool = False


def match_phrase(
    words: Sequence[Word], at: int, phrases: Mapping[tuple[str, ...], object] | frozenset[tuple[str, ...]]
) -> int:
    """How many words the longest of `phrases` takes from `at` on; 0 where none is there."""
    for length in range(min(PHRASE_WORDS_MAX, len(words) - at), 0, -1):
        if tuple(word.text for word in words[at : at + length]) in phrases:
            return length
    return 0


def find_numbers(words: Sequence[Word], language: Language, *, measured: bool = False) -> list[Word]:
    """The words with every number made one word, and names that have numbers in them ("two liter") set apart; with
    `measured` numbers before a measure are numbers like others."""
    found: list[Word] = []
    at = 0
    while at < len(words):
        length = match_phrase(words, at, language.names)
        if length:
            found.append(Word(_NAME, _say(words[at : at + length])))
            at += length
            continue
        number, length = _read_number(words, at, language)
        if number is None:
            found.append(words[at])
            at += 1
            continue
        at += length
        if not measured and at < len(words) and words[at].text in language.measures:
            space = " " if words[at].text.isalnum() else ""
            found.append(Word(_NAME, f"{number.said}{space}{words[at].said}"))
            at += 1
        else:
            found.append(number)
    return found


def mark_numbers(words: Sequence[Word], language: Language) -> list[Word]:
    """Numbers as marks that the templates know; see `language._compile_intents` for the kinds."""
    marked: list[Word] = []
    count = 0
    for word in words:
        if not word.number or word.text in language.pronouns or word.text.startswith(MARK) or count >= NUMBER_MARKS:
            marked.append(word)
            continue
        kind = ("f" if len(word.digits) == CODE_DIGITS else "w") if word.digits else "n"
        marked.append(_mark(word, kind, count))
        count += 1
    return marked


def read_places(words: Sequence[Word], language: Language) -> list[Word] | None:
    """The words with "number two" and the like as places in a list; None where there are none."""
    read: list[Word] = []
    for word in words:
        place = int(word.digits) if word.digits and len(word.digits) < CODE_DIGITS else 0
        if read and read[-1].text in language.places and 1 <= place <= PLACES_MAX:
            said = f"{read.pop().said} {word.said}"
            read.append(Word(number_mark("p", place), said, number=str(place), digits=str(place)))
        else:
            read.append(word)
    return read if len(read) < len(words) else None


def read_digits(words: Sequence[Word], language: Language) -> list[Word] | None:
    """The words with digits that were said one by one ("four two seven one", "42 71") joined; None where there are none."""
    read: list[Word] = []
    at = 0
    joined_any = False
    while at < len(words):
        digits, length = _take_digits(words, at, language)
        if length > 1 and digits:
            kind = "g" if len(digits) == CODE_DIGITS else "d"
            joined = Word("", _say(words[at : at + length]), number=digits, digits=digits)
            read.append(_mark(joined, kind, len(read) % NUMBER_MARKS))
            joined_any = True
        else:
            length = max(length, 1)
            read.extend(words[at : at + length])
        at += length
    return read if joined_any else None


def _mark(word: Word, kind: str, place: int) -> Word:
    return Word(number_mark(kind, place), word.said, word.number, word.digits, word.spoken_alone)


def _say(words: Sequence[Word]) -> str:
    return " ".join(word.said for word in words if word.said)


def _take_digits(words: Sequence[Word], at: int, language: Language) -> tuple[str, int]:
    """The digits of the run that begins at `at`, and its length in words; a run of one is no run."""
    pieces: list[str] = []
    end = at
    while end < len(words):
        word = words[end]
        repeat = language.repeats.get(word.text, 0)
        if repeat and end + 1 < len(words) and len(digit := _digit(words[end + 1], language)) == 1:
            pieces.append(digit * repeat)
            end += 2
            continue
        digit = _digit(word, language)
        if not digit:
            break
        pieces.append(digit)
        end += 1
    # A sigh before four digits is no zero.
    if end > at and words[at].text in language.digits and len("".join(pieces)) == CODE_DIGITS + 1:
        return "", 1
    if not any(words[i].digits for i in range(at, end)):
        return "", 0
    return "".join(pieces), end - at


def _digit(word: Word, language: Language) -> str:
    if word.spoken_alone:
        return word.digits
    return language.digits.get(word.text, "")


def _read_number(words: Sequence[Word], at: int, language: Language) -> tuple[Word | None, int]:
    if words[at].text in language.minus and at + 1 < len(words):
        number, length = _read_number(words, at + 1, language)
        if number is None or number.number.startswith("-"):
            return None, 0
        said = _say(words[at : at + 1 + length])
        return Word(said, said, number=f"-{number.number}"), length + 1
    length = match_phrase(words, at, language.amounts)
    if length and not match_phrase(words, at, language.phrases) > length:
        said = _say(words[at : at + length])
        return Word(said, said, number=language.amounts[tuple(w.text for w in words[at : at + length])]), length
    return _read_cardinal(words, at, language)


def _read_cardinal(words: Sequence[Word], at: int, language: Language) -> tuple[Word | None, int]:
    first = words[at].text
    digits = ""
    if _is_numeric(first):
        length = 1
        value = Decimal(first)
        digits = first if first.isdecimal() else ""
    elif length := match_phrase(words, at, language.phrases):
        value = Decimal(language.phrases[tuple(word.text for word in words[at : at + length])])
        digits = str(value)
    elif first in language.scales_alone:
        # "Thousand five hundred", where a language says no "one" before it.
        value, digits = Decimal(1), "1"
    else:
        return None, 0
    end = at + length
    end, scaled = _take_scales(words, end, value, language)
    spoken_alone = bool(digits) and scaled is None
    if scaled is not None:
        value, digits = scaled, str(scaled) if digits else ""
    if end < len(words) and words[end].text in language.dozens:
        value, digits, spoken_alone = value * language.dozens[words[end].text], "", False
        end += 1
    end, fraction = _take_fraction(words, end, language)
    if fraction is not None:
        value, digits, spoken_alone = value + fraction, "", False
    said = _say(words[at:end])
    text = first if end == at + 1 and first in language.pronouns else said
    return Word(text, said, _write(value), digits, spoken_alone), end - at


def _take_scales(words: Sequence[Word], at: int, value: Decimal, language: Language) -> tuple[int, Decimal | None]:
    """ "two thousand and forty": the end and the value, which is None where no scale word follows."""
    total = Decimal(0)
    last_scale: int | None = None
    while (
        at < len(words)
        and (scale := language.scales.get(words[at].text))
        and (last_scale is None or scale < last_scale)
    ):
        total += value * scale
        last_scale, value = scale, Decimal(0)
        at += 1
        rest = at + 1 if at < len(words) and words[at].text in language.joiners else at
        length = match_phrase(words, rest, language.phrases)
        if length:
            value = Decimal(language.phrases[tuple(word.text for word in words[rest : rest + length])])
            at = rest + length
    return at, None if last_scale is None else total + value


def _take_fraction(words: Sequence[Word], at: int, language: Language) -> tuple[int, Decimal | None]:
    length = match_phrase(words, at, language.fractions)
    if length:
        return at + length, Decimal(language.fractions[tuple(word.text for word in words[at : at + length])])
    if at + 1 < len(words) and words[at].text in language.point:
        places = ""
        end = at + 1
        while end < len(words) and (place := _decimal_place(words[end].text, language)):
            places += place
            end += 1
        if places:
            return end, Decimal(f"0.{places}")
    return at, None


def _decimal_place(word: str, language: Language) -> str:
    if word.isdecimal():
        return word
    number = language.phrases.get((word,), -1)
    return str(number) if 0 <= number <= 9 else language.digits.get(word, "")


def _is_numeric(text: str) -> bool:
    whole, _, places = text.removeprefix("-").partition(".")
    return whole.isdecimal() and (not places or places.isdecimal()) and text[-1] != "."


def _write(value: Decimal) -> str:
    """A number in plain digits: no exponent, no zeros behind the point, no minus before nothing."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
