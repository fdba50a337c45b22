"""Durable orders a second, against a floor that only commits.

    python benchmarks/orders.py [--orders N] [--blocks N] [--dir DIR] [--all-cores]

An order is two durable commits, since payment stands between them: one that reserves (consent, five or more spend windows, stock,
order, the guard's decision in the audit trail) and one that commits (order, stock, outbox, audit, the turn's session, answer and
cart). The payment itself answers at once and writes nothing.

The floor is another database behind the same code that makes the same number of durable commits, each of as many bytes in the
write-ahead log as ours have, by one INSERT of a blob. All sides run in turns, block by block, so that whatever else the disk does
meets them alike; a figure is the median of the blocks' ratios. They run on one core, unless `--all-cores` is given: Python runs one
thread at a time, and handing it from core to core costs more or less as the kernel happens to spread the threads.
`fdatasync` calls are counted by strace, where it is installed, in two runs of which one makes twice the orders.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skill.adapters.local.anchors import FileAnchors
from skill.adapters.local.keys import FileKeys
from skill.adapters.sqlite.conversations import SqliteConversations
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.inventory import SqliteInventory
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.guard.consent import Consent
from skill.guard.decision import Proofs, Situation, Spent, decide
from skill.guard.policy import Layer, Policy, effective_policy
from skill.guard.record import decision_facts
from skill.guard.windows import caps_for, local_time, window_charges
from skill.ports import AuditDraft, Basis, RequestKey, Reservation, TurnRecord, WindowCheck
from skill.shop.cart import Cart
from skill.shop.catalogue import Product, Sku
from skill.shop.households import Household, HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState
from skill.shop.quote import Quote, QuoteLine

SHOPPERS = 8
HOUSEHOLDS = 256
ONE_SHOPPER_MIN = 0.8
EIGHT_SHOPPERS_MIN = 2.5
#: Commits whose size is measured before the race.
_CALIBRATED = 100
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


class Shop:
    """A store with its shelves full, and households who come back: the sessions are there, the carts are emptied."""

    def __init__(self, directory: Path) -> None:
        self.database = Database(directory / "sayso.db")
        keys = FileKeys(directory / "keys")
        self.ledger = SqliteLedger(self.database, keys, FileAnchors(directory / "keys" / "anchors"))
        self.conversations = SqliteConversations(self.database)
        self._numbers = count()
        self._versions = [0] * HOUSEHOLDS
        products = (Product(Sku(f"sku-{n:04}"), f"Product {n}", Money(100 + n, "USD"), stock=10**9) for n in range(300))
        SqliteInventory(self.database, "USD").restock(products)
        for home in range(HOUSEHOLDS):
            self.conversations.close(self._turn(home, f"first-{home}"))

    def prepare(self) -> tuple[Reservation, TurnRecord]:
        """What the dialogue and the guard hand to the ledger for one order."""
        number = next(self._numbers)
        home = number * 37 % HOUSEHOLDS
        household = Household(
            HouseholdId(f"household-{home:04}"), "Doe", "America/New_York", "1 Main St, Springfield", NOW, code_set=True
        )
        lines = tuple(
            QuoteLine(
                Sku(f"sku-{sku:04}"), f"Product {sku} with a name of ordinary length", "12 oz", 1 + each,
                Money(100 + sku, "USD"), ("Pantry", "Snacks"),
            )
            for each, sku in enumerate(sorted({number % 300, (number * 7 + 1) % 300, (number * 11 + 2) % 300}))
        )  # fmt: skip
        quote = Quote(
            household.household_id, "corner-store", "Corner Store", "alexa", "device", "session", None, lines,
            Money(399, "USD"), Money(35, "USD"), Money(0, "USD"), household.address, "s1.h1", NOW,
            NOW + timedelta(seconds=120), f"nonce-{number:08}-0123456789abcdef",
        )  # fmt: skip
        charges = window_charges(household, None, None, NOW, code_proved=False)
        situation = Situation(
            platform="alexa", person=None, recognises_speakers=False, code_set=True, code_locked=False,
            local=local_time(household, NOW), charges=charges, proofs=Proofs(code=True),
        )  # fmt: skip
        policy = _policy()
        spent = {charge: Spent(1000, 1) for charge in charges}
        facts = decision_facts(quote, situation, policy, spent, NOW, decide(quote, situation, policy, spent, NOW))
        order = Order(
            OrderId(f"20261121-{number:08}"), household.household_id, quote.store, quote.seller, OrderState.RESERVED, lines,
            quote.delivery, quote.tax, quote.discount, quote.total, quote.address, "alexa", quote.nonce, NOW,
            NOW + timedelta(seconds=900), 1800, charges, code_proved=True,
        )  # fmt: skip
        checks = tuple(WindowCheck(charge, *caps) for charge, caps in caps_for(policy, charges).items())
        draft = AuditDraft(household.household_id, "reserved", NOW, order.order_id, facts)
        consent = Consent(quote.nonce, quote, "seal", Proofs(code=True))
        turn = self._turn(home, f"request-{number}")
        return Reservation(consent, order, checks, turn.request, draft, Basis()), turn

    def place(self, prepared: tuple[Reservation, TurnRecord]) -> None:
        reservation, turn = prepared
        order = reservation.order
        self.ledger.reserve(reservation)
        draft = AuditDraft(order.household_id, "committed", NOW, order.order_id, {"payment": "reference"})
        self.ledger.commit(order.order_id, "reference", NOW, draft, turn)

    def _turn(self, home: int, request: str) -> TurnRecord:
        version, self._versions[home] = self._versions[home], self._versions[home] + 1
        owner = f"household-{home:04}"
        key = RequestKey("alexa", f"amzn1.echo-api.{request}", "0" * 64)
        state, answer = '{"state":"' + "s" * 300 + '"}', '{"answer":"' + "a" * 600 + '"}'
        return TurnRecord(owner, "session", key, state, version, answer, Cart((), version), NOW)


class Floor:
    """Commits of the given sizes in the write-ahead log, and nothing else."""

    def __init__(self, directory: Path, sizes: Sequence[int]) -> None:
        self._database = Database(directory / "floor.db")
        self._database.write(
            lambda connection: connection.execute("CREATE TABLE blobs (id INTEGER PRIMARY KEY, blob BLOB)")
        )
        # A frame of the log is a page and its header of 24 bytes; some of them are the table's own pages.
        self._blobs = [(bytes(max(size - 2 * 4120, 1) * 4096 // 4120),) for size in sizes]

    def place(self, prepared: object) -> None:
        for blob in self._blobs:
            self._database.write(
                lambda connection, blob=blob: connection.execute("INSERT INTO blobs (blob) VALUES (?)", blob)  # type: ignore[misc]
            )

    def close(self) -> None:
        self._database.close()


def _policy() -> Policy:
    return effective_policy(
        Layer("store", "corner-store", {}, 1),
        Layer("household", "home", {"ordering_enabled": True, "day_max": None, "week_max": None, "month_max": None,
                                    "orders_per_day_max": None, "no_pin_total_max": None, "order_gap_min_s": None}, 1),
        currency="USD", age_restricted_categories=frozenset({"Beer", "Wine"}),
    )  # fmt: skip


def measure_log_bytes(directory: Path, commits: Callable[[], object], number: int) -> float:
    """How many bytes a call adds to the write-ahead log, on average. A reader held open keeps the log from starting over."""
    database = next(directory.glob("*.db"))
    log = database.with_name(database.name + "-wal")
    reader = sqlite3.connect(database, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    commits()
    before = log.stat().st_size
    for _ in range(number):
        commits()
    grown = log.stat().st_size - before
    reader.close()
    return grown / number


def seconds_of(place: Callable[[object], object], prepared: Sequence[object], shoppers: int) -> float:
    """How long the orders take, shared out among so many threads.

    What was prepared is kept from the garbage collector: a shop never has thousands of orders in mind that it is about to place.
    """
    gc.collect()
    gc.freeze()
    gate = threading.Barrier(shoppers + 1)

    def shop(mine: Sequence[object]) -> None:
        gate.wait()
        for each in mine:
            place(each)

    with ThreadPoolExecutor(shoppers) as threads:
        shopping = [threads.submit(shop, prepared[n::shoppers]) for n in range(shoppers)]
        gate.wait()
        began = time.perf_counter()
        for each in shopping:
            each.result()
        took = time.perf_counter() - began
    gc.unfreeze()
    return took


def measure(directory: Path, orders: int, blocks: int) -> bool:
    shop = Shop(directory)
    split: list[float] = []
    waiting = [shop.prepare() for _ in range(_CALIBRATED + 1)]
    reserve, commit = iter(waiting), iter(waiting)
    split.append(measure_log_bytes(directory, lambda: shop.ledger.reserve(next(reserve)[0]), _CALIBRATED))

    def commit_next() -> None:
        made, turn = next(commit)
        draft = AuditDraft(made.order.household_id, "committed", NOW, made.order.order_id, {"payment": "reference"})
        shop.ledger.commit(made.order.order_id, "reference", NOW, draft, turn)

    split.append(measure_log_bytes(directory, commit_next, _CALIBRATED))
    (directory / "floor").mkdir()
    floor = Floor(directory / "floor", [round(size) for size in split])
    floor_bytes = measure_log_bytes(directory / "floor", lambda: floor.place(None), _CALIBRATED)
    print(f"a reservation is {split[0] / 1024:.0f} KiB of log, a commit {split[1] / 1024:.0f} KiB; "
          f"the floor's two are {floor_bytes / 1024:.0f} KiB")  # fmt: skip

    sides: dict[str, tuple[Callable[[object], object], int]] = {
        "floor": (floor.place, 1),
        "one shopper": (shop.place, 1),  # type: ignore[dict-item]
        f"{SHOPPERS} shoppers": (shop.place, SHOPPERS),  # type: ignore[dict-item]
    }
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(blocks):
        for name, (place, shoppers) in sides.items():
            prepared = [None if name == "floor" else shop.prepare() for _ in range(orders)]
            took[name].append(seconds_of(place, prepared, shoppers))  # type: ignore[arg-type]
    floor.close()
    shop.database.close()
    for name, seconds in took.items():
        print(f"{name:12} {orders / statistics.median(seconds):7.0f} orders/s")
    one = _ratio(took["floor"], took["one shopper"])
    eight = _ratio(took["one shopper"], took[f"{SHOPPERS} shoppers"])
    good = _judge("one shopper against the floor", one, ONE_SHOPPER_MIN)
    return _judge(f"{SHOPPERS} shoppers against one", eight, EIGHT_SHOPPERS_MIN) and good


def _ratio(slow: Sequence[float], quick: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(slow, quick, strict=True))


def _judge(what: str, ratio: float, least: float) -> bool:
    print(f"{what}: {ratio:.2f} (at least {least}: {'yes' if ratio >= least else 'NO'})")
    return ratio >= least


def count_syncs(parent: Path, orders: int) -> bool:
    """fdatasync and fsync calls an order with eight shoppers, as the kernel saw them."""
    strace = shutil.which("strace")
    if strace is None:
        print("fdatasync an order: not counted, strace is not installed (apt-get install strace)")
        return True
    counts = []
    for number in (orders, 2 * orders):
        with tempfile.TemporaryDirectory(dir=parent) as directory:
            command = [strace, "-f", "-qq", "-c", "-e", "trace=fdatasync,fsync", sys.executable, __file__]
            done = subprocess.run(
                [*command, "--only-place", str(number), "--dir", directory], capture_output=True, text=True, check=True
            )
        # strace's table: % time, seconds, usecs/call, calls, [errors,] syscall.
        rows = [line.split() for line in done.stderr.splitlines() if re.search(r"\bf(data)?sync$", line)]
        counts.append(sum(int(row[3]) for row in rows))
    each = (counts[1] - counts[0]) / orders
    print(
        f"fdatasync an order, {SHOPPERS} shoppers: {each:.2f} counted by strace (below 1: {'yes' if each < 1 else 'NO'})"
    )
    return each < 1


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--orders", type=int, default=240, help="orders in a block")
    options.add_argument("--blocks", type=int, default=15)
    options.add_argument("--dir", type=Path, default=Path(".cache"), help="where to write: on a disk, not in memory")
    options.add_argument("--all-cores", action="store_true", help="let the kernel spread the threads")
    options.add_argument("--only-place", type=int, default=0, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if not 0 < asked.orders <= HOUSEHOLDS:
        options.error(f"--orders must be 1 to {HOUSEHOLDS}: each household orders once in a block")
    if not asked.all_cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    asked.dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.dir) as name:
        directory = Path(name)
        if asked.only_place:
            shop = Shop(directory)
            seconds_of(shop.place, [shop.prepare() for _ in range(asked.only_place)], SHOPPERS)  # type: ignore[arg-type]
            shop.database.close()
            return 0
        good = measure(directory, asked.orders, asked.blocks)
    return 0 if count_syncs(asked.dir, asked.orders) and good else 1


if __name__ == "__main__":
    sys.exit(main())
