"""Orders that wait for an adult, in DynamoDB.

How many are open is counted in one item of the household (`WAITING`), which also tells in one read whether the shopper has
something to hear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from skill.adapters.aws.layout import approval_key, asked_key, owner_partition, waiting_key
from skill.adapters.aws.table import Change, Item, Key, Table, put, put_version
from skill.adapters.records import read_json, read_time, read_time_or_none, write_json, write_time
from skill.errors import ApprovalClosed, ApprovalsFull, VersionConflict
from skill.ports import Approval, ApprovalState, AuditDraft, TurnRecord
from skill.shop.households import HouseholdId
from skill.shop.orders import OrderId
from skill.shop.quote import quote_from_data, quote_to_data

if TYPE_CHECKING:
    from skill.adapters.aws.ledger import DynamoLedger  # which approves, by `decide_approval`

#: What nobody decided or heard of is no longer waited for so long after it lapsed.
_REMEMBERED = timedelta(days=90)

#: approval id → when asked, when it lapses, its state: those that are open or that the shopper has not heard of.
_Waiting = dict[str, list[str]]


class DynamoApprovals:
    def __init__(self, table: Table, ledger: DynamoLedger) -> None:
        self._table = table
        self._ledger = ledger

    def ask(
        self, approval: Approval, open_max: int | None, audit: AuditDraft, record: TurnRecord | None = None
    ) -> None:
        home, asked_at = approval.household_id, write_time(approval.asked_at)
        key, of_waiting = approval_key(approval.approval_id), waiting_key(home)

        def add(found: Mapping[Key, Item]) -> tuple[list[Change], None]:
            if (found.get(of_waiting) or {}).get("forgotten"):
                raise VersionConflict("the household was forgotten meanwhile")
            waiting, version = _read_waiting(found.get(of_waiting))
            is_open = [row for row in waiting.values() if row[2] == ApprovalState.OPEN and row[1] > asked_at]
            if open_max is not None and len(is_open) >= open_max:
                raise ApprovalsFull(open_max=open_max)
            long_ago = write_time(approval.asked_at - _REMEMBERED)
            waiting = {each: row for each, row in waiting.items() if row[1] > long_ago}
            waiting[approval.approval_id] = [asked_at, write_time(approval.lapses_at), ApprovalState.OPEN.value]
            listed = put(asked_key(home, asked_at, approval.approval_id), {"approval_id": approval.approval_id})
            return [
                put_version(key, _write(approval), 0),
                listed,
                put_version(of_waiting, {"rows": write_json(waiting)}, version),
            ], None

        self._ledger.write_with_audit((of_waiting,), add, audit, record)

    def get(self, approval_id: str) -> Approval | None:
        item = self._table.get(approval_key(approval_id))
        return None if item is None else _read(item)

    def of_household(
        self, household_id: HouseholdId, limit: int, *, untold_only: bool = False, waiting_only: bool = False
    ) -> Sequence[Approval]:
        if untold_only or waiting_only:
            waiting, _ = _read_waiting(self._table.get(waiting_key(household_id)))
            wanted = [each for each, row in waiting.items() if not untold_only or row[2] != ApprovalState.OPEN]
            newest = sorted(sorted(wanted), key=lambda each: waiting[each][0], reverse=True)
            return self._approvals(newest[:limit])
        asked = self._table.query(owner_partition(household_id), "Y#", newest_first=True, limit=limit)
        return self._approvals([item["approval_id"] for item in asked])

    def settle(self, approval_id: str, state: ApprovalState, by: str, now: datetime, audit: AuditDraft) -> Approval:
        return self._ledger.write_with_audit(
            approval_keys(audit.household_id, approval_id),
            lambda found: decide_approval(found, audit.household_id, approval_id, state, by, now),
            audit,
        )

    def tell(self, approval_ids: Iterable[str]) -> None:
        for approval_id in approval_ids:
            self._table.again(lambda fresh, told=approval_id: self._tell(told, fresh))  # type: ignore[misc]

    def _tell(self, approval_id: str, fresh: bool) -> None:
        key = approval_key(approval_id)
        item = self._table.get(key, fresh=fresh)
        if item is None or item["told"]:
            return
        approval = _read(item)
        of_waiting = waiting_key(approval.household_id)
        waiting, version = _read_waiting(self._table.get(of_waiting, fresh=fresh))
        changes = [put_version(key, _write(replace(approval, told=True)), item["version"])]
        if approval.state is not ApprovalState.OPEN and approval_id in waiting:
            del waiting[approval_id]
            changes.append(put_version(of_waiting, {"rows": write_json(waiting)}, version))
        self._table.write(changes)

    def _approvals(self, approval_ids: Sequence[str]) -> tuple[Approval, ...]:
        keys = [approval_key(each) for each in approval_ids]
        found = self._table.get_many(keys)
        return tuple(_read(found[key]) for key in keys if key in found)


def approval_keys(household_id: HouseholdId, approval_id: str) -> tuple[Key, Key]:
    """What `decide_approval` must have read."""
    return approval_key(approval_id), waiting_key(household_id)


def decide_approval(
    found: Mapping[Key, Item],
    household_id: HouseholdId,
    approval_id: str,
    state: ApprovalState,
    by: str,
    now: datetime,
    order_id: OrderId | None = None,
) -> tuple[list[Change], Approval]:
    """Open → decided: the changes, and the approval once they are written. Raises `ApprovalClosed`."""
    key, of_waiting = approval_keys(household_id, approval_id)
    item = found.get(key)
    before = None if item is None else _read(item)
    if item is None or before is None or before.state is not ApprovalState.OPEN:
        raise ApprovalClosed(why=before.state.value if before else "unknown")
    after = replace(before, state=state, decided_at=now, decided_by=by, order_id=order_id)
    waiting, version = _read_waiting(found.get(of_waiting))
    waiting[approval_id] = [write_time(before.asked_at), write_time(before.lapses_at), state.value]
    rows = {"rows": write_json(waiting)}
    return [put_version(key, _write(after), item["version"]), put_version(of_waiting, rows, version)], after


def _read_waiting(item: Item | None) -> tuple[_Waiting, int]:
    return ({}, 0) if item is None else (read_json(item["rows"]), item["version"])


def _write(approval: Approval) -> Item:
    return {
        "approval_id": approval.approval_id,
        "household_id": approval.household_id,
        "quote": write_json(quote_to_data(approval.quote)),
        "asked_at": write_time(approval.asked_at),
        "lapses_at": write_time(approval.lapses_at),
        "state": approval.state.value,
        "decided_at": None if approval.decided_at is None else write_time(approval.decided_at),
        "decided_by": approval.decided_by,
        "order_id": approval.order_id,
        "told": approval.told,
    }


def _read(item: Mapping[str, Any]) -> Approval:
    return Approval(
        item["approval_id"],
        HouseholdId(item["household_id"]),
        quote_from_data(read_json(item["quote"])),
        read_time(item["asked_at"]),
        read_time(item["lapses_at"]),
        ApprovalState(item["state"]),
        read_time_or_none(item.get("decided_at")),
        item["decided_by"],
        item.get("order_id"),
        bool(item["told"]),
    )
