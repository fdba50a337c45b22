"""The heads of the audit chains, in an append-only file beside the keys."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from skill.guard.audit import Anchor
from skill.shop.households import HouseholdId

_log = logging.getLogger(__name__)


class FileAnchors:
    """One line an entry: number, seal, household; a `~` before the seal marks an entry that is not durable yet.

    A line is written once its entry is in the database, and not synced itself. So the file may lag behind by what a crash or a
    power cut took with it; a database that has less than the file says has lost entries. Several processes may append at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._closing: weakref.finalize[..., FileAnchors] | None = None
        self._reading = threading.Lock()
        self._read_bytes = 0
        self._firm: dict[HouseholdId, list[Anchor]] = {}
        self._loose: dict[HouseholdId, list[Anchor]] = {}

    def put(self, heads: Iterable[tuple[HouseholdId, int, str]], *, durable: bool) -> None:
        mark = "" if durable else "~"
        lines = b"".join(
            [
                b"%d %b %b\n" % (number, (mark + seal).encode(), home.encode("unicode_escape"))
                for home, number, seal in heads
            ]
        )
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
                # Whoever lets a whole store go lets this go with it.
                self._closing = weakref.finalize(self, os.close, self._file)
            os.write(self._file, lines)
        except OSError as error:
            _log.warning("the audit anchor %s could not be written: %s", self._path, error.strerror)

    def noted(self) -> Mapping[HouseholdId, Sequence[Anchor]]:
        """Reads what was appended since the last time. A line that was cut short counts once it is whole, if ever."""
        with self._reading:
            try:
                with self._path.open("rb") as file:
                    if os.fstat(file.fileno()).st_size < self._read_bytes:
                        # Somebody has put another file in its place: everything is read again.
                        self._read_bytes, self._firm, self._loose = 0, {}, {}
                    file.seek(self._read_bytes)
                    for line in file:
                        if not line.endswith(b"\n"):
                            break
                        self._read_bytes += len(line)
                        self._note(line)
            except FileNotFoundError:
                self._read_bytes, self._firm, self._loose = 0, {}, {}
            return {
                household_id: (*self._firm.get(household_id, ()), *self._loose.get(household_id, ()))
                for household_id in {**self._firm, **self._loose}
            }

    def _note(self, line: bytes) -> None:
        number, _, rest = line.rstrip(b"\n").partition(b" ")
        seal, _, name = rest.partition(b" ")
        if not number.isdigit() or not name:
            return
        household_id = HouseholdId(name.decode("unicode_escape"))
        anchor = (int(number), seal.decode("ascii", "replace").removeprefix("~"))
        if seal.startswith(b"~"):
            self._loose.setdefault(household_id, []).append(anchor)
        else:
            # What was loose is durable now, or was lost in a power cut and is no fault any more.
            self._loose.pop(household_id, None)
            self._firm.setdefault(household_id, []).append(anchor)

    def close(self) -> None:
        self._file = None
        if self._closing is not None:
            self._closing()
