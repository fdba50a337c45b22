"""The store's figures in DynamoDB: the function behind the table's stream counts what was written, no turn and no order does.

A day's counts are one item that many turns would meet at; the stream's shards are few, and each takes its records together. A
batch may come twice, and in other pieces: with the sums goes a mark for each record, so that it is counted once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from skill.adapters.aws.layout import (
    FIGURES,
    UNMET,
    figures_key,
    household_figures_key,
    order_key,
    taken_key,
    unmet_key,
)
from skill.adapters.aws.orders import read_order
from skill.adapters.aws.table import Change, Item, Key, Table, aged, delete, pack_key, put, put_version, update
from skill.adapters.records import read_json, read_time, read_time_or_none, write_json, write_time
from skill.errors import StorageError
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
from skill.shop.orders import OrderId

#: Records that one write takes in: each is a mark, and may move a household, a cohort and a query.
_TAKEN_AT_ONCE = 20
#: A stream keeps its records for a day; a mark outlives them.
_MARK_KEPT = timedelta(days=3)
#: A query that nobody asks any more goes by itself.
_UNMET_KEPT = timedelta(days=180)
_UNMET_READ_MAX = UNMET_MAX * 4
_DAY = day_document(date.min)[: -len(date.min.isoformat())]


class DynamoFigures:
    def __init__(self, table: Table, time_zone: str) -> None:
        self._table = table
        self._zone = zone(time_zone)

    def fold(self, limit: int) -> int:
        """Nothing: the stream brings what is new to `take`."""
        return 0

    def take(self, items: Iterable[Item]) -> Counts:
        """Counts those of the items that are answers or audit entries and were not counted before.

        Returns what was added to the days, and `records`, how many there were. Raises `StorageError`: then some of them are
        counted, and the batch may come again.
        """
        records = [item for item in items if item["sk"] == "ANSWER" or ("seal" in item and item["sk"][:2] == "A#")]
        taken: Counter[str] = Counter(records=0)
        for start in range(0, len(records), _TAKEN_AT_ONCE):
            some = records[start : start + _TAKEN_AT_ONCE]
            added: Counts = self._table.again(lambda fresh, some=some: self._take(some))  # type: ignore[misc]
            taken.update(added)
        return taken

    def _take(self, records: Sequence[Item]) -> Counts:
        marks = {taken_key((each["pk"], each["sk"])): each for each in records}
        before = self._table.get_many(marks, fresh=True)
        new = {mark: each for mark, each in marks.items() if mark not in before}
        if not new:
            return {}
        answers = [each for each in new.values() if each["sk"] == "ANSWER"]
        entries = [each for each in new.values() if each["sk"] != "ANSWER"]
        added = Added()
        add_turns(added, map(_read_turn, answers), self._zone)
        known = self._households(HouseholdId(each["household_id"]) for each in entries)
        figures = {household_id: each for household_id, (each, _) in known.items()}
        add_entries(added, self._read_entries(entries), figures, self._zone)
        self._write(new, added, {household_id: version for household_id, (_, version) in known.items()})
        days = (counts for document, counts in added.counts.items() if document.startswith(_DAY))
        return sum(days, Counter(records=len(new)))

    def _write(self, new: Mapping[Key, Item], added: Added, versions: Mapping[HouseholdId, int]) -> None:
        ttl = int((max(read_time(_written_at(each)) for each in new.values()) + _MARK_KEPT).timestamp())
        changes = [put(mark, {"ttl": ttl}, "attribute_not_exists(pk)") for mark in new]
        changes += [_add_counts(figures_key(name), counts) for name, counts in added.counts.items() if counts]
        for household_id, each in added.households.items():
            version = versions.get(household_id, 0)
            key = household_figures_key(household_id)
            if each is not None:
                changes.append(put_version(key, _write_household(each), version))
            elif version:
                changes.append(delete(key, "#version = :version_read", {"version_read": version}))
        changes += [_add_unmet(each) for each in added.unmet.values()]
        self._table.write(changes)

    def _read_entries(self, entries: Sequence[Item]) -> list[CountedEntry]:
        """The order's total is fixed with the order, so that it can be read later than the entry was written."""
        moved = {
            order_key(HouseholdId(each["household_id"]), OrderId(each["order_id"]))
            for each in entries
            if each["kind"] in ("committed", "cancelled") and each.get("order_id")
        }
        orders = self._table.get_many(moved, fresh=True)
        read = []
        for each in entries:
            household_id = HouseholdId(each["household_id"])
            order = orders.get(order_key(household_id, OrderId(each.get("order_id") or "")))
            decision, reason, how = _read_decision(each)
            total = read_order(order).total.amount if order else 0
            read.append(CountedEntry(read_time(each["at"]), household_id, each["kind"], decision, reason, total, how))
        return read

    def days(self, first: date, last: date) -> Mapping[date, Counts]:
        return self._dated(day_document(first), first, last)

    def weeks(self, first: date, last: date) -> Mapping[date, Counts]:
        return self._dated(week_document(first), first, last)

    def _dated(self, document: str, first: date, last: date) -> Mapping[date, Counts]:
        """Those of the document's kind."""
        prefix = document.partition(":")[0] + ":"
        before = (first - timedelta(days=1)).isoformat()  # a query leaves out what it begins after
        items = self._table.query(FIGURES, prefix, after=before, up_to=last.isoformat())
        return {date.fromisoformat(item["sk"].removeprefix(prefix)): _read_counts(item) for item in items}

    def cohorts(self, first: str, last: str) -> Mapping[str, Counts]:
        prefix = cohort_document("")
        items = self._table.query(FIGURES, prefix, up_to=last)
        found = {item["sk"].removeprefix(prefix): _read_counts(item) for item in items}
        return {month: counts for month, counts in found.items() if month >= first}

    def totals(self) -> Counts:
        item = self._table.get(figures_key(ALL_DOCUMENT), fresh=True)
        return _read_counts(item) if item else {}

    def of_households(self, household_ids: Iterable[HouseholdId]) -> Mapping[HouseholdId, HouseholdFigures]:
        return {household_id: figures for household_id, (figures, _) in self._households(household_ids).items()}

    def unmet(self, limit: int) -> Sequence[Unmet]:
        items = self._table.query(UNMET, limit=_UNMET_READ_MAX)
        found = [Unmet(item["words"], item["count"], read_time(item["last_at"])) for item in items]
        return tuple(sorted(found, key=lambda each: (-each.count, each.words))[:limit])

    def _households(self, household_ids: Iterable[HouseholdId]) -> dict[HouseholdId, tuple[HouseholdFigures, int]]:
        """With the version of the item that they were read from."""
        keys = {household_figures_key(each): each for each in household_ids}
        items = self._table.get_many(keys, fresh=True)
        return {keys[key]: (_read_household(keys[key], item), item["version"]) for key, item in items.items()}


def _read_turn(item: Item) -> CountedTurn:
    at = read_time(item["written_at"])
    return CountedTurn(at, item.get("marks", 0), item.get("took_ms", 0), item.get("sought", ""))


def _written_at(item: Item) -> str:
    return str(item["written_at"] if item["sk"] == "ANSWER" else item["at"])


def _read_decision(item: Item) -> tuple[str, str, str]:
    """What came of a decision and its first reason, or how a reservation was agreed to; of damaged facts, which
    `sayso audit verify` names, nothing."""
    if item["kind"] not in ("decided", "reserved"):
        return "", "", ""
    try:
        facts = read_json(item["facts"])
    except StorageError:
        return "", "", ""
    if item["kind"] == "reserved":
        return "", "", facts.get("how", "")
    reasons = facts.get("reasons") or [[""]]
    return facts.get("decision", ""), reasons[0][0], ""


def _read_counts(item: Item) -> Counts:
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}


def _add_counts(key: Key, counts: Mapping[str, int]) -> Change:
    """Names such as `took:50` cannot stand in an expression, so that each gets a number."""
    named = list(counts.items())
    request: dict[str, Any] = {
        "Key": pack_key(key),
        "UpdateExpression": "ADD " + ", ".join(f"#n{at} :v{at}" for at in range(len(named))),
        "ExpressionAttributeNames": {f"#n{at}": name for at, (name, _) in enumerate(named)},
        "ExpressionAttributeValues": {f":v{at}": {"N": str(count)} for at, (_, count) in enumerate(named)},
    }
    return Change("Update", key, request, aged)


def _add_unmet(unmet: Unmet) -> Change:
    how = "ADD #count :count SET #last_at = :last_at, #words = :words, #ttl = :ttl"
    values = {
        "count": unmet.count,
        "last_at": write_time(unmet.last_at),
        "words": unmet.words,
        "ttl": int((unmet.last_at.astimezone(UTC) + _UNMET_KEPT).timestamp()),
    }
    return update(unmet_key(unmet.words), how, values)


def _write_household(figures: HouseholdFigures) -> Item:
    moments: dict[str, datetime | None] = {"first_at": figures.first_at, "last_at": figures.last_at}
    return {
        "kept": figures.kept,
        "revenue_minor": figures.revenue_minor,
        "cancelled": figures.cancelled,
        "refusals": write_json(figures.refusals),
    } | {name: write_time(moment) for name, moment in moments.items() if moment is not None}


def _read_household(household_id: HouseholdId, item: Item) -> HouseholdFigures:
    return HouseholdFigures(
        household_id,
        item["kept"],
        item["revenue_minor"],
        item["cancelled"],
        read_time_or_none(item.get("first_at")),
        read_time_or_none(item.get("last_at")),
        read_json(item["refusals"]),
    )
