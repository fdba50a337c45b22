"""What is said in one breath costs a turn a few searches, however often it is joined."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skill.search.catalogue import SearchCatalogue
from skill.shop.catalogue import Findings
from skill.simulator.conversation import parse_conversation
from skill.simulator.replay import play, set_stage
from tests.dialogue.stores import make_store

ROWS = (
    {"id": "milk", "title": "Whole Milk", "price": "3.29 USD"},
    {"id": "bread", "title": "White Bread", "price": "2.19 USD"},
)
SEARCHES_MAX = 20


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of every search from here on."""
    made: list[str] = []
    find: Callable[..., Findings] = SearchCatalogue.find

    def counted(self: SearchCatalogue, wish: Any, **more: Any) -> Findings:
        made.append(wish.words)
        return find(self, wish, **more)

    monkeypatch.setattr(SearchCatalogue, "find", counted)
    return made


def test_a_chain_of_things_is_not_parted_in_every_way(tmp_path: Path, searches: list[str]) -> None:
    folder = tmp_path / "store"
    products = make_store(folder, ROWS)
    said = "find " + "milk and bread and " * 4 + "xylophone"
    told = json.dumps({"title": "x", "steps": [{"say": said}, {"say": "find milk and bread"}]})
    stage = set_stage(parse_conversation(told, "a.yaml"), "alexa", folder, products, tmp_path / "s")
    try:
        first, second = play(stage)
        assert 0 < len(searches) < SEARCHES_MAX
        assert "First this" in str(second)
        assert "First this" not in str(first)
    finally:
        stage.close()
