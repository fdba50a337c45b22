"""The heads of the audit chains, in a bucket whose objects nobody can change or delete while their retention lasts.

The functions that write to the table cannot write there: the table's stream has a function of its own, which notes what it sees.
So the anchors lag behind by moments, which is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from skill.adapters.aws.wire import refused, unanswered
from skill.adapters.records import read_json, write_json
from skill.errors import StorageError
from skill.guard.audit import Anchor
from skill.shop.households import HouseholdId

_FOLDER = "anchors/"


class BucketAnchors:
    """`client` is a botocore client for S3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, heads: Iterable[tuple[HouseholdId, int, str]], *, durable: bool) -> None:
        """Nothing: whoever wrote the entry cannot be the one to vouch for it. `note` does, from the table's stream."""

    def note(self, heads: Iterable[tuple[HouseholdId, int, str]], at: datetime, batch: str) -> None:
        """Keeps the heads; `batch` names where in the stream they were seen. Raises `StorageError`."""
        lines = [[household_id, number, seal] for household_id, number, seal in heads]
        if not lines:
            return
        name = f"{_FOLDER}{at:%Y/%m/%d}/{batch}.json"
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=write_json(lines).encode(), ContentType="application/json"
            )
        except (unanswered(), refused()) as error:
            raise StorageError(f"the audit's anchors could not be written to {self._bucket}: {error}") from error

    def noted(self) -> Mapping[HouseholdId, Sequence[Anchor]]:
        """Every version of every object counts: one that was put over another does not hide it. Raises `StorageError`."""
        noted: dict[HouseholdId, list[Anchor]] = {}
        try:
            for page in self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=_FOLDER
            ):
                for version in page.get("Versions", ()):
                    body = self._client.get_object(
                        Bucket=self._bucket, Key=version["Key"], VersionId=version["VersionId"]
                    )["Body"].read()
                    for household_id, number, seal in read_json(body.decode()):
                        noted.setdefault(household_id, []).append((number, seal))
        except (unanswered(), refused()) as error:
            raise StorageError(f"the audit's anchors in {self._bucket} cannot be read: {error}") from error
        return noted
