"""Signing in elsewhere: OpenID Connect's code flow with PKCE, state and nonce.

Sources: OpenID Connect Core 1.0 and Discovery 1.0; RFC 7636 (PKCE); RFC 6749. The ID token is checked against the issuer's keys
as any other signed token is.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

from skill.errors import RequestRejected
from skill.platforms.fetch import fetch_file
from skill.platforms.signed_token import IssuerKeys, SignedTokens
from skill.settings import Settings, is_safe_address

#: What the issuer says of itself is asked for again after this long.
KEPT = timedelta(hours=1)

Fetch = Callable[[str, str, bytes | None, Mapping[str, str] | None], bytes]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as the issuer says. `proved_at` is when they last did so there; `address` is empty unless verified."""

    subject: str
    name: str
    address: str
    groups: frozenset[str]
    proved_at: datetime


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorization: str
    token: str
    keys: IssuerKeys


class Issuer:
    """The issuer that the settings name. Every method raises `RequestRejected` where it fails or says what cannot be."""

    def __init__(self, settings: Settings, now: Callable[[], datetime], fetch: Fetch = fetch_file) -> None:
        self._settings = settings
        self._now = now
        self._fetch = fetch
        self._found: tuple[datetime, _Endpoints] | None = None
        self._lock = Lock()

    def sign_in_address(self, *, back_to: str, state: str, nonce: str, verifier: str, again: bool) -> str:
        """Where the browser is sent. `again` has the issuer ask even somebody who is signed in there."""
        asked = {
            "response_type": "code",
            "client_id": self._settings.sign_in_client_id,
            "redirect_uri": back_to,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        address = self._endpoints().authorization
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def read_identity(self, code: str, *, back_to: str, nonce: str, verifier: str) -> Identity:
        """Trades the code for an ID token, and reads it."""
        endpoints, settings = self._endpoints(), self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "client_id": settings.sign_in_client_id,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if settings.sign_in_client_secret:
            # RFC 6749, section 2.3.1: both are form-encoded before they are put together.
            pair = f"{quote(settings.sign_in_client_id, safe='')}:{quote(settings.sign_in_client_secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        told = _read_object(self._fetch(endpoints.token, "the issuer's answer", urlencode(form).encode(), headers))
        tokens = SignedTokens(
            endpoints.keys,
            issuers=[settings.sign_in_issuer],
            audience=settings.sign_in_client_id,
            what="the ID token",
            now=self._now,
        )
        if not isinstance(told.get("id_token"), str):
            raise RequestRejected("the issuer gave no ID token", status=403)
        return self._identity(tokens.read(told["id_token"]), nonce)

    def _identity(self, claims: dict[str, Any], nonce: str) -> Identity:
        if not isinstance(claims.get("nonce"), str) or not hmac.compare_digest(
            claims["nonce"].encode("utf-8", "replace"), nonce.encode()
        ):
            raise RequestRejected("the ID token is for another sign-in", status=403)
        # Core, section 3.1.3.7: with several audiences, or an authorized party, that must be us.
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._settings.sign_in_client_id:
            raise RequestRejected("the ID token is for somebody else", status=403)
        subject, address = claims["sub"], claims.get("email")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise RequestRejected("the ID token names nobody", status=403)
        verified = claims.get("email_verified") in (True, "true") and isinstance(address, str)
        groups = claims.get(self._settings.sign_in_groups_claim, [])
        asked_at = claims.get("auth_time")
        if isinstance(asked_at, bool) or not isinstance(asked_at, int):
            asked_at = 0  # not told: then nothing is known of the last minutes
        now = self._now()
        return Identity(
            subject=subject,
            name=str(claims.get("name") or claims.get("email") or "signed in")[:64],
            address=str(address) if verified else "",
            groups=frozenset(map(str, groups)) if isinstance(groups, list) else frozenset(),
            proved_at=min(now, datetime.fromtimestamp(max(asked_at, 0), UTC)),
        )

    def _endpoints(self) -> _Endpoints:
        now = self._now()
        with self._lock:
            if self._found is not None and now - self._found[0] < KEPT:
                return self._found[1]
            issuer = self._settings.sign_in_issuer
            address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            told = _read_object(self._fetch(address, "the issuer's description", None, None))
            # Discovery, section 4.3: it must be this very issuer that speaks.
            if told.get("issuer") != issuer:
                raise RequestRejected("the issuer calls itself by another name", status=502)
            found = {name: told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            for name, each in found.items():
                if not isinstance(each, str) or not is_safe_address(each):
                    raise RequestRejected(f"the issuer's {name} is no https address", status=502)
            keys = IssuerKeys(
                str(found["jwks_uri"]),
                now=self._now,
                fetch=lambda url: self._fetch(url, "the issuer's keys", None, None),
            )
            endpoints = _Endpoints(str(found["authorization_endpoint"]), str(found["token_endpoint"]), keys)
            self._found = now, endpoints
            return endpoints


def subject_sign_in(settings: Settings, subject: str, role: str) -> str:
    """What an account is known by whose owner signs in elsewhere: the same person may be owner and parent."""
    named = f"{settings.sign_in_issuer}\n{subject}"
    return f"oidc:{role}:{sha256(named.encode()).hexdigest()}"


def is_owner(settings: Settings, identity: Identity) -> bool:
    addresses = {each.strip().casefold() for each in settings.sign_in_owners.split(",") if each.strip()}
    group = settings.sign_in_owners_group
    return identity.address.casefold() in addresses or (bool(group) and group in identity.groups)


def _read_object(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestRejected("the issuer's answer cannot be read", status=502) from error
    if not isinstance(told, dict):
        raise RequestRejected("the issuer's answer cannot be read", status=502)
    return told
