from __future__ import annotations

import pytest

from skill.search import ranking
from skill.search.alternatives import Alternative
from skill.search.fitted import WEIGHTS_HEARD, WEIGHTS_LIKELIEST, WEIGHTS_MISHEARD
from skill.search.ranking import ALOUD_MAX, FEATURES, NOT_ALOUD, Ranker, scores, trigrams


def row(title: str, *, body: str = "", head: int | None = None, sounds: str = "") -> tuple[object, ...]:
    return (1, "sku", 0, 0, title, title, len(title.split()) if head is None else head, sounds, "", body)


def ranker(words: str, **likeness: float) -> Ranker:
    terms = words.split()
    alternatives = [
        Alternative(at, at + 1, (term,), likeness.get(term, 1.0), idf=1.0, positions=(at,))
        for at, term in enumerate(terms)
    ]
    return Ranker(terms, ["x"] * len(terms), alternatives, dict.fromkeys(terms, 1.0), 2.0, False, "", len(terms) - 1)


def feature(name: str, words: str, of: tuple[object, ...], head: int = -1) -> float:
    asked = ranker(words)
    asked.head = len(asked.terms) - 1 if head < 0 else head
    return asked.features([of])[0][FEATURES.index(name)]


def test_there_is_a_weight_for_every_feature() -> None:
    alone = len(FEATURES) - len(NOT_ALOUD)
    assert (len(FEATURES), alone, alone) == tuple(map(len, (WEIGHTS_MISHEARD, WEIGHTS_HEARD, WEIGHTS_LIKELIEST)))
    assert all(name.startswith("aloud") for name in FEATURES[alone:])


def test_the_whole_utterance_is_laid_over_the_likeliest_titles_alone() -> None:
    """What comes far down counts as no nearer than the worst that was looked at."""
    terms, said = ["raybent"], "RxBeNTSSuNBLaSuZ"
    alternatives = [Alternative(0, 1, ("ray",), 0.5, 0.2, idf=1.0, positions=(0,))]
    misheard = Ranker(terms, ["RxBeNT"], alternatives, {"ray": 1.0, "sunglass": 1.0}, 2.0, True, said, 0)
    near = row("ray sunglass", sounds="Rx SuNGLqSuZ")
    far = row("lamp", sounds="LqMP")
    rows = [near, *[far] * ALOUD_MAX]
    features = [dict(zip(FEATURES, each, strict=True)) for each in misheard.features(rows)]
    assert features[0]["aloud"] > 0.5 > 0.2 > features[-1]["aloud"] == features[1]["aloud"]
    assert (1.0, features[0]["aloud"] ** 3) == (features[0]["aloud_near"], features[0]["aloud_cubed"])
    assert features[0]["aloud_support"] < features[1]["aloud_support"]


def test_the_score_is_the_weighted_sum_by_whether_the_words_may_be_misheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "WEIGHTS_HEARD", (1.0, 0.0))
    monkeypatch.setattr(ranking, "WEIGHTS_MISHEARD", (2.0, -1.0))
    assert [2.0, 3.0] == scores([(2.0, 0.5), (3.0, 1.0)], misheard=False)
    assert [3.5, 5.0] == scores([(2.0, 0.5), (3.0, 1.0)], misheard=True)


def test_exact_words_are_worth_more_where_nothing_is_misheard() -> None:
    exact = FEATURES.index("exact_covered")
    assert WEIGHTS_HEARD[exact] > WEIGHTS_MISHEARD[exact]


def test_what_only_modifies_the_product_is_told_from_what_it_is() -> None:
    assert 1.0 == feature("modifier", "road bicycle", row("road bicycle tire"))
    assert 0.0 == feature("modifier", "road bicycle", row("pro road bicycle"))
    assert 0.0 == feature("modifier", "road bicycle", row("road bicycle tire spare", head=2))
    assert 0.0 == feature("modifier", "road bicycle", row("bicycles"))
    assert (1.0, 0.0) == (
        feature("modifier", "bicycle children", row("children bicycle seat"), head=0),
        feature("modifier", "bicycle children", row("children bicycle"), head=0),
    )
    assert 1.0 == feature("head", "bicycle children", row("children bicycle"), head=0)


def test_words_in_the_same_order_side_by_side_are_told_from_others() -> None:
    assert (1.0, 1.0) == (
        feature("ordered", "oat milk", row("oat milk")),
        feature("adjacent", "oat milk", row("oat milk")),
    )
    assert (1.0, 0.0) == (
        feature("ordered", "oat milk", row("oat bran milk")),
        feature("adjacent", "oat milk", row("oat bran milk")),
    )
    assert 0.0 == feature("ordered", "oat milk", row("milk oat"))


def test_only_what_the_title_says_the_product_is_counts_for_its_head() -> None:
    assert 1.0 == feature("head_covered", "pillow", row("pillow heart design", head=1))
    assert 0.0 == feature("head_covered", "heart", row("pillow heart design", head=1))


def test_products_that_match_by_the_same_words_support_each_other() -> None:
    support = FEATURES.index("support")
    rows = [row("oat milk"), row("oat milk barista"), row("oat bread")]
    first, second, third = (each[support] for each in ranker("oat milk").features(rows))
    assert first == second > third


def test_a_number_that_was_said_is_looked_for_in_title_and_facts() -> None:
    sized = (*row("dog food")[:8], "30 lb bag", "")
    assert 0.0 == feature("numbers_apart", "30 lb dog food", sized)
    assert 0.0 == feature("numbers_apart", "30 lb dog food", row("30 lb dog food"))
    assert 1.0 == feature("numbers_apart", "3 lb dog food", sized)


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
    assert 1.0 == ranker("oat milk").features([row("oat milk")])[0][exact]
    assert 0.5 == ranker("oat milk", oat=0.4).features([row("oat milk")])[0][exact]


def test_a_title_with_more_of_what_was_said_scores_higher() -> None:
    asked = ranker("oat milk")
    better, worse = scores(asked.features([row("oat milk"), row("oat bread")]), misheard=False)
    assert better > worse


def test_trigrams_know_where_words_begin_and_end() -> None:
    assert {" ab", "ab "} == trigrams("ab")


def test_what_facts_and_description_have_is_told_besides_the_title() -> None:
    lamp = row("desk lamp", body="a brass lamp for every desk")
    assert 1 / 3 == pytest.approx(feature("elsewhere", "brass floor light", lamp))
    assert 0.0 == feature("elsewhere", "brass lamp", row("brass lamp"))


@pytest.mark.parametrize(
    ("words", "in_title", "found"), [("desk lamp", 1.0, 1.0), ("brass lamp", 0.0, 1.0), ("brass floor lamp", 0.0, 0.0)]
)
def test_it_counts_whether_nothing_that_was_said_is_missing(words: str, in_title: float, found: float) -> None:
    lamp = row("desk lamp", body="brass")
    assert (in_title, found) == (feature("all_in_title", words, lamp), feature("all_found", words, lamp))


@pytest.mark.parametrize(
    ("words", "phrase"),
    [("memory foam pillow", 1.0), ("foam memory pillow", 0.0), ("memory pillow", 0.0), ("memory", 0.0)],
)
def test_a_phrase_stands_in_the_title_as_it_was_said(words: str, phrase: float) -> None:
    assert phrase == feature("phrase", words, row("soft memory foam pillow white"))
