"""`sayso sign-in`: links that open the pages, once, and who may sign in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from skill.app import build_app
from skill.cli.sign_in import first_owner_link
from skill.console.access import enrol, sign_in
from skill.settings import Settings

PASSPHRASE = "seven green kites sing"


def make_account(data: Path, link: str, name: str) -> None:
    app = build_app(Settings(data_dir=data, keys_dir=data / "keys"))
    try:
        enrol(app.ports, link.rpartition("/")[2], name, PASSPHRASE, PASSPHRASE)
        assert name == sign_in(app.ports, name, PASSPHRASE).name
    finally:
        app.close()


def test_a_link_makes_the_owner_and_another_a_parent(run: Any, data: Path, demo: str) -> None:
    owner, parent = run("sign-in", "link"), run("sign-in", "link", "--household", "hh_demo")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/welcome/[\w-]{43}\n", owner.out)
    assert "once, within 24 hours" in owner.err
    make_account(data, owner.out.strip(), "Olga")
    make_account(data, parent.out.strip(), "Kim")
    assert ["Olga"] == [each["name"] for each in run("sign-in", "list", "--json").json]
    assert ["Kim"] == [each["name"] for each in run("sign-in", "list", "--household", "hh_demo", "--json").json]
    assert "Kim" in run("sign-in", "list", "--household", "hh_demo").out


def test_a_link_for_nobody_is_refused(run: Any, demo: str) -> None:
    assert 1 == run("sign-in", "link", "--household", "nobody").code


def test_the_address_is_the_one_that_others_know(run: Any, demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_PUBLIC_URL", "https://store.example")
    told = json.loads(run("sign-in", "link", "--json").out)
    assert told["link"].startswith("https://store.example/welcome/")


def test_addresses_are_invited_where_an_issuer_is_set(run: Any, demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = run("sign-in", "invite", "hh_demo", "kim@example.com")
    assert (1, True) == (refused.code, "SAYSO_SIGN_IN_ISSUER" in refused.err)
    monkeypatch.setenv("SAYSO_SIGN_IN_ISSUER", "https://sign-in.example")
    monkeypatch.setenv("SAYSO_SIGN_IN_CLIENT_ID", "pages")
    assert "kim@example.com may sign in for hh_demo until" in run("sign-in", "invite", "hh_demo", "kim@example.com").out


def test_the_first_start_prints_a_link_for_the_owner_and_later_ones_do_not(data: Path, demo: str) -> None:
    settings = Settings(data_dir=data, keys_dir=data / "keys", port=9000)
    app = build_app(settings)
    link = first_owner_link(app)
    assert link.startswith("http://127.0.0.1:9000/welcome/")
    app.close()
    make_account(data, link, "Olga")
    app = build_app(settings)
    assert "" == first_owner_link(app)
    app.close()


def test_somebody_is_shut_out(run: Any, data: Path, demo: str) -> None:
    make_account(data, run("sign-in", "link", "--household", "hh_demo").out.strip(), "Kim")
    (account,) = run("sign-in", "list", "--household", "hh_demo", "--json").json
    assert "Kim cannot sign in any more." in run("sign-in", "remove", account["account_id"]).out
    assert [] == run("sign-in", "list", "--household", "hh_demo", "--json").json
    assert (1, True) == (
        (again := run("sign-in", "remove", account["account_id"])).code,
        "there is no account" in again.err,
    )
