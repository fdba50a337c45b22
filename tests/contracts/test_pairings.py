"""Pairing codes: single use, ten minutes, and not to be guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skill.errors import HouseholdUnknown, PairingRefused
from skill.guard.pairing import (
    PAIRING_LENGTH,
    PAIRING_LETTERS,
    PAIRING_TTL,
    PAIRING_WRONG_MAX,
    PAIRING_WRONG_WITHIN,
    PAIRINGS_OPEN_MAX,
)
from skill.shop.cart import CartLine
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId, guest_owner
from tests.contracts.stores import HOME, NOON, Stores, at_once, household

WRONG = "BBBBBB"


@pytest.fixture(autouse=True)
def home(stores: Stores) -> None:
    stores.households.create(household())


def begin(stores: Stores, user: str = "speaker", after_s: float = 0) -> str:
    return stores.pairings.begin("alexa", user, NOON + timedelta(seconds=after_s))


def redeem(stores: Stores, code: str, after_s: float = 1, home: str = HOME) -> tuple[str, str]:
    return stores.pairings.redeem(code, HouseholdId(home), NOON + timedelta(seconds=after_s))


def refusal(stores: Stores, code: str, after_s: float = 1, home: str = HOME) -> str:
    with pytest.raises(PairingRefused) as refused:
        redeem(stores, code, after_s, home)
    return str(refused.value.facts["why"])


def test_a_code_that_was_read_out_links_the_speaker(stores: Stores) -> None:
    code = begin(stores)
    assert PAIRING_LENGTH == len(code)
    assert set(code) <= set(PAIRING_LETTERS)
    assert ("alexa", "speaker") == redeem(stores, code)
    linked = stores.households.of_user("alexa", "speaker")
    assert linked is not None
    assert HOME == linked.household_id


def test_a_code_is_good_once(stores: Stores) -> None:
    code = begin(stores)
    redeem(stores, code)
    assert "unknown" == refusal(stores, code)


def test_a_code_is_good_for_ten_minutes(stores: Stores) -> None:
    lasts_s = PAIRING_TTL.total_seconds()
    assert "unknown" == refusal(stores, begin(stores, "late"), after_s=lasts_s)
    assert ("alexa", "just") == redeem(stores, begin(stores, "just"), after_s=lasts_s - 1)


def test_a_new_code_takes_the_place_of_the_speakers_older_one(stores: Stores) -> None:
    older, newer = begin(stores), begin(stores)
    assert "unknown" == refusal(stores, older)
    redeem(stores, newer)


def test_a_speaker_that_is_paired_again_moves(stores: Stores) -> None:
    stores.households.create(household("next-door"))
    redeem(stores, begin(stores))
    redeem(stores, begin(stores), home="next-door")
    assert [] == list(stores.households.linked(HOME))


def test_wrong_codes_are_counted_and_then_even_the_right_one_is_refused_for_an_hour(stores: Stores) -> None:
    code = begin(stores, after_s=PAIRING_WRONG_WITHIN.total_seconds() - 10)
    assert ["unknown"] * PAIRING_WRONG_MAX == [refusal(stores, WRONG) for _ in range(PAIRING_WRONG_MAX)]
    assert "too_many_tries" == refusal(stores, code, after_s=PAIRING_WRONG_WITHIN.total_seconds())
    redeem(stores, code, after_s=PAIRING_WRONG_WITHIN.total_seconds() + 2)


def test_each_household_is_counted_by_itself(stores: Stores) -> None:
    stores.households.create(household("next-door"))
    for _ in range(PAIRING_WRONG_MAX):
        refusal(stores, WRONG)
    redeem(stores, begin(stores), home="next-door")


def test_guesses_at_once_are_all_counted(stores: Stores) -> None:
    def guess(_: int) -> str:
        try:
            redeem(stores, WRONG)
        except PairingRefused as refused:
            return str(refused.facts["why"])
        return "linked"

    assert PAIRING_WRONG_MAX == at_once(PAIRING_WRONG_MAX + 6, guess).count("unknown")


def test_one_code_typed_twice_at_once_links_once(stores: Stores) -> None:
    stores.households.create(household("next-door"))
    code = begin(stores)

    def take(number: int) -> bool:
        try:
            redeem(stores, code, home=(HOME, "next-door")[number])
        except PairingRefused:
            return False
        return True

    assert [False, True] == sorted(at_once(2, take))


def test_no_more_codes_are_open_than_may_be(stores: Stores) -> None:
    for number in range(PAIRINGS_OPEN_MAX):
        begin(stores, f"speaker-{number}")
    with pytest.raises(PairingRefused) as refused:
        begin(stores, "one-more")
    assert "too_many_open" == refused.value.facts["why"]
    begin(stores, "one-more", after_s=PAIRING_TTL.total_seconds())


def test_a_household_that_is_none_links_nothing(stores: Stores) -> None:
    code = begin(stores)
    with pytest.raises(HouseholdUnknown):
        redeem(stores, code, home="nobody")
    redeem(stores, code)


def put_aside(stores: Stores, owner: str, **quantities: int) -> None:
    lines = tuple(CartLine(Sku(sku), quantity) for sku, quantity in quantities.items())
    stores.carts.save(owner, replace(stores.carts.load(owner), lines=lines))


def carts(stores: Stores, *owners: str) -> list[dict[str, int]]:
    return [{line.sku: line.quantity for line in stores.carts.load(owner).lines} for owner in owners]


GUEST = guest_owner("alexa", "speaker")


def test_what_a_speaker_had_put_aside_goes_with_it(stores: Stores) -> None:
    put_aside(stores, GUEST, milk=2, bread=1)
    redeem(stores, begin(stores))
    assert [{"milk": 2, "bread": 1}, {}] == carts(stores, HOME, GUEST)


def test_the_household_keeps_what_it_had(stores: Stores) -> None:
    put_aside(stores, HOME, eggs=1, milk=1)
    put_aside(stores, GUEST, milk=2)
    redeem(stores, begin(stores))
    assert [{"eggs": 1, "milk": 3}, {}] == carts(stores, HOME, GUEST)


def test_no_more_comes_in_than_the_limits_leave_room_for(stores: Stores) -> None:
    put_aside(stores, HOME, eggs=9, milk=4)
    put_aside(stores, GUEST, milk=3, eggs=1, bread=8, tea=1)
    stores.pairings.redeem(begin(stores), HOME, NOON + timedelta(seconds=1), quantity_max=5, lines_max=3)
    assert [{"eggs": 9, "milk": 5, "bread": 5}, {}] == carts(stores, HOME, GUEST)


def test_a_wrong_code_moves_nothing(stores: Stores) -> None:
    put_aside(stores, GUEST, milk=2)
    begin(stores)
    refusal(stores, WRONG)
    assert [{}, {"milk": 2}] == carts(stores, HOME, GUEST)


def test_the_cart_of_another_account_stays_where_it_is(stores: Stores) -> None:
    other = guest_owner("alexa", "another")
    put_aside(stores, other, milk=2)
    redeem(stores, begin(stores))
    assert [{}, {"milk": 2}] == carts(stores, HOME, other)


def test_no_speaker_is_paired_with_a_household_that_was_forgotten(stores: Stores) -> None:
    code = begin(stores)
    stores.households.forget(HOME)
    with pytest.raises(HouseholdUnknown):
        redeem(stores, code)
    assert None is stores.households.of_user("alexa", "speaker")
