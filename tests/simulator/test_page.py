"""The simulator's page, read without a script: real orders through the real adapters, on loopback alone, and nothing for a
browser to be tricked with.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from skill.app import App
from skill.catalogues import publish_index
from skill.guard.policy_file import PolicyChange
from skill.households import assign_profile, change_policy, delete_household
from skill.search.index import build_index
from skill.shop.households import HouseholdId
from skill.simulator import PLATFORMS, talks
from skill.simulator.conversation import parse_conversation
from skill.simulator.replay import failure_text, play, set_stage
from skill.web import create_app

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "skill" / "simulator" / "static"
TEMPLATES = sorted((ROOT / "skill" / "simulator" / "templates").glob("*.html"))

DEMO = HouseholdId("hh_demo")
ORDERING = ("find bananas", "add two of the first one", "check out")


def limit(app: App, **knobs: Any) -> None:
    change_policy(app.ports, "household", DEMO, PolicyChange(knobs), "test", "")


# --- the conversation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_order_from_the_first_word_to_the_receipt(reading: Any, platform: str) -> None:
    reading.open(platform=platform)
    reading.submit("launch", launch="true")
    assert "four-digit code" in reading.say(*ORDERING)
    assert "Listening, for code" == reading.page.one(id="state").text
    assert "Needs the code" in reading.part("guard-title")
    assert "2 × Bananas 1.38 USD" in reading.part("cart-title")
    assert reading.say("4271").startswith("Done.")
    assert "Receipt from Corner Store" in reading.page.all(kind="card")[-1].text
    assert "Allowed, by code" in reading.part("guard-title")
    assert "Today 5.37 of 100.00 USD" in reading.part("limits-title")
    assert "2 × Bananas 5.37 USD committed" in reading.part("orders-title")
    assert "The session is closed" in reading.page.one(id="state").text


def test_both_envelopes_are_the_platforms_own_and_of_any_turn(reading: Any) -> None:
    reading.open()
    reading.say("find bananas", "the first one")
    assert "choose_item" in reading.page.one(id="request").text
    assert '"outputSpeech"' in reading.page.one(id="response").text
    first = next(each for each in reading.page.all("a") if each.text == "Envelopes of turn 1")
    reading.open(first.attributes["href"])
    assert "find_products" in reading.page.one(id="request").text
    assert "Envelopes of turn 1" in reading.part("envelopes-title")


def test_a_code_is_masked_wherever_words_are_shown(reading: Any) -> None:
    reading.open()
    reading.say(*ORDERING, "8306")
    shown = reading.page.text.replace(reading.page.one(id="request").text, "")
    assert "8306" not in shown
    assert "••••" in shown


@pytest.mark.parametrize(
    "setting",
    [{"platform": "dialogflow-cx"}, {"device": "living-room"}, {"locale": "it-IT"}, {"household": "guest"}],
)
def test_another_platform_device_language_or_household_is_another_conversation(
    reading: Any, setting: dict[str, str]
) -> None:
    reading.open()
    reading.say(*ORDERING)
    reading.submit("setting", **setting)
    assert [] == reading.page.all(kind="turn")
    assert not reading.say("4271").startswith("Done")


def test_another_speaker_breaks_into_the_same_conversation(reading: Any) -> None:
    reading.open()
    reading.say(*ORDERING)
    reading.submit("setting", speaker="alex")
    assert 3 == len(reading.page.all(kind="turn"))
    assert "someone else" in reading.say("4271")
    assert "alex" in reading.page.all(kind="shopper")[-1].text


def test_every_language_is_spoken(reading: Any) -> None:
    page = reading.open()
    spoken = [each.attributes["value"] for each in page.one("select", name="locale").all("option")]
    assert {path.stem for path in (ROOT / "skill" / "speech").glob("*.ftl")} <= set(spoken)
    reading.submit("setting", locale="it-IT", platform="dialogflow-cx")
    assert "I più vicini" in reading.say("cerca il latte")
    reading.submit("setting", locale="hr-HR", platform="alexa")
    assert "Alexa has no model of this language" in reading.page.text


def test_google_is_told_of_no_device_and_no_voice(reading: Any) -> None:
    page = reading.open("/", platform="dialogflow-es", device="display", speaker="kim")
    for each in (page.one("select", name="device"), page.one("input", name="speaker")):
        assert "disabled" in each.attributes
    assert "I found" in reading.say("find milk")


def test_a_screen_shows_lines_and_touching_one_chooses_it(reading: Any) -> None:
    reading.open("/", device="display")
    reading.say("find bananas")
    line = reading.page.all("button", kind="glass-line")[0]
    assert "1 Bananas" in line.text
    reading.submit("quick", touch="1")
    assert "Bananas" in reading.answer
    assert "Touched 1" in reading.page.all(kind="shopper")[-1].text
    reading.say("add two of the first one", "check out")
    assert [] == reading.page.all("button", kind="glass-line"), "only the screen that is seen can be touched"


def test_a_button_on_the_screen_does_what_saying_it_does(reading: Any) -> None:
    reading.open("/", device="display")
    reading.say("find bananas", "add two of the first one", "show my cart")
    offered = {each.attributes["value"]: each.text for each in reading.page.all("button", kind="glass-button")}
    assert "check-out" in offered
    reading.submit("quick", touch="check-out")
    assert "four-digit code" in reading.answer
    assert "check_out" in reading.page.all(kind="shopper")[-1].text
    reading.submit("quick", touch="clear")
    assert 422 == reading.status
    assert "the screen shows nothing to touch that is clear" in reading.alert


def test_a_request_is_delivered_again_and_gets_the_same_answer(reading: Any) -> None:
    reading.open()
    first = reading.say("find bananas")
    reading.submit("redeliver", redeliver="true")
    assert first == reading.answer
    assert "The last request once more" in reading.page.all(kind="shopper")[-1].text


@pytest.mark.parametrize(("platform", "turns"), [("alexa", 2), ("dialogflow-cx", 1)])
def test_who_walks_away_leaves_the_session(reading: Any, platform: str, turns: int) -> None:
    reading.open(platform=platform)
    reading.say("find bananas")
    reading.submit("end", end="true")
    assert turns == len(reading.page.all(kind="turn"))


def test_the_platforms_own_check_of_the_speaker_is_answered(reading: Any) -> None:
    reading.open("/", speaker="kim")
    reading.say(*ORDERING)
    assert "The platform asks for its own voice code" == reading.page.one(id="state").text
    reading.submit("verify", verify="not_achieved")
    assert "nothing was ordered" in reading.answer.casefold()
    assert "The voice code was wrong" in reading.page.all(kind="shopper")[-1].text
    reading.say("check out")
    reading.submit("verify", verify="achieved")
    assert reading.answer.startswith("Done.")
    assert "Allowed, by" in reading.part("guard-title")


def test_a_guest_has_a_cart_and_no_limits(reading: Any) -> None:
    reading.open(household="guest")
    reading.say("find bananas", "add the first one")
    assert "1 × Bananas" in reading.part("cart-title")
    assert "A guest may look round and never order" in reading.part("limits-title")


# --- what stands behind -----------------------------------------------------------------------------------------------


def test_what_stands_behind_is_shown_before_anything_is_said(reading: Any) -> None:
    reading.open()
    assert "Today 0.00 of 100.00 USD" in reading.part("limits-title")
    assert "Today, orders 0 of 5" in reading.part("limits-title")
    assert "Not asked yet" in reading.part("guard-title")


def test_every_limit_says_where_it_comes_from(app: App, reading: Any) -> None:
    limit(app, order_max=1000)
    change_policy(app.ports, "store", app.ports.store.store_id, PolicyChange({"day_max": 700}), "test", "")
    change_policy(app.ports, "profile", f"{DEMO}/child", PolicyChange({"week_max": 300}), "test", "")
    assign_profile(app.ports, DEMO, "kim", "child", "test")
    rows = {each.all("code")[0].text: each for each in reading.open(speaker="kim").one(kind="facts").all("tr")[1:]}
    shown = {name: (row.all("td")[0].text, row.all("td")[1].text) for name, row in rows.items()}
    assert ("10.00 USD", "household") == shown["order_max"]
    assert ("7.00 USD", "store") == shown["day_max"]
    assert ("3.00 USD", "profile child") == shown["week_max"]
    assert ("500.00 USD", "household (default)") == shown["month_max"]
    assert "This week, child 0.00 of 3.00 USD" in reading.part("limits-title")


def test_a_refusal_says_why(app: App, reading: Any) -> None:
    limit(app, order_max=100, day_max=200)
    reading.open()
    reading.say(*ORDERING)
    assert "Refused" in reading.part("guard-title")
    for reason in ("over the limit for one order: cap 1.00 USD, total 5.37 USD", "over the limit for a day"):
        assert reason in reading.part("guard-title")
        assert reason in reading.page.all(kind="verdict")[-1].text


def test_a_limit_that_was_lowered_meanwhile_is_obeyed_and_shown(app: App, reading: Any) -> None:
    reading.open()
    reading.say("find bananas", "add two of the first one")
    limit(app, order_max=100)
    reading.say("check out")
    assert "Refused" in reading.part("guard-title")
    assert "1.00 USD" in reading.part("limits-title")


# --- the clock --------------------------------------------------------------------------------------------------------


def test_a_quote_expires_when_the_clock_is_moved(app: App, reading: Any) -> None:
    reading.open()
    reading.say(*ORDERING)
    reading.submit("to", to="+3m")
    assert "3 min ahead of this machine" in reading.page.one(id="clock").text
    assert 3 == len(reading.page.all(kind="turn")), "the conversation goes on"
    assert not reading.say("4271").startswith("Done")
    assert [] == list(app.ports.orders.list(5))


def test_quiet_hours_are_tried_tomorrow_morning(app: App, reading: Any) -> None:
    limit(app, quiet_hours=((21 * 60, 7 * 60),))
    reading.open()
    reading.submit("to", to="tomorrow 06:59")
    assert "Tue 10 Mar 2026, 06:59" in reading.page.one(id="clock").text
    reading.say(*ORDERING)
    assert "quiet hours" in reading.part("guard-title")
    reading.submit("to", to="+1m")
    reading.say("check out")
    assert "Needs the code" in reading.part("guard-title")


def test_the_cap_of_a_day_is_free_again_the_next_day(app: App, reading: Any) -> None:
    limit(app, day_max=600, order_gap_min_s=None, duplicate_window_s=None)
    reading.open()
    reading.say(*ORDERING, "4271")
    reading.say(*ORDERING)
    assert "over the limit for a day" in reading.part("guard-title")
    reading.submit("to", to="tomorrow 08:00")
    assert "Today 0.00 of 6.00 USD" in reading.part("limits-title")
    reading.say("check out")
    assert "Needs the code" in reading.part("guard-title")


def test_an_order_is_undone_inside_its_window_and_not_after_it(reading: Any) -> None:
    reading.open()
    reading.say(*ORDERING, "4271")
    reading.submit("to", to="+31m")
    late = reading.say("cancel my order")
    assert "committed" in reading.part("orders-title")
    reading.submit("to", to="-5m")
    reading.say("cancel my order", "yes")
    assert "cancelled" in reading.part("orders-title"), late


def test_the_sweeper_goes_by_the_same_clock(app: App, reading: Any) -> None:
    reading.open()
    reading.say("find bananas")
    answered = app.ports.clock.now_utc()
    reading.submit("to", to="+3d")
    assert 0 == app.ports.conversations.sweep(answered, 100), (
        "what is older than two days was swept when the clock moved"
    )
    reading.submit("to", to="now")
    assert "ahead" not in reading.page.one(id="clock").text


def test_what_is_no_time_is_told_on_the_page_and_moves_nothing(app: App, reading: Any) -> None:
    before = app.ports.clock.now_utc()
    reading.open()
    reading.submit("to", to="soon")
    assert 422 == reading.status
    assert "tomorrow 08:00" in reading.alert
    assert before == app.ports.clock.now_utc()


def test_the_machines_own_clock_is_never_moved(app: App) -> None:
    """A server in earnest is given the machine's clock, which has nothing that could move it."""
    from skill.adapters.local.clock import SystemClock

    settings = replace(app.settings, skill_id="amzn1.ask.skill.x", simulator="on")
    earnest = replace(app, settings=settings, ports=replace(app.ports, clock=SystemClock()))
    client = create_app(earnest).test_client()
    page = client.get("/").get_data(as_text=True)
    assert "SAYSO_SKILL_ID is set" in page
    assert 'action="/simulator/clock"' not in page
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    response = client.post("/simulator/clock", data={"csrf": token[1], "to": "+1h"})
    assert 422 == response.status_code
    assert "SAYSO_SKILL_ID is set" in response.get_data(as_text=True)


@pytest.mark.parametrize("page", ["/household", "/console"])
def test_the_other_pages_are_a_step_away(reading: Any, page: str) -> None:
    assert 1 == len(reading.open().all("a", href=page))
    assert reading.client.get(page).status_code < 400


# --- households -------------------------------------------------------------------------------------------------------


def test_a_household_that_was_deleted_is_not_there_to_talk_for(app: App, reading: Any) -> None:
    household = replace(app.ports.households.get(DEMO), household_id="hh_x", name="Other")
    app.ports.households.create(household)  # type: ignore[arg-type]
    delete_household(app.ports, DEMO, "test")
    reading.open()
    names = [each.text for each in reading.page.all("option") if each.attributes.get("value", "").startswith("hh_")]
    assert ["Other"] == sorted(set(names))
    assert 422 == reading.client.get("/", query_string={"household": DEMO}).status_code


def test_a_new_household_has_bought_nothing_and_can_order(reading: Any) -> None:
    reading.open()
    reading.say(*ORDERING, "4271")
    reading.submit("household")
    assert "None yet." in reading.part("orders-title")
    assert "four-digit code" in reading.say(*ORDERING)
    assert reading.say("4271").startswith("Done.")


def test_the_household_that_the_simulator_is_linked_to_shops_unless_another_is_named(app: App, reading: Any) -> None:
    app.ports.households.create(replace(app.ports.households.get(DEMO), household_id="hh_a", name="Earlier"))  # type: ignore[arg-type]
    reading.open()
    assert "I found" in reading.say("find milk")
    assert "household=hh_demo" in reading.address


def test_a_household_without_an_account_on_the_platform_is_linked_on_the_page(app: App, reading: Any) -> None:
    app.ports.households.create(replace(app.ports.households.get(DEMO), household_id="hh_x", name="Other"))  # type: ignore[arg-type]
    reading.open(household="hh_x")
    reading.submit("say", words="find milk")
    assert "sayso household link hh_x --platform alexa" in reading.alert
    assert "find milk" == reading.page.one(id="words").attributes["value"], "what was said is not lost"
    reading.submit("link", link="hh_x")
    assert "I found" in reading.say("find milk")


# --- saving -----------------------------------------------------------------------------------------------------------


def saved(reading: Any) -> str:
    link = next(each for each in reading.page.all("a") if each.text == "Save as test")
    response = reading.client.get(link.attributes["href"])
    assert 200 == response.status_code
    assert 'attachment; filename="conversation-' in response.headers["Content-Disposition"]
    return str(response.get_data(as_text=True))


def plays(text: str, sample: Any, folder: Path) -> list[str]:
    conversation = parse_conversation(text, "saved.yaml")
    (platform,) = conversation.platforms
    stage = set_stage(conversation, platform, *sample, folder)
    try:
        return [failure_text("saved.yaml", platform, each) for each in play(stage) if each.problems]
    finally:
        stage.close()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_saved_conversation_plays_as_it_was_held(reading: Any, platform: str, sample: Any, tmp_path: Path) -> None:
    reading.open(platform=platform)
    reading.submit("launch", launch="true")
    reading.say(*ORDERING)
    reading.submit("to", to="+1m")
    reading.say("4271", "find oat milk")
    reading.submit("redeliver", redeliver="true")
    text = saved(reading)
    assert [None, *ORDERING, "4271", "find oat milk", None] == [
        each.say for each in parse_conversation(text, "a").steps
    ]
    assert [] == plays(text, sample, tmp_path / "stage")


def test_voices_profiles_limits_screens_and_the_clock_are_saved_with_it(
    app: App, reading: Any, sample: Any, tmp_path: Path
) -> None:
    change_policy(app.ports, "store", app.ports.store.store_id, PolicyChange({"order_max": 2500}), "test", "")
    change_policy(app.ports, "profile", f"{DEMO}/child", PolicyChange({"order_max": 300}), "test", "")
    change_policy(app.ports, "person", f"{DEMO}/kim", PolicyChange({"lines_max": 3}), "test", "")
    assign_profile(app.ports, DEMO, "kim", "child", "test")
    reading.open("/", device="display", speaker="kim")
    reading.say("find bananas")
    reading.submit("quick", touch="1")
    reading.say("add two of them", "check out")
    assert "order_max" in reading.part("guard-title")
    reading.submit("to", to="-1h")
    limit(app, frozen=True)
    reading.say("check out")
    assert "ordering is frozen" in reading.part("guard-title")
    text = saved(reading)
    for part in ("screens:", "touch: 1", "shows:", "profile: child", "lines_max: 3", "advance: -3600s", "frozen: true"):
        assert part in text
    assert [] == plays(text, sample, tmp_path / "stage")


def test_a_conversation_that_was_held_is_replayed_from_its_own_page(reading: Any) -> None:
    reading.open()
    reading.say(*ORDERING, "4271")
    reading.submit("replay-it")
    reading.submit("go", go="end")
    assert "4 of 4 steps played: all as written" in reading.page.text


def test_nothing_was_said_that_could_be_saved(reading: Any) -> None:
    reading.open("/simulator/talks/none.yaml")
    assert 404 == reading.status
    assert "no such conversation" in reading.page.text


# --- nothing to be tricked with ---------------------------------------------------------------------------------------


def test_names_cannot_carry_markup_into_the_page(app: App, reading: Any) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    household = replace(app.ports.households.get(DEMO), household_id="hh_x", name=hostile)
    app.ports.households.create(household)  # type: ignore[arg-type]
    reading.open(speaker=hostile)
    page = reading.client.get("/").get_data(as_text=True)
    assert hostile not in page
    assert "&lt;img src=x" in page
    reading.submit("say", words=hostile)
    assert [] == reading.page.all("img")


def test_a_products_name_cannot_carry_markup_into_the_page(app: App, reading: Any, sample: Any, tmp_path: Path) -> None:
    """Through the speech, the card, the screen, the cart, the order and both envelopes. Feeds take markup out; here it is in."""
    hostile = 'Pineapple <img src=x onerror="alert(1)"></pre><script>alert(2)</script>'
    index = tmp_path / "hostile.index"
    build_index([replace(sample[1][0], title=hostile)], index, locale="en-US")
    publish_index(app, index)
    for device in ("kitchen", "display"):
        reading.open(device=device)
        reading.say("find pineapple", "add the first one", "check out", "4271")
        assert "Done" in reading.answer
        assert "Pineapple <img src=x" in reading.part("orders-title"), "it is shown as what it is"
        assert [] == reading.page.all("img")
        assert 1 == len(reading.page.all("script"))
        reading.submit("to", to="+1h")


def test_the_script_makes_no_markup_of_text() -> None:
    script = (STATIC / "simulator.js").read_text(encoding="utf-8")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert sink not in script


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_script_and_no_style_stands_in_the_pages(template: Path) -> None:
    page = template.read_text(encoding="utf-8")
    assert not re.search(r"<style| style=| on[a-z]+=|\|\s*safe|autoescape|javascript:", page)
    assert page.count("<script") == page.count("filename='simulator.js'")


def test_the_policy_lets_nothing_in_from_elsewhere(browser: FlaskClient) -> None:
    headers = browser.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    for part in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
        assert part in policy
    assert "same-origin" == headers["Referrer-Policy"]


@pytest.mark.parametrize("name", ["simulator.js", "simulator.css", "icon.svg"])
def test_what_the_page_needs_is_served(browser: FlaskClient, name: str) -> None:
    with browser.get(f"/simulator/static/{name}") as response:
        assert 200 == response.status_code


# --- who may talk to it -----------------------------------------------------------------------------------------------

POSTS = ("/simulator/say", "/simulator/clock", "/simulator/household", "/simulator/import", "/simulator/replay")


def test_a_request_from_another_machine_finds_nothing(browser: FlaskClient) -> None:
    assert 404 == browser.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code


def test_a_name_that_was_pointed_at_this_machine_is_turned_away(browser: FlaskClient) -> None:
    assert browser.get("/", headers={"Host": "attacker.example"}).status_code in (403, 404)


@pytest.mark.parametrize("path", POSTS)
def test_who_has_not_read_a_page_of_ours_posts_nothing(app: App, browser: FlaskClient, path: str) -> None:
    before = app.ports.clock.now_utc(), len(app.ports.households.list(10))
    for sent in ({}, {"csrf": "guessed"}, {"csrf": "é"}):
        response = browser.post(path, data=sent | {"words": "find milk", "to": "+1h"})
        assert 403 == response.status_code
        assert "older than the server" in response.get_data(as_text=True)
    assert before == (app.ports.clock.now_utc(), len(app.ports.households.list(10)))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_elsewhere_cannot_post(reading: Any, headers: dict[str, str]) -> None:
    reading.open()
    token = reading.page.all("input", name="csrf")[0].attributes["value"]
    posted = reading.client.post("/simulator/say", data={"csrf": token, "words": "find milk"}, headers=headers)
    assert 403 == posted.status_code


def test_a_server_that_others_reach_has_no_simulator(app: App) -> None:
    settings = replace(app.settings, host="0.0.0.0", skill_id="amzn1.ask.skill.x")
    outside = create_app(replace(app, settings=settings)).test_client()
    assert 404 == outside.get("/").status_code
    assert {404} == {outside.post(path).status_code for path in POSTS}


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"platform": "siri", "words": "x"}, "platform: Input should be 'alexa', 'dialogflow-cx'"),
        ({"words": "x" * 501}, "words: String should have at most 500 characters"),
        ({"words": "  "}, "nothing was said"),
        ({"household": "hh_none", "words": "find milk"}, "there is no household 'hh_none'; `sayso household list`"),
        ({"locale": "xx-XX", "words": "find milk"}, "there are no sentences for 'xx-XX'"),
        ({"speaker": "\x00", "words": "find milk"}, "characters that nobody can read"),
        ({"extra": "1"}, "extra: Extra inputs are not permitted"),
        ({"verify": "achieved"}, "not asked to verify"),
        ({"touch": "1"}, "no screen that could be touched"),
        ({"redeliver": "true"}, "nothing has been sent yet"),
    ],
)
def test_what_cannot_be_said_gets_a_clear_answer(reading: Any, posted: dict[str, str], says: str) -> None:
    reading.open()
    reading.submit("say", **posted)
    assert 422 == reading.status
    assert says in reading.alert


@pytest.mark.parametrize("query", [{"platform": "siri"}, {"household": "hh_none"}, {"locale": "xx"}, {"extra": "1"}])
def test_an_address_that_is_wrong_says_so_and_shows_the_page(reading: Any, query: dict[str, str]) -> None:
    reading.open(**query)
    assert 422 == reading.status
    assert reading.alert
    assert "I found" in reading.say("find milk")


def test_conversations_are_forgotten_when_there_are_too_many(reading: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talks, "TALKS_MAX", 3)
    reading.open()
    reading.submit("launch", launch="true")
    first = parse_qs(urlsplit(reading.address).query)["talk"][0]
    for _ in range(3):
        reading.open()
        reading.submit("launch", launch="true")
    assert 404 == reading.client.get(f"/simulator/talks/{first}.yaml").status_code
