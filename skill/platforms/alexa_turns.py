"""Alexa without the SDK: an envelope's raw JSON → turn, reply → the response. `alexa.py` puts the SDK around it.

A function's instance answers from here. The SDK reads some hundred models before its first answer, none of which is looked at.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill.errors import RequestRejected
from skill.platforms.alexa_request import TOUCH, is_for_skill, read_access_token, read_turn, request_type
from skill.platforms.alexa_response import VERSION, Slots, listen_for, write_response
from skill.platforms.envelope import object_in, read_json, text_in
from skill.turn import Capability, Reply, Turn

if TYPE_CHECKING:
    from skill.platforms.linked_account import LinkedAccounts

_log = logging.getLogger(__name__)

_MODELS = Path(__file__).parents[2] / "interaction_models" / "alexa"

#: Amazon tells us what went wrong with an answer of ours. It is logged, and nothing may be said to it.
_TOLD_ONLY = frozenset({"System.ExceptionEncountered", "Alexa.Presentation.APL.RuntimeError"})


#: `names(limit)`: (SKU, name) of products that a shopper is likely to name.
ProductNames = Callable[[int], Sequence[tuple[str, str]]]


class AlexaTurns:
    """Reads, answers and writes. `answer` takes a turn and gives a reply. The other arguments are those of `AlexaSkill`."""

    def __init__(
        self,
        answer: Callable[[Turn], Reply],
        *,
        store: str,
        skill_id: str | None,
        slots: Slots | None = None,
        accounts: LinkedAccounts | None = None,
        names: ProductNames | None = None,
        locale: str = "en-US",
    ) -> None:
        self._answer = answer
        self._store = store
        self._skill_id = skill_id
        self._slots = read_elicited_slots() if slots is None else slots
        self._accounts = accounts
        self._names = names
        self._locale = locale

    def handle(self, envelope: Mapping[str, Any]) -> dict[str, Any]:
        """A request envelope → the response envelope. Raises `RequestRejected`."""
        return self.respond(self.read(envelope))

    def read(self, payload: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
        """The envelope in a request's body. Every request is checked here first, however it came. Raises `RequestRejected`."""
        raw = read_json(payload) if isinstance(payload, bytes | str) else payload
        if self._skill_id and not is_for_skill(raw, self._skill_id):
            raise RequestRejected("the request is for another skill")
        return raw

    def respond(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The response to an envelope that was read."""
        if request_type(raw) in _TOLD_ONLY:
            _log_told(raw)
            return {"version": VERSION, "response": {}}
        turn = read_turn(raw, store=self._store, default_locale=self._locale)
        if self._accounts is not None:
            turn = _with_account(turn, read_access_token(raw), self._accounts)
        written = write_response(self._answer(turn), turn, self._slots, touched=request_type(raw) == TOUCH)
        if self._names is not None and object_in(raw, "session").get("new") is True:
            listen_for(written["response"], self._names)
        return written


@cache
def read_elicited_slots() -> Slots:
    """The slots of each intent that can be asked for, as the generated model tells Alexa. Every locale has the same."""
    for model in sorted(_MODELS.glob("*.json"))[:1]:
        dialog = json.loads(model.read_bytes())["interactionModel"]["dialog"]
        return {intent["name"]: tuple(slot["name"] for slot in intent["slots"]) for intent in dialog["intents"]}
    return {}


def _with_account(turn: Turn, token: str, accounts: LinkedAccounts) -> Turn:
    account = accounts.read(token) if token else None
    return replace(turn, account=account or "", capabilities=turn.capabilities | {Capability.ACCOUNT_LINKING})


def _log_told(raw: Mapping[str, Any]) -> None:
    """Type and message of each error; neither holds anything that a shopper said."""
    request = object_in(raw, "request")
    errors = request.get("errors")
    for error in (errors if isinstance(errors, list) else [object_in(request, "error")])[:10]:
        if isinstance(error, dict):
            _log.error("Alexa refused a response: %s: %s", text_in(error, "type"), text_in(error, "message"))
