"""Killed after any write of a check-out or an undo, the same requests again end as if nothing had happened."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from skill.app import build_app
from skill.cli.demo import DEMO_HOUSEHOLD, ensure_demo_household
from skill.ordering.checking import check_figures, check_ledger, verify_audit
from skill.ordering.sweeping import sweep
from skill.settings import Settings
from skill.shop.catalogue import Sku
from tests.ordering.crashing import BEGUN, TURNS, Clock, open_app, talk

ROOT = Path(__file__).parents[2]

#: As many writes as the whole conversation may make; past its last one the process is not killed.
WRITES_MAX = 16


@pytest.fixture(scope="module")
def store(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crashes") / "store"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=Clock())
    ensure_demo_household(app)
    app.close()
    return folder


def run(store: Path, folder: Path, kill_after: int) -> tuple[int, str]:
    shutil.copytree(store, folder)
    command = [sys.executable, "-m", "tests.ordering.crashing", str(folder), str(kill_after)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode, ended.stdout


def taken_up(folder: Path) -> dict[str, Any]:
    """What there is after the platform has sent every request again, half a minute later, and the sweeper has been by."""
    clock = Clock(BEGUN + timedelta(seconds=30))
    app = open_app(folder, clock)
    try:
        heard = talk(app, clock)
        clock.now += timedelta(hours=1)
        sweep(app.ports, clock.now)
        ports = app.ports
        assert check_ledger(ports, DEMO_HOUSEHOLD) == ()
        assert check_figures(ports) == ()
        assert verify_audit(ports, DEMO_HOUSEHOLD) == ()
        charges = app.database.read(
            lambda connection: connection.execute("SELECT amount_minor, state, refunded FROM demo_payments").fetchall()
        )
        told = (folder / "notices.jsonl").read_text("utf-8")
        return {
            "orders": [(order.state, order.total, order.payment_state) for order in ports.orders.list(10)],
            "charges": charges,
            "stock": ports.inventory.items([Sku("bananas-per-lb")]),
            "cart": ports.carts.load(DEMO_HOUSEHOLD).lines,
            "events": sorted((event.kind, event.number) for event in ports.outbox.list(10)),
            "told": [json.loads(line)["key"].rpartition(".")[2] for line in told.splitlines()],
            "heard": heard[-1],
        }
    finally:
        app.close()


@pytest.fixture(scope="module")
def undisturbed(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    code, printed = run(store, folder, 0)
    assert 0 == code
    assert 8 <= int(printed) <= WRITES_MAX
    return taken_up(folder)


def test_undisturbed_the_order_is_charged_taken_back_and_refunded_once(undisturbed: dict[str, Any]) -> None:
    ((state, total, payment),) = undisturbed["orders"]
    assert ("cancelled", 537, "refunded") == (state, total.amount, payment)
    assert [(537, "approved", 1)] == undisturbed["charges"]
    assert [("order.cancelled", 2), ("order.placed", 1)] == undisturbed["events"]
    assert ["receipt", "cancelled"] == undisturbed["told"]
    assert len(TURNS) == 5


@pytest.mark.parametrize("write", range(1, WRITES_MAX + 1))
def test_killed_after_any_write_it_ends_the_same(
    store: Path, undisturbed: dict[str, Any], write: int, tmp_path: Path
) -> None:
    code, printed = run(store, tmp_path / "data", write)
    assert -signal.SIGKILL == code or int(printed) < write
    assert undisturbed == taken_up(tmp_path / "data")
