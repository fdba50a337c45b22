"""The requests that Dialogflow ES sends to a webhook, and what its shopper hears of a response."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from skill.platforms.envelope import object_in, read_locale
from skill.simulator.envelopes.shapes import Heard, Ids, Now, carried, new_id, rich_card, utc_now

_AGENT = "projects/sayso/agent"


class DialogflowEsEnvelopes:
    """`token` is the signed user that an integrator would send along. Dialogflow names no device and no time."""

    platform = "dialogflow-es"
    path = "/dialogflow/es"

    def __init__(
        self, user: str, *, locale: str = "en-US", token: str | None = None, ids: Ids = new_id, now: Now = utc_now
    ) -> None:
        self.user = user
        self.locale = locale
        self.token = token
        self._ids = ids
        self._contexts: list[Mapping[str, Any]] = []

    def launch(self) -> dict[str, Any]:
        return self._envelope("launch", "Default Welcome Intent", {}, "GOOGLE_ASSISTANT_WELCOME")

    def intent(self, name: str, slots: Mapping[str, str] = MappingProxyType({}), words: str = "") -> dict[str, Any]:
        return self._envelope(name, name, slots, words or name)

    def end(self) -> None:
        """Dialogflow tells a webhook nothing when the shopper leaves."""

    def heard(self, response: Mapping[str, Any]) -> Heard:
        self._contexts = response.get("outputContexts", [])
        payload = response.get("payload", {})
        told = payload.get("sayso", {})
        rich = [
            part
            for message in response.get("fulfillmentMessages", [])
            for parts in message.get("payload", {}).get("richContent", [])
            for part in parts
        ]
        intent, slot = told.get("intent"), told.get("slot")
        return Heard(
            speech=response.get("fulfillmentText", ""),
            reprompt=told.get("reprompt", ""),
            card=rich_card(rich),
            expects_more=payload.get("google", {}).get("expectUserResponse") is True,
            expected_slot=(intent, slot) if intent and slot else None,
            suggestions=tuple(chip["text"] for part in rich for chip in part.get("options", [])),
        )

    def adopt(self, envelope: Mapping[str, Any]) -> None:
        said = object_in(envelope, "queryResult")
        self.user = carried(envelope, "session").rsplit("/", 1)[-1] or self.user
        payload = object_in(object_in(envelope, "originalDetectIntentRequest"), "payload")
        self.token = carried(payload, "sayso_user") or None
        contexts = said.get("outputContexts")
        self._contexts = [each for each in contexts if isinstance(each, dict)] if isinstance(contexts, list) else []
        self.locale = read_locale(said.get("languageCode"), self.locale)

    def _envelope(self, action: str, intent: str, parameters: Mapping[str, Any], words: str) -> dict[str, Any]:
        return {
            "session": f"{_AGENT}/sessions/{self.user}",
            "responseId": self._ids(),
            "queryResult": {
                "queryText": words,
                "languageCode": self.locale.lower(),
                "action": action,
                "parameters": dict(parameters),
                "allRequiredParamsPresent": True,
                "outputContexts": list(self._contexts),
                "intent": {"name": f"{_AGENT}/intents/{intent.replace(' ', '-')}", "displayName": intent},
                "intentDetectionConfidence": 1.0,
            },
            "originalDetectIntentRequest": {"payload": {"sayso_user": self.token} if self.token else {}},
        }
