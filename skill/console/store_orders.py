"""Orders and their state: shipped, taken back and refunded by the store; and which households were refused what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request
from werkzeug.exceptions import NotFound

from skill.console.access import OWNER, Visitor
from skill.console.site import Site
from skill.console.store_overview import (
    PERIODS,
    REASONS,
    draw_period,
    draw_refusals,
    overview_values,
    read_figures,
    read_period,
    say_count,
    sum_counts,
)
from skill.console.store_trail import name_account
from skill.console.story import tell_decision
from skill.errors import OrderStateConflict
from skill.ordering.approving import approval_of
from skill.ordering.placing import Outcome
from skill.ordering.shipping import ship_order
from skill.ordering.sweeping import ask_payment
from skill.ordering.undoing import refund_order, undo_order
from skill.ports import AuditEntry
from skill.shop.households import HouseholdId
from skill.shop.orders import UNANSWERED_ASKS, Order, OrderId, OrderState

PAGE_ORDERS = 15
PAGE_HOUSEHOLDS = 20
#: Entries of an order's story that are told, the newest: how it ended, and why, is among them.
_STORY_ENTRIES_MAX = 50

#: A state, and a refund that is on its way, in words and in the colour of a tag.
STATES = {
    OrderState.RESERVED: ("Waits for the payment", "warn"),
    OrderState.COMMITTED: ("To be shipped", "good"),
    OrderState.SHIPPED: ("Shipped", ""),
    OrderState.CANCELLED: ("Cancelled", "bad"),
    OrderState.VOIDED: ("Not paid", "bad"),
}
PAYMENTS = {
    "none": "not asked yet",
    "approved": "paid",
    "unknown": "no answer yet",
    "declined": "declined",
    "refunded": "refunded",
    "refund_unknown": "the refund has no answer yet; it is asked for again by itself",
    "refund_declined": "the refund was declined; the money must be given back some other way",
}
_STORY = {
    "reserved": "Agreed to; the money was reserved",
    "committed": "Paid; the order was placed",
    "voided": "The payment was declined; nothing was ordered",
    "payment_unknown": "The payment gave no answer; the money stays reserved",
    "payment_unanswered": "The payment provider still has no answer; somebody should ask it",
    "cancelled": "Taken back",
    "refunded": "The money was given back",
    "refund_unknown": "The refund gave no answer yet",
    "refund_unanswered": "The payment provider still has no answer about the refund; somebody should ask it",
    "refund_declined": "The refund was declined",
    "shipped": "Shipped",
}
_CONFLICTS = {
    OrderState.RESERVED: "This order waits for its payment; that must be settled first.",
    OrderState.SHIPPED: "This order has been shipped; it cannot be cancelled any more.",
    OrderState.CANCELLED: "This order was cancelled before.",
    OrderState.VOIDED: "This order was never paid; there is nothing to do.",
}


#: What asking the payment provider again has brought.
_ASKED: dict[Outcome | None, tuple[str, str]] = {
    Outcome.COMMITTED: ("It was paid; the order is placed.", "good"),
    Outcome.VOIDED: ("It was not paid; money and stock are given back.", "plain"),
    Outcome.PAYMENT_UNKNOWN: ("The payment provider has not answered yet.", "plain"),
}


def add_order_pages(site: Site) -> None:
    ports = site.ports

    @site.page("/console", role=OWNER)
    def overview(visitor: Visitor) -> Response:
        return site.render("console/overview.html", visitor, **console_overview(site, read_period()))

    @site.page("/console/orders", role=OWNER)
    def list_orders(visitor: Visitor) -> Response:
        wanted = " ".join(request.args.get("q", "").split())[:100]
        before = request.args.get("before", "")[:100]
        if wanted:
            order = ports.orders.get(OrderId(wanted))
            found: Sequence[Order] = [order] if order else ports.orders.recent(HouseholdId(wanted), PAGE_ORDERS)
            older = ""
        else:
            found = ports.orders.newest(PAGE_ORDERS + 1, before)
            older = found[PAGE_ORDERS - 1].order_id if len(found) > PAGE_ORDERS else ""
        rows = order_rows(site, found[:PAGE_ORDERS])
        return site.render("console/orders.html", visitor, rows=rows, wanted=wanted, older=older, before=before)

    @site.page("/console/orders/<order_id>", role=OWNER)
    def show_order(visitor: Visitor, order_id: str) -> Response:
        order = _find(site, order_id)
        zone_name = ports.store.time_zone
        entries, entries_count = ports.ledger.audit_of_order(order.household_id, order.order_id, _STORY_ENTRIES_MAX)
        story = [(site.when(each.at, zone_name), _tell(site, each)) for each in entries]
        return site.render(
            "console/order.html",
            visitor,
            order=order,
            state=STATES[order.state],
            payment=_say_payment(order),
            approved=_say_approval(site, order),
            placed=site.when(order.placed_at or order.reserved_at, zone_name),
            undo_open=order.undo_until is not None and site.now() < order.undo_until,
            story=story,
            entries_count=entries_count,
            can_ask=order.state is OrderState.RESERVED and order.payment_state == "unknown",
            can_ship=order.state is OrderState.COMMITTED,
            can_cancel=order.state is OrderState.COMMITTED,
            can_refund=order.state is OrderState.CANCELLED and order.payment_state != "refunded",
        )

    @site.action("/console/orders/<order_id>/ship", role=OWNER)
    def ship(visitor: Visitor, order_id: str) -> Response:
        order = _find(site, order_id)
        return _changed(site, order_id, lambda: ship_order(ports, order, visitor.who), "Marked as shipped.")

    @site.action("/console/orders/<order_id>/cancel", role=OWNER)
    def cancel(visitor: Visitor, order_id: str) -> Response:
        order = _find(site, order_id)
        told = "Cancelled; the money is on its way back."
        return _changed(
            site, order_id, lambda: undo_order(ports, order, visitor.who, site.now(), any_time=True), told
        )  # fmt: skip

    @site.action("/console/orders/<order_id>/ask", role=OWNER)
    def ask(visitor: Visitor, order_id: str) -> Response:
        order = _find(site, order_id)
        # Only what is past its time: a younger order may still be paid by the turn that has made it.
        waits = order.state is OrderState.RESERVED and order.reserve_deadline <= site.now()
        outcome = ask_payment(ports, order, site.now()) if waits else None
        told = _ASKED.get(outcome, ("The order has moved on, or is not overdue yet.", "plain"))
        return site.go(f"/console/orders/{order_id}", told[0], kind=told[1])

    @site.action("/console/orders/<order_id>/refund", role=OWNER)
    def refund(visitor: Visitor, order_id: str) -> Response:
        order = _find(site, order_id)
        if order.state is not OrderState.CANCELLED:
            return site.go(f"/console/orders/{order_id}", "Only a cancelled order is refunded.", kind="bad")
        state = refund_order(ports, order, site.now()).payment_state
        if state == "refunded":
            return site.go(f"/console/orders/{order_id}", "The money is back.")
        if state == "refund_declined":
            return site.go(f"/console/orders/{order_id}", "The payment provider declined the refund.", kind="bad")
        return site.go(f"/console/orders/{order_id}", "The payment provider has not answered yet.", kind="plain")

    @site.page("/console/refusals", role=OWNER)
    def refusals(visitor: Visitor) -> Response:
        return site.render("console/refusals.html", visitor, **refusal_values(site, read_period(), _after()))


def _say_payment(order: Order) -> str:
    # Nothing was taken for an order that came to nothing, whatever the provider said before.
    state = "declined" if order.state is OrderState.VOIDED else order.payment_state
    told = PAYMENTS.get(state, state)
    return f"{told}; asked {order.asks} times in vain" if _is_unanswered(order) else told


def _say_approval(site: Site, order: Order) -> str:
    """Who has approved the order, by which means and when; "" where it was agreed to by voice."""
    approval = approval_of(site.ports, order)
    names = {approval.decided_by: name_account(site, approval.decided_by)} if approval else {}
    return tell_decision(approval, names, lambda at: site.when(at, site.ports.store.time_zone))


def _is_unanswered(order: Order) -> bool:
    return order.asks > UNANSWERED_ASKS and order.payment_state in ("none", "unknown", "approved", "refund_unknown")


def order_rows(site: Site, orders: Iterable[Order]) -> list[dict[str, Any]]:
    """What the table of orders shows of each."""
    zone_name = site.ports.store.time_zone
    return [
        {
            "order_id": order.order_id,
            "household_id": order.household_id,
            "when": site.when(order.placed_at or order.reserved_at, zone_name, "d MMM y, HH:mm"),
            "what": _say_lines(order),
            "total": site.money(order.total),
            "state": _tag(order),
        }
        for order in orders
    ]


def _tag(order: Order) -> tuple[str, str]:
    if order.payment_state == "refund_declined":
        return "Refund declined", "warn"
    return ("No answer about the money", "warn") if _is_unanswered(order) else STATES[order.state]


def console_overview(site: Site, days_count: int) -> dict[str, Any]:
    """All that the overview shows."""
    values = overview_values(site, days_count)
    return values | {"latest_rows": order_rows(site, values.pop("latest"))}


def refusal_values(site: Site, days_count: int, after: str) -> dict[str, Any]:
    ports = site.ports
    period = read_figures(ports, days_count, with_before=False)
    listed = ports.households.list(PAGE_HOUSEHOLDS + 1, after)
    page = listed[:PAGE_HOUSEHOLDS]
    figures = ports.figures.of_households(each.household_id for each in page)
    households = []
    for each in page:
        mine = figures.get(each.household_id)
        refused = sorted(mine.refusals.items(), key=lambda one: (-one[1], one[0])) if mine else []
        reasons = [(REASONS.get(reason, reason.replace("_", " ")), count) for reason, count in refused]
        households.append((each.household_id, sum(count for _, count in refused), reasons[:3], mine))
    now = sum_counts(counts for _, counts in period.steps)
    return {
        "period": days_count,
        "periods_all": PERIODS,
        "counts": now,
        "reasons": draw_refusals(now, 12),
        "by_day": draw_period("Refused orders", period, lambda counts: counts.get("refused", 0), say_count),
        "households": households,
        "more": page[-1].household_id if len(listed) > PAGE_HOUSEHOLDS else "",
    }


def _find(site: Site, order_id: str) -> Order:
    order = site.ports.orders.get(OrderId(order_id))
    if order is None:
        raise NotFound
    return order


def _changed(site: Site, order_id: str, change: Any, told: str) -> Response:
    """Does it; an order that has moved on meanwhile is told of, and left as it is."""
    path = f"/console/orders/{order_id}"
    try:
        change()
    except OrderStateConflict as conflict:
        return site.go(path, _CONFLICTS.get(conflict.facts["state"], "The order has moved on."), kind="bad")
    return site.go(path, told)


def _tell(site: Site, entry: AuditEntry) -> str:
    by = name_account(site, str(entry.facts.get("by") or entry.facts.get("who") or ""))
    told = _STORY.get(entry.kind, entry.kind.replace("_", " ").capitalize())
    if entry.kind == "voided" and entry.facts.get("payment") == "action_required":
        told = "The bank wanted the cardholder to confirm the payment; nothing was ordered"
    return f"{told}, by {by}" if by else told


def _say_lines(order: Order) -> str:
    first = " · ".join(f"{line.quantity} × {line.title}" for line in order.lines[:2])
    return f"{first} and {len(order.lines) - 2} more" if len(order.lines) > 2 else first


def _after() -> str:
    return request.args.get("after", "")[:100]
