"""An empty name, as a script's unset variable gives it, names nobody: it is refused, and never means the store or everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from skill.cli import TOPICS, sayso
from tests.cli.conftest import Run, RunJson

#: What an option or argument names, as `--help` calls it.
NAMES = {"HOUSEHOLD", "PERSON", "PROFILE", "KEY", "ORDER", "EVENT", "ACCOUNT", "APPROVAL", "USER_ID", "NAME"}
#: Nothing is named by these: a list goes on after the last one that was seen, and a feed has an encoding.
OTHERS = {"--after", "--encoding"}


def of_every_command() -> Iterator[tuple[list[str], click.Command]]:
    for topic in TOPICS:
        command = sayso.get_command(click.Context(sayso), topic)
        if isinstance(command, click.Group):
            yield from (([topic, name], each) for name, each in command.commands.items())
        elif command is not None:
            yield [topic], command


def with_an_empty_name() -> Iterator[list[str]]:
    """Every command line in which one name is empty, and whatever else must be given is there."""
    for words, command in of_every_command():
        for named in command.params:
            if named.metavar not in NAMES | {"DIR"} or OTHERS & set(named.opts):
                continue
            line = list(words)
            for each in command.params:
                value = "" if each is named else str(each.type.choices[0]) if hasattr(each.type, "choices") else "x=1"
                if isinstance(each, click.Option) and (each is named or each.required):
                    line += [each.opts[0], value]
                elif isinstance(each, click.Argument) and each.required:
                    line.append(value)
            yield line


@pytest.mark.parametrize("line", list(with_an_empty_name()), ids=" ".join)
def test_an_empty_name_is_refused_wherever_one_is_given(run: Run, line: list[str]) -> None:
    failed = run(*line)
    assert (2, "") == (failed.code, failed.out)
    assert "it is empty, and names nothing; is a variable not set?" in failed.err


def test_an_empty_household_makes_no_link_of_an_owner(run: Run, demo: str) -> None:
    failed = run("sign-in", "link", "--household", "", "--json")
    assert (2, "") == (failed.code, failed.out)


def test_an_empty_name_changes_no_limit_of_the_store_nor_of_the_household(
    run: Run, run_json: RunJson, demo: str
) -> None:
    before = [run_json("policy", "show", *of) for of in ((), ("--household", demo))]
    assert 2 == run("policy", "set", "--household", "", "order_max=7").code
    assert 2 == run("policy", "set", "--household", demo, "--person", " ", "lines_max=3").code
    assert 2 == run("policy", "set", "--household", demo, "--profile", "", "lines_max=3").code
    assert before == [run_json("policy", "show", *of) for of in ((), ("--household", demo))]


def test_an_empty_folder_is_not_the_one_that_one_is_in(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert 2 == run("demo", "--data", "").code
    assert not (tmp_path / "store.yaml").exists()


@pytest.mark.parametrize("line", [["serve", "--host", ""], ["chat", "--device", ""], ["catalogue", "roll-back", ""]])
def test_nor_does_an_empty_name_stand_for_another(run: Run, line: list[str]) -> None:
    assert 2 == run(*line).code
