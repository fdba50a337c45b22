"""What the store's owners did, as the store's own audit chain has it; and figures to take away as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from flask import Response, stream_with_context
from werkzeug.exceptions import NotFound

from skill.console.access import OWNER, Visitor
from skill.console.site import Site
from skill.console.store_overview import REASONS, today
from skill.console.store_policy import LABELS
from skill.console.story import tell_changes
from skill.ordering.checking import household_ids
from skill.ordering.sweeping import count_figures
from skill.ports import AuditEntry
from skill.shop.figures import Counts
from skill.shop.households import HouseholdId, store_chain
from skill.shop.money import Money

TRAIL_SHOWN_MAX = 100
#: Rows that one file holds at most, and what is read at once for them.
EXPORT_ROWS_MAX = 200_000
_READ_AT_ONCE = 500
_DAYS_EXPORTED = 731

#: A cell that begins so is a formula to a spreadsheet. Source: OWASP, "CSV Injection".
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_DAY_COLUMNS = (
    "sessions", "sessions_searched", "sessions_carted", "sessions_quoted", "sessions_ordered", "turns", "missed", "searches",
    "unmet", "quotes", "orders", "revenue_minor", "cancelled", "cancelled_minor", "shipped", "payments_failed", "refused",
    "adults_asked", "adults_approved", "codes_wrong", "codes_locked",
)  # fmt: skip

Row = Sequence[Any]


def add_trail_pages(site: Site) -> None:
    ports = site.ports

    @site.page("/console/trail", role=OWNER)
    def trail(visitor: Visitor) -> Response:
        entries = ports.ledger.last_audit(store_chain(ports.store.store_id), TRAIL_SHOWN_MAX)
        rows = [
            (each.number, site.when(each.at, ports.store.time_zone, "d MMM y, HH:mm"), *_tell(site, each))
            for each in entries
        ]
        return site.render("console/trail.html", visitor, rows=rows)

    @site.page("/console/export/<name>.csv", role=OWNER)
    def export(visitor: Visitor, name: str) -> Response:
        write = _EXPORTS.get(name)
        if write is None:
            raise NotFound
        count_figures(ports, writes_max=1)
        response = Response(stream_with_context(_lines(write(site))), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}-{today(ports)}.csv"'
        return response


def _tell(site: Site, entry: AuditEntry) -> tuple[str, str, list[str]]:
    """Who, what, and the particulars."""
    facts = entry.facts
    who = name_account(site, str(facts.get("who") or ""))
    if entry.kind == "policy_changed":
        told = list(tell_changes(entry, names=LABELS, currency=site.ports.store.currency))
        if facts.get("why"):
            told.append(f"“{facts['why']}”")
        return who, "Changed the store’s limits", told
    if entry.kind in ("catalogue_published", "catalogue_rolled_back"):
        done = "Published a catalogue" if entry.kind == "catalogue_published" else "Went back to a catalogue"
        return who, done, [f"{facts.get('products')} products, version {str(facts.get('version'))[:12]}"]
    return who, entry.kind.replace("_", " ").capitalize(), []


def name_account(site: Site, who: str) -> str:
    """Whom the trail names by an id, by the name that they sign in with where they still have an account."""
    account = site.ports.sign_ins.account(who) if who.startswith("acc_") else None
    return account.name if account is not None else who


# --- CSV --------------------------------------------------------------------------------------------------------------


def guard_cell(value: Any) -> Any:
    """What no spreadsheet takes for a formula: texts that begin like one get an apostrophe before them."""
    if isinstance(value, str) and value.startswith(_FORMULA_BEGINS):
        return f"'{value}"
    return value


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(rows):
        if number > EXPORT_ROWS_MAX:
            break
        writer.writerow([guard_cell(cell) for cell in row])
        if buffer.tell() > 32_768:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _days(site: Site) -> Iterator[Row]:
    """A day each; the refusals by reason after the others. Money is in minor units."""
    last = today(site.ports)
    days = site.ports.figures.days(last - timedelta(days=_DAYS_EXPORTED), last)
    reasons = sorted({name for counts in days.values() for name in counts if name.startswith("refused:")})
    yield ("day", "currency", *_DAY_COLUMNS, *reasons)
    for day, counts in sorted(days.items()):
        yield (day.isoformat(), site.ports.store.currency, *_cells(counts, _DAY_COLUMNS), *_cells(counts, reasons))


def _cells(counts: Counts, names: Iterable[str]) -> list[int]:
    return [counts.get(name, 0) for name in names]


def _orders(site: Site) -> Iterator[Row]:
    """Newest first, without addresses."""
    yield (
        "order", "household", "state", "placed_at", "closed_at", "currency", "total", "delivery", "tax", "payment", "platform",
        "items",
    )  # fmt: skip
    before = ""
    while page := site.ports.orders.newest(_READ_AT_ONCE, before):
        for order in page:
            yield (
                order.order_id, order.household_id, order.state.value,
                order.placed_at.isoformat() if order.placed_at else "", order.closed_at.isoformat() if order.closed_at else "",
                order.total.currency, order.total.decimal(), order.delivery.decimal(), order.tax.decimal(),
                order.payment_state, order.platform,
                "; ".join(f"{line.quantity} x {line.title} ({line.sku})" for line in order.lines),
            )  # fmt: skip
        before = page[-1].order_id


def _households(site: Site) -> Iterator[Row]:
    """What each has ordered and why it was refused: by its number, without names."""
    yield ("household", "orders", "currency", "revenue", "cancelled", "first_order", "last_order", "refused", *REASONS)
    currency = site.ports.store.currency
    waiting: list[HouseholdId] = []
    for household_id in household_ids(site.ports):
        waiting.append(household_id)
        if len(waiting) == _READ_AT_ONCE:
            yield from _households_of(site, waiting, currency)
            waiting = []
    yield from _households_of(site, waiting, currency)


def _households_of(site: Site, some: Sequence[HouseholdId], currency: str) -> Iterator[Row]:
    figures = site.ports.figures.of_households(some)
    for household_id in some:
        mine = figures.get(household_id)
        if mine is None:
            yield (household_id, 0, currency, Money(0, currency).decimal(), 0, "", "", 0, *[0] * len(REASONS))
            continue
        yield (
            household_id, mine.kept, currency, Money(mine.revenue_minor, currency).decimal(), mine.cancelled,
            mine.first_at.isoformat() if mine.first_at else "", mine.last_at.isoformat() if mine.last_at else "",
            sum(mine.refusals.values()), *_cells(mine.refusals, REASONS),
        )  # fmt: skip


def _unmet(site: Site) -> Iterator[Row]:
    yield ("heard_as", "times", "last_at")
    for each in site.ports.figures.unmet(EXPORT_ROWS_MAX):
        yield (each.words, each.count, each.last_at.isoformat())


_EXPORTS: dict[str, Callable[[Site], Iterator[Row]]] = {
    "days": _days,
    "orders": _orders,
    "households": _households,
    "not-found": _unmet,
}
