"""Orders in DynamoDB, for reading; the ledger writes them.

An order lies in its household's partition, as JSON beside its state. The newest of a household also lie together in one item
(`RECENT`), because the guard and the search look at them in every turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from skill.adapters.aws.layout import ORDERS, consent_key, order_key, owner_partition, recent_key
from skill.adapters.aws.table import Item, Table
from skill.adapters.records import (
    read_charges,
    read_json,
    read_quote_lines,
    read_time,
    read_time_or_none,
    write_charges,
    write_json,
    write_quote_lines,
    write_time,
)
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState

#: What `RECENT` holds at most: as many orders as anybody looks back, and bytes that every turn can afford to read.
RECENT_ORDERS_MAX = 20
RECENT_LENGTH_MAX = 100_000


class DynamoOrders:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, order_id: OrderId) -> Order | None:
        listed = self._table.get((ORDERS, order_id)) if order_id else None
        if listed is None:
            return None
        item = self._table.get(order_key(listed["household_id"], order_id))
        return None if item is None else read_order(item)

    def of_consent(self, consent_id: str) -> Order | None:
        """Within a turn, what the turn has read of the household's newest orders decides: a consent lives for minutes, and
        that its order is not made twice is the reservation's own condition.
        """
        for key, item in self._table.seen.items():
            if key[1] != "RECENT":
                continue
            if item is None:
                return None  # the household has never ordered
            newest = read_recent(item)
            known = next((order for order in newest if order.consent_id == consent_id), None)
            if known is not None or item["whole"] or len(newest) == RECENT_ORDERS_MAX:
                return known
        used = self._table.get(consent_key(consent_id))
        return None if used is None else self.get(OrderId(used["order_id"]))

    def recent(self, household_id: HouseholdId, limit: int) -> Sequence[Order]:
        item = self._table.get(recent_key(household_id))
        if item is None:
            return ()
        newest = read_recent(item)
        if limit <= len(newest) or item["whole"]:
            return newest[:limit]
        # Beyond those that are kept together, those with the latest ids are looked at.
        listed = self._table.query(owner_partition(household_id), "O#", newest_first=True, limit=limit)
        known = {order.order_id: order for order in (*map(read_order, listed), *newest)}
        return tuple(sorted(known.values(), key=lambda each: (each.bought_at, each.order_id), reverse=True)[:limit])

    def list(self, limit: int, after: str = "", household_id: HouseholdId | None = None) -> Sequence[Order]:
        if household_id is not None:
            return tuple(
                map(read_order, self._table.query(owner_partition(household_id), "O#", after=after, limit=limit))
            )
        return tuple(map(read_order, self._listed(self._table.query(ORDERS, after=after, limit=limit))))

    def newest(self, limit: int, before: str = "") -> Sequence[Order]:
        listed = self._table.query(ORDERS, up_to=before, newest_first=True, limit=limit + 1)
        older = islice((item for item in listed if item["sk"] != before), limit)
        return tuple(map(read_order, self._listed(older)))

    def _listed(self, listed: Iterable[Item]) -> Iterator[Item]:
        keys = [order_key(item["household_id"], OrderId(item["sk"])) for item in listed]
        found = self._table.get_many(keys)
        return (found[key] for key in keys if key in found)


def order_to_data(order: Order) -> dict[str, Any]:
    """JSON values. The lines and the charges are JSON texts in it, as the embedded store keeps them."""
    return {
        "order_id": order.order_id,
        "household_id": order.household_id,
        "store": order.store,
        "seller": order.seller,
        "state": order.state.value,
        "lines": write_quote_lines(order.lines),
        "currency": order.total.currency,
        "delivery": order.delivery.amount,
        "tax": order.tax.amount,
        "discount": order.discount.amount,
        "total": order.total.amount,
        "address": order.address,
        "platform": order.platform,
        "consent_id": order.consent_id,
        "reserved_at": write_time(order.reserved_at),
        "reserve_deadline": write_time(order.reserve_deadline),
        "undo_window_s": order.undo_window_s,
        "charges": write_charges(order.charges),
        "person": order.person,
        "code_proved": order.code_proved,
        "placed_at": None if order.placed_at is None else write_time(order.placed_at),
        "undo_until": None if order.undo_until is None else write_time(order.undo_until),
        "closed_at": None if order.closed_at is None else write_time(order.closed_at),
        "payment": order.payment,
        "payment_state": order.payment_state,
        "note": order.note,
        "asks": order.asks,
        "ask_at": None if order.ask_at is None else write_time(order.ask_at),
    }


def order_from_data(data: dict[str, Any]) -> Order:
    currency = data["currency"]
    return Order(
        order_id=OrderId(data["order_id"]),
        household_id=HouseholdId(data["household_id"]),
        store=data["store"],
        seller=data["seller"],
        state=OrderState(data["state"]),
        lines=read_quote_lines(data["lines"], currency),
        delivery=Money(data["delivery"], currency),
        tax=Money(data["tax"], currency),
        discount=Money(data["discount"], currency),
        total=Money(data["total"], currency),
        address=data["address"],
        platform=data["platform"],
        consent_id=data["consent_id"],
        reserved_at=read_time(data["reserved_at"]),
        reserve_deadline=read_time(data["reserve_deadline"]),
        undo_window_s=data["undo_window_s"],
        charges=read_charges(data["charges"]),
        person=data["person"],
        code_proved=data["code_proved"],
        placed_at=read_time_or_none(data["placed_at"]),
        undo_until=read_time_or_none(data["undo_until"]),
        closed_at=read_time_or_none(data["closed_at"]),
        payment=data["payment"],
        payment_state=data["payment_state"],
        note=data["note"],
        asks=data.get("asks", 0),
        ask_at=read_time_or_none(data.get("ask_at")),
    )


def read_order(item: Item) -> Order:
    return order_from_data(read_json(item["body"]))


def write_order(order: Order) -> Item:
    return {"body": write_json(order_to_data(order)), "state": order.state.value}


def read_recent(item: Item) -> tuple[Order, ...]:
    """Sorted once more: items of before 2026-11-29 have them by id."""
    return tuple(map(order_from_data, sorted(read_json(item["orders"]), key=_bought, reverse=True)))


def _bought(data: dict[str, Any]) -> tuple[str, str]:
    """`Order.bought_at`, and the id: what the newest come first by."""
    return data["placed_at"] or data["reserved_at"], data["order_id"]


def write_recent(before: Item | None, order: Order) -> Item:
    """`RECENT` with the order in it, in its place, the newest first; `whole` tells whether these are all there are."""
    old = [] if before is None else [each for each in read_json(before["orders"]) if each["order_id"] != order.order_id]
    whole = before is None or bool(before["whole"])
    new = order_to_data(order)
    if whole or not old or _bought(new) > min(map(_bought, old)):
        old = sorted([*old, new], key=_bought, reverse=True)
    kept = old[:RECENT_ORDERS_MAX]
    text = write_json(kept)
    while len(text) > RECENT_LENGTH_MAX and kept:
        kept = kept[:-1]
        text = write_json(kept)
    return {"orders": text, "whole": whole and len(kept) == len(old)}
