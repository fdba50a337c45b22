"""How many of a product make what was asked for, in every language."""

from __future__ import annotations

import pytest

from interaction_models.language import flatten_words, load_language
from skill.dialogue.amounts import (
    Packs,
    holds_amount,
    is_measured,
    is_of_size,
    packs_of,
    size_in_words,
)
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money
from skill.speech.render import heard_words


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
    packs = packs_of(product(size), 1, words, locale, named=True)
    assert Packs(quantity, asks=quantity > 1) == packs


@pytest.mark.parametrize(
    ("words", "size", "quantity"),
    [
        ("five pounds of apples", "3 lb bag", 2),
        ("a pound of butter", "12 oz", 2),
        ("half a pound of beef", "1 lb", 1),
        # What measures something else is no part of the amount: the shopper is asked whether one is meant.
        ("five pounds of apples", "each", 1),
        ("a gallon of water", "24 bottles", 1),
        ("a pound of hot dogs", "8 count", 1),
        ("two liters of cola", "12 cans", 1),
        ("two liters of flour", "1 kg", 1),
    ],
)
def test_amount_that_does_not_come_out_even_is_asked_about(words: str, size: str, quantity: int) -> None:
    assert Packs(quantity, asks=True) == packs_of(product(size), 1, words, "en-US", named=True)


@pytest.mark.parametrize(
    ("locale", "said", "words", "size", "quantity"),
    [
        ("en-US", 6, "eggs", "12 count", 1),
        ("en-US", 12, "eggs", "12 count", 1),
        ("en-US", 24, "eggs", "12 count", 2),
        ("en-US", 4, "light bulbs", "2 pack", 2),
        ("en-US", 2, "eggs", "12 count", 2),
        ("en-US", 12, "six packs of beer", "6 pack", 12),
        ("en-US", 2, "half gallons of milk", "half gallon", 2),
        ("en-US", 6, "toilet paper", "12 rolls", 1),
        ("en-US", 45, "trash bags", "13 gallon, 45 count", 1),
        ("en-US", 20, "pencils", "pack of 20", 1),
        ("en-US", 6, "cola", "6 x 12 oz", 1),
        ("it-IT", 6, "uova", "6 pezzi", 1),
        ("it-IT", 6, "uova", "12 count", 1),
        ("hr-HR", 10, "jaja", "10 komada", 1),
        ("el-GR", 6, "αυγά", "6 τεμάχια", 1),
        ("kk-KZ", 10, "жұмыртқа", "10 дана", 1),
    ],
)
def test_pieces_are_so_many_packs(locale: str, said: int, words: str, size: str, quantity: int) -> None:
    assert Packs(quantity) == packs_of(product(size), said, words, locale, named=True)


@pytest.mark.parametrize(
    ("said", "words", "size", "packs"),
    [
        (10, "hot dog buns", "8 count", Packs(2, asks=True, pieces=16)),
        (3, "light bulbs", "2 pack", Packs(2, asks=True, pieces=4)),
        (12, "eggs", "18 count", Packs(1, asks=True, pieces=18)),
        (13, "trash bags", "13 gallon, 45 count", Packs(1, asks=True, pieces=45)),
        (10, "bananas", "per lb", Packs(10, asks=True)),
        (2, "bananas", "per lb", Packs(2)),
        (10, "soup", "12 oz", Packs(10)),
    ],
)
def test_pieces_that_do_not_come_out_even_are_asked_about(said: int, words: str, size: str, packs: Packs) -> None:
    assert packs == packs_of(product(size), said, words, "en-US", named=True)


@pytest.mark.parametrize(
    ("locale", "said", "unit", "size", "packs"),
    [
        ("en-US", 6, "bottle", "6 bottles", Packs(1)),
        ("en-US", 8, "can", "8 cans", Packs(1)),
        ("en-US", 16, "slice", "16 slices", Packs(1)),
        ("en-US", 4, "can", "4 x 15 oz", Packs(1)),
        ("en-US", 2, "bottle", "6 bottles", Packs(1, asks=True, pieces=6)),
        ("en-US", 6, "bottle", "24 count", Packs(1)),
        # What holds the pieces is a pack, and so is a bottle of tablets.
        ("en-US", 6, "carton", "12 count", Packs(6)),
        ("en-US", 6, "pack", "12 rolls", Packs(6)),
        ("en-US", 6, "bottle", "100 tablets", Packs(6)),
        ("en-US", 6, "box", "6 boxes", Packs(1)),
        ("en-US", 6, "can", "15 oz", Packs(6)),
        ("en-GB", 4, "tin", "4 x 415 g", Packs(1)),
        ("it-IT", 10, "rotolo", "10 rotoli", Packs(1)),
        ("it-IT", 6, "bottiglia", "6 x 1.5 l", Packs(1)),
        ("it-IT", 6, "confezione", "10 rotoli", Packs(6)),
        ("hr-HR", 8, "rola", "8 rola", Packs(1)),
        ("el-GR", 6, "μπουκάλι", "6 μπουκάλια", Packs(1)),
        ("kk-KZ", 6, "бөтелке", "6 бөтелке", Packs(1)),
    ],
)
def test_what_a_number_counts_is_looked_for_on_the_pack(
    locale: str, said: int, unit: str, size: str, packs: Packs
) -> None:
    assert packs == packs_of(product(size), said, "it", locale, named=True, unit=unit)


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "it-IT", "el-GR", "hr-HR", "kk-KZ"])
def test_every_unit_that_is_heard_counts_or_measures(locale: str) -> None:
    sizes = heard_words("sizes", locale)
    lists = load_language(locale).source["lists"]
    for name in ("container", "measure"):
        for words, key in flatten_words(lists[name]):
            for each in (words, key):
                assert sizes[each.casefold()], each
                assert holds_amount(each, locale) == (name == "measure"), each


def test_quantity_said_without_the_name_counts_packs() -> None:
    assert Packs(12) == packs_of(product("12 count"), 12, "eggs", "en-US", named=False)


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
    ("words", "size", "fits"),
    [
        ("half gallon", "half gallon", True),
        ("half gallon", "1 gallon", False),
        ("gallon", "1 gallon", True),
        ("twelve ounce", "12 oz", True),
        ("pound", "per lb", True),
        ("gallon", "12 count", False),
        ("gallon", "24 bottles", False),
        ("pound", "16 oz", True),
    ],
)
def test_size_that_was_said_is_the_products(words: str, size: str, fits: bool) -> None:
    said = size_in_words(words, "en-US")
    assert said is not None
    assert fits == is_of_size(product(size), said, "en-US")


@pytest.mark.parametrize("words", ["gallon of milk", "milk", "", "two pound five ounce", "organic gallon"])
def test_more_than_a_size_is_no_size(words: str) -> None:
    assert size_in_words(words, "en-US") is None


@pytest.mark.parametrize(
    ("locale", "slice_"),
    [("en-US", "slice"), ("it-IT", "fetta"), ("el-GR", "φέτα"), ("hr-HR", "kriška"), ("kk-KZ", "тілім")],
)
def test_slices_are_pieces_of_a_pack_and_never_packs(locale: str, slice_: str) -> None:
    def packs(size: str) -> Packs:
        return packs_of(product(size), 16, "cheese", locale, named=True, unit=slice_)

    assert (Packs(1), Packs(2, asks=True, pieces=24)) == (packs("16 slices"), packs("12 slices"))
    assert [Packs(1, asks=True)] * 3 == [packs("8 oz"), packs("per lb"), packs("")]
