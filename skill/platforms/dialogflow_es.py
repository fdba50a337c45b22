"""Dialogflow ES v2: WebhookRequest → Turn, Reply → WebhookResponse, as JSON.

Fields: https://cloud.google.com/dialogflow/es/docs/reference/rpc/google.cloud.dialogflow.v2#webhookrequest and #webhookresponse.
The official protocol buffers hold this file in the tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from skill.platforms.envelope import SLOTS_MAX, hash_body, id_in, object_in, read_locale, text_in
from skill.platforms.markup import plain
from skill.platforms.unread_numbers import read_unread_number
from skill.platforms.webhook import TEXT_LENGTH_MAX, Webhook, read_value, rich_content
from skill.turn import Capability, Expect, Kind, Reply, Turn

PLATFORM = "dialogflow-es"

#: A response longer than this is dropped by Dialogflow: cloud.google.com/dialogflow/quotas.
RESPONSE_BYTES_MAX = 64 * 1024
#: The context that a pending question opens: one turn long, so that "4271" is a code only where a code was asked for.
CONTEXT = "sayso_awaits_"

#: Actions of the routes that greet and of the two intents that every agent begins with, and the names of those.
_LAUNCH = frozenset({"launch", "input.welcome", "Default Welcome Intent"})
_FALLBACK = frozenset({"fallback", "input.unknown", "Default Fallback Intent"})

_NOT_IN_CONTEXT = re.compile(r"[^a-z0-9_-]")
_TELEPHONES = frozenset({"GOOGLE_TELEPHONY", "telephony"})
_RICH = frozenset({Capability.RICH_CONTENT})


class DialogflowEs(Webhook):
    def read_turn(self, request: Mapping[str, Any]) -> Turn:
        """The turn. Contexts are not read: the client carries them, and may change them."""
        session = id_in(request, "session", "session")
        request_id = id_in(request, "responseId", "responseId")
        result = object_in(request, "queryResult")
        original = object_in(request, "originalDetectIntentRequest")
        user, authentic = self._read_user(object_in(original, "payload").get("sayso_user"), session)
        named = text_in(result, "action") or text_in(object_in(result, "intent"), "displayName") or "fallback"
        is_launch = named in _LAUNCH
        locale = read_locale(result.get("languageCode"), self._locale)
        words = text_in(result, "queryText")
        slots = {} if is_launch else _read_slots(object_in(result, "parameters"))
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
            capabilities=frozenset() if text_in(original, "source") in _TELEPHONES else _RICH,
            speech_length_max=TEXT_LENGTH_MAX,
        )

    def write_response(self, reply: Reply, request: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
        """The whole response. `payload` reaches whoever called Dialogflow: `google` as its own simulators read it."""
        text = plain(reply.speech, TEXT_LENGTH_MAX)
        intent, slot = reply.slot or (None, None)
        told = {
            "expects": reply.expects.value,
            "intent": intent,
            "slot": slot,
            "reprompt": plain(reply.reprompt, TEXT_LENGTH_MAX) or None,
        }
        is_open = reply.expects is not Expect.NOTHING
        response: dict[str, Any] = {
            "fulfillmentText": text,
            "fulfillmentMessages": [{"text": {"text": [text]}}] if text else [],
            "payload": {
                "google": {"expectUserResponse": is_open},
                "sayso": {name: value for name, value in told.items() if value is not None},
            },
            "outputContexts": [],
        }
        if is_open:
            # What an open question may be answered with besides, no intent of the agent waits for.
            awaited = _NOT_IN_CONTEXT.sub(
                "_", slot if slot and reply.expects is not Expect.FREE else reply.expects.value
            )
            response["outputContexts"] = [{"name": f"{turn.session}/contexts/{CONTEXT}{awaited}", "lifespanCount": 1}]
        if Capability.RICH_CONTENT in turn.capabilities:
            rich = rich_content(reply)
            if rich:
                shown = {"payload": {"richContent": [rich]}}
                response["fulfillmentMessages"].append(shown)
                if len(json.dumps(response, ensure_ascii=False).encode()) > RESPONSE_BYTES_MAX:
                    # What is said comes before what is shown.
                    response["fulfillmentMessages"].remove(shown)
        return response


def _read_slots(parameters: Mapping[str, Any]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, value in list(parameters.items())[:SLOTS_MAX]:
        heard = read_value(value) if name.isascii() and name.isprintable() else ""
        if heard:
            slots[name] = heard
    return slots
