"""GUARD.md's list of attacks and faults, each through a platform's adapter. After every test the books are checked (conftest)."""

from __future__ import annotations

import errno
import json
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.app import build_app
from skill.catalogues import import_catalogue, open_feed
from skill.errors import (
    AmountOutOfRange,
    ApprovalClosed,
    CurrencyMismatch,
    HouseholdInvalid,
    OrderStateConflict,
    PolicyInvalid,
    RequestRejected,
    StorageError,
)
from skill.guard.policy_file import read_assignments
from skill.households import move_household, set_purchase_code
from skill.ordering.approving import approval_token, approve, find_approval, refuse
from skill.ordering.sweeping import sweep
from skill.ports import ApprovalState, AuditDraft
from skill.settings import Settings
from skill.shop.cart import CartLine
from skill.shop.households import HouseholdId
from skill.shop.money import AMOUNT_MINOR_MAX, Money
from skill.shop.orders import OrderState
from skill.simulator.talk import Talk, talk_in_process
from tests.attacks.conftest import BANANAS, MovableClock, Shop


def number_in(talk: Talk) -> str:
    assert talk.last is not None
    return talk.last.heard.speech.rsplit(":", 1)[1].strip(" .")


def heard(talk: Talk) -> str:
    assert talk.last is not None
    return talk.last.heard.speech


def holds_code(text: str, code: str) -> bool:
    """Whether the digits stand there by themselves; in the middle of a seal's figures they are chance."""
    return re.search(rf"(?<![0-9a-fA-F-]){code}(?![0-9a-fA-F-])", text) is not None


def test_yes_with_no_quote_does_nothing(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.talk(platform)
    talk.say("find bananas")
    talk.say("add the first one")
    talk.intent("yes", {})
    talk.intent("yes", {})
    assert [] == shop.orders


def test_yes_does_not_stand_for_the_code(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    talk.say("yes")
    talk.say("4271")
    assert [] == shop.orders


def test_the_right_code_for_an_expired_quote_orders_nothing(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    shop.clock.advance(121)
    talk.say("4271")
    assert "took too long" in heard(talk)
    assert [] == shop.orders


def test_a_quote_is_good_to_its_last_second(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    shop.clock.advance(119)
    talk.say("4271")
    assert 1 == len(shop.live)


def test_another_device_cannot_answer_for_the_one_that_asked(shop: Shop, platform: str) -> None:
    shop.household(code=None)
    talk = shop.quoted(platform)
    other = shop.talk(platform, device="bedroom")
    other.say(f"order {number_in(talk)}")
    assert [] == shop.orders


def test_another_device_with_the_same_session_is_refused(shop: Shop) -> None:
    shop.household()
    talk = shop.quoted("alexa")
    talk.envelopes.device = "bedroom"  # type: ignore[attr-defined]
    talk.say("4271")
    assert "another device" in heard(talk)
    assert [] == shop.orders


def test_the_code_twice_makes_one_order(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    talk.say("4271")
    talk.say("4271")
    assert 1 == len(shop.live)


def test_the_same_request_again_gets_the_same_answer_and_one_order(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    first = talk.say("4271").response
    assert first == talk.redeliver().response
    assert 1 == len(shop.live)


def test_the_same_request_from_sixteen_at_once_makes_one_order(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    door, envelopes = talk.door, talk.envelopes
    envelope = envelopes.intent("give_code", {"code": "4271"}, "4271")
    start = threading.Barrier(16)

    def deliver(_: int) -> None:
        start.wait()
        door.send(envelope)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(deliver, range(16)))
    assert 1 == len(shop.live)


def test_the_same_request_id_with_another_body_is_rejected(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    envelope = talk.envelopes.intent("give_code", {"code": "9999"}, "9999")
    talk.door.send(envelope)
    forged = talk.envelopes.intent("give_code", {"code": "4271"}, "4271")
    if platform == "alexa":
        forged["request"]["requestId"] = envelope["request"]["requestId"]
    else:
        forged["detectIntentResponseId"] = envelope["detectIntentResponseId"]
    with pytest.raises(RequestRejected):
        talk.door.send(forged)
    assert [] == shop.orders
    (entry,) = shop.app.ports.ledger.last_audit(home, 1)
    assert ("request_rejected", platform) == (entry.kind, entry.facts["platform"])


@pytest.mark.parametrize("price", [99, 1], ids=["up", "down"])
def test_a_price_that_moves_voids_the_consent_and_the_new_total_is_read(shop: Shop, platform: str, price: int) -> None:
    shop.household()
    talk = shop.quoted(platform)
    before = heard(talk)
    shop.set_price(BANANAS, price)
    talk.say("4271")
    assert "Something changed" in heard(talk)
    assert before.split("total")[1] != heard(talk).split("total")[1]
    assert [] == shop.orders
    talk.say("4271")
    assert [price] == [order.lines[0].unit_price.amount for order in shop.live]


def test_stock_that_goes_between_quote_and_code_orders_nothing(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    shop.set_stock(BANANAS, 1)
    talk.say("4271")
    assert "Only 1" in heard(talk)
    assert [] == shop.orders


def test_two_devices_at_the_edge_of_a_cap_make_one_order(shop: Shop, platform: str) -> None:
    shop.household(day_max=800, duplicate_window_s=0)
    talks = [shop.quoted(platform, device=f"device-{each}") for each in range(2)]
    start = threading.Barrier(2)

    def agree(talk: Talk) -> None:
        start.wait()
        talk.say("4271")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(agree, talks))
    assert 1 == len(shop.live)


def test_of_eight_guesses_at_once_three_are_checked(shop: Shop, platform: str) -> None:
    home = shop.household(code="8362")
    talks = [shop.quoted(platform, device=f"device-{each}") for each in range(8)]
    start = threading.Barrier(8)

    def guess(pair: tuple[int, Talk]) -> None:
        start.wait()
        pair[1].say(f"7{pair[0]}58")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(guess, enumerate(talks)))
    (checked,) = shop.app.database.read(
        lambda connection: connection.execute("SELECT count(*) FROM code_attempts WHERE verdict IS NOT NULL").fetchone()
    )
    assert 3 == checked
    assert shop.app.ports.households.get(home).code_locked
    assert [] == shop.orders


def test_the_fourth_guess_is_refused_though_it_is_right(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    for wrong in ("8362", "7058", "9164"):
        talk.say(wrong)
    assert "locked" in heard(talk)
    talk = shop.quoted(platform)
    talk.intent("give_code", {"code": "4271"})
    assert [] == shop.orders
    set_purchase_code(shop.app.ports, home, "4271", "test")
    shop.quoted(platform).say("4271")
    assert 1 == len(shop.live)


def test_a_lost_leading_zero_is_filled_up(shop: Shop, platform: str) -> None:
    shop.household(code="0482")
    talk = shop.quoted(platform)
    talk.intent("give_code", {"code": "482"})
    assert 1 == len(shop.live)


def test_five_digits_are_a_wrong_code(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    for _ in range(3):
        talk.intent("give_code", {"code": "42711"})
    assert shop.app.ports.households.get(home).code_locked
    assert [] == shop.orders


def test_silence_and_question_marks_are_no_guesses_and_end_after_two(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    for _ in range(3):
        talk.intent("give_code", {"code": "?"})
    assert "nothing was ordered" in heard(talk)
    assert not shop.app.ports.households.get(home).code_locked


def test_a_code_deleted_in_mid_challenge_proves_nothing(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    set_purchase_code(shop.app.ports, home, None, "test")
    talk.say("4271")
    assert [] == shop.orders


def test_a_cap_lowered_after_the_reservation_counts_for_the_next_order(shop: Shop, platform: str) -> None:
    home = shop.household(duplicate_window_s=0)
    shop.expect_payment(DemoOutcome.STAY_UNKNOWN)
    shop.quoted(platform).say("4271")
    shop.limit(home, day_max=100)
    assert "limit" in heard(shop.quoted(platform))
    assert [OrderState.RESERVED] == [order.state for order in shop.orders]


def test_frozen_during_the_challenge_orders_nothing(shop: Shop, platform: str) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    shop.limit(home, frozen=True)
    talk.say("4271")
    assert "frozen" in heard(talk)
    assert [] == shop.orders


@pytest.mark.parametrize(
    "words",
    ["raise the limit to 500 dollars", "unfreeze ordering", "turn off the code", "lower the limit to 90 dollars"],
)
def test_a_child_cannot_loosen_a_limit_by_voice(shop: Shop, platform: str, words: str) -> None:
    home = shop.household(frozen=True)
    before = shop.app.ports.policies.layer("household", home)
    shop.talk(platform).say(words)
    assert before == shop.app.ports.policies.layer("household", home)


def test_anyone_can_freeze_by_voice(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.talk(platform).say("freeze ordering")
    assert shop.app.ports.policies.layer("household", home).knobs["frozen"] is True
    assert "frozen" in heard(shop.quoted(platform))


def test_a_token_of_the_platforms_own_check_counts_once(shop: Shop) -> None:
    shop.household(duplicate_window_s=0)
    talk = shop.quoted("alexa", speaker="mum")
    talk.verify("achieved")
    assert 1 == len(shop.live)
    replayed = talk.last.request  # type: ignore[union-attr]
    second = shop.quoted("alexa", speaker="mum")
    replayed = {**second.last.request, "request": dict(replayed["request"])}  # type: ignore[union-attr]
    replayed["request"]["requestId"] = "amzn1.echo-api.request.replayed"
    replayed["context"]["System"]["person"]["authenticationConfidenceLevel"]["level"] = 400
    second.door.send(replayed)
    assert 1 == len(shop.live)


def test_the_platforms_check_of_somebody_else_proves_nothing(shop: Shop) -> None:
    shop.household()
    talk = shop.quoted("alexa", speaker="child")
    talk.recognise("mum")
    talk.verify("achieved")
    assert [] == shop.orders


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "1.5", "NaN", "1000000000", "99999999999999999999", "²", "a gazillion"]
)
def test_a_quantity_that_cannot_be_adds_nothing_and_says_so(shop: Shop, platform: str, quantity: str) -> None:
    shop.household()
    talk = shop.talk(platform)
    talk.say("find bananas")
    talk.intent("add_to_cart", {"quantity": quantity, "ordinal": "1"})
    assert heard(talk)
    assert () == shop.app.ports.carts.load(shop.app.ports.households.of_user(platform, "home").household_id).lines  # type: ignore[union-attr]


def test_a_dozen_is_twelve_and_over_the_limit(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.talk(platform)
    talk.say("find bananas")
    talk.say("add a dozen of the first one")
    assert "at most 10" in heard(talk)


def test_another_household_cannot_see_or_undo_the_order(shop: Shop, platform: str) -> None:
    shop.household()
    shop.household("neighbours")
    shop.quoted(platform).say("4271")
    other = shop.talk(platform, "neighbours")
    other.say("where is my order")
    assert "no order yet" in heard(other)
    other.say("cancel my last order")
    assert 1 == len(shop.live)


def test_undo_twice_gives_the_money_back_once(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform)
    talk.say("4271")
    talk.say("cancel my last order")
    talk.say("cancel my last order")
    assert [OrderState.CANCELLED] == [order.state for order in shop.orders]
    assert [] == shop.charged()


def test_undo_after_shipment_is_refused(shop: Shop, platform: str) -> None:
    shop.household()
    shop.quoted(platform).say("4271")
    order = shop.live[0]
    shop.app.ports.ledger.ship(
        order.order_id, shop.clock.now, AuditDraft(order.household_id, "shipped", shop.clock.now, order.order_id)
    )
    talk = shop.talk(platform)
    talk.say("cancel my last order")
    assert "on its way" in heard(talk)
    assert 1 == len(shop.live)


def test_undo_a_second_too_late_is_refused(shop: Shop, platform: str) -> None:
    shop.household()
    shop.quoted(platform).say("4271")
    shop.clock.advance(1800)
    talk = shop.talk(platform)
    talk.say("cancel my last order")
    assert "too late" in heard(talk)
    assert 1 == len(shop.live)


def test_a_lost_payment_answer_is_found_by_the_sweeper(shop: Shop, platform: str) -> None:
    shop.household()
    shop.expect_payment(DemoOutcome.LOSE_ANSWER)
    talk = shop.quoted(platform)
    talk.say("4271")
    assert "not answered yet" in heard(talk)
    shop.clock.advance(901)
    assert 1 == sweep(shop.app.ports, shop.clock.now).committed
    assert [OrderState.COMMITTED] == [order.state for order in shop.orders]


def test_a_payment_that_was_never_asked_for_is_voided_and_never_charged_later(shop: Shop, platform: str) -> None:
    shop.household()
    shop.expect_payment(DemoOutcome.TIME_OUT)
    shop.quoted(platform).say("4271")
    shop.clock.advance(901)
    assert 1 == sweep(shop.app.ports, shop.clock.now).voided
    order = shop.orders[0]
    assert "declined" == shop.app.ports.payments.charge(order.order_id, order.total).state
    assert [] == shop.charged()


def test_an_unknown_payment_keeps_its_money_reserved_until_the_bank_tells(shop: Shop, platform: str) -> None:
    home = shop.household(day_max=1000, duplicate_window_s=0)
    shop.expect_payment(DemoOutcome.STAY_UNKNOWN)
    shop.quoted(platform).say("4271")
    shop.clock.advance(901)
    assert 1 == sweep(shop.app.ports, shop.clock.now).left_unknown
    assert "limit" in heard(shop.quoted(platform))
    assert home == shop.orders[0].household_id


def test_a_declined_payment_gives_money_and_stock_back(shop: Shop, platform: str) -> None:
    shop.household()
    before = shop.app.ports.inventory.items([BANANAS])[BANANAS].available
    shop.expect_payment(DemoOutcome.DECLINE)
    talk = shop.quoted(platform)
    talk.say("4271")
    assert "declined" in heard(talk)
    assert before == shop.app.ports.inventory.items([BANANAS])[BANANAS].available
    assert [] == shop.live


def test_a_store_that_fails_orders_nothing_and_says_so(
    shop: Shop, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.household()
    talk = shop.quoted(platform)

    def fail(*_: object) -> None:
        raise StorageError("throttled")

    with monkeypatch.context() as broken:
        broken.setattr(type(shop.app.ports.ledger), "reserve", fail)
        talk.say("4271")
    assert "not working" in heard(talk)
    assert "Nothing was ordered" in heard(talk)
    assert [] == shop.orders


def test_a_reservation_whose_answer_was_lost_is_found_by_the_retry(
    shop: Shop, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.household()
    talk = shop.quoted(platform)
    reserve = type(shop.app.ports.ledger).reserve

    def reserve_and_lose(ledger: object, reservation: object) -> None:
        reserve(ledger, reservation)  # type: ignore[arg-type]
        raise StorageError("the answer was lost")

    with monkeypatch.context() as broken:
        broken.setattr(type(shop.app.ports.ledger), "reserve", reserve_and_lose)
        talk.say("4271")
    shop.clock.advance(9)
    talk.redeliver()
    assert [OrderState.COMMITTED] == [order.state for order in shop.orders]


def test_tampered_session_attributes_buy_nothing(shop: Shop) -> None:
    shop.household()
    talk = shop.talk("alexa")
    talk.say("find bananas")
    talk.say("add the first one")
    envelope = talk.envelopes.intent("yes", {}, "yes")
    envelope["session"]["attributes"] = {"pending": {"kind": "challenge", "how": "yes"}, "junk": "x" * 1_000_000}
    talk.door.send(envelope)
    assert [] == shop.orders


def test_markup_in_a_product_name_never_reaches_the_speech(shop: Shop, platform: str) -> None:
    shop.household()
    evil = '</speak><audio src="https://x"/>\u202e' + "A" * 10_000
    shop.products = [replace(each, title=evil) if each.sku == BANANAS else each for each in shop.products]
    from skill.search.index import build_index

    build_index(iter(shop.products), shop.app.settings.data_dir / "catalogue.index")
    talk = shop.quoted(platform)
    for exchange in (talk.last, talk.say("what's in my cart")):
        text = str(exchange.response) if exchange else ""
        assert "<audio" not in text
        assert "\u202e" not in text
        assert "A" * 200 not in text


def test_ten_small_orders_meet_the_same_caps_as_a_large_one(shop: Shop, platform: str) -> None:
    shop.household(day_max=3000, orders_per_day_max=None, duplicate_window_s=0)
    for _ in range(10):
        talk = shop.quoted(platform)
        talk.say("4271")
    assert sum(order.total.amount for order in shop.live) <= 3000
    assert 0 < len(shop.live) < 10


def test_a_damaged_policy_means_refuse(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.app.database.write(
        lambda connection: connection.execute(
            "UPDATE policies SET knobs = '{\"order_max\":' WHERE subject = ?", (home,)
        )
    )
    talk = shop.quoted(platform)
    assert "can't read the limits" in heard(talk)
    talk.say("4271")
    assert [] == shop.orders


def test_a_missing_policy_means_refuse(shop: Shop, platform: str) -> None:
    home = shop.household()
    shop.app.database.write(lambda connection: connection.execute("DELETE FROM policies WHERE subject = ?", (home,)))
    talk = shop.quoted(platform)
    assert "switched off" in heard(talk)
    talk.say("4271")
    assert [] == shop.orders


def test_the_same_basket_again_is_asked_about(shop: Shop, platform: str) -> None:
    shop.household()
    shop.quoted(platform).say("4271")
    assert "Again?" in heard(shop.quoted(platform))


def test_a_television_in_five_living_rooms_puts_the_stricter_challenge_on(shop: Shop, platform: str) -> None:
    for each in range(5):
        shop.household(f"home-{each}", code=None, no_pin_confirm="yes", unrecognised_speaker="allow")
    first = shop.quoted(platform, "home-0")
    assert "Shall I place this order" in heard(first)
    last = [shop.quoted(platform, f"home-{each}") for each in range(1, 5)][-1]
    assert "say the word order" in heard(last)
    last.say("yes")
    assert [] == shop.orders


def test_a_television_that_begins_after_the_quote_is_asked_about_before_the_order(shop: Shop, platform: str) -> None:
    for each in range(5):
        shop.household(f"home-{each}", code=None, no_pin_confirm="yes", unrecognised_speaker="allow")
    first = shop.quoted(platform, "home-0")
    for each in range(1, 5):
        shop.quoted(platform, f"home-{each}")
    first.say("yes")
    assert "say the word order" in heard(first)
    assert [] == shop.orders
    first.say(f"order {number_in(first)}")
    assert 1 == len(shop.orders)


def test_a_child_that_asks_without_end_gets_three_approvals(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    for _ in range(6):
        talk = shop.quoted(platform)
    assert "waiting" in heard(talk)
    assert 3 == len(shop.app.ports.approvals.of_household(home, 10))
    assert [] == shop.orders


def test_two_children_that_ask_at_once_for_the_last_approval_are_both_answered(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100, approvals_open_max=1)
    approvals, ask = shop.app.ports.approvals, shop.app.ports.approvals.ask

    def late(*asked: Any) -> None:
        approvals.ask = ask  # type: ignore[method-assign]
        cart = shop.app.ports.carts.load(home)
        shop.quoted(platform, device="attic")
        after = shop.app.ports.carts.load(home)
        shop.app.ports.carts.save(home, replace(cart, version=after.version))
        ask(*asked)

    approvals.ask = late  # type: ignore[method-assign]
    talk = shop.quoted(platform)
    assert "waiting" in heard(talk)
    assert "Nothing was ordered" in heard(talk)
    assert 1 == len(approvals.of_household(home, 10))


def test_an_approval_orders_once_and_its_link_is_then_dead(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    ports = shop.app.ports
    token = approval_token(ports, ports.approvals.of_household(home, 1)[0].approval_id)
    approve(ports, find_approval(ports, token), "mum", shop.clock.now)
    assert 1 == len(shop.live)
    with pytest.raises(ApprovalClosed):
        refuse(ports, find_approval(ports, token), "mum", shop.clock.now)
    again = approve(ports, find_approval(ports, token), "mum", shop.clock.now)
    assert shop.live[0].order_id == again.placed.order.order_id  # type: ignore[union-attr]
    assert 1 == len(shop.live)
    assert "approved and placed" in shop.talk(platform).launch().heard.speech


def test_an_adults_no_while_the_bank_thinks_comes_too_late(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    ports, (approval,) = shop.app.ports, shop.app.ports.approvals.of_household(home, 1)
    payments, told = ports.payments, []
    assert isinstance(payments, DemoPayments)
    charge = payments.charge

    def think(*asked: Any) -> Any:
        with pytest.raises(ApprovalClosed) as late:
            refuse(ports, ports.approvals.get(approval.approval_id), "dad", shop.clock.now)
        told.append(late.value.facts["why"])
        assert "placed" not in shop.talk(platform).launch().heard.speech
        return charge(*asked)

    payments.charge = think  # type: ignore[method-assign]
    done = approve(ports, approval, "mum", shop.clock.now)

    (order,) = shop.live
    assert ["approved"] == told
    assert (ApprovalState.APPROVED, order.order_id) == (done.approval.state, done.approval.order_id)
    assert [(order.order_id, order.total.amount)] == shop.charged()
    assert "approved and placed" in shop.talk(platform).launch().heard.speech


def test_an_order_that_was_approved_before_a_crash_is_not_refused_after_it(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    ports, (approval,) = shop.app.ports, shop.app.ports.approvals.of_household(home, 1)
    payments = ports.payments
    assert isinstance(payments, DemoPayments)
    charge = payments.charge

    def die(*asked: Any) -> Any:
        charge(*asked)
        raise KeyboardInterrupt

    payments.charge = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        approve(ports, approval, "mum", shop.clock.now)
    payments.charge = charge  # type: ignore[method-assign]
    shop.clock.advance(30)

    with pytest.raises(ApprovalClosed):
        refuse(ports, ports.approvals.get(approval.approval_id), "dad", shop.clock.now)
    shop.clock.advance(900)
    sweep(ports, shop.clock.now)

    assert ["committed"] == [order.state for order in shop.orders]
    assert ApprovalState.APPROVED is ports.approvals.get(approval.approval_id).state  # type: ignore[union-attr]


def test_an_approved_order_whose_payment_is_declined_is_not_told_as_placed(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    shop.expect_payment(DemoOutcome.DECLINE)
    approve(shop.app.ports, shop.app.ports.approvals.of_household(home, 1)[0], "mum", shop.clock.now)
    assert "payment was declined" in shop.talk(platform).launch().heard.speech


def test_a_forged_approval_link_is_unknown(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    approval = shop.app.ports.approvals.of_household(home, 1)[0]
    for forged in (approval.approval_id, f"{approval.approval_id}.", f"{approval.approval_id}.{'0' * 32}", "", "é.x"):
        with pytest.raises(ApprovalClosed):
            find_approval(shop.app.ports, forged)
    assert [] == shop.orders


@pytest.mark.parametrize("change", ["price", "stock", "address", "late"])
def test_an_approval_is_for_what_was_asked_and_nothing_else(shop: Shop, platform: str, change: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    ports = shop.app.ports
    approval = ports.approvals.of_household(home, 1)[0]
    match change:
        case "price":
            shop.set_price(BANANAS, 1)
        case "stock":
            shop.set_stock(BANANAS, 1)
        case "address":
            shop.app.database.write(
                lambda connection: connection.execute("UPDATE households SET address = 'elsewhere'")
            )
        case "late":
            shop.clock.advance(86400)
    with pytest.raises(ApprovalClosed):
        approve(ports, approval, "mum", shop.clock.now)
    assert [] == shop.orders


def test_an_approval_lifts_no_cap(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    shop.limit(home, order_max=100)
    approval = shop.app.ports.approvals.of_household(home, 1)[0]
    done = approve(shop.app.ports, approval, "mum", shop.clock.now)
    assert "order_max" in {why for why, _ in done.refused}
    assert [] == shop.orders
    (entry,) = shop.app.ports.ledger.last_audit(home, 1)
    assert ("decided", "Refuse", approval.approval_id, {"by": "mum"}) == (
        entry.kind, entry.facts["decision"], entry.facts["approval_id"],
        {"by": entry.personal["by"]} if entry.personal else None,
    )  # fmt: skip


def before_the_next_reservation(shop: Shop, happens: Callable[[], object]) -> None:
    """Lets something happen between the guard's look and the write."""
    ledger, reserve = shop.app.ports.ledger, shop.app.ports.ledger.reserve

    def late(reservation: Any) -> None:
        ledger.reserve = reserve  # type: ignore[method-assign]
        happens()
        reserve(reservation)

    ledger.reserve = late  # type: ignore[method-assign]


def reserve_alone(shop: Shop, talk: Talk, words: str = "4271") -> None:
    """The order is reserved, and not paid yet."""
    payments, pay = shop.app.ports.payments, shop.app.ports.payments.charge

    def fail(*asked: Any) -> Any:
        raise StorageError("the bank is being asked")

    payments.charge = fail  # type: ignore[method-assign]
    talk.say(words)
    payments.charge = pay  # type: ignore[method-assign]


def fill_again(shop: Shop, home: HouseholdId) -> None:
    """What was ordered last is in the cart once more."""
    cart, (order, *_) = shop.app.ports.carts.load(home), shop.app.ports.orders.recent(home, 1)
    lines = tuple(CartLine(line.sku, line.quantity) for line in order.lines)
    shop.app.ports.carts.save(home, replace(cart, lines=lines))


@pytest.mark.parametrize("knobs", [{"day_max": 100}, {"order_max": 100}, {"frozen": True}], ids=str)
@pytest.mark.parametrize("level", ["household", "store"])
def test_a_limit_that_is_tightened_at_the_last_moment_holds(
    shop: Shop, platform: str, knobs: dict[str, Any], level: str
) -> None:
    home = shop.household()
    talk = shop.quoted(platform)
    before_the_next_reservation(
        shop, lambda: shop.limit(home, **knobs) if level == "household" else shop.limit_store(**knobs)
    )
    talk.say("4271")
    assert [] == shop.orders
    assert any(words in heard(talk) for words in ("Something changed", "limit", "frozen", "takes no orders"))


def test_a_limit_that_is_tightened_while_an_adult_approves_holds(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    approval = shop.app.ports.approvals.of_household(home, 1)[0]
    before_the_next_reservation(shop, lambda: shop.limit(home, frozen=True))
    done = approve(shop.app.ports, approval, "mum", shop.clock.now)
    assert ["frozen"] == [why for why, _ in done.refused][:1]
    assert (ApprovalState.OPEN, []) == (done.approval.state, shop.orders)


@pytest.mark.parametrize("knobs", [{"order_gap_min_s": 3600}, {"duplicate_window_s": 3600}], ids=str)
@pytest.mark.parametrize("code", ["4271", None])
def test_one_cart_agreed_to_on_two_devices_at_once_is_ordered_once(
    shop: Shop, platform: str, knobs: dict[str, Any], code: str | None
) -> None:
    shop.household(code=code, **{"duplicate_window_s": 0} | knobs)
    kitchen, attic = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="attic")
    attic.say("check out")
    in_kitchen, in_attic = (code or f"order {number_in(talk)}" for talk in (kitchen, attic))
    before_the_next_reservation(shop, lambda: reserve_alone(shop, attic, in_attic))
    kitchen.say(in_kitchen)
    assert 1 == len(shop.orders)


def test_what_was_ordered_elsewhere_meanwhile_is_asked_about_again(shop: Shop, platform: str) -> None:
    shop.household()
    kitchen, attic = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="attic")
    attic.say("check out")
    reserve_alone(shop, attic)
    kitchen.say("4271")
    assert "nothing in the cart" in heard(kitchen)
    assert 1 == len(shop.orders)


def test_the_same_cart_that_was_filled_again_meanwhile_is_asked_about_again(shop: Shop, platform: str) -> None:
    home = shop.household()
    kitchen, attic = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="attic")
    attic.say("check out")
    reserve_alone(shop, attic)
    fill_again(shop, home)
    kitchen.say("4271")
    assert "Again?" in heard(kitchen)
    assert 1 == len(shop.orders)


def test_a_cap_that_another_order_has_just_used_up_is_written_down(shop: Shop, platform: str) -> None:
    home = shop.household(day_max=800, duplicate_window_s=0)
    kitchen, attic = shop.quoted(platform, device="kitchen"), shop.talk(platform, device="attic")
    attic.say("check out")
    before_the_next_reservation(shop, lambda: (reserve_alone(shop, attic), fill_again(shop, home)))
    kitchen.say("4271")
    assert 1 == len(shop.live)
    assert "limit" in heard(kitchen)
    (entry,) = shop.app.ports.ledger.last_audit(home, 1)
    assert ("decided", "Refuse", ["day_max", {"cap_minor": 800, "left_minor": 263}]) == (
        entry.kind, entry.facts["decision"], entry.facts["reasons"][0],
    )  # fmt: skip


def test_the_stores_owner_limits_every_household(shop: Shop, platform: str) -> None:
    shop.household()
    shop.limit_store(order_max=200)
    assert "limit of $2.00" in heard(shop.quoted(platform))
    assert [] == shop.orders


def test_a_guest_may_look_and_never_order(shop: Shop, platform: str) -> None:
    shop.household()
    talk = shop.quoted(platform, "a-stranger")
    assert "not linked" in heard(talk)
    talk.say("4271")
    assert [] == shop.orders


def test_a_code_in_another_sentence_is_not_said_back_and_not_kept(shop: Shop, platform: str) -> None:
    shop.household(code="8362")
    talk = shop.talk(platform)
    for words in ("find my code is 8362", "find zzzq eight three six two", "add 8362 zzzq"):
        talk.say(words)
        assert "8362" not in heard(talk)
        assert "eight three six two" not in heard(talk)
    stored = b"".join(path.read_bytes() for path in shop.app.settings.data_dir.glob("sayso.db*"))
    assert not holds_code(stored.decode("latin-1"), "8362")
    assert b"eight three six two" not in stored


def test_the_canary_code_is_in_no_file_after_an_order(
    shop: Shop, platform: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    shop.household(code="8362")
    talk = shop.quoted(platform)
    talk.say("9174")
    talk.say("8362")
    assert 1 == len(shop.live)
    talk.say("my code is 8362")
    kept = b"".join(
        path.read_bytes()
        for path in shop.app.settings.data_dir.rglob("*")
        if path.is_file() and ".index" not in path.name
    )
    out, err = capfd.readouterr()
    for told in (kept.decode("latin-1"), caplog.text, out, err):
        assert not holds_code(told, "8362")


def test_only_a_plain_yes_is_a_yes(shop: Shop, platform: str) -> None:
    shop.household(code=None, no_pin_confirm="yes", unrecognised_speaker="allow")
    for words in ("I love you so much!", "yes please cookies now", "four pounds of cookies"):
        talk = shop.quoted(platform)
        talk.say(words)
        assert [] == shop.orders
    shop.quoted(platform).say("yes")
    assert 1 == len(shop.live)


def test_a_household_without_a_code_may_order_again_next_month(shop: Shop, platform: str) -> None:
    shop.household(code=None, no_pin_confirm="yes", no_pin_total_max=1000, unrecognised_speaker="allow")
    shop.quoted(platform).say("yes")
    assert "without a code" in heard(shop.quoted(platform))
    assert 1 == len(shop.live)
    shop.clock.advance(31 * 86400)
    shop.quoted(platform).say("yes")
    assert 2 == len(shop.live)


def test_a_speaker_that_hears_itself_does_not_confirm(shop: Shop, platform: str) -> None:
    shop.household(code=None)
    talk = shop.quoted(platform)
    said = heard(talk)
    assert f"order {number_in(talk)}" not in said.casefold()
    talk.say(said)
    assert [] == shop.orders


def test_quiet_hours_refuse(shop: Shop, platform: str) -> None:
    shop.household(quiet_hours=((11 * 60, 13 * 60),))
    assert "quiet time" in heard(shop.quoted(platform))
    assert [] == shop.orders


def test_one_shop_in_process_serves_households_apart(shop: Shop, platform: str) -> None:
    shop.household()
    shop.household("neighbours")
    talk_in_process(shop.app, platform, "home").say("find bananas")
    other = talk_in_process(shop.app, platform, "neighbours")
    other.say("add the first one")
    assert "Added" not in heard(other)


def test_a_stolen_database_does_not_tell_the_code_by_the_hash_of_its_request(shop: Shop) -> None:
    shop.household()
    talk = shop.quoted("alexa")
    talk.say("4271")
    turn = talk.last.turn  # type: ignore[union-attr]
    rows = shop.app.database.read(
        lambda connection: connection.execute(
            "SELECT body_hash FROM answers UNION SELECT body_hash FROM code_attempts"
        ).fetchall()
    )
    assert rows
    assert turn is not None
    assert turn.body_hash not in {row[0] for row in rows}


def test_a_limit_is_named_and_not_the_voice_that_was_only_asked_for_more(shop: Shop) -> None:
    shop.household(order_max=100)
    talk = shop.quoted("alexa")
    assert "limit of $1.00" in heard(talk)
    assert "voice" not in heard(talk)


def test_what_needs_an_adult_is_audited_with_all_that_the_guard_was_asked(shop: Shop, platform: str) -> None:
    home = shop.household(adult_approval_over=100)
    shop.quoted(platform)
    (asked,) = (each for each in shop.app.ports.ledger.audit(home, 100) if each.kind == "approval_asked")
    assert ("NeedAdult", "adult_approval_over") == (asked.facts["decision"], asked.facts["reasons"][0][0])
    assert 100 == asked.facts["policy"]["adult_approval_over"]


def test_an_approval_that_nobody_gave_in_time_is_told_once(shop: Shop, platform: str) -> None:
    shop.household(adult_approval_over=100)
    shop.quoted(platform)
    shop.clock.advance(86400)
    assert "Nobody approved" in shop.talk(platform).launch().heard.speech
    assert "Nobody approved" not in shop.talk(platform).launch().heard.speech
    assert [] == shop.orders


@pytest.mark.parametrize(
    "intent", ["remove_from_cart", "set_quantity", "describe_item", "add_to_cart", "find_products"]
)
def test_no_intent_says_a_code_back(shop: Shop, platform: str, intent: str) -> None:
    shop.household(code="8362")
    talk = shop.talk(platform)
    talk.say("find bananas")
    talk.say("add the first one")
    slot = "product_query" if intent == "find_products" else "product"
    for words in ("8362 zzzq", "eight three six two zzzq", "８３６２ zzzq"):
        talk.intent(intent, {slot: words})
        assert not {"8362", "eight three", "８３６２"} & {
            heard(talk)[i : i + n] for n in (4, 11) for i in range(len(heard(talk)))
        }


class Killed(BaseException):
    """The process ends here: nothing catches it, and nothing after it runs."""


@pytest.mark.parametrize("words", ["yes", "the number"])
def test_yes_to_an_expired_quote_orders_nothing(shop: Shop, platform: str, words: str) -> None:
    shop.household(code=None, no_pin_confirm="spoken_number" if words == "the number" else "yes")
    talk = shop.quoted(platform)
    said = f"order {number_in(talk)}" if words == "the number" else "yes"
    shop.clock.advance(121)
    talk.say(said)
    assert [] == shop.orders


@pytest.mark.parametrize(("port", "method"), [("payments", "charge"), ("ledger", "commit")], ids=["reserve", "payment"])
def test_killed_after_the_reservation_or_the_payment_a_new_process_ends_the_same_order(
    shop: Shop, platform: str, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tests/ordering/test_crashes.py` kills a process for good, after every single write."""
    shop.household()
    talk = shop.quoted(platform)
    envelope = talk.envelopes.intent("give_code", {"code": "4271"}, "4271")

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(type(getattr(shop.app.ports, port)), method, die)
        with pytest.raises(Killed):
            talk.door.send(envelope)
    assert [OrderState.RESERVED] == [order.state for order in shop.orders]

    shop.clock.advance(9)
    again = build_app(shop.app.settings, clock=shop.clock)
    monkeypatch.setattr(talk.door, "_app", again)
    talk.door.send(envelope)
    again.close()
    assert [OrderState.COMMITTED] == [order.state for order in shop.orders]
    assert [shop.orders[0].order_id] == [order_id for order_id, _ in shop.charged()]


def test_the_sweeper_against_the_commit_ends_an_order_once(shop: Shop, platform: str) -> None:
    shop.household()
    shop.expect_payment(DemoOutcome.LOSE_ANSWER)
    talk = shop.quoted(platform)
    talk.say("4271")
    shop.clock.advance(901)
    start = threading.Barrier(2)

    def resolve(how: Callable[[], object]) -> None:
        start.wait()
        how()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(resolve, (lambda: sweep(shop.app.ports, shop.clock.now), talk.redeliver)))
    assert [OrderState.COMMITTED] == [order.state for order in shop.orders]
    assert ["order.placed"] == [event.kind for event in shop.app.ports.outbox.list(10)]


def test_undo_against_shipment_ends_an_order_once(shop: Shop, platform: str) -> None:
    shop.household()
    shop.quoted(platform).say("4271")
    order, talk = shop.live[0], shop.talk(platform)
    draft = AuditDraft(order.household_id, "shipped", shop.clock.now, order.order_id)
    start = threading.Barrier(2)

    def ship() -> None:
        start.wait()
        with suppress(OrderStateConflict):
            shop.app.ports.ledger.ship(order.order_id, shop.clock.now, draft)

    def undo() -> None:
        start.wait()
        talk.say("cancel my last order")

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(ship), threads.submit(undo)]:
            each.result()
    state = shop.orders[0].state
    assert state in (OrderState.SHIPPED, OrderState.CANCELLED)
    assert ("on its way" in heard(talk)) is (state is OrderState.SHIPPED)


def test_a_total_beyond_what_can_be_counted_orders_nothing(shop: Shop, platform: str) -> None:
    shop.household(order_max=None, day_max=None, week_max=None, month_max=None, adult_approval_over=None)
    shop.set_price(BANANAS, AMOUNT_MINOR_MAX)
    talk = shop.quoted(platform, quantity=9)
    talk.say("4271")
    assert heard(talk)
    assert [] == shop.orders
    for beyond in (AMOUNT_MINOR_MAX + 1, 2**63, 2**64):
        with pytest.raises(AmountOutOfRange):
            shop.set_price(BANANAS, beyond)


def test_a_negative_price_in_the_feed_is_never_on_a_shelf(shop: Shop, platform: str) -> None:
    shop.household()
    with pytest.raises((StorageError, AmountOutOfRange)):
        shop.set_price(BANANAS, -100)
    row = {"sku": "gift", "title": "Gift", "price": "-5.00 USD", "quantity": 5, "category": "Gifts"}
    feed = shop.app.settings.data_dir / "feed.jsonl"
    feed.write_text(json.dumps(row) + "\n")
    opened = open_feed(shop.app, feed)
    assert [] == list(opened)
    assert ["price"] == [problem.column for problem in opened.problems]
    feed.unlink()
    talk = shop.quoted(platform)
    talk.say("4271")
    assert [True] == [order.total.amount > 0 and order.discount.amount == 0 for order in shop.live]


def test_another_currency_is_never_mixed_in(shop: Shop, platform: str) -> None:
    home = shop.household()
    euros = [replace(each, price=Money(each.price.amount, "EUR")) for each in shop.products]
    with pytest.raises(CurrencyMismatch):
        shop.app.ports.inventory.restock(euros)
    with pytest.raises(PolicyInvalid):
        read_assignments(["currency=EUR"], "USD")
    shop.limit(home, currency="EUR")
    talk = shop.quoted(platform)
    talk.say("4271")
    assert [] == shop.orders


@pytest.mark.parametrize(
    ("currency", "price", "spoken"),
    [("JPY", 190, "¥570"), ("KWD", 1250, "3.750")],
)
def test_yen_and_dinars_are_counted_in_their_own_minor_units(
    tmp_path: Path, platform: str, currency: str, price: int, spoken: str
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "store.yaml").write_text(f"store_id: corner-store\nseller: Corner Store\ncurrency: {currency}\n"
                                       "time_zone: America/New_York\ndelivery: {fee: '0'}\n")  # fmt: skip
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=MovableClock())
    row = {"sku": "bananas", "title": "Bananas", "quantity": 50, "price": str(Money(price, currency)), "size": "1 lb"}
    feed = folder / "feed.jsonl"
    feed.write_text(json.dumps(row) + "\n")
    import_catalogue(app, open_feed(app, feed))
    shop = Shop(app, MovableClock(), [])
    shop.household(order_max=10_000, adult_approval_over=None)
    talk = shop.quoted(platform, quantity=3)
    assert spoken in heard(talk)
    talk.say("4271")
    assert [Money(3 * price, currency)] == [order.total for order in shop.live]
    shop.check_books()
    app.close()


def test_an_order_reserved_a_second_before_midnight_counts_in_that_day(shop: Shop, platform: str) -> None:
    home = shop.household(day_max=1000, duplicate_window_s=0)
    shop.clock.now = datetime(2026, 11, 22, 4, 59, 30, tzinfo=UTC)  # in New York, the 21st
    talk = shop.quoted(platform)
    shop.expect_payment(DemoOutcome.LOSE_ANSWER)
    shop.clock.now = datetime(2026, 11, 22, 4, 59, 59, tzinfo=UTC)
    talk.say("4271")
    shop.clock.advance(901)
    assert 1 == sweep(shop.app.ports, shop.clock.now).committed

    shop.quoted(platform).say("4271")
    amounts = {
        charge.key: held.amount
        for charge, held in shop.app.ports.ledger.windows(home).items()
        if charge.window == "day"
    }
    assert {"2026-11-21": 537, "2026-11-22": 537} == amounts
    assert "limit" in heard(shop.quoted(platform))


def test_moving_the_time_zone_gives_no_second_allowance_that_evening(shop: Shop, platform: str) -> None:
    home = shop.household(day_max=1000, duplicate_window_s=0)
    shop.quoted(platform).say("4271")
    move_household(shop.app.ports, home, "Pacific/Kiritimati", "adult")  # where the next day has begun
    for _ in range(2):
        assert "limit" in heard(shop.quoted(platform))
        shop.clock.advance(6 * 3600)
    assert 1 == len(shop.orders)


def test_moving_there_and_back_begins_no_day_anew(shop: Shop, platform: str) -> None:
    home = shop.household(day_max=1000, duplicate_window_s=0)
    ports = shop.app.ports
    move_household(ports, home, "Europe/Paris", "adult")
    move_household(ports, home, "Pacific/Kiritimati", "adult")  # a slip is mended until the move takes effect
    shop.clock.advance(24 * 3600)
    shop.quoted(platform).say("4271")
    with pytest.raises(HouseholdInvalid, match="can be changed again from 2026-12-01 05:00 UTC on"):
        move_household(ports, home, "America/New_York", "adult")
    assert "limit" in heard(shop.quoted(platform))
    assert 1 == len(shop.orders)

    shop.clock.now = datetime(2026, 12, 1, 5, tzinfo=UTC)
    move_household(ports, home, "America/New_York", "adult")
    assert "America/New_York" == ports.households.get(home).time_zone


def test_a_clock_that_jumps_back_opens_no_new_window(shop: Shop, platform: str) -> None:
    shop.household(day_max=1000, duplicate_window_s=0)
    shop.quoted(platform).say("4271")
    shop.clock.advance(-3600)
    assert "limit" in heard(shop.quoted(platform))
    assert 1 == len(shop.orders)


def test_a_keys_directory_that_cannot_be_written_orders_nothing_and_is_said(
    shop: Shop, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.household()
    talk = shop.talk(platform)
    talk.say("find bananas")
    talk.say("add 2 of the first one")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    # The household's own key is made anew when it is needed.
    for key in (shop.app.settings.keys_dir / "households").iterdir():
        key.unlink()
    shop.app.ports.keys._of_household.clear()
    with monkeypatch.context() as full:
        full.setattr(os, "link", fail)
        assert "Nothing was ordered" in talk.say("check out").heard.speech
    assert [] == shop.orders
    talk.say("check out")
    assert "Done" in talk.say("4271").heard.speech


def test_damaged_records_order_nothing_and_are_said(
    shop: Shop, platform: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.household()
    talk = shop.talk(platform)
    talk.say("find bananas")
    talk.say("add 2 of the first one")
    database = shop.app.database
    database.write(lambda connection: connection.execute("UPDATE carts SET lines = '{broken'").rowcount)
    assert "Nothing was ordered" in talk.say("check out").heard.speech
    assert "turn failed: StorageError: a stored record is damaged" in caplog.text
    assert [] == shop.orders
    database.write(lambda connection: connection.execute("DELETE FROM carts").rowcount)


def test_a_payment_that_the_bank_wants_confirmed_is_said_to_be_impossible_here(shop: Shop, platform: str) -> None:
    """Nobody can confirm it on any page, so nobody is told that somebody was asked to."""
    shop.household()
    shop.expect_payment(DemoOutcome.REQUIRE_ACTION)
    talk = shop.quoted(platform)
    heard_now = talk.say("4271").heard.speech
    assert "cannot be done by voice. Nothing was ordered." in heard_now
    assert "told the adult" not in heard_now
    assert [OrderState.VOIDED] == [order.state for order in shop.orders]
