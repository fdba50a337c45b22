"""The database: atomic writes that share a commit, failures that leave nothing behind, and migrations."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from skill.adapters.sqlite import database as module
from skill.adapters.sqlite.database import Database, migrate, read_steps
from skill.errors import SpendCapExceeded, StorageError, StorageOutdated
from tests.contracts.stores import at_once

PUT = "INSERT INTO carts (owner, version, lines) VALUES (?, 1, '[]')"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sayso.db"


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, path: Path) -> Iterator[Database]:
    opened = Database(path if request.param == "file" else ":memory:")
    yield opened
    opened.close()


def put(owner: str) -> Callable[[sqlite3.Connection], None]:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute(PUT, (owner,))

    return write


def owners(database: Database) -> list[str]:
    rows = database.read(lambda connection: connection.execute("SELECT owner FROM carts ORDER BY owner").fetchall())
    return [row[0] for row in rows]


class Broken(module._Connection):
    """A connection whose statements fail as `fails` says."""

    fails: dict[str, BaseException] = {}
    commits = 0

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement == "COMMIT":
            Broken.commits += 1
        error = self.fails.pop(statement, None)
        if error is not None:
            raise error
        return super().execute(statement, *values)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    monkeypatch.setattr(module, "_Connection", Broken)
    monkeypatch.setattr(Broken, "fails", {})
    monkeypatch.setattr(Broken, "commits", 0)
    return Broken


# --- reads and writes -------------------------------------------------------------------------------------------------


def test_a_write_returns_what_its_function_does_and_is_read(database: Database) -> None:
    assert 7 == database.write(lambda connection: connection.execute(PUT, ("home",)) and 7)
    assert ["home"] == owners(database)


def test_what_a_function_raises_is_raised_and_nothing_of_it_stays(database: Database) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute(PUT, ("home",))
        raise SpendCapExceeded(cap_minor=1)

    with pytest.raises(SpendCapExceeded):
        database.write(fail)

    assert [] == owners(database)
    database.write(put("away"))
    assert ["away"] == owners(database)


@pytest.mark.parametrize("statement", ["SELECT no_such_column FROM carts", "no SQL at all"])
def test_sqlites_own_errors_are_storage_errors(database: Database, statement: str) -> None:
    with pytest.raises(StorageError):
        database.read(lambda connection: connection.execute(statement))
    with pytest.raises(StorageError):
        database.write(lambda connection: connection.execute(statement))


@pytest.mark.parametrize("value", ["\ud800", 2**63])
def test_what_sqlite_cannot_hold_is_a_storage_error(database: Database, value: object) -> None:
    with pytest.raises(StorageError):
        database.read(lambda connection: connection.execute("SELECT ?", (value,)))
    with pytest.raises(StorageError):
        database.write(lambda connection: connection.execute(PUT, (value,)))
    assert [] == owners(database)


def test_a_broken_constraint_is_a_storage_error_and_nothing_of_the_write_stays(database: Database) -> None:
    def twice(connection: sqlite3.Connection) -> None:
        connection.execute(PUT, ("home",))
        connection.execute(PUT, ("home",))

    with pytest.raises(StorageError):
        database.write(twice)

    assert [] == owners(database)


def test_many_threads_write_and_read_at_once(database: Database) -> None:
    results = at_once(12, lambda n: [database.write(put(f"{n:02}-{each}")) or owners(database) for each in range(5)])

    assert [] == [each for each in results if isinstance(each, Exception)]
    assert 60 == len(owners(database))


def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    database = Database(path)
    database.write(put("home"))

    def slow(connection: sqlite3.Connection) -> list[str]:
        connection.execute(PUT, ("away",))
        found: list[str] = []
        reader = threading.Thread(target=lambda: found.extend(owners(database)))
        reader.start()
        reader.join(timeout=10)
        return found

    assert ["home"] == database.write(slow)
    database.close()


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()

    with pytest.raises(StorageError, match="closed"):
        database.read(lambda connection: None)
    with pytest.raises(StorageError, match="closed"):
        database.write(lambda connection: None)


def test_more_readers_at_once_than_connections_are_kept(path: Path) -> None:
    database = Database(path)
    gate = threading.Barrier(40)

    at_once(40, lambda _: database.read(lambda connection: gate.wait(timeout=30)))

    assert len(database._idle) <= module.IDLE_CONNECTIONS_MAX
    database.close()


# --- durability -------------------------------------------------------------------------------------------------------


def _synchronous(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA synchronous").fetchone()[0])


def test_a_durable_write_is_synced_whatever_was_written_before_it(path: Path) -> None:
    database = Database(path)

    levels = [database.write(_synchronous, durable=durable) for durable in (True, False, False, True, False, True)]

    full, normal = 2, 1
    assert [full, normal, normal, full, normal, full] == levels
    assert "wal" == database.read(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()[0])
    database.close()


def test_writes_that_share_a_commit_are_synced_if_one_of_them_must_be(path: Path) -> None:
    database = Database(path)

    levels = _queue_up(
        database,
        lambda: database.write(_synchronous, durable=False),
        lambda: database.write(_synchronous, durable=True),
    )

    assert [2, 2] == levels
    database.close()


# --- sharing a commit -------------------------------------------------------------------------------------------------


def _queue_up(database: Database, *writes: Callable[[], Any]) -> list[Any]:
    """What the writes return or raise when all of them queue up behind one that is under way."""
    under_way, may_end = threading.Event(), threading.Event()

    def first(connection: sqlite3.Connection) -> None:
        under_way.set()
        may_end.wait(timeout=30)

    results: list[Any] = [None] * len(writes)

    def run(position: int) -> None:
        try:
            results[position] = writes[position]()
        except BaseException as error:  # noqa: BLE001
            results[position] = error

    threads = [threading.Thread(target=database.write, args=(first,))]
    threads[0].start()
    under_way.wait(timeout=30)
    for position in range(len(writes)):
        threads.append(threading.Thread(target=run, args=(position,)))
        threads[-1].start()
        while len(database._queue) <= position:
            time.sleep(0.001)
    may_end.set()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_writers_who_wait_share_one_commit(path: Path, broken: type[Broken]) -> None:
    database = Database(path)
    broken.commits = 0

    assert [None] * 6 == _queue_up(database, *(lambda n=n: database.write(put(f"h{n}")) for n in range(6)))

    assert 2 == broken.commits, "one for the write under way, one for the six that waited"
    assert 6 == len(owners(database))
    database.close()


def test_a_leader_waits_for_those_who_shared_the_last_commit(path: Path, broken: type[Broken]) -> None:
    database = Database(path)
    database._crowd, database._commit_s = 3, 60.0
    broken.commits = 0
    waited = module.GATHER_MAX_S
    module.GATHER_MAX_S = 60.0
    try:
        assert [None] * 3 == at_once(3, lambda n: database.write(put(f"h{n}")))
    finally:
        module.GATHER_MAX_S = waited

    assert 1 == broken.commits
    database.close()


def test_a_leader_does_not_wait_for_ever_nor_again_for_those_who_did_not_come(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(path)
    database._crowd, database._commit_s = 8, 60.0

    database.write(put("a"))
    assert 1 == database._crowd
    monkeypatch.setattr(database, "_gather", lambda: pytest.fail("waited, though alone"))
    database.write(put("b"))

    assert ["a", "b"] == owners(database)
    database.close()


def test_a_batch_has_a_limit(path: Path, broken: type[Broken], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_MAX", 2)
    monkeypatch.setattr(module, "GATHER_MAX_S", 0.0)
    database = Database(path)
    broken.commits = 0

    _queue_up(database, *(lambda n=n: database.write(put(f"h{n}")) for n in range(5)))

    assert 4 == broken.commits
    assert 5 == len(owners(database))
    database.close()


def test_a_failing_write_takes_back_its_own_part_of_a_shared_commit_only(path: Path) -> None:
    database = Database(path)

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute(PUT, ("lost",))
        raise SpendCapExceeded

    results = _queue_up(
        database,
        lambda: database.write(put("a")),
        lambda: database.write(fail),
        lambda: database.write(put("a")),
        lambda: database.write(put("b")),
    )

    assert [type(None), SpendCapExceeded, StorageError, type(None)] == [type(each) for each in results]
    assert ["a", "b"] == owners(database)
    database.close()


def test_writes_are_done_over_one_by_one_only_where_one_of_them_fails(path: Path) -> None:
    database = Database(path)
    runs: list[str] = []

    def noted(owner: str) -> Callable[[sqlite3.Connection], None]:
        def write(connection: sqlite3.Connection) -> None:
            runs.append(owner)
            put(owner)(connection)

        return write

    _queue_up(database, lambda: database.write(noted("a")), lambda: database.write(noted("b")))
    assert ["a", "b"] == runs

    runs.clear()
    _queue_up(database, *(lambda each=each: database.write(noted(each)) for each in ("c", "a", "d")))
    assert ["c", "a", "c", "a", "d"] == runs
    assert ["a", "b", "c", "d"] == owners(database)
    database.close()


def test_who_listens_hears_once_of_all_that_a_commit_wrote_and_not_of_what_failed(path: Path) -> None:
    database = Database(path)
    heard: list[tuple[list[str], bool]] = []
    others: list[tuple[list[str], bool]] = []

    def naming(owner: str) -> Callable[[sqlite3.Connection], str]:
        def write(connection: sqlite3.Connection) -> str:
            put(owner)(connection)
            return owner

        return write

    def listen(results: Sequence[str], durable: bool) -> None:
        assert {*results} <= {*owners(database)}
        heard.append((list(results), durable))

    def listen_too(results: Sequence[str], durable: bool) -> None:
        others.append((list(results), durable))

    _queue_up(
        database,
        lambda: database.write(naming("a"), told=listen, durable=False),
        lambda: database.write(naming("b"), told=listen),
        lambda: database.write(naming("a"), told=listen),
        lambda: database.write(naming("c")),
        lambda: database.write(naming("d"), told=listen_too),
    )
    assert ([(["a", "b"], True)], [(["d"], True)]) == (heard, others)

    database.write(naming("e"), told=listen, durable=False)
    assert (["e"], False) == heard[-1]
    database.close()


def test_nobody_hears_of_a_commit_that_failed(path: Path, broken: type[Broken]) -> None:
    database = Database(path)
    heard: list[object] = []
    broken.fails["COMMIT"] = sqlite3.OperationalError("disk I/O error")

    with pytest.raises(StorageError):
        database.write(put("a"), told=lambda results, durable: heard.append(results))

    assert [] == heard
    database.close()


def test_a_commit_that_fails_fails_every_write_that_shared_it(path: Path, broken: type[Broken]) -> None:
    database = Database(path)

    def full(connection: sqlite3.Connection) -> None:
        connection.execute(PUT, ("a",))
        broken.fails["COMMIT"] = sqlite3.OperationalError("disk I/O error")

    results = _queue_up(
        database, lambda: database.write(full), lambda: database.write(put("b")), lambda: database.write(put("c"))
    )

    assert [StorageError] * 3 == [type(each) for each in results]
    assert [] == owners(database)
    database.write(put("d"))
    assert ["d"] == owners(database)
    database.close()


def test_a_transaction_that_sqlite_itself_undid_fails_every_write_in_it(path: Path) -> None:
    database = Database(path)

    def undone(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")  # as SQLite does when the disk is full
        raise sqlite3.OperationalError("database or disk is full")

    results = _queue_up(database, lambda: database.write(put("a")), lambda: database.write(undone))

    assert [StorageError] * 2 == [type(each) for each in results]
    assert [] == owners(database)
    database.close()


def test_a_thread_that_is_interrupted_passes_the_lead_on(path: Path) -> None:
    database = Database(path)

    def interrupted(connection: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    results = _queue_up(database, lambda: database.write(interrupted), lambda: database.write(put("a")))

    assert [KeyboardInterrupt, StorageError] == [type(each) for each in results]
    database.write(put("b"))
    assert ["b"] == owners(database)
    database.close()


def test_a_lock_of_another_process_is_waited_for_and_not_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    database = Database(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError, match="locked"):
        database.write(put("home"))
    other.execute("ROLLBACK")
    other.close()

    database.write(put("home"))
    assert ["home"] == owners(database)
    database.close()


# --- opening and migrating --------------------------------------------------------------------------------------------


def test_what_was_written_is_there_when_the_file_is_opened_again(path: Path) -> None:
    first = Database(path)
    first.write(put("home"))
    first.close()
    again = Database(path)

    assert ["home"] == owners(again)
    again.close()


def test_a_database_of_a_newer_sayso_is_refused_and_left_alone(path: Path) -> None:
    Database(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()

    with pytest.raises(StorageOutdated, match=rf"version 99.*up to {len(read_steps())}.*[Ii]nstall"):
        Database(path)

    assert before == path.read_bytes()


@pytest.mark.parametrize("version", range(1, len(read_steps())))
def test_a_database_of_an_older_sayso_is_migrated_with_its_data(path: Path, version: int) -> None:
    older = sqlite3.connect(path, isolation_level=None)
    migrate(older, read_steps()[:version], str(path))
    older.execute(PUT, ("home",))
    older.close()

    migrated = Database(path)
    fresh = Database(":memory:")
    schema = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"

    def schema_of(database: Database) -> list[Any]:
        return database.read(lambda connection: connection.execute(schema).fetchall())

    assert ["home"] == owners(migrated)
    assert schema_of(fresh) == schema_of(migrated)
    migrated.close()
    fresh.close()


def test_a_migration_that_fails_leaves_the_old_database(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, ("CREATE TABLE a (x);",), str(path))

    with pytest.raises(sqlite3.Error):
        migrate(connection, ("CREATE TABLE a (x);", "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);"), str(path))

    assert (1,) == connection.execute("PRAGMA user_version").fetchone()
    assert [("a",)] == connection.execute("SELECT name FROM sqlite_schema").fetchall()
    connection.close()


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()

    with pytest.raises(StorageError, match="another program"):
        Database(path)

    other = sqlite3.connect(path)
    assert [("theirs",)] == other.execute("SELECT name FROM sqlite_schema").fetchall()
    other.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("dear diary " * 1000)

    with pytest.raises(StorageError, match="not a database"):
        Database(path)

    assert "dear diary " * 1000 == path.read_text()


def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        Database(tmp_path / "nowhere" / "sayso.db")


def test_processes_that_start_at_once_migrate_once(path: Path) -> None:
    code = f"from skill.adapters.sqlite.database import Database; Database({str(path)!r}).close()"
    root = Path(__file__).parents[3]
    starting = [
        subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE, text=True) for _ in range(6)
    ]

    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in starting]

    assert [("", 0)] * 6 == ended


def test_what_is_deleted_is_overwritten_and_the_log_is_cut(path: Path) -> None:
    database = Database(path)
    database.write(put("canary"))
    database.write(lambda connection: connection.execute("DELETE FROM carts").rowcount)

    assert database.cut_log()

    assert (1, 5000) == database.read(
        lambda connection: tuple(
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("secure_delete", "busy_timeout")
        )
    )
    for file in path.parent.iterdir():
        assert b"canary" not in file.read_bytes(), file
    database.close()


def test_the_log_is_not_cut_under_a_reader_and_nobody_waits_long_for_it(path: Path) -> None:
    database = Database(path)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM carts").fetchall()
    database.write(put("somebody"))

    began = time.monotonic()
    assert not database.cut_log()
    assert time.monotonic() - began < 2
    assert ["somebody"] == owners(database)

    reader.close()
    assert database.cut_log()
    database.close()


def test_every_table_is_strict(database: Database) -> None:
    rows = database.read(
        lambda connection: connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"
        ).fetchall()
    )

    assert [] == [name for name, strict in rows if not strict and not name.startswith("sqlite_")]


def test_a_file_that_is_damaged_cannot_be_opened_or_written_says_what_to_do(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(StorageError, match=r"damaged\.db: .*: the file is damaged; put its backup in its place"):
        Database(damaged)
    with pytest.raises(StorageError, match=r"see that its folder is there and that the user of this process may write"):
        Database(tmp_path / "nowhere" / "sayso.db")
    database = Database(tmp_path / "sayso.db")

    def full(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("INSERT INTO carts (owner, version, lines) VALUES ('a', 1, ?)", ("x" * 10_000_000,))

    with pytest.raises(StorageError, match="make room on the disk, and do it again"):
        database.write(full)
    database.close()
