"""What a turn leaves in the log: its id from envelope to order, and nothing that a shopper said or is."""

from __future__ import annotations

import json
import logging

import pytest

from tests.attacks.conftest import Shop


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if hasattr(record, "turn_id")]


def test_one_line_a_turn_ties_the_request_to_the_order(
    shop: Shop, platform: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.household()
    with caplog.at_level(logging.INFO, "sayso"):
        talk = shop.quoted(platform)
        talk.say("4271")
    told = lines(caplog)
    assert ["ordered", "can-undo"] == told[-1].answer  # type: ignore[attr-defined]
    assert [None] * 3 + [shop.live[0].order_id] == [each.order_id for each in told]  # type: ignore[attr-defined]
    assert 4 == len({each.turn_id for each in told})  # type: ignore[attr-defined]
    assert {platform} == {each.platform for each in told}  # type: ignore[attr-defined]
    asked = json.dumps(talk.last.request if talk.last else {})
    assert told[-1].turn_id in asked  # type: ignore[attr-defined]


def test_a_search_says_which_catalogue_answered(shop: Shop, platform: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sayso"):
        shop.talk(platform).say("find bananas")
    assert shop.app.ports.catalogue.version == lines(caplog)[-1].catalogue  # type: ignore[attr-defined]


def test_no_line_holds_words_codes_or_addresses(shop: Shop, platform: str, caplog: pytest.LogCaptureFixture) -> None:
    shop.household()
    with caplog.at_level(logging.DEBUG):
        talk = shop.quoted(platform)
        talk.say("1 2 3 9")
        talk.say("4271")
        talk.say("find something unheard of")
    kept = " ".join(f"{record.getMessage()} {_facts(record)}" for record in caplog.records).lower()
    for secret in ("4271", "1 2 3 9", "banana", "orchard", "unheard"):
        assert secret not in kept, secret


def _facts(record: logging.LogRecord) -> list[tuple[str, object]]:
    """What a line says besides its message. When and where it was written are figures that may look like a code by chance."""
    by_chance = {"created", "msecs", "relativeCreated", "process", "thread", "took_ms"}
    return sorted(((name, value) for name, value in vars(record).items() if name not in by_chance), key=str)
