"""The simulator's page: real orders through the real adapters, on loopback alone, and nothing for a browser to be tricked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from skill.app import App
from skill.simulator import PLATFORMS
from skill.simulator.conversation import parse_conversation
from skill.simulator.page import TALKS_MAX
from skill.web import create_app

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "skill" / "simulator" / "static"
TEMPLATE = ROOT / "skill" / "simulator" / "templates" / "simulator.html"


@pytest.fixture
def browser(app: App) -> FlaskClient:
    return create_app(app).test_client()


@pytest.fixture
def say(browser: FlaskClient) -> Callable[..., dict[str, Any]]:
    """Says one thing after the other in one conversation; the last answer."""
    talk: list[str | None] = [None]

    def say_all(*said: str | dict[str, Any], **setting: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for each in said:
            what = {"words": each} if isinstance(each, str) else each
            body = {"platform": "alexa", "household": "hh_demo", "talk": talk[0]} | setting | what
            response = browser.post("/simulator/say", json=body)
            assert 200 == response.status_code, response.json
            answer = response.get_json()
            talk[0] = answer["talk"]
        return answer

    return say_all


ORDERING = ("find bananas", "add two of the first one", "check out")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_order_from_the_first_word_to_the_receipt(say: Callable[..., dict[str, Any]], platform: str) -> None:
    quoted = say({"launch": True}, *ORDERING, platform=platform)
    assert ("code", "Needs the code") == (quoted["expected"], quoted["inside"]["decision"]["label"])
    assert [("Bananas", 2, "1.38 USD")] == [
        (line["title"], line["quantity"], line["price"]) for line in quoted["inside"]["cart"]["lines"]
    ]
    done = say("4271", platform=platform)
    assert done["speech"].startswith("Done.")
    assert "Receipt from Corner Store" == done["card"]["title"]
    assert not done["expects_more"]
    assert "Allowed, by code" == done["inside"]["decision"]["label"]
    assert "5.37" == done["inside"]["windows"][0]["spent"]
    assert "5.37 USD" == done["inside"]["orders"][0]["total"]


def test_both_envelopes_are_the_platforms_own(say: Callable[..., dict[str, Any]]) -> None:
    answer = say("find bananas")
    assert '"type": "IntentRequest"' in answer["request"]
    assert '"outputSpeech"' in answer["response"]


def test_a_code_is_masked_wherever_words_are_shown(say: Callable[..., dict[str, Any]]) -> None:
    answer = say(*ORDERING, "8306")
    assert answer["is_secret"]
    assert "8306" not in str({name: value for name, value in answer.items() if name not in ("request", "response")})


def test_another_platform_or_device_is_another_conversation(say: Callable[..., dict[str, Any]]) -> None:
    first = say(*ORDERING)
    second = say("4271", device="living-room")
    assert first["talk"] != second["talk"]
    assert not second["speech"].startswith("Done")


def test_another_speaker_breaks_into_the_same_conversation(say: Callable[..., dict[str, Any]]) -> None:
    first = say(*ORDERING)
    second = say("4271", speaker="alex")
    assert first["talk"] == second["talk"]
    assert "someone else" in second["speech"]


def test_a_guest_has_a_cart_and_no_limits(say: Callable[..., dict[str, Any]]) -> None:
    answer = say("find bananas", "add the first one", household="")
    assert "" == answer["inside"]["household"]
    assert 1 == len(answer["inside"]["cart"]["lines"])
    assert [] == answer["inside"]["windows"]


def test_a_saved_conversation_can_be_played(browser: FlaskClient, say: Callable[..., dict[str, Any]]) -> None:
    talk = say({"launch": True}, *ORDERING, "4271")["talk"]
    saved = browser.post("/simulator/save", json={"talk": talk}).get_json()
    conversation = parse_conversation(saved["yaml"], saved["name"])
    assert [None, *ORDERING, "4271"] == [step.say for step in conversation.steps]
    assert saved["name"].endswith(".yaml")


def test_what_stands_behind_is_shown_before_anything_is_said(browser: FlaskClient) -> None:
    inside = browser.post("/simulator/look", json={"household": "hh_demo"}).get_json()["inside"]
    assert "Demo household" == inside["household"]
    assert [("Today", "0.00", "100.00 USD")] == [
        (each["label"], each["spent"], each["cap"]) for each in inside["windows"][:1]
    ]


def test_the_page_names_the_store_and_its_households(browser: FlaskClient) -> None:
    page = browser.get("/").get_data(as_text=True)
    assert "Corner Store" in page
    assert '<option value="hh_demo">Demo household</option>' in page


def test_names_cannot_carry_markup_into_the_page(app: App) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    household = replace(app.ports.households.list(1)[0], household_id="hh_x", name=hostile)  # type: ignore[arg-type]
    app.ports.households.create(household)
    page = create_app(app).test_client().get("/").get_data(as_text=True)
    assert hostile not in page
    assert "&lt;img src=x" in page


def test_the_script_makes_no_markup_of_text() -> None:
    script = (STATIC / "simulator.js").read_text(encoding="utf-8")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert sink not in script


def test_no_script_and_no_style_stands_in_the_page() -> None:
    page = TEMPLATE.read_text(encoding="utf-8")
    assert "<style" not in page
    assert " style=" not in page
    assert 1 == page.count("<script")
    assert " onclick=" not in page


def test_the_policy_lets_nothing_in_from_elsewhere(browser: FlaskClient) -> None:
    policy = browser.get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("name", ["simulator.js", "simulator.css", "icon.svg"])
def test_what_the_page_needs_is_served(browser: FlaskClient, name: str) -> None:
    with browser.get(f"/simulator/static/{name}") as response:
        assert 200 == response.status_code


# --- who may talk to it -----------------------------------------------------------------------------------------------------

SAID = {"platform": "alexa", "household": "hh_demo", "words": "find milk"}


def test_a_request_from_another_machine_finds_nothing(browser: FlaskClient) -> None:
    assert 404 == browser.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code


def test_a_name_that_was_pointed_at_this_machine_is_turned_away(browser: FlaskClient) -> None:
    assert browser.get("/", headers={"Host": "attacker.example"}).status_code in (403, 404)


def test_a_page_elsewhere_cannot_post(browser: FlaskClient) -> None:
    assert 403 == browser.post("/simulator/say", json=SAID, headers={"Origin": "https://attacker.example"}).status_code
    assert 422 == browser.post("/simulator/say", data="{}", content_type="text/plain").status_code


def test_a_server_that_others_reach_has_no_simulator(app: App) -> None:
    settings = replace(app.settings, host="0.0.0.0", skill_id="amzn1.ask.skill.x")
    outside = create_app(replace(app, settings=settings)).test_client()
    assert 404 == outside.get("/").status_code
    assert 404 == outside.post("/simulator/say", json=SAID).status_code


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "platform: Field required"),
        ([], "not a JSON object"),
        (SAID | {"platform": "siri"}, "platform: Input should be 'alexa', 'dialogflow-cx'"),
        (SAID | {"words": "x" * 501}, "words: String should have at most 500 characters"),
        (SAID | {"words": "  "}, "nothing was said"),
        (SAID | {"household": "hh_none"}, "hh_none"),
        (SAID | {"extra": 1}, "extra: Extra inputs are not permitted"),
        (SAID | {"verify": "achieved"}, "not asked to verify"),
    ],
)
def test_what_cannot_be_said_gets_a_clear_answer(browser: FlaskClient, body: Any, says: str) -> None:
    response = browser.post("/simulator/say", json=body)
    assert 422 == response.status_code
    assert says in response.get_json()["error"]


def test_a_household_without_an_account_on_the_platform_is_told_how_to_link_one(app: App) -> None:
    household = replace(app.ports.households.list(1)[0], household_id="hh_x")  # type: ignore[arg-type]
    app.ports.households.create(household)
    response = create_app(app).test_client().post("/simulator/say", json=SAID | {"household": "hh_x"})
    assert "sayso household link hh_x --platform alexa" in response.get_json()["error"]


def test_conversations_are_forgotten_when_there_are_too_many(browser: FlaskClient) -> None:
    first = browser.post("/simulator/say", json=SAID | {"words": "", "launch": True}).get_json()["talk"]
    for _ in range(TALKS_MAX):
        browser.post("/simulator/say", json=SAID | {"words": "", "launch": True})
    assert 422 == browser.post("/simulator/save", json={"talk": first}).status_code
