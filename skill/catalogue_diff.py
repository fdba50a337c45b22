"""What changes from one catalogue to the next, before it is published."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from skill.shop.catalogue import Product
from skill.shop.money import Money

#: Memory for the comparison, in KiB; what does not fit goes to a temporary file.
_CACHE_KIB = 32_768

_COLUMNS = "sku TEXT PRIMARY KEY, title TEXT, currency TEXT, price INTEGER, stock INTEGER, age INTEGER, allergens TEXT, rest TEXT"
_SCHEMA = f"""
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{_CACHE_KIB};
CREATE TABLE old ({_COLUMNS}) WITHOUT ROWID;
CREATE TABLE new ({_COLUMNS}) WITHOUT ROWID;
CREATE TABLE old_refused (sku TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE new_refused (sku TEXT PRIMARY KEY) WITHOUT ROWID;
"""

#: Characters of a fact that are kept to be shown; of a longer one a digest tells whether it is the same.
_FACT_LENGTH_MAX = 120

#: Each kind of change, with the rows that show it: (sku, title, before, after).
_CHANGES = {
    "added": (
        "SELECT sku, title, NULL, price || ' ' || currency FROM new "
        "WHERE sku NOT IN (SELECT sku FROM old) AND sku NOT IN (SELECT sku FROM old_refused)"
    ),
    "removed": (
        "SELECT sku, title, price || ' ' || currency, NULL FROM old "
        "WHERE sku NOT IN (SELECT sku FROM new) AND sku NOT IN (SELECT sku FROM new_refused)"
    ),
    "bad": (
        "SELECT sku, title, price || ' ' || currency, NULL FROM old JOIN new_refused USING (sku) "
        "WHERE sku NOT IN (SELECT sku FROM new) UNION ALL "
        "SELECT sku, title, NULL, price || ' ' || currency FROM new JOIN old_refused USING (sku) "
        "WHERE sku NOT IN (SELECT sku FROM old)"
    ),
    "price": (
        "SELECT sku, new.title, old.price || ' ' || old.currency, new.price || ' ' || new.currency FROM new JOIN old USING (sku) "
        "WHERE old.price != new.price OR old.currency != new.currency"
    ),
    "age": "SELECT sku, new.title, old.age, new.age FROM new JOIN old USING (sku) WHERE old.age != new.age",
    "allergens": (
        "SELECT sku, new.title, old.allergens, new.allergens FROM new JOIN old USING (sku) WHERE old.allergens != new.allergens"
    ),
    "stock": "SELECT sku, new.title, old.stock, new.stock FROM new JOIN old USING (sku) WHERE old.stock != new.stock",
    "title": "SELECT sku, new.title, old.title, new.title FROM new JOIN old USING (sku) WHERE old.title != new.title",
    "other": "SELECT sku, new.title, old.rest, new.rest FROM new JOIN old USING (sku) WHERE old.rest != new.rest",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One product's change. `before` and `after` are prices as `10.99 USD`, numbers on hand, least ages in years, lists of
    allergens, titles, or other facts with their names, such as `brand: Hillside; size: 12 oz`; empty for neither."""

    sku: str
    title: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueDiff:
    """Changes by kind: `added`, `removed`, `bad` (in one of the two, while its row in the other was refused), `price`, `age`
    (the buyer's least), `allergens`, `stock`, `title`, `other` (any further fact).

    `counts` counts them all; `changes` are the first of each kind, by SKU.
    """

    counts: dict[str, int] = field(default_factory=dict)
    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)


def diff_catalogues(
    old: Iterable[Product],
    new: Iterable[Product],
    *,
    limit: int,
    old_refused: Collection[str] = (),
    new_refused: Collection[str] = (),
) -> CatalogueDiff:
    """Compares two catalogues by SKU, each read once; at most `limit` changes of each kind are given.

    `old_refused` and `new_refused` are the SKUs of rows that the feed of a side has and that were refused; they are looked at
    when both sides have been read.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.executescript(_SCHEMA)
        db.execute("BEGIN")
        for table, products in (("old", old), ("new", new)):
            db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?,?,?,?,?,?,?,?)", _rows(products))
        for table, skus in (("old_refused", old_refused), ("new_refused", new_refused)):
            db.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", ((sku,) for sku in skus))
        diff = CatalogueDiff()
        for kind, select in _CHANGES.items():
            (diff.counts[kind],) = db.execute(f"SELECT count(*) FROM ({select})").fetchone()
            rows = db.execute(f"{select} ORDER BY sku LIMIT ?", (limit,)).fetchall()
            diff.changes[kind] = tuple(Change(sku, title, *_said(kind, *values)) for sku, title, *values in rows)
        return diff


def _rows(products: Iterable[Product]) -> Iterator[tuple[str, str, str, int, int, int, str, str]]:
    for product in products:
        facts: dict[str, object] = {
            "brand": product.brand, "size": product.size, "category": " > ".join(product.category),
            "description": product.description, "rating tenths": product.rating_tenths, "reviews": product.reviews_count,
            "review": product.review, "gtin": product.gtin, "image": product.image_url,
        }  # fmt: skip
        for name, text in product.attributes:  # one may come twice, as "free from" does
            facts[name] = f"{facts[name]}, {text}" if facts.get(name) else text
        rest = json.dumps({name: _kept(str(fact)) for name, fact in facts.items() if fact not in ("", None)})
        allergens = ", ".join(product.allergens)
        price = product.price
        yield product.sku, product.title, price.currency, price.amount, product.stock, product.age_min, allergens, rest


def _kept(fact: str) -> tuple[str, str]:
    """A fact as it is shown, and a digest of one that is cut."""
    if len(fact) <= _FACT_LENGTH_MAX:
        return fact, ""
    return f"{fact[:_FACT_LENGTH_MAX]}…", hashlib.blake2b(fact.encode(), digest_size=16).hexdigest()


def _said(kind: str, before: object, after: object) -> tuple[str, str]:
    if kind == "other":
        old, new = json.loads(str(before)), json.loads(str(after))
        changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return _facts(old, changed), _facts(new, changed)
    return _value(kind, before), _value(kind, after)


def _facts(facts: dict[str, list[str]], names: Iterable[str]) -> str:
    return "; ".join(f"{name}: {facts[name][0] if name in facts else ''}" for name in names)


def _value(kind: str, value: object) -> str:
    if value is None:
        return ""
    if kind in ("added", "removed", "bad", "price"):
        amount, _, currency = str(value).partition(" ")
        return str(Money(int(amount), currency))
    return str(value)
