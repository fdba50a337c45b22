"""The store's figures: sums kept beside the records that they are made from, and how far those have been counted.

A turn and an order pay nothing for them: what they write down anyway is taken in afterwards, some hundred records in one
transaction together with the mark of how far it went, so that each is counted once.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from skill.adapters.records import read_json, read_time, read_time_or_none, write_json, write_time
from skill.adapters.sqlite.database import Database
from skill.guard.windows import zone
from skill.shop.figures import (
    ALL_DOCUMENT,
    UNMET_MAX,
    Added,
    CountedEntry,
    CountedTurn,
    Counts,
    HouseholdFigures,
    Unmet,
    add_entries,
    add_turns,
    cohort_document,
    day_document,
    week_document,
)
from skill.shop.households import HouseholdId

#: Households that one statement looks up.
_READ_AT_ONCE = 200

_NEW = """
SELECT coalesce((SELECT max(rowid) FROM answers), 0) > answers_row OR coalesce((SELECT max(rowid) FROM audit), 0) > audit_row
FROM figures_read
"""
_READ = "SELECT answers_row, audit_row FROM figures_read"
_SET_READ = "UPDATE figures_read SET answers_row = ?, audit_row = ?"
_TURNS = "SELECT rowid, written_at, marks, took_ms, sought FROM answers WHERE rowid > ? ORDER BY rowid LIMIT ?"
#: Of a decision's facts no more is read than what came of it and its first reason, which is the one that is said first; of damaged
#: ones, which `sayso audit verify` names, nothing.
_ENTRIES = """
SELECT a.rowid, a.at, a.household_id, a.kind,
       CASE WHEN a.kind = 'decided' AND json_valid(a.facts) THEN json_extract(a.facts, '$.decision') END,
       CASE WHEN a.kind = 'decided' AND json_valid(a.facts) THEN json_extract(a.facts, '$.reasons[0][0]') END,
       CASE WHEN a.kind IN ('committed', 'cancelled') THEN o.total_minor END,
       CASE WHEN a.kind = 'reserved' AND json_valid(a.facts) THEN json_extract(a.facts, '$.how') END
FROM audit AS a LEFT JOIN orders AS o ON o.order_id = a.order_id
WHERE a.rowid > ? ORDER BY a.rowid LIMIT ?
"""
_COUNTS = "SELECT counts FROM figures WHERE document = ?"
_COUNTS_BETWEEN = "SELECT document, counts FROM figures WHERE document BETWEEN ? AND ? ORDER BY document"
_SET_COUNTS = """
INSERT INTO figures (document, counts) VALUES (?, ?) ON CONFLICT (document) DO UPDATE SET counts = excluded.counts
"""
_HOUSEHOLDS = """
SELECT household_id, kept, revenue_minor, cancelled, first_at, last_at, refusals FROM figures_of_households
WHERE household_id IN ({marks})
"""
_SET_HOUSEHOLD = """
INSERT OR REPLACE INTO figures_of_households
  (household_id, kept, revenue_minor, cancelled, first_at, last_at, refusals) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_FORGET_HOUSEHOLD = "DELETE FROM figures_of_households WHERE household_id = ?"
_ADD_UNMET = """
INSERT INTO figures_unmet (words, count, last_at) VALUES (?, ?, ?)
ON CONFLICT (words) DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
"""
_CUT_UNMET = """
DELETE FROM figures_unmet WHERE words IN (SELECT words FROM figures_unmet ORDER BY last_at DESC LIMIT -1 OFFSET ?)
"""
_UNMET = "SELECT words, count, last_at FROM figures_unmet ORDER BY count DESC, words LIMIT ?"


class SqliteFigures:
    def __init__(self, database: Database, time_zone: str) -> None:
        self._database = database
        self._zone = zone(time_zone)

    def fold(self, limit: int) -> int:
        if not self._database.read(lambda connection: connection.execute(_NEW).fetchone()[0]):
            return 0

        def take(connection: sqlite3.Connection) -> int:
            answers_row, audit_row = connection.execute(_READ).fetchone()
            turns = connection.execute(_TURNS, (answers_row, limit)).fetchall()
            entries = connection.execute(_ENTRIES, (audit_row, limit)).fetchall()
            added = Added()
            add_turns(added, (CountedTurn(read_time(at), *rest) for _, at, *rest in turns), self._zone)
            known = _read_households(connection, {HouseholdId(row[2]) for row in entries})
            add_entries(added, map(_read_entry, entries), known, self._zone)
            _write(connection, added)
            read = (turns[-1][0] if turns else answers_row, entries[-1][0] if entries else audit_row)
            connection.execute(_SET_READ, read)
            return len(turns) + len(entries)

        return self._database.write(take, durable=False)

    def days(self, first: date, last: date) -> Mapping[date, Counts]:
        found = self._between(day_document(first), day_document(last))
        return {date.fromisoformat(name): counts for name, counts in found.items()}

    def weeks(self, first: date, last: date) -> Mapping[date, Counts]:
        found = self._between(week_document(first), week_document(last))
        return {date.fromisoformat(name): counts for name, counts in found.items()}

    def cohorts(self, first: str, last: str) -> Mapping[str, Counts]:
        return self._between(cohort_document(first), cohort_document(last))

    def totals(self) -> Counts:
        row = self._database.read(lambda connection: connection.execute(_COUNTS, (ALL_DOCUMENT,)).fetchone())
        counts: Counts = read_json(row[0]) if row else {}
        return counts

    def of_households(self, household_ids: Iterable[HouseholdId]) -> Mapping[HouseholdId, HouseholdFigures]:
        wanted = tuple(household_ids)
        return self._database.read(lambda connection: _read_households(connection, wanted))

    def unmet(self, limit: int) -> Sequence[Unmet]:
        rows = self._database.read(lambda connection: connection.execute(_UNMET, (limit,)).fetchall())
        return tuple(Unmet(words, count, read_time(last_at)) for words, count, last_at in rows)

    def _between(self, first: str, last: str) -> dict[str, Counts]:
        rows = self._database.read(lambda connection: connection.execute(_COUNTS_BETWEEN, (first, last)).fetchall())
        return {document.partition(":")[2]: read_json(counts) for document, counts in rows}


def _read_entry(row: tuple[Any, ...]) -> CountedEntry:
    _, at, household_id, kind, decision, reason, total_minor, how = row
    return CountedEntry(read_time(at), household_id, kind, decision or "", reason or "", total_minor or 0, how or "")


def _read_households(
    connection: sqlite3.Connection, household_ids: Iterable[HouseholdId]
) -> dict[HouseholdId, HouseholdFigures]:
    known: dict[HouseholdId, HouseholdFigures] = {}
    wanted = list(household_ids)
    for start in range(0, len(wanted), _READ_AT_ONCE):
        some = wanted[start : start + _READ_AT_ONCE]
        for row in connection.execute(_HOUSEHOLDS.format(marks=", ".join("?" * len(some))), some):
            household_id, kept, revenue_minor, cancelled, first_at, last_at, refusals = row
            known[household_id] = HouseholdFigures(
                household_id,
                kept,
                revenue_minor,
                cancelled,
                read_time_or_none(first_at),
                read_time_or_none(last_at),
                read_json(refusals),
            )
    return known


def _write(connection: sqlite3.Connection, added: Added) -> None:
    for document, counts in added.counts.items():
        row = connection.execute(_COUNTS, (document,)).fetchone()
        total = Counter(read_json(row[0]) if row else {})
        for name, count in counts.items():
            total[name] += count
        connection.execute(_SET_COUNTS, (document, write_json(total)))
    for household_id, figures in added.households.items():
        if figures is None:
            connection.execute(_FORGET_HOUSEHOLD, (household_id,))
        else:
            connection.execute(_SET_HOUSEHOLD, _household_values(figures))
    if added.unmet:
        unmet = [(each.words, each.count, write_time(each.last_at)) for each in added.unmet.values()]
        connection.executemany(_ADD_UNMET, unmet)
        connection.execute(_CUT_UNMET, (UNMET_MAX,))


def _household_values(figures: HouseholdFigures) -> tuple[Any, ...]:
    return (
        figures.household_id,
        figures.kept,
        figures.revenue_minor,
        figures.cancelled,
        None if figures.first_at is None else write_time(figures.first_at),
        None if figures.last_at is None else write_time(figures.last_at),
        write_json(figures.refusals),
    )
