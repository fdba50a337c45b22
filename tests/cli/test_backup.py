"""A backup is the whole store at one moment, and docs/operations.md says what comes of restoring it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run, RunJson

ORDERING = "find bananas\nadd two of the first one\ncheck out\n4271\n"


def test_a_backup_that_is_restored_has_what_was_ordered_before_it(
    run: Run, run_json: RunJson, demo: str, data: Path, tmp_path: Path
) -> None:
    assert "Done" in run("chat", stdin=ORDERING).out
    before = run_json("orders", "list")
    file = tmp_path / "store.db"
    told = run("backup", file)
    assert (0, f"Written to {file}") == (told.code, told.out[: len(f"Written to {file}")])
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert [file] == list(tmp_path.glob("*.db*")), "nothing lies beside it that belongs to it"
    assert 0 == run("chat", stdin="cancel my last order\n").code
    assert before != run_json("orders", "list")
    for each in data.glob("sayso.db*"):
        each.unlink()
    shutil.copyfile(file, data / "sayso.db")
    assert before == run_json("orders", "list")
    assert 0 == run("ledger", "check").code
    verified = run("audit", "verify")
    assert 1 == verified.code
    assert "cut off" in verified.out
    assert "hh_demo is not only cut off" not in run("audit", "restored", stdin="n\n").err
    taken = run_json("audit", "restored", "--yes")
    assert taken["entries_lost"] >= 1
    assert Path(taken["kept"]).is_file(), "the proof of what there was"
    assert 0 == run("audit", "verify").code
    assert "the store was restored from a backup" in run("audit", "show", "--household", demo).out
    assert "no chain is cut off" in run("audit", "restored", "--yes").err
    assert 0 == run("policy", "set", "--household", demo, "day_max=9000").code
    assert 0 == run("audit", "verify").code


def test_a_chain_that_was_changed_is_not_taken_for_a_restored_one(
    run: Run, demo: str, data: Path, tmp_path: Path
) -> None:
    assert 0 == run("chat", stdin=ORDERING).code
    with closing(sqlite3.connect(data / "sayso.db")) as database:
        database.execute("UPDATE audit SET kind = 'code_set' WHERE number = 1")
        database.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
        database.commit()
    refused = run("audit", "restored", "--yes")
    assert "is not only cut off" in refused.err
    assert (data / "keys" / "anchors").is_file()


def test_a_backup_is_made_while_something_is_being_written(run: Run, demo: str, data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "sayso.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE households SET name = 'half-way'")
        assert 0 == run("backup", tmp_path / "store.db").code
        writer.execute("COMMIT")
    with closing(sqlite3.connect(tmp_path / "store.db")) as kept:
        assert "half-way" not in {name for (name,) in kept.execute("SELECT name FROM households")}
        assert [("ok",)] == kept.execute("PRAGMA integrity_check").fetchall()


@pytest.mark.parametrize("there", ["a file", "no folder"])
def test_a_backup_overwrites_nothing_and_says_why_there_is_none(
    run: Run, demo: str, tmp_path: Path, there: str
) -> None:
    file = tmp_path / "store.db"
    if there == "a file":
        file.write_text("mine")
        failed = run("backup", file)
        assert "is there already" in failed.err
        assert "mine" == file.read_text()
    else:
        failed = run("backup", tmp_path / "nowhere" / "store.db")
        assert "no backup was written to" in failed.err
    assert 1 == failed.code
    assert not list(tmp_path.glob("**/*.part"))
