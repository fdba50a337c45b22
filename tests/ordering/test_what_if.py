"""What other limits would have done, of orders that were made in the store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.app import build_app
from skill.guard.policy import Layer
from skill.ordering.approving import approve
from skill.ordering.what_if import replay_decisions
from skill.ports import AuditDraft
from skill.settings import Settings
from skill.shop.households import HouseholdId, store_chain
from skill.turn import Capability, Kind, Turn
from tests.attacks.conftest import MovableClock, Shop


@pytest.fixture(scope="module")
def folder(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("what-if") / "data"
    shutil.copytree(sample_store, data)
    return data


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    clock = MovableClock()
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=clock)
    yield Shop(app, clock, [])
    set_store_layer(Shop(app, clock, []), {})
    app.close()


def set_store_layer(shop: Shop, knobs: dict[str, Any]) -> None:
    policies, store_id = shop.app.ports.policies, shop.app.ports.store.store_id
    layer = Layer("store", store_id, knobs, policies.layer("store", store_id).version)
    entry = AuditDraft(store_chain(store_id), "policy_changed", shop.clock.now)
    policies.set_layer(layer, "owner", "", shop.clock.now, entry)


def told(shop: Shop, home: HouseholdId, changes: dict[str, Any], **how: Any) -> list[tuple[str, str]]:
    return [(each.before, each.after) for each in replay_decisions(shop.app.ports, home, changes, **how)]


def test_an_order_with_the_code_is_compared_by_what_would_have_been_asked_for(shop: Shop) -> None:
    home = shop.household("code", no_pin_confirm="yes")
    shop.app.ports.households.link(home, "voice", "code", shop.clock.now)
    turns: list[tuple[str, dict[str, str]]] = [
        ("find_products", {"product_query": "bananas"}), ("add_to_cart", {"ordinal": "1", "quantity": "2"}),
        ("check_out", {}), ("give_code", {"code": "4271"}),
    ]  # fmt: skip
    for number, (intent, slots) in enumerate(turns):
        shop.app.answer(
            Turn(
                platform="voice", store="corner", user="code", session="session", request_id=f"request-{number}",
                locale="en-US", kind=Kind.INTENT, body_hash=f"body-{number}", device="kitchen", intent=intent, slots=slots,
                capabilities=frozenset({Capability.CODE_OPTIONAL}),
            )
        )  # fmt: skip

    assert [("code", "let_through")] == told(shop, home, {"pin_policy": "never"})
    assert [("code", "code")] == told(shop, home, {"pin_policy": "always"})
    assert [("code", "code")] == told(shop, home, {"pin_policy": "never", "no_pin_order_max": 100})
    assert [("code", "code")] == told(shop, home, {"pin_policy": "never", "no_pin_total_max": 100})
    assert [("code", "refused")] == told(shop, home, {"order_max": 100})


def test_where_the_platform_asks_for_the_code_it_is_asked_for_whatever_the_limit(shop: Shop) -> None:
    home = shop.household("platform")
    shop.quoted("alexa", "platform").say("4271")

    (each,) = replay_decisions(shop.app.ports, home, {"pin_policy": "never"})

    assert ("code", "code") == (each.before, each.after)
    assert "platform_asks" in each.reasons


def test_an_order_that_an_adult_approved_was_asked_of_an_adult(shop: Shop) -> None:
    home = shop.household("adult", adult_approval_over=100)
    shop.quoted("alexa", "adult")
    approval = shop.app.ports.approvals.of_household(home, 1)[0]
    shop.limit(home, order_max=100)
    approve(shop.app.ports, approval, "mum", shop.clock.now)  # refused, and written down
    shop.limit(home, order_max=5000)
    shop.quoted("alexa", "adult", quantity=4)  # another one waits meanwhile
    approve(shop.app.ports, approval, "mum", shop.clock.now)

    assert [("adult", "adult")] * 2 == told(shop, home, {"adult_approval_over": 100})
    assert [("adult", "code")] * 2 == told(shop, home, {"adult_approval_over": None})
    assert [("adult", "refused")] * 2 == told(shop, home, {"frozen": True}, as_store=True)


def test_what_a_household_loosens_stays_under_the_stores_limit(shop: Shop) -> None:
    home = shop.household("capped", order_max=300)
    set_store_layer(shop, {"order_max": 400, "day_max": 400})
    shop.quoted("alexa", "capped")

    assert [("refused", "refused")] == told(shop, home, {"order_max": 10_000, "day_max": None})
    assert [("refused", "refused")] == told(shop, home, {"order_max": None})


def test_what_is_for_adults_stays_denied_where_another_category_is_tried(shop: Shop) -> None:
    home = shop.household("beer")
    talk = shop.talk("alexa", "beer")
    for words in ("find beer", "add the first one", "check out"):
        talk.say(words)

    assert [("refused", "refused")] == told(shop, home, {"categories_denied": frozenset({"Candy"})})


def test_a_voice_of_its_own_limits_keeps_them(shop: Shop) -> None:
    home = shop.household("voice")
    ports = shop.app.ports
    shop.quoted("alexa", "voice", speaker="kim")
    person = (ports.ledger.last_audit(home, 1)[0].personal or {})["person"]
    layer, entry = (
        Layer("person", f"{home}/{person}", {"order_max": 100}),
        AuditDraft(home, "policy_changed", shop.clock.now),
    )
    ports.policies.set_layer(layer, "mum", "", shop.clock.now, entry)

    assert [("code", "refused")] == told(shop, home, {"order_max": 10_000})
