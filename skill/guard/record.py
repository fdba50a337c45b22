"""A decision written down with its full input, so that it can be told, checked and asked again under another policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from skill.guard.decision import Confirm, Decision, Proofs, Situation, Spent
from skill.guard.policy import Policy, WindowCap
from skill.shop.money import Money
from skill.shop.orders import Order, OrderState, WindowCharge
from skill.shop.quote import Quote, QuoteLine, quote_from_data, quote_to_data

_SOMEBODY = "somebody"

_POLICY_FIELDS = tuple(each.name for each in fields(Policy))
_POLICY_SETS = ("categories_denied", "categories_allowed", "skus_denied")
_policy_values = attrgetter(*_POLICY_FIELDS)

# What a record leaves out when it is so. A decision is written down for every quote and every order, and most of it is as it
# always is. These never change: a default of tomorrow must not be read into a decision of today.
_USUAL_QUOTE: dict[str, Any] = {"device": "", "session": "", "address": "", "person": None, "discount": 0}
_USUAL_SITUATION: dict[str, Any] = {
    "person": None,
    "recognises_speakers": False,
    "code_set": True,
    "code_locked": False,
    "proofs": {},
    "speaker_changed": False,
    "code_optional": False,
    "authentic": True,
    "burst": False,
    "recent": [],
}
_USUAL_POLICY: dict[str, Any] = {
    "ordering_enabled": True,
    "frozen": False,
    "order_max": 5000,
    "order_gap_min_s": 60,
    "pin_policy": "always",
    "pin_over": 0,
    "no_pin_order_max": 2000,
    "no_pin_total_max": 5000,
    "no_pin_confirm": "spoken_number",
    "adult_approval_over": 3000,
    "unrecognised_speaker": "pin",
    "quantity_per_line_max": 10,
    "lines_max": 10,
    "categories_denied": [],
    "categories_allowed": None,
    "skus_denied": [],
    "quiet_hours": ((1260, 420),),
    "duplicate_window_s": 600,
    "quote_ttl_s": 120,
    "reservation_ttl_s": 900,
    "approval_ttl_s": 86400,
    "undo_window_s": 1800,
    "approvals_open_max": 3,
}


def decision_facts(
    quote: Quote,
    situation: Situation,
    policy: Policy | None,
    spent: Mapping[WindowCharge, Spent],
    now: datetime,
    decision: Decision,
) -> dict[str, Any]:
    """The input of `decide()` and what came of it, as JSON values, without what is personal (`decision_personal`).

    Where the guard asks only whether there is a person, "somebody" stands for whoever it was. What is as usual is left out.
    """
    asker = {"address": "", "device": "", "session": "", "person": quote.person and _SOMEBODY}
    charged = [
        [_scope(charge.scope), charge.window, charge.key, held.amount, held.orders] for charge, held in spent.items()
    ]
    told = {
        "platform": situation.platform,
        "person": situation.person and _SOMEBODY,
        "recognises_speakers": situation.recognises_speakers,
        "code_set": situation.code_set,
        "code_locked": situation.code_locked,
        "local": situation.local.isoformat(),
        "proofs": _proofs_to_data(situation.proofs),
        "speaker_changed": situation.speaker_changed,
        "code_optional": situation.code_optional,
        "authentic": situation.authentic,
        "burst": situation.burst,
        "recent": [_order_to_data(order) for order in situation.recent],
    }
    if situation.charges != tuple(spent):
        told["charges"] = [[_scope(charge.scope), charge.window, charge.key] for charge in situation.charges]
    facts = {
        "decision": type(decision).__name__,
        "reasons": [[why, dict(data)] for why, data in decision.reasons],
        "now": now.isoformat(),
        "total_minor": quote.total.amount,
        "quote": _unusual(quote_to_data(quote) | asker, _USUAL_QUOTE),
        "situation": _unusual(told, {**_USUAL_SITUATION, "platform": quote.platform}),
        "policy": policy and _unusual(_without_subjects(policy_to_data(policy)), _usual_policy(quote)),
        "spent": charged,
    }
    if isinstance(decision, Confirm):
        facts["how"], facts["given"] = decision.how, decision.given
    return facts


def decision_personal(quote: Quote) -> dict[str, Any]:
    """What the facts leave out, for keeping under the household's own key."""
    return {"address": quote.address, "device": quote.device, "session": quote.session, "person": quote.person}


def decision_input(
    facts: Mapping[str, Any],
) -> tuple[Quote, Situation, Policy | None, dict[WindowCharge, Spent], datetime]:
    """The arguments of `decide()` as they were recorded."""
    quote = quote_from_data({**_USUAL_QUOTE, **facts["quote"]})
    told = {"platform": quote.platform, **_USUAL_SITUATION, **facts["situation"]}
    spent = {WindowCharge(*each[:3]): Spent(*each[3:]) for each in facts["spent"]}
    charges = told.get("charges")
    situation = Situation(
        **told
        | {
            "local": datetime.fromisoformat(told["local"]),
            "charges": tuple(spent) if charges is None else tuple(WindowCharge(*each) for each in charges),
            "proofs": Proofs(**told["proofs"]),
            "recent": tuple(_order_from_data(each, quote) for each in told["recent"]),
        }
    )
    recorded = facts["policy"]
    policy = None if recorded is None else policy_from_data({**_usual_policy(quote), **recorded})
    return quote, situation, policy, spent, datetime.fromisoformat(facts["now"])


def policy_to_data(policy: Policy) -> dict[str, Any]:
    data = dict(zip(_POLICY_FIELDS, _policy_values(policy), strict=True))
    for name in _POLICY_SETS:
        if data[name] is not None:
            data[name] = sorted(data[name])
    data["caps"] = [[cap.scope, cap.window, cap.amount_max, cap.orders_max] for cap in policy.caps]
    return data


def policy_from_data(data: Mapping[str, Any]) -> Policy:
    values = dict(data)
    for name in _POLICY_SETS:
        values[name] = None if values[name] is None else frozenset(values[name])
    values["quiet_hours"] = tuple(tuple(span) for span in values["quiet_hours"])
    values["caps"] = tuple(WindowCap(*each) for each in values["caps"])
    return Policy(**values)


def _scope(scope: str) -> str:
    """`person:KEY` → `person:somebody`: there is at most one of each kind in a decision."""
    kind, named, _ = scope.partition(":")
    return f"{kind}:{_SOMEBODY}" if named else scope


def _without_subjects(policy: dict[str, Any]) -> dict[str, Any]:
    return policy | {"caps": [[_scope(scope), *cap] for scope, *cap in policy["caps"]]}


def _usual_policy(quote: Quote) -> dict[str, Any]:
    return {**_USUAL_POLICY, "currency": quote.currency, "version": quote.policy_version}


def _unusual(data: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in usual or usual[name] != value}


def _proofs_to_data(proofs: Proofs) -> dict[str, Any]:
    given = {"code": proofs.code, "confirmation": proofs.confirmation, "adult": proofs.adult}
    return {name: value for name, value in given.items() if value}


def _order_to_data(order: Order) -> list[Any]:
    """As much of an earlier order as the guard looks at: its state, its time, its basket."""
    return [order.order_id, order.state.value, order.bought_at.isoformat(), [list(each) for each in order.basket]]


def _order_from_data(data: list[Any], quote: Quote) -> Order:
    order_id, state, bought_at, basket = data
    nothing, at = Money(0, quote.currency), datetime.fromisoformat(bought_at)
    return Order(
        order_id, quote.household_id, quote.store, quote.seller, OrderState(state),
        tuple(QuoteLine(sku, "", "", quantity, nothing) for sku, quantity in basket),
        nothing, nothing, nothing, nothing, "", "", "", at, at, 0, (),
    )  # fmt: skip
