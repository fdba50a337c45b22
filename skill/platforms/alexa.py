"""Alexa: envelope in, envelope out, through ask-sdk-core. No other file imports `ask_sdk`.

The skill is a `CustomSkill` that is built once. Its serializer is ours: the raw JSON is looked at first, so that a request
type newer than the SDK is a turn like any other, and the SDK's reflective models stay off the shopper's path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ask_sdk_core.skill import CustomSkill, SkillConfiguration

from skill.platforms.alexa_response import Slots
from skill.platforms.alexa_turns import AlexaTurns, ProductNames, read_elicited_slots
from skill.platforms.linked_account import LinkedAccounts
from skill.turn import Reply, Turn

__all__ = ["AlexaEnvelope", "AlexaSkill", "read_elicited_slots"]


class AlexaEnvelope:
    """A request envelope as the SDK passes it round: the raw JSON, and no model of it."""

    __slots__ = ("raw",)

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw


class AlexaSkill(CustomSkill):
    """The skill, built once and used for every request.

    `answer` takes a turn and gives a reply. `skill_id` is the only id whose requests are taken; None takes any, which only a
    server on loopback may do. `slots` names the slots of each intent that the skill asks for; None takes them from the model
    that Alexa has. `accounts` reads the tokens of linked accounts, where accounts are linked. `names` gives the names that a
    session begins with. `locale` is for requests that name none.
    """

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
        super().__init__(SkillConfiguration(request_mappers=[], handler_adapters=[]))
        self._turns = AlexaTurns(
            answer, store=store, skill_id=skill_id, slots=slots, accounts=accounts, names=names, locale=locale
        )
        # The SDK's own check of the skill id raises what flask-ask-sdk answers with a 500, and looks at one place of two.
        self.serializer = cast(Any, _RawJson(self._turns))

    def invoke(self, request_envelope: Any, context: object) -> Any:
        """What flask-ask-sdk calls: the response envelope as JSON. The SDK would ask its handlers first whose request it is,
        and there is one for all: `AlexaTurns`.
        """
        return self._turns.respond(request_envelope.raw)

    def invoke_json(self, body: bytes | str) -> dict[str, Any]:
        """A request body → the response envelope. Raises `RequestRejected`."""
        return self._turns.respond(self._turns.read(body))

    def handle(self, envelope: Mapping[str, Any]) -> dict[str, Any]:
        """An event, as AWS Lambda hands it over → the response envelope. Raises `RequestRejected`."""
        return self._turns.handle(envelope)


class _RawJson:
    """The SDK's serializer, without its models."""

    def __init__(self, turns: AlexaTurns) -> None:
        self._turns = turns

    def deserialize(self, payload: bytes | str | Mapping[str, Any], obj_type: object = None) -> AlexaEnvelope:
        return AlexaEnvelope(self._turns.read(payload))

    def serialize(self, obj: Any) -> Any:
        return obj
