"""A captured request is run on the page, and talked on from there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skill.simulator import PLATFORMS
from skill.simulator.conversation import parse_conversation
from skill.simulator.envelopes import envelopes_for


def request(platform: str, intent: str = "find_products", **slots: str) -> dict[str, Any]:
    envelopes = envelopes_for(platform, "amzn1.ask.account.SOMEBODY", locale="en-GB")
    return json.loads(json.dumps(envelopes.intent(intent, slots, "find bananas")))  # type: ignore[no-any-return]


def run(reading: Any, *captured: dict[str, Any], **posted: str) -> None:
    reading.open("/simulator/import")
    text = json.dumps(list(captured)) if len(captured) > 1 else json.dumps(captured[0], indent=2)
    reading.submit("captured", captured=text, **posted)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_captured_request_is_run_for_a_household_and_talked_on_from(reading: Any, platform: str) -> None:
    run(reading, request(platform, product_query="bananas"), household="hh_demo", anew="true")
    assert "Bananas" in reading.answer
    assert platform == next(
        each.attributes["value"]
        for each in reading.page.one("select", name="platform").all("option")
        if "selected" in each.attributes
    )
    assert "find_products product_query = bananas" in reading.page.all(kind="shopper")[0].text
    assert "SOMEBODY" not in reading.page.one(id="request").text or platform != "alexa"
    reading.say("add two of the first one", "check out", "4271")
    assert "Done" in reading.answer
    assert "committed" in reading.part("orders-title")


def test_as_captured_it_is_a_guests(reading: Any) -> None:
    run(reading, request("alexa", product_query="bananas"), household="guest")
    assert "Bananas" in reading.answer
    assert "A guest may look round" in reading.part("limits-title")
    assert "SOMEBODY" in reading.page.one(id="request").text


def test_as_captured_a_linked_account_is_its_households(app: Any, reading: Any) -> None:
    app.ports.households.link("hh_demo", "alexa", "amzn1.ask.account.SOMEBODY", app.ports.clock.now_utc())
    run(reading, request("alexa", product_query="bananas"), household="guest")
    assert "Today 0.00 of 100.00 USD" in reading.part("limits-title")


def test_several_requests_are_one_conversation(reading: Any) -> None:
    found = request("alexa", product_query="bananas")
    added = request("alexa", "add_to_cart", ordinal="1", quantity="2")
    added["session"] = dict(found["session"], new=False)
    run(reading, found, added, household="hh_demo", anew="true")
    assert 2 == len(reading.page.all(kind="turn"))
    assert "2 × Bananas" in reading.part("cart-title")


def test_the_same_request_is_answered_as_before_unless_it_is_a_new_one(app: Any, reading: Any) -> None:
    captured = request("alexa", "add_to_cart", product_query="organic bananas", quantity="2")
    for _ in range(2):
        run(reading, captured, household="hh_demo")
    once = reading.part("cart-title")
    run(reading, captured, household="hh_demo", anew="true")
    assert once != reading.part("cart-title")


def test_it_is_saved_as_a_test_without_the_code_that_it_held(reading: Any) -> None:
    run(reading, request("alexa", product_query="bananas"), household="hh_demo", anew="true")
    reading.say("add the first one", "check out")
    given = request("alexa", "give_code", code="8306")
    run(reading, given, household="hh_demo", anew="true")
    link = next(each for each in reading.page.all("a") if each.text == "Save as test")
    saved = reading.client.get(link.attributes["href"]).get_data(as_text=True)
    assert "8306" not in saved
    assert 1 == len(parse_conversation(saved, "saved.yaml").steps)
    shown = reading.page.text.replace(reading.page.one(id="request").text, "")
    assert "8306" not in shown


def test_the_language_of_the_request_is_spoken_on(reading: Any) -> None:
    captured = request("alexa", product_query="latte")
    captured["request"]["locale"] = "it-IT"
    run(reading, captured, household="hh_demo", anew="true")
    assert "I più vicini" in reading.answer
    assert "I più vicini" in reading.say("cerca il latte")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1"),
        ('{"hello": 1}', "no platform sends this"),
        ('{"request": {"type": "IntentRequest"}}', "is missing"),
        ("[{}, {}]", "no platform sends this"),
    ],
)
def test_what_cannot_be_run_is_told_and_kept(reading: Any, text: str, says: str) -> None:
    reading.open("/simulator/import")
    reading.submit("captured", captured=text, household="guest")
    assert 422 == reading.status
    assert says in reading.alert
    assert text == reading.page.one("textarea").text


def test_requests_of_two_platforms_are_no_conversation(reading: Any) -> None:
    run(reading, request("alexa"), request("dialogflow-cx"), household="guest")
    assert "of several platforms" in reading.alert
