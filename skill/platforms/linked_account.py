"""OAuth account linking: whose account at the shop an access token stands for.

A token is checked against its issuer's keys (a JWT, RFC 9068) or by asking the issuer (token introspection, RFC 7662). One that
does not hold makes nobody of the shopper, who may then browse and never order: tokens run out, and accounts are unlinked.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from skill.errors import RequestRejected
from skill.platforms.envelope import id_in
from skill.platforms.fetch import fetch_file
from skill.platforms.signed_token import TOKEN_LENGTH_MAX, IssuerKeys, SignedTokens, has_run_out
from skill.settings import Settings

_log = logging.getLogger(__name__)

#: How long the issuer's word on a token is kept: an account that was unlinked there orders no longer than this.
ANSWER_KEPT = timedelta(seconds=60)
ANSWERS_MAX = 1000


class LinkedAccounts(Protocol):
    def read(self, token: str) -> str | None:
        """The account's id at the shop; None where the token does not hold, or nobody can tell."""


class JwtAccounts:
    """Tokens that say themselves whose they are, signed by `issuer` for `audience`."""

    def __init__(self, keys: IssuerKeys, *, issuer: str, audience: str, now: Callable[[], datetime]) -> None:
        self._tokens = SignedTokens(
            keys, issuers=[issuer], audience=audience, what="the access token", now=now, access=True
        )

    def read(self, token: str) -> str | None:
        try:
            return id_in(self._tokens.read(token), "sub", "the access token's sub")
        except RequestRejected as refused:
            _log.warning("an account is not taken: %s", refused)
            return None


class IntrospectedAccounts:
    """Tokens that only their issuer can read: it is asked at `url`. `post(url, form, headers)` gives its answer's bytes."""

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        client_secret: str,
        audience: str,
        now: Callable[[], datetime],
        post: Callable[[str, bytes, dict[str, str]], bytes] | None = None,
    ) -> None:
        # RFC 6749, section 2.3.1: both are form-encoded before they are put together.
        credentials = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}".encode()
        self._url = url
        self._authorization = f"Basic {b64encode(credentials).decode()}"
        self._audience = audience
        self._now = now
        self._post = post or (lambda at, form, headers: fetch_file(at, "the issuer's answer", form, headers))
        self._answers: OrderedDict[bytes, tuple[datetime, str | None]] = OrderedDict()
        self._lock = Lock()

    def read(self, token: str) -> str | None:
        if len(token) > TOKEN_LENGTH_MAX or not token.isascii():
            return None
        digest, now = sha256(token.encode()).digest(), self._now()
        with self._lock:
            asked_at, account = self._answers.get(digest, (None, None))
        if asked_at is not None and now - asked_at < ANSWER_KEPT:
            return account
        try:
            account = self._ask(token, now)
        except RequestRejected as failed:
            _log.warning("an account is not taken: %s", failed)
            return None
        with self._lock:
            self._answers[digest] = (now, account)
            self._answers.move_to_end(digest)
            while len(self._answers) > ANSWERS_MAX:
                self._answers.popitem(last=False)
        return account

    def _ask(self, token: str, now: datetime) -> str | None:
        form = urlencode({"token": token, "token_type_hint": "access_token"}).encode()
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        try:
            told: Any = json.loads(self._post(self._url, form, headers))
        except (ValueError, RecursionError) as error:
            raise RequestRejected("the issuer's answer cannot be read") from error
        if not isinstance(told, dict) or told.get("active") is not True:
            return None
        audience = told.get("aud", told.get("client_id"))
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise RequestRejected("the access token is for somebody else")
        if "exp" in told and has_run_out(told, now, "the access token"):
            return None
        return id_in(told, "sub", "the issuer's answer's sub")


def open_accounts(settings: Settings, now: Callable[[], datetime]) -> LinkedAccounts | None:
    """What the settings ask for; None where accounts are not linked."""
    if settings.account_keys_url:
        keys = IssuerKeys(settings.account_keys_url, now=now)
        return JwtAccounts(keys, issuer=settings.account_issuer, audience=settings.account_audience, now=now)
    if settings.account_introspection_url:
        return IntrospectedAccounts(
            settings.account_introspection_url,
            client_id=settings.account_client_id,
            client_secret=settings.account_client_secret,
            audience=settings.account_audience,
            now=now,
        )
    return None
