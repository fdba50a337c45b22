"""docs/mutation.md speaks of lines that are there, and says why each change to them goes unnoticed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants import PAGE, Mutant, read_page, without_decorators

ROOT = Path(__file__).parents[2]
EXPLAINED = read_page(PAGE.read_text("utf-8"))


def function_of(mutant: Mutant) -> str:
    """The function's source, without decorators as the changes are made in it."""
    source = without_decorators((ROOT / mutant.file).read_text("utf-8"))
    node: ast.AST = ast.parse(source)
    for name in mutant.function.split("."):
        node = next(each for each in ast.walk(node) if getattr(each, "name", None) == name)
    return ast.get_source_segment(source, node) or ""


@pytest.mark.parametrize("mutant", EXPLAINED, ids=lambda each: f"{each.function}: {each.new}")
def test_a_listed_change_is_to_a_line_that_is_there(mutant: Mutant) -> None:
    lines = [line.strip() for line in function_of(mutant).splitlines()]
    assert all(old in lines for old in mutant.old.split(" ⏎ "))
    assert mutant.old != mutant.new


def test_every_listed_change_has_its_reason() -> None:
    assert EXPLAINED
    assert [] == [mutant for mutant, why in EXPLAINED.items() if len(why.split()) < 5]


def test_the_figures_of_the_page_add_up() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith(("| `skill/", "| all "))
    ]
    *files, everything = [[int(cell.replace(",", "")) for cell in row[1:]] for row in rows]
    assert everything == [sum(column) for column in zip(*files, strict=True)]
    assert all(made == noticed + survived for made, noticed, survived in files)
    assert len(EXPLAINED) == everything[2]
    listed = {row[0].strip("`"): int(row[3]) for row in rows[:-1]}
    assert {file: count for file, count in listed.items() if count} == {
        file: sum(mutant.file == file for mutant in EXPLAINED) for file in {mutant.file for mutant in EXPLAINED}
    }


def test_properties_and_caches_are_seen_through() -> None:
    source = (
        "class A:\n    @property\n    def b(self) -> int:\n        return 1\n\n    c = 2\n\n\n"
        "@lru_cache(maxsize=9)\ndef d() -> int:\n    return 3\n"
    )
    plain = without_decorators(source)
    assert "    b = property(b)\n    c = 2\n" in plain
    assert "lru_cache" not in plain
    namespace: dict[str, object] = {}
    exec(plain, namespace)
    assert (1, 3) == (namespace["A"]().b, namespace["d"]())  # type: ignore[operator]
