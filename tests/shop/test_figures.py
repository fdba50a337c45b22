"""How turns and audit entries add up: by the store's own days, months of the first order, and over all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from skill.shop.figures import (
    BEGAN,
    CARTED,
    FIRST_SHIFT,
    MISSED,
    ORDERED,
    QUOTED,
    SEARCHED,
    UNMET_LENGTH_MAX,
    Added,
    CountedEntry,
    CountedTurn,
    HouseholdFigures,
    Unmet,
    add_entries,
    add_turns,
    cohort_document,
    day_document,
    normalise_sought,
    took_name,
)
from skill.shop.households import HouseholdId

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
HOME, AWAY = HouseholdId("home"), HouseholdId("away")


def turn(marks: int = 0, took_ms: int = 7, sought: str = "", at: datetime = NOON) -> CountedTurn:
    return CountedTurn(at, marks, took_ms, sought)


def entry(
    kind: str,
    minor: int = 0,
    at: datetime = NOON,
    home: HouseholdId = HOME,
    decision: str = "",
    reason: str = "",
    how: str = "",
) -> CountedEntry:
    return CountedEntry(at, home, kind, decision, reason, minor, how)


def counted(*entries: CountedEntry, known: dict[HouseholdId, HouseholdFigures] | None = None) -> Added:
    added = Added()
    add_entries(added, entries, known or {}, NEW_YORK)
    return added


def documents(added: Added) -> dict[str, dict[str, int]]:
    """Those of days, of months and of all. What a day has, the week that it lies in has as well."""
    by_week: dict[str, Counter[str]] = {}
    for name, counts in added.counts.items():
        if name.startswith("day:"):
            day = date.fromisoformat(name.removeprefix("day:"))
            monday = day - timedelta(days=day.isocalendar().weekday - 1)
            by_week.setdefault(f"week:{monday}", Counter()).update(counts)
    assert by_week == {name: counts for name, counts in added.counts.items() if name.startswith("week:")}
    return {name: dict(counts) for name, counts in added.counts.items() if not name.startswith("week:")}


def test_documents_are_named_by_their_day_or_month() -> None:
    assert ("day:2026-11-21", "cohort:2026-11") == (day_document(date(2026, 11, 21)), cohort_document("2026-11"))


@pytest.mark.parametrize(
    ("marks", "names"),
    [
        (0, ()),
        (MISSED, ("missed",)),
        (SEARCHED, ("searches",)),
        (CARTED, ("carts",)),
        (QUOTED, ("quotes",)),
        (ORDERED, ()),
        (BEGAN, ("sessions",)),
        (SEARCHED << FIRST_SHIFT, ("sessions_searched",)),
        (CARTED << FIRST_SHIFT, ("sessions_carted",)),
        (QUOTED << FIRST_SHIFT, ("sessions_quoted",)),
        (ORDERED << FIRST_SHIFT, ("sessions_ordered",)),
        (BEGAN | MISSED | SEARCHED, ("sessions", "missed", "searches")),
    ],
)
def test_a_turn_counts_under_each_of_its_marks(marks: int, names: tuple[str, ...]) -> None:
    added = Added()
    add_turns(added, [turn(marks)], NEW_YORK)
    assert {"day:2026-11-21": {"turns": 1, "took:10": 1, **dict.fromkeys(names, 1)}} == documents(added)
    assert {} == added.unmet


def test_turns_add_up_by_the_stores_own_days() -> None:
    added = Added()
    late = datetime(2026, 11, 22, 4, 59, tzinfo=UTC)
    turns = [turn(MISSED), turn(MISSED, at=late), turn(at=late + timedelta(minutes=1))]
    add_turns(added, turns, NEW_YORK)
    assert {
        "day:2026-11-21": {"turns": 2, "took:10": 2, "missed": 2},
        "day:2026-11-22": {"turns": 1, "took:10": 1},
    } == documents(added)


@pytest.mark.parametrize(
    ("took_ms", "name"),
    [(0, "took:5"), (5, "took:5"), (6, "took:10"), (50, "took:50"), (51, "took:100"), (8000, "took:8000"), (8001, "took:more")],
)  # fmt: skip
def test_a_time_to_answer_counts_under_the_bound_above_it(took_ms: int, name: str) -> None:
    assert name == took_name(took_ms)


def test_what_was_looked_for_in_vain_is_counted_by_its_words() -> None:
    added = Added()
    later = NOON + timedelta(minutes=5)
    add_turns(added, [turn(sought=" Oat  MILK"), turn(sought="oat milk", at=later), turn(sought="  ")], NEW_YORK)
    add_turns(added, [turn(sought="ale")], NEW_YORK)
    assert {"oat milk": Unmet("oat milk", 2, later), "ale": Unmet("ale", 1, NOON)} == added.unmet
    assert 3 == added.counts["day:2026-11-21"]["unmet"]


def test_a_query_is_kept_short_and_without_a_space_at_its_end() -> None:
    assert "x" * UNMET_LENGTH_MAX == normalise_sought("X" * 100)
    assert "x" * (UNMET_LENGTH_MAX - 1) == normalise_sought("x" * (UNMET_LENGTH_MAX - 1) + " y")
    assert "strasse 日" == normalise_sought("Straße\t日")


def test_a_refusal_counts_on_its_day_and_for_its_household() -> None:
    added = counted(
        entry("decided", decision="Refuse", reason="frozen"),
        entry("decided", decision="Refuse", reason="frozen"),
        entry("decided", decision="Refuse", reason="day_max"),
        entry("decided", decision="NeedCode", reason="pin_policy"),
    )
    assert {"day:2026-11-21": {"refused": 3, "refused:frozen": 2, "refused:day_max": 1}} == documents(added)
    assert {HOME: HouseholdFigures(HOME, refusals={"frozen": 2, "day_max": 1})} == added.households


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("code_wrong", "codes_wrong"), ("code_locked", "codes_locked"), ("approval_asked", "adults_asked"),
        ("voided", "payments_failed"), ("shipped", "shipped"),
    ],
)  # fmt: skip
def test_other_entries_count_as_they_are(kind: str, name: str) -> None:
    added = counted(entry(kind), entry(kind, home=AWAY), entry("household_created"), entry("reserved", 500))
    assert ({"day:2026-11-21": {name: 2}}, {}) == (documents(added), added.households)


def test_an_adults_approval_counts_with_the_reservation_that_it_is() -> None:
    added = counted(entry("reserved", how="adult"), entry("reserved", how="code"))
    assert ({"day:2026-11-21": {"adults_approved": 1}}, {}) == (documents(added), added.households)


def test_a_first_order_makes_a_buyer_of_that_month() -> None:
    added = counted(entry("committed", 1250))
    assert {
        "day:2026-11-21": {"orders": 1, "revenue_minor": 1250},
        "all": {"orders": 1, "revenue_minor": 1250, "buyers": 1},
        "cohort:2026-11": {"revenue_minor:0": 1250, "orders:0": 1, "households": 1},
    } == documents(added)
    assert {HOME: HouseholdFigures(HOME, 1, 1250, 0, NOON, NOON)} == added.households


def test_later_orders_count_for_the_month_of_the_first() -> None:
    first = datetime(2025, 11, 1, 3, 0, tzinfo=UTC)  # still October in New York
    known = {HOME: HouseholdFigures(HOME, 1, 500, 2, first, first, {"frozen": 1}), AWAY: HouseholdFigures(AWAY, 2, 7)}
    added = counted(entry("committed", 300), entry("committed", 40), known=known)
    assert {
        "day:2026-11-21": {"orders": 2, "revenue_minor": 340},
        "all": {"orders": 2, "revenue_minor": 340, "buyers_again": 1},
        "cohort:2025-10": {"revenue_minor:13": 340, "orders:13": 2},
    } == documents(added)
    assert {HOME: HouseholdFigures(HOME, 3, 840, 2, first, NOON, {"frozen": 1})} == added.households


def test_an_undone_order_is_taken_back_from_where_it_counted() -> None:
    first = NOON - timedelta(days=40)
    known = {HOME: HouseholdFigures(HOME, 3, 900, 1, first, NOON)}
    added = counted(entry("cancelled", 300), known=known)
    assert {
        "day:2026-11-21": {"cancelled": 1, "cancelled_minor": 300},
        "all": {"cancelled": 1, "cancelled_minor": 300},
        "cohort:2026-10": {"revenue_minor:1": -300, "orders:1": -1},
    } == documents(added)
    assert {HOME: HouseholdFigures(HOME, 2, 600, 2, first, NOON)} == added.households


def test_who_undoes_down_to_one_order_is_no_longer_a_buyer_who_came_back() -> None:
    known = {HOME: HouseholdFigures(HOME, 2, 900, 0, NOON, NOON)}
    assert -1 == counted(entry("cancelled", 300), known=known).counts["all"]["buyers_again"]
    assert "buyers" not in counted(entry("cancelled", 300), known=known).counts["all"]


def test_who_undoes_the_only_order_is_no_buyer_and_begins_anew() -> None:
    known = {HOME: HouseholdFigures(HOME, 1, 300, 0, NOON, NOON)}
    added = counted(entry("cancelled", 300), known=known)
    assert {
        "day:2026-11-21": {"cancelled": 1, "cancelled_minor": 300},
        "all": {"cancelled": 1, "cancelled_minor": 300, "buyers": -1},
        "cohort:2026-11": {"revenue_minor:0": -300, "orders:0": -1, "households": -1},
    } == documents(added)
    assert {HOME: HouseholdFigures(HOME, 0, 0, 1, None, NOON)} == added.households


def test_an_undone_order_of_nobody_known_counts_in_the_totals_alone() -> None:
    added = counted(entry("cancelled", 300))
    assert {
        "day:2026-11-21": {"cancelled": 1, "cancelled_minor": 300},
        "all": {"cancelled": 1, "cancelled_minor": 300},
    } == documents(added)
    assert {} == added.households


def test_a_household_that_is_deleted_is_forgotten_and_its_totals_stay() -> None:
    known = {HOME: HouseholdFigures(HOME, 5, 900, 0, NOON, NOON)}
    added = counted(entry("committed", 100), entry("household_deleted"), known=known)
    assert {HOME: None} == added.households
    assert 100 == added.counts["all"]["revenue_minor"]

    again = counted(entry("household_deleted"), entry("committed", 100), known=known)
    assert {HOME: HouseholdFigures(HOME, 1, 100, 0, NOON, NOON)} == again.households
    assert 1 == again.counts["all"]["buyers"]


def test_a_clock_that_jumped_back_counts_in_the_month_of_the_first_order() -> None:
    known = {HOME: HouseholdFigures(HOME, 1, 500, 0, NOON + timedelta(days=60), NOON)}
    added = counted(entry("committed", 100), known=known)
    assert {"revenue_minor:0": 100, "orders:0": 1} == added.counts["cohort:2027-01"]


@pytest.mark.parametrize(("kept", "names"), [(0, {"buyers"}), (1, {"buyers_again"}), (2, set()), (3, set())])
def test_a_buyer_comes_back_with_the_second_order(kept: int, names: set[str]) -> None:
    known = {HOME: HouseholdFigures(HOME, kept, 500, 0, NOON, NOON)}
    added = counted(entry("committed", 100), known=known)
    assert names == {"buyers", "buyers_again"} & documents(added)["all"].keys()


def test_orders_count_on_the_stores_own_day_and_month() -> None:
    late = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)  # still November in New York
    added = counted(entry("committed", 100, at=late))
    assert {"day:2026-11-30", "all", "cohort:2026-11"} == documents(added).keys()

    known = {HOME: HouseholdFigures(HOME, 2, 200, 0, late, late)}
    added = counted(entry("cancelled", 100, at=late), known=known)
    assert {"revenue_minor:0": -100, "orders:0": -1} == documents(added)["cohort:2026-11"]
    assert {"day:2026-11-30", "all", "cohort:2026-11"} == documents(added).keys()
