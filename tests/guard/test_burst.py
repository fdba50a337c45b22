"""What many households are compared by when a television orders for all of them."""

from __future__ import annotations

from dataclasses import replace

from skill.guard.burst import BURST_HOUSEHOLDS_MIN, BURST_LASTS_S, BURST_WITHIN_S, burst_phrase
from skill.shop.households import HouseholdId
from tests.guard.cases import line, quote


def test_the_same_basket_is_the_same_phrase_in_every_household() -> None:
    ours = quote(line("dollhouse"), line("cookies", 4), person="kim")
    theirs = replace(
        quote(line("cookies", 4, 999), line("dollhouse", 1, 5)), household_id=HouseholdId("hh_2"), device="den",
        session="s-9", address="9 Oak St", nonce="n-9",
    )  # fmt: skip
    assert burst_phrase(ours) == burst_phrase(theirs)


def test_another_basket_is_another_phrase() -> None:
    phrases = {
        burst_phrase(quote(*lines))
        for lines in (
            (line("cookies"),), (line("cookies", 2),), (line("dollhouse"),), (line("cookies"), line("dollhouse")),
            (line("cookies", 1), line("dollhouse", 2)), (line("cookies", 12),),
        )
    }  # fmt: skip
    assert 6 == len(phrases)


def test_a_phrase_says_nothing_of_what_or_who() -> None:
    phrase = burst_phrase(quote(line("dollhouse"), person="kim"))
    assert 64 == len(phrase)
    assert set(phrase) <= set("0123456789abcdef")


def test_a_burst_is_five_households_in_a_minute_and_lasts_ten() -> None:
    assert (5, 60, 600) == (BURST_HOUSEHOLDS_MIN, BURST_WITHIN_S, BURST_LASTS_S)
