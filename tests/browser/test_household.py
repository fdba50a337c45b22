"""Each parents' story in a real browser, from the sign-in to what the speaker says a moment later."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from skill.guard.policy_file import PolicyChange
from skill.households import change_policy

HOME = "hh_demo"
CODE = "4271"
PASSPHRASE = "seven green kites sing"
BANANAS = ("find bananas", "add two of the first one", "check out")
DEAR = ("find morning kettle instant coffee", "add four of the first one", "check out")
PAGES = ("", "/approvals", "/limits", "/people", "/history", "/history?only=refusals", "/settings", "/account")
WAIT_MS = 20_000


@pytest.fixture
def lively(shop: Any) -> Any:
    """The shop, with no time between two orders: a test does not wait a minute."""
    at_once = PolicyChange({"order_gap_min_s": None, "duplicate_window_s": None})
    change_policy(shop.app.ports, "household", HOME, at_once, "test", "")
    return shop


#: Ids that stand twice, and labels that name no field.
_ILL_NAMED = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  const loose = [...document.querySelectorAll("label")].filter((each) => !each.control).map((each) => each.innerText);
  return [...twice, ...loose];
}"""


def approval_link(shop: Any) -> str:
    """The address in the notice that the parent gets."""
    lines = (Path(shop.app.settings.data_dir) / "notices.jsonl").read_text("utf-8").splitlines()
    asked = [each for each in map(json.loads, lines) if each["kind"] == "approval_asked"]
    return f"{shop.url}/household/approvals/{asked[-1]['values']['token']}"


def press_until(page: Any, name: str, key: str = "Tab", most: int = 80) -> None:
    """Goes on with the keyboard until what is called so has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        focused = page.evaluate(
            "() => { const e = document.activeElement; "
            "return (e.labels && e.labels.length ? e.labels[0].innerText : e.innerText || '') }"
        )
        if focused.strip().startswith(name):
            return
    pytest.fail(f"{name} cannot be reached with {key}")


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_to_object_to_on_any_page(
    lively: Any, open_page: Any, check_accessible: Any, size: str, scheme: str
) -> None:
    lively.speaker().say(*BANANAS, CODE)
    lively.speaker(person="kim").say(*DEAR)
    lively.speaker().say("find dog food", "add three of the first one", "check out")
    page = open_page("parent", size, color_scheme=scheme)
    for path in PAGES:
        page.goto(f"{lively.url}/household{path}")
        check_accessible(page)
        assert 1 == page.locator("h1").count(), path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"
        assert [] == page.evaluate(_ILL_NAMED), path
    page.goto(approval_link(lively))
    check_accessible(page)
    page.goto(f"{lively.url}/sign-in/again?next=/household")
    check_accessible(page)


def test_the_narrowest_screen_needs_no_sideways_scrolling(lively: Any, open_page: Any) -> None:
    lively.speaker().say(*DEAR)
    page = open_page("parent", "phone")
    page.set_viewport_size({"width": 320, "height": 640})  # WCAG 2.2, 1.4.10 reflow
    for path in (*(f"{lively.url}/household{each}" for each in PAGES), approval_link(lively)):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_limit_lowered_on_the_page_is_obeyed_by_the_speaker(lively: Any, open_page: Any, size: str) -> None:
    assert "four-digit code" in lively.speaker().say(*BANANAS)
    page = open_page("parent", size)
    page.goto(f"{lively.url}/household/limits")
    page.get_by_role("slider", name="One order:").focus()
    for _ in range(47):
        page.keyboard.press("ArrowLeft")
    assert "3" == page.get_by_label("One order", exact=True).input_value()
    page.locator("#what-if").get_by_text("1 of 1 order").wait_for()
    page.locator("#what-if").get_by_text("refused: limit of one order").wait_for()
    page.get_by_role("button", name="Save these limits").click()
    page.get_by_text("Saved. The speaker keeps to it from now on.").wait_for()
    assert "your limit of $3.00" in lively.speaker().say(*BANANAS)


def test_an_amount_with_a_comma_is_the_amount_that_was_typed(lively: Any, open_page: Any) -> None:
    """A field of type=number takes 12,50 for 1250 in an English browser."""
    page = open_page("parent", locale="en-US")
    page.goto(f"{lively.url}/household/limits")
    field = page.get_by_label("One order", exact=True)
    field.select_text()
    page.keyboard.type("12,50")
    assert "12,50" == field.input_value()
    assert "13" == page.get_by_role("slider", name="One order:").input_value()  # it goes by whole dollars
    page.get_by_role("button", name="Save these limits").click()
    page.get_by_text("Saved. The speaker keeps to it from now on.").wait_for()
    assert 1250 == lively.app.ports.policies.layer("household", HOME).knobs["order_max"]
    assert "12.50" == page.get_by_label("One order", exact=True).input_value()


def test_limits_are_tried_out_and_set_without_a_script(lively: Any, open_page: Any) -> None:
    lively.speaker().say(*BANANAS)
    page = open_page("parent", java_script_enabled=False)
    page.goto(f"{lively.url}/household/limits")
    assert not page.get_by_role("slider").first.is_visible()
    page.get_by_label("One order", exact=True).fill("3.00")
    page.get_by_role("button", name="Only try them out").click()
    assert "You are trying these values out" in page.locator("main").inner_text()
    assert "refused: limit of one order" in page.locator("#what-if").inner_text()
    page.get_by_role("button", name="Save these limits").click()
    assert "Saved." in page.get_by_role("status").inner_text()
    assert "your limit of $3.00" in lively.speaker().say(*BANANAS)


def test_a_waiting_order_is_approved_from_its_link_and_the_speaker_tells(lively: Any, open_page: Any) -> None:
    assert "need an adult" in lively.speaker().say(*DEAR)
    page = open_page(None, "phone")
    lively.account("parent", HOME)
    page.goto(approval_link(lively))
    page.get_by_label("Sign-in name").fill("Kim")
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="May this be ordered?").wait_for()
    assert "$33.15" in page.locator("tfoot").inner_text()
    page.get_by_role("button", name="Approve and pay $33.15").click()
    page.get_by_text("Ordered. The receipt is on its way.").wait_for()
    (order,) = lively.app.ports.orders.recent(HOME, 5)
    assert 3315 == order.total.amount
    talk = lively.speaker().talk
    assert "Nothing waits" not in talk.launch().heard.speech
    page.go_back()
    page.reload()
    assert 0 == page.get_by_role("button", name=re.compile("Approve")).count()


def test_a_child_who_finds_the_phone_open_is_asked_for_the_passphrase(lively: Any, open_page: Any) -> None:
    lively.speaker().say(*DEAR)
    page = open_page("parent", "phone")
    # Six minutes ago, as far as the store knows.
    assert lively.app.database is not None
    lively.app.database.write(
        lambda c: c.execute("UPDATE page_sessions SET proved_at = '2020-01-01T00:00:00.000000+00:00'").rowcount
    )
    page.goto(approval_link(lively))
    page.get_by_role("button", name="Approve and pay").click()
    page.get_by_role("heading", name="Is it you?").wait_for()
    page.get_by_label("Passphrase").fill("password")
    page.get_by_role("button", name="Carry it out").click()
    page.get_by_role("alert").wait_for()
    assert 0 == len(lively.app.ports.orders.recent(HOME, 5))
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Carry it out").click()
    page.get_by_text("Ordered.").wait_for()
    assert 1 == len(lively.app.ports.orders.recent(HOME, 5))


def test_everything_is_frozen_with_the_keyboard_alone(lively: Any, open_page: Any) -> None:
    page = open_page("parent")
    page.keyboard.press("Tab")
    assert "Skip to the page" == page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    press_until(page, "Freeze everything")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Everything is frozen").wait_for()
    assert "frozen" in lively.speaker().say(*BANANAS).lower()
    press_until(page, "Allow orders again")
    page.keyboard.press("Space")
    page.get_by_role("heading", name="Orders are possible").wait_for()
    assert "four-digit code" in lively.speaker().say(*BANANAS)


def test_an_order_is_approved_with_the_keyboard_alone(lively: Any, open_page: Any) -> None:
    lively.speaker().say(*DEAR)
    page = open_page("parent")
    press_until(page, "Approvals")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approvals")
    press_until(page, "Look at it")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="May this be ordered?").wait_for()
    press_until(page, "Refuse")
    press_until(page, "Approve and pay", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Ordered.").wait_for()


def test_a_speaker_is_paired_with_the_letters_that_it_reads_out(lively: Any, open_page: Any) -> None:
    new = lively.speaker(user="a-new-speaker")
    heard = new.say("give me a pairing code")
    letters = re.findall(r"\b[BFHKLMORUWXY]\b", heard)
    assert 6 <= len(letters), heard
    page = open_page("parent", "phone")
    page.goto(f"{lively.url}/household/settings")
    page.get_by_label("Pairing code").fill("".join(letters[:6]))
    page.get_by_role("button", name="Pair this speaker").click()
    page.get_by_text("Paired: this Amazon Alexa speaker").wait_for()
    assert "four-digit code" in lively.speaker(user="a-new-speaker").say(*BANANAS)


def test_the_code_is_changed_and_the_old_one_is_worth_nothing(lively: Any, open_page: Any) -> None:
    page = open_page("parent", "phone")
    page.goto(f"{lively.url}/household/settings")
    for code in ("1234", "8350"):
        page.get_by_label("New code").fill(code)
        page.get_by_label("The same code again").fill(code)
        page.get_by_role("button", name="Change the code").click()
        if code == "1234":
            page.get_by_role("alert").wait_for()
            assert "too easy to guess" in page.get_by_role("alert").inner_text()
    page.get_by_text("The code is set").wait_for()
    assert "Done." not in lively.speaker().say(*BANANAS, CODE)
    assert "Done." in lively.speaker().say(*BANANAS, "8350")


def test_a_voice_gets_a_childs_limits(lively: Any, open_page: Any) -> None:
    lively.speaker(person="alex").say(*BANANAS)
    page = open_page("parent")
    page.goto(f"{lively.url}/household/people")
    page.get_by_label("Age profile of voice 1").select_option("child")
    page.get_by_role("button", name="Save voice 1").click()
    page.get_by_text("has no limits of its own yet").wait_for()
    page.get_by_role("region", name="Child").get_by_label("One order at most").fill("2.50")
    page.get_by_role("button", name="Save limits of Child").click()
    page.get_by_text("Saved. It holds from the next order on.").wait_for()
    assert "your limit of $2.50" in lively.speaker(person="alex").say(*BANANAS)
    assert "four-digit code" in lively.speaker().say(*BANANAS)


def test_quiet_hours_and_categories_are_kept(lively: Any, open_page: Any) -> None:
    page = open_page("parent")
    page.goto(f"{lively.url}/household/limits")
    page.get_by_label("From (span 1)").fill("00:00")
    page.get_by_label("Until (span 1)").fill("23:59")
    page.get_by_role("button", name="Save quiet hours").click()
    page.get_by_text("Saved.").wait_for()
    assert "quiet" in lively.speaker().say(*BANANAS).lower()
    page.get_by_label("From (span 1)").fill("")
    page.get_by_label("Until (span 1)").fill("")
    page.get_by_role("button", name="Save quiet hours").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_label("Only what is ticked below", exact=True).check()
    page.get_by_role("group", name="With “only what is ticked below”").get_by_label("Baking", exact=True).check()
    page.get_by_role("button", name="Save categories").click()
    page.get_by_text("Saved.").wait_for()
    assert "four-digit code" not in lively.speaker().say(*BANANAS)


def test_an_order_is_taken_back_and_stands_in_the_history(lively: Any, open_page: Any) -> None:
    assert "Done." in lively.speaker().say(*BANANAS, CODE)
    page = open_page("parent", "phone")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back, and the money is returned.").wait_for()
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/history")
    shown = page.locator("main").inner_text()
    assert "The order was taken back by you" in shown
    assert "The money was given back" in shown


def test_the_data_are_downloaded_and_the_household_deleted(lively: Any, open_page: Any, tmp_path: Path) -> None:
    lively.speaker().say(*BANANAS, CODE)
    page = open_page("parent")
    page.goto(f"{lively.url}/household/settings")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download everything").click()
    kept = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert ("Demo household", 1) == (kept["household"]["name"], len(kept["orders"]))
    page.get_by_label("To be sure, type: Demo household").fill("Demo household")
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_text("The household is forgotten.").wait_for()
    assert "" == lively.app.ports.households.get(HOME).name
    assert "four-digit code" not in lively.speaker().say(*BANANAS)
