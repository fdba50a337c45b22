"""What platforms tell of their accounts, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from skill.adapters.records import read_json, write_json, write_time
from skill.adapters.sqlite.database import Database
from skill.shop.households import HouseholdId

_LINK = "SELECT household_id, linked_at FROM links WHERE platform = ? AND user = ?"
_LEAVE = (
    "DELETE FROM links WHERE platform = ? AND user = ?",
    "DELETE FROM pairings WHERE platform = ? AND user = ?",
    "DELETE FROM account_grants WHERE platform = ? AND user = ?",
)
_FORGET_SESSIONS = "DELETE FROM sessions WHERE owner = ?"
_FORGET_CART = "DELETE FROM carts WHERE owner = ?"
_GRANT = """
INSERT INTO account_grants (platform, user, what, granted, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (platform, user, what) DO UPDATE SET granted = excluded.granted, at = excluded.at WHERE excluded.at >= at
"""
_GRANTED = "SELECT granted FROM account_grants WHERE platform = ? AND user = ? AND what = ?"


class SqliteAccounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def leave(self, platform: str, user: str, guest: str, at: datetime) -> HouseholdId | None:
        def forget(connection: sqlite3.Connection) -> HouseholdId | None:
            link = connection.execute(_LINK, (platform, user)).fetchone()
            if link is not None and link[1] > write_time(at):
                return None  # it came back since
            for statement in _LEAVE:
                connection.execute(statement, (platform, user))
            for owner in (guest, link[0]) if link else (guest,):
                connection.execute(_FORGET_SESSIONS, (owner,))
            connection.execute(_FORGET_CART, (guest,))
            return HouseholdId(link[0]) if link else None

        return self._database.write(forget)

    def grant(self, platform: str, user: str, what: str, granted: Sequence[str], at: datetime) -> None:
        values = (platform, user, what, write_json(list(granted)), write_time(at))
        self._database.write(lambda connection: connection.execute(_GRANT, values).rowcount)

    def granted(self, platform: str, user: str, what: str) -> Sequence[str]:
        row = self._database.read(lambda connection: connection.execute(_GRANTED, (platform, user, what)).fetchone())
        return tuple(read_json(row[0])) if row else ()
