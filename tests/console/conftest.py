"""The pages over the sample store, on a clock of the test's own, and browsers that are signed in as somebody."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household
from skill.console import access
from skill.households import create_household
from skill.ports import Account
from skill.settings import Settings
from skill.shop.households import HouseholdId
from skill.web import create_app

#: A Thursday, nine in the morning where the sample store is.
THURSDAY = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
PASSPHRASE = "seven green kites sing"
HOME = HouseholdId("hh_demo")


class SetClock:
    def __init__(self) -> None:
        self.now = THURSDAY

    def now_utc(self) -> datetime:
        return self.now

    def pass_time(self, **units: float) -> None:
        self.now += timedelta(**units)


class Browser:
    """A browser with cookies: gets pages, and sends their forms with the token that stands in them."""

    def __init__(self, flask: Flask) -> None:
        self.client: FlaskClient = flask.test_client()
        self.last: TestResponse | None = None

    def get(self, path: str, status: int = 200, **how: Any) -> str:
        self.last = self.client.get(path, **how)
        assert status == self.last.status_code, self.last.get_data(as_text=True)
        return self.last.get_data(as_text=True)

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.client.get(path).get_data(as_text=True))
        assert found, f"no form at {path}"
        return found[1]

    def version(self, page: str, action: str) -> dict[str, str]:
        """The version of what the page shows in the form that goes to `action`, where that form has one."""
        text = self.client.get(page).get_data(as_text=True)
        form = text.partition(f'action="{action}"')[2].partition("</form>")[0]
        found = re.search(r'name="version" value="([^"]*)"', form)
        return {"version": found[1]} if found else {}

    def post(self, path: str, status: int = 303, token_from: str | None = None, **form: Any) -> str:
        """Sends the form; where it went to, or the page for any other status than 303."""
        csrf = form.pop("csrf", None) or self.token(token_from or path)
        form = self.version(token_from or path, path) | form
        self.last = self.client.post(path, data={"csrf": csrf, **form}, headers={"Origin": "http://localhost"})
        text = self.last.get_data(as_text=True)
        assert status == self.last.status_code, text
        return self.last.headers["Location"] if status == 303 else text

    def words(self, path: str, status: int = 200) -> str:
        """What a reader sees: no tags, single spaces."""
        return read_words(self.get(path, status))

    def cookie(self, name: str = "sayso") -> str:
        found = self.client.get_cookie(name)
        return found.value if found is not None else ""


def read_words(page: str) -> str:
    body = page.partition("<body")[2].partition(">")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture(autouse=True)
def cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "dear" not in request.fixturenames:
        monkeypatch.setattr(access, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def dear() -> None:
    """Passphrases cost what they cost in a real store."""


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def app(sample_store: Path, tmp_path: Path, clock: SetClock) -> Iterator[App]:
    """The sample store with the demo household (code 4271)."""
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=clock)
    ensure_demo_household(app)
    yield app
    app.close()


@pytest.fixture
def flask(app: App) -> Flask:
    return create_app(app)


@pytest.fixture
def browser(flask: Flask) -> Browser:
    """Nobody is signed in here."""
    return Browser(flask)


@pytest.fixture
def sign_in_as(app: App, flask: Flask) -> Callable[..., Browser]:
    """`sign_in_as("parent", household_id)` or `sign_in_as("owner")`: a browser of theirs, signed in a moment ago."""

    def signed_in(role: str, household_id: str | None = None, name: str = "") -> Browser:
        name = name or f"{role}{household_id or ''}"
        account = make_account(app, role, household_id, name)
        cookie = access.open_session(app.ports, account, "")
        fresh = Browser(flask)
        fresh.client.set_cookie("sayso", cookie)
        return fresh

    return signed_in


def make_account(app: App, role: str, household_id: str | None, name: str) -> Account:
    """An account with the passphrase of these tests, made with a link as everybody's is."""
    home = None if household_id is None else HouseholdId(household_id)
    token = access.make_sign_in_link(app.ports, role, home).rpartition("/")[2]
    return access.enrol(app.ports, token, name, PASSPHRASE, PASSPHRASE)


@pytest.fixture
def parent(sign_in_as: Callable[..., Browser]) -> Browser:
    """A parent of the demo household, signed in a moment ago."""
    return sign_in_as("parent", HOME, "kim")


@pytest.fixture
def owner(sign_in_as: Callable[..., Browser]) -> Browser:
    """The store's owner, signed in a moment ago."""
    return sign_in_as("owner", None, "owner")


@pytest.fixture
def next_door(app: App) -> HouseholdId:
    """Another household, with a code of its own."""
    made = create_household(
        app.ports, name="Next door", address="14 Orchard Lane", time_zone="America/New_York", email="", who="test"
    )
    return made.household_id


@pytest.fixture
def shop_settings(app: App) -> Callable[..., Settings]:
    return lambda **changes: replace(app.settings, **changes)
