"""A small shop, indexed once for all tests of the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skill.search.catalogue import SearchCatalogue, open_catalogue
from skill.search.index import build_index
from skill.search.languages import read_language
from skill.search.words import Words
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money


def product(sku: str, title: str, cents: int = 500, **more: object) -> Product:
    more.setdefault("stock", 5)
    return Product(Sku(sku), title, Money(cents, "USD"), **more)  # type: ignore[arg-type]


SHOP = (
    product("bread-1", "Country White Bread", 349, category=("Bakery", "Bread"), size="20 oz", brand="Hillside"),
    product("bread-2", "Country White Bread", 399, category=("Bakery", "Bread"), size="20 oz"),
    product("bread-3", "Country White Bread", 299, category=("Bakery", "Bread"), size="10 oz"),
    product("bread-4", "Gluten Free Sandwich Bread", 699, category=("Bakery", "Bread")),
    product("bread-5", "Whole Wheat Bread", 379, category=("Bakery", "Bread"), allergens=("wheat", "gluten")),
    product("coffee-1", "Ground Coffee Dark Roast", 899, category=("Pantry", "Coffee"), rating_tenths=46),
    product("coffee-2", "Decaf Ground Coffee", 799, category=("Pantry", "Coffee"), rating_tenths=39),
    product("coffee-3", "Instant Coffee", 499, category=("Pantry", "Coffee"), stock=0, rating_tenths=31),
    product("milk-1", "Oat Milk", 449, category=("Dairy", "Milk"), size="32 oz", attributes=(("diet", "vegan"),)),
    product("milk-2", "Oat Milk Barista", 599, category=("Dairy", "Milk"), size="32 oz"),
    product("milk-3", "Whole Milk", 299, category=("Dairy", "Milk"), size="1 gal", allergens=("milk",)),
    product("dog-1", "Dry Dog Food with Chicken", 1899, category=("Pets", "Dog food"), brand="Pawsome"),
    product("dog-2", "Premium Dog Food Salmon", 3499, category=("Pets", "Dog food")),
    product("dog-3", "Dog Leash", 1299, category=("Pets", "Dog leashes")),
    product("drink-1", "Trilogy Kombucha Drink", 379, category=("Drinks", "Kombucha")),
    product("drink-2", "Prickly Pear Sparkling Water", 199, category=("Drinks", "Water")),
    product("kitchen-1", "Cuisinart Toaster Oven", 7999, category=("Kitchen", "Ovens")),
    product("kitchen-2", "Wooden Wall Clock", 2499, category=("Kitchen", "Clocks")),
    product("card-1", "16GB Memory Card", 1299, category=("Electronics", "Storage"), description="For cameras."),
    product("card-2", "32GB Memory Card", 1899, category=("Electronics", "Storage"), description="For cameras."),
    product(
        "knife-1", "Chef's Knife with Wooden Handle", 2999, category=("Kitchen", "Knives"), image_url="https://i/k"
    ),
)


@pytest.fixture(scope="session")
def shop_products() -> tuple[Product, ...]:
    return SHOP


@pytest.fixture(scope="session")
def make_product() -> Callable[..., Product]:
    return product


@pytest.fixture(scope="session")
def shop_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "catalogue.index"
    build_index(SHOP, path)
    return path


@pytest.fixture
def shop(shop_index: Path) -> Iterator[SearchCatalogue]:
    catalogue = open_catalogue(shop_index)
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="session")
def english() -> Words:
    return Words(read_language("en"))
