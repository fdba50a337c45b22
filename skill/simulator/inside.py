"""What stands behind a conversation, for a developer to see: the cart, the limits and what is spent, the guard's last decision.

Read from the stores after the turn, so it is what the next turn will find and not what the last one meant to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skill.errors import CatalogueMissing
from skill.guard.policy import KNOBS, Policy
from skill.guard.policy_file import knob_text, limits_in_force
from skill.guard.windows import caps_for, local_time, window_charges
from skill.ordering.deciding import limits_for
from skill.ports import AuditEntry, Ports
from skill.shop.cart import Cart
from skill.shop.catalogue import Product, Sku
from skill.shop.households import Household
from skill.shop.money import Money, total

#: How many of the newest audit entries are looked through for the guard's last word.
ENTRIES_LOOKED_AT_MAX = 20
ORDERS_SHOWN_MAX = 5

_WINDOW_LABELS = {
    "day": "Today",
    "week": "This week",
    "month": "This month",
    "year": "This year",
    "ever": "Altogether",
    "no_code": "Without a code",
}

#: Every limit, with what a developer calls it.
LIMIT_LABELS = {
    "ordering_enabled": "Ordering is on",
    "frozen": "Frozen",
    "order_max": "One order",
    "day_max": "A day",
    "week_max": "A week",
    "month_max": "A month",
    "year_max": "A year",
    "total_max": "Altogether",
    "orders_per_day_max": "Orders a day",
    "order_gap_min_s": "Between two orders",
    "pin_policy": "Code asked",
    "pin_over": "Code asked over",
    "no_pin_order_max": "One order without a code",
    "no_pin_total_max": "All without a code",
    "no_pin_confirm": "Without a code, confirm by",
    "adult_approval_over": "Adult asked over",
    "unrecognised_speaker": "Unknown voice",
    "quantity_per_line_max": "Of one product",
    "lines_max": "Different products",
    "categories_denied": "Categories denied",
    "categories_allowed": "Categories allowed",
    "skus_denied": "Products denied",
    "quiet_hours": "Quiet hours",
    "duplicate_window_s": "Same basket again after",
    "quote_ttl_s": "Quote holds",
    "reservation_ttl_s": "Reservation holds",
    "approval_ttl_s": "Approval waits",
    "undo_window_s": "Undo window",
    "approvals_open_max": "Approvals open",
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


def people_seen(ports: Ports, household: Household) -> tuple[str, ...]:
    """The recognised speakers whose orders the household's spend windows know, by name."""
    scopes = {charge.scope for charge in ports.ledger.windows(household.household_id)}
    return tuple(sorted(scope.rpartition("/")[2] for scope in scopes if scope.startswith("person:")))


def inside_json(ports: Ports, owner: str, household: Household | None, person: str | None = None) -> dict[str, Any]:
    """Everything that is shown beside the conversation, as JSON values and ready texts; limits as they hold for `person`."""
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
        "code": "",
        "orders": [],
    }
    if household is None:
        return inside
    inside["code"] = "locked" if household.code_locked else "set" if household.code_set else "none"
    decision = last_decision(ports, household)
    if decision is not None:
        inside["decision"] = decision_json(decision, household, currency)
    limits = limits_for(ports, household, person)
    if limits.policy is not None:
        inside["windows"] = _windows_json(ports, household, limits.policy, person, limits.profile)
        inside["facts"] = _facts_json(ports, household, person, limits.profile)
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


def decision_json(decision: DecisionSeen, household: Household, currency: str) -> dict[str, Any]:
    return {
        "label": decision_label(decision),
        "mood": "good" if decision.given else _MOODS.get(decision.kind, "warn"),
        "at": _clock_text(household, decision.at),
        "reasons": [{"key": why, "says": reason_text(why, data, currency)} for why, data in decision.reasons],
    }


def _windows_json(
    ports: Ports, household: Household, policy: Policy, person: str | None, profile: str | None
) -> list[dict[str, Any]]:
    """Each window that has a cap: the money in it and, where orders are counted, how many."""
    charges = window_charges(household, person, profile, ports.clock.now_utc(), code_proved=False)
    spent = ports.ledger.spent(household.household_id, charges)
    windows = []
    for charge, (amount_max, orders_max) in caps_for(policy, charges).items():
        held = spent.get(charge)
        amount, orders = (held.amount, held.orders) if held else (0, 0)
        scope = "" if charge.scope == "household" else f", {charge.scope.rpartition('/')[2]}"
        label = f"{_WINDOW_LABELS.get(charge.window, charge.window)}{scope}"
        if amount_max is not None:
            cap = str(Money(amount_max, policy.currency))
            windows.append(_window(label, Money(amount, policy.currency).decimal(), cap, amount, amount_max))
        if orders_max is not None:
            windows.append(_window(f"{label}, orders", str(orders), str(orders_max), orders, orders_max))
    return windows


def _window(label: str, spent: str, cap: str, held: int, most: int) -> dict[str, Any]:
    return {"label": label, "spent": spent, "cap": cap, "share": round(held / most, 4) if most else 1}


def _facts_json(ports: Ports, household: Household, person: str | None, profile: str | None) -> list[dict[str, Any]]:
    """Every limit in force, with the levels that it comes from."""
    policies, subject = ports.policies, household.household_id
    inner = [policies.layer("profile", f"{subject}/{profile}")] if profile else []
    inner += [policies.layer("person", f"{subject}/{person}")] if person else []
    limits = limits_in_force(
        policies.layer("store", ports.store.store_id),
        policies.layer("household", subject),
        inner,
        age_restricted_categories=ports.store.age_restricted_categories,
    )
    return [
        {
            "name": each.name,
            "label": LIMIT_LABELS.get(each.name, each.name.replace("_", " ")),
            "value": _knob_text(
                each.name, each.value or None if KNOBS[each.name].kind != "bool" else each.value, ports
            ),
            "sources": [source.replace(f"{subject}/", "") for source in each.sources],
        }
        for each in limits
    ]


def _knob_text(name: str, value: Any, ports: Ports) -> str:
    """Seconds in the largest unit that holds them evenly: `30 min`, `24 h`."""
    for unit, size in (("h", 3600), ("min", 60)):
        if name.endswith("_s") and value and value % size == 0:
            return f"{value // size} {unit}"
    if name.endswith("_s") and value is None:
        return "none"
    return knob_text(name, value, ports.store.currency)


def _clock_text(household: Household, at: datetime) -> str:
    return f"{local_time(household, at):%H:%M:%S}"
