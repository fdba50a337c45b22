"""Virtual Alexa (Node) understands by our generated interaction model and orders through a running server.

What it cannot do, so that nobody looks for it here: it does not split slots that stand side by side, gives numbers as they
were said ("two" stays "two"), takes any words with "ask", "open" or "tell" in them for a launch, and throws where no sample fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "interaction_models" / "alexa" / "en-US.json"


@pytest.fixture
def speaker(served_store, clients_dir: Path, start_virtual_alexa) -> Iterator[Callable[..., object]]:
    with ExitStack() as running:

        def start(user: str = served_store.alexa_user, device: str = "kitchen"):
            alexa = start_virtual_alexa(served_store, clients_dir, MODEL, user, device)
            running.callback(alexa.close)
            return alexa

        yield start


def test_an_order_from_launch_to_code(served_store, speaker) -> None:
    alexa = speaker()
    assert "Corner Store" in alexa.launch().words

    found = alexa.utter("find milk")
    assert "find_products" == found.intent
    assert "milk" == found.request["request"]["intent"]["slots"]["product_query"]["value"]
    assert "$" in found.words

    added = alexa.utter("add two of the first")
    assert "add_to_cart" == added.intent
    assert "two" == added.request["request"]["intent"]["slots"]["quantity"]["value"]

    assert "2" in alexa.utter("what's in my cart").words

    quote = alexa.utter("check out")
    assert "check_out" == quote.intent
    assert "total" in quote.words
    assert [] == served_store.orders()

    placed = alexa.utter(f"code {served_store.code}")
    assert "give_code" == placed.intent
    assert placed.ended
    [order] = served_store.orders()
    assert "committed" == order["state"]
    assert served_store.household_id == order["household_id"]
    assert [2] == [line["quantity"] for line in order["lines"]]
    assert served_store.code not in placed.words


def test_without_a_code_only_the_number_that_the_quote_names_orders(served_store, speaker) -> None:
    household_id = served_store.add_household("amzn1.ask.account.NOCODE", "pin_policy=never")
    alexa = speaker(user="amzn1.ask.account.NOCODE")
    alexa.launch()
    alexa.utter("find milk")
    alexa.utter("add two of the first")
    quote = alexa.utter("check out")
    # It is named last, and never in the words that would confirm.
    number = re.findall(r"\b\d\d\b", quote.words)[-1]
    assert f"order {number}" not in quote.words.lower()

    confirmed = alexa.utter(f"order {number}")
    assert "confirm_order" == confirmed.intent
    assert [(household_id, "committed")] == [(each["household_id"], each["state"]) for each in served_store.orders()]


def test_yes_where_a_code_is_asked_for_orders_nothing(served_store, speaker) -> None:
    alexa = speaker()
    alexa.launch()
    alexa.utter("find milk")
    alexa.utter("add two of the first")
    alexa.utter("check out")
    assert "AMAZON.YesIntent" == alexa.utter("yes please").intent
    assert [] == served_store.orders()


def test_a_stranger_s_speaker_orders_nothing(served_store, speaker) -> None:
    alexa = speaker(user="amzn1.ask.account.STRANGER")
    alexa.launch()
    alexa.utter("find milk")
    alexa.utter("add two of the first")
    alexa.utter("check out")
    alexa.utter(f"code {served_store.code}")
    assert [] == served_store.orders()


def test_three_wrong_codes_lock_orders_even_for_the_right_one(served_store, speaker) -> None:
    alexa = speaker()
    alexa.launch()
    alexa.utter("find milk")
    alexa.utter("add two of the first")
    for code in ("0137", "0138", "0139", served_store.code):
        alexa.utter("check out")
        alexa.utter(f"code {code}")
    assert [] == served_store.orders()
