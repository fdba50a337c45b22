"""WooCommerce's export: variations with what only their parents say, sales with their dates, and what is not for sale here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.feeds.conftest import ReadAll

HEADER = (
    "ID,Type,SKU,Name,Published,In stock?,Stock,Regular price,Sale price,Date sale price starts,Date sale price ends,"
    "Categories,Parent\n"
)


def test_products_and_variations_are_read(read_all: ReadAll, samples: Path) -> None:
    feed, products = read_all(samples / "woocommerce.csv")
    assert "woocommerce-csv" == feed.format
    assert [
        ("MILK-1", "Whole Milk, 1 l", 299, 12, "https://shop.example/m.jpg", "400000010014"),
        ("RED-M", "House Red - 1.5 l", 2500, 9, "", ""),
        ("13", "House Red - 750 ml", 1500, 0, "", ""),
        ("SALE-1", "Yesterday's sale", 400, 5, "", ""),
    ] == [(each.sku, each.title, each.price.amount, each.stock, each.image_url, each.gtin) for each in products]
    assert ("Fresh", "Dry") == (products[0].description, products[1].description)
    assert () == feed.notes


def test_what_is_not_for_sale_here_is_left_out_and_counted(read_all: ReadAll, samples: Path) -> None:
    feed, _ = read_all(samples / "woocommerce.csv")
    assert {"hidden": 2, "elsewhere": 1, "contract": 1} == dict(feed.left_out_kinds)
    assert 0 == feed.refused_count


def test_a_variation_is_of_every_category_of_its_parent(read_all: ReadAll, samples: Path) -> None:
    """A limit on wine knows the bottle, though its own row names no category."""
    _, (milk, magnum, bottle, plain) = read_all(samples / "woocommerce.csv")
    assert ("Specials", "Dairy", "Milk") == milk.category
    assert ("Gifts", "Food", "Wine") == magnum.category == bottle.category
    assert ("Food, plain",) == plain.category


def test_a_variation_without_its_parent_is_refused(read_all: ReadAll) -> None:
    feed, products = read_all(f"{HEADER}2,variation,B,Bottle,1,1,3,9.00,,,,,RED\n1,variable,RED,Red,1,1,,,,,,Wine,\n")
    assert [] == products
    (problem,) = feed.problems
    assert (2, "Parent", "RED", "parent_missing") == (problem.line, problem.column, problem.value, problem.kind)


@pytest.mark.parametrize(
    ("start", "end", "minor"),
    [
        ("", "", 100), ("2026-11-01", "", 100), ("", "2026-11-21", 100), ("", "2026-11-20", 400),
        ("2026-11-22", "", 400), ("2026-11-01 00:00:00", "2026-11-21 23:59:59", 100), ("2026-11-21", "2026-11-21", 100),
    ],
)  # fmt: skip
def test_a_sale_holds_between_its_dates(read_all: ReadAll, start: str, end: str, minor: int) -> None:
    _, (product,) = read_all(f"{HEADER}1,simple,A,Tea,1,1,3,4.00,1.00,{start},{end},Food,\n")
    assert minor == product.price.amount


def test_a_date_that_is_none_is_named_with_its_column(read_all: ReadAll) -> None:
    feed, products = read_all(f"{HEADER}1,simple,A,Tea,1,1,3,4.00,1.00,,10/11/2026,Food,\n")
    assert [] == products
    assert "Date sale price ends" == feed.problems[0].column


@pytest.mark.parametrize(
    ("in_stock", "stock", "pieces"), [("1", "", 20), ("0", "", 0), ("backorder", "", 0), ("1", "-4", 0)]
)
def test_stock_is_what_the_shop_counts(read_all: ReadAll, in_stock: str, stock: str, pieces: int) -> None:
    _, (product,) = read_all(f"{HEADER}1,simple,A,Tea,1,{in_stock},{stock},4.00,,,,Food,\n")
    assert pieces == product.stock


def test_a_table_of_ones_own_with_a_type_and_a_regular_price_keeps_its_category(read_all: ReadAll) -> None:
    feed, (product,) = read_all("sku,type,name,regular_price,stock,category\n1,bottle,House Red,9.00,3,Drinks > Wine\n")
    assert ("csv", ("Drinks", "Wine")) == (feed.format, product.category)
    feed, (product,) = read_all(
        "sku,type,name,regular_price,stock,category,published\n1,bottle,House Red,9.00,3,Drinks > Wine,1\n"
    )
    assert ("woocommerce-csv", ("Drinks", "Wine")) == (feed.format, product.category)


def test_every_column_of_categories_counts(read_all: ReadAll) -> None:
    _, (product,) = read_all(
        "sku,type,name,published,regular_price,stock,categories,department\n1,simple,House Red,1,9.00,3,Gifts,Wine\n"
    )
    assert {"Gifts", "Wine"} == set(product.category)
