from __future__ import annotations

from skill.search.alternatives import Alternative
from skill.search.ranking import FEATURES, WEIGHTS, Ranker, score, trigrams


def row(title: str, *, body: str = "", head: int | None = None) -> tuple[object, ...]:
    return (1, "sku", 0, 0, title, title, len(title.split()) if head is None else head, "", "", body)


def ranker(words: str, **likeness: float) -> Ranker:
    terms = words.split()
    alternatives = [
        Alternative(at, at + 1, (term,), likeness.get(term, 1.0), idf=1.0, positions=(at,))
        for at, term in enumerate(terms)
    ]
    return Ranker(terms, ["x"] * len(terms), alternatives, dict.fromkeys(terms, 1.0), 2.0)


def feature(name: str, words: str, of: tuple[object, ...]) -> float:
    return ranker(words).features(of)[FEATURES.index(name)]


def test_there_is_a_weight_for_every_feature() -> None:
    assert len(FEATURES) == len(WEIGHTS)


def test_the_score_is_the_weighted_sum() -> None:
    assert WEIGHTS[0] * 2 == score((2.0, *[0.0] * (len(FEATURES) - 1)))


def test_words_that_are_missing_cost_their_share() -> None:
    assert 1.0 == feature("words_found", "oat milk", row("oat milk"))
    assert 0.5 == feature("words_found", "oat milk", row("oat bread"))


def test_words_in_the_description_count_for_the_text_and_not_for_the_title() -> None:
    assert 1.0 == feature("text_covered", "oat milk", row("oat drink", body="milk"))
    assert 0.5 == feature("words_found", "oat milk", row("oat drink", body="milk"))


def test_the_last_word_that_names_the_product_is_its_head() -> None:
    assert 1.0 == feature("head", "accent pillow", row("accent pillow heart", head=2))
    assert 0.0 == feature("head", "accent heart", row("accent pillow heart", head=2))


def test_numbers_that_the_title_lacks_are_counted() -> None:
    assert 0.5 == feature("numbers_apart", "16 32 card", row("16 card"))


def test_exact_words_are_told_from_likely_ones() -> None:
    exact = FEATURES.index("exact_covered")
    assert 1.0 == ranker("oat milk").features(row("oat milk"))[exact]
    assert 0.5 == ranker("oat milk", oat=0.4).features(row("oat milk"))[exact]


def test_a_title_with_more_of_what_was_said_scores_higher() -> None:
    asked = ranker("oat milk")
    assert score(asked.features(row("oat milk"))) > score(asked.features(row("oat bread")))


def test_trigrams_know_where_words_begin_and_end() -> None:
    assert {" ab", "ab "} == trigrams("ab")
