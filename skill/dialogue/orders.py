"""After the order: where it is, and taking it back inside the undo window."""

from __future__ import annotations

from skill.dialogue.naming import counted_line
from skill.dialogue.work import Work
from skill.errors import OrderStateConflict, UndoWindowClosed
from skill.ports import AuditDraft, PaymentState
from skill.shop.orders import Order, OrderState
from skill.speech.answer import Answer, Phrase, say

#: How far back "my last order" may lie, in orders.
_LOOK_BACK_MAX = 20


def order_status(work: Work) -> Answer:
    work.state = work.state.settled()
    orders = _recent(work)
    if not orders:
        return say("no-orders", ask="find-what")
    last = orders[0]
    key = "status-unknown" if last.payment_state == "unknown" else f"status-{last.state.value}"
    minutes = max(int((work.now - last.reserved_at).total_seconds() // 60), 0)
    ago = Phrase("ago-days", {"days": minutes // 1440}) if minutes >= 1440 else Phrase("ago", {"minutes": minutes})
    lines = tuple(counted_line(line) for line in last.lines[:3])
    return say(Phrase(key, {"lines": lines, "total": last.total, "ago": ago}), ask="anything-else")


def cancel_order(work: Work) -> Answer:
    """Takes back the last order: by voice, from the same household, inside the window. Twice is the same as once."""
    work.state = work.state.settled()
    orders = [order for order in _recent(work) if order.state is not OrderState.VOIDED]
    if not orders:
        return say("no-orders", ask="find-what")
    last = orders[0]
    draft = AuditDraft(last.household_id, "cancelled", work.now, last.order_id, {"by": "voice"})
    try:
        last = work.ports.ledger.cancel(last.order_id, work.now, draft)
    except UndoWindowClosed:
        return say("undo-too-late", ask="find-else")
    except OrderStateConflict as conflict:
        if conflict.facts["state"] != OrderState.CANCELLED:
            return say(f"undo-{_why_not(last, conflict)}", ask="find-else")
    if not _refund(work, last):
        return say(Phrase("undone-refund-later", {"total": last.total}), ask="anything-else")
    return say(Phrase("undone", {"total": last.total}), ask="anything-else")


def _refund(work: Work, order: Order) -> bool:
    """Gives the money back; the provider knows the order and does it once. What it does not answer, the sweeper asks again."""
    if order.payment_state == "refunded":
        return True
    result = work.ports.payments.refund(order.order_id, order.total)
    done = result.state is PaymentState.APPROVED
    state = "refunded" if done else "refund_unknown"
    draft = AuditDraft(order.household_id, state, work.now, order.order_id, {"payment": result.reference})
    work.ports.ledger.note_payment(order.order_id, state, result.reference or order.payment, draft)
    return done


def _why_not(order: Order, conflict: OrderStateConflict) -> str:
    return "shipped" if conflict.facts["state"] == OrderState.SHIPPED else "not-yet"


def _recent(work: Work) -> list[Order]:
    if work.household is None:
        return []
    return list(work.ports.orders.recent(work.household.household_id, _LOOK_BACK_MAX))
