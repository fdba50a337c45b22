from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.search.languages import read_language
from skill.search.understanding import Understanding
from skill.search.words import Words
from skill.shop.catalogue import Product, Sku, Wish
from skill.shop.money import Money

BRANDS = {"hillside": "Hillside", "3 farmers": "Three Farmers", "no name": "No Name"}
ENGLISH = Understanding(Words(read_language("en")), "USD", ["Dog food", "Dairy"], BRANDS.get)


def dollars(text: str) -> Money:
    whole, _, cents = text.partition(".")
    return Money(int(whole) * 100 + int(cents or 0), "USD")


@pytest.mark.parametrize(
    ("said", "words", "filters"),
    [
        ("dog food under twenty dollars", "dog food", {"price_max": dollars("20")}),
        ("dog food under 20", "dog food", {"price_max": dollars("20")}),
        ("wine for less than $15", "wine", {"price_max": dollars("15")}),
        ("soup four ninety nine or less", "soup", {"price_max": dollars("4.99")}),
        ("gum under ninety nine cents", "gum", {"price_max": dollars("0.99")}),
        ("no more than twelve dollars and fifty cents chocolate", "chocolate", {"price_max": dollars("12.50")}),
        ("headphones over fifty dollars", "headphones", {"price_min": dollars("50")}),
        (
            "wine between five and ten dollars",
            "wine",
            {"price_min": dollars("5"), "price_max": dollars("10")},
        ),
        ("cereal about ten dollars", "cereal", {"price_min": dollars("8"), "price_max": dollars("12")}),
        ("cheapest oat milk", "oat milk", {"sort": "price"}),
        ("the best rated coffee", "coffee", {"sort": "rating"}),
        ("milk in stock", "milk", {"in_stock_only": True}),
        ("headphones with at least four stars", "headphones", {"rating_min_tenths": 40}),
        ("headphones with at least four point seven stars", "headphones", {"rating_min_tenths": 47}),
        ("headphones rated four and a half stars or better", "headphones", {"rating_min_tenths": 45}),
        ("headphones rated 4.5 or more", "headphones", {"rating_min_tenths": 45}),
        ("coffee rated four or better", "coffee", {"rating_min_tenths": 40}),
        ("coffee rated at least four stars", "coffee", {"rating_min_tenths": 40}),
        ("coffee rated at least four", "coffee", {"rating_min_tenths": 40}),
        ("well rated coffee", "coffee", {"sort": "rating"}),
        ("highly rated tea", "tea", {"sort": "rating"}),
        ("milk cheapest first", "milk", {"sort": "price"}),
        ("coffee from any brand but acme", "coffee", {"words_excluded": ("acme",)}),
        ("milk by any brand except hillside", "milk", {"words_excluded": ("hillside",)}),
        ("milk not from hillside", "milk", {"words_excluded": ("hillside",)}),
        ("a large coffee", "a coffee", {"sort": "biggest"}),
        ("gluten free bread", "bread", {"allergens_excluded": ("gluten",)}),
        ("bread without nuts", "bread", {"allergens_excluded": ("nuts",)}),
        ("nut and dairy free snacks", "snacks", {"allergens_excluded": ("nut", "dairy")}),
        ("milk alternative without soy or nuts", "milk alternative", {"allergens_excluded": ("soy", "nuts")}),
        (
            "cereal without wheat or raisins",
            "cereal",
            {"allergens_excluded": ("wheat",), "words_avoided": ("raisins",)},
        ),
        ("chocolate without almonds", "chocolate", {"allergens_excluded": ("almonds",)}),
        ("almond free milk", "milk", {"allergens_excluded": ("almond",)}),
        ("chocolate that does not contain milk", "chocolate", {"allergens_excluded": ("milk",)}),
        ("chocolate that doesn't have nuts", "chocolate", {"allergens_excluded": ("nuts",)}),
        ("ice cream my son is allergic to eggs", "ice cream", {"allergens_excluded": ("eggs",)}),
        ("cookies for someone with a nut allergy", "cookies", {"allergens_excluded": ("nut",)}),
        ("something for my daughter who is allergic to peanuts", "", {"allergens_excluded": ("peanuts",)}),
        ("bread my son can not have gluten", "bread", {"allergens_excluded": ("gluten",)}),
        ("snacks for my kid without nuts", "snacks", {"allergens_excluded": ("nuts",)}),
        ("a bottle of red wine", "red wine", {}),
        ("the cheapest thing you have", "", {"sort": "price"}),
        ("eggless cookies", "cookies", {"allergens_excluded": ("egg",)}),
        ("do you have anything without nuts", "", {"allergens_excluded": ("nuts",)}),
        ("coffee but not decaf", "coffee", {"words_excluded": ("decaf",)}),
        ("coffee but no decaf", "coffee", {"words_avoided": ("decaf",)}),
        ("soup no tomato", "soup", {"words_avoided": ("tomato",)}),
        ("soup not tomato or mushroom", "soup", {"words_excluded": ("tomato", "mushroom")}),
        ("coffee not decaf and in stock", "coffee", {"words_excluded": ("decaf",), "in_stock_only": True}),
        ("coffee under a fiver", "coffee", {"price_max": dollars("5")}),
        ("yogurt under a dollar", "yogurt", {"price_max": dollars("1")}),
        ("yogurt under a dollar fifty", "yogurt", {"price_max": dollars("1.50")}),
        ("coffee nothing over nine dollars", "coffee", {"price_max": dollars("9")}),
        ("wine max twelve dollars", "wine", {"price_max": dollars("12")}),
        ("wine at twelve dollars max", "wine", {"price_max": dollars("12")}),
        ("wine below fifteen and above eleven", "wine", {"price_max": dollars("15"), "price_min": dollars("11")}),
        ("five dollars or less coffee", "coffee", {"price_max": dollars("5")}),
        ("ten dollar wine", "wine", {"price_min": dollars("8"), "price_max": dollars("12")}),
        ("wine that is not too expensive", "wine", {"sort": "price"}),
        ("vegan cookies", "vegan cookies", {"attributes_required": ("vegan",)}),
        ("bread by hillside", "bread", {"brand": "Hillside"}),
        ("lentils from three farmers", "lentils", {"brand": "Three Farmers"}),
        ("cheese in the dairy aisle", "cheese", {"category": "Dairy"}),
        ("something under five dollars", "", {"price_max": dollars("5")}),
        ("something for a fiver", "", {"price_min": dollars("4"), "price_max": dollars("6")}),
        ("something for ninety nine cents", "", {"price_min": dollars("0.80"), "price_max": dollars("1.18")}),
        ("coffee for ten dollars or so", "coffee", {"price_min": dollars("8"), "price_max": dollars("12")}),
        ("coffee like five bucks", "coffee", {"price_min": dollars("4"), "price_max": dollars("6")}),
        ("place mats for two", "place mats for two", {"price_max": None}),
        ("please find me some milk", "milk", {}),
    ],
)
def test_filters_are_taken_out_of_the_words(said: str, words: str, filters: dict[str, Any]) -> None:
    wish = ENGLISH.wish(said)
    stated = {name: getattr(wish, name) for name in filters}
    assert (words, filters) == (wish.words, stated)


@pytest.mark.parametrize(
    "said",
    [
        "under cabinet light",
        "under 20 watt bulbs",
        "over the door hook",
        "between",
        "about",
        "",
        "  ",
        "50 50 bread",
        "50 cent album",
        "no 7 face cream",
        "no thanks",
        "oat milk 2",
        "no name bread",
        "fearless album",
    ],
)
def test_words_that_mean_no_filter_stay_words(said: str) -> None:
    wish = ENGLISH.wish(said)
    assert Wish(wish.words) == wish


def test_for_ranking_the_words_that_titles_say_too_stay() -> None:
    assert "gluten free bread" == ENGLISH.wish("gluten free bread under 5 dollars", keep=True).words
    assert "cereal without wheat or raisins" == ENGLISH.wish("cereal without wheat or raisins", keep=True).words


@pytest.mark.parametrize(
    ("language", "said", "words", "filters"),
    [
        ("it", "pane senza frumento", "pane", {"allergens_excluded": ("frumento",)}),
        ("it", "biscotti senza nocciole e uova", "biscotti", {"allergens_excluded": ("nocciole", "uova")}),
        ("it", "biscotti sono allergica alle noci", "biscotti", {"allergens_excluded": ("noci",)}),
        ("it", "caffè di qualsiasi marca tranne illy", "caffe", {"words_excluded": ("illy",)}),
        ("it", "caffè ben valutato", "caffe", {"sort": "rating"}),
        ("it", "caffè valutato almeno quattro stelle", "caffe", {"rating_min_tenths": 40}),
        ("el", "ο πιο φθηνός καφές", "καφεσ", {"sort": "price"}),
        ("el", "τον φθηνότερο καφέ", "καφε", {"sort": "price"}),
        (
            "el",
            "γάλα μεταξύ ενός και τριών ευρώ",
            "γαλα",
            {"price_min": Money(100, "EUR"), "price_max": Money(300, "EUR")},
        ),
        ("el", "καφές από οποιαδήποτε μάρκα εκτός από λουμίδης", "καφεσ", {"words_excluded": ("λουμιδησ",)}),
        ("el", "καφές με τουλάχιστον τέσσερα αστέρια", "καφεσ", {"rating_min_tenths": 40}),
        ("hr", "ulje preko deset eura", "ulje", {"price_min": Money(1000, "EUR"), "price_max": None}),
        ("hr", "ulje ne preko deset eura", "ulje", {"price_min": None, "price_max": Money(1000, "EUR")}),
        (
            "hr",
            "ulje između jednog i tri eura",
            "ulje",
            {"price_min": Money(100, "EUR"), "price_max": Money(300, "EUR")},
        ),
        ("hr", "ulje od dvaju do triju eura", "ulje", {"price_min": Money(200, "EUR"), "price_max": Money(300, "EUR")}),
        ("hr", "kava s najmanje četiri zvjezdice", "kava", {"rating_min_tenths": 40}),
        ("hr", "dobro ocijenjena kava", "kava", {"sort": "rating"}),
        ("hr", "kava bilo koje marke osim franck", "kava", {"words_excluded": ("franck",)}),
        ("kk", "жоғары бағаланған шай", "шай", {"sort": "rating"}),
        ("kk", "дәмді басқа кез келген бренд шай", "шай", {"words_excluded": ("дәмді",)}),
        ("it", "caffè meno di tre euro e cinquanta", "caffe", {"price_max": Money(350, "EUR")}),
        ("el", "σοκολάτα χωρίς λακτόζη", "σοκολατα", {"allergens_excluded": ("λακτοζη",)}),
        ("el", "μπισκότα χωρίς ξηρούς καρπούς", "μπισκοτα", {"allergens_excluded": ("ξηρουσ καρπουσ",)}),
        ("hr", "kruh bez pšenice", "kruh", {"allergens_excluded": ("psenice",)}),
        ("hr", "čokolada bez kikirikija ili badema", "cokolada", {"allergens_excluded": ("kikirikija", "badema")}),
        ("kk", "сүтсіз шоколад", "шоколад", {"allergens_excluded": ("сүт",)}),
        ("kk", "жаңғақсыз шоколад", "шоколад", {"allergens_excluded": ("жаңғақ",)}),
        ("kk", "мың теңгеге дейін шай", "шай", {"price_max": Money(100000, "KZT")}),
        ("kk", "шай декаф емес", "шай", {"words_excluded": ("декаф",)}),
    ],
)
def test_filters_are_understood_in_every_language(
    language: str, said: str, words: str, filters: dict[str, Any]
) -> None:
    currency = "KZT" if language == "kk" else "EUR"
    wish = Understanding(Words(read_language(language)), currency, []).wish(said)
    assert (words, filters) == (wish.words, {name: getattr(wish, name) for name in filters})


#: How to say that something is not wanted: to be without it, and not to be it.
WITHOUT = {
    "en": """
        {wish} without {it}
        {wish} with no {it}
        {wish} that doesn't have {it}
        {wish} that don't have any {it}
        {wish} which has no {it}
        {wish} that haven't got {it}
        {wish} not containing {it}
        {wish} free of {it}
        {wish} that does not contain {it}
        {wish} but no {it}
    """,
    "it": """
        {wish} senza {it}
        {wish} che non contenga {it}
        {wish} che non contengono {it}
        {wish} che non abbia {it}
        {wish} senza il {it}
        {wish} privo di {it}
        {wish} niente {it}
        {wish} ma non ha {it}
        {wish} che non ha {it}
        {wish} non fatto con {it}
    """,
    "el": """
        {wish} χωρίς {it}
        {wish} δίχως {it}
        {wish} που δεν έχει {it}
        {wish} που δεν περιέχει {it}
        {wish} να μην έχει {it}
        {wish} χωρίς το {it}
        {wish} να μην περιέχει {it}
        {wish} που δεν έχουν {it}
        {wish} δεν έχει {it}
        {wish} χωρίς καθόλου {it}
    """,
    "hr": """
        {wish} bez {it}
        {wish} koji nema {it}
        {wish} koja nema {it}
        {wish} koji ne sadrži {it}
        {wish} nema {it}
        {wish} da nema {it}
        {wish} bez ikakvog {it}
        {wish} koje nemaju {it}
        {wish} bez dodanog {it}
        {wish} da ne sadrži {it}
    """,
    "kk": """
        {it} жоқ {wish}
        құрамында {it} жоқ {wish}
        {it} қосылмаған {wish}
        {it} болмаған {wish}
        {wish} {it} жоқ
        {wish} құрамында {it} жоқ
        {wish} {it} қосылмаған
        {it} болмасын {wish}
        {wish} {it} болмасын
        {wish} {it} болмаған
    """,
}
NOT = {
    "en": """
        {wish} not {it}
        {wish} but not {it}
        {wish} that isn't {it}
        {wish} that are not {it}
        {wish} that's not {it}
        {wish} except {it}
        {wish} other than {it}
        {wish} excluding the {it} ones
        {wish} which aren't {it}
        {wish} apart from {it}
    """,
    "it": """
        {wish} non {it}
        {wish} ma non {it}
        {wish} che non sia {it}
        {wish} che non siano {it}
        {wish} che non è {it}
        {wish} tranne {it}
        {wish} eccetto {it}
        {wish} a parte {it}
        {wish} tranne quello {it}
        {wish} escluso il {it}
    """,
    "el": """
        {wish} όχι {it}
        {wish} αλλά όχι {it}
        {wish} που δεν είναι {it}
        {wish} να μην είναι {it}
        {wish} εκτός {it}
        {wish} εκτός από {it}
        {wish} εκτός από το {it}
        {wish} πέρα από {it}
        {wish} και όχι {it}
        {wish} δεν είναι {it}
    """,
    "hr": """
        {wish} ne {it}
        {wish} ali ne {it}
        {wish} koji nije {it}
        {wish} koja nije {it}
        {wish} da nije {it}
        {wish} osim {it}
        {wish} izuzev {it}
        {wish} koje nisu {it}
        {wish} a ne {it}
        {wish} umjesto {it}
    """,
    "kk": """
        {it} емес {wish}
        {wish} {it} емес
        {it} басқа {wish}
        {wish} {it} басқа
    """,
}
#: What is wanted, something to avoid that the table knows, another word, and a name of two words.
SAID = {
    "en": ("cookies", "nuts", "cinnamon", "sour cream"),
    "it": ("biscotti", "latte", "cannella", "panna acida"),
    "el": ("μπισκοτα", "γαλα", "κανελα", "πραλινα φραουλασ"),
    "hr": ("keksi", "mlijeka", "cimeta", "kiselog vrhnja"),
    "kk": ("печенье", "сүт", "даршын", "қара шай"),
}
LANGUAGES = {
    code: Understanding(Words(read_language(code)), "EUR", [], in_titles=lambda said, name=said[3]: " ".join(said) == name)
    for code, said in SAID.items()
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "frame"),
    [(code, frame.strip()) for code, frames in WITHOUT.items() for frame in frames.strip().splitlines()],
)
def test_to_be_without_is_understood_in_many_ways(code: str, frame: str) -> None:
    wanted, thing, word, name = SAID[code]
    reads = LANGUAGES[code]
    wish = reads.wish(frame.format(wish=wanted, it=thing))
    assert (wanted, (thing,), ()) == (wish.words, wish.allergens_excluded, wish.words_excluded)
    for unwanted in (word, name):
        wish = reads.wish(frame.format(wish=wanted, it=unwanted))
        assert (wanted, (unwanted,), ()) == (wish.words, wish.words_avoided, wish.words_excluded)


#: How to name several things to be without; the first list names two of them, the second three. No comma is heard.
SEVERAL = {
    "en": (
        """
        {wish} free from {a} and {b}
        {a} and {b} free {wish}
        {wish} with no {a} or {b}
        {wish} without {a} or without {b}
        {wish} without {a} or no {b}
        {wish} without either {a} or {b}
        {wish} with neither {a} nor {b}
        {wish} my son is allergic to {a} and the {b}
        """,
        """
        {wish} without {a}, {b} and {c}
        {wish} without {a} {b} or {c}
        {a}, {b} and {c} free {wish}
        {wish} my son is allergic to {a}, {b} and {c}
        """,
    ),
    "it": (
        """
        {wish} senza {a} e {b}
        {wish} senza né {a} né {b}
        {wish} che non contengono né {a} né {b}
        {wish} senza {a} o senza {b}
        {wish} sono allergica al {a} e alle {b}
        {wish} sono allergico all'{b} e al {a}
        """,
        """
        {wish} senza {a}, {b} e {c}
        {wish} sono allergico al {a}, {b} e al {c}
        """,
    ),
    "el": (
        """
        {wish} χωρίς {a} και {b}
        {wish} χωρίς {a} ή χωρίς {b}
        {wish} που δεν έχουν ούτε {a} ούτε {b}
        {wish} είμαι αλλεργικός στο {a} και στα {b}
        {wish} είμαι αλλεργική στο {a} και τα {b}
        """,
        "{wish} χωρίς {a}, {b} και {c}",
    ),
    "hr": (
        """
        {wish} bez {a} i {b}
        {wish} bez {a} ili bez {b}
        {wish} koji ne sadrže ni {a} ni {b}
        {wish} alergična sam na {a} i na {b}
        """,
        "{wish} bez {a}, {b} i {c}",
    ),
    "kk": (
        """
        {a}сіз және {b}сыз {wish}
        {a} пен {b}сыз {wish}
        {a} және {b} жоқ {wish}
        құрамында {a} пен {b} жоқ {wish}
        {wish} {a} пен {b}ға аллергиям бар
        """,
        """
        {a}, {b} және {c}сіз {wish}
        құрамында {a}, {b} және {c} жоқ {wish}
        """,
    ),
}
THINGS = {
    "en": ("milk", "eggs", "nuts"),
    "it": ("latte", "uova", "glutine"),
    "el": ("γαλα", "αυγα", "γλουτενη"),
    "hr": ("mlijeko", "jaja", "gluten"),
    "kk": ("сүт", "жұмыртқа", "глютен"),
}


@pytest.mark.parametrize(
    ("code", "frame", "count"),
    [
        (code, frame.strip(), count)
        for code, lists in SEVERAL.items()
        for count, frames in enumerate(lists, start=2)
        for frame in frames.strip().splitlines()
    ],
)
def test_of_several_things_to_avoid_none_is_looked_for(code: str, frame: str, count: int) -> None:
    wanted, things = SAID[code][0], THINGS[code][:count]
    wish = LANGUAGES[code].wish(frame.format(wish=wanted, **dict(zip("abc", things, strict=False))))
    avoided = {thing.removesuffix("ға") for thing in wish.allergens_excluded}
    assert (wanted, set(things), ()) == (wish.words, avoided, wish.words_avoided)


def test_what_only_joins_in_front_of_a_wish_is_not_looked_for() -> None:
    said = ("something for a headache", "for the headache", "a corn squash")
    assert ["headache", "headache", "a corn squash"] == [ENGLISH.wish(words).words for words in said]
    assert "for the headache" == ENGLISH.wish("for the headache", keep=True).words


@pytest.mark.parametrize(
    ("said", "words", "avoided"),
    [
        ("cookies without nuts milk chocolate", "cookies milk chocolate", ("nuts",)),
        ("cookies without nuts and a gallon of milk", "cookies milk", ("nuts",)),
        ("cookies without nuts and a milk", "cookies milk", ("nuts",)),
        ("milk and nut free bread", "bread", ("milk", "nut")),
    ],
)
def test_what_is_only_said_beside_it_is_not_avoided(said: str, words: str, avoided: tuple[str, ...]) -> None:
    wish = LANGUAGES["en"].wish(said)
    assert (words, avoided, ()) == (wish.words, wish.allergens_excluded, wish.words_avoided)


@pytest.mark.parametrize(
    ("code", "frame"), [(code, frame.strip()) for code, frames in NOT.items() for frame in frames.strip().splitlines()]
)
def test_not_to_be_something_is_understood_in_many_ways(code: str, frame: str) -> None:
    wanted, thing, word, name = SAID[code]
    for unwanted in (thing, word, name):
        wish = LANGUAGES[code].wish(frame.format(wish=wanted, it=unwanted))
        assert (wanted, (unwanted,), ()) == (wish.words, wish.words_excluded, wish.allergens_excluded)


@pytest.mark.parametrize(
    ("said", "words", "avoided", "excluded"),
    [
        ("bread that is not gluten free", "bread", (), ("gluten free",)),
        ("milk not lactose free", "milk", (), ("lactose free",)),
        ("cookies without peanut butter", "cookies", ("peanut",), ("peanut butter",)),
        ("chips except sour cream", "chips", (), ("sour cream",)),
        ("but chocolate", "", (), ("chocolate",)),
        ("anything but chocolate", "", (), ("chocolate",)),
        ("pulp free orange juice", "orange juice", ("pulp",), ()),
        ("cage free eggs", "cage free eggs", (), ()),
        ("no salt crackers", "crackers", ("salt",), ()),
        ("soup without tomato or sour cream", "soup", ("tomato", "sour cream"), ()),
        ("milk but chocolate", "milk but chocolate", (), ()),
        ("shoes that aren't by hillside", "shoes", (), ("hillside",)),
        ("don't tread on me flag", "don't tread on me flag", (), ()),
    ],
)
def test_a_negation_takes_the_longest_name_that_is_known(
    said: str, words: str, avoided: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    pairs = {"peanut butter", "sour cream", "cage free"}
    reads = Understanding(
        Words(read_language("en")), "USD", [], BRANDS.get, in_titles=lambda said: " ".join(said) in pairs
    )
    wish = reads.wish(said)
    assert (words, avoided, excluded) == (wish.words, wish.allergens_excluded + wish.words_avoided, wish.words_excluded)


def test_what_a_wish_states_wins_over_its_words() -> None:
    wish = ENGLISH.merge(Wish("milk under ten dollars", price_max=dollars("3")))
    assert dollars("3") == wish.price_max
    assert "milk" == wish.words


def test_yen_have_no_cents() -> None:
    yen = Understanding(Words(read_language("en")), "JPY", [])
    assert Money(500, "JPY") == yen.wish("tea under 500").price_max


@given(st.text(max_size=120))
def test_no_utterance_is_an_error(said: str) -> None:
    ENGLISH.wish(said)


FILTER_WORDS = [
    "under", "5", "1/2", "4,99", "1,000", "dollars", "and", "cents", "between", "to", "not", "without", "gluten", "free",
    "by", "in", "the",
]  # fmt: skip


@given(st.lists(st.sampled_from(FILTER_WORDS)))
def test_no_order_of_filter_words_is_an_error(said: list[str]) -> None:
    ENGLISH.wish(" ".join(said))


def bread(**more: Any) -> Product:
    return Product(Sku("x"), more.pop("title", "White Bread"), dollars("3"), stock=1, **more)


@pytest.mark.parametrize(
    ("wish", "product", "admitted"),
    [
        (Wish("", price_max=dollars("3")), bread(), True),
        (Wish("", price_max=dollars("2.99")), bread(), False),
        (Wish("", price_min=dollars("3.01")), bread(), False),
        (Wish("", allergens_excluded=("gluten",)), bread(allergens=("wheat",)), False),
        (Wish("", allergens_excluded=("gluten",)), bread(allergens=("Wheat",)), False),
        (Wish("", allergens_excluded=("gluten",)), bread(allergens=("eggs",)), True),
        (Wish("", allergens_excluded=("nuts",)), bread(allergens=("almonds",)), False),
        (Wish("", allergens_excluded=("gluten",)), bread(title="Gluten Free Bread", allergens=("wheat",)), False),
        (Wish("", allergens_excluded=("lactose",)), bread(title="Lactose Free Milk", allergens=("milk",)), True),
        (Wish("", words_excluded=("white",)), bread(), False),
        (Wish("", words_excluded=("fat",)), bread(title="Fat Free Milk"), True),
        (Wish("", words_excluded=("fat",)), bread(title="Full Fat Milk"), False),
        (Wish("", words_excluded=("raisins",)), bread(allergens=("raisins",)), False),
        (Wish("", words_excluded=("decaf",)), bread(title="Decaffeinated Coffee"), False),
        (Wish("", attributes_required=("vegan",)), bread(), False),
        (Wish("", attributes_required=("vegan",)), bread(attributes=(("diet", "Vegan"),)), True),
        (Wish("", attributes_required=("vegan",)), bread(attributes=(("diet", "vegetarian"),)), False),
        (Wish("", attributes_required=("vegetarian",)), bread(attributes=(("diet", "vegan"),)), True),
        (Wish("", rating_min_tenths=40), bread(), False),
        (Wish("", rating_min_tenths=40), bread(rating_tenths=40), True),
        (Wish("", brand="Hillside"), bread(brand="Hillside Farms"), True),
        (Wish("", brand="Hillside"), bread(brand="Other"), False),
        (Wish("", category="bakery"), bread(category=("Bakery", "Bread")), True),
        (Wish("", category="dairy"), bread(category=("Bakery", "Bread")), False),
        (Wish("", skus_excluded=(Sku("x"),)), bread(), False),
        (Wish("", in_stock_only=True), bread(), True),
    ],
)
def test_a_product_is_admitted_by_every_filter_or_not_at_all(wish: Wish, product: Product, admitted: bool) -> None:
    assert admitted == ENGLISH.admission.admits(wish, product)
