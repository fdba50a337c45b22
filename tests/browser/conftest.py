"""A store behind a real server, a speaker that talks to it, and Chromium with people signed in.

    def test_a_page(shop: Shop, open_page: OpenPage) -> None:
        page = open_page("parent", "phone")            # or "owner", None; "phone" is 390x844, "small" 320x640, "desktop" 1280x800
        page.goto(f"{shop.url}/household/limits")
        check_accessible(page)                         # axe-core, WCAG 2.2 AA; the page's own errors fail the test at its end
        assert "fifteen dollars" in shop.speaker().say("check out")

Nothing here skips: where the browser is missing, the test fails and says what to install.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from skill.app import App, build_app
from skill.cli.demo import DEMO_HOUSEHOLD, ensure_demo_household
from skill.console.access import OWNER, enrol, make_sign_in_link
from skill.ports import Account
from skill.settings import Settings
from skill.shop.households import HouseholdId
from skill.simulator import SIMULATED_USER
from skill.simulator.talk import Talk, talk_over_http
from skill.web import create_app
from tests.serving import served

if TYPE_CHECKING:  # installed by `make test-clients` alone
    from playwright.sync_api import Browser, Page, Playwright

SIZES = {
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 640},
    "desktop": {"width": 1280, "height": 800},
}
PASSPHRASE = "seven green kites sing"
#: The demo household's, and what its parent and the store's owner are called here.
CODE, PARENT_NAME, OWNER_NAME = "4271", "Kim", "Olga"
#: A busy machine draws slowly.
WAIT_MS = 20_000

_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is somebody else's program: `make test-clients` runs what needs it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("clients")


@dataclass
class Speaker:
    """A smart speaker of the household that talks to the served webhook."""

    talk: Talk

    def say(self, *words: str) -> str:
        """Says one thing after the other; what it answered last, without markup."""
        answer = ""
        for each in words:
            answer = self.talk.say(each).heard.speech
        return answer


@dataclass
class Shop:
    """The sample store with the demo household, served on a free port of this machine."""

    app: App
    url: str
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)

    def speaker(self, user: str = SIMULATED_USER, person: str | None = None) -> Speaker:
        talk = talk_over_http(self.url, "alexa", user, locale=self.app.settings.locale, speaker=person)
        talk.launch()
        return Speaker(talk)

    def account(self, role: str, household_id: str | None = None) -> Account:
        """The owner's or a parent's account, made when it is first asked for, with PASSPHRASE."""
        known = self.accounts.get((role, household_id or ""))
        if known is None:
            home = None if household_id is None else HouseholdId(household_id)
            name = OWNER_NAME if role == OWNER else f"{PARENT_NAME}{'' if home == DEMO_HOUSEHOLD else home}"
            token = make_sign_in_link(self.app.ports, role, home).rpartition("/")[2]
            known = enrol(self.app.ports, token, name, PASSPHRASE, PASSPHRASE)
            self.accounts[role, household_id or ""] = known
        return known


OpenPage = Callable[..., Any]


@pytest.fixture
def shop(sample_store: Path, tmp_path: Path) -> Iterator[Shop]:
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    ensure_demo_household(app)
    try:
        with served(create_app(app)) as url:
            yield Shop(app, url)
    finally:
        app.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, at CHROMIUM or on the PATH."""
    from playwright.sync_api import Error

    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if named is None:
        pytest.fail("these tests need Chromium (Debian: apt install chromium), on the PATH or where CHROMIUM says")
    try:
        browser = playwright.chromium.launch(
            executable_path=named, args=["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
        )
    except Error as failed:
        pytest.fail(f"{named} does not start: {failed}")
    yield browser
    browser.close()


@pytest.fixture
def open_page(shop: Shop, chromium: Browser) -> Iterator[OpenPage]:
    """`open_page(role, size)`: a page of a browser of its own; with a role of "owner" or "parent" somebody is signed in there.

    Errors of a page (its console, scripts that fail) fail the test at its end.
    """
    troubles: list[str] = []
    opened: list[Any] = []

    def open_one(
        role: str | None = None,
        size: str = "desktop",
        household_id: str | None = DEMO_HOUSEHOLD,
        **how: Any,
    ) -> Page:
        context = chromium.new_context(viewport=SIZES[size], reduced_motion="reduce", **how)
        opened.append(context)
        page: Page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if _is_trouble(message) else None)
        if role is not None:
            sign_in(page, shop, shop.account(role, None if role == OWNER else household_id))
        return page

    yield open_one
    for context in opened:
        context.close()
    assert [] == troubles


def _is_trouble(message: Any) -> bool:
    # A page that refuses a form says so with a status of 4xx, which Chromium counts among its errors.
    return message.type == "error" and "the server responded with a status of 4" not in message.text


def sign_in(page: Page, shop: Shop, account: Account) -> None:
    """As a person does it: name, passphrase, enter."""
    page.goto(f"{shop.url}/sign-in")
    page.get_by_label("Sign-in name").fill(account.name)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.fixture(scope="session")
def check_accessible() -> Callable[[Page], None]:
    """`check_accessible(page)`: axe-core finds nothing against WCAG 2.2 AA on the page as it is now."""

    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page) -> None:
        found = Axe().run(page, options=_RULES)
        told = [
            f"{each['id']}: {each['help']}: {[node['html'][:150] for node in each['nodes']]}"
            for each in found.response["violations"]
        ]
        assert [] == told, page.url

    return check
