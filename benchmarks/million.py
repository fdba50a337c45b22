"""A million products made from real groceries, the same ones each time.

    python -m benchmarks.million --groceries FILE [--count 1000000]

builds their index and prints how long that took, how large it is, and the most memory that the process had.

Each product is a real grocery's title, perturbed: a word is swapped with the word in the same place of another title, a
flavour or a size is added or taken away, a letter is mistyped. So the vocabulary, the word frequencies and the near-duplicates
are those of a real shop that has grown, with the misspellings that come with it.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from skill.search.index import build_index
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

_SIZES = ("4 oz", "8 oz", "12 oz", "16 oz", "24 oz", "32 oz", "1 lb", "2 lb", "6 ct", "12 ct", "1 gal", "500 ml")


def perturbed(groceries: Sequence[Product], count: int, seed: int = 1) -> Iterator[Product]:
    """`count` products; the first are the groceries as they are. The same for the same seed."""
    dice = random.Random(seed)
    titles = [product.title.split() for product in groceries]
    for number in range(count):
        product = groceries[number % len(groceries)]
        if number < len(groceries):
            yield product
            continue
        words = list(titles[number % len(groceries)])
        for _ in range(dice.randint(1, 2)):
            other = titles[dice.randrange(len(titles))]
            what = dice.random()
            if what < 0.45:
                words[dice.randrange(len(words))] = other[dice.randrange(len(other))]
            elif what < 0.75:
                words.insert(dice.randrange(len(words) + 1), other[dice.randrange(len(other))])
            elif what < 0.9 and len(words) > 2:
                del words[dice.randrange(len(words))]
            elif what < 0.93:
                at = dice.randrange(len(words))
                letter = dice.randrange(len(words[at]))
                words[at] = words[at][:letter] + words[at][letter + 1 :] or words[at]
        title = " ".join(words)[:200]
        if dice.random() < 0.5:
            title = f"{title}, {dice.choice(_SIZES)}"
        sku = f"m{number:012d}"
        yield replace(
            product, sku=Sku(sku), gtin=sku, title=title, stock=dice.randrange(40),
            price=Money(dice.randrange(79, 2500), product.price.currency),
        )  # fmt: skip


def main() -> None:
    from benchmarks.search import read_products

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groceries", type=Path, required=True, help="gzipped JSON Lines of groceries")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--to", type=Path, help="keep the index here")
    arguments = parser.parse_args()
    groceries = list(read_products(arguments.groceries))
    with tempfile.TemporaryDirectory() as scratch:
        path = arguments.to or Path(scratch) / "catalogue.index"
        began = time.process_time()
        built = build_index(perturbed(groceries, arguments.count), path)
        seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{built.products_count} products, {built.terms_count} terms: index {built.size_bytes / 1e6:.0f} MB, "
        f"built in {seconds:.0f} s of CPU, peak memory {peak:.2f} GB"
    )


if __name__ == "__main__":
    main()
