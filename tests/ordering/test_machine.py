"""What may never break (GUARD.md), held against a plain model while shoppers, adults, banks and clocks do as they like."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.app import App, build_app
from skill.errors import ApprovalClosed
from skill.households import create_household, set_purchase_code
from skill.ordering.approving import approve, refuse
from skill.ordering.checking import check_figures, check_ledger, verify_audit
from skill.ordering.sweeping import sweep
from skill.ports import ApprovalState, AuditDraft
from skill.settings import Settings
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.orders import LIVE_STATES, Order, OrderState
from skill.turn import Expect, Kind, Reply, Turn

BANANAS, MILK = Sku("bananas-per-lb"), Sku("hillside-whole-milk-half-gallon")
ZONE = ZoneInfo("America/New_York")
CODE, WRONG = "4271", ("8362", "7058", "9164")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)  # two days before the clocks go back

    def now_utc(self) -> datetime:
        return self.now


_STORE: list[Path] = []


@pytest.fixture(scope="module", autouse=True)
def store(sample_store: Path) -> None:
    _STORE[:] = [sample_store]


class Shopping(RuleBasedStateMachine):
    """Two households. The model keeps what the caps were and what each window holds, by counting and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sayso-machine-"))
        self.clock = Clock()
        self.numbers = count()
        self.last: dict[tuple[int, str], Reply] = {}
        self.sent: list[Turn] = []
        self.seen: set[str] = set()
        self.wrong = [0, 0]

    @initialize()
    def open_store(self) -> None:
        shutil.copytree(_STORE[0], self.folder / "data")
        self.app = self._open()
        self.homes = [self._household(0), self._household(1)]

    def teardown(self) -> None:
        if hasattr(self, "app"):
            self.app.close()
        shutil.rmtree(self.folder)

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(
        who=st.integers(0, 1),
        session=st.sampled_from("ab"),
        sku=st.sampled_from((BANANAS, MILK)),
        quantity=st.integers(1, 4),
    )
    def put_in_cart(self, who: int, session: str, sku: Sku, quantity: int) -> None:
        self._say(
            who,
            session,
            "find_products",
            product_query="bananas" if sku == BANANAS else "hillside whole milk half gallon",
        )
        self._say(who, session, "add_to_cart", ordinal="1", quantity=str(quantity))

    @rule(who=st.integers(0, 1), session=st.sampled_from("ab"))
    def check_out(self, who: int, session: str) -> None:
        self._say(who, session, "check_out")

    @rule(who=st.integers(0, 1), session=st.sampled_from("ab"), right=st.booleans(), guess=st.sampled_from(WRONG))
    def say_code(self, who: int, session: str, right: bool, guess: str) -> None:
        asked = self.last.get((who, session))
        checked = self.app.ports.households.get(self.homes[who])
        self._say(who, session, "give_code", code=CODE if right else guess)
        after = self.app.ports.households.get(self.homes[who])
        if after.code_generation > checked.code_generation:
            assert right, "a wrong code was taken for the right one"
            assert self.wrong[who] < 3, "the right code was checked after three wrong ones"
            self.wrong[who] = 0
        elif not right and asked is not None and asked.expects is Expect.CODE and not checked.code_locked:
            self.wrong[who] += "not the right code" in self._heard(who, session) or after.code_locked

    @rule(
        who=st.integers(0, 1),
        session=st.sampled_from("ab"),
        intent=st.sampled_from(["yes", "no", "repeat", "help", "stop", "cancel_order", "show_cart", "order_status"]),
    )
    def say_something(self, who: int, session: str, intent: str) -> None:
        self._say(who, session, intent)

    @precondition(lambda self: self.sent)
    @rule(back=st.integers(1, 4))
    def deliver_again(self, back: int) -> None:
        """The platform sends an earlier request once more."""
        self.app.answer(self.sent[-min(back, len(self.sent))])

    @rule(
        who=st.integers(0, 1),
        knob=st.sampled_from(["order_max", "day_max", "week_max"]),
        minor=st.sampled_from([400, 900, 2000, 6000]),
    )
    def set_limit(self, who: int, knob: str, minor: int) -> None:
        self._limit(who, **{knob: minor})

    @rule(who=st.integers(0, 1), frozen=st.booleans())
    def freeze(self, who: int, frozen: bool) -> None:
        self._limit(who, frozen=frozen)

    @rule(who=st.integers(0, 1))
    def reset_code(self, who: int) -> None:
        set_purchase_code(self.app.ports, self.homes[who], CODE, "test")
        self.wrong[who] = 0

    @rule(who=st.integers(0, 1), another_refuses=st.booleans())
    def adult_approves(self, who: int, another_refuses: bool) -> None:
        """Another adult may refuse while the bank thinks about it."""
        ports = self.app.ports
        payments, charge = ports.payments, ports.payments.charge
        assert isinstance(payments, DemoPayments)

        def charge_slowly(*asked: Any) -> Any:
            for each in ports.approvals.of_household(self.homes[who], 1):
                with suppress(ApprovalClosed):
                    refuse(ports, each, "another", self.clock.now)
            return charge(*asked)

        if another_refuses:
            payments.charge = charge_slowly  # type: ignore[method-assign]
        for approval in ports.approvals.of_household(self.homes[who], 1):
            with suppress(ApprovalClosed):
                approve(ports, approval, "adult", self.clock.now)
        payments.charge = charge  # type: ignore[method-assign]

    @rule(who=st.integers(0, 1))
    def adult_refuses(self, who: int) -> None:
        for approval in self.app.ports.approvals.of_household(self.homes[who], 1):
            with suppress(ApprovalClosed):
                refuse(self.app.ports, approval, "adult", self.clock.now)

    # --- what the world does ------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 9, 130, 901, 1801, 7 * 3600, 25 * 3600, -40]))
    def time_passes(self, seconds: int) -> None:
        self.clock.now += timedelta(seconds=seconds)

    @rule(outcome=st.sampled_from(DemoOutcome))
    def bank_will(self, outcome: DemoOutcome) -> None:
        payments = self.app.ports.payments
        assert isinstance(payments, DemoPayments)
        payments.expect(outcome)

    @rule(minor=st.sampled_from([69, 99, 1]))
    def price_moves(self, minor: int) -> None:
        products = [
            replace(each, price=Money(minor, "USD"), stock=30)
            for each in self.app.ports.catalogue.products([BANANAS]).values()
        ]
        others = self.app.ports.catalogue.products([MILK]).values()
        self.app.ports.inventory.restock([*products, *others])

    @rule()
    def sweeper_runs(self) -> None:
        now = self.clock.now
        sweep(self.app.ports, now)
        for order in self.orders():
            overdue = order.state is OrderState.RESERVED and order.reserve_deadline <= now
            assert not overdue or order.payment_state == "unknown", "money is held past its deadline"

    @rule()
    def server_restarts(self) -> None:
        self.app.close()
        self.app = self._open()

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def books_are_right(self) -> None:
        if not hasattr(self, "homes"):
            return
        orders = self.orders()
        self._check_new_orders_against_the_caps(orders)
        consents = Counter(order.consent_id for order in orders)
        assert all(number == 1 for number in consents.values()), "one consent made two orders"
        approved = {order.consent_id: order.order_id for order in orders}
        for home in self.homes:
            for approval in self.app.ports.approvals.of_household(home, 1000):
                made = approved.get(f"approval-{approval.approval_id}")
                assert made == approval.order_id, "an order was made of an approval that does not say so"
                assert (made is not None) == (approval.state is ApprovalState.APPROVED), "ordered against an adult's no"
        charged = self._charged()
        for order in orders:
            if order.state in (OrderState.COMMITTED, OrderState.SHIPPED):
                assert charged.get(order.order_id) == order.total.amount, "what is charged is not what was ordered"
            if order.state is OrderState.VOIDED:
                assert order.order_id not in charged, "money was taken for an order that came to nothing"
        for home in self.homes:
            assert check_ledger(self.app.ports, home) == ()
            assert verify_audit(self.app.ports, home) == ()
        assert check_figures(self.app.ports) == ()
        stock = self.app.ports.inventory.items([BANANAS, MILK])
        assert all(item.available >= 0 for item in stock.values())

    def _check_new_orders_against_the_caps(self, orders: list[Order]) -> None:
        """An order that is new now was reserved under the caps that are in force now; what came before it is in the windows."""
        for order in orders:
            if order.order_id in self.seen:
                continue
            self.seen.add(order.order_id)
            caps = self.app.ports.policies.layer("household", order.household_id).knobs
            assert not caps["frozen"], "ordered while frozen"
            held: dict[str, int] = defaultdict(int)
            day, week = self._windows(order)
            for other in orders:
                if other.household_id == order.household_id and other.state in LIVE_STATES:
                    other_day, other_week = self._windows(other)
                    held["day_max"] += other.total.amount * (other_day == day)
                    held["week_max"] += other.total.amount * (other_week == week)
            held["order_max"] = order.total.amount
            if order.state in LIVE_STATES:
                assert all(held[knob] <= caps[knob] for knob in ("order_max", "day_max", "week_max")), (held, caps)

    # --- below --------------------------------------------------------------------------------------------------------

    @staticmethod
    def _windows(order: Order) -> tuple[str, str]:
        local = order.reserved_at.astimezone(ZONE)
        return local.date().isoformat(), str(local.isocalendar()[:2])

    def orders(self) -> list[Order]:
        return list(self.app.ports.orders.list(10_000))

    def _charged(self) -> dict[str, int]:
        rows = self.app.database.read(
            lambda connection: connection.execute(
                "SELECT order_id, amount_minor FROM demo_payments WHERE state = 'approved' AND refunded = 0"
            ).fetchall()
        )
        return dict(rows)

    def _open(self) -> App:
        data = self.folder / "data"
        return build_app(Settings(data_dir=data, keys_dir=data / "keys"), clock=self.clock)

    def _household(self, who: int) -> HouseholdId:
        ports = self.app.ports
        made = create_household(
            ports, name=f"home {who}", address="12 Orchard Lane", time_zone="America/New_York", email="", who="test"
        )
        ports.households.link(made.household_id, "voice", f"user-{who}", self.clock.now)
        set_purchase_code(ports, made.household_id, CODE, "test")
        self.homes = [*getattr(self, "homes", []), made.household_id]
        self._limit(
            who, quiet_hours=None, order_gap_min_s=0, duplicate_window_s=0, frozen=False, order_max=2000, day_max=6000,
            week_max=6000, adult_approval_over=1200, orders_per_day_max=None,
        )  # fmt: skip
        return made.household_id

    def _limit(self, who: int, **knobs: Any) -> None:
        policies = self.app.ports.policies
        layer = policies.layer("household", self.homes[who])
        entry = AuditDraft(self.homes[who], "policy_changed", self.clock.now)
        policies.set_layer(replace(layer, knobs={**layer.knobs, **knobs}), "adult", "test", self.clock.now, entry)

    def _say(self, who: int, session: str, intent: str, **slots: str) -> None:
        number = next(self.numbers)
        turn = Turn(
            platform="voice", store="corner", user=f"user-{who}", session=f"session-{session}", request_id=f"request-{number}",
            locale="en-US", kind=Kind.INTENT, body_hash=f"body-{number}", device=f"device-{session}", intent=intent, slots=slots,
        )  # fmt: skip
        self.sent.append(turn)
        self.last[who, session] = self.app.answer(turn)

    def _heard(self, who: int, session: str) -> str:
        return self.last[who, session].speech


TestShopping = Shopping.TestCase
TestShopping.settings = settings(
    max_examples=max(settings.default.max_examples // 5, 10),  # type: ignore[union-attr]
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
