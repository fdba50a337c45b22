from __future__ import annotations

import json
from datetime import timedelta

import jwt
import pytest

from skill.errors import RequestRejected
from skill.platforms.signed_token import FETCH_GAP, KEYS_FRESH, KEYS_KEPT, IssuerKeys, SignedTokens
from tests.platforms.signing import NOW, key_named

URL = "https://issuer.example/keys"
NOW_S = int(NOW.timestamp())
CLAIMS = {"sub": "ada", "aud": "https://store.example/x", "iss": "https://issuer.example", "exp": NOW_S + 600}


def public_jwk(name, **members):
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key_named(name).public_key()))
    return key | {"kid": name, "alg": "RS256", "use": "sig"} | members


def signed(key="issuer", kid=None, algorithm="RS256", **claims):
    merged = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(merged, key_named(key), algorithm=algorithm, headers={"kid": kid or key})


class Publisher:
    """An issuer's key set, and how often it was asked for."""

    def __init__(self, *keys):
        self.keys, self.asked, self.is_down, self.now = list(keys), 0, False, NOW

    def fetch(self, url):
        assert URL == url
        self.asked += 1
        if self.is_down:
            raise RequestRejected("the issuer's keys could not be fetched")
        return json.dumps({"keys": self.keys}).encode()

    def key_set(self):
        return IssuerKeys(URL, now=lambda: self.now, fetch=self.fetch)

    def tokens(self):
        return SignedTokens(
            self.key_set(),
            issuers=["https://issuer.example"],
            audience="https://store.example/x",
            what="the token",
            now=lambda: self.now,
        )


@pytest.fixture
def publisher():
    return Publisher(public_jwk("issuer"))


def test_a_token_of_the_issuer_is_read(publisher):
    assert "ada" == publisher.tokens().read(signed())["sub"]


FORGED = {
    "another key": lambda: signed(key="forger", kid="issuer"),
    "an unknown key": lambda: signed(key="forger"),
    "another audience": lambda: signed(aud="https://elsewhere.example/x"),
    "another issuer": lambda: signed(iss="https://forger.example"),
    "run out": lambda: signed(exp=NOW_S - 60),
    "no end": lambda: signed(exp=None),
    "an end in words": lambda: signed(exp="soon"),
    "not yet": lambda: signed(nbf=NOW_S + 120),
    "no subject": lambda: signed(sub=None),
    "no audience": lambda: signed(aud=None),
    "no issuer": lambda: signed(iss=None),
    "another algorithm": lambda: signed(algorithm="RS512"),
    "too long": lambda: signed(padding="x" * 10_000),
    "another signature": lambda: signed()[:-4] + "AAAA",
    "a shared secret": lambda: jwt.encode(CLAIMS, "k" * 64, algorithm="HS256", headers={"kid": "issuer"}),
    "no signature": lambda: jwt.encode(CLAIMS, "", algorithm="none", headers={"kid": "issuer"}),
    "three letters": lambda: "a.b.c",
    "nothing": lambda: "",
    "half a character": lambda: "\ud800.x.y",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_token_is_forbidden(publisher, how):
    with pytest.raises(RequestRejected, match="the token") as refused:
        publisher.tokens().read(FORGED[how]())
    assert 403 == refused.value.facts["status"]


def test_a_published_secret_is_no_key():
    publisher = Publisher(
        public_jwk("issuer"), {"kty": "oct", "kid": "shared", "k": "a2tr"}, {"kty": "RSA", "kid": "broken"}
    )
    with pytest.raises(RequestRejected, match="does not know"):
        publisher.tokens().read(jwt.encode(CLAIMS, "kkk" * 20, algorithm="HS256", headers={"kid": "shared"}))
    assert publisher.key_set().key_named("broken") is None


def test_keys_are_fetched_once_an_hour(publisher):
    tokens = publisher.tokens()
    for _ in range(20):
        tokens.read(signed())
    assert 1 == publisher.asked
    publisher.now += KEYS_FRESH + timedelta(seconds=1)
    tokens.read(signed(exp=NOW_S + 9000))
    assert 2 == publisher.asked


def test_made_up_key_ids_fetch_at_most_once_a_minute(publisher):
    tokens = publisher.tokens()
    for number in range(20):
        with pytest.raises(RequestRejected):
            tokens.read(signed(key="forger", kid=f"made-up-{number}"))
    assert 1 == publisher.asked
    publisher.now += FETCH_GAP
    publisher.keys.append(public_jwk("next"))
    assert "ada" == tokens.read(signed(key="next"))["sub"]
    assert 2 == publisher.asked


def test_an_issuer_that_is_down_is_trusted_with_its_old_keys_for_a_day(publisher):
    keys = publisher.key_set()
    keys.key_named("issuer")
    publisher.is_down = True
    publisher.now += KEYS_KEPT
    assert keys.key_named("issuer") is not None
    publisher.now += timedelta(minutes=2)
    with pytest.raises(RequestRejected) as refused:
        keys.key_named("issuer")
    assert 503 == refused.value.facts["status"]


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"keys": 7}', b'{"keys": [7]}', b'{"keys": [{"kty": "RSA"}]}'])
def test_a_key_set_that_is_none_says_nobody_can_tell(text):
    keys = IssuerKeys(URL, now=lambda: NOW, fetch=lambda url: text)
    with pytest.raises(RequestRejected) as refused:
        keys.key_named("issuer")
    assert 503 == refused.value.facts["status"]
