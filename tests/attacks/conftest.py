"""A corner store with a clock that can be moved, and shoppers who speak to it through the real adapters."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.app import App, build_app
from skill.guard.policy import Layer
from skill.households import create_household, set_purchase_code
from skill.ordering.checking import check_ledger, verify_audit
from skill.ports import AuditDraft
from skill.settings import Settings
from skill.shop.catalogue import Product, Sku
from skill.shop.households import HouseholdId, store_chain
from skill.shop.money import Money
from skill.shop.orders import LIVE_STATES, Order
from skill.simulator.talk import Talk, talk_in_process

#: Every purchase code of these tests: after each test no file may hold one.
CODES = ("4271", "8362", "0482")

BANANAS = Sku("bananas-per-lb")


@dataclass
class MovableClock:
    now: datetime = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)

    def now_utc(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Shop:
    """The store, and what a test asks of it."""

    app: App
    clock: MovableClock
    products: list[Product]
    talks: list[Talk] = field(default_factory=list)

    def household(self, name: str = "home", code: str | None = "4271", **knobs: Any) -> HouseholdId:
        """A household whose user on both platforms is `name`; no quiet hours, and no wait between orders."""
        ports = self.app.ports
        made = create_household(
            ports, name=name, address="12 Orchard Lane", time_zone="America/New_York", email="", who="test"
        )
        for platform in ("alexa", "dialogflow-cx"):
            ports.households.link(made.household_id, platform, name, self.clock.now)
        if code is not None:
            set_purchase_code(ports, made.household_id, code, "test")
        else:
            knobs.setdefault("pin_policy", "never")
        self.limit(made.household_id, **{"quiet_hours": None, "order_gap_min_s": 0} | knobs)
        return made.household_id

    def limit(self, household_id: HouseholdId, **knobs: Any) -> None:
        policies = self.app.ports.policies
        layer = policies.layer("household", household_id)
        entry = AuditDraft(household_id, "policy_changed", self.clock.now)
        policies.set_layer(replace(layer, knobs={**layer.knobs, **knobs}), "adult", "test", self.clock.now, entry)

    def limit_store(self, **knobs: Any) -> None:
        store_id, now = self.app.ports.store.store_id, self.clock.now
        entry = AuditDraft(store_chain(store_id), "policy_changed", now)
        self.app.ports.policies.set_layer(Layer("store", store_id, knobs), "owner", "", now, entry)

    def talk(self, platform: str, user: str = "home", **more: Any) -> Talk:
        return talk_in_process(self.app, platform, user, **more)

    def quoted(self, platform: str, user: str = "home", quantity: int = 2, **more: Any) -> Talk:
        """A shopper who has bananas in the cart and has just heard the quote."""
        talk = self.talk(platform, user, **more)
        talk.say("find bananas")
        talk.say(f"add {quantity} of the first one")
        talk.say("check out")
        return talk

    @property
    def orders(self) -> list[Order]:
        return list(self.app.ports.orders.list(1000))

    @property
    def live(self) -> list[Order]:
        return [order for order in self.orders if order.state in LIVE_STATES]

    def charged(self) -> list[tuple[str, int]]:
        """(order, minor units) of every charge that was approved and not refunded."""
        rows = self.app.database.read(
            lambda connection: connection.execute(
                "SELECT order_id, amount_minor FROM demo_payments WHERE state = 'approved' AND refunded = 0"
            ).fetchall()
        )
        return sorted(rows)

    def set_price(self, sku: Sku, minor: int) -> None:
        self.products = [
            replace(each, price=Money(minor, "USD")) if each.sku == sku else each for each in self.products
        ]
        self.app.ports.inventory.restock(self.products)

    def set_stock(self, sku: Sku, stock: int) -> None:
        self.products = [replace(each, stock=stock) if each.sku == sku else each for each in self.products]
        self.app.ports.inventory.restock(self.products)

    def expect_payment(self, *outcomes: DemoOutcome) -> None:
        payments = self.app.ports.payments
        assert isinstance(payments, DemoPayments)
        payments.expect(*outcomes)

    def check_books(self) -> None:
        """What must hold after whatever happened: every live order is charged once, counters and chains are right."""
        ports = self.app.ports
        committed = sorted(
            (order.order_id, order.total.amount) for order in self.live if order.payment_state == "approved"
        )
        assert committed == self.charged()
        kept = b"".join(
            path.read_bytes()
            for path in self.app.settings.data_dir.rglob("*")
            if path.is_file() and ".index" not in path.name
        ).decode("latin-1")
        for code in CODES:
            assert not re.search(rf"(?<![0-9a-fA-F-]){code}(?![0-9a-fA-F-])", kept), f"the code {code} is in a file"
        for household in ports.households.list(100):
            assert () == check_ledger(ports, household.household_id)
            assert () == verify_audit(ports, household.household_id)


@pytest.fixture
def shop(sample: tuple[Path, list[Product]], tmp_path: Path) -> Iterator[Shop]:
    folder = tmp_path / "data"
    shutil.copytree(sample[0], folder)
    clock = MovableClock()
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=clock)
    shop = Shop(app, clock, list(sample[1]))
    yield shop
    shop.check_books()
    app.close()


@pytest.fixture(params=["alexa", "dialogflow-cx"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)
