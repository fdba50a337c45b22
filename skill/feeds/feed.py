"""A feed as a stream of products, with what is wrong in it named row by row."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import chain, islice
from pathlib import Path

from skill.errors import FeedError
from skill.feeds.columns import MERCHANT, PLAIN, SHOPIFY, WOOCOMMERCE, Layout
from skill.feeds.delimited import check_header, delimited_rows, layout_of, read_header, unused_columns
from skill.feeds.json_lines import json_rows
from skill.feeds.merchant_xml import stated_encoding, xml_rows
from skill.feeds.rows import QUANTITY_PRESUMED, LeftOut, RawRow, Reading, RowProblem, check_row, shown
from skill.feeds.shopify import shopify_rows
from skill.feeds.source import Source, known_encoding, open_source
from skill.feeds.woocommerce import woocommerce_rows
from skill.shop.catalogue import Product

#: `--format` takes one of these; without it the content decides.
FORMATS = ("csv", "jsonl", "google-tsv", "google-xml", "meta-csv", "shopify-csv", "woocommerce-csv")
_DELIMITED: dict[str, Layout] = {
    "csv": PLAIN, "google-tsv": MERCHANT, "meta-csv": MERCHANT, "shopify-csv": SHOPIFY, "woocommerce-csv": WOOCOMMERCE,
}  # fmt: skip

#: Problems that are kept to be shown; all are counted.
PROBLEMS_KEPT_MAX = 1_000
#: Ids of refused rows that are kept, so that a comparison does not take their products for removed.
REFUSED_SKUS_MAX = 100_000
#: Names of keys that are kept to be told where they mean nothing.
_NAMES_KEPT_MAX = 1_000
#: Rows that are looked at before JSON or XML without a required field in any of them is taken for another kind of file.
_ROWS_PEEKED = 20
#: Memory for the SKUs seen, in KiB; what does not fit goes to a temporary file.
_SEEN_CACHE_KIB = 16_384

Rows = Iterator[RawRow | RowProblem | LeftOut | None]


@dataclass(slots=True)
class Feed:
    """A feed that can be read, once or again: each iteration starts at the top and counts anew.

    While and after it is iterated: `rows_count` rows read, `products_count` of them accepted, `refused_count` refused,
    `left_out_count` not for sale, by `LeftOut.kind` in `left_out_kinds`. `problems` are the first `PROBLEMS_KEPT_MAX` of refused
    rows, `warnings` those of accepted rows of which something was left out; `problem_kinds` and `warning_kinds` count them all.
    `refused_skus` are the ids of the first `REFUSED_SKUS_MAX` refused rows that have one.
    `sales_count` products have the price of a sale that ends, the first of these at `sales_end_at`. `notes` are remarks on the
    file as a whole.
    """

    path: Path
    format: str
    encoding: str
    reading: Reading
    notes: tuple[str, ...]
    source: Source
    _open_rows: Callable[[], Rows]
    #: Of a format without a header: what its rows say and mean nothing is noted once they have been read.
    _layout: Layout | None = None
    rows_count: int = 0
    products_count: int = 0
    refused_count: int = 0
    sales_count: int = 0
    sales_end_at: datetime | None = None
    left_out_kinds: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    refused_skus: list[str] = field(default_factory=list)
    problem_kinds: Counter[str] = field(default_factory=Counter)
    warning_kinds: Counter[str] = field(default_factory=Counter)

    @property
    def bytes_read(self) -> int:
        """How far the reader is in the file, of `bytes_total`."""
        return self.source.bytes_read

    @property
    def bytes_total(self) -> int:
        return self.source.bytes_total

    @property
    def left_out_count(self) -> int:
        return self.left_out_kinds.total()

    def __iter__(self) -> Iterator[Product]:
        """The accepted products, in the feed's order. Raises `FeedError` where nothing more can be read."""
        self.rows_count = self.products_count = self.refused_count = self.sales_count = 0
        self.sales_end_at = None
        self.problems, self.warnings = [], []
        self.refused_skus.clear()
        self.left_out_kinds = Counter()
        self.problem_kinds, self.warning_kinds = Counter(), Counter()
        names: dict[str, str] = {}
        with closing(_SeenSkus()) as seen:
            for row in self._open_rows():
                self.rows_count += 1
                if self._layout and isinstance(row, RawRow) and len(names) < _NAMES_KEPT_MAX:
                    names.update(row.names)
                if row is None or isinstance(row, LeftOut):
                    self.left_out_kinds[row.kind if row else "hidden"] += 1
                    continue
                if isinstance(row, RowProblem):
                    self._keep([row])
                    continue
                product, problems = check_row(row, self.reading)
                if isinstance(product, LeftOut):
                    self.left_out_kinds[product.kind] += 1
                    continue
                if product is not None and (first := seen.line_of(product.sku, row.line)):
                    remedy = f"line {first} has the same id: give each product one of its own, or remove one of the two"
                    column = row.columns.get("sku", "sku")
                    problems = [RowProblem(row.line, column, product.sku, remedy, "sku_twice")]
                    product = None
                if problems:
                    self._keep(problems)
                if product is None and len(self.refused_skus) < REFUSED_SKUS_MAX:
                    self.refused_skus.append(str(row.cells.get("sku") or "").strip())
                if product is not None:
                    self.products_count += 1
                    self._keep_sale(self.reading.sale_end_at)
                    yield product
        if self._layout and (unused := self._layout.unused(names)):
            self.notes = tuple(dict.fromkeys((*self.notes, _told_unused(unused))))

    def _keep_sale(self, end_at: datetime | None) -> None:
        if end_at is not None:
            self.sales_count += 1
            self.sales_end_at = min(end_at, self.sales_end_at or end_at)

    def _keep(self, problems: list[RowProblem]) -> None:
        self.refused_count += any(problem.refused for problem in problems)
        for problem in problems:
            kept, kinds = (
                (self.problems, self.problem_kinds) if problem.refused else (self.warnings, self.warning_kinds)
            )
            kinds[problem.kind] += 1
            if len(kept) < PROBLEMS_KEPT_MAX:
                kept.append(problem)


def _told_unused(columns: list[str]) -> str:
    return f"columns that were not used: {', '.join(map(shown, columns[:20]))}"


class _SeenSkus:
    """The SKUs so far, with their lines. A temporary SQLite file, so that a million of them do not have to fit in memory."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{_SEEN_CACHE_KIB};"
            "CREATE TABLE seen (sku TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID; BEGIN"
        )

    def line_of(self, sku: str, line: int) -> int | None:
        """The line that had this SKU before; None, and it is remembered, where none had."""
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?,?)", (sku, line)).rowcount:
            return None
        (first,) = self._db.execute("SELECT line FROM seen WHERE sku=?", (sku,)).fetchone()
        return int(first)

    def close(self) -> None:
        self._db.close()


def read_feed(
    path: Path,
    *,
    currency: str,
    now: datetime,
    format: str | None = None,  # noqa: A002  # the operator's own word, as in `--format`
    time_zone: tzinfo = UTC,
    quantity_presumed: int = QUANTITY_PRESUMED,
    language: str = "en",
    encoding: str | None = None,
    allergen_entry: Callable[[str], str] = lambda entry: "lists",
) -> Feed:
    """Opens a feed, finds out its format (one of `FORMATS`) and encoding, and checks its columns. No row is read yet.

    `currency` is the store's. `now` decides whether a sale price holds; sale periods without an offset are in `time_zone`.
    `quantity_presumed` is the stock of a product that is "in stock" without a number. `language` ("en") is that of the titles.
    `encoding` is the file's where it is known, such as `windows-1253`. `allergen_entry` is `Reading.allergen_entry`.
    Raises `FeedError` for a file that is no feed, with what to do.
    """
    source = open_source(Path(path))
    if format is not None and format not in FORMATS:
        raise FeedError(f"there is no feed format {format}: choose one of {', '.join(FORMATS)}")
    reading = Reading(currency, now, time_zone, quantity_presumed, language, allergen_entry)
    stated = known_encoding(encoding) if encoding else ""
    first = _first_character(source)
    if format == "google-xml" or (format is None and first == "<"):
        if _is_web_page(source):
            raise FeedError(
                f"{path} is a web page (HTML), perhaps an error or a sign-in: download the feed itself", path=str(path)
            )
        if stated:
            raise FeedError(
                f"{path} is XML, which states its encoding in its first line: correct it there", path=str(path)
            )
        peeked = _peek(source, lambda: xml_rows(source), MERCHANT)
        return Feed(source.path, "google-xml", stated_encoding(source), reading, (), source, peeked, MERCHANT)
    encoding, note = (stated, "") if stated else source.encoding(language)
    notes: tuple[str, ...] = (note,) if note else ()
    if format is None and first == "[":
        raise FeedError(f"{path} is one JSON list: write one object on each line instead (JSON Lines)", path=str(path))
    if format == "jsonl" or (format is None and first == "{"):
        peeked = _peek(source, lambda: json_rows(source, encoding), PLAIN)
        return Feed(source.path, "jsonl", encoding, reading, notes, source, peeked, PLAIN)
    header = read_header(source, encoding)
    format = format or layout_of(header.names, header.delimiter)  # noqa: A001
    layout = _DELIMITED[format]
    check_header(header, layout, source)
    if unused := unused_columns(header, layout):
        notes += (_told_unused(unused),)
    if layout in (SHOPIFY, WOOCOMMERCE):
        rows_of = shopify_rows if layout is SHOPIFY else woocommerce_rows
        return Feed(source.path, format, encoding, reading, notes, source, lambda: rows_of(source, encoding, header))
    return Feed(
        source.path, format, encoding, reading, notes, source, lambda: delimited_rows(source, encoding, header, layout)
    )


def _first_character(source: Source) -> str:
    with source.open_bytes() as stream:
        head = stream.read(4096)
    # Also right for UTF-16, whose zeros lie before or after each ASCII character.
    bare = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").lstrip()
    return chr(bare[0]) if bare else ""


def _is_web_page(source: Source) -> bool:
    with source.open_bytes() as stream:
        head = stream.read(4096)
    return re.match(rb"\s*<(!doctype\s+html|html)\b", head.lstrip(b"\xef\xbb\xbf"), re.IGNORECASE) is not None


def _peek(source: Source, open_rows: Callable[[], Rows], layout: Layout) -> Callable[[], Rows]:
    """Checks that the first rows have, between them, the required fields. JSON and XML have no header that would tell."""
    rows = open_rows()
    try:
        raw = [row for row in islice(rows, _ROWS_PEEKED) if isinstance(row, RawRow)]
    finally:
        rows.close()  # type: ignore[attr-defined]  # they are generators, and hold the file
    if raw:
        layout.require(chain.from_iterable(row.names for row in raw), str(source.path))
    return open_rows
