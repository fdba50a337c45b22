"""What households are to be told of their orders, in DynamoDB: an item under the time of its next try until it is handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from skill.adapters.aws.layout import UNTOLD, order_key
from skill.adapters.aws.orders import read_order
from skill.adapters.aws.table import Aged, Change, Item, Key, Table, delete, put
from skill.adapters.records import in_order, notice_key, read_time, read_undamaged, write_time
from skill.ports import QueuedNotice
from skill.shop.households import HouseholdId
from skill.shop.orders import Order, OrderId

_END = "\U0010ffff"


class DynamoNotices:
    def __init__(self, table: Table) -> None:
        self._table = table

    def due(self, now: datetime, limit: int) -> Sequence[QueuedNotice]:
        queued = list(self._table.query(UNTOLD, up_to=f"{write_time(now)}#{_END}", limit=limit))
        orders = self._table.get_many(map(_order_of, queued))
        whole = (item for item in queued if _order_of(item) in orders)
        return in_order(read_undamaged(whole, lambda item: _read(item, orders), itemgetter("order_id")))

    def handed_on(self, notice: QueuedNotice) -> None:
        self._table.write([delete(_place(notice.order, notice.kind, notice.next_at))])

    def put_off(self, notice: QueuedNotice, next_at: datetime) -> None:
        gone = delete(_place(notice.order, notice.kind, notice.next_at), "attribute_exists(pk)")
        try:
            self._table.write([gone, _put(notice.order, notice.kind, notice.at, next_at, notice.attempts + 1)])
        except Aged:
            return  # somebody else has tried it meanwhile


def notice_change(order: Order, kind: str, now: datetime) -> Change:
    """Queues a notice of the order."""
    return _put(order, kind, now, now, 0)


def _put(order: Order, kind: str, at: datetime, next_at: datetime, attempts: int) -> Change:
    item: Item = {
        "order_id": order.order_id,
        "household_id": order.household_id,
        "kind": kind,
        "at": write_time(at),
        "next_at": write_time(next_at),
        "attempts": attempts,
    }
    return put(_place(order, kind, next_at), item)


def _place(order: Order, kind: str, next_at: datetime) -> Key:
    return UNTOLD, f"{write_time(next_at)}#{order.order_id}#{kind}"


def _order_of(item: Item) -> Key:
    return order_key(HouseholdId(item["household_id"]), OrderId(item["order_id"]))


def _read(item: Item, orders: Mapping[Key, Item]) -> QueuedNotice:
    order, kind = read_order(orders[_order_of(item)]), item["kind"]
    at, next_at = read_time(item["at"]), read_time(item["next_at"])
    return QueuedNotice(notice_key(order.order_id, kind), kind, at, order, next_at, item["attempts"])
