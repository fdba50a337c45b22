"""The requests that Alexa sends, and what its shopper hears of a response."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from skill.platforms.envelope import object_in, read_locale
from skill.simulator.envelopes.shapes import Card, Heard, Ids, Now, carried, new_id, utc_now

#: Intents that Alexa knows by itself; see `alexa:` in interaction_models/intents.yaml.
BUILT_IN = MappingProxyType(
    {
        "yes": "AMAZON.YesIntent",
        "no": "AMAZON.NoIntent",
        "cancel": "AMAZON.CancelIntent",
        "stop": "AMAZON.StopIntent",
        "help": "AMAZON.HelpIntent",
        "repeat": "AMAZON.RepeatIntent",
        "start_over": "AMAZON.StartOverIntent",
        "next": "AMAZON.NextIntent",
        "previous": "AMAZON.PreviousIntent",
        "navigate_home": "AMAZON.NavigateHomeIntent",
        "fallback": "AMAZON.FallbackIntent",
    }
)

#: Slots of custom types, whose values Alexa resolves to their canonical names.
_RESOLVED = frozenset({"ordinal", "item_description", "unit", "asked"})
#: What Alexa was told of the skill. Every locale has the same intents and slots.
_MODELS = Path(__file__).parents[3] / "interaction_models" / "alexa"
_TAG = re.compile(r"<[^>]*>")


class AlexaEnvelopes:
    """`person` is a recognised speaker, with the confidence `level` (300 by voice, 400 by code)."""

    platform = "alexa"
    path = "/alexa"

    def __init__(
        self,
        user: str,
        *,
        locale: str = "en-US",
        device: str = "simulated-device",
        person: str | None = None,
        level: int = 300,
        screen: bool = False,
        skill_id: str = "amzn1.ask.skill.simulated",
        ids: Ids = new_id,
        now: Now = utc_now,
    ) -> None:
        self.user = user
        self.locale = locale
        self.device = device
        self.person = person
        self.level = level
        self.screen = screen
        self.skill_id = skill_id
        self._ids = ids
        self._now = now
        self._session = ""
        self._attributes: dict[str, Any] = {}

    def launch(self) -> dict[str, Any]:
        self._session = ""
        return self._envelope({"type": "LaunchRequest"})

    def intent(self, name: str, slots: Mapping[str, str] = MappingProxyType({}), words: str = "") -> dict[str, Any]:
        """Alexa does not send the words themselves, and sends the slots that nobody filled as well."""
        spoken = {slot: {"name": slot, "confirmationStatus": "NONE"} for slot in slots_of_model().get(name, ())}
        spoken |= {slot: _slot(slot, value) for slot, value in slots.items()}
        return self._envelope(
            {
                "type": "IntentRequest",
                "intent": {"name": BUILT_IN.get(name, name), "confirmationStatus": "NONE", "slots": spoken},
                "dialogState": "STARTED",
            }
        )

    def end(self, reason: str = "USER_INITIATED") -> dict[str, Any]:
        ended = self._envelope({"type": "SessionEndedRequest", "reason": reason})
        self._session = ""
        return ended

    def resume(self, token: str, status: str = "ACHIEVED", code: str = "200") -> dict[str, Any]:
        """Alexa comes back from a task of its own."""
        cause = {
            "type": "ConnectionCompleted",
            "token": token,
            "status": {"code": code, "message": "OK"},
            "result": {"version": "2", "status": status},
        }
        return self._envelope({"type": "SessionResumedRequest", "cause": cause})

    def touch(self, *arguments: str | int) -> dict[str, Any]:
        """The shopper touches something on the screen."""
        return self._envelope(
            {
                "type": "Alexa.Presentation.APL.UserEvent",
                "arguments": list(arguments),
                "source": {"type": "TouchWrapper", "handler": "Press", "id": ""},
                "components": {},
                "token": "products",
            }
        )

    def can_fulfill(self, name: str, slots: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
        spoken = {slot: _slot(slot, value) for slot, value in slots.items()}
        asked = self._envelope({"type": "CanFulfillIntentRequest", "intent": {"name": name, "slots": spoken}})
        del asked["session"]
        return asked

    def event(self, name: str, body: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
        """A skill event, such as `AlexaSkillEvent.SkillDisabled`: nobody is there."""
        happened = self._envelope({"type": name, "body": dict(body)})
        del happened["session"]
        return happened

    def heard(self, response: Mapping[str, Any]) -> Heard:
        body = response.get("response", {})
        self._attributes = response.get("sessionAttributes") or {}
        directives = body.get("directives", [])
        elicited = [each for each in directives if each["type"] == "Dialog.ElicitSlot"]
        started = [each for each in directives if each["type"] == "Connections.StartConnection"]
        if body.get("shouldEndSession") is True:
            self._session = ""
        return Heard(
            speech=_words(body.get("outputSpeech")),
            reprompt=_words(body.get("reprompt", {}).get("outputSpeech")),
            card=_card(body.get("card")),
            expects_more=body.get("shouldEndSession") is False,
            expected_slot=(elicited[0]["updatedIntent"]["name"], elicited[0]["slotToElicit"]) if elicited else None,
            task="verify_person" if started and "VerifyPerson" in started[0]["uri"] else "",
            task_token=started[0].get("token", "") if started else "",
        )

    def adopt(self, envelope: Mapping[str, Any]) -> None:
        session, system = object_in(envelope, "session"), object_in(object_in(envelope, "context"), "System")
        device = object_in(system, "device")
        self._session = carried(session, "sessionId")
        self._attributes = dict(object_in(session, "attributes"))
        self.user = carried(object_in(system, "user"), "userId") or self.user
        self.person = carried(object_in(system, "person"), "personId") or None
        self.device = carried(device, "deviceId") or self.device
        self.screen = "Alexa.Presentation.APL" in object_in(device, "supportedInterfaces")
        self.locale = read_locale(object_in(envelope, "request").get("locale"), self.locale)

    def _envelope(self, request: dict[str, Any]) -> dict[str, Any]:
        is_new = not self._session
        if is_new:
            self._session = f"amzn1.echo-api.session.{self._ids()}"
            self._attributes = {}
        user = {"userId": self.user}
        interfaces: dict[str, Any] = {"AudioPlayer": {}}
        if self.screen:
            interfaces["Alexa.Presentation.APL"] = {"runtime": {"maxVersion": "2024.3"}}
        system: dict[str, Any] = {
            "application": {"applicationId": self.skill_id},
            "user": user,
            "device": {"deviceId": self.device, "supportedInterfaces": interfaces},
            # Without a token: nothing of Amazon's is to be called for a shopper who is not there.
            "apiEndpoint": "https://api.amazonalexa.com",
        }
        if self.person is not None:
            system["person"] = {
                "personId": self.person,
                "accessToken": "simulated",
                "authenticationConfidenceLevel": {"level": self.level},
            }
        return {
            "version": "1.0",
            "session": {
                "new": is_new,
                "sessionId": self._session,
                "application": {"applicationId": self.skill_id},
                "attributes": self._attributes,
                "user": user,
            },
            "context": {"System": system},
            "request": {
                **request,
                "requestId": f"amzn1.echo-api.request.{self._ids()}",
                "timestamp": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "locale": self.locale,
            },
        }


@cache
def slots_of_model() -> Mapping[str, tuple[str, ...]]:
    """The slots of every intent in the model that Alexa was given; none where there is no model beside the package."""
    for path in sorted(_MODELS.glob("*.json"))[:1]:
        intents = json.loads(path.read_bytes())["interactionModel"]["languageModel"]["intents"]
        return {each["name"]: tuple(slot["name"] for slot in each.get("slots", ())) for each in intents}
    return {}


def _slot(name: str, value: str) -> dict[str, Any]:
    slot: dict[str, Any] = {"name": name, "value": value, "confirmationStatus": "NONE", "source": "USER"}
    if name in _RESOLVED:
        slot["resolutions"] = {
            "resolutionsPerAuthority": [
                {
                    "authority": f"amzn1.er-authority.echo-sdk.simulated.{name}",
                    "status": {"code": "ER_SUCCESS_MATCH"},
                    "values": [{"value": {"name": value, "id": value}}],
                }
            ]
        }
    return slot


def _words(speech: Mapping[str, str] | None) -> str:
    return unescape(_TAG.sub("", (speech or {}).get("ssml", "") or (speech or {}).get("text", "")))


def _card(card: Mapping[str, Any] | None) -> Card | None:
    if not card:
        return None
    kind = "LinkAccount" if card.get("type") == "LinkAccount" else ""
    return Card(card.get("title", ""), card.get("content") or card.get("text", ""), kind)
