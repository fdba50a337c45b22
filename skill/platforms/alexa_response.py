"""Reply → an Alexa response within Amazon's limits.

Limits: https://developer.amazon.com/docs/alexa/custom-skills/request-and-response-json-reference.html#response-format. A
response beyond them fails silently on the device, so everything is cut here, at a sentence, before it leaves.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from skill.platforms.alexa_request import REMINDERS_SCOPE, SPEECH_LENGTH_MAX, TOUCHES
from skill.platforms.markup import plain, ssml
from skill.turn import Capability, Display, Expect, Kind, PlatformTask, Reply, Turn

_log = logging.getLogger(__name__)

CARD_LENGTH_MAX = 8000
CARD_TITLE_LENGTH_MAX = 200
#: Characters that are left of a card or a reprompt in a response that grew too long.
SHORT_LENGTH_MAX = 1000
IMAGE_URL_LENGTH_MAX = 2000
#: The whole response, in bytes of UTF-8: what the documents say now, and what older ones said.
RESPONSE_BYTES_MAX = 120 * 1024
RESPONSE_BYTES_WANTED = 24 * 1024
#: Beyond so many characters, of at most four bytes each, it is worth counting.
_COUNTED_FROM = RESPONSE_BYTES_WANTED // 8

#: The slot type of the model that names of products belong to, and Amazon's limits for a session's own values of it.
PRODUCT_TYPE = "product"
ENTITIES_MAX = 100
ENTITY_ID_LENGTH_MAX = 100
ENTITY_LENGTH_MAX = 140

#: The slots of each intent that is asked for: Amazon wants all of them named when one is elicited.
Slots = Mapping[str, tuple[str, ...]]

VERSION = "1.0"

#: Requests after which a slot may be asked for; elsewhere the model's own samples catch the answer.
#: Source: developer.amazon.com/blogs/alexa, "Use intent chaining to enter dialog management from a different intent".
_CHAINED_FROM = frozenset({Kind.INTENT, Kind.LAUNCH})


def write_response(reply: Reply, turn: Turn, slots: Slots, *, touched: bool = False) -> dict[str, Any]:
    """The whole response envelope. It carries no session attributes: what a conversation is about stays on our side.

    `touched` tells that the turn's intent was no IntentRequest, but something on the screen.
    """
    return {"version": VERSION, "response": _write(reply, turn, slots, touched=touched)}


def _write(reply: Reply, turn: Turn, slots: Slots, *, touched: bool) -> dict[str, Any]:
    if turn.kind is Kind.CAN_FULFILL:
        return {"canFulfillIntent": _can_fulfill(reply, turn)}
    if turn.kind in (Kind.SESSION_ENDED, Kind.EVENT) or turn.session == turn.user:
        # Nobody is listening: Amazon refuses a response that speaks.
        return {}

    response: dict[str, Any] = {}
    spoken = ssml(reply.speech, SPEECH_LENGTH_MAX)
    if spoken:
        response["outputSpeech"] = {"type": "SSML", "ssml": spoken}
    if reply.display is not None:
        response["card"] = _card(reply.display)
    directives = []

    task = reply.task and _connection(reply.task)
    if task:
        # Amazon takes over and comes back: the session is neither closed nor open, so nothing is said about it.
        directives.append(task)
    elif reply.expects is Expect.NOTHING:
        response["shouldEndSession"] = True
    else:
        asked = ssml(reply.reprompt or reply.speech, SPEECH_LENGTH_MAX)
        # A session that stays open without a question is refused in certification, and leaves the shopper in silence.
        response["shouldEndSession"] = not asked
        if asked:
            response["reprompt"] = {"outputSpeech": {"type": "SSML", "ssml": asked}}
        if asked and reply.slot is not None and turn.kind in _CHAINED_FROM and not touched:
            directives.append(_elicit(*reply.slot, slots))
    document = None
    if reply.display is not None and Capability.SCREEN in turn.capabilities and not task:
        from skill.platforms.alexa_screen import render_document  # most devices have no screen

        document = render_document(reply.display, _buttons(reply))
        if document:
            directives.append(document)
    if directives:
        response["directives"] = directives
    card = response.get("card", {})
    written = len(reply.speech) + len(reply.reprompt) + len(card.get("text", card.get("content", "")))
    if written > _COUNTED_FROM or document:
        _fit(response, reply)
    return response


def _buttons(reply: Reply) -> list[tuple[str, str]]:
    """Suggestions that can be touched; an example of what else might be said is none."""
    named = zip(reply.suggested, reply.suggestions, strict=False)
    return [each for each in named if each[0] in TOUCHES and TOUCHES[each[0]][1] is None]


def listen_for(response: dict[str, Any], names: Callable[[int], Sequence[tuple[str, str]]]) -> None:
    """Dynamic entities for the session that begins: the names that Alexa then hears best, beside those of the model.

    A session that does not stay open has no use for them. Limits:
    developer.amazon.com/docs/alexa/custom-skills/use-dynamic-entities-for-customized-interactions.html.
    """
    if response.get("shouldEndSession") is not False:
        return
    values = [
        {"id": sku, "name": {"value": name[:ENTITY_LENGTH_MAX]}}
        for sku, name in names(ENTITIES_MAX)
        if name and len(sku) <= ENTITY_ID_LENGTH_MAX
    ]
    directive = {
        "type": "Dialog.UpdateDynamicEntities",
        "updateBehavior": "REPLACE",
        "types": [{"name": PRODUCT_TYPE, "values": values[:ENTITIES_MAX]}],
    }
    if values and _size(response) + _size(directive) <= RESPONSE_BYTES_MAX:
        response.setdefault("directives", []).append(directive)


def _elicit(intent: str, slot: str, slots: Slots) -> dict[str, Any]:
    names = slots.get(intent, ())
    if slot not in names:
        names = (*names, slot)
    return {
        "type": "Dialog.ElicitSlot",
        "slotToElicit": slot,
        "updatedIntent": {
            "name": intent,
            "confirmationStatus": "NONE",
            "slots": {name: {"name": name, "confirmationStatus": "NONE"} for name in names},
        },
    }


def _connection(task: PlatformTask) -> dict[str, Any] | None:
    """The task as a skill connection. `send_to_phone` needs none: the card of the answer is in the Alexa app already."""
    if task.name != "verify_person":
        return None
    return {
        "type": "Connections.StartConnection",
        "uri": "connection://AMAZON.VerifyPerson/2",
        "input": {
            "requestedAuthenticationConfidenceLevel": {"level": 400, "customPolicy": {"policyName": "VOICE_PIN"}}
        },
        "token": task.token,
        "onCompletion": "RESUME_SESSION",
    }


def _can_fulfill(reply: Reply, turn: Turn) -> dict[str, Any]:
    could = "YES" if reply.can_fulfill else "NO"
    return {
        "canFulfill": could,
        "slots": {name: {"canUnderstand": could, "canFulfill": could} for name in turn.slots},
    }


def _card(display: Display) -> dict[str, Any]:
    if display.kind == "account_linking":
        return {"type": "LinkAccount"}
    if display.kind == "reminders_permission":
        return {"type": "AskForPermissionsConsent", "permissions": [REMINDERS_SCOPE]}
    title = plain(display.title, CARD_TITLE_LENGTH_MAX)
    pictures = [item.image_url for item in display.items if _is_picture(item.image_url)]
    text = plain(_card_text(display), CARD_LENGTH_MAX - len(title) - 2 * sum(map(len, pictures[:1])))
    if pictures:
        image = {"smallImageUrl": pictures[0], "largeImageUrl": pictures[0]}
        return {"type": "Standard", "title": title, "text": text, "image": image}
    return {"type": "Simple", "title": title, "content": text}


def _card_text(display: Display) -> str:
    lines = [" · ".join(part for part in (item.title, item.detail, item.price) if part) for item in display.items]
    return "\n".join([display.text, *lines] if display.text else lines)


def _is_picture(url: str) -> bool:
    return url.startswith("https://") and len(url) <= IMAGE_URL_LENGTH_MAX and url.isascii() and url.isprintable()


def _fit(response: dict[str, Any], reply: Reply) -> None:
    """Takes from an over-long response what can be missed most easily, until it is of the size that is wanted."""
    for shorten in (_without_screen, _with_short_card, _with_short_reprompt):
        if _size(response) <= RESPONSE_BYTES_WANTED:
            return
        shorten(response, reply)
        _log.warning("response over %d bytes: %s", RESPONSE_BYTES_WANTED, shorten.__name__.lstrip("_"))


def _size(response: Mapping[str, Any]) -> int:
    try:
        return len(orjson.dumps(response))
    except TypeError:  # half a surrogate pair in a feed's text
        return len(json.dumps(response, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))


def _without_screen(response: dict[str, Any], _: Reply) -> None:
    directives = response.get("directives", [])
    kept = [each for each in directives if not each["type"].startswith("Alexa.Presentation")]
    if kept:
        response["directives"] = kept
    else:
        response.pop("directives", None)


def _with_short_card(response: dict[str, Any], _: Reply) -> None:
    card = response.get("card")
    if card:
        key = "text" if card["type"] == "Standard" else "content"
        card[key] = plain(card[key], SHORT_LENGTH_MAX)


def _with_short_reprompt(response: dict[str, Any], reply: Reply) -> None:
    if "reprompt" in response:
        asked = ssml(reply.reprompt or reply.speech, SHORT_LENGTH_MAX)
        response["reprompt"] = {"outputSpeech": {"type": "SSML", "ssml": asked}}
