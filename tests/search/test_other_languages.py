"""Wishes in the other languages that have rules: filters understood, misheard words found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from skill.search.catalogue import open_catalogue
from skill.search.index import build_index
from skill.search.languages import read_language
from skill.search.understanding import Understanding
from skill.search.words import Words
from skill.shop.catalogue import Product, Wish
from skill.shop.money import Money


@pytest.mark.parametrize(
    ("code", "currency", "said", "words", "price_max"),
    [
        ("it", "EUR", "cerco pasta sotto i cinque euro", "pasta", 500),
        ("el", "EUR", "θέλω γάλα κάτω από δύο ευρώ", "γαλα", 200),
        ("hr", "EUR", "tražim mlijeko ispod dva eura", "mlijeko", 200),
        ("kk", "KZT", "маған сүт керек жүз теңге дейін", "сүт", 10000),
    ],
)
def test_a_price_ceiling_is_understood(code: str, currency: str, said: str, words: str, price_max: int) -> None:
    wish = Understanding(Words(read_language(code)), currency, []).wish(said)
    assert (words, Money(price_max, currency)) == (wish.words, wish.price_max)


@pytest.mark.parametrize(
    ("code", "currency", "said", "words"),
    [
        ("it", "EUR", "pasta per cinque euro circa", "pasta"),
        ("it", "EUR", "pasta cinque euro più o meno", "pasta"),
        ("el", "EUR", "γάλα για πέντε ευρώ περίπου", "γαλα"),
        ("el", "EUR", "γάλα πέντε ευρώ πάνω κάτω", "γαλα"),
        ("hr", "EUR", "mlijeko za pet eura otprilike", "mlijeko"),
        ("kk", "KZT", "бес теңге шамалы сүт", "сүт"),
        ("kk", "KZT", "сүт бес теңге жуық", "сүт"),
    ],
)
def test_a_price_that_is_nearly_meant_is_understood(code: str, currency: str, said: str, words: str) -> None:
    wish = Understanding(Words(read_language(code)), currency, []).wish(said)
    assert (words, Money(400, currency), Money(600, currency)) == (wish.words, wish.price_min, wish.price_max)


@pytest.mark.parametrize(
    ("code", "said"), [("it", "doppia a"), ("el", "διπλό α"), ("hr", "dvostruko a"), ("kk", "қос а")]
)
def test_a_double_letter_is_one_word(code: str, said: str) -> None:
    assert said[-1] * 2 == "".join(Words(read_language(code)).tokens(said))


@pytest.mark.parametrize(
    ("locale", "titles", "heard"),
    [
        ("it-IT", ("Gnocchi di patate", "Zucchine fresche", "Pane integrale"), "niocchi di patate"),
        ("el-GR", ("Ελληνικό γιαούρτι", "Φρέσκο γάλα", "Ψωμί ολικής"), "ελληνικο γιαουρτη"),
        ("hr-HR", ("Svježe mlijeko", "Kukuruzni kruh", "Jogurt od jagode"), "svjeze mljeko"),
        ("kk-KZ", ("Сүтті шоколад", "Қызанақ шырыны", "Қара нан"), "кызанак шырыны"),
    ],
)
def test_a_misheard_title_is_found_by_its_sounds(
    tmp_path: Path, make_product: Callable[..., Product], locale: str, titles: tuple[str, ...], heard: str
) -> None:
    build_index([make_product(f"p{n}", title) for n, title in enumerate(titles)], tmp_path / "c", locale=locale)
    catalogue = open_catalogue(tmp_path / "c")
    meant = {"it-IT": "p0", "el-GR": "p0", "hr-HR": "p0", "kk-KZ": "p1"}[locale]
    assert meant == catalogue.rank(heard)[0][0]


@pytest.mark.parametrize(
    "forms",
    [
        "сүт сүтті сүті сүтін сүттер", "алма алмалар алманы алмаларды алманың", "шырын шырыны шырынын шырынды", "май майды майы",
        "тамақ тамағы тамағын тамақты", "ет еті етін етті", "су суды суы", "жұмыртқа жұмыртқаны жұмыртқалар",
        "қағаз қағазы қағазын",
    ],
)  # fmt: skip
def test_kazakh_words_are_one_term_in_every_form(forms: str) -> None:
    words = Words(read_language("kk"))
    assert 1 == len({words.stem(form) for form in forms.split()})


@pytest.mark.parametrize("forms", ["πατάτες ΠΑΤΑΤΕΣ πατάτεσ", "Καφές καφεσ ΚΑΦΕΣ"])
def test_a_greek_word_is_one_whatever_its_last_sigma_looks_like(forms: str) -> None:
    words = Words(read_language("el"))
    assert 1 == len(set(words.tokens(forms)))


@pytest.mark.parametrize(
    ("code", "currency", "said"),
    [
        ("en", "USD", "the cheapest dog food"), ("it", "EUR", "il cibo per cani più economico"),
        ("el", "EUR", "την πιο φθηνή σκυλοτροφή"),
        ("hr", "EUR", "najjeftiniju hranu za pse"), ("kk", "KZT", "ең арзан ит тамағын"),
    ],
)  # fmt: skip
def test_the_cheapest_is_asked_for_as_each_language_is_told_to(code: str, currency: str, said: str) -> None:
    """What a shopper who was not understood is told to try."""
    assert "price" == Understanding(Words(read_language(code)), currency, []).wish(said).sort


@pytest.mark.parametrize(
    ("locale", "titles", "said", "cheapest"),
    [
        ("hr-HR", ("Instant kava", "Kava mljevena", "Kava bez kofeina", "Šalica za čaj"), "najjeftiniju kavu", "Kava mljevena"),
        ("it-IT", ("Caffè in grani", "Caffè macinato", "Caffè", "Tazza da caffè"), "il caffè più economico", "Caffè macinato"),
        ("el-GR", ("Στιγμιαίος καφές", "Καφές φίλτρου", "Καφές", "Φλιτζάνι"), "τον φθηνότερο καφέ", "Καφές φίλτρου"),
    ],
)  # fmt: skip
def test_the_cheapest_is_one_whose_name_begins_with_what_was_asked_for(
    tmp_path: Path, make_product: Callable[..., Product], locale: str, titles: tuple[str, ...], said: str, cheapest: str
) -> None:
    prices = (499, 349, 399, 100)
    products = [make_product(f"p{n}", title, prices[n]) for n, title in enumerate(titles)]
    build_index(products, tmp_path / "c", locale=locale)
    found = open_catalogue(tmp_path / "c").find(Wish(said), locale=locale).found
    assert cheapest == found[0].product.title


def test_in_italian_oil_is_what_begins_with_oil_and_an_apostrophe_ends_a_word(
    tmp_path: Path, make_product: Callable[..., Product]
) -> None:
    titles = ("Tonno all’olio di oliva", "Olio extravergine di oliva", "Acqua frizzante")
    build_index([make_product(f"p{n}", title) for n, title in enumerate(titles)], tmp_path / "c", locale="it-IT")
    catalogue = open_catalogue(tmp_path / "c")
    assert "p1" == catalogue.find(Wish("l'olio d'oliva"), locale="it-IT").found[0].product.sku
    assert "p2" == catalogue.find(Wish("un po' d'acqua"), locale="it-IT").found[0].product.sku
