"""From a ranking to an answer for the ear: near-duplicates once, what was bought before first, a weak match known as one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from skill.search.ranking import FEATURES
from skill.shop.catalogue import VARIANT_ATTRIBUTES, Product

#: A product bought before comes first if its score is at most this much below the best.
BOUGHT_MARGIN = 3.8
#: "The cheapest" is one of those whose score is at most this much below the best.
FITTING_MARGIN = 3.0
#: Products that vote for the category that is nearest to a wish.
VOTERS_MAX = 12

#: Whether one of the three best products is what was meant, as a logistic model of the best one's features. Fitted on spoken
#: wishes, half of them for something that the shop does not have, by `benchmarks/fit_search.py`.
TRUSTED = {"echoes": 4.02, "sounds_covered": 8.0, "always": -8.97}

#: Where it is less likely than this, nothing is asked about either: of 221 misheard wishes of the grocer's judged set whose product
#: is among the best three that loses one, and of 115 matches for what a grocer does not sell it leaves out 36.
FAR_BELOW = 0.05

#: Attributes that variants of one product differ by.
VARIED = frozenset({*VARIANT_ATTRIBUTES, "colour"})

_AT = {name: at for at, name in enumerate(FEATURES)}


def is_weak(features: Sequence[float]) -> bool:
    """Whether a match should be asked about rather than read out."""
    return features[_AT["exact_covered"]] < 1.0 and _likelihood(features) < 0.5


def is_far(features: Sequence[float]) -> bool:
    """Whether a match has nothing of what was said as it was heard, and sounds so little like it that asking is no help."""
    return features[_AT["exact_covered"]] <= 0.0 and _likelihood(features) < FAR_BELOW


def _likelihood(features: Sequence[float]) -> float:
    """How likely it is, from 0 to 1, that what was meant is among three of which the best has these features."""
    logit = TRUSTED["always"] + sum(w * features[_AT[name]] for name, w in TRUSTED.items() if name in _AT)
    return 1.0 / (1.0 + math.exp(-logit))


def sound_of(terms: Sequence[str], head: int, size: Sequence[str]) -> tuple[object, ...]:
    """What an ear tells titles apart by: those of which it is the same are read out once, unless they are variants.

    It is every word, whatever the order ("Peanut Butter, Creamy"), the word that ends the head (chocolate milk is no milk
    chocolate), and the size, however it is spelt ("12oz"). `terms` are the title's, the first `head` of them its head's; `size` are
    the size's.
    """
    return frozenset(terms), terms[head - 1] if head else "", tuple(size)


def variant(product: Product) -> frozenset[str]:
    """What makes a variant of something that one: its colour, pattern and material."""
    return frozenset(text.casefold() for name, text in product.attributes if name in VARIED)


def bought_first(scored: Sequence[tuple[float, str]], bought: Collection[str]) -> list[int]:
    """The order of (score, SKU) pairs, best first as they come, with what fits and was bought before at the front."""
    if not bought or not scored:
        return list(range(len(scored)))
    least = scored[0][0] - BOUGHT_MARGIN
    front = [at for at, (points, sku) in enumerate(scored) if points >= least and sku in bought]
    known = set(front)
    return front + [at for at in range(len(scored)) if at not in known]


def most_voted(categories: Iterable[tuple[str, ...]]) -> str | None:
    """The most special category name that half of the products or more share; None where they have none."""
    votes = Counter(path[-1] for path in list(categories)[:VOTERS_MAX] if path)
    ((name, count),) = votes.most_common(1) or [("", 0)]
    return name if count and 2 * count >= votes.total() else None
