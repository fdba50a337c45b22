"""JSON Web Tokens (RFC 7519) that somebody else's server signed: Google's for its webhooks, an issuer's for linked accounts.

The issuer's public keys (a JWK Set, RFC 7517) are fetched when they are first needed and kept. Whoever sends tokens with
made-up key ids makes nobody fetch more than once a minute.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import jwt

from skill.errors import RequestRejected
from skill.platforms.fetch import fetch_file

_log = logging.getLogger(__name__)

#: How far the clocks of two honest machines may be apart.
LEEWAY_S = 60
TOKEN_LENGTH_MAX = 8000

KEYS_MAX = 50
#: Keys are asked for again after this long; an issuer that cannot be reached is trusted with its old keys for a day.
KEYS_FRESH = timedelta(hours=1)
KEYS_KEPT = timedelta(days=1)
#: Between two attempts to fetch the keys, whoever asks.
FETCH_GAP = timedelta(minutes=1)

#: Signatures with a public key alone: what an issuer publishes must never be taken for a shared secret.
_ALGORITHMS = ("RS256", "ES256")
_KEY_TYPES = frozenset({"RSA", "EC"})

#: The times are checked by the clock that the whole application goes by, and not by the library.
OPTIONS: jwt.types.Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


class IssuerKeys:
    """The keys that an issuer publishes at the https address `url`. `fetch(url)` gives its bytes; `now` the time in UTC."""

    def __init__(self, url: str, *, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None) -> None:
        self._url = url
        self._now = now
        self._fetch = fetch or (lambda address: fetch_file(address, "the issuer's keys"))
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._lock = Lock()

    def key_named(self, key_id: str) -> jwt.PyJWK | None:
        """None for an id that the issuer does not know.

        Raises `RequestRejected` with the `status` 503 where the keys cannot be had.
        """
        now = self._now()
        fetched_at = self._fetched_at
        key = self._keys.get(key_id)
        if key is None or fetched_at is None or now - fetched_at > KEYS_FRESH:
            # Whoever comes while the keys are being fetched waits for them, and does not fetch again.
            with self._lock:
                if self._tried_at is None or now - self._tried_at >= FETCH_GAP:
                    self._tried_at = now
                    self._renew(now)
                key, fetched_at = self._keys.get(key_id), self._fetched_at
        if fetched_at is None or now - fetched_at > KEYS_KEPT:
            raise RequestRejected("the issuer's keys cannot be had", status=503)
        return key

    def _renew(self, now: datetime) -> None:
        try:
            self._keys = _read_keys(self._fetch(self._url))
            self._fetched_at = now
        except RequestRejected as failed:
            _log.warning("%s: %s", self._url, failed)


def _read_keys(text: bytes) -> dict[str, jwt.PyJWK]:
    """Key id → key. Keys of other kinds are left out. Raises `RequestRejected` where it is no key set."""
    try:
        listed = json.loads(text)["keys"]
        named = [each for each in listed[:KEYS_MAX] if each.get("kty") in _KEY_TYPES and isinstance(each["kid"], str)]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise RequestRejected("the issuer's keys cannot be read") from error
    keys = {}
    for each in named:
        try:
            keys[each["kid"]] = jwt.PyJWK(each)
        except (jwt.PyJWTError, ValueError, TypeError):
            _log.warning("the issuer's key %.100r cannot be read", each["kid"])
    return keys


class SignedTokens:
    """Reads tokens that one of `issuers` signed for `audience`. `what` names them in messages.

    With `access` they are access tokens, which may name the client that they were given to (`client_id`) and no audience, as
    Amazon Cognito's do; a token that says of itself that it is for something else (`token_use`) is none.
    """

    def __init__(
        self,
        keys: IssuerKeys,
        *,
        issuers: Sequence[str],
        audience: str,
        what: str,
        now: Callable[[], datetime],
        access: bool = False,
    ) -> None:
        self._keys = keys
        self._issuers = list(issuers)
        self._audience = audience
        self._what = what
        self._now = now
        self._access = access
        self._required = ["sub", "exp", "iss"] if access else ["sub", "aud", "exp", "iss"]

    def read(self, token: str) -> dict[str, Any]:
        """The claims. Raises `RequestRejected` with the `status` 403, or 503 where nobody can tell."""
        if len(token) > TOKEN_LENGTH_MAX:
            raise RequestRejected(f"{self._what} is too long", status=403)
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.key_named(str(header.get("kid", "")))
            if key is None:
                raise RequestRejected(f"{self._what} was signed with a key that its issuer does not know", status=403)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=list(_ALGORITHMS),
                audience=self._audience,
                issuer=self._issuers,
                options={**OPTIONS, "verify_aud": not self._access, "require": self._required},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise RequestRejected(f"{self._what}: {error}", status=403) from error
        if self._access and not _is_access_for(claims, self._audience):
            raise RequestRejected(f"{self._what} is for somebody or something else", status=403)
        if has_run_out(claims, self._now(), self._what, status=403):
            raise RequestRejected(f"{self._what} has run out", status=403)
        return claims


def _is_access_for(claims: dict[str, Any], audience: str) -> bool:
    named = claims.get("aud", claims.get("client_id"))
    return claims.get("token_use", "access") == "access" and audience in (named if isinstance(named, list) else [named])


def has_run_out(claims: dict[str, Any], now: datetime, what: str, **facts: int) -> bool:
    """Raises `RequestRejected` with `facts` where the token is not valid yet, or has times that are none."""
    now_s = now.timestamp()
    if "nbf" in claims and _seconds(claims, "nbf", what, **facts) > now_s + LEEWAY_S:
        raise RequestRejected(f"{what} is not valid yet", **facts)
    return _seconds(claims, "exp", what, **facts) <= now_s - LEEWAY_S


def _seconds(claims: dict[str, Any], name: str, what: str, **facts: int) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise RequestRejected(f"{what}'s {name} is no time", **facts)
    return value
