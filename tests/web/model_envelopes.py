"""Strategies for envelopes, made from what the platforms publish of them: ask-sdk-model for Alexa, Google's protocol buffers.

Every field that a model has may be there or not, every enum has any of its values, every list any length. What the models leave
open (names of intents and slots, ids, what was heard) is drawn from words that mean something here, and from nonsense. In one
envelope of three a field then holds something that no model allows.
"""

from __future__ import annotations

import copy
import enum
import importlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from skill.simulator import SIMULATED_USER
from tests.platforms.signing import NOW

INTENTS = (
    "find_products", "more_results", "find_cheaper", "choose_item", "describe_item", "add_to_cart", "set_quantity",
    "remove_from_cart", "show_cart", "clear_cart", "check_out", "give_code", "give_number", "confirm_order", "order_status",
    "cancel_order", "show_limits", "lower_limit", "loosen_limits", "pair_device",
    "yes", "no", "AMAZON.YesIntent", "AMAZON.NoIntent", "AMAZON.StopIntent", "AMAZON.FallbackIntent", "actions.intent.YES",
)  # fmt: skip
SLOTS = ("product_query", "product", "quantity", "ordinal", "item_description", "code", "number", "amount", "nonsense")

#: Digits are among what is heard, and the household's own code is not: nothing here may ever buy.
heard = st.sampled_from(
    (
        "milk",
        "two",
        "2",
        "second",
        "1",
        "0",
        "-1",
        "12",
        "1e9",
        "0001",
        "9999",
        "oat milk",
        "a dozen",
        "it",
        "?",
        "",
        "٤٢",
    )
) | st.text(max_size=8)
words = st.text(max_size=8)
numbers = st.sampled_from((0, 1, 2, 200, 300, 400, -1, 2**31, 2**63)) | st.integers()
floats = st.floats(allow_nan=False, allow_infinity=False, width=32)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | floats | heard,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
users = st.sampled_from((SIMULATED_USER, SIMULATED_USER, "a guest"))
sessions = st.sampled_from(("one", "two", "three"))
#: Stands for an id that no request had before: one that comes again is answered from memory, and tries nothing.
FRESH = "fresh"
_EARLIEST, _LATEST = (datetime.fromisoformat(f"{year}-01-01") for year in (2000, 2040))
request_ids = st.just(FRESH)
times = st.integers(-300, 300).map(lambda age_s: (NOW - timedelta(seconds=age_s)).isoformat()) | st.datetimes(
    timezones=st.just(UTC), min_value=_EARLIEST, max_value=_LATEST
).map(datetime.isoformat)
locales = st.sampled_from(("en-US", "en-GB", "it-IT", "el-GR", "hr-HR", "kk-KZ", "xx-XX"))
paths_of_sessions = st.builds("projects/p/agent/sessions/{}".format, users)


def _fields(required: Mapping[str, Any], optional: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(dict(required), optional={k: v for k, v in optional.items() if k not in required})


# --- Alexa ------------------------------------------------------------------------------------------------------------

#: What the models say is a text, by the name of its field.
_ALEXA_TEXTS = {
    "applicationId": st.just("amzn1.ask.skill.simulated"),
    "userId": users,
    "sessionId": sessions,
    "requestId": request_ids,
    "locale": locales,
    "personId": st.sampled_from(("amzn1.ask.person.ADA", "amzn1.ask.person.BEN")),
    "value": heard,
    "code": st.sampled_from(("200", "204", "400", "ER_SUCCESS_MATCH")),
}
#: Without these an envelope is refused at the door, and tries no more than that; one in a hundred goes without, further down.
_ALEXA_NEEDED = {
    "RequestEnvelope": ("context", "session", "request"),
    "Context": ("System",),
    "SystemState": ("user", "application"),
    "Session": ("sessionId", "user", "application"),
    "User": ("userId",),
    "Application": ("applicationId",),
    "Person": ("personId",),
    "IntentRequest": ("intent",),
    "CanFulfillIntentRequest": ("intent",),
    "Intent": ("name", "slots"),
    "Slot": ("name", "value"),
}
_ALEXA_KNOWN = (
    "LaunchRequest", "SessionEndedRequest", "SessionResumedRequest", "Connections.Response", "CanFulfillIntentRequest",
    "AlexaSkillEvent.", "Messaging.", "Reminders.", "Alexa.Presentation.APL.UserEvent",
)  # fmt: skip
_DEPTH_MAX = 7


@cache
def alexa_models() -> Mapping[str, str]:
    """Request types that Amazon publishes, each with the class of its model."""
    from ask_sdk_model import Request

    return dict(Request.discriminator_value_class_map)


def alexa_envelopes() -> st.SearchStrategy[dict[str, Any]]:
    kinds = sorted(alexa_models())
    known = [each for each in kinds if each.startswith(_ALEXA_KNOWN)]
    # Half are intents, as on a speaker; a quarter are of a kind that means something here, and a quarter of any.
    kind = st.sampled_from(["IntentRequest"] * 2 * len(kinds) + known * (len(kinds) // len(known)) + kinds)
    return kind.flatmap(_alexa_envelope).flatmap(_spoilt)


@cache
def _alexa_envelope(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    from ask_sdk_model import RequestEnvelope

    request = _alexa_object(alexa_models()[kind], 1)
    needed = {"type": st.just(kind), "requestId": request_ids}
    request = st.tuples(request, st.fixed_dictionaries(needed)).map(lambda both: both[0] | both[1])
    attributes = {name: _alexa_value(of, name, 0) for name, of in RequestEnvelope.deserialized_types.items()}
    return _fields({name: attributes[name] for name in ("context", "session")} | {"request": request}, attributes)


@cache
def _alexa_object(path: str, depth: int) -> st.SearchStrategy[Any]:
    module, name = path.rsplit(".", 1)
    model = getattr(importlib.import_module(module), name)
    if issubclass(model, enum.Enum):
        return st.sampled_from([each.value for each in model])
    kinds = getattr(model, "discriminator_value_class_map", None)
    if kinds and model.deserialized_types.keys() >= {"object_type"} and path not in kinds.values():
        of_kinds = [_tagged(kind, of, model, depth) for kind, of in sorted(kinds.items())]
        return st.one_of(of_kinds)
    fields = {
        written: _alexa_value(model.deserialized_types[name], written, depth)
        for name, written in model.attribute_map.items()
    }
    needed = _ALEXA_NEEDED.get(name, ())
    return _fields({each: fields[each] for each in fields if each in needed}, fields)


def _tagged(kind: str, path: str, model: Any, depth: int) -> st.SearchStrategy[Any]:
    tag = model.attribute_map["object_type"]
    return _alexa_object(path, depth + 1).map(lambda made: {**made, tag: kind})


def _alexa_value(of: str, written: str, depth: int) -> st.SearchStrategy[Any]:
    if written == "slots":
        slots = st.dictionaries(st.sampled_from(SLOTS), _alexa_object("ask_sdk_model.slot.Slot", depth + 1), max_size=3)
        return slots.map(lambda made: {name: {**slot, "name": name} for name, slot in made.items()})
    if of == "ask_sdk_model.intent.Intent":
        named = st.sampled_from(INTENTS) | words
        return st.tuples(_alexa_object(of, depth + 1), named).map(lambda both: {**both[0], "name": both[1]})
    nested = re.fullmatch(r"(list|dict)(?:\[|\((?:str, )?)(.+)[\])]", of)
    if nested:
        inner = _alexa_value(nested[2].strip(), "", depth + 1)
        return st.lists(inner, max_size=2) if nested[1] == "list" else st.dictionaries(words, inner, max_size=2)
    plain = {"bool": st.booleans(), "int": numbers, "float": floats, "datetime": times, "object": json_values}
    if of in plain:
        return plain[of]
    if of == "str":
        return _ALEXA_TEXTS.get(written, words)
    return json_values if depth >= _DEPTH_MAX else st.deferred(lambda: _alexa_object(of, depth + 1))


# --- Google -----------------------------------------------------------------------------------------------------------


def proto_envelopes(
    descriptor: Any, texts: Mapping[str, st.SearchStrategy[Any]], needed: Mapping[str, tuple[str, ...]]
) -> st.SearchStrategy[dict[str, Any]]:
    """Envelopes of a protocol buffer's message, as JSON. `texts` are by the field's JSON name, `needed` by the message's name."""
    made: dict[tuple[str, int], st.SearchStrategy[Any]] = {}

    def message(of: Any, depth: int) -> st.SearchStrategy[Any]:
        if of.full_name in _WELL_KNOWN:
            return _WELL_KNOWN[of.full_name]
        if depth > _DEPTH_MAX:
            return st.just({})
        if (of.full_name, depth) not in made:
            fields = {each.json_name: field(each, depth) for each in of.fields}
            kept = needed.get(of.name, ())
            made[of.full_name, depth] = _fields({name: fields[name] for name in kept}, fields)
        return made[of.full_name, depth]

    def field(of: Any, depth: int) -> st.SearchStrategy[Any]:
        if of.message_type is not None and of.message_type.GetOptions().map_entry:
            entry = of.message_type.fields_by_name["value"]
            return st.dictionaries(st.sampled_from(SLOTS) | words, single(entry, depth), max_size=3)
        one = single(of, depth)
        return st.lists(one, max_size=2) if of.is_repeated else one

    def single(of: Any, depth: int) -> st.SearchStrategy[Any]:
        if of.json_name in texts:
            return texts[of.json_name]
        if of.message_type is not None:
            return st.deferred(lambda: message(of.message_type, depth + 1))
        if of.enum_type is not None:
            return st.sampled_from([each.name for each in of.enum_type.values])
        return {of.CPPTYPE_STRING: words, of.CPPTYPE_BOOL: st.booleans()}.get(
            of.cpp_type, floats if of.cpp_type in (of.CPPTYPE_FLOAT, of.CPPTYPE_DOUBLE) else numbers
        )

    return message(descriptor, 0).flatmap(_spoilt)


slots_heard = st.dictionaries(st.sampled_from(SLOTS), heard | floats | json_values, max_size=3)
_WELL_KNOWN = {
    "google.protobuf.Struct": slots_heard,
    "google.protobuf.Value": heard | floats | json_values,
    "google.protobuf.ListValue": st.lists(json_values, max_size=2),
    "google.protobuf.Any": st.just({}),
    "google.protobuf.Duration": st.just("1.5s"),
    "google.protobuf.Timestamp": times,
    "google.rpc.Status": st.just({"code": 0}),
}


def actions_envelopes() -> st.SearchStrategy[dict[str, Any]]:
    """Actions Builder's. Google publishes no model of it but its reference:
    developers.google.com/assistant/conversational/reference/rest/v1/TopLevel/fulfill.
    """
    names = st.sampled_from((*INTENTS, "launch", "actions.intent.MAIN", "actions.intent.NO_MATCH_1")) | words
    parameter = _fields({}, {"original": heard, "resolved": heard | floats | json_values})
    slot = _fields({}, {"mode": words, "status": words, "updated": st.booleans(), "value": heard | floats})
    envelope = _fields(
        {
            "handler": _fields({"name": names}, {}),
            "session": _fields({"id": users}, {"params": st.dictionaries(words, json_values), "languageCode": locales}),
        },
        {
            "intent": _fields(
                {"name": names},
                {"params": st.dictionaries(st.sampled_from(SLOTS), parameter, max_size=3), "query": heard},
            ),
            "scene": _fields(
                {"name": words}, {"slots": st.dictionaries(st.sampled_from(SLOTS), slot), "slotFillingStatus": words}
            ),
            "user": _fields(
                {},
                {
                    "locale": locales,
                    "params": st.dictionaries(words, json_values, max_size=2),
                    "accountLinkingStatus": words,
                    "verificationStatus": words,
                    "lastSeenTime": times,
                },
            ),
            "home": _fields({}, {"params": st.dictionaries(words, json_values, max_size=2)}),
            "device": _fields(
                {}, {"capabilities": st.lists(st.sampled_from(("SPEECH", "RICH_RESPONSE", "WEB_LINK")), max_size=3)}
            ),
            "context": _fields({}, {"media": json_values}),
        },
    )
    # Beside the number of the turn nothing tells two requests apart.
    number = st.integers(0, 100_000)
    return st.tuples(envelope, number).map(_numbered).flatmap(_spoilt)


def _numbered(both: tuple[dict[str, Any], int]) -> dict[str, Any]:
    envelope, number = both
    session = envelope["session"]
    return {**envelope, "session": {**session, "params": {**session.get("params", {}), "sayso_turn": number}}}


# --- nonsense ---------------------------------------------------------------------------------------------------------


def _spoilt(envelope: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Two of three as they are; in the third, one field is missing or of another kind."""
    spots = [each for each in _spots(envelope) if each]
    if not spots:
        return st.just(envelope)
    spoil = st.builds(
        lambda spot, value: _put(envelope, spot, value), st.sampled_from(spots), json_values | st.just(...)
    )
    return st.integers(0, 2).flatmap(lambda which: spoil if which == 2 else st.just(envelope))


def _spots(value: Any, at: tuple[str, ...] = ()) -> Any:
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _spots(inner, (*at, key))


def _put(envelope: dict[str, Any], spot: tuple[str, ...], value: Any) -> dict[str, Any]:
    spoilt = copy.deepcopy(envelope)
    holder = spoilt
    for key in spot[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[spot[-1]]
    else:
        holder[spot[-1]] = value
    return spoilt
