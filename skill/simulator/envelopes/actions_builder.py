"""The requests that Actions Builder sends to a webhook, and what its shopper hears of a response."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from types import MappingProxyType
from typing import Any

from skill.platforms.envelope import object_in, read_locale
from skill.simulator.envelopes.shapes import Card, Heard, Ids, Now, carried, new_id, utc_now

_TAG = re.compile(r"<[^>]*>")


class ActionsBuilderEnvelopes:
    """`token` is the signed user that an integrator would send along. No request has an id; the session's numbers tell."""

    platform = "actions-builder"
    path = "/actions"

    def __init__(
        self, user: str, *, locale: str = "en-US", token: str | None = None, ids: Ids = new_id, now: Now = utc_now
    ) -> None:
        self.user = user
        self.locale = locale
        self.token = token
        self._now = now
        self._params: dict[str, Any] = {}

    def launch(self) -> dict[str, Any]:
        return self._envelope("launch", "actions.intent.MAIN", {}, "")

    def intent(self, name: str, slots: Mapping[str, str] = MappingProxyType({}), words: str = "") -> dict[str, Any]:
        heard = {slot: {"original": value, "resolved": value} for slot, value in slots.items()}
        return self._envelope(name, name, heard, words or name)

    def end(self) -> None:
        """A webhook is told nothing when the shopper leaves."""

    def heard(self, response: Mapping[str, Any]) -> Heard:
        self._params = dict(response.get("session", {}).get("params", {}))
        prompt = response.get("prompt", {})
        card = prompt.get("content", {}).get("card")
        intent, slot = self._params.get("sayso_intent"), self._params.get("sayso_slot")
        return Heard(
            speech=unescape(_TAG.sub("", prompt.get("firstSimple", {}).get("speech", ""))),
            reprompt=self._params.get("sayso_reprompt", ""),
            card=Card(card["title"], card["text"]) if card else None,
            expects_more=response.get("scene", {}).get("next", {}).get("name") != "actions.scene.END_CONVERSATION",
            expected_slot=(intent, slot) if intent and slot else None,
            suggestions=tuple(each["title"] for each in prompt.get("suggestions", [])),
        )

    def adopt(self, envelope: Mapping[str, Any]) -> None:
        session, user = object_in(envelope, "session"), object_in(envelope, "user")
        self.user = carried(session, "id") or self.user
        self.token = carried(object_in(user, "params"), "sayso_user") or None
        self._params = dict(object_in(session, "params"))
        self.locale = read_locale(user.get("locale"), self.locale)

    def _envelope(self, handler: str, intent: str, params: Mapping[str, Any], words: str) -> dict[str, Any]:
        return {
            "handler": {"name": handler},
            "intent": {"name": intent, "params": dict(params), "query": words},
            "scene": {"name": "store", "slotFillingStatus": "UNSPECIFIED", "slots": {}, "next": {"name": ""}},
            "session": {"id": self.user, "params": dict(self._params), "typeOverrides": [], "languageCode": ""},
            "user": {
                "locale": self.locale,
                "params": {"sayso_user": self.token} if self.token else {},
                "accountLinkingStatus": "NOT_LINKED",
                "verificationStatus": "VERIFIED",
                "packageEntitlements": [],
                "lastSeenTime": "",
            },
            "home": {"params": {}},
            "device": {
                "capabilities": ["SPEECH", "RICH_RESPONSE"],
                "currentTime": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        }
