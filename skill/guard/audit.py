"""The audit chain: each entry is sealed under a key over itself and the seal before it, so that nothing can be mended quietly.

Seals are also noted outside the database (the anchors), or a tail cut off, and new entries put in its place by the system
itself, would leave no trace.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from skill.guard.canonical import write_canonical

#: Makes a MAC of a message under the deployment's audit key.
Sign = Callable[[bytes], bytes]

#: (number, seal) of an entry, as it was noted outside the database.
Anchor = tuple[int, str]

#: What comes before a household's first entry.
NO_SEAL = ""

#: Entries that do not verify are compared with one another at most in this number, to tell moved ones from changed ones.
_COMPARED_MAX = 24


class SealedEntry(Protocol):
    """What `verify_chain` needs of an entry. `personal_sealed` is the encrypted form: the seal outlives the household's key."""

    @property
    def household_id(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def order_id(self) -> str | None: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def personal_sealed(self) -> bytes: ...
    @property
    def seal(self) -> str: ...


class Fault(StrEnum):
    CHANGED = "changed"  # the entry is not what was sealed
    MISSING = "missing"  # a number is not there
    REORDERED = "reordered"  # the entry was sealed at another place of the chain
    CUT_OFF = "cut_off"  # the chain ends before an anchor
    REWRITTEN = "rewritten"  # the entry fits the chain, but it is not the one that was anchored
    UNANCHORED = "unanchored"  # there are entries and no anchor at all


@dataclass(frozen=True, slots=True)
class Finding:
    """`number` is the entry's, or the first missing one's."""

    number: int
    fault: Fault


def canonical_entry(
    household_id: str,
    number: int,
    before: str,
    kind: str,
    at: str,
    order_id: str | None,
    facts: str,
    personal_sealed: bytes,
) -> bytes:
    """The entry as bytes, the same for the same content.

    `before` is the seal of the entry before it, `at` what `canonical_time` made of its time, `facts` what `write_canonical` made
    of the facts.
    """
    parts = (household_id, str(number), before, kind, at, order_id or "", facts, personal_sealed.hex())
    # Each part with its length in front: no two entries can run together into the same bytes.
    return "".join([f"{len(part)}:{part}," for part in parts]).encode(errors="surrogatepass")


def canonical_time(at: datetime) -> str:
    """UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def verify_chain(entries: Iterable[SealedEntry], anchors: Sequence[Anchor] | None, sign: Sign) -> tuple[Finding, ...]:
    """What is wrong with a household's chain, in order; empty where nothing is.

    `entries` are all of them, as they are stored, `anchors` those of the household, in any order. Anchors that lag behind are no
    fault: they are written after the entry, and a process may die between the two. After a gap, the entry that follows it cannot
    be checked, and the gap stands for it.
    """
    findings: list[Finding] = []
    doubtful: list[tuple[SealedEntry, str]] = []
    noted: dict[int, set[str]] = defaultdict(set)
    for number, seal in anchors or ():
        noted[number].add(seal)
    last, before = 0, NO_SEAL
    for entry in entries:
        if entry.number <= last:
            findings.append(Finding(entry.number, Fault.REORDERED))
            continue
        if entry.number > last + 1:
            findings.append(Finding(last + 1, Fault.MISSING))
        elif not _is_sealed(entry, entry.number, before, sign):
            doubtful.append((entry, before))
        elif noted.get(entry.number, {entry.seal}) != {entry.seal}:
            findings.append(Finding(entry.number, Fault.REWRITTEN))
        last, before = entry.number, entry.seal
    findings.extend(_judge(doubtful, sign))
    if last < max(noted, default=0):
        findings.append(Finding(last + 1, Fault.CUT_OFF))
    if last and not noted:
        findings.append(Finding(1, Fault.UNANCHORED))
    return tuple(sorted(findings, key=lambda finding: (finding.number, finding.fault)))


def _is_sealed(entry: SealedEntry, number: int, before: str, sign: Sign) -> bool:
    at, facts = canonical_time(entry.at), write_canonical(entry.facts)
    message = canonical_entry(
        entry.household_id, number, before, entry.kind, at, entry.order_id, facts, entry.personal_sealed
    )
    return hmac.compare_digest(sign(message).hex(), entry.seal)


def _judge(doubtful: list[tuple[SealedEntry, str]], sign: Sign) -> list[Finding]:
    """Tells the entries that were sealed at another place, among the doubtful ones, from those that were changed.

    One that was sealed at its own place, only after another entry than the one that now stands before it, is as it was: what
    is wrong is its neighbour, which is among the doubtful itself.
    """
    compared = doubtful[:_COMPARED_MAX]
    numbers = [entry.number for entry, _ in compared]
    seals = {before for _, before in compared} | {entry.seal for entry, _ in compared}
    findings = []
    for entry, _ in compared:
        if any(_is_sealed(entry, entry.number, before, sign) for before in seals):
            continue
        moved = any(_is_sealed(entry, number, before, sign) for number in numbers for before in seals)
        findings.append(Finding(entry.number, Fault.REORDERED if moved else Fault.CHANGED))
    return findings + [Finding(entry.number, Fault.CHANGED) for entry, _ in doubtful[_COMPARED_MAX:]]
