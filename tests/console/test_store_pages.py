"""The owner's pages: each opens, for an owner alone."""

from __future__ import annotations

import pytest

PAGES = (
    "/console",
    "/console?days=365",
    "/console/asked",
    "/console/catalogue",
    "/console/catalogue/progress",
    "/console/orders",
    "/console/policy",
    "/console/policy/what-if?order_max=40.00",
    "/console/policy/preview?order_max=40.00",
    "/console/refusals",
    "/console/search",
    "/console/search?q=coffee",
    "/console/trail",
    "/console/account",
    "/console/export/days.csv",
    "/console/export/households.csv",
    "/console/export/not-found.csv",
    "/console/export/orders.csv",
)


@pytest.mark.parametrize("path", PAGES)
def test_an_owner_sees_the_page(owner, path):
    owner.get(path)


@pytest.mark.parametrize("path", PAGES)
def test_a_parent_does_not(parent, path):
    parent.get(path, 303)
    assert "/sign-in" in parent.last.headers["Location"]


@pytest.mark.parametrize("path", PAGES)
def test_nor_does_who_is_signed_out(browser, path):
    browser.get(path, 303)
    assert "/sign-in" in browser.last.headers["Location"]
