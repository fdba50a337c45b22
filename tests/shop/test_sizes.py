"""Sizes as they stand on packs, made comparable."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.shop.sizes import Size, are_comparable, read_size

UNITS = {
    "oz": "28350mg/ul", "lb": "453592mg", "g": "1000mg", "kg": "1000000mg", "ml": "1000ul", "l": "1000000ul",
    "gallon": "3785000ul", "half": "x1/2", "quarter": "x1/4", "dozen": "x12", "pack": "#+", "ct": "#", "cans": "#can",
    "rolls": "#roll", "bag": "#+bag",
}  # fmt: skip
OZ, LB, GALLON = 28350, 453592, 3785000


def read(size: str) -> Size:
    found = read_size(size, UNITS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("size", "pieces", "measure"),
    [
        ("12 oz", 1, 12 * OZ), ("12oz", 1, 12 * OZ), ("12 OZ", 1, 12 * OZ), ("12 fl oz", 1, 12 * OZ),
        ("16.9 oz", 1, Fraction(169, 10) * OZ), ("half gallon", 1, Fraction(GALLON, 2)), ("gallon", 1, GALLON),
        ("1 gallon", 1, GALLON), ("quarter lb", 1, Fraction(LB, 4)), ("1/2 gallon", 1, Fraction(GALLON, 2)),
        ("1 / 2 gallon", 1, Fraction(GALLON, 2)), ("3/4 lb", 1, Fraction(3 * LB, 4)), ("1 1/2 lb", 1, Fraction(3 * LB, 2)),
        ("2 lb bag", 1, 2 * LB), ("per lb", 1, LB), ("1/0 lb", 1, LB), ("2 half gallon", 1, GALLON),
        ("1,000 ml", 1, 1_000_000), ("1,5 l", 1, 1_500_000), ("10,000 g", 1, 10_000_000), ("0 oz", 1, 0),
        ("500 g", 1, 500_000), (".5 l", 1, 500_000), ("0.5 l", 1, 500_000),
        ("half dozen", 6, None), ("dozen", 12, None), ("2 dozen", 24, None), ("12 ct", 12, None), ("12", 12, None),
        ("pack of 20", 20, None), ("12 cans", 12, None), ("6 rolls", 6, None),
        ("6 x 12 oz", 6, 12 * OZ), ("6 × 12 oz", 6, 12 * OZ), ("6x12 oz", 6, 12 * OZ), ("6 pack, 12 oz", 6, 12 * OZ),
        ("6-pack 12 oz", 6, 12 * OZ), ("6 12 oz", 6, 12 * OZ), ("6 pack 1/2 lb", 6, Fraction(LB, 2)),
        ("6 x 12 oz cans", 6, 12 * OZ), ("13 gallon, 45 ct", 45, 13 * GALLON),
    ],
)  # fmt: skip
def test_a_size_is_so_many_pieces_of_so_much(size: str, pieces: int, measure: int | Fraction | None) -> None:
    assert (pieces, measure) == (read(size).pieces, read(size).measure)


@pytest.mark.parametrize(
    ("size", "kind"),
    [("12 cans", "can"), ("6 x 12 oz cans", "can"), ("6 pack 12 oz", ""), ("12 ct", ""), ("2 lb bag", "")],
)
def test_a_pack_says_what_its_pieces_are(size: str, kind: str) -> None:
    assert kind == read(size).kind


@pytest.mark.parametrize(
    ("size", "by_measure"), [("per lb", True), ("lb", True), ("1 lb", False), ("gallon", False), ("half lb", False)]
)
def test_what_is_sold_by_weight_has_no_number(size: str, by_measure: bool) -> None:
    assert by_measure == read(size).by_measure


def test_units_of_any_language_are_known_by_their_words() -> None:
    assert Size(measure=Fraction(1_000_000), dimensions=frozenset({"mg"})) == read_size("2 Фунт", {"фунт": "500000mg"})
    assert Size(measure=Fraction(453), dimensions=frozenset({"mg"})) == read_size("1 Pfündchen", {"pfündchen": "453mg"})


@pytest.mark.parametrize("size", ["", "large", "family size", "?", "🥛", "one", "bag", "12 inch", "6 ft", "20 watt"])
def test_a_size_without_number_and_unit_is_none(size: str) -> None:
    assert read_size(size, UNITS) is None


@pytest.mark.parametrize(
    ("smaller", "bigger"),
    [
        ("12 oz", "half gallon"), ("half gallon", "gallon"), ("500 g", "1 kg"), ("1 lb", "1 kg"), ("16 oz", "1.5 lb"),
        ("750 ml", "1 l"), ("6 ct", "dozen"), ("8 oz", "6 pack 8 oz"), ("950 ml", "1,000 ml"), ("1 lb", "1 1/2 lb"),
    ],
)  # fmt: skip
def test_sizes_compare_as_people_expect(smaller: str, bigger: str) -> None:
    less, more = read(smaller), read(bigger)
    assert are_comparable((less, more))
    assert less.total < more.total


@pytest.mark.parametrize(
    ("one", "other"),
    [("2 l", "12 cans"), ("1 gallon", "12 ct"), ("1 lb", "8 ct"), ("1 kg", "1 l"), ("1 lb", "1 gallon"), ("6 pack 1 oz", "6 ct")],
)  # fmt: skip
def test_what_is_measured_otherwise_is_neither_more_nor_less(one: str, other: str) -> None:
    assert not are_comparable((read(one), read(other)))


@pytest.mark.parametrize(
    "size", ["1/0 lb", "0/0 oz", "1//2 oz", "1.2.3 oz", "1/2/3 oz", "9" * 40 + " oz", "1" * 10_000]
)
def test_a_size_that_is_nonsense_breaks_nothing(size: str) -> None:
    assert isinstance(read_size(size, UNITS), Size | None)


@given(st.text(max_size=60))
def test_any_text_is_a_size_or_none(size: str) -> None:
    found = read_size(size, UNITS)
    assert found is None or found.total >= 0
