"""Limits by voice: they can be heard, and made tighter; up they go only outside the voice channel."""

from __future__ import annotations

from dataclasses import replace

from skill.dialogue.accounts import not_linked
from skill.dialogue.work import Work
from skill.guard.policy import KNOBS, is_tighter
from skill.guard.windows import local_time, window_charges
from skill.ports import AuditDraft
from skill.shop.money import Money, minor_unit_exponent
from skill.speech.answer import Answer, Phrase, say


def show_limits(work: Work) -> Answer:
    household, policy = work.household, work.limits().policy
    work.state = work.state.settled()
    if household is None:
        return not_linked(work)
    if policy is None:
        return say("refused-policy-unreadable", ask="find-else")
    if policy.frozen:
        return say(why_frozen(work), ask="find-else")
    charges = window_charges(household, None, None, work.now, code_proved=True)
    today = next(charge for charge in charges if charge.window == "day")
    currency = work.ports.store.currency
    spent = work.ports.ledger.spent(household.household_id, (today,)).get(today)
    day_max = next((cap.amount_max for cap in policy.caps if cap.scope == "household" and cap.window == "day"), None)
    said = [
        Phrase("limit-order", {"cap": Money(policy.order_max, currency)})
        if policy.order_max is not None
        else Phrase("limit-order-none"),
        Phrase("limit-day", {"cap": Money(day_max, currency)}) if day_max is not None else Phrase("limit-day-none"),
        Phrase("limit-spent", {"spent": Money(spent.amount if spent else 0, currency)}),
    ]
    return say(*said, ask="anything-else")


def why_frozen(work: Work) -> str:
    """What is said where orders are frozen: no adult of the household can thaw what the store froze."""
    store = work.ports.policies.layer("store", work.ports.store.store_id)
    return "store-frozen" if store.knobs.get("frozen") else "refused-frozen"


def freeze_ordering(work: Work) -> Answer:
    """Anyone may freeze; only an adult outside the voice channel can thaw."""
    return _tighten(work, "frozen", True, "frozen-now", {})


def lower_limit(work: Work) -> Answer:
    """ "Lower the limit to twenty dollars": the most that one order may cost."""
    amount = work.number("amount")
    if amount is None or amount < 0:
        return say(ask="limit-how-much")
    currency = work.ports.store.currency
    minor = min(amount, 10**9) * 10 ** minor_unit_exponent(currency)
    return _tighten(work, "order_max", minor, "limit-lowered", {"cap": Money(minor, currency)})


def loosen_limits(work: Work) -> Answer:
    work.state = work.state.settled()
    return say("limits-not-by-voice", ask="find-else")


def _tighten(work: Work, knob: str, value: object, done_key: str, values: dict[str, object]) -> Answer:
    household = work.household
    work.state = work.state.settled()
    if household is None:
        return not_linked(work)
    policy = work.limits().policy
    if policy is None or not is_tighter(knob, getattr(policy, knob), value):
        return say("limits-not-by-voice", ask="find-else")
    policies = work.ports.policies
    layer = policies.layer("household", household.household_id)
    tighter = replace(layer, knobs={**layer.knobs, knob: value})
    changed = {knob: [layer.knobs.get(knob, KNOBS[knob].default), value]}
    draft = AuditDraft(
        household.household_id, "limit_tightened", work.now, None,
        {"knob": knob, "by": "voice", "local": local_time(household, work.now).isoformat(), "changed": changed,
         "currency": work.ports.store.currency},
    )  # fmt: skip
    who = f"voice:{work.turn.platform}"
    work.close = lambda record: policies.set_layer(tighter, who, "asked for by voice", work.now, draft, record)
    return say(Phrase(done_key, values), ask="find-else")
