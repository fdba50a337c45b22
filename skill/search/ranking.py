"""Orders candidates by a handful of features, each a number from 0 to about 1, summed with fitted weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from skill.search.alternatives import LIKELY_EXACT, RATIO_MAX, Alternative
from skill.search.hearing import echo

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
)

WEIGHTS: tuple[float, ...] = (5.0, 0.8, 1.5, 0.6, 0.55, 2.8, -1.3, 0.1, 0.15, -0.7, 2.2)


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

    def features(self, row: Sequence[object]) -> tuple[float, ...]:
        """The features of one product row (see `catalogue._COLUMNS`)."""
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
        whole_title = 0.0
        for at, term in enumerate(title):
            weight = idf.get(term, self.idf_unknown)
            whole_title += weight
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
        spelt, echoed = f" {row[5]} ", f" {row[7]} "
        numbers = self.numbers
        return (
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
        )


def trigrams(text: str) -> set[str]:
    """The text's letter trigrams, word starts and ends among them."""
    padded = f" {text} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def score(features: Iterable[float]) -> float:
    """The weighted sum."""
    return sum(map(float.__mul__, WEIGHTS, map(float, features)))
