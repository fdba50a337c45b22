"""Signing in elsewhere (OpenID Connect), against an issuer whose every answer the test decides."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask

from skill.app import App
from skill.console.access import invite_address, make_sign_in_link
from skill.console.openid import Issuer
from skill.console.pages import create_pages
from skill.console.site import Site
from skill.errors import RequestRejected, SettingsInvalid
from skill.settings import Settings, read_settings

HOME = "hh_demo"
ISSUER = "https://sign-in.example/pool"
CLIENT = "sayso-pages"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeIssuer:
    """Answers as an issuer does; `claims` are put over those of an honest ID token, None takes one away."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.asked: dict[str, list[str]] = {}
        self.claims: dict[str, Any] = {}
        self.key, self.kid = KEY, "one"
        self.description: dict[str, Any] = {}
        self.forms: list[dict[str, list[str]]] = []
        self.headers: dict[str, str] = {}

    def fetch(self, url: str, what: str, form: bytes | None = None, headers: Any = None) -> bytes:
        if url == f"{ISSUER}/.well-known/openid-configuration":
            told = {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
            return json.dumps(told | self.description).encode()
        if url == f"{ISSUER}/keys":
            return json.dumps(
                {"keys": [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one"}]}
            ).encode()
        if url == f"{ISSUER}/token" and form is not None:
            self.forms.append(parse_qs(form.decode()))
            self.headers = dict(headers or {})
            return json.dumps({"id_token": self.id_token()}).encode()
        raise RequestRejected(f"{url} is not there")

    def id_token(self) -> str:
        now = int(self.clock.now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "subject-1",
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": self.asked.get("nonce", [""])[0],
            "email": "kim@example.com",
            "email_verified": True,
        } | self.claims
        whole = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(whole, self.key, algorithm="RS256", headers={"kid": self.kid})


@pytest.fixture
def issuer(clock: Any) -> FakeIssuer:
    return FakeIssuer(clock)


@pytest.fixture
def settings(app: App) -> Settings:
    return replace(
        app.settings, sign_in_issuer=ISSUER, sign_in_client_id=CLIENT, sign_in_owners="olga@example.com, otto@example.com",
        sign_in_owners_group="owners",
    )  # fmt: skip


@pytest.fixture
def browser_at(app: App, settings: Settings, issuer: FakeIssuer, browser: Any) -> Callable[..., Any]:
    """A browser of the pages with that issuer."""

    def at(**changes: Any) -> Any:
        own = replace(app, settings=replace(settings, **changes))
        flask = Flask("pages")
        flask.register_blueprint(create_pages(own, Issuer(own.settings, app.ports.clock.now_utc, issuer.fetch)))
        return type(browser)(flask)

    return at


@pytest.fixture
def elsewhere(browser_at: Callable[..., Any]) -> Any:
    return browser_at()


def begin(browser: Any, issuer: FakeIssuer, query: str = "") -> str:
    """To the issuer's page; the state that it will bring back."""
    browser.get(f"/sign-in/start{query}", 303)
    issuer.asked = parse_qs(urlsplit(browser.last.headers["Location"]).query)
    return issuer.asked["state"][0]


def come_back(browser: Any, state: str, status: int = 303, code: str = "the-code") -> str:
    text = browser.get(f"/sign-in/done?code={code}&state={state}", status)
    return browser.last.headers.get("Location", text)


def invite(app: App, address: str = "kim@example.com") -> None:
    invite_address(app.ports, HOME, address)  # type: ignore[arg-type]


# --- the honest way ---------------------------------------------------------------------------------------------------


def test_an_invited_address_becomes_a_parent_once_and_is_known_by_subject_from_then_on(
    app: App, elsewhere: Any, issuer: FakeIssuer
) -> None:
    invite(app)
    assert "/household/limits" == come_back(elsewhere, begin(elsewhere, issuer, "?next=/household/limits"))
    elsewhere.get("/household/limits")
    elsewhere.client.delete_cookie("sayso")
    issuer.claims = {"email": "moved@example.com"}
    come_back(elsewhere, begin(elsewhere, issuer))
    elsewhere.get("/household")
    elsewhere.client.delete_cookie("sayso")
    issuer.claims = {"sub": "subject-2"}  # somebody else who was given the old address
    assert "/sign-in" == come_back(elsewhere, begin(elsewhere, issuer))
    elsewhere.get("/household", 303)


def test_the_code_is_asked_for_with_pkce_state_and_nonce_and_traded_by_the_client(
    app: App, browser_at: Callable[..., Any], issuer: FakeIssuer
) -> None:
    browser = browser_at(sign_in_client_secret="s3cret/+")
    invite(app)
    state = begin(browser, issuer)
    asked = issuer.asked
    assert (["code"], [CLIENT], ["S256"], ["http://localhost/sign-in/done"]) == tuple(
        asked[name] for name in ("response_type", "client_id", "code_challenge_method", "redirect_uri")
    )
    come_back(browser, state)
    (form,) = issuer.forms
    challenge = urlsafe_b64encode(sha256(form["code_verifier"][0].encode()).digest()).decode().rstrip("=")
    assert [challenge] == asked["code_challenge"]
    assert (["the-code"], ["authorization_code"], ["http://localhost/sign-in/done"]) == tuple(
        form[name] for name in ("code", "grant_type", "redirect_uri")
    )
    assert issuer.headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in form


@pytest.mark.parametrize(
    "claims", [{"email": "Olga@Example.com"}, {"email": "x@example.com", "cognito:groups": ["staff", "owners"]}]
)
def test_owners_are_the_addresses_and_the_group_that_the_settings_name(
    elsewhere: Any, issuer: FakeIssuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    assert "/console" == come_back(elsewhere, begin(elsewhere, issuer))


def test_whoever_is_taken_off_the_list_is_no_owner_any_more(browser_at: Callable[..., Any], issuer: FakeIssuer) -> None:
    issuer.claims = {"email": "otto@example.com"}
    browser = browser_at()
    assert "/console" == come_back(browser, begin(browser, issuer))
    later = browser_at(sign_in_owners="olga@example.com")
    assert "/sign-in" == come_back(later, begin(later, issuer))


def test_a_one_time_link_makes_whoever_signs_in_a_parent(app: App, elsewhere: Any, issuer: FakeIssuer) -> None:
    issuer.claims = {"email_verified": None}
    link = make_sign_in_link(app.ports, "parent", HOME)  # type: ignore[arg-type]
    token = link.rpartition("/")[2]
    assert f"/sign-in/start?link={token}" in elsewhere.get(link)
    assert "/household" == come_back(elsewhere, begin(elsewhere, issuer, f"?link={token}"))
    elsewhere.get(link, 404)


def test_before_a_change_the_issuer_asks_again_and_says_when(
    app: App, elsewhere: Any, issuer: FakeIssuer, clock: Any
) -> None:
    invite(app)
    come_back(elsewhere, begin(elsewhere, issuer))
    clock.pass_time(minutes=5)
    went = elsewhere.post("/household/freeze", token_from="/household", frozen="1")
    assert "/sign-in/again?next=/household" == went
    elsewhere.get(went, 303)
    assert elsewhere.last.headers["Location"].startswith("/sign-in/start?again=1")
    state = begin(elsewhere, issuer, "?again=1&next=/household")
    assert (["login"], ["0"]) == (issuer.asked["prompt"], issuer.asked["max_age"])
    issuer.claims = {"auth_time": int(clock.now.timestamp()) - 3600}  # it did not really ask
    come_back(elsewhere, state)
    elsewhere.post("/household/freeze", token_from="/household", frozen="1")
    assert "Everything is frozen" not in elsewhere.words("/household")
    issuer.claims = {}
    come_back(elsewhere, begin(elsewhere, issuer, "?again=1&next=/household"))
    elsewhere.post("/household/freeze", token_from="/household", frozen="1")
    assert "Everything is frozen" in elsewhere.words("/household")


def test_an_issuer_that_does_not_say_when_it_asked_proves_nothing_of_the_last_minutes(
    app: App, elsewhere: Any, issuer: FakeIssuer
) -> None:
    invite(app)
    issuer.claims = {"auth_time": None}
    come_back(elsewhere, begin(elsewhere, issuer))
    went = elsewhere.post("/household/freeze", token_from="/household", frozen="1")
    assert "/sign-in/again?next=/household" == went


# --- what must not work -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of-another-sign-in"}, {"nonce": None}, {"aud": "somebody-else"}, {"aud": [CLIENT, "other"]},
        {"azp": "other"}, {"iss": "https://evil.example"}, {"exp": 1}, {"exp": None}, {"sub": None}, {"sub": ""},
        {"nonce": 7},
    ],
)  # fmt: skip
def test_an_id_token_that_is_not_for_this_sign_in_opens_nothing(
    app: App, elsewhere: Any, issuer: FakeIssuer, claims: dict[str, Any]
) -> None:
    invite(app)
    issuer.claims = claims
    come_back(elsewhere, begin(elsewhere, issuer), 403)
    elsewhere.get("/household", 303)


def test_an_id_token_that_somebody_else_signed_opens_nothing(app: App, elsewhere: Any, issuer: FakeIssuer) -> None:
    invite(app)
    issuer.key = OTHER_KEY
    come_back(elsewhere, begin(elsewhere, issuer), 403)
    issuer.kid = "two"
    come_back(elsewhere, begin(elsewhere, issuer), 403)
    elsewhere.get("/household", 303)


def test_a_sign_in_that_was_begun_in_another_browser_is_not_finished_here(
    app: App, browser_at: Callable[..., Any], issuer: FakeIssuer
) -> None:
    invite(app)
    attacker, victim = browser_at(), browser_at()
    state = begin(attacker, issuer)
    come_back(victim, state, 403)
    begin(victim, issuer)
    come_back(victim, state, 403)
    victim.get("/household", 303)


def test_a_sign_in_that_took_too_long_or_was_finished_before_is_begun_anew(
    app: App, elsewhere: Any, issuer: FakeIssuer, clock: Any
) -> None:
    invite(app)
    state = begin(elsewhere, issuer)
    come_back(elsewhere, state)
    come_back(elsewhere, state, 403)
    state = begin(elsewhere, issuer)
    clock.pass_time(minutes=10)
    come_back(elsewhere, state, 403)


def test_a_cookie_of_the_flow_that_was_changed_is_worth_nothing(app: App, elsewhere: Any, issuer: FakeIssuer) -> None:
    invite(app)
    state = begin(elsewhere, issuer)
    kept = elsewhere.cookie("sayso-flow")
    elsewhere.client.set_cookie("sayso-flow", "x" + kept[1:])
    come_back(elsewhere, state, 403)


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": None}, {"email_verified": "yes"}])
def test_an_address_that_nobody_verified_is_no_address(
    app: App, elsewhere: Any, issuer: FakeIssuer, claims: dict[str, Any]
) -> None:
    invite(app)
    issuer.claims = claims
    assert "/sign-in" == come_back(elsewhere, begin(elsewhere, issuer))
    issuer.claims = claims | {"email": "olga@example.com"}
    assert "/sign-in" == come_back(elsewhere, begin(elsewhere, issuer))


def test_a_stranger_is_told_so_and_has_no_account(app: App, elsewhere: Any, issuer: FakeIssuer) -> None:
    come_back(elsewhere, begin(elsewhere, issuer))
    assert "may not open these pages" in elsewhere.words("/sign-in")
    assert () == tuple(app.ports.sign_ins.accounts("parent", HOME, 5))  # type: ignore[arg-type]


def test_a_refusal_of_the_issuer_is_told(elsewhere: Any, issuer: FakeIssuer) -> None:
    state = begin(elsewhere, issuer)
    elsewhere.get(f"/sign-in/done?error=access_denied&state={state}", 303)
    assert "not signed in there" in elsewhere.words("/sign-in")


def test_where_an_issuer_checks_no_passphrase_is_set_or_asked_for(app: App, elsewhere: Any, issuer: FakeIssuer) -> None:
    assert 'name="passphrase"' not in elsewhere.get("/sign-in")
    link = make_sign_in_link(app.ports, "parent", HOME)  # type: ignore[arg-type]
    token = "three unrelated words here"
    csrf = Site(app)._token_for(elsewhere.cookie())
    elsewhere.post(link, 404, csrf=csrf, name="Mallory", passphrase=token, again=token)
    assert () == tuple(app.ports.sign_ins.accounts("parent", HOME, 5))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://sign-in.example/authorize"},
        {"token_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_an_issuer_that_describes_itself_wrongly_is_not_used(
    elsewhere: Any, issuer: FakeIssuer, description: dict[str, Any]
) -> None:
    issuer.description = description
    elsewhere.get("/sign-in/start", 502)


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variables",
    [
        {"SAYSO_SIGN_IN_ISSUER": ISSUER},
        {"SAYSO_SIGN_IN_CLIENT_ID": CLIENT},
        {"SAYSO_SIGN_IN_OWNERS": "olga@example.com"},
        {"SAYSO_SIGN_IN_ISSUER": "http://sign-in.example", "SAYSO_SIGN_IN_CLIENT_ID": CLIENT},
        {"SAYSO_SIGN_IN_ISSUER": "https://user@sign-in.example", "SAYSO_SIGN_IN_CLIENT_ID": CLIENT},
        {"SAYSO_SIGN_IN_ISSUER": "sign-in.example", "SAYSO_SIGN_IN_CLIENT_ID": CLIENT},
    ],
)
def test_half_a_setting_or_an_open_address_is_refused_by_name(variables: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="SAYSO_SIGN_IN_ISSUER"):
        read_settings(variables | {"SAYSO_DATA_DIR": str(tmp_path)})


def test_the_clients_secret_is_not_shown() -> None:
    told = {"SAYSO_SIGN_IN_ISSUER": ISSUER, "SAYSO_SIGN_IN_CLIENT_ID": CLIENT, "SAYSO_SIGN_IN_CLIENT_SECRET": "s3cret"}
    settings = read_settings(told)
    assert "s3cret" == settings.sign_in_client_secret
    assert "s3cret" not in repr(settings)
