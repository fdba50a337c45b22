"""A quote is heard whole before it can be agreed to, or there is none; and nothing is written down that could not be said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.app import App
from skill.dialogue.state import STATE_LENGTH_MAX
from skill.shop.cart import LINES_MAX
from skill.shop.catalogue import Product
from skill.simulator.conversation import parse_conversation
from skill.simulator.replay import Played, Stage, play, set_stage
from skill.speech.render import spoken_locales
from skill.turn import Expect
from tests.dialogue.stores import make_store

Store = tuple[Path, list[Product]]

KINDS = (
    "Almond", "Barley", "Cashew", "Damson", "Endive", "Fennel", "Garlic", "Hazel", "Iceberg", "Jasmine", "Kale", "Lemon",
    "Mango", "Nutmeg", "Olive", "Papaya", "Quinoa", "Radish", "Saffron", "Thyme", "Urad", "Vanilla", "Walnut", "Ximenia",
    "Yam", "Zucchini", "Apricot", "Basil", "Carrot", "Dill", "Eggplant", "Fig", "Ginger", "Honey", "Indigo", "Juniper",
    "Kiwi", "Lime", "Mint", "Nectarine", "Oregano", "Parsley", "Quince", "Rosemary", "Sage", "Turmeric", "Ugli", "Verbena",
    "Wasabi", "Yuzu",
)  # fmt: skip
WIDE = {"lines_max": LINES_MAX, "order_max": 100000, "adult_approval_over": None, "quiet_hours": None}
WIDE |= dict.fromkeys(("no_pin_order_max", "no_pin_total_max"), 100000)
CHANNELS = ("alexa", "dialogflow-cx", "dialogflow-es", "actions-builder")


@pytest.fixture(scope="module")
def preserves(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Fifty products with names of the greatest length that is said."""
    folder = tmp_path_factory.mktemp("preserves") / "store"
    titles = [f"Handcrafted Small Batch Organic {kind} Preserves Unsweetened" for kind in KINDS]
    rows = [
        {"id": f"P{at}", "title": title, "price": "1.00 USD", "size": "family size twelve ounces"}
        for at, title in enumerate(titles)
    ]
    return folder, make_store(folder, rows)


@pytest.fixture
def stage_of(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    stages = []

    def set_up(store: Store, platform: str, steps: list[dict[str, Any]], lines: int = LINES_MAX, **more: Any) -> Stage:
        _folder, products = store
        cart = {product.sku: 1 for product in products[:lines]}
        told = {"title": "x", "household": {"policy": WIDE, "cart": cart}, "steps": steps, **more}
        stages.append(set_stage(parse_conversation(json.dumps(told), "a.yaml"), platform, *store, tmp_path / "stage"))
        return stages[-1]

    yield set_up
    for stage in stages:
        stage.close()


CHECK_OUT = {"intent": "check_out", "slots": {}}
CODE = {"intent": "give_code", "slots": {"code": "4271"}}
AGAIN = {"redeliver": True}


def speeches(played: list[Played]) -> list[str]:
    return [each.exchange.heard.speech for each in played if each.exchange is not None]


def orders(stage: Stage) -> list[Any]:
    return list(stage.app.ports.orders.list(10))


# --- as long as the channel can speak -----------------------------------------------------------------------------------


def test_on_alexa_fifty_lines_are_heard_to_the_last_and_become_an_order(
    stage_of: Callable[..., Stage], preserves: Store
) -> None:
    stage = stage_of(preserves, "alexa", [CHECK_OUT, CODE])
    quote, done = speeches(list(play(stage)))
    assert [] == [kind for kind in KINDS if kind not in quote]
    assert quote.endswith("To order, tell me your four-digit code.")
    assert done.startswith("Done.")
    assert "total $" in done
    assert [LINES_MAX] == [len(order.lines) for order in orders(stage)]


@pytest.mark.parametrize("platform", CHANNELS[1:])
def test_a_quote_that_a_channel_cannot_speak_whole_is_refused_and_no_code_is_waited_for(
    stage_of: Callable[..., Stage], preserves: Store, platform: str
) -> None:
    stage = stage_of(preserves, platform, [CHECK_OUT, AGAIN, CODE])
    played = list(play(stage))
    refused, again, after = speeches(played)
    assert "too long to read out" in refused
    assert "two orders" in refused
    assert "Nothing was ordered." in refused
    assert refused == again
    assert "Done" not in after
    assert [] == orders(stage)
    assert () == stage.payments.charges
    assert Expect.FREE == played[0].exchange.reply.expects  # type: ignore[union-attr]


@pytest.mark.parametrize("platform", CHANNELS)
def test_fewer_lines_are_heard_whole_on_every_channel(
    stage_of: Callable[..., Stage], preserves: Store, platform: str
) -> None:
    stage = stage_of(preserves, platform, [CHECK_OUT, CODE], lines=30)
    played = list(play(stage))
    quote = played[0].exchange
    assert quote is not None
    assert quote.reply is not None
    spoken = json.dumps(quote.response, ensure_ascii=False)
    assert [] == [kind for kind in KINDS[:30] if kind not in spoken]
    assert "To order, tell me your four-digit code.</speak>" in spoken or platform == "dialogflow-es"
    assert [30] == [len(order.lines) for order in orders(stage)]


@pytest.mark.parametrize("locale", spoken_locales())
def test_every_language_says_to_make_two_orders_of_it(
    stage_of: Callable[..., Stage], preserves: Store, locale: str
) -> None:
    stage = stage_of(preserves, "dialogflow-cx", [CHECK_OUT], locale=locale)
    (refused,) = speeches(list(play(stage)))
    words = {
        "en-US": "two orders", "en-GB": "two orders", "it-IT": "due ordini", "el-GR": "δύο παραγγελίες",
        "hr-HR": "dvije narudžbe", "kk-KZ": "екі тапсырыс",
    }  # fmt: skip
    assert words[locale] in refused


# --- what cannot be said ------------------------------------------------------------------------------------------------


def with_voice(stage: Stage, text: str) -> None:
    """The store's own wording, with a mistake that was not found when it was loaded."""
    app = stage.app
    stage.app = App(app.settings, app.ports, app.database, app.catalogue, (("en-US", text),), app.reading)
    stage.talks.clear()


def test_a_quote_that_cannot_be_said_leaves_no_consent_pending(
    stage_of: Callable[..., Stage], preserves: Store
) -> None:
    stage = stage_of(preserves, "alexa", [CHECK_OUT, AGAIN, CODE], lines=1)
    with_voice(stage, "quote = { $nothing }\n")
    first, again, after = speeches(list(play(stage)))
    assert "something on our side is not working. Nothing was ordered." in first
    assert first == again
    assert "Done" not in after
    assert [] == orders(stage)
    assert () == stage.payments.charges


def test_an_order_that_cannot_be_told_is_placed_once_and_said_to_be_looked_for(
    stage_of: Callable[..., Stage], preserves: Store
) -> None:
    stage = stage_of(preserves, "alexa", [CHECK_OUT, CODE, AGAIN], lines=1)
    with_voice(stage, "ordered = { $nothing }\n")
    _, first, again = speeches(list(play(stage)))
    assert "Please don't order again; ask where is my order in a minute." in first
    assert first == again
    assert ["committed"] == [order.state for order in orders(stage)]
    assert 1 == len(stage.payments.charges)
    assert () == stage.app.ports.carts.load("hh_first").lines


def test_what_was_asked_before_is_not_pending_any_more_after_an_answer_that_cannot_be_said(
    stage_of: Callable[..., Stage], preserves: Store
) -> None:
    steps = [CHECK_OUT, {"intent": "yes", "slots": {}}, CODE]
    stage = stage_of(preserves, "alexa", steps, lines=1)
    with_voice(stage, "not-ordered = { $nothing }\n")
    _, unsaid, after = speeches(list(play(stage)))
    assert "something on our side is not working. Nothing was ordered." in unsaid
    assert "Done" not in after
    assert [] == orders(stage)


def test_a_stores_own_words_for_a_failure_are_used_where_they_can_be_said(
    stage_of: Callable[..., Stage], preserves: Store
) -> None:
    stage = stage_of(preserves, "alexa", [CHECK_OUT, AGAIN], lines=1)
    with_voice(stage, "quote = { $nothing }\nstorage-failed = Our till is stuck.\n")
    first, again = speeches(list(play(stage)))
    assert first.startswith("Our till is stuck.")
    assert first == again


def test_an_answer_that_was_given_and_can_no_longer_be_said_denies_no_order(
    stage_of: Callable[..., Stage], preserves: Store
) -> None:
    stage = stage_of(preserves, "alexa", [CHECK_OUT, CODE, AGAIN], lines=1)
    playing = play(stage)
    assert "Done" in speeches([next(playing), next(playing)])[-1]
    talk = next(iter(stage.talks.values()))
    app = stage.app
    broken = App(app.settings, app.ports, app.database, app.catalogue, (("en-US", "ordered = { $nothing }\n"),))
    talk.door._app = broken  # type: ignore[attr-defined]
    (again,) = speeches([next(playing)])
    assert "Please don't order again" in again


def test_a_quote_that_cannot_be_remembered_whole_is_refused(
    stage_of: Callable[..., Stage], preserves: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STATE_LENGTH_MAX > 30_000
    monkeypatch.setattr("skill.dialogue.state.STATE_LENGTH_MAX", 2_000)
    stage = stage_of(preserves, "alexa", [CHECK_OUT, CODE])
    refused, _ = speeches(list(play(stage)))
    assert "two orders" in refused
