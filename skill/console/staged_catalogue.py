"""A catalogue on its way in: taken, read row by row in the background, looked at, and published or dropped.

There is one at a time, in a folder beside the store's data: the feed as it was sent, the index that was built of it, and a note of
how far it is, so that every process and a restarted one can tell. Whoever reads it holds the folder's lock, which the system lets
go of when the process dies.
"""

from __future__ import annotations

import fcntl
import json
import logging
import shutil
import sqlite3
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import IO, Any

from skill.app import App
from skill.catalogues import build_catalogue, diff_with_current, open_feed, stopped_import
from skill.errors import CatalogueMissing, SaysoError, StorageError

_log = logging.getLogger(__name__)

READING, READY, FAILED, BROKEN_OFF = "reading", "ready", "failed", "broken_off"

#: Bad rows that the page shows; all are counted.
PROBLEMS_SHOWN_MAX = 200
#: Changes of each kind that are shown before publishing.
DIFF_SHOWN_MAX = 20
#: How often the note of how far it is gets written.
_NOTED_EVERY_S = 0.4
#: A small feed is read while the browser waits for its answer.
WAITED_S = 1.5


@dataclass(frozen=True, slots=True)
class Staged:
    """How far it is. `problems` and `warnings` are (line, column, value, remedy); `percent` of the file that is read.

    `diff` are the kinds of changes against the catalogue `compared_with`, how many there are of each, and the first of them as
    (SKU, title, before, after).
    """

    name: str
    who: str
    at: str
    keep_good: bool
    phase: str = READING
    percent: int = 0
    told: str = ""
    format: str = ""
    rows: int = 0
    products: int = 0
    refused: int = 0
    left_out: int = 0
    version: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[tuple[int, str, str, str], ...] = ()
    warnings: tuple[tuple[int, str, str, str], ...] = ()
    problems_count: int = 0
    warnings_count: int = 0
    doing: str = ""
    compared_with: str = ""
    diff: tuple[tuple[str, int, tuple[tuple[str, str, str, str], ...]], ...] = ()


class StagedCatalogue:
    """The one of this store."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._folder = app.settings.data_dir / "catalogue.staged"

    @property
    def index(self) -> Path:
        return self._folder / "catalogue.index"

    def look(self) -> Staged | None:
        """Where it stands; None where there is none."""
        try:
            data = json.loads((self._folder / "staged.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        staged = Staged(**data)
        if staged.phase == READING and not self._is_held():
            return replace(
                staged, phase=BROKEN_OFF, told="Reading it was broken off: the server was stopped. Upload it again."
            )
        return staged

    def take(self, upload: IO[bytes], name: str, who: str, *, keep_good: bool, now: datetime) -> None:
        """Takes the file and begins to read it. What was there before goes. Raises `StorageError` where one is being read."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = (self._folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            lock.close()
            raise StorageError("another catalogue is being read") from held
        try:
            self._clear()
            feed = self._folder / f"feed{_ending(name)}"
            with feed.open("wb") as file:
                shutil.copyfileobj(upload, file, 1 << 20)
            staged = Staged(name=name[:200], who=who, at=now.isoformat(), keep_good=keep_good)
            self._note(staged)
        except BaseException:
            lock.close()
            raise
        reader = threading.Thread(target=self._read, args=(feed, staged, lock), name="sayso-staging", daemon=True)
        reader.start()
        reader.join(WAITED_S)

    def drop(self) -> None:
        """Forgets it. Raises `StorageError` while it is being read."""
        if self._is_held():
            raise StorageError("the catalogue is being read")
        self._clear()

    def _read(self, feed_path: Path, staged: Staged, lock: IO[str]) -> None:
        noted = 0.0

        def watch(what: str, read: int, whole: int) -> None:
            nonlocal noted
            if monotonic() - noted >= _NOTED_EVERY_S:
                noted = monotonic()
                self._note(replace(staged, percent=min(read * 100 // max(whole, 1), 99), doing=what))

        feed = None
        try:
            feed = open_feed(self._app, feed_path)
            info = build_catalogue(self._app, feed, self.index, keep_good=staged.keep_good, watch=watch)
            watch("Comparing", 1, 1)
            diff = diff_with_current(self._app, self.index, limit=DIFF_SHOWN_MAX)
            done = replace(
                staged,
                phase=READY,
                percent=100,
                version=info.version,
                compared_with=version_of(self._app),
                diff=tuple(
                    (kind, count, tuple((each.sku, each.title, each.before, each.after) for each in diff.changes[kind]))
                    for kind, count in diff.counts.items()
                    if count
                ),
            )
        except SaysoError as refused:
            told = str(refused).replace(str(feed_path), staged.name)
            if feed is not None and feed.refused_count and not staged.keep_good:
                told = (
                    f"Nothing was taken: {feed.refused_count} of {feed.rows_count} rows of {staged.name} are bad. Mend them, or "
                    "upload the file again and tick “Take the good rows even if others are bad”."
                )
            done = replace(staged, phase=FAILED, told=told)
        except OSError as failed:
            _log.error("a catalogue could not be read: %s", failed)
            done = replace(staged, phase=FAILED, told=f"The store's disk failed: {failed.strerror}.")
        except sqlite3.Error as failed:
            _log.error("a catalogue could not be built: %s", failed)
            done = replace(staged, phase=FAILED, told=f"The store's disk failed: {failed}.")
        try:
            if feed is not None:
                done = replace(
                    done,
                    format=feed.format,
                    rows=feed.rows_count,
                    products=feed.products_count,
                    refused=feed.refused_count,
                    left_out=feed.left_out_count,
                    notes=tuple(feed.notes),
                    problems=_shown(feed.problems),
                    warnings=_shown(feed.warnings),
                    problems_count=sum(feed.problem_kinds.values()),
                    warnings_count=sum(feed.warning_kinds.values()),
                )
            feed_path.unlink(missing_ok=True)
            self._note(done)
        finally:
            lock.close()

    def _note(self, staged: Staged) -> None:
        written = self._folder / "staged.json.new"
        written.write_text(json.dumps(asdict(staged)), encoding="utf-8")
        written.replace(self._folder / "staged.json")

    def _clear(self) -> None:
        for path in self._folder.glob("*"):
            if path.name != "lock":
                with suppress(FileNotFoundError):
                    path.unlink()

    def _is_held(self) -> bool:
        try:
            with (self._folder / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


def version_of(app: App) -> str:
    """Of the catalogue that answers; empty where there is none."""
    try:
        return app.ports.catalogue.version
    except CatalogueMissing:
        return ""


def standing(app: App, version: str, now: datetime) -> dict[str, Any]:
    """What is amiss with the catalogue in force, as the pages tell it; `version` as `version_of` gives it."""
    return {
        "unreadable": not version and app.catalogue.path.exists(),
        "sales_over": _sales_over(app, now),
        "stopped": stopped_import(app.settings.data_dir, version),
    }


def _sales_over(app: App, now: datetime) -> int:
    """How many prices are those of sales of which the first is over; 0 where all of them still hold."""
    try:
        sales = app.catalogue.current().sales
    except CatalogueMissing:
        return 0
    return sales.count if sales is not None and sales.end_at <= now else 0


def _shown(problems: Any) -> tuple[tuple[int, str, str, str], ...]:
    return tuple((each.line, each.column, each.value[:200], each.remedy) for each in problems[:PROBLEMS_SHOWN_MAX])


def _ending(name: str) -> str:
    """Kept, because it helps to find the format out; only of those that feeds have."""
    endings = ".".join(name.lower().split(".")[1:][-2:])
    known = {"csv", "tsv", "txt", "xml", "json", "jsonl", "ndjson", "gz"}
    return "".join(f".{each}" for each in endings.split(".") if each in known)
