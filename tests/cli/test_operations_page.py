"""docs/operations.md names commands, variables and waits that there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skill.background import SWEEP_EVERY_S
from skill.ordering.delivering import RETRY_AFTER_S
from skill.settings import read_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
COMMANDS = sorted(set(re.findall(r"`sayso ([a-z]+(?: [a-z]+)*)", PAGE)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_the_page_is_there(run: Callable[..., Any], command: str) -> None:
    outcome = run(*command.split(), "--help")
    assert (0, f"Usage: sayso {command}") == (outcome.code, outcome.out.split(" [")[0].split("\n")[0].strip())


def test_the_waits_and_variables_on_the_page_are_the_ones_in_force() -> None:
    assert (5, 30, 120, 600, 1800, 7200, 21600, 86400) == RETRY_AFTER_S
    assert "5 s, 30 s, 2 min, 10 min, 30 min, 2 h, 6 h and a day" in " ".join(PAGE.split())
    assert 15 == SWEEP_EVERY_S
    named = set(re.findall(r"SAYSO_[A-Z_]+", PAGE))
    values = dict.fromkeys(named, "x") | {"SAYSO_PUBLIC_URL": "https://store.example", "SAYSO_SIMULATOR": "on"}
    assert set(values) == named
    default = read_settings({})
    for name in named:
        setting = name.removeprefix("SAYSO_").lower()
        assert getattr(default, setting) != getattr(read_settings(values), setting), name
