"""Policies: one row a layer, its knobs as JSON, and every change with who made it and why."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from skill.adapters.records import read_knobs, write_knobs, write_time
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import OF_HOUSEHOLD, check_household
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.errors import VersionConflict
from skill.guard.policy import Layer, check_layer, household_of
from skill.ports import AuditDraft, TurnRecord
from skill.shop.households import HouseholdId

_LAYER = "SELECT knobs, version FROM policies WHERE level = ? AND subject = ?"
_INSERT = "INSERT INTO policies (level, subject, version, knobs) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING"
_UPDATE = "UPDATE policies SET version = version + 1, knobs = ?3 WHERE level = ?1 AND subject = ?2 AND version = ?4"
_CHANGE = "INSERT INTO policy_changes (level, subject, version, who, why, at, old, new) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SUBJECTS = f"SELECT level, subject FROM policies WHERE {OF_HOUSEHOLD} ORDER BY level, subject LIMIT ?2"


class SqlitePolicies:
    def __init__(self, database: Database, ledger: SqliteLedger) -> None:
        self._database = database
        self._ledger = ledger

    def layer(self, level: str, subject: str) -> Layer:
        """A layer that was never set has no knobs and version 0."""
        row = self._database.read(lambda connection: connection.execute(_LAYER, (level, subject)).fetchone())
        return Layer(level, subject, {}) if row is None else Layer(level, subject, read_knobs(row[0]), row[1])

    def set_layer(
        self, layer: Layer, who: str, why: str, now: datetime, audit: AuditDraft, record: TurnRecord | None = None
    ) -> Layer:
        """Raises `PolicyInvalid` for knobs that `layer` could not give back; then nothing was written."""
        check_layer(layer)
        new, at = write_knobs(layer.knobs), write_time(now)

        def change(connection: sqlite3.Connection) -> None:
            if layer.level != "store":
                check_household(connection, HouseholdId(household_of(layer.subject)))
            row = connection.execute(_LAYER, (layer.level, layer.subject)).fetchone()
            if layer.version:
                written = connection.execute(_UPDATE, (layer.level, layer.subject, new, layer.version))
            else:
                written = connection.execute(_INSERT, (layer.level, layer.subject, new))
            if written.rowcount != 1:
                raise VersionConflict("the policy was changed meanwhile", version=layer.version)
            old = row[0] if row else "{}"
            connection.execute(_CHANGE, (layer.level, layer.subject, layer.version + 1, who, why, at, old, new))

        self._ledger.write_with_audit(change, audit, record)
        return replace(layer, version=layer.version + 1)

    def subjects(self, household_id: HouseholdId, limit: int) -> Sequence[tuple[str, str]]:
        return tuple(self._database.read(lambda c: c.execute(_SUBJECTS, (household_id, limit)).fetchall()))
