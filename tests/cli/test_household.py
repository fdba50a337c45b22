"""`sayso household`: set up outside the voice channel, codes never on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skill.app import build_app
from skill.settings import Settings

Run = Callable[..., Any]
RunJson = Callable[..., Any]


@pytest.fixture
def household_id(run_json: RunJson) -> str:
    made = run_json("household", "create", "--name", "Kim's", "--address", "1 Mill Road", "--email", "kim@example.com")
    assert ["household_id"] == list(made)
    return str(made["household_id"])


def test_a_household_is_created_with_nothing_but_defaults(run_json: RunJson) -> None:
    shown = run_json("household", "show", run_json("household", "create")["household_id"])
    assert ("America/New_York", False) == (shown["time_zone"], shown["code_set"])


def test_creating_a_household_turns_ordering_on_for_it_alone(run_json: RunJson, household_id: str) -> None:
    assert {"ordering_enabled": True} == run_json("policy", "show", "--household", household_id)["knobs"]
    assert run_json("policy", "show")["knobs"] == {}


def test_list_and_show_tell_what_was_set_up(run_json: RunJson, household_id: str) -> None:
    run_json("household", "link", household_id, "--platform", "alexa", "--user", "amzn1.ask.account.KIM")
    (listed,) = run_json("household", "list")
    shown = run_json("household", "show", household_id)
    assert (household_id, "Kim's", "1 Mill Road") == (listed["household_id"], listed["name"], listed["address"])
    assert [{"platform": "alexa", "user": "amzn1.ask.account.KIM"}] == shown["links"]
    assert "kim@example.com" == shown["email"]


def test_people_read_a_table(run: Run, household_id: str) -> None:
    assert household_id in run("household", "list").out
    assert "1 Mill Road" in run("household", "show", household_id).out


def test_linking_an_account_again_moves_it(run_json: RunJson, household_id: str) -> None:
    other = run_json("household", "create", "--name", "Alex's")["household_id"]
    for each in (household_id, other):
        run_json("household", "link", each, "--platform", "dialogflow-cx", "--user", "u1")
    assert [] == run_json("household", "show", household_id)["links"]
    assert [{"platform": "dialogflow-cx", "user": "u1"}] == run_json("household", "show", other)["links"]


def test_linking_to_nobody_says_so(run: Run) -> None:
    result = run("household", "link", "hh_none", "--platform", "alexa", "--user", "u")
    assert 1 == result.code
    assert "hh_none" in result.err


def test_an_unknown_platform_is_named_with_those_there_are(run: Run, household_id: str) -> None:
    result = run("household", "link", household_id, "--platform", "siri", "--user", "u")
    assert 2 == result.code
    assert "'alexa', 'dialogflow-cx'" in result.err


def test_the_code_is_read_from_standard_input(run: Run, run_json: RunJson, household_id: str) -> None:
    result = run("household", "code", household_id, stdin="4271\n")
    assert "The code is set.\n" == result.out
    assert run_json("household", "show", household_id)["code_set"]


def test_the_code_is_in_no_output_and_no_file(run: Run, data: Path, household_id: str) -> None:
    result = run("household", "code", household_id, "--json", stdin="8306\n")
    assert "8306" not in result.out + result.err
    assert [] == [path.name for path in data.rglob("*") if path.is_file() and b'"8306"' in path.read_bytes()]


def test_a_code_as_an_argument_is_not_taken(run: Run, household_id: str) -> None:
    assert 2 == run("household", "code", household_id, "4271").code


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("1234", "too easy to guess"),
        ("0000", "too easy to guess"),
        ("1987", "too easy to guess"),
        ("427", "exactly 4 digits"),
        ("", "exactly 4 digits"),
        ("42711", "exactly 4 digits"),
        ("four", "exactly 4 digits"),
        ("٤٢٧١", "exactly 4 digits"),
    ],
)
def test_a_code_that_may_not_be_set_is_refused_with_the_reason(
    run: Run, run_json: RunJson, household_id: str, code: str, why: str
) -> None:
    result = run("household", "code", household_id, stdin=f"{code}\n")
    assert 1 == result.code
    assert why in result.err
    assert not code or code not in result.err
    assert not run_json("household", "show", household_id)["code_set"]


def test_a_code_is_removed(run: Run, run_json: RunJson, household_id: str) -> None:
    run("household", "code", household_id, stdin="4271\n")
    assert "The code is removed.\n" == run("household", "code", household_id, "--remove").out
    assert not run_json("household", "show", household_id)["code_set"]


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--time-zone", "Mars/Olympus", "no time zone such as America/New_York"),
        ("--email", "kim at home", "no email address such as kim@example.com"),
        ("--name", " ", "give 1 to 100"),
        ("--name", "x" * 101, "give 1 to 100"),
        ("--address", "y" * 301, "give 1 to 300"),
    ],
)
def test_a_household_that_cannot_be_is_not_created(
    run: Run, run_json: RunJson, option: str, value: str, says: str
) -> None:
    result = run("household", "create", option, value)
    assert 1 == result.code
    assert says in result.err
    assert [] == run_json("household", "list")


def test_a_household_moves_to_another_zone_a_day_later(run: Run, run_json: RunJson, household_id: str) -> None:
    moved = run_json("household", "move", household_id, "--time-zone", "Europe/Paris")
    assert moved["effective_at"] > run_json("household", "show", household_id)["created_at"]
    shown = run_json("household", "show", household_id)
    assert "America/New_York" == shown["time_zone"] == run_json("household", "list")[0]["time_zone"], "until it holds"
    assert {"time_zone": "Europe/Paris", "at": moved["effective_at"]} == shown["moves"]
    assert "America/New_York, Europe/Paris from " in run("household", "show", household_id).out
    assert "America/New_York, Europe/Paris from " in run("household", "list").out
    assert "no time zone such as America/New_York" in run("household", "move", household_id, "--time-zone", "Paris").err


def test_a_speaker_is_paired_by_the_code_that_it_read_out(run: Run, run_json: RunJson, data: Path) -> None:
    household_id = run_json("household", "create")["household_id"]
    app = build_app(Settings(data_dir=data, keys_dir=data / "keys"))
    code = app.ports.pairings.begin("alexa", "amzn1.KIM", app.ports.clock.now_utc())
    app.close()
    wrong = run("household", "pair", household_id, stdin="BBBBBB\n")
    assert (1, True) == (wrong.code, "unknown, was used" in wrong.err)
    assert 1 == run("household", "pair", household_id, stdin="4271\n").code
    paired = run_json("household", "pair", household_id, stdin=f"{code.lower()}\n")
    assert {"household_id": household_id, "platform": "alexa", "user": "amzn1.KIM"} == paired
    assert [{"platform": "alexa", "user": "amzn1.KIM"}] == run_json("household", "show", household_id)["links"]


@pytest.mark.parametrize(
    "command",
    [
        ("household", "show", "nope"),
        ("household", "code", "nope"),
        ("household", "link", "nope", "--platform", "alexa", "--user", "kim"),
        ("household", "move", "nope", "--time-zone", "Europe/Rome"),
        ("household", "delete", "nope", "--yes"),
        ("audit", "show", "--household", "nope"),
        ("audit", "verify", "--household", "nope"),
        ("ledger", "check", "--household", "nope"),
        ("approvals", "list", "nope"),
        ("policy", "show", "--household", "nope"),
        ("policy", "what-if", "--household", "nope", "order_max=1"),
        ("sign-in", "link", "--household", "nope"),
        ("sign-in", "list", "--household", "nope"),
        ("chat", "--household", "nope"),
    ],
    ids=" ".join,
)
def test_a_household_that_there_is_not_is_told_in_words(run: Run, command: tuple[str, ...]) -> None:
    refused = run(*command)
    told = "Error: there is no household 'nope'; `sayso household list` shows the ones there are\n"
    assert (1, told) == (refused.code, refused.err)


@pytest.mark.parametrize("nowhere", ["localtime", "Factory"])
def test_a_zone_that_is_no_place_is_refused(run: Run, run_json: RunJson, nowhere: str) -> None:
    """Its days would begin at another time on another machine."""
    made = run_json("household", "create")["household_id"]
    for line in (("create", "--time-zone", nowhere), ("move", made, "--time-zone", nowhere)):
        refused = run("household", *line)
        assert (1, "") == (refused.code, refused.out)
        assert f"'{nowhere}' is no place's time zone" in refused.err


def test_what_is_shown_stands_in_one_column(run: Run, run_json: RunJson) -> None:
    made = run_json("household", "create")["household_id"]
    run("household", "link", made, "--platform", "actions-builder", "--user", "kim")
    starts = {
        len(line) - len(line.partition(":")[2].lstrip()) for line in run("household", "show", made).out.splitlines()
    }
    assert 1 == len(starts)
