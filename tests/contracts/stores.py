"""Every adapter's stores for the contract tests, and makers of what goes into them. An adapter joins by a line in STORES."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from skill.adapters.local.anchors import FileAnchors
from skill.adapters.local.keys import FileKeys
from skill.adapters.sqlite.accounts import SqliteAccounts
from skill.adapters.sqlite.approvals import SqliteApprovals
from skill.adapters.sqlite.bursts import SqliteBursts
from skill.adapters.sqlite.carts import SqliteCarts
from skill.adapters.sqlite.conversations import SqliteConversations
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.figures import SqliteFigures
from skill.adapters.sqlite.households import SqliteHouseholds
from skill.adapters.sqlite.inventory import SqliteInventory
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.adapters.sqlite.notices import SqliteNotices
from skill.adapters.sqlite.orders import SqliteOrders
from skill.adapters.sqlite.outbox import SqliteOutbox
from skill.adapters.sqlite.pairings import SqlitePairings
from skill.adapters.sqlite.policies import SqlitePolicies
from skill.adapters.sqlite.sign_ins import SqliteSignIns
from skill.guard.consent import Consent
from skill.guard.decision import Proofs
from skill.guard.policy import Layer, household_of
from skill.ports import (
    Accounts,
    Approvals,
    AuditDraft,
    Basis,
    Bursts,
    Carts,
    Click,
    Conversations,
    Figures,
    Households,
    Inventory,
    Keys,
    Ledger,
    Notices,
    Orders,
    Outbox,
    Pairings,
    Policies,
    RequestKey,
    Reservation,
    SignIns,
    TurnRecord,
    WindowCheck,
)
from skill.shop.cart import Cart
from skill.shop.catalogue import Product, Sku
from skill.shop.households import Household, HouseholdId, store_chain
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState, WindowCharge
from skill.shop.quote import Quote, QuoteLine

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOME = HouseholdId("home")
#: Where it is five hours earlier than in UTC in November: what happens at three in the morning UTC is yesterday's.
STORE_ZONE = "America/New_York"
DAY = WindowCharge("household", "day", "2026-11-21")
EVER = WindowCharge("household", "ever", "ever")


class SetClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def now_utc(self) -> datetime:
        return self.now

    def pass_time(self, **units: float) -> datetime:
        self.now += timedelta(**units)
        return self.now


@dataclass
class Stores:
    """All the ports of one adapter over one empty store, and what tests need to fill it."""

    approvals: Approvals
    bursts: Bursts
    carts: Carts
    conversations: Conversations
    households: Households
    inventory: Inventory
    ledger: Ledger
    notices: Notices
    orders: Orders
    outbox: Outbox
    policies: Policies
    keys: Keys
    clock: SetClock
    database: Database  # of the payment provider for demonstrations, whatever the adapter
    reopen: Callable[[], Stores]
    close: Callable[[], None]
    pairings: Pairings | None = None
    accounts: Accounts | None = None
    figures: Figures | None = None
    catch_up: Callable[[], None] = lambda: None  # has the figures count whatever is new
    sign_ins: SignIns | None = None
    texts: Callable[[], str] = str  # everything that is kept, but for what is encrypted, as one text
    damage: Callable[[Order], None] = lambda order: None  # makes the order's record one that cannot be read

    def stock(self, **stock: int) -> None:
        """`stock(milk=3)`: everything costs 10.00."""
        self.inventory.restock(product(sku, stock=pieces) for sku, pieces in stock.items())

    def reserve(self, **how: Any) -> Order:
        made = reservation(**how)
        self.ledger.reserve(made)
        return made.order

    def commit(self, order: Order, **how: Any) -> Order:
        now = how.pop("now", self.clock.now)
        return self.ledger.commit(order.order_id, "pay-1", now, draft("committed", order, now), **how)

    def void(self, order: Order, **how: Any) -> Order:
        now = how.pop("now", self.clock.now)
        return self.ledger.void(order.order_id, "declined", now, draft("voided", order, now), **how)

    def cancel(self, order: Order, **how: Any) -> Order:
        now = how.pop("now", self.clock.now)
        return self.ledger.cancel(order.order_id, now, draft("cancelled", order, now), **how)

    def ship(self, order: Order, **how: Any) -> Order:
        now = how.pop("now", self.clock.now)
        return self.ledger.ship(order.order_id, now, draft("shipped", order, now), **how)

    def set_code(self, code: str | None, household_id: HouseholdId = HOME) -> None:
        kind = "code_removed" if code is None else "code_set"
        self.households.set_code(household_id, code, draft(kind, household_id=household_id))

    def set_layer(self, layer: Layer, who: str = "kim", why: str = "because") -> Layer:
        home = HouseholdId(household_of(layer.subject)) if layer.level != "store" else store_chain(layer.subject)
        return self.policies.set_layer(layer, who, why, NOON, draft("policy_changed", household_id=home))

    def move(self, time_zone: str, effective_at: datetime, household_id: HouseholdId = HOME) -> None:
        self.households.move(household_id, time_zone, effective_at, draft("zone_moved", household_id=household_id))

    def stay(self, household_id: HouseholdId = HOME) -> None:
        self.households.stay(household_id, draft("zone_moved", household_id=household_id))

    def available(self, sku: str) -> int:
        return self.inventory.items([Sku(sku)])[Sku(sku)].available

    def spent(self, charge: WindowCharge = DAY, household_id: HouseholdId = HOME) -> tuple[int, int]:
        held = self.ledger.spent(household_id, [charge])[charge]
        return held.amount, held.orders


def open_sqlite(directory: Path, clock: SetClock) -> Stores:
    database = Database(directory / "sayso.db")
    keys = FileKeys(directory / "keys")
    ledger = SqliteLedger(database, keys, FileAnchors(directory / "keys" / "anchors"))

    def damage(order: Order) -> None:
        statement = "UPDATE orders SET lines = '{broken' WHERE order_id = ?"
        database.write(lambda connection: connection.execute(statement, (order.order_id,)).rowcount)

    figures = SqliteFigures(database, STORE_ZONE)
    return Stores(
        approvals=SqliteApprovals(database, ledger),
        bursts=SqliteBursts(database),
        carts=SqliteCarts(database),
        conversations=SqliteConversations(database),
        households=SqliteHouseholds(database, keys, clock, ledger),
        pairings=SqlitePairings(database, keys),
        accounts=SqliteAccounts(database),
        sign_ins=SqliteSignIns(database),
        inventory=SqliteInventory(database, "USD"),
        ledger=ledger,
        notices=SqliteNotices(database),
        orders=SqliteOrders(database),
        outbox=SqliteOutbox(database),
        damage=damage,
        policies=SqlitePolicies(database, ledger),
        keys=keys,
        clock=clock,
        database=database,
        figures=figures,
        catch_up=lambda: catch_up_by_folding(figures),
        texts=lambda: database.read(texts_of),
        reopen=lambda: open_sqlite(directory, clock),
        close=database.close,
    )


def open_dynamodb(directory: Path, clock: SetClock) -> Stores:
    from tests.contracts import dynamodb_local

    dynamodb_local.create_table(dynamodb_local.shared_client(), dynamodb_local.table_name(directory))
    client = dynamodb_local.make_quick_client(dynamodb_local.endpoint())
    opened = over_dynamodb(client, directory, clock)
    close = opened.close

    def close_both() -> None:
        close()
        client.close()

    opened.close = close_both
    return opened


def over_dynamodb(client: Any, directory: Path, clock: SetClock) -> Stores:
    from skill.adapters.aws.accounts import DynamoAccounts
    from skill.adapters.aws.approvals import DynamoApprovals
    from skill.adapters.aws.bursts import DynamoBursts
    from skill.adapters.aws.carts import DynamoCarts
    from skill.adapters.aws.conversations import DynamoConversations
    from skill.adapters.aws.figures import DynamoFigures
    from skill.adapters.aws.households import DynamoHouseholds
    from skill.adapters.aws.inventory import DynamoInventory
    from skill.adapters.aws.keys import TableKeys
    from skill.adapters.aws.layout import order_key
    from skill.adapters.aws.ledger import DynamoLedger
    from skill.adapters.aws.notices import DynamoNotices
    from skill.adapters.aws.orders import DynamoOrders
    from skill.adapters.aws.outbox import DynamoOutbox
    from skill.adapters.aws.pairings import DynamoPairings
    from skill.adapters.aws.policies import DynamoPolicies
    from skill.adapters.aws.sign_ins import DynamoSignIns
    from skill.adapters.aws.table import Table, update
    from tests.contracts import dynamodb_local

    table = Table(client, dynamodb_local.table_name(directory), deadline_s=30)  # of a machine that does much else
    keys = TableKeys(table, "0123456789abcdef" * 4)
    ledger = DynamoLedger(table, keys, FileAnchors(directory / "anchors"))
    database = Database(directory / "payments.db")
    figures = DynamoFigures(table, STORE_ZONE)

    def damage(order: Order) -> None:
        key = order_key(order.household_id, order.order_id)
        table.write([update(key, "SET #body = :body", {"body": "{broken"})])

    return Stores(
        approvals=DynamoApprovals(table, ledger),
        bursts=DynamoBursts(table),
        carts=DynamoCarts(table),
        conversations=DynamoConversations(table),
        households=DynamoHouseholds(table, keys, clock, ledger),
        pairings=DynamoPairings(table, keys),
        accounts=DynamoAccounts(table),
        sign_ins=DynamoSignIns(table),
        inventory=DynamoInventory(table, "USD"),
        ledger=ledger,
        notices=DynamoNotices(table),
        orders=DynamoOrders(table),
        outbox=DynamoOutbox(table),
        damage=damage,
        policies=DynamoPolicies(table, ledger),
        keys=keys,
        clock=clock,
        database=database,
        figures=figures,
        catch_up=lambda: figures.take(dynamodb_local.items_of(client, table.name)),
        texts=lambda: "\n".join(map(str, dynamodb_local.items_of(client, table.name))),
        reopen=lambda: over_dynamodb(client, directory, clock),
        close=database.close,
    )


def catch_up_by_folding(figures: Figures) -> None:
    while figures.fold(100):
        pass


def texts_of(connection: sqlite3.Connection) -> str:
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return "\n".join(str(row) for (name,) in tables for row in connection.execute(f"SELECT * FROM {name}"))


STORES = {"sqlite": open_sqlite, "dynamodb": open_dynamodb}


# --- makers -----------------------------------------------------------------------------------------------------------

_numbers = count(1)

#: The basis of a decision that nobody looks at again.
UNCONDITIONED = Basis()


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def product(sku: str, *, stock: int = 10, minor: int = 1000, currency: str = "USD") -> Product:
    return Product(Sku(sku), sku.title(), Money(minor, currency), stock=stock)


def household(household_id: str = HOME, **fields: Any) -> Household:
    whole = Household(
        HouseholdId(household_id), "The Does", "America/New_York", "1 Main St", NOON, email="doe@example.com"
    )
    return replace(whole, **fields)


def request_key(request_id: str | None = None, body_hash: str = "body", platform: str = "alexa") -> RequestKey:
    return RequestKey(platform, request_id or f"request-{next(_numbers)}-{os.getpid()}", body_hash)


def record(
    version: int = 0,
    *,
    request: RequestKey | None = None,
    cart: Cart | None = None,
    owner: str = HOME,
    session: str = "session",
    now: datetime = NOON,
    state: str = '{"state":1}',
    **noted: Any,
) -> TurnRecord:
    return TurnRecord(
        owner, session, request or request_key(), state, version, '{"speech":"hello"}', cart, now, **noted
    )


def draft(kind: str, order: Order | None = None, at: datetime = NOON, **fields: Any) -> AuditDraft:
    whole = AuditDraft(
        order.household_id if order else HOME, kind, at, order.order_id if order else None, {"why": kind}
    )
    return replace(whole, **fields)


def reservation(
    lines: dict[str, int] | None = None,
    *,
    minor: int = 1000,
    amount_max: int | None = None,
    orders_max: int | None = None,
    charges: tuple[WindowCharge, ...] = (DAY, EVER),
    capped: WindowCharge = DAY,
    household_id: str = HOME,
    consent_id: str | None = None,
    now: datetime = NOON,
    reservation_ttl_s: int = 900,
    undo_window_s: int = 1800,
    currency: str = "USD",
    personal: dict[str, Any] | None = None,
    basis: Basis = UNCONDITIONED,
    click: Click | None = None,
    cart: Cart | None = None,
) -> Reservation:
    """An order of `lines` (SKU → pieces) at `minor` each, with a cap on the window `capped`."""
    number = f"{next(_numbers):06}-{os.getpid()}"
    nonce = consent_id or f"consent-{number}"
    zero = Money(0, currency)
    spoken = tuple(
        QuoteLine(Sku(sku), sku.title(), "1 l", pieces, Money(minor, currency))
        for sku, pieces in sorted((lines or {"milk": 1}).items())
    )
    quote = Quote(
        household_id=HouseholdId(household_id), store="corner", seller="Corner Store", platform="alexa", device="kitchen",
        session="session", person=None, lines=spoken, delivery=zero, tax=zero, discount=zero, address="1 Main St",
        policy_version="s1.h1", quoted_at=now, expires_at=now + timedelta(seconds=120), nonce=nonce,
    )  # fmt: skip
    order = Order(
        order_id=OrderId(f"{now:%Y%m%d-%H%M%S}-{number}"), household_id=quote.household_id, store="corner",
        seller="Corner Store", state=OrderState.RESERVED, lines=spoken, delivery=zero, tax=zero, discount=zero,
        total=quote.total, address="1 Main St", platform="alexa", consent_id=nonce, reserved_at=now,
        reserve_deadline=now + timedelta(seconds=reservation_ttl_s), undo_window_s=undo_window_s, charges=charges,
    )  # fmt: skip
    checks = tuple(
        WindowCheck(each, amount_max if each == capped else None, orders_max if each == capped else None)
        for each in charges
    )
    entry = AuditDraft(
        quote.household_id, "reserved", now, order.order_id, {"total": order.total.amount}, personal or {}
    )
    return Reservation(
        Consent(nonce, quote, "seal", Proofs(code=True)), order, checks, request_key(), entry, basis, click, cart
    )


def at_once(number: int, function: Callable[[int], Any]) -> list[Any]:
    """What `function` returns or raises in each of so many threads that start together."""
    results: list[Any] = [None] * number
    gate = threading.Barrier(number)

    def run(position: int) -> None:
        gate.wait(timeout=30)
        try:
            results[position] = function(position)
        except Exception as error:  # noqa: BLE001
            results[position] = error

    threads = [threading.Thread(target=run, args=(position,)) for position in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
