"""Counting again: do the windows hold what the orders say, and is every audit chain whole?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from skill.guard.audit import Anchor, Finding, Sign, verify_chain
from skill.guard.decision import Spent
from skill.guard.windows import zone
from skill.ordering.sweeping import count_figures
from skill.ports import AuditEntry, Ports
from skill.shop.figures import Counts
from skill.shop.households import HouseholdId
from skill.shop.orders import LIVE_STATES, Order, OrderState, WindowCharge

#: What every household's chain has been noted as, outside the store.
Anchors = Mapping[HouseholdId, Sequence[Anchor]]

#: How much is read at once; a household's whole history is gone through in pages.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Drift:
    """A window that does not hold what its orders add up to."""

    household_id: HouseholdId
    charge: WindowCharge
    held: Spent
    counted: Spent


@dataclass(frozen=True, slots=True)
class FiguresDrift:
    """A figure of a day (`all` days) that is not what the orders add up to."""

    day: str
    name: str
    held: int
    counted: int


def household_ids(ports: Ports, after: str = "") -> Iterator[HouseholdId]:
    """Every household whose id comes after that one, in pages."""
    while page := ports.households.list(PAGE, after):
        yield from (each.household_id for each in page)
        after = page[-1].household_id


def check_ledger(ports: Ports, household_id: HouseholdId) -> tuple[Drift, ...]:
    """Recomputes every window from the household's orders. Cancelled orders count as orders, not as money; voided not at all."""
    counted: dict[WindowCharge, Spent] = defaultdict(Spent)
    for order in all_orders(ports, household_id):
        if order.state is OrderState.VOIDED:
            continue
        amount = order.total.amount if order.state in LIVE_STATES else 0
        for charge in dict.fromkeys(order.charges):
            so_far = counted[charge]
            counted[charge] = Spent(so_far.amount + amount, so_far.orders + 1)
    held = ports.ledger.windows(household_id)
    return tuple(
        Drift(household_id, charge, held.get(charge, Spent()), counted.get(charge, Spent()))
        for charge in sorted({*held, *counted}, key=lambda each: (each.scope, each.window, each.key))
        if held.get(charge, Spent()) != counted.get(charge, Spent())
    )


def check_figures(ports: Ports) -> tuple[FiguresDrift, ...]:
    """Recomputes orders and revenue of every day from the orders themselves, once all that is new has been counted."""
    while count_figures(ports):
        pass
    local = zone(ports.store.time_zone)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    days: set[date] = set()
    for order in all_orders(ports):
        if order.placed_at is None:
            continue
        moves = [(order.placed_at, ("orders", "revenue_minor"))]
        if order.state is OrderState.CANCELLED and order.closed_at is not None:
            moves.append((order.closed_at, ("cancelled", "cancelled_minor")))
        for at, (number, amount) in moves:
            day = at.astimezone(local).date()
            days.add(day)
            for document in (day.isoformat(), "all"):
                counted[document][number] += 1
                counted[document][amount] += order.total.amount
    held: dict[str, Counts] = {"all": ports.figures.totals()}
    # A year at a time, and each day that anything is known of: also one on which the orders know of nothing.
    first, last = min(days, default=_today(ports)), max(days, default=_today(ports))
    while first <= last:
        until = min(first + timedelta(days=365), last)
        held |= {day.isoformat(): counts for day, counts in ports.figures.days(first, until).items()}
        first = until + timedelta(days=1)
    return tuple(
        FiguresDrift(day, name, held.get(day, {}).get(name, 0), counted[day][name])
        for day in sorted({*held, *counted})
        for name in _ORDER_FIGURES
        if held.get(day, {}).get(name, 0) != counted[day][name]
    )


_ORDER_FIGURES = ("orders", "revenue_minor", "cancelled", "cancelled_minor")


def _today(ports: Ports) -> date:
    return ports.clock.now_utc().astimezone(zone(ports.store.time_zone)).date()


def all_orders(ports: Ports, household_id: HouseholdId | None = None) -> Iterator[Order]:
    after = ""
    while page := ports.orders.list(PAGE, after, household_id):
        yield from page
        after = page[-1].order_id


def all_audit(ports: Ports, household_id: HouseholdId) -> Iterator[AuditEntry]:
    after = 0
    while page := ports.ledger.audit(household_id, PAGE, after):
        yield from page
        after = page[-1].number


def verify_audit(ports: Ports, household_id: HouseholdId, anchors: Anchors | None = None) -> tuple[Finding, ...]:
    """What is wrong with the household's chain, held against its anchor outside the database.

    `anchors` are `Ledger.anchors()`, for whoever goes through many households: those in a bucket take a while to read.
    """
    sign: Sign = lambda message: ports.keys.mac("audit", message)  # noqa: E731
    anchors = ports.ledger.anchors() if anchors is None else anchors
    return verify_chain(all_audit(ports, household_id), anchors.get(household_id), sign)
