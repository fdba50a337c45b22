"""Notices on AWS: put on the account's EventBridge bus, for whatever the store writes to its households with."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from skill.adapters.aws.wire import refused, unanswered
from skill.adapters.records import read_time, write_time
from skill.errors import RequestRejected
from skill.ports import Notice
from skill.shop.households import HouseholdId

_log = logging.getLogger(__name__)

SOURCE = "sayso"
_KIND = "notice."


class EventBridgeNotifier:
    """Events of source `sayso`, their detail type the notice's kind. A notice that cannot be put is logged without its values:
    what it tells of has happened, and must not be told as a failure.
    """

    def __init__(self, client: Any, bus: str = "default") -> None:
        self._client = client
        self._bus = bus

    def notify(self, notice: Notice) -> bool:
        detail = {
            "household_id": notice.household_id,
            "at": write_time(notice.at),
            "key": notice.key,
            "values": dict(notice.values),
        }
        entry = {
            "Source": SOURCE,
            "DetailType": f"{_KIND}{notice.kind}",
            "Detail": json.dumps(detail, ensure_ascii=False),
            "EventBusName": self._bus,
            "Time": notice.at,
        }
        try:
            failed = self._client.put_events(Entries=[entry])["FailedEntryCount"]
        except (unanswered(), refused()) as error:
            _log.warning("a notice (%s) could not be put on the bus: %s", notice.kind, type(error).__name__)
            return False
        if failed:
            _log.warning("a notice (%s) was not taken by the bus", notice.kind)
        return not failed

    def forget(self, household_id: HouseholdId) -> None:
        """Nothing is kept here: the bus has handed it on."""


def read_notice(event: Mapping[str, Any]) -> Notice:
    """The notice in an event, as a rule of the bus hands it over. Raises `RequestRejected` where it holds none."""
    source, kind = event.get("source"), str(event.get("detail-type"))
    if source != SOURCE or not kind.startswith(_KIND):
        raise RequestRejected(f"the event is a {kind!r} of {source!r}, and no notice")
    try:
        detail = event["detail"]
        household_id, at, values = HouseholdId(detail["household_id"]), read_time(detail["at"]), dict(detail["values"])
        key = str(detail.get("key", ""))
    except (LookupError, TypeError, ValueError) as error:
        raise RequestRejected(f"the event is no notice: {type(error).__name__}") from error
    return Notice(household_id, kind.removeprefix(_KIND), at, values, key)
