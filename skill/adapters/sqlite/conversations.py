"""Conversations: the state of each session, and the answers given, so that a request delivered twice is answered once."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from skill.adapters.records import write_time
from skill.adapters.sqlite.carts import write_cart
from skill.adapters.sqlite.database import Database
from skill.errors import RequestReused, VersionConflict
from skill.ports import Opened, RequestKey, TurnRecord

_OPEN = """
SELECT s.state, s.version, a.answer, a.body_hash
FROM (SELECT 1)
LEFT JOIN sessions AS s ON s.owner = ? AND s.session = ?
LEFT JOIN answers AS a ON a.platform = ? AND a.request_id = ?
"""
_INSERT_SESSION = """
INSERT INTO sessions (state, written_at, owner, session, version) VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING
"""
_UPDATE_SESSION = """
UPDATE sessions SET state = ?, written_at = ?, version = version + 1 WHERE owner = ? AND session = ? AND version = ?
"""
_INSERT_ANSWER = """
INSERT INTO answers (platform, request_id, body_hash, answer, written_at, marks, took_ms, sought)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_SWEEP = (
    "DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE written_at < ? ORDER BY rowid LIMIT ?)",
    "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE written_at < ? ORDER BY rowid LIMIT ?)",
    "DELETE FROM code_attempts WHERE rowid IN (SELECT rowid FROM code_attempts WHERE counted_at < ? ORDER BY rowid LIMIT ?)",
)
#: Rowids start again where the last row is gone: what has been counted of the answers must not run ahead of them.
_KEEP_COUNTING = """
UPDATE figures_read SET answers_row = min(answers_row, coalesce((SELECT max(rowid) FROM answers), 0))
"""


class SqliteConversations:
    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, owner: str, session: str, request: RequestKey) -> Opened:
        key = (owner, session, request.platform, request.request_id)
        state, version, answer, body_hash = self._database.read(
            lambda connection: connection.execute(_OPEN, key).fetchone()
        )
        if body_hash is not None and body_hash != request.body_hash:
            raise RequestReused(
                f"{request.platform} request {request.request_id} came before with another body",
                platform=request.platform,
                request_id=request.request_id,
            )
        return Opened(state, version or 0, answer)

    def close(self, record: TurnRecord) -> None:
        self._database.write(lambda connection: write_turn(connection, record), durable=False)

    def sweep(self, before: datetime, limit: int) -> int:
        """Forgets at most `limit` of sessions, of answers and of attempts at a code, each the oldest first."""
        bounds = (write_time(before), limit)

        def forget(connection: sqlite3.Connection) -> int:
            forgotten = sum(connection.execute(statement, bounds).rowcount for statement in _SWEEP)
            connection.execute(_KEEP_COUNTING)
            return forgotten

        return self._database.write(forget, durable=False)


def write_turn(connection: sqlite3.Connection, record: TurnRecord) -> None:
    """What a turn leaves behind, inside the caller's transaction. Raises `VersionConflict`."""
    now, request = write_time(record.now), record.request
    session = (record.state, now, record.owner, record.session)
    if record.version:
        written = connection.execute(_UPDATE_SESSION, (*session, record.version))
    else:
        written = connection.execute(_INSERT_SESSION, session)
    if written.rowcount != 1:
        raise VersionConflict("the session was changed meanwhile", version=record.version)
    answer = (
        request.platform,
        request.request_id,
        request.body_hash,
        record.answer,
        now,
        record.marks,
        record.took_ms,
        record.sought,
    )
    if connection.execute(_INSERT_ANSWER, answer).rowcount != 1:
        raise VersionConflict("the request was answered meanwhile", request_id=request.request_id)
    if record.cart is not None:
        write_cart(connection, record.owner, record.cart)
