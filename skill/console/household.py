"""The parents' pages: what a household may order, who asked for what, and what became of it."""

from __future__ import annotations

from flask import Response

from skill.console.access import PARENT, Visitor
from skill.console.site import Site


def add_household_pages(site: Site) -> None:
    @site.page("/household", role=PARENT)
    def overview(visitor: Visitor) -> Response:
        household = site.ports.households.get(visitor.household_id)
        return site.render("household/overview.html", visitor, household=household)
