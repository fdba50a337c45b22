"""A talk goes through the platform's real adapter, and remembers what the platform would."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from skill.app import App
from skill.errors import RequestRejected
from skill.simulator import PLATFORMS
from skill.simulator.talk import Talk, known_locale, talk_in_process, talk_over_http
from skill.web import create_app
from tests.serving import served


@pytest.fixture(params=PLATFORMS)
def talk(app: App, request: pytest.FixtureRequest) -> Talk:
    return talk_in_process(app, request.param, "simulator")


def test_bare_digits_are_a_code_only_where_one_was_asked_for(talk: Talk) -> None:
    for words in ("find bananas", "add two of the first one"):
        talk.say(words)
    before = talk.say("42 71")
    talk.say("check out")
    after = talk.say("42 71")
    assert before.understood is not None
    assert after.understood is not None
    assert "Done" not in before.heard.speech
    assert ("give_code", {"code": "4271"}) == (after.understood.intent, after.understood.slots)
    assert "Done" in after.heard.speech


def test_help_does_not_make_the_skill_listen_for_something_else(talk: Talk) -> None:
    for words in ("find bananas", "add two of the first one", "check out", "help"):
        talk.say(words)
    assert "Done" in talk.say("4271").heard.speech


def test_a_bare_name_answers_a_free_question(talk: Talk) -> None:
    talk.launch()
    found = talk.say("oat milk")
    assert found.understood is not None
    assert ("find_products", {"product_query": "oat milk"}) == (found.understood.intent, found.understood.slots)


def test_a_closed_session_is_followed_by_a_new_one(talk: Talk) -> None:
    first = talk.say("stop")
    second = talk.say("find milk")
    assert first.turn is not None
    assert second.turn is not None
    assert first.turn.session != second.turn.session
    assert first.turn.user == second.turn.user


def test_the_request_is_kept_as_it_was_sent(talk: Talk) -> None:
    first = talk.say("find milk")
    sent = json.dumps(first.request)
    talk.say("the second one")
    assert sent == json.dumps(first.request)


def test_the_same_request_gets_the_same_answer(talk: Talk) -> None:
    assert talk.say("find milk").heard == talk.redeliver().heard


def test_who_walks_away_leaves_the_session(talk: Talk) -> None:
    first = talk.say("find milk")
    talk.end()
    second = talk.say("find milk")
    assert first.turn is not None
    assert second.turn is not None
    assert first.turn.session != second.turn.session


def test_a_recognised_voice_reaches_the_skill_on_alexa(app: App) -> None:
    talk = talk_in_process(app, "alexa", "simulator")
    talk.recognise("kim")
    heard = talk.say("find milk").turn
    talk.recognise(None)
    unheard = talk.say("find milk").turn
    assert heard is not None
    assert unheard is not None
    assert ("kim", None) == (heard.person, unheard.person)


# --- over HTTP ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def url(app: App) -> Iterator[str]:
    with served(create_app(app), threads=2) as address:
        yield address


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_running_server_is_talked_to_through_its_webhooks(url: str, platform: str) -> None:
    talk = talk_over_http(url, platform, "simulator", locale="en-US")
    for words in ("find bananas", "add two of the first one", "check out"):
        talk.say(words)
    assert "Done" in talk.say("4271").heard.speech


def test_a_servers_refusal_is_told(url: str) -> None:
    with pytest.raises(RequestRejected, match="answered 404"):
        talk_over_http(f"{url}/elsewhere", "alexa", "simulator", locale="en-US").launch()


@pytest.mark.parametrize("address", ["127.0.0.1:80", "ftp://127.0.0.1", "http://"])
def test_what_is_no_address_is_said_so(address: str) -> None:
    with pytest.raises(RequestRejected, match="is no address such as"):
        talk_over_http(address, "alexa", "simulator", locale="en-US")


@pytest.mark.parametrize(
    ("code", "known"),
    [("it-IT", "it-IT"), ("it-it", "it-IT"), ("en", "en-US"), ("EN-au", "en-US"), ("xx", None), ("", None)],
)
def test_a_language_is_known_by_its_nearest_name(code: str, known: str | None) -> None:
    assert known == known_locale(code)
