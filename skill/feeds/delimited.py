"""CSV and TSV of any layout: the delimiter and the header are found, rows are streamed with their line numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

from skill.errors import FeedError
from skill.feeds.columns import MERCHANT, PLAIN, SHOPIFY, WOOCOMMERCE, Layout, normal_name
from skill.feeds.rows import Cell, RawRow, RowProblem, shown
from skill.feeds.source import LINE_LENGTH_MAX, Source

_DELIMITERS = (",", "\t", ";", "|")
#: Lines before the header that may be comments, as Meta's templates have them, or empty.
_LINES_BEFORE_HEADER_MAX = 50
COLUMNS_MAX = 1_000
#: Columns that are known, from which on a comment is taken for a header.
_COLUMNS_TOLD_MIN = 3
#: Characters that are read again after rows whose quotes are broken. A file that needs more is broken all over.
_REREAD_MAX = 50_000_000

#: In these a line break is a quote that was not closed; a description may have several lines.
_FIELDS_OF_ONE_LINE = frozenset({"sku", "handle", "title", "price", "sale_price", "quantity", "availability"})
_LINE_END = re.compile("\r\n|\r|\n")
_LIKE_A_PRICE = re.compile(r"[^\d,.]{0,8}\d[\d.,' ]*[^\d]{0,8}\Z", re.ASCII)


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
    known = PLAIN.known() | MERCHANT.known() | SHOPIFY.known() | WOOCOMMERCE.known()
    with source.open_text(encoding) as text:
        for number, line in enumerate(bounded_lines(text, source), start=1):
            if number > _LINES_BEFORE_HEADER_MAX:
                break
            bare = line.strip().lstrip("\ufeff")
            if not bare or bare.lower().startswith("sep="):
                continue
            if bare.lstrip('"').startswith("#"):
                names = _split(bare.lstrip('"# '), known)[1]
                if (
                    normal_name(names[0]) in known
                    and sum(normal_name(name) in known for name in names) >= _COLUMNS_TOLD_MIN
                ):
                    raise FeedError(
                        f"line {number} of {source.path} names the columns behind a #, which makes it a comment: "
                        "remove the #",
                        path=str(source.path), line=number,
                    )  # fmt: skip
                continue
            best, columns = _split(bare, known)
            if len(columns) > COLUMNS_MAX:
                raise FeedError(f"{source.path} has {len(columns)} columns; at most {COLUMNS_MAX} are read")
            return Header(best, columns, number)
    raise FeedError(f"{source.path} has no header: name the columns in the first line", path=str(source.path))


def _split(line: str, known: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """The delimiter that makes the most known columns of a line (or else the most columns), and the columns. At least one."""
    rows = {delimiter: _cells(line, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: (sum(normal_name(c) in known for c in rows[d]), len(rows[d])))
    return best, tuple(column.strip() for column in rows[best]) or ("",)


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
    """Columns, as the file writes them, that mean nothing here, but for those that every such file has."""
    return layout.unused(dict(zip(header.names, header.columns, strict=True)))


def delimited_rows(
    source: Source, encoding: str, header: Header, layout: Layout
) -> Iterator[RawRow | RowProblem | None]:
    """The rows of the file; None for a row that is left out as not for sale. Raises `FeedError` for an endless line."""
    for read in table_rows(source, encoding, header, layout):
        if isinstance(read, RowProblem):
            yield read
        else:
            cells, row = read
            yield None if layout.is_left_out(cells) else row


def table_rows(
    source: Source, encoding: str, header: Header, layout: Layout
) -> Iterator[RowProblem | tuple[dict[str, Cell], RawRow]]:
    """Each row of `table` as the file has it, by normalized column, and as the layout reads it."""
    names = header.names
    as_written = dict(zip(names, header.columns, strict=True))
    for line, values in table(source, encoding, header, layout):
        if isinstance(values, RowProblem):
            yield values
        else:
            cells: dict[str, Cell] = dict(zip(names, values, strict=False))
            yield cells, layout.raw_row(line, cells, as_written)


def table(
    source: Source, encoding: str, header: Header, layout: Layout
) -> Iterator[tuple[int, Sequence[str] | RowProblem]]:
    """(line, cells) of each row below the header that is not empty; a `RowProblem` where a row cannot be taken apart.

    A row whose quotes are broken ends, for us, with its first line: what it would have swallowed is read by itself.
    Raises `FeedError` for an endless line, and where quotes are broken so often that the file cannot be read in time.
    """
    shape = _Shape(header, layout)
    with source.open_text(encoding) as text:
        lines = _Lines(bounded_lines(text, source), source)
        for _ in range(header.line):
            next(lines)
        # Strict, because a quote that is not closed would otherwise swallow the rows after it without a word.
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        while True:
            lines.begin_row()
            line = lines.number
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, _broken(line, lines.number - 1, str(error))
                lines.give_back()
                continue
            if not any(map(str.strip, values)):
                continue
            problem = shape.problem(line, values, lines.count)
            yield line, problem or values
            if problem:
                lines.give_back()


class _Lines:
    """The file's lines with their numbers, of which those of a broken row can be given back and read again."""

    def __init__(self, lines: Iterator[str], source: Source) -> None:
        self._lines, self._source = lines, source
        self._given_back: list[str] = []  # the next one last
        self._row: list[str] = []
        self._row_length = self._reread = 0
        self.number = 1  # of the line that comes next

    @property
    def count(self) -> int:
        """Lines of the row so far."""
        return len(self._row)

    def begin_row(self) -> None:
        self._row.clear()
        self._row_length = 0

    def give_back(self) -> None:
        """All lines of the row but the first are read again. Raises `FeedError` where there is no end to it."""
        again = self._row[1:]
        self._reread += sum(map(len, again))
        if self._reread > _REREAD_MAX:
            raise FeedError(
                f"the quotes of {self._source.path} are broken in too many rows, up to line {self.number - 1}: "
                'export it again, with each quote inside a quoted cell written twice ("")',
                path=str(self._source.path), line=self.number - 1,
            )  # fmt: skip
        self._given_back.extend(reversed(again))
        self.number -= len(again)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._given_back.pop() if self._given_back else next(self._lines)
        self.number += 1
        self._row.append(line)
        self._row_length += len(line)
        if self._row_length > LINE_LENGTH_MAX and len(self._row) > 1:
            raise csv.Error("row larger than limit")
        return line


class _Shape:
    """What a row of a table must look like before anything in it is read."""

    def __init__(self, header: Header, layout: Layout) -> None:
        self._header = header
        names = header.names
        #: Columns beyond the last one with a name are a spreadsheet's, and may be missing.
        self._named = max((n for n, name in enumerate(names, 1) if name), default=0)
        self._of_one_line = [
            n for n, name in enumerate(names) if layout.meanings.get(name, ("", 0))[0] in _FIELDS_OF_ONE_LINE
        ]
        self._price = min((n for n, name in enumerate(names) if name in layout.fields["price"]), default=None)

    def problem(self, line: int, values: Sequence[str], lines_count: int) -> RowProblem | None:
        delimiter, columns = self._header.delimiter, self._header.columns
        if len(values) > len(columns) and any(values[len(columns) :]):
            remedy = f"put quotes around a cell that has a {_name_of(delimiter)} in it"
            return self._wrong_width(line, values, len(columns), remedy, "cells_too_many")
        if len(values) < self._named:
            remedy = f"write each cell that is empty, too, with a {_name_of(delimiter)} before it"
            return self._wrong_width(line, values, self._named, remedy, "cells_too_few")
        if lines_count == 1:
            return None
        opened = line
        for n, value in enumerate(values):
            lines_more = len(_LINE_END.findall(value))
            if lines_more and (n in self._of_one_line or self._holds_rows(values, n)):
                return RowProblem(
                    line, columns[n], shown(value),
                    f"the quote that opens in line {opened} closes in line {opened + lines_more}, and what is between them is "
                    "no one cell: close it in its own line, or remove it",
                    "cell_of_many_lines",
                )  # fmt: skip
            opened += lines_more
        return None

    def _wrong_width(self, line: int, values: Sequence[str], width: int, remedy: str, kind: str) -> RowProblem:
        text = shown(self._header.delimiter.join(values))
        return RowProblem(line, "", text, f"the row has {len(values)} cells and the header {width}: {remedy}", kind)

    def _holds_rows(self, values: Sequence[str], n: int) -> bool:
        """Whether a cell of several lines is the rows that a stray quote ran together.

        A row that was swallowed had all its cells in one line, with a price where prices stand. Of the first and the last row
        that one counts whose price is inside the cell. No text has tabs in a table whose cells are separated by them.
        """
        delimiter, width = self._header.delimiter, len(self._header.columns)
        if delimiter == "\t" and "\t" in values[n]:
            return True
        if self._price is None:
            return False
        first, *within, last = (line.split(delimiter) for line in _LINE_END.split(values[n]))
        within.append([*values[:n], *first] if n < self._price else [*last, *values[n + 1 :]])
        return any(len(row) == width and row[0].strip() and _LIKE_A_PRICE.match(row[self._price]) for row in within)


def _broken(first: int, last: int, reason: str) -> RowProblem:
    where = f"line {first}" if last <= first else f"lines {first} to {last}"
    if "larger" in reason:
        remedy = f"a cell in {where} has more than {csv.field_size_limit()} characters: close its quotes, or shorten it"
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
    """The format that a header looks like: `shopify-csv`, `woocommerce-csv`, `meta-csv`, `google-tsv` or `csv`."""
    have = frozenset(names)
    if have & {"handle", "url_handle"} and have & {"variant_price", "option1_name", "option1_value"}:
        return "shopify-csv"
    if {"type", "name", "regular_price"} <= have and have & {
        "parent",
        "published",
        "visibility_in_catalog",
        "is_featured",
    }:
        return "woocommerce-csv"
    if "id" in have and "sku" not in have and have & {"availability", "image_link", "link"}:
        return "google-tsv" if delimiter == "\t" else "meta-csv"
    return "csv"
