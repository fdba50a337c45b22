"""Orders that wait for an adult, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from skill.adapters.records import read_json, read_time, write_json, write_time
from skill.adapters.sqlite.database import Database
from skill.errors import ApprovalClosed, ApprovalsFull, VersionConflict
from skill.ports import Approval, ApprovalState, AuditDraft, TurnRecord
from skill.shop.households import HouseholdId
from skill.shop.orders import OrderId
from skill.shop.quote import quote_from_data, quote_to_data

if TYPE_CHECKING:
    from skill.adapters.sqlite.ledger import SqliteLedger  # which approves, by `decide_approval`

_COLUMNS = "approval_id, household_id, quote, asked_at, lapses_at, state, decided_at, decided_by, order_id, told"
_PUT = f"""
INSERT INTO approvals ({_COLUMNS})
SELECT ?1, ?2, ?3, ?4, ?5, 'open', NULL, '', NULL, 0
WHERE ?6 IS NULL OR (SELECT count(*) FROM approvals WHERE household_id = ?2 AND state = 'open' AND lapses_at > ?4) < ?6
"""
_FORGOTTEN = "SELECT 1 FROM households WHERE household_id = ? AND name = ''"
_SELECT = f"SELECT {_COLUMNS} FROM approvals "
_GET = _SELECT + "WHERE approval_id = ?"
_OF_HOUSEHOLD = _SELECT + "WHERE household_id = ? ORDER BY asked_at DESC, approval_id LIMIT ?"
_UNTOLD = (
    _SELECT + "WHERE household_id = ? AND told = 0 AND state <> 'open' ORDER BY asked_at DESC, approval_id LIMIT ?"
)
_WAITING = _SELECT + "WHERE household_id = ? AND told = 0 ORDER BY asked_at DESC, approval_id LIMIT ?"
_SETTLE = """
UPDATE approvals SET state = ?, decided_at = ?, decided_by = ?, order_id = ? WHERE approval_id = ? AND state = 'open'
"""
_TELL = "UPDATE approvals SET told = 1 WHERE approval_id = ?"


class SqliteApprovals:
    def __init__(self, database: Database, ledger: SqliteLedger) -> None:
        self._database = database
        self._ledger = ledger

    def ask(
        self, approval: Approval, open_max: int | None, audit: AuditDraft, record: TurnRecord | None = None
    ) -> None:
        values = (
            approval.approval_id,
            approval.household_id,
            write_json(quote_to_data(approval.quote)),
            write_time(approval.asked_at),
            write_time(approval.lapses_at),
            open_max,
        )

        def put(connection: sqlite3.Connection) -> None:
            if connection.execute(_FORGOTTEN, (approval.household_id,)).fetchone():
                raise VersionConflict("the household was forgotten meanwhile")
            if connection.execute(_PUT, values).rowcount != 1:
                raise ApprovalsFull(open_max=open_max)

        self._ledger.write_with_audit(put, audit, record)

    def get(self, approval_id: str) -> Approval | None:
        row = self._database.read(lambda connection: connection.execute(_GET, (approval_id,)).fetchone())
        return None if row is None else _read(row)

    def of_household(
        self, household_id: HouseholdId, limit: int, *, untold_only: bool = False, waiting_only: bool = False
    ) -> Sequence[Approval]:
        statement = _UNTOLD if untold_only else _WAITING if waiting_only else _OF_HOUSEHOLD
        rows = self._database.read(lambda connection: connection.execute(statement, (household_id, limit)).fetchall())
        return tuple(map(_read, rows))

    def settle(self, approval_id: str, state: ApprovalState, by: str, now: datetime, audit: AuditDraft) -> Approval:
        return self._ledger.write_with_audit(
            lambda connection: decide_approval(connection, approval_id, state, by, now), audit
        )

    def tell(self, approval_ids: Iterable[str]) -> None:
        rows = [(approval_id,) for approval_id in approval_ids]
        if rows:
            self._database.write(lambda connection: connection.executemany(_TELL, rows).rowcount)


def decide_approval(
    connection: sqlite3.Connection,
    approval_id: str,
    state: ApprovalState,
    by: str,
    now: datetime,
    order_id: OrderId | None = None,
) -> Approval:
    """Open → decided, inside the caller's transaction. Raises `ApprovalClosed`."""
    changed = connection.execute(_SETTLE, (state.value, write_time(now), by, order_id, approval_id)).rowcount
    row = connection.execute(_GET, (approval_id,)).fetchone()
    if changed != 1:
        raise ApprovalClosed(why=row[5] if row else "unknown")
    return _read(row)


def _read(row: tuple[Any, ...]) -> Approval:
    approval_id, household_id, quote, asked_at, lapses_at, state, decided_at, decided_by, order_id, told = row
    return Approval(
        approval_id,
        household_id,
        quote_from_data(read_json(quote)),
        read_time(asked_at),
        read_time(lapses_at),
        ApprovalState(state),
        read_time(decided_at) if decided_at else None,
        decided_by,
        order_id,
        bool(told),
    )
