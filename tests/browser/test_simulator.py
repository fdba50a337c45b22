"""The simulator in a real browser: each of its stories, on a phone and at a desk, by keyboard alone, with nothing to object to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household
from skill.guard.policy_file import PolicyChange
from skill.households import change_policy
from skill.settings import Settings
from skill.simulator.clock import MovableClock
from skill.simulator.conversation import parse_conversation
from skill.simulator.envelopes import envelopes_for
from skill.web import create_app
from tests.serving import served

if TYPE_CHECKING:  # installed by `make test-clients` alone
    from playwright.sync_api import Page

SIZES = ("phone", "desktop")


def expect(seen: Any) -> Any:
    """Playwright's own, which waits until it is so."""
    from playwright.sync_api import expect as expect_of_playwright

    return expect_of_playwright(seen)


@dataclass
class Rehearsal:
    app: App
    url: str


@pytest.fixture
def shop(sample_store: Path, tmp_path: Path) -> Iterator[Rehearsal]:
    """As a developer starts it: a store that nobody outside this machine reaches, with a clock that can be moved."""
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=MovableClock())
    ensure_demo_household(app)
    try:
        with served(create_app(app)) as url:
            yield Rehearsal(app, url)
    finally:
        app.close()


def say(page: Page, words: str, answer: str) -> None:
    """By keyboard; the answer is awaited."""
    page.get_by_label("What you say").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".store .bubble").last).to_contain_text(answer)
    expect(page.locator("body[aria-busy]")).to_have_count(0)


def fits(page: Page) -> bool:
    """Nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def open_setting(page: Page) -> None:
    if page.locator("#setting-fold").get_attribute("open") is None:
        page.locator("#setting-fold > summary").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_an_order_is_talked_through_on_a_device_with_a_screen(
    shop: Any, open_page: Any, check_accessible: Any, size: str, scheme: str
) -> None:
    page = open_page(None, size, color_scheme=scheme)
    page.goto(f"{shop.url}/?device=display")
    check_accessible(page)
    page.get_by_role("button", name="Open the store").click()
    expect(page.locator(".store .bubble")).to_contain_text("Welcome")
    say(page, "find bananas", "found three")
    check_accessible(page)
    page.locator("button.glass-line").first.click()
    expect(page.locator(".shopper .bubble").last).to_contain_text("Touched 1")
    say(page, "add two of them", "Added 2")
    say(page, "check out", "four-digit code")
    expect(page.locator("#inside")).to_contain_text("Needs the code")
    say(page, "4271", "Done.")
    expect(page.locator("#inside")).to_contain_text("Allowed, by code")
    open_details(page, "#all-limits")
    open_details(page, "#request-envelope")
    assert "4271" in page.locator("#request").inner_text()
    assert "••••" in page.locator(".shopper .bubble").last.inner_text()
    check_accessible(page)
    assert fits(page)


def open_details(page: Page, selector: str) -> None:
    page.locator(f"{selector} > summary").click()
    expect(page.locator(selector)).to_have_attribute("open", "")


@pytest.mark.parametrize("size", SIZES)
def test_everything_is_done_by_keyboard_alone(shop: Any, open_page: Any, size: str) -> None:
    page = open_page(None, size)
    page.goto(shop.url)
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What you say")).to_be_focused()
    page.keyboard.type("find bananas")
    page.keyboard.press("Enter")
    expect(page.locator(".store .bubble")).to_contain_text("found three")
    expect(page.get_by_label("What you say")).to_have_value("")
    # Back to the chips, which come before the words.
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "the first one":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".shopper .bubble").last).to_contain_text("the first one")
    page.locator("#request-envelope > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#request")).to_be_visible()
    page.keyboard.press("Tab")
    assert "Copy" in page.evaluate("document.activeElement.textContent")


@pytest.mark.parametrize("size", SIZES)
def test_the_clock_is_moved_and_a_quote_expires(shop: Any, open_page: Any, check_accessible: Any, size: str) -> None:
    page = open_page(None, size)
    page.goto(shop.url)
    say(page, "find bananas", "found three")
    say(page, "add two of the first one", "Added 2")
    say(page, "check out", "four-digit code")
    open_setting(page)
    page.get_by_role("button", name="+2 min").press("Enter")
    expect(page.locator("#clock")).to_contain_text("2 min ahead of this machine")
    expect(page.get_by_role("button", name="+2 min")).to_be_focused()
    say(page, "4271", "")
    assert not page.locator(".store .bubble").last.inner_text().startswith("Done")
    page.get_by_label("Move it to").fill("tomorrow 08:00")
    page.keyboard.press("Enter")
    expect(page.locator("#clock time")).to_contain_text("08:0")
    check_accessible(page)
    page.get_by_label("Move it to").fill("soon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("tomorrow 08:00")
    check_accessible(page)
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.locator("#clock")).not_to_contain_text("ahead")


def test_a_changed_setting_begins_another_conversation_and_a_voice_does_not(shop: Any, open_page: Any) -> None:
    page = open_page()
    page.goto(shop.url)
    say(page, "find bananas", "found three")
    page.get_by_label("Recognised speaker").fill("kim")
    page.keyboard.press("Tab")
    expect(page.locator("#carried input[name=speaker]")).to_have_value("kim")
    expect(page.locator(".turn")).to_have_count(1)
    say(page, "the first one", "Bananas")
    expect(page.locator(".shopper .note").last).to_contain_text("kim")
    page.get_by_label("Platform").select_option("dialogflow-cx")
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_label("Device")).to_be_disabled()
    page.get_by_label("Language").focus()
    page.get_by_label("Language").select_option("el-GR")
    expect(page.get_by_label("Language")).to_be_focused()
    expect(page.locator("#carried input[name=locale]")).to_have_value("el-GR")
    page.get_by_label("What you say").fill("βρες γάλα")
    page.keyboard.press("Enter")
    expect(page.locator(".store .bubble")).to_have_attribute("lang", "el-GR")


def test_a_limit_that_is_lowered_elsewhere_is_obeyed_by_the_next_turn(shop: Any, open_page: Any) -> None:
    page = open_page()
    page.goto(shop.url)
    say(page, "find bananas", "found three")
    say(page, "add two of the first one", "Added 2")
    change_policy(shop.app.ports, "household", "hh_demo", PolicyChange({"order_max": 100}), "test", "")
    say(page, "check out", "")
    expect(page.locator("#inside")).to_contain_text("over the limit for one order: cap 1.00 USD")
    expect(page.locator(".verdict")).to_contain_text("Refused")


def test_answers_are_read_aloud_in_their_language_where_that_was_asked_for(shop: Any, open_page: Any) -> None:
    page = open_page()
    page.add_init_script(
        "window.spoken = [];"
        "Object.defineProperty(window, 'speechSynthesis', {value: {cancel() {}, speak(u) { spoken.push([u.text, u.lang]); }}});"
    )
    page.goto(f"{shop.url}/?locale=it-IT&platform=dialogflow-cx")
    say(page, "cerca il latte", "I più vicini")
    assert [] == page.evaluate("spoken")
    page.get_by_role("button", name="Read aloud turn 1").click()
    page.get_by_label("Read aloud", exact=True).check()
    say(page, "cerca le banane", "")
    spoken = page.evaluate("spoken")
    assert ["it-IT", "it-IT"] == [lang for _, lang in spoken]
    heard = [each.inner_text() for each in page.locator(".store .bubble").all()]
    assert [f"The store: {' '.join(text.split())}" for text, _ in spoken] == [" ".join(each.split()) for each in heard]


def test_both_envelopes_are_copied(shop: Any, open_page: Any) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(shop.url)
    say(page, "find bananas", "found three")
    for name, holds in (("request", "IntentRequest"), ("response", "outputSpeech")):
        open_details(page, f"#{name}-envelope")
        page.get_by_role("button", name=f"Copy the {name}").click()
        expect(page.locator("#told")).to_contain_text(f"Copied the {name}")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert holds in json.dumps(json.loads(copied))


@pytest.mark.parametrize("size", SIZES)
def test_a_conversation_is_saved_and_replayed_step_by_step(
    shop: Any, open_page: Any, check_accessible: Any, size: str
) -> None:
    page = open_page(None, size)
    page.goto(shop.url)
    say(page, "find bananas", "found three")
    say(page, "add two of the first one", "Added 2")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as test").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert ["find bananas", "add two of the first one"] == [
        step.say for step in parse_conversation(saved, download.value.suggested_filename).steps
    ]
    page.get_by_role("button", name="Replay it").click()
    expect(page.get_by_role("status").first).to_contain_text("0 of 2 steps played")
    check_accessible(page)
    page.get_by_role("button", name="Next step").click()
    expect(page.locator("#step-1")).to_contain_text("as written")
    expect(page.get_by_role("button", name="Next step")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".progress")).to_contain_text("2 of 2 steps played: all as written")
    check_accessible(page)
    assert fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_pasted_file_that_goes_otherwise_shows_what_was_wanted(
    shop: Any, open_page: Any, check_accessible: Any, size: str, scheme: str
) -> None:
    page = open_page(None, size, color_scheme=scheme)
    page.goto(f"{shop.url}/simulator/replay")
    check_accessible(page)
    page.get_by_label("Or paste one").fill("title: x\nsteps:\n  - sai: hello\n")
    page.get_by_role("button", name="Set the stage").click()
    expect(page.get_by_role("alert")).to_contain_text("did you mean say?")
    check_accessible(page)
    page.get_by_label("Or paste one").fill(
        "title: Bananas\nscreens: [display]\nsteps:\n"
        "  - {say: find bananas, device: display, hear: pineapples, shows: What I found}\n"
        "  - {say: check out, advance: 2m, orders: 0}\n"
    )
    page.get_by_role("button", name="Set the stage").click()
    page.get_by_role("button", name="Play the rest").click()
    expect(page.locator(".progress")).to_contain_text("1 went otherwise")
    expect(page.locator("#step-1")).to_contain_text("wanted to hear: 'pineapples'")
    check_accessible(page)
    assert fits(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_captured_request_is_run_and_talked_on_from(
    shop: Any, open_page: Any, check_accessible: Any, size: str
) -> None:
    captured = envelopes_for("dialogflow-es", "somebody", locale="en-US").intent(
        "find_products", {"product_query": "bananas"}, "find bananas"
    )
    page = open_page(None, size)
    page.goto(f"{shop.url}/simulator/import")
    check_accessible(page)
    page.get_by_label("Request, as JSON").fill("{}")
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_role("alert")).to_contain_text("no platform sends this")
    check_accessible(page)
    page.get_by_label("Request, as JSON").fill(json.dumps(captured))
    page.get_by_label("Whose account it is of").select_option("hh_demo")
    page.get_by_role("button", name="Run it").click()
    expect(page.locator(".store .bubble")).to_contain_text("found three")
    say(page, "add two of the first one", "Added 2")
    expect(page.locator("#inside")).to_contain_text("2 × Bananas")
    check_accessible(page)


def test_without_a_script_everything_but_listening_and_reading_works(shop: Any, open_page: Any) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(shop.url)
    page.get_by_label("Device").select_option("display")
    page.get_by_role("button", name="Use these").click()
    page.get_by_label("What you say").fill("find bananas")
    page.get_by_role("button", name="Say it").click()
    page.locator("button.glass-line").first.click()
    assert "Touched 1" in page.locator(".shopper .bubble").last.inner_text()
    page.get_by_role("button", name="+1 day").click()
    assert "1 d ahead" in page.locator("#clock").inner_text()
    assert 2 == page.locator(".turn").count()
    page.get_by_role("button", name="Replay it").click()
    page.get_by_role("button", name="Play the rest").click()
    assert "2 of 2 steps played: all as written" in page.locator(".progress").inner_text()
    assert 0 == page.locator(".scripted:visible").count()


def test_a_server_that_was_started_anew_is_told_of(shop: Any, open_page: Any) -> None:
    page = open_page()
    page.goto(shop.url)
    page.locator("#say input[name=csrf]").evaluate("each => { each.value = 'of another server'; }")
    page.get_by_label("What you say").fill("find bananas")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("load this page again")
