"""The ledger: consents, spend windows, stock, orders and the audit chain, moved together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from skill.adapters.records import (
    read_json,
    read_time,
    read_undamaged,
    write_charges,
    write_json,
    write_quote_lines,
    write_time,
)
from skill.adapters.reserving import UNDO_WINDOW_S_MAX, check_consented
from skill.adapters.sqlite.approvals import decide_approval
from skill.adapters.sqlite.carts import write_cart
from skill.adapters.sqlite.conversations import write_turn
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.notices import put_notice
from skill.adapters.sqlite.orders import NEWEST_FIRST, SELECT_ORDER, find_order, read_order
from skill.adapters.sqlite.outbox import put_event
from skill.errors import (
    ConsentUsed,
    CurrencyMismatch,
    OrderCountExceeded,
    OrderStateConflict,
    OutOfStock,
    PriceChanged,
    SpendCapExceeded,
    StorageError,
    UndoWindowClosed,
    VersionConflict,
)
from skill.guard.audit import NO_SEAL, Anchor, canonical_entry
from skill.guard.decision import Spent
from skill.ports import (
    ORDERS_LOOKED_AT_MAX,
    Anchors,
    ApprovalState,
    AuditDraft,
    AuditEntry,
    Basis,
    Keys,
    Reservation,
    TurnRecord,
)
from skill.shop.cart import Cart
from skill.shop.households import HouseholdId
from skill.shop.orders import UNANSWERED_ASKS, Order, OrderId, OrderState, WindowCharge
from skill.shop.quote import QuoteLine

Outcome = TypeVar("Outcome")

#: Scope, window, key, most amount, most orders.
_WindowRow = tuple[str, str, str, int | None, int | None]
#: Pieces, SKU, price.
_StockRow = tuple[int, str, int]
_UNCAPPED = (None, None)
_key: Callable[[WindowCharge], tuple[str, str, str]] = attrgetter("scope", "window", "key")

#: A condition that failed and holds a moment later is tried again, but not for ever.
_RESERVE_TRIES_MAX = 5

#: Reserved orders, and newest entries of audit chains, that a process keeps in mind before it forgets them all.
_REMEMBERED_MAX = 1000

_SPENT = "SELECT amount_minor, orders FROM windows WHERE household_id = ? AND scope = ? AND window = ? AND key = ?"
#: The charges asked for, all in one statement: one search of the key for each.
_SPENT_OF_ALL = """
WITH asked (scope, window, key) AS (VALUES {rows})
SELECT scope, window, key, amount_minor, orders FROM asked CROSS JOIN windows USING (scope, window, key) WHERE household_id = ?
"""
_WINDOWS = "SELECT scope, window, key, amount_minor, orders FROM windows WHERE household_id = ?"
_LAYER_VERSION = "SELECT version FROM policies WHERE level = ? AND subject = ?"
_OTHER_NEWEST = f"SELECT order_id FROM orders WHERE household_id = ? AND order_id <> ? {NEWEST_FIRST} LIMIT ?"
_CURRENCY = "SELECT currency FROM ledger"
_SET_CURRENCY = "INSERT INTO ledger (one, currency) VALUES (1, ?)"
_PUT_ORDER = """
INSERT INTO orders (order_id, household_id, state, consent_id, store, seller, currency, total_minor, delivery_minor,
                    tax_minor, discount_minor, lines, address, platform, person, code_proved, charges, reserved_at,
                    reserve_deadline, undo_window_s, payment, payment_state, note)
VALUES (?, ?, 'reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (consent_id) DO NOTHING
"""
_ORDER_OF_CONSENT = "SELECT order_id FROM orders WHERE consent_id = ?"
#: Adds to windows, new or not; the table's own constraints stop what would pass a cap.
_ADD_TO_WINDOWS = """
INSERT INTO windows (household_id, scope, window, key, amount_minor, orders, amount_max, orders_max)
VALUES {rows}
ON CONFLICT (household_id, scope, window, key) DO UPDATE SET
  amount_minor = amount_minor + excluded.amount_minor, orders = orders + 1,
  amount_max = excluded.amount_max, orders_max = excluded.orders_max
"""
_GIVE_BACK_TO_WINDOW = """
UPDATE windows SET amount_minor = amount_minor - ?, orders = orders - ?
WHERE household_id = ? AND scope = ? AND window = ? AND key = ?
"""
_TAKE_STOCK = """
UPDATE inventory SET reserved = reserved + ?1
WHERE sku = ?2 AND listed = 1 AND price_minor = ?3 AND on_hand - reserved >= ?1
"""
_SHELF = "SELECT price_minor, max(on_hand - reserved, 0) FROM inventory WHERE sku = ? AND listed = 1"
#: An import may have counted the shelf after the goods were taken, so that less is on hand than was reserved.
_HAND_OVER_STOCK = "UPDATE inventory SET reserved = reserved - ?1, on_hand = max(on_hand - ?1, 0) WHERE sku = ?2"
_RELEASE_STOCK = "UPDATE inventory SET reserved = reserved - ? WHERE sku = ?"
_RETURN_STOCK = "UPDATE inventory SET on_hand = on_hand + ? WHERE sku = ? AND listed = 1"
_COMMIT = """
UPDATE orders SET state = 'committed', placed_at = ?, undo_until = ?, payment = ?, payment_state = 'approved', asks = 0,
                  ask_at = NULL
WHERE order_id = ? AND state = 'reserved'
RETURNING address
"""
_CLOSE = "UPDATE orders SET state = ?, closed_at = ?, note = ? WHERE order_id = ? AND state = ?"
_NOTE_PAYMENT = "UPDATE orders SET payment_state = ?, payment = ? WHERE order_id = ?"
_PUT_OFF = (
    "UPDATE orders SET asks = asks + 1, ask_at = ? WHERE order_id = ? AND state = ? AND payment_state = ? AND asks = ?"
)
_IS_TIME = "(ask_at IS NULL OR ask_at <= ?1) "
#: Those whose payment is unknown come last: they stay until the provider tells, and must not keep others from being seen.
_OVERDUE = (
    SELECT_ORDER
    + f"WHERE state = 'reserved' AND reserve_deadline <= ?1 AND {_IS_TIME}"
    + "ORDER BY payment_state = 'unknown', coalesce(ask_at, reserve_deadline) LIMIT ?2"
)
_OPEN_REFUND = "state = 'cancelled' AND payment_state <> 'refunded' AND payment_state <> 'refund_declined' "
_UNREFUNDED = SELECT_ORDER + f"WHERE {_OPEN_REFUND} AND {_IS_TIME} ORDER BY coalesce(ask_at, closed_at) LIMIT ?2"
_UNANSWERED = (
    SELECT_ORDER + f"WHERE (state = 'reserved' OR {_OPEN_REFUND}) AND asks > ? ORDER BY ask_at, order_id LIMIT ?"
)
_LAST_SEAL = "SELECT number, seal FROM audit WHERE household_id = ? ORDER BY number DESC LIMIT 1"
_APPEND = """
INSERT INTO audit (household_id, number, kind, at, order_id, facts, personal, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (household_id, number) DO NOTHING
"""
_SELECT_AUDIT = (
    "SELECT household_id, number, kind, at, order_id, facts, personal, seal FROM audit WHERE household_id = ? "
)
_AUDIT = _SELECT_AUDIT + "AND number > ? ORDER BY number LIMIT ?"
_LAST_AUDIT = _SELECT_AUDIT + "ORDER BY number DESC LIMIT ?"
_AUDIT_OF_ORDER = _SELECT_AUDIT + "AND order_id = ? ORDER BY number DESC LIMIT ?"
_AUDIT_COUNT = "SELECT count(*) FROM audit WHERE household_id = ? AND order_id = ?"


class SqliteLedger:
    """`anchors` keep the heads of the audit chains outside the database; without them a cut-off tail leaves no trace."""

    def __init__(self, database: Database, keys: Keys, anchors: Anchors | None = None) -> None:
        self._database = database
        self._keys = keys
        self._anchors = anchors
        self._currency = ""
        self._reserved: dict[OrderId, Order] = {}
        self._heads: dict[HouseholdId, Anchor] = {}
        self._told = self._anchor  # one and the same object, so that a commit's entries are anchored together

    def spent(self, household_id: HouseholdId, charges: Iterable[WindowCharge]) -> Mapping[WindowCharge, Spent]:
        """Every charge that was asked for is in the answer."""
        spent = dict.fromkeys(charges, Spent())
        if spent:
            statement = _SPENT_OF_ALL.format(rows=", ".join(["(?, ?, ?)"] * len(spent)))
            values = [part for charge in spent for part in (charge.scope, charge.window, charge.key)]
            values.append(household_id)
            rows = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
            spent.update((WindowCharge(*row[:3]), Spent(*row[3:])) for row in rows)
        return spent

    def reserve(self, reservation: Reservation) -> None:
        """Raises `ConsentInvalid` (why: changed) where the order is not what was consented to, `CurrencyMismatch` where the
        ledger was begun in another currency.
        """
        order, click = reservation.order, reservation.click
        check_consented(reservation)
        row = _order_values(order)
        caps = {_key(check.charge): (check.amount_max, check.orders_max) for check in reservation.checks}
        keys = dict.fromkeys(map(_key, order.charges))
        windows = [(*key, *caps.get(key, _UNCAPPED)) for key in keys]
        add_to_windows = _add_to_windows(len(windows))
        values = (order.household_id, order.total.amount, *chain.from_iterable(windows))
        stock = [(pieces, sku, price) for (sku, price), pieces in _stock_of(order.lines).items()]

        def take(connection: sqlite3.Connection) -> None:
            self._check_currency(connection, order.total.currency)
            if connection.execute(_PUT_ORDER, row).rowcount != 1:
                earlier = connection.execute(_ORDER_OF_CONSENT, (order.consent_id,)).fetchone()
                raise ConsentUsed(order_id=earlier[0])
            _check_basis(connection, reservation.basis, order)
            if click is not None:
                decide_approval(
                    connection, click.approval_id, ApprovalState.APPROVED, click.by, order.reserved_at, order.order_id
                )
            # All of them in one statement; which of them failed is looked up once nothing of it stands.
            try:
                if windows:
                    connection.execute(add_to_windows, values)
            except sqlite3.IntegrityError:
                raise _NotMet from None
            if connection.executemany(_TAKE_STOCK, stock).rowcount != len(stock):
                raise _NotMet
            if reservation.cart is not None:
                write_cart(connection, order.household_id, reservation.cart)

        for _ in range(_RESERVE_TRIES_MAX):
            try:
                self.write_with_audit(take, reservation.audit)
            except _NotMet:
                self._explain(order, windows, stock)
            else:
                self._remember(order)
                return
        raise StorageError("the shelf and the spend windows kept changing; nothing was reserved")

    def commit(
        self, order_id: OrderId, payment: str, now: datetime, audit: AuditDraft, record: TurnRecord | None = None
    ) -> Order:
        at = write_time(now)
        reserved = self._reserved.get(order_id)

        def place(connection: sqlite3.Connection) -> tuple[Order, datetime]:
            order = reserved or _find(connection, order_id)
            undo_until = now + timedelta(seconds=min(order.undo_window_s, UNDO_WINDOW_S_MAX))
            left = connection.execute(_COMMIT, (at, write_time(undo_until), payment, order_id)).fetchone()
            if left is None:
                raise _conflict(connection, order_id)
            if left[0] != order.address:
                order = order.as_forgotten()
            connection.executemany(_HAND_OVER_STOCK, _pieces_of(order))
            put_event(connection, order_id, 1, "order.placed", at)
            put_notice(connection, order_id, "receipt", now)
            return order, undo_until

        order, undo_until = self.write_with_audit(place, audit, record)
        self._reserved.pop(order_id, None)
        return order.as_committed(now, undo_until, payment)

    def void(
        self,
        order_id: OrderId,
        note: str,
        now: datetime,
        audit: AuditDraft,
        record: TurnRecord | None = None,
        *,
        cart: Cart | None = None,
        notice: str = "",
    ) -> Order:
        """An order that was never paid has never been: it does not count in the day's orders either."""

        def give_back(connection: sqlite3.Connection) -> Order:
            order = _find(connection, order_id)
            voided = _close(connection, order, OrderState.RESERVED, OrderState.VOIDED, now, note)
            connection.execute(_NOTE_PAYMENT, ("declined", order.payment, order_id))
            _give_back_to_windows(connection, order, orders=1)
            connection.executemany(_RELEASE_STOCK, _pieces_of(order))
            if cart is not None:
                write_cart(connection, order.household_id, cart)
            if notice:
                put_notice(connection, order_id, notice, now)
            return replace(voided, payment_state="declined")

        voided = self.write_with_audit(give_back, audit, record)
        self._reserved.pop(order_id, None)
        return voided

    def cancel(
        self,
        order_id: OrderId,
        now: datetime,
        audit: AuditDraft,
        record: TurnRecord | None = None,
        *,
        any_time: bool = False,
    ) -> Order:
        """The money goes back to the windows that it was reserved in; the order still counts in that day's orders."""

        def give_back(connection: sqlite3.Connection) -> Order:
            order = _find(connection, order_id)
            cancelled = _close(connection, order, OrderState.COMMITTED, OrderState.CANCELLED, now, order.note)
            if not any_time and (order.undo_until is None or now >= order.undo_until):
                raise UndoWindowClosed(order_id=order_id)
            _give_back_to_windows(connection, order, orders=0)
            connection.executemany(_RETURN_STOCK, _pieces_of(order))
            put_event(connection, order_id, 2, "order.cancelled", write_time(now))
            put_notice(connection, order_id, "cancelled", now)
            return cancelled

        return self.write_with_audit(give_back, audit, record)

    def ship(self, order_id: OrderId, now: datetime, audit: AuditDraft) -> Order:
        def send(connection: sqlite3.Connection) -> Order:
            order = _find(connection, order_id)
            put_notice(connection, order_id, "shipped", now)
            return _close(connection, order, OrderState.COMMITTED, OrderState.SHIPPED, now, order.note)

        return self.write_with_audit(send, audit)

    def note_payment(
        self, order_id: OrderId, payment_state: str, payment: str, audit: AuditDraft, *, notice: str = ""
    ) -> Order:
        """An empty `payment` keeps the reference that is there."""

        def note(connection: sqlite3.Connection) -> Order:
            order = _find(connection, order_id)
            if not order.may_note(payment_state):
                raise OrderStateConflict(order_id=order_id, state=order.state.value)
            noted = replace(order, payment_state=payment_state, payment=payment or order.payment)
            connection.execute(_NOTE_PAYMENT, (payment_state, noted.payment, order_id))
            if notice:
                put_notice(connection, order_id, notice, audit.at)
            return noted

        return self.write_with_audit(note, audit)

    def windows(self, household_id: HouseholdId) -> Mapping[WindowCharge, Spent]:
        rows = self._database.read(lambda connection: connection.execute(_WINDOWS, (household_id,)).fetchall())
        return {WindowCharge(scope, window, key): Spent(amount, orders) for scope, window, key, amount, orders in rows}

    def overdue(self, now: datetime, limit: int) -> Sequence[Order]:
        bounds = (write_time(now), limit)
        rows = self._database.read(lambda connection: connection.execute(_OVERDUE, bounds).fetchall())
        return read_undamaged(rows, read_order, itemgetter(0))

    def unrefunded(self, now: datetime, limit: int) -> Sequence[Order]:
        bounds = (write_time(now), limit)
        rows = self._database.read(lambda connection: connection.execute(_UNREFUNDED, bounds).fetchall())
        return read_undamaged(rows, read_order, itemgetter(0))

    def put_off(self, order: Order, ask_at: datetime, audit: AuditDraft | None = None) -> Order:
        seen = (write_time(ask_at), order.order_id, order.state, order.payment_state, order.asks)

        def later(connection: sqlite3.Connection) -> None:
            if connection.execute(_PUT_OFF, seen).rowcount != 1:
                raise _conflict(connection, order.order_id)

        if audit is None:
            self._database.write(later, durable=False)  # what is lost in a power cut is asked again sooner
        else:
            self.write_with_audit(later, audit)
        return replace(order, asks=order.asks + 1, ask_at=ask_at)

    def unanswered(self, limit: int) -> Sequence[Order]:
        bounds = (UNANSWERED_ASKS, limit)
        rows = self._database.read(lambda connection: connection.execute(_UNANSWERED, bounds).fetchall())
        return read_undamaged(rows, read_order, itemgetter(0))

    def write_audit(self, draft: AuditDraft, record: TurnRecord | None = None) -> None:
        """Durable with the next order of anybody: after a power cut the last quotes and refusals may be missing, which the
        anchors then show as a tail cut off, until a durable entry follows.
        """
        self.write_with_audit(lambda connection: None, draft, record, durable=False)

    def audit(self, household_id: HouseholdId, limit: int, after: int = 0) -> Sequence[AuditEntry]:
        return self._entries(_AUDIT, (household_id, after, limit))

    def last_audit(self, household_id: HouseholdId, limit: int) -> Sequence[AuditEntry]:
        return self._entries(_LAST_AUDIT, (household_id, limit))

    def audit_of_order(
        self, household_id: HouseholdId, order_id: OrderId, limit: int
    ) -> tuple[Sequence[AuditEntry], int]:
        newest = self._entries(_AUDIT_OF_ORDER, (household_id, order_id, limit))
        count = self._database.read(lambda c: c.execute(_AUDIT_COUNT, (household_id, order_id)).fetchone())
        return newest[::-1], count[0]

    def anchors(self) -> Mapping[HouseholdId, Sequence[Anchor]]:
        return {} if self._anchors is None else self._anchors.noted()

    def write_with_audit(
        self,
        change: Callable[[sqlite3.Connection], Outcome],
        draft: AuditDraft,
        record: TurnRecord | None = None,
        *,
        durable: bool = True,
    ) -> Outcome:
        """`change`, its audit entry and the turn's record in one transaction, and the anchor once that is written."""
        # Serialising, encrypting and sealing come first: they hold up nobody.
        facts, at = write_json(draft.facts), write_time(draft.at)
        personal = b""
        if draft.personal:
            personal = self._keys.encrypt_for(draft.household_id, write_json(draft.personal).encode())

        def seal(head: Anchor) -> tuple[Any, ...]:
            """The entry's row after the chain's newest entry `head`."""
            number = head[0] + 1
            entry = canonical_entry(
                draft.household_id, number, head[1], draft.kind, at, draft.order_id, facts, personal
            )
            mac = self._keys.mac("audit", entry).hex()
            return draft.household_id, number, draft.kind, at, draft.order_id, facts, personal, mac

        head = self._heads.get(draft.household_id)
        guessed = None if head is None else seal(head)

        def write(connection: sqlite3.Connection) -> tuple[Outcome, tuple[Any, ...]]:
            outcome = change(connection)
            row = guessed
            # The chain's numbers are unique: a row sealed after an entry that is no longer the newest does not go in.
            if row is None or connection.execute(_APPEND, row).rowcount != 1:
                newest = connection.execute(_LAST_SEAL, (draft.household_id,)).fetchone()
                row = seal(newest or (0, NO_SEAL))
                connection.execute(_APPEND, row)
            if record is not None:
                write_turn(connection, record)
            return outcome, row

        return self._database.write(write, durable=durable, told=self._told)[0]

    def _anchor(self, written: Sequence[tuple[Any, tuple[Any, ...]]], durable: bool) -> None:
        """Notes the entries of a commit in mind and outside the database."""
        heads = [(row[0], row[1], row[-1]) for _, row in written]
        if len(self._heads) >= _REMEMBERED_MAX:
            self._heads.clear()
        for home, number, seal in heads:
            self._heads[home] = number, seal
        if self._anchors is not None:
            self._anchors.put(heads, durable=durable)

    def _check_currency(self, connection: sqlite3.Connection, currency: str) -> None:
        if currency == self._currency:
            return
        row = connection.execute(_CURRENCY).fetchone()
        if row is None:
            connection.execute(_SET_CURRENCY, (currency,))
        elif row[0] == currency:
            self._currency = currency  # it never changes, so it is looked up once
        else:
            raise CurrencyMismatch(f"this ledger is kept in {row[0]}", ours=row[0], theirs=currency)

    def _remember(self, order: Order) -> None:
        """What was reserved here is most likely committed here, and need not be read again. Only what never changes is used, but
        for what is forgotten.
        """
        if len(self._reserved) >= _REMEMBERED_MAX:
            self._reserved.clear()
        self._reserved[order.order_id] = order

    def _explain(self, order: Order, windows: Sequence[_WindowRow], stock: Sequence[_StockRow]) -> None:
        """Raises for the first condition of a reservation that does not hold now; returns where all of them do."""
        home, amount = order.household_id, order.total.amount

        def look(connection: sqlite3.Connection) -> None:
            for scope, window, key, amount_max, orders_max in windows:
                held, orders = connection.execute(_SPENT, (home, scope, window, key)).fetchone() or (0, 0)
                if amount_max is not None and held + amount > amount_max:
                    raise SpendCapExceeded(
                        scope=scope, window=window, cap_minor=amount_max, attempted_minor=held + amount
                    )
                if orders_max is not None and orders >= orders_max:
                    raise OrderCountExceeded(scope=scope, window=window, count_max=orders_max)
            for pieces, sku, price in stock:
                price_now, available = connection.execute(_SHELF, (sku,)).fetchone() or (price, 0)
                if price_now != price:
                    raise PriceChanged(sku=sku)
                if available < pieces:
                    raise OutOfStock(sku=sku, available=available)

        self._database.read(look)

    def _entries(self, statement: str, values: tuple[Any, ...]) -> tuple[AuditEntry, ...]:
        rows = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return tuple(map(self._entry, rows))

    def _entry(self, row: tuple[Any, ...]) -> AuditEntry:
        household_id, number, kind, at, order_id, facts, sealed, seal = row
        personal: Mapping[str, Any] | None = {}
        if sealed:
            opened = self._keys.decrypt_for(household_id, sealed)
            personal = None if opened is None else read_json(opened.decode())
        return AuditEntry(household_id, number, kind, read_time(at), order_id, read_json(facts), personal, seal, sealed)


@lru_cache(maxsize=64)
def _add_to_windows(number: int) -> str:
    """The statement for so many windows of one household: its parameters are household, amount, and a `_WindowRow` for each."""
    rows = ("?{}, ?{}, ?{}, ?2, 1, ?{}, ?{}".format(*range(first, first + 5)) for first in range(3, 3 + 5 * number, 5))
    return _ADD_TO_WINDOWS.format(rows=", ".join(f"(?1, {row})" for row in rows))


def _check_basis(connection: sqlite3.Connection, basis: Basis, order: Order) -> None:
    """Raises `VersionConflict` where a layer of limits, or the household's orders beside this one, are not what the guard saw."""
    for level, subject, version in basis.layers:
        row = connection.execute(_LAYER_VERSION, (level, subject)).fetchone()
        if (row[0] if row else 0) != version:
            raise VersionConflict("the limits were changed since the guard looked at them", version=version)
    if basis.orders is not None:
        bounds = (order.household_id, order.order_id, ORDERS_LOOKED_AT_MAX)
        if tuple(row[0] for row in connection.execute(_OTHER_NEWEST, bounds)) != basis.orders:
            raise VersionConflict("the household has ordered since the guard looked")


def _order_values(order: Order) -> tuple[Any, ...]:
    return (
        order.order_id,
        order.household_id,
        order.consent_id,
        order.store,
        order.seller,
        order.total.currency,
        order.total.amount,
        order.delivery.amount,
        order.tax.amount,
        order.discount.amount,
        write_quote_lines(order.lines),
        order.address,
        order.platform,
        order.person,
        int(order.code_proved),
        write_charges(order.charges),
        write_time(order.reserved_at),
        write_time(order.reserve_deadline),
        order.undo_window_s,
        order.payment,
        order.payment_state,
        order.note,
    )


def _stock_of(lines: Iterable[QuoteLine]) -> dict[tuple[str, int], int]:
    """(SKU, price) → pieces."""
    pieces: dict[tuple[str, int], int] = {}
    for line in lines:
        item = (line.sku, line.unit_price.amount)
        pieces[item] = pieces.get(item, 0) + line.quantity
    return pieces


def _pieces_of(order: Order) -> list[tuple[int, str]]:
    """(Pieces, SKU) of every line."""
    return [(line.quantity, line.sku) for line in order.lines]


def _give_back_to_windows(connection: sqlite3.Connection, order: Order, orders: int) -> None:
    connection.executemany(
        _GIVE_BACK_TO_WINDOW,
        [
            (order.total.amount, orders, order.household_id, charge.scope, charge.window, charge.key)
            for charge in dict.fromkeys(order.charges)
        ],
    )


def _find(connection: sqlite3.Connection, order_id: OrderId) -> Order:
    order = find_order(connection, order_id)
    if order is None:
        raise OrderStateConflict(order_id=order_id, state="unknown")
    return order


def _conflict(connection: sqlite3.Connection, order_id: OrderId) -> OrderStateConflict:
    return OrderStateConflict(order_id=order_id, state=_find(connection, order_id).state.value)


def _close(
    connection: sqlite3.Connection, order: Order, before: OrderState, after: OrderState, now: datetime, note: str
) -> Order:
    """From state `before` to the final state `after`. Raises `OrderStateConflict`."""
    if connection.execute(_CLOSE, (after, write_time(now), note, order.order_id, before)).rowcount != 1:
        raise _conflict(connection, order.order_id)
    return replace(order, state=after, closed_at=now, note=note)


class _NotMet(Exception):
    """A condition of a reservation did not hold. Never leaves the ledger."""
