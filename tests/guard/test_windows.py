"""Which day, week, month and year an order counts in: on days of 23 and 25 hours, at midnight, after a move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import PolicyInvalid
from skill.guard.policy import Layer, WindowCap
from skill.guard.windows import (
    WINDOWS,
    ZONE_MOVE_DELAY,
    caps_for,
    in_quiet_hours,
    local_time,
    moves_again_at,
    window_charges,
    window_keys,
    zone,
)
from skill.shop.households import Household
from skill.shop.orders import WindowCharge
from tests.guard.cases import HOME, NOW, policy

ZONES = (
    "America/New_York", "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe",
    "Asia/Kathmandu", "UTC",
)  # fmt: skip


def home(time_zone: str = "America/New_York", before: str = "", since: datetime | None = None) -> Household:
    return replace(HOME, time_zone=time_zone, time_zone_before=before, time_zone_since=since)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, time_zone: str = "America/New_York", fold: int = 0) -> datetime:
    """The moment at which a clock in that zone shows `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone), fold=fold).astimezone(UTC)


def keys(moment: datetime, household: Household | None = None) -> list[str]:
    return list(window_keys(household or home(), moment).values())


# --- keys ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-21T12:00:00", ["2026-11-21", "2026-W47", "2026-11", "2026", "ever"]),
        ("2026-11-21T23:59:59.999999", ["2026-11-21", "2026-W47", "2026-11", "2026", "ever"]),
        ("2026-11-22T00:00:00", ["2026-11-22", "2026-W47", "2026-11", "2026", "ever"]),
        ("2026-11-22T23:59:59", ["2026-11-22", "2026-W47", "2026-11", "2026", "ever"]),
        ("2026-11-23T00:00:00", ["2026-11-23", "2026-W48", "2026-11", "2026", "ever"]),
        ("2026-11-30T23:59:59", ["2026-11-30", "2026-W49", "2026-11", "2026", "ever"]),
        ("2026-12-01T00:00:00", ["2026-12-01", "2026-W49", "2026-12", "2026", "ever"]),
        # The ISO year goes with the week, the calendar year with the day.
        ("2026-12-31T23:59:59", ["2026-12-31", "2026-W53", "2026-12", "2026", "ever"]),
        ("2027-01-01T00:00:00", ["2027-01-01", "2026-W53", "2027-01", "2027", "ever"]),
        ("2027-01-03T23:59:59", ["2027-01-03", "2026-W53", "2027-01", "2027", "ever"]),
        ("2027-01-04T00:00:00", ["2027-01-04", "2027-W01", "2027-01", "2027", "ever"]),
        ("2025-12-28T23:59:59", ["2025-12-28", "2025-W52", "2025-12", "2025", "ever"]),
        ("2025-12-29T00:00:00", ["2025-12-29", "2026-W01", "2025-12", "2025", "ever"]),
        ("2024-02-29T12:00:00", ["2024-02-29", "2024-W09", "2024-02", "2024", "ever"]),
    ],
)
def test_each_window_has_the_key_of_the_households_own_calendar(moment: str, expected: list[str]) -> None:
    assert expected == keys(local(moment))


def test_the_households_zone_decides_and_not_utc() -> None:
    evening = utc("2026-11-22T03:00:00")
    assert "2026-11-21" == window_keys(home("America/New_York"), evening)["day"]
    assert "2026-11-22" == window_keys(home("Europe/Berlin"), evening)["day"]
    assert "2026-11-22" == window_keys(home("Asia/Tokyo"), evening)["day"]


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-21", 24)], ids=["spring", "autumn", "plain"]
)
def test_a_day_of_any_length_is_one_window(day: str, hours: int) -> None:
    start = local(f"{day}T00:00:00")
    quarter = timedelta(minutes=15)
    inside = [window_keys(home(), start + quarter * n)["day"] for n in range(hours * 4)]
    assert {day} == set(inside)
    assert day != window_keys(home(), start - timedelta(microseconds=1))["day"]
    assert day != window_keys(home(), start + timedelta(hours=hours))["day"]


def test_the_hour_that_comes_twice_is_the_same_day_both_times() -> None:
    first, second = local("2026-11-01T01:30:00"), local("2026-11-01T01:30:00", fold=1)
    assert timedelta(hours=1) == second - first
    assert keys(first) == keys(second)


def test_a_zone_whose_midnight_is_skipped_has_its_day_all_the_same() -> None:
    beirut = home("Asia/Beirut")  # 2021-03-28 began at 01:00
    assert "2021-03-27" == window_keys(beirut, local("2021-03-27T23:59:59", "Asia/Beirut"))["day"]
    assert "2021-03-28" == window_keys(beirut, local("2021-03-28T01:00:00", "Asia/Beirut"))["day"]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_keys_say_where_the_local_date_lies(moment: datetime, time_zone: str) -> None:
    found = window_keys(home(time_zone), moment.replace(tzinfo=UTC))
    day = date.fromisoformat(found["day"])
    assert day == moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()
    assert (found["month"], found["year"], found["ever"]) == (f"{day:%Y-%m}", f"{day:%Y}", "ever")
    monday = date.fromisocalendar(*map(int, found["week"].split("-W")), 1)
    assert timedelta() <= day - monday < timedelta(days=7)
    assert 0 == monday.weekday()


def test_a_clock_that_jumps_back_counts_in_the_window_that_was_open_then() -> None:
    after, before = local("2026-11-22T00:00:30"), local("2026-11-21T23:59:30")
    assert keys(before) == keys(after - timedelta(minutes=1))
    assert keys(before) != keys(after)


# --- moving -------------------------------------------------------------------------------------------------------------

#: Moved from New York to Tokyo, in force from 10:00 in New York (midnight in Tokyo).
SINCE = utc("2026-11-21T15:00:00")
TO_TOKYO = home("Asia/Tokyo", "America/New_York", SINCE)


def test_a_move_waits_a_day() -> None:
    assert timedelta(hours=24) == ZONE_MOVE_DELAY


def test_until_a_move_takes_effect_nothing_moves() -> None:
    for moment in (SINCE - timedelta(hours=24), SINCE - timedelta(microseconds=1)):
        assert keys(moment, home()) == keys(moment, TO_TOKYO)
        assert local_time(home(), moment) == local_time(TO_TOKYO, moment)
        assert "America/New_York" == str(local_time(TO_TOKYO, moment).tzinfo)


def test_a_move_resets_no_window_each_runs_to_its_own_end() -> None:
    assert keys(SINCE, home()) == keys(SINCE, TO_TOKYO)
    ends = {
        "day": "2026-11-22T00:00:00",
        "week": "2026-11-23T00:00:00",
        "month": "2026-12-01T00:00:00",
        "year": "2027-01-01T00:00:00",
    }
    for window, end in ends.items():
        last = local(end) - timedelta(microseconds=1)
        assert window_keys(home(), last)[window] == window_keys(TO_TOKYO, last)[window]
        then = local(end)
        assert window_keys(home("Asia/Tokyo"), then)[window] == window_keys(TO_TOKYO, then)[window]


@pytest.mark.parametrize(
    ("moved", "again_at"),
    [
        ("2026-11-18T20:00", "2026-12-01T00:00"),  # a Wednesday: the month ends after the week
        ("2026-11-30T23:59", "2026-12-07T00:00"),  # a Monday: the week ends after the month
        ("2026-12-31T00:00", "2027-01-04T00:00"),
    ],
)
def test_a_second_move_waits_for_the_windows_of_the_first(moved: str, again_at: str) -> None:
    assert local(again_at) == moves_again_at(home("Asia/Tokyo", "America/New_York", local(moved)))
    assert None is moves_again_at(home())


def test_the_clock_on_the_wall_is_the_new_zones_at_once() -> None:
    assert "Asia/Tokyo" == str(local_time(TO_TOKYO, SINCE).tzinfo)
    assert (22, 0, 0) == (
        local_time(TO_TOKYO, SINCE).day,
        local_time(TO_TOKYO, SINCE).hour,
        local_time(TO_TOKYO, SINCE).minute,
    )


def test_a_household_that_never_moved_has_one_zone() -> None:
    assert "America/New_York" == str(local_time(home(), NOW).tzinfo)
    assert keys(NOW, home()) == keys(NOW, home(before="Asia/Tokyo"))


@given(
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.integers(-72, 24 * 40),
)
def test_no_move_opens_a_new_window_before_the_old_one_has_ended(
    before: str, after: str, since: datetime, hours: int
) -> None:
    since = since.replace(tzinfo=UTC)
    moved, stayed, arrived = home(after, before, since), home(before), home(after)
    now = since + timedelta(hours=hours)
    at_move, old, new = (window_keys(stayed, since), window_keys(stayed, now), window_keys(arrived, now))
    for window, key in window_keys(moved, now).items():
        still_open = now < since or old[window] == at_move[window]
        assert (old if still_open else new)[window] == key


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Atlantis", "America", "../UTC", "/etc/passwd", "UTC\0", "x" * 5000, "Europe/"]
)
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(PolicyInvalid, match="is no time zone such as America/New_York") as refused:
        zone(name)
    assert {"knob": "time_zone"} == refused.value.facts


# --- charges and caps ---------------------------------------------------------------------------------------------------


def test_an_order_counts_in_every_window_of_the_household() -> None:
    assert (
        WindowCharge("household", "day", "2026-11-21"),
        WindowCharge("household", "week", "2026-W47"),
        WindowCharge("household", "month", "2026-11"),
        WindowCharge("household", "year", "2026"),
        WindowCharge("household", "ever", "ever"),
    ) == window_charges(HOME, None, None, NOW, code_proved=True)
    assert ("day", "week", "month", "year", "ever", "no_code") == WINDOWS


def test_an_order_of_a_known_voice_counts_for_the_person_and_the_profile_too() -> None:
    charges = window_charges(HOME, "kim", "child", NOW, code_proved=True)
    assert 15 == len(set(charges))
    assert ["household", "profile:hh_1/child", "person:hh_1/kim"] == list(dict.fromkeys(each.scope for each in charges))
    assert {("day", "2026-11-21"), ("week", "2026-W47"), ("month", "2026-11"), ("year", "2026"), ("ever", "ever")} == {
        (each.window, each.key) for each in charges if each.scope == "person:hh_1/kim"
    }


def test_a_person_without_a_profile_has_no_profiles_windows() -> None:
    assert {"household", "person:hh_1/kim"} == {
        each.scope for each in window_charges(HOME, "kim", None, NOW, code_proved=True)
    }


def test_what_is_bought_without_the_code_counts_until_the_next_right_one() -> None:
    with_code = replace(HOME, code_set=True, code_generation=7)
    without = window_charges(with_code, None, None, NOW, code_proved=False)
    assert WindowCharge("household", "no_code", "7") == without[-1]
    assert without[:-1] == window_charges(with_code, None, None, NOW, code_proved=True)
    later = window_charges(replace(with_code, code_generation=8), None, None, NOW, code_proved=False)
    assert "8" == later[-1].key


def test_what_a_household_without_a_code_buys_counts_for_a_month_on_its_own_clock() -> None:
    def key(at: datetime, home: Household = HOME) -> str:
        (charge,) = set(window_charges(home, None, None, at, code_proved=False)) - set(
            window_charges(home, None, None, at, code_proved=True)
        )
        assert ("household", "no_code") == (charge.scope, charge.window)
        return charge.key

    midnight = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)  # in New York
    assert ["2026-11", "2026-12"] == [key(midnight - timedelta(microseconds=1)), key(midnight)]
    assert "2026-11" == key(NOW, replace(HOME, code_generation=7)), "a code that is gone has no say"
    moved = replace(
        HOME, time_zone="Asia/Tokyo", time_zone_before="America/New_York", time_zone_since=NOW + timedelta(hours=24)
    )
    assert ["2026-11", "2026-12"] == [key(midnight - timedelta(microseconds=1), moved), key(midnight, moved)]


def test_each_charge_meets_the_cap_of_its_scope_and_window() -> None:
    kim = Layer("person", f"{HOME.household_id}/kim", {"week_max": 300, "orders_per_day_max": 1}, 1)
    limits = policy({"day_max": 100, "total_max": 900, "orders_per_day_max": 2, "no_pin_total_max": 50}, inner=(kim,))
    charges = window_charges(HOME, "kim", None, NOW, code_proved=False)
    found = {(charge.scope, charge.window): caps for charge, caps in caps_for(limits, charges).items()}
    mine = "person:hh_1/kim"
    assert {
        ("household", "day"): (100, 2),
        ("household", "week"): (None, None),
        ("household", "month"): (None, None),
        ("household", "year"): (None, None),
        ("household", "ever"): (900, None),
        (mine, "day"): (None, 1),
        (mine, "week"): (300, None),
        (mine, "month"): (None, None),
        (mine, "year"): (None, None),
        (mine, "ever"): (None, None),
        ("household", "no_code"): (50, None),
    } == found


def test_every_cap_of_every_layer_is_met_by_a_charge() -> None:
    knobs = {"day_max": 1, "week_max": 1, "month_max": 1, "year_max": 1, "total_max": 1}
    inner = (Layer("profile", "hh_1/child", knobs, 1), Layer("person", "hh_1/kim", knobs, 1))
    charges = window_charges(HOME, "kim", "child", NOW, code_proved=True)
    assert {(1, None)} == set(caps_for(policy(knobs, inner=inner), charges).values())


def test_caps_without_charges_and_charges_without_caps_are_nothing() -> None:
    assert {} == caps_for(policy({"day_max": 100}), ())
    assert {WindowCharge("x", "day", "d"): (None, None)} == caps_for(policy(), (WindowCharge("x", "day", "d"),))
    assert WindowCap("household", "day", 100) == policy({"day_max": 100}).caps[0]


# --- quiet hours --------------------------------------------------------------------------------------------------------

NIGHT = ((21 * 60, 7 * 60),)


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        (NIGHT, "20:59:59", False),
        (NIGHT, "21:00:00", True),
        (NIGHT, "23:59:59", True),
        (NIGHT, "00:00:00", True),
        (NIGHT, "06:59:59", True),
        (NIGHT, "07:00:00", False),
        (NIGHT, "12:00:00", False),
        (((12 * 60, 13 * 60),), "11:59:59", False),
        (((12 * 60, 13 * 60),), "12:00:00", True),
        (((12 * 60, 13 * 60),), "12:59:59", True),
        (((12 * 60, 13 * 60),), "13:00:00", False),
        (((12 * 60, 12 * 60),), "03:00:00", True),
        (((12 * 60, 12 * 60),), "12:00:00", True),
        (((0, 1),), "00:00:30", True),
        (((0, 1),), "00:01:00", False),
        (((1439, 0),), "23:59:00", True),
        (((1439, 0),), "00:00:00", False),
        ((*NIGHT, (12 * 60, 13 * 60)), "12:30:00", True),
        ((*NIGHT, (12 * 60, 13 * 60)), "22:30:00", True),
        ((*NIGHT, (12 * 60, 13 * 60)), "14:30:00", False),
        ((), "22:30:00", False),
    ],
)
def test_quiet_hours_begin_with_their_first_minute_and_end_before_their_last(
    hours: tuple[tuple[int, int], ...], at: str, quiet: bool
) -> None:
    assert quiet == in_quiet_hours(hours, datetime.fromisoformat(f"2026-11-21T{at}"))


@given(st.tuples(st.integers(0, 1439), st.integers(0, 1439)), st.integers(0, 1439))
def test_a_span_and_its_reverse_share_no_minute_and_miss_none(span: tuple[int, int], minute: int) -> None:
    at = datetime(2026, 11, 21, minute // 60, minute % 60)  # noqa: DTZ001
    start, end = span
    forwards, backwards = in_quiet_hours(((start, end),), at), in_quiet_hours(((end, start),), at)
    assert (forwards != backwards) == (start != end)
