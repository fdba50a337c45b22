"""Verifying a chain of sealed entries: whatever is done to it, something is found; and nothing is found where nothing was done."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skill.guard.audit import NO_SEAL, Fault, Finding, canonical_entry, canonical_time, verify_chain
from skill.guard.canonical import write_canonical

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    household_id: str
    number: int
    kind: str
    at: datetime
    order_id: str | None
    facts: Mapping[str, Any]
    personal_sealed: bytes
    seal: str


def sign(message: bytes) -> bytes:
    return hmac.digest(b"key", message, "sha256")


def sealed(entry: Entry, before: str) -> Entry:
    at, facts = canonical_time(entry.at), write_canonical(entry.facts)
    message = canonical_entry(
        entry.household_id, entry.number, before, entry.kind, at, entry.order_id, facts, entry.personal_sealed
    )
    return replace(entry, seal=sign(message).hex())


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, length + 1):
        entry = Entry("home", number, f"kind-{number}", NOON, f"order-{number}", {"n": number}, b"", "")
        entries.append(sealed(entry, entries[-1].seal if entries else NO_SEAL))
    return entries


def anchor_of(entries: list[Entry]) -> list[tuple[int, str]]:
    return [(entries[-1].number, entries[-1].seal)]


@given(length=st.integers(1, 12), lag=st.integers(0, 12))
def test_an_honest_chain_has_no_findings_however_far_the_anchor_lags(length: int, lag: int) -> None:
    entries = chain(length)

    assert () == verify_chain(entries, anchor_of(entries[: max(1, length - lag)]), sign)


def test_an_empty_chain_without_an_anchor_has_no_findings() -> None:
    assert () == verify_chain([], None, sign)


@given(data=st.data(), length=st.integers(2, 10))
def test_any_entries_left_out_or_moved_are_found(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    kept = data.draw(st.lists(st.sampled_from(entries), max_size=length, unique_by=lambda entry: entry.number))
    assume(kept != entries)

    assert verify_chain(kept, anchor_of(entries), sign)


@given(data=st.data(), length=st.integers(1, 8))
def test_any_entry_given_another_content_is_found(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    at = data.draw(st.integers(0, length - 1))
    change = data.draw(
        st.sampled_from(
            [
                {"kind": "x"},
                {"order_id": None},
                {"facts": {}},
                {"at": NOON + timedelta(microseconds=1)},
                {"personal_sealed": b"x"},
                {"household_id": "x"},
            ]
        )
    )
    entries[at] = replace(entries[at], **change)

    assert (Finding(at + 1, Fault.CHANGED),) == verify_chain(entries, anchor_of(entries), sign)


@given(data=st.data(), length=st.integers(2, 10))
def test_two_entries_that_changed_places_are_named(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    first, second = sorted(data.draw(st.sets(st.integers(0, length - 1), min_size=2, max_size=2)))
    entries[first], entries[second] = (
        replace(entries[second], number=first + 1),
        replace(entries[first], number=second + 1),
    )
    found = verify_chain(entries, None, sign)

    assert {Finding(first + 1, Fault.REORDERED), Finding(second + 1, Fault.REORDERED)} <= set(found)
    assert {first + 1, second + 1} == {each.number for each in found if each.fault is not Fault.UNANCHORED}


@given(length=st.integers(2, 8), cut=st.integers(1, 7), added=st.integers(1, 8))
def test_a_tail_cut_off_stays_found_when_the_chain_has_grown_again(length: int, cut: int, added: int) -> None:
    assume(cut < length)
    entries = chain(length)
    grown = entries[:-cut]
    for _ in range(added):
        entry = replace(grown[-1], number=grown[-1].number + 1, kind="after the cut")
        grown.append(sealed(entry, grown[-1].seal))
    anchors = [(entry.number, entry.seal) for entry in (*entries, *grown[length - cut :])]

    found = verify_chain(grown, anchors, sign)

    assert Finding(length - cut + 1, Fault.REWRITTEN) in found


def test_a_seal_made_with_another_key_is_found() -> None:
    entries = chain(3)

    findings = verify_chain(entries, anchor_of(entries), lambda message: hmac.digest(b"other", message, "sha256"))

    assert {1, 2, 3} == {finding.number for finding in findings}


def test_more_changed_entries_than_are_compared_are_all_found() -> None:
    entries = [replace(entry, kind="x") for entry in chain(60)]

    assert 60 == len(verify_chain(entries, anchor_of(entries), sign))


def test_no_two_entries_run_together_into_the_same_bytes() -> None:
    one = canonical_entry("a", 1, "", "b:c", "t", "d", "{}", b"")
    assert one != canonical_entry("a:", 1, "", "b", "t", "cd", "{}", b"")
    assert one != canonical_entry("a", 1, "", "b", "t", ":cd", "{}", b"")


def test_times_of_any_zone_are_sealed_alike() -> None:
    assert canonical_time(NOON) == canonical_time(NOON.astimezone(ZoneInfo("Europe/Paris")))
    assert canonical_time(NOON) != canonical_time(NOON + timedelta(microseconds=1))


def test_what_is_missing_is_named_by_its_first_number_and_what_follows_is_not_blamed() -> None:
    entries = chain(6)
    anchors = anchor_of(entries)

    assert (Finding(2, Fault.MISSING),) == verify_chain([entries[0], *entries[2:]], anchors, sign)
    assert (Finding(1, Fault.MISSING),) == verify_chain(entries[1:], anchors, sign)
    assert (Finding(3, Fault.MISSING),) == verify_chain([*entries[:2], *entries[4:]], anchors, sign)
    assert (Finding(2, Fault.MISSING), Finding(4, Fault.MISSING)) == verify_chain(
        entries[::2] + entries[5:], anchors, sign
    )


def test_a_number_that_comes_twice_or_too_late_is_named_and_the_rest_is_still_looked_at() -> None:
    entries = chain(4)
    changed = replace(entries[3], kind="x")

    assert (Finding(2, Fault.REORDERED), Finding(4, Fault.CHANGED)) == verify_chain(
        [*entries[:2], entries[1], entries[2], changed], anchor_of(entries), sign
    )
    assert (Finding(1, Fault.REORDERED),) == verify_chain([*entries, entries[0]], anchor_of(entries), sign)


def test_a_tail_that_is_cut_off_is_named_by_the_first_entry_that_is_gone() -> None:
    entries = chain(5)

    assert (Finding(4, Fault.CUT_OFF),) == verify_chain(entries[:3], anchor_of(entries), sign)
    assert (Finding(1, Fault.CUT_OFF),) == verify_chain([], anchor_of(entries), sign)


def test_entries_that_nothing_outside_knows_of_are_named() -> None:
    assert (Finding(1, Fault.UNANCHORED),) == verify_chain(chain(3), None, sign)
    assert (Finding(1, Fault.UNANCHORED),) == verify_chain(chain(3), [], sign)


def test_of_many_changed_entries_each_is_called_changed() -> None:
    entries = [replace(entry, kind="x") for entry in chain(60)]

    assert [Finding(number, Fault.CHANGED) for number in range(1, 61)] == list(
        verify_chain(entries, anchor_of(entries), sign)
    )


def test_an_entry_is_sealed_as_its_parts_with_their_lengths() -> None:
    """The stored seals of a live shop depend on these very bytes."""
    assert b"4:home,1:7,2:ab,4:kind,1:t,0:,2:{},4:00ff," == canonical_entry(
        "home", 7, "ab", "kind", "t", None, "{}", b"\x00\xff"
    )
    assert b"1:\xed\xa0\x80," in canonical_entry("\ud800", 1, "", "k", "t", "o", "{}", b"")


def test_times_are_sealed_in_utc_whatever_the_machines_own_zone_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert "2026-11-21T12:00:00.000000+00:00" == canonical_time(NOON)
    finally:
        monkeypatch.undo()
        time.tzset()
