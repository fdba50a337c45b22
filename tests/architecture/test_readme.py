"""The README names what is there: every link leads somewhere, and every command exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from skill.cli import sayso

PAGES = (
    "README.md",
    "interaction_models/README.md",
    *sorted(
        f"docs/{path.name}" for path in (Path(__file__).parents[2] / "docs").glob("*.md") if path.name != "decisions.md"
    ),
)
SHOWN = re.compile(r"`sayso ((?:[a-z-]+ ?)+)")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(root: Path, page: str) -> None:
    text = (root / page).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [] == [link for link in links if not (root / page).parent.joinpath(link).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_shown_exists(root: Path, page: str) -> None:
    for command in SHOWN.findall((root / page).read_text("utf-8")):
        topic, *rest = command.split()
        assert topic in sayso.topics, command
        group = sayso.get_command(None, topic)  # type: ignore[arg-type]
        if hasattr(group, "commands") and rest:
            assert rest[0] in group.commands, command


@pytest.mark.parametrize("topic", sorted(sayso.topics))
def test_every_command_explains_itself(topic: str) -> None:
    assert 0 == CliRunner().invoke(sayso, [topic, "--help"]).exit_code


def test_every_room_is_in_the_table(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    rooms = {path.name for path in (root / "skill").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert set() == {room for room in rooms - {"sample"} if f"`skill/{room}/`" not in text}
