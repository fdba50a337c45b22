from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.platforms.markup import cut_at_sentence, plain, ssml


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One. Two. Three.", "One. Two."),
        ("One? Two! Three.", "One? Two!"),
        ("It is 3.50 dollars in all", "It is 3.50"),
        ("abcdefghijklmnop", "abcdefghijkl"),
        ("Ναι; Όχι; Ίσως.", "Ναι; Όχι;"),
    ],
)
def test_text_is_cut_at_a_sentence_or_else_a_word_or_else_hard(text, cut):
    assert cut == cut_at_sentence(text, 12)


def test_text_that_fits_is_left_alone():
    assert "No end" == cut_at_sentence("No end", 6)


@given(st.text(), st.integers(20, 200))
def test_ssml_parses_and_fits_whatever_the_text(text, length_max):
    marked = ssml(text, length_max)
    assert length_max >= len(marked)
    if marked:
        assert "speak" == ElementTree.fromstring(marked.encode()).tag


@given(st.text(), st.integers(1, 200))
def test_plain_text_fits_and_can_be_written(text, length_max):
    written = plain(text, length_max)
    assert length_max >= len(written)
    written.encode()


def test_a_card_keeps_its_lines_and_its_markup_signs():
    assert "a & b\n<c>" == plain("a & b\n<c>", 100)


def test_markup_is_never_cut_within_an_escape():
    assert "<speak>&amp;&amp;</speak>" == ssml("&&&&", 27)
