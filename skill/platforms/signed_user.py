"""Who the shopper is where the platform itself does not say: a token that the shop's own page signs.

A JSON Web Token (RFC 7519) with `sub` (the user), `aud` (this store's id) and `exp`. The key is a shared secret (HS256) or the
PEM of a public key (RS256, ES256): the kind of the key alone decides which algorithms count, never the token.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import jwt

from skill.errors import RequestRejected, SettingsInvalid
from skill.platforms.envelope import id_in

#: Shorter secrets can be guessed: RFC 7518, section 3.2 asks for as many bits as the hash has.
SECRET_BYTES_MIN = 32
#: How far the clocks of two honest machines may be apart.
LEEWAY_S = 60
_TOKEN_LENGTH_MAX = 8000

#: The times are checked by the clock that the whole application goes by, and not by the library.
_OPTIONS: jwt.types.Options = {
    "require": ["sub", "aud", "exp"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class SignedUsers:
    """Reads tokens that were signed for `audience`. Raises `SettingsInvalid` for a secret that is too short.

    `now` gives the time in UTC.
    """

    def __init__(self, key: str, *, audience: str, now: Callable[[], datetime]) -> None:
        public = key.lstrip().startswith("-----BEGIN PUBLIC KEY")
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
        if not isinstance(token, str) or len(token) > _TOKEN_LENGTH_MAX:
            raise RequestRejected("payload.sayso_user is not a token")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=self._algorithms,
                audience=self._audience,
                options=_OPTIONS,
            )
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise RequestRejected(f"payload.sayso_user: {error}") from error
        now_s = self._now().timestamp()
        if _seconds(claims, "exp") <= now_s - LEEWAY_S:
            return None
        if "nbf" in claims and _seconds(claims, "nbf") > now_s + LEEWAY_S:
            raise RequestRejected("payload.sayso_user is not valid yet")
        return id_in(claims, "sub", "payload.sayso_user's sub")


def _seconds(claims: dict[str, object], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise RequestRejected(f"payload.sayso_user's {name} is no time")
    return value
