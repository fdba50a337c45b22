"""Notices on AWS: put on the account's EventBridge bus, for whatever the store writes to its households with."""

from __future__ import annotations

import json
import logging
from typing import Any

from skill.adapters.aws.wire import refused, unanswered
from skill.adapters.records import write_time
from skill.ports import Notice

_log = logging.getLogger(__name__)

SOURCE = "sayso"


class EventBridgeNotifier:
    """Events of source `sayso`, their detail type the notice's kind. A notice that cannot be put is logged without its values:
    what it tells of has happened, and must not be told as a failure.
    """

    def __init__(self, client: Any, bus: str = "default") -> None:
        self._client = client
        self._bus = bus

    def notify(self, notice: Notice) -> None:
        detail = {"household_id": notice.household_id, "at": write_time(notice.at), "values": dict(notice.values)}
        entry = {
            "Source": SOURCE,
            "DetailType": f"notice.{notice.kind}",
            "Detail": json.dumps(detail, ensure_ascii=False),
            "EventBusName": self._bus,
            "Time": notice.at,
        }
        try:
            failed = self._client.put_events(Entries=[entry])["FailedEntryCount"]
        except (unanswered(), refused()) as error:
            _log.warning("a notice (%s) could not be put on the bus: %s", notice.kind, type(error).__name__)
            return
        if failed:
            _log.warning("a notice (%s) was not taken by the bus", notice.kind)
