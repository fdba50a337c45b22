"""Consent is bound to what was spoken: whatever changes voids it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from skill.errors import ConsentInvalid
from skill.guard.consent import Consent, canonical, grant, same_terms, seal_quote
from skill.guard.decision import Confirm, Decision, NeedAdult, NeedCode, Proofs, Refuse
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.quote import Quote, QuoteLine, quote_from_data, quote_to_data
from tests.guard.cases import NOW, line, quote, quotes

GIVEN = Confirm("yes", given=True)
YES = Proofs(confirmation="yes")


def sign(message: bytes) -> bytes:
    return hmac.digest(b"the deployment's key", message, hashlib.sha256)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


SPOKEN = quote(
    line("ale", 1, 500), line("milk", 2, 399), delivery=usd(499), tax=usd(88), discount=usd(100), person="kim"
)
SEAL = seal_quote(SPOKEN, sign)


def agree(
    spoken: Quote = SPOKEN,
    current: Quote | None = None,
    seal: str = SEAL,
    decision: Decision = GIVEN,
    now: datetime = NOW,
) -> Consent:
    return grant(decision, spoken, seal, current or spoken, YES, now, sign)


def refusal(**what: Any) -> str:
    with pytest.raises(ConsentInvalid) as invalid:
        agree(**what)
    return str(invalid.value.facts["why"])


#: A change for every field of a quote that consent is bound to.
CHANGES: dict[str, Callable[[Quote], Quote]] = {
    "household_id": lambda q: replace(q, household_id=HouseholdId("hh_2")),
    "store": lambda q: replace(q, store="other"),
    "seller": lambda q: replace(q, seller="Corner Store Ltd"),
    "platform": lambda q: replace(q, platform="page"),
    "device": lambda q: replace(q, device="bedroom"),
    "session": lambda q: replace(q, session="s-2"),
    "person": lambda q: replace(q, person="sam"),
    "nobody": lambda q: replace(q, person=None),
    "delivery": lambda q: replace(q, delivery=usd(500)),
    "tax": lambda q: replace(q, tax=usd(89)),
    "discount": lambda q: replace(q, discount=usd(99)),
    "address": lambda q: replace(q, address="2 Elm St"),
    "policy_version": lambda q: replace(q, policy_version="s1.h2"),
    "a higher price": lambda q: with_line(q, unit_price=usd(400)),
    "a lower price": lambda q: with_line(q, unit_price=usd(398)),
    "quantity": lambda q: with_line(q, quantity=3),
    "sku": lambda q: with_line(q, sku=Sku("milk-2")),
    "title": lambda q: with_line(q, title="Another milk"),
    "size": lambda q: with_line(q, size="2 gallons"),
    "one line more": lambda q: replace(q, lines=(*q.lines, line("salt", 1, 0))),
    "one line less": lambda q: replace(q, lines=q.lines[:1]),
    "the same line twice": lambda q: replace(q, lines=(*q.lines, q.lines[0])),
    "the money moved from delivery to tax": lambda q: replace(q, delivery=usd(498), tax=usd(89)),
    "currency": lambda q: quote_from_data(quote_to_data(q) | {"currency": "EUR"}),
}


def with_line(the_quote: Quote, **more: Any) -> Quote:
    return replace(the_quote, lines=(*the_quote.lines[:-1], replace(the_quote.lines[-1], **more)))


def test_every_field_of_a_quote_is_bound_or_known_not_to_matter() -> None:
    bound = {name for name in CHANGES if " " not in name} | {"lines", "expires_at", "nonce"}
    assert {"quoted_at"} == {field.name for field in fields(Quote)} - bound
    # The seal is over what is spoken; the guard reads category and age again for itself.
    assert {"category", "age_min"} == {field.name for field in fields(QuoteLine)} - bound - {"unit_price"}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_makes_another_seal_and_voids_the_consent(what: str) -> None:
    changed = CHANGES[what](SPOKEN)
    assert SEAL != seal_quote(changed, sign)
    assert not same_terms(SPOKEN, changed)
    assert "changed" == refusal(current=changed)
    assert "forged" == refusal(spoken=changed)


@pytest.mark.parametrize(
    "changed",
    [replace(SPOKEN, nonce="n-2"), replace(SPOKEN, expires_at=SPOKEN.expires_at + timedelta(seconds=1))],
    ids=["nonce", "expiry"],
)
def test_nonce_and_expiry_are_sealed_but_a_quote_made_again_may_have_new_ones(changed: Quote) -> None:
    assert SEAL != seal_quote(changed, sign)
    assert "forged" == refusal(spoken=changed)
    assert same_terms(SPOKEN, changed)
    assert Consent("n-1", SPOKEN, SEAL, YES) == agree(current=replace(changed, quoted_at=NOW + timedelta(seconds=30)))


def test_the_order_of_lines_says_nothing() -> None:
    turned = replace(SPOKEN, lines=SPOKEN.lines[::-1])
    assert canonical(SPOKEN) == canonical(turned)
    assert agree(current=turned)


def test_the_same_moment_in_another_zone_is_the_same_expiry_only_in_utc() -> None:
    """Times are UTC throughout; a quote that says otherwise is not the one that was sealed."""
    elsewhere = replace(SPOKEN, expires_at=SPOKEN.expires_at.astimezone(timezone(timedelta(hours=2))))
    assert "forged" == refusal(spoken=elsewhere)


def test_consent_is_to_what_was_spoken_with_its_nonce_as_its_id() -> None:
    assert Consent("n-1", SPOKEN, SEAL, YES) == agree()


@pytest.mark.parametrize(
    "decision",
    [Refuse(()), NeedAdult(()), NeedCode(()), Confirm("yes", given=False), Confirm("code", given=False)],
)
def test_nothing_but_a_given_confirmation_opens_the_door(decision: Decision) -> None:
    assert "not_confirmed" == refusal(decision=decision)


@pytest.mark.parametrize("how", ["yes", "spoken_number", "code", "adult"])
def test_a_given_confirmation_opens_it(how: str) -> None:
    assert agree(decision=Confirm(how, given=True)).quote is SPOKEN


def test_a_quote_holds_until_its_expiry_and_not_at_it() -> None:
    expiry = SPOKEN.expires_at
    assert agree(now=expiry - timedelta(microseconds=1))
    assert "expired" == refusal(now=expiry)
    assert "expired" == refusal(now=expiry + timedelta(days=1))


@pytest.mark.parametrize(
    "seal",
    ["", "0" * 64, SEAL[:-1], SEAL + "0", SEAL.upper(), "é" * 64, "\ud800", SEAL.replace(SEAL[0], "g", 1)],
    ids=["none", "zeros", "short", "long", "upper", "not ascii", "surrogate", "one digit"],
)
def test_a_forged_seal_is_no_seal(seal: str) -> None:
    assert "forged" == refusal(seal=seal)


def test_a_seal_under_another_key_is_forged() -> None:
    assert "forged" == refusal(seal=seal_quote(SPOKEN, lambda message: hmac.digest(b"another", message, "sha256")))


def test_what_is_sealed_has_every_part_that_binds() -> None:
    assert {
        "household": "hh_1", "store": "corner", "seller": "Corner Store", "platform": "voice", "device": "kitchen",
        "session": "s-1", "person": "kim", "delivery": 499, "tax": 88, "discount": 100, "total": 1785, "currency": "USD",
        "lines": [["ale", 1, 500, "Hillside ale", "1 gallon"], ["milk", 2, 399, "Hillside milk", "1 gallon"]],
        "address": "1 Elm St", "policy": "s1.h1", "expires": "2026-11-21T20:02:00+00:00", "nonce": "n-1",
    } == json.loads(canonical(SPOKEN))  # fmt: skip
    assert canonical(SPOKEN).isascii()
    assert b": " not in canonical(SPOKEN)


@given(quotes, quotes)
def test_two_quotes_have_one_seal_only_where_they_say_the_same(one: Quote, other: Quote) -> None:
    same = one == other
    assert same == (seal_quote(one, sign) == seal_quote(other, sign)) or _differ_unspoken(one, other)
    assert seal_quote(one, sign) == seal_quote(quote_from_data(json.loads(json.dumps(quote_to_data(one)))), sign)


def _differ_unspoken(one: Quote, other: Quote) -> bool:
    """Whether they differ in nothing but categories, which are not spoken."""

    def without(the_quote: Quote) -> Quote:
        return replace(the_quote, lines=tuple(replace(each, category=()) for each in the_quote.lines))

    return without(one) == without(other)


def test_times_are_utc_in_the_cases() -> None:
    assert UTC is NOW.tzinfo
