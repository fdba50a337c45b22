"""What happened in the store, in numbers: how turns and audit entries add up, by the store's own local days.

Nothing here knows a shopper: a turn is counted by what it was, an order by its household's id and its total.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from skill.shop.households import HouseholdId

#: What a turn was, as bits of one number; the same bit moved up by `FIRST_SHIFT` marks the first such turn of its session.
MISSED, SEARCHED, CARTED, QUOTED, ORDERED, BEGAN = 1, 2, 4, 8, 16, 32
FIRST_SHIFT = 8

#: Upper bounds of the times to answer that are told apart, in milliseconds; slower ones are `took:more`.
TOOK_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 8000)

#: Asked for and not found: so much of a query is kept, and so many queries.
UNMET_LENGTH_MAX = 60
UNMET_MAX = 500

#: How many times each thing happened, by its name; amounts end in `_minor`.
Counts = Mapping[str, int]

#: A turn's marks → the names under which it is counted.
_COUNTED = (
    (MISSED, "missed"),
    (SEARCHED, "searches"),
    (CARTED, "carts"),
    (QUOTED, "quotes"),
    (BEGAN, "sessions"),
    (SEARCHED << FIRST_SHIFT, "sessions_searched"),
    (CARTED << FIRST_SHIFT, "sessions_carted"),
    (QUOTED << FIRST_SHIFT, "sessions_quoted"),
    (ORDERED << FIRST_SHIFT, "sessions_ordered"),
)

#: Kinds of audit entries that are counted as they are.
_KINDS = {
    "code_wrong": "codes_wrong",
    "code_locked": "codes_locked",
    "approval_asked": "adults_asked",
    "voided": "payments_failed",
    "shipped": "shipped",
}


@dataclass(frozen=True, slots=True)
class HouseholdFigures:
    """A household's orders so far. `kept` are those that were not cancelled, `revenue_minor` is theirs; times are UTC.

    `refusals` count by reason, `first_at` is None while nothing is kept.
    """

    household_id: HouseholdId
    kept: int = 0
    revenue_minor: int = 0
    cancelled: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    refusals: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something that was asked for and not found: the words as they were heard, in small letters."""

    words: str
    count: int
    last_at: datetime


class CountedTurn(NamedTuple):
    """A recorded turn: when, what it was, how long its answer took, and what it looked for in vain."""

    at: datetime
    marks: int
    took_ms: int
    sought: str


class CountedEntry(NamedTuple):
    """An audit entry: `decision` and `reason` of a decision, `how` a reservation was agreed to, `total_minor` of the order that was
    placed or cancelled.
    """

    at: datetime
    household_id: HouseholdId
    kind: str
    decision: str
    reason: str
    total_minor: int
    how: str = ""


@dataclass(slots=True)
class Added:
    """What is to be added to the figures. `counts` by document: `day:2026-11-21`, `week:2026-11-16` (its Monday), `cohort:2026-11`,
    `all`.

    `households` replace what was known of them; None forgets one.
    """

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    households: dict[HouseholdId, HouseholdFigures | None] = field(default_factory=dict)
    unmet: dict[str, Unmet] = field(default_factory=dict)

    def count(self, document: str, name: str, by: int = 1) -> None:
        self.counts.setdefault(document, Counter())[name] += by

    def count_day(self, day: date, name: str, by: int = 1) -> None:
        """In the day, and in the week that it lies in: a year is looked at by its weeks."""
        self.count(day_document(day), name, by)
        self.count(week_document(day), name, by)


def day_document(day: date) -> str:
    return f"day:{day.isoformat()}"


def week_document(day: date) -> str:
    """Of the week that the day lies in, by its Monday."""
    return f"week:{day - timedelta(days=day.weekday())}"


def cohort_document(month: str) -> str:
    """Of the households whose first order was in that month, `2026-11`."""
    return f"cohort:{month}"


ALL_DOCUMENT = "all"


def add_turns(added: Added, turns: Iterable[CountedTurn], zone: tzinfo) -> None:
    for turn in turns:
        day = turn.at.astimezone(zone).date()
        added.count_day(day, "turns")
        added.count_day(day, took_name(turn.took_ms))
        for mark, name in _COUNTED:
            if turn.marks & mark:
                added.count_day(day, name)
        words = normalise_sought(turn.sought)
        if words:
            added.count_day(day, "unmet")
            before = added.unmet.get(words)
            last_at = max(before.last_at, turn.at) if before else turn.at
            added.unmet[words] = Unmet(words, before.count + 1 if before else 1, last_at)


def took_name(took_ms: int) -> str:
    """The name under which an answer that took so long is counted: `took:50` holds all of 26 to 50 ms."""
    at = bisect_left(TOOK_MS, took_ms)
    return f"took:{TOOK_MS[at]}" if at < len(TOOK_MS) else "took:more"


def normalise_sought(words: str) -> str:
    """Small letters, single spaces, and short: queries that differ in nothing else are one."""
    return " ".join(words.casefold().split())[:UNMET_LENGTH_MAX].strip()


def add_entries(
    added: Added, entries: Iterable[CountedEntry], known: Mapping[HouseholdId, HouseholdFigures], zone: tzinfo
) -> None:
    """Counts audit entries in their order. `known` is what was known of the households before."""
    for entry in entries:
        household_id, kind = entry.household_id, entry.kind
        day = entry.at.astimezone(zone).date()
        if kind == "decided" and entry.decision == "Refuse":
            added.count_day(day, "refused")
            added.count_day(day, f"refused:{entry.reason}")
            before = _known(added, known, household_id)
            refusals = dict(before.refusals)
            refusals[entry.reason] = refusals.get(entry.reason, 0) + 1
            added.households[household_id] = replace(before, refusals=refusals)
        elif kind == "committed":
            _add_order(added, _known(added, known, household_id), entry, day, zone)
        elif kind == "cancelled":
            _take_order_back(added, _known(added, known, household_id), entry, day, zone)
        elif kind == "household_deleted":
            # The totals stay as they are; that they had a share of this household's is forgotten.
            added.households[household_id] = None
        elif kind == "reserved" and entry.how == "adult":
            added.count_day(day, "adults_approved")
        elif kind in _KINDS:
            added.count_day(day, _KINDS[kind])


def _known(added: Added, known: Mapping[HouseholdId, HouseholdFigures], household_id: HouseholdId) -> HouseholdFigures:
    if household_id in added.households:
        return added.households[household_id] or HouseholdFigures(household_id)
    return known.get(household_id) or HouseholdFigures(household_id)


def _add_order(added: Added, before: HouseholdFigures, entry: CountedEntry, day: date, zone: tzinfo) -> None:
    amount, at = entry.total_minor, entry.at
    for name, by in (("orders", 1), ("revenue_minor", amount)):
        added.count_day(day, name, by)
        added.count(ALL_DOCUMENT, name, by)
    after = replace(
        before,
        kept=before.kept + 1,
        revenue_minor=before.revenue_minor + amount,
        first_at=before.first_at or at,
        last_at=at,
    )
    added.households[before.household_id] = after
    cohort, months = _cohort(after.first_at or at, day, zone)
    added.count(cohort, f"revenue_minor:{months}", amount)
    added.count(cohort, f"orders:{months}")
    if after.kept == 1:
        added.count(cohort, "households")
        added.count(ALL_DOCUMENT, "buyers")
    elif after.kept == 2:
        added.count(ALL_DOCUMENT, "buyers_again")


def _take_order_back(added: Added, before: HouseholdFigures, entry: CountedEntry, day: date, zone: tzinfo) -> None:
    amount = entry.total_minor
    for name, by in (("cancelled", 1), ("cancelled_minor", amount)):
        added.count_day(day, name, by)
        added.count(ALL_DOCUMENT, name, by)
    if not before.kept:
        return  # of a household that was forgotten meanwhile
    kept = before.kept - 1
    added.households[before.household_id] = replace(
        before,
        kept=kept,
        revenue_minor=before.revenue_minor - amount,
        cancelled=before.cancelled + 1,
        first_at=before.first_at if kept else None,
    )
    cohort, months = _cohort(before.first_at or entry.at, day, zone)
    added.count(cohort, f"revenue_minor:{months}", -amount)
    added.count(cohort, f"orders:{months}", -1)
    if kept == 0:
        added.count(cohort, "households", -1)
        added.count(ALL_DOCUMENT, "buyers", -1)
    elif kept == 1:
        added.count(ALL_DOCUMENT, "buyers_again", -1)


def _cohort(first_at: datetime, day: date, zone: tzinfo) -> tuple[str, int]:
    """The document of the month of the first order, and how many months ago that was."""
    first = first_at.astimezone(zone).date()
    months = (day.year - first.year) * 12 + day.month - first.month
    return cohort_document(f"{first:%Y-%m}"), max(months, 0)
