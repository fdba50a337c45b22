from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from skill.errors import SettingsInvalid
from skill.search.languages import language_codes, read_language
from skill.search.words import Words


def test_english_has_rules() -> None:
    assert "en" in language_codes()


def test_a_language_without_rules_is_refused_by_name() -> None:
    with pytest.raises(SettingsInvalid, match="'xx'"):
        read_language("xx")


@pytest.mark.parametrize("code", language_codes())
def test_every_language_file_makes_words(code: str) -> None:
    words = Words(read_language(code))
    assert ["500"] == words.tokens("500")


# YAML takes a bare "on" for true.
@pytest.mark.parametrize("code", language_codes())
def test_every_entry_of_a_list_is_a_word_or_a_rule(code: str) -> None:
    def entries(value: Any) -> Iterator[Any]:
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            if isinstance(value, list):
                yield each
            yield from entries(each)

    assert set() == {each for each in entries(read_language(code)) if isinstance(each, bool)}
