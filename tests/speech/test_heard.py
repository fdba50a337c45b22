"""Numbers, ordinals and names as recognisers hand them over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.speech.heard import (
    heard_correction,
    heard_halves,
    heard_joined,
    heard_number,
    heard_numbers,
    heard_ordinal,
    heard_stems,
)
from skill.speech.render import spoken_locales

EN = "en-US"
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905, E501
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905


def spelled(number: int) -> str:
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f" {ONES[number % 10]}" if number % 10 else "")
    head, rest, word = (
        (number // 1000, number % 1000, "thousand") if number >= 1000 else (number // 100, number % 100, "hundred")
    )
    return f"{spelled(head)} {word}" + (f" {spelled(rest)}" if rest else "")


@given(st.integers(0, 999_999), st.sampled_from((" ", "-", " and ")))
def test_every_number_is_heard_in_words_and_in_figures(number: int, between: str) -> None:
    assert number == heard_number(str(number), EN)
    assert number == heard_number(spelled(number), EN)
    if between == "-" and number < 100:
        assert number == heard_number(spelled(number).replace(" ", "-"), EN)
    if between == " and ":
        assert number == heard_number(spelled(number).replace("hundred ", "hundred and "), EN)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2), (" 2 ", 2), ("Two", 2), ("+5", 5), ("-1", -1), (" -1 ", -1), ("0", 0), ("zero", 0), ("000", 0),
        ("1000000000", 10**9), ("a", 1), ("an", 1), ("a dozen", 12), ("dozen", 12), ("two dozen", 24), ("half", None),
        ("a couple", 2), ("a couple of", 2), ("couple of dozen", 24), ("a hundred", 100), ("hundred", 100),
        ("one hundred and five", 105), ("two thousand three hundred", 2300), ("twenty dollars", 20), ("20 dollars", 20),
        ("twenty bucks", 20), ("five hundred thousand twelve", 500_012), ("999999999999999", 999_999_999_999_999),
    ],
)  # fmt: skip
def test_a_number_is_heard_as_people_say_it(text: str, number: int | None) -> None:
    assert number == heard_number(text, EN)


@pytest.mark.parametrize(
    ("locale", "sentence", "numbers"),
    [
        ("en-US", "add forty seven of the milk", [("47", "the")]),
        ("en-US", "four, seven.", [("4", "seven"), ("7", "")]),
        ("en-US", "my code is 0042", [("0042", "")]),
        ("en-US", "1.5 litres for 20€", [("20", "")]),
        ("hr-HR", "dodaj mlijeko 500 ml", [("500", "ml")]),
        ("kk-KZ", "он бес сүт", [("15", "сүт")]),
        ("el-GR", "βάλε γάλα", []),
        ("en-US", "-1", []),
    ],
)  # fmt: skip
def test_the_numbers_of_a_sentence_come_with_what_follows_them(
    locale: str, sentence: str, numbers: list[tuple[str, str]]
) -> None:
    assert numbers == heard_numbers(sentence, locale)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "?", "1.5", "one and a half", "NaN", "inf", "1e9", "10^9", "٢", "２", "- 5", "-five", "minus two",
        "--5", "1000000000000000", "oat milk", "two milks", "and", "of", "dollars", "of dollars", "x100", "x", "two x100",
        "1,000", "²",
    ],
)  # fmt: skip
def test_what_is_no_whole_number_is_none(text: str | None) -> None:
    assert heard_number(text, EN) is None


@pytest.mark.parametrize(
    "text",
    [
        "four seven", "one two", "2 2", "4 7", "five six", "ten two", "twenty fifteen", "twenty thirty", "five zero", "zero five",
        "zero zero", "nineteen one", "two hundred three hundred", "two thousand three thousand", "one hundred hundred",
        "thousand thousand", "five twenty", "a two", "one hundred five six",
    ],
)  # fmt: skip
def test_numbers_that_no_one_counts_so_are_not_added_up(text: str) -> None:
    """ "Order, four seven" must not confirm the number eleven."""
    assert heard_number(text, EN) is None


def test_only_so_much_text_is_looked_at() -> None:
    assert heard_number("9" * 10_000, EN) is None
    assert heard_number("two " * 10_000, EN) is None


@given(st.text(max_size=100))
def test_any_text_is_a_number_or_none(text: str) -> None:
    assert isinstance(heard_number(text, EN), int | None)
    ordinal = heard_ordinal(text, EN)
    assert ordinal is None or ordinal == -1 or ordinal > 0


@pytest.mark.parametrize(
    ("text", "ordinal"),
    [
        ("first", 1), ("First", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5), ("1st", 1), ("2nd", 2),
        ("3rd", 3), ("last", -1), ("the second one", 2), ("the last one", -1), (" third ", 3), ("2", 2), ("two", 2),
        ("number two", 2), ("number 3", 3), ("the second of the five", 2), ("option 2 please", 2),
    ],
)  # fmt: skip
def test_an_ordinal_is_heard_alone_and_inside_words(text: str, ordinal: int) -> None:
    assert ordinal == heard_ordinal(text, EN)


@pytest.mark.parametrize("text", [None, "", " ", "?", "0", "zero", "-1", "-2", "the cheap", "milk", "1.5"])
def test_what_is_no_ordinal_is_none(text: str | None) -> None:
    assert heard_ordinal(text, EN) is None


def test_a_locale_without_words_of_its_own_hears_the_fallbacks() -> None:
    assert 47 == heard_number("forty seven", "xx-XX") == heard_number("forty seven", "en-GB")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("он бес", 15), ("жиырма бес", 25), ("екі жүз он бес", 215), ("мың бес жүз", 1500), ("екеуін", 2), ("үш дана", 3),
        ("1500 теңге", 1500), ("он", 10), ("бес он", None), ("бір он бес", None), ("он он", None),
    ],
)  # fmt: skip
def test_kazakh_counts_on_from_ten_in_two_words(text: str, number: int | None) -> None:
    assert number == heard_number(text, "kk-KZ")


# --- names with their endings -----------------------------------------------------------------------------------------------

SAME_WORD = [
    ("en-US", "apple apples"), ("en-GB", "cookie cookies"), ("en-US", "cherry cherries"), ("en-US", "tomato tomatoes"),
    ("en-US", "box boxes"), ("en-US", "peach peaches"), ("en-US", "glass glasses"), ("en-US", "loaf loaves"),
    ("en-US", "olive olives"), ("en-US", "pea peas"), ("en-US", "Eggs egg"),
    ("it-IT", "mela mele"), ("it-IT", "uovo uova"), ("it-IT", "fungo funghi"), ("it-IT", "zucca zucche"), ("it-IT", "olio oli"),
    ("it-IT", "limone limoni"), ("it-IT", "caffe caffè"),
    ("el-GR", "μήλο μήλα μήλων μήλου"), ("el-GR", "ντομάτα ντομάτες"),
    ("el-GR", "καφές καφέ καφέδες"), ("el-GR", "ψωμί ψωμιά ψωμιού"),
    ("el-GR", "ΠΑΤΑΤΕΣ πατάτα πατάτας"), ("el-GR", "χυμός χυμό χυμοί χυμούς"), ("el-GR", "γιαούρτι γιαουρτιού"),
    ("hr-HR", "jabuka jabuke jabuku jabukama"), ("hr-HR", "sok soka sokovi"), ("hr-HR", "jaje jaja"), ("hr-HR", "mlijeko mlijeka"),
    ("hr-HR", "čaj caja"), ("hr-HR", "svježi svježeg svježih"),
    ("kk-KZ", "алма алмалар алманы алмаларды алманың"), ("kk-KZ", "сүт сүтті сүті сүтін"), ("kk-KZ", "ет етті еттер еті"),
    ("kk-KZ", "нан нанды нандар"), ("kk-KZ", "қызанақ қызанақтар қызанақты"), ("kk-KZ", "шұжық шұжығы шұжықты"),
    ("kk-KZ", "жұмыртқа жұмыртқаны жұмыртқалар"), ("kk-KZ", "шырын шырыны шырынын"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "forms"), SAME_WORD)
def test_one_word_is_the_same_in_every_form(locale: str, forms: str) -> None:
    assert 1 == len(heard_stems(forms, locale)), heard_stems(forms, locale)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", "glass gas grass"), ("en-US", "peas peach pear"), ("it-IT", "mela melone miele"), ("it-IT", "pane panna pasta"),
        ("el-GR", "μήλο μέλι μπανάνα"), ("el-GR", "γάλα αγγούρι γαλοπούλα"),
        ("hr-HR", "kruh kruška krumpir"), ("hr-HR", "sok sol sir"),
        ("kk-KZ", "алма алмұрт май"), ("kk-KZ", "су сүт сүзбе"), ("kk-KZ", "нан банан қант"),
    ],
)  # fmt: skip
def test_other_words_stay_other_words(locale: str, words: str) -> None:
    assert len(words.split()) == len(heard_stems(words, locale))


@pytest.mark.parametrize("locale", spoken_locales())
def test_a_name_from_a_feed_in_latin_letters_is_found_in_one_and_in_many(locale: str) -> None:
    assert heard_stems("banana", locale) == heard_stems("Bananas", locale)


@given(st.text(max_size=60), st.sampled_from(spoken_locales()))
def test_stems_are_of_any_text_and_saying_it_twice_adds_none(text: str, locale: str) -> None:
    assert len(heard_stems(text, locale)) <= len(text)
    assert heard_stems(text, locale) == heard_stems(text + " " + text, locale)


@pytest.mark.parametrize(
    ("locale", "text", "halves"),
    [
        ("en-US", "the ketchup and add pears", (("", "the ketchup"), ("add", "pears"))),
        ("en-US", "the ketchup and then add two pears", (("", "the ketchup"), ("add", "two pears"))),
        ("en-US", "Pears and remove the ketchup", (("", "Pears"), ("remove", "the ketchup"))),
        ("en-US", "salt and pepper", ()),
        ("en-US", "and add", ()),
        ("en-US", "ketchup and add", ()),
        ("it-IT", "il ketchup e aggiungi pere", (("", "il ketchup"), ("add", "pere"))),
        ("el-GR", "το κέτσαπ και βάλε αχλάδια", (("", "το κέτσαπ"), ("add", "αχλάδια"))),
        ("hr-HR", "kečap i dodaj kruške", (("", "kečap"), ("add", "kruške"))),
        ("kk-KZ", "кетчупті алып таста және алмұрт", (("remove", "кетчупті"), ("", "алмұрт"))),
    ],
)
def test_two_things_asked_for_in_one_breath_are_told_apart(
    locale: str, text: str, halves: tuple[tuple[str, str], ...]
) -> None:
    assert halves == heard_halves(text, locale)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("coffee no wait tea", ("coffee", "tea")),
        ("coffee no wait i mean tea", ("coffee", "tea")),
        ("coffee i mean tea actually milk", ("coffee i mean tea", "milk")),
        ("it two no wait", ("it two", "")),
        ("no make that four", ("", "four")),
        ("coffee", None),
        ("", None),
    ],
)
def test_who_puts_themselves_right_is_heard_to_the_end(text: str, parts: tuple[str, str] | None) -> None:
    assert parts == heard_correction(text, EN)


def test_two_things_may_be_parted_at_every_and() -> None:
    assert [("salt", "pepper and milk"), ("salt and pepper", "milk")] == list(
        heard_joined("salt and pepper and milk", EN)
    )
    assert [] == list(heard_joined("and milk and", EN))
