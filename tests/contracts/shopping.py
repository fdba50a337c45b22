"""An order placed, paid, undone and refunded in a process that can be killed on the way: `python -m tests.contracts.shopping`.

Arguments: STORE DIR MOMENT. `after-N` kills the process, by SIGKILL, after its N-th write; `within-N` at its N-th commit, when
everything has been written and nothing committed (SQLite only); `never` lets it go on to its end.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from skill.adapters.local.payments import DemoPayments
from skill.adapters.sqlite import database
from skill.errors import ConsentUsed, OrderStateConflict, VersionConflict
from skill.ports import Payments
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from tests.contracts.stores import HOME, STORES, SetClock, Stores, draft, record, request_key, reservation

#: Writes of an order that is placed and undone: cart, reservation, charge, commit, cancellation, refund and its note.
WRITES = 7


def shop(stores: Stores, payments: Payments, written: Callable[[], None] = lambda: None) -> None:
    """The same however often it is begun again: every step is taken with the keys of the first time."""
    request = request_key("the-request")
    if stores.carts.load(HOME).version == 0:
        stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 2),)))
        written()
    left = Cart((), version=1)
    made = reservation(lines={"milk": 2}, amount_max=2000, consent_id="the-consent", cart=left)
    order = made.order
    try:
        stores.ledger.reserve(made)
        written()
    except ConsentUsed:
        known = stores.orders.of_consent("the-consent")
        assert known is not None
        order = known
    payments.charge(order.order_id, order.total)
    written()
    try:
        if stores.conversations.open(HOME, "session", request).answered is None:
            stores.commit(order, record=record(request=request))
            written()
    except (OrderStateConflict, VersionConflict):
        pass
    try:
        stores.cancel(order)
        written()
    except OrderStateConflict:
        pass
    payments.refund(order.order_id, order.total)
    written()
    now = stores.orders.get(order.order_id)
    if now is not None and now.payment_state != "refunded":
        stores.ledger.note_payment(order.order_id, "refunded", "", draft("refunded", order))
        written()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_within_commit(number: int) -> None:
    """Kills the process instead of its `number`-th COMMIT."""
    left = [number]

    class Dying(database._Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if statement == "COMMIT":
                left[0] -= 1
                if not left[0]:
                    die()
            return super().execute(statement, *values)  # type: ignore[arg-type]

    database._Connection = Dying  # type: ignore[misc]


def main(store: str, directory: str, moment: str) -> None:
    when, _, number = moment.partition("-")
    stores = STORES[store](Path(directory), SetClock())
    stores.stock(milk=10)
    stores.close()
    if when == "within":
        die_within_commit(int(number))
    stores = STORES[store](Path(directory), SetClock())
    left = [int(number or -1) if when == "after" else -1]

    def written() -> None:
        left[0] -= 1
        if not left[0]:
            die()

    shop(stores, DemoPayments(stores.database), written)


if __name__ == "__main__":
    main(*sys.argv[1:])
