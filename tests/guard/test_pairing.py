from __future__ import annotations

import random

import pytest

from skill.guard.pairing import PAIRING_LENGTH, PAIRING_LETTERS, new_pairing_code, read_pairing_code


@pytest.mark.parametrize("alike", ["BCDEGPTVZ", "AJK", "QU", "FS", "MN", "OQ", "UV", "IL", "IJ", "CG"])
def test_of_letters_that_are_taken_for_one_another_one_is_used(alike):
    assert 1 >= len(set(alike) & set(PAIRING_LETTERS))


def test_a_new_code_is_read_as_it_is_typed():
    code = new_pairing_code(random.Random(1).randint)
    assert PAIRING_LENGTH == len(code)
    assert code == read_pairing_code(code)
    assert code == read_pairing_code(" ".join(code.lower()) + "\n")
    assert code == read_pairing_code("-".join((code[:3], code[3:])))


def test_every_letter_may_come_up_and_is_read():
    asked = []
    for each in range(len(PAIRING_LETTERS)):
        code = new_pairing_code(lambda low, high, each=each: asked.append((low, high)) or each)
        assert PAIRING_LETTERS[each] * PAIRING_LENGTH == code == read_pairing_code(code)
    assert {(0, len(PAIRING_LETTERS) - 1)} == set(asked)


@pytest.mark.parametrize("typed", ["", "BFHKL", "BFHKLMM", "BFHKLA", "BFHKL1", "ΒFHKLM", "4271", "BFHKLM!"])
def test_what_is_no_code_is_none(typed):
    assert read_pairing_code(typed) is None
