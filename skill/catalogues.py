"""An import: from a feed to a catalogue that can be searched and a shelf that can be bought from, all of it or nothing.

The new index is built beside the old one, in a folder of its own. Only when it is complete are the shelf (prices and stock, one
transaction) and then the index (one rename) replaced. What a crash leaves:

- before the shelf is written: everything as it was;
- between the two: the old index over the new shelf. What is found is still what can be bought at the price that is charged,
  because a quote asks the shelf: withdrawn products cannot be ordered, new ones are not found yet. The import is run again.

The other order would for a moment sell, from carts, what the new catalogue has withdrawn.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from skill.app import App
from skill.errors import FeedError, StorageError
from skill.feeds import Feed, read_feed
from skill.guard.windows import zone
from skill.search.index import IndexInfo, build_index
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

#: Products between two calls of `watch`.
_WATCH_STEP = 200

#: Told how far the import is: what is being done, and bytes read of all bytes.
Watch = Callable[[str, int, int], None]

READING, BUILDING, RESTOCKING = "Reading", "Building the index", "Setting prices and stock"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has put in place. `version` is the index's."""

    version: str
    products_count: int
    size_bytes: int


def open_feed(app: App, path: Path, format: str | None = None) -> Feed:  # noqa: A002  # as in `--format`
    """The feed, read for the App's store: in its currency, with sale prices as they are now. Raises `FeedError`."""
    store = app.ports.store
    return read_feed(
        path, currency=store.currency, now=app.ports.clock.now_utc(), format=format, time_zone=zone(store.time_zone)
    )


def import_catalogue(app: App, feed: Feed, *, keep_good: bool = False, watch: Watch | None = None) -> Imported:
    """Replaces the store's catalogue, prices and stock with the feed's. Reservations are not touched.

    Raises `FeedError`, with nothing changed, where a row is bad (with `keep_good`: where none is good), and `StorageError`
    where another import is under way.
    """
    data_dir = app.settings.data_dir
    with _only_import(data_dir), _workshop(data_dir) as folder:
        shelf = folder / "shelf.jsonl"
        index = folder / "catalogue.index"
        with shelf.open("w", encoding="utf-8") as spool:
            products = checked_products(feed, keep_good=keep_good, spool=spool, watch=watch)
            info = build_index(products, index, locale=app.settings.locale)
        if watch:
            watch(RESTOCKING, feed.bytes_total, feed.bytes_total)
        app.ports.inventory.restock(_spooled(shelf, feed.reading.currency))
        os.replace(index, data_dir / "catalogue.index")
        _sync_folder(data_dir)
    return Imported(info.version, info.products_count, info.size_bytes)


def build_catalogue(
    app: App, feed: Feed, index: Path, *, keep_good: bool = False, watch: Watch | None = None
) -> IndexInfo:
    """Writes the feed's index to a file and changes nothing else. Raises `FeedError` as `import_catalogue` does."""
    return build_index(checked_products(feed, keep_good=keep_good, watch=watch), index, locale=app.settings.locale)


def checked_products(
    feed: Feed, *, keep_good: bool, spool: IO[str] | None = None, watch: Watch | None = None
) -> Iterator[Product]:
    """The feed's products; what is put on the shelf also goes to `spool`, so that the feed is read once.

    Raises `FeedError` after the last row where a row was bad, so that every bad row has been seen by then.
    """
    for number, product in enumerate(feed):
        if spool is not None:
            spool.write(json.dumps((product.sku, product.price.amount, product.stock)) + "\n")
        if watch and number % _WATCH_STEP == 0:
            watch(READING, feed.bytes_read, feed.bytes_total)
        yield product
    if watch:
        watch(BUILDING, feed.bytes_total, feed.bytes_total)
    if feed.refused_count and not keep_good:
        raise FeedError(
            f"nothing was imported: {feed.refused_count} of {feed.rows_count} rows of {feed.path} are bad; "
            "mend them, or import the good ones alone with --keep-good",
            refused=feed.refused_count,
        )
    if not feed.products_count:
        raise FeedError(
            f"nothing was imported: {feed.path} has no product that can be sold", refused=feed.refused_count
        )
    if spool is not None:
        spool.flush()


def _spooled(shelf: Path, currency: str) -> Iterator[Product]:
    """What the shelf must know of each product: id, price and stock."""
    with shelf.open(encoding="utf-8") as spool:
        for line in spool:
            sku, amount, stock = json.loads(line)
            yield Product(sku=Sku(sku), title="", price=Money(amount, currency), stock=stock)


@contextmanager
def _only_import(data_dir: Path) -> Iterator[None]:
    """Keeps two imports apart: one's shelf with the other's index would be neither feed. A killed import lets go by itself."""
    with (data_dir / "catalogue.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError(f"another import into {data_dir} is under way: wait until it has ended") from error
        yield


@contextmanager
def _workshop(data_dir: Path) -> Iterator[Path]:
    """A folder for what is being built, on the file system of its destination; what a killed import left in it goes first."""
    folder = data_dir / "catalogue.import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
