"""One SQLite file for all the embedded ports: connections, migrations, and atomic writes that share a commit.

Readers never wait: the file is in WAL mode. Writers of one process queue up while a commit is under way, and the first of
those who waited takes all the others along into the next one, with one `fdatasync` for all. Where one of them fails, they are
begun again, each in a savepoint of its own. Where several have just shared a commit, the next leader waits a moment for them to
come back; one who is alone never waits. Other processes are kept apart by SQLite's own lock.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter
from typing import Any, Generic, TypeVar

from skill.errors import StorageError, StorageOutdated, sqlite_remedy

Row = TypeVar("Row")

#: Hears what the writes of one commit returned, and whether it was durable.
Told = Callable[[Sequence[Row], bool], None]

#: How long a write waits for another process's commit. A voice platform gives a turn eight seconds in all.
BUSY_TIMEOUT_S = 5.0

#: Writes that share one commit at most.
BATCH_MAX = 64

#: Waiting for others costs at most as long as the last commit took, which sharing one saves, and never longer than this.
GATHER_MAX_S = 0.005

#: Connections kept open for the next caller; more are opened in a rush and closed after it.
IDLE_CONNECTIONS_MAX = 16

#: In WAL mode FULL syncs the log at each commit, and with it whatever lies in it unsynced; NORMAL leaves it to the next one.
_DURABLE = "PRAGMA synchronous = FULL"
_NOT_DURABLE = "PRAGMA synchronous = NORMAL"
#: Pages of the log (16 MB) before they are written back: orders touch the same pages again and again, and each is then written back
#: once for some two hundred orders, not once for fifty.
_LONG_LOG = "PRAGMA wal_autocheckpoint = 4000"
#: What is deleted is overwritten; many builds of SQLite do so by themselves.
_SECURE_DELETE = "PRAGMA secure_delete = ON"
#: How long cutting the log waits for readers, and keeps writers waiting.
_CUT_TIMEOUT_S = 0.2

#: With less room than the log may grow to before it is written back, the next order may find none.
ROOM_MIN_BYTES = 32 * 1024 * 1024

#: Marks the file as ours ("Says"), so that somebody else's database is not taken for an empty one.
APPLICATION_ID = 0x53617973

#: What SQLite and its binding raise for a store that fails and for values that it cannot hold.
_STORE_ERRORS = (sqlite3.Error, UnicodeEncodeError, OverflowError)


class Database:
    """`Database(path)` opens or creates the file and migrates it; `Database(":memory:")` is one that dies with the process.

    Safe to use from many threads. Raises `StorageOutdated` for a file of a newer Sayso, `StorageError` for one that cannot be
    opened.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._in_memory = self.path == ":memory:"
        self._idle: deque[_Connection] = deque()
        self._only = threading.Lock()  # an in-memory database is a single connection
        self._closed = False
        self._queue: deque[_Write[Any]] = deque()
        self._queue_lock = threading.Lock()
        self._led = False  # whether some thread is committing now
        self._crowd = 1  # how many writes shared the last commit
        self._commit_s = 0.0  # how long it took
        self._gathering: threading.Lock | None = None  # held by a leader who waits for `_crowd` writes
        connection = self._connect()
        try:
            if not self._in_memory:
                connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, read_steps(), self.path)
        except _STORE_ERRORS as error:
            connection.close()
            raise self._failure(error) from error
        except StorageError:
            connection.close()
            raise
        self._idle.append(connection)

    def read(self, function: Callable[[sqlite3.Connection], Row]) -> Row:
        """What `function` makes of a connection. Each of its statements sees the last commit before it."""
        connection = self._borrow()
        try:
            return function(connection)
        except _STORE_ERRORS as error:
            raise self._failure(error) from error
        finally:
            self._give_back(connection)

    def write(
        self,
        function: Callable[[sqlite3.Connection], Row],
        *,
        durable: bool = True,
        told: Told[Row] | None = None,
    ) -> Row:
        """Runs `function` atomically; returns, or raises what it raised, once that is durable or undone.

        Not `durable` is for what may be asked for again after a power cut, such as what was just said: a killed process loses
        nothing of it, a machine that loses power may lose the last moments, always whole writes and the latest first.

        `function` may run in another thread, and once more where another write of the same commit failed, and holds up every
        writer: it only talks to the database. It begins and ends no transaction of its own. `told` hears of what all the writes of
        a commit returned that named it, once for all, and whether the commit was durable; nobody has been answered yet. It must
        not raise.
        Raises `StorageError` where the store failed.
        """
        mine = _Write(function, durable, told)
        with self._queue_lock:
            leads = not self._led
            if leads:
                self._led = True
            else:
                mine.turn.acquire()
                self._queue.append(mine)
                if self._gathering is not None and len(self._queue) + 1 >= self._crowd:
                    self._gathering.release()
                    self._gathering = None
        if not leads:
            # Bounded: whoever leads waits at most BUSY_TIMEOUT_S and always passes the lead on.
            mine.turn.acquire()
        if not mine.done:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        return mine.result

    def cut_log(self) -> bool:
        """Writes the log back and cuts it to nothing, so that what was deleted is in neither file.

        False where somebody was reading: then the log is written over when it is next begun anew.
        """
        connection = self._borrow()
        try:
            connection.execute(f"PRAGMA busy_timeout = {int(_CUT_TIMEOUT_S * 1000)}")
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except _STORE_ERRORS as error:
            raise self._failure(error) from error
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
            self._give_back(connection)

    def back_up(self, path: Path) -> None:
        """Writes the whole database, as it is at one moment, to a new file that only its owner reads. Turns go on meanwhile.

        Raises `StorageError`, also where the file is there already.
        """
        draft = path.with_name(f".{path.name}.part")
        connection = None
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            connection = self._borrow()
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # a single file, until a store opens it
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            os.link(draft, path)  # fails where there is a file, as no rename would
        except FileExistsError as there:
            raise StorageError(f"{path} is there already; nothing was written") from there
        except (OSError, *_STORE_ERRORS) as error:
            raise StorageError(f"no backup was written to {path}: {error}") from error
        finally:
            draft.unlink(missing_ok=True)
            if connection is not None:
                self._give_back(connection)

    def has_room(self) -> bool:
        """Whether the file's disk could take an order now. It costs no write, so that anybody may ask."""
        if self._in_memory:
            return True
        try:
            disk = os.statvfs(self.path)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize >= ROOM_MIN_BYTES and not disk.f_flag & os.ST_RDONLY

    def close(self) -> None:
        """Closes every idle connection; reads and writes after it raise `StorageError`."""
        self._closed = True
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def _lead(self, mine: _Write[Any]) -> None:
        """Commits `mine` and what has queued up, then wakes their threads, and the next leader if there is one."""
        batch = [mine]
        if self._crowd > 1:
            self._gather()
        if self._queue:
            with self._queue_lock:
                while self._queue and len(batch) < BATCH_MAX:
                    batch.append(self._queue.popleft())
        began = perf_counter()
        try:
            durable = self._commit(batch)
            _tell(batch, durable)
        finally:
            with self._queue_lock:
                self._crowd, self._commit_s = len(batch), perf_counter() - began
                leader = self._queue.popleft() if self._queue else None
                self._led = leader is not None
            if leader is not None:
                leader.turn.release()
            for other in batch[1:]:
                other.done = True
                other.turn.release()

    def _gather(self) -> None:
        """Waits until as many writes are there as shared the last commit, or until it is not worth it."""
        with self._queue_lock:
            if len(self._queue) + 1 >= self._crowd:
                return
            full = self._gathering = threading.Lock()
            full.acquire()
        full.acquire(timeout=min(self._commit_s, GATHER_MAX_S))
        with self._queue_lock:
            self._gathering = None

    def _commit(self, batch: Sequence[_Write[Any]]) -> bool:
        """One transaction for all, and whether it is durable. A write that fails takes back only its own; a commit that fails
        takes back everything.
        """
        connection: _Connection | None = None
        try:
            connection = self._borrow()
            durable = batch[0].durable or any(each.durable for each in batch)
            if durable is not connection.durable:
                connection.execute(_DURABLE if durable else _NOT_DURABLE)
                connection.durable = durable
            connection.execute("BEGIN IMMEDIATE")
            if len(batch) == 1:
                batch[0].result = batch[0].function(connection)
            elif not self._run_together(connection, batch):
                connection.execute("ROLLBACK")
                connection.execute("BEGIN IMMEDIATE")
                for each in batch:
                    self._run_in_savepoint(connection, each)
            connection.execute("COMMIT")
            return durable
        except BaseException as error:
            self._undo(connection)
            failed = isinstance(error, _STORE_ERRORS)
            if failed and connection is not None and not self._in_memory:
                connection.close()  # after a failure of the store itself, a fresh connection is the safer one
                connection = None
            for each in batch[1:]:
                each.error = StorageError("the commit that this write shared has failed: nothing of it was written")
            if failed:
                raise self._failure(error) from error
            raise
        finally:
            if connection is not None:
                self._give_back(connection)

    def _run_together(self, connection: sqlite3.Connection, batch: Sequence[_Write[Any]]) -> bool:
        """Whether all of them went well. Savepoints copy every page that is touched, and a write hardly ever fails."""
        for each in batch:
            try:
                each.result = each.function(connection)
            except Exception:  # it is raised again, for whom it belongs to, by `_run_in_savepoint`
                if not connection.in_transaction:
                    raise  # SQLite itself has undone the whole transaction (a full disk): nobody's write stands
                return False
        return True

    def _run_in_savepoint(self, connection: sqlite3.Connection, each: _Write[Any]) -> None:
        connection.execute("SAVEPOINT one")
        try:
            each.result = each.function(connection)
        except Exception as error:  # handed to the thread whose function it is, which raises it
            if not connection.in_transaction:
                raise  # SQLite itself has undone the whole transaction (a full disk): nobody's write stands
            connection.execute("ROLLBACK TO one")
            each.error = self._failure(error) if isinstance(error, _STORE_ERRORS) else error
        connection.execute("RELEASE one")

    def _undo(self, connection: sqlite3.Connection | None) -> None:
        if connection is not None and connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")

    def _borrow(self) -> _Connection:
        if self._closed:
            raise StorageError(f"{self.path} has been closed")
        if self._in_memory:
            self._only.acquire()
            return self._idle[0]
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, connection: _Connection) -> None:
        if self._in_memory:
            self._only.release()
        elif self._closed or len(self._idle) >= IDLE_CONNECTIONS_MAX:
            connection.close()
        else:
            self._idle.append(connection)

    def _connect(self) -> _Connection:
        try:
            connection = sqlite3.connect(
                self.path,
                factory=_Connection,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,  # a connection is used by one thread at a time, not always the same
                cached_statements=256,
            )
        except sqlite3.Error as error:
            raise self._failure(error) from error
        try:
            connection.execute(_DURABLE)
            connection.execute(_LONG_LOG)
            connection.execute(_SECURE_DELETE)
        except sqlite3.Error as error:
            connection.close()
            raise self._failure(error) from error
        connection.durable = True
        return connection

    def _failure(self, error: BaseException) -> StorageError:
        return StorageError(
            f"{self.path}: {error}: {sqlite_remedy(error)}"
            if isinstance(error, sqlite3.Error)
            else f"{self.path}: {error}"
        )


class _Connection(sqlite3.Connection):
    """`durable` tells which of the two settings is on, so that it is set only where it changes."""

    durable: bool


class _Write(Generic[Row]):
    """A write that waits for its commit. `turn` is held until it is done, or until it is this thread's turn to lead."""

    __slots__ = ("done", "durable", "error", "function", "result", "told", "turn")

    def __init__(
        self,
        function: Callable[[sqlite3.Connection], Row],
        durable: bool,
        told: Told[Row] | None,
    ) -> None:
        self.function = function
        self.durable = durable
        self.told = told
        self.turn = threading.Lock()
        self.done = False
        self.error: BaseException | None = None
        self.result: Row


def _tell(batch: Sequence[_Write[Any]], durable: bool) -> None:
    """Each listener once, of all that it is to hear of."""
    if len(batch) == 1:
        if batch[0].told is not None:
            batch[0].told((batch[0].result,), durable)
        return
    heard: dict[Told[Any], list[Any]] = {}
    for each in batch:
        if each.told is not None and each.error is None:
            heard.setdefault(each.told, []).append(each.result)
    for told, results in heard.items():
        told(results, durable)


def read_steps() -> tuple[str, ...]:
    """The migrations in `schema.sql`: the first makes version 1, the second version 2, and so on."""
    text = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    return tuple(part.partition("\n")[2] for part in text.split("\n-- step ")[1:])


def migrate(connection: sqlite3.Connection, steps: Sequence[str], path: str) -> None:
    """Brings the database to version `len(steps)`, all in one transaction. Data stay; nothing happens where it is there.

    Raises `StorageOutdated` where it is newer, `StorageError` where it is no database of Sayso's.
    """
    if _version(connection) == len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # again, now that nobody else can migrate
        if version > len(steps):
            raise StorageOutdated(
                f"{path} has schema version {version}, and this Sayso knows versions up to {len(steps)}. "
                "Install the newer Sayso that wrote it, or restore the backup from before that update.",
                found=version,
                known=len(steps),
            )
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID and (
            version or connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        ):
            raise StorageError(f"{path} is a database of another program. Name another file or directory.")
        for step in steps[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(step: str) -> Sequence[str]:
    """The statements of a script, one by one: `executescript` would commit between them."""
    statements, pending = [], ""
    for line in step.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
