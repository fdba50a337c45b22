"""What the table's stream tells: new audit entries, to be anchored, and new events, for the account's own consumers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from skill.adapters.aws.anchors import BucketAnchors
from skill.adapters.aws.layout import EVENTS
from skill.adapters.aws.notifier import SOURCE
from skill.adapters.aws.outbox import DynamoOutbox
from skill.adapters.aws.table import Item, unpack
from skill.errors import StorageError
from skill.ports import Clock, Event
from skill.shop.households import HouseholdId

#: Entries of one PutEvents.
_EVENTS_AT_ONCE = 10


def new_items(records: Iterable[Mapping[str, Any]]) -> list[Item]:
    """The items that a batch of the stream has put for the first time. Bytes in a stream are base64 and are left as they are."""
    return [
        unpack({name: wire for name, wire in record["dynamodb"]["NewImage"].items() if "B" not in wire})
        for record in records
        if record.get("eventName") == "INSERT" and "NewImage" in record.get("dynamodb", {})
    ]


def audit_heads(items: Iterable[Item]) -> list[tuple[HouseholdId, int, str]]:
    """Household, number and seal of the audit entries among the items."""
    return [
        (HouseholdId(item["household_id"]), item["number"], item["seal"])
        for item in items
        if item["sk"].startswith("A#") and "seal" in item
    ]


def event_names(items: Iterable[Item]) -> list[str]:
    """Names of the shop's events among the items, for `DynamoOutbox.named`."""
    return [item["sk"] for item in items if item["pk"] == EVENTS]


class EventBridge:
    """Puts the shop's events on the account's bus. An event may come twice; its id is then the same."""

    def __init__(self, client: Any, bus: str = "default") -> None:
        self._client = client
        self._bus = bus

    def put(self, events: Sequence[Event]) -> None:
        """Raises `StorageError` where the bus did not take everything: the stream sends the batch again."""
        for start in range(0, len(events), _EVENTS_AT_ONCE):
            entries = [
                {
                    "Source": SOURCE,
                    "DetailType": event.kind,
                    "Detail": json.dumps({"event_id": event.event_id, **event.body}, ensure_ascii=False),
                    "EventBusName": self._bus,
                    "Time": event.at,
                }
                for event in events[start : start + _EVENTS_AT_ONCE]
            ]
            try:
                failed = self._client.put_events(Entries=entries)["FailedEntryCount"]
            except (BotoCoreError, ClientError) as error:
                raise StorageError(f"the bus {self._bus} did not take the events: {error}") from error
            if failed:
                raise StorageError(f"the bus {self._bus} did not take {failed} of {len(entries)} events")


class TableStream:
    """Takes in batches of the table's stream. One that fails comes again as a whole; what it says twice it says the same."""

    def __init__(self, anchors: BucketAnchors, outbox: DynamoOutbox, bus: EventBridge, clock: Clock) -> None:
        self._anchors = anchors
        self._outbox = outbox
        self._bus = bus
        self._clock = clock

    def take(self, records: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """How many heads were anchored and events put. Raises `StorageError`."""
        items = new_items(records)
        heads, events = audit_heads(items), self._outbox.named(event_names(items))
        if heads:
            # The same batch has the same name when it comes again.
            self._anchors.note(heads, self._clock.now_utc(), str(records[0]["dynamodb"]["SequenceNumber"]))
        self._bus.put(events)
        return {"anchored": len(heads), "events": len(events)}
