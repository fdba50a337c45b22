"""`sayso demo`: ready to be talked to, once and again."""

from __future__ import annotations

from collections.abc import Callable
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
