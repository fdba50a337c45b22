from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from skill.errors import FeedError

if TYPE_CHECKING:
    from tests.feeds.conftest import ReadAll

GOOD = '{"sku": "1", "title": "Milk", "price": "4.49 USD", "quantity": 3}'


def test_objects_one_a_line_are_read(read_all: ReadAll) -> None:
    feed, products = read_all(f"{GOOD}\n\n" + GOOD.replace('"1"', '"2"') + "\n")
    assert "jsonl" == feed.format
    assert [("1", 3), ("2", 3)] == [(product.sku, product.stock) for product in products]


def test_a_number_is_never_a_float(read_all: ReadAll) -> None:
    _, (product,) = read_all('{"sku": 42, "title": "Milk", "price": 0.29, "quantity": 3, "rating": 4.7}')
    assert ("42", 29, 47) == (product.sku, product.price.amount, product.rating_tenths)
    feed, _ = read_all('{"sku": 42, "title": "Milk", "price": 1e400, "quantity": 3}')
    assert ["price_unreadable"] == [problem.kind for problem in feed.problems]


@pytest.mark.parametrize(
    ("number", "amount"), [("12.100", 1210), ("12.000", 1200), ("1200.00", 120000), ("1200", 120000)]
)
def test_the_point_of_a_number_is_a_decimal_point(read_all: ReadAll, number: str, amount: int) -> None:
    _, (product,) = read_all(GOOD.replace('"4.49 USD"', number))
    assert amount == product.price.amount
    feed, _ = read_all(GOOD.replace("4.49 USD", "12.100"))
    assert {"price_ambiguous": 1} == feed.problem_kinds


def test_lists_and_objects_hold_categories_allergens_and_attributes(read_all: ReadAll) -> None:
    row = json.loads(GOOD) | {
        "category": ["Dairy", "Milk"],
        "allergens": ["Milk"],
        "attributes": {"diet": ["vegan", "organic"], "empty": ""},
    }
    _, (product,) = read_all(json.dumps(row))
    assert ("Dairy", "Milk") == product.category
    assert ("milk",) == product.allergens
    assert (("diet", "vegan, organic"),) == product.attributes


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("{", "json_invalid"),
        ('{"sku": NaN}', "json_invalid"),
        ("[" * 100_000, "json_invalid"),
        ('{"sku": ' * 50_000, "json_invalid"),
        ('["1", "Milk"]', "not_an_object"),
        ('"Milk"', "not_an_object"),
        ("12", "not_an_object"),
        ("null", "not_an_object"),
        ('{"sku": "' + "x" * 1_000_001 + '"}', "line_too_long"),
        ('{"sku": "3", "title": "\\ud83d", "price": "1", "quantity": 1}', "encoding"),
        ('{"sku": "3", "title": "Tea", "price": "1", "Price": "2", "quantity": 1}', "key_twice"),
        ('{"sku": "3", "title": "Tea", "price": "1", "price": "2", "quantity": 1}', "key_twice"),
        ('{"sku": "3", "title": "Tea", "price": "1", "quantity": 1, "attributes": {"a": "b", "a": "c"}}', "key_twice"),
        ('{"sku": "3", "title": true, "price": "1", "quantity": 1}', "not_text"),
        ('{"sku": "3", "title": "Tea", "price": null, "quantity": 1}', "price_missing"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(read_all: ReadAll, line: str, kind: str) -> None:
    feed, products = read_all(f"{GOOD}\n{line}\n" + GOOD.replace('"1"', '"2"') + "\n", format="jsonl")
    assert ["1", "2"] == [product.sku for product in products]
    (problem,) = feed.problems
    assert (2, kind) == (problem.line, problem.kind)
    assert problem.remedy


def test_keys_that_mean_nothing_may_come_in_two_spellings(read_all: ReadAll) -> None:
    _, products = read_all(GOOD.replace("{", '{"Shelf No": 1, "shelf-no": 2, ', 1))
    assert ["1"] == [product.sku for product in products]


def test_what_a_kilo_costs_is_no_price(read_all: ReadAll) -> None:
    feed, products = read_all(
        f"{GOOD}\n" + '{"sku": "2", "title": "Tea", "price": "", "unit_price": "1.00", "quantity": 1}'
    )
    assert (["1"], {"price_missing": 1}) == ([product.sku for product in products], feed.problem_kinds)


def test_a_long_line_is_counted_as_one(read_all: ReadAll) -> None:
    feed, _ = read_all(f'{GOOD}\n{{"sku": "{"x" * 3_000_000}"}}\n{{\n')
    assert [(2, "line_too_long"), (3, "json_invalid")] == [(problem.line, problem.kind) for problem in feed.problems]


def test_rows_of_another_kind_are_one_clear_error(read_all: ReadAll) -> None:
    with pytest.raises(
        FeedError, match=r"lacks these columns: sku; price; quantity or availability\. It has: name, unit"
    ):
        read_all('{"name": "Milk", "unit": "gallon"}\n' * 30)


def test_a_json_list_is_refused_with_what_to_do(read_all: ReadAll) -> None:
    with pytest.raises(FeedError, match="one object on each line"):
        read_all(f"[{GOOD}]")


def test_a_price_that_is_an_object_is_shown_as_it_is_written(read_all: ReadAll) -> None:
    feed, _ = read_all('{"sku": "1", "title": "Tea", "price": {"amount": 3, "on": true}, "quantity": 1}\n')
    (problem,) = feed.problems
    assert '{"amount": "3", "on": true}' == problem.value
