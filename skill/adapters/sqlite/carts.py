"""Carts: one row an owner, replaced whole."""

from __future__ import annotations

import sqlite3

from skill.adapters.records import read_cart_lines, write_cart_lines
from skill.adapters.sqlite.database import Database
from skill.errors import VersionConflict
from skill.shop.cart import Cart

_LOAD = "SELECT lines, version FROM carts WHERE owner = ?"
_INSERT = "INSERT INTO carts (owner, version, lines) VALUES (?, 1, ?) ON CONFLICT DO NOTHING"
_UPDATE = "UPDATE carts SET lines = ?, version = version + 1 WHERE owner = ? AND version = ?"


class SqliteCarts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, owner: str) -> Cart:
        return self._database.read(lambda connection: read_cart(connection, owner))

    def save(self, owner: str, cart: Cart) -> None:
        self._database.write(lambda connection: write_cart(connection, owner, cart), durable=False)


def read_cart(connection: sqlite3.Connection, owner: str) -> Cart:
    row = connection.execute(_LOAD, (owner,)).fetchone()
    return Cart() if row is None else Cart(read_cart_lines(row[0]), row[1])


def write_cart(connection: sqlite3.Connection, owner: str, cart: Cart) -> None:
    """Replaces the cart of `cart.version`, inside the caller's transaction. Raises `VersionConflict`."""
    lines = write_cart_lines(cart.lines)
    if cart.version:
        written = connection.execute(_UPDATE, (lines, owner, cart.version))
    else:
        written = connection.execute(_INSERT, (owner, lines))
    if written.rowcount != 1:
        raise VersionConflict("the cart was changed meanwhile", version=cart.version)
