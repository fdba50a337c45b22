"""The heads of the audit chains, in an append-only file beside the keys."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from skill.guard.audit import Anchor
from skill.shop.households import HouseholdId

_log = logging.getLogger(__name__)


class FileAnchors:
    """One line an entry: number, seal, household. It is written once the entry is durable, and not synced itself.

    So the file may lag behind the database by what a crash or a power cut took with it; a database that has less than the
    file says has lost entries. Several processes may append at once: the highest number of a household counts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def put(self, household_id: HouseholdId, number: int, seal: str) -> None:
        line = f"{number} {seal} {household_id.encode('unicode_escape').decode()}\n".encode()
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.write(self._file, line)
        except OSError as error:
            _log.warning("the audit anchor %s could not be written: %s", self._path, error.strerror)

    def newest(self) -> Mapping[HouseholdId, Anchor]:
        """A last line that was cut short is left out: it lags, as one that was never written would."""
        found: dict[HouseholdId, Anchor] = {}
        try:
            with self._path.open("rb") as lines:
                for line in lines:
                    number, _, rest = line.partition(b" ")
                    seal, _, name = rest.partition(b" ")
                    if not line.endswith(b"\n") or not number.isdigit():
                        continue
                    household_id = HouseholdId(name[:-1].decode("unicode_escape"))
                    if int(number) > found.get(household_id, (0, ""))[0]:
                        found[household_id] = (int(number), seal.decode("ascii", "replace"))
        except FileNotFoundError:
            pass
        return found
