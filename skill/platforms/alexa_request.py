"""An Alexa request envelope, as raw JSON → Turn.

Fields: https://developer.amazon.com/docs/alexa/custom-skills/request-and-response-json-reference.html and
request-types-reference.html. The SDK's model is not used: it raises on request types that it does not know, drops
`authenticationConfidenceLevel`, and takes longer than the whole turn may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from skill.errors import RequestRejected
from skill.platforms.envelope import (
    SLOTS_MAX,
    clean,
    hash_body,
    id_in,
    object_in,
    read_locale,
    read_time,
    text_in,
)
from skill.platforms.markup import SSML_FRAME
from skill.turn import Capability, Kind, ReminderAccess, TaskResult, Turn

PLATFORM = "alexa"

#: Characters of an answer's SSML. Source: the response format in Amazon's JSON reference.
SPEECH_LENGTH_MAX = 8000

#: Amazon's built-in intents, by our names for them. Intents of the model carry our names already.
BUILT_IN = MappingProxyType(
    {
        "AMAZON.YesIntent": "yes",
        "AMAZON.NoIntent": "no",
        "AMAZON.CancelIntent": "cancel",
        "AMAZON.StopIntent": "stop",
        "AMAZON.HelpIntent": "help",
        "AMAZON.RepeatIntent": "repeat",
        "AMAZON.StartOverIntent": "start_over",
        "AMAZON.NextIntent": "next",
        "AMAZON.PreviousIntent": "previous",
        "AMAZON.FallbackIntent": "fallback",
        "AMAZON.NavigateHomeIntent": "navigate_home",
        "AMAZON.MoreIntent": "more_results",
    }
)

#: The request that tells of a touch.
TOUCH = "Alexa.Presentation.APL.UserEvent"

#: What can be touched on a screen, and what saying it would have been: the intent and the slot for the place touched.
#: The documents that we render send these words, so touching does what saying does and nothing beyond it.
TOUCHES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "choose": ("choose_item", "ordinal"),
        "more": ("more_results", None),
        "about": ("describe_item", None),
        "cart": ("show_cart", None),
        "clear": ("clear_cart", None),
        "check-out": ("check_out", None),
        "yes": ("yes", None),
        "no": ("no", None),
        "repeat": ("repeat", None),
        "help": ("help", None),
        "stop": ("stop", None),
    }
)

#: "?" is what Alexa says where it heard digits and could not tell them; the code's question counts such answers.
UNCLEAR_SLOTS = frozenset({"code", "quantity", "number"})

#: Requests that belong to a conversation: without a session they are malformed.
_IN_SESSION = frozenset(
    {
        "LaunchRequest",
        "IntentRequest",
        "SessionEndedRequest",
        "SessionResumedRequest",
        "Connections.Response",
        TOUCH,
    }
)
_EVENT_FAMILIES = ("AlexaSkillEvent.", "Messaging.", "Reminders.")
_PERSON_VERIFIED_LEVEL = 400
REMINDERS_SCOPE = "alexa::alerts:reminders:skill:readwrite"
#: Permissions or subscriptions that are read; Amazon has some twenty of each.
GRANTS_MAX = 50

_NO_ID = re.compile(r"\W+")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_VOICE = frozenset({Capability.CARD, Capability.SPEAKER_RECOGNITION})
_VOICE_SCREEN = _VOICE | {Capability.SCREEN}
_VERIFY = frozenset({Capability.VERIFY_PERSON})


def request_type(envelope: Mapping[str, Any]) -> str:
    """`IntentRequest`, `AlexaSkillEvent.SkillDisabled` ... Raises `RequestRejected` where there is none."""
    return id_in(object_in(envelope, "request"), "type", "request.type")


def is_for_skill(envelope: Mapping[str, Any], skill_id: str) -> bool:
    """Whether every skill id in the envelope is this one: the context's, which must be there, and the session's."""
    system = object_in(object_in(envelope, "context"), "System")
    if object_in(system, "application").get("applicationId") != skill_id:
        return False
    in_session = object_in(object_in(envelope, "session"), "application").get("applicationId", skill_id)
    return bool(in_session == skill_id)


def read_turn(envelope: Mapping[str, Any], *, store: str, default_locale: str) -> Turn:
    """The turn. Raises `RequestRejected`, which names what is missing or malformed.

    Alexa names the person whom it recognised, so an envelope without one is a voice that it does not know. It looks the same in
    a household that has no voice profiles; a parent who wants strangers refused is better served by too much care than by
    too little. Alexa can ask for the voice code only of a recognised speaker, and one with a confidence level
    (pin-confirmation-for-alexa-skills.html, prerequisites).
    """
    request = object_in(envelope, "request")
    kind_named = request_type(envelope)
    session = object_in(envelope, "session")
    system = object_in(object_in(envelope, "context"), "System")
    device = object_in(system, "device")
    user = id_in(object_in(system, "user") or object_in(session, "user"), "userId", "context.System.user.userId")
    if kind_named in _IN_SESSION or "sessionId" in session:
        session_id = id_in(session, "sessionId", "session.sessionId")
    else:
        session_id = user

    person, confidence = _read_person(object_in(system, "person"))
    capabilities = _VOICE_SCREEN if "Alexa.Presentation.APL" in object_in(device, "supportedInterfaces") else _VOICE
    if person and confidence is not None:
        capabilities |= _VERIFY

    kind, intent, slots = _read_kind(kind_named, request)
    device_id = text_in(device, "deviceId")
    return Turn(
        platform=PLATFORM,
        store=store,
        user=user,
        session=session_id,
        request_id=id_in(request, "requestId", "request.requestId"),
        locale=read_locale(request.get("locale"), default_locale),
        kind=kind,
        body_hash=hash_body(request, user, session_id, device_id, person),
        device=device_id,
        person=person,
        person_confidence=confidence,
        sent_at=_read_sent_at(request),
        intent=intent,
        slots=slots,
        capabilities=capabilities,
        task=_read_task(kind_named, request, confidence) if kind is Kind.TASK_RESULT else None,
        event=event_name(kind_named) if kind is Kind.EVENT else "",
        granted=_read_granted(object_in(request, "body")) if kind is Kind.EVENT else None,
        reminders=_read_reminders(system) if kind is Kind.INTENT else None,
        speech_length_max=SPEECH_LENGTH_MAX - SSML_FRAME,
    )


def _read_sent_at(request: Mapping[str, Any]) -> datetime | None:
    """Events are delivered late and more than once: what counts of them is when they happened."""
    happened = request.get("eventCreationTime")
    if happened is not None:
        return read_time(happened, "request.eventCreationTime")
    return read_time(request.get("timestamp"), "request.timestamp")


def _read_granted(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    """`{"acceptedPermissions": [{"scope": "alexa::..."}]}` or `{"subscriptions": [{"eventName": ...}]}`.

    Fields: developer.amazon.com/docs/alexa/smapi/skill-events-in-alexa-skills.html.
    """
    for listed, name in (("acceptedPermissions", "scope"), ("subscriptions", "eventName")):
        entries = body.get(listed)
        if isinstance(entries, list):
            named = [text_in(each, name) for each in entries[:GRANTS_MAX] if isinstance(each, dict)]
            return tuple(dict.fromkeys(filter(None, named)))
    return None


def _read_reminders(system: Mapping[str, Any]) -> ReminderAccess | None:
    """The address and the token of Amazon's interfaces come with each request, and what the shopper has allowed."""
    endpoint, token = system.get("apiEndpoint"), system.get("apiAccessToken")
    if not isinstance(endpoint, str) or not isinstance(token, str) or not endpoint or not token:
        return None
    scopes = object_in(object_in(object_in(system, "user"), "permissions"), "scopes")
    return ReminderAccess(endpoint, token, object_in(scopes, REMINDERS_SCOPE).get("status") == "GRANTED")


def read_access_token(envelope: Mapping[str, Any]) -> str:
    """The linked account's token, "" where none came: of the context, the session, or the event that tells of the linking."""
    system = object_in(object_in(envelope, "context"), "System")
    holders = (object_in(system, "user"), object_in(object_in(envelope, "session"), "user"))
    for holder in (*holders, object_in(object_in(envelope, "request"), "body")):
        token = holder.get("accessToken")
        if isinstance(token, str) and token:
            return token
    return ""


def event_name(named: str) -> str:
    """`AlexaSkillEvent.SkillDisabled` → `skill_disabled`."""
    return _WORD_START.sub("_", named.rsplit(".", 1)[-1]).lower()


def _read_kind(named: str, request: Mapping[str, Any]) -> tuple[Kind, str | None, Mapping[str, str]]:
    if named == "IntentRequest":
        intent, slots = _read_intent(request)
        return Kind.INTENT, intent, slots
    if named == "LaunchRequest":
        return Kind.LAUNCH, None, {}
    if named == "SessionEndedRequest":
        return Kind.SESSION_ENDED, None, {}
    if named in ("SessionResumedRequest", "Connections.Response"):
        return Kind.TASK_RESULT, None, {}
    if named == "CanFulfillIntentRequest":
        intent, slots = _read_intent(request)
        return Kind.CAN_FULFILL, intent, slots
    if named == TOUCH:
        return _read_touch(request.get("arguments"))
    if named.startswith(_EVENT_FAMILIES):
        return Kind.EVENT, None, {}
    return Kind.UNKNOWN, None, {}


def _read_intent(request: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    intent = object_in(request, "intent")
    named = id_in(intent, "name", "request.intent.name")
    slots: dict[str, str] = {}
    for name, slot in list(object_in(intent, "slots").items())[:SLOTS_MAX]:
        if isinstance(slot, dict) and name.isascii() and name.isidentifier():
            heard = _read_slot(slot)
            if heard and (heard != "?" or name in UNCLEAR_SLOTS):
                slots[name] = heard
    return BUILT_IN.get(named, named), slots


def _read_slot(slot: Mapping[str, Any]) -> str:
    """The value that was meant where the slot's type has it, else what was heard."""
    resolutions = slot.get("resolutions")
    if resolutions:
        resolved = _read_resolution(resolutions)
        if resolved:
            return resolved
    value = slot.get("value")
    return clean(value) if isinstance(value, str) else ""


def _read_resolution(resolutions: object) -> str:
    """The first value that an authority matched: the skill's own slot type, or the entities of this session."""
    authorities = resolutions.get("resolutionsPerAuthority") if isinstance(resolutions, dict) else None
    for authority in authorities if isinstance(authorities, list) else ():
        if not isinstance(authority, dict) or object_in(authority, "status").get("code") != "ER_SUCCESS_MATCH":
            continue
        values = authority.get("values")
        if isinstance(values, list) and values and isinstance(values[0], dict):
            value = object_in(values[0], "value")
            return _read_canonical(value, is_dynamic=".dynamic." in text_in(authority, "authority"))
    return ""


def _read_canonical(value: Mapping[str, Any], *, is_dynamic: bool) -> str:
    """A value's key in our model: `{"name": "second", "id": "2"}` → "2", `{"name": "oat milk", "id": "oat_milk"}` → "oat milk".

    The model's ids are the keys with an underscore for every character that an id cannot hold, so an id that is not such a
    writing of its name is another key. The ids of dynamic entities are not the model's.
    """
    name, key = text_in(value, "name"), text_in(value, "id")
    if not key or is_dynamic or _NO_ID.sub("_", name) == key:
        return name
    return key.replace("_", " ")


def _read_touch(arguments: object) -> tuple[Kind, str | None, Mapping[str, str]]:
    """`["choose", 2]` → choose_item, the second. Words that no document of ours sends are UNKNOWN."""
    touched = arguments[0] if isinstance(arguments, list) and arguments else None
    if not isinstance(arguments, list) or not isinstance(touched, str) or touched not in TOUCHES:
        return Kind.UNKNOWN, None, {}
    intent, slot = TOUCHES[touched]
    if slot is None:
        return Kind.INTENT, intent, {}
    if len(arguments) < 2 or not isinstance(arguments[1], str | int):
        return Kind.UNKNOWN, None, {}
    return Kind.INTENT, intent, {slot: clean(str(arguments[1]))}


def _read_person(person: Mapping[str, Any]) -> tuple[str | None, int | None]:
    if not person:
        return None, None
    level = object_in(person, "authenticationConfidenceLevel").get("level")
    confidence = level if isinstance(level, int) and not isinstance(level, bool) else None
    return id_in(person, "personId", "context.System.person.personId"), confidence


def _read_task(named: str, request: Mapping[str, Any], confidence: int | None) -> TaskResult:
    """How the task ended. Achieved where Amazon says so and the speaker's level is the one that a code gives."""
    cause = object_in(request, "cause") if named == "SessionResumedRequest" else request
    result = object_in(cause, "result") or object_in(cause, "payload")
    code = str(object_in(cause, "status").get("code", ""))
    status = text_in(result, "status") or clean(code)
    achieved = (
        code == "200" and status == "ACHIEVED" and confidence is not None and confidence >= _PERSON_VERIFIED_LEVEL
    )
    token = cause.get("token")
    if token is not None and not isinstance(token, str):
        raise RequestRejected("the task's token is malformed")
    return TaskResult(token=text_in(cause, "token"), achieved=achieved, status=status)
