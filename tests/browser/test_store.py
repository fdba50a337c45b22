"""The owner's stories in a real browser: from a page to what the speaker says a moment later, on a phone and at a desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PAGES = (
    "/console",
    "/console/orders",
    "/console/catalogue",
    "/console/search?q=cofee+under+ten+dollars",
    "/console/search?q=oat+milk",
    "/console/policy",
    "/console/policy/what-if?order_max=oops",
    "/console/refusals",
    "/console/asked",
    "/console/trail",
    "/console/account",
)
GOOD = {"sku": "zeppelin-1", "title": "Zeppelin Model Kit", "price": "19.99 USD", "quantity": 4, "category": "Toys"}


def order(shop: Any) -> str:
    """An order of the demo household's, placed by voice."""
    said = shop.speaker().say("find coffee", "the first one", "yes", "check out", "4271")
    assert "Done" in said
    return str(shop.app.ports.orders.newest(1)[0].order_id)


def write_feed(folder: Path, *rows: dict[str, Any], name: str = "monday.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("small", "light"), ("desktop", "dark")])
def test_there_is_nothing_to_object_to_on_any_page(
    shop: Any, open_page: Any, check_accessible: Any, size: str, scheme: str
) -> None:
    placed = order(shop)
    shop.speaker().say("find charcoal")
    page = open_page("owner", size, color_scheme=scheme)
    for path in (*PAGES, f"/console/orders/{placed}"):
        page.goto(shop.url + path)
        for details in page.locator("details > summary").all():
            details.click()
        check_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"


def test_a_limit_set_on_the_page_is_obeyed_by_the_speaker_a_second_later(shop: Any, open_page: Any) -> None:
    speaker = shop.speaker()
    speaker.say("find coffee", "the first one", "yes")
    page = open_page("owner", "phone")
    page.goto(f"{shop.url}/console/policy")
    page.get_by_label("One order at most").fill("5.00")
    page.get_by_role("button", name="Save the limits").click()
    page.get_by_text("Saved.").wait_for()
    assert "limit" in speaker.say("check out").lower()


def test_what_would_have_happened_is_told_while_a_limit_is_typed(
    shop: Any, open_page: Any, check_accessible: Any
) -> None:
    order(shop)
    page = open_page("owner", "desktop")
    page.goto(f"{shop.url}/console/policy")
    page.get_by_label("One order at most").fill("5.00")
    page.locator("#what-if").get_by_text("would have gone another way").wait_for()
    check_accessible(page)
    assert 0 == shop.app.ports.policies.layer("store", shop.app.ports.store.store_id).version


def test_what_if_works_without_scripts(shop: Any, open_page: Any) -> None:
    order(shop)
    page = open_page("owner", "desktop", java_script_enabled=False)
    page.goto(f"{shop.url}/console/policy")
    page.get_by_label("One order at most").fill("5.00")
    page.get_by_role("button", name="Ask again").click()
    page.get_by_text("would have gone another way").wait_for()
    assert "5.00" == page.get_by_label("One order at most").input_value()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_an_uploaded_catalogue_is_published_and_answers(
    shop: Any, open_page: Any, check_accessible: Any, tmp_path: Path, size: str
) -> None:
    page = open_page("owner", size)
    page.goto(f"{shop.url}/console/catalogue")
    page.get_by_label("File", exact=True).set_input_files(write_feed(tmp_path, GOOD))
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_text("Checked, not published").wait_for()
    check_accessible(page)
    page.get_by_role("button", name="Publish 1 products").click()
    page.get_by_text("can be asked for now").wait_for()
    assert "Zeppelin Model Kit" in shop.speaker().say("find zeppelin")
    page.get_by_role("button", name="Go back to it").first.click()
    page.get_by_text("Back to the catalogue").wait_for()
    assert "First" in shop.speaker().say("find coffee")


def test_bad_rows_are_named_and_nothing_is_taken(
    shop: Any, open_page: Any, check_accessible: Any, tmp_path: Path
) -> None:
    page = open_page("owner", "phone")
    page.goto(f"{shop.url}/console/catalogue")
    page.get_by_label("File", exact=True).set_input_files(
        write_feed(tmp_path, GOOD, GOOD | {"sku": "b", "price": "about 3"})
    )
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_text("Not taken").wait_for()
    assert "write the price as a number" in page.get_by_role("region", name="Bad rows").inner_text()
    assert 0 == page.get_by_role("button", name="Publish").count()
    check_accessible(page)


def test_a_file_that_is_too_large_is_told_of_before_it_is_sent(shop: Any, open_page: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(500 * 1024 * 1024)
    page = open_page("owner", "desktop")
    page.goto(f"{shop.url}/console/catalogue")
    page.get_by_label("File", exact=True).set_input_files(large)
    page.get_by_text("This file has 500 MB").wait_for()
    page.get_by_role("button", name="Upload and check").click()
    assert page.url.endswith("/console/catalogue")
    assert not (shop.app.settings.data_dir / "catalogue.staged" / "staged.json").exists()


def test_an_order_is_shipped_and_another_cancelled_by_keyboard_alone(shop: Any, open_page: Any) -> None:
    placed = order(shop)
    page = open_page("owner", "desktop")
    page.goto(f"{shop.url}/console")

    def go_to(words: str) -> None:
        """Tabs to what is called so, and presses enter."""
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText?.trim() ?? ''").startswith(words):
                page.keyboard.press("Enter")
                return
        raise AssertionError(f"no way to {words!r} by keyboard")

    go_to("Orders")
    page.wait_for_url("**/console/orders")
    go_to(placed)
    page.wait_for_url(f"**/{placed}")
    go_to("Cancel and refund")
    page.get_by_text("The money was given back").wait_for()
    state = shop.app.ports.orders.get(placed)
    assert ("cancelled", "refunded") == (state.state, state.payment_state)


def test_markup_in_a_product_runs_nothing(shop: Any, open_page: Any, tmp_path: Path) -> None:
    evil = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    page = open_page("owner", "desktop")
    page.goto(f"{shop.url}/console/catalogue")
    feed = write_feed(tmp_path, GOOD | {"title": f"Zeppelin {evil}"}, name="evil.jsonl")
    page.get_by_label("File", exact=True).set_input_files(feed)
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Publish 1 products").click()
    page.get_by_text("can be asked for now").wait_for()
    page.goto(f"{shop.url}/console/search?q=zeppelin")
    page.get_by_role("heading", name="Zeppelin").wait_for()
    assert "taken" != page.title()
    assert 0 == page.locator("main img").count()


def test_a_parent_on_the_console_is_sent_away(shop: Any, open_page: Any) -> None:
    page = open_page("parent", "phone")
    for path in PAGES:
        page.goto(shop.url + path)
        assert "/sign-in" in page.url, path
