"""How many of a product make what was asked for, in every language."""

from __future__ import annotations

import pytest

from skill.dialogue.amounts import comes_in, is_measured, is_of_size, quantity_of, size_in_words, words_after_amount
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money


def product(size: str) -> Product:
    return Product(sku=Sku("x"), title="It", size=size, price=Money(100, "EUR"))


@pytest.mark.parametrize(
    ("locale", "words", "size", "quantity"),
    [
        ("en-US", "five pounds of bananas", "per lb", 5),
        ("en-US", "six pounds of apples", "3 lb bag", 2),
        ("en-US", "two gallons of milk", "1 gallon", 2),
        ("en-US", "two gallons of milk", "half gallon", 4),
        ("en-US", "half a gallon of milk", "half gallon", 1),
        ("en-US", "a gallon of milk", "1 quart", 4),
        ("en-US", "1.5 pounds of chicken", "1.5 lb", 1),
        ("en-US", "five pounds of apples", "3 lb bag", 1),
        ("en-US", "five pounds of apples", "each", 1),
        ("en-US", "pound cake", "8 oz", 1),
        ("en-US", "organic half gallon milk", "1 quart", 1),
        ("en-GB", "two litres of milk", "1 litre", 2),
        ("it-IT", "due litri di latte", "1 l", 2),
        ("it-IT", "mezzo chilo di pane", "500 g", 1),
        ("hr-HR", "dvije litre mlijeka", "1 l", 2),
        ("el-GR", "δύο κιλά μήλα", "1 κιλό", 2),
        ("kk-KZ", "екі литр сүт", "1 л", 2),
    ],
)
def test_amount_is_so_many_of_the_size(locale: str, words: str, size: str, quantity: int) -> None:
    assert quantity == quantity_of(product(size), 1, words, locale, named=True)


@pytest.mark.parametrize(
    ("locale", "said", "words", "size", "quantity"),
    [
        ("en-US", 6, "eggs", "12 count", 1),
        ("en-US", 12, "eggs", "12 count", 1),
        ("en-US", 24, "eggs", "12 count", 2),
        ("en-US", 12, "eggs", "18 count", 12),
        ("en-US", 4, "light bulbs", "2 pack", 2),
        ("en-US", 3, "light bulbs", "2 pack", 3),
        ("en-US", 2, "eggs", "12 count", 2),
        ("en-US", 12, "six packs of beer", "6 pack", 12),
        ("en-US", 2, "half gallons of milk", "half gallon", 2),
        ("en-US", 6, "toilet paper", "12 rolls", 6),
        ("en-US", 13, "trash bags", "13 gallon, 45 count", 13),
        ("it-IT", 6, "uova", "6 pezzi", 1),
        ("it-IT", 6, "uova", "12 count", 1),
        ("hr-HR", 10, "jaja", "10 komada", 1),
        ("el-GR", 6, "αυγά", "6 τεμάχια", 1),
        ("kk-KZ", 10, "жұмыртқа", "10 дана", 1),
    ],
)
def test_pieces_are_so_many_packs(locale: str, said: int, words: str, size: str, quantity: int) -> None:
    assert quantity == quantity_of(product(size), said, words, locale, named=True)


def test_quantity_said_without_the_name_counts_packs() -> None:
    assert 12 == quantity_of(product("12 count"), 12, "eggs", "en-US", named=False)


@pytest.mark.parametrize(
    ("locale", "words", "measured"),
    [
        ("en-US", "dollars or less coffee", True),
        ("en-US", "pounds of rice", True),
        ("en-US", "half gallons of milk", False),
        ("en-US", "bananas", False),
        ("en-US", "", False),
        ("it-IT", "euro di mele", True),
        ("hr-HR", "eura vino", True),
        ("el-GR", "ευρώ καφέ", True),
        ("kk-KZ", "теңгеге дейін шай", True),
    ],
)
def test_number_before_a_unit_or_money_counts_no_products(locale: str, words: str, measured: bool) -> None:
    assert measured == is_measured(words, locale)


@pytest.mark.parametrize(
    ("locale", "words", "rest"),
    [
        ("en-US", "two gallons of milk", "of milk"),
        ("en-US", "Half a Gallon of Milk", "of Milk"),
        ("en-US", "pound cake", ""),
        ("en-US", "oat milk", ""),
        ("en-US", "", ""),
        ("it-IT", "due litri di latte", "di latte"),
        ("hr-HR", "dvije litre mlijeka", "mlijeka"),
        ("el-GR", "δύο κιλά μήλα", "μήλα"),
        ("kk-KZ", "екі литр сүт", "сүт"),
    ],
)
def test_what_stands_behind_an_amount_is_the_product(locale: str, words: str, rest: str) -> None:
    assert rest == words_after_amount(words, locale)


def test_sizes_that_make_an_amount_are_told_from_others() -> None:
    assert comes_in(product("half gallon"), "two gallons of milk", "en-US")
    assert not comes_in(product("12 oz"), "two gallons of milk", "en-US")
    assert not comes_in(product("half gallon"), "milk", "en-US")


@pytest.mark.parametrize(
    ("words", "size", "fits"),
    [
        ("half gallon", "half gallon", True),
        ("half gallon", "1 gallon", False),
        ("gallon", "1 gallon", True),
        ("twelve ounce", "12 oz", True),
        ("pound", "per lb", True),
        ("gallon", "12 count", False),
    ],
)
def test_size_that_was_said_is_the_products(words: str, size: str, fits: bool) -> None:
    said = size_in_words(words, "en-US")
    assert said is not None
    assert fits == is_of_size(product(size), said, "en-US")


@pytest.mark.parametrize("words", ["gallon of milk", "milk", "", "two pound five ounce", "organic gallon"])
def test_more_than_a_size_is_no_size(words: str) -> None:
    assert size_in_words(words, "en-US") is None
