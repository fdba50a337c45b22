"""Search: quality on judged sets, time, memory and size, beside plain FTS5 (and tantivy where it is installed)."""

from __future__ import annotations

import gzip
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path

from skill.search.index import build_index
from skill.shop.catalogue import Product, Sku
from skill.shop.money import parse_decimal

SETS = ("cf", "ic", "hd")


def judged_folder() -> Path | None:
    """The folder of judged sets, from SAYSO_SEARCH_DATA; None where it is not set or not there."""
    folder = Path(os.environ.get("SAYSO_SEARCH_DATA", "") or "/nonexistent")
    return folder if folder.is_dir() else None


def read_products(path: Path) -> Iterator[Product]:
    """Products of a gzipped JSON Lines file with sku, title, price, quantity and perhaps a description."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            amount, currency = row["price"].split()
            yield Product(
                Sku(row["sku"]), row["title"], parse_decimal(amount, currency), stock=row["quantity"],
                description=row.get("description", ""), gtin=row.get("gtin", ""),
            )  # fmt: skip


def build_judged(name: str, folder: Path, to: Path) -> Path:
    path = to / f"{name}.sqlite"
    build_index(read_products(folder / f"{name}.products.jsonl.gz"), path)
    return path


def measures(skus: list[str], judged: dict[str, int]) -> tuple[float, float, float] | None:
    """NDCG@10, R3E and hit3 of a ranking; None where nothing was judged exact."""
    exact = {sku for sku, gain in judged.items() if gain == 2}
    if not exact:
        return None
    gains = [judged.get(sku, 0) for sku in skus[:10]]
    ideal = sorted(judged.values(), reverse=True)[:10]
    found = exact.intersection(skus[:3])
    return _dcg(gains) / _dcg(ideal), len(found) / min(3, len(exact)), float(bool(found))


def _dcg(gains: list[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))
