"""The audit trail: one sealed chain a household, its head noted elsewhere, its personal facts under the household's own key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from skill.guard.audit import Fault, Finding, verify_chain
from skill.ports import AuditEntry
from skill.shop.households import HouseholdId
from skill.shop.orders import Order
from tests.contracts.stores import HOME, NOON, Stores, at_once, draft


def verify(stores: Stores, entries: list[AuditEntry] | None = None, home: HouseholdId = HOME) -> list[Finding]:
    entries = list(stores.ledger.audit(home, 1000)) if entries is None else entries
    anchor = stores.ledger.anchors().get(home)
    return list(verify_chain(entries, anchor, lambda message: stores.keys.mac("audit", message)))


def write(stores: Stores, number: int, home: HouseholdId = HOME) -> list[AuditEntry]:
    for each in range(number):
        stores.ledger.write_audit(draft(f"kind-{each}", household_id=home, personal={"name": f"Kim {each}"}))
    return list(stores.ledger.audit(home, 1000))


def test_entries_are_numbered_from_one_for_each_household(stores: Stores) -> None:
    write(stores, 3)
    write(stores, 2, HouseholdId("away"))

    assert [1, 2, 3] == [entry.number for entry in stores.ledger.audit(HOME, 10)]
    assert [2, 3] == [entry.number for entry in stores.ledger.audit(HOME, 10, after=1)]
    assert [1] == [entry.number for entry in stores.ledger.audit(HOME, 1)]
    assert [3, 2] == [entry.number for entry in stores.ledger.last_audit(HOME, 2)]
    assert [1, 2] == [entry.number for entry in stores.ledger.audit(HouseholdId("away"), 10)]


def test_an_entry_says_what_was_written(stores: Stores) -> None:
    facts = {"reasons": [["day_max", {"cap_minor": 1}]], "given": False, "none": None, "ünïcode": "日本 \u202e"}
    stores.ledger.write_audit(draft("decided", facts=facts, personal={"name": "Kim"}, order_id="o1"))

    (entry,) = stores.ledger.audit(HOME, 10)

    assert (HOME, 1, "decided", NOON, "o1", facts, {"name": "Kim"}) == (
        entry.household_id, entry.number, entry.kind, entry.at, entry.order_id, entry.facts, entry.personal,
    )  # fmt: skip


def test_a_chain_that_nobody_touched_verifies(stores: Stores) -> None:
    stores.stock(milk=5)
    order = stores.reserve(personal={"person": "kim"})
    stores.commit(order)
    stores.cancel(order)

    assert [] == verify(stores)


def test_entries_written_at_once_make_one_chain(stores: Stores) -> None:
    at_once(10, lambda n: stores.ledger.write_audit(draft(f"kind-{n}")))

    assert list(range(1, 11)) == [entry.number for entry in stores.ledger.audit(HOME, 20)]
    assert [] == verify(stores)


def test_two_processes_write_one_chain(stores: Stores) -> None:
    other = stores.reopen()
    for ledger in (stores.ledger, other.ledger, stores.ledger, other.ledger):
        ledger.write_audit(draft("kind"))
    other.close()

    assert [] == verify(stores)
    assert [1, 2, 3, 4] == [number for number, _ in stores.ledger.anchors()[HOME]]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"order_id": "other"},
        {"facts": {"why": "other"}},
        {"at": NOON.replace(second=1)},
        {"personal_sealed": b"other"},
        {"household_id": "other"},
        {"seal": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_changed_entry_is_found(stores: Stores, change: dict[str, object], number: int) -> None:
    entries = write(stores, 5)
    entries[number - 1] = replace(entries[number - 1], **change)  # type: ignore[arg-type]

    assert Finding(number, Fault.CHANGED) in verify(stores, entries)


def test_a_missing_entry_is_found(stores: Stores) -> None:
    entries = write(stores, 5)

    assert [Finding(3, Fault.MISSING)] == verify(stores, entries[:2] + entries[3:])
    assert [Finding(1, Fault.MISSING)] == verify(stores, entries[1:])


def test_a_missing_entry_is_found_when_the_others_are_numbered_anew(stores: Stores) -> None:
    entries = write(stores, 5)
    closed_up = entries[:2] + [replace(entry, number=entry.number - 1) for entry in entries[3:]]

    assert Finding(5, Fault.CUT_OFF) in verify(stores, closed_up)
    assert Finding(3, Fault.REORDERED) in verify(stores, closed_up) or Finding(3, Fault.CHANGED) in verify(
        stores, closed_up
    )


def test_reordered_entries_are_found(stores: Stores) -> None:
    entries = write(stores, 5)
    third, fourth = entries[2], entries[3]

    swapped = [*entries[:2], replace(fourth, number=3), replace(third, number=4), entries[4]]
    assert [Finding(3, Fault.REORDERED), Finding(4, Fault.REORDERED)] == verify(stores, swapped)

    assert Fault.REORDERED in {each.fault for each in verify(stores, [*entries[:2], fourth, third, entries[4]])}


def test_a_cut_off_tail_is_found(stores: Stores) -> None:
    entries = write(stores, 5)

    assert [Finding(4, Fault.CUT_OFF)] == verify(stores, entries[:3])
    assert [Finding(1, Fault.CUT_OFF)] == verify(stores, [])


def test_a_chain_rewritten_with_the_key_is_found_by_its_anchor(stores: Stores) -> None:
    entries = write(stores, 2)
    assert [(entry.number, entry.seal) for entry in entries] == list(stores.ledger.anchors()[HOME])

    sign = lambda message: stores.keys.mac("audit", message)  # noqa: E731

    assert (Finding(2, Fault.REWRITTEN),) == verify_chain(entries, [(2, "0" * 64)], sign)


def test_entries_without_an_anchor_are_found(stores: Stores) -> None:
    entries = write(stores, 2)

    assert (Finding(1, Fault.UNANCHORED),) == verify_chain(
        entries, None, lambda message: stores.keys.mac("audit", message)
    )


def test_an_anchor_that_lags_behind_is_no_fault(stores: Stores) -> None:
    entries = write(stores, 3)

    assert () == verify_chain(entries, [(2, entries[1].seal)], lambda message: stores.keys.mac("audit", message))


def test_another_households_entries_do_not_pass_for_ones_own(stores: Stores) -> None:
    away = HouseholdId("away")
    write(stores, 2)
    foreign = [replace(entry, household_id=HOME) for entry in write(stores, 2, away)]

    assert Finding(1, Fault.CHANGED) in verify(stores, foreign)


def test_destroying_a_households_key_makes_the_person_unreadable_and_leaves_the_chain_whole(stores: Stores) -> None:
    write(stores, 3)
    write(stores, 1, HouseholdId("away"))
    assert b"Kim" not in b"".join(entry.personal_sealed for entry in stores.ledger.audit(HOME, 9))

    stores.keys.destroy(HOME)

    assert [None] * 3 == [entry.personal for entry in stores.ledger.audit(HOME, 10)]
    assert [] == verify(stores)
    assert {"name": "Kim 0"} == stores.ledger.audit(HouseholdId("away"), 1)[0].personal
    stores.ledger.write_audit(draft("after", personal={"name": "Kim again"}))
    assert [] == verify(stores)
    assert not stores.ledger.last_audit(HOME, 1)[0].personal


def test_an_orders_entries_are_told_apart(stores: Stores) -> None:
    stores.stock(milk=5)
    first, second = stores.commit(stores.reserve()), stores.reserve()
    stores.cancel(first)

    def told(order: Order, limit: int) -> tuple[list[str], int]:
        entries, count = stores.ledger.audit_of_order(HOME, order.order_id, limit)
        return [each.kind for each in entries], count

    assert (["reserved", "committed", "cancelled"], 3) == told(first, 10)
    assert (["reserved"], 1) == told(second, 10)
    assert (["committed", "cancelled"], 3) == told(first, 2), "how it ended is what is wanted first"
