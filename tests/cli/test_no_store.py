"""Where there is no store: a slip of the pen in `--data` makes none, and has no books that are in order."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest

from skill.adapters.local.keys import FileKeys
from skill.cli import TOPICS, sayso
from tests.cli.conftest import SAMPLE, Run

#: Commands that begin a store, or work without one.
BEGIN = {"demo", "serve", "chat", "catalogue import", "catalogue publish", "catalogue build", "household create"}
#: Commands that read the catalogue's index alone, and say that there is none.
INDEX_ALONE = {"catalogue search": ["milk"], "catalogue explain": ["milk"], "catalogue info": []}

ARGUMENTS = {
    "approvals approve": ["token"],
    "approvals list": ["hh_demo"],
    "approvals refuse": ["token"],
    "audit restored": ["--yes"],
    "audit show": ["--store"],
    "audit verify": [],
    "backup": ["file.db"],
    "catalogue diff": [SAMPLE / "catalogue.jsonl", SAMPLE / "catalogue.jsonl"],
    "catalogue history": [],
    "catalogue roll-back": [],
    "household code": ["hh_demo"],
    "household delete": ["hh_demo", "--yes"],
    "household link": ["hh_demo", "--platform", "alexa", "--user", "kim"],
    "household list": [],
    "household move": ["hh_demo", "--time-zone", "Europe/Rome"],
    "household pair": ["hh_demo"],
    "household show": ["hh_demo"],
    "ledger check": [],
    "orders list": [],
    "orders show": ["o1"],
    "outbox retry": ["e1.1"],
    "outbox show": [],
    "policy assign": ["hh_demo", "kim", "teen"],
    "policy set": ["order_max=1"],
    "policy show": [],
    "policy what-if": ["order_max=1"],
    "sign-in invite": ["hh_demo", "kim@example.com"],
    "sign-in link": [],
    "sign-in list": [],
    "sign-in remove": ["a1"],
    "sweep": [],
}


def commands() -> set[str]:
    found = set()
    for topic in TOPICS:
        command = sayso.get_command(click.Context(sayso), topic)
        names = command.commands if isinstance(command, click.Group) else [""]
        found |= {f"{topic} {name}".strip() for name in names}
    return found


def test_every_command_is_one_of_these() -> None:
    assert commands() == BEGIN | set(INDEX_ALONE) | set(ARGUMENTS)


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_over_no_store_fails_and_makes_none(run: Run, tmp_path: Path, command: str) -> None:
    nowhere = tmp_path / "typo"
    failed = run(*command.split(), *ARGUMENTS[command], "--data", nowhere, stdin="4271\n")
    assert (1, "") == (failed.code, failed.out)
    assert failed.err == (
        f"Error: there is no store at {nowhere}, for it has no store.yaml: name its folder with --data or SAYSO_DATA_DIR, "
        "restore it from its backup, or begin one with `sayso demo`, or with `sayso catalogue import`\n"
    )
    assert not nowhere.exists()


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_over_a_store_without_its_database_fails_and_makes_none(
    run: Run, tmp_path: Path, command: str
) -> None:
    """Its books would be in order, and the households gone."""
    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copyfile(SAMPLE / "store.yaml", folder / "store.yaml")
    failed = run(*command.split(), *ARGUMENTS[command], "--data", folder, stdin="4271\n")
    assert (1, "") == (failed.code, failed.out)
    assert f"there is no store at {folder}, for it has no sayso.db" in failed.err
    assert [folder / "store.yaml"] == list(folder.iterdir())


@pytest.mark.parametrize("command", [["household", "list"], ["ledger", "check"], ["household", "create"]])
def test_a_database_that_is_gone_is_not_begun_anew_beside_its_anchors(
    run: Run, demo: str, data: Path, command: list[str]
) -> None:
    for file in data.glob("sayso.db*"):
        file.unlink()
    failed = run(*command)
    assert 1 == failed.code
    assert "sayso.db" in failed.err
    assert "restore it from its backup" in failed.err
    assert [] == list(data.glob("sayso.db*"))


@pytest.mark.parametrize("command", [["household", "list"], ["household", "create"]])
def test_keys_that_are_gone_or_others_are_told_of_and_not_made_anew(
    run: Run, demo: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """With new ones every code would be wrong, every household locked after three tries, and every seal worthless."""
    typo = tmp_path / "typo"
    monkeypatch.setenv("SAYSO_KEYS_DIR", str(typo))
    failed = run(*command)
    assert 1 == failed.code
    assert f"there is no {typo / 'master.key'}, and the store has data that were written with one" in failed.err
    assert not typo.exists()
    others = tmp_path / "others"
    FileKeys(others)
    monkeypatch.setenv("SAYSO_KEYS_DIR", str(others))
    failed = run(*command)
    assert 1 == failed.code
    assert f"was written with other keys than those of FileKeys('{others}')" in failed.err
    monkeypatch.setenv("SAYSO_KEYS_DIR", str(data / "keys"))
    assert 0 == run(*command).code


@pytest.mark.parametrize("command", INDEX_ALONE)
def test_a_command_over_no_index_fails_and_makes_none(run: Run, tmp_path: Path, command: str) -> None:
    nowhere = tmp_path / "typo"
    failed = run(*command.split(), *INDEX_ALONE[command], "--data", nowhere)
    assert (1, "") == (failed.code, failed.out)
    assert not nowhere.exists()


def test_an_index_of_sales_is_shown_without_a_store(run: Run, tmp_path: Path) -> None:
    feed, index, nowhere = tmp_path / "feed.csv", tmp_path / "an.index", tmp_path / "typo"
    feed.write_text(
        "id,title,price,sale_price,sale_price_effective_date,availability\n"
        "m1,Milk,2.00 USD,1.00 USD,2020-01-01T00:00Z/2090-01-01T00:00Z,in stock\n"
    )
    built = run("catalogue", "build", feed, "-o", index)
    assert 0 == built.code, built.err
    shown = run("catalogue", "info", index, "--data", nowhere, "--json")
    assert (0, 1, False) == (shown.code, shown.json["sales"], shown.json["sales_over"])
    assert not nowhere.exists()


@pytest.mark.parametrize(
    "command", [["demo"], ["household", "create"], ["catalogue", "import", SAMPLE / "catalogue.jsonl"]]
)
def test_a_store_is_begun_by_what_puts_something_into_it(run: Run, tmp_path: Path, command: list[object]) -> None:
    begun = run(*command, "--data", tmp_path / "new")
    assert 0 == begun.code, begun.err
    assert (tmp_path / "new" / "store.yaml").is_file()


@pytest.mark.parametrize("command", [["household", "list"], ["household", "create"], ["catalogue", "import", "a.csv"]])
def test_over_a_table_the_store_that_was_deployed_is_asked_for_and_none_begun(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("SAYSO_TABLE", "sayso-Table-1")
    monkeypatch.setenv("SAYSO_SECRET", "a-secret")
    failed = run(*command, "--data", tmp_path / "here")
    assert (1, "") == (failed.code, failed.out)
    assert "SAYSO_TABLE is set: copy the one there that was deployed with the table" in failed.err
    assert "sayso demo" not in failed.err
    assert not (tmp_path / "here").exists()


def test_the_demo_and_its_known_code_go_into_no_table(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_TABLE", "sayso-Table-1")
    failed = run("demo")
    assert (1, "") == (failed.code, failed.out)
    assert "the demo's code is known to everybody" in failed.err


@pytest.mark.parametrize(
    "command",
    [
        ["catalogue", "import", "nosuch.csv"],
        ["catalogue", "publish", "nosuch.csv"],
        ["catalogue", "build", "nosuch.csv", "-o", "an.index"],
        ["household", "create", "--time-zone", "Bad/Zone"],
        ["household", "create", "--name", ""],
    ],
)
@pytest.mark.parametrize("is_there", [False, True])
def test_a_slip_in_what_would_begin_a_store_begins_none(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], is_there: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    folder, keys = tmp_path / "new", tmp_path / "keys"
    monkeypatch.setenv("SAYSO_KEYS_DIR", str(keys))
    if is_there:
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
    failed = run(*command, "--data", folder)
    assert 1 == failed.code, failed.err
    assert "is a copy of the sample's" not in failed.err
    assert ["notes.txt"] * is_there == [each.name for each in folder.glob("*")]
    assert (is_there, False) == (folder.exists(), keys.exists())
    assert 0 == run("household", "create", "--data", folder).code


def test_a_folder_that_cannot_be_made_is_told_of_with_what_to_do(run: Run) -> None:
    failed = run("demo", "--data", "/proc/foo")
    assert 1 == failed.code
    assert "/proc/foo cannot be made" in failed.err
    assert "name another one with --data" in failed.err
