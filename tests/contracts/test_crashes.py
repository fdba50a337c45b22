"""Killed after any write and begun again, an order ends as if nothing had happened: ordered once, charged once, undone once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from skill.adapters.local.payments import DemoPayments
from skill.guard.audit import verify_chain
from tests.contracts.shopping import WRITES, shop
from tests.contracts.stores import EVER, HOME, STORES, SetClock

ROOT = Path(__file__).parents[2]


def end_of(store: str, directory: Path, moment: str) -> dict[str, object]:
    """Everything that is left when the process was killed at `moment` and another has taken up the work."""
    command = [sys.executable, "-m", "tests.contracts.shopping", store, str(directory), moment]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (0 if moment == "never" else -signal.SIGKILL) == ended.returncode, ended.stderr
    stores = STORES[store](directory, SetClock())
    shop(stores, DemoPayments(stores.database))
    try:
        entries = stores.ledger.audit(HOME, 100)
        anchor = stores.ledger.anchors()[HOME]
        assert () == verify_chain(entries, anchor, lambda message: stores.keys.mac("audit", message))
        (order,) = stores.orders.list(10)
        return {
            "order": (order.state, order.total, order.payment_state),
            "spent": [stores.spent(), stores.spent(EVER)],
            "stock": stores.available("milk"),
            "audit": [entry.kind for entry in entries],
            "events": [(event.kind, event.number) for event in stores.outbox.list(10)],
            "cart": stores.carts.load(HOME),
            "answered": stores.conversations.sweep(SetClock().pass_time(days=9), 100),
            "charges": stores.database.read(
                lambda connection: connection.execute("SELECT amount_minor, refunded FROM demo_payments").fetchall()
            ),
        }
    finally:
        stores.close()


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def undisturbed(store: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return end_of(store, tmp_path_factory.mktemp("undisturbed"), "never")


def test_undisturbed_the_order_is_placed_and_undone(undisturbed: dict[str, object]) -> None:
    assert ["reserved", "committed", "cancelled", "refunded"] == undisturbed["audit"]
    assert [(0, 1), (0, 1)] == undisturbed["spent"]
    assert 10 == undisturbed["stock"]
    assert [(2000, 1)] == undisturbed["charges"]


@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_killed_after_any_write_it_ends_the_same(
    store: str, undisturbed: dict[str, object], write: int, tmp_path: Path
) -> None:
    assert undisturbed == end_of(store, tmp_path, f"after-{write}")
