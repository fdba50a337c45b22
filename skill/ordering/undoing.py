"""Taking an order back: the order first, then the money, and the money until it is back."""

from __future__ import annotations

from datetime import datetime

from skill.errors import OrderStateConflict
from skill.ports import AuditDraft, PaymentState, Ports
from skill.shop.orders import Order, OrderState

#: What the provider's answer makes of the order's payment. A refund that it does not make by itself is somebody's to see to.
_REFUNDS = {PaymentState.APPROVED: "refunded", PaymentState.UNKNOWN: "refund_unknown"}


def undo_order(ports: Ports, order: Order, by: str, now: datetime, *, any_time: bool = False) -> Order:
    """Cancels inside the undo window, tells the household, and refunds; doing it twice is doing it once.

    The order's `payment_state` tells whether the money is back. With `any_time`, which is the store's, also after the window.
    Raises `UndoWindowClosed`, and `OrderStateConflict` for an order that is neither committed nor cancelled.
    """
    draft = AuditDraft(order.household_id, "cancelled", now, order.order_id, {"by": by})
    try:
        order = ports.ledger.cancel(order.order_id, now, draft, any_time=any_time)
    except OrderStateConflict as conflict:
        if conflict.facts["state"] != OrderState.CANCELLED:
            raise
    return refund_order(ports, order, now)


def refund_order(ports: Ports, order: Order, now: datetime, *, tells: bool = False) -> Order:
    """Gives the money back; the provider knows the order and does it once. What it leaves open the sweeper asks again, and what
    it declines waits for the store. The same answer again is written down once. `tells`: nobody hears of it here, so that the
    household is told where it is declined.
    """
    if order.payment_state == "refunded":
        return order
    result = ports.payments.refund(order.order_id, order.total)
    state = _REFUNDS.get(result.state, "refund_declined")
    if state == order.payment_state:
        return order
    draft = AuditDraft(order.household_id, state, now, order.order_id, {"payment": result.reference})
    notice = state if tells and state == "refund_declined" else ""
    try:
        return ports.ledger.note_payment(order.order_id, state, result.reference or order.payment, draft, notice=notice)
    except OrderStateConflict:
        # The money is back: whoever asked at the same time was told so.
        return ports.orders.get(order.order_id) or order
