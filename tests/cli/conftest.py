"""The command as an operator runs it, over a store in a folder of its own."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import skill.sample
from skill.app import build_app
from skill.cli import main
from skill.cli.demo import DEMO_HOUSEHOLD, ensure_demo_household
from skill.settings import Settings

SAMPLE = Path(str(skill.sample.__file__)).parent


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a store without a catalogue or a household, made once."""
    folder = tmp_path_factory.mktemp("empty")
    shutil.copyfile(SAMPLE / "store.yaml", folder / "store.yaml")
    build_app(Settings(data_dir=folder, keys_dir=folder / "keys")).close()
    return folder


@pytest.fixture
def data(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the empty store, which the commands find through SAYSO_DATA_DIR."""
    folder = tmp_path / "data"
    shutil.copytree(empty_store, folder)
    monkeypatch.setenv("SAYSO_DATA_DIR", str(folder))
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("catalogue", "info")` is the command line `sayso catalogue info`."""

    def run_command(*arguments: object, stdin: str = "") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["sayso", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    return run_command


RunJson = Callable[..., Any]


@pytest.fixture
def run_json(run: Run) -> RunJson:
    """`run_json("orders", "list")` is the document that `sayso orders list --json` prints."""

    def run_command(*arguments: object, stdin: str = "") -> Any:
        outcome = run(*arguments, "--json", stdin=stdin)
        assert 0 == outcome.code, outcome.err
        return outcome.json

    return run_command


@pytest.fixture(scope="session")
def demo_dir(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sayso demo` leaves behind, made once."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    try:
        ensure_demo_household(app)
    finally:
        app.close()
    return folder


@pytest.fixture
def demo(data: Path, demo_dir: Path) -> str:
    """The demo household, in a store with the sample's catalogue."""
    shutil.rmtree(data)
    shutil.copytree(demo_dir, data)
    return DEMO_HOUSEHOLD
