"""Who the shopper is where the platform itself does not say: a token that the shop's own page signs.

A JSON Web Token (RFC 7519) with `sub` (the user), `aud` (this store's id) and `exp`. The key is a shared secret (HS256) or the
PEM of a public key (RS256, ES256): the kind of the key alone decides which algorithms count, never the token.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import jwt

from skill.errors import RequestRejected, SettingsInvalid
from skill.platforms.envelope import id_in
from skill.platforms.signed_token import OPTIONS, TOKEN_LENGTH_MAX, has_run_out

#: A public key (RFC 7468, section 13), also with its line breaks lost.
_PEM = re.compile(r"(-----BEGIN PUBLIC KEY-----)([A-Za-z0-9+/=\s]+)(-----END PUBLIC KEY-----)")
#: Shorter secrets can be guessed: RFC 7518, section 3.2 asks for as many bits as the hash has.
SECRET_BYTES_MIN = 32
_OPTIONS: jwt.types.Options = {**OPTIONS, "require": ["sub", "aud", "exp"]}
_WHAT = "payload.sayso_user"


class SignedUsers:
    """Reads tokens that were signed for `audience`. Raises `SettingsInvalid` for a secret that is too short, or a broken PEM.

    `now` gives the time in UTC.
    """

    def __init__(self, key: str, *, audience: str, now: Callable[[], datetime]) -> None:
        public = key.lstrip().startswith("-----BEGIN PUBLIC KEY")
        if public:
            key = _with_line_breaks(key)
        if not public and len(key.encode()) < SECRET_BYTES_MIN:
            raise SettingsInvalid(
                f"SAYSO_DIALOGFLOW_USER_KEY is shorter than {SECRET_BYTES_MIN} bytes; make one with: openssl rand -hex 32"
            )
        self._key = key
        self._algorithms = ["RS256", "ES256"] if public else ["HS256"]
        self._audience = audience
        self._now = now

    def read(self, token: object) -> str | None:
        """The user; None where the token has run out, which makes a guest of the shopper.

        Raises `RequestRejected` for a token that was not signed with the key, or not for this store.
        """
        if not isinstance(token, str) or len(token) > TOKEN_LENGTH_MAX:
            raise RequestRejected(f"{_WHAT} is not a token")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=self._algorithms,
                audience=self._audience,
                options=_OPTIONS,
            )
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise RequestRejected(f"{_WHAT}: {error}") from error
        if has_run_out(claims, self._now(), _WHAT):
            return None
        return id_in(claims, "sub", f"{_WHAT}'s sub")


def _with_line_breaks(key: str) -> str:
    """In a parameter of AWS a PEM is on one line, which its readers do not take. Raises `SettingsInvalid`."""
    found = _PEM.fullmatch(key.strip())
    if found is None:
        raise SettingsInvalid("SAYSO_DIALOGFLOW_USER_KEY begins as the PEM of a public key, and is none")
    begin, body, end = found.groups()
    return "\n".join([begin, *re.findall(".{1,64}", "".join(body.split())), end, ""])
