"""What heard words may mean in one catalogue: themselves, other words for the same, and otherwise what sounds like them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from skill.search.alternatives import (
    LIKELY_EXACT,
    LIKELY_MIN,
    LIKELY_SAME,
    LIKELY_WRITTEN,
    Alternative,
    Ears,
    Query,
    likeness,
    numbers_from,
    sight,
)
from skill.search.hearing import PART_LETTERS_MIN, Spelling
from skill.search.retrieval import Postings
from skill.search.words import Words
from skill.shop.catalogue import title_head

#: Words of one wish that are searched for; what comes after is not heard.
HEARD_WORDS_MAX = 16
#: Products in whose titles all the exact words occur together, from which on nothing is taken to be misheard: one in a
#: corner store, and one more for each so many products, up to the most.
TOGETHER_STEP = 1800
TOGETHER_MAX = 6


class Listened(NamedTuple):
    """A wish's words that carry meaning, as terms, with their `sounds` and all they may mean.

    `postings` says where the terms of the alternatives are, `idf` how rare each is; `misheard` that some of the words may stand for
    something else than what was heard, and then `utterance` has the sounds of all words, those that only join others among them.
    `head` is the place of the word that says what is wanted: "bike" in "bike for children".
    """

    terms: list[str]
    sounds: list[str]
    alternatives: list[Alternative]
    postings: dict[str, Postings]
    idf: dict[str, float]
    idf_unknown: float
    misheard: bool
    utterance: str
    head: int


class Listener:
    """Listens with an index's tables. `count` is how many products there are; `in_category` tells terms of one category's name."""

    def __init__(
        self, query: Query, words: Words, spelling: Spelling, count: int, in_category: Callable[[frozenset[str]], bool]
    ) -> None:
        self._all = query
        self.words = words
        self.count = count
        self._in_category = in_category
        self.ears = Ears(query, words, spelling)

    def hear(self, text: str) -> Listened | None:
        """What the words may mean; None where there are none."""
        tokens = self.words.tokens(text)[:HEARD_WORDS_MAX]
        meaningful = self.words.meaningful(tokens)
        if not meaningful:
            return None
        terms = [self.words.stem(t) for t in meaningful]
        others = {t: [other for other in self.words.same(t) if other not in terms] for t in terms}
        written = self._written_otherwise(meaningful)
        wanted = [*terms, *(other for each in others.values() for other in each), *(text for *_, text in written)]
        postings = self._postings(list(dict.fromkeys(wanted)))
        exact = _exact(terms, others, postings)
        alternatives = exact + [
            Alternative(start, end, tuple(text.split(" ")), LIKELY_WRITTEN, positions=tuple(range(start, end)))
            for start, end, text in written if text in postings
        ]  # fmt: skip
        counts = {t: (len(p.in_titles), len(p.in_texts)) for t, p in postings.items()}
        counts |= self._counts(sorted({t for a in alternatives for t in a.terms}.difference(counts)))
        sounds = [postings[t].sounds if t in postings else "" for t in terms]
        misheard = len({a.start for a in exact}) < len(terms) or not (
            self._together(exact, postings) or self._in_category(frozenset(terms))
        )
        utterance = ""
        if misheard:
            spoken = self.ears.say(tokens)
            utterance = "".join(spoken)
            alike = self._misheard(tokens, spoken, meaningful, terms, postings)
            counts |= self._counts(sorted({t for a in alike for t in a.terms}.difference(counts)))
            likely = []
            for alternative, seen in self._seen(alike, terms, counts):
                alternative.likeness = likeness(seen)
                if alternative.likeness >= LIKELY_MIN:
                    likely.append(alternative)
            postings |= self._postings(sorted({" ".join(a.terms) for a in likely}.difference(postings)))
            alternatives += likely
            sounds = [s for t, s in zip(tokens, spoken, strict=True) if t in meaningful]
        idf = {t: self._idf(in_titles + in_texts) for t, (in_titles, in_texts) in counts.items()}
        for alternative in alternatives:
            alternative.idf = sum(idf.get(t, 0.0) for t in alternative.terms)
        head = len(self.words.meaningful(self.words.tokens(title_head(text))[:HEARD_WORDS_MAX])) - 1
        return Listened(terms, sounds, alternatives, postings, idf, self._idf(1), misheard, utterance, head)

    def _written_otherwise(self, meaningful: Sequence[str]) -> list[tuple[int, int, str]]:
        """From, to, and terms of what sounds the same and is written otherwise: two words as one, one as two."""
        stem = self.words.stem
        out = [(at, at + 2, stem(one + other)) for at, (one, other) in enumerate(pairwise(meaningful))]
        for at, word in enumerate(meaningful):
            if word.isalpha():
                cuts = range(PART_LETTERS_MIN, len(word) - PART_LETTERS_MIN + 1)
                out += [(at, at + 1, f"{stem(word[:cut])} {stem(word[cut:])}") for cut in cuts]
        return out

    def _misheard(
        self,
        tokens: Sequence[str],
        spoken: Sequence[str],
        meaningful: Sequence[str],
        terms: Sequence[str],
        known: Collection[str],
    ) -> list[Alternative]:
        """Alternatives from the sounds of all tokens, those that only join words among them.

        Each must put something else in the place of a heard word: one that only drops a word, or only adds one to words that
        the catalogue has, is no mishearing.
        """
        where: dict[int, int] = {}
        for at, token in enumerate(tokens):
            if len(where) < len(meaningful) and token == meaningful[len(where)]:
                where[at] = len(where)
        out = []
        for alternative in self.ears.alternatives(tokens, spoken):
            covered = tuple(where[at] for at in range(alternative.start, alternative.end) if at in where)
            heard = {terms[at] for at in covered}
            exact = heard.intersection(known)
            meant = set(alternative.terms)
            if covered and not meant <= exact and not (heard == exact and exact <= meant):
                alternative.positions = covered
                out.append(alternative)
        return out

    def _seen(
        self, misheard: Sequence[Alternative], terms: Sequence[str], counts: dict[str, tuple[int, int]]
    ) -> list[tuple[Alternative, dict[str, float]]]:
        """Each alternative whose terms the catalogue has, with what its likelihood is judged by."""
        rarity = {t: math.log((self.count + 1) / (in_titles + 1)) for t, (in_titles, _) in counts.items()}
        unknown = math.log(self.count + 1)
        nearest: dict[tuple[int, int], float] = {}
        for each in misheard:
            nearest[each.start, each.end] = min(each.ratio, nearest.get((each.start, each.end), 9.0))
        out = []
        for each in misheard:
            if all(t in rarity for t in each.terms):
                heard = sum(rarity.get(terms[at], unknown) for at in each.positions) / len(each.positions)
                rarest = max(rarity[t] for t in each.terms)
                out.append((each, sight(each, nearest[each.start, each.end], rarest, heard)))
        return out

    def misheard(self, words: str) -> list[tuple[Alternative, dict[str, float]]]:
        """Everything that the words may have been, with what its likelihood is judged by: what that is fitted on."""
        tokens = self.words.tokens(words)[:HEARD_WORDS_MAX]
        meaningful = self.words.meaningful(tokens)
        terms = [self.words.stem(t) for t in meaningful]
        counts = self._counts(terms)
        misheard = self._misheard(tokens, self.ears.say(tokens), meaningful, terms, counts)
        return self._seen(misheard, terms, counts | self._counts(sorted({t for a in misheard for t in a.terms})))

    def _postings(self, terms: Sequence[str]) -> dict[str, Postings]:
        if not terms:
            return {}
        marks = ",".join("?" * len(terms))
        return {
            text: Postings(numbers_from(titles), numbers_from(texts), sounds)
            for text, sounds, titles, texts in self._all(
                f"SELECT text, sounds, in_titles, in_texts FROM term WHERE text IN ({marks})", terms
            )
        }

    def _counts(self, terms: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many products have each term in the title, and elsewhere; without reading which."""
        if not terms:
            return {}
        marks = ",".join("?" * len(terms))
        sql = f"SELECT text, length(in_titles) / 4, length(in_texts) / 4 FROM term WHERE text IN ({marks})"
        return {text: (in_titles, in_texts) for text, in_titles, in_texts in self._all(sql, terms)}

    def _together(self, exact: Sequence[Alternative], postings: dict[str, Postings]) -> bool:
        """Whether enough titles have all the words exactly: then nothing is taken to be misheard."""
        titles: dict[int, Sequence[int]] = {}
        for each in exact:
            if each.likeness >= LIKELY_EXACT:
                listed, known = postings[each.terms[0]].in_titles, titles.get(each.start)
                titles[each.start] = listed if known is None else [*known, *listed]
        lists = sorted(titles.values(), key=len)
        enough = min(TOGETHER_MAX, 1 + self.count // TOGETHER_STEP)
        if len(lists) == 1:
            return len(lists[0]) >= enough
        common = set(lists[0])
        for further in lists[1:]:
            common.intersection_update(further)
            if len(common) < enough:
                return False
        return True

    def _idf(self, products: int) -> float:
        return math.log1p((self.count - products + 0.5) / (products + 0.5))


def _exact(
    terms: Sequence[str], others: Mapping[str, Sequence[str]], postings: Mapping[str, Postings]
) -> list[Alternative]:
    """The terms themselves and others for the same thing, if the catalogue has them."""
    exact = [
        Alternative(at, at + 1, (t,), LIKELY_EXACT, positions=(at,)) for at, t in enumerate(terms) if t in postings
    ]  # fmt: skip
    # Where no title says "aubergine", "eggplant" is the word, whatever descriptions say; otherwise it is the second best.
    exact += [
        Alternative(at, at + 1, (other,), LIKELY_SAME if _in_titles(t, postings) else LIKELY_EXACT, positions=(at,))
        for at, t in enumerate(terms) for other in others[t] if other in postings
    ]  # fmt: skip
    return exact


def _in_titles(term: str, postings: Mapping[str, Postings]) -> bool:
    return term in postings and len(postings[term].in_titles) > 0
