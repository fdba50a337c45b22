"""What is bought is bought once: devices that share a cart, requests that come again, processes that die after the charge."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.ordering.sweeping import sweep
from skill.ports import PaymentState
from skill.shop.orders import OrderState
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
    kitchen, bedroom = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="bedroom")
    bedroom.say("find milk")
    while_charging(shop, lambda: bedroom.say("add the first one"))

    kitchen.say("4271")

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
    kitchen, bedroom = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="bedroom")
    bedroom.say("find milk")
    while_charging(shop, lambda: bedroom.say("add the first one"))
    kitchen.say("4271")
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
