"""Whole conversations through the Alexa adapter over DynamoDB Local: what they cost in round trips, and that they order."""

from __future__ import annotations

import pytest

from benchmarks.calls import measure
from tests.contracts import dynamodb_local

pytestmark = pytest.mark.clients


def test_no_turn_makes_more_calls_than_it_may() -> None:
    client = dynamodb_local.make_client(dynamodb_local.endpoint())
    for table in ("warm", "cold"):
        if table in client.list_tables()["TableNames"]:
            client.delete_table(TableName=table)

    rows = list(measure(client))

    assert [] == [(name, warm) for name, goal, warm, _ in rows if len(warm) > goal]
    assert [] == [(name, cold) for name, goal, _, cold in rows if len(cold) > goal + 4]
