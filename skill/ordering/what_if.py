"""What if the policy had been another? Recorded decisions are put to the guard again, with nothing else changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from skill.guard.decision import Confirm, Decision, NeedAdult, NeedCode, Refuse, decide
from skill.guard.policy import KNOBS, WINDOW_KNOBS, Policy, WindowCap
from skill.guard.record import decision_input
from skill.ordering.checking import all_audit
from skill.ports import AuditEntry, Ports
from skill.shop.households import HouseholdId
from skill.shop.money import Money

#: How a decision is told: what the shopper would have met with.
REFUSED, ADULT, CODE, LET_THROUGH = "refused", "adult", "code", "let_through"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recorded decision under the old and the new policy; `before` and `after` are REFUSED, ADULT, CODE or LET_THROUGH."""

    entry: AuditEntry
    total: Money
    before: str
    after: str
    reasons: tuple[str, ...]


def replay_decisions(
    ports: Ports,
    household_id: HouseholdId,
    changes: Mapping[str, Any],
    *,
    as_store: bool = False,
    since: datetime | None = None,
) -> Iterator[Replayed]:
    """The household's recorded decisions, each asked again with `changes` (knob → value, None lifts it).

    `as_store` merges the changes as the store's (the stricter wins); otherwise they replace what was in force. Each order is
    judged once: by the reservation that made it, or by the last quote of its basket that led to none. `since` leaves out what was
    decided before.
    """
    entries = (each for each in all_audit(ports, household_id) if since is None or each.at >= since)
    return replay_entries(entries, changes, as_store=as_store)


def replay_entries(
    entries: Iterable[AuditEntry], changes: Mapping[str, Any], *, as_store: bool = False
) -> Iterator[Replayed]:
    """As `replay_decisions`, for entries of one household, oldest first."""
    for entry in _judged_once(entries):
        quote, situation, policy, spent, now = decision_input(entry.facts)
        if policy is None:
            continue
        changed = change_effective(policy, changes, as_store=as_store)
        before = decide(quote, situation, policy, spent, now)
        after = decide(quote, situation, changed, spent, now)
        yield Replayed(
            entry, quote.total, _told(before, situation.proofs.code), _told(after, situation.proofs.code),
            tuple(why for why, _ in after.reasons),
        )  # fmt: skip


def change_effective(policy: Policy, changes: Mapping[str, Any], *, as_store: bool) -> Policy:
    """The merged policy as it would be with other values for some knobs."""
    plain: dict[str, Any] = {}
    windows: dict[str, Any] = {}
    named = {knob: window for window, knob in WINDOW_KNOBS.items()}
    for name, value in changes.items():
        if name in named:
            windows[named[name]] = value
        elif name == "orders_per_day_max":
            continue
        else:
            plain[name] = KNOBS[name].merge(getattr(policy, name), value) if as_store else _unlifted(name, value)
    caps = {(cap.scope, cap.window): cap for cap in policy.caps}
    for window, amount in windows.items():
        caps["household", window] = _with_amount(caps.get(("household", window)), window, amount, as_store)
    if "orders_per_day_max" in changes:
        count = changes["orders_per_day_max"]
        day = caps.get(("household", "day")) or WindowCap("household", "day", None)
        merged = KNOBS["orders_per_day_max"].merge(day.orders_max, count) if as_store else count
        caps["household", "day"] = replace(day, orders_max=merged)
    return replace(policy, **plain, caps=tuple(caps.values()))


def _with_amount(cap: WindowCap | None, window: str, amount: int | None, as_store: bool) -> WindowCap:
    cap = cap or WindowCap("household", window, None)
    merged = KNOBS[WINDOW_KNOBS[window]].merge(cap.amount_max, amount) if as_store else amount
    return replace(cap, amount_max=merged)


def _unlifted(name: str, value: Any) -> Any:
    """What a lifted knob means in a merged policy, where sets and hours are never None."""
    if value is None and name in ("categories_denied", "skus_denied"):
        return frozenset()
    if value is None and name == "quiet_hours":
        return ()
    return 0 if value is None and name == "undo_window_s" else value


def _judged_once(entries: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
    """Reservations, and the last of the quotes in a row that led to none."""
    waiting: AuditEntry | None = None
    for entry in entries:
        if entry.kind == "reserved":
            waiting = None
            yield entry
        elif entry.kind in ("decided", "approval_asked"):
            if waiting is not None and _basket(waiting) != _basket(entry):
                yield waiting
            waiting = entry
    if waiting is not None:
        yield waiting


def _basket(entry: AuditEntry) -> list[list[Any]]:
    return sorted([line[0], line[3]] for line in entry.facts["quote"]["lines"])


def _told(decision: Decision, code_given: bool) -> str:
    match decision:
        case Refuse():
            return REFUSED
        case NeedAdult():
            return ADULT
        case NeedCode():
            return CODE
        case Confirm(how=how):
            return CODE if how == "code" and code_given else LET_THROUGH
