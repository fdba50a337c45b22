"""After the order: where it is, and taking it back inside the undo window."""

from __future__ import annotations

from datetime import datetime

from skill.dialogue.naming import quoted_lines
from skill.dialogue.work import Work
from skill.errors import OrderStateConflict, UndoWindowClosed
from skill.ordering.undoing import undo_order
from skill.shop.orders import Order, OrderState
from skill.speech.answer import Answer, Phrase, say
from skill.turn import Expect

#: How far back "my last order" may lie, in orders.
_LOOK_BACK_MAX = 20

#: What is told of the money of an order that was taken back.
_UNDONE = {"refunded": "undone", "refund_declined": "undone-refund-declined"}


def order_status(work: Work) -> Answer:
    work.state = work.state.settled()
    orders = _recent(work)
    if not orders:
        return say("no-orders", ask="find-what")
    last = orders[0]
    waits = last.state is OrderState.RESERVED and last.payment_state == "unknown"
    key = "status-unknown" if waits else f"status-{last.state.value}"
    minutes = max(int((work.now - last.reserved_at).total_seconds() // 60), 0)
    ago = Phrase("ago-days", {"days": minutes // 1440}) if minutes >= 1440 else Phrase("ago", {"minutes": minutes})
    lines = quoted_lines(last.lines[:3], work.turn.locale)
    return say(Phrase(key, {"lines": lines, "total": last.total, "ago": ago}), ask="find-else")


def cancel_order(work: Work) -> Answer:
    """Takes back the last order: by voice, from the same household, inside the window. Twice is the same as once."""
    work.state = work.state.settled()
    orders = [order for order in _recent(work) if order.state is not OrderState.VOIDED]
    if not orders:
        return say("no-orders", ask="find-what")
    last = orders[0]
    before = next((order for order in orders[1:] if _can_undo(order, work.now)), None)
    if last.state is OrderState.CANCELLED and before is not None:
        # Never taken for "the one before", which was not named.
        work.state = work.state.asking("undo", order_id=before.order_id)
        offer = Phrase("undo-offer", {"lines": quoted_lines(before.lines[:3], work.turn.locale), "total": before.total})
        return say("undone-before", ask=offer, expects=Expect.YES_OR_NO, suggestions=("suggest-yes", "suggest-no"))
    return _undo(work, last)


def cancel_offered(work: Work) -> Answer:
    """Yes: the order before the last one too."""
    offered = work.state.pending.order_id if work.state.pending else ""
    work.state = work.state.settled()
    order = next((order for order in _recent(work) if order.order_id == offered), None)
    return say("no-orders", ask="find-what") if order is None else _undo(work, order)


def _can_undo(order: Order, now: datetime) -> bool:
    return order.state is OrderState.COMMITTED and order.undo_until is not None and now < order.undo_until


def _undo(work: Work, order: Order) -> Answer:
    try:
        order = undo_order(work.ports, order, "voice", work.now)
    except UndoWindowClosed:
        return say("undo-too-late", ask="find-else")
    except OrderStateConflict as conflict:
        return say("undo-shipped" if conflict.facts["state"] == OrderState.SHIPPED else "undo-not-yet", ask="find-else")
    return say(Phrase(_UNDONE.get(order.payment_state, "undone-refund-later"), {"total": order.total}), ask="find-else")


def _recent(work: Work) -> list[Order]:
    if work.household is None:
        return []
    return list(work.ports.orders.recent(work.household.household_id, _LOOK_BACK_MAX))
