"""Captured requests: told apart, taken out of what was wrapped round them, spoken for another account."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.app import App
from skill.errors import RequestRejected
from skill.simulator import PLATFORMS
from skill.simulator.envelopes import envelopes_for
from skill.simulator.envelopes.captured import CAPTURED_MAX, platform_of, read_captured, send_anew, speak_for, user_in
from skill.simulator.talk import Talk, talk_in_process


def captured(platform: str, words: str = "") -> dict[str, Any]:
    envelopes = envelopes_for(platform, "amzn1.ask.account.SOMEBODY", locale="en-GB")
    envelope = envelopes.intent("find_products", {"product_query": "bananas"}, words) if words else envelopes.launch()
    return json.loads(json.dumps(envelope))  # type: ignore[no-any-return]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_whose_request_it_is_is_seen_in_it(platform: str) -> None:
    assert platform == platform_of(captured(platform))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_captured_request_runs_as_another_account_and_is_talked_on_from(app: App, platform: str) -> None:
    talk = talk_in_process(app, platform, "simulator")
    request = speak_for(captured(platform, "find bananas"), platform, "simulator", talk.token_of("simulator"))
    exchange = talk.send_captured(request)
    assert "Bananas" in exchange.heard.speech
    assert exchange.turn is not None
    assert (True, "simulator") == (exchange.turn.authentic_user, exchange.turn.user)
    next_turn = talk.say("add two of the first one").turn
    assert next_turn is not None
    assert (exchange.turn.session, exchange.turn.locale) == (next_turn.session, next_turn.locale)
    assert "simulator" == next_turn.user


@pytest.mark.parametrize("platform", PLATFORMS)
def test_as_captured_an_account_that_nobody_linked_is_a_guests(app: App, platform: str) -> None:
    talk = talk_in_process(app, platform, "somebody")
    turn = talk.send_captured(captured(platform, "find bananas")).turn
    assert turn is not None
    assert app.ports.households.of_user(platform, turn.user) is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_new_request_is_answered_anew(app: App, platform: str) -> None:
    talk: Talk = talk_in_process(app, platform, "simulator")
    request = speak_for(captured(platform, "find bananas"), platform, "simulator", talk.token_of("simulator"))
    first = talk.send_captured(request).turn
    again = talk.send_captured(request).turn
    anew = talk.send_captured(send_anew(request, platform)).turn
    assert first is not None
    assert again is not None
    assert anew is not None
    assert first.request_id == again.request_id
    assert (first.request_id, first.session) != (anew.request_id, anew.session)


def test_lists_lines_and_wrappings_are_read() -> None:
    one, two = captured("alexa"), captured("alexa")
    assert (one, two) == read_captured(json.dumps([one, two]))
    assert (one, two) == read_captured(f"{json.dumps(one)}\n\n{json.dumps(two)}\n")
    assert (one,) == read_captured(json.dumps(one, indent=2))
    assert (one,) == read_captured(json.dumps({"body": json.dumps(one), "headers": {}}))
    wrapped = base64.b64encode(json.dumps(one).encode()).decode()
    assert (one,) == read_captured(json.dumps({"body": wrapped, "isBase64Encoded": True}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "paste a request"),
        ('{"a": \n  1,}', "line 2"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "there are 0 requests"),
        (json.dumps([{}] * (CAPTURED_MAX + 1)), f"paste 1 to {CAPTURED_MAX}"),
        ("[1]", "request 1 is not a JSON object"),
        ('[{}, {"body": "x"}]', "request 2: its body is not JSON"),
        ('{"body": "/", "isBase64Encoded": true}', "request 1: its body is not JSON"),
        ('"' + "x" * 500_000 + '"', "at most 500000"),
    ],
)
def test_what_cannot_be_read_is_told_where(text: str, says: str) -> None:
    with pytest.raises(RequestRejected, match=says):
        read_captured(text)


def test_what_no_platform_sends_is_told_what_they_send() -> None:
    with pytest.raises(RequestRejected, match=r"an Alexa request has `request.type`"):
        platform_of({"hello": 1})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_rejected(value: Any) -> None:
    try:
        for each in read_captured(json.dumps(value)):
            platform = platform_of(each)
            speak_for(send_anew(each, platform), platform, "u", "t")
            user_in(each)
    except RequestRejected:
        return
