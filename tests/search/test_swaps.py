"""What other processes see of a build: all of the catalogue before, or all of the one after, also where the builder is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from skill.search.catalogue import open_catalogue
from skill.search.index import LEFT_OVER_S, build_index
from skill.shop.catalogue import Product

PATIENCE_S = 60

#: Swaps catalogues in which every product's SKU and title begin with the same letter.
SWAPPER = """
import sys
from pathlib import Path
from skill.search.index import build_index
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

for turn in range(int(sys.argv[2])):
    letter = "ab"[turn % 2]
    made = [Product(Sku(f"{letter}{n}"), f"Oat Milk {letter * 3} {n}", Money(500, "USD"), stock=5) for n in range(30)]
    build_index(made, Path(sys.argv[1]))
"""

#: Searches until told to stop, and prints whatever is not wholly of one catalogue; then how many answers it had of each.
SEARCHER = """
import sys
from collections import Counter
from pathlib import Path
from skill.search.current import CurrentCatalogue
from skill.shop.catalogue import Wish

current = CurrentCatalogue(Path(sys.argv[1]))
seen = Counter()
while not Path(sys.argv[2]).exists():
    found = current.find(Wish("oat milk")).found
    letters = {f.product.sku[0] for f in found} | {f.product.title.split()[2][0] for f in found}
    seen["".join(sorted(letters))] += 1
print(*sorted(seen))
"""

#: Stops for good at the named step of a build, after saying so.
STUCK = """
import os, sys, time
from pathlib import Path
from skill.search import index
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

def stay(*_):
    print("there", flush=True)
    time.sleep(600)

def products():
    for n in range(20):
        if n == 10 and sys.argv[2] == "import":
            stay()
        yield Product(Sku(f"n{n}"), f"Oat Milk {n}", Money(500, "USD"), stock=5)

if sys.argv[2] == "swap":
    index.os.replace = stay
if sys.argv[2] == "after":
    index._sync_folder = stay
index.build_index(products(), Path(sys.argv[1]))
"""


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def finish(process: subprocess.Popen[str]) -> str:
    printed, _ = process.communicate(timeout=PATIENCE_S)
    assert 0 == process.returncode
    return printed


def test_two_processes_that_search_while_a_third_swaps_never_see_half_of_one(tmp_path: Path) -> None:
    path, done = tmp_path / "catalogue.index", tmp_path / "done"
    finish(run(SWAPPER, path, 1))
    searchers = [run(SEARCHER, path, done) for _ in range(2)]
    try:
        finish(run(SWAPPER, path, 12))
    finally:
        done.touch()
        printed = [finish(searcher).split() for searcher in searchers]
    assert all(seen and set(seen) <= {"a", "b"} for seen in printed), printed


@pytest.mark.parametrize(("step", "answers"), [("import", "old"), ("swap", "old"), ("after", "n")])
def test_a_build_that_is_killed_leaves_the_old_catalogue_or_the_new_one_whole(
    step: str, answers: str, tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    path = tmp_path / "catalogue.index"
    build_index([make_product("old", "Oat Milk")], path)
    builder = run(STUCK, path, step)
    assert builder.stdout is not None
    assert "there\n" == builder.stdout.readline()
    builder.send_signal(signal.SIGKILL)
    builder.communicate(timeout=PATIENCE_S)
    found = [sku for sku, _ in open_catalogue(path).rank("oat milk", 50)]
    assert found
    assert all(sku.startswith(answers) for sku in found)
    assert (20 if answers == "n" else 1) == len(found)


def test_what_a_killed_build_left_is_cleared_by_a_later_one(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    path = tmp_path / "catalogue.index"
    abandoned, going_on = (tmp_path / f".catalogue.index.{n}.building" for n in (1, 2))
    abandoned.touch()
    going_on.touch()
    long_ago = time.time() - LEFT_OVER_S - 60
    os.utime(abandoned, (long_ago, long_ago))
    build_index([make_product("new", "Oat Milk")], path)
    assert (False, True) == (abandoned.exists(), going_on.exists())
