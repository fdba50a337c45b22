"""docs/attacks.md names a test that is there for every attack, and no attack test is missing on the page by mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ATTACKS = "tests/attacks/test_attacks.py"
ROWS = [
    line.strip("| ").split(" | ")
    for line in (ROOT / "docs" / "attacks.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and "::" in line
]


@pytest.mark.parametrize(("attack", "test"), ROWS, ids=[row[0] for row in ROWS])
def test_every_attack_has_its_test(attack: str, test: str) -> None:
    file, name = test.replace("attacks::", f"{ATTACKS}::", 1).split("::") if "/" not in test else test.split("::")
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), f"{attack}: no {test}"


def test_no_test_stands_for_two_attacks() -> None:
    tests = [test for _, test in ROWS]
    assert sorted(set(tests)) == sorted(tests)
