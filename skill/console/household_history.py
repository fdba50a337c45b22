"""Everything that was asked for, and every refusal with its reason, newest first."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import groupby

from babel.dates import format_date
from flask import Response, request

from skill.console.access import PARENT, Visitor
from skill.console.household import Home
from skill.console.site import Site
from skill.console.story import is_stop, tell
from skill.guard.windows import zone

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
        look = LOOKED_THROUGH_MAX if only else PAGE_ENTRIES
        asked = request.args.get("before", "")
        before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else 0
        if before:
            after = max(before - 1 - look, 0)
            entries = [each for each in reversed(ports.ledger.audit(household_id, look, after)) if each.number < before]
        else:
            entries = list(ports.ledger.last_audit(household_id, look))
            after = entries[-1].number - 1 if entries else 0
        shown = [each for each in entries if is_stop(each)] if only else entries
        shown = shown[:PAGE_ENTRIES]
        older = shown[-1].number if len(shown) == PAGE_ENTRIES else after + 1
        names, household = home.names(visitor), home.household(visitor)
        told = [tell(each, home.money_text, names) for each in shown]
        here = zone(household.time_zone)
        days = [list(several) for _, several in groupby(told, key=lambda each: each.entry.at.astimezone(here).date())]
        return home.show(
            "household/history.html",
            visitor,
            days=[(site.when(several[0].entry.at, household.time_zone, "EEEE d MMMM y"), several) for several in days],
            only=only,
            older=older if older > 1 else 0,
            newer=before > 0,
        )


@lru_cache(maxsize=1000)
def day_text(day: date, locale: str) -> str:
    """`Thursday, 19 November 2026`, in the order of the language."""
    return str(format_date(day, "full", locale=locale.replace("-", "_")))
