from datetime import UTC, datetime
from typing import Any

import pytest

from skill.feeds.rows import JsonNumber, LeftOut, RawRow, Reading, RowProblem, check_row, shown
from skill.shop.catalogue import TITLE_LENGTH_MAX, Product
from skill.shop.money import Money

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {"sku": "milk-1", "title": "Whole Milk", "price": "4.49 USD", "quantity": "24"}


def raw(**cells: Any) -> RawRow:
    row = GOOD | cells
    return RawRow(7, row, {name: name.upper() for name in row}, {})


def check(**cells: Any) -> tuple[Product | None, list[RowProblem]]:
    product, problems = check_row(raw(**cells), Reading("USD", NOW))
    assert not isinstance(product, LeftOut)
    return product, problems


def accepted(**cells: Any) -> Product:
    product, problems = check(**cells)
    assert product is not None, problems
    return product


def refused(**cells: Any) -> RowProblem:
    product, problems = check(**cells)
    assert product is None
    (problem,) = problems
    assert problem.refused
    return problem


def test_a_row_with_every_field_is_a_product() -> None:
    assert Product(
        sku="milk-1",  # type: ignore[arg-type]
        title="Whole Milk",
        price=Money(449, "USD"),
        brand="Hillside",
        size="1 gallon",
        category=("Dairy", "Milk"),
        description="Fresh milk",
        stock=24,
        rating_tenths=47,
        reviews_count=212,
        review="Keeps all week",
        age_min=18,
        allergens=("milk", "soy"),
        gtin="400000010076",
        image_url="https://shop.example/milk.jpg",
        attributes=(("diet", "organic"),),
    ) == accepted(
        brand="Hillside",
        size="1 gallon",
        category="Dairy &gt; Milk",
        description="<p>Fresh <b>milk</b></p>",
        rating="4.7",
        reviews_count="212",
        review="Keeps all week",
        age_min="18+",
        allergens="Milk; soy, milk",
        gtin="400000010076",
        image_url="https://shop.example/milk.jpg",
        attributes={"diet": "organic"},
    )


@pytest.mark.parametrize(
    ("cells", "column", "kind"),
    [
        ({"sku": None}, "SKU", "sku_missing"),
        ({"sku": "\u200b"}, "SKU", "sku_missing"),
        ({"sku": "x" * 101}, "SKU", "sku_too_long"),
        ({"price": JsonNumber("12.999")}, "PRICE", "price_too_precise"),
        ({"price": "12.999"}, "PRICE", "price_ambiguous"),
        ({"sku": "7.61304E+12"}, "SKU", "sku_rounded"),
        ({"sku": "7,61304E+12"}, "SKU", "sku_rounded"),
        ({"sku": "1E+12"}, "SKU", "sku_rounded"),
        ({"title": ""}, "TITLE", "title_missing"),
        ({"title": "<br>"}, "TITLE", "title_missing"),
        ({"title": ["Milk"]}, "TITLE", "not_text"),
        ({"title": "Cr\udce8me"}, "TITLE", "encoding"),
        ({"price": ""}, "PRICE", "price_missing"),
        ({"price": "-4.49"}, "PRICE", "price_negative"),
        ({"price": "4.49 EUR"}, "PRICE", "currency_wrong"),
        ({"price": {"amount": "4"}}, "PRICE", "not_text"),
        ({"quantity": "-1"}, "QUANTITY", "quantity_invalid"),
        ({"quantity": "1.5"}, "QUANTITY", "quantity_invalid"),
        ({"quantity": "1000000000"}, "QUANTITY", "quantity_invalid"),
        ({"quantity": "many"}, "QUANTITY", "quantity_invalid"),
        ({"quantity": True}, "QUANTITY", "not_text"),
        ({"quantity": None}, "QUANTITY", "quantity_missing"),
        ({"availability": "maybe"}, "AVAILABILITY", "availability_unknown"),
        ({"rating": "5.1"}, "RATING", "rating_invalid"),
        ({"rating": "-1"}, "RATING", "rating_invalid"),
        ({"rating": "4,5,6"}, "RATING", "rating_invalid"),
        ({"quantity": "1.000"}, "QUANTITY", "quantity_invalid"),
        ({"quantity": "12,000"}, "QUANTITY", "quantity_invalid"),
        ({"age_min": "18.000"}, "AGE_MIN", "age_min_invalid"),
        ({"reviews_count": "-3"}, "REVIEWS_COUNT", "reviews_count_invalid"),
        ({"age_min": "adult"}, "AGE_MIN", "age_min_invalid"),
        ({"age_min": "210"}, "AGE_MIN", "age_min_invalid"),
        ({"adult": "perhaps"}, "ADULT", "flag_invalid"),
        ({"allergens": {"milk": "yes"}}, "ALLERGENS", "not_a_list"),
        ({"allergens": [str(n) for n in range(41)]}, "ALLERGENS", "too_many"),
        ({"attributes": ["red"]}, "ATTRIBUTES", "attributes_invalid"),
        ({"attributes": {str(n): "x" for n in range(41)}}, "ATTRIBUTES", "too_many"),
        ({"sale_price": "9.99"}, "SALE_PRICE", "sale_price_above_price"),
        ({"sale_price": "-1"}, "SALE_PRICE", "price_negative"),
        ({"sale_price_effective_date": "soon"}, "SALE_PRICE_EFFECTIVE_DATE", "period_invalid"),
    ],
)
def test_a_bad_cell_refuses_the_row_and_is_named_with_line_column_and_remedy(
    cells: dict[str, Any], column: str, kind: str
) -> None:
    problem = refused(**cells)
    assert (7, column, kind) == (problem.line, problem.column, problem.kind)
    assert len(problem.remedy.split()) >= 4


def test_all_bad_cells_of_a_row_are_named_at_once() -> None:
    product, problems = check(price="-1", quantity="-1", rating="9")
    assert product is None
    assert {"PRICE", "QUANTITY", "RATING"} == {problem.column for problem in problems}


@pytest.mark.parametrize(
    ("cells", "stock"),
    [
        ({"quantity": "5"}, 5),
        ({"quantity": "5.0"}, 5),
        ({"quantity": "5,00"}, 5),
        ({"quantity": "100.0000"}, 100),
        ({"quantity": "0.000"}, 0),
        ({"quantity": JsonNumber("1.000")}, 1),
        ({"quantity": None, "availability": "in_stock"}, 20),
        ({"quantity": None, "availability": "In Stock"}, 20),
        ({"quantity": None, "availability": "https://schema.org/InStock"}, 20),
        ({"quantity": None, "availability": "out of stock"}, 0),
        ({"quantity": None, "availability": "preorder"}, 0),
        ({"quantity": None, "availability": "backorder"}, 0),
        ({"quantity": None, "availability": "https://schema.org/LimitedAvailability"}, 20),
        ({"quantity": None, "availability": "InStoreOnly"}, 0),
        ({"quantity": None, "availability": "onbackorder"}, 0),
        ({"quantity": None, "availability": False}, 0),
        ({"quantity": "5", "availability": "out of stock"}, 0),
        ({"quantity": "5", "availability": "in stock"}, 5),
        ({"quantity": "0", "availability": "in stock"}, 0),
    ],
)
def test_stock_is_the_quantity_unless_the_product_cannot_be_had(cells: dict[str, Any], stock: int) -> None:
    assert stock == accepted(**cells).stock


@pytest.mark.parametrize(
    ("period", "amount"),
    [
        (None, 399),
        ("2026-11-01/2026-11-30", 399),
        ("2026-11-21T12:00Z/2026-11-30T00:00Z", 399),
        ("/", 399),
        ("2026-11-01/9999-12-31", 399),
        ("2026-11-01T00:00Z/9999-12-31T23:59:59-0500", 399),
        ("2026-11-22/9999-12-31", 449),
        ("2026-11-22/2026-11-30", 449),
        ("2026-11-01/2026-11-20", 449),
        ("2026-11-01T00:00Z/2026-11-21T12:00Z", 449),
    ],
)
def test_a_sale_price_holds_only_while_the_sale_is_on(period: str | None, amount: int) -> None:
    assert Money(amount, "USD") == accepted(sale_price="3.99", sale_price_effective_date=period).price


def test_a_sale_price_of_zero_is_no_sale() -> None:
    assert Money(449, "USD") == accepted(sale_price="0.00 USD").price


@pytest.mark.parametrize("gtin", ["400000010077", "4006381333932", "123", "4.00638E+12", "n/a"])
def test_a_bad_bar_code_is_left_out_with_a_warning_and_the_product_stays(gtin: str) -> None:
    product, (warning,) = check(gtin=gtin)
    assert product is not None
    assert "" == product.gtin
    assert ("GTIN", gtin, "gtin_invalid", False) == (warning.column, warning.value, warning.kind, warning.refused)


def test_a_bar_code_may_be_written_with_spaces_dashes_or_shopifys_apostrophe() -> None:
    assert "4006381333931" == accepted(gtin="4 006381-333931").gtin
    assert "400000010076" == accepted(gtin="'400000010076").gtin


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://shop.example/a.jpg?a=1&copy=2&lt=3", "https://shop.example/a.jpg?a=1&copy=2&lt=3"),
        ("https://shop.example/a.jpg?a=1&amp;copy=2", "https://shop.example/a.jpg?a=1&copy=2"),
        (" HTTPS://shop.example/%26amp%3B.jpg ", "HTTPS://shop.example/%26amp%3B.jpg"),
    ],
)
def test_a_pictures_address_stays_as_it_is(written: str, url: str) -> None:
    assert url == accepted(image_url=written).image_url


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/\u202egpj.exe",
        "https://a.example/<b>.jpg",
        "javascript:alert(1)",
        "/milk.jpg",
        "ftp://shop.example/milk.jpg",
        "https://a b.jpg",
    ],
)
def test_a_picture_that_is_no_web_address_is_left_out_with_a_warning(url: str) -> None:
    product, (warning,) = check(image_url=url)
    assert product is not None
    assert "" == product.image_url
    assert "image_url_invalid" == warning.kind


def test_a_title_that_is_too_long_is_cut_with_a_warning() -> None:
    product, (warning,) = check(title="word " * 100)
    assert product is not None
    assert len(product.title) <= TITLE_LENGTH_MAX
    assert "title_cut" == warning.kind


def test_a_title_that_is_long_only_by_its_markup_is_no_reason_to_warn() -> None:
    product, warnings = check(title="<span class='" + "x" * 300 + "'>Milk</span>")
    assert product is not None
    assert ("Milk", []) == (product.title, warnings)


def test_adult_raises_the_least_age_and_never_lowers_it() -> None:
    assert 18 == accepted(adult="yes").age_min
    assert 21 == accepted(adult="yes", age_min="21").age_min
    assert 21 == accepted(adult="no", age_min="21").age_min


def test_a_categorys_number_is_not_a_name() -> None:
    assert () == accepted(category="2271").category
    assert ("Clothing", "Dresses") == accepted(category=["Clothing", "Dresses"]).category


@pytest.mark.parametrize(
    ("said", "tenths"), [("4", 40), ("4.5", 45), ("4.56", 46), ("4.54", 45), ("0", 0), ("5.0", 50)]
)
def test_stars_are_kept_in_tenths(said: str, tenths: int) -> None:
    assert tenths == accepted(rating=said).rating_tenths


def test_attributes_may_be_written_in_one_cell() -> None:
    assert (("color", "red"), ("diet", "vegan")) == accepted(attributes="color: red; diet: vegan;").attributes


def test_a_refused_value_is_shown_short_and_harmless() -> None:
    assert "a�[31mb" == shown("a\x1b[31mb")
    assert 80 == len(shown("x" * 1000))
    assert "" == shown(None)


@pytest.mark.parametrize(
    "written",
    ["none", "N/A", "n.a.", "Unknown", "No", "TBD", "see label.", "Contains TBD", "A, C, G", "1, 7", "-", "Nessuno", "Nema", "жоқ"],
)  # fmt: skip
def test_a_list_of_allergens_that_names_none_is_no_list(written: str) -> None:
    reading = Reading("USD", NOW)
    product, problems = check_row(raw(allergens=written), reading)
    assert isinstance(product, Product)
    assert () == product.allergens
    assert {"allergens_untold"} == {problem.kind for problem in problems}
    assert not any(problem.refused for problem in problems)


def test_allergens_are_kept_without_what_is_said_before_them() -> None:
    assert ("milk", "soy", "nuts") == accepted(allergens="Contains: Milk; soy; may contain traces of nuts").allergens
    assert ("latte",) == accepted(allergens="Può contenere latte").allergens


def test_what_is_no_allergen_is_warned_of_and_kept() -> None:
    reading = Reading("USD", NOW, allergen_entry=lambda entry: "lists" if entry == "milk" else "")
    product, (problem,) = check_row(raw(allergens="milk, pork"), reading)
    assert isinstance(product, Product)
    assert ("milk", "pork") == product.allergens
    assert ("allergen_unknown", "pork", False) == (problem.kind, problem.value, problem.refused)


def test_a_claim_among_the_allergens_is_a_fact_of_the_product() -> None:
    reading = Reading("USD", NOW, allergen_entry=lambda entry: "claims" if "free" in entry else "lists")
    product, problems = check_row(raw(allergens="Gluten-free; milk"), reading)
    assert isinstance(product, Product)
    assert [] == problems
    assert ("milk",) == product.allergens
    assert (("free from", "gluten-free"),) == product.attributes


@pytest.mark.parametrize("sku", ["1E5", "E+12", "12E+3", "A1E+12", "1.5E3"])
def test_an_id_that_only_looks_like_a_number_is_one(sku: str) -> None:
    assert sku == accepted(sku=sku).sku


def test_digits_that_a_spreadsheet_keeps_as_text_are_those_digits() -> None:
    product = accepted(sku='="00042"', gtin='="012345678905"')
    assert ("00042", "012345678905") == (product.sku, product.gtin)


def test_a_bar_code_that_a_spreadsheet_has_rounded_is_told_as_that() -> None:
    _, (noted,) = check(gtin="7.61304E+12")
    assert "rounded" in noted.remedy


def test_a_title_has_no_pictures_and_an_id_keeps_its_own() -> None:
    sauce = accepted(title="🔥HOT🔥 Sauce", sku="★1")
    assert ("HOT Sauce", "★1") == (sauce.title, sauce.sku)
    assert ["title_missing"] == [problem.kind for problem in check(title="🔥🔥")[1]]
