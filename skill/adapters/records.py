"""How shop objects look when they are stored: the same in every adapter, so that data can move between them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from skill.errors import AmountOutOfRange, CurrencyMismatch, PolicyInvalid, SignInRefused, StorageError
from skill.guard.canonical import write_canonical
from skill.guard.policy import KNOBS
from skill.ports import Account, QueuedNotice
from skill.shop.cart import CartLine
from skill.shop.catalogue import Sku
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState, WindowCharge
from skill.shop.quote import QuoteLine

Row = TypeVar("Row")
Read = TypeVar("Read")

_log = logging.getLogger(__name__)

#: Compact JSON of plain values, the same text for the same content.
write_json = write_canonical
_decode = json.JSONDecoder().decode

#: What reading a record raises that was damaged, or written by something else.
_DAMAGED = (
    StorageError,
    CurrencyMismatch,
    AmountOutOfRange,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)


def read_json(text: str) -> Any:
    """Raises `StorageError` for what `write_json` cannot have written."""
    try:
        return _decode(text)
    except (ValueError, TypeError) as error:
        raise StorageError(f"a stored record is damaged: {error}") from error


def read_undamaged(rows: Iterable[Row], read: Callable[[Row], Read], name: Callable[[Row], object]) -> tuple[Read, ...]:
    """What `read` makes of each row. One that cannot be read is named in the log and left out: it must not hold up the others."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except _DAMAGED as error:
            _log.error("the record of %s is damaged and is left out: %s: %s", name(row), type(error).__name__, error)
    return tuple(found)


def write_time(moment: datetime) -> str:
    """UTC, ISO 8601 with microseconds: texts sort as the times do. Raises `ValueError` for a time without a zone."""
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone; times are stored in UTC")
        moment = moment.astimezone(UTC)
    return _write_utc(moment)


@lru_cache(maxsize=64)
def _write_utc(moment: datetime) -> str:
    """Remembered, because what is written together mostly bears the same time, several times over."""
    return moment.isoformat(timespec="microseconds")


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read_time_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def write_cart_lines(lines: Iterable[CartLine]) -> str:
    return write_json([[line.sku, line.quantity] for line in lines])


def read_cart_lines(text: str) -> tuple[CartLine, ...]:
    return tuple(CartLine(Sku(sku), quantity) for sku, quantity in read_json(text))


def write_quote_lines(lines: Iterable[QuoteLine]) -> str:
    """Prices without their currency: it is the order's."""
    return write_json(
        [
            [line.sku, line.title, line.size, line.quantity, line.unit_price.amount, line.category, line.age_min]
            for line in lines
        ]
    )


def read_quote_lines(text: str, currency: str) -> tuple[QuoteLine, ...]:
    return tuple(
        QuoteLine(Sku(sku), title, size, quantity, Money(minor, currency), tuple(category), age_min)
        for sku, title, size, quantity, minor, category, age_min in read_json(text)
    )


def write_charges(charges: Iterable[WindowCharge]) -> str:
    return write_json([[charge.scope, charge.window, charge.key] for charge in charges])


def read_charges(text: str) -> tuple[WindowCharge, ...]:
    return tuple(WindowCharge(*parts) for parts in read_json(text))


def write_knobs(knobs: Mapping[str, Any]) -> str:
    """Sets as sorted lists; everything else as JSON has it."""
    return write_json({name: sorted(value) if isinstance(value, frozenset) else value for name, value in knobs.items()})


def read_knobs(text: str) -> Mapping[str, Any]:
    """Raises `PolicyInvalid` for what `write_knobs` cannot have written."""
    try:
        knobs = read_json(text)
        return {name: _read_knob(name, value) for name, value in knobs.items()}
    except (StorageError, ValueError, TypeError, AttributeError) as error:
        raise PolicyInvalid(f"a stored policy cannot be read: {error}") from error


def _read_knob(name: str, value: Any) -> Any:
    knob = KNOBS.get(name)
    if knob is not None and value is not None:
        if knob.kind == "set":
            return _names(value)
        if knob.kind == "hours":
            return tuple((start, end) for start, end in value)
    return value


def _names(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{value!r} is no list of names")
    return frozenset(value)


def write_money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount, "currency": money.currency}


#: The state that an event tells of, whatever has become of the order since.
_STATE_TOLD = {"order.placed": OrderState.COMMITTED, "order.cancelled": OrderState.CANCELLED}


def order_event(kind: str, order: Order) -> Mapping[str, Any]:
    """What the shop is told of an order: JSON values, amounts in minor units. The order as it was when the event happened."""
    state = _STATE_TOLD[kind]
    closed_at = None if state is OrderState.COMMITTED else order.closed_at
    return {
        "order_id": order.order_id,
        "household_id": order.household_id,
        "store": order.store,
        "state": state.value,
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "size": line.size,
                "quantity": line.quantity,
                "unit_price": write_money(line.unit_price),
            }
            for line in order.lines
        ],
        "delivery": write_money(order.delivery),
        "tax": write_money(order.tax),
        "discount": write_money(order.discount),
        "total": write_money(order.total),
        "address": order.address,
        "platform": order.platform,
        "payment": order.payment,
        "placed_at": None if order.placed_at is None else write_time(order.placed_at),
        "closed_at": None if closed_at is None else write_time(closed_at),
    }


def notice_key(order_id: OrderId, kind: str) -> str:
    """An order is told of once in each kind."""
    return f"{order_id}.{kind}"


#: What an order may be told of after something else, in the order in which it happens.
_TOLD_LATER = ("cancelled", "shipped", "refund_declined")


def in_order(notices: Iterable[QueuedNotice]) -> tuple[QueuedNotice, ...]:
    """By the time they are due, and of one moment as it happened."""
    return tuple(sorted(notices, key=lambda each: (each.next_at, each.at, _place(each.kind))))


def _place(kind: str) -> int:
    return _TOLD_LATER.index(kind) + 1 if kind in _TOLD_LATER else 0


def renewed_account(known: Account, account: Account) -> Account:
    """The known account with a new name and passphrase. Raises `SignInRefused` where it is somebody else's."""
    if (known.role, known.household_id) != (account.role, account.household_id):
        raise SignInRefused(why="name_taken")
    return replace(known, name=account.name, passphrase_hash=account.passphrase_hash, generation=known.generation + 1)
