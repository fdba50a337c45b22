"""Notices in a file, a line of JSON each, until a shop wires up its own mail."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from skill.adapters.records import write_json, write_time
from skill.ports import Notice

_log = logging.getLogger(__name__)


class FileNotifier:
    """A notice that cannot be written is logged and given up: no order fails for want of its receipt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()

    def notify(self, notice: Notice) -> None:
        line = write_json(
            {
                "household_id": notice.household_id,
                "kind": notice.kind,
                "at": write_time(notice.at),
                "values": dict(notice.values),
            }
        )
        try:
            with self._writing, self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            _log.error("notice %s for %s could not be written: %s", notice.kind, notice.household_id, error.strerror)
        else:
            # The values are for the household's eyes; a log line tells only that they are there.
            _log.info("notice %s for %s", notice.kind, notice.household_id)
