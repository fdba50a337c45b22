"""The heads of the audit chains, in a file that is only ever appended to."""

from __future__ import annotations

import gc
import logging
import os
import stat
from pathlib import Path

import pytest

from skill.adapters.local.anchors import FileAnchors
from skill.shop.households import HouseholdId

HOME, AWAY = HouseholdId("home"), HouseholdId("away")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "anchors"


def test_nothing_was_noted_where_there_is_no_file(path: Path) -> None:
    assert {} == FileAnchors(path).noted()
    assert not path.exists()


def test_what_was_put_is_noted_by_this_and_every_other_process(path: Path) -> None:
    anchors, other = FileAnchors(path), FileAnchors(path)
    anchors.put([(HOME, 1, "s1")], durable=True)
    other.put([(AWAY, 1, "t1")], durable=True)
    assert {HOME: ((1, "s1"),), AWAY: ((1, "t1"),)} == anchors.noted()

    anchors.put([(HOME, 2, "s2")], durable=True)

    for each in (anchors, other, FileAnchors(path)):
        assert {HOME: ((1, "s1"), (2, "s2")), AWAY: ((1, "t1"),)} == each.noted()
        each.close()


def test_what_was_written_together_is_put_together_in_its_order(path: Path) -> None:
    anchors = FileAnchors(path)
    anchors.put([(HOME, 1, "s1"), (AWAY, 1, "t1"), (HOME, 2, "s2")], durable=False)
    assert b"1 ~s1 home\n1 ~t1 away\n2 ~s2 home\n" == path.read_bytes()
    assert {HOME: ((1, "s1"), (2, "s2")), AWAY: ((1, "t1"),)} == anchors.noted()
    anchors.close()


def test_an_entry_that_is_not_durable_counts_until_a_durable_one_follows(path: Path) -> None:
    anchors = FileAnchors(path)
    anchors.put([(HOME, 1, "s1")], durable=True)
    anchors.put([(HOME, 2, "lost")], durable=False)
    anchors.put([(HOME, 3, "lost-too")], durable=False)
    anchors.put([(AWAY, 1, "t1")], durable=False)
    assert ((1, "s1"), (2, "lost"), (3, "lost-too")) == anchors.noted()[HOME]

    anchors.put([(HOME, 2, "s2")], durable=True)

    assert {HOME: ((1, "s1"), (2, "s2")), AWAY: ((1, "t1"),)} == anchors.noted()
    anchors.close()


def test_a_line_cut_short_by_a_crash_is_left_out_until_it_is_whole(path: Path) -> None:
    anchors = FileAnchors(path)
    anchors.put([(HOME, 1, "s1")], durable=True)
    with path.open("ab") as file:
        file.write(b"2 s2 ho")
    assert {HOME: ((1, "s1"),)} == anchors.noted()

    with path.open("ab") as file:
        file.write(b"me\n")

    assert {HOME: ((1, "s1"), (2, "s2"))} == anchors.noted()
    anchors.close()


@pytest.mark.parametrize("line", [b"\n", b"nonsense\n", b"x s home\n", b"1 s\n", b"\xff\xfe\n"])
def test_a_line_that_says_nothing_is_passed_over(path: Path, line: bytes) -> None:
    anchors = FileAnchors(path)
    anchors.put([(HOME, 1, "s1")], durable=True)
    with path.open("ab") as file:
        file.write(line)
    anchors.put([(HOME, 2, "s2")], durable=True)

    assert {HOME: ((1, "s1"), (2, "s2"))} == anchors.noted()
    anchors.close()


def test_a_household_id_of_any_characters_is_kept(path: Path) -> None:
    odd = HouseholdId("a b\nc\\d é 日")
    anchors = FileAnchors(path)

    anchors.put([(odd, 1, "s1")], durable=True)

    assert {odd: ((1, "s1"),)} == FileAnchors(path).noted()
    anchors.close()


def test_a_file_that_was_replaced_is_read_anew(path: Path) -> None:
    anchors = FileAnchors(path)
    for number in (1, 2):
        anchors.put([(HOME, number, "s")], durable=True)
    anchors.noted()

    path.write_text("1 t away\n")
    assert {AWAY: ((1, "t"),)} == anchors.noted()
    path.unlink()
    assert {} == anchors.noted()
    anchors.close()


def test_the_file_is_its_owners_alone(path: Path) -> None:
    anchors = FileAnchors(path)
    anchors.put([(HOME, 1, "s")], durable=True)
    anchors.close()

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_an_anchor_that_cannot_be_written_is_logged_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "keys").write_text("in the way")

    with caplog.at_level(logging.WARNING):
        FileAnchors(tmp_path / "keys" / "anchors").put([(HOME, 1, "s")], durable=True)

    assert "could not be written" in caplog.text


def test_anchors_that_nobody_has_any_more_keep_no_file_open(tmp_path: Path) -> None:
    anchors = FileAnchors(tmp_path / "anchors")
    anchors.put([(HouseholdId("home"), 1, "seal")], durable=True)
    opened = str(tmp_path / "anchors")
    assert opened in {os.path.realpath(each.path) for each in os.scandir("/proc/self/fd")}
    del anchors
    gc.collect()
    assert opened not in {os.path.realpath(each.path) for each in os.scandir("/proc/self/fd")}
