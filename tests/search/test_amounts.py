"""Amounts in a wish: a size is one to be found in, containers count, and neither is a word that the ranking misses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from skill.search.catalogue import SearchCatalogue, open_catalogue
from skill.search.index import build_index
from skill.search.languages import language_codes, read_language
from skill.search.understanding import Understanding
from skill.search.words import Words
from skill.shop.catalogue import Product, Wish
from skill.shop.sizes import read_size

Make = Callable[..., Product]


@pytest.fixture(scope="module")
def dairy(tmp_path_factory: pytest.TempPathFactory, make_product: Make) -> SearchCatalogue:
    """Titles that say less than what is asked for, beside one that has a word of it and something else."""
    path = tmp_path_factory.mktemp("amounts") / "catalogue.index"
    products = (
        make_product("half-1", "Hillside Whole Milk", size="half gallon", category=("Dairy", "Milk"), brand="Hillside"),
        make_product("gallon-1", "Hillside Whole Milk", size="1 gallon", category=("Dairy", "Milk"), brand="Hillside"),
        make_product("gallon-2", "Old Mill Lowfat Milk", size="1 gal", category=("Dairy", "Milk"), brand="Old Mill"),
        make_product("quart", "Old Mill Chocolate Milk", size="1 quart", category=("Dairy", "Milk"), brand="Old Mill"),
        make_product("bar", "Swallowtail Milk Chocolate Bar", size="3.5 oz", category=("Snacks", "Candy")),
        make_product("butter", "Hillside Salted Butter", size="1 lb", category=("Dairy", "Butter")),
        make_product("spread", "Nutty Grove Peanut Butter", size="28 oz", category=("Pantry", "Spreads")),
        make_product("water", "Clearbrook Spring Water", size="24 bottles", category=("Drinks", "Water")),
        make_product("tuna", "Salt Harbor Light Tuna in Water", size="5 oz", category=("Pantry", "Canned fish")),
        make_product("dry", "Whiskerby Dry Cat Food", size="7 lb bag", category=("Pets", "Cat food")),
        make_product("wet", "Whiskerby Canned Cat Food", size="5.5 oz", category=("Pets", "Cat food")),
        make_product("lager", "Lantern Bay Lager", size="6 cans", category=("Drinks", "Beer")),
        make_product("stout", "Crooked Oar Stout", size="1 bottle", category=("Drinks", "Beer")),
        make_product("bananas", "Bananas", size="per lb", category=("Produce", "Fruit")),
        make_product("cake", "Harvest Lane Pound Cake", size="16 oz", category=("Bakery", "Cakes")),
    )
    build_index(products, path)
    return open_catalogue(path)


def found(catalogue: SearchCatalogue, words: str, locale: str = "en-US") -> list[str]:
    findings = catalogue.find(Wish(words), locale=locale)
    return [each.product.sku for each in findings.found if not each.weak]


@pytest.mark.parametrize(
    ("words", "skus"),
    [
        ("a gallon of milk", {"gallon-1", "gallon-2"}),
        ("gallon of milk", {"gallon-1", "gallon-2"}),
        ("milk one gallon", {"gallon-1", "gallon-2"}),
        ("half gallon of milk", {"half-1"}),
        ("half a gallon of milk", {"half-1"}),
        ("a quart of milk", {"quart"}),
        ("16 ounce butter", {"butter"}),
        ("a gallon of milk by old mill", {"gallon-2"}),
        ("six pack of beer", {"lager"}),
    ],
)
def test_what_comes_in_the_size_that_was_said_is_what_was_asked_for(
    dairy: SearchCatalogue, words: str, skus: set[str]
) -> None:
    assert skus == set(found(dairy, words))


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("two bottles of water", "water"),
        ("a pound of butter", "butter"),
        ("six cans of cat food", "wet"),
        ("a bag of cat food", "dry"),
        ("three pounds of bananas", "bananas"),
        ("pound cake", "cake"),
        # Nothing comes in that size: what makes it comes first.
        ("two gallons of chocolate milk", "quart"),
    ],
)
def test_an_amount_takes_nothing_from_what_it_is_of(dairy: SearchCatalogue, words: str, first: str) -> None:
    assert first == found(dairy, words)[0]


@pytest.mark.parametrize(
    ("words", "quantity", "container", "size"),
    [
        ("three cans of tuna", 3, "cans", None),
        ("a can of tuna", 0, "can", None),
        ("two half gallons of milk", 2, "", "half gal"),
        ("two half gallon jugs of milk", 2, "jugs", "half gal"),
        ("two packs of bananas", 2, "", None),
        ("three bananas", 0, "", None),
    ],
)
def test_how_many_are_wanted_is_understood(
    dairy: SearchCatalogue, words: str, quantity: int, container: str, size: str | None
) -> None:
    wish = dairy.find(Wish(words)).understood
    assert (quantity, container, size) == (wish.quantity, wish.container, wish.size)


def test_an_amount_alone_is_what_is_looked_for(dairy: SearchCatalogue) -> None:
    assert "two bottles" == dairy.understand("two bottles").words


def test_the_ranking_hears_the_words_of_an_amount() -> None:
    reads = Understanding(Words(read_language("en")), "USD", [])
    assert "24 ounce coffee" == reads.wish("24 ounce coffee", keep=True).words


@pytest.mark.parametrize(
    ("code", "said", "words", "quantity", "size"),
    [
        ("it", "due bottiglie d'acqua", "acqua", 2, None),
        ("it", "mezzo litro di latte", "latte", 0, "mezzo l"),
        ("it", "due etti di parmigiano", "parmigiano", 0, "2 hg"),
        ("el", "δύο μπουκάλια νερό", "νερο", 2, None),
        ("el", "μισό κιλό καφέ", "καφε", 0, "μισο κιλο"),
        ("hr", "dvije boce vode", "vode", 2, None),
        ("hr", "litra mlijeka", "mlijeka", 0, "1 l"),
        ("kk", "екі бөтелке су", "су", 2, None),
        ("kk", "бір литр сүт", "сүт", 0, "1 л"),
    ],
)
def test_amounts_are_understood_in_every_language(
    code: str, said: str, words: str, quantity: int, size: str | None
) -> None:
    wish = Understanding(Words(read_language(code)), "EUR", []).wish(said)
    assert (words, quantity, size) == (wish.words, wish.quantity, wish.size)


@pytest.mark.parametrize("code", language_codes())
def test_what_a_language_measures_in_is_one_of_its_units(code: str) -> None:
    rules = read_language(code)
    words = Words(rules)
    for unit, meaning in rules["measures"].items():
        assert meaning.startswith("x") or words.is_unit(unit), unit
        assert meaning.startswith("x") or read_size(f"2 {unit}", rules["measures"]) is not None, unit
    assert all([each] == words.tokens(each) for each in rules["containers"])


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, make_product: Make) -> SearchCatalogue:
    """What comes by the dozen, however a feed says so, and titles with a number of their own."""
    path = tmp_path_factory.mktemp("counted") / "catalogue.index"
    products = (
        make_product("eggs-12", "Large White Eggs", size="12 ct", category=("Dairy", "Eggs")),
        make_product("eggs-dozen", "Brown Eggs", size="dozen", category=("Dairy", "Eggs")),
        make_product("eggs-1-dozen", "Free Range Eggs", size="1 dozen", category=("Dairy", "Eggs")),
        make_product("eggs-18", "Large White Eggs", size="18 count", category=("Dairy", "Eggs")),
        make_product("tent", "Ridge Person Tent", size="each", category=("Camping", "Tents")),
        make_product("bar", "3 Musketeers Candy Bar", size="2 oz", category=("Snacks", "Candy")),
        make_product("album", "50 Cent Album", size="each", category=("Music",)),
        make_product("milk", "2% Milk", size="1 gallon", category=("Dairy", "Milk")),
    )
    build_index(products, path)
    return open_catalogue(path)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", "a dozen eggs"),
        ("en-US", "dozen eggs"),
        ("en-US", "a dozen of eggs"),
        ("en-US", "twelve eggs"),
        ("en-US", "a dozen eggs under ten dollars"),
        ("it-IT", "una dozzina di eggs"),
        ("el-GR", "μια ντουζίνα eggs"),
        ("hr-HR", "tucet eggs"),
        ("kk-KZ", "бір дюжина eggs"),
    ],
)
def test_a_dozen_is_what_comes_by_the_dozen(counted: SearchCatalogue, locale: str, words: str) -> None:
    assert {"eggs-12", "eggs-dozen", "eggs-1-dozen"} == set(found(counted, words, locale))


@pytest.mark.parametrize("words", ["two dozen eggs", "half a dozen eggs", "three eggs"])
def test_where_nothing_comes_in_that_number_it_is_no_word_that_the_titles_lack(
    counted: SearchCatalogue, words: str
) -> None:
    findings = counted.find(Wish(words))
    assert {"eggs-12", "eggs-dozen", "eggs-1-dozen", "eggs-18"} == set(found(counted, words))
    assert 0 == findings.understood.quantity


@pytest.mark.parametrize(
    ("words", "understood"),
    [
        ("3 musketeers", "3 musketeers"),
        ("50 cent album", "50 cent album"),
        ("2 percent milk", "2 percent milk"),
        ("7 up", "7 up"),
        ("eggs 12", "eggs 12"),
    ],
)
def test_a_number_in_a_name_counts_nothing(counted: SearchCatalogue, words: str, understood: str) -> None:
    wish = counted.understand(words)
    assert (understood, None) == (wish.words, wish.size)


def test_a_tent_for_four_is_one_tent(counted: SearchCatalogue) -> None:
    findings = counted.find(Wish("a 4 person tent"))
    assert (["tent"], 0) == ([each.product.sku for each in findings.found], findings.understood.quantity)
