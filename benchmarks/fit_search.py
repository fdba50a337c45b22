"""Fits `skill/search/fitted.py`, the weights of the ranking, on judged and on spoken queries, cross-validated by query.

    SAYSO_SEARCH_DATA=FOLDER python -m benchmarks.fit_search [--spoken FILE --groceries FILE] [--folds 5] [--write]

The folder holds `<set>.products.jsonl.gz` and `<set>.queries.jsonl` for the sets cf, hd and ic. Candidates are brought and
their features taken by the engine itself. There are two sets of weights, for words as they were heard and for words that may
be misheard; the second is fitted as the first and a difference, both with an L2 penalty towards nothing, so that what little
there is to learn from is shared. The features that are worked out for the likeliest products alone are left out of a first fit,
which gives the weights that tell these products, and come into a second. The fit puts judged products first (LambdaRank), each
query counting alike and each set by `SET_WEIGHTS`.

Judged queries are few. --spoken names wishes that were spoken and recognised (`benchmarks/speak_wishes.py`), thousands of them,
with nobody's judgement: what the engine finds for the words as they were said is what it should find for them as they were heard.

Printed are the measures with the weights in force, under cross-validation (a fold's judged queries, in all the ways they were
heard, are scored by weights that never saw them), and fitted on all. Second, the logistic models of
`skill/search/alternatives.py` (is a like-sounding word what was said?) and of `skill/search/answering.py` (is one of the first
three what was meant, or does this shop not have it?) are fitted and printed; wishes are asked of another kind of shop for that.
--write puts the weights into `skill/search/fitted.py`. Needs numpy (the extra `benchmarks`), which the product does not.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search import SETS, VOICES, build_judged, judged_folder, measures, read_products
from skill.search import fitted
from skill.search.answering import TRUSTED
from skill.search.catalogue import SearchCatalogue, open_catalogue
from skill.search.fitted import WEIGHTS_HEARD, WEIGHTS_LIKELIEST, WEIGHTS_MISHEARD
from skill.search.index import build_index
from skill.search.ranking import FEATURES, NOT_ALOUD

#: Spoken wishes of all sets together count as one more set.
SPOKEN = "spoken"
SET_WEIGHTS = {"cf": 1.0, "ic": 0.3, "hd": 0.2, SPOKEN: 0.2}
#: How much a way of hearing counts in the fit.
SAID_WEIGHTS = {"clean": 1.0, "slt": 1.0, "rms": 1.0, "awb": 1.0, "confused": 0.7, SPOKEN: 1.0}
#: Of what is found for a wish as it was said: this many count as exact, and as many again as partial.
FOUND_EXACT = 10

EXACT_COVERED = FEATURES.index("exact_covered")

#: Of all other features more is better. Few shops were judged, and without this the fit learns from a web shop's long titles that
#: long ones are better, so that a grocer's "milk" is first a lactose free one.
LESS_IS_BETTER = frozenset({"numbers_apart", "modifier"})

#: Ranks up to which the fit looks: a little further than the measure, so that a product just below it is pulled up.
TRUNCATED_AT = 15
#: Of a query's candidates, in the order of the weights in force, those that the fit compares, besides all the judged ones.
COMPARED = 70

#: What being among the three that are read aloud adds to a rank's discount.
TOP_THREE_BONUS = 0.5
#: The mean distance between the scores of the first and the tenth product, for words as they were heard and for misheard ones: what
#: the margins of `answering.py` are measured against.
SPREAD = {False: 1.45, True: 3.03}


class Asked:
    """One query in one way of hearing: candidates' features [n, features], gains [n], and whether it may be misheard."""

    def __init__(
        self, name: str, query: str, said: str, judged: dict[str, int], found: tuple[list[tuple[str, Any]], bool]
    ) -> None:
        rows, self.misheard = found
        self.set, self.query, self.said, self.judged = name, query, said, judged
        self.skus = [sku for sku, _ in rows]
        self.features = np.array([features for _, features in rows]).reshape(len(rows), len(FEATURES))
        self.gains = np.array([judged.get(sku, 0) for sku in self.skus], float)
        self.weight = SET_WEIGHTS[name] * SAID_WEIGHTS[said]

    def without_aloud(self) -> Asked:
        """The same without the features that are worked out of the likeliest products alone."""
        other = copy(self)
        other.features = self.features[:, : -len(NOT_ALOUD)]
        return other

    def doubled(self) -> np.ndarray:
        """The features, and the same once more if it may be misheard: what the difference of its weights is fitted on."""
        return np.hstack([self.features, self.features * float(self.misheard)])


def read_asked(name: str, catalogue: SearchCatalogue, folder: Path) -> list[Asked]:
    out = []
    with open(folder / f"{name}.queries.jsonl", encoding="utf-8") as lines:
        for query in map(json.loads, lines):
            for said, words in (("clean", query["query"]), *query["spoken"].items()):
                out.append(Asked(name, query["id"], said, query["judged"], catalogue.candidates(words)))
    return out


def read_spoken(wishes: Path, catalogues: dict[str, SearchCatalogue]) -> list[Asked]:
    """Wishes that were recognised as other words than were said."""
    out = []
    with open(wishes, encoding="utf-8") as lines:
        for number, wish in enumerate(map(json.loads, lines)):
            catalogue = catalogues.get(wish["set"])
            if catalogue is None or _terms(catalogue, wish["said"]) == _terms(catalogue, wish["heard"]):
                continue
            found = catalogue.rank(wish["said"], 2 * FOUND_EXACT)
            gains = {sku: 2 if rank < FOUND_EXACT else 1 for rank, (sku, _) in enumerate(found)}
            out.append(Asked(SPOKEN, f"{SPOKEN}-{number}", SPOKEN, gains, catalogue.candidates(wish["heard"])))
    return out


def _terms(catalogue: SearchCatalogue, text: str) -> list[str]:
    return catalogue.words.terms(catalogue.words.tokens(text))


class Weights:
    """Weights for words as they were heard and for words that may be misheard, as `ranking.scores` applies them.

    `likeliest` are those without the features that are worked out for the likeliest products alone: they tell which these are.
    """

    def __init__(self, heard: np.ndarray, misheard: np.ndarray, likeliest: np.ndarray | None = None) -> None:
        self.heard, self.misheard, self.likeliest = heard, misheard, likeliest

    def rounded(self) -> Weights:
        return Weights(
            self.heard.round(3), self.misheard.round(3), None if self.likeliest is None else self.likeliest.round(3)
        )

    def named(self) -> list[tuple[str, np.ndarray]]:
        """As `fitted.py` names them."""
        named = [
            ("WEIGHTS_HEARD", self.heard),
            ("WEIGHTS_MISHEARD", self.misheard),
            ("WEIGHTS_LIKELIEST", self.likeliest),
        ]
        return [(name, of) for name, of in named if of is not None]

    def scores(self, asked: Asked) -> np.ndarray:
        weights = self.misheard if asked.misheard else self.heard
        return asked.features[:, : len(weights)] @ weights

    def spread_to(self, asked: list[Asked], misheard: bool) -> float:
        """By how much to multiply the weights for the first and the tenth product to lie `SPREAD` apart."""
        apart = []
        for a in asked:
            if a.misheard == misheard and len(a.skus) >= 10:
                best = np.sort(self.scores(a))[::-1]
                apart.append(best[0] - best[9])
        return SPREAD[misheard] / float(np.mean(apart)) if apart else 1.0


def fit_all(asked: list[Asked]) -> Weights:
    """Words as they were heard have no use for what is worked out of misheard ones alone; so theirs are fitted without it."""
    without = [a.without_aloud() for a in asked]
    first, second = fit(without), fit(asked)
    return Weights(first.heard, second.misheard, first.misheard)


def fit(asked: list[Asked], l2: float = 3e-3, rounds: int = 80, rate: float = 0.06) -> Weights:
    """LambdaRank for a linear scorer: pairs of products weigh as much as swapping them would change NDCG@10."""
    useful = [a for a in asked if len(set(a.gains)) > 1]
    per_set = {n: sum(a.weight for a in useful if a.set == n) for n in SET_WEIGHTS}
    scale = np.concatenate([a.doubled() for a in useful]).std(0) + 1e-6
    ready = []
    for a in useful:
        ideal = sorted(a.judged.values(), reverse=True)[:10]
        best = sum(g / math.log2(i + 2) for i, g in enumerate(ideal))
        kept = np.flatnonzero((np.arange(len(a.gains)) < COMPARED) | (a.gains > 0))
        gains = a.gains[kept]
        good = np.flatnonzero(gains)
        apart = np.maximum(gains[good][:, None] - gains[None, :], 0) * (
            a.weight * SET_WEIGHTS[a.set] / per_set[a.set] / best
        )
        ready.append(((a.doubled()[kept] / scale).astype(np.float32), good, apart.astype(np.float32)))
    total = sum(a.weight * SET_WEIGHTS[a.set] / per_set[a.set] for a in useful)
    discount = np.zeros(4096)
    discount[:TRUNCATED_AT] = 1 / np.log2(np.arange(TRUNCATED_AT) + 2)
    discount[:3] += TOP_THREE_BONUS
    weights, m, v = np.zeros(len(scale)), np.zeros(len(scale)), np.zeros(len(scale))
    for step in range(1, rounds + 1):
        grad = l2 * weights
        for rows, good, apart in ready:
            scores = rows @ weights
            rank = np.empty(len(scores), int)
            rank[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
            moved = np.abs(discount[rank[good]][:, None] - discount[rank][None, :])
            pull = apart * moved / (1 + np.exp(np.clip(scores[good][:, None] - scores[None, :], -30, 30)))
            grad -= (pull.sum(1) @ rows[good] - pull.sum(0) @ rows) / total
        m, v = 0.9 * m + 0.1 * grad, 0.99 * v + 0.01 * grad**2
        slower = rate * (1 - 0.9 * step / rounds)
        weights = weights - slower * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-9)
        weights = _signed(weights / scale) * scale
    heard, difference = np.split(weights / scale, 2)
    fitted_ = Weights(heard, heard + difference)
    return Weights(
        heard * fitted_.spread_to(useful, misheard=False), fitted_.misheard * fitted_.spread_to(useful, misheard=True)
    )


def _signed(weights: np.ndarray) -> np.ndarray:
    """The nearest weights, and differences, of which none has the wrong sign for words as they were heard or for misheard ones."""
    heard, difference = np.split(weights, 2)
    names = [name for name in FEATURES if len(heard) == len(FEATURES) or not name.startswith("aloud")]
    sign = np.array([-1.0 if name in LESS_IS_BETTER else 1.0 for name in names])
    heard = sign * np.maximum(sign * heard, 0)
    return np.concatenate([heard, sign * np.maximum(sign * (heard + difference), 0) - heard])


def evaluate(asked: list[Asked], weights: dict[str, Weights] | Weights) -> dict[str, dict[str, tuple[float, ...]]]:
    """Mean measures by set and way of hearing. Weights may differ by query id."""
    by: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    for a in asked:
        by_query = weights[a.query] if isinstance(weights, dict) else weights
        order = np.argsort(-by_query.scores(a), kind="stable")[:10]
        m = measures([a.skus[i] for i in order], a.judged)
        if m:
            heard = by.setdefault(a.set, {})
            heard.setdefault(a.said, []).append(m)
            if a.said in VOICES:
                heard.setdefault("recognised", []).append(m)
    return {
        name: {said: tuple(float(x) for x in np.mean(rows, 0)) for said, rows in heard.items()}
        for name, heard in by.items()
    }


def show(title: str, means: dict[str, dict[str, tuple[float, ...]]]) -> None:
    print(title)
    for name, heard in means.items():
        line = "  ".join(
            f"{said} {'/'.join(f'{x:.3f}' for x in heard[said])}" for said in ("clean", "recognised", "confused")
        )
        print(f"  {name}  {line}  retained {heard['recognised'][0] / heard['clean'][0]:.3f}", flush=True)


def fit_logistic(rows: list[dict[str, float]], labels: list[bool]) -> tuple[dict[str, float], float]:
    """Coefficients by name (`always` is the constant) by Newton's method, and the mean log loss."""
    names = list(rows[0])
    x = np.array([[row[name] for name in names] + [1.0] for row in rows])
    y = np.array(labels, float)
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        curve = (x * (p * (1 - p))[:, None]).T @ x + 1e-2 * np.eye(len(weights))
        weights -= np.linalg.solve(curve, x.T @ (p - y) + 1e-2 * weights)
    p = np.clip(1 / (1 + np.exp(-x @ weights)), 1e-9, 1 - 1e-9)
    loss = -float(np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
    return dict(zip([*names, "always"], (round(float(w), 2) for w in weights), strict=True)), loss


def likeness_rows(catalogue: SearchCatalogue, queries: list[dict[str, Any]]) -> Iterator[tuple[dict[str, float], bool]]:
    """What `alternatives.likeness` sees of each alternative of what was recognised, and whether those words were said."""
    words = catalogue.words
    for query in queries:
        meant = set(words.terms(words.tokens(query["query"])))
        for said, text in query["spoken"].items():
            if said in VOICES:
                for alternative, seen in catalogue.alternatives(text):
                    yield seen, meant.issuperset(alternative.terms)


def trust_rows(asked: list[Asked], weights: Weights) -> Iterator[tuple[dict[str, float], bool]]:
    """Features of the best product where it has not all words exactly, and whether one of the first three fits what was meant."""
    for a in asked:
        if len(a.skus) and a.set != "hd":  # too few of the hardware store's products were judged
            order = np.argsort(-weights.scores(a), kind="stable")[:3]
            if a.features[order[0]][EXACT_COVERED] < 1:
                yield _trusted_by(a.features[order[0]]), any(a.gains[i] > 0 for i in order)


def foreign_rows(wishes: Path, catalogues: dict[str, SearchCatalogue]) -> Iterator[tuple[dict[str, float], bool]]:
    """The same for wishes that are asked of a shop of another kind, which has not what was said: nothing fits."""
    with open(wishes, encoding="utf-8") as lines:
        for wish in map(json.loads, lines):
            elsewhere = catalogues["ic" if wish["set"] in ("cf", "hd") else "hd"]
            said, _ = elsewhere.candidates(wish["said"])
            heard, _ = elsewhere.candidates(wish["heard"])
            if heard and said and said[0][1][EXACT_COVERED] < 1 and heard[0][1][EXACT_COVERED] < 1:
                yield _trusted_by(heard[0][1]), False


def _trusted_by(features: Sequence[float]) -> dict[str, float]:
    best = dict(zip(FEATURES, map(float, features), strict=True))
    return {name: best[name] for name in TRUSTED if name != "always"}


def write_fitted(weights: Weights) -> None:
    """Writes what the product ranks by."""
    path = Path(fitted.__file__)
    head = path.read_text("utf-8").partition("WEIGHTS_HEARD:")[0]
    written = []
    for name, of in weights.named():
        shown = "".join(f"    {weight:g},  # {feature}\n" for feature, weight in zip(FEATURES, of, strict=False))
        written.append(f"{name}: tuple[float, ...] = (\n{shown})\n")
    path.write_text(head + "\n".join(written), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--spoken", type=Path, help="wishes as benchmarks/speak_wishes.py writes them")
    parser.add_argument(
        "--groceries", type=Path, help="gzipped JSON Lines of groceries: without it, wishes for them are left out"
    )
    parser.add_argument("--write", action="store_true", help="write skill/search/fitted.py")
    arguments = parser.parse_args()
    folder = judged_folder()
    if folder is None:
        sys.exit("set SAYSO_SEARCH_DATA to a folder with judged sets")
    asked: list[Asked] = []
    likely: list[tuple[dict[str, float], bool]] = []
    spoken: list[Asked] = []
    foreign: list[tuple[dict[str, float], bool]] = []
    with tempfile.TemporaryDirectory() as built:
        catalogues = {name: open_catalogue(build_judged(name, folder, Path(built))) for name in SETS}
        for name, catalogue in catalogues.items():
            asked += read_asked(name, catalogue, folder)
            if name != "hd":
                lines = (folder / f"{name}.queries.jsonl").read_text("utf-8").splitlines()
                likely += likeness_rows(catalogue, [json.loads(line) for line in lines])
        if arguments.spoken:
            if arguments.groceries:
                path = Path(built) / "groceries.sqlite"
                build_index(read_products(arguments.groceries), path)
                catalogues["groceries"] = open_catalogue(path)
            spoken = read_spoken(arguments.spoken, catalogues)
            foreign = list(foreign_rows(arguments.spoken, catalogues))
            print(f"{len(spoken)} spoken wishes were recognised as other words")
    show(
        "as it is",
        evaluate(asked, Weights(np.array(WEIGHTS_HEARD), np.array(WEIGHTS_MISHEARD), np.array(WEIGHTS_LIKELIEST))),
    )
    crossed: dict[str, Weights] = {}
    ids = sorted({a.query for a in asked})
    random.Random(1).shuffle(ids)
    for fold in range(arguments.folds):
        held = set(ids[fold :: arguments.folds])
        crossed |= dict.fromkeys(held, fit_all([a for a in asked if a.query not in held] + spoken))
    show(f"cross-validated, {arguments.folds} folds", evaluate(asked, crossed))
    weights = fit_all(asked + spoken)
    show("fitted on all", evaluate(asked, weights))
    weights = weights.rounded()
    for title, of in weights.named():
        print(f"  {title}", *(f"{name} {weight:g}" for name, weight in zip(FEATURES, of, strict=False)))
    if arguments.write:
        write_fitted(weights)
    for title, pairs in (("LIKELY", likely), ("TRUSTED", [*trust_rows(asked + spoken, weights), *foreign])):
        coefficients, loss = fit_logistic([row for row, _ in pairs], [label for _, label in pairs])
        print(
            f"{title} = {coefficients}  # log loss {loss:.4f}, {sum(label for _, label in pairs)} of {len(pairs)} true"
        )


if __name__ == "__main__":
    main()
