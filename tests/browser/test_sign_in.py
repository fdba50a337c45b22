"""Signing in with a real browser: by keyboard, on a phone and at a desk, and nothing to object to."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_link_becomes_an_account_by_keyboard_alone(
    shop: Any, open_page: Any, check_accessible: Any, size: str, scheme: str
) -> None:
    from skill.console.access import make_sign_in_link

    page = open_page(None, size, color_scheme=scheme)
    page.goto(shop.url + make_sign_in_link(shop.app.ports, "parent", "hh_demo"))
    check_accessible(page)
    page.get_by_label("Sign-in name").focus()
    for typed in ("Kim", "seven green kites sing", "seven green kites sing"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/household")
    check_accessible(page)
    page.goto(f"{shop.url}/sign-in")
    check_accessible(page)


@pytest.mark.parametrize("role", ["owner", "parent"])
def test_a_wrong_passphrase_is_told_on_the_page(shop: Any, open_page: Any, check_accessible: Any, role: str) -> None:
    page = open_page()
    page.goto(f"{shop.url}/sign-in")
    page.get_by_label("Sign-in name").fill(shop.account(role, None if role == "owner" else "hh_demo").name)
    page.get_by_label("Passphrase").fill("something else")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert "wrong" in page.get_by_role("alert").inner_text()
    check_accessible(page)
