"""docs/simulator.md says what there is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from skill.cli.chat import _HELP, chat
from skill.simulator.clock import _OUTSIDE, read_move
from skill.simulator.conversation import CODE
from skill.simulator.page import PLATFORM_LABELS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
TEMPLATES = "".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "skill" / "simulator" / "templates").glob("*.html")
)


@pytest.mark.parametrize(
    "name", ["New household", "Deliver again", "Walk away", "Read aloud", "Save as test", "Replay it", "Envelopes"]
)
def test_what_is_pressed_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in GUIDE
    assert re.search(rf">\s*{name}\s*<", TEMPLATES)


def test_every_platform_is_named() -> None:
    assert [] == [label for label in PLATFORM_LABELS.values() if label not in GUIDE]


def test_every_time_that_is_named_is_one() -> None:
    (clock,) = re.findall(r"- \*\*Clock\*\*:(.*?)\. What the sweeper", GUIDE, re.DOTALL)
    named = [each.replace(" min", " min") for each in re.findall(r"`([^`]+)`", clock)]
    assert 7 == len(named)
    for each in named:
        read_move(each, datetime(2026, 3, 9, 16, tzinfo=UTC), ZoneInfo("America/New_York"))


def test_every_setting_that_keeps_the_clock_is_named() -> None:
    (clock,) = re.findall(r"- \*\*Clock\*\*:(.*?)\n\n", GUIDE, re.DOTALL)
    assert sorted(_OUTSIDE.values()) == sorted(set(re.findall(r"SAYSO_[A-Z_]+", clock)))


def test_every_option_and_command_of_the_terminal_is_there() -> None:
    terminal = GUIDE.partition("## In the terminal")[2]
    options = {option for parameter in chat.params for option in parameter.opts}
    assert set() == set(re.findall(r"--[a-z]+", terminal)) - options
    assert set() == set(re.findall(r"(?<=`)/[a-z]+", terminal)) - {"/help", *re.findall(r"/[a-z]+", _HELP)}


def test_the_code_of_a_new_household_is_told() -> None:
    assert f"the code {CODE}" in GUIDE
