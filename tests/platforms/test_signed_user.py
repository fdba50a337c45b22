from __future__ import annotations

from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from skill.errors import RequestRejected, SettingsInvalid
from skill.platforms.signed_user import SignedUsers
from tests.platforms.signing import key_named

KEY = "k" * 64
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
CLAIMS = {"sub": "ada", "aud": "corner", "exp": NOW_S + 600}


def users(key=KEY):
    return SignedUsers(key, audience="corner", now=lambda: NOW)


def token(key=KEY, algorithm="HS256", headers=None, **claims):
    merged = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(merged, key, algorithm=algorithm, headers=headers)


def test_a_signed_user_is_read():
    assert "ada" == users().read(token())
    assert "ada" == users().read(token(aud=["another", "corner"]))


@pytest.mark.parametrize("between", ["\n", "\r\n", " ", ""])
def test_a_public_key_may_have_lost_its_line_breaks(between):
    """As a parameter of AWS it cannot have them."""
    reader = users(between.join(public_pem("shop").splitlines()))
    assert "ada" == reader.read(token(key=key_named("shop"), algorithm="RS256"))
    with pytest.raises(RequestRejected):
        reader.read(token(key="k" * 64))


def test_a_broken_public_key_is_no_secret():
    with pytest.raises(SettingsInvalid, match="is none"):
        users("-----BEGIN PUBLIC KEY-----MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A")


def test_a_token_that_ran_out_makes_a_guest():
    assert users().read(token(exp=NOW_S - 60)) is None
    assert "ada" == users().read(token(exp=NOW_S - 59))


@pytest.mark.parametrize(
    "forged",
    [
        token(key="x" * 64),
        token(aud="another"),
        token(aud=None),
        token(sub=None),
        token(exp=None),
        token(sub=""),
        token(sub="a\x00b"),
        token(exp="soon"),
        token(exp=True),
        token(nbf=NOW_S + 120),
        token(key="", algorithm="none"),
        token(algorithm="HS384"),
        token()[:-4] + "AAAA",
        "a.b.c",
        "",
        None,
        7,
        token(padding="x" * 10_000),
        "\ud800.x.y",
    ],
)
def test_a_forged_token_is_rejected(forged):
    with pytest.raises(RequestRejected, match="sayso_user"):
        users().read(forged)


def public_pem(name):
    public = key_named(name).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_public_key_takes_its_own_signatures():
    assert "ada" == users(public_pem("shop")).read(token(key=key_named("shop"), algorithm="RS256"))


def test_a_public_key_is_never_taken_for_a_shared_secret():
    # PyJWT refuses to sign with a PEM, so the forger's way is gone by hand: HMAC with the public text as the secret.
    import base64
    import hashlib
    import hmac

    signing = token().split(".")[:2]
    mac = hmac.new(public_pem("shop").encode(), ".".join(signing).encode(), hashlib.sha256).digest()
    forged = ".".join([*signing, base64.urlsafe_b64encode(mac).rstrip(b"=").decode()])
    with pytest.raises(RequestRejected):
        users(public_pem("shop")).read(forged)


def test_a_secret_that_can_be_guessed_is_refused():
    with pytest.raises(SettingsInvalid, match="SAYSO_DIALOGFLOW_USER_KEY"):
        users("short")
