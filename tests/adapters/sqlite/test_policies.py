"""Policies as SQLite keeps them: changes with who and why, and what cannot be read means "refuse"."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.adapters.local.keys import FileKeys
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import SqliteHouseholds
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.adapters.sqlite.policies import SqlitePolicies
from skill.errors import PolicyInvalid
from skill.guard.policy import Layer
from tests.contracts.stores import NOON, SetClock, draft, household

CHANGED = draft("policy_changed")
LAYER = Layer("household", "home", {"order_max": 100, "skus_denied": frozenset({"b", "a"})})


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(":memory:")
    yield opened
    opened.close()


@pytest.fixture
def policies(database: Database, tmp_path: Path) -> SqlitePolicies:
    keys = FileKeys(tmp_path / "keys")
    ledger = SqliteLedger(database, keys)
    SqliteHouseholds(database, keys, SetClock(), ledger).create(household())
    return SqlitePolicies(database, ledger)


@pytest.mark.parametrize(
    "stored",
    ["", "{", "[]", "null", "7", '{"skus_denied": "abc"}', '{"skus_denied": [1]}', '{"skus_denied": 7}',
     '{"quiet_hours": [1260]}', '{"quiet_hours": [[1260]]}', '{"quiet_hours": 7}'],
)  # fmt: skip
def test_a_stored_policy_that_is_malformed_is_invalid(
    database: Database, policies: SqlitePolicies, stored: str
) -> None:
    policies.set_layer(LAYER, "kim", "because", NOON, CHANGED)

    def damage(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE policies SET knobs = ?", (stored,))

    database.write(damage)

    with pytest.raises(PolicyInvalid):
        policies.layer("household", "home")


def test_every_change_is_kept_with_who_and_why_and_what_it_was(database: Database, policies: SqlitePolicies) -> None:
    first = policies.set_layer(LAYER, "kim", "set up", NOON, CHANGED)
    policies.set_layer(Layer("household", "home", {"order_max": 50}, first.version), "lee", "too much", NOON, CHANGED)

    rows = database.read(lambda c: c.execute("SELECT version, who, why, at, old, new FROM policy_changes").fetchall())

    whole, less = {"order_max": 100, "skus_denied": ["a", "b"]}, {"order_max": 50}
    at = "2026-11-21T12:00:00.000000+00:00"
    assert [(1, "kim", "set up", at, {}, whole), (2, "lee", "too much", at, whole, less)] == [
        (version, who, why, when, json.loads(old), json.loads(new)) for version, who, why, when, old, new in rows
    ]
