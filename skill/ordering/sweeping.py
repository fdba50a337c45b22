"""The sweeper: whatever a crash or a silent bank left half-way is resolved here, and households are told of their orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from skill.errors import OrderStateConflict
from skill.ordering.placing import Outcome, finish_order, settle_order
from skill.ordering.telling import tell_household
from skill.ordering.undoing import refund_order
from skill.ports import AuditDraft, Ports
from skill.shop.orders import UNANSWERED_ASKS, Order, OrderState

Done = TypeVar("Done")

#: Answers given and sessions are kept this long: platforms retry within minutes, support asks within a day.
REQUESTS_KEPT = timedelta(days=2)

#: A provider that has no answer is asked again after the first of these, then after twice as long, up to the second: four hours
#: until `UNANSWERED_ASKS`, and four times a day from then on.
ASK_AGAIN_S, ASK_AGAIN_MOST_S = 60, 21600

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
        resolved[attempt(f"order {order.order_id}", partial(ask_payment, ports, order, now))] += 1
    for order in attempt("looking for open refunds", lambda: ports.ledger.unrefunded(now, limit)) or ():
        refunded += attempt(f"the refund of order {order.order_id}", partial(_ask_refund, ports, order, now)) or 0
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


def ask_payment(ports: Ports, order: Order, now: datetime) -> Outcome | None:
    """How the order ended here; None where somebody else was quicker."""
    asked = _count_ask(ports, order, now)
    if asked is None:
        return None
    order = asked
    # Closing before voiding: a process that wakes up late cannot charge for an order that is gone.
    placed = settle_order(ports, order, ports.payments.close(order.order_id), now)
    if placed.outcome is Outcome.PAYMENT_UNKNOWN:
        return placed.outcome
    _, written = finish_order(ports, placed, now, not_paid="payment_declined")
    return placed.outcome if written else None


def _ask_refund(ports: Ports, order: Order, now: datetime) -> bool:
    """Whether the money is back. A refund that is declined is told to the household."""
    asked = _count_ask(ports, order, now)
    return asked is not None and refund_order(ports, asked, now, tells=True).payment_state == "refunded"


def _count_ask(ports: Ports, order: Order, now: datetime) -> Order | None:
    """Writes down when the provider is asked next, before it is asked: whatever it does, it is left alone until then. None where
    somebody else was quicker.

    The owner is told once in the order's own story, and sees it until it is over (`Ledger.unanswered`).
    """
    wait_s = min(ASK_AGAIN_S * 2 ** min(order.asks, 20), ASK_AGAIN_MOST_S)
    draft = None
    if order.asks == UNANSWERED_ASKS:
        kind = "payment_unanswered" if order.state is OrderState.RESERVED else "refund_unanswered"
        draft = AuditDraft(order.household_id, kind, now, order.order_id, {"asks": order.asks})
    try:
        return ports.ledger.put_off(order, now + timedelta(seconds=wait_s), draft)
    except OrderStateConflict:
        return None


def count_figures(ports: Ports, writes_max: int = COUNTS_MAX) -> int:
    """Takes what turns and orders have written down into the store's figures; how many records."""
    counted = 0
    for _ in range(writes_max):
        new = ports.figures.fold(COUNTED_AT_ONCE)
        counted += new
        if new < COUNTED_AT_ONCE:
            break
    return counted
