"""The sample store's catalogue is one that the documented conversations can be held in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import skill.sample
from skill.feeds import Feed, read_feed
from skill.shop.catalogue import Product
from skill.shop.money import Money

SAMPLE = Path(str(skill.sample.__file__)).parent / "catalogue.jsonl"


@pytest.fixture(scope="module")
def feed() -> Feed:
    return read_feed(SAMPLE, currency="USD", now=datetime(2026, 11, 21, tzinfo=UTC))


@pytest.fixture(scope="module")
def products(feed: Feed) -> list[Product]:
    return list(feed)


def in_category(products: list[Product], name: str) -> list[Product]:
    return [product for product in products if name in product.category]


def test_it_has_some_300_products_and_nothing_to_complain_of(feed: Feed, products: list[Product]) -> None:
    assert 280 <= len(products) <= 330
    assert ([], [], ()) == (feed.problems, feed.warnings, feed.notes)


def test_every_product_says_what_a_shopper_may_ask(products: list[Product]) -> None:
    for product in products:
        assert product.size, product.sku
        assert len(product.category) == 2, product.sku
        assert product.description, product.sku
        assert len(product.review.split()) <= 12, product.sku
        assert bool(product.rating_tenths) == bool(product.reviews_count) == bool(product.review), product.sku
        assert not product.brand or product.title.startswith(product.brand), product.sku


def test_bar_codes_are_unique_and_of_the_range_that_shops_use_among_themselves(products: list[Product]) -> None:
    assert len(products) == len({product.gtin for product in products})
    assert {"4"} == {product.gtin[0] for product in products}
    assert {12} == {len(product.gtin) for product in products}


def test_no_two_products_sound_the_same(products: list[Product]) -> None:
    assert len(products) == len({(product.title, product.size) for product in products})


def test_what_only_adults_may_buy_says_so(products: list[Product]) -> None:
    for name in ("Beer", "Wine"):
        assert {21} == {product.age_min for product in in_category(products, name)}
    assert {18, 21} == {product.age_min for product in in_category(products, "Tobacco")}
    others = [p for p in products if p.age_min and not {"Beer and wine", "Tobacco"} & set(p.category)]
    assert ["Wellmere Nighttime Cough Syrup"] == [product.title for product in others]


def test_some_things_are_out_of_stock(products: list[Product]) -> None:
    assert 4 <= sum(product.stock == 0 for product in products) <= 12


@pytest.mark.parametrize(
    ("category", "words", "at_least"),
    [
        ("Milk", "Hillside", 4), ("Milk", "half gallon", 4), ("Plant milk", "Oat Milk", 2), ("Bread", "White", 3),
        ("Bread", "Whole Wheat", 1), ("Bread", "Gluten Free", 2), ("Dog food", "Dog Food", 6), ("Coffee", "Decaf", 2),
        ("Tea", "Tea", 4), ("Eggs", "Eggs", 4), ("Butter", "Butter", 3), ("Cheese", "Cheese", 3), ("Fruit", "Bananas", 2),
        ("Canned fish", "Tuna", 2), ("Batteries", "Batteries", 4), ("Light bulbs", "Light Bulb", 3), ("Pizza", "Pizza", 3),
        ("Diapers and care", "Diapers", 3), ("Audio and chargers", "Headphones", 1), ("Soft drinks", "Cola", 3),
    ],
)  # fmt: skip
def test_there_is_a_choice_of_the_everyday(products: list[Product], category: str, words: str, at_least: int) -> None:
    found = [product for product in in_category(products, category) if words in f"{product.title} {product.size}"]
    assert at_least <= len(found)


def test_dog_food_is_to_be_had_below_and_above_twenty_dollars(products: list[Product]) -> None:
    prices = [product.price for product in in_category(products, "Dog food")]
    assert 3 <= sum(price <= Money(2000, "USD") for price in prices)
    assert 3 <= sum(price > Money(2000, "USD") for price in prices)


def test_a_dollhouse_and_four_pounds_of_cookies_are_for_sale(products: list[Product]) -> None:
    (dollhouse,) = [product for product in products if "Dollhouse" in product.title]
    assert Money(15999, "USD") == dollhouse.price
    (cookies,) = [product for product in in_category(products, "Cookies") if product.size == "4 lb"]
    assert cookies.stock > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Flour", "Flower"),
        ("Leeks", "Leak"),
        ("Thyme", "Timer"),
        ("Steak", "Stakes"),
        ("Ice Cream", "Eye Cream"),
        ("Batter", "Batteries"),
    ],
)
def test_some_things_sound_alike(products: list[Product], one: str, other: str) -> None:
    for words in (one, other):
        assert any(words in product.title for product in products), words


def test_the_extract_of_real_groceries_is_read_without_a_problem() -> None:
    extract = Path(__file__).parents[1] / "data" / "groceries-extract.jsonl"
    feed = read_feed(extract, currency="USD", now=datetime(2026, 11, 21, tzinfo=UTC))
    assert 500 == sum(1 for _ in feed)
    assert ([], []) == (feed.problems, feed.warnings)
    assert (extract.parent / "LICENSE-groceries.md").is_file()
