"""Actions Builder's conversation webhook: ConversationRequest → Turn, Reply → ConversationResponse, as JSON.

Fields: https://developers.google.com/assistant/conversational/reference/rest/v1/TopLevel/fulfill. Google's own Assistant has not
called such webhooks since June 2023; simulators and other assistants still speak the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from skill.platforms.envelope import SLOTS_MAX, hash_body, id_in, object_in, read_locale, text_in
from skill.platforms.markup import plain
from skill.platforms.webhook import (
    ITEMS_MAX,
    SPOKEN_BYTES_MAX,
    TEXT_LENGTH_MAX,
    URL_LENGTH_MAX,
    Webhook,
    read_value,
    write_chips,
    write_speech,
)
from skill.turn import Capability, Display, Expect, Kind, Reply, Turn

PLATFORM = "actions-builder"

#: Limits of a simple response and of a suggestion: developers.google.com/assistant/conversational/prompts-simple.
SHOWN_LENGTH_MAX = 640
CHIP_LENGTH_MAX = 25
#: Nobody talks longer than this; a greater number was never ours.
TURNS_MAX = 100_000

#: Google's own intents, by our names for them; its two ways of hearing nothing come numbered.
_BUILT_IN = MappingProxyType(
    {
        "actions.intent.YES": "yes",
        "actions.intent.NO": "no",
        "actions.intent.CANCEL": "stop",
        "actions.intent.REPEAT": "repeat",
        "actions.intent.HELP": "help",
    }
)
_LAUNCH = frozenset({"launch", "actions.intent.MAIN"})
_NOTHING_HEARD = ("actions.intent.NO_MATCH", "actions.intent.NO_INPUT")
_RICH = frozenset({Capability.RICH_CONTENT})


class ActionsBuilder(Webhook):
    def read_turn(self, request: Mapping[str, Any]) -> Turn:
        """The turn. Of what the client carries, only the signed user counts, and the turn's number as half of the request's id.

        The envelope has no request id. The number alone would make a second try with other words look like a forgery of the
        first one, so the body's hash goes with it: the same body at the same number is the same request.
        """
        carried = object_in(request, "session")
        session = id_in(carried, "id", "session.id")
        user, authentic = self._read_user(object_in(object_in(request, "user"), "params").get("sayso_user"), session)
        named = _read_intent_name(request)
        is_launch = named in _LAUNCH
        body_hash = hash_body(request)
        capabilities = object_in(request, "device").get("capabilities")
        shows = isinstance(capabilities, list) and "RICH_RESPONSE" in capabilities
        return Turn(
            platform=PLATFORM,
            store=self._store,
            user=user,
            session=session,
            request_id=f"{_read_number(request)}-{body_hash}",
            locale=read_locale(object_in(request, "user").get("locale"), self._locale),
            kind=Kind.LAUNCH if is_launch else Kind.INTENT,
            body_hash=body_hash,
            authentic_user=authentic,
            intent=None if is_launch else named,
            slots={} if is_launch else _read_slots(request),
            words=text_in(object_in(request, "intent"), "query"),
            capabilities=_RICH if shows else frozenset(),
            speech_length_max=TEXT_LENGTH_MAX,
            speech_bytes_max=SPOKEN_BYTES_MAX,
        )

    def write_response(self, reply: Reply, request: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
        text = plain(reply.speech, SHOWN_LENGTH_MAX)
        prompt: dict[str, Any] = {"override": True}
        if text:
            prompt["firstSimple"] = {"speech": write_speech(plain(reply.speech, TEXT_LENGTH_MAX)), "text": text}
        if Capability.RICH_CONTENT in turn.capabilities:
            if reply.display is not None:
                prompt["content"] = {"card": _write_card(reply.display)}
            chips = write_chips(reply, CHIP_LENGTH_MAX)
            if chips and reply.expects is not Expect.NOTHING:
                prompt["suggestions"] = [{"title": each} for each in chips]
        intent, slot = reply.slot or ("", "")
        scene: dict[str, Any] = {"name": text_in(object_in(request, "scene"), "name"), "slots": {}}
        if reply.expects is Expect.NOTHING:
            scene["next"] = {"name": "actions.scene.END_CONVERSATION"}
        return {
            "prompt": prompt,
            "scene": scene,
            "session": {
                "id": turn.session,
                "params": {
                    "sayso_turn": _read_number(request) + 1,
                    "sayso_expects": reply.expects.value,
                    "sayso_intent": intent,
                    "sayso_slot": slot,
                    "sayso_reprompt": plain(reply.reprompt, TEXT_LENGTH_MAX),
                },
            },
        }


def _read_intent_name(request: Mapping[str, Any]) -> str:
    """The handler's name; the intent's where the handler has none of ours; `fallback` where nothing was matched."""
    intent = text_in(object_in(request, "intent"), "name")
    handler = text_in(object_in(request, "handler"), "name")
    named = handler or intent
    if not named or named.startswith(_NOTHING_HEARD):
        return "fallback"
    return _BUILT_IN.get(named, named)


def _read_number(request: Mapping[str, Any]) -> int:
    """How many answers this session has had, as the client says; nonsense counts as none."""
    number = object_in(object_in(request, "session"), "params").get("sayso_turn")
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= TURNS_MAX:
        return 0
    return int(number)


def _read_slots(request: Mapping[str, Any]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for name, parameter in list(object_in(object_in(request, "intent"), "params").items())[:SLOTS_MAX]:
        if isinstance(parameter, dict) and name.isascii() and name.isprintable():
            heard = read_value(parameter.get("resolved")) or text_in(parameter, "original")
            if heard:
                slots[name] = heard
    # What the scene has just been told, such as the code, comes beside the intent.
    for name, filled in list(object_in(object_in(request, "scene"), "slots").items())[:SLOTS_MAX]:
        if isinstance(filled, dict) and filled.get("updated") is True and name.isascii() and name.isprintable():
            heard = read_value(filled.get("value"))
            if heard:
                slots.setdefault(name, heard)
    return slots


def _write_card(display: Display) -> dict[str, Any]:
    lines = [display.text] if display.text else []
    for item in display.items[:ITEMS_MAX]:
        lines.append(" · ".join(part for part in (item.title, item.detail, item.price) if part))
    card: dict[str, Any] = {
        "title": plain(display.title, SHOWN_LENGTH_MAX),
        "text": plain("\n".join(lines), TEXT_LENGTH_MAX),
    }
    image = next((item for item in display.items if item.image_url.startswith("https://")), None)
    if image is not None and len(image.image_url) <= URL_LENGTH_MAX:
        card["image"] = {"url": image.image_url, "alt": plain(image.title, SHOWN_LENGTH_MAX)}
    return card
