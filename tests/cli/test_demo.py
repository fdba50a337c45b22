"""`sayso demo`: ready to be talked to, once and again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from skill.simulator import PLATFORMS

Run = Callable[..., Any]
RunJson = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing yet, not even a directory."""
    monkeypatch.setenv("SAYSO_DATA_DIR", str(tmp_path / "new"))
    return tmp_path / "new"


def test_an_empty_directory_becomes_a_store_with_a_household(run: Run, run_json: RunJson) -> None:
    first = run("demo").out
    assert "Imported 328 products" in first
    assert "purchase code: 4271" in first
    assert "quiet_hours:         none" in first
    shown = run_json("household", "show", "hh_demo")
    assert {(platform, "simulator") for platform in PLATFORMS} == {
        (each["platform"], each["user"]) for each in shown["links"]
    }
    assert shown["code_set"]


def test_a_second_time_changes_nothing(run: Run, run_json: RunJson, data: Path) -> None:
    run("demo")
    run("policy", "set", "--household", "hh_demo", "day_max=1")
    index = (data / "catalogue.index").stat().st_mtime_ns
    assert "Imported" not in run("demo").out
    assert index == (data / "catalogue.index").stat().st_mtime_ns
    assert 1 == run_json("policy", "show", "--household", "hh_demo")["knobs"]["day_max"]
    assert 1 == len(run_json("household", "list"))


def test_a_code_that_was_changed_is_not_told_as_the_demos(run: Run, run_json: RunJson) -> None:
    """Who says 4271 then is wrong three times, and locked."""
    run("demo")
    run("household", "code", "hh_demo", stdin="4829\n")
    assert "4271" not in run("demo").out
    assert "purchase code: one that was set here; `sayso household code` sets another" in run("demo").out
    told = run_json("demo")
    assert (None, True) == (told["code"], told["code_set"])


@pytest.mark.parametrize("links_left", [False, True])
def test_after_its_household_was_deleted_another_can_be_talked_to(
    run: Run, run_json: RunJson, data: Path, links_left: bool
) -> None:
    run("demo")
    assert 0 == run("household", "delete", "hh_demo", "--yes").code
    if links_left:  # as `sayso demo` left them before: nothing but the table itself takes that now
        with closing(sqlite3.connect(data / "sayso.db", isolation_level=None)) as database:
            database.execute("INSERT INTO links VALUES ('alexa', 'simulator', 'hh_demo', '2026-11-29T00:00:00Z')")
    again = run("demo").out
    assert "Demo household hh_demo_2, 12 Orchard Lane, Springfield" in again
    assert "purchase code: 4271" in again
    assert again.partition("Demo")[2] == run("demo").out.partition("Demo")[2]
    deleted = run_json("household", "show", "hh_demo")
    assert ([], False, True) == (deleted["links"], deleted["code_set"], deleted["forgotten"])
    talked = run("chat", stdin="find milk\nadd the first one\ncheck out\n").out
    assert "four-digit code" in talked


def test_nothing_is_set_for_a_household_that_was_deleted(run: Run) -> None:
    run("demo")
    run("household", "delete", "hh_demo", "--yes")
    for line in (
        ("household", "code", "hh_demo"),
        ("household", "link", "hh_demo", "--platform", "alexa", "--user", "kim"),
        ("household", "move", "hh_demo", "--time-zone", "Europe/Rome"),
        ("sign-in", "link", "--household", "hh_demo"),
    ):
        refused = run(*line, stdin="4829\n")
        assert (1, "") == (refused.code, refused.out)
        assert "there is no household 'hh_demo'" in refused.err
    assert "(forgotten)" in run("household", "list").out


def test_a_removed_code_stays_removed(run: Run, run_json: RunJson) -> None:
    run("demo")
    run("household", "code", "hh_demo", "--remove")
    assert "purchase code: none" in run("demo").out
    assert not run_json("household", "show", "hh_demo")["code_set"]


def test_a_catalogue_of_the_owners_own_is_left_alone(run: Run, data: Path, tmp_path: Path) -> None:
    run("demo")
    feed = tmp_path / "own.csv"
    feed.write_text("sku,title,price,quantity\nx1,Own thing,1.00 USD,5\n", encoding="utf-8")
    run("catalogue", "import", str(feed))
    own = (data / "catalogue.index").read_bytes()
    assert "Imported" not in run("demo").out
    assert own == (data / "catalogue.index").read_bytes()


def test_an_owners_store_file_is_left_alone(run: Run, data: Path) -> None:
    run("demo")
    store = data / "store.yaml"
    store.write_text(store.read_text(encoding="utf-8").replace("Corner Store", "Kim's"), encoding="utf-8")
    run("demo")
    assert "seller: Kim's" in store.read_text(encoding="utf-8")


def test_a_set_up_that_was_cut_short_is_finished(run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("skill.cli.demo.set_purchase_code", die)
        run("demo")
    run("demo")
    shown = run_json("household", "show", "hh_demo")
    assert (True, len(PLATFORMS)) == (shown["code_set"], len(shown["links"]))


def test_a_new_directory_starts_with_the_samples_store_and_says_so(run: Run, data: Path) -> None:
    outcome = run("household", "create", "--json")
    assert 0 == outcome.code
    assert "is a copy of the sample's" in outcome.err
    assert files("skill.sample").joinpath("store.yaml").read_bytes() == (data / "store.yaml").read_bytes()
    assert "copy" not in run("household", "create").err
