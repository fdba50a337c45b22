from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction_models.language import Language
from interaction_models.sampling import spell_number
from interaction_models.spoken_numbers import Word, find_numbers, read_digits, read_places


def words(text: str) -> list[Word]:
    return [Word(word, word) for word in text.split()]


def numbers(text: str, language: Language) -> list[str]:
    return [word.number for word in find_numbers(words(text), language) if word.number]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forty seven", ["47"]),
        ("one hundred twenty three", ["123"]),
        ("one hundred and twenty three", ["123"]),
        ("two thousand and forty", ["2040"]),
        ("three million two hundred thousand and five", ["3200005"]),
        ("2 million", ["2000000"]),
        ("four two seven one", ["4", "2", "7", "1"]),
        ("two two", ["2", "2"]),
        ("a dozen", ["12"]),
        ("two dozen", ["24"]),
        ("half a dozen", ["6"]),
        ("one point two five", ["1.25"]),
        ("two and a half", ["2.5"]),
        ("minus three", ["-3"]),
        ("minus minus three", ["-3"]),
        ("nothing here", []),
    ],
)
def test_numbers_in_words_are_counted(text: str, expected: list[str], english: Language) -> None:
    assert expected == numbers(text, english)


@given(number=st.integers(0, 999_999_999))
def test_every_number_is_read_as_it_is_spelt(number: int, english: Language) -> None:
    assert [str(number)] == numbers(spell_number(english, number), english)


@pytest.mark.parametrize("text", ["two liter", "two percent", "seven up", "half and half", "12 pack"])
def test_number_in_a_name_is_no_number(text: str, english: Language) -> None:
    assert [] == numbers(text, english)


def test_number_before_a_name_with_a_number_counts_it(english: Language) -> None:
    assert ["2"] == numbers("two 12 pack", english)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("four two seven one", "4271"),
        ("42 71", "4271"),
        ("forty two seventy one", "4271"),
        ("oh four two seven", "0427"),
        ("double four one two", "4412"),
        ("triple four one", "4441"),
        ("four two seven one three", "42713"),
    ],
)
def test_digits_said_one_by_one_are_joined(text: str, digits: str, english: Language) -> None:
    read = read_digits(find_numbers(words(text), english), english)
    assert read is not None
    assert [digits] == [word.digits for word in read]


@pytest.mark.parametrize("text", ["seven", "oh dear", "double trouble", "milk and bread"])
def test_a_lone_number_or_no_number_is_no_run_of_digits(text: str, english: Language) -> None:
    assert read_digits(find_numbers(words(text), english), english) is None


def test_number_two_is_a_place_in_a_list(english: Language) -> None:
    read = read_places(find_numbers(words("add number two"), english), english)
    assert read is not None
    assert ["", "2"] == [word.number for word in read]
    assert "number two" == read[1].said


@pytest.mark.parametrize("text", ["number", "number twenty one", "number zero", "two"])
def test_place_that_no_list_has_is_none(text: str, english: Language) -> None:
    assert read_places(find_numbers(words(text), english), english) is None
