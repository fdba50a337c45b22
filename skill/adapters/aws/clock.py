"""The machine's clock, for signatures: AWS refuses a request whose time is minutes away from its own."""

from __future__ import annotations

from datetime import UTC, datetime


def now_utc() -> datetime:
    return datetime.now(UTC)
