"""Signing in, once more before a change, and out; and what a browser must not be able to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from skill.app import App
from skill.console import access
from skill.console.access import make_sign_in_link
from skill.console.site import own_path_or
from skill.errors import SignInRefused

PASSPHRASE = "seven green kites sing"
HOME = "hh_demo"


def sign_in(browser: Any, name: str = "kim", passphrase: str = PASSPHRASE, status: int = 303, **form: str) -> str:
    return browser.post("/sign-in", status, name=name, passphrase=passphrase, **form)


@pytest.fixture
def link(app: App) -> str:
    return make_sign_in_link(app.ports, "parent", HOME)  # type: ignore[arg-type]


@pytest.fixture
def kim(app: App, link: str) -> access.Account:
    return access.enrol(app.ports, link.rpartition("/")[2], "Kim", PASSPHRASE, PASSPHRASE)


# --- one-time links ---------------------------------------------------------------------------------------------------


def test_a_link_makes_an_account_and_signs_in(browser: Any, link: str) -> None:
    assert "Demo household" in browser.words(link)
    assert "/household" == browser.post(link, name="Kim", passphrase=PASSPHRASE, again=PASSPHRASE)
    assert "Welcome. From now on you sign in with this name" in browser.words("/household")
    assert "Welcome" not in browser.words("/household")  # a note is shown once


def test_a_link_works_once(browser: Any, link: str) -> None:
    token = browser.token(link)
    browser.post(link, name="Kim", passphrase=PASSPHRASE, again=PASSPHRASE)
    browser.get(link, 404)
    browser.post(link, 404, csrf=browser.token("/sign-in"), name="Mallory", passphrase=PASSPHRASE, again=PASSPHRASE)
    assert token


def test_a_link_is_over_after_a_day(browser: Any, link: str, clock: Any) -> None:
    clock.pass_time(hours=24)
    browser.get(link, 404)


def test_a_link_is_stored_as_a_digest_alone(app: App, link: str) -> None:
    assert app.database is not None
    kept = app.database.read(lambda c: c.execute("SELECT * FROM page_offers").fetchall())
    assert link.rpartition("/")[2] not in str(kept)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"passphrase": "short", "again": "short"}, "at least 12"),
        ({"again": "something else"}, "not the same"),
        ({"passphrase": "password password", "again": "password password"}, "anybody would try"),
        ({"passphrase": "abababababab", "again": "abababababab"}, "anybody would try"),
        ({"passphrase": "kimberly and so on", "again": "kimberly and so on", "name": "Kimberly"}, "sign-in name"),
        ({"name": "<script>"}, "letters"),
        ({"name": ""}, "letters"),
    ],
)
def test_what_is_no_passphrase_is_refused_with_the_reason_and_the_link_stays_good(
    browser: Any, link: str, form: dict[str, str], why: str
) -> None:
    told = browser.post(link, 422, **({"name": "Kim", "passphrase": PASSPHRASE, "again": PASSPHRASE} | form))
    assert why in told
    browser.get(link)


def test_a_new_link_gives_a_new_passphrase_and_signs_everybody_out(app: App, parent: Any, browser: Any) -> None:
    browser.post(
        make_sign_in_link(app.ports, "parent", HOME),  # type: ignore[arg-type]
        name="kim", passphrase="three other words here", again="three other words here",
    )  # fmt: skip
    parent.get("/household", 303)
    sign_in(browser, status=403)
    sign_in(browser, passphrase="three other words here")


def test_a_passphrase_is_kept_as_a_dear_argon2id_hash_of_a_peppered_text(dear: None, app: App) -> None:
    hashed = access.hash_passphrase(app.ports, PASSPHRASE)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    from argon2 import PasswordHasher
    from argon2.exceptions import VerifyMismatchError

    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(hashed, PASSPHRASE)


# --- signing in -------------------------------------------------------------------------------------------------------


def test_signing_in_leads_to_the_page_that_was_asked_for(browser: Any, kim: access.Account) -> None:
    browser.get("/household/limits", 303)
    assert "/sign-in?next=/household/limits" == browser.last.headers["Location"]
    assert "/household/limits" == sign_in(browser, next="/household/limits")


def test_a_name_is_the_same_however_it_is_written(browser: Any, kim: access.Account) -> None:
    sign_in(browser, name="  KIM ")
    browser.get("/household")


def test_a_wrong_passphrase_and_a_wrong_name_are_told_alike(browser: Any, kim: access.Account) -> None:
    told = sign_in(browser, passphrase="wrong", status=403)
    assert "The sign-in name or the passphrase is wrong." in told
    assert "The sign-in name or the passphrase is wrong." in sign_in(browser, name="nobody", status=403)
    browser.get("/household", 303)


def test_ten_thousand_guesses_are_a_handful_of_checks(
    app: App, kim: access.Account, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(access, "_check", lambda ports, account, guess: checked.append(guess) or _wrong())
    outcomes = []
    for number in range(10_000):
        with pytest.raises(SignInRefused) as refused:
            access.sign_in(app.ports, "kim", f"guess {number}")
        outcomes.append(refused.value.facts["why"])
        if number % 100 == 99:
            clock.pass_time(minutes=10)  # sixteen hours in all
    assert 20 == len(checked) == outcomes.count("wrong")
    assert "too_many_tries" == outcomes[-1]


def _wrong() -> None:
    raise SignInRefused(why="wrong")


def test_after_five_wrong_ones_even_the_right_one_is_refused_for_a_while(
    browser: Any, kim: access.Account, clock: Any
) -> None:
    for _ in range(5):
        sign_in(browser, passphrase="wrong", status=403)
    assert "Too many wrong tries" in sign_in(browser, status=403)
    clock.pass_time(minutes=15)
    sign_in(browser)


def test_a_right_passphrase_forgets_the_wrong_ones(browser: Any, kim: access.Account) -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(browser, passphrase="wrong", status=403)
        sign_in(browser)


def test_guesses_at_the_proof_before_a_change_are_counted_too(parent: Any, clock: Any) -> None:
    clock.pass_time(minutes=6)
    for _ in range(5):
        parent.post("/sign-in/again", 403, passphrase="wrong")
    assert "Too many wrong tries" in parent.post("/sign-in/again", 403, passphrase=PASSPHRASE)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_gets_a_new_id_at_sign_in_and_one_that_was_planted_is_worth_nothing(
    browser: Any, flask: Flask, kim: access.Account
) -> None:
    browser.client.set_cookie("sayso", "planted-by-somebody-else")
    sign_in(browser)
    assert "planted-by-somebody-else" != browser.cookie()
    other = type(browser)(flask)
    other.client.set_cookie("sayso", "planted-by-somebody-else")
    other.get("/household", 303)


def test_signing_in_again_ends_the_session_before(browser: Any, flask: Flask, kim: access.Account) -> None:
    sign_in(browser)
    before = browser.cookie()
    sign_in(browser)
    stolen = type(browser)(flask)
    stolen.client.set_cookie("sayso", before)
    stolen.get("/household", 303)


def test_sessions_are_stored_as_digests_alone(app: App, parent: Any) -> None:
    assert app.database is not None
    kept = app.database.read(lambda c: c.execute("SELECT * FROM page_sessions").fetchall())
    assert 1 == len(kept)
    assert parent.cookie() not in str(kept)


def test_a_session_ends_when_nobody_comes_for_half_an_hour(parent: Any, clock: Any) -> None:
    for _ in range(3):
        clock.pass_time(minutes=29)
        parent.get("/household")
    clock.pass_time(minutes=30)
    parent.get("/household", 303)


def test_a_session_ends_after_twelve_hours_whoever_comes(parent: Any, clock: Any) -> None:
    for _ in range(12 * 3 - 1):
        clock.pass_time(minutes=20)
        parent.get("/household")
    clock.pass_time(minutes=20)
    parent.get("/household", 303)


def test_signing_out_ends_the_session_on_our_side(parent: Any, flask: Flask) -> None:
    cookie = parent.cookie()
    parent.post("/sign-out", token_from="/household")
    stolen = type(parent)(flask)
    stolen.client.set_cookie("sayso", cookie)
    stolen.get("/household", 303)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: Any, kim: access.Account) -> None:
    sign_in(browser)
    (cookie,) = [each for each in browser.last.headers.getlist("Set-Cookie") if each.startswith("sayso=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {each.strip() for each in cookie.split(";")}
    assert "Secure" not in cookie  # on loopback browsers are on http


def test_off_loopback_cookies_are_for_https_alone(flask: Flask, browser: Any, sample_store: Any) -> None:
    response = flask.test_client().get("/sign-in", base_url="https://localhost")
    (cookie,) = [each for each in response.headers.getlist("Set-Cookie") if "sayso" in each]
    assert cookie.startswith("__Host-sayso=")
    assert "Secure" in cookie
    assert "max-age=31536000" == response.headers["Strict-Transport-Security"]


# --- recent sign-in ---------------------------------------------------------------------------------------------------


def test_a_change_with_an_old_sign_in_asks_for_the_passphrase_and_is_then_carried_out(parent: Any, clock: Any) -> None:
    clock.pass_time(minutes=5)
    page = parent.post("/household/freeze", 403, token_from="/household", frozen="1")
    assert "Nothing has been changed yet" in page
    assert "Everything is frozen" not in parent.words("/household")
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "Is it you?" in parent.post("/household/freeze", 403, **carried, proof="wrong")
    parent.post("/household/freeze", **carried, proof=PASSPHRASE)
    assert "Everything is frozen" in parent.words("/household")


def test_a_sign_in_counts_for_five_minutes(parent: Any, clock: Any) -> None:
    clock.pass_time(minutes=4, seconds=59)
    parent.post("/household/freeze", token_from="/household", frozen="1")


# --- other sites ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing_even_with_the_token(parent: Any, headers: dict[str, str]) -> None:
    token = parent.token("/household")
    response = parent.client.post("/household/freeze", data={"csrf": token, "frozen": "1"}, headers=headers)
    assert 403 == response.status_code
    assert "Everything is frozen" not in parent.words("/household")


def test_every_form_needs_its_token(flask: Flask, parent: Any, owner: Any) -> None:
    posts = [rule.rule for rule in flask.url_map.iter_rules() if rule.endpoint.startswith("site.post ")]
    assert len(posts) > 5
    for path in posts:
        path = re.sub(r"<[^>]+>", "x", path)
        client = (owner if path.startswith("/console") else parent).client
        assert 403 == client.post(path, data={"frozen": "1"}).status_code, path
        assert 403 == client.post(path, data={"csrf": "0" * 64}).status_code, path


def test_a_token_is_bound_to_its_browser(parent: Any, sign_in_as: Callable[..., Any], next_door: str) -> None:
    other = sign_in_as("parent", next_door)
    parent.post("/household/freeze", 403, csrf=other.token("/household"), frozen="1")


def test_pages_are_for_their_role_alone(flask: Flask, browser: Any, parent: Any, owner: Any) -> None:
    rules = [rule for rule in flask.url_map.iter_rules() if rule.endpoint.startswith(("site.get ", "site.post "))]
    for rule in rules:
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        wrong = [who for home, who in (("/household", owner), ("/console", parent)) if path.startswith(home)]
        for who in (browser, *wrong) if wrong else ():
            answer = who.client.open(path, method="GET" if "GET" in rule.methods else "POST")
            assert (303, "/sign-in") == (answer.status_code, answer.headers["Location"].partition("?")[0]), path


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/evil.example", "evil",
        "/%0d%0aSet-Cookie:x", "http:evil", "\\\\evil.example", "/\t/evil.example",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(browser: Any, kim: access.Account, path: str) -> None:
    assert "/household" == sign_in(browser, next=path)
    assert not own_path_or(path, "/").startswith(("//", "h", "j", "\\"))


@given(path=st.text(st.sampled_from("/\\.:@#?%&\t\r\n \u2028ahttpsevil-0"), max_size=30) | st.text(max_size=30))
def test_wherever_somebody_is_sent_is_this_very_site(path: str) -> None:
    went = urljoin("https://store.example/sign-in", own_path_or(path, "/"))
    assert ("https", "store.example") == (urlsplit(went).scheme, urlsplit(went).netloc)
    assert went.isascii()
    assert not {"\r", "\n", "\t", "\\"} & set(went)


@pytest.mark.parametrize("path", ["evil", "", ".", "household", "?next=/x", "#x"])
def test_what_is_no_whole_path_is_no_path(path: str) -> None:
    assert "/" == own_path_or(path, "/")


def test_every_page_has_a_strict_policy(browser: Any, parent: Any) -> None:
    for path in ("/sign-in", "/household", "/welcome/none"):
        headers = parent.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert ("nosniff", "same-origin", "no-store") == tuple(
            headers[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Cache-Control")
        )


def test_no_template_has_script_or_style_in_it() -> None:
    from importlib.resources import files

    templates = [each for each in _all_files(files("skill.console") / "templates") if each.name.endswith(".html")]
    assert len(templates) > 10
    for template in templates:
        text = template.read_text("utf-8")
        assert [] == re.findall(
            r"<script(?![^>]*\bsrc=)|\bstyle=|<style|\son\w+\s*=\s*[\"']|javascript:|\|\s*safe\b", text
        ), template


def _all_files(folder: Any) -> list[Any]:
    return [each for child in folder.iterdir() for each in (_all_files(child) if child.is_dir() else [child])]


def test_a_long_form_is_not_read(parent: Any) -> None:
    token = parent.token("/household")
    response = parent.client.post("/household/freeze", data={"csrf": token, "frozen": "1" * 100_000})
    assert 413 == response.status_code


def test_changing_the_passphrase_signs_out_every_other_browser(app: App, parent: Any, flask: Flask) -> None:
    other = type(parent)(flask)
    other.client.set_cookie("sayso", parent.cookie())
    new = "five quite different words"
    assert "not the same" in parent.post("/household/account", 422, passphrase=new, again="x")
    parent.post("/household/account", passphrase=new, again=new)
    parent.get("/household")
    other.get("/household", 303)
    assert access.sign_in(app.ports, "kim", new)


def test_signing_up_is_in_the_audit_trail(app: App, kim: access.Account) -> None:
    entries = app.ports.ledger.last_audit(HOME, 1)  # type: ignore[arg-type]
    assert [("sign_in_made", kim.account_id)] == [(each.kind, each.facts["who"]) for each in entries]


def test_a_deleted_household_has_nobody_who_can_sign_in(app: App, parent: Any) -> None:
    from skill.households import delete_household

    delete_household(app.ports, HOME, "operator")  # type: ignore[arg-type]
    parent.get("/household", 303)
    with pytest.raises(SignInRefused):
        access.sign_in(app.ports, "kim", PASSPHRASE)


def test_the_limits_are_what_the_guide_says() -> None:
    assert (timedelta(minutes=30), timedelta(hours=12), timedelta(minutes=5)) == (
        access.SESSION_IDLE, access.SESSION_LASTS, access.RECENT,
    )  # fmt: skip
