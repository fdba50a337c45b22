"""Live prices and stock; only the ledger reserves."""

from __future__ import annotations

import pytest

from skill.errors import CurrencyMismatch
from skill.ports import LiveItem
from skill.shop.catalogue import Sku
from tests.contracts.stores import Stores, product, usd


def live(sku: str, available: int, minor: int = 1000) -> dict[Sku, LiveItem]:
    return {Sku(sku): LiveItem(Sku(sku), usd(minor), available)}


def test_items_are_what_was_stocked(stores: Stores) -> None:
    stores.inventory.restock([product("milk", stock=3, minor=199), product("eggs", stock=0)])

    assert live("milk", 3, 199) | live("eggs", 0) == stores.inventory.items([Sku("milk"), Sku("eggs"), Sku("moonrock")])
    assert {} == stores.inventory.items([])


def test_more_items_than_one_statement_takes(stores: Stores) -> None:
    stores.inventory.restock(product(f"sku-{number}", stock=number) for number in range(450))

    items = stores.inventory.items(Sku(f"sku-{number}") for number in range(500))

    assert list(range(450)) == sorted(item.available for item in items.values())


def test_restock_sets_price_and_stock_and_drops_the_rest(stores: Stores) -> None:
    stores.stock(milk=3, eggs=3)

    stores.inventory.restock([product("milk", stock=7, minor=250)])

    assert live("milk", 7, 250) == stores.inventory.items([Sku("milk"), Sku("eggs")])


def test_restock_leaves_reservations_as_they_are(stores: Stores) -> None:
    stores.stock(milk=5)
    order = stores.reserve(lines={"milk": 2})

    stores.stock(milk=9)
    assert 7 == stores.available("milk")
    stores.commit(order)
    assert 7 == stores.available("milk")


def test_fewer_on_hand_than_reserved_is_nothing_available(stores: Stores) -> None:
    stores.stock(milk=5)
    order = stores.reserve(lines={"milk": 4})

    stores.stock(milk=1)
    assert 0 == stores.available("milk")
    stores.commit(order)
    assert 0 == stores.available("milk")
    stores.stock(milk=6)
    assert 6 == stores.available("milk")


@pytest.mark.parametrize("end", ["commit", "void", "cancel"])
def test_an_order_of_goods_that_left_the_feed_still_resolves(stores: Stores, end: str) -> None:
    stores.stock(milk=5)
    order = stores.reserve(lines={"milk": 2})
    if end == "cancel":
        stores.commit(order)

    stores.inventory.restock([product("eggs")])
    assert {} == stores.inventory.items([Sku("milk")])
    getattr(stores, end)(order)
    assert {} == stores.inventory.items([Sku("milk")])
    stores.stock(milk=6)

    assert 6 == stores.available("milk")


def test_goods_that_left_the_feed_while_reserved_come_back_with_their_reservation(stores: Stores) -> None:
    stores.stock(milk=5)
    order = stores.reserve(lines={"milk": 2})

    stores.inventory.restock([])
    stores.stock(milk=6)

    assert 4 == stores.available("milk")
    stores.void(order)
    assert 6 == stores.available("milk")


def test_prices_in_another_currency_are_refused_before_anything_is_written(stores: Stores) -> None:
    stores.stock(milk=5)

    with pytest.raises(CurrencyMismatch):
        stores.inventory.restock([product("eggs"), product("sake", currency="JPY")])

    assert live("milk", 5) == stores.inventory.items([Sku("milk"), Sku("eggs")])


def test_a_glance_shows_what_the_catalogue_and_the_shelf_agree_on(stores: Stores) -> None:
    stores.stock(milk=3)

    assert live("milk", 3) == stores.inventory.glance([product("milk", stock=3)])
    assert {} == stores.inventory.glance([])
