from __future__ import annotations

from collections.abc import Callable

import pytest

from interaction_models.language import NUMBER_MARKS, Language, flatten_words, load_language, number_mark
from interaction_models.sources import SourceInvalid


def test_language_is_compiled_once(english: Language) -> None:
    assert english is load_language("en_us")


def test_no_mark_is_the_beginning_of_another() -> None:
    marks = [number_mark(kind, place) for kind in "wfndgp" for place in range(NUMBER_MARKS)]
    assert len(marks) == len(set(marks))
    assert [] == [(one, other) for one in marks for other in marks if one != other and other.startswith(one)]


def test_word_list_is_laid_flat() -> None:
    entry = {"values": ["blue", {"in": "(big|large)[ish]", "out": "big"}]}
    expected = [("blue", "blue"), ("bigish", "big"), ("big", "big"), ("largeish", "big"), ("large", "big")]
    assert sorted(expected) == sorted(flatten_words(entry))


@pytest.mark.parametrize(
    ("number", "changes", "complaint"),
    [
        (1, {"number_words": "tlh"}, "no spelling rules for 'tlh'"),
        (2, {"expansion_rules": {"carrello": "(carrello"}}, "expansion_rules"),
        (3, {"intents": {"yes": {"data": [{"sentences": ["(sì"]}]}}}, "yes"),
        (4, {"intents": {"yes": {"data": [{"sentences": ["sì <grazie>"]}]}}}, "no rule <grazie>"),
        (5, {"expansion_rules": {"carrello": "il <carrello>"}}, "refers to itself"),
        (6, {"intents": {"yes": {"data": [{"sentences": ["sì {grazie}"]}]}}}, "no list {grazie}"),
        (7, {"intents": {"yes": {"data": [{"sentences": ["sì {quantity}"]}]}}}, "'quantity' is none of its slots"),
    ],
)
def test_templates_that_cannot_be_used_are_named(
    write_language: Callable[..., None], number: int, changes: dict[str, object], complaint: str
) -> None:
    write_language(f"it-L{number}", **changes)
    with pytest.raises(SourceInvalid, match=complaint):
        load_language(f"it-L{number}")
