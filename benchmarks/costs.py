"""What a store on AWS costs a month: what a turn and an order use, measured, times what AWS asks for it.

    python -m benchmarks.costs                        the sums, from the units below
    python -m benchmarks.costs --measure --endpoint URL   measures the units again, on DynamoDB Local

The units are DynamoDB's own (`ReturnConsumedCapacity`) over the conversation of `benchmarks.calls`: eighteen turns with a quote, a
wrong code and one order, and then what the stream's functions and an idle sweeper use for it. The prices are those of us-east-1 for
accounts beyond their free tier. `docs/aws-costs.md` holds the table that this prints.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

#: US dollars, us-east-1, on demand, November 2026 (aws.amazon.com/…/pricing). Everything else is a count of ours.
PRICES = {
    "a million read units": 0.125,
    "a million write units": 0.625,
    "a GB kept a month": 0.25,
    "a GB of point-in-time recovery": 0.20,
    "a million requests of Lambda": 0.20,
    "a GB-second of Lambda, arm64": 0.0000133334,
    "a GB of logs": 0.50,
    "a million calls of the HTTP API": 1.00,
    "a million events on the bus": 1.00,
    "a metric": 0.30,
    "an alarm": 0.10,
    "a secret": 0.40,
    "a KMS key": 1.00,
}

#: Measured on 2026-11-22 with --measure: units of a whole conversation.
UNITS = {
    "turns": 18,
    "orders": 1,
    "read units": 541.0,
    "write units": 421.0,
    "read units of the stream": 27.0,
    "write units of the stream": 88.0,
    "read units of a sweep": 18.0,
    "bytes kept of a turn": 790,
    "bytes kept of an order": 11_339,
}

#: Of the template, without order updates on Alexa, which add an alarm and a secret. A metric is billed for the hours in which
#: it was told; these are the ones of every day.
FIXED = {"metrics": 19, "alarms": 24, "secrets": 3, "keys": 1}
MEMORY_GB = 0.5
#: A warm turn waits for two or three round trips of a few milliseconds; this is rounded up.
TURN_S, STREAM_S, SWEEP_S = 0.060, 0.080, 0.300
#: One line of ours, and the runtime's own about each call.
LOG_BYTES = 2000
SWEEPS = 30 * 24 * 60
SIZES = (1_000, 100_000, 10_000_000)
#: The stream's functions take up to this many records at once; a quiet store wakes them for every turn.
BATCH_MAX = 100


@dataclass(frozen=True, slots=True)
class Month:
    """What a month of so many turns costs, in dollars, by what it is for."""

    turns: int
    dollars: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.dollars.values())


def month(turns: int, units: Mapping[str, float] = UNITS) -> Month:
    share = turns / units["turns"]
    orders = share * units["orders"]
    reads = share * (units["read units"] + units["read units of the stream"]) + SWEEPS * units["read units of a sweep"]
    writes = share * (units["write units"] + units["write units of the stream"])
    # A quiet store's batches have one turn in them, a busy one's are full: turns a second say which.
    batch = min(max(turns / (30 * 86400), 1.0), BATCH_MAX)
    wakes = 2 * turns / batch
    seconds = turns * TURN_S + wakes * STREAM_S + SWEEPS * SWEEP_S
    # Sessions and answers are kept two days, orders and their audit for good: a year of them is counted.
    kept_gb = (turns / 15 * units["bytes kept of a turn"] + 12 * orders * units["bytes kept of an order"]) / 1e9
    million = 1e6
    return Month(
        turns,
        {
            "DynamoDB, reads": reads / million * PRICES["a million read units"],
            "DynamoDB, writes": writes / million * PRICES["a million write units"],
            "DynamoDB, kept": kept_gb * (PRICES["a GB kept a month"] + PRICES["a GB of point-in-time recovery"]),
            "Lambda, calls": (turns + wakes + SWEEPS) / million * PRICES["a million requests of Lambda"],
            "Lambda, time": seconds * MEMORY_GB * PRICES["a GB-second of Lambda, arm64"],
            "HTTP API": turns / 2 / million * PRICES["a million calls of the HTTP API"],
            "Events": 2 * orders / million * PRICES["a million events on the bus"],
            "Logs": (turns + wakes + SWEEPS) * LOG_BYTES / 1e9 * PRICES["a GB of logs"],
            "Metrics and alarms": FIXED["metrics"] * PRICES["a metric"] + FIXED["alarms"] * PRICES["an alarm"],
            "Secrets and key": FIXED["secrets"] * PRICES["a secret"] + FIXED["keys"] * PRICES["a KMS key"],
        },
    )


def table(units: Mapping[str, float] = UNITS) -> str:
    """The sums as a Markdown table."""
    months = [month(turns, units) for turns in SIZES]
    lines = ["| dollars a month | " + " | ".join(f"{each.turns:,} turns" for each in months) + " |"]
    lines.append("|---|" + "---:|" * len(months))
    for name in months[0].dollars:
        lines.append(f"| {name} | " + " | ".join(f"{each.dollars[name]:,.2f}" for each in months) + " |")
    lines.append("| **all of it** | " + " | ".join(f"**{each.total:,.2f}**" for each in months) + " |")
    return "\n".join(lines)


# --- measuring --------------------------------------------------------------------------------------------------------


class WeighingClient:
    """A DynamoDB client that adds up the units which each call used."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.read = self.written = 0.0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)
        if name not in ("batch_get_item", "query", "get_item", "transact_write_items", "update_item", "put_item"):
            return call  # type: ignore[no-any-return]

        def weighed(**request: Any) -> Any:
            answer = call(**request, ReturnConsumedCapacity="TOTAL")
            used = answer.get("ConsumedCapacity") or []
            units = sum(each["CapacityUnits"] for each in (used if isinstance(used, list) else [used]))
            if name in ("batch_get_item", "query", "get_item"):
                # AWS asks one unit for what is not there as well, which the emulator does not.
                keys = [each["Keys"] for each in request.get("RequestItems", {}).values()]
                self.read += max(units, sum(map(len, keys)) or 1)
            else:
                self.written += units
            return answer

        return weighed


def measure(client: Any) -> dict[str, float]:
    """The units of one conversation, of the stream's functions for it, and of a sweep that finds nothing."""
    import shutil
    import tempfile
    from datetime import timedelta

    from benchmarks.calls import CONVERSATION, Standing
    from skill.adapters.aws.figures import DynamoFigures
    from skill.adapters.aws.table import Table, table_definition, unpack
    from skill.adapters.local.payments import DemoPayments
    from skill.adapters.sqlite.database import Database
    from skill.app import build_app
    from skill.background import Background
    from skill.catalogues import import_catalogue, open_feed
    from skill.cli.demo import SAMPLE_CATALOGUE, ensure_demo_household, make_sample_store
    from skill.platforms.alexa import AlexaSkill
    from skill.settings import Settings
    from skill.simulator import SIMULATED_USER
    from skill.simulator.envelopes import AlexaEnvelopes

    name = "costs"
    with tempfile.TemporaryDirectory() as folder:
        sample, clock = Path(folder) / "sample", Standing()
        make_sample_store(sample)
        data = Path(folder) / "data"
        shutil.copytree(sample, data)
        client.create_table(**table_definition(name))
        weighing, provider = WeighingClient(client), Database(data / "provider.db")
        settings = Settings(data_dir=data, keys_dir=data / "keys", table=name, master="a master key of no store" * 2)
        app = build_app(settings, clock=clock, payments=DemoPayments(provider), dynamodb=weighing)
        import_catalogue(app, open_feed(app, SAMPLE_CATALOGUE))
        ensure_demo_household(app)
        skill = AlexaSkill(app.answer, store=app.ports.store.store_id, skill_id="amzn1.ask.skill.simulated")
        envelopes = AlexaEnvelopes(SIMULATED_USER, now=clock.now_utc)
        skill.handle(envelopes.launch())

        def items() -> dict[tuple[str, str], dict[str, Any]]:
            pages = client.get_paginator("scan").paginate(TableName=name)
            read = (unpack(wire) for page in pages for wire in page["Items"])
            return {(each["pk"], each["sk"]): each for each in read}

        before = items()
        weighing.read = weighing.written = 0.0
        for _, intent, slots, _ in CONVERSATION:
            clock.now += timedelta(seconds=1)
            skill.handle(envelopes.launch() if intent == "launch" else envelopes.intent(intent, slots))
        units = {"read units": weighing.read, "write units": weighing.written}
        new = {key: each for key, each in items().items() if key not in before}
        (order,) = app.ports.orders.list(10)
        if order.state.value != "committed":
            raise RuntimeError(f"the conversation ends with an order that is {order.state}")

        weighing.read = weighing.written = 0.0
        counting = DynamoFigures(Table(weighing, name), app.ports.store.time_zone)
        for each in new.values():  # a quiet store: each record comes alone
            counting.take([each])
        units |= {"read units of the stream": weighing.read, "write units of the stream": weighing.written}
        Background(app).run_once()
        weighing.read = weighing.written = 0.0
        Background(app).run_once()
        units["read units of a sweep"] = weighing.read
        turns = len(CONVERSATION)
        short = [each for key, each in new.items() if key[1] in ("ANSWER", "ATTEMPT") or key[1].startswith("S#")]
        lasting = [each for key, each in new.items() if each not in short]
        units["bytes kept of a turn"] = sum(len(json.dumps(each, default=str)) for each in short) // turns
        units["bytes kept of an order"] = sum(len(json.dumps(each, default=str)) for each in lasting)
        app.close()
        provider.close()
    return {"turns": turns, "orders": 1, **units}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--measure", action="store_true", help="measure the units again")
    arguments.add_argument("--endpoint", help="a DynamoDB to measure on, such as DynamoDB Local's address")
    given = arguments.parse_args()
    units: Mapping[str, float] = UNITS
    if given.measure:
        if not given.endpoint:
            arguments.error("--measure needs --endpoint: moto does not count units")
        from benchmarks.calls import dynamodb

        with dynamodb(given.endpoint) as client:
            units = measure(client)
    for name, value in units.items():
        print(f"{name:<28} {value:>10,.1f}" if isinstance(value, float) else f"{name:<28} {value:>10,}")
    print()
    print(table(units))
    return 0


if __name__ == "__main__":
    sys.exit(main())
