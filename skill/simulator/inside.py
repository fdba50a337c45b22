"""What stands behind a conversation, for a developer to see: the cart, the limits and what is spent, the guard's last decision.

Read from the stores after the turn, so it is what the next turn will find and not what the last one meant to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skill.errors import CatalogueMissing, PolicyInvalid
from skill.guard.policy import WINDOW_KNOBS, Policy, effective_policy
from skill.guard.policy_file import knob_text
from skill.guard.windows import local_time, window_charges
from skill.ports import AuditEntry, Ports
from skill.shop.cart import Cart
from skill.shop.catalogue import Product, Sku
from skill.shop.households import Household
from skill.shop.money import Money, total

#: How many of the newest audit entries are looked through for the guard's last word.
ENTRIES_LOOKED_AT_MAX = 20
ORDERS_SHOWN_MAX = 5

_WINDOW_LABELS = {"day": "Today", "week": "This week", "month": "This month", "year": "This year", "ever": "Altogether"}

#: Limits that are shown beside the windows, with what a developer calls them.
_FACTS = {
    "order_max": "One order",
    "adult_approval_over": "Adult asked over",
    "pin_policy": "Code asked",
    "no_pin_order_max": "Without a code",
    "quantity_per_line_max": "Of one product",
    "quiet_hours": "Quiet hours",
    "undo_window_s": "Undo window",
    "quote_ttl_s": "Quote holds",
}


@dataclass(frozen=True, slots=True)
class CartLineSeen:
    sku: Sku
    title: str
    size: str
    quantity: int
    price: Money


@dataclass(frozen=True, slots=True)
class DecisionSeen:
    """`kind` is the guard's own name for it (Refuse, NeedAdult, NeedCode, Confirm); `reasons` are (key, data)."""

    number: int
    kind: str
    how: str
    given: bool
    reasons: tuple[tuple[str, Mapping[str, Any]], ...]
    at: datetime


def cart_seen(ports: Ports, owner: str) -> tuple[CartLineSeen, ...]:
    """The cart with live prices; a product that has gone from the catalogue is shown by its SKU."""
    cart: Cart = ports.carts.load(owner)
    skus = [line.sku for line in cart.lines]
    products: Mapping[Sku, Product] = {}
    if skus:
        try:
            products = ports.catalogue.products(skus)
        except CatalogueMissing:
            products = {}
    live = ports.inventory.items(skus) if skus else {}
    seen = []
    for line in cart.lines:
        product, item = products.get(line.sku), live.get(line.sku)
        each = item.price if item else product.price if product else Money(0, ports.store.currency)
        title, size = (product.title, product.size) if product else (line.sku, "")
        seen.append(CartLineSeen(line.sku, title, size, line.quantity, each * line.quantity))
    return tuple(seen)


def last_decision(ports: Ports, household: Household) -> DecisionSeen | None:
    """What the guard decided last, from the audit trail; None where it was never asked."""
    for entry in ports.ledger.last_audit(household.household_id, ENTRIES_LOOKED_AT_MAX):
        if "decision" in entry.facts:
            return _decision(entry)
        if entry.kind == "approval_asked":
            reason = ("adult_approval_over", {"total_minor": entry.facts["total_minor"]})
            return DecisionSeen(entry.number, "NeedAdult", "", given=False, reasons=(reason,), at=entry.at)
    return None


def _decision(entry: AuditEntry) -> DecisionSeen:
    facts = entry.facts
    return DecisionSeen(
        number=entry.number,
        kind=facts["decision"],
        how=facts.get("how", ""),
        given=bool(facts.get("given")),
        reasons=tuple((why, data) for why, data in facts.get("reasons", ())),
        at=entry.at,
    )


#: Why the guard decided as it did, as a developer reads it.
REASON_TEXTS = {
    "not_authentic": "the platform does not vouch for who this is",
    "policy_unreadable": "the limits cannot be read, which refuses everything",
    "ordering_off": "ordering is switched off",
    "frozen": "ordering is frozen",
    "code_not_set": "the code is always asked for, and none is set",
    "code_locked": "too many wrong codes: locked until an adult resets it",
    "speaker_unrecognised": "the platform does not recognise this voice",
    "speaker_changed": "somebody else speaks than asked for the quote",
    "pin_policy": "the household's policy asks for the code",
    "platform_asks": "the platform wants the code asked, since one is set",
    "burst": "the same is being ordered in many households at once",
    "duplicate": "the same basket was ordered a moment ago",
    "order_gap": "too soon after the last order",
    "quiet_hours": "quiet hours",
    "order_max": "over the limit for one order",
    "day_max": "over the limit for a day",
    "week_max": "over the limit for a week",
    "month_max": "over the limit for a month",
    "year_max": "over the limit for a year",
    "ever_max": "over the limit altogether",
    "no_code_max": "over the limit for what is bought without a code",
    "no_pin_order_max": "over the limit for an order without a code",
    "no_pin_total_max": "over the limit for what is bought without a code",
    "orders_per_day_max": "as many orders today as are allowed",
    "adult_approval_over": "so much needs an adult's approval",
    "lines_max": "too many different products",
    "quantity": "too many of one product, or no whole number",
    "category_denied": "of a category that is denied",
    "category_not_allowed": "of a category that is not allowed",
    "sku_denied": "a product that is denied",
    "price_invalid": "a price below zero",
    "currency": "in another currency than the limits",
    "empty": "nothing in the cart",
}


def reason_text(why: str, data: Mapping[str, Any], currency: str) -> str:
    """A reason as a developer reads it: `over the limit for one order: cap 50.00 USD, total 159.99 USD`."""
    parts = []
    for name, value in data.items():
        if name.endswith("_minor") and isinstance(value, int):
            parts.append(f"{name.removesuffix('_minor')} {Money(value, currency)}")
        elif value != "":
            parts.append(f"{name.replace('_', ' ')} {value}")
    says = REASON_TEXTS.get(why) or why.replace("_", " ")
    return f"{says}: {', '.join(parts)}" if parts else says


def household_policy(ports: Ports, household: Household) -> Policy | None:
    """The household's limits as they hold for anybody in it; None where they cannot be read."""
    store = ports.store
    try:
        return effective_policy(
            ports.policies.layer("store", store.store_id),
            ports.policies.layer("household", household.household_id),
            currency=store.currency,
            age_restricted_categories=store.age_restricted_categories,
        )
    except PolicyInvalid:
        return None


def inside_json(ports: Ports, owner: str, household: Household | None) -> dict[str, Any]:
    """Everything that the page shows beside the conversation, as JSON values and ready texts."""
    lines = cart_seen(ports, owner)
    currency = ports.store.currency
    inside: dict[str, Any] = {
        "household": household.name if household else "",
        "cart": {
            "lines": [
                {"title": each.title, "size": each.size, "quantity": each.quantity, "price": str(each.price)}
                for each in lines
            ],
            "total": str(total((each.price for each in lines), currency)),
        },
        "decision": None,
        "windows": [],
        "facts": [],
        "orders": [],
    }
    if household is None:
        return inside
    decision = last_decision(ports, household)
    if decision is not None:
        inside["decision"] = _decision_json(decision, household, currency)
    policy = household_policy(ports, household)
    if policy is not None:
        inside["windows"] = _windows_json(ports, household, policy)
        inside["facts"] = _facts_json(policy, household, currency)
    inside["orders"] = [
        {
            "lines": ", ".join(f"{line.quantity} × {line.title}" for line in order.lines),
            "total": str(order.total),
            "state": order.state.value,
            "at": _clock_text(household, order.placed_at or order.reserved_at),
        }
        for order in ports.orders.recent(household.household_id, ORDERS_SHOWN_MAX)
    ]
    return inside


_MOODS = {"Refuse": "bad", "NeedAdult": "warn", "NeedCode": "warn", "Confirm": "warn"}
_LABELS = {"Refuse": "Refused", "NeedAdult": "Needs an adult", "NeedCode": "Needs the code"}


def decision_label(decision: DecisionSeen) -> str:
    if decision.kind == "Confirm":
        how = decision.how.replace("_", " ")
        return f"Allowed, by {how}" if decision.given else f"Needs confirmation: {how}"
    return _LABELS.get(decision.kind, decision.kind)


def _decision_json(decision: DecisionSeen, household: Household, currency: str) -> dict[str, Any]:
    return {
        "label": decision_label(decision),
        "mood": "good" if decision.given else _MOODS.get(decision.kind, "warn"),
        "at": _clock_text(household, decision.at),
        "reasons": [{"key": why, "says": reason_text(why, data, currency)} for why, data in decision.reasons],
    }


def _windows_json(ports: Ports, household: Household, policy: Policy) -> list[dict[str, Any]]:
    charges = window_charges(household, None, None, ports.clock.now_utc(), code_proved=True)
    spent = ports.ledger.spent(household.household_id, charges)
    held = {charge.window: amounts for charge, amounts in spent.items() if charge.scope == "household"}
    windows = []
    for cap in policy.caps:
        if cap.scope != "household" or cap.amount_max is None or cap.window not in WINDOW_KNOBS:
            continue
        amount = held[cap.window].amount if cap.window in held else 0
        windows.append(
            {
                "label": _WINDOW_LABELS[cap.window],
                "spent": Money(amount, policy.currency).decimal(),
                "cap": str(Money(cap.amount_max, policy.currency)),
                "share": round(amount / cap.amount_max, 4) if cap.amount_max else 1,
            }
        )
    return windows


def _facts_json(policy: Policy, household: Household, currency: str) -> list[dict[str, str]]:
    facts = [
        {"label": label, "value": _knob_text(name, getattr(policy, name) or None, currency)}
        for name, label in _FACTS.items()
    ]
    code = "locked" if household.code_locked else "set" if household.code_set else "none"
    facts.append({"label": "Purchase code", "value": code})
    if policy.frozen or not policy.ordering_enabled:
        facts.append({"label": "Ordering", "value": "frozen" if policy.frozen else "off"})
    return facts


def _knob_text(name: str, value: Any, currency: str) -> str:
    """Whole minutes are said as such: `30 min`."""
    if name.endswith("_s") and value and value % 60 == 0:
        return f"{value // 60} min"
    return knob_text(name, value, currency)


def _clock_text(household: Household, at: datetime) -> str:
    return f"{local_time(household, at):%H:%M:%S}"
