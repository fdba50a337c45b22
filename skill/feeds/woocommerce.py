"""WooCommerce's product CSV: a row for each product and, apart from it, one for each of its variations.

A variation has a price and a stock of its own and little else: what it is, its categories above all, stands in its parent's row,
which may be far above. Without them a limit on wine would not know the bottle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from skill.errors import FeedError
from skill.feeds.columns import WOOCOMMERCE
from skill.feeds.delimited import Header, table_rows
from skill.feeds.rows import Cell, LeftOut, RawRow, RowProblem, shown
from skill.feeds.source import Source

#: Products with variations that are kept in mind for them.
PARENTS_MAX = 200_000

#: What a variation's row leaves out and its parent's has.
_OF_PARENT = (
    "brand", "category", "category_others", "description", "age_min", "adult", "allergens", "attributes", "image_url",
    "rating", "reviews_count", "review",
)  # fmt: skip

#: A comma in a category's own name is written with a backslash before it.
_BETWEEN_CATEGORIES = re.compile(r"(?<!\\),")


class _Parent(NamedTuple):
    """What its variations have of it; `hidden` where it is not published, nor are they."""

    cells: Mapping[str, Cell]
    hidden: bool


def woocommerce_rows(source: Source, encoding: str, header: Header) -> Iterator[RawRow | RowProblem | LeftOut]:
    """A row for each product that can be bought. Raises `FeedError` for more products with variations than can be kept in mind."""
    parents: dict[str, _Parent] = {}
    for read in table_rows(source, encoding, header, WOOCOMMERCE):
        if isinstance(read, RowProblem):
            yield read
            continue
        cells, as_read = read
        types = {each.strip() for each in str(cells.get("type") or "").lower().split(",")}
        row, hidden = _read(as_read), WOOCOMMERCE.is_left_out(cells)
        if types & {"variable", "variable-subscription"}:
            if len(parents) >= 2 * PARENTS_MAX:
                raise FeedError(
                    f"{source.path} has more than {PARENTS_MAX} products with variations: split it",
                    path=str(source.path),
                )
            own = {name: row.cells[name] for name in (*_OF_PARENT, "quantity") if row.cells.get(name)}
            for name in filter(None, (str(cells.get("sku") or "").strip(), f"id:{cells.get('id')}")):
                parents[name] = _Parent(own, hidden)
            continue  # its variations are what is sold
        if "grouped" in types:
            continue  # names others, which have rows of their own
        parent = _Parent({}, hidden=False)
        if "variation" in types:
            named = str(cells.get("parent") or "").strip()
            if named not in parents:
                remedy = (
                    "the product that this is a variation of stands in no row above: export all products, sorted by ID"
                )
                yield RowProblem(row.line, row.columns.get("parent", "Parent"), shown(named), remedy, "parent_missing")
                continue
            parent = parents[named]
        if hidden or parent.hidden:
            yield LeftOut("hidden")
        elif "external" in types:
            yield LeftOut("elsewhere")
        elif any("subscription" in each for each in types):
            yield LeftOut("contract")
        else:
            yield _of_parent(row, parent.cells)


def _of_parent(row: RawRow, parent: Mapping[str, Cell]) -> RawRow:
    """The row with what its parent says for it. A stock that is the parent's is any variation's."""
    own = dict(row.cells)
    if str(own.get("quantity") or "").strip().lower() == "parent":
        own["quantity"] = parent.get("quantity")
    both = {name: cell for name, cell in parent.items() if name != "quantity"} | own
    categories = [path for cells in (own, parent) for path in _categories(cells)]
    if categories:
        both["category"], *others = categories
        both["category_others"] = list(others)
    return RawRow(row.line, both, row.columns, row.names)


def _categories(cells: Mapping[str, Cell]) -> list[Cell]:
    others = cells.get("category_others")
    return [*filter(None, [cells.get("category")]), *(others if isinstance(others, list) else ())]


def _read(row: RawRow) -> RawRow:
    """The row in our own way of writing."""
    cells, columns = dict(row.cells), dict(row.columns)
    start, end = (str(cells.pop(name, None) or "").strip() for name in ("sale_start", "sale_end"))
    if start or end:
        cells["sale_price_effective_date"] = f"{start or '1970-01-01'}/{end or '9999-12-31'}"
        columns["sale_price_effective_date"] = columns["sale_end" if end else "sale_start"]
    if category := cells.get("category"):
        paths = [each.replace("\\,", ",").strip() for each in _BETWEEN_CATEGORIES.split(str(category))]
        cells["category"], *others = list(filter(None, paths)) or [""]
        further = cells.get("category_others")
        cells["category_others"] = [*others, *(further if isinstance(further, list) else ())]
    if images := str(cells.get("image_url") or ""):
        cells["image_url"] = images.split(",")[0].strip()
    # Below zero is what was sold beyond the stock; on the shelf that is none.
    if re.fullmatch(r"-\d+", str(cells.get("quantity") or "").strip()):
        cells["quantity"] = "0"
    return RawRow(row.line, cells, columns, row.names)
