"""An utterance laid over titles: shares of its sounds, words in any order, what is left out, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.search.aloud import WORDS_MAX, Utterance
from skill.search.hearing import GAP, Spelling, pronounce
from skill.search.sounds import read_dictionary, read_spelling

SOUNDS = st.text(st.sampled_from(sorted(GAP)), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def say():
    dictionary = dict(line.split(" ") for line in read_dictionary("en").splitlines())
    spelling = Spelling(read_spelling("en"))
    return lambda text: [pronounce(word, dictionary.get, spelling) for word in text.split(" ")]


def test_words_that_were_cut_at_other_places_are_found(say):
    utterance = Utterance("".join(say("raybents son blosses")))
    sunglasses = utterance.lay_over(say("ray ban unisex black sunglasses"))
    speaker = utterance.lay_over(say("jensen bluetooth wireless stereo speaker"))
    assert {0, 1, 4} <= set(sunglasses.words)
    assert sunglasses.share > 0.7 > speaker.share + 0.2


def test_the_order_of_the_words_does_not_matter(say):
    utterance = Utterance("".join(say("knife victorinox")))
    assert utterance.lay_over(say("victorinox pink knife")) == (1.0, (0, 2))
    assert utterance.lay_over(say("knife by victorinox")) == (1.0, (0, 2))


def test_a_title_that_accounts_for_nothing_has_no_share(say):
    assert Utterance("".join(say("milk"))).lay_over(say("wagon")) == (0.0, ())
    assert Utterance("").lay_over(say("wagon")).words == ()


def test_a_long_title_is_looked_at_up_to_a_limit(say):
    utterance = Utterance("".join(say("milk")))
    words = ["".join(say("wagon"))] * WORDS_MAX
    assert utterance.lay_over([*words[1:], *say("milk")]).share == 1.0
    assert utterance.lay_over([*words, *say("milk")]).share == 0.0


@given(st.lists(SOUNDS, min_size=1, max_size=4), st.lists(SOUNDS, max_size=3), st.randoms())
def test_words_that_were_said_account_for_everything_wherever_they_stand(said, others, random):
    title = [*said, *others]
    random.shuffle(title)
    share, words = Utterance("".join(said)).lay_over(title)
    assert 0.0 <= share <= 1.0
    assert all(0 <= at < len(title) for at in words)
    if len(said) == 1 and sum(map(GAP.__getitem__, said[0])) > 0.3:
        assert share == pytest.approx(1.0)


@given(SOUNDS, st.lists(SOUNDS, max_size=4), SOUNDS)
def test_another_word_never_makes_it_worse(heard, title, further):
    assert Utterance(heard).lay_over([*title, further]).share >= Utterance(heard).lay_over(title).share - 1e-9
