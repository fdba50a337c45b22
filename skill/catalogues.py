"""An import: from a feed to a catalogue that can be searched and a shelf that can be bought from, all of it or nothing.

The new index is built beside the old one, in a folder of its own. Only when it is complete are the shelf (prices and stock, one
transaction) and then the index (one step of `Publications`, which has it by then) replaced. What a crash leaves:

- before the shelf is written: everything as it was;
- between the two: the old index over the new shelf. What is found is still what can be bought at the price that is charged,
  because a quote asks the shelf: withdrawn products cannot be ordered, new ones are not found yet. A note that lies there from
  before the shelf until after the index tells of it (`stopped_import`); the import is run again.

The other order would for a moment sell, from carts, what the new catalogue has withdrawn.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from skill.app import App
from skill.catalogue_diff import CatalogueDiff, diff_catalogues
from skill.errors import CatalogueMissing, FeedError, SalesEnded, StorageError
from skill.feeds import Feed, read_feed
from skill.guard.windows import zone
from skill.ports import Publication
from skill.search.avoiding import Avoided
from skill.search.catalogue import Sales, SearchCatalogue, open_catalogue
from skill.search.index import IndexInfo, build_index
from skill.search.languages import read_language
from skill.search.words import Words
from skill.shop.catalogue import Product, Sku

#: Products between two calls of `watch`.
_WATCH_STEP = 200

#: Products that are read at once for a comparison.
_DIFF_STEP = 500

#: Lies in the data directory with the version that is being put in place, while shelf and index may differ.
_UNDER_WAY = "catalogue.under-way"

#: Told how far the import is: what is being done, and bytes read of all bytes.
Watch = Callable[[str, int, int], None]

READING, BUILDING, RESTOCKING = "Reading", "Building the index", "Setting prices and stock"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has put in place. `version` is the index's."""

    version: str
    products_count: int
    size_bytes: int


def open_feed(
    app: App,
    path: Path,
    format: str | None = None,  # noqa: A002  # as in `--format`
    encoding: str | None = None,
) -> Feed:
    """The feed, read for the App's store: in its currency and language, with sale prices as they are now. Raises `FeedError`."""
    store = app.ports.store
    language = app.settings.locale.partition("-")[0]
    return read_feed(
        path,
        currency=store.currency,
        now=app.ports.clock.now_utc(),
        format=format,
        time_zone=zone(store.time_zone),
        language=language,
        encoding=encoding,
        allergen_entry=Avoided(Words(read_language(language))).entry,
    )


def import_catalogue(app: App, feed: Feed, *, keep_good: bool = False, watch: Watch | None = None) -> Imported:
    """Replaces the store's catalogue, prices and stock with the feed's. Reservations are not touched.

    Raises `FeedError`, with nothing changed, where a row is bad (with `keep_good`: where none is good), and `StorageError`
    where another import is under way.
    """
    data_dir = app.settings.data_dir
    with _only_import(data_dir), _workshop(data_dir) as folder:
        index = folder / "catalogue.index"
        products = checked_products(feed, keep_good=keep_good, watch=watch)
        info = build_index(products, index, locale=app.settings.locale, facts=lambda: _sales_facts(feed))
        if watch:
            watch(RESTOCKING, feed.bytes_total, feed.bytes_total)
        _put_in_place(app, index)
    return Imported(info.version, info.products_count, info.size_bytes)


def publish_index(app: App, index: Path, *, ended_sales_too: bool = False) -> Imported:
    """Puts an index that was built before in the place of the store's, with the prices and the stock that its feed had.

    Raises `CatalogueMissing` for a file that is damaged or no index of this version, `CurrencyMismatch` for one of another
    currency, `StorageError` where an import is under way, and, without `ended_sales_too`, `SalesEnded` where one of its prices is
    that of a sale that is over by now.
    """
    with closing(open_catalogue(index)) as opened:
        opened.check()
        sales = opened.sales
    if sales and sales.end_at <= app.ports.clock.now_utc() and not ended_sales_too:
        raise SalesEnded(
            f"{sales.count} prices of {index} are those of sales, and the first of these ended at {sales.end_at:%Y-%m-%d %H:%M} "
            "UTC: import the feed of today, or take the prices as they are with --ended-sales-too",
            sales=sales.count, ended_at=sales.end_at.isoformat(),
        )  # fmt: skip
    with _only_import(app.settings.data_dir):
        return _put_in_place(app, index)


def roll_back(app: App, version: str, *, ended_sales_too: bool = False) -> Imported:
    """As if the feed of a catalogue that was published before had been imported again: its prices and its stock too.

    Raises as `publish_index` does, and `CatalogueMissing` for a version that is not kept.
    """
    return publish_index(app, app.ports.publications.fetch(version), ended_sales_too=ended_sales_too)


def _sales_facts(feed: Feed) -> dict[str, str]:
    return Sales(feed.sales_count, feed.sales_end_at).facts() if feed.sales_end_at else {}


def _put_in_place(app: App, index: Path) -> Imported:
    with closing(open_catalogue(index)) as opened:
        publication = Publication(opened.version, opened.count, app.ports.clock.now_utc())
        # What needs room or a connection comes before the prices, because after them a failure leaves the old index over them.
        kept = app.ports.publications.keep(index, publication)
        note = app.settings.data_dir / _UNDER_WAY
        _write_through(note, publication.version)
        app.ports.inventory.restock(opened.shelf())
    try:
        app.ports.publications.publish(kept, publication)
    except StorageError as error:
        raise StorageError(
            f"prices and stock are the new ones already, but what is found is still the old catalogue: {error}; "
            "when that is mended, do the same again"
        ) from error
    note.unlink(missing_ok=True)
    return Imported(publication.version, publication.products_count, index.stat().st_size)


def stopped_import(data_dir: Path, version: str) -> str:
    """The version of a catalogue whose prices and stock may be on the shelf while that of `version` is found, because putting it
    in place was stopped; empty where all is well, or an import is under way. `version` is empty where there is none yet."""
    try:
        begun = (data_dir / _UNDER_WAY).read_text(encoding="utf-8")
        with _only_import(data_dir):
            return "" if begun == version else begun
    except (FileNotFoundError, StorageError):
        return ""


def told_of_stopped_import(stopped: str, version: str) -> str:
    """What the operator hears of it."""
    return (
        f"catalogue {stopped} was not put in place to the end: prices and stock may be its own already, while "
        f"{version or 'nothing'} is found; finish it with `sayso catalogue roll-back {stopped}`, or import again"
    )


def _write_through(path: Path, text: str) -> None:
    """Writes a file that a power cut does not take back."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def diff_with_current(app: App, index: Path, *, limit: int) -> CatalogueDiff:
    """What would change if the index were published; at most `limit` changes of each kind. Where there is no catalogue yet,
    everything is new. Raises `CatalogueMissing` for a file that is no index, or damaged.
    """
    with closing(open_catalogue(index)) as new:
        new.check()
        try:
            old = open_catalogue(app.catalogue.path)
        except CatalogueMissing:
            return diff_catalogues((), indexed_products(new), limit=limit)
        with closing(old):
            return diff_catalogues(indexed_products(old), indexed_products(new), limit=limit)


def indexed_products(opened: SearchCatalogue) -> Iterator[Product]:
    """Every product of an index, as it is told of."""
    some: list[Sku] = []
    for product in opened.shelf():
        some.append(product.sku)
        if len(some) == _DIFF_STEP:
            yield from opened.products(some).values()
            some = []
    yield from opened.products(some).values()


def build_catalogue(
    app: App, feed: Feed, index: Path, *, keep_good: bool = False, watch: Watch | None = None
) -> IndexInfo:
    """Writes the feed's index to a file and changes nothing else. Raises `FeedError` as `import_catalogue` does."""
    products = checked_products(feed, keep_good=keep_good, watch=watch)
    return build_index(products, index, locale=app.settings.locale, facts=lambda: _sales_facts(feed))


def checked_products(feed: Feed, *, keep_good: bool, watch: Watch | None = None) -> Iterator[Product]:
    """The feed's products. Raises `FeedError` after the last row where a row was bad, so that every bad row has been seen."""
    for number, product in enumerate(feed):
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
