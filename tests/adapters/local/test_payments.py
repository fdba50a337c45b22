"""The payment provider for demonstrations: it can do whatever a real one may, and an order is charged once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.adapters.sqlite.database import Database
from skill.ports import PaymentResult, PaymentState
from skill.shop.orders import OrderId
from tests.contracts.stores import at_once, usd

ORDER = OrderId("o1")
APPROVED = PaymentResult(PaymentState.APPROVED, "demo-o1")
UNKNOWN = PaymentResult(PaymentState.UNKNOWN)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "sayso.db")
    yield opened
    opened.close()


def test_a_charge_is_approved_unless_told_otherwise(database: Database) -> None:
    assert APPROVED == DemoPayments(database).charge(ORDER, usd(100))


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (DemoOutcome.DECLINE, PaymentState.DECLINED),
        (DemoOutcome.REQUIRE_ACTION, PaymentState.ACTION_REQUIRED),
        (DemoOutcome.STAY_UNKNOWN, PaymentState.UNKNOWN),
    ],
)
def test_a_charge_can_be_declined_need_the_cardholder_or_stay_unknown(
    database: Database, outcome: DemoOutcome, state: PaymentState
) -> None:
    payments = DemoPayments(database, [outcome])

    assert PaymentResult(state) == payments.charge(ORDER, usd(100)) == payments.look_up(ORDER)
    assert PaymentState.DECLINED == payments.refund(ORDER, usd(100)).state


def test_a_charge_that_times_out_was_never_seen(database: Database) -> None:
    payments = DemoPayments(database, [DemoOutcome.TIME_OUT])

    assert UNKNOWN == payments.charge(ORDER, usd(100))
    assert None is payments.look_up(ORDER)
    assert APPROVED == payments.charge(ORDER, usd(100))


def test_an_answer_that_was_lost_is_found_by_looking_up(database: Database) -> None:
    payments = DemoPayments(database, [DemoOutcome.LOSE_ANSWER])

    assert UNKNOWN == payments.charge(ORDER, usd(100))
    assert APPROVED == payments.look_up(ORDER) == payments.charge(ORDER, usd(100))


def test_outcomes_are_for_one_charge_each(database: Database) -> None:
    payments = DemoPayments(database)
    payments.expect(DemoOutcome.DECLINE, DemoOutcome.APPROVE)

    states = [payments.charge(OrderId(f"o{n}"), usd(100)).state for n in range(3)]

    assert [PaymentState.DECLINED, PaymentState.APPROVED, PaymentState.APPROVED] == states


def test_an_order_is_charged_once_however_often_it_is_asked(database: Database) -> None:
    payments = DemoPayments(database, [DemoOutcome.DECLINE])

    states = {payments.charge(ORDER, usd(100)).state for _ in range(3)}

    assert {PaymentState.DECLINED} == states
    at_once(6, lambda _: payments.charge(OrderId("o2"), usd(100)))
    assert [("o1",), ("o2",)] == database.read(
        lambda connection: connection.execute("SELECT order_id FROM demo_payments ORDER BY order_id").fetchall()
    )


def test_a_charge_survives_the_process(tmp_path: Path) -> None:
    first = Database(tmp_path / "sayso.db")
    DemoPayments(first).charge(ORDER, usd(100))
    first.close()
    again = Database(tmp_path / "sayso.db")

    assert APPROVED == DemoPayments(again).look_up(ORDER)
    again.close()


def test_closing_an_unseen_charge_declines_whoever_comes_late(database: Database) -> None:
    payments = DemoPayments(database)

    assert PaymentState.DECLINED == payments.close(ORDER).state
    assert PaymentState.DECLINED == payments.charge(ORDER, usd(100)).state
    payments.charge(OrderId("o2"), usd(100))
    assert PaymentState.APPROVED == payments.close(OrderId("o2")).state


def test_a_refund_is_given_once_and_answered_every_time(database: Database) -> None:
    payments = DemoPayments(database)
    payments.charge(ORDER, usd(100))

    assert [PaymentState.APPROVED] * 2 == [payments.refund(ORDER, usd(100)).state for _ in range(2)]
    assert PaymentState.DECLINED == payments.refund(OrderId("unseen"), usd(100)).state


def test_an_unknown_charge_settles_once(database: Database) -> None:
    payments = DemoPayments(database, [DemoOutcome.STAY_UNKNOWN])
    payments.charge(ORDER, usd(100))

    payments.settle(ORDER, PaymentState.APPROVED)
    payments.settle(ORDER, PaymentState.DECLINED)

    assert APPROVED == payments.look_up(ORDER)
