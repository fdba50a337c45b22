"""Counting again: do the windows hold what the orders say, and is every audit chain whole?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from skill.guard.audit import Finding, Sign, verify_chain
from skill.guard.decision import Spent
from skill.ports import AuditEntry, Ports
from skill.shop.households import HouseholdId
from skill.shop.orders import LIVE_STATES, Order, OrderState, WindowCharge

#: How much is read at once; a household's whole history is gone through in pages.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Drift:
    """A window that does not hold what its orders add up to."""

    household_id: HouseholdId
    charge: WindowCharge
    held: Spent
    counted: Spent


def household_ids(ports: Ports) -> Iterator[HouseholdId]:
    """Every household, in pages."""
    after = ""
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


def all_orders(ports: Ports, household_id: HouseholdId) -> Iterator[Order]:
    after = ""
    while page := ports.orders.list(PAGE, after, household_id):
        yield from page
        after = page[-1].order_id


def all_audit(ports: Ports, household_id: HouseholdId) -> Iterator[AuditEntry]:
    after = 0
    while page := ports.ledger.audit(household_id, PAGE, after):
        yield from page
        after = page[-1].number


def verify_audit(ports: Ports, household_id: HouseholdId) -> tuple[Finding, ...]:
    """What is wrong with the household's chain, held against its anchor outside the database."""
    sign: Sign = lambda message: ports.keys.mac("audit", message)  # noqa: E731
    return verify_chain(all_audit(ports, household_id), ports.ledger.anchors().get(household_id), sign)
