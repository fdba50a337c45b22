"""Fits the weights of `skill/search/ranking.py` on judged queries, cross-validated by query.

    SAYSO_SEARCH_DATA=FOLDER python benchmarks/fit_search.py [--folds 5]

The folder holds `<set>.products.jsonl.gz` and `<set>.queries.jsonl` for the sets cf, hd and ic. Candidates are brought and
their features taken by the engine itself; the weights are fitted to put judged products first (LambdaRank with an L2 penalty
towards the weights in force), each query counting alike and each set by `SET_WEIGHTS`. Printed are the weights, and the
measures with them and under cross-validation: a fold's queries, in all the ways they were heard, are scored by weights that
never saw them. Second, the logistic models of `skill/search/alternatives.py` (is a like-sounding word what was said?) and of
`skill/search/answering.py` (is one of the first three what was meant?) are fitted and printed the same way.
Needs numpy, which the product does not.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search import SETS, VOICES, build_judged, judged_folder, measures
from skill.search.answering import TRUSTED
from skill.search.catalogue import SearchCatalogue, open_catalogue
from skill.search.ranking import FEATURES, WEIGHTS

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


def fit(asked: list[Asked], start: np.ndarray, l2: float = 2e-3, rounds: int = 120, rate: float = 0.03) -> np.ndarray:
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


def evaluate(
    asked: list[Asked], weights: dict[str, np.ndarray] | np.ndarray
) -> dict[str, dict[str, tuple[float, ...]]]:
    """Mean measures by set and way of hearing. Weights may differ by query id."""
    by: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    for a in asked:
        w = weights[str(a.query["id"])] if isinstance(weights, dict) else weights
        order = np.argsort(-(a.features @ w), kind="stable")[:10]
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


def trust_rows(asked: list[Asked], weights: np.ndarray) -> Iterator[tuple[dict[str, float], bool]]:
    """Features of the best product, and whether one of the first three fits what was meant."""
    for a in asked:
        if len(a.skus) and a.set != "hd":  # too few of the hardware store's products were judged
            order = np.argsort(-(a.features @ weights), kind="stable")[:3]
            best = dict(zip(FEATURES, map(float, a.features[order[0]]), strict=True))
            yield {name: best[name] for name in TRUSTED if name != "always"}, any(a.gains[i] > 0 for i in order)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
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
    show("with the weights in ranking.py", evaluate(asked, start))
    ids = sorted({str(a.query["id"]) for a in asked})
    crossed: dict[str, np.ndarray] = {}
    for fold in range(arguments.folds):
        held = set(ids[fold :: arguments.folds])
        weights = fit([a for a in asked if a.query["id"] not in held], start)
        crossed |= dict.fromkeys(held, weights)
    show(f"cross-validated, {arguments.folds} folds", evaluate(asked, crossed))
    weights = fit(asked, start)
    show("fitted on all", evaluate(asked, weights))
    print("WEIGHTS: tuple[float, ...] = (")
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"    {weight:.3f},  # {name}")
    print(")")
    for title, pairs in (("LIKELY", likely), ("TRUSTED", list(trust_rows(asked, weights)))):
        coefficients, loss = fit_logistic([row for row, _ in pairs], [label for _, label in pairs])
        print(
            f"{title} = {coefficients}  # log loss {loss:.4f}, {sum(label for _, label in pairs)} of {len(pairs)} true"
        )


if __name__ == "__main__":
    main()
