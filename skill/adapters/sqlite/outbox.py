"""The outbox: events on their way to the shop, in order for each order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from skill.adapters.records import order_event, read_time, read_undamaged, write_time
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.orders import ORDER_COLUMNS, read_order
from skill.errors import OrderStateConflict
from skill.ports import Event
from skill.shop.orders import OrderId

#: The end of a long complaint from a shop's server is of no use to anyone.
ERROR_LENGTH_MAX = 500

_SELECT = (
    f"SELECT o.number, o.kind, o.at, o.attempts, o.last_error, o.state, {ORDER_COLUMNS} "
    "FROM outbox AS o JOIN orders ON orders.order_id = o.order_id "
)
_DUE = (
    _SELECT
    + """
WHERE o.state <> 'delivered' AND o.state = 'pending' AND o.next_at <= ? AND NOT EXISTS (
  SELECT 1 FROM outbox AS earlier
  WHERE earlier.order_id = o.order_id AND earlier.number < o.number AND earlier.state <> 'delivered'
)
ORDER BY o.next_at, o.order_id LIMIT ?
"""
)
_LIST = _SELECT + "ORDER BY o.order_id DESC, o.number DESC LIMIT ?"
_LIST_IN_STATE = _SELECT + "WHERE o.state = ? ORDER BY o.order_id DESC, o.number DESC LIMIT ?"
#: Where in a row of these the order's columns begin, its id the first.
_ORDER_ID = 6
_STATE = "SELECT state FROM outbox WHERE order_id = ? AND number = ?"
_DELIVERED = """
UPDATE outbox SET state = 'delivered', delivered_at = ?, attempts = attempts + 1, last_error = ''
WHERE order_id = ? AND number = ? AND state <> 'delivered'
"""
_FAILED = """
UPDATE outbox SET attempts = attempts + 1, last_error = ?, state = ?, next_at = coalesce(?, next_at)
WHERE order_id = ? AND number = ? AND state = 'pending'
"""
_RETRY = """
UPDATE outbox SET state = 'pending', next_at = ?, attempts = 0 WHERE order_id = ? AND number = ? AND state <> 'delivered'
"""
_PUT = "INSERT INTO outbox (order_id, number, kind, at, next_at) VALUES (?1, ?2, ?3, ?4, ?4)"


class SqliteOutbox:
    """An event's id is its order's id and its number: `ORDER.1`, `ORDER.2`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int) -> Sequence[Event]:
        """An order whose earlier event is dead waits until that one is retried: the shop never hears an end without its start."""
        return self._events(_DUE, (write_time(now), limit))

    def delivered(self, event_id: str, now: datetime) -> None:
        values = (write_time(now), *_key(event_id))
        self._database.write(lambda connection: connection.execute(_DELIVERED, values).rowcount)

    def failed(self, event_id: str, error: str, next_at: datetime | None) -> None:
        state, then = ("dead", None) if next_at is None else ("pending", write_time(next_at))
        values = (error[:ERROR_LENGTH_MAX], state, then, *_key(event_id))
        self._database.write(lambda connection: connection.execute(_FAILED, values).rowcount)

    def list(self, limit: int, state: str | None = None) -> Sequence[Event]:
        """Newest first; `state` is pending, delivered or dead."""
        return self._events(_LIST, (limit,)) if state is None else self._events(_LIST_IN_STATE, (state, limit))

    def retry(self, event_id: str, now: datetime) -> None:
        """Due again at once, its attempts forgotten. Raises `OrderStateConflict` where it was delivered or never was."""
        key = _key(event_id)
        values = (write_time(now), *key)

        def revive(connection: sqlite3.Connection) -> None:
            if connection.execute(_RETRY, values).rowcount != 1:
                row = connection.execute(_STATE, key).fetchone()
                raise OrderStateConflict(order_id=key[0], state=row[0] if row else "unknown")

        self._database.write(revive)

    def _events(self, statement: str, values: tuple[Any, ...]) -> tuple[Event, ...]:
        rows = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return read_undamaged(rows, _read_event, itemgetter(_ORDER_ID))


def put_event(connection: sqlite3.Connection, order_id: OrderId, number: int, kind: str, at: str) -> None:
    """Queues an event of the order, inside the caller's transaction. `number` is 1 for the order's first, and so on."""
    connection.execute(_PUT, (order_id, number, kind, at))


def _read_event(row: tuple[Any, ...]) -> Event:
    number, kind, at, attempts, last_error, state, *columns = row
    order = read_order(tuple(columns))
    return Event(
        event_id=f"{order.order_id}.{number}",
        order_id=order.order_id,
        number=number,
        kind=kind,
        at=read_time(at),
        body=order_event(kind, order),
        attempts=attempts,
        last_error=last_error,
        state=state,
    )


def _key(event_id: str) -> tuple[OrderId, int]:
    order_id, _, number = event_id.rpartition(".")
    return OrderId(order_id), int(number) if number.isdecimal() else 0
