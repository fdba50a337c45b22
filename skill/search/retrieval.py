"""Brings the products that have something of what was heard: a rough score for each, the best of them to be ranked.

Each heard word adds its importance to the products that have it, or the best of what it may have been. Words that say much
come first; once there are enough products, words that say little only add to those.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import NamedTuple

from skill.search.alternatives import LIKELY_EXACT, Alternative

#: Products that gather a rough score for one wish; from then on no further ones join.
GATHERED_MAX = 10_000
#: Products of one term that join: of a heard word itself, and of what it may have been.
EXACT_MAX = 10_000
LIKELY_MAX = 4_000
#: A word in a description or a fact counts this much of one in the title.
TEXT_SHARE = 0.35


class Postings(NamedTuple):
    """Where a term is: numbers of products with it in the title, and in facts or description only, ascending."""

    in_titles: Sequence[int]
    in_texts: Sequence[int]
    sounds: str


def gather(
    count: int, alternatives: Sequence[Alternative], postings: dict[str, Postings], limit: int
) -> dict[int, float]:
    """The `limit` best products by rough score for `count` heard words: number → score, unordered.

    `postings` are by term; those of a pair of neighbouring terms by both with a space between.
    Equal ones are taken in the order of their numbers, which is that of the catalogue's quality.
    """
    ways: list[list[tuple[float, Sequence[int]]]] = [[] for _ in range(count)]
    for alternative in alternatives:
        value = alternative.likeness * alternative.idf / len(alternative.positions)
        found = postings.get(" ".join(alternative.terms))
        if found is None:
            continue
        titles, texts, _ = found
        if alternative.likeness < LIKELY_EXACT:
            titles, texts = titles[:LIKELY_MAX], texts[:LIKELY_MAX]
        for position in alternative.positions:
            if titles:
                ways[position].append((value, titles))
            if texts:
                ways[position].append((value * TEXT_SHARE, texts))
    scores: dict[int, float] = {}
    for of_word in sorted(ways, key=lambda w: -max((value for value, _ in w), default=0.0)):
        of_word.sort(key=lambda way: way[0])
        if len(scores) >= GATHERED_MAX:
            best: dict[int, float] = {}
            for value, numbers in of_word:
                best.update(dict.fromkeys(scores.keys() & set(numbers), value))
            for number, value in best.items():
                scores[number] += value
            continue
        best = {}
        for value, numbers in of_word:
            best.update(dict.fromkeys(numbers[:EXACT_MAX], value))
        if scores:
            get = scores.get
            for number, value in best.items():
                scores[number] = get(number, 0.0) + value
        else:
            scores = best
    if len(scores) <= limit:
        return scores
    least = nlargest(limit, scores.values())[-1]
    top = {number: value for number, value in scores.items() if value > least}
    tied = sorted(number for number, value in scores.items() if value == least)
    for number in tied[: limit - len(top)]:
        top[number] = least
    return top
