"""Dialogflow CX: WebhookRequest → Turn, Reply → WebhookResponse, as JSON.

Fields: https://cloud.google.com/dialogflow/cx/docs/reference/rest/v3/WebhookRequest and …/WebhookResponse. The official
protocol buffers hold this file in the tests; they are too slow to import where a shopper waits.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

from skill.errors import RequestRejected
from skill.platforms.envelope import (
    SLOTS_MAX,
    clean,
    hash_body,
    id_in,
    object_in,
    read_json,
    read_locale,
    text_in,
)
from skill.platforms.markup import plain, ssml
from skill.platforms.signed_user import SignedUsers
from skill.turn import Capability, Display, Expect, Kind, Reply, Turn

PLATFORM = "dialogflow-cx"
SECRET_HEADER = "X-Sayso-Secret"

#: Text-to-Speech takes 5,000 bytes of SSML.
SPEECH_BYTES_MAX = 5000
TEXT_LENGTH_MAX = 4000
ITEMS_MAX = 12
CHIPS_MAX = 8
_CHIP_LENGTH_MAX = 60
_LINE_LENGTH_MAX = 200

#: The tag of the route that greets, and the names that Dialogflow gives to its own two intents.
_LAUNCH = frozenset({"launch", "Default Welcome Intent"})
_FALLBACK = frozenset({"Default Negative Intent"})

_PAGE = re.compile(r"(projects/[^/]+/locations/[^/]+/agents/[^/]+/(?:environments/[^/]+/)?flows/[^/]+)/pages/[^/]+")
_RICH = frozenset({Capability.RICH_CONTENT})


class DialogflowCx:
    """The webhook. `answer` takes a turn and gives a reply.

    `users` reads the signed user; without it everybody is a guest, who may browse and never order. `trusted` is for a server on
    loopback alone: the last segment of the session is the user. `secret` is what every request must carry in `SECRET_HEADER`;
    "" asks for none.
    """

    def __init__(
        self,
        answer: Callable[[Turn], Reply],
        *,
        store: str,
        users: SignedUsers | None = None,
        trusted: bool = False,
        secret: str = "",
        locale: str = "en-US",
    ) -> None:
        self._answer = answer
        self._store = store
        self._users = users
        self._trusted = trusted
        self._secret = secret.encode()
        self._locale = locale

    def check_secret(self, given: str | None) -> None:
        """Raises `RequestRejected` with the `status` 401 where no secret was given, 403 where it is a wrong one."""
        if not self._secret:
            return
        if not given:
            raise RequestRejected(f"{SECRET_HEADER} is missing", status=401)
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret):
            raise RequestRejected(f"{SECRET_HEADER} is wrong", status=403)

    def invoke_json(self, body: bytes | str) -> dict[str, Any]:
        """A request body → the response. Raises `RequestRejected`."""
        return self.handle(read_json(body))

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A WebhookRequest → a WebhookResponse. Raises `RequestRejected`."""
        turn = self.read_turn(request)
        return write_response(self._answer(turn), request, turn)

    def read_turn(self, request: Mapping[str, Any]) -> Turn:
        """The turn. The session's own parameters are not read: the client carries them, and may change them."""
        session = id_in(object_in(request, "sessionInfo"), "session", "sessionInfo.session")
        request_id = id_in(request, "detectIntentResponseId", "detectIntentResponseId")
        payload = object_in(request, "payload")
        user, authentic = self._read_user(payload, session)
        named = _read_intent_name(request)
        is_launch = named in _LAUNCH
        return Turn(
            platform=PLATFORM,
            store=self._store,
            user=user,
            session=session,
            request_id=request_id,
            locale=read_locale(request.get("languageCode"), self._locale),
            kind=Kind.LAUNCH if is_launch else Kind.INTENT,
            body_hash=hash_body(request),
            authentic_user=authentic,
            intent=None if is_launch else "fallback" if named in _FALLBACK else named,
            slots={} if is_launch else _read_slots(request),
            words=text_in(request, "text") or text_in(request, "transcript") or text_in(request, "dtmfDigits"),
            # A telephone has nothing to show chips and lists on.
            capabilities=frozenset() if "telephony" in payload else _RICH,
        )

    def _read_user(self, payload: Mapping[str, Any], session: str) -> tuple[str, bool]:
        token = payload.get("sayso_user")
        if token is not None and self._users is not None:
            user = self._users.read(token)
            if user is not None:
                return user, True
        elif self._trusted:
            return session.rsplit("/", 1)[-1] or session, True
        return f"guest:{session}", False


def _read_intent_name(request: Mapping[str, Any]) -> str:
    """The route's tag; the intent's name where the route has none; `fallback` where nothing was matched."""
    tag = text_in(object_in(request, "fulfillmentInfo"), "tag")
    return tag or text_in(object_in(request, "intentInfo"), "displayName") or "fallback"


def _read_slots(request: Mapping[str, Any]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, parameter in list(object_in(object_in(request, "intentInfo"), "parameters").items())[:SLOTS_MAX]:
        if isinstance(parameter, dict) and name.isascii() and name.isprintable():
            heard = _read_value(parameter.get("resolvedValue")) or text_in(parameter, "originalValue")
            if heard:
                slots[name] = heard
    # What a form has just been told, such as the code, comes beside the intent.
    filled = object_in(object_in(request, "pageInfo"), "formInfo").get("parameterInfo")
    for parameter in filled[:SLOTS_MAX] if isinstance(filled, list) else ():
        if isinstance(parameter, dict) and parameter.get("justCollected") is True:
            name, heard = text_in(parameter, "displayName"), _read_value(parameter.get("value"))
            if name and heard:
                slots.setdefault(name, heard)
    return slots


def _read_value(value: object) -> str:
    """Text as it is, 2.0 → "2"; "" for what has no plain form, where the words as heard say more."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        # Every number is a float in Dialogflow's JSON.
        is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return str(int(value)) if is_whole else clean(str(value))
    if isinstance(value, list) and value:
        return _read_value(value[0]) if not isinstance(value[0], list) else ""
    return ""


def write_response(reply: Reply, request: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """The whole response. The session's parameters carry what is expected next, for an agent's own conditions to look at."""
    messages: list[dict[str, Any]] = []
    text = plain(reply.speech, TEXT_LENGTH_MAX)
    if text:
        messages.append({"text": {"text": [text]}})
        spoken = ssml(reply.speech, SPEECH_BYTES_MAX * len(text) // len(text.encode()))
        if spoken:
            messages.append({"outputAudioText": {"ssml": spoken}})
    if Capability.RICH_CONTENT in turn.capabilities:
        rich = _rich_content(reply)
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


def _rich_content(reply: Reply) -> list[dict[str, Any]]:
    """Lines and chips, as Dialogflow Messenger shows them.

    Fields: cloud.google.com/dialogflow/cx/docs/concept/integration/dialogflow-messenger.
    """
    rich: list[dict[str, Any]] = []
    if reply.display is not None:
        rich.extend(_shown(reply.display))
    if reply.suggestions:
        chips = [{"text": plain(each, _CHIP_LENGTH_MAX)} for each in reply.suggestions[:CHIPS_MAX]]
        rich.append({"type": "chips", "options": chips})
    return rich


def _shown(display: Display) -> list[dict[str, Any]]:
    lines = plain(display.text, TEXT_LENGTH_MAX).split("\n") if display.text else []
    shown: list[dict[str, Any]] = [
        {"type": "description", "title": plain(display.title, _LINE_LENGTH_MAX), "text": lines}
    ]
    for item in display.items[:ITEMS_MAX]:
        line: dict[str, Any] = {
            "type": "info",
            "title": plain(item.title, _LINE_LENGTH_MAX),
            "subtitle": plain(" · ".join(part for part in (item.detail, item.price) if part), _LINE_LENGTH_MAX),
        }
        if item.image_url.startswith("https://"):
            line["image"] = {"rawUrl": item.image_url}
        shown.append(line)
    return shown
