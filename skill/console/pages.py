"""All the pages, for `web` to serve."""

from __future__ import annotations

from flask import Blueprint

from skill.app import App
from skill.console.household import add_household_pages
from skill.console.household_approvals import add_approval_pages
from skill.console.household_history import add_history_pages
from skill.console.household_limits import add_limit_pages
from skill.console.household_people import add_people_pages
from skill.console.household_settings import add_settings_pages
from skill.console.openid import Issuer
from skill.console.sign_in import add_sign_in_pages
from skill.console.site import Site
from skill.console.store import add_store_pages


def create_pages(app: App, issuer: Issuer | None = None) -> Blueprint:
    """Every page of the store's owner and of its households. `issuer` takes the place of the one in the settings, for tests."""
    site = Site(app, issuer=issuer)
    add_sign_in_pages(site)
    add_household_pages(site)
    add_approval_pages(site)
    add_limit_pages(site)
    add_people_pages(site)
    add_history_pages(site)
    add_settings_pages(site)
    add_store_pages(site)
    return site.blueprint
