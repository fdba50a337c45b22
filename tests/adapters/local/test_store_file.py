"""`store.yaml`: read whole or refused with the line, the key and what would be right; and what delivery and tax come to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.adapters.local.store_file import FlatTariff, read_store_file
from skill.errors import CurrencyMismatch, FeedError, SettingsInvalid
from skill.ports import Store, Tariffed
from skill.shop.catalogue import Sku
from skill.shop.money import Money
from skill.shop.quote import QuoteLine

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "skill" / "sample" / "store.yaml"

WHOLE = """\
store_id: corner-store
seller: Corner Store
currency: USD
time_zone: America/New_York
age_restricted_categories: [Beer, Wine]
delivery:
  fee: 3.99
  free_over: 35.00
  note: delivery-today
tax:
  default: 100
  delivery: 50
  categories:
    Pets: 888
    Dog food: 0
"""
LEAST = "store_id: s\nseller: S\ncurrency: USD\ntime_zone: UTC\ndelivery: {fee: 0}\n"


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "store.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def line(minor: int, *category: str, quantity: int = 1, currency: str = "USD") -> QuoteLine:
    return QuoteLine(Sku("sku"), "Title", "", quantity, Money(minor, currency), category)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    store, tariff = read_store_file(write(tmp_path, WHOLE))

    restricted = frozenset({"Beer", "Wine", "Age-restricted"})
    assert Store("corner-store", "Corner Store", "USD", "America/New_York", restricted) == store
    assert FlatTariff(usd(399), usd(3500), "delivery-today", 100, 50, {"pets": 888, "dog food": 0}) == tariff


def test_what_need_not_be_there_need_not_be_there(tmp_path: Path) -> None:
    store, tariff = read_store_file(write(tmp_path, LEAST))

    assert Store("s", "S", "USD", "UTC", frozenset({"Age-restricted"})) == store
    assert FlatTariff(usd(0)) == tariff


def test_an_empty_list_restricts_nothing_by_age(tmp_path: Path) -> None:
    store, _ = read_store_file(write(tmp_path, LEAST + "age_restricted_categories: []\n"))

    assert frozenset() == store.age_restricted_categories


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert "s" == read_store_file(write(tmp_path, b"\xef\xbb\xbf" + LEAST.encode()))[0].store_id


def test_amounts_have_the_currencys_own_places(tmp_path: Path) -> None:
    yen = LEAST.replace("USD", "JPY").replace("fee: 0", "fee: 500")
    dinar = LEAST.replace("USD", "KWD").replace("fee: 0", "fee: 1.250")

    assert Money(500, "JPY") == read_store_file(write(tmp_path, yen))[1].fee
    assert Money(1250, "KWD") == read_store_file(write(tmp_path, dinar))[1].fee


def test_the_sample_that_is_shipped_can_be_read(tmp_path: Path) -> None:
    store, tariff = read_store_file(SAMPLE)

    assert ("corner-store", "Corner Store", "USD", "America/New_York") == (
        store.store_id,
        store.seller,
        store.currency,
        store.time_zone,
    )
    assert {"Beer", "Wine", "Tobacco"} <= store.age_restricted_categories
    assert (usd(399), usd(3500), "delivery-today") == (tariff.fee, tariff.free_over, tariff.delivery_note)


def test_a_missing_file_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"make run.*copy .*sample/store\.yaml"):
        read_store_file(tmp_path / "store.yaml")


def test_a_directory_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        read_store_file(tmp_path)


MISTAKES = {
    "an unknown key": (WHOLE + "colour: red\n", 16, "colour", "not known"),
    "an unknown key inside": (WHOLE.replace("  note:", "  notes:"), 9, "delivery.notes", "not known"),
    "a missing key": (WHOLE.replace("seller: Corner Store\n", ""), 1, "seller", "missing"),
    "a missing key inside": (WHOLE.replace("  fee: 3.99\n", ""), 6, "delivery.fee", "missing"),
    "a key twice": (WHOLE + "currency: EUR\n", 16, "currency", "twice"),
    "a key twice inside": (WHOLE.replace("    Dog food: 0", "    Pets: 0"), 15, "Pets", "twice"),
    "a currency that is none": (WHOLE.replace("USD", "dollars"), 3, "currency", "ISO 4217"),
    "a zone that is none": (WHOLE.replace("America/New_York", "Mars/Olympus"), 4, "time_zone", "America/New_York"),
    "a fee that is no amount": (WHOLE.replace("3.99", "three"), 7, "delivery.fee", "USD such as 3.99"),
    "a fee below zero": (WHOLE.replace("3.99", "-3.99"), 7, "delivery.fee", "below zero"),
    "a fee with a fraction of a cent": (WHOLE.replace("3.99", "3.999"), 7, "delivery.fee", "USD such as 3.99"),
    "a fee in an exponent": (WHOLE.replace("3.99", "1e3"), 7, "delivery.fee", "USD such as 3.99"),
    "a fee beyond a ledger": (WHOLE.replace("3.99", "99999999999999"), 7, "delivery.fee", "USD such as 3.99"),
    "a limit that is no amount": (WHOLE.replace("35.00", "lots"), 8, "delivery.free_over", "such as"),
    "a note that is no key": (WHOLE.replace("delivery-today", "Today!"), 9, "delivery.note", "speech"),
    "a rate that is no number": (WHOLE.replace("888", "8.88%"), 14, "tax.categories.Pets", "whole number"),
    "a rate with a fraction": (WHOLE.replace("888", "8.5"), 14, "tax.categories.Pets", "whole number"),
    "a rate below zero": (WHOLE.replace("888", "-1"), 14, "tax.categories.Pets", "0 to 10000"),
    "a rate above all": (WHOLE.replace("default: 100", "default: 10001"), 11, "tax.default", "0 to 10000"),
    "categories that are no list": (WHOLE.replace("[Beer, Wine]", "Beer"), 5, "age_restricted_categories", "list"),
    "delivery that is no mapping": (LEAST.replace("{fee: 0}", "3.99"), 5, "delivery", "keys and values"),
    "an empty seller": (WHOLE.replace("Corner Store", "''"), 2, "seller", "1 to 80"),
    "a seller that never ends": (WHOLE.replace("Corner Store", "S" * 81), 2, "seller", "1 to 80"),
    "a store id with spaces": (WHOLE.replace("corner-store", "corner store"), 1, "store_id", "lower-case"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_its_remedy(tmp_path: Path, mistake: str) -> None:
    text, number, key, remedy = MISTAKES[mistake]
    path = write(tmp_path, text)

    with pytest.raises(FeedError) as refused:
        read_store_file(path)

    assert str(refused.value).startswith(f"{path}, line {number}: {key}"), str(refused.value)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "keys and values"),
        ("- a\n- b\n", "keys and values"),
        ("just text", "keys and values"),
        ("a: [1, 2", "line 1"),
        ("a: b: c", "line 1"),
        ("\tx: 1", "line 1"),
        (b"seller: \xff\xfe", "UTF-8"),
        ("x: " + "y" * 200_000, "100000"),
        ("? [a, b]\n: 1\n", "line 1"),
        ("a: &a [*a]\n", "line"),
        ("a: !!python/object:os.system {}\n", "line"),
    ],
)
def test_what_is_no_store_file_at_all_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(FeedError, match=says):
        read_store_file(write(tmp_path, text))


def test_pydantic_and_yaml_are_not_imported_before_a_file_is_read() -> None:
    code = "import sys, skill.adapters.local.store_file; print('pydantic' in sys.modules, 'yaml' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "False False\n" == printed


# --- what it comes to -------------------------------------------------------------------------------------------------


def test_goods_of_the_limit_or_more_are_delivered_free() -> None:
    tariff = FlatTariff(usd(399), free_over=usd(3500))

    assert [usd(399), usd(0), usd(0)] == [tariff.price([line(minor)], "").delivery for minor in (3499, 3500, 3501)]
    assert usd(0) == tariff.price([line(1750, quantity=2)], "").delivery


def test_without_a_limit_delivery_is_never_free() -> None:
    assert usd(399) == FlatTariff(usd(399)).price([line(10**9)], "").delivery


def test_the_most_special_category_with_a_rate_counts() -> None:
    tariff = FlatTariff(usd(0), rate_default=1000, rates={"pets": 2000, "dog food": 0})

    taxes = [
        tariff.price([line(100, *path)], "").tax.amount
        for path in (("Pets", "Dog food"), ("PETS", "Cat food"), ("Food",), (), ("Dog food", "Pets"))
    ]

    assert [0, 20, 10, 10, 20] == taxes


@pytest.mark.parametrize(("minor", "tax"), [(5, 0), (6, 1), (10, 1), (49, 4), (50, 4), (51, 5), (1, 0), (0, 0)])
def test_tax_is_rounded_half_up(minor: int, tax: int) -> None:
    # 8.88 % of 5 is 0.444, of 6 0.5328 ...
    assert tax == FlatTariff(usd(0), rate_default=888).price([line(minor)], "").tax.amount


def test_exactly_a_half_is_rounded_up() -> None:
    tariff = FlatTariff(usd(0), rate_default=1000)

    assert [1, 2, 3] == [tariff.price([line(minor)], "").tax.amount for minor in (5, 15, 25)]


def test_each_line_is_rounded_by_itself() -> None:
    tariff = FlatTariff(usd(0), rate_default=1000)

    assert 2 == tariff.price([line(5), line(5)], "").tax.amount
    assert 1 == tariff.price([line(5, quantity=2)], "").tax.amount


def test_delivery_is_taxed_at_its_own_rate_when_it_is_charged() -> None:
    tariff = FlatTariff(usd(400), free_over=usd(1000), rate_delivery=1000)

    assert [40, 0] == [tariff.price([line(minor)], "").tax.amount for minor in (999, 1000)]


def test_the_note_about_delivery_comes_with_the_price() -> None:
    assert Tariffed(usd(1), usd(0), "delivery-today") == FlatTariff(usd(1), None, "delivery-today").price([line(1)], "")


def test_lines_in_another_currency_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        FlatTariff(usd(399)).price([line(100, currency="EUR")], "")


@given(minors=st.lists(st.integers(0, 10**6), max_size=8), rate=st.integers(0, 10_000))
def test_tax_is_within_half_a_cent_a_line_of_the_exact_amount(minors: list[int], rate: int) -> None:
    tax = FlatTariff(usd(0), rate_default=rate).price([line(minor) for minor in minors], "").tax.amount

    assert abs(tax * 10_000 - sum(minors) * rate) * 2 <= 10_000 * len(minors)
