"""The same basket from many households at once."""

from __future__ import annotations

from datetime import timedelta

from skill.guard.burst import BURST_HOUSEHOLDS_MIN, BURST_LASTS_S, BURST_WITHIN_S
from skill.shop.households import HouseholdId
from tests.contracts.stores import NOON, Stores, at_once


def note(stores: Stores, home: int, phrase: str = "milk", after_s: float = 0) -> bool:
    return stores.bursts.note(phrase, HouseholdId(f"h{home}"), NOON + timedelta(seconds=after_s))


def burst(stores: Stores) -> list[bool]:
    return [note(stores, home) for home in range(BURST_HOUSEHOLDS_MIN)]


def test_a_burst_begins_with_the_household_that_makes_it_one(stores: Stores) -> None:
    assert [False] * (BURST_HOUSEHOLDS_MIN - 1) + [True] == burst(stores)


def test_one_household_however_often_is_no_burst(stores: Stores) -> None:
    assert not any(note(stores, 1, after_s=each) for each in range(20))


def test_other_baskets_do_not_add_up(stores: Stores) -> None:
    assert not any(note(stores, home, phrase=f"basket {home % 3}") for home in range(3 * (BURST_HOUSEHOLDS_MIN - 1)))


def test_households_far_apart_in_time_are_no_burst(stores: Stores) -> None:
    assert not any(note(stores, home, after_s=home * BURST_WITHIN_S) for home in range(20))


def test_a_burst_is_on_for_everybody_and_every_basket_until_it_is_over(stores: Stores) -> None:
    burst(stores)

    assert note(stores, 99, phrase="eggs", after_s=BURST_LASTS_S - 1)
    assert not note(stores, 99, phrase="eggs", after_s=BURST_LASTS_S)


def test_whoever_looks_whether_a_burst_is_on_is_not_counted(stores: Stores) -> None:
    for home in range(BURST_HOUSEHOLDS_MIN - 1):
        note(stores, home)
        assert not stores.bursts.is_on(NOON)
    note(stores, BURST_HOUSEHOLDS_MIN)

    assert stores.bursts.is_on(NOON)
    assert stores.bursts.is_on(NOON + timedelta(seconds=BURST_LASTS_S - 1))
    assert not stores.bursts.is_on(NOON + timedelta(seconds=BURST_LASTS_S))


def test_a_burst_is_seen_by_other_processes(stores: Stores) -> None:
    burst(stores)
    other = stores.reopen()

    assert note(other, 99, phrase="eggs", after_s=1)
    other.close()


def test_households_at_once_make_a_burst(stores: Stores) -> None:
    results = at_once(BURST_HOUSEHOLDS_MIN + 3, lambda home: note(stores, home))

    assert 4 == sum(results)
