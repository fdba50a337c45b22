from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.search.hearing import (
    SOUNDS_MAX,
    Spelling,
    distance,
    echo,
    grams,
    pronounce,
    skeleton,
    sound_mask,
)
from skill.search.sounds import SOUNDS, read_spelling

ENGLISH = Spelling(read_spelling("en"))
sounds = st.text(alphabet="".join(SOUNDS.values()), max_size=12)


def test_voiced_and_unvoiced_consonants_have_one_skeleton() -> None:
    assert skeleton("BaD") == skeleton("PaT")


def test_doubled_consonants_count_once() -> None:
    assert "PT" == skeleton("PaTT")


@pytest.mark.parametrize(
    ("heard", "meant"), [("KaSNaRT", "KaSNaT"), ("KwiSNaRT", "KwiZNaRD"), ("PaSiNT", "PaSiNTaL"), ("JePh", "ZiPh")]
)
def test_sounds_that_are_much_alike_have_grams_in_common(heard: str, meant: str) -> None:
    assert grams(heard) & grams(meant)


def test_grams_know_where_sounds_begin_and_end_and_no_vowels() -> None:
    assert {"^Pa", "PaT", "aT$"} == grams("BiD")


@given(sounds)
def test_grams_are_those_of_the_echo(said: str) -> None:
    assert all(3 == len(gram) and gram in f"^{echo(said)}$" for gram in grams(said))


def test_like_sounds_are_nearer_than_unlike_ones() -> None:
    assert distance("BaT", "PaT") < distance("MaT", "SaT")
    assert distance("PaT", "PqT") < distance("PaT", "PaL")


@given(sounds, sounds)
def test_distance_is_zero_only_for_the_same_and_no_matter_which_way(one: str, other: str) -> None:
    assert (one == other) == (distance(one, other) == 0)
    assert abs(distance(one, other) - distance(other, one)) < 1e-9


@given(sounds, sounds, st.floats(0, 5))
def test_a_limit_never_hides_a_distance_within_it(one: str, other: str, limit: float) -> None:
    whole = distance(one, other)
    limited = distance(one, other, limit)
    assert limited == whole if whole <= limit else limited > limit


@given(sounds)
def test_every_sound_has_a_place_in_mask_echo_and_skeleton(said: str) -> None:
    assert len(set(said)) == sound_mask(said).bit_count()
    assert set(echo(said)) <= set("PTKFSCMNLRWa")
    assert set(skeleton(said)) <= set("PTKFSCMNLRW")


def test_the_dictionary_wins_over_the_spelling() -> None:
    assert "XYZ" == pronounce("word", {"word": "XYZ"}.get, ENGLISH)
    assert "FhN" == pronounce("phone", {}.get, ENGLISH)


def test_a_word_made_of_two_that_the_dictionary_has_is_said_as_both() -> None:
    dictionary = {"game": "GxM", "pad": "PqD", "ga": "Ga", "mepad": "X"}.get
    assert "GxMPqD" == pronounce("gamepad", dictionary, ENGLISH)
    assert pronounce("gamepa", {}.get, ENGLISH) == pronounce("gamepa", {"game": "GxM", "pa": "P"}.get, ENGLISH)


def test_endless_words_are_cut() -> None:
    assert SOUNDS_MAX == len(pronounce("banana" * 50, {}.get, ENGLISH))
