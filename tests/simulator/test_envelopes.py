"""The simulated requests are what the real adapters read, and what they answer is heard."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import RequestEnvelope

from skill.platforms.actions_builder import ActionsBuilder
from skill.platforms.alexa import AlexaSkill
from skill.platforms.alexa_request import BUILT_IN as READ_BUILT_IN
from skill.platforms.dialogflow_cx import DialogflowCx
from skill.platforms.dialogflow_es import DialogflowEs
from skill.simulator.envelopes import (
    PLATFORMS,
    AlexaEnvelopes,
    Card,
    DialogflowCxEnvelopes,
    DialogflowEsEnvelopes,
    envelopes_for,
    path_of,
)
from skill.simulator.envelopes.alexa import BUILT_IN
from skill.turn import Capability, Display, DisplayItem, Expect, Kind, PlatformTask, Reply

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SHOWN = Display("products", "Milk", "Two kinds", (DisplayItem("1", "Oat & rice milk", "1 l", "$2.49"),))


def numbered():
    numbers = count(1)
    return lambda: str(next(numbers))


def open_platform(platform, **options):
    return envelopes_for(platform, "ada", locale="en-US", ids=numbered(), now=lambda: NOW, **options)


def talk(platform, reply, envelopes=None):
    """(envelopes, send): `send(request)` is the turn that was read and what was heard."""
    turns = []

    def answer(turn):
        turns.append(turn)
        return reply

    adapters = {
        "alexa": lambda: AlexaSkill(answer, store="corner", skill_id="amzn1.ask.skill.simulated"),
        "dialogflow-cx": lambda: DialogflowCx(answer, store="corner", trusted=True),
        "dialogflow-es": lambda: DialogflowEs(answer, store="corner", trusted=True),
        "actions-builder": lambda: ActionsBuilder(answer, store="corner", trusted=True),
    }
    adapter, envelopes = adapters[platform](), envelopes or open_platform(platform)

    def send(request):
        heard = envelopes.heard(adapter.handle(request))
        return turns[-1], heard

    return envelopes, send


QUESTION = Reply(
    "Oat & rice milk. Your code?",
    Expect.CODE,
    reprompt="Your <code>?",
    slot=("give_code", "code"),
    suggestions=("Yes",),
    display=SHOWN,
)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_intent_is_read_with_its_slots_and_the_answer_is_heard_in_plain_words(platform):
    envelopes, send = talk(platform, QUESTION)
    turn, heard = send(envelopes.intent("add_to_cart", {"product": "milk", "ordinal": "2"}, "add the second milk"))
    assert (platform, "ada", Kind.INTENT) == (turn.platform, turn.user, turn.kind)
    assert ("add_to_cart", {"product": "milk", "ordinal": "2"}) == (turn.intent, turn.slots)
    assert ("Oat & rice milk. Your code?", "Your <code>?") == (heard.speech, heard.reprompt)
    assert (True, ("give_code", "code")) == (heard.expects_more, heard.expected_slot)
    assert Card("Milk", "Two kinds\nOat & rice milk · 1 l · $2.49") == heard.card


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_launch_is_read_as_one(platform):
    envelopes, send = talk(platform, Reply("Hello. What now?", Expect.FREE))
    assert Kind.LAUNCH is send(envelopes.launch())[0].kind


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_answer_that_expects_nothing_is_heard_as_the_end(platform):
    envelopes, send = talk(platform, Reply("Bye."))
    _, heard = send(envelopes.intent("stop"))
    assert ("Bye.", False, None, None) == (heard.speech, heard.expects_more, heard.expected_slot, heard.card)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_was_expected_before_is_forgotten(platform):
    envelopes, send = talk(platform, QUESTION)
    send(envelopes.intent("check_out"))
    envelopes, send = talk(platform, Reply("Fine. What else?", Expect.FREE), envelopes)
    assert send(envelopes.intent("no"))[1].expected_slot is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_ids_and_clock_make_the_same_requests(platform):
    first, second = open_platform(platform), open_platform(platform)
    assert [first.launch(), first.intent("yes")] == [second.launch(), second.intent("yes")]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_request_has_an_id_of_its_own(platform):
    envelopes, send = talk(platform, QUESTION)
    ids = [send(envelopes.intent("yes"))[0].request_id for _ in range(3)]
    assert 3 == len(set(ids))


@pytest.mark.parametrize("platform", [each for each in PLATFORMS if each != "alexa"])
def test_googles_platforms_send_words_and_show_chips(platform):
    envelopes, send = talk(platform, QUESTION)
    turn, heard = send(envelopes.intent("yes", words="yes please"))
    assert ("yes please", ("Yes",)) == (turn.words, heard.suggestions)
    assert envelopes.end() is None


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_alexas_built_in_intents_are_sent_by_alexas_names(name):
    envelopes, send = talk("alexa", QUESTION)
    request = envelopes.intent(name)
    assert READ_BUILT_IN[request["request"]["intent"]["name"]] == name
    assert name == send(request)[0].intent


def test_a_session_lasts_until_an_answer_ends_it():
    envelopes, send = talk("alexa", QUESTION)
    first = envelopes.launch()
    send(first)
    second = envelopes.intent("yes")
    assert (True, False) == (first["session"]["new"], second["session"]["new"])
    assert first["session"]["sessionId"] == second["session"]["sessionId"]
    envelopes, send = talk("alexa", Reply("Bye."), envelopes)
    send(second)
    third = envelopes.intent("help")
    assert third["session"]["new"]
    assert second["session"]["sessionId"] != third["session"]["sessionId"]


def test_walking_away_ends_the_session():
    envelopes, send = talk("alexa", Reply(""))
    send(envelopes.launch())
    assert Kind.SESSION_ENDED is send(envelopes.end())[0].kind
    assert envelopes.intent("yes")["session"]["new"]


def test_a_recognised_speaker_and_a_screen_are_seen():
    envelopes = AlexaEnvelopes("ada", person="mum", level=400, screen=True, ids=numbered(), now=lambda: NOW)
    envelopes, send = talk("alexa", QUESTION, envelopes)
    turn, _ = send(envelopes.launch())
    assert ("mum", 400) == (turn.person, turn.person_confidence)
    assert Capability.SCREEN in turn.capabilities
    assert {"ordinal": "2"} == send(envelopes.touch("choose", 2))[0].slots


def test_a_task_is_handed_over_and_comes_back():
    envelopes = AlexaEnvelopes("ada", person="mum", level=400, ids=numbered(), now=lambda: NOW)
    asking = Reply("One moment.", Expect.CODE, task=PlatformTask("verify_person", "t-1"))
    envelopes, send = talk("alexa", asking, envelopes)
    _, heard = send(envelopes.launch())
    assert ("verify_person", "t-1") == (heard.task, heard.task_token)
    turn, _ = send(envelopes.resume(heard.task_token))
    assert (True, "t-1") == (turn.task.achieved, turn.task.token)


def test_events_and_questions_without_a_shopper_are_read():
    envelopes, send = talk("alexa", Reply("", can_fulfill=True))
    assert "skill_disabled" == send(envelopes.event("AlexaSkillEvent.SkillDisabled"))[0].event
    turn, _ = send(envelopes.can_fulfill("add_to_cart", {"product": "milk"}))
    assert (Kind.CAN_FULFILL, {"product": "milk"}) == (turn.kind, turn.slots)


def test_amazons_own_model_reads_every_simulated_request():
    envelopes = AlexaEnvelopes("ada", person="mum", screen=True, ids=numbered(), now=lambda: NOW)
    requests = [
        envelopes.launch(),
        envelopes.intent("add_to_cart", {"ordinal": "2"}),
        envelopes.resume("t-1"),
        envelopes.touch("choose", 2),
        envelopes.can_fulfill("add_to_cart", {"product": "milk"}),
        envelopes.event("AlexaSkillEvent.SkillDisabled"),
        envelopes.end(),
    ]
    for request in requests:
        read = DefaultSerializer().deserialize(json.dumps(request), RequestEnvelope)
        assert request["request"]["type"] == read.request.object_type


@pytest.mark.clients
def test_the_official_protocol_buffers_read_every_simulated_request():
    from google.cloud.dialogflowcx_v3.types import webhook
    from google.protobuf.json_format import ParseDict

    envelopes = DialogflowCxEnvelopes("ada", token="a.b.c", ids=numbered())
    for request in (envelopes.launch(), envelopes.intent("add_to_cart", {"ordinal": "2"}, "the second")):
        ParseDict(request, webhook.WebhookRequest.pb(webhook.WebhookRequest()))


@pytest.mark.clients
def test_the_official_protocol_buffers_of_es_read_every_simulated_request():
    from google.cloud import dialogflow_v2
    from google.protobuf.json_format import ParseDict

    envelopes = DialogflowEsEnvelopes("ada", token="a.b.c", ids=numbered())
    for request in (envelopes.launch(), envelopes.intent("add_to_cart", {"ordinal": "2"}, "the second")):
        ParseDict(request, dialogflow_v2.WebhookRequest.pb(dialogflow_v2.WebhookRequest()))


def test_an_unknown_platform_is_said():
    with pytest.raises(KeyError):
        open_platform("carrier-pigeon")
    assert ["/alexa", "/dialogflow/cx", "/dialogflow/es", "/actions"] == [path_of(each) for each in PLATFORMS]


def test_alexa_sends_the_slots_that_nobody_filled_as_well():
    sent = open_platform("alexa").intent("add_to_cart", {"quantity": "2"})["request"]["intent"]["slots"]
    model = json.loads((ROOT / "interaction_models" / "alexa" / "en-US.json").read_text(encoding="utf-8"))
    intents = {each["name"]: each for each in model["interactionModel"]["languageModel"]["intents"]}
    assert {each["name"] for each in intents["add_to_cart"]["slots"]} == set(sent)
    assert ["quantity"] == [name for name, slot in sent.items() if "value" in slot]
