from __future__ import annotations

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
