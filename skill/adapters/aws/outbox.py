"""The outbox in DynamoDB: events on their way to the shop, in order for each order.

`EVENTS` holds every event; what is on its way also stands in the queue `Q#undelivered` under the time of its next try, what was
given up in `Q#dead`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from skill.adapters.aws.layout import DEAD, EVENTS, UNDELIVERED, order_key
from skill.adapters.aws.orders import read_order
from skill.adapters.aws.table import Change, Item, Key, Table, delete, put, update
from skill.adapters.records import order_event, read_time, read_undamaged, write_time
from skill.errors import OrderStateConflict
from skill.ports import Event
from skill.shop.orders import OrderId

#: The end of a long complaint from a shop's server is of no use to anyone.
ERROR_LENGTH_MAX = 500

#: How much of a queue is looked at in one go.
_PAGE = 100

_END = "\U0010ffff"

#: What is to be written of an event as it was read.
_Change = Callable[[Item], list[Change]]


class DynamoOutbox:
    """An event's id is its order's id and its number: `ORDER.1`, `ORDER.2`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def due(self, now: datetime, limit: int) -> Sequence[Event]:
        """An order whose earlier event is dead waits until that one is retried: the shop never hears an end without its start."""
        due: list[Item] = []
        queued = self._table.query(UNDELIVERED, up_to=f"{write_time(now)}#{_END}")
        for page in _pages(item["event"] for item in queued):
            events = [(EVENTS, name) for name in page]
            earlier = [key for event in events for key in _earlier(event)]
            found = self._table.get_many([*events, *earlier])
            for key in events:
                free = all(found[each]["state"] == "delivered" for each in _earlier(key) if each in found)
                if key in found and free and found[key]["state"] == "pending":
                    due.append(found[key])
            if len(due) >= limit:
                break
        return self._events(due[:limit])

    def delivered(self, event_id: str, now: datetime) -> None:
        def deliver(event: Item) -> list[Change]:
            changed = {"state": "delivered", "attempts": event["attempts"] + 1, "last_error": ""}
            return [self._change(event, {**changed, "delivered_at": write_time(now)}), *_unqueue(event)]

        self._write(event_id, deliver)

    def failed(self, event_id: str, error: str, next_at: datetime | None) -> None:
        def fail(event: Item) -> list[Change]:
            if event["state"] != "pending":
                return []
            changed = {"attempts": event["attempts"] + 1, "last_error": error[:ERROR_LENGTH_MAX]}
            if next_at is None:
                dead = put((DEAD, event["sk"]), {"event": event["sk"]})
                return [self._change(event, {**changed, "state": "dead"}), *_unqueue(event), dead]
            return [self._change(event, {**changed, "next_at": write_time(next_at)}), *_requeue(event, next_at)]

        self._write(event_id, fail)

    def list(self, limit: int, state: str | None = None) -> Sequence[Event]:
        """Newest first; `state` is pending, delivered or dead."""
        if state == "dead":
            names = [item["event"] for item in self._table.query(DEAD, newest_first=True, limit=limit)]
        elif state == "pending":
            names = sorted((item["event"] for item in self._table.query(UNDELIVERED)), reverse=True)[:limit]
        elif state is None:
            return self._events(list(self._table.query(EVENTS, newest_first=True, limit=limit)))
        else:
            found = self._table.query(EVENTS, newest_first=True, where="#state = :state", values={"state": state})
            return self._events([item for item, _ in zip(found, range(limit), strict=False)])
        held = self._table.get_many([(EVENTS, name) for name in names])
        return self._events([held[EVENTS, name] for name in names if (EVENTS, name) in held])

    def named(self, names: Iterable[str]) -> Sequence[Event]:
        """The events of these names (the sort keys in `EVENTS`), those that are there."""
        keys = [(EVENTS, name) for name in names]
        found = self._table.get_many(keys)
        return self._events([found[key] for key in keys if key in found])

    def retry(self, event_id: str, now: datetime) -> None:
        """Due again at once, its attempts forgotten. Raises `OrderStateConflict` where it was delivered or never was."""

        def revive(event: Item) -> list[Change]:
            changed = {"state": "pending", "attempts": 0, "next_at": write_time(now)}
            gone = [delete((DEAD, event["sk"]))] if event["state"] == "dead" else []
            return [self._change(event, changed), *gone, *_requeue(event, now)]

        if not self._write(event_id, revive):
            event = self._table.get(_key(event_id))
            raise OrderStateConflict(order_id=event_id.rpartition(".")[0], state=event["state"] if event else "unknown")

    def _write(self, event_id: str, change: _Change) -> bool:
        """Tells whether there was an event that is not delivered yet."""
        key = _key(event_id)

        def write(fresh: bool) -> bool:
            event = self._table.get(key, fresh=fresh)
            if event is None or event["state"] == "delivered":
                return False
            self._table.write(change(event))
            return True

        return self._table.again(write)

    def _change(self, event: Item, changed: Item) -> Change:
        """On the condition that nobody else has changed the event."""
        how = "SET " + ", ".join(f"#{name} = :{name}" for name in changed)
        seen = {"state_seen": event["state"], "next_seen": event["next_at"], "tried": event["attempts"]}
        when = "#state = :state_seen AND #next_at = :next_seen AND #attempts = :tried"
        return update((EVENTS, event["sk"]), how, {**changed, **seen}, when)

    def _events(self, items: Sequence[Item]) -> tuple[Event, ...]:
        keys = {item["sk"]: order_key(item["household_id"], OrderId(item["order_id"])) for item in items}
        orders = self._table.get_many(keys.values())
        whole = (item for item in items if keys[item["sk"]] in orders)
        return read_undamaged(whole, lambda item: _read_event(item, orders), itemgetter("order_id"))


def _read_event(item: Item, orders: Mapping[Key, Item]) -> Event:
    order = read_order(orders[order_key(item["household_id"], OrderId(item["order_id"]))])
    return Event(
        event_id=f"{order.order_id}.{item['number']}",
        order_id=order.order_id,
        number=item["number"],
        kind=item["kind"],
        at=read_time(item["at"]),
        body=order_event(item["kind"], order),
        attempts=item["attempts"],
        last_error=item["last_error"],
        state=item["state"],
    )


def _key(event_id: str) -> Key:
    order_id, _, number = event_id.rpartition(".")
    return EVENTS, f"{order_id}#{int(number) if number.isdecimal() else 0:04}"


def _earlier(key: Key) -> list[Key]:
    order_id, _, number = key[1].rpartition("#")
    return [(EVENTS, f"{order_id}#{each:04}") for each in range(1, int(number))]


def _unqueue(event: Item) -> list[Change]:
    return [delete((UNDELIVERED, f"{event['next_at']}#{event['sk']}"))] if event["state"] == "pending" else []


def _requeue(event: Item, next_at: datetime) -> list[Change]:
    queued = (UNDELIVERED, f"{write_time(next_at)}#{event['sk']}")
    return [*(each for each in _unqueue(event) if each.key != queued), put(queued, {"event": event["sk"]})]


def _pages(names: Iterator[str]) -> Iterator[list[str]]:
    page: list[str] = []
    for name in names:
        page.append(name)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
