"""The function that counts: what it tells CloudWatch, and that nothing but counts is in it."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from skill.adapters.aws.figures import DynamoFigures
from tests.contracts import dynamodb_local
from tests.contracts.stores import SetClock, draft, over_dynamodb

botocore = pytest.importorskip("botocore.session")


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("SAYSO_STACK", "corner-store")
    return importlib.import_module("lambda.figures")


def metrics_in(printed: str) -> dict[str, Any]:
    """What CloudWatch would make of the log: each metric's value by its name and its further dimensions."""
    found = {}
    for line in printed.splitlines():
        document = json.loads(line)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            assert "Sayso" == directive["Namespace"]
            (dimensions,) = directive["Dimensions"]
            assert "corner-store" == document["Stack"]
            values = tuple(document[name] for name in dimensions if name != "Stack")
            for metric in directive["Metrics"]:
                (found[(metric["Name"], *values)],) = document[metric["Name"]]
    return found


def test_counts_become_metrics_and_refusals_name_their_reason(
    figures: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = Counter(
        {"records": 9, "turns": 7, "missed": 2, "quotes": 1, "orders": 1, "refused": 3, "codes_wrong": 1}
        | {"refused:spend_cap": 2, "refused:quiet_hours": 1, "took:50": 7, "revenue_minor": 1299}
    )
    monkeypatch.setattr(figures, "take", lambda: lambda records: counts)
    assert {"counted": 9} == figures.handler({"Records": [{}]}, None)
    assert {
        ("Turns",): 7,
        ("Understood",): 5,
        ("NotUnderstood",): 2,
        ("Quotes",): 1,
        ("Orders",): 1,
        ("Refusals",): 3,
        ("CodesWrong",): 1,
        ("RefusalsByReason", "spend_cap"): 2,
        ("RefusalsByReason", "quiet_hours"): 1,
    } == metrics_in(capsys.readouterr().out)


def test_a_batch_that_was_counted_before_tells_nothing(
    figures: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(figures, "take", lambda: lambda records: Counter(records=0))
    assert {"counted": 0} == figures.handler({"Records": [{}]}, None)
    assert "" == capsys.readouterr().out


def test_an_order_in_the_table_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    with mock_aws():
        client = botocore.get_session().create_client("dynamodb", region_name="us-east-1")
        dynamodb_local.create_table(client, dynamodb_local.table_name(tmp_path))
        stores = over_dynamodb(client, tmp_path, SetClock())
        stores.stock(milk=5)
        stores.commit(stores.reserve(lines={"milk": 2}))
        stores.ledger.write_audit(draft("code_wrong"))
        table = stores.ledger._table  # type: ignore[attr-defined]
        counting = DynamoFigures(table, "UTC")
        items = dynamodb_local.items_of(client, table.name)
        counted = counting.take(items)
        assert (3, 1, 2000, 1) == tuple(counted[n] for n in ("records", "orders", "revenue_minor", "codes_wrong"))
        assert 0 == counting.take(items)["records"]
        stores.close()
