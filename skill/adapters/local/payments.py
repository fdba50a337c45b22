"""A payment provider to try things with: no money moves. It can do whatever a real one may, failing and falling silent too."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from skill.adapters.sqlite.database import Database
from skill.ports import PaymentResult, PaymentState
from skill.shop.money import Money
from skill.shop.orders import OrderId

_FIND = "SELECT state, reference FROM demo_payments WHERE order_id = ?"
_CHARGE = """
INSERT INTO demo_payments (order_id, amount_minor, currency, state, reference) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_REFUND = "UPDATE demo_payments SET refunded = 1 WHERE order_id = ? AND state = 'approved'"
_SETTLE = "UPDATE demo_payments SET state = ? WHERE order_id = ? AND state = 'unknown'"


class DemoOutcome(StrEnum):
    """What the next charge meets with."""

    APPROVE = "approve"
    DECLINE = "decline"
    REQUIRE_ACTION = "require_action"  # the bank wants the cardholder
    STAY_UNKNOWN = "stay_unknown"  # the provider has it and cannot tell yet: `settle` decides it
    TIME_OUT = "time_out"  # the request never arrived; nothing is charged
    LOSE_ANSWER = "lose_answer"  # charged, but nobody hears of it


_STATES = {
    DemoOutcome.APPROVE: PaymentState.APPROVED,
    DemoOutcome.DECLINE: PaymentState.DECLINED,
    DemoOutcome.REQUIRE_ACTION: PaymentState.ACTION_REQUIRED,
    DemoOutcome.STAY_UNKNOWN: PaymentState.UNKNOWN,
    DemoOutcome.LOSE_ANSWER: PaymentState.APPROVED,
}


class DemoPayments:
    """`outcomes` are for the charges to come, one each, in order; after them every charge is approved.

    What it remembers is in the database, as if it were the provider's own, so that `look_up` knows after a crash.
    """

    def __init__(self, database: Database, outcomes: Iterable[DemoOutcome] = ()) -> None:
        self._database = database
        self._outcomes = deque(outcomes)

    def expect(self, *outcomes: DemoOutcome) -> None:
        """Appends to the outcomes of the charges to come."""
        self._outcomes.extend(outcomes)

    def charge(self, order_id: OrderId, amount: Money) -> PaymentResult:
        """The same order is charged once: asking again tells what became of it."""
        known = self.look_up(order_id)
        if known is not None:
            return known
        try:
            outcome = self._outcomes.popleft()
        except IndexError:
            outcome = DemoOutcome.APPROVE
        if outcome is DemoOutcome.TIME_OUT:
            return PaymentResult(PaymentState.UNKNOWN)
        charge = (order_id, amount.amount, amount.currency, _STATES[outcome].value, f"demo-{order_id}")

        def remember(connection: sqlite3.Connection) -> PaymentResult:
            connection.execute(_CHARGE, charge)
            return _result(connection.execute(_FIND, (order_id,)).fetchone())

        result = self._database.write(remember)
        return PaymentResult(PaymentState.UNKNOWN) if outcome is DemoOutcome.LOSE_ANSWER else result

    def look_up(self, order_id: OrderId) -> PaymentResult | None:
        row = self._database.read(lambda connection: connection.execute(_FIND, (order_id,)).fetchone())
        return None if row is None else _result(row)

    def close(self, order_id: OrderId) -> PaymentResult:
        """What became of the charge; one that was never asked for is declined from now on, whoever asks late."""
        nothing = (order_id, 0, "", PaymentState.DECLINED.value, "")

        def decline(connection: sqlite3.Connection) -> PaymentResult:
            connection.execute(_CHARGE, nothing)
            return _result(connection.execute(_FIND, (order_id,)).fetchone())

        return self._database.write(decline)

    def refund(self, order_id: OrderId, amount: Money) -> PaymentResult:
        """Approved where the whole charge has been given back, now or before; declined where there was none."""
        if self._database.write(lambda connection: connection.execute(_REFUND, (order_id,)).rowcount):
            return PaymentResult(PaymentState.APPROVED, f"demo-{order_id}-refund")
        return PaymentResult(PaymentState.DECLINED)

    def settle(self, order_id: OrderId, state: PaymentState) -> None:
        """The provider makes up its mind about a charge that stayed unknown."""
        self._database.write(lambda connection: connection.execute(_SETTLE, (state.value, order_id)).rowcount)


def _result(row: tuple[str, str]) -> PaymentResult:
    state, reference = PaymentState(row[0]), row[1]
    return PaymentResult(state, reference if state is PaymentState.APPROVED else "")
