from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from skill.errors import FeedError
from skill.feeds.columns import MERCHANT, PLAIN, SHOPIFY, WOOCOMMERCE, Layout, normal_name
from skill.feeds.rows import ProductRow

if TYPE_CHECKING:
    from tests.feeds.conftest import ReadAll


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("sku", "sku"),
        (" Image Link ", "image_link"),
        ("g:image_link", "image_link"),
        ("Body (HTML)", "body_html"),
        ("image[0].url", "image_0_url"),
        ("Κωδικός προϊόντος", "κωδικός_προϊόντος"),
    ],
)
def test_columns_are_compared_without_case_spaces_and_prefix(column: str, name: str) -> None:
    assert name == normal_name(column)


@pytest.mark.parametrize("layout", [PLAIN, MERCHANT])
def test_every_field_of_a_layout_is_one_of_the_schema(layout: Layout) -> None:
    assert set() == set(layout.fields) - set(ProductRow.model_fields)


@pytest.mark.parametrize("layout", [PLAIN, MERCHANT, SHOPIFY, WOOCOMMERCE])
def test_no_column_means_two_things(layout: Layout) -> None:
    columns = [column for columns in layout.fields.values() for column in columns] + list(layout.attributes)
    assert len(set(columns)) == len(columns)
    assert columns == [normal_name(column) for column in columns]


def test_the_first_column_that_is_filled_counts() -> None:
    row = PLAIN.raw_row(2, {"qty": "7", "stock": " ", "sku": "1"}, {"qty": "Qty", "stock": "Stock", "sku": "SKU"})
    assert {"quantity": "7", "sku": "1"} == row.cells
    assert "Qty" == row.columns["quantity"]
    row = PLAIN.raw_row(2, {"qty": "7", "stock": "8"}, {"qty": "Qty", "stock": "Stock"})
    assert {"quantity": "8"} == row.cells


def test_missing_columns_are_named_with_those_that_were_found() -> None:
    with pytest.raises(FeedError) as refused:
        PLAIN.require(["name", "cost"], "feed.csv")
    assert ("sku", "price", "quantity or availability") == refused.value.facts["missing"]
    assert "It has: cost, name" in str(refused.value)


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("Codice;Nome;Prezzo;Quantità", "codice, nome, prezzo, quantità"),
        ("Κωδικός,Τίτλος,Τιμή", "κωδικός, τίτλος, τιμή"),
    ],
)
def test_columns_in_another_language_are_told_as_they_are_with_the_names_that_are_known(
    read_all: ReadAll, header: str, seen: str
) -> None:
    with pytest.raises(FeedError) as refused:
        read_all(f"{header}\n1;2;3;4\n")
    assert f"It has: {seen}. Rename the columns (sku also id, product_id" in str(refused.value)
    assert "title also name, product_name, product; price also regular_price; quantity also stock" in str(refused.value)


def test_defaults_of_a_feed_do_not_become_attributes() -> None:
    names = {"age_group": "age_group", "gender": "gender", "color": "color"}
    row = MERCHANT.raw_row(2, {"age_group": "Adult", "gender": "unisex", "color": "red"}, names)
    assert {"attributes": {"color": "red"}} == row.cells


def test_columns_of_attributes_and_a_text_of_them_are_both_kept(read_all: ReadAll) -> None:
    feed, (oats, rice) = read_all(
        "sku,title,price,quantity,diet,color,attributes\n"
        '1,Oats,1.00,5,"vegan, gluten free",,brand line: x; diet: kosher\n2,Rice,1.00,5,vegan,white,\n'
    )
    assert (("diet", "vegan, gluten free, kosher"), ("brand line", "x")) == oats.attributes
    assert (("color", "white"), ("diet", "vegan")) == rice.attributes
    assert [] == feed.warnings


def test_a_diet_that_is_a_list_is_kept(read_all: ReadAll) -> None:
    row = {"sku": "1", "title": "Oats", "price": "1.00", "quantity": 1, "diet": ["vegan", "gluten free"]}
    _, (oats,) = read_all(json.dumps(row))
    assert (("diet", "vegan, gluten free"),) == oats.attributes


def test_an_attribute_without_a_name_is_warned_of(read_all: ReadAll) -> None:
    feed, (oats,) = read_all("sku,title,price,quantity,attributes\n1,Oats,1.00,5,vegan; color: white\n")
    assert (("color", "white"),) == oats.attributes
    assert ["attribute_unnamed"] == [each.kind for each in feed.warnings]
