"""The machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    def now_utc(self) -> datetime:
        return datetime.now(UTC)
