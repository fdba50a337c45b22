from __future__ import annotations

import jwt
import pytest

from skill.errors import RequestRejected
from skill.platforms.actions_builder import ActionsBuilder
from skill.platforms.signed_user import SignedUsers
from skill.turn import Capability, Display, DisplayItem, Expect, Kind, Reply
from tests.platforms.signing import NOW

KEY = "k" * 32
USERS = SignedUsers(KEY, audience="corner", now=lambda: NOW)
QUESTION = Reply(
    "Oat & rice milk, $2.49. Your code?",
    Expect.CODE,
    reprompt="Your code?",
    slot=("give_code", "code"),
    suggestions=("Yes", "Something much longer than a chip may be"),
    display=Display(
        "products", "Milk", "Three kinds", (DisplayItem("1", "Oat milk", "1 l", "$2.49", "https://shop/1.png"),)
    ),
)


def webhook(answer=None, **options):
    return ActionsBuilder(answer or (lambda turn: Reply("Hi.")), store="corner", **options)


def read(request, **options):
    return webhook(**options).read_turn(request)


def respond(reply, request):
    return webhook(lambda turn: reply).handle(request)


def test_an_intent_becomes_a_turn(event):
    turn = read(event("actions_intent"))
    assert ("actions-builder", "corner", "ABwppHEs-1") == (turn.platform, turn.store, turn.session)
    assert (Kind.INTENT, "add_to_cart", "en-GB") == (turn.kind, turn.intent, turn.locale)
    assert "add two of the second one" == turn.words
    assert {"quantity": "2", "ordinal": "2", "brands": "acme", "size": "two litres"} == turn.slots
    assert frozenset({Capability.RICH_CONTENT}) == turn.capabilities


def test_opening_is_a_launch(event):
    turn = read(event("actions_main"))
    assert (Kind.LAUNCH, None, "it-IT", frozenset()) == (turn.kind, turn.intent, turn.locale, turn.capabilities)


def test_what_a_scene_was_just_told_is_a_slot_and_what_it_knew_before_is_not(event):
    assert {"code": "0042"} == read(event("actions_slot_filled")).slots


@pytest.mark.parametrize(
    ("named", "intent"),
    [
        ("actions.intent.YES", "yes"),
        ("actions.intent.CANCEL", "stop"),
        ("actions.intent.NO_MATCH_2", "fallback"),
        ("actions.intent.NO_INPUT_FINAL", "fallback"),
        ("", "fallback"),
    ],
)
def test_googles_own_intents_are_ours(event, named, intent):
    request = event("actions_intent")
    request["handler"]["name"], request["intent"]["name"] = "", named
    assert intent == read(request).intent


def test_the_same_body_at_the_same_turn_is_the_same_request_and_nothing_else_is(event):
    first, again, later, other = (event("actions_intent") for _ in range(4))
    later["session"]["params"]["sayso_turn"] = 4
    other["intent"]["query"] = "add three of the second one"
    ids = [read(each).request_id for each in (first, again, later, other)]
    assert ids[0] == ids[1]
    assert 3 == len(set(ids))


@pytest.mark.parametrize("number", [None, "3", -1, True, 1e300, float("nan"), [], {}])
def test_a_turn_that_nobody_counted_is_the_first(event, number):
    request = event("actions_intent")
    request["session"]["params"]["sayso_turn"] = number
    assert read(request).request_id.startswith("0-")
    assert 1 == respond(QUESTION, request)["session"]["params"]["sayso_turn"]


def test_the_turns_number_is_carried_round(event):
    assert 4 == respond(QUESTION, event("actions_intent"))["session"]["params"]["sayso_turn"]


def test_a_signed_user_shops_and_everybody_else_is_a_guest(event):
    request = event("actions_intent")
    assert ("guest:ABwppHEs-1", False) == (read(request).user, read(request).authentic_user)
    assert ("ABwppHEs-1", True) == (read(request, trusted=True).user, read(request, trusted=True).authentic_user)
    claims = {"sub": "ada", "aud": "corner", "exp": int(NOW.timestamp()) + 60}
    request["user"]["params"]["sayso_user"] = jwt.encode(claims, KEY, "HS256")
    assert "ada" == read(request, users=USERS).user
    request["user"]["params"]["sayso_user"] = jwt.encode(claims, "x" * 32, "HS256")
    with pytest.raises(RequestRejected, match="sayso_user"):
        read(request, users=USERS)


def test_a_session_without_an_id_is_rejected(event):
    request = event("actions_intent")
    del request["session"]["id"]
    with pytest.raises(RequestRejected, match=r"session\.id"):
        read(request)


def test_a_question_is_spoken_shown_and_has_chips(event):
    response = respond(QUESTION, event("actions_intent"))
    assert {
        "override": True,
        "firstSimple": {
            "speech": "<speak>Oat &amp; rice milk, $2.49. Your code?</speak>",
            "text": "Oat & rice milk, $2.49. Your code?",
        },
        "content": {
            "card": {
                "title": "Milk",
                "text": "Three kinds\nOat milk · 1 l · $2.49",
                "image": {"url": "https://shop/1.png", "alt": "Oat milk"},
            }
        },
        "suggestions": [{"title": "Yes"}, {"title": "Something much longer"}],
    } == response["prompt"]
    assert {"name": "store", "slots": {}} == response["scene"]


def test_a_speaker_without_a_screen_is_shown_nothing(event):
    assert {"override", "firstSimple"} == set(respond(QUESTION, event("actions_main"))["prompt"])


def test_an_answer_that_expects_nothing_ends_the_conversation(event):
    response = respond(Reply("Bye.", suggestions=("Yes",)), event("actions_intent"))
    assert {"name": "actions.scene.END_CONVERSATION"} == response["scene"]["next"]
    assert "suggestions" not in response["prompt"]


@pytest.mark.parametrize("sentence", ["Tom & Jerry eat cheese. ", "Το γάλα κοστίζει δύο ευρώ. "])
def test_what_is_shown_is_cut_shorter_than_what_is_spoken(event, sentence):
    simple = respond(Reply(sentence * 1000), event("actions_intent"))["prompt"]["firstSimple"]
    assert 5000 >= len(simple["speech"].encode()) > 4500
    assert simple["speech"].endswith(".</speak>")
    assert 640 >= len(simple["text"]) > 600
