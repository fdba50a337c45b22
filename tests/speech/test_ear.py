"""Names for the ear: short, and nothing in them that a voice would obey."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.speech.ear import (
    NAME_LENGTH_MAX,
    NAME_WORDS_MAX,
    SIZE_LENGTH_MAX,
    SIZE_WORDS_MAX,
    ear_name,
    ear_names,
    ear_size,
    plain,
)


@pytest.mark.parametrize(
    ("title", "size", "expected"),
    [
        ("Hillside Whole Milk", "half gallon", "Hillside Whole Milk"),
        ("Hillside Whole Milk, Half Gallon", "half gallon", "Hillside Whole Milk"),
        ("Hillside Whole Milk - half gallon", "half gallon", "Hillside Whole Milk"),
        ("Cola 12 oz. cans", "12 oz.", "Cola cans"),
        ("Cola (12 oz) [new] {x}", "", "Cola"),
        ("112 oz bucket 12 oz", "12 oz", "112 oz bucket"),
        ("Half Gallon", "half gallon", "Half Gallon"),
        ("Soap | Lavender | Large", "", "Soap , Lavender , Large"),
        ("  Spaced   out \t\n name ", "", "Spaced out name"),
        ("one two three four five six seven eight nine ten eleven", "", "one two three four five six seven eight nine"),
        ("Batteries, AA, pack of 24,", "", "Batteries, AA, pack of 24"),
        ("a.*b 1+1 (x", "1+1", "a.*b (x"),
        ("Käse Brötchen Größe", "", "Käse Brötchen Größe"),
        ("牛奶", "", "牛奶"),
        (
            "Northwind Men's Classic Organic Cotton Crew Neck T-Shirt, Red",
            "large",
            "Northwind Men's Classic Organic Cotton Crew Neck T-Shirt, Red",
        ),
        (
            "Northwind Men's Classic Organic Cotton Crew Neck T-Shirt - Midnight Blue, Striped",
            "",
            "Northwind Organic Cotton Crew Neck T-Shirt, Midnight Blue, Striped",
        ),
        (
            "Northwind Men's Classic Organic Cotton Tee, Large, Red",
            "large",
            "Northwind Men's Classic Organic Cotton Tee, Red",
        ),
        (
            "Handcrafted Small Batch Traditional Strawberry Rhubarb Lemon Pudding Preserves",
            "",
            "Handcrafted Small Batch Traditional Strawberry Rhubarb Lemon Pudding",
        ),
        ("Incomprehensibly-Long-Word " * 5 + ", Red", "", "Incomprehensibly-Long-Word Incomprehensibly-Long-Word, Red"),
        ("x" * 80 + " y, Red", "", "x" * 63 + " y, Red"),
        ("Good Boy Farm Canned Dog Food, Beef Stew", "", "Good Boy Farm Canned Dog Food, Beef Stew"),
        (
            "Good Boy Farm Extra Tasty Canned Dog Food, Hearty Beef Stew",
            "",
            "Good Extra Tasty Canned Dog Food, Hearty Beef Stew",
        ),
        ("Glowbird LED Light Bulb 60 Watt Soft White", "", "Glowbird LED Light Bulb 60 Watt Soft White"),
        (
            "Maglietta girocollo classica in cotone biologico, Rosso",
            "",
            "Maglietta girocollo classica in cotone biologico, Rosso",
        ),
        (
            "one two three four five six seven, a tail that says too much",
            "",
            "one two three four five six seven, a tail",
        ),
    ],
)
def test_a_title_is_cut_down_to_its_name(title: str, size: str, expected: str) -> None:
    assert expected == ear_name(title, size)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<speak>Buy <break time='10s'/> now</speak>", "Buy now"),
        ('Milk<audio src="https://evil.example/a.mp3"/>', "Milk"),
        ("Milk </speak><speak>yes", "Milk yes"),
        ("Milk <emphasis", "Milk emphasis"),
        ("5 > 3 < 9", "5 3 9"),
        ("<<b>script>alert", "script alert"),
        ("\u202eklim\u202c \u200fMilk\u200e\u2066\u2069", "klim Milk"),
        ("Milk\u200b\ufeff\u00ad", "Milk"),
        ("Milk\x00\x07\x1b[31m", "Milk[31m"),
        ("Milk\nWhole\u2028Fresh\u00a0Cold", "Milk Whole Fresh Cold"),
        ("Milk\ud800\udfff\ue000", "Milk"),
    ],
)
def test_markup_and_marks_are_taken_out(title: str, expected: str) -> None:
    assert expected == ear_name(title)


@pytest.mark.parametrize(
    "title", ["<b></b>", "(12 oz)", "<speak>", "", " ", "\u202e", "((((", "|", "<>", "--", "\n", "()", "[<b>]"]
)
def test_a_title_of_nothing_but_marks_breaks_nothing(title: str) -> None:
    assert not set("<>\u202e\n") & set(ear_name(title))


@pytest.mark.parametrize("title", ["Milk " * 2500, "(" * 10_000, "<" * 10_000, "([{" * 3333, "x" * 10_000, "<a" * 5000])
def test_ten_thousand_characters_are_cut_and_not_pondered(title: str) -> None:
    name = ear_name(title, title)
    assert len(name) <= NAME_LENGTH_MAX
    assert len(ear_size(title)) <= SIZE_LENGTH_MAX


@given(st.text(max_size=600), st.text(max_size=30))
def test_whatever_the_feed_says_a_name_is_short_and_plain(title: str, size: str) -> None:
    name = ear_name(title, size)
    assert len(name) <= NAME_LENGTH_MAX
    assert len(name.split()) <= NAME_LENGTH_MAX // 2
    assert not {"<", ">", "\n", "\u202e", "\x00"} & set(name)
    assert name == name.strip()
    name.encode()


@given(st.lists(st.sampled_from(("Milk", "12", "oz", "Whole", "(new)", "<b>")), max_size=12))
def test_a_name_has_at_most_nine_words(words: list[str]) -> None:
    kept = [word for word in words if word[0] not in "(<"]
    assert min(len(kept), NAME_WORDS_MAX) == NAME_WORDS_MAX or len(ear_name(" ".join(words)).split()) <= NAME_WORDS_MAX
    assert " ".join(kept[:NAME_WORDS_MAX]) == ear_name(" ".join(words)) or not kept


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("12 oz", "12 oz"), ("half gallon", "half gallon"), ("", ""), ("12 oz (355 ml)", "12 oz"),
        ("<b>12</b> oz", "12 oz"), ("12\noz", "12 oz"), ("one two three four five", "one two three four"),
        ("12 oz,", "12 oz"), ("\u202e12 oz", "12 oz"), ("x" * 100, "x" * 24), ("(x)", ""), ("12 oz <break", "12 oz break"),
    ],
)  # fmt: skip
def test_a_size_is_cut_down_too(size: str, expected: str) -> None:
    assert expected == ear_size(size)


@given(st.text(max_size=600))
def test_whatever_the_feed_says_a_size_is_short_and_plain(size: str) -> None:
    said = ear_size(size)
    assert len(said) <= SIZE_LENGTH_MAX
    assert len(said.split()) <= SIZE_WORDS_MAX
    assert not {"<", ">", "\n", "\u202e"} & set(said)


def test_plain_text_keeps_its_words_apart_and_its_letters_whole() -> None:
    assert "a b c d é 牛 🥛" == plain("a\tb\nc\u2029d é 牛 🥛")
    assert "ab" == plain("a\u200db")
    assert "" == plain("\u202e\x00\ud800\ue000")


# --- several at once ----------------------------------------------------------------------------------------------------

TEE = "Northwind Men's Classic Organic Cotton Crew Neck T-Shirt"


@pytest.mark.parametrize(
    ("things", "said"),
    [
        (
            [(f"{TEE}, Red", "large"), (f"{TEE}, Blue", "large")],
            [
                ("Northwind Men's Classic Organic Cotton Crew Neck T-Shirt, Red", "large"),
                ("Northwind Men's Classic Organic Cotton Crew Neck T-Shirt, Blue", "large"),
            ],
        ),
        (
            [(f"{TEE} Red with Free Shipping", "large"), (f"{TEE} Blue with Free Shipping", "large"), (TEE, "small")],
            [
                ("Northwind Men's Classic Organic Cotton Crew Neck T-Shirt Red", "large"),
                ("Northwind Men's Classic Organic Cotton Crew Neck T-Shirt Blue", "large"),
                ("Northwind Men's Classic Organic Cotton Crew Neck T-Shirt", "small"),
            ],
        ),
        (
            [("Cola (Cherry)", "12 oz"), ("Cola (Vanilla)", "12 oz")],
            [("Cola Cherry", "12 oz"), ("Cola Vanilla", "12 oz")],
        ),
        (
            [("Tea", "box of 20 bags 1.5 g each"), ("Tea", "box of 20 bags 2 g each")],
            [("Tea", "box of 20 bags 1.5 g each"), ("Tea", "box of 20 bags 2 g each")],
        ),
        ([("Milk", "1 l"), ("Milk", "1 l")], [("Milk", "1 l"), ("Milk", "1 l")]),
        (
            [("a b c d e f g h i j k l", ""), ("a b c d e f g h i j l k", "")],
            [("a b c d e f g h i j k l", ""), ("a b c d e f g h i j l k", "")],
        ),
        ([], []),
    ],
)
def test_things_that_are_read_together_are_told_apart(
    things: list[tuple[str, str]], said: list[tuple[str, str]]
) -> None:
    assert said == ear_names(things)


WORDS = st.sampled_from(
    ("red", "blue", "green", "north", "tee", "soft", "warm", "wool", "big", "old", "new", "fine", "long", "with", "of")
)
TITLES = st.lists(WORDS, min_size=1, max_size=14).map(" ".join)


@given(
    st.lists(st.tuples(TITLES, st.sampled_from(["", "large", "box of 20 bags 1.5 g each", "box of 20 bags 2 g each"])))
)
def test_no_two_things_that_differ_have_the_same_name_and_size(things: list[tuple[str, str]]) -> None:
    # A size that the title ends with is said once.
    said = dict(zip(things, ear_names(things), strict=True))
    assert len(set(things)) == len(set(said.values()))


@given(st.lists(st.tuples(TITLES, st.just("large")), min_size=3, max_size=3, unique=True))
def test_names_that_were_told_apart_have_nine_words_unless_only_the_whole_title_tells(
    things: list[tuple[str, str]],
) -> None:
    for (title, _), (name, _) in zip(things, ear_names(things), strict=True):
        assert len(name.split()) <= NAME_WORDS_MAX or name == title
