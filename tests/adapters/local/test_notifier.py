"""Notices in a file, a line of JSON each."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from skill.adapters.local.notifier import FileNotifier
from skill.ports import Notice
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
    FileNotifier(tmp_path).notify(notice(order_id="o1"))

    assert "could not be written" in caplog.text
