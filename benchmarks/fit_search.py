"""Fits `skill/search/fitted.py`, the weights and trees of the ranking, on judged queries, cross-validated by query.

    SAYSO_SEARCH_DATA=FOLDER python -m benchmarks.fit_search [--folds 5] [--write]

The folder holds `<set>.products.jsonl.gz` and `<set>.queries.jsonl` for the sets cf, hd and ic. Candidates are brought and
their features taken by the engine itself. The weights are fitted to put judged products first (LambdaRank with an L2 penalty
towards the weights in force), each query counting alike and each set by `SET_WEIGHTS`; few and shallow trees are grown on top of
them (LightGBM's LambdaRank). Printed are the weights, and the measures with them and under cross-validation: a fold's queries,
in all the ways they were heard, are scored by weights and trees that never saw them. Second, the logistic models of
`skill/search/alternatives.py` (is a like-sounding word what was said?) and of `skill/search/answering.py` (is one of the first
three what was meant?) are fitted and printed the same way.
--write puts weights and trees into `skill/search/fitted.py`. Needs numpy and lightgbm (the extra `benchmarks`), which the
product does not.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import lightgbm
import numpy as np

from benchmarks.search import SETS, VOICES, build_judged, judged_folder, measures
from skill.search import fitted
from skill.search.answering import TRUSTED
from skill.search.catalogue import SearchCatalogue, open_catalogue
from skill.search.fitted import WEIGHTS, correction
from skill.search.ranking import CORRECTED_MAX, FEATURES

#: A number, or: which feature, the most it may be to go left, left, right.
Tree: TypeAlias = "float | tuple[int, float, Tree, Tree]"

SET_WEIGHTS = {"cf": 1.0, "ic": 0.4, "hd": 0.6}
#: How much a way of hearing counts in the fit.
SAID_WEIGHTS = {"clean": 1.5, "slt": 1.0, "rms": 1.0, "awb": 1.0, "confused": 0.7}

#: Ranks up to which the fit looks: a little further than the measure, so that a product just below it is pulled up.
TRUNCATED_AT = 15

#: What being among the three that are read aloud adds to a rank's discount.
TOP_THREE_BONUS = 0.3


class Asked:
    """One query in one way of hearing: candidates' features [n, features] and gains [n]."""

    def __init__(self, name: str, query: dict[str, object], said: str, skus: list[str], features: np.ndarray) -> None:
        self.set, self.query, self.said, self.skus, self.features = name, query, said, skus, features
        judged: dict[str, int] = query["judged"]  # type: ignore[assignment]
        self.judged = judged
        self.gains = np.array([judged.get(s, 0) for s in skus], float)
        self.weight = SET_WEIGHTS[name] * SAID_WEIGHTS[said]


def read_asked(name: str, catalogue: SearchCatalogue, folder: Path) -> list[Asked]:
    out = []
    with open(folder / f"{name}.queries.jsonl", encoding="utf-8") as lines:
        for query in map(json.loads, lines):
            for said, words in (("clean", query["query"]), *query["spoken"].items()):
                rows = catalogue.candidates(words)
                features = np.array([f for _, f in rows]) if rows else np.zeros((0, len(FEATURES)))
                out.append(Asked(name, query, said, [s for s, _ in rows], features))
    return out


def fit(asked: list[Asked], start: np.ndarray, l2: float = 2e-3, rounds: int = 60, rate: float = 0.04) -> np.ndarray:
    """LambdaRank for a linear scorer: pairs of products weigh as much as swapping them would change NDCG@10."""
    useful = [a for a in asked if a.gains.any() and len(set(a.gains)) > 1]
    per_set = {n: sum(a.weight for a in useful if a.set == n) for n in SET_WEIGHTS}
    scale = np.concatenate([a.features for a in useful]).std(0) + 1e-6
    ready = []
    for a in useful:
        ideal = sorted(a.judged.values(), reverse=True)[:10]
        best = sum(g / math.log2(i + 2) for i, g in enumerate(ideal))
        good = np.flatnonzero(a.gains)
        ready.append((a.features / scale, a.gains, good, best, a.weight * SET_WEIGHTS[a.set] / per_set[a.set]))
    total = sum(r[4] for r in ready)
    discount = np.zeros(4096)
    discount[:TRUNCATED_AT] = 1 / np.log2(np.arange(TRUNCATED_AT) + 2)
    discount[:3] += TOP_THREE_BONUS
    weights, m, v = start * scale, np.zeros(len(start)), np.zeros(len(start))
    anchor = weights.copy()
    for step in range(1, rounds + 1):
        grad = l2 * (weights - anchor)
        for rows, gains, good, best, share in ready:
            scores = rows @ weights
            order = np.argsort(-scores, kind="stable")
            rank = np.empty(len(order), int)
            rank[order] = np.arange(len(order))
            apart = gains[good][:, None] - gains[None, :]
            moved = np.abs(discount[rank[good]][:, None] - discount[rank][None, :])
            pull = np.where(apart > 0, apart * moved / best, 0.0)
            pull /= 1 + np.exp(np.clip(scores[good][:, None] - scores[None, :], -30, 30))
            grad -= share / total * (pull.sum(1) @ rows[good] - pull.sum(0) @ rows)
        m, v = 0.9 * m + 0.1 * grad, 0.99 * v + 0.01 * grad**2
        weights = weights - rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-9)
    return weights / scale


#: Few, shallow and cautious trees: there are only some hundred queries to learn from.
GROWTH = {
    "objective": "lambdarank", "label_gain": [0, 1, 2], "lambdarank_truncation_level": TRUNCATED_AT, "learning_rate": 0.06,
    "num_leaves": 4, "min_data_in_leaf": 150, "lambda_l2": 5.0, "feature_fraction": 0.6, "bagging_fraction": 0.8,
    "bagging_freq": 1, "seed": 0, "deterministic": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
TREES_MAX = 60


def grow(asked: list[Asked], weights: np.ndarray) -> list[Tree]:
    """Trees that correct the weighted sums, as `ranking.scores` walks them."""
    useful = [a for a in asked if a.gains.any()]
    rows = np.concatenate([a.features for a in useful])
    data = lightgbm.Dataset(
        rows, np.concatenate([a.gains for a in useful]).astype(int), group=[len(a.gains) for a in useful],
        weight=np.concatenate([np.full(len(a.gains), a.weight) for a in useful]), init_score=rows @ weights,
    )  # fmt: skip
    grown = lightgbm.train(GROWTH, data, TREES_MAX).dump_model()
    return [_plain(tree["tree_structure"]) for tree in grown["tree_info"]]


def _plain(node: dict[str, Any]) -> Tree:
    if "leaf_value" in node:
        return round(float(node["leaf_value"]), 4)
    most = float(f"{node['threshold']:.5g}")
    return int(node["split_feature"]), most, _plain(node["left_child"]), _plain(node["right_child"])


def _expression(tree: Tree) -> str:
    """A tree as one of Python's conditional expressions over the features' names."""
    if not isinstance(tree, tuple):
        return f"{tree:g}"
    feature, most, left, right = tree
    return f"({_expression(left)} if {FEATURES[feature]} <= {most:g} else {_expression(right)})"


def _walk(tree: Tree, rows: np.ndarray) -> np.ndarray:
    if not isinstance(tree, tuple):
        return np.full(len(rows), tree)
    feature, most, left, right = tree
    return np.where(rows[:, feature] <= most, _walk(left, rows), _walk(right, rows))


Correct = Callable[[np.ndarray], np.ndarray]


def correct_by(trees: Sequence[Tree]) -> Correct:
    return lambda rows: sum((_walk(tree, rows) for tree in trees), np.zeros(len(rows)))


def correct_as_fitted(rows: np.ndarray) -> np.ndarray:
    return np.array([correction(tuple(row)) for row in rows.tolist()])


class Scorer:
    """Weights, and what trees add to them, as `ranking.scores` applies both."""

    def __init__(self, weights: np.ndarray, correct: Correct) -> None:
        self.weights, self.correct = weights, correct

    def scores(self, rows: np.ndarray) -> np.ndarray:
        sums = rows @ self.weights
        added = self.correct(rows)
        order = np.argsort(-sums, kind="stable")
        if len(order) > CORRECTED_MAX:
            added[order[CORRECTED_MAX:]] = added[order[:CORRECTED_MAX]].min()
        return sums + added


def evaluate(asked: list[Asked], scorers: dict[str, Scorer] | Scorer) -> dict[str, dict[str, tuple[float, ...]]]:
    """Mean measures by set and way of hearing. Scorers may differ by query id."""
    by: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    for a in asked:
        scorer = scorers[str(a.query["id"])] if isinstance(scorers, dict) else scorers
        order = np.argsort(-scorer.scores(a.features), kind="stable")[:10]
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


def trust_rows(asked: list[Asked], scorer: Scorer) -> Iterator[tuple[dict[str, float], bool]]:
    """Features of the best product, and whether one of the first three fits what was meant."""
    for a in asked:
        if len(a.skus) and a.set != "hd":  # too few of the hardware store's products were judged
            order = np.argsort(-scorer.scores(a.features), kind="stable")[:3]
            best = dict(zip(FEATURES, map(float, a.features[order[0]]), strict=True))
            yield {name: best[name] for name in TRUSTED if name != "always"}, any(a.gains[i] > 0 for i in order)


def write_fitted(weights: np.ndarray, trees: Sequence[Tree]) -> None:
    """Writes what the product ranks by."""
    path = Path(fitted.__file__)
    head = path.read_text("utf-8").partition("WEIGHTS:")[0]
    shown = "".join(f"    {weight:g},  # {name}\n" for name, weight in zip(FEATURES, weights, strict=True))
    names = "".join(f"        {name},\n" for name in FEATURES)
    lines = "".join(f"        + {_expression(tree)}\n" for tree in trees)
    path.write_text(
        f"{head}WEIGHTS: tuple[float, ...] = (\n{shown})\n\n\n"
        "# fmt: off\n"
        "def correction(features: tuple[float, ...]) -> float:\n"
        '    """What small trees add to the weighted sum, written out: Python follows them faster than a loop would."""\n'
        f"    (\n{names}    ) = features\n"
        f"    return (\n        0.0\n{lines}    )\n"
        "# fmt: on\n",
        "utf-8",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write skill/search/fitted.py")
    parser.add_argument("--indexes", type=Path, help="a folder with <set>.sqlite indexes built before")
    arguments = parser.parse_args()
    folder = judged_folder()
    if folder is None:
        sys.exit("set SAYSO_SEARCH_DATA to a folder with judged sets")
    asked: list[Asked] = []
    likely: list[tuple[dict[str, float], bool]] = []
    with tempfile.TemporaryDirectory() as built:
        for name in SETS:
            path = (
                arguments.indexes / f"{name}.sqlite" if arguments.indexes else build_judged(name, folder, Path(built))
            )
            catalogue = open_catalogue(path)
            asked += read_asked(name, catalogue, folder)
            if name != "hd":
                lines = (folder / f"{name}.queries.jsonl").read_text("utf-8").splitlines()
                likely += likeness_rows(catalogue, [json.loads(line) for line in lines])
    start = np.array(WEIGHTS)
    show("as it is", evaluate(asked, Scorer(start, correct_as_fitted)))
    ids = sorted({str(a.query["id"]) for a in asked})
    sums: dict[str, Scorer] = {}
    crossed: dict[str, Scorer] = {}
    for fold in range(arguments.folds):
        held = set(ids[fold :: arguments.folds])
        seen = [a for a in asked if a.query["id"] not in held]
        weights = fit(seen, start)
        sums |= dict.fromkeys(held, Scorer(weights, correct_by(())))
        crossed |= dict.fromkeys(held, Scorer(weights, correct_by(grow(seen, weights))))
    show(f"cross-validated, {arguments.folds} folds, weights alone", evaluate(asked, sums))
    show(f"cross-validated, {arguments.folds} folds, weights and trees", evaluate(asked, crossed))
    weights = np.array([round(float(w), 3) for w in fit(asked, start)])
    trees = grow(asked, weights)
    scorer = Scorer(weights, correct_by(trees))
    show("fitted on all", evaluate(asked, scorer))
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"  {weight:7.3f}  {name}")
    if arguments.write:
        write_fitted(weights, trees)
    for title, pairs in (("LIKELY", likely), ("TRUSTED", list(trust_rows(asked, scorer)))):
        coefficients, loss = fit_logistic([row for row, _ in pairs], [label for _, label in pairs])
        print(
            f"{title} = {coefficients}  # log loss {loss:.4f}, {sum(label for _, label in pairs)} of {len(pairs)} true"
        )


if __name__ == "__main__":
    main()
