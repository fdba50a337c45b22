"""What is in the cart, found by the words that people say for it."""

from __future__ import annotations

import pytest

from skill.dialogue.naming import counted, covers, matching, names
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money
from skill.speech.render import phrase


def product(title: str, brand: str = "", size: str = "") -> Product:
    return Product(sku=Sku(title), title=title, brand=brand, size=size, category=(), price=Money(100, "EUR"), stock=5)


CARTS = {
    "en-US": ("Gala Apples", "Whole Milk", "Sourdough Bread"),
    "it-IT": ("Mela Golden", "Latte intero", "Pane di segale"),
    "el-GR": ("Μήλα Στάρκιν", "Φρέσκο γάλα", "Χαρτί υγείας"),
    "hr-HR": ("Crvene jabuke", "Svježe mlijeko", "Kukuruzni kruh"),
    "kk-KZ": ("Алма", "Айналайын сүті", "Қара нан"),
}


@pytest.mark.parametrize(
    ("locale", "said", "place"),
    [
        ("en-US", "apple", 0), ("en-US", "the apples", 0), ("en-US", "breads", 2),
        ("it-IT", "mele", 0), ("it-IT", "la mela", 0), ("it-IT", "il pane", 2),
        ("el-GR", "μήλο", 0), ("el-GR", "το μήλο", 0), ("el-GR", "γαλα", 1),
        ("el-GR", "χαρτί υγείας", 2), ("el-GR", "χαρτί υγείασ", 2),
        ("hr-HR", "jabuka", 0), ("hr-HR", "jabuku", 0), ("hr-HR", "svjeze mlijeko", 1), ("hr-HR", "kruha", 2),
        ("kk-KZ", "алмалар", 0), ("kk-KZ", "алманы", 0), ("kk-KZ", "алмаларды", 0), ("kk-KZ", "сүтті", 1), ("kk-KZ", "нанды", 2),
    ],
)  # fmt: skip
def test_what_is_in_the_cart_is_found_in_any_form_of_its_name(locale: str, said: str, place: int) -> None:
    cart = [product(title) for title in CARTS[locale]]
    assert [cart[place]] == matching(said, cart, locale)


@pytest.mark.parametrize("locale", CARTS)
def test_what_is_not_in_the_cart_is_not_found(locale: str) -> None:
    assert [] == matching("xylophone", [product(title) for title in CARTS[locale]], locale)


def test_every_heard_word_must_be_there_in_some_form() -> None:
    assert covers("mele golden", product("Mela Golden"), "it-IT")
    assert not covers("mele verdi", product("Mela Golden"), "it-IT")


def test_two_that_fit_alike_are_both_found() -> None:
    cart = [product("Mela Golden"), product("Mela Fuji"), product("Pane")]
    assert cart[:2] == matching("le mele", cart, "it-IT")


@pytest.mark.parametrize(
    ("locale", "said", "title", "brand", "named"),
    [
        ("en-US", "doll", "Little Lantern Rag Doll", "Little Lantern", True),
        ("en-US", "rope", "Wagtail Rope Dog Toy", "Wagtail", False),
        ("en-US", "cherries", "Crooked Oar Black Cherry Hard Seltzer", "Crooked Oar", False),
        ("en-US", "mushrooms", "Cream of Mushroom Soup", "", False),
        ("en-US", "mushroom soup", "Cream of Mushroom Soup", "", True),
        ("en-US", "heart pillow", "Accent Pillow with Heart Design", "", True),
        ("en-US", "heart", "Accent Pillow with Heart Design", "", False),
        ("en-US", "tuna", "Canned Cat Food, Tuna", "", False),
        ("it-IT", "latte intero", "Granarolo Latte intero", "Granarolo", True),
        ("it-IT", "intero", "Latte intero", "", False),
        ("hr-HR", "mlijeko", "Svježe mlijeko", "", True),
        ("hr-HR", "krem", "Juha krem od gljiva", "", False),
        ("el-GR", "γάλα", "Φρέσκο γάλα", "", True),
        ("el-GR", "κρέμα", "Σούπα κρέμα μανιτάρι", "", False),
        ("kk-KZ", "нан", "Қара нан", "", True),
        ("kk-KZ", "қара", "Қара нан", "", False),
    ],
)
def test_words_name_a_product_where_they_say_what_it_is(
    locale: str, said: str, title: str, brand: str, named: bool
) -> None:
    assert named == names(said, product(title, brand), locale)


@pytest.mark.parametrize(
    ("locale", "title", "size", "said"),
    [
        ("en-US", "Lemons", "each", "6 Lemons"),
        ("en-US", "Lemons, each", "", "6 Lemons"),
        ("en-US", "Lemons, 2 lb bag", "", "6 Lemons, 2 lb bag"),
        ("en-US", "Each", "", "6 Each"),
        ("it-IT", "Limoni", "cadauno", "6 Limoni"),
        ("el-GR", "Λεμόνια", "τεμάχιο", "6 Λεμόνια"),
        ("hr-HR", "Limun", "komad", "6 Limun"),
        ("kk-KZ", "Лимон", "дана", "6 Лимон"),
        ("kk-KZ", "Lemons", "each", "6 Lemons"),
    ],
)
def test_behind_a_number_each_is_not_said(locale: str, title: str, size: str, said: str) -> None:
    assert said == phrase(counted(6, product(title, size=size), locale), locale)
