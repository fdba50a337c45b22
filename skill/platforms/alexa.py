"""Alexa: envelope in, envelope out, through ask-sdk-core. No other file imports `ask_sdk`.

The skill is a `CustomSkill` that is built once. Its serializer is ours: the raw JSON is looked at first, so that a request
type newer than the SDK is a turn like any other, and the SDK's reflective models stay off the shopper's path.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from ask_sdk_core.skill import CustomSkill, SkillConfiguration
from ask_sdk_runtime.dispatch_components.request_components import (
    AbstractRequestHandler,
    GenericHandlerAdapter,
    GenericRequestHandlerChain,
    GenericRequestMapper,
)

from skill.errors import RequestRejected
from skill.platforms.alexa_request import is_for_skill, read_access_token, read_turn, request_type
from skill.platforms.alexa_response import VERSION, Slots, write_response
from skill.platforms.envelope import object_in, read_json, text_in
from skill.platforms.linked_account import LinkedAccounts
from skill.turn import Capability, Reply, Turn

_log = logging.getLogger(__name__)

_MODELS = Path(__file__).parents[2] / "interaction_models" / "alexa"

#: Amazon tells us what went wrong with an answer of ours. It is logged, and nothing may be said to it.
_TOLD_ONLY = frozenset({"System.ExceptionEncountered", "Alexa.Presentation.APL.RuntimeError"})


class AlexaEnvelope:
    """A request envelope as the SDK passes it round: the raw JSON, and no model of it.

    The SDK asks an envelope for its session only to carry session attributes back, and none are: None.
    """

    __slots__ = ("raw", "session")

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.session = None


class AlexaSkill(CustomSkill):
    """The skill, built once and used for every request.

    `answer` takes a turn and gives a reply. `skill_id` is the only id whose requests are taken; None takes any, which only a
    server on loopback may do. `slots` names the slots of each intent that the skill asks for; None takes them from the model
    that Alexa has. `accounts` reads the tokens of linked accounts, where accounts are linked. `locale` is for requests that
    name none.
    """

    def __init__(
        self,
        answer: Callable[[Turn], Reply],
        *,
        store: str,
        skill_id: str | None,
        slots: Slots | None = None,
        accounts: LinkedAccounts | None = None,
        locale: str = "en-US",
    ) -> None:
        catch_all = GenericRequestHandlerChain(
            _CatchAll(answer, store, read_elicited_slots() if slots is None else slots, accounts, locale)
        )
        super().__init__(
            SkillConfiguration(
                request_mappers=[GenericRequestMapper([catch_all])], handler_adapters=[GenericHandlerAdapter()]
            )
        )
        # The SDK's own check of the skill id raises what flask-ask-sdk answers with a 500, and looks at one place of two.
        self._raw_json = _RawJson(skill_id)
        self.serializer = cast(Any, self._raw_json)

    def invoke_json(self, body: bytes | str) -> dict[str, Any]:
        """A request body → the response envelope. Raises `RequestRejected`."""
        return self._run(self._raw_json.deserialize(body))

    def handle(self, envelope: Mapping[str, Any]) -> dict[str, Any]:
        """An event, as AWS Lambda hands it over → the response envelope. Raises `RequestRejected`."""
        return self._run(self._raw_json.deserialize(envelope))

    def _run(self, envelope: AlexaEnvelope) -> dict[str, Any]:
        return self._raw_json.serialize(self.invoke(cast(Any, envelope), None))


@cache
def read_elicited_slots() -> Slots:
    """The slots of each intent that can be asked for, as the generated model tells Alexa. Every locale has the same."""
    for model in sorted(_MODELS.glob("*.json"))[:1]:
        dialog = json.loads(model.read_bytes())["interactionModel"]["dialog"]
        return {intent["name"]: tuple(slot["name"] for slot in intent["slots"]) for intent in dialog["intents"]}
    return {}


class _RawJson:
    """The SDK's serializer, without its models. Here every request is checked first, however it came."""

    def __init__(self, skill_id: str | None) -> None:
        self._skill_id = skill_id

    def deserialize(self, payload: bytes | str | Mapping[str, Any], obj_type: object = None) -> AlexaEnvelope:
        raw = read_json(payload) if isinstance(payload, bytes | str) else payload
        if self._skill_id and not is_for_skill(raw, self._skill_id):
            raise RequestRejected("the request is for another skill")
        return AlexaEnvelope(raw)

    def serialize(self, obj: Any) -> dict[str, Any]:
        response: dict[str, Any] = obj.response
        return response


class _CatchAll(AbstractRequestHandler[Any, Any]):
    """The one handler, for every type of request."""

    def __init__(
        self, answer: Callable[[Turn], Reply], store: str, slots: Slots, accounts: LinkedAccounts | None, locale: str
    ) -> None:
        self._answer = answer
        self._store = store
        self._slots = slots
        self._accounts = accounts
        self._locale = locale

    def can_handle(self, handler_input: Any) -> bool:
        return True

    def handle(self, handler_input: Any) -> dict[str, Any]:
        raw: Mapping[str, Any] = handler_input.request_envelope.raw
        if request_type(raw) in _TOLD_ONLY:
            _log_told(raw)
            return {"version": VERSION, "response": {}}
        turn = read_turn(raw, store=self._store, default_locale=self._locale)
        if self._accounts is not None:
            turn = _with_account(turn, read_access_token(raw), self._accounts)
        return write_response(self._answer(turn), turn, self._slots)


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
