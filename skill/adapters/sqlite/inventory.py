"""Inventory: live prices, what is on hand, and how much of it is reserved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from itertools import islice

from skill.adapters.sqlite.database import Database
from skill.errors import CurrencyMismatch
from skill.ports import LiveItem
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

#: SKUs asked for in one statement; SQLite's own limit is far above it.
_SKUS_MAX = 100

_ITEMS = "SELECT sku, price_minor, max(on_hand - reserved, 0) FROM inventory WHERE listed = 1 AND sku IN "
_UNLIST = "UPDATE inventory SET listed = 0, on_hand = 0"
_RESTOCK = """
INSERT INTO inventory (sku, price_minor, on_hand) VALUES (?, ?, ?)
ON CONFLICT (sku) DO UPDATE SET price_minor = excluded.price_minor, on_hand = excluded.on_hand, listed = 1
"""
_DROP = "DELETE FROM inventory WHERE listed = 0 AND reserved = 0"


class SqliteInventory:
    """`currency` is the store's: prices are kept as minor units of it."""

    def __init__(self, database: Database, currency: str) -> None:
        self._database = database
        self._currency = currency

    def items(self, skus: Iterable[Sku]) -> Mapping[Sku, LiveItem]:
        """The items that are listed; an unknown SKU is simply not among them."""
        asked = iter(dict.fromkeys(skus))
        found: dict[Sku, LiveItem] = {}
        while some := tuple(islice(asked, _SKUS_MAX)):
            statement = f"{_ITEMS}({','.join('?' * len(some))})"
            rows = self._database.read(lambda connection, q=statement, s=some: connection.execute(q, s).fetchall())  # type: ignore[misc]
            for sku, price, available in rows:
                found[sku] = LiveItem(sku, Money(price, self._currency), available)
        return found

    def glance(self, products: Iterable[Product]) -> Mapping[Sku, LiveItem]:
        return self.items(product.sku for product in products)

    def restock(self, products: Iterable[Product]) -> None:
        """One write, whatever the number of products. Raises `CurrencyMismatch` before anything is written."""
        rows = []
        for product in products:
            if product.price.currency != self._currency:
                raise CurrencyMismatch(
                    f"{product.sku} is priced in {product.price.currency}, the store sells in {self._currency}",
                    ours=self._currency,
                    theirs=product.price.currency,
                )
            rows.append((product.sku, product.price.amount, product.stock))

        def replace(connection: sqlite3.Connection) -> None:
            connection.execute(_UNLIST)
            connection.executemany(_RESTOCK, rows)
            connection.execute(_DROP)

        self._database.write(replace)
