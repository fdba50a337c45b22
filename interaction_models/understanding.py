"""What typed or transcribed words mean, from the sentence templates alone.

    words → contractions written out → what is only politeness dropped → numbers found → templates (hassil) → intent, slots

An utterance can be read in several ways ("number two" is a number and a place in a list; "four two seven one" is four
numbers and a code). Every reading is matched, and the one that leaves the fewest words to wildcards is taken.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hassil import RecognizeResult, recognize_all

from interaction_models.language import FALLBACK, MARK, Language, load_language
from interaction_models.sources import load_intents, load_slot_types
from interaction_models.spoken_numbers import (
    CODE_DIGITS,
    Word,
    find_numbers,
    mark_numbers,
    match_phrase,
    read_digits,
    read_places,
)

WORDS_CHARACTERS_MAX = 300  # longer is no utterance: it is cut, so that the time is bounded
WORDS_MAX = 40
TRIMMINGS_MAX = 9  # ways to drop what stands around an utterance
MATCHES_MAX = 200  # of one reading

GIVE_CODE = "give_code"


@dataclass(frozen=True, slots=True)
class Understood:
    """An intent of intents.yaml and its slots as text; a slot that was not heard is absent."""

    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)


def understand(words: str, locale: str, expecting: str | None = None) -> Understood:
    """The intent and slots of an utterance; `fallback` without slots where nothing fits. Never raises on any words.

    `expecting` says what the pending question awaits (code, quantity, number, confirmation, amount, ordinal, choice); it
    decides only between meanings that fit equally well, such as those of bare digits. Raises LocaleUnknown for a locale
    without sentences.
    """
    language = load_language(locale)
    heard = _split_words(words, language)
    best = _match_best(heard, True, language, expecting)
    if best is None or best.intent != GIVE_CODE:
        # A code said in passing is dropped, and what is left is no longer said on its own.
        rest = _drop_code_aside(heard, language)
        if rest is not None:
            best = _match_best(rest, False, language, expecting)
    return best or Understood(FALLBACK)


# ---- matching -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read an utterance. `strict` is false where more than hesitation was dropped from it."""

    words: Sequence[Word]
    dropped: int
    strict: bool


def _match_best(heard: Sequence[Word], strict: bool, language: Language, expecting: str | None) -> Understood | None:
    best: tuple[tuple[int, ...], Understood] | None = None
    for reading in _read(heard, strict, language):
        context = {"expecting": expecting} if expecting else None
        text = " ".join(word.text for word in reading.words)
        results = recognize_all(text, language.intents, intent_context=context)
        for result in itertools.islice(results, MATCHES_MAX):
            scored = _score(result, reading, language)
            if scored is not None and (best is None or scored[0] < best[0]):
                best = scored
    return best[1] if best else None


def _score(result: RecognizeResult, reading: _Reading, language: Language) -> tuple[tuple[int, ...], Understood] | None:
    """The rank of a match (lower is better) and its meaning; None where the match does not hold."""
    metadata = result.intent_metadata or {}
    if metadata.get("strict") and not reading.strict:
        return None
    marks = {word.text: word for word in reading.words if word.text.startswith(MARK)}
    whole = {token for word in reading.words for token in word.text.split()}
    name = result.intent.name
    types = load_intents()[name].slots
    slots: dict[str, str] = {}
    unexplained = wildcards = 0
    for entity in result.entities_list:
        if entity.name not in types:
            # Words that nobody needs, such as {rest}.
            unexplained += len(entity.text)
        elif entity.is_wildcard:
            tokens = entity.text.split()
            if tokens[0] not in whole:
                # hassil lets a listed word end inside another: "ml" in "mljeveno".
                return None
            if tokens[0] in language.currencies | language.measures and _is_counted(tokens[0], reading.words):
                return None
            if all(token in language.empty_words or (token in marks and marks[token].number) for token in tokens):
                return None
            said = " ".join(marks[token].said if token in marks else token for token in tokens)
            # What was taken apart is written together again: "olio d'oliva".
            slots[entity.name] = _unfold(said.replace("' ", "'"))
            unexplained += len(slots[entity.name])
            wildcards += 1
        else:
            heard = marks.get(str(entity.value))
            if heard is not None and types[entity.name] == "quantity" and _is_price(heard):
                return None
            slots[entity.name] = _value(str(entity.value), load_slot_types()[types[entity.name]].reads, marks)
    awaited = 0 if result.intent_data.requires_context else 1
    rank = (unexplained, wildcards, reading.dropped, awaited, language.order[name])
    return rank, Understood(name, slots)


def _is_counted(text: str, words: Sequence[Word]) -> bool:
    """Whether a number stands before the word: "five dollars or less coffee" has a price in it, and no five of anything."""
    return any(number.number and word.text == text for number, word in itertools.pairwise(words))


def _is_price(word: Word) -> bool:
    """ "$5"."""
    return unicodedata.category(word.said[0]) == _CURRENCY


def _unfold(said: str) -> str:
    """Words were compared folded; they are shown as they are written: in Greek a sigma that ends a word has its own form."""
    return _FINAL_SIGMA.sub("ς", said)


def _value(value: str, reads: str, marks: Mapping[str, Word]) -> str:
    word = marks.get(value)
    if word is None:
        return value
    if reads == "digits":
        return word.digits
    if reads == "number" and word.digits:
        return str(int(word.digits)) if len(word.digits) <= CODE_DIGITS else word.digits.lstrip("0") or "0"
    return word.number


# ---- readings -------------------------------------------------------------------------------------------------------


def _read(heard: Sequence[Word], strict: bool, language: Language) -> Iterator[_Reading]:
    seen: set[tuple[str, ...]] = set()
    for words, dropped, loose in _trim(heard, language):
        found = find_numbers(words, language)
        places = read_places(found, language)
        digits = read_digits(found, language)
        measured = find_numbers(words, language, measured=True)
        for read in (found, places, digits, measured if measured != found else None):
            if read is None:
                continue
            marked = mark_numbers(read, language)
            key = tuple(word.text for word in marked)
            if key and key not in seen:
                seen.add(key)
                yield _Reading(marked, dropped, strict and not loose)


def _trim(heard: Sequence[Word], language: Language) -> Iterator[tuple[Sequence[Word], int, bool]]:
    """The utterance with less and less around it: (words, how many were dropped, whether more than hesitation was)."""
    words = _drop_everywhere(heard, language.hesitations)
    fronts: list[tuple[int, bool]] = [(0, False)]
    while True:
        start, loose = fronts[-1]
        opener = match_phrase(words, start, language.openers)
        length = max(opener, match_phrase(words, start, language.starts))
        if not length:
            break
        fronts.append((start + length, loose or opener == length))
    ends: list[int] = [len(words)]
    while ends[-1]:
        end = ends[-1]
        length = next((n for n in range(min(4, end), 0, -1) if _texts(words[end - n : end]) in language.closers), 0)
        if not length:
            break
        ends.append(end - length)
    combinations = itertools.product(fronts, ends)
    for (start, loose), end in itertools.islice(sorted(combinations, key=_drop_count), TRIMMINGS_MAX):
        if start < end:
            yield words[start:end], start + len(words) - end, loose or end < len(words)


def _drop_count(combination: tuple[tuple[int, bool], int]) -> int:
    (start, _), end = combination
    return start - end


def _texts(words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in words)


def _drop_everywhere(words: Sequence[Word], phrases: frozenset[tuple[str, ...]]) -> list[Word]:
    kept: list[Word] = []
    at = 0
    while at < len(words):
        length = match_phrase(words, at, phrases)
        if not length:
            kept.append(words[at])
        at += length or 1
    return kept


def _drop_code_aside(heard: Sequence[Word], language: Language) -> list[Word] | None:
    """The words without "(and my) code (is) 4271", where there are others beside it; None where there is no such aside."""
    words = find_numbers(heard, language)
    words = read_digits(words, language) or words
    for at in range(len(words)):
        length = match_phrase(words, at, language.code_words)
        end = at + length
        while length and end < len(words) and words[end].text in language.code_link:
            end += 1
        if not length or end >= len(words) or len(words[end].digits) != CODE_DIGITS:
            continue
        start = at
        while start > 0 and any(_texts(words[start - n : start]) in language.code_lead for n in (1, 2) if n <= start):
            start -= 1
        rest = [*words[:start], *words[end + 1 :]]
        # What was joined or counted is taken apart again: the rest is read on its own.
        return [Word(text, text) for word in rest for text in word.said.split()] or None
    return None


# ---- words ----------------------------------------------------------------------------------------------------------

_PLAIN = str.maketrans(
    {"−": "-", "–": "-", "—": " ", "‒": "-", "‘": "'", "’": "'", "ʼ": "'", "`": "'", "_": " ", MARK: " "}
)
_TOKEN = re.compile(r"(?<![\w.])-?\d*\.\d+(?!\.?\w)|(?<![\w.])-\d+(?!\w)|\w+(?:'\w+)*|%")
_LONE_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d+)(?![\d.,]*\d)")
_POWER = re.compile(r"(?<![\w.])(\d{1,3})\^(\d{1,2})(?!\w)")
_CURRENCY = "Sc"
_FINAL_SIGMA = re.compile(r"(?<=[^\W\d_])σ(?![\w'])")


def _split_words(words: str, language: Language) -> list[Word]:
    text = "".join(_plain_fraction(c, before) for before, c in itertools.pairwise(" " + words[:WORDS_CHARACTERS_MAX]))
    text = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN)
    text = "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFC", text))
    for symbol, meaning in language.symbols.items():
        text = text.replace(symbol, meaning)
    if language.thousands_separator:
        text = re.sub(rf"(?<=\d){re.escape(language.thousands_separator)}(?=\d\d\d(?!\d))", "", text)
    text = _LONE_COMMA.sub(r"\1.\2", text)
    text = _POWER.sub(lambda power: str(int(power[1]) ** int(power[2])), text)
    found: list[Word] = []
    for match in _TOKEN.finditer(text):
        token, before = match.group(), text[match.start() - 1 : match.start()]
        token = f"0{token}" if token.startswith(".") else token.replace("-.", "-0.")
        currency = before if before and unicodedata.category(before) == _CURRENCY and token[0].isdecimal() else ""
        article, _, word = token.partition("'")
        if f"{article}'" in language.elisions and text[match.start() + len(article) :].startswith("'"):
            found.append(Word(f"{article}'", f"{article}'"))
            token = word
        if token:
            found.append(Word(token, currency + token))
        if len(found) == WORDS_MAX:
            break
    return _write_out(found, language)


def _plain_fraction(character: str, before: str) -> str:
    """ "½" as ".5", or "0.5" where no digit stands before it."""
    if unicodedata.category(character) != "No" or not unicodedata.decomposition(character).startswith("<fraction>"):
        return character
    value = f"{unicodedata.numeric(character, 0):.3f}".rstrip("0")
    return value.removeprefix("0") if before.isdecimal() else f" {value}"


def _write_out(words: list[Word], language: Language) -> list[Word]:
    """Contractions as the sentences have them."""
    out: list[Word] = []
    at = 0
    while at < len(words):
        length = match_phrase(words, at, language.contractions)
        if length:
            said = " ".join(word.said for word in words[at : at + length])
            meant = language.contractions[_texts(words[at : at + length])]
            out.extend(Word(text, said if i == 0 else "") for i, text in enumerate(meant))
            at += length
        else:
            out.append(words[at])
            at += 1
    return out
