"""Concurrency for real: processes of their own over one store, started at the same moment, round after round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.guard.audit import verify_chain
from skill.shop.households import HouseholdId
from tests.contracts.stores import STORES, SetClock, Stores, household

ROOT = Path(__file__).parents[2]

#: `make nightly` asks for 32 processes and 1,000 rounds.
PROCESSES = int(os.environ.get("SAYSO_RACERS", "8"))
ROUNDS = int(os.environ.get("SAYSO_ROUNDS", "12"))

#: Long enough for every process to have read its line.
HEAD_START_S = 0.01


class Race:
    def __init__(self, store: str, directory: Path) -> None:
        self.stores: Stores = STORES[store](directory, SetClock())
        command = [sys.executable, "-m", "tests.contracts.racing", store, str(directory)]
        self._racers = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(PROCESSES)
        ]

    def run(self, *deeds: dict[str, Any]) -> list[Any]:
        """Gives each process its deed, the deeds in turn where there are fewer; what became of each."""
        at = time.monotonic() + HEAD_START_S
        for number, racer in enumerate(self._racers):
            assert racer.stdin
            deed = {name: str(value).format(n=number) if isinstance(value, str) else value
                    for name, value in deeds[number % len(deeds)].items()}  # fmt: skip
            racer.stdin.write(json.dumps(deed | {"at": at}) + "\n")
            racer.stdin.flush()
        became = []
        for racer in self._racers:
            assert racer.stdout
            became.append(json.loads(racer.stdout.readline()))
        return became

    def close(self) -> None:
        for racer in self._racers:
            racer.communicate(timeout=30)
        self.stores.close()


@pytest.fixture(params=STORES, scope="module")
def race(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    opened = Race(request.param, tmp_path_factory.mktemp("race"))
    yield opened
    opened.close()


def test_processes_at_the_edge_of_a_cap_never_pass_it(race: Race) -> None:
    for number in range(ROUNDS):
        race.stores.stock(milk=100)
        home = f"cap-{number}"

        became = race.run({"do": "reserve", "home": home, "amount_max": 3999, "consent": f"{home}-{{n}}"})

        assert PROCESSES - 3 == became.count("SpendCapExceeded"), became
        assert (3000, 3) == race.stores.spent(household_id=HouseholdId(home))
        orders = race.stores.orders.list(100, household_id=HouseholdId(home))
        assert sorted(order.order_id for order in orders) == sorted(each for each in became if each[0] == "2")
        for order in orders:
            race.stores.void(order)
        assert (0, 0) == race.stores.spent(household_id=HouseholdId(home))


def test_processes_for_the_last_pieces_never_oversell(race: Race) -> None:
    for number in range(ROUNDS):
        race.stores.stock(milk=1_000_000)
        race.stores.stock(
            milk=1_000_003 - race.stores.available("milk")
        )  # three, whatever other tests have left reserved
        home = f"stock-{number}"

        became = race.run({"do": "reserve", "home": home, "amount_max": None, "consent": f"{home}-{{n}}"})

        assert PROCESSES - 3 == became.count("OutOfStock"), became
        assert 0 == race.stores.available("milk")
        for order in race.stores.orders.list(100, household_id=HouseholdId(home)):
            race.stores.commit(order)
        assert 0 == race.stores.available("milk")


def test_processes_with_one_consent_make_one_order(race: Race) -> None:
    race.stores.stock(milk=1_000_000)
    for number in range(ROUNDS):
        home = f"consent-{number}"

        became = race.run({"do": "reserve", "home": home, "amount_max": None, "consent": home})

        assert PROCESSES - 1 == became.count("ConsentUsed"), became
        assert 1 == len(race.stores.orders.list(100, household_id=HouseholdId(home)))


def test_a_request_delivered_to_processes_at_once_is_answered_once(race: Race) -> None:
    for number in range(ROUNDS):
        became = race.run({"do": "close", "home": f"request-{number}", "request": f"request-{number}"})

        assert {"done": 1, "VersionConflict": PROCESSES - 1} == Counter(became)


def test_guesses_by_processes_at_once_at_most_three_are_checked(race: Race) -> None:
    race.stores.households.create(household("code"))
    for number in range(2):
        race.stores.set_code("4271", HouseholdId("code"))

        became = race.run({"do": "guess", "home": "code", "code": "000{n}", "request": f"guess-{number}-{{n}}"})

        assert {"False": 3, "CodeLocked": PROCESSES - 3} == Counter(map(str, became))


@pytest.mark.parametrize(("one", "other"), [("commit", "void"), ("cancel", "ship")])
def test_processes_resolve_an_order_once(race: Race, one: str, other: str) -> None:
    for _ in range(ROUNDS):
        race.stores.stock(milk=1_000_000)
        before = race.stores.available("milk")  # other tests have left goods reserved
        order = race.stores.reserve(household_id=f"{one}-{other}")
        if one == "cancel":
            race.stores.commit(order)

        became = race.run({"do": one, "order": order.order_id}, {"do": other, "order": order.order_id})

        assert {"done": 1, "OrderStateConflict": PROCESSES - 1} == Counter(became)
        now = race.stores.orders.get(order.order_id)
        assert now is not None
        given_back = now.state in ("voided", "cancelled")
        assert before - (not given_back) == race.stores.available("milk")


def test_processes_write_one_chain(race: Race) -> None:
    home = HouseholdId("chain")
    for _ in range(ROUNDS):
        assert ["done"] * PROCESSES == race.run({"do": "audit", "home": "chain"})

    entries = race.stores.ledger.audit(home, PROCESSES * ROUNDS + 1)
    anchor = race.stores.ledger.anchors()[home]
    assert PROCESSES * ROUNDS == len(entries) == len(anchor)
    assert () == verify_chain(entries, anchor, lambda message: race.stores.keys.mac("audit", message))
