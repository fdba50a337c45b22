from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qs

import jwt
import pytest

from skill.errors import RequestRejected
from skill.platforms.linked_account import ANSWER_KEPT, IntrospectedAccounts, JwtAccounts, open_accounts
from skill.platforms.signed_token import IssuerKeys
from skill.settings import Settings
from tests.platforms.signing import NOW, key_named

NOW_S = int(NOW.timestamp())
URL = "https://id.shop.example/introspect"


def jwt_accounts(fetch=None):
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key_named("shop").public_key())) | {"kid": "s1"}
    keys = IssuerKeys(
        "https://id.shop.example/keys",
        now=lambda: NOW,
        fetch=fetch or (lambda url: json.dumps({"keys": [key]}).encode()),
    )
    return JwtAccounts(keys, issuer="https://id.shop.example", audience="sayso", now=lambda: NOW)


def token(**claims):
    whole = {"sub": "kim", "aud": "sayso", "iss": "https://id.shop.example", "exp": NOW_S + 60}
    return jwt.encode(whole | claims, key_named("shop"), "RS256", headers={"kid": "s1"})


def test_a_token_that_the_issuer_signed_is_whose_it_says():
    assert "kim" == jwt_accounts().read(token())


@pytest.mark.parametrize(
    "claims", [{"exp": NOW_S - 61}, {"aud": "another"}, {"iss": "https://elsewhere"}, {"sub": ""}, {"sub": "k\x00m"}]
)
def test_a_token_that_does_not_hold_is_nobodys(claims):
    assert jwt_accounts().read(token(**claims)) is None


@pytest.mark.parametrize(
    ("claims", "account"),
    [
        ({"client_id": "sayso", "token_use": "access"}, "kim"),
        ({"client_id": "sayso"}, "kim"),
        ({"client_id": "another", "token_use": "access"}, None),
        ({"token_use": "access"}, None),
        # What tells a client who signed in opens no account elsewhere.
        ({"aud": "sayso", "token_use": "id"}, None),
        ({"aud": "another", "client_id": "sayso", "token_use": "access"}, None),
        ({"aud": ["another", "sayso"]}, "kim"),
        ({"aud": {"sayso": 1}}, None),
    ],
)
def test_an_access_token_may_name_its_client_in_place_of_an_audience(claims, account):
    whole = {"sub": "kim", "iss": "https://id.shop.example", "exp": NOW_S + 60} | claims
    assert account == jwt_accounts().read(jwt.encode(whole, key_named("shop"), "RS256", headers={"kid": "s1"}))


def test_an_issuer_that_cannot_be_reached_makes_nobody_of_the_shopper():
    def fail(url):
        raise RequestRejected("the issuer's keys could not be fetched")

    assert jwt_accounts(fail).read(token()) is None


class Issuer:
    """An introspection endpoint: what it says, and what it was asked."""

    def __init__(self, **says):
        self.says = {"active": True, "sub": "kim", "client_id": "sayso", "exp": NOW_S + 60} | says
        self.asked, self.now = [], NOW

    def post(self, url, form, headers):
        self.asked.append((url, parse_qs(form.decode()), headers))
        return json.dumps(self.says).encode()

    def accounts(self):
        return IntrospectedAccounts(
            URL, client_id="say:so", client_secret="s€cret", audience="sayso", now=lambda: self.now, post=self.post
        )


def test_the_issuer_is_asked_whose_a_token_is():
    issuer = Issuer()
    assert "kim" == issuer.accounts().read("opaque-1")
    ((url, form, headers),) = issuer.asked
    assert (URL, ["opaque-1"]) == (url, form["token"])
    assert b"say%3Aso:s%E2%82%ACcret" == b64decode(headers["Authorization"].removeprefix("Basic "))


@pytest.mark.parametrize(
    "says",
    [
        {"active": False},
        {"active": "true"},
        {"active": None},
        {"client_id": "another"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"sub": None},
        {"sub": ""},
        {"exp": NOW_S - 61},
        {"exp": "soon"},
        {"nbf": NOW_S + 120},
    ],
)
def test_what_the_issuer_does_not_stand_for_is_nobodys(says):
    assert Issuer(**says).accounts().read("opaque-1") is None


def test_the_audience_may_be_one_of_several():
    assert "kim" == Issuer(aud=["another", "sayso"]).accounts().read("opaque-1")


@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b"null"])
def test_an_answer_that_is_none_makes_nobody_of_the_shopper(answer):
    accounts = IntrospectedAccounts(
        URL, client_id="c", client_secret="s", audience="sayso", now=lambda: NOW, post=lambda *_: answer
    )
    assert accounts.read("opaque-1") is None


def test_the_issuers_word_is_kept_for_a_minute_and_its_failure_is_not():
    issuer = Issuer()
    accounts = issuer.accounts()
    assert ["kim"] * 5 == [accounts.read("opaque-1") for _ in range(5)]
    assert 1 == len(issuer.asked)
    issuer.now += ANSWER_KEPT
    issuer.says["active"] = False
    assert accounts.read("opaque-1") is None

    def fail(*_):
        raise RequestRejected("no answer")

    failing = IntrospectedAccounts(URL, client_id="c", client_secret="s", audience="sayso", now=lambda: NOW, post=fail)
    assert failing.read("opaque-1") is None
    failing._post = issuer.post
    issuer.says["active"] = True
    assert "kim" == failing.read("opaque-1")


@pytest.mark.parametrize("nonsense", ["x" * 9000, "τόκεν"])
def test_nonsense_is_not_asked_about(nonsense):
    issuer = Issuer()
    assert issuer.accounts().read(nonsense) is None
    assert [] == issuer.asked


def test_the_settings_choose_how_tokens_are_checked(tmp_path):
    assert open_accounts(Settings(tmp_path, tmp_path), lambda: NOW + timedelta(0)) is None
    by_keys = Settings(tmp_path, tmp_path, account_issuer="i", account_audience="a", account_keys_url="https://i/k")
    assert isinstance(open_accounts(by_keys, lambda: NOW), JwtAccounts)
    by_asking = Settings(tmp_path, tmp_path, account_audience="a", account_introspection_url="https://i/i")
    assert isinstance(open_accounts(by_asking, lambda: NOW), IntrospectedAccounts)
