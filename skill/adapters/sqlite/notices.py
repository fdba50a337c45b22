"""What households are to be told of their orders, in SQLite: a row until it is handed on."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from skill.adapters.records import in_order, notice_key, read_time, read_undamaged, write_time
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.orders import ORDER_COLUMNS, read_order
from skill.ports import QueuedNotice
from skill.shop.orders import OrderId

_DUE = (
    f"SELECT n.kind, n.at, n.next_at, n.attempts, {ORDER_COLUMNS} FROM notices AS n JOIN orders ON orders.order_id = n.order_id "
    "WHERE n.next_at <= ? ORDER BY n.next_at LIMIT ?"
)
#: Where in a row of these the order's columns begin, its id the first.
_ORDER_ID = 4
_HANDED_ON = "DELETE FROM notices WHERE order_id = ? AND kind = ?"
_PUT_OFF = "UPDATE notices SET attempts = attempts + 1, next_at = ? WHERE order_id = ? AND kind = ?"
_PUT = "INSERT INTO notices (order_id, kind, at, next_at) VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO NOTHING"


class SqliteNotices:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int) -> Sequence[QueuedNotice]:
        bounds = (write_time(now), limit)
        rows = self._database.read(lambda connection: connection.execute(_DUE, bounds).fetchall())
        return in_order(read_undamaged(rows, _read, itemgetter(_ORDER_ID)))

    def handed_on(self, notice: QueuedNotice) -> None:
        values = (notice.order.order_id, notice.kind)
        self._database.write(lambda connection: connection.execute(_HANDED_ON, values).rowcount)

    def put_off(self, notice: QueuedNotice, next_at: datetime) -> None:
        values = (write_time(next_at), notice.order.order_id, notice.kind)
        self._database.write(lambda connection: connection.execute(_PUT_OFF, values).rowcount)


def put_notice(connection: sqlite3.Connection, order_id: OrderId, kind: str, now: datetime) -> None:
    """Queues a notice of the order, inside the caller's transaction."""
    connection.execute(_PUT, (order_id, kind, write_time(now)))


def _read(row: tuple[Any, ...]) -> QueuedNotice:
    kind, at, next_at, attempts, *columns = row
    order = read_order(tuple(columns))
    return QueuedNotice(notice_key(order.order_id, kind), kind, read_time(at), order, read_time(next_at), attempts)
