"""Shipping: the shop says that an order is on its way, and the household is told."""

from __future__ import annotations

from skill.ports import AuditDraft, Ports
from skill.shop.orders import Order


def ship_order(ports: Ports, order: Order, who: str) -> Order:
    """Committed → shipped. Raises `OrderStateConflict`; then nobody is told anything."""
    now = ports.clock.now_utc()
    draft = AuditDraft(order.household_id, "shipped", now, order.order_id, {"by": who})
    return ports.ledger.ship(order.order_id, now, draft)
