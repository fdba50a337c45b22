"""Dialogflow CX: WebhookRequest → Turn, Reply → WebhookResponse, as JSON.

Fields: https://cloud.google.com/dialogflow/cx/docs/reference/rest/v3/WebhookRequest and …/WebhookResponse. The official
protocol buffers hold this file in the tests; they are too slow to import where a shopper waits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from skill.platforms.envelope import SLOTS_MAX, hash_body, id_in, object_in, read_locale, text_in
from skill.platforms.markup import plain
from skill.platforms.unread_numbers import read_unread_number
from skill.platforms.webhook import (
    SECRET_HEADER,
    SPOKEN_BYTES_MAX,
    TEXT_LENGTH_MAX,
    Webhook,
    read_value,
    rich_content,
    write_speech,
)
from skill.turn import Capability, Expect, Kind, Reply, Turn

__all__ = ["PLATFORM", "SECRET_HEADER", "DialogflowCx"]

PLATFORM = "dialogflow-cx"

#: The tag of the route that greets, and the names that Dialogflow gives to its own two intents.
_LAUNCH = frozenset({"launch", "Default Welcome Intent"})
_FALLBACK = frozenset({"Default Negative Intent"})

_PAGE = re.compile(r"(projects/[^/]+/locations/[^/]+/agents/[^/]+/(?:environments/[^/]+/)?flows/[^/]+)/pages/[^/]+")
_RICH = frozenset({Capability.RICH_CONTENT})


class DialogflowCx(Webhook):
    def read_turn(self, request: Mapping[str, Any]) -> Turn:
        """The turn. The session's own parameters are not read: the client carries them, and may change them."""
        session = id_in(object_in(request, "sessionInfo"), "session", "sessionInfo.session")
        request_id = id_in(request, "detectIntentResponseId", "detectIntentResponseId")
        payload = object_in(request, "payload")
        user, authentic = self._read_user(payload.get("sayso_user"), session)
        named = _read_intent_name(request)
        is_launch = named in _LAUNCH
        locale = read_locale(request.get("languageCode"), self._locale)
        words = text_in(request, "text") or text_in(request, "transcript") or text_in(request, "dtmfDigits")
        slots = {} if is_launch else _read_slots(request)
        return Turn(
            platform=PLATFORM,
            store=self._store,
            user=user,
            session=session,
            request_id=request_id,
            locale=locale,
            kind=Kind.LAUNCH if is_launch else Kind.INTENT,
            body_hash=hash_body(request),
            authentic_user=authentic,
            intent=None if is_launch else "fallback" if named in _FALLBACK else named,
            slots=slots | read_unread_number(named, slots, words, locale),
            words=words,
            # A telephone has nothing to show chips and lists on.
            capabilities=frozenset() if "telephony" in payload else _RICH,
            speech_length_max=TEXT_LENGTH_MAX,
            speech_bytes_max=SPOKEN_BYTES_MAX,
        )

    def write_response(self, reply: Reply, request: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
        """The whole response. The session's parameters carry what is expected next, for an agent's own conditions to look at."""
        messages: list[dict[str, Any]] = []
        text = plain(reply.speech, TEXT_LENGTH_MAX)
        if text:
            messages.append({"text": {"text": [text]}})
            spoken = write_speech(text)
            if spoken:
                messages.append({"outputAudioText": {"ssml": spoken}})
        if Capability.RICH_CONTENT in turn.capabilities:
            rich = rich_content(reply)
            if rich:
                messages.append({"payload": {"richContent": [rich]}})
        intent, slot = reply.slot or (None, None)
        response: dict[str, Any] = {
            "fulfillmentResponse": {"messages": messages, "mergeBehavior": "REPLACE"},
            "sessionInfo": {
                "session": turn.session,
                # null takes a parameter out of the session.
                "parameters": {
                    "sayso_expects": reply.expects.value,
                    "sayso_intent": intent,
                    "sayso_slot": slot,
                    "sayso_reprompt": plain(reply.reprompt, TEXT_LENGTH_MAX) or None,
                },
            },
        }
        if reply.expects is Expect.NOTHING:
            page = _PAGE.fullmatch(text_in(object_in(request, "pageInfo"), "currentPage"))
            if page:
                # Only Dialogflow itself may send endInteraction; the page that ends a session is how a webhook asks for it.
                response["targetPage"] = f"{page[1]}/pages/END_SESSION"
        return response


def _read_intent_name(request: Mapping[str, Any]) -> str:
    """The route's tag; the intent's name where the route has none; `fallback` where nothing was matched."""
    tag = text_in(object_in(request, "fulfillmentInfo"), "tag")
    return tag or text_in(object_in(request, "intentInfo"), "displayName") or "fallback"


def _read_slots(request: Mapping[str, Any]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, parameter in list(object_in(object_in(request, "intentInfo"), "parameters").items())[:SLOTS_MAX]:
        if isinstance(parameter, dict) and name.isascii() and name.isprintable():
            heard = read_value(parameter.get("resolvedValue")) or text_in(parameter, "originalValue")
            if heard:
                slots[name] = heard
    # What a form has just been told, such as the code, comes beside the intent.
    filled = object_in(object_in(request, "pageInfo"), "formInfo").get("parameterInfo")
    for parameter in filled[:SLOTS_MAX] if isinstance(filled, list) else ():
        if isinstance(parameter, dict) and parameter.get("justCollected") is True:
            name, heard = text_in(parameter, "displayName"), read_value(parameter.get("value"))
            if name and heard:
                slots.setdefault(name, heard)
    return slots
