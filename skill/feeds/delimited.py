"""CSV and TSV of any layout: the delimiter and the header are found, rows are streamed with their line numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

from skill.errors import FeedError
from skill.feeds.columns import MERCHANT, PLAIN, SHOPIFY, Layout, normal_name
from skill.feeds.rows import Cell, RawRow, RowProblem, shown
from skill.feeds.source import LINE_LENGTH_MAX, Source

_DELIMITERS = (",", "\t", ";", "|")
#: Lines before the header that may be comments, as Meta's templates have them, or empty.
_LINES_BEFORE_HEADER_MAX = 50
COLUMNS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Header:
    """The header as it was found: `columns` as written, `line` counted from 1."""

    delimiter: str
    columns: tuple[str, ...]
    line: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(normal_name(column) for column in self.columns)


def read_header(source: Source, encoding: str) -> Header:
    """Finds the header and what separates its columns. Raises `FeedError` where the file has none."""
    known = PLAIN.known() | MERCHANT.known() | SHOPIFY.known()
    with source.open_text(encoding) as text:
        for number, line in enumerate(bounded_lines(text, source), start=1):
            if number > _LINES_BEFORE_HEADER_MAX:
                break
            bare = line.strip().lstrip("\ufeff")
            if not bare or bare.lstrip('"').startswith("#") or bare.lower().startswith("sep="):
                continue
            best = max(_DELIMITERS, key=lambda d: sum(normal_name(c) in known for c in _cells(bare, d)))
            columns = tuple(column.strip() for column in _cells(bare, best))
            if len(columns) > COLUMNS_MAX:
                raise FeedError(f"{source.path} has {len(columns)} columns; at most {COLUMNS_MAX} are read")
            return Header(best, columns, number)
    raise FeedError(f"{source.path} has no header: name the columns in the first line", path=str(source.path))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def check_header(header: Header, layout: Layout, source: Source) -> None:
    """Raises `FeedError` where columns are missing, or one that counts comes twice."""
    names = header.names
    layout.require((name for name in names if name), str(source.path))
    known = layout.known()
    for first, second in pairwise(sorted(names)):
        if first == second and first in known:
            raise FeedError(f"{source.path} has the column {first} twice: keep one of them", path=str(source.path))


def unused_columns(header: Header, layout: Layout) -> list[str]:
    """Columns, as the file writes them, that mean nothing here."""
    known = layout.known()
    return [column for column, name in zip(header.columns, header.names, strict=True) if name not in known and column]


def delimited_rows(
    source: Source, encoding: str, header: Header, layout: Layout
) -> Iterator[RawRow | RowProblem | None]:
    """The rows of the file; None for a row that is left out as not for sale. Raises `FeedError` for an endless line."""
    names = header.names
    as_written = dict(zip(names, header.columns, strict=True))
    for line, values in table(source, encoding, header):
        if isinstance(values, RowProblem):
            yield values
            continue
        cells: dict[str, Cell] = dict(zip(names, values, strict=False))
        yield None if layout.is_left_out(cells) else layout.raw_row(line, cells, as_written)


def table(
    source: Source, encoding: str, header: Header
) -> Iterator[tuple[int, Sequence[str]] | tuple[int, RowProblem]]:
    """(line, cells) of each row below the header that is not empty; a `RowProblem` where a row cannot be taken apart."""
    width = len(header.columns)
    with source.open_text(encoding) as text:
        lines = bounded_lines(text, source)
        for _ in range(header.line):
            next(lines)
        # Strict, because a quote that is not closed would otherwise swallow the rows after it without a word.
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        while True:
            line = header.line + reader.line_num + 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, _broken(line, header.line + reader.line_num, str(error))
                continue
            if not any(values):
                continue
            if len(values) > width and any(values[width:]):
                yield line, RowProblem(
                    line, "", shown(header.delimiter.join(values)),
                    f"the row has {len(values)} cells and the header {width}: put quotes around a cell that has a "
                    f"{_name_of(header.delimiter)} in it",
                    "cells_too_many",
                )  # fmt: skip
                continue
            yield line, values


def _broken(first: int, last: int, reason: str) -> RowProblem:
    where = f"line {first}" if last <= first else f"lines {first} to {last}"
    if "field larger" in reason:
        remedy = f"a cell in {where} does not end: close its quotes"
    else:
        remedy = f'the quotes in {where} do not pair up: write a quote inside a quoted cell twice ("")'
    return RowProblem(first, "", where, remedy, "quotes_broken")


def _name_of(delimiter: str) -> str:
    return {",": "comma", "\t": "tab", ";": "semicolon"}.get(delimiter, delimiter)


def bounded_lines(text: IO[str], source: Source) -> Iterator[str]:
    """Lines with their ends. Raises `FeedError` at one longer than `LINE_LENGTH_MAX`."""
    number = 0
    while line := text.readline(LINE_LENGTH_MAX):
        number += 1
        if len(line) >= LINE_LENGTH_MAX and not line.endswith(("\n", "\r")):
            raise FeedError(
                f"line {number} of {source.path} has more than {LINE_LENGTH_MAX} characters: "
                "the file is damaged, or no table; export it again",
                path=str(source.path), line=number,
            )  # fmt: skip
        yield line


def layout_of(names: Iterable[str], delimiter: str) -> str:
    """The format that a header looks like: `shopify-csv`, `meta-csv`, `google-tsv` or `csv`."""
    have = frozenset(names)
    if have & {"handle", "url_handle"} and have & {"variant_price", "option1_name", "option1_value"}:
        return "shopify-csv"
    if "id" in have and "sku" not in have and have & {"availability", "image_link", "link"}:
        return "google-tsv" if delimiter == "\t" else "meta-csv"
    return "csv"
