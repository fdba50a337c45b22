"""Notices in a file, a line of JSON each, until a shop wires up its own mail."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from skill.adapters.records import write_json, write_time
from skill.errors import StorageError
from skill.ports import Notice
from skill.shop.households import HouseholdId

_log = logging.getLogger(__name__)


class FileNotifier:
    """A notice that cannot be written is logged: no order fails for want of its receipt.

    A lock beside the file keeps who writes and who forgets apart, whatever process they are in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()

    def notify(self, notice: Notice) -> bool:
        told = {"household_id": notice.household_id, "kind": notice.kind, "at": write_time(notice.at)}
        if notice.key:
            told["key"] = notice.key
        line = write_json({**told, "values": dict(notice.values)})
        try:
            with self._alone(), self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            _log.error("notice %s for %s could not be written: %s", notice.kind, notice.household_id, error.strerror)
            return False
        # The values are for the household's eyes; a log line tells only that they are there.
        _log.info("notice %s for %s", notice.kind, notice.household_id)
        return True

    def forget(self, household_id: HouseholdId) -> None:
        """The file is written anew without the household's lines, also without one that a full disk has cut off."""
        theirs = write_json({"household_id": household_id})[1:-1].encode()  # in a text, its quotes would be escaped
        draft = self._path.with_suffix(".forgetting")
        try:
            with self._alone(), suppress(FileNotFoundError):
                with self._path.open("rb") as lines, draft.open("wb") as kept:
                    shutil.copymode(self._path, draft)
                    kept.writelines(line for line in lines if theirs not in line)
                    kept.flush()
                    os.fsync(kept.fileno())
                draft.replace(self._path)
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; the notices in it are not forgotten") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._writing, self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
