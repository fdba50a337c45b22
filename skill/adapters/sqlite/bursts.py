"""Baskets asked for in many households at once, in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from skill.adapters.records import write_time
from skill.adapters.sqlite.database import Database
from skill.guard.burst import BURST_HOUSEHOLDS_MIN, BURST_LASTS_S, BURST_WITHIN_S
from skill.shop.households import HouseholdId

_FORGET = "DELETE FROM burst_phrases WHERE at <= ?"
_NOTE = """
INSERT INTO burst_phrases (phrase, household_id, at) VALUES (?, ?, ?)
ON CONFLICT (phrase, household_id) DO UPDATE SET at = excluded.at
"""
_LOOK = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM burst_phrases WHERE phrase = ? LIMIT ?)),
       EXISTS (SELECT 1 FROM bursts WHERE until > ?)
"""
_BEGIN = "INSERT OR REPLACE INTO bursts (one, until) VALUES (1, ?)"
_IS_ON = "SELECT EXISTS (SELECT 1 FROM bursts WHERE until > ?)"


class SqliteBursts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, phrase: str, household_id: HouseholdId, now: datetime) -> bool:
        at = write_time(now)
        since, until = (
            write_time(now - timedelta(seconds=BURST_WITHIN_S)),
            write_time(now + timedelta(seconds=BURST_LASTS_S)),
        )

        def count(connection: sqlite3.Connection) -> bool:
            connection.execute(_FORGET, (since,))
            connection.execute(_NOTE, (phrase, household_id, at))
            households, on = connection.execute(_LOOK, (phrase, BURST_HOUSEHOLDS_MIN, at)).fetchone()
            if households >= BURST_HOUSEHOLDS_MIN:
                connection.execute(_BEGIN, (until,))
                return True
            return bool(on)

        return self._database.write(count, durable=False)

    def is_on(self, now: datetime) -> bool:
        at = (write_time(now),)
        return bool(self._database.read(lambda connection: connection.execute(_IS_ON, at).fetchone())[0])
