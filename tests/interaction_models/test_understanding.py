from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from interaction_models.sources import LocaleUnknown, load_intents
from interaction_models.understanding import WORDS_CHARACTERS_MAX, Understood, understand

PHRASINGS = yaml.safe_load((Path(__file__).parent / "phrasings.en-US.yaml").read_text("utf-8"))


def meant(words: str, expecting: str | None = None, locale: str = "en-US") -> tuple[str, dict[str, str]]:
    understood = understand(words, locale, expecting)
    return understood.intent, dict(understood.slots)


@pytest.mark.parametrize(
    ("intent", "words", "slots"),
    [(intent, words, slots) for intent, phrases in PHRASINGS.items() for words, slots in phrases.items()],
)
def test_natural_phrasing_is_understood(intent: str, words: str, slots: dict[str, str]) -> None:
    assert (intent, slots) == meant(words)


def test_phrasings_cover_every_intent() -> None:
    assert set(load_intents()) == set(PHRASINGS)
    assert 150 <= sum(len(phrases) for phrases in PHRASINGS.values())


@pytest.mark.parametrize(
    ("words", "expecting", "intent", "slots"),
    [
        ("4271", None, "give_code", {"code": "4271"}),
        ("4271", "quantity", "give_number", {"number": "4271"}),
        ("4271", "confirmation", "give_number", {"number": "4271"}),
        ("4271", "amount", "give_number", {"number": "4271"}),
        ("47", None, "give_number", {"number": "47"}),
        ("47", "code", "give_code", {"code": "47"}),
        ("four two", "code", "give_code", {"code": "42"}),
        ("0042", "code", "give_code", {"code": "0042"}),
        ("five two one six three", "code", "give_code", {"code": "52163"}),
        ("oh, four two seven one", "code", "give_code", {"code": "4271"}),
        ("two", "ordinal", "choose_item", {"ordinal": "2"}),
        ("number two", "choice", "choose_item", {"ordinal": "2"}),
        ("number two", None, "choose_item", {"ordinal": "2"}),
        ("number two", "quantity", "choose_item", {"ordinal": "2"}),
        ("number forty seven", "confirmation", "give_number", {"number": "47"}),
        ("number twelve", "confirmation", "give_number", {"number": "12"}),
        ("twenty dollars", "amount", "give_number", {"number": "20"}),
        ("oat milk", "product_query", "find_products", {"product_query": "oat milk"}),
        ("oat milk", None, "name_product", {"product": "oat milk"}),
        ("unicorn hoof", None, "fallback", {}),
    ],
)
def test_awaited_answer_decides_what_bare_words_mean(
    words: str, expecting: str | None, intent: str, slots: dict[str, str]
) -> None:
    assert (intent, slots) == meant(words, expecting)


@pytest.mark.parametrize("expecting", ["code", "quantity", "confirmation", "ordinal", "product_query", "no such thing"])
@pytest.mark.parametrize(
    ("words", "intent"),
    [("yes", "yes"), ("help", "help"), ("order forty seven", "confirm_order"), ("add it", "add_to_cart")],
)
def test_awaited_answer_does_not_bend_what_is_clear(words: str, intent: str, expecting: str) -> None:
    assert intent == meant(words, expecting)[0]


@pytest.mark.parametrize(
    "words",
    [
        "sure",
        "okay",
        "I love you so much",
        "yes I love you",
        "yes but not now",
        "can you yes",
        "yes for me",
        "he said yes",
        "yes and no",
        "yes, my code is 4271",
    ],
)
def test_only_a_plain_yes_is_a_yes(words: str) -> None:
    assert "yes" != meant(words)[0]


@pytest.mark.parametrize(
    "words",
    [
        "can you order forty seven",
        "I'd like to order forty seven",
        "yes order forty seven",
        "order forty seven now",
        "order forty seven bananas",
        "order forty seven of those",
        "order a dozen",
        "order minus forty seven",
        "order one point five",
        "please say order forty seven",
        "order forty seven, my code is 4271",
    ],
)
def test_only_order_and_a_number_and_nothing_else_confirms(words: str) -> None:
    assert "confirm_order" != meant(words)[0]


@pytest.mark.parametrize(
    ("words", "intent", "slots"),
    [
        ("add milk with code 4271", "add_to_cart", {"product_query": "milk"}),
        ("find oat milk and my pin is four two seven one", "find_products", {"product_query": "oat milk"}),
        ("check out using my code 42 71", "check_out", {}),
        ("I want bread, secret code number 4 2 7 1", "find_products", {"product_query": "bread"}),
    ],
)
def test_code_said_in_passing_is_dropped(words: str, intent: str, slots: dict[str, str]) -> None:
    assert (intent, slots) == meant(words)


@pytest.mark.parametrize(
    ("locale", "words", "slots"),
    [
        ("en-US", "add five dollars or less coffee", {"product_query": "five dollars or less coffee"}),
        ("en-US", "I need four dollar milk", {"product_query": "four dollar milk"}),
        ("en-US", "buy $5 coffee", {"product_query": "$5 coffee"}),
        ("en-GB", "get me a bottle of ten quid wine", {"product_query": "bottle of ten quid wine"}),
        ("it-IT", "aggiungi dieci euro di vino", {"product_query": "dieci euro di vino"}),
        ("hr-HR", "trebam deset eura vino", {"product_query": "deset eura vino"}),
        ("el-GR", "βάλε πέντε ευρώ καφέ", {"product_query": "πέντε ευρώ καφέ"}),
        ("kk-KZ", "мың теңгеге дейін шай тап", {"product_query": "мың теңгеге дейін шай"}),
    ],
)
def test_price_before_the_product_is_no_quantity(locale: str, words: str, slots: dict[str, str]) -> None:
    assert slots == meant(words, locale=locale)[1]


@pytest.mark.parametrize(
    ("words", "quantity"),
    [
        ("add -1 bananas", "-1"),
        ("add −1 bananas", "-1"),
        ("add minus one bananas", "-1"),
        ("add negative two bananas", "-2"),
        ("add 0 bananas", "0"),
        ("add zero bananas", "0"),
        ("add -0 bananas", "0"),
        ("add 1.5 bananas", "1.5"),
        ("add .5 bananas", "0.5"),
        ("add 1½ bananas", "1.5"),
        ("add two and a half bananas", "2.5"),
        ("add half a banana", "0.5"),
        ("add 1000000000 bananas", "1000000000"),
        ("add 1,000,000,000 bananas", "1000000000"),
        ("add 10^9 bananas", "1000000000"),
        ("add a billion bananas", "1000000000"),
        ("add 99999999999999999999 bananas", "99999999999999999999"),
        ("add ２ bananas", "2"),
        ("add 007 bananas", "7"),
    ],
)
def test_quantity_that_must_be_refused_is_heard_as_it_was_said(words: str, quantity: str) -> None:
    assert "add_to_cart" == meant(words)[0]
    assert quantity == meant(words)[1]["quantity"]


@pytest.mark.parametrize(
    ("words", "product"),
    [
        ("find second hand books", "second hand books"),
        ("find a dozen eggs", "a dozen eggs"),
        ("find seven up", "seven up"),
        ("find dog food under $20", "dog food under $20"),
        ("find Ben & Jerry's", "ben and jerry's"),
        ("find 2% milk", "2% milk"),
        ("find forty-seven candles", "forty seven candles"),
    ],
)
def test_free_words_keep_their_numbers_as_said(words: str, product: str) -> None:
    assert ("find_products", {"product_query": product}) == meant(words)


def test_case_and_punctuation_make_no_difference() -> None:
    assert meant("add two cans of tuna") == meant("  ADD... two, CANS   of (tuna)!?")


def test_locale_is_found_however_it_is_written() -> None:
    assert meant("yes", locale="en-US") == meant("yes", locale="en_us")


@pytest.mark.parametrize("locale", ["xx-XX", "", "en", "../en-US", "en-US.yaml"])
def test_unknown_locale_is_said_with_the_known_ones(locale: str) -> None:
    with pytest.raises(LocaleUnknown, match="en-US"):
        understand("yes", locale)


def test_language_is_one_file(write_language: Callable[..., None]) -> None:
    write_language("it-U1")
    assert ("add_to_cart", {"quantity": "2", "product": "banane"}) == meant("Aggiungi due banane", locale="it-U1")
    assert ("add_to_cart", {"quantity": "12", "product": "uova"}) == meant(
        "aggiungi una dozzina di uova", locale="it-U1"
    )
    assert ("add_to_cart", {"quantity": "1", "product": "mela"}) == meant(
        "ehm, vorrei aggiungi una mela", locale="it-U1"
    )
    assert ("add_to_cart", {"quantity": "2", "ordinal": "2"}) == meant("aggiungi due del secondo", locale="it-U1")
    assert ("add_to_cart", {"quantity": "47", "product": "uova"}) == meant(
        "aggiungi quarantasette uova", locale="it-U1"
    )
    assert ("add_to_cart", {"quantity": "1500", "product": "uova"}) == meant("aggiungi 1.500 uova", locale="it-U1")
    assert ("confirm_order", {"confirmation_number": "47"}) == meant("ordina quarantasette", locale="it-U1")
    assert ("give_code", {"code": "4271"}) == meant("il codice è quattro due sette uno", locale="it-U1")
    assert ("choose_item", {"item_description": "bigger"}) == meant("quello più grande", locale="it-U1")
    assert ("order_status", {}) == meant("Dov'è il mio ordine?", locale="it-U1")
    assert ("yes", {}) == meant("Sì, per favore", locale="it-U1")


def test_an_article_without_its_vowel_is_a_word_of_its_own(write_language: Callable[..., None]) -> None:
    write_language("it-U2")
    assert ("choose_item", {"ordinal": "last"}) == meant("l'ultimo", locale="it-U2")
    assert ("choose_item", {"ordinal": "last"}) == meant("L’ ultima", locale="it-U2")
    assert ("find_products", {"product_query": "l'olio dell'umbria"}) == meant(
        "cerca l'olio dell'Umbria", locale="it-U2"
    )


def test_a_number_has_every_form_that_its_language_gives_it(write_language: Callable[..., None]) -> None:
    numbers = {"words": {"due paia": 4}, "joiners": ["e"]}
    write_language("it-U3", numbers=numbers)
    expected = ("add_to_cart", {"quantity": "4", "product": "scarpe"})
    assert expected == meant("aggiungi due paia scarpe", locale="it-U3")
    assert expected == meant("aggiungi quattro scarpe", locale="it-U3")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.sampled_from([None, "code", "quantity", "ordinal", "product_query"]))
def test_any_text_is_understood_as_something(words: str, expecting: str | None) -> None:
    understood = understand(words, "en-US", expecting)
    assert understood.intent in load_intents()
    assert set(understood.slots) <= set(load_intents()[understood.intent].slots)
    assert all(value and value == value.strip() for value in understood.slots.values())


VOCABULARY = (
    "add remove two to my cart the one of with from in and order change make it that is what about do you have how much cost "
    "does code four number second instead minus point half a dozen please um yes no can 4271 1.5 -1 $20 # % ' - , . ?"
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY.split()), max_size=25).map(" ".join))
def test_any_heap_of_known_words_is_understood_as_something(words: str) -> None:
    understood = understand(words, "en-US")
    assert set(understood.slots) <= set(load_intents()[understood.intent].slots)


@pytest.mark.parametrize(
    "words",
    [
        "add " + "bananas " * 2000,
        "a" * 10_240,
        "the " * 2560,
        "\u202e\u0000\ud800\ufeff" * 2560,
        "é̂̃" * 3000,
        "４" * 10_240,
        "(" * 10_240,
        "two " * 2560,
    ],
)
def test_ten_kilobytes_are_cut_to_an_utterance(words: str) -> None:
    understood = understand(words, "en-US", "product_query")
    assert all(len(value) <= 2 * WORDS_CHARACTERS_MAX for value in understood.slots.values())


def test_nothing_understood_has_no_slots() -> None:
    assert Understood("fallback", {}) == understand("one moment", "en-US")


def test_same_words_mean_the_same_again() -> None:
    words: list[Any] = ["add two of the second one", "order 47", "find oat milk"]
    assert [meant(each) for each in words] == [meant(each) for each in words]
