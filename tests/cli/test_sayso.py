from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from skill.cli import TOPICS
from skill.errors import SpendCapExceeded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_help_names_every_topic(run: Run) -> None:
    outcome = run("--help")
    assert 0 == outcome.code
    for topic, (_, line) in TOPICS.items():
        assert topic in outcome.out
        assert line in outcome.out


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_there_and_explains_itself(run: Run, topic: str) -> None:
    module, _, name = TOPICS[topic][0].partition(":")
    assert isinstance(getattr(import_module(module), name), click.Command)
    outcome = run(topic, "--help")
    assert (0, True) == (outcome.code, "Usage: sayso" in outcome.out)


@pytest.mark.parametrize("arguments", [["--help"], ["catalogue", "--help"], ["household", "--help"]])
def test_help_does_not_import_the_web_server_or_a_platforms_sdk(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['sayso', *{arguments!r}]\n"
        "from skill.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'flask', 'boto3', 'ask_sdk_core'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "[]" == done.stderr.strip().splitlines()[-1]


def test_an_unknown_topic_is_a_usage_error(run: Run) -> None:
    outcome = run("cataloge")
    assert 2 == outcome.code
    assert "No such command 'cataloge'" in outcome.err


def test_an_error_of_ours_is_one_line_and_exit_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SpendCapExceeded("over\nthe cap", cap_minor=1)

    monkeypatch.setattr("skill.cli.catalogue.open_catalogue", fail)
    outcome = run("catalogue", "info")
    assert (1, "Error: over the cap\n", "") == (outcome.code, outcome.err, outcome.out)


def test_an_error_of_the_machine_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "catalogue.index")

    monkeypatch.setattr("skill.cli.catalogue.open_catalogue", fail)
    outcome = run("catalogue", "info")
    assert 1 == outcome.code
    assert "No space left on device" in outcome.err
    assert 1 == len(outcome.err.splitlines())


@pytest.mark.parametrize("first", [True, False])
def test_the_data_directory_and_json_may_be_said_before_or_after_the_command(
    run: Run, tmp_path: Path, first: bool
) -> None:
    options = ["--data", str(tmp_path / "elsewhere"), "--json"]
    command = ["catalogue", "info"]
    outcome = run(*(options + command if first else command + options))
    assert 1 == outcome.code
    assert "elsewhere/catalogue.index" in outcome.err


def test_the_data_directory_said_last_counts(run: Run, tmp_path: Path) -> None:
    outcome = run("--data", tmp_path / "one", "catalogue", "info", "--data", tmp_path / "two")
    assert "two/catalogue.index" in outcome.err


def test_without_an_option_the_variable_says_where_the_data_are(run: Run, data: Path) -> None:
    assert f"{data}/catalogue.index" in run("catalogue", "info").err
