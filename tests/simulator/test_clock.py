"""The clock that a developer moves: how a move is written, whose clock it never is, and that it runs on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import RequestRejected
from skill.settings import Settings
from skill.simulator.clock import MovableClock, clock_for, read_move, why_fixed

NEW_YORK = ZoneInfo("America/New_York")
#: A Monday, noon in New York.
NOON = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
SETTINGS = Settings(data_dir=Path("x"), keys_dir=Path("x"))


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("+30m", "2026-03-09 12:30"),
        ("30 min", "2026-03-09 12:30"),
        ("-1h", "2026-03-09 11:00"),
        ("+1d 2h", "2026-03-10 14:00"),
        ("+1h30m", "2026-03-09 13:30"),
        ("1w", "2026-03-16 12:00"),
        ("21:30", "2026-03-09 21:30"),
        ("today 07:05", "2026-03-09 07:05"),
        ("tomorrow 08:00", "2026-03-10 08:00"),
        ("Tomorrow at 8:00", "2026-03-10 08:00"),
        ("tomorrow", "2026-03-10 12:00"),
        ("yesterday 23:59", "2026-03-08 23:59"),
        ("monday 09:00", "2026-03-16 09:00"),
        ("sunday", "2026-03-15 12:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("2026-12-24T18:00", "2026-12-24 18:00"),
        ("2026-12-24", "2026-12-24 12:00"),
    ],
)
def test_a_move_is_written_as_people_say_it(text: str, local: str) -> None:
    moved = read_move(text, NOON, NEW_YORK)
    assert moved is not None
    assert local == f"{moved.astimezone(NEW_YORK):%Y-%m-%d %H:%M}"


def test_now_is_the_machines_time() -> None:
    assert read_move(" now ", NOON, NEW_YORK) is None


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "12:60", "tomorrow 8", "1x", "+", "h", "2026-13-01", "1990-01-01", "9999999w", "x" * 300],
)
def test_what_is_no_time_is_told_what_would_be(text: str) -> None:
    with pytest.raises(RequestRejected, match="tomorrow 08:00"):
        read_move(text, NOON, NEW_YORK)


@given(st.text(max_size=45))
def test_any_text_is_a_time_or_rejected(text: str) -> None:
    try:
        moved = read_move(text, NOON, NEW_YORK)
    except RequestRejected:
        return
    assert moved is None or moved.tzinfo is not None


def test_a_moved_clock_runs_on_and_goes_back() -> None:
    machine = [NOON]
    clock = MovableClock(lambda: machine[0])
    clock.move(NOON + timedelta(hours=20))
    machine[0] += timedelta(minutes=5)
    assert NOON + timedelta(hours=20, minutes=5) == clock.now_utc()
    assert timedelta(hours=20) == clock.ahead
    clock.move(None)
    assert machine[0] == clock.now_utc()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"skill_id": "amzn1.ask.skill.x"}, "SAYSO_SKILL_ID"),
        ({"dialogflow_secret": "s"}, "SAYSO_DIALOGFLOW_SECRET"),
        ({"google_account": "g"}, "SAYSO_GOOGLE_ACCOUNT"),
        ({"table": "t"}, "SAYSO_TABLE"),
        ({"webhook_url": "https://shop.example"}, "SAYSO_WEBHOOK_URL"),
        ({"alexa_client_id": "c"}, "SAYSO_ALEXA_CLIENT_ID"),
        ({"host": "0.0.0.0"}, "others reach this server"),
    ],
)
def test_a_store_in_earnest_has_no_clock_that_moves(changed: dict[str, str], named: str) -> None:
    settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
    assert clock_for(settings) is None
    assert named in why_fixed(settings)


def test_a_store_that_only_this_machine_reaches_has_one() -> None:
    assert isinstance(clock_for(SETTINGS), MovableClock)
    assert "" == why_fixed(SETTINGS)
