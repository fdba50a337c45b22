"""Orders, for reading; the ledger writes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from skill.adapters.records import read_charges, read_quote_lines, read_time, read_time_or_none
from skill.adapters.sqlite.database import Database
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState

_COLUMNS = (
    "order_id", "household_id", "store", "seller", "state", "lines", "delivery_minor", "tax_minor", "discount_minor",
    "total_minor", "currency", "address", "platform", "consent_id", "reserved_at", "reserve_deadline", "undo_window_s",
    "charges", "person", "code_proved", "placed_at", "undo_until", "closed_at", "payment", "payment_state", "note",
    "asks", "ask_at",
)  # fmt: skip
#: The columns that `read_order` reads, in its order.
ORDER_COLUMNS = ", ".join(f"orders.{name}" for name in _COLUMNS)
SELECT_ORDER = f"SELECT {ORDER_COLUMNS} FROM orders "
_GET = SELECT_ORDER + "WHERE order_id = ?"
_OF_CONSENT = SELECT_ORDER + "WHERE consent_id = ?"
#: As `orders_by_time` has it.
NEWEST_FIRST = "ORDER BY coalesce(placed_at, reserved_at) DESC, order_id DESC"
_RECENT = SELECT_ORDER + f"WHERE household_id = ? {NEWEST_FIRST} LIMIT ?"
_LIST = SELECT_ORDER + "WHERE order_id > ? ORDER BY order_id LIMIT ?"
_NEWEST = SELECT_ORDER + "ORDER BY order_id DESC LIMIT ?"
_NEWEST_BEFORE = SELECT_ORDER + "WHERE order_id < ? ORDER BY order_id DESC LIMIT ?"
_LIST_OF_HOUSEHOLD = SELECT_ORDER + "WHERE household_id = ? AND order_id > ? ORDER BY order_id LIMIT ?"


class SqliteOrders:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, order_id: OrderId) -> Order | None:
        return self._one(_GET, (order_id,))

    def of_consent(self, consent_id: str) -> Order | None:
        return self._one(_OF_CONSENT, (consent_id,))

    def recent(self, household_id: HouseholdId, limit: int) -> Sequence[Order]:
        return self._many(_RECENT, (household_id, limit))

    def list(self, limit: int, after: str = "", household_id: HouseholdId | None = None) -> Sequence[Order]:
        if household_id is None:
            return self._many(_LIST, (after, limit))
        return self._many(_LIST_OF_HOUSEHOLD, (household_id, after, limit))

    def newest(self, limit: int, before: str = "") -> Sequence[Order]:
        return self._many(_NEWEST_BEFORE, (before, limit)) if before else self._many(_NEWEST, (limit,))

    def _one(self, statement: str, values: tuple[Any, ...]) -> Order | None:
        row = self._database.read(lambda connection: connection.execute(statement, values).fetchone())
        return None if row is None else read_order(row)

    def _many(self, statement: str, values: tuple[Any, ...]) -> tuple[Order, ...]:
        rows = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return tuple(map(read_order, rows))


def find_order(connection: sqlite3.Connection, order_id: OrderId) -> Order | None:
    """The order as it is inside the caller's transaction."""
    row = connection.execute(_GET, (order_id,)).fetchone()
    return None if row is None else read_order(row)


def read_order(row: tuple[Any, ...]) -> Order:
    """A row of `SELECT_ORDER`."""
    currency = row[10]
    return Order(
        order_id=row[0],
        household_id=row[1],
        store=row[2],
        seller=row[3],
        state=OrderState(row[4]),
        lines=read_quote_lines(row[5], currency),
        delivery=Money(row[6], currency),
        tax=Money(row[7], currency),
        discount=Money(row[8], currency),
        total=Money(row[9], currency),
        address=row[11],
        platform=row[12],
        consent_id=row[13],
        reserved_at=read_time(row[14]),
        reserve_deadline=read_time(row[15]),
        undo_window_s=row[16],
        charges=read_charges(row[17]),
        person=row[18],
        code_proved=bool(row[19]),
        placed_at=read_time_or_none(row[20]),
        undo_until=read_time_or_none(row[21]),
        closed_at=read_time_or_none(row[22]),
        payment=row[23],
        payment_state=row[24],
        note=row[25],
        asks=row[26],
        ask_at=read_time_or_none(row[27]),
    )
