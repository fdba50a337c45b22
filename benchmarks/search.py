"""Search: quality on judged sets, time, memory and size, beside plain FTS5 and tantivy, in one run.

    SAYSO_SEARCH_DATA=FOLDER python -m benchmarks.search [--groceries FILE] [--million] [--no-quality]

Quality needs the judged sets (`<set>.products.jsonl.gz`, `<set>.queries.jsonl`) in the folder that SAYSO_SEARCH_DATA names;
without it that part is left out and said so. Times are CPU times of one thread, on real groceries (by default the extract
that the tests use) and, with --million, on a million made from them; each also as a ratio to FTS5 in the same run. tantivy is
measured where it is installed (the extra `benchmarks`). What sayso reached is printed beside what it should reach.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.million import perturbed
from skill.search.catalogue import open_catalogue
from skill.search.index import build_index
from skill.shop.catalogue import Product, Sku
from skill.shop.money import parse_decimal

SETS = ("cf", "ic", "hd")
VOICES = ("slt", "rms", "awb")
#: What a shopper may ask of a grocery, for the times where the judged queries are not at hand.
ASKED = (
    "organic whole milk", "gluten free bread", "dark chocolate with almonds", "chicken noodle soup", "sparkling water lime",
    "peanut butter", "roasted red peppers", "strawberry yogurt", "extra virgin olive oil", "tomato basil pasta sauce",
    "trilogy comb you a drink", "organic hoist and sauce", "sliced prose shuttle", "imported graded parmesan", "echo waffles",
    "cereal", "chips", "coffee", "frozen pizza", "vanilla ice cream",
)  # fmt: skip

Ranking = Callable[[str], list[str]]


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


# Engines: each builds its index in a folder and gives a ranking function.


def build_fts5(products: Iterable[Product], path: Path) -> Path:
    """Plain FTS5: porter stems, the title eight times the description."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE VIRTUAL TABLE doc USING fts5(sku UNINDEXED, title, body, tokenize='porter unicode61')")
        rows = ((product.sku, product.title, product.description) for product in products)
        db.executemany("INSERT INTO doc VALUES (?,?,?)", rows)
        db.commit()
        db.execute("INSERT INTO doc(doc) VALUES ('optimize')")
        db.commit()
    return path


_STOP = frozenset("the a an of and or for with in on to some me find i want need please".split())  # noqa: SIM905


def open_fts5(path: Path) -> Ranking:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)

    def rank(words: str) -> list[str]:
        found = [w for w in re.findall(r"\w+", words.lower()) if w not in _STOP] or ["x"]
        match = " OR ".join(f'"{w}"' for w in found)
        sql = "SELECT sku FROM doc WHERE doc MATCH ? ORDER BY bm25(doc, 0, 8.0, 1.0) LIMIT 10"
        return [sku for (sku,) in db.execute(sql, (match,))]

    return rank


def build_tantivy(products: Iterable[Product], folder: Path) -> Path:
    import tantivy

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("sku", stored=True, tokenizer_name="raw")
    schema.add_text_field("title", tokenizer_name="en_stem")
    schema.add_text_field("body", tokenizer_name="en_stem")
    index = tantivy.Index(schema.build(), path=str(folder))
    writer = index.writer(64_000_000, 1)
    for product in products:
        writer.add_document(tantivy.Document(sku=product.sku, title=product.title, body=product.description))
    writer.commit()
    writer.wait_merging_threads()
    return folder


def open_tantivy(folder: Path) -> Ranking:
    import tantivy

    index = tantivy.Index.open(str(folder))
    searcher = index.searcher()

    def rank(words: str) -> list[str]:
        text = " ".join(re.findall(r"\w+", words.lower()))
        query = index.parse_query(text or "x", ["title", "body"], field_boosts={"title": 8.0})
        return [searcher.doc(address)["sku"][0] for _, address in searcher.search(query, 10).hits]

    return rank


def build_sayso(products: Iterable[Product], path: Path) -> Path:
    build_index(products, path)
    return path


def open_sayso(path: Path) -> Ranking:
    catalogue = open_catalogue(path)
    return lambda words: [sku for sku, _ in catalogue.rank(words, 10)]


ENGINES: dict[str, tuple[Callable[[Iterable[Product], Path], Path], Callable[[Path], Ranking]]] = {
    "sayso": (build_sayso, open_sayso),
    "fts5": (build_fts5, open_fts5),
    "tantivy": (build_tantivy, open_tantivy),
}


def engines_here() -> list[str]:
    try:
        import tantivy  # noqa: F401
    except ImportError:
        print("tantivy is not installed: left out")
        return ["sayso", "fts5"]
    return list(ENGINES)


# Quality


def measures(skus: Sequence[str], judged: dict[str, int]) -> tuple[float, float, float] | None:
    """NDCG@10, R3E and hit3 of a ranking; None where nothing was judged exact."""
    exact = {sku for sku, gain in judged.items() if gain == 2}
    if not exact:
        return None
    gains = [judged.get(sku, 0) for sku in skus[:10]]
    ideal = sorted(judged.values(), reverse=True)[:10]
    found = exact.intersection(skus[:3])
    return _dcg(gains) / _dcg(ideal), len(found) / min(3, len(exact)), float(bool(found))


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


def quality(rank: Ranking, queries: Sequence[dict[str, Any]]) -> dict[str, tuple[float, ...]]:
    """Means of the measures over the queries, clean and as recognised: the voices of a query are averaged first."""
    clean, recognised = [], []
    for query in queries:
        first = measures(rank(query["query"]), query["judged"])
        heard = [measures(rank(w), query["judged"]) for said, w in query["spoken"].items() if said in VOICES]
        if first and heard:
            clean.append(first)
            recognised.append(_mean([m for m in heard if m]))
    return {"clean": _mean(clean), "recognised": _mean(recognised)}


def _mean(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


#: What sayso should reach on the judged sets: set, how it was heard, which of the measures (0 NDCG@10, 1 R3E, 2 hit3), least.
GOALS = (
    ("cf", "clean", 0, 0.81), ("cf", "recognised", 0, 0.75), ("cf", "clean", 1, 0.77), ("cf", "recognised", 1, 0.70),
    ("ic", "recognised", 2, 0.94), ("hd", "recognised", 0, 0.32),
)  # fmt: skip
RETAINED_GOAL = 0.92
MEASURES = ("NDCG@10", "R3E", "hit3")


def show_goals(reached: dict[str, dict[str, tuple[float, ...]]]) -> None:
    print("\nsayso beside its goals")
    for name, said, which, goal in GOALS:
        value = reached[name][said][which]
        print(
            f"  {name} {said:10} {MEASURES[which]:8} {value:.3f}  goal {goal:.2f}  {'met' if value >= goal else 'MISSED'}"
        )
    kept = reached["cf"]["recognised"][0] / reached["cf"]["clean"][0]
    print(
        f"  cf retained            {kept:.3f}  goal {RETAINED_GOAL:.2f}  {'met' if kept >= RETAINED_GOAL else 'MISSED'}"
    )


def show_quality(folder: Path, scratch: Path, engines: Sequence[str]) -> None:
    print("\nquality: NDCG@10 / R3E / hit3")
    reached: dict[str, dict[str, tuple[float, ...]]] = {}
    for name in SETS:
        lines = (folder / f"{name}.queries.jsonl").read_text("utf-8").splitlines()
        queries = [json.loads(line) for line in lines]
        for engine in engines:
            build, open_ = ENGINES[engine]
            path = build(read_products(folder / f"{name}.products.jsonl.gz"), scratch / f"{name}.{engine}")
            got = quality(open_(path), queries)
            if engine == "sayso":
                reached[name] = got
            kept = got["recognised"][0] / got["clean"][0]
            shown = "   ".join(f"{said} {' / '.join(f'{x:.3f}' for x in means)}" for said, means in got.items())
            print(f"  {name}  {engine:8} {shown}   retained {kept:.0%}", flush=True)
    show_goals(reached)


# Time, memory, size


def show_times(title: str, products: Callable[[], Iterable[Product]], asked: Sequence[str], scratch: Path,
               engines: Sequence[str]) -> None:  # fmt: skip
    print(f"\n{title}: {len(asked)} questions; CPU ms")
    base: tuple[float, float] | None = None
    for engine in sorted(engines, key=lambda e: e != "fts5"):
        build, open_ = ENGINES[engine]
        began = time.process_time()
        path = build(products(), scratch / f"times.{engine}")
        built_s = time.process_time() - began
        rank = open_(path)
        times = []
        for words in asked:
            began = time.process_time()
            rank(words)
            times.append((time.process_time() - began) * 1000)
        times.sort()
        p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
        base = base or (p50, p99)
        size = sum(f.stat().st_size for f in path.rglob("*")) if path.is_dir() else path.stat().st_size
        first, imported, peak = first_answer(engine, path, asked[0])
        print(
            f"  {engine:8} p50 {p50:6.2f} (x{p50 / base[0]:.2f})  p99 {p99:6.2f} (x{p99 / base[1]:.2f})  "
            f"open to first answer {first:5.1f}{f' after {imported:.1f} of imports' if engine == 'sayso' else ''}  "
            f"memory {peak:4.0f} MB  index {size / 1e6:6.1f} MB  built in {built_s:.0f} s",
            flush=True,
        )


_FIRST = """
import sys, time
began = time.process_time()
{imports}
imported = time.process_time()
{answer}
print((time.process_time() - imported) * 1000, (imported - began) * 1000)
"""
# The kernel's high-water mark of this process alone: getrusage would count the parent that it was forked from.
_PEAK = """
from pathlib import Path
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
print(next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), float("nan")))
"""
_FIRST_ANSWERS = {
    "sayso": ("from skill.search.catalogue import open_catalogue\nfrom pathlib import Path",
              "open_catalogue(Path(sys.argv[1])).rank(sys.argv[2], 10)"),
}  # fmt: skip


def first_answer(engine: str, path: Path, words: str, tries: int = 7) -> tuple[float, float, float]:
    """CPU milliseconds from opening to the first answer in a fresh process, those of importing what that needs before (the best
    of some tries), and its peak memory in MB.

    Files are in the page cache, and modules compiled, from the second try on.
    """
    imports, answer = _FIRST_ANSWERS.get(
        engine, (f"from benchmarks.search import open_{engine}\nfrom pathlib import Path",
                 f"open_{engine}(Path(sys.argv[1]))(sys.argv[2])"),
    )  # fmt: skip
    code = _FIRST.format(imports=imports, answer=answer) + _PEAK
    runs = []
    root = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as compiled:
        # Modules are compiled once, by the first try, as an installed package's are.
        there = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        there |= {"PYTHONPYCACHEPREFIX": compiled, "PYTHONPATH": str(root)}
        for _ in range(tries):
            command = [sys.executable, "-c", code, str(path), words]
            out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env=there).stdout
            runs.append([float(x) for x in out.split()])
    first, imported, peak = map(min, zip(*runs, strict=True))
    return first, imported, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groceries", type=Path, help="gzipped JSON Lines of groceries for the times")
    parser.add_argument("--million", action="store_true", help="also times on a million products (takes minutes)")
    parser.add_argument("--no-quality", action="store_true")
    arguments = parser.parse_args()
    engines = engines_here()
    folder = judged_folder()
    groceries = arguments.groceries or (folder.parent / "groceries.jsonl.gz" if folder else None)
    asked: Sequence[str] = ASKED
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        if folder is None:
            print("SAYSO_SEARCH_DATA names no folder of judged sets: quality is not measured")
        else:
            with open(folder / "ic.queries.jsonl", encoding="utf-8") as lines:
                asked = [w for q in map(json.loads, lines) for w in (q["query"], *q["spoken"].values())]
            if not arguments.no_quality:
                show_quality(folder, scratch, engines)
        if groceries is None or not groceries.is_file():
            print("no groceries to time on: name a file with --groceries")
            return
        real = list(read_products(groceries))
        show_times(f"{len(real)} groceries", lambda: real, asked, scratch, engines)
        if arguments.million:
            show_times("1000000 groceries", lambda: perturbed(real, 1_000_000), asked, scratch, engines)
    print(
        f"\npeak memory of this run, builds included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB"
    )


if __name__ == "__main__":
    main()
