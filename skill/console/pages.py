"""All the pages, for `web` to serve."""

from __future__ import annotations

from flask import Blueprint

from skill.app import App
from skill.console.household import add_household_pages
from skill.console.openid import Issuer
from skill.console.sign_in import add_sign_in_pages
from skill.console.site import Site


def create_pages(app: App, issuer: Issuer | None = None) -> Blueprint:
    """Every page of the store's owner and of its households. `issuer` takes the place of the one in the settings, for tests."""
    site = Site(app, issuer=issuer)
    add_sign_in_pages(site)
    add_household_pages(site)
    return site.blueprint
