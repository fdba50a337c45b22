"""What the heard words may have been: for each span of one to three of them, title words and pairs that sound like it."""

from __future__ import annotations

import math
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from skill.search.hearing import SOUNDS_MAX, Spelling, distance, grams, pronounce, skeleton, sound_mask
from skill.search.layout import GRAMS_MAX, GRAMS_SHIFT, MASK_SHIFT, SOUNDS_COUNT_MAX
from skill.search.words import Words

#: Heard words that one misheard word may have been made of.
SPAN_WORDS_MAX = 3
#: Title words and pairs that are compared sound by sound for one span, and for all spans of an utterance.
COMPARED_MAX = 64
COMPARED_ALL_MAX = 400
#: After so many in a row that are not near enough, the rest of them are not compared.
FAR_MAX = 6
#: Entries under a span's grams that are counted, the rarest grams first, and for all spans of an utterance.
COUNTED_MAX = 6000
COUNTED_ALL_MAX = 30_000
#: Of the most grams that an entry shares with the span, this share makes another worth a look.
SHARED_MIN = 0.34
#: Entries that are looked at, for each that is compared.
LOOKED_AT_SHARE = 2
#: What each sound that one has and the other has not takes from the share of common grams.
MASK_SHARE = 0.04
#: Distance for each sound, over which two words do not sound alike.
RATIO_MAX = 0.5
#: Alternatives kept for one span.
ALTERNATIVES_MAX = 12

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
    "ratio": -15.37, "gap": -6.21, "length": 0.81, "rarity": -0.21, "heard_rarity": 0.64, "words": 1.16, "terms": -0.35,
    "always": -6.08,
}  # fmt: skip
#: The same for the heard word itself, where the catalogue has it.
LIKELY_EXACT = 1.0
#: And for another word for the same thing: "couch" where the catalogue says sofa.
LIKELY_SAME = 0.3
#: And for the same words written together or apart: "spider man" where the catalogue says spiderman.
LIKELY_WRITTEN = 0.5
#: Likelihoods are flattened by this power: words that were misheard at all are often misheard badly.
LIKELY_POWER = 0.25
#: Less likely alternatives are not searched for.
LIKELY_MIN = 0.27


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
        pages: dict[str, str] = {}

        def look_up(word: str) -> str | None:
            if not (word.isascii() and word.isalpha()):
                return None
            page = pages.get(word)
            if page is None:
                page = pages[word] = self._page(word)
            at = page.find(f"\n{word} ")
            return None if at < 0 else page[at + len(word) + 2 : page.index("\n", at + 1)]

        return [pronounce(self._words.spoken(token), look_up, self._spelling) for token in tokens]

    def _page(self, word: str) -> str:
        rows = self._query("SELECT page FROM dictionary WHERE first <= ? ORDER BY first DESC LIMIT 1", (word,))
        return "\n" + rows[0][0] if rows else ""

    def alternatives(self, tokens: Sequence[str], said: Sequence[str]) -> list[Alternative]:
        """Alternatives for every span of the tokens that sounds like something in a title."""
        function_words = self._words.function_words
        spans: list[tuple[int, int, str, set[str]]] = []
        for start in range(len(tokens)):
            for end in range(start + 1, min(len(tokens), start + SPAN_WORDS_MAX) + 1):
                if function_words.issuperset(tokens[start:end]):
                    continue
                sounds = "".join(said[start:end])
                if len(sounds) < 2 or len(sounds) > SOUNDS_MAX:
                    continue
                if end - start > 1 and len(skeleton(sounds)) < 2:
                    continue
                spans.append((start, end, sounds, grams(sounds)))
        wanted = sorted({gram for *_, of_span in spans for gram in of_span})
        marks = ",".join("?" * len(wanted))
        listed = {
            gram: numbers_from(blob, "Q")
            for gram, blob in self._query(f"SELECT text, sounds FROM gram WHERE text IN ({marks})", wanted)
        }
        compared = min(COMPARED_MAX, COMPARED_ALL_MAX // max(1, len(spans)))
        counted = min(COUNTED_MAX, COUNTED_ALL_MAX // max(1, len(spans)))
        near = [
            _nearest(
                sounds, len(of_span), [listed[gram] for gram in sorted(of_span) if gram in listed], counted, compared
            )
            for *_, sounds, of_span in spans
        ]
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
        """The alternatives that are nearest, of different terms; `rows` come likeliest first."""
        best: dict[str, Alternative] = {}
        limit = RATIO_MAX
        far = 0
        for _, meant, terms in rows:
            longest = max(len(sounds), len(meant))
            ratio = distance(sounds, meant, limit * longest) / longest
            far += 1
            if far > FAR_MAX:
                break
            if ratio > limit:
                continue
            far = 0
            known = best.get(terms)
            if known is not None and known.ratio <= ratio:
                continue
            best[terms] = Alternative(start, end, tuple(terms.split(" ")), 0.0, ratio, sounds, meant)
            if len(best) > ALTERNATIVES_MAX:
                del best[max(best, key=lambda each: best[each].ratio)]
            if len(best) == ALTERNATIVES_MAX:
                # Only what is nearer than these will do: most of the others are given up half-way.
                limit = max(each.ratio for each in best.values())
        return sorted(best.values(), key=lambda each: each.ratio)


def numbers_from(blob: bytes, kind: str = "I") -> array[int]:
    """Numbers as `index.numbers_blob` wrote them: `I` products, `Q` packed sounds."""
    listed = array(kind, blob)
    if sys.byteorder == "big":
        listed.byteswap()
    return listed


def _nearest(sounds: str, count: int, lists: Sequence[Sequence[int]], counted_max: int, compared_max: int) -> list[int]:
    """The numbers of those entries that share most with a span of so many grams, the likeliest first."""
    shared: Counter[int] = Counter()
    counted = 0
    for listed in sorted(lists, key=len):  # rare grams say most
        shared.update(listed)
        counted += len(listed)
        if counted > counted_max:
            break
    if not shared:
        return []
    # The fewest common grams that make an entry worth a closer look: enough entries, but not those that share hardly any.
    how_many = Counter(shared.values())
    most = max(how_many)
    least, enough = most, 0
    for common in range(most, max(1, math.ceil(most * SHARED_MIN)) - 1, -1):
        least = common
        enough += how_many[common]
        if enough >= compared_max * LOOKED_AT_SHARE:
            break
    mask = sound_mask(sounds)
    likely = [
        (
            common / (count + (packed >> GRAMS_SHIFT & GRAMS_MAX) - common)
            - MASK_SHARE * (packed >> MASK_SHIFT ^ mask).bit_count(),
            packed,
        )
        for packed, common in shared.items()
        if common >= least
    ]  # fmt: skip
    return [packed & SOUNDS_COUNT_MAX for _, packed in nlargest(compared_max, likely)]
