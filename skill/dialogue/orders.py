"""After the order: where it is, and taking it back inside the undo window."""

from __future__ import annotations

from skill.dialogue.naming import quoted_lines
from skill.dialogue.work import Work
from skill.errors import OrderStateConflict, UndoWindowClosed
from skill.ordering.undoing import undo_order
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
    waits = last.state is OrderState.RESERVED and last.payment_state == "unknown"
    key = "status-unknown" if waits else f"status-{last.state.value}"
    minutes = max(int((work.now - last.reserved_at).total_seconds() // 60), 0)
    ago = Phrase("ago-days", {"days": minutes // 1440}) if minutes >= 1440 else Phrase("ago", {"minutes": minutes})
    lines = quoted_lines(last.lines[:3])
    return say(Phrase(key, {"lines": lines, "total": last.total, "ago": ago}), ask="find-else")


def cancel_order(work: Work) -> Answer:
    """Takes back the last order: by voice, from the same household, inside the window. Twice is the same as once."""
    work.state = work.state.settled()
    orders = [order for order in _recent(work) if order.state is not OrderState.VOIDED]
    if not orders:
        return say("no-orders", ask="find-what")
    try:
        order, money_is_back = undo_order(work.ports, orders[0], "voice", work.now)
    except UndoWindowClosed:
        return say("undo-too-late", ask="find-else")
    except OrderStateConflict as conflict:
        return say("undo-shipped" if conflict.facts["state"] == OrderState.SHIPPED else "undo-not-yet", ask="find-else")
    return say(Phrase("undone" if money_is_back else "undone-refund-later", {"total": order.total}), ask="find-else")


def _recent(work: Work) -> list[Order]:
    if work.household is None:
        return []
    return list(work.ports.orders.recent(work.household.household_id, _LOOK_BACK_MAX))
