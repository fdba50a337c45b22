from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skill.search.avoiding import Avoided
from skill.search.languages import language_codes, read_language
from skill.search.words import Words
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

AVOIDED = {code: Avoided(Words(read_language(code))) for code in language_codes()}

#: The fourteen that European law wants told (regulation 1169/2011, annex II), as they are said in each language.
FOURTEEN = {
    "en": "gluten crustacean egg fish peanuts soy milk nuts celery mustard sesame sulphites lupin shellfish",
    "it": "glutine crostacei uova pesce arachidi soia latte noci sedano senape sesamo solfiti lupini molluschi",
    "el": "γλουτένη μαλακόστρακα αυγά ψάρι φιστίκια σόγια γάλα αμύγδαλα σέλινο μουστάρδα σουσάμι θειώδη λούπινο μαλάκια",
    "hr": "glutena rakova jaja ribe kikirikija soje mlijeka oraha celera senfa sezama sulfita lupine školjaka",
}


def product(title: str, *allergens: str, **more: Any) -> Product:
    return Product(Sku("x"), title, Money(100, "USD"), allergens=allergens, **more)


@pytest.mark.parametrize(
    ("language", "thing", "title", "allergens"),
    [
        ("en", "nuts", "Chocolate Wafer", ["Hazel nuts"]),
        ("en", "nuts", "Chocolate Spread", ["tree nut"]),
        ("en", "nuts", "Chocolate Spread", ["May contain nuts"]),
        ("en", "wheat", "Tomato Soup", ["wheat flour"]),
        ("en", "wheat", "Tomato Soup", ["gluten"]),
        ("en", "almonds", "Granola", ["almonds"]),
        ("en", "almonds", "Granola", ["nuts"]),
        ("en", "almond", "Unsweetened Almond Milk", []),
        ("en", "nuts", "Chocolate Almond Crunch", []),
        ("en", "nuts", "Mixed Nuts Without Peanuts", []),
        ("en", "peanuts", "Mixed Nuts", []),
        ("en", "milk", "Mild Cheddar", []),
        ("en", "dairy", "Milk Chocolate", ["soy"]),
        ("en", "gluten", "Gluten Free Bread", ["wheat"]),
        ("it", "frumento", "Pane bianco", ["frumento"]),
        ("it", "frutta a guscio", "Biscotti al cioccolato", ["nocciole"]),
        ("it", "frutta a guscio", "Biscotti alle noci", []),
        ("it", "uova", "Biscotti", ["eggs"]),
        ("el", "λακτόζη", "Σοκολάτα γάλακτος", ["γάλα"]),
        ("el", "αυγά", "Μπισκότα βρώμης", ["αυγά"]),
        ("el", "ξηρούς καρπούς", "Σοκολάτα", ["Αμύγδαλα"]),
        ("hr", "pšenice", "Bijeli kruh", ["pšenica"]),
        ("hr", "kikirikija", "Pločica", ["kikiriki"]),
        ("hr", "mlijeka", "Mliječna čokolada", []),
        ("kk", "сүт", "Сүтті шоколад", []),
        ("kk", "жаңғақ", "Шоколад", ["жаңғақ"]),
    ],
)  # fmt: skip
def test_what_a_product_has_is_known_however_it_is_written(
    language: str, thing: str, title: str, allergens: list[str]
) -> None:
    assert AVOIDED[language].is_in(thing, product(title, *allergens))


@pytest.mark.parametrize(
    ("language", "thing", "title", "allergens"),
    [
        ("en", "dairy", "Unsweetened Almond Milk", []),
        ("en", "milk", "Creamy Peanut Butter", ["peanuts"]),
        ("en", "milk", "Vegan Cheese Slices", []),
        ("en", "lactose", "Lactose Free 2% Milk", ["milk"]),
        ("en", "peanuts", "Nut Free Granola", []),
        ("en", "wheat", "Gluten Free Bread", []),
        ("en", "nuts", "Coconut Water", []),
        ("en", "nuts", "Nutmeg", []),
        ("en", "eggs", "Eggplant", []),
        ("en", "gluten", "Rice Cakes", ["gluten free"]),
        ("en", "gluten", "Buckwheat Flakes", []),
        ("it", "latte", "Latte di mandorla", []),
        ("it", "lattosio", "Latte senza lattosio", ["latte"]),
        ("el", "γάλα", "Γάλα αμυγδάλου", []),
        ("hr", "mlijeka", "Bademovo mlijeko", []),
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_is_offered(language: str, thing: str, title: str, allergens: list[str]) -> None:
    assert not AVOIDED[language].is_in(thing, product(title, *allergens))


#: Each name of something to avoid in its cases, in one and in several: whichever is said, whichever stands in the list.
FORMS = {
    "it": (
        "nocciola nocciole, mandorla mandorle, noce noci, pistacchio pistacchi, anacardo anacardi, arachide arachidi, uovo uova, "
        "crostaceo crostacei, gambero gamberi, granchio granchi, mollusco molluschi, ostrica ostriche, acciuga acciughe, "
        "lupino lupini, solfito solfiti, latticino latticini, pesce pesci, grano, avena, frumento"
    ),
    "el": (
        "αυγό αυγά αβγό αβγά αυγού αυγών, φουντούκι φουντούκια φουντουκιού φουντουκιών, αμύγδαλο αμύγδαλα αμυγδάλου αμυγδάλων, "
        "καρύδι καρύδια καρυδιών, γαρίδα γαρίδες γαρίδας, ψάρι ψάρια ψαριού ψαριών, σιτάρι σιταριού, σίτος σίτου σίτο, "
        "βρώμη βρώμης, κριθάρι κριθαριού, σόγια σόγιας, λούπινο λούπινα λούπινου, γάλα γάλακτος"
    ),
    "hr": (
        "lješnjak lješnjaka lješnjaku lješnjakom lješnjaci lješnjake lješnjacima, "
        "badem badema bademu bademom bademi bademe bademima, "
        "orah oraha orahom orasi orahe orasima, pistacija pistacije pistaciju pistacijama pistacio, "
        "kikiriki kikirikija kikirikiju kikirikijem, jaje jaja jajeta jajima, bjelanjak bjelanjka bjelanjci bjelanjke bjelanjaka, "
        "rak raka rakovi rakova rakove rakovima, škampi škampa škampe škampima, jastog jastoga jastozi, "
        "školjka školjke školjki školjaka školjku školjkama, mekušac mekušaca mekušci mekušce, sezam sezama sezamom sezamu, "
        "pšenica pšenice pšenicu pšenicom, ječam ječma ječmu ječmom, zob zobi, raž raži, mlijeko mlijeka mlijekom, "
        "riba ribe ribu ribama, soja soje soju sojom, sulfiti sulfita sulfite, lupina lupine lupinu, celer celera, senf senfa"
    ),
    "kk": "жаңғақ жаңғақтар жаңғағы, сүт сүті, бидай бидайы, сұлы, жұмыртқа жұмыртқасы, балық балығы",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "forms"), [(language, each.split()) for language in FORMS for each in FORMS[language].split(", ")]
)
def test_a_name_is_the_same_in_every_case_and_number(language: str, forms: list[str]) -> None:
    avoided, words = AVOIDED[language], Words(read_language(language))
    assert [] == [said for said in forms if not avoided.known(words.tokens(said))]
    missed = [(listed, said) for listed in forms for said in forms if not avoided.is_in(said, product("Bar", listed))]
    assert [] == missed


#: In European law (regulation 1169/2011, annex II) and by what foods are made of: (to avoid, names in a list).
KINDS = {
    "en": {
        "gluten": "wheat|spelt|durum|khorasan wheat|rye|barley|oats|Rolled oats|farro|couscous|bulgur",
        "wheat": "durum|Durum wheat semolina|couscous|cereals containing gluten|gluten",
        "milk": "butter|cream|Cheese|cheddar|yogurt|yoghurt|ghee|whey|sodium caseinate|Butter (milk)",
        "dairy": "butter|cream|cheese|cheddar|yogurt|ghee",
        "lactose": "butter|cream|cheese",
        "egg": "mayonnaise|egg white",
        "shellfish": "surimi|prawns",
        "fish": "surimi|anchovies",
        "almonds": "nuts|mixed nuts|almonds (nuts)",
    },
    "it": {
        "glutine": "grano|grano tenero|grano duro|farina di grano|farro|orzo|segale|avena|fiocchi d'avena|kamut|couscous|wheat",
        "frumento": "grano|glutine|cereali contenenti glutine",
        "latte": "burro|formaggio|panna|yogurt|mozzarella|siero di latte|butter|cheese",
        "lattosio": "burro|panna",
        "uova": "maionese|albume",
    },
    "el": {
        "γλουτένη": "σιτάρι|σίτος|αλεύρι σίτου|σιταριού|κριθάρι|σίκαλη|βρώμη|νιφάδες βρώμης|σιμιγδάλι|πλιγούρι|oats",
        "σιτάρι": "σίτος|γλουτένη|δημητριακά που περιέχουν γλουτένη",
        "γάλα": "βούτυρο|τυρί|γιαούρτι|κρέμα γάλακτος|φέτα|butter",
        "αυγά": "μαγιονέζα",
    },
    "hr": {
        "glutena": "pšenica|pšenično brašno|durum|ječam|raž|zob|zobene pahuljice|pir|bulgur|oats",
        "pšenice": "gluten|žitarice koje sadrže gluten",
        "mlijeka": "maslac|sir|vrhnje|jogurt|sirutka|mliječni proizvodi|butter",
        "soje": "sojin lecitin",
        "lješnjaka": "orašasti plodovi|orašidi",
        "jaja": "majoneza|bjelanjak",
    },
    "kk": {
        "глютен": "бидай|бидай ұны|сұлы|арпа|қара бидай|булгур|oats",
        "сүт": "сары май|ірімшік|қаймақ|йогурт|butter",
    },
}


@pytest.mark.parametrize(
    ("language", "thing", "listed"),
    [
        (language, thing, listed)
        for language, things in KINDS.items()
        for thing, every in things.items()
        for listed in every.split("|")
    ],
)
def test_a_food_in_a_list_is_what_it_is_made_of(language: str, thing: str, listed: str) -> None:
    avoided = AVOIDED[language]
    assert avoided.is_in(thing, product("Bar", listed, "pork"))
    assert "lists" == avoided.entry(listed)


@pytest.mark.parametrize(
    ("language", "thing", "listed"),
    [
        ("en", "milk", "peanut butter"),
        ("en", "milk", "cocoa butter"),
        ("en", "milk", "coconut milk"),
        ("en", "almonds", "hazel nuts"),
        ("en", "wheat", "barley"),
        ("en", "gluten", "oats (gluten free)"),
        ("it", "glutine", "grano saraceno"),
        ("it", "latte", "burro di arachidi"),
        ("hr", "mlijeka", "kikiriki maslac"),
    ],
)
def test_a_food_in_a_list_that_only_sounds_like_it_is_not(language: str, thing: str, listed: str) -> None:
    assert not AVOIDED[language].is_in(thing, product("Bar", listed))


def test_a_list_of_what_only_sounds_like_an_allergen_tells_nothing() -> None:
    assert not AVOIDED["en"].is_told("milk", product("Bar", "coconut milk"))


def test_a_title_tells_where_the_list_names_nothing_that_is_known() -> None:
    assert AVOIDED["en"].is_in("milk", product("Cheddar Slices", "salt"))


def test_grana_padano_and_coffee_beans_are_no_wheat() -> None:
    italian = AVOIDED["it"]
    assert not italian.is_in("glutine", product("Grana Padano"))
    assert not italian.is_in("glutine", product("Caffè in grani"))
    assert italian.is_in("glutine", product("Farina di grano tenero"))


@pytest.mark.parametrize("language", FOURTEEN)
def test_the_allergens_of_the_law_are_known(language: str) -> None:
    words = Words(read_language(language))
    unknown = [thing for thing in FOURTEEN[language].split() if not AVOIDED[language].known(words.tokens(thing))]
    assert [] == unknown


def test_nobody_knows_of_a_product_that_lists_and_claims_nothing() -> None:
    english = AVOIDED["en"]
    assert not english.is_told("nuts", product("Plain Crackers"))
    assert english.is_told("nuts", product("Plain Crackers", "wheat"))
    assert english.is_told("nuts", product("Nut Free Crackers"))


@pytest.mark.parametrize(
    "listed", ["none", "N/A", "unknown", "see label", "tbd", "A", "Gluten-free", "wheat free", "does not contain soy"]
)
def test_a_list_without_an_allergen_tells_nothing_of_milk(listed: str) -> None:
    assert not AVOIDED["en"].is_told("milk", product("Oat Bread", listed))
    assert AVOIDED["en"].is_told("milk", product("Oat Bread", listed, "soy"))


def test_a_claim_tells_of_its_own_thing_alone() -> None:
    bread = product("Oat Bread", "Gluten-free")
    assert AVOIDED["en"].is_told("gluten", bread)
    assert not AVOIDED["en"].is_in("gluten", bread)
    assert not AVOIDED["en"].is_in("gluten", product("Rice Bread", "wheat free"))
    assert not AVOIDED["en"].is_told("gluten", product("Vegan Oat Bread"))


@pytest.mark.parametrize(
    ("language", "listed", "does"),
    [
        ("en", "wheat flour", "lists"),
        ("en", "free of milk", "claims"),
        ("en", "milk free, may have nuts", "lists"),
        ("en", "pork", ""),
        ("it", "non contiene latte", "claims"),
        ("el", "χωρίς γλουτένη", "claims"),
        ("hr", "bez glutena", "claims"),
        ("kk", "глютенсіз", "claims"),
    ],
)
def test_an_entry_lists_or_claims_or_does_neither(language: str, listed: str, does: str) -> None:
    assert does == AVOIDED[language].entry(listed)


NAMED = [
    kind for about in read_language("en")["free_from"].values() for kind in about["lists"]
]  # fmt: skip


@given(st.sampled_from(NAMED), st.sampled_from(["{}", "{}s", "contains {}", "organic {}", "{} powder", "Traces of {}"]))
def test_whatever_is_around_a_name_in_a_list_it_is_found(kind: str, written: str) -> None:
    assume(not kind.endswith("s"))
    assert AVOIDED["en"].is_in(kind, product("Snack", written.format(kind)))


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_text_is_an_error(thing: str, title: str, listed: str) -> None:
    english = AVOIDED["en"]
    english.is_in(thing, product(title, listed))
    english.claimed_by(thing, product(title, listed))
