from __future__ import annotations

from datetime import UTC, datetime

import pytest

from skill.errors import RequestRejected
from skill.platforms.alexa_request import BUILT_IN, event_name, read_turn
from skill.turn import Capability, Kind, TaskResult

USER = "amzn1.ask.account.AFP3ZWPOS2BGJR7OWJZ3DHPKMOMCKURC2K4A"


def read(envelope):
    return read_turn(envelope, store="corner", default_locale="en-US")


def test_an_intent_becomes_a_turn_with_its_ids_time_and_locale(event):
    turn = read(event("alexa_intent"))
    assert ("alexa", "corner", USER) == (turn.platform, turn.store, turn.user)
    assert ("amzn1.echo-api.session.1a2b3c", "amzn1.echo-api.request.9f8e7d") == (turn.session, turn.request_id)
    assert "amzn1.ask.device.AHXYZ" == turn.device
    assert datetime(2026, 11, 21, 10, tzinfo=UTC) == turn.sent_at
    assert (Kind.INTENT, "add_to_cart", "en-US") == (turn.kind, turn.intent, turn.locale)
    assert turn.authentic_user


def test_slots_hold_what_was_meant_where_it_was_matched_and_what_was_heard_elsewhere(event):
    expected = {"quantity": "2", "ordinal": "2", "product": "oat meal", "item_description": "small"}
    assert expected == read(event("alexa_intent")).slots


@pytest.mark.parametrize(
    ("name", "key", "meant"),
    [
        ("second", "2", "2"),
        ("last", "last", "last"),
        ("oat milk", "oat_milk", "oat milk"),
        ("best rated", "best_rated", "best rated"),
        ("more expensive", "pricier", "pricier"),
        ("m&m's", "m_m_s", "m&m's"),
        ("milk", "", "milk"),
    ],
)
def test_a_value_of_the_model_is_read_as_its_key(event, name, key, meant):
    envelope = event("alexa_intent")
    ordinal = envelope["request"]["intent"]["slots"]["ordinal"]
    ordinal["resolutions"]["resolutionsPerAuthority"][1]["values"] = [{"value": {"name": name, "id": key}}]
    assert meant == read(envelope).slots["ordinal"]


def test_an_entity_of_this_session_is_read_as_its_name(event):
    envelope = event("alexa_intent")
    dynamic, _ = envelope["request"]["intent"]["slots"]["ordinal"]["resolutions"]["resolutionsPerAuthority"]
    dynamic |= {"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": "Oat Milk", "id": "SKU-7"}}]}
    assert "Oat Milk" == read(envelope).slots["ordinal"]


def test_a_question_mark_is_heard_where_a_number_was_not_made_out_and_nowhere_else(event):
    envelope = event("alexa_intent")
    names = ("code", "quantity", "number", "product")
    envelope["request"]["intent"]["slots"] = {name: {"name": name, "value": "?"} for name in names}
    assert {"code": "?", "quantity": "?", "number": "?"} == read(envelope).slots


@pytest.mark.parametrize(
    "slot",
    [None, "milk", 7, [], {}, {"value": None}, {"value": 4}, {"value": "  "}, {"value": "\u202e\x00"}],
)
def test_a_slot_without_words_is_absent(event, slot):
    envelope = event("alexa_intent")
    envelope["request"]["intent"]["slots"] = {"product": slot}
    assert {} == read(envelope).slots


@pytest.mark.parametrize(
    "resolutions",
    [
        7,
        {},
        {"resolutionsPerAuthority": 7},
        {"resolutionsPerAuthority": [7, {}]},
        {"resolutionsPerAuthority": [{"status": {"code": "ER_SUCCESS_MATCH"}}]},
        {"resolutionsPerAuthority": [{"status": {"code": "ER_SUCCESS_MATCH"}, "values": [7]}]},
        {"resolutionsPerAuthority": [{"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": ""}}]}]},
        {"resolutionsPerAuthority": [{"status": {"code": "ER_ERROR_TIMEOUT"}, "values": [{"value": {"name": "x"}}]}]},
    ],
)
def test_a_broken_resolution_leaves_what_was_heard(event, resolutions):
    envelope = event("alexa_intent")
    envelope["request"]["intent"]["slots"] = {"product": {"value": "milk", "resolutions": resolutions}}
    assert {"product": "milk"} == read(envelope).slots


def test_heard_text_is_cut_and_cleaned_of_control_and_direction_marks(event):
    envelope = event("alexa_intent")
    envelope["request"]["intent"]["slots"] = {"product": {"value": "mi\u202elk\x07 " + "x" * 10_000}}
    heard = read(envelope).slots["product"]
    assert heard.startswith("mi lk")
    assert 500 >= len(heard)


@pytest.mark.parametrize(("amazon", "ours"), BUILT_IN.items())
def test_built_in_intents_have_our_names(event, amazon, ours):
    envelope = event("alexa_intent")
    envelope["request"]["intent"] = {"name": amazon, "confirmationStatus": "NONE"}
    assert (ours, {}) == (read(envelope).intent, read(envelope).slots)


def test_our_own_name_of_a_built_in_intent_is_taken_as_well(event):
    envelope = event("alexa_intent")
    envelope["request"]["intent"] = {"name": "yes"}
    assert "yes" == read(envelope).intent


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("alexa_launch", Kind.LAUNCH),
        ("alexa_launch_with_task", Kind.LAUNCH),
        ("alexa_session_ended", Kind.SESSION_ENDED),
        ("alexa_session_resumed", Kind.TASK_RESULT),
        ("alexa_connections_response", Kind.TASK_RESULT),
        ("alexa_can_fulfill", Kind.CAN_FULFILL),
        ("alexa_skill_disabled", Kind.EVENT),
        ("alexa_skill_enabled", Kind.EVENT),
        ("alexa_account_linked", Kind.EVENT),
        ("alexa_permission_accepted", Kind.EVENT),
        ("alexa_permission_changed", Kind.EVENT),
        ("alexa_subscription_changed", Kind.EVENT),
        ("alexa_message_received", Kind.EVENT),
        ("alexa_reminder_started", Kind.EVENT),
        ("alexa_touch", Kind.INTENT),
        ("alexa_unknown_request_type", Kind.UNKNOWN),
        ("alexa_audio_playback_started", Kind.UNKNOWN),
    ],
)
def test_every_request_type_has_its_kind(event, name, kind):
    assert kind is read(event(name)).kind


def test_an_event_is_named_neutrally_and_belongs_to_the_user(event):
    turn = read(event("alexa_skill_disabled"))
    assert ("skill_disabled", USER, USER) == (turn.event, turn.user, turn.session)
    assert "proactive_subscription_changed" == event_name("AlexaSkillEvent.ProactiveSubscriptionChanged")


def test_no_person_is_a_voice_that_alexa_does_not_know(event):
    turn = read(event("alexa_intent"))
    assert (None, None) == (turn.person, turn.person_confidence)
    assert {Capability.CARD, Capability.SPEAKER_RECOGNITION} == turn.capabilities


def test_a_recognised_speaker_is_known_with_amazons_confidence(event):
    turn = read(event("alexa_recognised_speaker"))
    assert ("amzn1.ask.person.MOM", 300) == (turn.person, turn.person_confidence)
    assert {Capability.CARD, Capability.SPEAKER_RECOGNITION, Capability.VERIFY_PERSON} == turn.capabilities


def test_a_screen_is_a_capability(event):
    assert Capability.SCREEN in read(event("alexa_screen")).capabilities


def test_a_verified_person_is_achieved_at_the_codes_level(event):
    assert TaskResult("t-1", achieved=True, status="ACHIEVED") == read(event("alexa_session_resumed")).task


@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: e["context"]["System"]["person"]["authenticationConfidenceLevel"].update(level=300),
        lambda e: e["context"]["System"]["person"].pop("authenticationConfidenceLevel"),
        lambda e: e["context"]["System"].pop("person"),
        lambda e: e["request"]["cause"]["result"].update(status="NOT_ACHIEVED"),
        lambda e: e["request"]["cause"]["result"].update(status="NOT_ENABLED"),
        lambda e: e["request"]["cause"]["status"].update(code="500"),
        lambda e: e["request"]["cause"].pop("status"),
        lambda e: e["request"]["cause"].pop("result"),
    ],
)
def test_a_person_is_verified_only_where_everything_says_so(event, spoil):
    envelope = event("alexa_session_resumed")
    spoil(envelope)
    assert not read(envelope).task.achieved


def test_a_task_whose_token_is_no_text_is_rejected(event):
    envelope = event("alexa_session_resumed")
    envelope["request"]["cause"]["token"] = ["t-1"]
    with pytest.raises(RequestRejected, match="token is malformed"):
        read(envelope)


def test_a_task_that_could_not_start_tells_its_status(event):
    assert TaskResult("t-1", achieved=False, status="403") == read(event("alexa_session_resumed_not_configured")).task


def test_touching_an_item_is_choosing_it_by_its_place(event):
    turn = read(event("alexa_touch"))
    assert ("choose_item", {"ordinal": "2"}) == (turn.intent, turn.slots)


@pytest.mark.parametrize(
    ("touched", "intent"),
    [("more", "more_results"), ("cart", "show_cart"), ("check-out", "check_out"), ("yes", "yes"), ("stop", "stop")],
)
def test_touching_a_button_is_saying_what_is_on_it(event, touched, intent):
    envelope = event("alexa_touch")
    envelope["request"]["arguments"] = [touched]
    turn = read(envelope)
    assert (Kind.INTENT, intent, {}) == (turn.kind, turn.intent, turn.slots)


@pytest.mark.parametrize(
    "arguments", [None, [], "choose", ["give_code", "1234"], ["choose"], ["choose", None], [["x"]]]
)
def test_a_touch_that_no_document_of_ours_sends_is_unknown(event, arguments):
    envelope = event("alexa_touch")
    envelope["request"]["arguments"] = arguments
    assert Kind.UNKNOWN is read(envelope).kind


def test_the_time_may_come_as_milliseconds(event):
    envelope = event("alexa_launch")
    envelope["request"]["timestamp"] = 1795255200000
    assert datetime(2026, 11, 21, 10, tzinfo=UTC) == read(envelope).sent_at


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        (("request",), "request.type"),
        (("request", "type"), "request.type"),
        (("request", "requestId"), "request.requestId"),
        (("request", "intent"), "request.intent.name"),
        (("request", "intent", "name"), "request.intent.name"),
        (("session",), "session.sessionId"),
        (("session", "sessionId"), "session.sessionId"),
    ],
)
def test_what_is_missing_is_named(event, path, missing):
    envelope = event("alexa_intent")
    holder = envelope
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    with pytest.raises(RequestRejected, match=missing):
        read(envelope)


def test_a_request_without_any_user_is_rejected(event):
    envelope = event("alexa_intent")
    del envelope["context"]["System"]["user"], envelope["session"]["user"]
    with pytest.raises(RequestRejected, match="userId is missing"):
        read(envelope)


@pytest.mark.parametrize("value", [7, None, "", "x" * 5000, "a\x00b", "a\ud800b", ["x"]])
def test_an_id_that_is_no_id_is_rejected(event, value):
    envelope = event("alexa_intent")
    envelope["session"]["sessionId"] = value
    with pytest.raises(RequestRejected, match=r"session\.sessionId"):
        read(envelope)


@pytest.mark.parametrize("value", ["yesterday", True, 1e99, 10**30, [], "0001-01-01T00:00:00+23:00"])
def test_a_time_that_is_none_is_rejected(event, value):
    envelope = event("alexa_intent")
    envelope["request"]["timestamp"] = value
    with pytest.raises(RequestRejected, match="timestamp"):
        read(envelope)


def test_the_same_meaning_has_the_same_hash_whatever_the_order_of_keys(event):
    envelope = event("alexa_intent")
    turned = event("alexa_intent")
    turned["request"] = dict(reversed(turned["request"].items()))
    turned["session"]["attributes"] = {"noise": "x" * 1000}
    assert read(envelope).body_hash == read(turned).body_hash


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["request"]["intent"]["slots"]["quantity"].update(value="3"),
        lambda e: e["request"]["intent"].update(name="remove_from_cart"),
        lambda e: e["session"].update(sessionId="another"),
        lambda e: e["context"]["System"]["user"].update(userId="another"),
        lambda e: e["context"]["System"]["device"].update(deviceId="another"),
        lambda e: e["context"]["System"].update(person={"personId": "another"}),
    ],
)
def test_another_meaning_has_another_hash(event, change):
    envelope = event("alexa_intent")
    change(envelope)
    assert read(event("alexa_intent")).body_hash != read(envelope).body_hash


def test_slot_names_that_no_model_can_have_are_not_read(event):
    envelope = event("alexa_intent")
    envelope["request"]["intent"]["slots"] = {name: {"value": "x"} for name in ("a\ud800", "", "a b", "\u0430", "ok")}
    assert {"ok": "x"} == read(envelope).slots
