"""The purchase code: as it is heard, as it may be chosen, and as it is kept out of everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.guard.code import (
    CODE_ASKS_MAX,
    CODE_ATTEMPTS_MAX,
    CODE_LENGTH,
    heard_code,
    is_four_digits,
    is_guessable,
    redact_codes,
)

WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9",
}  # fmt: skip
CODES = [f"{number:04}" for number in range(10_000)]
codes = st.sampled_from(CODES)
NAMES = {digit: word for word, digit in WORDS.items() if word != "oh"}

#: Digits of other scripts: full-width, Arabic-Indic, extended Arabic-Indic, Devanagari, mathematical bold.
ZEROS = "０٠۰०𝟎"


def test_four_digits_three_guesses_two_more_questions() -> None:
    assert (4, 3, 2) == (CODE_LENGTH, CODE_ATTEMPTS_MAX, CODE_ASKS_MAX)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4271", "4271"),
        ("42 71", "4271"),
        ("4 2 7 1", "4271"),
        ("four two seven one", "4271"),
        ("Four Two SEVEN one.", "4271"),
        ("four, two, seven, one", "4271"),
        ("four-two-seven-one", "4271"),
        ("four 2 seven 1?", "4271"),
        ("42-71", "4271"),
        ("4,271", "4271"),
        ("4.2.7.1", "4271"),
        ("it's 4271 please", "4271"),
        ("oh oh four two", "0042"),
        ("zero zero four two", "0042"),
        ("42", "0042"),
        ("042", "0042"),
        ("0", "0000"),
        ("7", "0007"),
        ("４２７１", "4271"),
        ("٤٢٧١", "4271"),
        ("۴۲۷۱", "4271"),
        ("४२७१", "4271"),
        ("4\u200b2\u200f7\u20681", "4271"),
        ("42711", "42711"),
        ("four two seven one one", "42711"),
        ("1234567890", "1234567890"),
    ],
)
def test_digits_are_understood_however_they_are_heard(text: str, expected: str) -> None:
    assert expected == heard_code(text, WORDS)


@pytest.mark.parametrize("text", [None, "", " ", "?", "??", "...", "never mind", "oatmeal", "no"])
def test_where_no_digit_was_heard_nothing_was(text: str | None) -> None:
    assert heard_code(text, WORDS) is None


def test_more_text_than_any_honest_answer_is_cut() -> None:
    assert "9" * 120 == heard_code("9" * 10_000, WORDS)
    assert heard_code(" " * 120 + "4271", WORDS) is None


@given(codes, st.sampled_from(("", " ", "-", ", ", " . ")), st.booleans())
def test_every_code_is_heard_in_figures_and_in_words(code: str, between: str, spelled: bool) -> None:
    heard = (between or " ").join(NAMES[digit] for digit in code) if spelled else between.join(code)
    assert code == heard_code(heard, WORDS)


@given(codes, st.sampled_from(ZEROS))
def test_every_code_is_heard_in_the_digits_of_other_scripts(code: str, zero: str) -> None:
    assert code == heard_code("".join(chr(ord(zero) + int(digit)) for digit in code), WORDS)


@given(codes)
def test_every_lost_leading_zero_is_put_back(code: str) -> None:
    assert code == heard_code(str(int(code)), WORDS)


# --- choosing one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0000", True), ("4271", True), ("427", False), ("42711", False), ("", False), ("42a1", False), ("42 1", False),
        ("-427", False), ("٤٢٧١", False), ("４２７１", False), ("²³¹¹", False),
    ],
)  # fmt: skip
def test_a_code_is_exactly_four_plain_digits(code: str, expected: bool) -> None:
    assert expected == is_four_digits(code)


def test_the_most_guessable_tenth_is_refused() -> None:
    refused = [code for code in CODES if is_guessable(code)]
    assert 900 <= len(refused) <= 1000
    # A rule that is lost, or reaches further than it did, shows here.
    assert 938 == len(refused)


@pytest.mark.parametrize(
    "code",
    [
        "0000", "1111", "9999",  # one digit
        "1212", "6969", "2020", "1010",  # one pair twice
        "1122", "7700", "0011",  # two pairs
        "1234", "6789", "7890", "0123", "4321", "9876", "3210", "0987",  # runs, over the zero too
        "2468", "8642", "1357", "9753", "0246", "0369",  # runs in twos and threes
        "1900", "1959", "1984", "1999", "2000", "2012", "2029",  # years
        "0101", "1225", "0704", "1231", "0229", "0430",  # days, month first
        "3112", "1402", "2512", "2902", "3011",  # days, day first
        "2580", "0852", "1470", "0741", "3690", "0963",  # lines of a keypad
        "1397", "1379", "7913", "9731", "3179", "1590", "3570", "0070", "1004", "4200", "5683",
    ],
)  # fmt: skip
def test_a_code_that_everybody_tries_first_is_refused(code: str) -> None:
    assert is_guessable(code)


@pytest.mark.parametrize(
    "code",
    [
        "4271", "1342", "1243", "8065", "7283",
        "1332", "0440",  # a pair in the middle
        "1899", "2030", "2999",  # no year that anybody remembers
        "0732", "3207", "0230", "3002", "0431", "3104", "0631", "3106", "0931", "3109",  # no days
        "0032", "3200", "1432", "3213", "0500",
        "0481", "0482", "1593", "1592",  # runs in fours, and their neighbours
    ],
)  # fmt: skip
def test_a_code_that_is_none_of_these_may_be_chosen(code: str) -> None:
    assert not is_guessable(code)


# --- keeping it out of everything else -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my code is 4271 okay", "my code is okay"),
        ("my code is 42 71 okay", "my code is okay"),
        ("my code is four two seven one okay", "my code is okay"),
        ("my code is four, two, seven, one.", "my code is"),
        ("my code is four-two-seven-one okay", "my code is okay"),
        ("code 4 , 2 - 7 / 1 okay", "code okay"),
        ("code4271okay", ""),
        ("code (4271)", "code"),
        ("4\u200b2\u200b7\u200b1", ""),
        ("４２７１ and ٤٢٧١", "and"),
        ("42711", ""),
        ("oat milk 4271 oat milk 4271", "oat milk oat milk"),
        ("two cans of 12 oz soda", "two cans of 12 oz soda"),
        ("7 up - 12 pack", "7 up - 12 pack"),
        ("two 12 oz cans, one pack of 24", "two 12 oz cans, one pack of 24"),
        ("427 and 1", "427 and 1"),
        ("aisle 427 and 427 and 1", "aisle 427 and 427 and 1"),
        ("oat   milk\n1%", "oat milk 1%"),
        ("1 2 3", "1 2 3"),
        ("-- oat milk --", "-- oat milk --"),
        ("", ""),
    ],
)
def test_a_code_inside_an_utterance_is_taken_out(text: str, expected: str) -> None:
    assert expected == redact_codes(text, WORDS)


@given(
    codes,
    st.sampled_from(("{}", "{}.", "({})", "it is {} ok", "order {} now", "#{}", "„{}“", "{}, please")),
    st.sampled_from(("", " ", "-", ", ", " - ", ".", "\u200b", "/", "\n")),
    st.booleans(),
)
def test_no_code_that_can_be_heard_survives_redaction(code: str, around: str, between: str, spelled: bool) -> None:
    text = around.format((between or " ").join(NAMES[d] for d in code) if spelled else between.join(code))
    left = redact_codes(text, WORDS)
    assert code != heard_code(left, WORDS)
    assert not set("0123456789") & set(left)
    assert not set(NAMES.values()) & set(left.replace(",", " ").replace(".", " ").split())


@given(st.text(max_size=80))
def test_redaction_never_leaves_four_digits_in_a_row_and_never_adds_a_word(text: str) -> None:
    left = redact_codes(text, WORDS)
    assert len(left.split()) <= len(text.split())
    assert left == redact_codes(left, WORDS)
    assert all(len(heard_code(word, WORDS) or "") <= 4 for word in left.split())


@pytest.mark.parametrize("text", ["add  whole milk\tplease", " I love you so much ", "four", ""])
def test_plain_words_are_kept_with_one_space_between(text: str) -> None:
    assert " ".join(text.split()) == redact_codes(text, WORDS)


@pytest.mark.parametrize(("code", "guessable"), [("0482", False), ("2840", False), ("1852", True), ("8642", True)])
def test_steps_that_fingers_make_by_themselves_are_guessable(code: str, guessable: bool) -> None:
    assert guessable == is_guessable(code)
