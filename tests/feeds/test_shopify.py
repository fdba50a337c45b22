from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from skill.errors import FeedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.feeds.conftest import ReadAll

HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Status,Published,Image Src\n"
)


def test_variants_become_products_that_can_be_told_apart_by_ear(read_all: ReadAll, samples: Path) -> None:
    feed, products = read_all(samples / "shopify.csv")
    assert "shopify-csv" == feed.format
    assert [
        ("TS-BLU-S", "Cotton T-Shirt, Blue", "small", 1999, 12, "https://shop.example/ts-blue.jpg"),
        ("TS-BLU-XL", "Cotton T-Shirt, Blue", "extra large", 2199, 0, "https://shop.example/ts.jpg"),
        ("house-tea", "House Tea", "", 850, 20, ""),
    ] == [(p.sku, p.title, p.size, p.price.amount, p.stock, p.image_url) for p in products]
    assert (("color", "Blue"), ("tags", "cotton, summer")) == products[1].attributes
    assert ("Soft cotton.", "Thistledown", "400000010014") == (
        products[0].description,
        products[0].brand,
        products[0].gtin,
    )


def test_drafts_and_unpublished_products_are_left_out_and_counted(read_all: ReadAll, samples: Path) -> None:
    feed, products = read_all(samples / "shopify.csv")
    assert (2, 0) == (feed.left_out_count, feed.refused_count)
    assert set() == {"SEC-1", "HID-1"} & {product.sku for product in products}


@pytest.mark.parametrize(("column", "value"), [("Gift Card", "true"), ("Variant Fulfillment Service", "gift_card")])
def test_gift_cards_are_left_out_and_counted_as_what_they_are(read_all: ReadAll, column: str, value: str) -> None:
    content = (
        f"Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,{column}\n"
        f"gift,Gift Card,Value,$10,GC10,10.00,{value}\n"
        f"gift,,,$25,GC25,25.00,{value if 'Variant' in column else ''}\n"
        "mug,Mug,,,MUG,9.00,\n"
    )
    feed, products = read_all(content)
    assert ["MUG"] == [product.sku for product in products]
    assert {"gift_card": 2} == dict(feed.left_out_kinds)


def test_the_newer_column_names_are_read_too(read_all: ReadAll, samples: Path) -> None:
    _, products = read_all(samples / "shopify-new.csv")
    assert [("GRAN-12", "12 oz", 549, 20), ("GRAN-32", "32 oz", 1199, 4)] == [
        (p.sku, p.size, p.price.amount, p.stock) for p in products
    ]


@pytest.mark.parametrize(
    ("tracker", "quantity", "policy", "stock"),
    [
        ("shopify", "5", "deny", 5),
        ("shopify", "-5", "deny", 0),
        ("shopify", "-5", "continue", 20),
        ("shopify", "0", "continue", 20),
        ("shopify", "5", "continue", 5),
        ("", "0", "deny", 20),
        ("shopify", "", "continue", 20),
        ("", "", "deny", 20),
    ],
)
def test_stock_is_what_shopify_counts(read_all: ReadAll, tracker: str, quantity: str, policy: str, stock: int) -> None:
    _, (product,) = read_all(
        HEADER + f"tea,Tea,Title,Default Title,,,T1,{tracker},{quantity},{policy},3.49,active,TRUE,\n"
    )
    assert stock == product.stock


def test_a_stock_that_shopify_counts_and_does_not_tell_is_no_stock(read_all: ReadAll) -> None:
    feed, products = read_all(HEADER + "tea,Tea,Title,Default Title,,,T1,shopify,,deny,3.49,active,TRUE,\n")
    assert [] == products
    assert [("Variant Inventory Qty", "quantity_missing")] == [(each.column, each.kind) for each in feed.problems]


def without_stock(policy: str, tracker: str = "shopify", status: str = "active") -> str:
    """An export of a shop with several locations: the column of stock is not there."""
    row = f"tea,Tea,Title,Default Title,,,T1,{tracker},{policy},3.49,{status},TRUE,\n"
    return HEADER.replace("Variant Inventory Qty,", "") + row


def test_an_export_without_the_stock_that_shopify_counts_is_one_clear_error(read_all: ReadAll) -> None:
    with pytest.raises(
        FeedError, match=r"lacks the column variant_inventory_qty.* line 2: .*several locations.* export the"
    ):
        read_all(without_stock("deny"))


@pytest.mark.parametrize("content", [without_stock("continue"), without_stock("deny", tracker="")])
def test_what_sells_without_counting_needs_no_stock(read_all: ReadAll, content: str) -> None:
    assert [20] == [product.stock for product in read_all(content)[1]]


def test_a_draft_needs_no_stock(read_all: ReadAll) -> None:
    assert 1 == read_all(without_stock("deny", status="draft"))[0].left_out_count


def test_variants_without_a_sku_are_named_by_handle_and_options(read_all: ReadAll) -> None:
    rows = "shirt,Shirt,Size,S,Farbe,Dark Blue,,,,,9.99,active,TRUE,\nshirt,,,M,,Dark Blue,,,,,9.99,,,\n"
    _, products = read_all(HEADER + rows)
    assert [
        ("shirt/s/dark-blue", "Shirt, Dark Blue", "small"),
        ("shirt/m/dark-blue", "Shirt, Dark Blue", "medium"),
    ] == [(p.sku, p.title, p.size) for p in products]
    assert (("color", "Dark Blue"),) == products[0].attributes


@pytest.mark.parametrize(
    ("options", "title", "size"),
    [
        ("Ring Size,7,Engraving,No", "Gold Ring, engraving no", "ring size 7"),
        ("Metal,14k Gold,Ring Size,7.5", "Gold Ring, 14k Gold", "ring size 7.5"),
        ("Taglia anello,52,Incisione,Sì", "Gold Ring, incisione sì", "taglia anello 52"),
        ("Veličina prstena,M,Boja,Plava", "Gold Ring, Plava", "medium"),
        ("Сақина өлшемі,17,Түсі,Ақ", "Gold Ring, Ақ", "сақина өлшемі 17"),
        ("Oversize,Yes,Size,S/M", "Gold Ring, oversize yes", "small to medium"),
        ("Size,M,Length,32", "Gold Ring, length 32", "medium"),
    ],
)
def test_an_option_is_named_where_its_value_says_nothing(
    read_all: ReadAll, options: str, title: str, size: str
) -> None:
    _, (product,) = read_all(HEADER + f"ring,Gold Ring,{options},R1,,,,99.00,active,TRUE,\n")
    assert (title, size) == (product.title, product.size)


def test_variants_that_do_not_follow_each_other_are_refused_with_what_to_do(read_all: ReadAll) -> None:
    rows = (
        "tea,Tea,Size,S,,,T1,,,,3.49,active,TRUE,\njam,Jam,Title,Default Title,,,J1,,,,2.99,draft,TRUE,\n"
        "jam,,,Other,,,J2,,,,2.99,,,\ntea,,,L,,,T2,,,,5.49,,,\ntea,,,XL,,,T3,,,,5.49,,,\n"
    )
    feed, products = read_all(HEADER + rows)
    assert (["T1"], 2) == ([product.sku for product in products], feed.left_out_count)
    assert [(5, "tea"), (6, "tea")] == [(problem.line, problem.value) for problem in feed.problems]
    assert "sort the file by Handle" in feed.problems[0].remedy


def test_rows_that_only_add_a_picture_are_no_products(read_all: ReadAll) -> None:
    rows = "tea,Tea,Title,Default Title,,,T1,,,,3.49,active,TRUE,https://a.example/1.jpg\ntea,,,,,,,,,,,,,https://a.example/2.jpg\n"
    feed, products = read_all(HEADER + rows)
    assert (1, 1) == (len(products), feed.rows_count)


def test_a_variant_of_a_product_that_is_not_there_is_refused(read_all: ReadAll) -> None:
    rows = "tea,Tea,Title,Default Title,,,T1,,,,3.49,active,TRUE,\njam,,Size,8 oz,,,J1,,,,2.99,,,\n"
    feed, products = read_all(HEADER + rows)
    assert ["T1"] == [product.sku for product in products]
    assert [(3, "Title", "title_missing")] == [(p.line, p.column, p.kind) for p in feed.problems]


def test_problems_are_named_in_shopifys_words(read_all: ReadAll) -> None:
    feed, _ = read_all(HEADER + "tea,Tea,Title,Default Title,,,T1,,,,free,active,TRUE,\n")
    assert [("Variant Price", "free")] == [(problem.column, problem.value) for problem in feed.problems]


def test_every_category_of_a_product_is_kept_for_all_its_variants(read_all: ReadAll) -> None:
    header = HEADER.replace("Handle", "Product Category,Type,Google Shopping / Google Product Category,Handle")
    rows = "Drinks > Bottles,Reds,421,rosso,Rosso,Size,75 cl,,,R1,,,,9.00,active,TRUE,\n,,,rosso,,,150 cl,,,R2,,,,17.00,,,\n"
    _, products = read_all(header + rows)
    category = ("Food, Beverages & Tobacco", "Beverages", "Alcoholic Beverages", "Wine", "Reds", "Drinks", "Bottles")
    assert [category, category] == [product.category for product in products]


METAFIELDS = (
    "Handle,Title,Vendor,Variant SKU,Option1 Name,Option1 Value,Variant Price,Google Shopping / Condition,"
    "Allergen information (product.metafields.shopify.allergen-information),"
    "Dietary preferences (product.metafields.shopify.dietary-preferences),"
    "Product rating (product.metafields.reviews.rating),Product rating count (product.metafields.reviews.rating_count),"
    "Roast (product.metafields.custom.roast),SEO Title\n"
)


def test_allergens_diets_and_ratings_of_metafields_are_every_variants(read_all: ReadAll) -> None:
    stars = '"{""value"":""4.5"",""scale_min"":""1.0"",""scale_max"":""5.0""}"'
    feed, (small, large) = read_all(
        f"{METAFIELDS}jar,Peanut Butter,Acme,J1,Size,16oz,4.99,,peanuts; soy,vegan; gluten-free,{stars},12,dark,x\n"
        "jar,,,J2,,32oz,7.99,,,,,,,\n"
    )
    for jar in (small, large):
        assert ("peanuts", "soy") == jar.allergens
        assert ("diet", "vegan; gluten-free") in jar.attributes
        assert (45, 12) == (jar.rating_tenths, jar.reviews_count)
    assert ("columns that were not used: Roast (product.metafields.custom.roast)",) == feed.notes


@pytest.mark.parametrize(
    ("cell", "allergens"),
    [("peanuts; tree-nuts", ("peanuts", "tree-nuts")), ('"[""peanuts"",""soy""]"', ("peanuts", "soy")), ("", ())],
)
def test_a_metafields_list_is_read_in_both_its_forms(read_all: ReadAll, cell: str, allergens: tuple[str, ...]) -> None:
    _, (jar,) = read_all(f"{METAFIELDS}jar,Jam,Acme,J1,,,4.99,,{cell},,,,,\n")
    assert allergens == jar.allergens


def test_a_refurbished_thing_is_called_so(read_all: ReadAll) -> None:
    _, (phone,) = read_all(f"{METAFIELDS}p,Phone,Acme,P1,,,99.00,refurbished,,,,,,\n")
    assert "refurbished Phone" == phone.title


def test_options_are_said_so_that_they_say_something(read_all: ReadAll) -> None:
    feed, products = read_all(
        f"{HEADER}hoodie,Kids Hoodie,Size,3-4Y,Color,#FF0000,K1,shopify,9,deny,9.00,active,true,\n"
        "hoodie,,,6-12M,,00FF00,K2,shopify,9,deny,9.00,,,\n"
        "hoodie,,,4T,,Beaded,K3,shopify,9,deny,9.00,,,\n"
        "shoe,Runner,Shoe size,9.5,Width,D,S1,shopify,9,deny,9.00,active,true,\n"
        "tee,Tee,Size,Default,,,T1,shopify,9,deny,9.00,active,true,\n"
    )
    assert [
        ("Kids Hoodie", "3 to 4 years"),
        ("Kids Hoodie", "6 to 12 months"),
        ("Kids Hoodie, Beaded", "4 toddler"),
        ("Runner, width d", "shoe size 9.5"),
        ("Tee", ""),
    ] == [(product.title, product.size) for product in products]
    assert [(2, "Option2 Value", "#FF0000"), (3, "Option2 Value", "00FF00")] == [
        (each.line, each.column, each.value) for each in feed.warnings
    ]
