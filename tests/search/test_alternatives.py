from __future__ import annotations

from skill.search.alternatives import Alternative, likeness, sight
from skill.search.catalogue import SearchCatalogue


def alternatives(shop: SearchCatalogue, words: str) -> dict[tuple[str, ...], Alternative]:
    tokens = words.split()
    found = shop.listener.ears.alternatives(tokens, shop.listener.ears.say(tokens))
    return {a.terms: a for a in sorted(found, key=lambda a: -a.ratio)}  # the nearest of each


def test_two_heard_words_may_be_one(shop: SearchCatalogue) -> None:
    found = alternatives(shop, "quise inert")
    assert (0, 2) == (found[("cuisinart",)].start, found[("cuisinart",)].end)


def test_one_heard_word_may_be_two(shop: SearchCatalogue) -> None:
    assert ("oat", "milk") in alternatives(shop, "oatmilk")


def test_words_that_only_join_others_count_as_sounds(shop: SearchCatalogue) -> None:
    found = alternatives(shop, "trilogy comb you a drink")
    assert any("kombucha" in terms for terms in found)


def test_the_dictionary_is_asked_before_the_spelling(shop: SearchCatalogue) -> None:
    assert ["NyF"] == shop.listener.ears.say(["knife"])
    assert ["SiKSTjN"] == shop.listener.ears.say(["16"])


def test_what_sounds_nearer_is_likelier() -> None:
    def likely(ratio: float) -> float:
        return likeness(sight(Alternative(0, 1, ("x",), 0.0, ratio, "KaT", "KqT"), ratio, 5.0, 5.0))

    assert likely(0.1) > likely(0.3)


def test_the_frequent_is_likelier_than_the_rare() -> None:
    sounding = Alternative(0, 1, ("x",), 0.0, 0.2, "KaT", "KqT")
    assert likeness(sight(sounding, 0.2, 2.0, 5.0)) > likeness(sight(sounding, 0.2, 8.0, 5.0))


def test_an_alternative_never_only_drops_or_adds_a_word(shop: SearchCatalogue) -> None:
    for alternative, _ in shop.alternatives("oat milk bread"):
        heard = {("oat", "milk", "bread")[at] for at in alternative.positions}
        assert not set(alternative.terms) <= heard
        assert not heard <= set(alternative.terms)
