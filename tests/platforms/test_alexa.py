from __future__ import annotations

import json
import logging

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import ResponseEnvelope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interaction_models.sources import load_slot_types
from skill.errors import RequestRejected
from skill.platforms.alexa import AlexaSkill, read_elicited_slots
from skill.simulator.envelopes import AlexaEnvelopes
from skill.turn import Expect, Kind, Reply

SKILL_ID = "amzn1.ask.skill.5b1c7d1e-3a59-4c0e-9d2f-8a4e6b7c0d11"


def skill(answer, skill_id=SKILL_ID):
    return AlexaSkill(answer, store="corner", skill_id=skill_id)


def test_json_in_and_an_envelope_out(event, answering):
    response = skill(answering).invoke_json(json.dumps(event("alexa_intent")).encode())
    assert "1.0" == response["version"]
    assert "<speak>Two things. Which one?</speak>" == response["response"]["outputSpeech"]["ssml"]
    assert "add_to_cart" == answering.turn.intent


def test_text_bytes_and_a_lambda_event_are_the_same_turn(event, answering):
    envelope = event("alexa_intent")
    alexa = skill(answering)
    alexa.invoke_json(json.dumps(envelope))
    alexa.invoke_json(json.dumps(envelope).encode())
    alexa.handle(envelope)
    assert answering.turns[0] == answering.turns[1] == answering.turns[2]


def test_another_skills_request_is_rejected_before_anything_is_answered(event, answering):
    envelope = event("alexa_intent")
    envelope["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    with pytest.raises(RequestRejected, match="another skill"):
        skill(answering).handle(envelope)
    assert [] == answering.turns


def test_a_skill_id_that_only_the_session_or_only_the_context_has_right_is_rejected(event, answering):
    envelope = event("alexa_intent")
    envelope["session"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    with pytest.raises(RequestRejected):
        skill(answering).handle(envelope)


@pytest.mark.parametrize("application", [None, {}, {"applicationId": None}, {"applicationId": ["x"]}, 7])
def test_a_request_without_a_skill_id_is_rejected(event, answering, application):
    envelope = event("alexa_skill_enabled")
    envelope["context"]["System"]["application"] = application
    with pytest.raises(RequestRejected):
        skill(answering).handle(envelope)


def test_without_a_skill_id_of_our_own_any_skill_is_answered(event, answering):
    envelope = event("alexa_intent")
    envelope["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    skill(answering, None).handle(envelope)
    assert 1 == len(answering.turns)


def test_an_unknown_request_type_is_a_turn_like_any_other(event, answering):
    response = skill(answering).handle(event("alexa_unknown_request_type"))
    assert Kind.UNKNOWN is answering.turn.kind
    assert "outputSpeech" in response["response"]


@pytest.mark.parametrize("name", ["alexa_exception_encountered", "alexa_apl_runtime_error"])
def test_what_alexa_tells_us_is_logged_and_not_answered(event, answering, caplog, name):
    with caplog.at_level(logging.ERROR):
        response = skill(answering).handle(event(name))
    assert {"version": "1.0", "response": {}} == response
    assert [] == answering.turns
    assert "Alexa refused a response" in caplog.text


def test_the_slots_to_ask_for_are_those_of_alexas_model(event, answering):
    assert ("code",) == read_elicited_slots()["give_code"]
    answering.reply = Reply("Your code?", Expect.CODE, slot=("give_code", "code"))
    (directive,) = skill(answering).handle(event("alexa_intent"))["response"]["directives"]
    assert {"code"} == directive["updatedIntent"]["slots"].keys()


def test_session_attributes_are_neither_read_nor_written(event, answering):
    envelope = event("alexa_intent")
    envelope["session"]["attributes"] = {"cart": ["yacht"], "noise": "x" * 1_000_000}
    response = skill(answering).handle(envelope)
    assert "sessionAttributes" not in response
    assert "yacht" not in repr(answering.turn)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 10_000, b"{}"],
)
def test_a_body_that_is_no_envelope_is_rejected(answering, body):
    with pytest.raises(RequestRejected):
        skill(answering).invoke_json(body)


def test_an_error_of_the_dialogue_is_not_swallowed(event):
    def fail(turn):
        raise LookupError("broken")

    with pytest.raises(LookupError):
        skill(fail).handle(event("alexa_intent"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def paths(value, at=()):
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*at, key))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_part_of_an_envelope_may_be_nonsense_and_is_rejected_or_answered(event, data):
    names = ["alexa_intent", "alexa_session_resumed", "alexa_touch", "alexa_skill_disabled", "alexa_can_fulfill"]
    envelope = event(data.draw(st.sampled_from(names)))
    path = data.draw(st.sampled_from([at for at in paths(envelope) if at]))
    holder = envelope
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(JSON)
    try:
        response = skill(lambda turn: Reply("Well?", Expect.FREE), None).handle(envelope)
    except RequestRejected:
        return
    json.dumps(response, ensure_ascii=False).encode()


def listening(event, answering, name="alexa_launch", expects=Expect.FREE, names=(("sku-1", "Oat Milk"),)):
    """The directives of dynamic entities in an answer to the event."""
    answering.reply = Reply("Welcome. What are you looking for?", expects, reprompt="What are you looking for?")
    alexa = AlexaSkill(answering, store="corner", skill_id=SKILL_ID, names=lambda limit: names[:limit])
    response = alexa.handle(event(name))
    model = DefaultSerializer().deserialize(json.dumps(response), ResponseEnvelope)
    assert len(response["response"].get("directives", [])) == len(model.response.directives or [])
    directives = response["response"].get("directives", [])
    return [each for each in directives if each["type"] == "Dialog.UpdateDynamicEntities"]


def test_a_session_begins_with_the_names_that_are_likely_to_be_said(event, answering):
    assert [
        {
            "type": "Dialog.UpdateDynamicEntities",
            "updateBehavior": "REPLACE",
            "types": [{"name": "product", "values": [{"id": "sku-1", "name": {"value": "Oat Milk"}}]}],
        }
    ] == listening(event, answering)


def test_names_belong_to_a_slot_type_of_the_model():
    assert "product" in load_slot_types()
    assert "product" == load_slot_types()["product"].alexa


def test_names_are_told_once_a_session_and_only_where_it_goes_on(event, answering):
    assert [] == listening(event, answering, "alexa_intent")
    assert [] == listening(event, answering, expects=Expect.NOTHING)
    assert [] == listening(event, answering, names=())


def test_no_more_names_are_told_than_amazon_takes(event, answering):
    many = [(f"sku-{number}", "x" * 200) for number in range(150)]
    [directive] = listening(event, answering, names=[("y" * 101, "Too long an id"), *many])
    [of_products] = directive["types"]
    assert 99 == len(of_products["values"])
    assert {140} == {len(each["name"]["value"]) for each in of_products["values"]}


@pytest.mark.parametrize(
    ("request_", "elicited"),
    [
        (lambda envelopes: envelopes.launch(), True),
        (lambda envelopes: envelopes.intent("check_out"), True),
        (lambda envelopes: envelopes.touch("check-out"), False),
    ],
    ids=["launch", "intent", "touch"],
)
def test_a_slot_is_elicited_from_whoever_speaks_and_not_from_a_touch(request_, elicited):
    """Amazon chains from an IntentRequest or a LaunchRequest; a touch has no dialog that could go on."""
    alexa = skill(lambda turn: Reply("Your code?", Expect.CODE, "Your code?", slot=("give_code", "code")))
    response = alexa.handle(request_(AlexaEnvelopes("kim", skill_id=SKILL_ID, screen=True)))["response"]
    assert elicited == ("Dialog.ElicitSlot" in [each["type"] for each in response.get("directives", [])])
    assert not response["shouldEndSession"]
