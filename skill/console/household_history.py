"""Everything that was asked for, and every refusal with its reason, newest first."""

from __future__ import annotations

from itertools import groupby

from flask import Response, request

from skill.console.access import PARENT, Visitor
from skill.console.household import Home
from skill.console.site import Site
from skill.console.story import is_stop, tell

#: Entries of a page, and how many are looked through for refusals to fill one.
PAGE_ENTRIES = 40
LOOKED_THROUGH_MAX = 400


def add_history_pages(site: Site) -> None:
    home, ports = Home(site), site.ports

    @site.page("/household/history", role=PARENT)
    def history(visitor: Visitor) -> Response:
        """`before`: only entries numbered below it; `only=refusals`."""
        only = request.args.get("only") == "refusals"
        household_id = visitor.household_id
        newest = ports.ledger.last_audit(household_id, 1)
        top = newest[0].number if newest else 0
        asked = request.args.get("before", "")
        before = min(int(asked), top + 1) if asked.isascii() and asked.isdigit() and len(asked) < 12 else top + 1
        look = LOOKED_THROUGH_MAX if only else PAGE_ENTRIES
        after = max(before - 1 - look, 0)
        entries = [each for each in reversed(ports.ledger.audit(household_id, look, after)) if each.number < before]
        shown = [each for each in entries if is_stop(each)] if only else entries
        shown = shown[:PAGE_ENTRIES]
        older = shown[-1].number if len(shown) == PAGE_ENTRIES else after + 1
        names, household = home.names(visitor), home.household(visitor)
        told = [tell(each, home.money_text, names) for each in shown]
        days = groupby(told, key=lambda each: site.when(each.entry.at, household.time_zone, "EEEE d MMMM y"))
        return home.show(
            "household/history.html",
            visitor,
            days=[(day, list(several)) for day, several in days],
            only=only,
            older=older if older > 1 else 0,
            newer=before <= top,
        )
