"""Orders candidates by a handful of features, each a number from 0 to about 1: their weighted sum, and what small trees add.

Weights and trees are fitted on judged queries, and plain tables here: no library is loaded to walk them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from heapq import nlargest
from itertools import chain, pairwise

from skill.search.alternatives import LIKELY_EXACT, RATIO_MAX, Alternative
from skill.search.fitted import TREES, WEIGHTS, Tree
from skill.search.hearing import echo

#: The best products by the weighted sum that the trees are asked about.
CORRECTED_MAX = 50
#: The best products by themselves that the others are compared with.
AGREED_MAX = 30
#: What a word of the text counts beside one of the title when products are compared.
TEXT_AGREES = 0.5

FEATURES = (
    "text_covered",  # share of what was said, by importance, that title, facts and description have
    "words_found",  # share of the heard words that the title has, each counted alike
    "title_precise",  # share of the title, by importance, that was said
    "title_short",  # 1 for a one-word title, less for longer ones
    "head",  # the last heard word is what the title says the product is
    "trigrams",  # share of the heard letters' trigrams that the title has
    "numbers_apart",  # share of heard numbers that the title does not have
    "alike",  # mean likeness of the alternatives that matched
    "sounds_covered",  # share of the heard sounds that the title has something near to
    "exact_covered",  # share of the heard words that title, facts and description have exactly
    "echoes",  # share of the heard sounds' trigrams that the title has, as on a bad line
    "likely",  # mean of the logarithms of the likeness of what matched in the title
    "ordered",  # share of neighbouring heard words that come in the same order in the title
    "adjacent",  # share of neighbouring heard words that stand side by side in the title
    "head_covered",  # share of what the title says the product is, by importance, that was said
    "support",  # how many of the candidates matched with just the same words, 1 for all
    "agrees",  # how alike the product is to the best ones, by all words of its title and text
    "agrees_title",  # the same by the words of its title
)


class Ranker:
    """Features of candidates for one heard wish. `positions` are the heard words, `alternatives` what they may mean."""

    def __init__(
        self,
        tokens: Sequence[str],
        said: Sequence[str],
        alternatives: Sequence[Alternative],
        idf: dict[str, float],
        idf_unknown: float,
    ) -> None:
        self.terms = tokens
        self.count = len(tokens)
        self.alternatives = alternatives
        self.idf = idf
        self.idf_unknown = idf_unknown
        self.by_term: dict[str, list[Alternative]] = {}
        self.values: list[float] = [0.0] * self.count
        for alternative in alternatives:
            self.by_term.setdefault(alternative.terms[0], []).append(alternative)
            value = alternative.likeness * alternative.idf / len(alternative.positions)
            for at in alternative.positions:
                self.values[at] = max(self.values[at], value)
        self.importance = [v or idf_unknown * 0.5 for v in self.values]
        self.whole = sum(self.importance) or 1.0
        self.numbers = [t for t in tokens if t[0].isdigit()]
        self.trigrams = trigrams(" ".join(tokens))
        self.echoes = trigrams(echo("".join(said)))
        lengths = [len(s) or 1 for s in said]
        self.lengths = [length / sum(lengths) for length in lengths]

    def features(self, rows: Sequence[Sequence[object]]) -> list[tuple[float, ...]]:
        """The features of product rows (see `catalogue._COLUMNS`): of each by itself, then of each among the others."""
        alone = [self._features(row) for row in rows]
        support = Counter(matched for _, matched in alone)
        whole = math.log1p(len(rows))
        titles = [str(row[5]).split(" ") for row in rows]
        texts = [f"{row[8] or ''} {row[9] or ''}".split() for row in rows]
        points = [sum(map(float.__mul__, WEIGHTS, each)) for each, _ in alone]
        by_title = agreement(titles, [()] * len(rows), points)
        agreed = zip(agreement(titles, texts, points) if any(texts) else by_title, by_title, strict=True)
        return [
            (*each, math.log1p(support[matched]) / whole, *agrees)
            for (each, matched), agrees in zip(alone, agreed, strict=True)
        ]

    def _features(self, row: Sequence[object]) -> tuple[tuple[float, ...], frozenset[str]]:
        """What one row shows by itself, and the words of its title that matched."""
        title = str(row[5]).split(" ")
        head = int(row[6])  # type: ignore[call-overload]
        rest = f"{row[8] or ''} {row[9] or ''}".split()
        count = self.count
        by_term, idf = self.by_term, self.idf
        got = [0.0] * count
        where = [-9] * count
        near = [0.0] * count
        like = [0.0] * count
        matched = 0.0
        whole_title = whole_head = matched_head = 0.0
        for at, term in enumerate(title):
            weight = idf.get(term, self.idf_unknown)
            whole_title += weight
            if at < head:
                whole_head += weight
            found = by_term.get(term)
            if not found:
                continue
            hit = 0.0
            for alternative in found:
                last = at
                if len(alternative.terms) > 1:
                    if at + 1 < len(title) and title[at + 1] == alternative.terms[1]:
                        last = at + 1
                    else:
                        continue
                value = alternative.likeness * alternative.idf / len(alternative.positions)
                hit = max(hit, alternative.likeness)
                closeness = 1.0 - alternative.ratio / RATIO_MAX
                for position in alternative.positions:
                    if closeness > near[position]:
                        near[position] = closeness
                    if value > got[position]:
                        got[position] = value
                        where[position] = last if position == alternative.positions[-1] else at
                        like[position] = alternative.likeness
            matched += hit * weight
            if at < head:
                matched_head += hit * weight
        in_text = sum(map(min, got, self.importance))
        missing = [p for p in range(count) if not got[p]]
        found_count = count - len(missing)
        exact_count = len([how for how in like if how >= LIKELY_EXACT])
        if missing and rest:
            more = set(rest)
            for position in missing:
                best = 0.0
                for alternative in self.alternatives:
                    if position in alternative.positions and more.issuperset(alternative.terms):
                        best = max(best, alternative.likeness * alternative.idf / len(alternative.positions))
                        exact_count += alternative.likeness >= LIKELY_EXACT
                if best:
                    in_text += min(best, self.importance[position])
                    got[position] = best
        following = max(1, count - 1)
        steps = [after - before for before, after in pairwise(where) if before >= 0 and after >= 0]
        spelt, echoed = f" {row[5]} ", f" {row[7]} "
        numbers = self.numbers
        each = (
            in_text / self.whole,
            found_count / count,
            matched / (whole_title or 1.0),
            1.0 / math.sqrt(len(title)),
            1.0 if where[count - 1] == head - 1 else 0.0,
            sum([each in spelt for each in self.trigrams]) / (len(self.trigrams) or 1),
            sum(1 for n in numbers if n not in title) / len(numbers) if numbers else 0.0,
            sum(like) / (found_count or 1),
            sum(map(float.__mul__, near, self.lengths)),
            exact_count / count,
            sum([each in echoed for each in self.echoes]) / (len(self.echoes) or 1),
            sum([math.log(how) for how in like if how]) / (found_count or 1),
            sum([step > 0 for step in steps]) / following,
            sum([step == 1 for step in steps]) / following,
            matched_head / (whole_head or 1.0),
        )
        return each, frozenset([title[at] for at in where if at >= 0])


def agreement(titles: Sequence[Sequence[str]], texts: Sequence[Sequence[str]], points: Sequence[float]) -> list[float]:
    """How alike each product is to the best ones together, as the cosine of their words: what most of the best have in common,
    and the others have not, is likely to be what was meant."""
    count = len(titles)
    found = Counter(chain.from_iterable([{*title, *text} for title, text in zip(titles, texts, strict=True)]))
    rarity = {term: math.log((count + 1) / n) for term, n in found.items()}
    weighed = []
    for title, text in zip(titles, texts, strict=True):
        weights = {term: TEXT_AGREES * rarity[term] for term in text}
        for term in title:
            weights[term] = rarity[term]
        length = math.sqrt(sum([w * w for w in weights.values()])) or 1.0
        weighed.append((weights, length))
    best = nlargest(AGREED_MAX, range(count), key=points.__getitem__)
    centre: dict[str, float] = {}
    for at in best:
        weights, length = weighed[at]
        share = math.exp(points[at] - points[best[0]]) / length
        for term, w in weights.items():
            centre[term] = centre.get(term, 0.0) + share * w
    whole = math.sqrt(sum([w * w for w in centre.values()])) or 1.0
    return [
        sum([w * centre[term] for term, w in weights.items() if term in centre]) / (length * whole)
        for weights, length in weighed
    ]


def trigrams(text: str) -> set[str]:
    """The text's letter trigrams, word starts and ends among them."""
    padded = f" {text} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def scores(featured: Sequence[Sequence[float]]) -> list[float]:
    """The score of each product: the weighted sum of its features; for the best by that, what the trees add to it."""
    sums = [sum(map(float.__mul__, WEIGHTS, features)) for features in featured]
    best = nlargest(CORRECTED_MAX, range(len(sums)), key=sums.__getitem__)
    added = {at: sum([_follow(tree, featured[at]) for tree in TREES]) for at in best}
    # What is not looked at more closely stays behind what is.
    least = min(added.values(), default=0.0)
    return [points + added.get(at, least) for at, points in enumerate(sums)]


def _follow(tree: Tree, features: Sequence[float]) -> float:
    while isinstance(tree, tuple):
        feature, most, left, right = tree
        tree = left if features[feature] <= most else right
    return tree
