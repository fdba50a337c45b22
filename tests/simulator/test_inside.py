"""What the page and the terminal show from behind a conversation is what the stores hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from skill.app import App
from skill.guard.policy_file import PolicyChange
from skill.households import change_policy
from skill.ports import AuditDraft
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.simulator.inside import REASON_TEXTS, cart_seen, inside_json, last_decision
from skill.simulator.talk import talk_in_process

HOUSEHOLD = HouseholdId("hh_demo")

SPEECH = Path(__file__).parents[2] / "skill" / "speech" / "en-US.ftl"


def test_a_cart_is_shown_at_live_prices(app: App) -> None:
    app.ports.carts.save(HOUSEHOLD, Cart((CartLine(Sku("bananas-per-lb"), 3),)))
    (line,) = cart_seen(app.ports, HOUSEHOLD)
    assert ("Bananas", "per lb", 3, 207) == (line.title, line.size, line.quantity, line.price.amount)


def test_a_product_that_has_gone_is_shown_by_its_sku(app: App) -> None:
    app.ports.carts.save(HOUSEHOLD, Cart((CartLine(Sku("gone"), 1),)))
    assert [("gone", 0)] == [(line.title, line.price.amount) for line in cart_seen(app.ports, HOUSEHOLD)]


def test_the_guard_was_not_asked_before_the_checkout(app: App) -> None:
    assert last_decision(app.ports, app.ports.households.get(HOUSEHOLD)) is None


def test_a_refusal_is_shown_with_all_its_reasons(app: App) -> None:
    change_policy(app.ports, "household", HOUSEHOLD, PolicyChange({"order_max": 100, "day_max": 200}), "test", "")
    app.ports.carts.save(HOUSEHOLD, Cart((CartLine(Sku("bananas-per-lb"), 3),)))
    talk_in_process(app, "alexa", "simulator").say("check out")
    decision = inside_json(app.ports, HOUSEHOLD, app.ports.households.get(HOUSEHOLD))["decision"]
    assert ("Refused", "bad") == (decision["label"], decision["mood"])
    assert {"order_max", "day_max"} <= {reason["key"] for reason in decision["reasons"]}
    assert "over the limit for one order: cap 1.00 USD, total 6.06 USD" in [
        each["says"] for each in decision["reasons"]
    ]


def test_the_audit_trails_newest_decision_counts(app: App) -> None:
    app.ports.carts.save(HOUSEHOLD, Cart((CartLine(Sku("bananas-per-lb"), 3),)))
    talk = talk_in_process(app, "alexa", "simulator")
    talk.say("check out")
    household = app.ports.households.get(HOUSEHOLD)
    asked = last_decision(app.ports, household)
    talk.say("4271")
    allowed = last_decision(app.ports, household)
    assert asked is not None
    assert allowed is not None
    assert ("NeedCode", False, "Confirm", True) == (asked.kind, asked.given, allowed.kind, allowed.given)
    assert asked.number < allowed.number


def test_limits_that_cannot_be_read_are_not_made_up(app: App) -> None:
    layer = app.ports.policies.layer("household", HOUSEHOLD)
    odd = replace(layer, knobs={**layer.knobs, "currency": "EUR"})
    now = app.ports.clock.now_utc()
    app.ports.policies.set_layer(odd, "test", "", now, AuditDraft(HOUSEHOLD, "policy_changed", now))
    inside = inside_json(app.ports, HOUSEHOLD, app.ports.households.get(HOUSEHOLD))
    assert ([], []) == (inside["windows"], inside["facts"])


def test_every_reason_that_is_spoken_has_words_for_developers_too() -> None:
    spoken = [
        line.split(" = ")[0].removeprefix("refused-").replace("-", "_")
        for line in SPEECH.read_text(encoding="utf-8").splitlines()
        if line.startswith("refused-")
    ]
    assert [] == [why for why in spoken if why not in REASON_TEXTS]
