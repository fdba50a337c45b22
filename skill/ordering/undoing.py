"""Taking an order back: the order first, then the money, and the money until it is back."""

from __future__ import annotations

from datetime import datetime

from skill.errors import OrderStateConflict
from skill.ports import AuditDraft, PaymentState, Ports
from skill.shop.orders import Order, OrderState


def undo_order(ports: Ports, order: Order, by: str, now: datetime, *, any_time: bool = False) -> tuple[Order, bool]:
    """Cancels inside the undo window and refunds; doing it twice is doing it once. Tells whether the money is back.

    With `any_time`, which is the store's, also after the window. Raises `UndoWindowClosed`, and `OrderStateConflict` for an order
    that is neither committed nor cancelled.
    """
    draft = AuditDraft(order.household_id, "cancelled", now, order.order_id, {"by": by})
    try:
        order = ports.ledger.cancel(order.order_id, now, draft, any_time=any_time)
    except OrderStateConflict as conflict:
        if conflict.facts["state"] != OrderState.CANCELLED:
            raise
    return order, refund_order(ports, order, now)


def refund_order(ports: Ports, order: Order, now: datetime) -> bool:
    """Gives the money back; the provider knows the order and does it once. What it leaves open the sweeper asks again."""
    if order.payment_state == "refunded":
        return True
    result = ports.payments.refund(order.order_id, order.total)
    done = result.state is PaymentState.APPROVED
    state = "refunded" if done else "refund_unknown"
    draft = AuditDraft(order.household_id, state, now, order.order_id, {"payment": result.reference})
    ports.ledger.note_payment(order.order_id, state, result.reference or order.payment, draft)
    return done
