"""Carts in DynamoDB: one item an owner, replaced whole."""

from __future__ import annotations

from skill.adapters.aws.layout import cart_key
from skill.adapters.aws.table import Change, Item, Table, conflict, put_version
from skill.adapters.records import read_cart_lines, write_cart_lines
from skill.shop.cart import Cart


class DynamoCarts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, owner: str) -> Cart:
        return read_cart(self._table.get(cart_key(owner)))

    def save(self, owner: str, cart: Cart) -> None:
        self._table.write([cart_change(owner, cart)])


def read_cart(item: Item | None) -> Cart:
    return Cart() if item is None else Cart(read_cart_lines(item["lines"]), item["version"])


def cart_change(owner: str, cart: Cart) -> Change:
    """Replaces the cart of `cart.version`; `VersionConflict` where there is another."""
    failed = conflict("the cart was changed meanwhile", version=cart.version)
    return put_version(cart_key(owner), {"lines": write_cart_lines(cart.lines)}, cart.version, failed)
