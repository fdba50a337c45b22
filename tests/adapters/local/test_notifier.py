"""Notices in a file, a line of JSON each."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from skill.adapters.local.notifier import FileNotifier
from skill.errors import StorageError
from skill.ports import Notice
from skill.shop.households import HouseholdId
from tests.contracts.stores import HOME, NOON, at_once


def notice(**values: object) -> Notice:
    return Notice(HOME, "receipt", NOON, values)


def test_each_notice_is_a_line_of_json(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = FileNotifier(tmp_path / "notices.jsonl")
    with caplog.at_level(logging.INFO):
        notifier.notify(notice(order_id="o1", title="Crème\nfraîche"))
        notifier.notify(notice(order_id="o2"))

    lines = (tmp_path / "notices.jsonl").read_text().splitlines()
    assert ["o1", "o2"] == [json.loads(line)["values"]["order_id"] for line in lines]
    assert {
        "household_id": "home",
        "kind": "receipt",
        "at": "2026-11-21T12:00:00.000000+00:00",
        "values": {"order_id": "o1", "title": "Crème\nfraîche"},
    } == json.loads(lines[0])
    assert "receipt for home" in caplog.text
    assert "fraîche" not in caplog.text, "what is for the household's eyes is not for the log"


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    notifier = FileNotifier(tmp_path / "notices.jsonl")

    at_once(8, lambda n: [notifier.notify(notice(n=n, text="x" * 20_000)) for _ in range(5)])

    lines = (tmp_path / "notices.jsonl").read_text().splitlines()
    assert [n for n in range(8) for _ in range(5)] == sorted(json.loads(line)["values"]["n"] for line in lines)


def test_a_notice_that_cannot_be_written_is_logged_and_fails_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not FileNotifier(tmp_path).notify(notice(order_id="o1"))

    assert "could not be written" in caplog.text


def test_a_forgotten_household_has_no_notices_and_others_keep_theirs(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"
    notifier = FileNotifier(path)
    others = [
        Notice(HouseholdId("home-2"), "receipt", NOON, {"address": "1 Main St"}),
        Notice(HouseholdId("away"), "receipt", NOON, {"note": '"household_id":"home"', "n": 1}),
    ]
    for each in (notice(address="12 Orchard Lane"), others[0], notice(n=2), others[1], notice(n=3)):
        notifier.notify(each)
    with path.open("ab") as file:  # a full disk has cut it off within a letter
        file.write('{"at":"2026-11-21","household_id":"home","kind":"receipt","values":{"address":"Höhe'.encode()[:-3])
    path.chmod(0o600)

    for _ in range(2):
        notifier.forget(HOME)

    assert ["home-2", "away"] == [json.loads(line)["household_id"] for line in path.read_text().splitlines()]
    assert 0o600 == path.stat().st_mode & 0o777
    assert {"notices.jsonl", "notices.lock"} == {each.name for each in tmp_path.iterdir()}


def test_where_nothing_was_ever_written_there_is_nothing_to_forget(tmp_path: Path) -> None:
    FileNotifier(tmp_path / "notices.jsonl").forget(HOME)

    assert not (tmp_path / "notices.jsonl").exists()


def test_no_notice_is_lost_that_is_written_while_a_household_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"

    def write_or_forget(number: int) -> None:
        mine = FileNotifier(path)  # as another process would
        for each in range(30):
            if number % 2:
                mine.forget(HOME)
                mine.notify(notice(n=each))
            else:
                mine.notify(Notice(HouseholdId("away"), "receipt", NOON, {"n": number * 100 + each}))

    assert [None] * 6 == at_once(6, write_or_forget)

    FileNotifier(path).forget(HOME)
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert ["away"] * 90 == [each["household_id"] for each in kept]
    assert 90 == len({each["values"]["n"] for each in kept})


def test_notices_that_cannot_be_forgotten_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "notices.jsonl").mkdir()

    with pytest.raises(StorageError, match="notices"):
        FileNotifier(tmp_path / "notices.jsonl").forget(HOME)
