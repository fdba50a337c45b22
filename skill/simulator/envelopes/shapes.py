"""What the envelopes of every platform have in common, so that whoever talks through them need not know which it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import uuid4

Ids = Callable[[], str]
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Card:
    """What a companion app or a chat window would show. `kind` is `LinkAccount` where it asks to sign in at the shop."""

    title: str
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A response as a shopper gets it: plain words. `expected_slot` is (intent, slot) where the platform was told one.

    `task` is what the platform was asked to do by itself, such as `verify_person`, with `task_token`.
    """

    speech: str
    reprompt: str = ""
    card: Card | None = None
    expects_more: bool = False
    expected_slot: tuple[str, str] | None = None
    suggestions: tuple[str, ...] = ()
    task: str = ""
    task_token: str = ""


class Envelopes(Protocol):
    """One shopper at one device of one platform. Keeps the session; every request has a new id.

    `heard` must see every response: a platform drops the session that a response closes.
    """

    platform: str
    locale: str
    #: Where the server takes this platform's requests.
    path: str

    def launch(self) -> dict[str, Any]:
        """The shopper opens the skill."""

    def intent(self, name: str, slots: Mapping[str, str] = ..., words: str = "") -> dict[str, Any]:
        """The shopper says something that was understood as intent `name`. `words` are sent where the platform sends them."""

    def end(self) -> dict[str, Any] | None:
        """The shopper walks away; None where the platform does not say so."""

    def heard(self, response: Mapping[str, Any]) -> Heard: ...

    def adopt(self, envelope: Mapping[str, Any]) -> None:
        """Goes on where a captured request was: in its session. What is not as the platform sends it is left alone."""


def new_id() -> str:
    return str(uuid4())


def utc_now() -> datetime:
    return datetime.now(UTC)


def rich_card(rich: Sequence[Mapping[str, Any]]) -> Card | None:
    """What Dialogflow Messenger shows of a rich content's parts."""
    shown = [part for part in rich if part.get("type") in ("description", "info")]
    if not shown:
        return None
    lines = [line for part in shown for line in part.get("text", [])]
    lines += [
        " · ".join(filter(None, (part["title"], part.get("subtitle", "")))) for part in shown if part["type"] == "info"
    ]
    titles = [part["title"] for part in shown if part["type"] == "description"]
    return Card(titles[0] if titles else "", "\n".join(lines))


def carried(mapping: Mapping[str, Any], key: str) -> str:
    """The text at `key` as it is, "" where there is none: ids and tokens are longer than what anybody says."""
    value = mapping.get(key)
    return value if isinstance(value, str) else ""
