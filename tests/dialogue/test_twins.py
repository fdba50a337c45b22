"""Products that sound the same are read once, and none of them hides another that can be bought."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skill.shop.catalogue import Product
from skill.simulator.conversation import parse_conversation
from skill.simulator.replay import failure_text, play, set_stage
from tests.dialogue.stores import make_store

ROWS = (
    {"id": "gone", "title": "Creamy Peanut Butter", "price": "3.29 USD", "size": "16 oz", "availability": "out_of_stock"},
    {"id": "here", "title": "Creamy Peanut Butter", "price": "3.19 USD", "size": "16 oz"},
    {"id": "pulp", "title": "Orange Juice with Pulp", "price": "4.49 USD", "size": "52 oz", "availability": "out_of_stock"},
    {"id": "no-pulp", "title": "Orange Juice, No Pulp", "price": "4.59 USD", "size": "52 oz"},
    {"id": "rye-1", "title": "Dark Rye Bread", "price": "2.99 USD", "size": "20 oz"},
    {"id": "rye-2", "title": "Dark Rye Bread", "price": "5.99 USD", "size": "20 oz"},
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Product]]:
    folder = tmp_path_factory.mktemp("twins") / "store"
    return folder, make_store(folder, ROWS)


@pytest.mark.parametrize(
    "steps",
    [
        # The one that can be bought is offered, at its own price.
        [{"say": "find peanut butter", "hear": ["$3.19"], "not_hear": ["sold out"]}, {"say": "yes", "cart": {"here": 1}}],
        [{"say": "find orange juice", "hear": ["No Pulp, 52 oz, $4.59"]}],
        # Two that sound the same are two to choose from: neither goes in unasked.
        [{"say": "add dark rye bread", "hear": ["$2.99"], "cart": {}, "charges": []}],
    ],
)  # fmt: skip
def test_what_sounds_the_same_hides_nothing(
    steps: list[dict[str, object]], store: tuple[Path, list[Product]], tmp_path: Path
) -> None:
    stage = set_stage(
        parse_conversation(json.dumps({"title": "x", "steps": steps}), "a.yaml"), "alexa", *store, tmp_path / "s"
    )
    try:
        assert [] == [failure_text("a.yaml", "alexa", played) for played in play(stage) if played.problems]
    finally:
        stage.close()
