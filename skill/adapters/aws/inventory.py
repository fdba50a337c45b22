"""Inventory in DynamoDB: live prices, what is on hand, how much of it is reserved, and what is left (`available`).

DynamoDB compares attributes and does not subtract in a condition, so `available` is kept: always on hand less reserved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skill.adapters.aws.layout import SHELVES, shelf_key, shelf_partition
from skill.adapters.aws.table import Change, Item, Table, delete, update
from skill.errors import CurrencyMismatch
from skill.ports import LiveItem
from skill.shop.catalogue import Product, Sku
from skill.shop.money import Money

#: Items of one write of an import: few enough not to meet many orders at once.
_RESTOCKED_AT_ONCE = 50

_RESTOCK = (
    "SET #sku = :sku, #price_minor = :price, #on_hand = :stock, #listed = :one, "
    "#reserved = if_not_exists(#reserved, :zero), #available = :stock - if_not_exists(#reserved, :zero)"
)
_UNLIST = "SET #listed = :zero, #on_hand = :zero, #available = :zero - #reserved"


class DynamoInventory:
    """`currency` is the store's: prices are kept as minor units of it."""

    def __init__(self, table: Table, currency: str) -> None:
        self._table = table
        self._currency = currency

    def items(self, skus: Iterable[Sku]) -> Mapping[Sku, LiveItem]:
        keys = {shelf_key(sku): sku for sku in dict.fromkeys(skus)}
        found = self._table.get_many(keys)
        return {
            sku: LiveItem(sku, Money(item["price_minor"], self._currency), max(item["available"], 0))
            for key, sku in keys.items()
            if (item := found.get(key)) is not None and item["listed"]
        }

    def glance(self, products: Iterable[Product]) -> Mapping[Sku, LiveItem]:
        """What the catalogue says, but for what this turn has read live: browsing costs no round trip."""
        seen = self._table.seen
        glanced = {}
        for product in products:
            key = shelf_key(product.sku)
            item = seen.get(key)
            if item is not None and item["listed"]:
                price = Money(item["price_minor"], self._currency)
                glanced[product.sku] = LiveItem(product.sku, price, max(item["available"], 0))
            elif key not in seen:
                glanced[product.sku] = LiveItem(product.sku, product.price, product.stock)
        return glanced

    def restock(self, products: Iterable[Product]) -> None:
        """Raises `CurrencyMismatch` before anything is written.

        DynamoDB writes a hundred items at once, and a feed has more: each item changes as a whole, and an import that was
        interrupted is made again. Until then some prices are the feed's and others the ones before it; what is sold is always
        sold at the price that is written here.
        """
        wanted: dict[Sku, tuple[int, int]] = {}
        for product in products:
            if product.price.currency != self._currency:
                raise CurrencyMismatch(
                    f"{product.sku} is priced in {product.price.currency}, the store sells in {self._currency}",
                    ours=self._currency,
                    theirs=product.price.currency,
                )
            wanted[product.sku] = product.price.amount, product.stock
        waiting: list[Change] = []
        for partition in map(shelf_partition, range(SHELVES)):
            for item in self._table.query(partition):
                stocked = wanted.get(item["sku"])
                if stocked is None:
                    waiting += _drop(item)
                elif item["listed"] and stocked == (item["price_minor"], item["on_hand"]):
                    del wanted[item["sku"]]
        waiting += [_restock(sku, price, stock) for sku, (price, stock) in wanted.items()]
        for start in range(0, len(waiting), _RESTOCKED_AT_ONCE):
            self._write(waiting[start : start + _RESTOCKED_AT_ONCE])

    def _write(self, changes: list[Change]) -> None:
        """What somebody reserved between the look and the write is unlisted instead of deleted."""

        def write(fresh: bool) -> None:
            self._table.write([_unlist_of(each) if fresh and each.action == "Delete" else each for each in changes])

        self._table.again(write)


def _restock(sku: Sku, price_minor: int, stock: int) -> Change:
    return update(shelf_key(sku), _RESTOCK, {"sku": sku, "price": price_minor, "stock": stock, "one": 1, "zero": 0})


def _drop(item: Item) -> list[Change]:
    """Takes an item off the shelf. It stays as long as something of it is reserved."""
    key = (item["pk"], item["sk"])
    if not item["reserved"]:
        return [delete(key, "#reserved = :zero", {"zero": 0})]
    return [update(key, _UNLIST, {"zero": 0})] if item["listed"] else []


def _unlist_of(change: Change) -> Change:
    return update(change.key, _UNLIST, {"zero": 0}, "attribute_exists(pk)")
