"""The owner's pages, all of them."""

from __future__ import annotations

from skill.console.site import Site
from skill.console.store_catalogue import add_catalogue_pages
from skill.console.store_orders import add_order_pages
from skill.console.store_overview import add_asked_pages
from skill.console.store_policy import add_policy_pages
from skill.console.store_search import add_search_pages
from skill.console.store_trail import add_trail_pages


def add_store_pages(site: Site) -> None:
    add_order_pages(site)
    add_asked_pages(site)
    add_catalogue_pages(site)
    add_search_pages(site)
    add_policy_pages(site)
    add_trail_pages(site)
