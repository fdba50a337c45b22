"""The demonstration's payment provider with its memory in DynamoDB, where functions share it. Every charge is approved; no money
moves.
"""

from __future__ import annotations

from skill.adapters.aws.layout import payment_key
from skill.adapters.aws.table import Table, put, update
from skill.ports import PaymentResult, PaymentState
from skill.shop.money import Money
from skill.shop.orders import OrderId


class DynamoDemoPayments:
    """What it remembers stands for a provider's own database, so that `look_up` knows after a crash."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def charge(self, order_id: OrderId, amount: Money) -> PaymentResult:
        """The same order is charged once: asking again tells what became of it."""
        return self._put_or_find(order_id, PaymentState.APPROVED, amount.amount, amount.currency)

    def look_up(self, order_id: OrderId) -> PaymentResult | None:
        item = self._table.get(payment_key(order_id), fresh=True)
        return None if item is None else _result(order_id, PaymentState(item["state"]))

    def close(self, order_id: OrderId) -> PaymentResult:
        """What became of the charge; one that was never asked for is declined from now on, whoever asks late."""
        return self._put_or_find(order_id, PaymentState.DECLINED, 0, "")

    def refund(self, order_id: OrderId, amount: Money) -> PaymentResult:
        """Approved where the whole charge has been given back, now or before; declined where there was none."""
        known = self.look_up(order_id)
        if known is None or known.state is not PaymentState.APPROVED:
            return PaymentResult(PaymentState.DECLINED)
        self._table.write([update(payment_key(order_id), "SET #refunded = :one", {"one": 1})])
        return PaymentResult(PaymentState.APPROVED, f"demo-{order_id}-refund")

    def _put_or_find(self, order_id: OrderId, state: PaymentState, minor: int, currency: str) -> PaymentResult:
        def remember(fresh: bool) -> PaymentResult:
            known = self.look_up(order_id) if fresh else None
            if known is None:
                item = {"state": state.value, "amount_minor": minor, "currency": currency, "refunded": 0}
                self._table.write([put(payment_key(order_id), item, "attribute_not_exists(pk)")])
                known = _result(order_id, state)
            return known

        return self._table.again(remember)


def _result(order_id: OrderId, state: PaymentState) -> PaymentResult:
    return PaymentResult(state, f"demo-{order_id}" if state is PaymentState.APPROVED else "")
