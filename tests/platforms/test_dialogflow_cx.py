from __future__ import annotations

import json
from dataclasses import replace

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skill.errors import RequestRejected
from skill.platforms.dialogflow_cx import DialogflowCx
from skill.platforms.signed_user import SignedUsers
from skill.turn import Capability, Display, DisplayItem, Expect, Kind, Reply
from tests.platforms.signing import NOW

SESSION = "projects/shop/locations/global/agents/1b2c/sessions/ada"
KEY = "k" * 32
USERS = SignedUsers(KEY, audience="corner", now=lambda: NOW)


def webhook(answer=None, **options):
    return DialogflowCx(answer or (lambda turn: Reply("Hi.")), store="corner", **options)


def read(request, **options):
    return webhook(**options).read_turn(request)


def test_an_intent_becomes_a_turn(event):
    turn = read(event("cx_intent"))
    assert ("dialogflow-cx", "corner", SESSION) == (turn.platform, turn.store, turn.session)
    assert "5a0f3a0e-2f6b-4a67-8f2b-0c3e" == turn.request_id
    assert (Kind.INTENT, "add_to_cart", "en-US") == (turn.kind, turn.intent, turn.locale)
    assert "add two of the second one" == turn.words
    assert frozenset({Capability.RICH_CONTENT}) == turn.capabilities
    assert (None, "") == (turn.sent_at, turn.device)


def test_parameters_become_text_and_the_sessions_own_parameters_are_not_read(event):
    expected = {"quantity": "2", "ordinal": "2", "brands": "acme", "size": "two litres"}
    assert expected == read(event("cx_intent")).slots


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2"), (-1.0, "-1"), (1.5, "1.5"), (1e9, "1000000000"), (1e300, "1e+300"), (0.0, "0"), ("?", "?"), (3, "3")],
)
def test_numbers_are_written_as_people_write_them(event, value, text):
    request = event("cx_intent")
    request["intentInfo"]["parameters"] = {"quantity": {"originalValue": "x", "resolvedValue": value}}
    assert {"quantity": text} == read(request).slots


@pytest.mark.parametrize("parameter", [None, 7, [], {}, {"resolvedValue": None}, {"resolvedValue": [[["x"]]]}])
def test_a_parameter_without_words_is_absent(event, parameter):
    request = event("cx_intent")
    request["intentInfo"]["parameters"] = {"quantity": parameter}
    assert {} == read(request).slots


def test_the_welcome_is_a_launch(event):
    turn = read(event("cx_welcome"))
    assert (Kind.LAUNCH, None, {}) == (turn.kind, turn.intent, turn.slots)


def test_the_routes_tag_comes_before_the_intents_name(event):
    request = event("cx_intent")
    request["fulfillmentInfo"]["tag"] = "remove_from_cart"
    assert "remove_from_cart" == read(request).intent


@pytest.mark.parametrize("tag", ["fallback", "", None])
def test_nothing_matched_is_fallback(event, tag):
    request = event("cx_no_match")
    request["fulfillmentInfo"]["tag"] = tag
    assert "fallback" == read(request).intent


def test_dialogflows_own_no_match_intent_is_fallback(event):
    request = event("cx_intent")
    request["intentInfo"]["displayName"] = "Default Negative Intent"
    assert "fallback" == read(request).intent


def test_what_a_form_just_collected_is_a_slot_and_what_it_knew_before_is_not(event):
    assert {"code": "0042"} == read(event("cx_form_filled")).slots


@pytest.mark.parametrize("parameter", [None, 7, {}, {"displayName": "code"}, {"value": "1234"}])
def test_a_broken_form_is_no_slot(event, parameter):
    request = event("cx_form_filled")
    broken = parameter | {"justCollected": True} if isinstance(parameter, dict) else parameter
    request["pageInfo"]["formInfo"]["parameterInfo"] = [broken]
    assert {} == read(request).slots


def test_a_telephone_shows_nothing_and_its_transcript_is_the_words(event):
    turn = read(event("cx_telephony"))
    assert ("what's in my cart", frozenset()) == (turn.words, turn.capabilities)


@pytest.mark.parametrize(
    ("code", "locale"),
    [("en", "en-US"), ("en-gb", "en-GB"), ("el", "el"), ("it-it", "it-IT"), (None, "en-US"), ("?!", "en-US")],
)
def test_the_language_becomes_a_locale(event, code, locale):
    request = event("cx_intent")
    request["languageCode"] = code
    assert locale == read(request).locale


def test_without_a_signed_user_the_shopper_is_a_guest(event):
    turn = read(event("cx_intent"), users=USERS)
    assert (f"guest:{SESSION}", False) == (turn.user, turn.authentic_user)


def signed(key=KEY, **claims):
    return jwt.encode({"sub": "ada", "aud": "corner", "exp": int(NOW.timestamp()) + 60} | claims, key, "HS256")


def test_a_signed_user_is_who_shops(event):
    request = event("cx_intent") | {"payload": {"sayso_user": signed()}}
    turn = read(request, users=USERS)
    assert ("ada", True) == (turn.user, turn.authentic_user)


def test_a_forged_user_is_rejected_and_one_that_ran_out_is_a_guest(event):
    forged = event("cx_intent") | {"payload": {"sayso_user": signed(key="x" * 32)}}
    with pytest.raises(RequestRejected):
        read(forged, users=USERS)
    late = event("cx_intent") | {"payload": {"sayso_user": signed(exp=1)}}
    assert not read(late, users=USERS).authentic_user


def test_a_token_that_nobody_can_check_makes_nobody_of_it(event):
    request = event("cx_intent") | {"payload": {"sayso_user": signed()}}
    assert not read(request).authentic_user


def test_on_a_trusted_server_the_sessions_name_is_the_user(event):
    turn = read(event("cx_intent"), trusted=True)
    assert ("ada", True) == (turn.user, turn.authentic_user)


def test_a_token_is_checked_on_a_trusted_server_too(event):
    request = event("cx_intent") | {"payload": {"sayso_user": signed(sub="mum")}}
    assert "mum" == read(request, trusted=True, users=USERS).user


@pytest.mark.parametrize("missing", ["detectIntentResponseId", "sessionInfo"])
def test_what_is_missing_is_named(event, missing):
    request = event("cx_intent")
    del request[missing]
    with pytest.raises(RequestRejected, match=missing):
        read(request)


def test_the_secret_must_be_there_and_right():
    checking = webhook(secret="s3cret")
    checking.check_secret("s3cret")
    for secret, status in ((None, 401), ("", 401), ("S3cret", 403), ("s3cret ", 403), ("é", 403)):
        with pytest.raises(RequestRejected) as refused:
            checking.check_secret(secret)
        assert status == refused.value.facts["status"]
    webhook().check_secret(None)


def test_the_body_hash_tells_the_same_request_from_another(event):
    changed = event("cx_intent")
    changed["intentInfo"]["parameters"]["quantity"]["resolvedValue"] = 3.0
    assert read(event("cx_intent")).body_hash == read(dict(reversed(event("cx_intent").items()))).body_hash
    assert read(event("cx_intent")).body_hash != read(changed).body_hash


QUESTION = Reply(
    "Oat & rice milk, $2.49. Your code?",
    Expect.CODE,
    reprompt="Your code?",
    slot=("give_code", "code"),
    suggestions=("Yes", "No"),
    display=Display(
        "products", "Milk", "Three kinds", (DisplayItem("1", "Oat milk", "1 l", "$2.49", "https://shop/1.png"),)
    ),
)


def respond(reply, request):
    return webhook(lambda turn: reply).handle(request)


def test_a_question_is_text_speech_and_rich_content(event):
    response = respond(QUESTION, event("cx_intent"))
    text, spoken, rich = response["fulfillmentResponse"]["messages"]
    assert {"text": {"text": ["Oat & rice milk, $2.49. Your code?"]}} == text
    assert {"outputAudioText": {"ssml": "<speak>Oat &amp; rice milk, $2.49. Your code?</speak>"}} == spoken
    assert [
        [
            {"type": "description", "title": "Milk", "text": ["Three kinds"]},
            {
                "type": "info",
                "title": "Oat milk",
                "subtitle": "1 l · $2.49",
                "image": {"rawUrl": "https://shop/1.png"},
            },
            {"type": "chips", "options": [{"text": "Yes"}, {"text": "No"}]},
        ]
    ] == rich["payload"]["richContent"]
    assert "REPLACE" == response["fulfillmentResponse"]["mergeBehavior"]
    assert "targetPage" not in response


def test_the_session_is_told_what_is_expected_and_nothing_else(event):
    assert {
        "sayso_expects": "code",
        "sayso_intent": "give_code",
        "sayso_slot": "code",
        "sayso_reprompt": "Your code?",
    } == respond(QUESTION, event("cx_intent"))["sessionInfo"]["parameters"]


def test_an_answer_that_expects_nothing_ends_the_session(event):
    flow = "projects/shop/locations/global/agents/1b2c/flows/00000000-0000-0000-0000-000000000000"
    assert f"{flow}/pages/END_SESSION" == respond(Reply("Bye."), event("cx_intent"))["targetPage"]


@pytest.mark.parametrize("page", [None, "", "x", "projects/a/pages/b"])
def test_a_page_that_is_none_is_not_left(event, page):
    request = event("cx_intent")
    request["pageInfo"]["currentPage"] = page
    assert "targetPage" not in respond(Reply("Bye."), request)


def test_a_telephone_gets_no_rich_content(event):
    messages = respond(QUESTION, event("cx_telephony"))["fulfillmentResponse"]["messages"]
    assert ["text", "outputAudioText"] == [next(iter(each)) for each in messages]


@pytest.mark.parametrize("sentence", ["Tom & Jerry eat cheese. ", "Το γάλα κοστίζει δύο ευρώ. "])
def test_overlong_speech_is_cut_at_a_sentence(event, sentence):
    text, spoken = respond(Reply(sentence * 1000), event("cx_intent"))["fulfillmentResponse"]["messages"]
    assert 5000 >= len(spoken["outputAudioText"]["ssml"].encode()) > 4500
    assert spoken["outputAudioText"]["ssml"].endswith(".</speak>")
    assert 4000 >= len(text["text"]["text"][0])


def test_silence_is_no_message(event):
    assert [] == respond(Reply(""), event("cx_intent"))["fulfillmentResponse"]["messages"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def paths(value, at=()):
    yield at
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from paths(inner, (*at, key))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_part_of_a_request_may_be_nonsense_and_is_rejected_or_answered(event, data):
    request = event(data.draw(st.sampled_from(["cx_intent", "cx_form_filled", "cx_telephony", "cx_welcome"])))
    path = data.draw(st.sampled_from([at for at in paths(request) if at]))
    holder = request
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(JSON)
    reply = replace(QUESTION, expects=data.draw(st.sampled_from(Expect)))
    try:
        response = webhook(lambda turn: reply, users=USERS).handle(request)
    except RequestRejected:
        return
    json.dumps(response, ensure_ascii=False).encode()


@pytest.mark.clients
@pytest.mark.parametrize("name", ["cx_intent", "cx_welcome", "cx_no_match", "cx_form_filled", "cx_telephony"])
def test_the_official_protocol_buffers_take_requests_and_responses(event, name):
    webhook_types = pytest.importorskip("google.cloud.dialogflowcx_v3.types.webhook")
    from google.protobuf.json_format import ParseDict

    request = event(name)
    request["messages"] = []
    ParseDict(request, webhook_types.WebhookRequest.pb(webhook_types.WebhookRequest()))
    for reply in (QUESTION, Reply("Bye."), Reply("")):
        response = webhook_types.WebhookResponse.pb(webhook_types.WebhookResponse())
        ParseDict(respond(reply, event(name)), response)
