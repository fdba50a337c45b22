"""What is bought is bought once: devices that share a cart, requests that come again, processes that die after the charge."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.ordering.sweeping import sweep
from skill.ordering.telling import tell_household
from skill.ordering.undoing import refund_order
from skill.ports import PaymentResult, PaymentState
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.orders import OrderId, OrderState
from skill.simulator.talk import Talk
from tests.attacks.conftest import BANANAS, Shop


class Killed(BaseException):
    """The process ends here: nothing catches it, and nothing after it runs."""


def heard(talk: Talk) -> str:
    assert talk.last is not None
    return talk.last.heard.speech


def in_cart(shop: Shop, home: str) -> dict[str, int]:
    return {line.sku: line.quantity for line in shop.app.ports.carts.load(home).lines}


def notices(shop: Shop) -> list[str]:
    """What the household has been told, once the next round has handed on what waits."""
    for each in shop.app.ports.notices.due(shop.clock.now, 100):
        tell_household(shop.app.ports, each, shop.clock.now)
    kept = shop.app.settings.data_dir / "notices.jsonl"
    return [json.loads(line)["kind"] for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []


def while_charging(shop: Shop, meanwhile: Callable[[], object]) -> None:
    """Runs `meanwhile` once, when the next charge is on its way to the bank."""
    payments = shop.app.ports.payments
    assert isinstance(payments, DemoPayments)
    charge = payments.charge

    def between(*asked: Any) -> Any:
        payments.charge = charge  # type: ignore[method-assign]
        meanwhile()
        return charge(*asked)

    payments.charge = between  # type: ignore[method-assign]


def ordered_while_milk_is_added(shop: Shop, platform: str) -> tuple[Talk, Talk]:
    """The kitchen orders bananas; while the bank is asked, the bedroom adds milk to the same cart."""
    kitchen, bedroom = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="bedroom")
    bedroom.say("find milk")
    while_charging(shop, lambda: bedroom.say("add the first one"))
    kitchen.say("4271")
    return kitchen, bedroom


def killed_at_the_charge(shop: Shop, talk: Talk, *, charged: bool) -> None:
    """The right code, and the process dies with the money reserved: before the bank was asked, or after it said yes."""
    payments = shop.app.ports.payments
    assert isinstance(payments, DemoPayments)
    charge = payments.charge

    def die(*asked: Any) -> Any:
        if charged:
            charge(*asked)
        raise Killed

    payments.charge = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        talk.say("4271")
    payments.charge = charge  # type: ignore[method-assign]
    assert [OrderState.RESERVED] == [order.state for order in shop.orders]


def test_what_another_device_adds_during_the_charge_stays_and_what_was_ordered_does_not(
    shop: Shop, platform: str
) -> None:
    home = shop.household()
    kitchen, bedroom = ordered_while_milk_is_added(shop, platform)

    assert "ordered" in heard(kitchen)
    assert BANANAS not in in_cart(shop, home)
    assert 1 == len(in_cart(shop, home))
    bedroom.say("check out")
    bedroom.say("4271")
    assert 2 == len(shop.charged())
    assert [BANANAS] == [line.sku for order in shop.orders for line in order.lines if line.sku == BANANAS]


def test_a_request_that_comes_again_after_the_order_empties_no_cart_and_sends_no_receipt(
    shop: Shop, platform: str
) -> None:
    home = shop.household()
    kitchen, _ = ordered_while_milk_is_added(shop, platform)
    said, cart = heard(kitchen), in_cart(shop, home)

    kitchen.redeliver()

    assert (said, cart) == (heard(kitchen), in_cart(shop, home))
    assert ["receipt"] == notices(shop)
    assert 1 == len(shop.orders)


def test_an_order_keeps_its_answer_where_the_session_said_something_else_meanwhile(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    envelope = talk.envelopes.intent("give_code", {"code": "4271"}, "4271")
    while_charging(shop, lambda: talk.say("help"))

    first = talk.door.send(envelope)
    again = talk.door.send(envelope)

    assert "ordered" in json.dumps(first)
    assert first == again
    assert ["receipt"] == notices(shop)


def test_the_same_code_twice_at_once_sends_one_receipt(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    envelope = talk.envelopes.intent("give_code", {"code": "4271"}, "4271")

    def later() -> None:
        shop.clock.advance(9)
        talk.door.send(envelope)

    while_charging(shop, later)
    talk.door.send(envelope)

    assert 1 == len(shop.charged())
    assert ["receipt"] == notices(shop)


@pytest.mark.parametrize("words", ["no", "cancel", "stop", "yes", "check out", "find milk", "where is my order"])
def test_killed_after_the_charge_the_next_words_tell_of_the_order(shop: Shop, platform: str, words: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    killed_at_the_charge(shop, talk, charged=True)

    shop.clock.advance(20)
    talk.say(words)

    assert "ordered, total $5.37" in heard(talk)
    assert [OrderState.COMMITTED] == [order.state for order in shop.orders]
    assert {} == in_cart(shop, home)
    assert ["receipt"] == notices(shop)


@pytest.mark.parametrize("words", ["no", "cancel", "stop"])
def test_killed_before_the_charge_a_no_is_a_no(shop: Shop, platform: str, words: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    killed_at_the_charge(shop, talk, charged=False)

    talk.say(words)

    assert "nothing was ordered" in heard(talk)
    assert [OrderState.VOIDED] == [order.state for order in shop.orders]
    assert {BANANAS: 2} == in_cart(shop, home)
    shop.clock.advance(1000)
    sweep(shop.app.ports, shop.clock.now)
    assert [] == shop.charged()


@pytest.mark.parametrize("after_s", [5, 300])
def test_killed_before_the_charge_a_wrong_code_charges_nothing(shop: Shop, platform: str, after_s: int) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    killed_at_the_charge(shop, talk, charged=False)
    shop.clock.advance(after_s)

    talk.say("7058")
    assert "not the right code" in heard(talk)
    assert [] == shop.charged()
    talk.say("no")

    assert "nothing was ordered" in heard(talk)
    assert {BANANAS: 2} == in_cart(shop, home)
    assert [] == shop.charged()


def test_killed_before_the_charge_the_code_again_orders_once(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    killed_at_the_charge(shop, talk, charged=False)
    shop.clock.advance(20)
    talk.say("4271")
    assert 1 == len(shop.charged())


def test_what_the_sweeper_commits_is_in_no_cart_and_is_asked_about_again(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    killed_at_the_charge(shop, talk, charged=True)

    shop.clock.advance(920)
    sweep(shop.app.ports, shop.clock.now)

    assert {} == in_cart(shop, home)
    assert ["receipt"] == notices(shop)
    assert "Again?" in heard(shop.quoted(platform))
    assert 1 == len(shop.charged())


def test_an_order_whose_payment_is_unknown_is_asked_about_again_however_old(shop: Shop, platform: str) -> None:
    shop.household()
    shop.expect_payment(DemoOutcome.STAY_UNKNOWN)
    shop.quoted(platform).say("4271")
    shop.clock.advance(7200)
    assert "Again?" in heard(shop.quoted(platform))


def test_what_was_not_paid_is_back_in_the_cart(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.expect_payment(DemoOutcome.DECLINE)
    talk = shop.quoted(platform)
    talk.say("4271")
    assert "declined" in heard(talk)
    assert {BANANAS: 2} == in_cart(shop, home)
    talk.say("check out")
    assert "code" in heard(talk)


def test_an_unknown_payment_that_is_declined_after_all_is_told(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.expect_payment(DemoOutcome.STAY_UNKNOWN)
    shop.quoted(platform).say("4271")
    assert {} == in_cart(shop, home)
    (order,), payments = shop.orders, shop.app.ports.payments
    assert isinstance(payments, DemoPayments)
    payments.settle(order.order_id, PaymentState.DECLINED)

    shop.clock.advance(920)
    sweep(shop.app.ports, shop.clock.now)

    assert ["payment_declined"] == notices(shop)
    assert "was not paid" in shop.talk(platform).say("where is my order").heard.speech
    assert {BANANAS: 2} == in_cart(shop, home)


def test_a_voided_order_of_a_household_that_is_gone_fills_no_cart(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.expect_payment(DemoOutcome.STAY_UNKNOWN)
    shop.quoted(platform).say("4271")
    (order,), payments = shop.orders, shop.app.ports.payments
    assert isinstance(payments, DemoPayments)
    shop.app.ports.households.forget(home)
    payments.settle(order.order_id, PaymentState.DECLINED)
    shop.clock.advance(920)
    sweep(shop.app.ports, shop.clock.now)
    assert [OrderState.VOIDED] == [each.state for each in shop.orders]
    assert {} == in_cart(shop, home)


def kinds_since(shop: Shop, home: str, number: int) -> list[str]:
    return [each.kind for each in shop.app.ports.ledger.audit(HouseholdId(home), 1000, after=number)]


def newest_number(shop: Shop, home: str) -> int:
    (entry,) = shop.app.ports.ledger.last_audit(HouseholdId(home), 1)
    return entry.number


def test_a_payment_without_an_answer_is_written_down_once(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.expect_payment(DemoOutcome.STAY_UNKNOWN)
    shop.quoted(platform).say("4271")
    before = newest_number(shop, home)
    shop.clock.advance(901)
    asked = 0
    for _ in range(20):
        asked += sweep(shop.app.ports, shop.clock.now).left_unknown
        shop.clock.advance(15)
    assert 3 == asked, "at once, after one minute, after two more"
    assert [] == kinds_since(shop, home, before)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (PaymentState.UNKNOWN, "refund_unknown", "as soon as the bank answers"),
        (PaymentState.DECLINED, "refund_declined", "the bank has not given the $5.37 back"),
    ],
)
def test_a_refund_that_is_not_made_is_told_and_written_down_once(
    shop: Shop, platform: str, answer: PaymentState, kind: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shop.household()
    shop.quoted(platform).say("4271")
    before = newest_number(shop, home)
    asked: list[object] = []

    def refund(_: object, order_id: object, amount: object) -> PaymentResult:
        asked.append(order_id)
        return PaymentResult(answer)

    with monkeypatch.context() as refusing:
        refusing.setattr(DemoPayments, "refund", refund)
        talk = shop.talk(platform)
        talk.say("cancel my last order")
        assert told in heard(talk)
        for _ in range(5):
            sweep(shop.app.ports, shop.clock.now)
            shop.clock.advance(30)
        assert ["cancelled", kind] == kinds_since(shop, home, before)
        assert (3 if answer is PaymentState.UNKNOWN else 1) == len(asked)
        assert kind == shop.orders[0].payment_state
    assert ["receipt", "cancelled"] == notices(shop)
    refund_order(shop.app.ports, shop.orders[0], shop.clock.now)
    assert "refunded" == shop.orders[0].payment_state


def test_a_refund_that_is_declined_later_is_told_to_the_household(
    shop: Shop, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.household()
    shop.quoted(platform).say("4271")
    answers = [PaymentState.UNKNOWN, PaymentState.DECLINED]
    with monkeypatch.context() as refusing:
        refusing.setattr(DemoPayments, "refund", lambda *_: PaymentResult(answers.pop(0)))
        shop.talk(platform).say("cancel my last order")
        sweep(shop.app.ports, shop.clock.now)
        sweep(shop.app.ports, shop.clock.now)
    assert ["receipt", "cancelled", "refund_declined"] == notices(shop)
    refund_order(shop.app.ports, shop.orders[0], shop.clock.now)


def test_cancelling_the_last_order_twice_offers_the_one_before_and_takes_it_back_on_a_yes(
    shop: Shop, platform: str
) -> None:
    shop.household(duplicate_window_s=0)
    shop.quoted(platform, quantity=1).say("4271")
    shop.clock.advance(60)
    talk = shop.quoted(platform, quantity=2)
    talk.say("4271")
    talk = shop.talk(platform)
    talk.say("cancel my last order")
    assert [(1, "committed"), (2, "cancelled")] == [(each.lines[0].quantity, each.state) for each in shop.orders]

    talk.say("cancel my last order")
    assert "already" in heard(talk)
    assert "the one before" in heard(talk)
    assert ["committed", "cancelled"] == [each.state for each in shop.orders]
    talk.say("no")
    assert ["committed", "cancelled"] == [each.state for each in shop.orders]
    talk.say("yes")
    assert ["committed", "cancelled"] == [each.state for each in shop.orders]
    talk.say("cancel my last order")
    talk.say("yes")
    assert "cancelled" in heard(talk)
    assert ["cancelled", "cancelled"] == [each.state for each in shop.orders]
    assert [] == shop.charged()


def test_the_one_before_that_was_offered_is_the_one_that_is_taken_back(shop: Shop, platform: str) -> None:
    shop.household(duplicate_window_s=0)
    for quantity in (1, 2):
        shop.quoted(platform, quantity=quantity).say("4271")
        shop.clock.advance(60)
    talk = shop.talk(platform, device="kitchen")
    talk.say("cancel my last order")
    talk.say("cancel my last order")
    shop.quoted(platform, quantity=3, device="bedroom").say("4271")
    talk.say("yes")
    assert [(1, "cancelled"), (2, "cancelled"), (3, "committed")] == [
        (each.lines[0].quantity, each.state) for each in shop.orders
    ]


def test_the_one_before_is_not_offered_when_its_window_is_over(shop: Shop, platform: str) -> None:
    shop.household(duplicate_window_s=0)
    for quantity in (1, 2):
        shop.quoted(platform, quantity=quantity).say("4271")
        shop.clock.advance(1000)
    talk = shop.talk(platform)
    talk.say("cancel my last order")
    shop.clock.advance(1)
    talk.say("cancel my last order")
    assert "cancelled, and $5.37 goes back" in heard(talk)
    assert ["committed", "cancelled"] == [each.state for each in shop.orders]


def test_an_answer_that_comes_late_takes_nothing_back_that_the_sweeper_has_heard(
    shop: Shop, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.household()
    talk, payments = shop.quoted(platform), shop.app.ports.payments
    charge = payments.charge

    def slow(order_id: OrderId, amount: Money) -> PaymentResult:
        """The charge is made; before this process gives up waiting for the answer, the sweeper has it."""
        charge(order_id, amount)
        shop.clock.advance(901)
        assert 1 == sweep(shop.app.ports, shop.clock.now).committed
        return PaymentResult(PaymentState.UNKNOWN)

    monkeypatch.setattr(payments, "charge", slow)
    talk.say("4271")

    (order,) = shop.orders
    assert (OrderState.COMMITTED, "approved") == (order.state, order.payment_state)
    assert "Done" in heard(talk)
    assert "payment_unknown" not in kinds_since(shop, order.household_id, 0)


def test_a_refund_that_is_made_stays_made_whatever_is_heard_late(
    shop: Shop, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.household()
    shop.quoted(platform).say("4271")
    payments = shop.app.ports.payments
    refund = payments.refund

    def slow(order_id: OrderId, amount: Money) -> PaymentResult:
        monkeypatch.setattr(payments, "refund", refund)
        shop.clock.advance(61)
        assert 1 == sweep(shop.app.ports, shop.clock.now).refunded
        return PaymentResult(PaymentState.UNKNOWN)

    monkeypatch.setattr(payments, "refund", slow)
    shop.talk(platform).say("cancel my last order")

    (order,) = shop.orders
    assert (OrderState.CANCELLED, "refunded") == (order.state, order.payment_state)
    kinds = kinds_since(shop, order.household_id, 0)
    assert (1, 0) == (kinds.count("refunded"), kinds.count("refund_unknown"))
