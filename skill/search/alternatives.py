"""What the heard words may have been: for each span of one to three of them, title words and pairs that sound like it."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skill.search.hearing import SOUNDS_MAX, Spelling, distance, heard_keys, pronounce, skeleton, sound_mask
from skill.search.words import Words

#: Heard words that one misheard word may have been made of.
SPAN_WORDS_MAX = 3
#: Title words that are compared sound by sound for one span, after the mask has thrown out the rest.
COMPARED_MAX = 24
#: Sounds by which a mask may differ before a title word is thrown out, at most.
MASK_APART_MAX = 10
#: Distance for each sound, over which two words do not sound alike.
RATIO_MAX = 0.5
#: Alternatives kept for one span.
ALTERNATIVES_MAX = 8

#: Runs one statement and gives all its rows.
Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


@dataclass(slots=True)
class Alternative:
    """Title terms that the heard words from `start` to `end` may stand for; `likeness` is 1 for the words themselves."""

    start: int
    end: int
    terms: tuple[str, ...]
    likeness: float
    ratio: float = 0.0
    sounds: str = ""
    meant: str = ""
    idf: float = 0.0
    #: Which of the words that carry meaning these are, counted from 0.
    positions: tuple[int, ...] = ()


#: How likely an alternative is the word that was said, as a logistic model of: its distance for each sound; how much nearer
#: the span's nearest one is; how long it was; how rare the title term is and how rare the heard words are (in ln(products /
#: products with it)); how many words were heard, and are meant. Fitted on spoken queries by `benchmarks/fit_search.py`.
LIKELY = {
    "ratio": -17.66, "gap": -10.0, "length": 0.65, "rarity": -0.31, "heard_rarity": 0.63, "words": 1.23, "terms": -0.29,
    "always": -5.16,
}  # fmt: skip
#: The same for the heard word itself, where the catalogue has it.
LIKELY_EXACT = 1.0
#: Likelihoods are flattened by this power: words that were misheard at all are often misheard badly.
LIKELY_POWER = 0.25
#: Less likely alternatives are not searched for.
LIKELY_MIN = 0.2


def likeness(seen: Mapping[str, float]) -> float:
    """The likelihood that a span stands for an alternative's terms, from what `sight` sees of it."""
    logit = LIKELY["always"] + sum(LIKELY[name] * value for name, value in seen.items())
    return math.pow(1.0 + math.exp(-max(-30.0, min(30.0, logit))), -LIKELY_POWER)


def sight(alternative: Alternative, nearest: float, rarity: float, heard_rarity: float) -> dict[str, float]:
    """What the likelihood is judged by; `nearest` is the least distance of all alternatives of the span."""
    return {
        "ratio": alternative.ratio,
        "gap": alternative.ratio - nearest,
        "length": math.log(len(alternative.sounds)),
        "rarity": rarity,
        "heard_rarity": heard_rarity,
        "words": alternative.end - alternative.start,
        "terms": len(alternative.terms),
    }


class Ears:
    """Finds alternatives in an index's sound tables."""

    def __init__(self, query: Query, words: Words, spelling: Spelling) -> None:
        self._query = query
        self._words = words
        self._spelling = spelling

    def say(self, tokens: Sequence[str]) -> list[str]:
        """The sounds of each token."""
        spoken = [self._words.spoken(t) for t in tokens]
        single = dict.fromkeys(word for said in spoken for word in said.split(" "))
        pages = {word: self._page(word) for word in single if word.isascii() and word.isalpha()}

        def look_up(word: str) -> str | None:
            page = pages.get(word)
            at = page.find(f"\n{word} ") if page else -1
            if page is None or at < 0:
                return None
            return page[at + len(word) + 2 : page.index("\n", at + 1)]

        return [pronounce(word, look_up, self._spelling) for word in spoken]

    def _page(self, word: str) -> str:
        rows = self._query("SELECT page FROM dictionary WHERE first <= ? ORDER BY first DESC LIMIT 1", (word,))
        return "\n" + rows[0][0] if rows else ""

    def alternatives(self, tokens: Sequence[str], said: Sequence[str]) -> list[Alternative]:
        """Alternatives for every span of the tokens that sounds like something in a title."""
        function_words = self._words.function_words
        spans: list[tuple[int, int, str, list[int]]] = []
        keys: set[int] = set()
        for start in range(len(tokens)):
            for end in range(start + 1, min(len(tokens), start + SPAN_WORDS_MAX) + 1):
                if function_words.issuperset(tokens[start:end]):
                    continue
                sounds = "".join(said[start:end])
                if len(sounds) < 2 or len(sounds) > SOUNDS_MAX:
                    continue
                bare = skeleton(sounds)
                if end - start > 1 and len(bare) < 2:
                    continue
                of_span = heard_keys(bare)
                keys.update(of_span)
                spans.append((start, end, sounds, of_span))
        marks = ",".join("?" * len(keys))
        rows_of_keys = self._query(f"SELECT key, sounds FROM skeleton WHERE key IN ({marks})", tuple(keys))
        listed = {key: numbers_from(blob, "Q") for key, blob in rows_of_keys}
        near: list[list[int]] = []
        for _, _, sounds, of_span in spans:
            near.append(_nearest(sound_mask(sounds), [listed[key] for key in of_span if key in listed]))
        numbers = sorted({number for of_span in near for number in of_span})
        rows: dict[int, tuple[Any, ...]] = {}
        for at in range(0, len(numbers), 900):
            part = numbers[at : at + 900]
            marks = ",".join("?" * len(part))
            rows.update(
                (row[0], row) for row in self._query(f"SELECT id, sounds, terms FROM sound WHERE id IN ({marks})", part)
            )
        out: list[Alternative] = []
        for (start, end, sounds, _), of_span in zip(spans, near, strict=True):
            out += self._compare(start, end, sounds, [rows[number] for number in of_span])
        return out

    def _compare(self, start: int, end: int, sounds: str, rows: Sequence[tuple[Any, ...]]) -> list[Alternative]:
        best: dict[str, Alternative] = {}
        for _, meant, terms in rows:
            longest = max(len(sounds), len(meant))
            limit = RATIO_MAX * longest
            ratio = distance(sounds, meant, limit) / longest
            if ratio > RATIO_MAX:
                continue
            known = best.get(terms)
            if known is None or ratio < known.ratio:
                best[terms] = Alternative(start, end, tuple(terms.split(" ")), 0.0, ratio, sounds, meant)
        return sorted(best.values(), key=lambda a: a.ratio)[:ALTERNATIVES_MAX]


def numbers_from(blob: bytes, kind: str = "I") -> array[int]:
    """Numbers as `index.numbers_blob` wrote them: `I` products, `Q` packed sounds."""
    listed = array(kind, blob)
    if sys.byteorder == "big":
        listed.byteswap()
    return listed


def _nearest(mask: int, lists: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of those entries whose sounds differ least from the mask, frequent ones first among equals."""
    apart: list[list[int]] = [[] for _ in range(MASK_APART_MAX + 1)]
    for listed in lists:
        for packed in listed:
            bits = ((packed >> 24) ^ mask).bit_count()
            if bits <= MASK_APART_MAX:
                apart[bits].append(packed & 0xFFFFFF)
    out: dict[int, None] = {}
    for numbers in apart:
        for number in numbers:
            out[number] = None
        if len(out) >= COMPARED_MAX:
            break
    return list(out)[: COMPARED_MAX * 2]
