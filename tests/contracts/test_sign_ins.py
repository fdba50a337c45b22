"""Who may open the pages: links that work once, sessions that end, and tries that are counted before they are checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skill.errors import SignInRefused
from skill.ports import Account, PageSession, SignInOffer, SignIns
from skill.shop.households import HouseholdId
from tests.contracts.stores import HOME, NOON, Stores, at_once

LATER = NOON + timedelta(hours=1)
KIM = Account("acc_kim", "parent", HOME, "local:kim", "Kim", NOON, "hash-1")
OWNER = Account("acc_owner", "owner", None, "local:owner", "Owner", NOON, "hash-2")
OFFER = SignInOffer("parent", HOME, LATER)
SESSION = PageSession("acc_kim", 0, NOON, NOON, NOON)


@pytest.fixture
def sign_ins(stores: Stores) -> SignIns:
    assert stores.sign_ins is not None
    return stores.sign_ins


def enrol(sign_ins: SignIns, account: Account = KIM, digest: str = "link") -> Account:
    sign_ins.offer(digest, SignInOffer(account.role, account.household_id, LATER))
    return sign_ins.enrol(digest, account, NOON)


def refusal(sign_ins: SignIns, account: Account = KIM, digest: str = "link", **units: Any) -> str:
    with pytest.raises(SignInRefused) as refused:
        sign_ins.enrol(digest, account, NOON + timedelta(**units))
    return str(refused.value.facts["why"])


def test_a_link_makes_an_account(sign_ins: SignIns) -> None:
    assert KIM == enrol(sign_ins)
    assert KIM == sign_ins.account("acc_kim")
    assert KIM == sign_ins.account_of("local:kim")
    assert (KIM,) == tuple(sign_ins.accounts("parent", HOME, 10))


def test_an_owners_account_belongs_to_no_household(sign_ins: SignIns) -> None:
    enrol(sign_ins, OWNER)
    enrol(sign_ins, KIM, "another")
    assert (OWNER,) == tuple(sign_ins.accounts("owner", None, 10))


def test_a_link_works_once(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    assert sign_ins.offered("link", NOON) is None
    assert "link" == refusal(sign_ins, replace(KIM, sign_in="local:mallory", account_id="acc_m"))


def test_a_link_is_over_at_its_time(sign_ins: SignIns) -> None:
    sign_ins.offer("link", OFFER)
    assert OFFER == sign_ins.offered("link", LATER - timedelta(seconds=1))
    assert sign_ins.offered("link", LATER) is None
    assert "link" == refusal(sign_ins, hours=1)


def test_a_link_of_one_household_makes_no_account_of_another_and_no_owner(sign_ins: SignIns) -> None:
    sign_ins.offer("link", OFFER)
    assert "link" == refusal(sign_ins, replace(KIM, household_id=HouseholdId("next-door")))
    assert "link" == refusal(sign_ins, OWNER)
    assert sign_ins.enrol("link", KIM, NOON)


def test_a_newer_link_ends_the_older_of_its_slot_alone(sign_ins: SignIns) -> None:
    sign_ins.offer("older", replace(OFFER, slot="parent/home"))
    sign_ins.offer("other", replace(OFFER, slot="parent/next-door"))
    sign_ins.offer("without", OFFER)
    sign_ins.offer("newer", replace(OFFER, slot="parent/home"))
    assert [False, True, True, True] == [
        sign_ins.offered(each, NOON) is not None for each in ("older", "other", "without", "newer")
    ]


def test_one_link_opened_by_many_at_once_makes_one_account(sign_ins: SignIns) -> None:
    sign_ins.offer("link", OFFER)

    def take(number: int) -> bool:
        try:
            sign_ins.enrol("link", replace(KIM, account_id=f"acc_{number}", sign_in=f"local:{number}"), NOON)
        except SignInRefused:
            return False
        return True

    assert 1 == at_once(6, take).count(True)


def test_a_new_link_renews_the_account_of_that_name_and_ends_its_sessions(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    sign_ins.open_session("cookie", SESSION, LATER)
    renewed = enrol(sign_ins, replace(KIM, account_id="acc_new", passphrase_hash="hash-3"), "second")
    assert replace(KIM, passphrase_hash="hash-3", generation=1) == renewed == sign_ins.account_of("local:kim")
    assert sign_ins.session("cookie") is None


def test_somebody_elses_name_is_taken_and_the_link_stays_good(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    next_door = replace(KIM, account_id="acc_2", household_id=HouseholdId("next-door"))
    sign_ins.offer("second", SignInOffer("parent", HouseholdId("next-door"), LATER))
    assert "name_taken" == refusal(sign_ins, next_door, "second")
    assert KIM == sign_ins.account_of("local:kim")
    assert sign_ins.enrol("second", replace(next_door, sign_in="local:sam"), NOON)


def test_a_new_passphrase_ends_all_sessions(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    sign_ins.open_session("cookie", SESSION, LATER)
    changed = sign_ins.set_passphrase("acc_kim", "hash-9")
    assert replace(KIM, passphrase_hash="hash-9", generation=1) == changed == sign_ins.account("acc_kim")
    assert sign_ins.session("cookie") is None


def test_a_session_is_what_was_opened_until_it_is_closed(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    assert sign_ins.session("cookie") is None
    sign_ins.open_session("cookie", SESSION, LATER)
    assert (SESSION, KIM) == sign_ins.session("cookie")
    sign_ins.note_seen("cookie", NOON + timedelta(minutes=5), NOON + timedelta(minutes=4))
    found = sign_ins.session("cookie")
    assert found is not None
    assert (NOON + timedelta(minutes=5), NOON + timedelta(minutes=4)) == (found[0].seen_at, found[0].proved_at)
    sign_ins.close_session("cookie")
    assert sign_ins.session("cookie") is None


def test_a_closed_session_stays_closed_whoever_was_seen_late(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    sign_ins.note_seen("cookie", NOON, NOON)
    assert sign_ins.session("cookie") is None


def test_an_account_that_is_removed_opens_nothing_and_its_name_is_free(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    enrol(sign_ins, OWNER, "owners")
    sign_ins.open_session("cookie", SESSION, LATER)
    sign_ins.remove("acc_kim")
    sign_ins.remove("acc_kim")
    assert [None, None, None] == [
        sign_ins.account("acc_kim"), sign_ins.account_of("local:kim"), sign_ins.session("cookie"),
    ]  # fmt: skip
    assert () == tuple(sign_ins.accounts("parent", HOME, 5))
    assert OWNER == sign_ins.account("acc_owner")
    sam = replace(KIM, account_id="acc_sam", household_id=HouseholdId("next-door"))
    assert sam == enrol(sign_ins, sam, "next-door")


def test_tries_are_counted_up_to_the_limit_for_as_long_as_they_count(sign_ins: SignIns) -> None:
    def tried(subject: str = "kim", **units: float) -> bool:
        return sign_ins.count_try(subject, NOON + timedelta(**units), timedelta(minutes=15), 3)

    assert [True, True, True, False] == [tried(minutes=minute) for minute in range(4)]
    assert tried("sam")
    assert not tried(minutes=14, seconds=59)
    assert [True, False] == [tried(minutes=15), tried(minutes=15)]  # one has been forgotten by then
    sign_ins.forget_tries("kim")
    assert tried(minutes=15)


def test_tries_at_once_are_all_counted(sign_ins: SignIns) -> None:
    counted = at_once(12, lambda _: sign_ins.count_try("kim", NOON, timedelta(minutes=15), 5))
    assert (5, 7) == (counted.count(True), counted.count(False))


def test_a_forgotten_household_has_no_accounts_links_or_sessions(sign_ins: SignIns) -> None:
    enrol(sign_ins)
    enrol(sign_ins, OWNER, "owners")
    sam = replace(KIM, account_id="acc_sam", sign_in="local:sam", household_id=HouseholdId("next-door"))
    enrol(sign_ins, sam, "next-door")
    sign_ins.open_session("cookie", SESSION, LATER)
    sign_ins.offer("open", OFFER)
    sign_ins.forget(HOME)
    assert [None, None, None] == [
        sign_ins.account("acc_kim"), sign_ins.account_of("local:kim"), sign_ins.session("cookie"),
    ]  # fmt: skip
    assert sign_ins.offered("open", NOON) is None
    assert (OWNER, sam) == (sign_ins.account("acc_owner"), sign_ins.account("acc_sam"))
    assert KIM == enrol(sign_ins, KIM, "again")
