"""Carts: replaced whole, on the condition that nobody else was first."""

from __future__ import annotations

import pytest

from skill.errors import VersionConflict
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from tests.contracts.stores import Stores, at_once

LINES = (CartLine(Sku("b"), 2), CartLine(Sku("a"), 1))


def test_a_cart_never_saved_is_empty(stores: Stores) -> None:
    assert Cart() == stores.carts.load("home")


def test_a_cart_comes_back_in_its_order_one_version_on(stores: Stores) -> None:
    stores.carts.save("home", Cart(LINES))
    stores.carts.save("home", Cart(LINES[::-1], version=1))

    assert Cart(LINES[::-1], version=2) == stores.carts.load("home")
    assert Cart() == stores.carts.load("away")


@pytest.mark.parametrize("version", [0, 2])
def test_a_cart_of_another_version_is_not_overwritten(stores: Stores, version: int) -> None:
    stores.carts.save("home", Cart(LINES))

    with pytest.raises(VersionConflict):
        stores.carts.save("home", Cart((), version=version))

    assert Cart(LINES, version=1) == stores.carts.load("home")


def test_a_version_of_a_cart_that_is_not_there_is_a_conflict(stores: Stores) -> None:
    with pytest.raises(VersionConflict):
        stores.carts.save("home", Cart(LINES, version=1))


def test_of_many_writers_of_one_version_one_wins(stores: Stores) -> None:
    results = at_once(8, lambda n: stores.carts.save("home", Cart((CartLine(Sku(f"sku-{n}"), 1),))))

    winners = [n for n, each in enumerate(results) if each is None]
    assert 1 == len(winners)
    assert Cart((CartLine(Sku(f"sku-{winners[0]}"), 1),), version=1) == stores.carts.load("home")
