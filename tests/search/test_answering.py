from __future__ import annotations

from skill.search.answering import BOUGHT_MARGIN, alike, bought_first, is_weak, most_voted
from skill.search.ranking import FEATURES


def features(**values: float) -> tuple[float, ...]:
    return tuple(values.get(name, 0.0) for name in FEATURES)


def test_titles_with_the_same_words_are_the_same_to_the_ear() -> None:
    assert [0] == list(alike(frozenset({"country", "white", "bread"}), [frozenset({"bread", "white", "country"})]))


def test_titles_with_another_word_in_three_are_not() -> None:
    assert [] == list(alike(frozenset({"country", "white", "bread"}), [frozenset({"country", "whole", "bread"})]))


def test_what_was_bought_before_moves_up_only_from_nearby() -> None:
    scored = [(5.0, "a"), (5.0 - BOUGHT_MARGIN / 2, "b"), (4.9 - BOUGHT_MARGIN, "c")]
    assert [1, 0, 2] == bought_first(scored, {"b", "c"})
    assert [0, 1, 2] == bought_first(scored, set())


def test_a_match_of_all_exact_words_is_never_weak() -> None:
    assert not is_weak(features(exact_covered=1.0))


def test_a_match_that_sounds_like_nothing_that_was_said_is_weak() -> None:
    assert is_weak(features(echoes=0.1, sounds_covered=0.2))
    assert not is_weak(features(echoes=0.9, sounds_covered=0.9))


def test_the_category_of_most_is_the_nearest() -> None:
    assert "Bread" == most_voted([("Bakery", "Bread"), (), ("Bakery", "Bread"), ("Dairy", "Milk")])
    assert most_voted([(), ()]) is None
