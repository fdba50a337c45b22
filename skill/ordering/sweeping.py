"""The sweeper: whatever a crash or a silent bank left half-way is resolved here, and households are told of their orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from skill.ordering.placing import Outcome, finish_order, settle_order
from skill.ordering.telling import tell_household
from skill.ordering.undoing import refund_order
from skill.ports import Ports
from skill.shop.orders import Order

Done = TypeVar("Done")

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
    told: int = 0
    forgotten: int = 0
    counted: int = 0


class Attempt(Protocol):
    def __call__(self, what: str, step: Callable[[], Done], /) -> Done | None:
        """What the step gives. At the outermost edge, None where it failed and was logged as `what`: the others must go on."""


def _at_once(_: str, step: Callable[[], Done], /) -> Done | None:
    return step()


def sweep(ports: Ports, now: datetime, limit: int = 100, attempt: Attempt = _at_once) -> Swept:
    """Resolves overdue reservations: asks the provider before it voids anything; what the provider does not know stays.

    Each order, and each thing besides, is an `attempt` of its own.
    """
    resolved: Counter[Outcome | None] = Counter()
    refunded = told = 0
    for order in attempt("looking for overdue orders", lambda: ports.ledger.overdue(now, limit)) or ():
        resolved[attempt(f"order {order.order_id}", partial(_resolve, ports, order, now))] += 1
    for order in attempt("looking for open refunds", lambda: ports.ledger.unrefunded(limit)) or ():
        refunded += attempt(f"the refund of order {order.order_id}", partial(_refund, ports, order, now)) or 0
    for notice in attempt("looking for notices", lambda: ports.notices.due(now, limit)) or ():
        told += attempt(f"the notice {notice.key}", partial(tell_household, ports, notice, now)) or 0
    counted = attempt("the figures", partial(count_figures, ports)) or 0  # before what is counted is forgotten
    forgotten = attempt("forgetting old requests", lambda: ports.conversations.sweep(now - REQUESTS_KEPT, limit)) or 0
    return Swept(
        resolved[Outcome.COMMITTED],
        resolved[Outcome.VOIDED],
        resolved[Outcome.PAYMENT_UNKNOWN],
        refunded,
        told,
        forgotten,
        counted,
    )


def _resolve(ports: Ports, order: Order, now: datetime) -> Outcome | None:
    """How the order ended here; None where somebody else was quicker."""
    # Closing before voiding: a process that wakes up late cannot charge for an order that is gone.
    placed = settle_order(ports, order, ports.payments.close(order.order_id), now)
    if placed.outcome is Outcome.PAYMENT_UNKNOWN:
        return placed.outcome
    _, written = finish_order(ports, placed, now, not_paid="payment_declined")
    return placed.outcome if written else None


def _refund(ports: Ports, order: Order, now: datetime) -> bool:
    """Whether the money is back. A refund that is declined is told to the household."""
    return refund_order(ports, order, now, tells=True).payment_state == "refunded"


def count_figures(ports: Ports, writes_max: int = COUNTS_MAX) -> int:
    """Takes what turns and orders have written down into the store's figures; how many records."""
    counted = 0
    for _ in range(writes_max):
        new = ports.figures.fold(COUNTED_AT_ONCE)
        counted += new
        if new < COUNTED_AT_ONCE:
            break
    return counted
