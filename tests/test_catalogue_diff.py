from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from skill.catalogue_diff import Change, diff_catalogues
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

TEA = Product(sku=Sku("tea"), title="Black Tea", price=Money(349, "USD"), stock=5, brand="Quillwood")


def test_each_kind_of_change_shows_before_and_after() -> None:
    jam, oats = (replace(TEA, sku=Sku(sku), title=sku.title()) for sku in ("jam", "oats"))
    old = [TEA, jam]
    new = [replace(TEA, title="Green Tea", price=Money(399, "USD"), stock=0, brand="Other"), oats]
    diff = diff_catalogues(old, new, limit=10)
    counts = dict.fromkeys(("added", "removed", "price", "stock", "title", "other"), 1)
    assert counts | dict.fromkeys(("bad", "age", "allergens"), 0) == diff.counts
    assert (Change("oats", "Oats", "", "3.49 USD"),) == diff.changes["added"]
    assert (Change("jam", "Jam", "3.49 USD", ""),) == diff.changes["removed"]
    assert (Change("tea", "Green Tea", "3.49 USD", "3.99 USD"),) == diff.changes["price"]
    assert (Change("tea", "Green Tea", "5", "0"),) == diff.changes["stock"]
    assert (Change("tea", "Green Tea", "Black Tea", "Green Tea"),) == diff.changes["title"]
    assert (Change("tea", "Green Tea", "brand: Quillwood", "brand: Other"),) == diff.changes["other"]


def test_an_age_and_allergens_that_fall_away_are_changes_of_their_own() -> None:
    beer = replace(TEA, sku=Sku("beer"), age_min=18)
    bread = replace(TEA, sku=Sku("bread"), allergens=("gluten", "soy"))
    diff = diff_catalogues([beer, bread], [replace(beer, age_min=0), replace(bread, allergens=("soy",))], limit=10)
    assert (Change("beer", "Black Tea", "18", "0"),) == diff.changes["age"]
    assert (Change("bread", "Black Tea", "gluten, soy", "soy"),) == diff.changes["allergens"]
    assert 0 == diff.counts["other"]


def test_other_facts_are_told_by_name() -> None:
    old = replace(TEA, attributes=(("diet", "vegan"), ("free from", "nuts"), ("free from", "gluten")), size="12 oz")
    new = replace(TEA, attributes=(("free from", "nuts"),), description="Strong.")
    (change,) = diff_catalogues([old], [new], limit=10).changes["other"]
    assert "size: 12 oz; diet: vegan; free from: nuts, gluten; description: " == change.before
    assert "size: ; diet: ; free from: nuts; description: Strong." == change.after


def test_a_long_text_that_changes_at_its_end_is_another() -> None:
    old, new = (replace(TEA, description="Long " * 200 + end) for end in ("a", "b"))
    (change,) = diff_catalogues([old], [new], limit=10).changes["other"]
    assert len(change.before) < 200


def test_a_product_whose_row_is_bad_is_neither_removed_nor_added() -> None:
    jam, oats = (replace(TEA, sku=Sku(sku), title=sku.title()) for sku in ("jam", "oats"))
    diff = diff_catalogues(
        [TEA, jam], [TEA, oats], limit=10, old_refused=["oats", ""], new_refused=["jam", "jam", "tea"]
    )
    assert {"added": 0, "removed": 0, "bad": 2} == {kind: diff.counts[kind] for kind in ("added", "removed", "bad")}
    assert (Change("jam", "Jam", "3.49 USD", ""), Change("oats", "Oats", "", "3.49 USD")) == diff.changes["bad"]


def test_another_currency_is_another_price() -> None:
    diff = diff_catalogues([TEA], [replace(TEA, price=Money(349, "JPY"))], limit=10)
    assert (Change("tea", "Black Tea", "3.49 USD", "349 JPY"),) == diff.changes["price"]


def test_all_changes_are_counted_and_the_first_are_given() -> None:
    new = [replace(TEA, sku=Sku(f"{n:03}")) for n in range(50)]
    diff = diff_catalogues([], new, limit=3)
    assert 50 == diff.counts["added"]
    assert ["000", "001", "002"] == [change.sku for change in diff.changes["added"]]


CATALOGUES = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(1, 3), st.integers(0, 2)), max_size=6)


@given(CATALOGUES, CATALOGUES)
def test_a_diff_is_what_a_look_at_both_sides_finds(
    old: dict[str, tuple[int, int]], new: dict[str, tuple[int, int]]
) -> None:
    def products(side: dict[str, tuple[int, int]]) -> list[Product]:
        return [
            replace(TEA, sku=Sku(sku), price=Money(price, "USD"), stock=stock) for sku, (price, stock) in side.items()
        ]

    diff = diff_catalogues(products(old), products(new), limit=100)
    both = sorted(old.keys() & new.keys())
    assert sorted(new.keys() - old.keys()) == [change.sku for change in diff.changes["added"]]
    assert sorted(old.keys() - new.keys()) == [change.sku for change in diff.changes["removed"]]
    assert [sku for sku in both if old[sku][0] != new[sku][0]] == [change.sku for change in diff.changes["price"]]
    assert [sku for sku in both if old[sku][1] != new[sku][1]] == [change.sku for change in diff.changes["stock"]]
    assert 0 == diff.counts["title"] == diff.counts["other"]
