"""Shopify's product CSV: several rows a product, one for each variant, of which the first alone has the title.

Each variant becomes a product of its own. An option that is a size becomes the size; the others join the title, so that what
is read aloud tells variants apart: "Cotton T-Shirt, Blue" in "large". Where a value says nothing by itself, its option's name is
said, too: "Gold Ring, engraving no" in "ring size 7".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from skill.errors import FeedError
from skill.feeds.columns import SHOPIFY
from skill.feeds.delimited import Header, table_rows
from skill.feeds.rows import Cell, LeftOut, RawRow, RowProblem, shown
from skill.feeds.source import Source
from skill.feeds.spoken import can_be_said, option_words

#: What a variant's row leaves out and the product's first row has.
_OF_PRODUCT = (
    "title", "brand", "category", "category_others", "description", "tags", "published", "status", "gift_card", "product_image",
    "option1_name", "option2_name", "option3_name", "condition", "allergens", "rating", "reviews_count", "age_min", "attributes",
)  # fmt: skip
_OPTIONS = (1, 2, 3)


def shopify_rows(source: Source, encoding: str, header: Header) -> Iterator[RawRow | RowProblem | LeftOut]:
    """A row for each variant; `LeftOut` for those of drafts, of archived and of unpublished products, and for gift cards.

    Rows that only add a picture are passed over. A variant that does not follow its product's first row is refused.
    Raises `FeedError` where Shopify counts the stock and the file has no column of it.
    """
    says_stock = not frozenset(SHOPIFY.fields["quantity"]).isdisjoint(header.names)
    product: Mapping[str, Cell] = {}
    for read in table_rows(source, encoding, header, SHOPIFY):
        if isinstance(read, RowProblem):
            yield read
            continue
        _, row = read
        if not row.cells.get("title") and row.cells.get("handle") != product.get("handle"):
            column, handle = row.columns.get("title", "title"), shown(row.cells.get("handle"))
            remedy = (
                "the row above is of another product: sort the file by Handle, with the row that has the Title first"
            )
            yield RowProblem(row.line, column, handle, remedy, "title_missing")
            continue
        if row.cells.get("title"):
            product = {name: cell for name in ("handle", *_OF_PRODUCT) if (cell := row.cells.get(name))}
        elif not any(row.cells.get(name) for name in ("price", "sku", "option1_value")):
            continue  # one more picture
        variant = _variant(row, product)
        if isinstance(variant, RawRow) and not says_stock and _said(row.cells, "tracker") and not _sells_on(row.cells):
            raise FeedError(
                f"{source.path} lacks the column {SHOPIFY.fields['quantity'][0]}, and Shopify counts the stock of the product in "
                f"line {row.line}: Shopify leaves it out where a shop has several locations; export the inventory too and add it "
                "as that column",
                path=str(source.path), line=row.line,
            )  # fmt: skip
        yield variant


def _variant(row: RawRow, product: Mapping[str, Cell]) -> RawRow | LeftOut:
    both = {**product, **row.cells}
    if _said(both, "status") in ("draft", "archived", "unlisted") or _said(both, "published") in ("false", "no", "0"):
        return LeftOut("hidden")
    if _said(both, "gift_card") in ("true", "yes", "1") or _said(both, "fulfillment") == "gift_card":
        return LeftOut("gift_card")  # money, which Sayso can neither send nor take back
    words = option_words()
    size, further = "", []
    given = both.get("attributes")
    attributes: dict[str, Cell] = dict(given) if isinstance(given, dict) else {}
    unsaid = unsaid_in = ""
    for number, name, value in _options(both):
        if not size and words.is_size(name, value):
            size = words.said(name, value)
        else:
            if can_be_said(value):
                further.append(words.said(name, value))
            else:
                unsaid, unsaid_in = value, f"option{number}_value"
            attributes["color" if words.is_color(name) else name] = value
    cells: dict[str, Cell] = {
        name: both[name]
        for name in (
            "price", "brand", "category", "category_others", "description", "gtin", "condition", "reviews_count", "age_min",
        )
        if name in both
    }  # fmt: skip
    if title := str(both.get("title") or ""):
        cells["title"] = ", ".join((title, *further))
    cells["allergens"] = _listed(both.get("allergens"))
    cells["rating"] = _stars(both.get("rating"))
    cells["sku"] = both.get("sku") or _sku(both)
    cells["size"] = size
    cells["unsaid"] = unsaid
    cells["image_url"] = row.cells.get("variant_image") or product.get("product_image")
    if tags := str(both.get("tags") or ""):
        attributes["tags"] = ", ".join(each.strip() for each in tags.split(",")[:20])[:200]
    cells["attributes"] = dict(attributes)
    cells |= _stock(row, both)
    # What a problem with a picture is called in the file depends on which of the two columns it came from.
    picture = "variant_image" if row.cells.get("variant_image") else "product_image"
    columns = {
        **row.columns,
        "image_url": row.columns.get(picture, picture),
        "unsaid": row.columns.get(unsaid_in, unsaid_in),
    }
    return RawRow(row.line, cells, columns, row.names)


def _listed(cell: Cell) -> Cell:
    """A metafield's list: `peanuts; soy`, or `["peanuts","soy"]`."""
    value = _json(cell)
    return value if isinstance(value, list) else cell


def _stars(cell: Cell) -> Cell:
    """A metafield's rating, `{"value": "4.5", "scale_min": "1.0", "scale_max": "5.0"}`; none that is out of another number."""
    value = _json(cell)
    if isinstance(value, dict):
        return str(value.get("value") or "") if str(value.get("scale_max")) in ("5.0", "5") else None
    return cell


def _json(cell: Cell) -> object:
    try:
        return json.loads(str(cell or ""))
    except (ValueError, RecursionError):
        return None


def _said(cells: Mapping[str, Cell], name: str) -> str:
    return str(cells.get(name) or "").strip().lower()


def _options(cells: Mapping[str, Cell]) -> Iterator[tuple[int, str, str]]:
    """(number, name, value) of the options. Shopify writes Title: Default Title for a product that has none."""
    for number in _OPTIONS:
        value = str(cells.get(f"option{number}_value") or "").strip()
        name = str(cells.get(f"option{number}_name") or f"option {number}").strip()
        if value and value.lower() not in ("default title", "default"):
            yield number, name, value


def _sku(cells: Mapping[str, Cell]) -> str:
    """An id for a variant without one: the product's handle and the options, which Shopify keeps unique together."""
    parts = [str(cells.get("handle") or ""), *(value for _, _, value in _options(cells))]
    return "/".join(re.sub(r"\s+", "-", part.strip().lower()) for part in parts if part.strip())


def _stock(row: RawRow, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """`quantity` where Shopify counts this variant, otherwise `availability`: it sells without counting.

    Neither where Shopify counts and the cell is empty: nobody knows, and the row is refused.
    """
    quantity = str(cells.get("quantity") or "").strip()
    if _sells_on(cells) and _is_nothing(quantity):
        return {"availability": "in_stock"}
    if not _said(cells, "tracker") and ("tracker" in row.columns or not quantity):
        return {"availability": "in_stock"}
    if not quantity:
        return {}
    # Shopify counts below zero what was sold beyond the stock; on the shelf that is none.
    return {"quantity": "0" if re.fullmatch(r"-\d+", quantity) else quantity}


def _sells_on(cells: Mapping[str, Cell]) -> bool:
    return _said(cells, "policy") in ("continue", "true", "yes")


def _is_nothing(quantity: str) -> bool:
    return quantity.startswith("-") or quantity.strip("0.") == ""
