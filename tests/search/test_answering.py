from __future__ import annotations

import pytest

from skill.search.answering import BOUGHT_MARGIN, bought_first, is_far, is_weak, most_voted, sound_of
from skill.search.ranking import FEATURES


def features(**values: float) -> tuple[float, ...]:
    return tuple(values.get(name, 0.0) for name in FEATURES)


def test_titles_with_the_same_words_sound_the_same() -> None:
    assert sound_of(["country", "white", "bread"], 3, ()) == sound_of(["white", "country", "bread"], 3, ())


@pytest.mark.parametrize(
    "others",
    [
        (["country", "white", "rye", "bread"], 4, ()),
        (["country", "bread", "white"], 3, ()),
        (["country", "white", "bread"], 3, ("20", "oz")),
    ],
)
def test_another_word_another_head_and_another_size_sound_otherwise(others: tuple[list[str], int, str]) -> None:
    assert sound_of(["country", "white", "bread"], 3, ()) != sound_of(*others)


def test_what_was_bought_before_moves_up_only_from_nearby() -> None:
    scored = [(5.0, "a"), (5.0 - BOUGHT_MARGIN / 2, "b"), (4.9 - BOUGHT_MARGIN, "c")]
    assert [1, 0, 2] == bought_first(scored, {"b", "c"})
    assert [0, 1, 2] == bought_first(scored, set())


def test_a_match_of_all_exact_words_is_never_weak() -> None:
    assert not is_weak(features(exact_covered=1.0))


def test_a_match_that_sounds_like_nothing_that_was_said_is_weak() -> None:
    assert is_weak(features(echoes=0.1, sounds_covered=0.2))
    assert not is_weak(features(echoes=0.9, sounds_covered=0.9))


def test_a_match_is_far_that_has_no_word_as_it_was_heard_and_sounds_like_little_of_them() -> None:
    assert is_far(features(echoes=0.1, sounds_covered=0.5))
    assert not is_far(features(echoes=0.1, sounds_covered=0.5, exact_covered=0.5))
    assert not is_far(features(echoes=0.4, sounds_covered=0.7))


def test_the_category_of_most_is_the_nearest() -> None:
    assert "Bread" == most_voted([("Bakery", "Bread"), (), ("Bakery", "Bread"), ("Dairy", "Milk")])
    assert most_voted([(), ()]) is None
    # Where as many fit elsewhere, no category is near.
    assert most_voted([("Pets", "Dog food"), ("Meat",), ("Soup",)]) is None
