"""The sweeper: whatever a crash or a silent bank left half-way is resolved here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from skill.ordering.placing import Outcome, finish_order, notify_order, settle_order
from skill.ordering.undoing import refund_order
from skill.ports import Ports
from skill.shop.orders import Order

#: Answers given and sessions are kept this long: platforms retry within minutes, support asks within a day.
REQUESTS_KEPT = timedelta(days=2)

#: Records that are counted in one write, and writes of one round: a store that was away for a while catches up by and by.
COUNTED_AT_ONCE = 500
COUNTS_MAX = 40


@dataclass(frozen=True, slots=True)
class Swept:
    committed: int = 0
    voided: int = 0
    left_unknown: int = 0
    refunded: int = 0
    forgotten: int = 0
    counted: int = 0


def sweep(ports: Ports, now: datetime, limit: int = 100) -> Swept:
    """Resolves overdue reservations: asks the provider before it voids anything; what the provider does not know stays."""
    resolved = Counter(_resolve(ports, order, now) for order in ports.ledger.overdue(now, limit))
    refunded = sum(_refund(ports, order, now) for order in ports.ledger.unrefunded(limit))
    counted = count_figures(ports)  # before what is counted is forgotten
    forgotten = ports.conversations.sweep(now - REQUESTS_KEPT, limit)
    return Swept(
        resolved[Outcome.COMMITTED],
        resolved[Outcome.VOIDED],
        resolved[Outcome.PAYMENT_UNKNOWN],
        refunded,
        forgotten,
        counted,
    )


def _resolve(ports: Ports, order: Order, now: datetime) -> Outcome | None:
    """How the order ended here; None where somebody else was quicker, who then tells the household."""
    # Closing before voiding: a process that wakes up late cannot charge for an order that is gone.
    placed = settle_order(ports, order, ports.payments.close(order.order_id), now)
    if placed.outcome is Outcome.PAYMENT_UNKNOWN:
        return placed.outcome
    order, written = finish_order(ports, placed, now)
    if not written:
        return None
    notify_order(ports, order, "receipt" if placed.outcome is Outcome.COMMITTED else "payment_declined", now)
    return placed.outcome


def _refund(ports: Ports, order: Order, now: datetime) -> bool:
    """Whether the money is back. A refund that is declined is told to the household."""
    state = refund_order(ports, order, now).payment_state
    if state == "refund_declined":
        notify_order(ports, order, state, now)
    return state == "refunded"


def count_figures(ports: Ports, writes_max: int = COUNTS_MAX) -> int:
    """Takes what turns and orders have written down into the store's figures; how many records."""
    counted = 0
    for _ in range(writes_max):
        new = ports.figures.fold(COUNTED_AT_ONCE)
        counted += new
        if new < COUNTED_AT_ONCE:
            break
    return counted
