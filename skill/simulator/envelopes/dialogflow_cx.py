"""The requests that Dialogflow CX sends to a webhook, and what its shopper hears of a response."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from skill.platforms.envelope import object_in, read_locale
from skill.simulator.envelopes.shapes import Heard, Ids, Now, carried, new_id, rich_card, utc_now

_AGENT = "projects/sayso/locations/global/agents/simulated"


class DialogflowCxEnvelopes:
    """`token` is the signed user that an integrator would send along. Dialogflow names no device and no time."""

    platform = "dialogflow-cx"
    path = "/dialogflow/cx"

    def __init__(
        self, user: str, *, locale: str = "en-US", token: str | None = None, ids: Ids = new_id, now: Now = utc_now
    ) -> None:
        self.user = user
        self.locale = locale
        self.token = token
        self._ids = ids
        self._parameters: dict[str, Any] = {}

    def launch(self) -> dict[str, Any]:
        return self._envelope("launch", "Default Welcome Intent", {}, {"triggerEvent": "WELCOME"})

    def intent(self, name: str, slots: Mapping[str, str] = MappingProxyType({}), words: str = "") -> dict[str, Any]:
        heard = {slot: {"originalValue": value, "resolvedValue": value} for slot, value in slots.items()}
        return self._envelope(name, name, heard, {"text": words or name})

    def end(self) -> None:
        """Dialogflow tells a webhook nothing when the shopper leaves."""

    def heard(self, response: Mapping[str, Any]) -> Heard:
        self._parameters |= response.get("sessionInfo", {}).get("parameters", {})
        self._parameters = {name: value for name, value in self._parameters.items() if value is not None}
        messages = response.get("fulfillmentResponse", {}).get("messages", [])
        rich = [
            part
            for message in messages
            for parts in message.get("payload", {}).get("richContent", [])
            for part in parts
        ]
        intent, slot = self._parameters.get("sayso_intent"), self._parameters.get("sayso_slot")
        return Heard(
            speech=" ".join(text for message in messages for text in message.get("text", {}).get("text", [])),
            reprompt=self._parameters.get("sayso_reprompt", ""),
            card=rich_card(rich),
            expects_more=self._parameters.get("sayso_expects", "nothing") != "nothing",
            expected_slot=(intent, slot) if intent and slot else None,
            suggestions=tuple(chip["text"] for part in rich for chip in part.get("options", [])),
        )

    def adopt(self, envelope: Mapping[str, Any]) -> None:
        session = object_in(envelope, "sessionInfo")
        self.user = carried(session, "session").rsplit("/", 1)[-1] or self.user
        self.token = carried(object_in(envelope, "payload"), "sayso_user") or None
        self._parameters = dict(object_in(session, "parameters"))
        self.locale = read_locale(envelope.get("languageCode"), self.locale)

    def _envelope(
        self, tag: str, intent: str, parameters: Mapping[str, Any], said: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "detectIntentResponseId": self._ids(),
            **said,
            "languageCode": self.locale.lower(),
            "fulfillmentInfo": {"tag": tag},
            "intentInfo": {
                "lastMatchedIntent": f"{_AGENT}/intents/{intent}",
                "displayName": intent,
                "parameters": dict(parameters),
                "confidence": 1.0,
            },
            "pageInfo": {"currentPage": f"{_AGENT}/flows/default/pages/START_PAGE", "displayName": "Start Page"},
            "sessionInfo": {"session": f"{_AGENT}/sessions/{self.user}", "parameters": self._parameters},
            "payload": {"sayso_user": self.token} if self.token else {},
        }
