"""One shopper who talks to the store: words → meaning → the platform's envelope → the platform's real adapter → what is heard."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import jwt

from skill.app import App
from skill.errors import RequestRejected
from skill.platforms.actions_builder import ActionsBuilder
from skill.platforms.alexa import AlexaSkill
from skill.platforms.dialogflow_cx import DialogflowCx
from skill.platforms.dialogflow_es import DialogflowEs
from skill.platforms.signed_user import SignedUsers
from skill.platforms.text import Understood, locales, understand
from skill.platforms.webhook import SECRET_HEADER, Webhook
from skill.simulator import Verified
from skill.simulator.envelopes.actions_builder import ActionsBuilderEnvelopes
from skill.simulator.envelopes.alexa import AlexaEnvelopes
from skill.simulator.envelopes.dialogflow_cx import DialogflowCxEnvelopes
from skill.simulator.envelopes.dialogflow_es import DialogflowEsEnvelopes
from skill.simulator.envelopes.shapes import Envelopes, Heard, new_id
from skill.simulator.screen import Screen, screen_of
from skill.turn import Expect, Reply, Turn

#: A platform waits no longer than this for an answer.
TIMEOUT_S = 10
RESPONSE_BYTES_MAX = 1_000_000

#: How long a simulated shopper stays signed in: longer than any conversation that is played.
TOKEN_TTL = timedelta(days=3660)

#: The slot that the platform was told to listen for → what the understanding of words calls the awaited answer.
_AWAITED = {
    "code": "code",
    "quantity": "quantity",
    "number": "number",
    "confirmation_number": "confirmation",
    "amount": "amount",
    "ordinal": "ordinal",
    "product_query": "product_query",
}

#: Amazon's figures for how sure it is of a speaker: by voice, and by the voice code.
_LEVEL_VOICE, _LEVEL_CODE = 300, 400

#: Google's platforms, whose shoppers are those whom a shop's own page has signed for.
_WEBHOOKS: dict[str, type[Webhook]] = {
    "dialogflow-cx": DialogflowCx,
    "dialogflow-es": DialogflowEs,
    "actions-builder": ActionsBuilder,
}
_SIGNED_ENVELOPES = {
    each.platform: each for each in (DialogflowCxEnvelopes, DialogflowEsEnvelopes, ActionsBuilderEnvelopes)
}

#: These leave the pending question as it is.
_KEEPS_QUESTION = frozenset({"help", "repeat"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said and what came back. `turn` and `reply` are known only where the adapter runs in this process."""

    words: str
    understood: Understood | None
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    heard: Heard
    turn: Turn | None = None
    reply: Reply | None = None


class Door(Protocol):
    """Where envelopes go in and responses come out. Raises `RequestRejected`."""

    turn: Turn | None
    reply: Reply | None

    def send(self, envelope: Mapping[str, Any]) -> dict[str, Any]: ...


class AdapterDoor:
    """A platform's real adapter in this process. It checks no signatures: nothing but this process can knock here."""

    def __init__(self, app: App, platform: str, locale: str) -> None:
        self.turn: Turn | None = None
        self.reply: Reply | None = None
        self._app = app
        self._store = app.ports.store.store_id
        self._locale = locale
        # The shop's own page that signs for shoppers: here the simulator is it.
        self._user_key = secrets.token_hex(32)
        self._adapter = self._alexa() if platform == AlexaEnvelopes.platform else self._webhook(_WEBHOOKS[platform])

    def token_of(self, user: str) -> str:
        """The user, signed as the adapter of this door wants it."""
        expires_at = self._app.ports.clock.now_utc() + TOKEN_TTL
        return jwt.encode({"sub": user, "aud": self._store, "exp": expires_at}, self._user_key, algorithm="HS256")

    def send(self, envelope: Mapping[str, Any]) -> dict[str, Any]:
        self.turn = self.reply = None
        # Through text and back, so that envelopes are held to what JSON can carry.
        response = self._adapter.invoke_json(json.dumps(envelope))
        read: dict[str, Any] = json.loads(json.dumps(response))
        return read

    def _alexa(self) -> AlexaSkill | Webhook:
        return AlexaSkill(
            self._answer,
            store=self._store,
            skill_id=None,
            names=self._app.product_names,
            locale=self._locale,
        )

    def _webhook(self, kind: type[Webhook]) -> AlexaSkill | Webhook:
        users = SignedUsers(self._user_key, audience=self._store, now=self._app.ports.clock.now_utc)
        return kind(self._answer, store=self._store, users=users, locale=self._locale)

    def _answer(self, turn: Turn) -> Reply:
        self.turn = turn
        self.reply = self._app.answer(turn)
        return self.reply


class HttpDoor:
    """A server's webhook. `url` is where the server listens, such as `http://127.0.0.1:8080`."""

    def __init__(self, url: str, path: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RequestRejected(f"{url!r} is no address such as http://127.0.0.1:8080")
        self.turn: Turn | None = None
        self.reply: Reply | None = None
        self._parts = parts
        self._path = parts.path.rstrip("/") + path
        self._headers = {"Content-Type": "application/json", **headers}

    def send(self, envelope: Mapping[str, Any]) -> dict[str, Any]:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", self._path, json.dumps(envelope).encode(), self._headers)
            answer = connection.getresponse()
            body = answer.read(RESPONSE_BYTES_MAX)
            status = answer.status
        except (OSError, http.client.HTTPException) as failed:
            raise RequestRejected(f"no answer from {self._parts.netloc}: {failed}") from failed
        finally:
            connection.close()
        try:
            response = json.loads(body)
        except ValueError:
            response = None
        if status != 200 or not isinstance(response, dict):
            said = response.get("error") if isinstance(response, dict) else body[:100].decode("utf-8", "replace")
            raise RequestRejected(f"{self._parts.netloc} answered {status}: {said}")
        return response


@dataclass(slots=True)
class Talk:
    """A shopper at a device. `awaits` is the sort of answer that is awaited, as the understanding of words calls it."""

    open_session: Callable[[], Envelopes]
    door: Door
    locale: str
    envelopes: Envelopes = field(init=False)
    awaits: str | None = None
    last: Exchange | None = field(default=None, repr=False)
    #: What the device shows: a screen stands until another takes its place or the session ends.
    screen: Screen | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.envelopes = self.open_session()

    def new_session(self) -> None:
        """What is said next opens a session; the platform has not been told that the old one ended."""
        self.envelopes = self.open_session()
        self.awaits = None
        self.screen = None

    def recognise(self, speaker: str | None) -> None:
        """Whose voice the platform recognises from now on; platforms that recognise nobody are told nothing."""
        if isinstance(self.envelopes, AlexaEnvelopes):
            self.envelopes.person = speaker

    def launch(self) -> Exchange:
        """The shopper opens the store."""
        return self._send("", None, self.envelopes.launch())

    def say(self, words: str) -> Exchange:
        """The shopper says something; what nobody understands goes in as the platform's fallback."""
        understood = understand(words, self.locale, expecting=self.awaits)
        return self._send(words, understood, self.envelopes.intent(understood.intent, understood.slots, words))

    def intent(self, name: str, slots: Mapping[str, str]) -> Exchange:
        """What the platform's own understanding made of something."""
        return self._send("", Understood(name, dict(slots)), self.envelopes.intent(name, slots))

    def end(self) -> Exchange | None:
        """The shopper walks away; None where the platform does not say so."""
        envelope = self.envelopes.end()
        if envelope is None:
            self.new_session()
            return None
        return self._send("", None, envelope)

    def verify(self, ended: Verified) -> Exchange:
        """The platform comes back from its own check of the speaker. Raises `RequestRejected` where none was asked for."""
        if (
            not isinstance(self.envelopes, AlexaEnvelopes)
            or self.last is None
            or self.last.heard.task != "verify_person"
        ):
            raise RequestRejected("the platform was not asked to verify who speaks")
        self.envelopes.level = _LEVEL_CODE if ended == "achieved" else _LEVEL_VOICE
        try:
            return self._send("", None, self.envelopes.resume(self.last.heard.task_token, ended.upper()))
        finally:
            self.envelopes.level = _LEVEL_VOICE

    def touch(self, touched: int | str) -> Exchange:
        """The shopper touches a line on the screen, counted from 1, or a button, named by what it sends.

        Raises `RequestRejected` where the screen shows no such thing, or there is none.
        """
        if not isinstance(self.envelopes, AlexaEnvelopes) or not self.envelopes.screen:
            raise RequestRejected("this device has no screen that could be touched")
        if self.screen is None or not self.screen.can_touch(touched):
            raise RequestRejected(f"the screen shows nothing to touch that is {touched}")
        sent = ("choose", touched) if isinstance(touched, int) else (touched,)
        return self._send("", None, self.envelopes.touch(*sent))

    def send_captured(self, envelope: Mapping[str, Any]) -> Exchange:
        """A request that a platform sent once, as it is; what is said next goes on in its session. Raises `RequestRejected`."""
        self.envelopes.adopt(envelope)
        return self._send("", None, envelope)

    def token_of(self, user: str) -> str:
        """The user, signed as this talk's adapter wants it; "" where users are not signed."""
        return self.door.token_of(user) if isinstance(self.door, AdapterDoor) else ""

    def redeliver(self) -> Exchange:
        """The platform sends its last request once more, word for word. Raises `RequestRejected` where there was none."""
        if self.last is None:
            raise RequestRejected("nothing has been sent yet")
        return self._send(self.last.words, self.last.understood, self.last.request)

    def _send(self, words: str, understood: Understood | None, envelope: Mapping[str, Any]) -> Exchange:
        # Taken down as it is sent: a platform's session goes on, and what is delivered twice must be the same twice.
        envelope = json.loads(json.dumps(envelope))
        response = self.door.send(envelope)
        heard, turn = self.envelopes.heard(response), self.door.turn
        if understood is None and turn is not None and turn.intent:
            # Nothing was said here: what the platform had understood before is in its request.
            understood = Understood(turn.intent, dict(turn.slots))
        self.last = Exchange(words, understood, envelope, response, heard, turn, self.door.reply)
        self.screen = screen_of(response) or self.screen
        if not heard.expects_more and not heard.task:
            self.new_session()
        elif understood is None or understood.intent not in _KEEPS_QUESTION or heard.expected_slot:
            self.awaits = _awaited(self.last)
        return self.last


def _awaited(exchange: Exchange) -> str | None:
    """What the answer asks for. A free question in the aisles ("What are you looking for?") may be answered by a bare name.

    At the till nothing but the answer that was asked for means anything, so a bare name there stays not understood. Alexa
    takes a bare name only where the skill has asked for that slot.
    """
    slot, reply = exchange.heard.expected_slot, exchange.reply
    if slot is not None:
        return _AWAITED.get(slot[1])
    if exchange.turn is not None and exchange.turn.platform == AlexaEnvelopes.platform:
        return None
    is_quote = reply is not None and reply.display is not None and reply.display.kind == "quote"
    is_free = reply is not None and reply.expects is Expect.FREE and not is_quote
    return "product_query" if is_free else None


def known_locale(code: str) -> str | None:
    """The locale that there are sentences for: `it-it` → `it-IT`, `en` → the first of that language; None for any other."""
    there = {each.casefold(): each for each in locales()}
    language = code.casefold().split("-")[0]
    near = (each for each in sorted(there.values(), reverse=True) if each.split("-")[0] == language)
    return there.get(code.casefold()) or next(near, None)


def talk_in_process(
    app: App,
    platform: str,
    user: str,
    *,
    device: str = "kitchen",
    speaker: str | None = None,
    screen: bool = False,
    locale: str = "",
) -> Talk:
    """A talk through the platform's real adapter in this process. `platform` is one of `PLATFORMS`, `locale` the store's
    unless said.
    """
    locale = locale or app.settings.locale
    door, now = AdapterDoor(app, platform, locale), app.ports.clock.now_utc

    def open_session() -> Envelopes:
        if platform == AlexaEnvelopes.platform:
            return AlexaEnvelopes(user, locale=locale, device=device, person=speaker, screen=screen, now=now)
        # The signed token says who it is, so the session can be named anew each time, as a chat window would.
        kind = _SIGNED_ENVELOPES[platform]
        return kind(f"{device}-{new_id()}", locale=locale, token=door.token_of(user), now=now)

    return Talk(open_session, door, locale)


def talk_over_http(
    url: str,
    platform: str,
    user: str,
    *,
    locale: str,
    secret: str = "",
    device: str = "kitchen",
    speaker: str | None = None,
) -> Talk:
    """A talk with a server that takes unsigned requests, as one on loopback does. Raises `RequestRejected`."""

    def open_session() -> Envelopes:
        if platform == AlexaEnvelopes.platform:
            return AlexaEnvelopes(user, locale=locale, device=device, person=speaker)
        return _SIGNED_ENVELOPES[platform](user, locale=locale)

    headers = {SECRET_HEADER: secret} if secret else {}
    return Talk(open_session, HttpDoor(url, open_session().path, headers), locale)
