"""The background goes on, whatever an order, a provider or a record does; and `/healthz` tells whether it runs."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from skill import background as module
from skill.adapters.local.payments import DemoOutcome, DemoPayments
from skill.app import App, build_app
from skill.background import Background
from skill.cli.demo import DEMO_HOUSEHOLD, ensure_demo_household
from skill.ports import PaymentState
from skill.settings import Settings
from skill.shop.orders import OrderState
from skill.simulator.talk import talk_in_process
from skill.web import create_app


class Clock:
    now = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)

    def now_utc(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(sample_store: Path, tmp_path: Path, clock: Clock) -> Iterator[App]:
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    secret = "whsec_" + base64.b64encode(b"x" * 32).decode()
    settings = Settings(
        data_dir=folder, keys_dir=folder / "keys", webhook_url="http://127.0.0.1:1/", webhook_secret=secret
    )
    app = build_app(settings, clock=clock)
    ensure_demo_household(app)
    yield app
    app.close()


def order(app: App, clock: Clock, *outcomes: DemoOutcome) -> None:
    payments = app.ports.payments
    assert isinstance(payments, DemoPayments)
    payments.expect(*outcomes)
    talk = talk_in_process(app, "alexa", "simulator")
    for words in ("find bananas", "add 2 of the first one", "check out", "4271"):
        talk.say(words)
    clock.now += timedelta(minutes=2)


def states(app: App) -> list[OrderState]:
    return [each.state for each in app.ports.orders.recent(DEMO_HOUSEHOLD, 10)]


def test_a_provider_that_fails_for_one_order_leaves_the_others_to_be_resolved(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        order(app, clock, DemoOutcome.STAY_UNKNOWN)
        clock.now += timedelta(minutes=20)
    first = app.ports.orders.list(1)[0].order_id
    payments = app.ports.payments
    ask, asked = payments.close, []

    def time_out(order_id):
        asked.append(order_id)
        if order_id == first:
            raise TimeoutError("the provider timed out")
        return ask(order_id)

    monkeypatch.setattr(payments, "close", time_out)
    background = Background(app)
    background.run_once()
    assert f"order {first} failed, and is tried again: TimeoutError: the provider timed out" in caplog.text
    assert 1 == background.failed_count
    assert clock.now == background.last_round_at
    assert {each.order_id for each in app.ports.orders.list(2)} == set(asked), "the second order was asked about"


def test_a_provider_without_an_answer_is_asked_later_and_later_and_the_owner_sees_it(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(app, clock, DemoOutcome.STAY_UNKNOWN)
    (placed,), payments = app.ports.orders.list(9), app.ports.payments
    assert isinstance(payments, DemoPayments)
    ask, asked = payments.close, []
    monkeypatch.setattr(payments, "close", lambda order_id: asked.append(clock.now) or ask(order_id))
    clock.now = placed.reserve_deadline
    background = Background(app)
    client = create_app(app, background=background).test_client()
    seen = None
    for number in range(1, 13):
        background.run_once()
        assert number == len(asked)
        if seen is None and client.get("/healthz").get_json()["payments_unanswered"]:
            seen = clock.now
        (placed,) = app.ports.orders.list(9)
        assert placed.ask_at is not None
        clock.now = placed.ask_at - timedelta(seconds=1)
        background.run_once()
        clock.now = placed.ask_at

    waits = [int((later - sooner).total_seconds()) for sooner, later in pairwise(asked)]
    assert [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600] == waits
    assert seen == asked[8], "after eight asks in vain"
    assert [OrderState.RESERVED] == states(app), "nothing is given back behind the owner's back"
    kinds = [each.kind for each in app.ports.ledger.audit(DEMO_HOUSEHOLD, 99)]
    assert ["reserved", "payment_unknown", "payment_unanswered"] == kinds[-3:]

    payments.settle(placed.order_id, PaymentState.APPROVED)
    background.run_once()
    assert [OrderState.COMMITTED] == states(app)
    assert 0 == client.get("/healthz").get_json()["payments_unanswered"]


def test_a_provider_that_raises_is_asked_later_too(app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    order(app, clock, DemoOutcome.STAY_UNKNOWN)
    clock.now += timedelta(minutes=20)
    asked: list[str] = []

    def fail(order_id: str) -> None:
        asked.append(order_id)
        raise TimeoutError

    monkeypatch.setattr(app.ports.payments, "close", fail)
    background = Background(app)
    for _ in range(4):
        background.run_once()
        clock.now += timedelta(seconds=15)
    assert 1 == len(asked)


def test_damaged_facts_of_a_decision_stop_neither_the_figures_nor_the_shops_webhook(app: App, clock: Clock) -> None:
    order(app, clock)
    assert app.database is not None
    app.database.write(
        lambda connection: connection.execute("UPDATE audit SET facts = '{broken' WHERE kind = 'decided'").rowcount
    )
    background = Background(app)
    background.run_once()
    assert 0 == background.failed_count
    assert app.ports.figures.totals()["orders"] == 1
    (event,) = app.ports.outbox.list(5)
    assert event.last_error.startswith("no answer"), "it was posted"


def test_what_cannot_be_counted_leaves_the_webhook_its_events(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    order(app, clock)

    def fail(limit):
        raise ArithmeticError("no sums today")

    monkeypatch.setattr(app.ports.figures, "fold", fail)
    background = Background(app)
    background.run_once()
    assert "the figures failed, and is tried again: ArithmeticError: no sums today" in caplog.text
    assert 1 == background.failed_count
    (event,) = app.ports.outbox.list(5)
    assert event.last_error.startswith("no answer"), "it was posted"


def test_health_tells_when_the_last_round_ended_and_fails_where_none_does(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    background = Background(app)
    client = create_app(app, background=background).test_client()
    assert client.get("/healthz").get_json()["last_round_at"] is None
    background.run_once()
    health = client.get("/healthz")
    assert (200, "2026-11-21T17:00:00+00:00", 0) == (
        health.status_code,
        health.get_json()["last_round_at"],
        health.get_json()["failed_in_round"],
    )
    monkeypatch.setattr(module, "ROUND_MAX_S", -1.0)
    late = client.get("/healthz")
    assert (503, False, True) == (late.status_code, late.get_json()["ok"], late.get_json()["store"])
