"""Policies in DynamoDB: one item a layer, its knobs as JSON, and every change with who made it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from skill.adapters.aws.households import check_household
from skill.adapters.aws.layout import limited_key, owner_partition, policy_change_key, policy_key
from skill.adapters.aws.ledger import DynamoLedger
from skill.adapters.aws.table import Change, Item, Key, Table, conflict, put, put_version
from skill.adapters.records import read_knobs, write_knobs, write_time
from skill.guard.policy import Layer, check_layer, household_of
from skill.ports import AuditDraft, TurnRecord
from skill.shop.households import HouseholdId


class DynamoPolicies:
    def __init__(self, table: Table, ledger: DynamoLedger) -> None:
        self._table = table
        self._ledger = ledger

    def layer(self, level: str, subject: str) -> Layer:
        """A layer that was never set has no knobs and version 0."""
        item = self._table.get(policy_key(level, subject))
        return (
            Layer(level, subject, {})
            if item is None
            else Layer(level, subject, read_knobs(item["knobs"]), item["version"])
        )

    def set_layer(
        self, layer: Layer, who: str, why: str, now: datetime, audit: AuditDraft, record: TurnRecord | None = None
    ) -> Layer:
        """Raises `PolicyInvalid` for knobs that `layer` could not give back; then nothing was written."""
        check_layer(layer)
        key, new = policy_key(layer.level, layer.subject), write_knobs(layer.knobs)
        failed = conflict("the policy was changed meanwhile", version=layer.version)

        def replaced(found: Mapping[Key, Item]) -> tuple[list[Change], Layer]:
            old = found[key]["knobs"] if key in found else "{}"
            change = {"who": who, "why": why, "at": write_time(now), "old": old, "new": new}
            of_change = policy_change_key(layer.level, layer.subject, layer.version + 1)
            changes = [
                put_version(key, {"knobs": new}, layer.version, failed),
                put(of_change, change, "attribute_not_exists(pk)", None, failed),
            ]
            if layer.level != "store":
                changes.append(check_household(HouseholdId(household_of(layer.subject))))
            if layer.level in ("person", "profile"):
                listed = {"level": layer.level, "subject": layer.subject}
                changes.append(put(limited_key(layer.level, layer.subject), listed))
            return changes, replace(layer, version=layer.version + 1)

        return self._ledger.write_with_audit((key,), replaced, audit, record)

    def subjects(self, household_id: HouseholdId, limit: int) -> Sequence[tuple[str, str]]:
        listed = self._table.query(owner_partition(household_id), "P#", limit=limit)
        return tuple((item["level"], item["subject"]) for item in listed)
