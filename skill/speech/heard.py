"""Words as a recogniser hands them over: numbers (`2`, `two`, `forty seven`, `second`, `?`), and names with their endings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from skill.speech.render import best_locale, heard_words

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}\Z")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_HEARD_LENGTH_MAX = 80
_SENTENCE_LENGTH_MAX = 500
#: Words of one number at most: "nine hundred and ninety nine thousand nine hundred and ninety nine" has eleven.
_NUMBER_WORDS_MAX = 11
#: What stands around a number in a written sentence, and is no part of it.
_AROUND = ",;:!?…\"'«»“”„()€$£₸"

#: Words of the longest phrase with which people put themselves right.
_CORRECTION_WORDS_MAX = 4

#: What a filler may mean besides nothing.
_ALL = "all"
_EXCEPT = "except"

#: Letters of what is left of a word at least; with fewer the ending is part of it.
_STEM_LETTERS_MIN = 2
#: Endings of one word that are taken off, one after the other: Kazakh has "алма-лар-ды".
_ENDINGS_MAX = 4
#: Marks that make another letter of the one they stand on, as in й; all others only say how it sounds.
_BREVE = "\u0306"


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
    for word in _join_pairs(_HYPHENATED.sub(" ", heard).split(), known):
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


def heard_numbers(sentence: str, locale: str) -> Sequence[tuple[str, str]]:
    """The whole numbers in a sentence, each as digits and with the word that follows it, "" at the end.

    Words go together as far as the language counts on: "forty seven" is 47, "four seven" is 4 and 7. Figures come as they are
    written ("0042"); a fraction is no number.
    """
    words = [word.strip(_AROUND) for word in sentence[:_SENTENCE_LENGTH_MAX].casefold().rstrip(" .").split()]
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(words):
        for end in range(min(at + _NUMBER_WORDS_MAX, len(words)), at, -1):
            number = heard_number(" ".join(words[at:end]), locale)
            if number is not None and number >= 0:
                digits = words[at] if end == at + 1 and words[at].isdecimal() and words[at].isascii() else str(number)
                found.append((digits, words[end] if end < len(words) else ""))
                at = end
                break
        else:
            at += 1
    return found


def _join_pairs(words: list[str], known: Mapping[str, str]) -> Iterator[str]:
    """The words, two that a language counts as one number together: Kazakh says "ten five" for fifteen."""
    at = 0
    while at < len(words):
        pair = " ".join(words[at : at + 2])
        length = 2 if pair in known else 1
        yield pair if length == 2 else words[at]
        at += length


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


def heard_places(text: str, locale: str) -> tuple[int, ...]:
    """The places in a list that the words are, where they name nothing else: (1,) is "the first one", (1, 3) "the first and
    the third". 0 stands for those that are counted and not told apart: (1, 0) is "the first two", (0,) "both".
    """
    known, fillers = heard_words("ordinals", locale), heard_words("fillers", locale)
    places: list[int] = []
    counted = False
    for word in text[:_HEARD_LENGTH_MAX].casefold().split():
        number = heard_number(word, locale)
        if word in known:
            places.append(int(known[word]))
        elif fillers.get(word) == _ALL or (number or 0) > 1:
            counted = True
        elif fillers.get(word, _EXCEPT) == _EXCEPT and number != 1:
            return ()
    if not places and not any(fillers.get(word) == _ALL for word in text.casefold().split()):
        return ()
    return (*places, 0) if counted else tuple(places)


def all_but(text: str, locale: str) -> str:
    """What is to be left where the words are for all but that: "the ketchup" of "everything except the ketchup"; or ""."""
    fillers, words = heard_words("fillers", locale), text.casefold().split()
    for at, word in enumerate(words):
        if fillers.get(word) == _EXCEPT:
            # Which of the two stands first is the language's way.
            for whole, left in ((words[:at], words[at + 1 :]), (words[at + 1 :], words[:at])):
                # "All" may have been taken for a word beside the name, so that only the exception is left of it.
                said = {fillers.get(each, each) for each in whole}
                if left and (not whole or (_ALL in said and said <= {_ALL, ""})):
                    return " ".join(left)
    return ""


def heard_halves(text: str, locale: str) -> tuple[tuple[str, str], ...]:
    """Two things asked for in one breath, each with what is to be done to it: "the ketchup and add pears" is ("", "the ketchup")
    and ("add", "pears"), "" being what the whole utterance was taken for. Empty where it is one thing."""
    known = {tuple(said.split()): meaning for said, meaning in heard_words("halves", locale).items()}
    words = text.split()
    folded = tuple(word.casefold() for word in words)
    for at in range(1, len(words) - 1):
        for said in sorted(known, key=len, reverse=True):
            end = at + len(said)
            if folded[at:end] == said and end < len(words):
                first, _, second = known[said].partition(":")
                return (first, " ".join(words[:at])), (second, " ".join(words[end:]))
    return ()


def heard_correction(text: str, locale: str) -> tuple[str, str] | None:
    """What stands before and after where somebody puts themselves right: "coffee no wait tea" is ("coffee", "tea"); None where
    nobody does. The last correction counts."""
    known = {tuple(said.split()) for said in heard_words("corrections", locale)}
    words = text.split()
    folded = tuple(word.casefold() for word in words)
    for end in range(len(words), 0, -1):
        for start in range(max(end - _CORRECTION_WORDS_MAX, 0), end):
            if folded[start:end] in known:
                earlier = heard_correction(" ".join(words[:start]), locale)
                before = earlier[0] if earlier and not earlier[1] else " ".join(words[:start])
                return before, " ".join(words[end:])
    return None


def heard_joined(text: str, locale: str) -> Iterator[tuple[str, str]]:
    """What may be two things named in one breath, at every "and": "batteries and milk"."""
    known, words = heard_words("joiners", locale), text.split()
    for at in range(1, len(words) - 1):
        if words[at].casefold() in known:
            yield " ".join(words[:at]), " ".join(words[at + 1 :])


def naming_words(text: str, locale: str) -> str:
    """The words that name something: without "the" and "of", where anything is left then."""
    fillers = heard_words("fillers", locale)
    naming = [word for word in text.split() if fillers.get(word.casefold(), _EXCEPT) == _EXCEPT]
    return " ".join(naming) or text


def heard_stems(text: str, locale: str) -> frozenset[str]:
    """The words of a text as they are compared, never shown: without case, accents and the endings of the locale's language.

    "Mele" is "mela", "jabuku" is "jabuka", "алмаларды" is "алма"; the two sides must be folded for the same locale.
    """
    words = "".join(each if each.isalnum() else " " for each in _without_accents(text.casefold())).split()
    return frozenset(_stem(word, best_locale(locale)) for word in words)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    marked = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in marked if c == _BREVE or not unicodedata.combining(c)))


@lru_cache(maxsize=8192)
def _stem(word: str, locale: str) -> str:
    for _ in range(_ENDINGS_MAX):
        for ending, instead in _endings(locale):
            if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _STEM_LETTERS_MIN:
                break
        else:
            return word
        if ending == instead:
            return word
        word = word.removesuffix(ending) + instead
    return word


@lru_cache(maxsize=32)
def _endings(locale: str) -> tuple[tuple[str, str], ...]:
    """The endings of `heard-endings`, the longest first, each with what stands in its place."""
    return tuple(sorted(heard_words("endings", locale).items(), key=lambda pair: -len(pair[0])))
