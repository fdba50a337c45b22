"""Households, the accounts linked to them, and their purchase codes.

Every attempt at a code is counted, durably, before it is checked: whatever happens then, it was a guess.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from skill.adapters.codes import CHECK_MAX, code_is_right, hash_code
from skill.adapters.records import read_time, read_time_or_none, write_time
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.errors import CodeLocked, HouseholdUnknown, RequestReused
from skill.guard.code import CODE_ATTEMPTS_MAX
from skill.ports import AuditDraft, Clock, Keys, RequestKey
from skill.shop.households import Household, HouseholdId

#: Of a household's people and profiles: `/` is followed by `0`.
OF_HOUSEHOLD = "level IN ('person', 'profile') AND subject > ?1 || '/' AND subject < ?1 || '0'"

_SELECT = """
SELECT h.household_id, name, time_zone, address, created_at, email, time_zone_before, time_zone_since, code_hash IS NOT NULL,
       code_wrong, code_generation
FROM households AS h
"""
_GET = _SELECT + "WHERE household_id = ?"
_IS_KNOWN = "SELECT 1 FROM households WHERE household_id = ? AND name <> ''"
_LIST = _SELECT + "WHERE household_id > ? ORDER BY household_id LIMIT ?"
_OF_USER = _SELECT + "JOIN links AS l ON l.household_id = h.household_id WHERE l.platform = ? AND l.user = ?"
_CREATE = """
INSERT INTO households (household_id, name, time_zone, address, email, created_at, time_zone_before, time_zone_since)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_LINK = """
INSERT INTO links (platform, user, household_id, linked_at)
SELECT ?1, ?2, household_id, ?4 FROM households WHERE household_id = ?3 AND name <> ''
ON CONFLICT (platform, user) DO UPDATE SET household_id = excluded.household_id, linked_at = excluded.linked_at
"""
_LINKED = "SELECT platform, user FROM links WHERE household_id = ? ORDER BY platform, user"
_MOVE = """
UPDATE households SET
  time_zone_before = CASE WHEN time_zone_since > ?3 THEN time_zone_before ELSE time_zone END,
  time_zone = ?2,
  time_zone_since = ?4
WHERE household_id = ?1 AND name <> ''
"""
_STAY = """
UPDATE households SET
  time_zone = CASE WHEN time_zone_since > ?2 THEN time_zone_before ELSE time_zone END,
  time_zone_before = CASE WHEN time_zone_since > ?2 THEN '' ELSE time_zone_before END,
  time_zone_since = CASE WHEN time_zone_since > ?2 THEN NULL ELSE time_zone_since END
WHERE household_id = ?1 AND name <> ''
"""
_SET_CODE = """
UPDATE households SET code_hash = ?, code_wrong = 0, code_epoch = code_epoch + 1 WHERE household_id = ? AND name <> ''
"""
_CODE = "SELECT code_hash, code_epoch FROM households WHERE household_id = ?"
_FORGET = """
UPDATE households SET name = '', address = '', email = '', code_hash = NULL, code_epoch = code_epoch + 1 WHERE household_id = ?
"""
_FORGET_BESIDE = (
    "DELETE FROM links WHERE household_id = ?",
    "DELETE FROM code_attempts WHERE household_id = ?",
    "DELETE FROM carts WHERE owner = ?",
    "DELETE FROM sessions WHERE owner = ?",
    "DELETE FROM approvals WHERE household_id = ?",
    # The household's layer is emptied and not deleted: its new version stops an order that was decided a moment before.
    """
    INSERT INTO policies (level, subject, version, knobs) VALUES ('household', ?, 1, '{}')
    ON CONFLICT (level, subject) DO UPDATE SET version = version + 1, knobs = '{}'
    """,
    "DELETE FROM policy_changes WHERE level = 'household' AND subject = ?",
    f"DELETE FROM policies WHERE {OF_HOUSEHOLD}",
    f"DELETE FROM policy_changes WHERE {OF_HOUSEHOLD}",
    # As `Order.as_forgotten` says it.
    """
    UPDATE orders SET address = '', person = NULL, charges = (
      SELECT json_group_array(json(each.value)) FROM json_each(charges) AS each
      WHERE json_extract(each.value, '$[0]') = 'household'
    ) WHERE household_id = ?
    """,
    "DELETE FROM windows WHERE household_id = ? AND scope <> 'household'",
)
_COUNT = "UPDATE households SET code_wrong = code_wrong + 1 WHERE household_id = ? AND code_wrong < ?"
_ATTEMPT = (
    "SELECT body_hash, verdict, household_id, code_epoch FROM code_attempts WHERE platform = ? AND request_id = ?"
)
_PUT_ATTEMPT = """
INSERT INTO code_attempts (platform, request_id, body_hash, household_id, code_epoch, counted_at) VALUES (?, ?, ?, ?, ?, ?)
"""
_SET_VERDICT = "UPDATE code_attempts SET verdict = ? WHERE platform = ? AND request_id = ? AND verdict IS NULL"
#: A right code takes back what was counted, but for the guesses that are being checked at this moment.
_RESET = """
UPDATE households SET code_generation = code_generation + 1, code_wrong = (
  SELECT count(*) FROM code_attempts AS a
  WHERE a.household_id = ?1 AND a.code_epoch = ?2 AND a.verdict IS NULL AND a.counted_at > ?3
)
WHERE household_id = ?1 AND code_epoch = ?2
"""


class SqliteHouseholds:
    def __init__(self, database: Database, keys: Keys, clock: Clock, ledger: SqliteLedger) -> None:
        self._database = database
        self._ledger = ledger
        self._keys = keys
        self._clock = clock

    def create(self, household: Household) -> None:
        """The code is set apart, by `set_code`. Raises `StorageError` where the id is taken."""
        moved = household.time_zone_since
        values = (
            household.household_id,
            household.name,
            household.time_zone,
            household.address,
            household.email,
            write_time(household.created_at),
            household.time_zone_before,
            None if moved is None else write_time(moved),
        )
        self._database.write(lambda connection: connection.execute(_CREATE, values).rowcount)

    def get(self, household_id: HouseholdId) -> Household:
        found = self._one(_GET, (household_id,))
        if found is None:
            raise HouseholdUnknown(household_id=household_id)
        return found

    def list(self, limit: int, after: str = "") -> Sequence[Household]:
        """By household id, those above `after`."""
        rows = self._database.read(lambda connection: connection.execute(_LIST, (after, limit)).fetchall())
        return tuple(map(_read_household, rows))

    def forget(self, household_id: HouseholdId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            if connection.execute(_FORGET, (household_id,)).rowcount != 1:
                raise HouseholdUnknown(household_id=household_id)
            for statement in _FORGET_BESIDE:
                connection.execute(statement, (household_id,))

        self._database.write(delete)
        self._database.cut_log()

    def link(self, household_id: HouseholdId, platform: str, user: str, now: datetime) -> None:
        values = (platform, user, household_id, write_time(now))
        if self._database.write(lambda connection: connection.execute(_LINK, values).rowcount) != 1:
            raise HouseholdUnknown(household_id=household_id)

    def linked(self, household_id: HouseholdId) -> Sequence[tuple[str, str]]:
        return tuple(self._database.read(lambda connection: connection.execute(_LINKED, (household_id,)).fetchall()))

    def of_user(self, platform: str, user: str) -> Household | None:
        return self._one(_OF_USER, (platform, user))

    def move(self, household_id: HouseholdId, time_zone: str, effective_at: datetime, audit: AuditDraft) -> None:
        """Moving again before the last move took effect replaces it."""
        now = write_time(self._clock.now_utc())
        self._change(household_id, _MOVE, (household_id, time_zone, now, write_time(effective_at)), audit)

    def stay(self, household_id: HouseholdId, audit: AuditDraft) -> None:
        self._change(household_id, _STAY, (household_id, write_time(self._clock.now_utc())), audit)

    def set_code(self, household_id: HouseholdId, code: str | None, audit: AuditDraft) -> None:
        code_hash = None if code is None else hash_code(self._keys, household_id, code)
        self._change(household_id, _SET_CODE, (code_hash, household_id), audit)

    def try_code(self, household_id: HouseholdId, code: str, request: RequestKey) -> bool:
        """Two commits with exactly one key derivation between them. False, and not counted, where no code is set.

        Raises `CodeLocked`, `HouseholdUnknown`, and `RequestReused` for a request id that came with another body.
        """
        key, now = (request.platform, request.request_id), self._clock.now_utc()

        def count(connection: sqlite3.Connection) -> tuple[bool | None, str, int]:
            attempt = connection.execute(_ATTEMPT, key).fetchone()
            row = connection.execute(_CODE, (household_id,)).fetchone()
            if row is None:
                raise HouseholdUnknown(household_id=household_id)
            code_hash, epoch = row
            if attempt is not None:
                if attempt[0] != request.body_hash or attempt[2] != household_id:
                    raise RequestReused(platform=request.platform, request_id=request.request_id)
                if attempt[1] is not None:
                    return bool(attempt[1]), "", epoch
                # Counted, and its check never came to an end: it is made now, unless the code it was for is gone.
                return (None, code_hash, epoch) if code_hash and attempt[3] == epoch else (False, "", epoch)
            if code_hash is None:
                return False, "", epoch
            if connection.execute(_COUNT, (household_id, CODE_ATTEMPTS_MAX)).rowcount != 1:
                raise CodeLocked
            connection.execute(_PUT_ATTEMPT, (*key, request.body_hash, household_id, epoch, write_time(now)))
            return None, code_hash, epoch

        verdict, code_hash, epoch = self._database.write(count)
        if verdict is not None:
            return verdict
        right = self._is_right(household_id, code, code_hash)

        def conclude(connection: sqlite3.Connection) -> bool:
            row = connection.execute(_CODE, (household_id,)).fetchone()
            stands = right and row is not None and row[1] == epoch  # the code may have been changed meanwhile
            if connection.execute(_SET_VERDICT, (stands, *key)).rowcount == 1:
                if stands:
                    connection.execute(_RESET, (household_id, epoch, write_time(now - CHECK_MAX)))
                return stands
            earlier = connection.execute(_ATTEMPT, key).fetchone()
            return earlier is not None and bool(earlier[1])  # the same request, delivered twice, was quicker

        return self._database.write(conclude)

    def _change(self, household_id: HouseholdId, statement: str, values: tuple[Any, ...], audit: AuditDraft) -> None:
        def change(connection: sqlite3.Connection) -> None:
            if connection.execute(statement, values).rowcount != 1:
                raise HouseholdUnknown(household_id=household_id)

        self._ledger.write_with_audit(change, audit)

    def _one(self, statement: str, values: tuple[Any, ...]) -> Household | None:
        row = self._database.read(lambda connection: connection.execute(statement, values).fetchone())
        return None if row is None else _read_household(row)

    def _is_right(self, household_id: HouseholdId, code: str, code_hash: str) -> bool:
        return code_is_right(self._keys, household_id, code, code_hash)


def check_household(connection: sqlite3.Connection, household_id: HouseholdId) -> None:
    """Raises `HouseholdUnknown` where there is none or it is forgotten."""
    if connection.execute(_IS_KNOWN, (household_id,)).fetchone() is None:
        raise HouseholdUnknown(household_id=household_id)


def _read_household(row: tuple[Any, ...]) -> Household:
    household_id, name, time_zone, address, created_at, email, before, since, code_set, code_wrong, generation = row
    return Household(
        household_id=household_id,
        name=name,
        time_zone=time_zone,
        address=address,
        created_at=read_time(created_at),
        email=email,
        time_zone_before=before,
        time_zone_since=read_time_or_none(since),
        code_set=bool(code_set),
        code_locked=code_wrong >= CODE_ATTEMPTS_MAX,
        code_generation=generation,
    )
