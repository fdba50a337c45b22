"""Orders that wait for an adult: asked for within a limit, decided once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skill.errors import ApprovalClosed, ApprovalsFull, ConsentUsed, OutOfStock, VersionConflict
from skill.ports import Approval, ApprovalState, Click
from skill.shop.households import HouseholdId
from skill.shop.orders import Order
from tests.contracts.stores import (
    HOME,
    NOON,
    Stores,
    at_once,
    draft,
    household,
    product,
    record,
    request_key,
    reservation,
)

DAY = timedelta(days=1)
DECIDED_WITHOUT_AN_ORDER = (ApprovalState.REFUSED, ApprovalState.LAPSED, ApprovalState.CHANGED)


def approval(approval_id: str = "a1", *, household_id: str = HOME, minute: int = 0) -> Approval:
    quote = reservation(lines={"milk": 2, "eggs": 1}, household_id=household_id).consent.quote
    asked_at = NOON + timedelta(minutes=minute)
    return Approval(approval_id, HouseholdId(household_id), quote, asked_at, asked_at + DAY)


def ask(stores: Stores, asked: Approval, open_max: int | None = 3, **how: Any) -> Approval:
    stores.approvals.ask(asked, open_max, draft("approval_asked", household_id=asked.household_id), **how)
    return asked


def settle(stores: Stores, approval_id: str, state: ApprovalState = ApprovalState.REFUSED) -> Approval:
    return stores.approvals.settle(approval_id, state, "kim@example.com", NOON, draft(f"approval_{state}"))


def reserve(stores: Stores, approval_id: str = "a1", by: str = "kim@example.com") -> Order:
    """As an adult's click does. The consent is the approval itself."""
    wanted = reservation({"milk": 2}, consent_id=f"approval-{approval_id}", click=Click(approval_id, by))
    stores.ledger.reserve(wanted)
    return wanted.order


def test_what_was_asked_for_is_there_with_its_whole_quote(stores: Stores) -> None:
    asked = ask(stores, approval())

    assert asked == stores.approvals.get("a1")
    assert None is stores.approvals.get("a2")
    assert ["approval_asked"] == [entry.kind for entry in stores.ledger.audit(HOME, 10)]


@pytest.mark.parametrize("asked_before", [False, True])
def test_nobody_is_asked_for_a_household_that_was_forgotten_meanwhile(stores: Stores, asked_before: bool) -> None:
    stores.households.create(household())
    if asked_before:
        ask(stores, approval("a1"))
    stores.households.forget(HOME)

    with pytest.raises(VersionConflict):
        ask(stores, approval("a2"))

    assert "1 Main St" not in stores.texts()
    assert () == stores.approvals.of_household(HOME, 9)


def test_asking_writes_the_turn_or_nothing(stores: Stores) -> None:
    request = request_key("r1")
    ask(stores, approval("a1"), record=record(request=request))
    assert stores.conversations.open(HOME, "session", request).answered

    with pytest.raises(VersionConflict):
        ask(stores, approval("a2"), record=record(7, request=request_key("r2")))

    assert None is stores.approvals.get("a2")


def test_no_more_may_be_open_than_the_policy_says(stores: Stores) -> None:
    ask(stores, approval("a1"), 2)
    ask(stores, approval("a2"), 2)
    ask(stores, approval("b1", household_id="away"), 2)

    with pytest.raises(ApprovalsFull):
        ask(stores, approval("a3"), 2)
    assert None is stores.approvals.get("a3")
    assert 2 == len(stores.ledger.audit(HOME, 10))

    settle(stores, "a1", ApprovalState.REFUSED)
    ask(stores, approval("a3"), 2)
    ask(stores, approval("a4"), None)
    with pytest.raises(ApprovalsFull):
        ask(stores, approval("a5"), 0)


def test_what_has_lapsed_leaves_room(stores: Stores) -> None:
    ask(stores, approval("a1"), 1)

    ask(stores, approval("a2", minute=24 * 60), 1)

    assert ["a2", "a1"] == [each.approval_id for each in stores.approvals.of_household(HOME, 9)]


def test_threads_that_ask_at_once_stay_within_the_limit(stores: Stores) -> None:
    results = at_once(8, lambda n: ask(stores, approval(f"a{n}"), 3))

    assert 5 == sum(isinstance(each, ApprovalsFull) for each in results)
    assert 3 == len(stores.approvals.of_household(HOME, 9))


def test_a_decision_is_kept_with_who_made_it(stores: Stores) -> None:
    asked = ask(stores, approval())

    decided = settle(stores, "a1")

    expected = replace(asked, state=ApprovalState.REFUSED, decided_at=NOON, decided_by="kim@example.com")
    assert expected == decided == stores.approvals.get("a1")


def test_the_reservation_approves_in_the_same_write(stores: Stores) -> None:
    stores.inventory.restock([product("milk")])
    asked = ask(stores, approval())

    order = reserve(stores)

    expected = replace(
        asked, state=ApprovalState.APPROVED, decided_at=NOON, decided_by="kim@example.com", order_id=order.order_id
    )
    assert expected == stores.approvals.get("a1")
    assert [expected] == list(stores.approvals.of_household(HOME, 9, untold_only=True))
    assert order == stores.orders.of_consent("approval-a1")


@pytest.mark.parametrize("state", DECIDED_WITHOUT_AN_ORDER)
def test_what_was_decided_otherwise_is_not_reserved(stores: Stores, state: ApprovalState) -> None:
    stores.inventory.restock([product("milk")])
    ask(stores, approval())
    settle(stores, "a1", state)

    with pytest.raises(ApprovalClosed) as closed:
        reserve(stores)
    with pytest.raises(ApprovalClosed):
        reserve(stores, "never asked for")

    assert state == closed.value.facts["why"]
    assert [] == list(stores.orders.list(9))
    assert ((0, 0), 10) == (stores.spent(), stores.available("milk"))


@pytest.mark.parametrize("state", DECIDED_WITHOUT_AN_ORDER)
def test_what_is_reserved_is_not_decided_otherwise(stores: Stores, state: ApprovalState) -> None:
    stores.inventory.restock([product("milk")])
    ask(stores, approval())
    order = reserve(stores)

    with pytest.raises(ApprovalClosed) as closed:
        settle(stores, "a1", state)
    with pytest.raises(ConsentUsed) as used:
        reserve(stores, by="another adult")

    assert "approved" == closed.value.facts["why"]
    assert order.order_id == used.value.facts["order_id"]
    assert [order] == list(stores.orders.list(9))


def test_a_reservation_that_fails_leaves_the_approval_open(stores: Stores) -> None:
    stores.inventory.restock([product("milk", stock=1)])
    ask(stores, approval())

    with pytest.raises(OutOfStock):
        reserve(stores)

    assert ApprovalState.OPEN is stores.approvals.get("a1").state  # type: ignore[union-attr]


def test_of_a_yes_and_a_no_at_once_one_holds(stores: Stores) -> None:
    stores.inventory.restock([product("milk")])
    for number in range(4):
        ask(stores, approval(f"a{number}"), None)

        at_once(4, lambda n, each=f"a{number}": reserve(stores, each) if n % 2 else settle(stores, each))  # type: ignore[misc]

        ended = stores.approvals.get(f"a{number}")
        order = stores.orders.of_consent(f"approval-a{number}")
        assert ended is not None
        assert (ended.state is ApprovalState.APPROVED) == (order is not None)
        assert ended.order_id == (order and order.order_id)


@pytest.mark.parametrize("state", DECIDED_WITHOUT_AN_ORDER)
def test_an_approval_is_decided_once(stores: Stores, state: ApprovalState) -> None:
    ask(stores, approval())
    decided = settle(stores, "a1", state)

    for again in ApprovalState.LAPSED, ApprovalState.REFUSED:
        with pytest.raises(ApprovalClosed):
            settle(stores, "a1", again)
    with pytest.raises(ApprovalClosed):
        settle(stores, "never asked for")

    assert decided == stores.approvals.get("a1")
    assert 2 == len(stores.ledger.audit(HOME, 10))


def test_of_many_clicks_at_once_one_decides(stores: Stores) -> None:
    ask(stores, approval())

    results = at_once(6, lambda n: settle(stores, "a1", [ApprovalState.CHANGED, ApprovalState.REFUSED][n % 2]))

    assert 5 == sum(isinstance(each, ApprovalClosed) for each in results)


def test_the_shopper_is_told_once_of_what_was_decided(stores: Stores) -> None:
    for number in range(3):
        ask(stores, approval(f"a{number}", minute=number))
    settle(stores, "a0")
    settle(stores, "a1", ApprovalState.REFUSED)

    untold = stores.approvals.of_household(HOME, 9, untold_only=True)
    assert ["a1", "a0"] == [each.approval_id for each in untold]
    assert ["a1"] == [each.approval_id for each in stores.approvals.of_household(HOME, 1, untold_only=True)]
    stores.approvals.tell(["a1", "a0"])
    stores.approvals.tell([])

    assert [] == list(stores.approvals.of_household(HOME, 9, untold_only=True))
    assert ["a2", "a1", "a0"] == [each.approval_id for each in stores.approvals.of_household(HOME, 9)]
    assert [] == list(stores.approvals.of_household(HouseholdId("away"), 9))


def test_waiting_are_the_open_and_those_that_the_shopper_has_not_heard_of(stores: Stores) -> None:
    for number in range(4):
        ask(stores, approval(f"a{number}", minute=number), None)
    settle(stores, "a0")
    settle(stores, "a1", ApprovalState.LAPSED)
    stores.approvals.tell(["a0"])

    def waiting(limit: int = 9) -> list[str]:
        return [each.approval_id for each in stores.approvals.of_household(HOME, limit, waiting_only=True)]

    assert ["a3", "a2", "a1"] == waiting()
    assert ["a3"] == waiting(1)
