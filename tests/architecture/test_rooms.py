"""`.importlinter` says of every room whom it may know; `make check` holds the rooms to it."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path


def contracts(root: Path) -> ConfigParser:
    parser = ConfigParser()
    parser.read(root / ".importlinter", "utf-8")
    return parser


def rooms_on_disk(root: Path) -> set[str]:
    entries = [
        path
        for path in (root / "skill").iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")) and path.name != "__pycache__")
    ]
    return {f"skill.{path.stem}" for path in entries if path.stem != "__init__"}


def test_every_room_has_a_contract(root: Path) -> None:
    parser = contracts(root)
    closed = {
        source
        for name in parser.sections()
        if name.startswith("importlinter:contract:") and "skill.*" in parser[name].get("forbidden_modules", "")
        for source in parser[name].get("source_modules", "").split()
    }
    # These few choose among the others, so their contracts name what they may not know instead.
    choosers = {"skill.app", "skill.web", "skill.cli"}
    assert rooms_on_disk(root) == closed | choosers
