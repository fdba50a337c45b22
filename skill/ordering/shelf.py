"""What the shelf says now about things that somebody wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skill.ports import LiveItem, Ports
from skill.shop.cart import Cart
from skill.shop.catalogue import Product, Sku

#: Products that are still sold, each with its live price and stock.
Shelf = Sequence[tuple[Product, LiveItem]]


def live_products(
    ports: Ports, skus: Iterable[Sku], found: Iterable[Product] = (), *, browsing: bool = False
) -> list[tuple[Product, LiveItem]]:
    """The products that are still sold, in the order asked for, each with its live price and stock.

    `found` are products that the catalogue has just given, and need not be read again. For `browsing`, price and stock may be as
    old as the catalogue; what is quoted is never.
    """
    wanted = tuple(skus)
    if not wanted:
        return []
    products = {each.sku: each for each in found}
    unread = [sku for sku in wanted if sku not in products]
    if unread:
        products |= ports.catalogue.products(unread)
    if browsing:
        live = ports.inventory.glance(products[sku] for sku in wanted if sku in products)
    else:
        live = ports.inventory.items(wanted)
    return [(products[sku], live[sku]) for sku in wanted if sku in products and sku in live]


@dataclass(frozen=True, slots=True)
class Shortage:
    """A line that cannot be bought as it stands. `product` is None where it is no longer sold."""

    sku: Sku
    product: Product | None
    available: int


def shelf_for(ports: Ports, cart: Cart) -> Shelf:
    """What the shelf says of the cart's lines."""
    return live_products(ports, [line.sku for line in cart.lines])


def find_shortage(cart: Cart, shelf: Shelf) -> Shortage | None:
    """The first line of the cart that is gone from the catalogue or asks for more than there is."""
    on_shelf = {product.sku: (product, live) for product, live in shelf}
    for line in cart.lines:
        if line.sku not in on_shelf:
            return Shortage(line.sku, None, 0)
        product, live = on_shelf[line.sku]
        if live.available < line.quantity:
            return Shortage(line.sku, product, max(live.available, 0))
    return None
