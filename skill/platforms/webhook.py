"""What Google's three webhooks have in common: who may call, who the shopper is, and how values and lists are written."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from skill.errors import RequestRejected
from skill.platforms.envelope import clean, read_json
from skill.platforms.markup import SSML_FRAME, plain, ssml
from skill.platforms.signed_token import IssuerKeys, SignedTokens
from skill.platforms.signed_user import SignedUsers
from skill.turn import Display, Reply, Turn

SECRET_HEADER = "X-Sayso-Secret"

#: Google's keys, and how it names itself: developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken.
GOOGLE_KEYS_URL = "https://www.googleapis.com/oauth2/v3/certs"
GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")

#: Text-to-Speech takes 5,000 bytes of SSML.
SPEECH_BYTES_MAX = 5000
TEXT_LENGTH_MAX = 4000
#: What is spoken whole, markup and escapes counted: `Turn.speech_bytes_max`.
SPOKEN_BYTES_MAX = SPEECH_BYTES_MAX - SSML_FRAME
ITEMS_MAX = 12
CHIPS_MAX = 8
URL_LENGTH_MAX = 2000
_CHIP_LENGTH_MAX = 60
_LINE_LENGTH_MAX = 200


class GoogleCallers:
    """Google's own signature on a webhook's call: an identity token in `Authorization`, as Dialogflow's service agent sends it.

    `audience` is the webhook's address; `account` the service agent's email. Both must fit, because anybody with a project at
    Google can have a token made for any audience. Source: cloud.google.com/dialogflow/cx/docs/concept/webhook.
    """

    def __init__(
        self,
        *,
        audience: str,
        account: str,
        now: Callable[[], datetime],
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        keys = IssuerKeys(GOOGLE_KEYS_URL, now=now, fetch=fetch)
        self._account = account
        self._tokens = SignedTokens(keys, issuers=GOOGLE_ISSUERS, audience=audience, what="Authorization", now=now)

    def check(self, authorization: str | None) -> None:
        """Raises `RequestRejected` with the `status` 401 where there is no token, 403 where it is not the agent's."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RequestRejected("Authorization is missing, or no Bearer token", status=401)
        claims = self._tokens.read(token.strip())
        if claims.get("email") != self._account or claims.get("email_verified") is not True:
            raise RequestRejected("Authorization is somebody else's token", status=403)


class Webhook(ABC):
    """A webhook. `answer` takes a turn and gives a reply.

    `users` reads the signed user; without it everybody is a guest, who may browse and never order. `trusted` is for a server on
    loopback alone: the last segment of the session is the user. Every request must carry `secret` in `SECRET_HEADER`, or what
    `callers` takes for Google's token; "" and None ask for nothing.
    """

    def __init__(
        self,
        answer: Callable[[Turn], Reply],
        *,
        store: str,
        users: SignedUsers | None = None,
        trusted: bool = False,
        secret: str = "",
        callers: GoogleCallers | None = None,
        locale: str = "en-US",
    ) -> None:
        self._answer = answer
        self._store = store
        self._users = users
        self._trusted = trusted
        self._secret = secret.encode()
        self._callers = callers
        self._locale = locale

    def check_caller(self, secret: str | None, authorization: str | None) -> None:
        """`secret` and `authorization` are the headers. Raises `RequestRejected` with the `status` 401, 403 or 503."""
        if self._callers is not None and (secret is None or not self._secret):
            self._callers.check(authorization)
        else:
            self.check_secret(secret)

    def check_secret(self, given: str | None) -> None:
        """Raises `RequestRejected` with the `status` 401 where no secret was given, 403 where it is a wrong one."""
        if not self._secret:
            return
        if not given:
            raise RequestRejected(f"{SECRET_HEADER} is missing", status=401)
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret):
            raise RequestRejected(f"{SECRET_HEADER} is wrong", status=403)

    def invoke_json(self, body: bytes | str) -> dict[str, Any]:
        """A request body → the response. Raises `RequestRejected`."""
        return self.handle(read_json(body))

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request → the response. Raises `RequestRejected`."""
        turn = self.read_turn(request)
        return self.write_response(self._answer(turn), request, turn)

    @abstractmethod
    def read_turn(self, request: Mapping[str, Any]) -> Turn:
        """Raises `RequestRejected`, which names what is missing or malformed."""

    @abstractmethod
    def write_response(self, reply: Reply, request: Mapping[str, Any], turn: Turn) -> dict[str, Any]: ...

    def _read_user(self, token: object, session: str) -> tuple[str, bool]:
        """(user, whether the platform vouches for it). `token` is what came as `sayso_user`, None where nothing did."""
        if token is not None and self._users is not None:
            user = self._users.read(token)
            if user is not None:
                return user, True
        elif self._trusted:
            return session.rsplit("/", 1)[-1] or session, True
        return f"guest:{session}", False


def read_value(value: object) -> str:
    """Text as it is, 2.0 → "2"; "" for what has no plain form, where the words as heard say more."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        # Every number is a float in Dialogflow's JSON.
        is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return str(int(value)) if is_whole else clean(str(value))
    if isinstance(value, list) and value:
        return read_value(value[0]) if not isinstance(value[0], list) else ""
    return ""


def rich_content(reply: Reply) -> list[dict[str, Any]]:
    """Lines and chips, as Dialogflow Messenger shows them.

    Fields: cloud.google.com/dialogflow/cx/docs/concept/integration/dialogflow-messenger.
    """
    rich: list[dict[str, Any]] = []
    if reply.display is not None:
        rich.extend(_shown(reply.display))
    chips = write_chips(reply)
    if chips:
        rich.append({"type": "chips", "options": [{"text": each} for each in chips]})
    return rich


def write_speech(text: str) -> str:
    """Text of `markup.plain` as SSML of at most `SPEECH_BYTES_MAX` bytes."""
    spoken = ssml(text, SPEECH_BYTES_MAX)
    if len(spoken.encode()) <= SPEECH_BYTES_MAX:
        return spoken
    # As many characters as the bytes are enough for: escapes have one byte each.
    return ssml(text, len(text.encode()[:SPEECH_BYTES_MAX].decode(errors="ignore")))


def write_chips(reply: Reply, length_max: int = _CHIP_LENGTH_MAX) -> list[str]:
    return [plain(each, length_max) for each in reply.suggestions[:CHIPS_MAX]]


def _shown(display: Display) -> list[dict[str, Any]]:
    lines = plain(display.text, TEXT_LENGTH_MAX).split("\n") if display.text else []
    shown: list[dict[str, Any]] = [
        {"type": "description", "title": plain(display.title, _LINE_LENGTH_MAX), "text": lines}
    ]
    for item in display.items[:ITEMS_MAX]:
        line: dict[str, Any] = {
            "type": "info",
            "title": plain(item.title, _LINE_LENGTH_MAX),
            "subtitle": plain(" · ".join(part for part in (item.detail, item.price) if part), _LINE_LENGTH_MAX),
        }
        if item.image_url.startswith("https://") and len(item.image_url) <= URL_LENGTH_MAX:
            line["image"] = {"rawUrl": item.image_url}
        shown.append(line)
    return shown
