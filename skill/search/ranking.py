"""Orders candidates by the weighted sum of a handful of features, each a number from 0 to about 1.

There are weights for words that are taken as they were heard, and others for words that may have been misheard, where exact words
are worth less and sounds more. A third set leaves out the features that take long, and tells for which products of misheard words
those are worked out. All are fitted on judged and on spoken queries by `benchmarks/fit_search.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from heapq import nlargest
from itertools import pairwise
from operator import mul

from skill.search.aloud import Utterance
from skill.search.alternatives import LIKELY_EXACT, RATIO_MAX, Alternative
from skill.search.fitted import WEIGHTS_HEARD, WEIGHTS_LIKELIEST, WEIGHTS_MISHEARD
from skill.search.hearing import echo

FEATURES = (
    "text_covered",  # share of what was said, by importance, that title, facts and description have
    "words_found",  # share of the heard words that the title has, each counted alike
    "title_precise",  # share of the title, by importance, that was said
    "title_short",  # 1 for a one-word title, less for longer ones
    "head",  # the last heard word is what the title says the product is
    "trigrams",  # share of the heard letters' trigrams that the title has
    "numbers_apart",  # share of heard numbers that neither the title nor a fact, such as a size, has
    "alike",  # mean likeness of the alternatives that matched
    "sounds_covered",  # share of the heard sounds that the title has something near to
    "exact_covered",  # share of the heard words that title, facts and description have exactly
    "echoes",  # share of the heard sounds' trigrams that the title has, as on a bad line
    "likely",  # mean of the logarithms of the likeness of what matched in the title
    "ordered",  # share of neighbouring heard words that come in the same order in the title
    "adjacent",  # share of neighbouring heard words that stand side by side in the title
    "head_covered",  # share of what the title says the product is, by importance, that was said
    "modifier",  # the last heard word only says more about what the title says the product is: no bicycle is a bicycle tire
    "elsewhere",  # share of what was said, by importance, that facts and description have
    "all_in_title",  # the title has all that was said
    "all_found",  # title, facts and description together have it
    "phrase",  # the title has all the words side by side, in the order in which they were said
    "support",  # how many of the candidates matched with just the same words, 1 for all
    # Of words that may be misheard, and of the likeliest candidates alone: how the whole utterance lies over the title.
    "aloud",  # share of the heard sounds that the title's words account for
    "aloud_cubed",  # the same to the third power: it matters most where nearly all is accounted for
    "aloud_support",  # how many of these candidates have just the same such words, 1 for all
    "aloud_near",  # 1 for the best share, nothing for much smaller ones
)
#: Candidates over which the whole utterance is laid: it takes longer than all the other features.
ALOUD_MAX = 24
#: A share that is smaller than the best by one part in so many counts 1/e of it.
NEAR_STEEPNESS = 10.0
#: What stands in their place for words that were heard well.
NOT_ALOUD = (0.0,) * sum(name.startswith("aloud") for name in FEATURES)


class Ranker:
    """Features of candidates for one heard wish. `positions` are the heard words, `alternatives` what they may mean.

    `misheard` says that some of them may stand for something else than what was heard; then `utterance` has the sounds of it all.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        said: Sequence[str],
        alternatives: Sequence[Alternative],
        idf: dict[str, float],
        idf_unknown: float,
        misheard: bool,
        utterance: str,
        head: int,
    ) -> None:
        self.misheard = misheard
        self.utterance = Utterance(utterance) if misheard and utterance else None
        self.terms = tokens
        self.head = head
        self.count = len(tokens)
        self.alternatives = alternatives
        self.idf = idf
        self.idf_unknown = idf_unknown
        # Of each first term: the second one, what it is worth, how likely and how near it is, and the heard words.
        self.by_term: dict[str, list[tuple[str | None, float, float, float, Sequence[int]]]] = {}
        self.values: list[float] = [0.0] * self.count
        for alternative in alternatives:
            value = alternative.likeness * alternative.idf / len(alternative.positions)
            closeness = 1.0 - alternative.ratio / RATIO_MAX
            second = alternative.terms[1] if len(alternative.terms) > 1 else None
            self.by_term.setdefault(alternative.terms[0], []).append(
                (second, value, alternative.likeness, closeness, alternative.positions)
            )
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
        support = Counter([matched for _, matched in alone])
        whole = math.log1p(len(rows))
        supported = {matched: math.log1p(times) / whole for matched, times in support.items()}
        featured = [(*each, supported[matched]) for each, matched in alone]
        if self.utterance is None or not rows:
            return [(*each, *NOT_ALOUD) for each in featured]
        points = [sum(map(mul, WEIGHTS_LIKELIEST, each)) for each in featured]
        likeliest = nlargest(ALOUD_MAX, range(len(rows)), key=points.__getitem__)
        aloud = dict(zip(likeliest, self._aloud([rows[at] for at in likeliest], self.utterance), strict=True))
        # What was not laid out is taken to lie no better than the worst that was.
        worst = tuple(map(min, zip(*aloud.values(), strict=True)))
        return [(*each, *aloud.get(at, worst)) for at, each in enumerate(featured)]

    def _aloud(self, rows: Sequence[Sequence[object]], utterance: Utterance) -> list[tuple[float, ...]]:
        """How the whole utterance lies over each of the titles."""
        laid = []
        for row in rows:
            terms = str(row[5]).split(" ")
            share, places = utterance.lay_over(str(row[7]).split(" "))
            laid.append((share, frozenset([terms[at] for at in places])))
        best = max(share for share, _ in laid)
        support, whole = Counter([words for _, words in laid]), math.log1p(len(rows))
        return [
            (share, share**3, math.log1p(support[words]) / whole, math.exp(NEAR_STEEPNESS * (share - best)))
            for share, words in laid
        ]

    def _features(self, row: Sequence[object]) -> tuple[tuple[float, ...], frozenset[str]]:
        """What one row shows by itself, and the words of its title that matched."""
        title = str(row[5]).split(" ")
        head = int(row[6])  # type: ignore[call-overload]
        count = self.count
        by_term, idf, unknown = self.by_term, self.idf, self.idf_unknown
        got = [0.0] * count
        where = [-9] * count
        near = [0.0] * count
        like = [0.0] * count
        matched = 0.0
        whole_title = whole_head = matched_head = 0.0
        for at, term in enumerate(title):
            weight = idf.get(term, unknown)
            whole_title += weight
            if at < head:
                whole_head += weight
            found = by_term.get(term)
            if not found:
                continue
            hit = 0.0
            for second, value, likeness, closeness, positions in found:
                last = at
                if second is not None:
                    if at + 1 < len(title) and title[at + 1] == second:
                        last = at + 1
                    else:
                        continue
                if likeness > hit:
                    hit = likeness
                for position in positions:
                    if closeness > near[position]:
                        near[position] = closeness
                    if value > got[position]:
                        got[position] = value
                        where[position] = last if position == positions[-1] else at
                        like[position] = likeness
            matched += hit * weight
            if at < head:
                matched_head += hit * weight
        in_text = sum(map(min, got, self.importance))
        missing = [p for p in range(count) if not got[p]]
        found_count = count - len(missing)
        all_found = not missing
        exact_count = len([how for how in like if how >= LIKELY_EXACT])
        in_more = 0.0
        more = set(f"{row[8] or ''} {row[9] or ''}".split())
        known = by_term.keys() & more
        if known:
            elsewhere = [0.0] * count
            for term in known:
                for second, value, likeness, _, positions in by_term[term]:
                    if second is None or second in more:
                        for position in positions:
                            exact_count += likeness >= LIKELY_EXACT and not got[position]
                            if value > elsewhere[position]:
                                elsewhere[position] = value
            capped = [*map(min, elsewhere, self.importance)]
            in_more = sum(capped)
            in_text += sum([capped[position] for position in missing])
            all_found = all(elsewhere[position] for position in missing)
        following = max(1, count - 1)
        steps = [after - before for before, after in pairwise(where) if before >= 0 and after >= 0] if count > 1 else []
        spelt, echoed = f" {row[5]} ", f" {echo(str(row[7]).replace(' ', ''))} "
        numbers = self.numbers
        each = (
            in_text / self.whole,
            found_count / count,
            matched / (whole_title or 1.0),
            1.0 / math.sqrt(len(title)),
            1.0 if where[self.head] == head - 1 else 0.0,
            sum([each in spelt for each in self.trigrams]) / (len(self.trigrams) or 1),
            sum([n not in title and f" {n} " not in f" {row[8]} " for n in numbers]) / len(numbers) if numbers else 0.0,
            sum(like) / (found_count or 1),
            sum(map(mul, near, self.lengths)),
            exact_count / count,
            sum([each in echoed for each in self.echoes]) / (len(self.echoes) or 1),
            sum([math.log(how) for how in like if how]) / (found_count or 1),
            sum([step > 0 for step in steps]) / following if steps else 0.0,
            sum([step == 1 for step in steps]) / following if steps else 0.0,
            matched_head / (whole_head or 1.0),
            1.0 if 0 <= where[self.head] < head - 1 else 0.0,
            in_more / self.whole,
            1.0 if not missing else 0.0,
            1.0 if all_found else 0.0,
            1.0 if len(steps) == following and set(steps) == {1} else 0.0,
        )
        return each, frozenset([title[at] for at in where if at >= 0])


def trigrams(text: str) -> set[str]:
    """The text's letter trigrams, word starts and ends among them."""
    padded = f" {text} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def scores(featured: Sequence[tuple[float, ...]], misheard: bool) -> list[float]:
    """The score of each product: the weighted sum of its features."""
    weights = WEIGHTS_MISHEARD if misheard else WEIGHTS_HEARD
    return [sum(map(mul, weights, features)) for features in featured]
