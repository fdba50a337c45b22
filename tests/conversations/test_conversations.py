"""Every conversation file of this folder, on every platform that it names: words, cart, orders, charges."""

from __future__ import annotations

from pathlib import Path

import pytest

from skill.shop.catalogue import Product
from skill.simulator.conversation import Conversation, read_conversation
from skill.simulator.replay import failure_text, play, set_stage

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize(
    ("path", "conversation", "platform"),
    [
        pytest.param(path, conversation, platform, id=f"{path.stem}-{platform}")
        for path in FILES
        for conversation in [read_conversation(path)]
        for platform in conversation.platforms
    ],
)
def test_conversation_goes_as_written(
    path: Path,
    conversation: Conversation,
    platform: str,
    sample: tuple[Path, list[Product]],
    tmp_path: Path,
) -> None:
    store, products = sample
    stage = set_stage(conversation, platform, store, products, tmp_path / "stage")
    try:
        failures = [failure_text(path.name, platform, played) for played in play(stage) if played.problems]
    finally:
        stage.close()
    assert [] == failures, "\n\n" + "\n\n".join(failures)


def test_every_title_is_its_own() -> None:
    titles = [read_conversation(path).title for path in FILES]
    assert len(set(titles)) == len(titles)
