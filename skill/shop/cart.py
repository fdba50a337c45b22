"""The cart: what a shopper has put aside, before any price is promised."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from skill.errors import CartFull, QuantityInvalid
from skill.shop.catalogue import Sku

#: Whatever a policy allows, a cart is a thing that can be read aloud.
LINES_MAX = 50
QUANTITY_MAX = 999


@dataclass(frozen=True, slots=True)
class CartLine:
    sku: Sku
    quantity: int


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines in the order they were added. `version` is the store's, for conditional writes; 0 is a cart never saved."""

    lines: tuple[CartLine, ...] = ()
    version: int = 0

    def quantity_of(self, sku: Sku) -> int:
        return next((line.quantity for line in self.lines if line.sku == sku), 0)


def add_to_cart(cart: Cart, sku: Sku, quantity: int, *, quantity_max: int | None, lines_max: int | None) -> Cart:
    """The cart with `quantity` more of `sku`. Limits of None are the cart's own. Raises `QuantityInvalid`, `CartFull`."""
    return set_quantity(
        cart, sku, cart.quantity_of(sku) + _whole(quantity), quantity_max=quantity_max, lines_max=lines_max
    )


def set_quantity(cart: Cart, sku: Sku, quantity: int, *, quantity_max: int | None, lines_max: int | None) -> Cart:
    """The cart with exactly `quantity` of `sku`. Raises `QuantityInvalid`, `CartFull` (facts: `quantity_max` or `lines_max`)."""
    most = QUANTITY_MAX if quantity_max is None else min(quantity_max, QUANTITY_MAX)
    lines_most = LINES_MAX if lines_max is None else min(lines_max, LINES_MAX)
    if _whole(quantity) > most:
        raise CartFull(quantity_max=most)
    if cart.quantity_of(sku):
        return replace(
            cart, lines=tuple(replace(each, quantity=quantity) if each.sku == sku else each for each in cart.lines)
        )
    if len(cart.lines) >= lines_most:
        raise CartFull(lines_max=lines_most)
    return replace(cart, lines=(*cart.lines, CartLine(sku, quantity)))


def remove_from_cart(cart: Cart, sku: Sku) -> Cart:
    return replace(cart, lines=tuple(line for line in cart.lines if line.sku != sku))


def clear_cart(cart: Cart) -> Cart:
    return replace(cart, lines=())


def merge_carts(cart: Cart, other: Cart, *, quantity_max: int | None, lines_max: int | None) -> Cart:
    """The cart with as much of the other's lines as the limits leave room for. What was in it stays as it was."""
    for line in other.lines:
        most = QUANTITY_MAX if quantity_max is None else min(quantity_max, QUANTITY_MAX)
        quantity = min(line.quantity, most - cart.quantity_of(line.sku))
        if quantity < 1:
            continue
        with suppress(CartFull):
            cart = add_to_cart(cart, line.sku, quantity, quantity_max=quantity_max, lines_max=lines_max)
    return cart


def _whole(quantity: int) -> int:
    if type(quantity) is not int or quantity < 1:
        raise QuantityInvalid(quantity=quantity)
    return quantity
