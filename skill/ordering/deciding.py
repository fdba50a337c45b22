"""Asking the guard: the one place that gathers what `decide()` needs, and keeps what it was asked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from skill.errors import OrderCountExceeded, PolicyInvalid, SpendCapExceeded
from skill.guard.consent import Sign
from skill.guard.decision import Decision, Proofs, Reason, Refuse, Situation, decide
from skill.guard.policy import Layer, Policy, effective_policy
from skill.guard.record import decision_facts, decision_personal
from skill.guard.windows import local_time, window_charges
from skill.ports import ORDERS_LOOKED_AT_MAX, AuditDraft, Basis, Ports
from skill.shop.households import Household
from skill.shop.orders import WindowCharge
from skill.shop.quote import Quote


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force for one speaker, and the layers that they are merged of (level, subject, version).

    `policy` is None where one cannot be read, which refuses every order.
    """

    policy: Policy | None
    profile: str | None = None
    layers: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard said, and all that it was asked with. `facts` go into the audit trail; a reservation holds only as long as
    `basis` is as it was.
    """

    decision: Decision
    quote: Quote
    policy: Policy | None
    charges: tuple[WindowCharge, ...]
    facts: Mapping[str, Any]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Channel:
    """What the channel tells of the speaker beside the quote's own asker; an adult's page knows none of it."""

    recognises_speakers: bool = False
    speaker_changed: bool = False
    code_optional: bool = False
    authentic: bool = True
    burst: bool = False


def limits_for(ports: Ports, household: Household | None, person: str | None) -> Limits:
    """The store's, the household's, and the person's and profile's limits, merged."""
    subject = household.household_id if household else ""
    policies = ports.policies
    try:
        inner = layers_of_person(ports, subject, person) if household else ()
        profile = inner[-1].knobs.get("profile") if inner else None
        store, own_limits = policies.layer("store", ports.store.store_id), policies.layer("household", subject)
        policy = effective_policy(
            store,
            own_limits,
            inner,
            currency=ports.store.currency,
            age_restricted_categories=ports.store.age_restricted_categories,
        )
        layers = tuple((each.level, each.subject, each.version) for each in (store, own_limits, *inner))
        return Limits(policy, profile, layers)
    except PolicyInvalid:
        return Limits(None)


def layers_of_person(ports: Ports, household_id: str, person: str | None) -> tuple[Layer, ...]:
    """A speaker's own limits, those of the profile before them; none for a voice that nobody knows."""
    if not person:
        return ()
    own = ports.policies.layer("person", f"{household_id}/{person}")
    profile = own.knobs.get("profile")
    return (ports.policies.layer("profile", f"{household_id}/{profile}"), own) if profile else (own,)


def ask_guard(
    ports: Ports, household: Household, quote: Quote, proofs: Proofs, channel: Channel, limits: Limits, now: datetime
) -> Verdict:
    charges = window_charges(
        household, quote.person, limits.profile, now, code_proved=proofs.code or proofs.adult
    )  # fmt: skip
    # Read before the windows: an order that comes in between is seen there, or voids the decision.
    recent = tuple(ports.orders.recent(household.household_id, ORDERS_LOOKED_AT_MAX))
    spent = ports.ledger.spent(household.household_id, charges)
    situation = Situation(
        platform=quote.platform,
        person=quote.person,
        recognises_speakers=channel.recognises_speakers,
        code_set=household.code_set,
        code_locked=household.code_locked,
        local=local_time(household, now),
        charges=charges,
        proofs=proofs,
        speaker_changed=channel.speaker_changed,
        code_optional=channel.code_optional,
        authentic=channel.authentic,
        burst=channel.burst,
        recent=recent,
    )
    decision = decide(quote, situation, limits.policy, spent, now)
    facts = decision_facts(quote, situation, limits.policy, spent, now, decision)
    basis = Basis(limits.layers, tuple(order.order_id for order in recent))
    return Verdict(decision, quote, limits.policy, charges, facts, basis)


def overtaken(verdict: Verdict, full: SpendCapExceeded | OrderCountExceeded) -> Verdict:
    """The verdict on an order that the reservation found a window full for: somebody else's came between look and write."""
    cap = full.facts.get("cap_minor")
    reason: Reason
    if cap is None:
        reason = ("orders_per_day_max", {"orders_max": full.facts["count_max"]})
    else:
        held = full.facts["attempted_minor"] - verdict.quote.total.amount
        reason = (f"{full.facts['window']}_max", {"cap_minor": cap, "left_minor": max(cap - held, 0)})
    decision = Refuse((reason,))
    facts = {name: value for name, value in verdict.facts.items() if name not in ("how", "given")}
    told = {"decision": "Refuse", "reasons": [[why, dict(data)] for why, data in decision.reasons]}
    return replace(verdict, decision=decision, facts=facts | told)


def consent_sign(ports: Ports) -> Sign:
    """Seals quotes under the deployment's consent key."""
    return lambda message: ports.keys.mac("consent", message)


def decision_draft(household: Household, kind: str, verdict: Verdict, now: datetime) -> AuditDraft:
    """The audit entry for a decision. Where it goes is personal and is kept apart."""
    return AuditDraft(household.household_id, kind, now, None, verdict.facts, decision_personal(verdict.quote))
