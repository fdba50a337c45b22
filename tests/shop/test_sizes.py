"""Sizes as they stand on packs, made comparable."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.shop.sizes import size_in_base_units

UNITS = {
    "oz": "28350", "lb": "453592", "g": "1000", "kg": "1000000", "ml": "1000", "l": "1000000", "gallon": "3785000",
    "half": "x1/2", "quarter": "x1/4", "dozen": "x12", "pack": "x1", "ct": "x1", "fl": "x1",
}  # fmt: skip
OZ, GALLON = 28350, 3785000


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("12 oz", 12 * OZ), ("12oz", 12 * OZ), ("12 OZ", 12 * OZ), ("12 fl oz", 12 * OZ), ("16.9 oz", Fraction(169, 10) * OZ),
        ("half gallon", Fraction(GALLON, 2)), ("gallon", GALLON), ("1 gallon", GALLON), ("quarter lb", Fraction(453592, 4)),
        ("1/2 gallon", Fraction(GALLON, 2)), ("1 / 2 gallon", Fraction(GALLON, 2)), ("3/4 lb", Fraction(3 * 453592, 4)),
        ("1 1/2 lb", Fraction(3 * 453592, 2)), ("half dozen", 6), ("dozen", 12), ("2 dozen", 24), ("12 ct", 12),
        ("6 x 12 oz", 72 * OZ), ("6 pack, 12 oz", 72 * OZ), ("6-pack 12 oz", 72 * OZ), ("12", 12),
        ("6 12 oz", 72 * OZ), ("6 pack 1/2 lb", 3 * 453592), ("2 half gallon", GALLON), ("1/0 lb", 453592),
        ("1,000 ml", 1_000_000), ("1,5 l", 1_500_000), ("10,000 g", 10_000_000),
        ("0 oz", 0), ("500 g", 500_000), (".5 l", 500_000), ("0.5 l", 500_000),
    ],
)  # fmt: skip
def test_a_size_is_one_number(size: str, expected: int | Fraction) -> None:
    assert expected == size_in_base_units(size, UNITS)


def test_units_of_any_language_are_known_by_their_words() -> None:
    assert 2 * 500_000 == size_in_base_units("2 Фунт", {"фунт": "500000"})
    assert 453 == size_in_base_units("1 Pfündchen", {"pfündchen": "453"})


@pytest.mark.parametrize("size", ["", "large", "family size", "?", "🥛", "one"])
def test_a_size_without_number_and_unit_is_none(size: str) -> None:
    assert size_in_base_units(size, UNITS) is None


@pytest.mark.parametrize(
    ("smaller", "bigger"),
    [
        ("12 oz", "half gallon"), ("half gallon", "gallon"), ("500 g", "1 kg"), ("1 lb", "1 kg"), ("16 oz", "1.5 lb"),
        ("750 ml", "1 l"), ("6 ct", "dozen"), ("8 oz", "6 pack 8 oz"), ("950 ml", "1,000 ml"), ("1 lb", "1 1/2 lb"),
    ],
)  # fmt: skip
def test_sizes_compare_as_people_expect(smaller: str, bigger: str) -> None:
    less, more = size_in_base_units(smaller, UNITS), size_in_base_units(bigger, UNITS)
    assert less is not None
    assert more is not None
    assert less < more


@pytest.mark.parametrize(
    "size", ["1/0 lb", "0/0 oz", "1//2 oz", "1.2.3 oz", "1/2/3 oz", "9" * 40 + " oz", "1" * 10_000]
)
def test_a_size_that_is_nonsense_breaks_nothing(size: str) -> None:
    assert isinstance(size_in_base_units(size, UNITS), Fraction | None)


@given(st.text(max_size=60))
def test_any_text_is_a_size_or_none(size: str) -> None:
    found = size_in_base_units(size, UNITS)
    assert found is None or found >= 0
