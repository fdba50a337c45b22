import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.feeds.gtin import check_digit, is_gtin


@pytest.mark.parametrize("digits", ["4006381333931", "036000291452", "96385074", "10614141000415"])
def test_real_bar_codes_have_their_check_digit(digits: str) -> None:
    assert is_gtin(digits)


@pytest.mark.parametrize(
    "digits",
    [
        "4006381333932",
        "03600029145",
        "",
        "000000000000",
        "40063813339３1",
        "ABCDEFGHIJKLM",
        "4.00638E+12",
        "-4006381333931",
    ],
)
def test_anything_else_is_no_bar_code(digits: str) -> None:
    assert not is_gtin(digits)


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_one_wrong_digit_is_always_noticed(length: int, data: st.DataObject) -> None:
    digits = data.draw(st.text("0123456789", min_size=length, max_size=length).filter(lambda d: bool(d.strip("0"))))
    whole = digits + str(check_digit(digits))
    assert is_gtin(whole)
    place = data.draw(st.integers(0, length))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda d: d != whole[place]))
    assert not is_gtin(whole[:place] + wrong + whole[place + 1 :])
