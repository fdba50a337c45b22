"""A decision written down can be asked again, and says the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from skill.guard.decision import Confirm, Decision, NeedAdult, NeedCode, Proofs, Refuse, Spent, decide
from skill.guard.policy import Layer, Policy, effective_policy
from skill.guard.record import decision_facts, decision_input, decision_personal, policy_from_data, policy_to_data
from skill.shop.money import Money
from tests.guard.cases import AGE_RESTRICTED, HOME, NOW, cases, line, order, policy, quote, situation


def written(facts: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from a store."""
    return json.loads(json.dumps(facts, allow_nan=False))


def anonymous(scoped: Any) -> tuple[Any, ...]:
    """Caps or charges with the names of people taken out."""
    return tuple(replace(each, scope=re.sub(r":.*", ":somebody", each.scope)) for each in scoped)


def policy_of(case: Any) -> Policy:
    _, _, household, store, inner, _ = case
    return effective_policy(
        Layer("store", "corner", store, 1),
        Layer("household", HOME.household_id, household, 1),
        inner,
        currency="USD",
        age_restricted_categories=AGE_RESTRICTED,
    )


@given(cases())
def test_a_decision_asked_again_from_its_record_is_the_same(case: Any) -> None:
    the_quote, told, _, _, _, spent = case
    limits = policy_of(case)
    decision = decide(the_quote, told, limits, spent, NOW)
    facts = decision_facts(the_quote, told, limits, spent, NOW, decision)
    assert decision == decide(*decision_input(written(facts)))


@given(cases())
def test_the_record_keeps_all_that_was_asked_with(case: Any) -> None:
    the_quote, told, _, _, _, spent = case
    limits = policy_of(case)
    decision = decide(the_quote, told, limits, spent, NOW)
    again = decision_input(written(decision_facts(the_quote, told, limits, spent, NOW, decision)))
    nameless = replace(the_quote, address="", device="", session="", person=the_quote.person and "somebody")
    assert (nameless, NOW) == (again[0], again[4])
    assert anonymous(limits.caps) == again[2].caps
    assert replace(limits, caps=()) == replace(again[2], caps=())
    assert dict(zip(anonymous(spent), spent.values(), strict=True)) == again[3]
    assert anonymous(told.charges) == again[1].charges
    kept = replace(told, recent=(), charges=(), person=told.person and "somebody")
    assert kept == replace(again[1], recent=(), charges=())
    looked_at = [(each.order_id, each.state, each.bought_at, each.basket) for each in told.recent]
    assert looked_at == [(each.order_id, each.state, each.bought_at, each.basket) for each in again[1].recent]


@given(cases())
def test_a_policy_survives_being_written_down(case: Any) -> None:
    limits = policy_of(case)
    assert limits == policy_from_data(written(policy_to_data(limits)))


def test_a_policy_that_could_not_be_read_is_recorded_as_none() -> None:
    decision = decide(quote(), situation(), None, {}, NOW)
    facts = written(decision_facts(quote(), situation(), None, {}, NOW, decision))
    assert facts["policy"] is None
    assert decision == decide(*decision_input(facts))


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Refuse((("frozen", {}),)), ("Refuse", False, "", [["frozen", {}]])),
        (NeedAdult((("a", {"cap_minor": 5}),)), ("NeedAdult", False, "", [["a", {"cap_minor": 5}]])),
        (NeedCode(()), ("NeedCode", False, "", [])),
        (Confirm("yes", given=False), ("Confirm", False, "yes", [])),
        (Confirm("code", given=True, reasons=(("pin_policy", {}),)), ("Confirm", True, "code", [["pin_policy", {}]])),
    ],
)
def test_the_record_says_what_was_decided_and_why(decision: Decision, expected: Any) -> None:
    facts = written(decision_facts(quote(minor=1250), situation(), policy(), {}, NOW, decision))
    assert expected == (facts["decision"], facts.get("given", False), facts.get("how", ""), facts["reasons"])
    assert (1250, "2026-11-21T20:00:00+00:00") == (facts["total_minor"], facts["now"])


def test_what_is_as_usual_takes_no_room_in_the_record() -> None:
    limits = effective_policy(
        Layer("store", "corner", {}, 1),
        Layer("household", HOME.household_id, {"ordering_enabled": True}, 1),
        currency="USD",
        age_restricted_categories=AGE_RESTRICTED,
    )
    told = situation(proofs=Proofs(code=True), code_set=True, code_optional=False, platform=quote().platform)
    spent = {charge: Spent(7, 1) for charge in told.charges}
    facts = written(decision_facts(quote(), told, limits, spent, NOW, Confirm("code", given=True)))
    assert {"local", "proofs"} == facts["situation"].keys()
    assert {"code": True} == facts["situation"]["proofs"]
    assert {"categories_denied", "caps"} == facts["policy"].keys()
    assert not {"device", "session", "address", "person", "discount"} & facts["quote"].keys()


def test_the_windows_that_count_are_recorded_where_they_are_not_the_ones_looked_up() -> None:
    told = situation()
    facts = written(decision_facts(quote(), told, policy(), {}, NOW, Refuse(())))
    assert told.charges == decision_input(facts)[1].charges


@given(cases())
def test_nothing_personal_is_in_the_record_and_all_of_it_beside_it(case: Any) -> None:
    the_quote, told, _, _, _, spent = case
    the_quote = replace(the_quote, device="device-7f", session="session-7f")
    facts = json.dumps(decision_facts(the_quote, told, policy_of(case), spent, NOW, Refuse(())))
    beside = decision_personal(the_quote)
    assert {
        "address": HOME.address,
        "device": "device-7f",
        "session": "session-7f",
        "person": the_quote.person,
    } == beside
    assert [] == [each for each in beside.values() if each and json.dumps(each) in facts]
    assert f"/{told.person}" not in facts


def test_an_earlier_order_comes_back_as_far_as_the_guard_looks_at_it() -> None:
    earlier = order(line("ale", 2), line("milk"), ago_s=30, number=4)
    facts = written(decision_facts(quote(), situation(recent=(earlier,)), policy(), {}, NOW, Refuse(())))
    blank = replace(
        earlier,
        lines=tuple(
            replace(each, title="", size="", unit_price=Money(0, "USD"), category=()) for each in earlier.lines
        ),
        address="",
        platform="",
        consent_id="",
        reserve_deadline=earlier.reserved_at,
        undo_window_s=0,
    )
    assert (blank,) == decision_input(facts)[1].recent


def test_an_earlier_order_that_is_placed_is_recorded_as_of_then() -> None:
    placed = replace(order(ago_s=900), placed_at=NOW - timedelta(seconds=10))
    facts = written(decision_facts(quote(), situation(recent=(placed,)), policy(), {}, NOW, Refuse(())))
    assert [placed.placed_at] == [each.bought_at for each in decision_input(facts)[1].recent]


def test_whatever_a_persons_key_looks_like_it_is_not_in_the_record() -> None:
    key = "amzn1.ask.person:A1:B2/C3"
    told = situation(person=key, profile="kids:small")
    own = Layer("person", f"{HOME.household_id}/{key}", {"day_max": 100}, 1)
    spent = {charge: Spent(7, 1) for charge in told.charges}
    limits = policy(inner=(own,))
    decision = decide(quote(person=key), told, limits, spent, NOW)
    facts = written(decision_facts(quote(person=key), told, limits, spent, NOW, decision))
    assert not re.search("amzn1|A1|B2|C3|small", json.dumps(facts))
    assert decision == decide(*decision_input(facts))
