"""Turn in, Reply out: the vocabulary that every platform shares.

A platform adapter turns its envelope into a `Turn` and a `Reply` into its envelope, and decides nothing in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of request arrived."""

    LAUNCH = "launch"
    INTENT = "intent"
    SESSION_ENDED = "session_ended"
    TASK_RESULT = "task_result"  # the platform did something for us (verified the speaker) and came back
    EVENT = "event"  # nobody is listening: skill enabled, disabled, linked ...
    CAN_FULFILL = "can_fulfill"  # "could you?", asked before a shopper is there; never touches a cart
    UNKNOWN = "unknown"  # a request type newer than this adapter


class Capability(StrEnum):
    """What the device or channel can do, as the envelope says. Data, never callbacks."""

    SCREEN = "screen"
    CARD = "card"
    VERIFY_PERSON = "verify_person"  # the platform can ask for a voice code itself
    SPEAKER_RECOGNITION = "speaker_recognition"  # it says whether it recognised who speaks
    RICH_CONTENT = "rich_content"
    ACCOUNT_LINKING = "account_linking"  # it can ask the shopper to sign in at the shop
    CODE_OPTIONAL = "code_optional"  # its rules allow an order without the code that a household has set


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a platform task ended. `achieved` only where the platform says so, at the level that was asked for."""

    token: str
    achieved: bool
    status: str = ""


@dataclass(frozen=True, slots=True)
class ReminderAccess:
    """With what the platform's own reminders are set for this shopper, now. `allowed` tells whether the shopper gave leave."""

    endpoint: str
    token: str = field(repr=False)
    allowed: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """All that any platform tells us.

    `user` is the platform's own key for the shopper's account, which the households' links know. `person` is the recognised
    speaker's key, None where nobody was recognised; `person_confidence` is the platform's own figure (Alexa: 300 by
    voice, 400 by code). `account` is the shopper's account at the shop itself, where a token proved it. `authentic_user` is
    False for a guest, who may browse and never order. `request_id` and `body_hash` make the idempotency key. `sent_at` is when
    the platform sent it, UTC, or None where it does not say; of an event, when it happened. `granted` is all that the shopper
    allows from now on, as an event says, None where it says nothing of it. `reminders` is there where the platform can
    remind. `slots` hold what was heard, as text; a slot that
    was not filled is absent. `words` are the shopper's words where the channel has them. `speech_length_max` (characters) and
    `speech_bytes_max` (UTF-8) are what the channel can speak in one answer, markup and escapes counted; 0 is no limit.
    """

    platform: str
    store: str
    user: str
    session: str
    request_id: str
    locale: str
    kind: Kind
    body_hash: str = ""
    device: str = ""
    person: str | None = None
    person_confidence: int | None = None
    account: str = ""
    authentic_user: bool = True
    sent_at: datetime | None = None
    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    capabilities: frozenset[Capability] = frozenset()
    task: TaskResult | None = None
    event: str = ""
    granted: tuple[str, ...] | None = None
    reminders: ReminderAccess | None = None
    speech_length_max: int = 0
    speech_bytes_max: int = 0


class Expect(StrEnum):
    """What is expected next. Everything but NOTHING keeps the session open."""

    NOTHING = "nothing"
    FREE = "free"
    YES_OR_NO = "yes_or_no"
    SLOT = "slot"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class DisplayItem:
    """A line of a list on a card or a screen: already words, in the shopper's language."""

    key: str
    title: str
    detail: str = ""
    price: str = ""
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class Display:
    """What a card or a screen shows. `kind` is products, cart, quote, receipt or note: screens lay them out differently."""

    kind: str
    title: str
    text: str = ""
    items: tuple[DisplayItem, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformTask:
    """Something only the platform can do: `verify_person` (token, level) or `send_to_phone`."""

    name: str
    token: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """All that any platform needs back.

    `speech` and `reprompt` are plain text in the shopper's language: an adapter escapes them for its markup. `slot` names
    the intent and slot that are expected where `expects` is SLOT or CODE, as `(intent, slot)`; where it is FREE, the slot that a
    bare value answers, among all else that may be said. `suggested` names each of `suggestions` (`check-out`), for a screen on
    which touching it does what saying it does. `turn_id` joins the logs.
    """

    speech: str
    expects: Expect = Expect.NOTHING
    reprompt: str = ""
    slot: tuple[str, str] | None = None
    display: Display | None = None
    suggestions: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    task: PlatformTask | None = None
    can_fulfill: bool | None = None
    turn_id: str = ""
