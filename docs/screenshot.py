"""Takes the pictures in docs/ anew: `python docs/screenshot.py`, or some of them: `python docs/screenshot.py console simulator`.

Every page of the owner's console, of the parents' and the simulator, on a desktop's and on a phone's size, over the sample store
with a past that is the same each time. An error on a page stops the command, so that a broken page has no picture. `--dark` and
`--to FOLDER` are for looking; the pictures in the guides are light.

Needs `pip install playwright` and a Chromium of the system, at /usr/bin/chromium or where CHROMIUM says.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.past import give_past  # noqa: E402
from skill.app import App, build_app  # noqa: E402
from skill.cli.demo import DEMO_HOUSEHOLD, SAMPLE, SAMPLE_CATALOGUE, ensure_demo_household, import_sample  # noqa: E402
from skill.console import access  # noqa: E402
from skill.console.staged_catalogue import StagedCatalogue  # noqa: E402
from skill.guard.policy_file import PolicyChange  # noqa: E402
from skill.households import change_policy  # noqa: E402
from skill.ports import Account  # noqa: E402
from skill.settings import Settings  # noqa: E402
from skill.shop.households import HouseholdId  # noqa: E402
from skill.simulator.clock import MovableClock  # noqa: E402
from skill.web import create_app  # noqa: E402
from tests import serving  # noqa: E402

SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}

#: Name of the picture → the page. {order} is an order that can be shipped.
CONSOLE = {
    "overview": "/console",
    "orders": "/console/orders",
    "order": "/console/orders/{order}",
    "catalogue": "/console/catalogue",  # with a feed that was checked and has a bad row
    "search": "/console/search?q=coffee+under+ten+dollars",
    "limits": "/console/policy/what-if?order_max=30.00&pin_policy=always",
    "refusals": "/console/refusals",
    "not-found": "/console/asked",
    "changes": "/console/trail",
}
HOUSEHOLD = {
    "overview": "/household",
    "approvals": "/household/approvals",
    "limits": "/household/limits",
    "people": "/household/people",
    "history": "/household/history",
    "settings": "/household/settings",
}
DOORS = {"sign-in": "/sign-in"}


def main() -> None:
    options = sys.argv[1:]
    wanted = [each for each in options if not each.startswith("--") and each not in _values(options)]
    folder = Path(_value(options, "--to") or Path(__file__).parent)
    with served() as (url, app), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        for name, take in (("simulator", take_simulator), ("pages", take_pages)):
            if not wanted or name in wanted or (name == "pages" and {"console", "household"} & set(wanted)):
                take(chromium, url, app, folder, wanted, "--dark" in options)
        chromium.close()


@contextmanager
def served() -> Iterator[tuple[str, App]]:
    """The sample store with a past, at an address of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        (data_dir / "store.yaml").write_bytes((SAMPLE / "store.yaml").read_bytes())
        app = build_app(Settings(data_dir=data_dir, keys_dir=data_dir / "keys"), clock=MovableClock())
        import_sample(app)
        ensure_demo_household(app)
        give_past(app, orders=4000, households=900, days=420, own_orders=40)
        try:
            with serving.served(create_app(app)) as url:
                yield url, app
        finally:
            app.close()


def take_pages(chromium: Browser, url: str, app: App, folder: Path, wanted: list[str], dark: bool) -> None:
    """The pages of owners and of parents, each signed in as one of them."""
    lines = SAMPLE_CATALOGUE.read_text(encoding="utf-8").splitlines()[:-6]
    lines[11] = lines[11].replace('"price": "', '"price": "about ')
    feed = "\n".join(lines).replace('"price": "4.', '"price": "5.').encode()
    StagedCatalogue(app).take(io.BytesIO(feed), "monday.jsonl", "robin", keep_good=True, now=app.ports.clock.now_utc())
    order = next(each for each in app.ports.orders.newest(50) if each.state == "committed")
    for kind, role, household_id, pages in (
        ("console", "owner", None, CONSOLE | DOORS),
        ("household", "parent", DEMO_HOUSEHOLD, HOUSEHOLD),
    ):
        if wanted and kind not in wanted and "pages" not in wanted:
            continue
        account = _enrol(app, role, household_id)
        if role == "owner":
            limits = PolicyChange({"order_max": 15000, "quiet_hours": ((22 * 60, 6 * 60),)})
            store_id = app.ports.store.store_id
            change_policy(app.ports, "store", store_id, limits, account.account_id, "quiet nights from the start")
        cookie = access.open_session(app.ports, account, "")
        for size, viewport in SIZES.items():
            page = _open(chromium, viewport, dark)
            page.context.add_cookies([{"name": "sayso", "value": cookie, "url": url}])
            for name, path in pages.items():
                page.goto(url + path.format(order=order.order_id))
                expect(page.locator("h1").first).to_be_visible()
                _save(page, folder / "pictures" / f"{kind}-{name}-{size}.png", full_page=True)
            page.context.close()


def _enrol(app: App, role: str, household_id: HouseholdId | None) -> Account:
    token = access.make_sign_in_link(app.ports, role, household_id).rpartition("/")[2]
    name, words = {"owner": "robin", "parent": "kim"}[role], "seven green kites sing"
    return access.enrol(app.ports, token, name, words, words)


def take_simulator(chromium: Browser, url: str, app: App, folder: Path, wanted: list[str], dark: bool) -> None:
    """Orders something on the page first."""
    for size, name in (("desktop", "simulator.png"), ("phone", "simulator-phone.png")):
        page = _open(chromium, SIZES[size], dark)
        page.goto(f"{url}/?device=display")
        # One that has bought nothing a moment ago.
        page.locator("#household").evaluate("form => form.requestSubmit()")
        expect(page.locator("#set-household")).to_have_value(re.compile("^hh_(?!demo)"))
        # Outside its quiet hours, whenever the picture is taken.
        move_clock(page, "tomorrow 10:00", re.compile("ahead of this machine"))
        ask_for_a_quote(page)
        _save(page, folder / name, full_page=size == "phone")
        say(page, "no", "ordered")
        move_clock(page, "now", re.compile("^((?!ahead).)*$", re.DOTALL))
        page.context.close()


def move_clock(page: Page, to: str, shown: re.Pattern[str]) -> None:
    page.locator("#to").evaluate("(each, to) => { each.value = to; each.form.requestSubmit(); }", to)
    expect(page.locator("#clock")).to_have_text(shown)


def ask_for_a_quote(page: Page) -> None:
    page.get_by_role("button", name="Open the store").click()
    expect(page.locator(".store .bubble").last).to_contain_text("Welcome")
    say(page, "find coffee under ten dollars", "First")
    say(page, "add two of the first one", "Added 2")
    say(page, "check out", "four-digit code")


def say(page: Page, words: str, answer: str) -> None:
    page.get_by_label("What you say").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".store .bubble").last).to_contain_text(answer)
    expect(page.locator("body[aria-busy]")).to_have_count(0)


def _open(chromium: Browser, viewport: dict[str, int], dark: bool) -> Page:
    """A fresh browser; an error on any page of it stops the command."""
    context = chromium.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        color_scheme="dark" if dark else "light",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    page = context.new_page()

    def stop(text: str) -> None:
        raise SystemExit(f"the page {page.url} has errors: {text}")

    page.on("console", lambda message: stop(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: stop(str(error)))
    return page


def _save(page: Page, path: Path, *, full_page: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=full_page)
    print(path)


def _value(options: list[str], name: str) -> str:
    return options[options.index(name) + 1] if name in options else ""


def _values(options: list[str]) -> list[str]:
    return [_value(options, name) for name in ("--to",) if name in options]


if __name__ == "__main__":
    main()
