"""What if the policy had been another? Recorded decisions are put to the guard again, with nothing else changed.

What is compared is what the shopper would have been asked for, so every decision is asked again without the proofs that were given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from skill.guard.decision import Decision, NeedAdult, NeedCode, Proofs, Refuse, decide
from skill.guard.policy import KNOBS, WINDOW_KNOBS, Layer, Policy, WindowCap, household_values, is_persons_window
from skill.guard.record import decision_input
from skill.ordering.checking import all_audit
from skill.ordering.deciding import layers_of_person
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

    With `as_store` the changes are the store's, otherwise the household's: either way the stricter of all levels wins. Each order
    is judged once: by the quote that was agreed to, or by the last quote of its basket that led to none. `since` leaves out what
    was decided before.
    """
    entries = (each for each in all_audit(ports, household_id) if since is None or each.at >= since)
    return replay_entries(ports, household_id, entries, changes, as_store=as_store)


def replay_entries(
    ports: Ports,
    household_id: HouseholdId,
    entries: Iterable[AuditEntry],
    changes: Mapping[str, Any],
    *,
    as_store: bool = False,
) -> Iterator[Replayed]:
    """As `replay_decisions`, for entries of the household, oldest first."""
    store = ports.policies.layer("store", ports.store.store_id)
    for entry, asked in _judged_once(entries):
        quote, situation, policy, spent, now = decision_input(asked.facts)
        if policy is None:
            continue
        person = (asked.personal or {}).get("person")
        own = () if as_store else layers_of_person(ports, household_id, person)
        changed = change_effective(
            policy, changes if as_store else _merged(ports, changes, store, own), as_store=as_store
        )
        situation = replace(situation, proofs=Proofs())
        before = decide(quote, situation, policy, spent, now)
        after = decide(quote, situation, changed, spent, now)
        yield Replayed(entry, quote.total, _told(before), _told(after), tuple(why for why, _ in after.reasons))


def _merged(ports: Ports, changes: Mapping[str, Any], store: Layer, own: Iterable[Layer]) -> dict[str, Any]:
    """What the household's changes come to under the store's limits and the speaker's own, as those are now."""
    of_household = household_values(changes, ports.store.age_restricted_categories)
    merged = {name: of_household[name] for name in changes}
    for layer in (store, *own):
        for name in changes:
            if name in layer.knobs and not is_persons_window(layer, name):
                merged[name] = KNOBS[name].merge(merged[name], layer.knobs[name])
    return merged


def change_effective(policy: Policy, changes: Mapping[str, Any], *, as_store: bool) -> Policy:
    """The merged policy as it would be with other values for some knobs; `as_store` merges them in, otherwise they replace."""
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


def _judged_once(entries: Iterable[AuditEntry]) -> Iterator[tuple[AuditEntry, AuditEntry]]:
    """Reservations, each with the quote that was agreed to, and the last of the quotes in a row that led to none, with itself.

    A quote was asked for without a proof, which is what is asked again. Of a reservation whose quote is not among the entries its
    own decision is.
    """
    waiting: AuditEntry | None = None
    for_adults: dict[str, AuditEntry] = {}
    for entry in entries:
        approval_id = entry.facts.get("approval_id", "")
        if entry.kind == "reserved":
            asked = for_adults.pop(approval_id, waiting)
            fits = asked is not None and _basket(asked) == _basket(entry)
            if not approval_id:
                waiting = None
            yield entry, asked if asked is not None and fits else entry
        elif entry.kind == "approval_asked":
            waiting, before = None, waiting
            if before is not None and _basket(before) != _basket(entry):
                yield before, before
            for_adults[approval_id] = entry
        elif entry.kind == "decided" and not approval_id:  # with one it is the same order again, clicked in vain
            if waiting is not None and _basket(waiting) != _basket(entry):
                yield waiting, waiting
            waiting = entry
    for left in (*for_adults.values(), *([waiting] if waiting else [])):
        yield left, left


def _basket(entry: AuditEntry) -> list[list[Any]]:
    return sorted([line[0], line[3]] for line in entry.facts["quote"]["lines"])


def _told(decision: Decision) -> str:
    match decision:
        case Refuse():
            return REFUSED
        case NeedAdult():
            return ADULT
        case NeedCode():
            return CODE
        case _:
            return LET_THROUGH
