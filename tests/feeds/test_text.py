import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.feeds.text import TextUnreadable, plain_text, without_pictures


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Whole Milk", "Whole Milk"),
        ("  Whole \t\n Milk ", "Whole Milk"),
        ("<p>Fresh <b>milk</b></p><ul><li>One</li><li>gallon</li></ul>", "Fresh milk One gallon"),
        ("Milk<br/>Cream", "Milk Cream"),
        ("semi<b>sweet</b>", "semisweet"),
        ("Salt &amp; Vinegar &lt;b&gt;chips&lt;/b&gt;", "Salt & Vinegar chips"),
        ("Salt &amp;amp; Vinegar", "Salt & Vinegar"),
        ("a < b and b > c", "a < b and b > c"),
        ("under 5 <3", "under 5 <3"),
        ("<script>alert('x')</script>Tea", "Tea"),
        ("Tea<script>alert('x')", "Tea"),
        ("Tea<!-- a <b> comment -->Pot", "Tea Pot"),
        ("Tea<style type='text/css'>b {}</style> Pot", "Tea Pot"),
        ("Tea\x00\x07\x1b[31m Pot", "Tea[31m Pot"),
        ("Tea\u202e\u2066Pot\u200b\ufeff", "TeaPot"),
        ("Tea\u00a0Pot", "Tea Pot"),
        ("caf\u0065\u0301", "caf\u00e9"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_markup_entities_and_invisible_characters_are_removed(text: str, plain: str) -> None:
    assert plain == plain_text(text, 200)


def test_a_text_that_is_too_long_is_cut_at_a_words_end() -> None:
    assert "Chocolate Chip" == plain_text("Chocolate Chip, Cookies", 17)
    assert "x" * 10 == plain_text("x" * 30, 10)


def test_a_text_that_could_not_be_decoded_is_refused() -> None:
    with pytest.raises(TextUnreadable):
        plain_text("Cr\udce8me", 200)


@given(st.text(max_size=400), st.integers(1, 100))
def test_what_is_left_is_short_visible_and_stays_the_same_when_cleaned_again(text: str, length_max: int) -> None:
    try:
        plain = plain_text(text, length_max)
    except TextUnreadable:
        return
    assert len(plain) <= length_max
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in plain)
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f") & set(plain)
    assert plain == plain.strip()


@pytest.mark.parametrize(
    "bomb", ["<script" * 3000, "<!--" * 5000, "<" * 20_000, "&lt;" * 5000, "<b " * 7000, "<style><" * 2500]
)
def test_broken_markup_is_read_in_linear_time(bomb: str) -> None:
    # A quadratic pattern takes minutes over a feed of these; the whole of this takes milliseconds.
    for _ in range(20):
        plain_text(bomb, 200)


def test_pictures_are_not_read_aloud() -> None:
    assert "HOT Sauce ™" == plain_text(without_pictures("🔥HOT🔥 Sauce ™ ❤️"), 100)
    assert "20 °C" == without_pictures("20 °C")
