"""The store's figures: counted once, by the store's own days, with nobody's name in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from skill.ports import Figures
from skill.shop.figures import (
    BEGAN,
    CARTED,
    FIRST_SHIFT,
    MISSED,
    ORDERED,
    QUOTED,
    SEARCHED,
    UNMET_MAX,
    HouseholdFigures,
    Unmet,
)
from skill.shop.households import HouseholdId
from skill.shop.orders import Order
from tests.contracts.stores import HOME, NOON, Stores, draft, record

TODAY = date(2026, 11, 21)
AWAY = HouseholdId("away")


def figures_of(stores: Stores) -> Figures:
    assert stores.figures is not None
    stores.catch_up()
    return stores.figures


def close(stores: Stores, number: int, marks: int, **noted: object) -> None:
    stores.conversations.close(record(session=f"s{number}", marks=marks, **noted))  # type: ignore[arg-type]


def order(stores: Stores, household_id: str = HOME, now: datetime = NOON, pieces: int = 1) -> Order:
    """At 10.00 a piece."""
    return stores.commit(stores.reserve(lines={"milk": pieces}, household_id=household_id, now=now), now=now)


def test_turns_are_counted_by_what_they_were(stores: Stores) -> None:
    began = BEGAN | BEGAN << FIRST_SHIFT
    close(stores, 1, began, took_ms=3)
    close(stores, 2, SEARCHED | SEARCHED << FIRST_SHIFT, took_ms=40)
    close(stores, 3, SEARCHED, took_ms=9000)
    close(stores, 4, MISSED)
    close(stores, 5, CARTED | CARTED << FIRST_SHIFT)
    close(stores, 6, QUOTED | QUOTED << FIRST_SHIFT)
    close(stores, 7, ORDERED | ORDERED << FIRST_SHIFT)

    counts = figures_of(stores).days(TODAY, TODAY)[TODAY]

    assert {
        "turns": 7, "sessions": 1, "searches": 2, "missed": 1, "carts": 1, "quotes": 1, "sessions_searched": 1,
        "sessions_carted": 1, "sessions_quoted": 1, "sessions_ordered": 1, "took:5": 5, "took:50": 1, "took:more": 1,
    } == counts  # fmt: skip


def test_a_day_is_the_stores_own(stores: Stores) -> None:
    three_in_the_morning_utc = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    close(stores, 1, 0, now=three_in_the_morning_utc)
    close(stores, 2, 0, now=three_in_the_morning_utc + timedelta(hours=3))

    days = figures_of(stores).days(date(2026, 11, 20), TODAY)

    assert {date(2026, 11, 20): 1, TODAY: 1} == {day: counts["turns"] for day, counts in days.items()}
    assert [TODAY] == list(figures_of(stores).days(TODAY, TODAY))


def test_a_week_is_counted_by_its_monday(stores: Stores) -> None:
    monday = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
    for number, day in enumerate((0, 5, 6, 7)):
        close(stores, number, BEGAN, now=monday + timedelta(days=day))

    weeks = figures_of(stores).weeks(date(2026, 11, 16), date(2026, 11, 23))

    assert {date(2026, 11, 16): 3, date(2026, 11, 23): 1} == {day: counts["sessions"] for day, counts in weeks.items()}
    assert [date(2026, 11, 23)] == list(figures_of(stores).weeks(date(2026, 11, 23), date(2026, 11, 23)))


def test_orders_and_their_money_are_counted(stores: Stores) -> None:
    stores.stock(milk=10)
    order(stores)
    order(stores, pieces=3)

    figures = figures_of(stores)

    counts = figures.days(TODAY, TODAY)[TODAY]
    assert (2, 4000) == (counts["orders"], counts["revenue_minor"])
    assert {"orders": 2, "revenue_minor": 4000, "buyers": 1, "buyers_again": 1} == figures.totals()
    assert HouseholdFigures(HOME, 2, 4000, 0, NOON, NOON) == figures.of_households([HOME])[HOME]


def test_a_cancelled_order_is_money_back_and_no_purchase(stores: Stores) -> None:
    stores.stock(milk=50)
    order(stores)
    stores.cancel(order(stores))

    figures = figures_of(stores)

    assert {
        "orders": 2, "revenue_minor": 2000, "cancelled": 1, "cancelled_minor": 1000, "buyers": 1, "buyers_again": 0,
    } == figures.totals()  # fmt: skip
    mine = figures.of_households([HOME, AWAY])
    assert {HOME: (1, 1000, 1)} == {key: (each.kept, each.revenue_minor, each.cancelled) for key, each in mine.items()}


def test_who_has_cancelled_everything_has_bought_nothing(stores: Stores) -> None:
    stores.stock(milk=50)
    stores.cancel(order(stores))

    figures = figures_of(stores)

    assert 0 == figures.totals()["buyers"]
    assert figures.of_households([HOME])[HOME].first_at is None
    assert {"households": 0, "revenue_minor:0": 0, "orders:0": 0} == figures.cohorts("2026-11", "2026-11")["2026-11"]


def test_revenue_is_kept_by_the_month_of_the_first_order(stores: Stores) -> None:
    stores.stock(milk=50)
    later = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
    order(stores)
    order(stores, now=later)
    order(stores, AWAY, now=later)

    cohorts = figures_of(stores).cohorts("2026-11", "2027-01")

    assert {
        "2026-11": {"households": 1, "orders:0": 1, "revenue_minor:0": 1000, "orders:2": 1, "revenue_minor:2": 1000},
        "2027-01": {"households": 1, "orders:0": 1, "revenue_minor:0": 1000},
    } == cohorts
    assert ["2027-01"] == list(figures_of(stores).cohorts("2026-12", "2027-01"))


def test_what_is_counted_is_not_counted_again(stores: Stores) -> None:
    stores.stock(milk=50)
    close(stores, 1, BEGAN, sought="pomelo")
    order(stores)
    once = figures_of(stores)
    before = (once.days(TODAY, TODAY), once.totals(), once.unmet(10), once.of_households([HOME]))

    again = figures_of(stores.reopen())

    assert before == (again.days(TODAY, TODAY), again.totals(), again.unmet(10), again.of_households([HOME]))


def test_refusals_are_counted_by_their_first_reason(stores: Stores) -> None:
    facts = {"decision": "Refuse", "reasons": [["day_max", {"cap_minor": 1}], ["pin_policy", {}]]}
    stores.ledger.write_audit(draft("decided", facts=facts))
    stores.ledger.write_audit(draft("decided", facts=facts))
    stores.ledger.write_audit(draft("decided", facts={"decision": "NeedCode", "reasons": [["pin_policy", {}]]}))

    figures = figures_of(stores)

    assert {"refused": 2, "refused:day_max": 2} == figures.days(TODAY, TODAY)[TODAY]
    assert {"day_max": 2} == figures.of_households([HOME])[HOME].refusals


def test_codes_adults_and_payments_are_counted(stores: Stores) -> None:
    for kind in ("code_wrong", "code_wrong", "code_locked", "approval_asked", "limit_tightened"):
        stores.ledger.write_audit(draft(kind))
    for how in "adult", "code":
        stores.ledger.write_audit(draft("reserved", facts={"how": how}))

    counts = figures_of(stores).days(TODAY, TODAY)[TODAY]

    assert {"codes_wrong": 2, "codes_locked": 1, "adults_asked": 1, "adults_approved": 1} == counts


def test_what_is_sought_in_vain_is_counted_under_one_spelling(stores: Stores) -> None:
    later = NOON + timedelta(minutes=1)
    close(stores, 1, SEARCHED, sought="Dragon  Fruit")
    close(stores, 2, SEARCHED, sought="dragon fruit", now=later)
    close(stores, 3, SEARCHED, sought="pomelo")

    figures = figures_of(stores)

    assert (Unmet("dragon fruit", 2, later), Unmet("pomelo", 1, NOON)) == tuple(figures.unmet(10))
    assert 1 == len(figures.unmet(1))
    assert 3 == figures.days(TODAY, TODAY)[TODAY]["unmet"]


def test_what_is_sought_in_vain_is_cut_and_bounded(stores: Stores) -> None:
    close(stores, 1, SEARCHED, sought="very " * 40)
    for number in range(2, 12):
        close(stores, number, SEARCHED, sought=f"thing {number}")

    found = figures_of(stores).unmet(UNMET_MAX)

    assert 60 >= max(len(each.words) for each in found)
    assert 11 == len(found)


def test_a_deleted_household_leaves_the_totals_and_is_forgotten(stores: Stores) -> None:
    stores.stock(milk=50)
    order(stores)
    figures_of(stores)
    stores.ledger.write_audit(draft("household_deleted"))

    figures = figures_of(stores)

    assert {} == figures.of_households([HOME])
    assert {"orders": 1, "revenue_minor": 1000, "buyers": 1} == figures.totals()


def test_an_order_taken_back_after_its_household_was_forgotten_brings_nobody_back(stores: Stores) -> None:
    stores.stock(milk=50)
    placed = order(stores)
    stores.ledger.write_audit(draft("household_deleted"))
    stores.cancel(placed)

    figures = figures_of(stores)

    assert {} == figures.of_households([HOME])
    assert 1 == figures.totals()["cancelled"]


def test_the_sweep_of_answers_does_not_stop_the_counting(stores: Stores) -> None:
    for number in range(3):
        close(stores, number, BEGAN)
    figures_of(stores)
    while stores.conversations.sweep(NOON + timedelta(days=1), 100):
        pass
    stores.conversations.close(replace(record(session="new", marks=BEGAN), now=NOON + timedelta(days=1)))

    days = figures_of(stores).days(TODAY, TODAY + timedelta(days=1))

    assert [3, 1] == [counts["sessions"] for counts in days.values()]
