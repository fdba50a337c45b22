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
from skill.shop.quote import Quote, line_from_data, line_to_data, quote_from_data, quote_to_data

_SOMEBODY = "somebody"

_POLICY_FIELDS = tuple(each.name for each in fields(Policy))
_POLICY_SETS = ("categories_denied", "categories_allowed", "skus_denied")
_policy_values = attrgetter(*_POLICY_FIELDS)


def decision_facts(
    quote: Quote,
    situation: Situation,
    policy: Policy | None,
    spent: Mapping[WindowCharge, Spent],
    now: datetime,
    decision: Decision,
) -> dict[str, Any]:
    """The input of `decide()` and what came of it, as JSON values, without what is personal (`decision_personal`).

    Where the guard asks only whether there is a person, "somebody" stands for whoever it was.
    """
    asker = {"address": "", "device": "", "session": "", "person": quote.person and _SOMEBODY}
    return {
        "decision": type(decision).__name__,
        "given": isinstance(decision, Confirm) and decision.given,
        "how": decision.how if isinstance(decision, Confirm) else "",
        "reasons": [[why, dict(data)] for why, data in decision.reasons],
        "now": now.isoformat(),
        "total_minor": quote.total.amount,
        "quote": quote_to_data(quote) | asker,
        "situation": {
            "platform": situation.platform,
            "person": situation.person and _SOMEBODY,
            "recognises_speakers": situation.recognises_speakers,
            "code_set": situation.code_set,
            "code_locked": situation.code_locked,
            "local": situation.local.isoformat(),
            "charges": [[_scope(charge.scope), charge.window, charge.key] for charge in situation.charges],
            "proofs": {
                "code": situation.proofs.code,
                "confirmation": situation.proofs.confirmation,
                "adult": situation.proofs.adult,
            },
            "speaker_changed": situation.speaker_changed,
            "code_optional": situation.code_optional,
            "authentic": situation.authentic,
            "burst": situation.burst,
            "recent": [_order_to_data(order) for order in situation.recent],
        },
        "policy": policy and _without_subjects(policy_to_data(policy)),
        "spent": [
            [_scope(charge.scope), charge.window, charge.key, held.amount, held.orders]
            for charge, held in spent.items()
        ],
    }


def decision_personal(quote: Quote) -> dict[str, Any]:
    """What the facts leave out, for keeping under the household's own key."""
    return {"address": quote.address, "device": quote.device, "session": quote.session, "person": quote.person}


def decision_input(
    facts: Mapping[str, Any],
) -> tuple[Quote, Situation, Policy | None, dict[WindowCharge, Spent], datetime]:
    """The arguments of `decide()` as they were recorded."""
    quote = quote_from_data(facts["quote"])
    told = dict(facts["situation"])
    situation = Situation(
        **told
        | {
            "local": datetime.fromisoformat(told["local"]),
            "charges": tuple(WindowCharge(*each) for each in told["charges"]),
            "proofs": Proofs(**told["proofs"]),
            "recent": tuple(_order_from_data(each, quote) for each in told["recent"]),
        }
    )
    spent = {WindowCharge(*each[:3]): Spent(*each[3:]) for each in facts["spent"]}
    policy = policy_from_data(facts["policy"]) if facts["policy"] else None
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


def _order_to_data(order: Order) -> list[Any]:
    """As much of an earlier order as the guard looks at: its state, its time, its basket."""
    return [
        order.order_id,
        order.state.value,
        order.reserved_at.isoformat(),
        [line_to_data(line) for line in order.lines],
    ]


def _order_from_data(data: list[Any], quote: Quote) -> Order:
    order_id, state, reserved_at, lines = data
    currency, at = quote.currency, datetime.fromisoformat(reserved_at)
    nothing = Money(0, currency)
    return Order(
        order_id, quote.household_id, quote.store, quote.seller, OrderState(state),
        tuple(line_from_data(line, currency) for line in lines),
        nothing, nothing, nothing, nothing, "", "", "", at, at, 0, (),
    )  # fmt: skip
