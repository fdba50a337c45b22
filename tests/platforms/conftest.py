"""Envelopes as the platforms send them, and a skill whose dialogue says what the test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skill.turn import Expect, Reply, Turn

EVENTS = Path(__file__).parent / "events"


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """A fresh copy of `events/<name>.json`."""
    return lambda name: json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


class Answering:
    """An answer function that remembers the turns it was given."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.turns: list[Turn] = []

    def __call__(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        return self.reply

    @property
    def turn(self) -> Turn:
        (turn,) = self.turns
        return turn


@pytest.fixture
def answering() -> Answering:
    return Answering(Reply("Two things. Which one?", Expect.FREE, reprompt="Which one?"))
