"""Policies: one row a layer, its knobs as JSON, and every change with who made it and why."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from skill.adapters.records import read_json, write_json, write_time
from skill.adapters.sqlite.database import Database
from skill.errors import PolicyInvalid, VersionConflict
from skill.guard.policy import KNOBS, Layer, check_layer

_LAYER = "SELECT knobs, version FROM policies WHERE level = ? AND subject = ?"
_INSERT = "INSERT INTO policies (level, subject, version, knobs) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING"
_UPDATE = "UPDATE policies SET version = version + 1, knobs = ?3 WHERE level = ?1 AND subject = ?2 AND version = ?4"
_CHANGE = "INSERT INTO policy_changes (level, subject, version, who, why, at, old, new) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class SqlitePolicies:
    def __init__(self, database: Database) -> None:
        self._database = database

    def layer(self, level: str, subject: str) -> Layer:
        """A layer that was never set has no knobs and version 0."""
        row = self._database.read(lambda connection: connection.execute(_LAYER, (level, subject)).fetchone())
        return Layer(level, subject, {}) if row is None else Layer(level, subject, read_knobs(row[0]), row[1])

    def set_layer(self, layer: Layer, who: str, why: str, now: datetime) -> Layer:
        """Raises `PolicyInvalid` for knobs that `layer` could not give back; then nothing was written."""
        check_layer(layer)
        new, at = write_knobs(layer.knobs), write_time(now)

        def change(connection: sqlite3.Connection) -> None:
            row = connection.execute(_LAYER, (layer.level, layer.subject)).fetchone()
            if layer.version:
                written = connection.execute(_UPDATE, (layer.level, layer.subject, new, layer.version))
            else:
                written = connection.execute(_INSERT, (layer.level, layer.subject, new))
            if written.rowcount != 1:
                raise VersionConflict("the policy was changed meanwhile", version=layer.version)
            old = row[0] if row else "{}"
            connection.execute(_CHANGE, (layer.level, layer.subject, layer.version + 1, who, why, at, old, new))

        self._database.write(change)
        return replace(layer, version=layer.version + 1)


def write_knobs(knobs: Mapping[str, Any]) -> str:
    """Sets as sorted lists; everything else as JSON has it."""
    return write_json({name: sorted(value) if isinstance(value, frozenset) else value for name, value in knobs.items()})


def read_knobs(text: str) -> Mapping[str, Any]:
    """Raises `PolicyInvalid` for what `write_knobs` cannot have written."""
    try:
        knobs = read_json(text)
        return {name: _read_knob(name, value) for name, value in knobs.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise PolicyInvalid(f"a stored policy cannot be read: {error}") from error


def _read_knob(name: str, value: Any) -> Any:
    knob = KNOBS.get(name)
    if knob is not None and value is not None:
        if knob.kind == "set":
            return _names(value)
        if knob.kind == "hours":
            return tuple((start, end) for start, end in value)
    return value


def _names(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{value!r} is no list of names")
    return frozenset(value)
