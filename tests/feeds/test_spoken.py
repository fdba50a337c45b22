from __future__ import annotations

import pytest

from skill.feeds.spoken import names, spoken_words
from skill.search.languages import language_codes


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", "XL", "extra large"),
        ("en", "2XL", "extra extra large"),
        ("en", "5xl", "five extra large"),
        ("en", "S/M", "small to medium"),
        ("en", "OS", "one size"),
        ("en", "One size", "one size"),
        ("en", "12 oz", "12 oz"),
        ("en", "S/12", "S/12"),
        ("it", "XL", "extra large"),
        ("it", "OS", "taglia unica"),
        ("el", "M", "μέντιουμ"),
        ("hr", "s/m", "od mala do srednja"),
        ("kk", "L", "үлкен"),
        ("kk", "6XL", "6XL"),
        ("xx", "XL", "XL"),
    ],
)
def test_letters_of_sizes_are_said_in_the_stores_language(language: str, written: str, said: str) -> None:
    assert said == spoken_words(language).size(written)


@pytest.mark.parametrize("language", language_codes())
def test_every_language_that_is_heard_has_these_words(language: str) -> None:
    words = spoken_words(language)
    assert {"xs", "s", "m", "l", "xl", "os"} <= set(words.letter_sizes)
    assert {"used", "refurbished"} == set(words.conditions)
    assert [key.casefold() for key in words.letter_sizes] == list(words.letter_sizes)
    for condition in words.conditions:
        assert words.title("Phone Y", condition) == words.title(words.title("Phone Y", condition), condition)


@pytest.mark.parametrize(
    ("title", "condition", "said"),
    [
        ("Phone Y", "refurbished", "refurbished Phone Y"),
        ("Phone Y, Renewed", "refurbished", "Phone Y, Renewed"),
        ("Used Phone Y", "used", "Used Phone Y"),
        ("Focused Phone Y", "used", "used Focused Phone Y"),
        ("Phone Y", "new", "Phone Y"),
    ],
)
def test_what_is_not_new_is_called_so(title: str, condition: str, said: str) -> None:
    assert said == spoken_words("en").title(title, condition)


def test_a_title_names_what_has_all_its_words() -> None:
    assert names("T-Shirt (royal-blue)", "Royal Blue")
    assert not names("T-Shirt, blue", "Royal Blue")
