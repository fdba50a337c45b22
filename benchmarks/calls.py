"""Storage round trips a turn on DynamoDB: every call that the adapters make, counted over whole conversations.

    python -m benchmarks.calls [--json] [--endpoint URL]

The store is the sample's, behind the real Alexa adapter, dialogue, guard and DynamoDB adapters. The table is moto's, in this
process, or that of a DynamoDB at `--endpoint` (DynamoDB Local); the number of calls is the same. The demonstration's payment
provider stands for somebody else's system and is kept in memory here.

Two columns: `warm`, an instance that has heard the account before, and `cold`, one that hears it for the first time with this
very turn, which costs a round trip to find the household, and may cost one more for the shelf or the windows.

Goals, warm: at most two for a turn that is not a check-out, at most four for one that checks a code and orders. Exits with 1
where one is missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from botocore.session import get_session

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skill.adapters.aws.table import table_definition
from skill.adapters.local.payments import DemoPayments
from skill.adapters.sqlite.database import Database
from skill.app import App, build_app
from skill.catalogues import import_catalogue, open_feed
from skill.cli.demo import DEMO_CODE, SAMPLE_CATALOGUE, ensure_demo_household, make_sample_store
from skill.platforms.alexa import AlexaSkill
from skill.settings import Settings
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes

GOAL = 2
GOAL_ORDER = 4
GOAL_QUOTE = 4

#: What is said, in order, and the most calls that it may take on a warm instance.
CONVERSATION: tuple[tuple[str, str, dict[str, str], int], ...] = (
    ("launch", "launch", {}, GOAL),
    ("find", "find_products", {"product_query": "bread"}, GOAL),
    ("more", "more_results", {}, GOAL),
    ("describe", "describe_item", {"ordinal": "1"}, GOAL),
    ("choose", "choose_item", {"ordinal": "1"}, GOAL),
    ("yes", "yes", {}, GOAL),
    ("show cart", "show_cart", {}, GOAL),
    ("change quantity", "set_quantity", {"quantity": "2"}, GOAL),
    ("repeat", "repeat", {}, GOAL),
    ("help", "help", {}, GOAL),
    ("fallback", "fallback", {}, GOAL),
    ("limits", "show_limits", {}, GOAL),
    ("order status", "order_status", {}, GOAL),
    ("check out", "check_out", {}, GOAL_QUOTE),
    ("wrong code", "give_code", {"code": "0000"}, GOAL_ORDER),
    ("code and order", "give_code", {"code": DEMO_CODE}, GOAL_ORDER),
    ("order status after", "order_status", {}, GOAL),
    ("goodbye", "stop", {}, GOAL),
)


class CountingClient:
    """A DynamoDB client that notes every call."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def counted(**request: Any) -> Any:
            self.calls.append(name)
            return call(**request)

        return counted


class Standing:
    """A clock that moves on by a second a turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)

    def now_utc(self) -> datetime:
        return self.now


def measure(client: Any) -> Iterator[tuple[str, int, list[str], list[str]]]:
    """Every turn's name, goal, and the calls it made warm and cold."""
    with tempfile.TemporaryDirectory() as folder:
        sample, clock = Path(folder) / "sample", Standing()
        make_sample_store(sample)
        warm = _converse(Path(folder) / "warm", sample, client, clock, "warm", cold=False)
        cold = _converse(Path(folder) / "cold", sample, client, clock, "cold", cold=True)
        for (name, _, _, goal), of_warm, of_cold in zip(CONVERSATION, warm, cold, strict=True):
            yield name, goal, of_warm, of_cold


def _converse(folder: Path, sample: Path, client: Any, clock: Standing, table: str, *, cold: bool) -> list[list[str]]:
    """The calls of every turn. `cold`: each turn is heard by an instance that has just started."""
    shutil.copytree(sample, folder)
    client.create_table(**table_definition(table))
    counting, provider = CountingClient(client), Database(folder / "provider.db")
    opened: list[App] = []

    def start() -> AlexaSkill:
        settings = Settings(
            data_dir=folder, keys_dir=folder / "keys", table=table, master="a master key of no store" * 2
        )
        app = build_app(settings, clock=clock, payments=DemoPayments(provider), dynamodb=counting)
        opened.append(app)
        return AlexaSkill(app.answer, store=app.ports.store.store_id, skill_id="amzn1.ask.skill.simulated")

    skill, numbers = start(), count()
    import_catalogue(opened[0], open_feed(opened[0], SAMPLE_CATALOGUE))
    ensure_demo_household(opened[0])
    envelopes = AlexaEnvelopes(SIMULATED_USER, ids=lambda: f"{next(numbers):012}", now=clock.now_utc)
    skill.handle(envelopes.launch())
    made = []
    for _, intent, slots, _ in CONVERSATION:
        clock.now += timedelta(seconds=1)
        if cold:
            skill = start()
        counting.calls.clear()
        request = envelopes.launch() if intent == "launch" else envelopes.intent(intent, slots)
        answer = skill.handle(request)
        if "error" in json.dumps(answer).lower() and "response" not in answer:
            raise RuntimeError(f"{intent}: {answer}")
        made.append(list(counting.calls))
    (order,) = opened[0].ports.orders.list(10)
    if order.state.value != "committed":
        raise RuntimeError(f"the conversation ends with an order that is {order.state}")
    for app in opened:
        app.close()
    provider.close()
    return made


@contextmanager
def dynamodb(endpoint: str | None) -> Iterator[Any]:
    """A client for the DynamoDB at `endpoint`, or for moto's in this process."""
    keys = {"region_name": "us-east-1", "aws_access_key_id": "benchmark", "aws_secret_access_key": "benchmark"}
    if endpoint:
        yield get_session().create_client("dynamodb", endpoint_url=endpoint, **keys)
        return
    from moto import mock_aws

    with mock_aws():
        yield get_session().create_client("dynamodb", **keys)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--endpoint")
    given = arguments.parse_args()
    with dynamodb(given.endpoint) as client:
        rows = list(measure(client))
    missed = [name for name, goal, warm, _ in rows if len(warm) > goal]
    if given.json:
        turns = {name: {"goal": goal, "warm": warm, "cold": cold} for name, goal, warm, cold in rows}
        print(json.dumps({"turns": turns, "missed": missed}, indent=2))
    else:
        print(f"{'turn':<20} {'goal':>4} {'warm':>5} {'cold':>5}  calls of a warm instance")
        for name, goal, warm, cold in rows:
            print(f"{name:<20} {goal:>4} {len(warm):>5} {len(cold):>5}  {', '.join(warm)}")
        print(f"missed: {', '.join(missed)}" if missed else "every goal is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
