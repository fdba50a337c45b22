from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.search.languages import read_language
from skill.search.words import WORDS_MAX, Words, fold

ENGLISH = Words(read_language("en"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("twenty five watts", ["25", "w"]),
        ("two hundred", ["200"]),
        ("a dozen eggs", ["a", "12", "eggs"]),
        ("two dozen eggs", ["24", "eggs"]),
        ("16gb memory card", ["16", "gb", "memory", "card"]),
        ("sixteen gigabytes", ["16", "gb"]),
        ('8" pan', ["8", "inch", "pan"]),
        ("8 in pan", ["8", "inch", "pan"]),
        ("in the pan", ["in", "the", "pan"]),
        ("Ben & Jerry's Crème", ["ben", "jerrys", "creme"]),
        ("3/4 inch", ["3/4", "inch"]),
        ("10 foot pole", ["10", "ft", "pole"]),
    ],
)
def test_numbers_units_and_accents_are_folded_the_same_for_titles_and_speech(text: str, tokens: list[str]) -> None:
    assert tokens == ENGLISH.tokens(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("battery", "batteries"), ("shelf", "shelves"), ("box", "boxes"), ("tomato", "tomatoes"), ("child", "children")],
)
def test_singular_and_plural_have_one_stem(one: str, other: str) -> None:
    assert ENGLISH.stem(one) == ENGLISH.stem(other)


@pytest.mark.parametrize(
    ("said", "written"), [("double a batteries", "AA Batteries"), ("triple a batteries", "AAA Batteries")]
)
def test_a_letter_that_is_said_to_be_double_is_written_twice(english: Words, said: str, written: str) -> None:
    assert english.tokens(written) == english.tokens(said)
    assert ["double", "chocolate"] == english.tokens("double chocolate")


def test_glass_keeps_its_ending() -> None:
    assert "glass" == ENGLISH.stem("glass")


def test_filler_is_left_out_wherever_it_stands() -> None:
    assert ["dog", "food"] == ENGLISH.without_filler(ENGLISH.tokens("find me some dog food please"))


def test_an_utterance_of_filler_alone_is_kept() -> None:
    assert ["something"] == ENGLISH.without_filler(["something"])


def test_joining_words_carry_no_meaning_unless_alone() -> None:
    assert ["salt", "pepper"] == ENGLISH.meaningful(["salt", "and", "pepper"])
    assert ["the"] == ENGLISH.meaningful(["the"])


def test_a_flood_of_words_is_cut() -> None:
    assert WORDS_MAX == len(ENGLISH.tokens("milk " * 5000))


def test_letters_of_other_scripts_stay_themselves() -> None:
    assert "йогурт" == fold("Йогурт")
    assert "καφεσ" == fold("Καφές")


@given(st.text(max_size=200))
def test_any_text_has_tokens_that_fold_to_themselves(text: str) -> None:
    for token in ENGLISH.tokens(text):
        assert token
        assert ENGLISH.stem(token) == ENGLISH.stem(token)
