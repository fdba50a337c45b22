"""Households shopping at once, against DynamoDB Local and running instances of the Alexa handler: is anything lost or doubled?

    python -m benchmarks.load [--households 200] [--seconds 300] [--instances 4] [--endpoint URL] [--json]

Each household talks in a loop: open, find, choose, put in the cart, check out, say the code; now and then a wrong code first, and
now and then the last request is sent twice at the same moment, as a platform does that has waited too long. An instance is a
process with the handler as Lambda loads it, and takes one request at a time; whoever finds none idle waits, as at a concurrency
limit. AWS but for the table is moto's server in this process. Without `--endpoint` DynamoDB Local is started from `.clients/`.

Afterwards everything is counted again. Exits with 1 unless every order that was confirmed aloud is there once, and no other; every
order was charged once, and no other; each household's windows and chain hold what its orders say; each shelf lacks what was sold.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from botocore.session import get_session  # noqa: E402

from skill.adapters.aws.table import table_definition  # noqa: E402
from skill.adapters.aws.wire import Credentials, JsonClient  # noqa: E402
from skill.app import App, build_app  # noqa: E402
from skill.catalogues import import_catalogue, open_feed  # noqa: E402
from skill.cli.demo import SAMPLE_CATALOGUE, make_sample_store  # noqa: E402
from skill.guard.audit import Fault  # noqa: E402
from skill.guard.policy_file import PolicyChange  # noqa: E402
from skill.households import change_policy, create_household, set_purchase_code  # noqa: E402
from skill.ordering.checking import all_orders, check_ledger, verify_audit  # noqa: E402
from skill.settings import Settings  # noqa: E402
from skill.shop.households import HouseholdId  # noqa: E402
from skill.shop.orders import OrderState  # noqa: E402
from skill.simulator.envelopes import AlexaEnvelopes  # noqa: E402
from skill.speech.answer import Phrase  # noqa: E402
from skill.speech.render import phrase  # noqa: E402

SKILL_ID = "amzn1.ask.skill.simulated"
MASTER = "a master key of no store" * 2
CODE, WRONG_CODE = "4271", "0000"
WISHES = ("bread", "milk", "coffee", "apples", "yogurt", "crackers", "dog food", "dish soap", "eggs", "pasta")
#: What a household may spend a day, in minor units; some come to its edge.
CAP_MINOR = 15_000
WRONG_CODE_SHARE, SENT_TWICE_SHARE = 0.1, 0.2
STEPS_TO_ORDER_MAX = 4

#: An instance: the handler as Lambda loads it, a request a line.
INSTANCE = """
import importlib, json, sys
handler = importlib.import_module("lambda.alexa").handler
for line in sys.stdin:
    try:
        answer = handler(json.loads(line), None)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
"""


class Instance:
    """One process, one request at a time."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", INSTANCE], cwd=ROOT, env=variables, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class Instances:
    """Whoever has a request takes an idle one."""

    def __init__(self, number: int, variables: dict[str, str], folder: Path) -> None:
        self._idle: queue.SimpleQueue[Instance] = queue.SimpleQueue()
        self._all = [Instance(variables | {"SAYSO_DATA_DIR": str(folder / str(each))}) for each in range(number)]
        for each in self._all:
            self._idle.put(each)

    def handle(self, request: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """The answer, and how long the instance took for it."""
        instance = self._idle.get()
        try:
            began = time.monotonic()
            return instance.handle(request), time.monotonic() - began
        finally:
            self._idle.put(instance)

    def close(self) -> None:
        for each in self._all:
            each.close()


@dataclass
class Told:
    """What the households heard."""

    turns: int = 0
    confirmed: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    sent_twice: int = 0
    answered_apart: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def store(endpoint: str, folder: Path, households: int) -> Iterator[tuple[App, dict[str, str], Any]]:
    """The sample store with so many households over an empty table, and what its instances are started with."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    keys = {"region_name": "us-east-1", "aws_access_key_id": "load", "aws_secret_access_key": "load"}
    table = f"load-{os.getpid()}-{time.monotonic_ns()}"
    dynamodb = get_session().create_client("dynamodb", endpoint_url=endpoint, **keys)
    dynamodb.create_table(**table_definition(table))
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    secrets = get_session().create_client("secretsmanager", endpoint_url=f"http://{host}:{port}", **keys)
    secrets.create_secret(Name=table, SecretString=json.dumps({"master": MASTER}))
    data = folder / "data"
    make_sample_store(data)
    quick = JsonClient(
        "dynamodb", "us-east-1", Credentials("load", "load"), address=endpoint, connect_timeout_s=5, read_timeout_s=30
    )
    app = build_app(Settings(data_dir=data, keys_dir=data / "keys", table=table, master=MASTER), dynamodb=quick)
    import_catalogue(app, open_feed(app, SAMPLE_CATALOGUE))
    for number in range(households):
        household = create_household(
            app.ports, name=f"Household {number}", address=f"{number + 1} Mill Road",
            time_zone=app.ports.store.time_zone, email="", who="load", household_id=f"hh_{number}",
        )  # fmt: skip
        limits = {"quiet_hours": None, "order_gap_min_s": None, "duplicate_window_s": None, "orders_per_day_max": 1000}
        limits |= {"day_max": CAP_MINOR, "week_max": None, "month_max": None, "adult_approval_over": None}
        change_policy(app.ports, "household", household.household_id, PolicyChange(limits), "load", "shops all day")
        set_purchase_code(app.ports, household.household_id, CODE, "load")
        app.ports.households.link(household.household_id, "alexa", f"user-{number}", app.ports.clock.now_utc())
    try:
        yield (
            app,
            {
                "PATH": os.defpath, "LANG": "en_US.UTF-8", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "load",
                "AWS_SECRET_ACCESS_KEY": "load", "AWS_ENDPOINT_URL": f"http://{host}:{port}",
                "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_LAMBDA_FUNCTION_NAME": "alexa", "SAYSO_SKILL_ID": SKILL_ID,
                "SAYSO_TABLE": table, "SAYSO_SECRET": table, "SAYSO_SEED_DIR": str(data),
            },
            dynamodb,
        )  # fmt: skip
    finally:
        app.close()
        quick.close()
        secrets.close()
        dynamodb.close()
        server.stop()


def shop(number: int, instances: Instances, until: float, told: Told) -> None:
    """One household's afternoon."""
    chance = random.Random(number)
    done = phrase(Phrase("ordered", {"lines": "\0", "total": "\0"}), "en-US").partition("\0")[0]
    while time.monotonic() < until:
        envelopes = AlexaEnvelopes(f"user-{number}", skill_id=SKILL_ID)

        def say(request: dict[str, Any]) -> str:
            answer, took_s = instances.handle(request)
            with told.lock:
                told.turns += 1
                told.took_s.append(took_s)
            return envelopes.heard(answer).speech  # noqa: B023

        try:
            say(envelopes.launch())
            say(envelopes.intent("find_products", {"product_query": chance.choice(WISHES)}))
            say(envelopes.intent("choose_item", {"ordinal": str(chance.randint(1, 3))}))
            say(envelopes.intent("yes", {}))
            heard = say(envelopes.intent("check_out", {}))
            if "code" not in heard:
                # Refused, as at the edge of the cap; the next basket is another one.
                say(envelopes.intent("clear_cart", {}))
                say(envelopes.intent("yes", {}))
                continue
            if chance.random() < WRONG_CODE_SHARE:
                say(envelopes.intent("give_code", {"code": WRONG_CODE}))
            for _ in range(STEPS_TO_ORDER_MAX):
                request = envelopes.intent("give_code", {"code": CODE})
                heard = _say_twice(say, request, told, done) if chance.random() < SENT_TWICE_SHARE else say(request)
                if not heard.startswith(done):
                    # Asked whether the same basket is meant again, or something of the kind.
                    heard = say(envelopes.intent("yes", {}))
                if heard.startswith(done):
                    with told.lock:
                        told.confirmed[f"hh_{number}"] += 1
                    break
            instances.handle(envelopes.end())
        except RuntimeError as failure:
            with told.lock:
                told.failures.append(str(failure))


def _say_twice(say: Any, request: dict[str, Any], told: Told, done: str) -> str:
    """The same request at the same moment, as a platform sends it that has waited too long; what the household hears.

    One of the two may be told that the other is at work; the platform speaks the answer of either.
    """
    second: list[str] = []
    other = threading.Thread(target=lambda: second.append(say(request)))
    other.start()
    first: str = say(request)
    other.join()
    with told.lock:
        told.sent_twice += 1
        told.answered_apart += [first] != second
    return next((each for each in (first, *second) if each.startswith(done)), first)


def count_again(app: App, dynamodb: Any, table: str, told: Told, shelves: dict[str, int]) -> dict[str, int]:
    """How much of each kind is wrong; nothing, where all is well."""
    orders = list(all_orders(app.ports))
    committed = Counter(str(order.household_id) for order in orders if order.state is OrderState.COMMITTED)
    sold = Counter[str]()
    for order in orders:
        if order.state is OrderState.COMMITTED:
            sold.update({str(line.sku): line.quantity for line in order.lines})
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    charged = [
        item["pk"]["S"].partition("#")[2]
        for page in pages
        for item in page["Items"]
        if item["sk"]["S"] == "PAYMENT" and item["state"]["S"] == "approved"
    ]
    in_stock = {str(sku): item.available for sku, item in app.ports.inventory.items(list(shelves)).items()}
    households = sorted({order.household_id for order in orders})
    return {
        "orders lost": (told.confirmed - committed).total(),
        "orders doubled": (committed - told.confirmed).total(),
        "orders unfinished": sum(order.state is OrderState.RESERVED for order in orders),
        "charges without an order": len(
            set(charged) - {str(o.order_id) for o in orders if o.state is OrderState.COMMITTED}
        ),
        "orders without a charge": committed.total() - len(charged),
        "windows that drifted": sum(len(check_ledger(app.ports, each)) for each in households),
        "chains that broke": sum(_is_broken(app, each) for each in households),
        "shelves that are wrong": sum(in_stock[sku] != had - sold[sku] for sku, had in shelves.items()),
        "turns that failed": len(told.failures),
    }


def _is_broken(app: App, household_id: HouseholdId) -> bool:
    """Whether its chain has a fault other than that nothing outside the table vouches for it: there is no stream here."""
    return any(each.fault is not Fault.UNANCHORED for each in verify_audit(app.ports, household_id, {}))


def measure(endpoint: str, households: int, seconds: float, instances: int) -> dict[str, Any]:
    """Figures, and what was found wrong under `wrong`."""
    with tempfile.TemporaryDirectory() as name, store(endpoint, Path(name), households) as (app, variables, dynamodb):
        skus = [product.sku for product in app.catalogue.current().shelf()]
        shelves = {str(sku): item.available for sku, item in app.ports.inventory.items(skus).items()}
        told, running = Told(), Instances(instances, variables, Path(name))
        began = time.monotonic()
        shoppers = [
            threading.Thread(target=shop, args=(number, running, began + seconds, told)) for number in range(households)
        ]
        for each in shoppers:
            each.start()
        for each in shoppers:
            each.join()
        took_s = time.monotonic() - began
        running.close()
        wrong = count_again(app, dynamodb, variables["SAYSO_TABLE"], told, shelves)
    percentiles = quantiles(told.took_s, n=100)
    return {
        "households": households, "seconds": round(took_s), "instances": instances, "turns": told.turns,
        "orders": told.confirmed.total(), "households that ordered": len(told.confirmed),
        "sent twice": told.sent_twice, "of those answered apart": told.answered_apart,
        "turn_s": {"median": percentiles[49], "p99": percentiles[98]}, "wrong": wrong, "failures": told.failures[:5],
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--households", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--instances", type=int, default=4)
    parser.add_argument("--endpoint")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    endpoint = given.endpoint
    if endpoint is None:
        from tests.contracts import dynamodb_local

        endpoint = dynamodb_local.endpoint()
    figures = measure(endpoint, given.households, given.seconds, given.instances)
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<26} {value}")
    return int(any(figures["wrong"].values()))


if __name__ == "__main__":
    sys.exit(main())
