from __future__ import annotations

import pytest

from skill.search.hearing import Spelling
from skill.search.sounds import pack_dictionary, parse_spelling, read_dictionary, read_spelling


def test_the_dictionary_has_a_word_a_line_in_order() -> None:
    words = [line.split(" ")[0] for line in read_dictionary("en").splitlines()]
    assert sorted(words) == words
    assert len(words) > 100_000


def test_a_language_without_a_dictionary_has_an_empty_one() -> None:
    assert "" == read_dictionary("hr")


def test_packing_keeps_the_first_pronunciation_without_stress() -> None:
    assert ["read REjD".replace("E", "")] == list(pack_dictionary(["read R IY1 D", "read(2) R EH1 D", "!x EH1"]))


def test_a_bad_rule_is_named_by_its_line() -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_spelling(["<a> = AA", "<b> = NOSUCH"])


@pytest.mark.parametrize(
    ("code", "word", "sounds"),
    [
        ("en", "phone", "FhN"),
        ("en", "knife", "NyF"),
        ("it", "gnocchi", "NYhKj"),
        ("it", "ciao", "Cah"),
        ("it", "zucchine", "ZvKjNe"),
        ("el", "ευχαριστω", "eFHaRjSTh"),
        ("el", "μπανανα", "BaNaNa"),
        ("hr", "njoki", "NYhKj"),
        ("hr", "ljesnjak", "LYeSNYaK"),
        ("kk", "шай", "AaY"),
        ("kk", "қызанақ", "KuZaNaK"),
    ],
)
def test_words_sound_as_their_language_spells_them(code: str, word: str, sounds: str) -> None:
    assert sounds == Spelling(read_spelling(code)).sounds(word)
