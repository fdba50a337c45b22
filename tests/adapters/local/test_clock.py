"""The machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from skill.adapters.local.clock import SystemClock


def test_the_clock_tells_utc_and_does_not_stand_still() -> None:
    clock = SystemClock()
    first, second = clock.now_utc(), clock.now_utc()

    assert UTC is first.tzinfo
    assert first <= second
    assert abs(datetime.now(UTC) - first) < timedelta(minutes=1)
