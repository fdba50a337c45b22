from __future__ import annotations

import json

import jwt
import pytest

from skill.errors import RequestRejected
from skill.platforms.dialogflow_es import RESPONSE_BYTES_MAX, DialogflowEs
from skill.platforms.signed_user import SignedUsers
from skill.turn import Capability, Display, DisplayItem, Expect, Kind, Reply
from tests.platforms.signing import NOW

SESSION = "projects/shop/agent/sessions/ada"
KEY = "k" * 32
USERS = SignedUsers(KEY, audience="corner", now=lambda: NOW)
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


def webhook(answer=None, **options):
    return DialogflowEs(answer or (lambda turn: Reply("Hi.")), store="corner", **options)


def read(request, **options):
    return webhook(**options).read_turn(request)


def respond(reply, request):
    return webhook(lambda turn: reply).handle(request)


def test_an_intent_becomes_a_turn(event):
    turn = read(event("es_intent"))
    assert ("dialogflow-es", "corner", SESSION) == (turn.platform, turn.store, turn.session)
    assert "0c3e-5a0f3a0e-2f6b-4a67-8f2b" == turn.request_id
    assert (Kind.INTENT, "add_to_cart", "en-US") == (turn.kind, turn.intent, turn.locale)
    assert "add two of the second one" == turn.words
    assert frozenset({Capability.RICH_CONTENT}) == turn.capabilities


def test_parameters_become_text_and_contexts_are_not_read(event):
    assert {"quantity": "2", "ordinal": "2", "brands": "acme"} == read(event("es_intent")).slots


@pytest.mark.parametrize("action", ["input.welcome", "launch", ""])
def test_the_welcome_is_a_launch(event, action):
    request = event("es_welcome")
    request["queryResult"]["action"] = action
    turn = read(request)
    assert (Kind.LAUNCH, None, {}) == (turn.kind, turn.intent, turn.slots)


@pytest.mark.parametrize("action", ["input.unknown", "fallback", "", None])
def test_nothing_matched_is_fallback(event, action):
    request = event("es_fallback")
    request["queryResult"]["action"] = action
    assert "fallback" == read(request).intent


def test_an_intent_without_an_action_is_its_own_name(event):
    request = event("es_intent")
    del request["queryResult"]["action"]
    assert "add_to_cart" == read(request).intent


def test_a_telephone_shows_nothing(event):
    assert frozenset() == read(event("es_fallback")).capabilities
    assert "richContent" not in json.dumps(respond(QUESTION, event("es_fallback")))


def test_a_signed_user_shops_and_everybody_else_is_a_guest(event):
    request = event("es_intent")
    assert (f"guest:{SESSION}", False) == (read(request).user, read(request).authentic_user)
    claims = {"sub": "ada", "aud": "corner", "exp": int(NOW.timestamp()) + 60}
    request["originalDetectIntentRequest"]["payload"]["sayso_user"] = jwt.encode(claims, KEY, "HS256")
    assert ("ada", True) == (read(request, users=USERS).user, read(request, users=USERS).authentic_user)
    request["originalDetectIntentRequest"]["payload"]["sayso_user"] = jwt.encode(claims, "x" * 32, "HS256")
    with pytest.raises(RequestRejected, match="sayso_user"):
        read(request, users=USERS)


@pytest.mark.parametrize("missing", ["responseId", "session"])
def test_what_is_missing_is_named(event, missing):
    request = event("es_intent")
    del request[missing]
    with pytest.raises(RequestRejected, match=missing):
        read(request)


def test_the_answer_is_text_and_rich_content(event):
    response = respond(QUESTION, event("es_intent"))
    assert "Oat & rice milk, $2.49. Your code?" == response["fulfillmentText"]
    text, rich = response["fulfillmentMessages"]
    assert {"text": {"text": ["Oat & rice milk, $2.49. Your code?"]}} == text
    assert ["description", "info", "chips"] == [part["type"] for part in rich["payload"]["richContent"][0]]


def test_a_pending_question_opens_its_context_for_one_turn(event):
    assert [{"name": f"{SESSION}/contexts/sayso_awaits_code", "lifespanCount": 1}] == respond(
        QUESTION, event("es_intent")
    )["outputContexts"]
    (asked,) = respond(Reply("Shall I?", Expect.YES_OR_NO), event("es_intent"))["outputContexts"]
    assert asked["name"].endswith("/sayso_awaits_yes_or_no")


def test_who_called_dialogflow_is_told_what_is_expected(event):
    told = respond(QUESTION, event("es_intent"))["payload"]
    assert {"expectUserResponse": True} == told["google"]
    assert {"expects": "code", "intent": "give_code", "slot": "code", "reprompt": "Your code?"} == told["sayso"]
    over = respond(Reply("Bye."), event("es_intent"))
    assert ({"expectUserResponse": False}, []) == (over["payload"]["google"], over["outputContexts"])


def test_a_response_stays_below_what_dialogflow_takes(event):
    items = tuple(
        DisplayItem(str(n), "Γάλα " * 60, "ένα λίτρο " * 20, "2 €", "https://shop/" + "x" * 1900) for n in range(40)
    )
    reply = Reply("Γάλα. " * 2000, Expect.FREE, "Ποιο; " * 900, display=Display("products", "Γ", "γάλα " * 2000, items))
    response = respond(reply, event("es_intent"))
    assert RESPONSE_BYTES_MAX >= len(json.dumps(response, ensure_ascii=False).encode())
    assert response["fulfillmentText"].endswith(".")


@pytest.mark.clients
@pytest.mark.parametrize("name", ["es_intent", "es_welcome", "es_fallback"])
def test_the_official_protocol_buffers_take_requests_and_responses(event, name):
    from google.cloud import dialogflow_v2
    from google.protobuf.json_format import ParseDict

    ParseDict(event(name), dialogflow_v2.WebhookRequest.pb(dialogflow_v2.WebhookRequest()))
    for reply in (QUESTION, Reply("Bye."), Reply("")):
        response = dialogflow_v2.WebhookResponse.pb(dialogflow_v2.WebhookResponse())
        ParseDict(respond(reply, event(name)), response)
