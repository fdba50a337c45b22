"""The ledger in DynamoDB: consents, spend windows, stock, orders and the audit chain, moved by one TransactWriteItems.

Everything that is audited depends on the head of its household's chain, so that two writes of one household come one after the
other: the second reads again and decides again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar

from skill.adapters.aws.approvals import approval_keys, decide_approval
from skill.adapters.aws.carts import cart_change
from skill.adapters.aws.conversations import turn_changes
from skill.adapters.aws.layout import (
    EVENTS,
    LEDGER,
    ORDERS,
    RESERVED,
    UNDELIVERED,
    UNREFUNDED,
    audit_key,
    consent_key,
    head_key,
    order_key,
    owner_partition,
    policy_key,
    recent_key,
    shelf_key,
    window_key,
)
from skill.adapters.aws.notices import notice_change
from skill.adapters.aws.orders import read_order, read_recent, write_order, write_recent
from skill.adapters.aws.table import Change, Failed, Item, Key, Table, check, conflict, delete, put, put_version, update
from skill.adapters.records import read_json, read_time, read_undamaged, write_json, write_time
from skill.adapters.reserving import UNDO_WINDOW_S_MAX, check_consented
from skill.errors import (
    ConsentUsed,
    CurrencyMismatch,
    OrderCountExceeded,
    OrderStateConflict,
    OutOfStock,
    PriceChanged,
    SpendCapExceeded,
    UndoWindowClosed,
    VersionConflict,
)
from skill.guard.audit import NO_SEAL, Anchor, canonical_entry
from skill.guard.decision import Spent
from skill.ports import (
    Anchors,
    ApprovalState,
    AuditDraft,
    AuditEntry,
    Basis,
    Click,
    Keys,
    Reservation,
    TurnRecord,
    WindowCheck,
)
from skill.shop.cart import Cart
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.orders import UNANSWERED_ASKS, Order, OrderId, OrderState, WindowCharge

Outcome = TypeVar("Outcome")

#: What a step makes of the items that it asked for: the changes, and what the caller gets once they are written.
Build = Callable[[Mapping[Key, Item]], tuple[list[Change], Outcome]]

_END = "\U0010ffff"


class DynamoLedger:
    """`anchors` keep the heads of the audit chains outside the table; without them a cut-off tail leaves no trace."""

    def __init__(self, table: Table, keys: Keys, anchors: Anchors | None = None) -> None:
        self._table = table
        self._keys = keys
        self._anchors = anchors
        self._currency = ""

    def spent(self, household_id: HouseholdId, charges: Iterable[WindowCharge]) -> Mapping[WindowCharge, Spent]:
        """Every charge that was asked for is in the answer."""
        asked = {charge: window_key(household_id, charge) for charge in charges}
        found = self._table.get_many(asked.values())
        return {charge: _spent(found.get(key)) for charge, key in asked.items()}

    def reserve(self, reservation: Reservation) -> None:
        """Raises `ConsentInvalid` (why: changed) where the order is not what was consented to, `CurrencyMismatch` where the
        ledger was begun in another currency, `StorageError` for more lines than one write holds.
        """
        check_consented(reservation)
        order, click = reservation.order, reservation.click
        caps = {check.charge: check for check in reservation.checks}

        def take(found: Mapping[Key, Item]) -> tuple[list[Change], None]:
            changes = self._begin_in(order.total.currency, found.get(LEDGER))
            self._check_orders(found.get(recent_key(order.household_id)), reservation.basis, order)
            changes.append(_use_consent(order))
            changes += map(_check_layer, reservation.basis.layers)
            changes += [_add_to_window(order, caps.get(charge), charge) for charge in dict.fromkeys(order.charges)]
            changes += _take_stock(order)
            changes.append(put((ORDERS, order.order_id), {"household_id": order.household_id}))
            if click is not None:
                changes += _approve(found, click, order)
            if reservation.cart is not None:
                changes.append(cart_change(order.household_id, reservation.cart))
            return [*changes, *_order_changes(found, None, order)], None

        keys = [recent_key(order.household_id)]
        if click is not None:
            keys += approval_keys(order.household_id, click.approval_id)
        try:
            self.write_with_audit(keys if self._currency else [*keys, LEDGER], take, reservation.audit)
        except _ReservedAlready:
            return
        self._currency = order.total.currency

    def commit(
        self, order_id: OrderId, payment: str, now: datetime, audit: AuditDraft, record: TurnRecord | None = None
    ) -> Order:
        short: dict[str, Item] = {}

        def place(order: Order) -> tuple[Order, list[Change]]:
            placed = replace(
                order,
                state=OrderState.COMMITTED,
                placed_at=now,
                undo_until=now + timedelta(seconds=min(order.undo_window_s, UNDO_WINDOW_S_MAX)),
                payment=payment,
                payment_state="approved",
                asks=0,
                ask_at=None,
            )
            handed_over = [_hand_over(sku, pieces, short) for sku, pieces in _pieces_of(order).items()]
            events = event_changes(order, 1, "order.placed", now)
            return placed, [*handed_over, *events, notice_change(order, "receipt", now)]

        return self._move(order_id, (OrderState.RESERVED,), place, audit, record)

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

        def give_back(order: Order) -> tuple[Order, list[Change]]:
            voided = replace(order, state=OrderState.VOIDED, closed_at=now, note=note, payment_state="declined")
            released = [
                update(
                    shelf_key(sku),
                    "SET #reserved = #reserved - :pieces, #available = #available + :pieces",
                    {"pieces": pieces},
                )
                for sku, pieces in _pieces_of(order).items()
            ]
            returned = [] if cart is None else [cart_change(order.household_id, cart)]
            told = [notice_change(order, notice, now)] if notice else []
            return voided, [*_give_back_to_windows(order, orders=1), *released, *returned, *told]

        return self._move(order_id, (OrderState.RESERVED,), give_back, audit, record)

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
        gone: set[str] = set()

        def give_back(order: Order) -> tuple[Order, list[Change]]:
            if not any_time and (order.undo_until is None or now >= order.undo_until):
                raise UndoWindowClosed(order_id=order_id)
            cancelled = replace(order, state=OrderState.CANCELLED, closed_at=now)
            returned = [_return(sku, pieces, gone) for sku, pieces in _pieces_of(order).items() if sku not in gone]
            events = event_changes(order, 2, "order.cancelled", now)
            told = notice_change(order, "cancelled", now)
            return cancelled, [*_give_back_to_windows(order, orders=0), *returned, *events, told]

        return self._move(order_id, (OrderState.COMMITTED,), give_back, audit, record)

    def ship(self, order_id: OrderId, now: datetime, audit: AuditDraft) -> Order:
        def send(order: Order) -> tuple[Order, list[Change]]:
            return replace(order, state=OrderState.SHIPPED, closed_at=now), [notice_change(order, "shipped", now)]

        return self._move(order_id, (OrderState.COMMITTED,), send, audit)

    def note_payment(
        self, order_id: OrderId, payment_state: str, payment: str, audit: AuditDraft, *, notice: str = ""
    ) -> Order:
        """An empty `payment` keeps the reference that is there."""

        def note(order: Order) -> tuple[Order, list[Change]]:
            if not order.may_note(payment_state):
                raise OrderStateConflict(order_id=order_id, state=order.state.value)
            told = [notice_change(order, notice, audit.at)] if notice else []
            return replace(order, payment_state=payment_state, payment=payment or order.payment), told

        return self._move(order_id, tuple(OrderState), note, audit)

    def windows(self, household_id: HouseholdId) -> Mapping[WindowCharge, Spent]:
        return {
            WindowCharge(item["scope"], item["window"], item["key"]): _spent(item)
            for item in self._table.query(owner_partition(household_id), "W#")
        }

    def overdue(self, now: datetime, limit: int) -> Sequence[Order]:
        """Those whose payment is unknown come last: they stay until the provider tells, and must not hide the others."""
        bound = f"{write_time(now)}#{_END}"
        due = [
            item for unknown in ("0#", "1#") for item in self._table.query(RESERVED, unknown, up_to=bound, limit=limit)
        ]
        return self._waiting(due[:limit])

    def unrefunded(self, now: datetime, limit: int) -> Sequence[Order]:
        return self._waiting(list(self._table.query(UNREFUNDED, up_to=f"{write_time(now)}#{_END}", limit=limit)))

    def put_off(self, order: Order, ask_at: datetime, audit: AuditDraft | None = None) -> Order:
        home = order.household_id
        keys = (order_key(home, order.order_id), recent_key(home))

        def later(found: Mapping[Key, Item]) -> tuple[list[Change], Order]:
            before = read_order(found[keys[0]])
            if (before.state, before.payment_state, before.asks) != (order.state, order.payment_state, order.asks):
                raise OrderStateConflict(order_id=order.order_id, state=before.state.value)
            after = replace(before, asks=before.asks + 1, ask_at=ask_at)
            return _order_changes(found, before, after), after

        def write(fresh: bool) -> Order:
            changes, after = later(self._table.get_many(keys, fresh=fresh))
            self._table.write(changes)
            return after

        return self._table.again(write) if audit is None else self.write_with_audit(keys, later, audit)

    def unanswered(self, limit: int) -> Sequence[Order]:
        found = chain.from_iterable(
            self._table.query(queue, where="#asks > :asks", values={"asks": UNANSWERED_ASKS})
            for queue in (RESERVED, UNREFUNDED)
        )
        orders = self._waiting(list(islice(found, limit)))
        return sorted(orders, key=lambda order: (order.ask_at or order.reserved_at, order.order_id))

    def write_audit(self, draft: AuditDraft, record: TurnRecord | None = None) -> None:
        self.write_with_audit((), lambda found: ([], None), draft, record)

    def audit(self, household_id: HouseholdId, limit: int, after: int = 0) -> Sequence[AuditEntry]:
        entries = self._table.query(owner_partition(household_id), "A#", after=f"{after:012}", limit=limit)
        return tuple(map(self._entry, entries))

    def last_audit(self, household_id: HouseholdId, limit: int) -> Sequence[AuditEntry]:
        entries = self._table.query(owner_partition(household_id), "A#", newest_first=True, limit=limit)
        return tuple(map(self._entry, entries))

    def audit_of_order(
        self, household_id: HouseholdId, order_id: OrderId, limit: int
    ) -> tuple[Sequence[AuditEntry], int]:
        found = self._table.query(
            owner_partition(household_id), "A#", where="#order_id = :order_id", values={"order_id": order_id}
        )
        newest: deque[Item] = deque(maxlen=limit)
        count = 0
        for count, item in enumerate(found, start=1):  # noqa: B007 - how many there were
            newest.append(item)
        return tuple(map(self._entry, newest)), count

    def anchors(self) -> Mapping[HouseholdId, Sequence[Anchor]]:
        return {} if self._anchors is None else self._anchors.noted()

    def write_with_audit(
        self, keys: Iterable[Key], build: Build[Outcome], draft: AuditDraft, record: TurnRecord | None = None
    ) -> Outcome:
        """What `build` makes of the items at `keys`, its audit entry and the turn's record, in one write; then the anchor."""
        home = draft.household_id
        wanted = (*keys, head_key(home))
        facts, at = write_json(draft.facts), write_time(draft.at)
        personal = b""
        if draft.personal:
            personal = self._keys.encrypt_for(home, write_json(draft.personal).encode())

        def write(fresh: bool) -> tuple[Outcome, int, str]:
            found = self._table.get_many(wanted, fresh=fresh)
            changes, outcome = build(found)
            head = found.get(head_key(home), {"number": 0, "seal": NO_SEAL})
            number = head["number"] + 1
            entry = canonical_entry(home, number, head["seal"], draft.kind, at, draft.order_id, facts, personal)
            seal = self._keys.mac("audit", entry).hex()
            row = {
                "household_id": home,
                "number": number,
                "kind": draft.kind,
                "at": write_time(draft.at),
                "order_id": draft.order_id,
                "facts": facts,
                "personal": personal or None,
                "seal": seal,
            }
            changes.append(put(audit_key(home, number), row, "attribute_not_exists(pk)"))
            changes.append(
                put(head_key(home), {"number": number, "seal": seal}, "#number = :before", {"before": number - 1})
                if number > 1
                else put(head_key(home), {"number": number, "seal": seal}, "attribute_not_exists(pk)")
            )
            if record is not None:
                changes += turn_changes(record)
            self._table.write(changes)
            return outcome, number, seal

        outcome, number, seal = self._table.again(write)
        if self._anchors is not None:
            self._anchors.put([(home, number, seal)], durable=True)
        return outcome

    def _move(
        self,
        order_id: OrderId,
        states: tuple[OrderState, ...],
        step: Callable[[Order], tuple[Order, list[Change]]],
        audit: AuditDraft,
        record: TurnRecord | None = None,
    ) -> Order:
        """Takes an order from one of `states` to what `step` makes of it. Raises `OrderStateConflict`."""
        key = order_key(audit.household_id, order_id)

        def move(found: Mapping[Key, Item]) -> tuple[list[Change], Order]:
            item = found.get(key)
            if item is None:
                raise OrderStateConflict(order_id=order_id, state="unknown")
            before = read_order(item)
            if before.state not in states:
                raise OrderStateConflict(order_id=order_id, state=before.state.value)
            after, changes = step(before)
            return [*_order_changes(found, before, after), *changes], after

        return self.write_with_audit((key, recent_key(audit.household_id)), move, audit, record)

    def _begin_in(self, currency: str, ledger: Item | None) -> list[Change]:
        """A ledger is kept in the currency of its first reservation."""
        known = ledger["currency"] if ledger else self._currency
        if known and known != currency:
            raise CurrencyMismatch(f"this ledger is kept in {known}", ours=known, theirs=currency)
        return [] if known else [put(LEDGER, {"currency": currency}, "attribute_not_exists(pk)")]

    def _check_orders(self, recent: Item | None, basis: Basis, order: Order) -> None:
        """Raises `VersionConflict` where the household's newest orders are not those that the guard saw. `RECENT` is written on the
        condition that it is what is looked at here.
        """
        newest = () if recent is None else read_recent(recent)
        used = next((each.order_id for each in newest if each.consent_id == order.consent_id), None)
        if used is not None:
            raise _ReservedAlready if used == order.order_id else ConsentUsed(order_id=used)
        if basis.orders is None:
            return
        ids, whole = tuple(each.order_id for each in newest), recent is None or bool(recent["whole"])
        if basis.orders[: len(ids)] != ids or (whole and len(basis.orders) != len(ids)):
            self._table.begin_anew()
            raise VersionConflict("the household has ordered since the guard looked")

    def _waiting(self, queued: Sequence[Item]) -> tuple[Order, ...]:
        keys = [order_key(item["household_id"], item["order_id"]) for item in queued]
        found = self._table.get_many(keys)
        return read_undamaged((found[key] for key in keys if key in found), read_order, itemgetter("sk"))

    def _entry(self, item: Item) -> AuditEntry:
        home, sealed = HouseholdId(item["household_id"]), item.get("personal", b"")
        personal: Mapping[str, Any] | None = {}
        if sealed:
            opened = self._keys.decrypt_for(home, sealed)
            personal = None if opened is None else read_json(opened.decode())
        order_id = item.get("order_id")
        return AuditEntry(
            home,
            item["number"],
            item["kind"],
            read_time(item["at"]),
            OrderId(order_id) if order_id is not None else None,
            read_json(item["facts"]),
            personal,
            item["seal"],
            sealed,
        )


# --- orders and the queues they wait in -----------------------------------------------------------------------------------


def _order_changes(found: Mapping[Key, Item], before: Order | None, after: Order) -> list[Change]:
    """The order itself, its place among the household's newest, and in the queue that it waits in."""
    home = after.household_id
    key, of_recent = order_key(home, after.order_id), recent_key(home)
    recent = found.get(of_recent)
    changes = [
        put_version(key, write_order(after), found[key]["version"] if before else 0),
        put_version(of_recent, write_recent(recent, after), recent["version"] if recent else 0),
    ]
    left, entered = _queue_of(before), _queue_of(after)
    if left != entered:
        if left is not None:
            changes.append(delete(left))
        if entered is not None:
            changes.append(put(entered, {"household_id": home, "order_id": after.order_id, "asks": after.asks}))
    return changes


def _queue_of(order: Order | None) -> Key | None:
    """Under the time at which its provider is asked next."""
    if order is None:
        return None
    if order.state is OrderState.RESERVED:
        unknown = int(order.payment_state == "unknown")
        return RESERVED, f"{unknown}#{write_time(order.ask_at or order.reserve_deadline)}#{order.order_id}"
    open_refund = order.payment_state not in ("refunded", "refund_declined")
    if order.state is OrderState.CANCELLED and open_refund and order.closed_at is not None:
        return UNREFUNDED, f"{write_time(order.ask_at or order.closed_at)}#{order.order_id}"
    return None


def event_changes(order: Order, number: int, kind: str, now: datetime) -> list[Change]:
    """Queues an event of the order. `number` is 1 for the order's first, and so on."""
    at, name = write_time(now), f"{order.order_id}#{number:04}"
    event = {
        "order_id": order.order_id,
        "household_id": order.household_id,
        "number": number,
        "kind": kind,
        "at": at,
        "state": "pending",
        "attempts": 0,
        "last_error": "",
        "next_at": at,
    }
    return [put((EVENTS, name), event, "attribute_not_exists(pk)"), put((UNDELIVERED, f"{at}#{name}"), {"event": name})]


# --- consents, windows and stock ----------------------------------------------------------------------------------------


class _ReservedAlready(Exception):
    """This very order is there: an answer was lost on its way back. Never leaves the ledger."""


def _use_consent(order: Order) -> Change:
    def failed(found: Item | None) -> Exception | None:
        if found is None:
            return None
        if found["order_id"] == order.order_id:
            return _ReservedAlready()
        return ConsentUsed(order_id=found["order_id"])

    item = {"order_id": order.order_id, "household_id": order.household_id}
    return put(consent_key(order.consent_id), item, "attribute_not_exists(pk)", None, failed)


def _check_layer(layer: tuple[str, str, int]) -> Change:
    """The layer of limits is the one that the guard saw."""
    level, subject, version = layer
    failed = conflict("the limits were changed since the guard looked at them", version=version)
    if version:
        return check(policy_key(level, subject), "#version = :version_seen", {"version_seen": version}, failed)
    return check(policy_key(level, subject), "attribute_not_exists(pk)", None, failed)


def _approve(found: Mapping[Key, Item], click: Click, order: Order) -> list[Change]:
    """The approval is approved with the order that it makes. One that an order was made of is a consent that was used."""
    key, _ = approval_keys(order.household_id, click.approval_id)
    used = (found.get(key) or {}).get("order_id")
    if used is not None:
        raise _ReservedAlready if used == order.order_id else ConsentUsed(order_id=used)
    changes, _ = decide_approval(
        found,
        order.household_id,
        click.approval_id,
        ApprovalState.APPROVED,
        click.by,
        order.reserved_at,
        order.order_id,
    )
    return changes


def _add_to_window(order: Order, cap: WindowCheck | None, charge: WindowCharge) -> Change:
    """Adds to a window, new or not, on the condition that no cap is passed."""
    amount = order.total.amount
    amount_max, orders_max = (cap.amount_max, cap.orders_max) if cap else (None, None)
    conditions, values = [], {"amount": amount, "one": 1, "zero": 0}
    if amount_max is not None:
        conditions.append("#amount_minor <= :room")
        values["room"] = amount_max - amount
    if orders_max is not None:
        conditions.append("#orders < :orders_max")
        values["orders_max"] = orders_max
    when = " AND ".join(conditions)
    if when and (amount_max is None or amount <= amount_max) and (orders_max is None or orders_max > 0):
        when = f"attribute_not_exists(pk) OR ({when})"

    def failed(found: Item | None) -> Exception | None:
        held = _spent(found)
        if amount_max is not None and held.amount + amount > amount_max:
            return SpendCapExceeded(
                scope=charge.scope, window=charge.window, cap_minor=amount_max, attempted_minor=held.amount + amount
            )
        return OrderCountExceeded(scope=charge.scope, window=charge.window, count_max=orders_max)

    how = (
        "SET #scope = :scope, #window = :window, #key = :key, "
        "#amount_minor = if_not_exists(#amount_minor, :zero) + :amount, #orders = if_not_exists(#orders, :zero) + :one"
    )
    named = {"scope": charge.scope, "window": charge.window, "key": charge.key}
    return update(window_key(order.household_id, charge), how, {**values, **named}, when, failed)


def _give_back_to_windows(order: Order, orders: int) -> list[Change]:
    how = "SET #amount_minor = #amount_minor - :amount, #orders = #orders - :orders"
    values = {"amount": order.total.amount, "orders": orders}
    return [update(window_key(order.household_id, charge), how, values) for charge in dict.fromkeys(order.charges)]


def _spent(item: Item | None) -> Spent:
    return Spent() if item is None else Spent(item["amount_minor"], item["orders"])


def _pieces_of(order: Order) -> dict[Sku, int]:
    pieces: dict[Sku, int] = {}
    for line in order.lines:
        pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
    return pieces


def _take_stock(order: Order) -> list[Change]:
    """Takes the goods, on the condition that they are there at the quoted price."""
    prices: dict[Sku, int] = {}
    for line in order.lines:
        if prices.setdefault(line.sku, line.unit_price.amount) != line.unit_price.amount:
            raise PriceChanged(sku=line.sku)  # one of the two is not the shelf's
    return [_take(sku, pieces, prices[sku]) for sku, pieces in _pieces_of(order).items()]


def _take(sku: Sku, pieces: int, price_minor: int) -> Change:
    def failed(found: Item | None) -> Exception | None:
        if found is None or not found["listed"]:
            return OutOfStock(sku=sku, available=0)
        if found["price_minor"] != price_minor:
            return PriceChanged(sku=sku)
        return OutOfStock(sku=sku, available=max(found["available"], 0))

    return update(
        shelf_key(sku),
        "SET #available = #available - :pieces, #reserved = #reserved + :pieces",
        {"pieces": pieces, "price": price_minor, "one": 1},
        "#listed = :one AND #price_minor = :price AND #available >= :pieces",
        failed,
    )


def _noting(remembered: dict[str, Item], name: str) -> Failed:
    def failed(found: Item | None) -> Exception | None:
        if found is not None:
            remembered[name] = found
        return None

    return failed


def _hand_over(sku: Sku, pieces: int, short: dict[str, Item]) -> Change:
    """Takes what was reserved off the shelf. An import may have counted the shelf after the goods were taken, so that less is
    on hand than was reserved: then nothing is left on hand. `short` remembers the shelves on which that was found.
    """
    key, found = shelf_key(sku), short.get(sku)
    if found is None or found["on_hand"] >= pieces:
        how = "SET #on_hand = #on_hand - :pieces, #reserved = #reserved - :pieces"
        return update(key, how, {"pieces": pieces}, "#on_hand >= :pieces", _noting(short, sku))
    reserved = found["reserved"] - pieces
    return update(
        key,
        "SET #on_hand = :none, #reserved = :reserved, #available = :available",
        {
            "none": 0,
            "reserved": reserved,
            "available": -reserved,
            "held": found["on_hand"],
            "before": found["reserved"],
        },
        "#on_hand = :held AND #reserved = :before",
        _noting(short, sku),
    )


def _return(sku: Sku, pieces: int, gone: set[str]) -> Change:
    """Puts goods back on the shelf. What has left the feed meanwhile has no shelf any more: `gone` remembers it."""

    def failed(found: Item | None) -> Exception | None:
        gone.add(sku)
        return None

    how = "SET #on_hand = #on_hand + :pieces, #available = #available + :pieces"
    return update(shelf_key(sku), how, {"pieces": pieces, "one": 1}, "#listed = :one", failed)
