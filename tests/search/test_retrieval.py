from __future__ import annotations

from skill.search.alternatives import Alternative
from skill.search.retrieval import TEXT_SHARE, Postings, gather


def heard(position: int, *terms: str, likeness: float = 1.0, idf: float = 1.0) -> Alternative:
    return Alternative(position, position + 1, terms, likeness, idf=idf, positions=(position,))


def test_each_word_adds_once_by_its_best_alternative() -> None:
    postings = {"milk": Postings([1, 2], [], ""), "silk": Postings([2, 3], [], "")}
    scores = gather(1, [heard(0, "milk"), heard(0, "silk", likeness=0.5)], postings, 10)
    assert {1: 1.0, 2: 1.0, 3: 0.5} == scores


def test_words_add_up() -> None:
    postings = {"oat": Postings([1], [], ""), "milk": Postings([1, 2], [], "")}
    scores = gather(2, [heard(0, "oat", idf=2.0), heard(1, "milk")], postings, 10)
    assert {1: 3.0, 2: 1.0} == scores


def test_a_word_in_the_description_counts_less() -> None:
    assert {7: TEXT_SHARE} == gather(1, [heard(0, "milk")], {"milk": Postings([], [7], "")}, 10)


def test_a_pair_is_where_its_terms_are_neighbours() -> None:
    postings = {
        "wall": Postings([1, 2], [], ""),
        "clock": Postings([2, 3], [], ""),
        "wall clock": Postings([2], [], ""),
    }
    assert {2: 1.0} == gather(1, [heard(0, "wall", "clock")], postings, 10)


def test_of_equals_the_first_in_the_catalogue_are_kept() -> None:
    assert {1: 1.0, 2: 1.0} == gather(1, [heard(0, "milk")], {"milk": Postings([1, 2, 3, 4], [], "")}, 2)


def test_terms_that_are_nowhere_bring_nothing() -> None:
    assert {} == gather(1, [heard(0, "milk")], {}, 10)
