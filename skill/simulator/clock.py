"""A clock that a developer can move, so that quiet hours, caps of a day, quotes and undo windows need no waiting.

It is chosen where the application is put together, never behind its back: the store, its sweeper and every turn go by the one
clock that they were given. Where anybody outside this machine takes part, that is the machine's own, which nothing here moves.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from skill.errors import RequestRejected
from skill.settings import Settings
from skill.simulator.envelopes.shapes import Now, utc_now

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
TEXT_LENGTH_MAX = 40

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"([+-]?)\s*((?:\d{1,7}\s*(?:s|min|m|h|d|w)\s*)+)\Z")
_PART = re.compile(r"(\d+)\s*(s|min|m|h|d|w)")
_SECONDS_IN = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_MOMENT = re.compile(r"(?:([a-z]+|\d{4}-\d{2}-\d{2})(?:\s+|\Z|t(?=\d)))?(?:at\s+)?(?:(\d{1,2}):(\d{2}))?\Z")

#: Settings by which somebody outside this machine takes part, and what they are called where they are set.
_OUTSIDE = {
    "skill_id": "SAYSO_SKILL_ID",
    "dialogflow_secret": "SAYSO_DIALOGFLOW_SECRET",
    "google_account": "SAYSO_GOOGLE_ACCOUNT",
    "public_url": "SAYSO_PUBLIC_URL",
    "table": "SAYSO_TABLE",
    "webhook_url": "SAYSO_WEBHOOK_URL",
    "alexa_client_id": "SAYSO_ALEXA_CLIENT_ID",
}


class MovableClock:
    """Runs as the machine's does, ahead of it or behind it by as much as it was moved."""

    def __init__(self, now: Now = utc_now) -> None:
        self._now = now
        self._ahead = timedelta()

    def now_utc(self) -> datetime:
        return self._now() + self._ahead

    @property
    def ahead(self) -> timedelta:
        return self._ahead

    def move(self, to: datetime | None) -> None:
        """To another time, from which it runs on; None is back to the machine's."""
        self._ahead = timedelta() if to is None else to - self._now()


def clock_for(settings: Settings) -> MovableClock | None:
    """A clock that may be moved, for a store that nobody outside this machine takes part in; None for any other."""
    return None if why_fixed(settings) else MovableClock()


def why_fixed(settings: Settings) -> str:
    """What keeps the clock of such a store where it is, "" where nothing does."""
    if not settings.on_loopback:
        return "others reach this server"
    named = next((variable for name, variable in _OUTSIDE.items() if getattr(settings, name)), None)
    return f"{named} is set, so others than you take part" if named else ""


def read_move(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """`+30m`, `-1h`, `1d 2h`, `tomorrow 08:00`, `monday 21:30`, `18:00`, `2026-12-24 18:00` → UTC; `now` → None.

    Days and hours are the zone's. A day of the week is the next one, a day alone keeps the time. Raises `RequestRejected`.
    """
    said = " ".join(text.split()).casefold()
    if said == "now":
        return None
    span, moment = _SPAN.match(said), _MOMENT.match(said)
    to: datetime | None = None
    if said and len(said) <= TEXT_LENGTH_MAX:
        try:
            if span is not None:
                to = now + _span(span[1], span[2])
            elif moment is not None:
                to = _moment(moment, now.astimezone(zone))
        except (ValueError, OverflowError):
            to = None
    if to is None or not _EARLIEST <= to < _LATEST:
        raise RequestRejected(
            f"{text[:TEXT_LENGTH_MAX]!r} is no time: write +30m, -1h, tomorrow 08:00, monday 21:30, 2026-12-24 18:00 or now"
        )
    return to


def _span(sign: str, parts: str) -> timedelta:
    span = sum((timedelta(seconds=int(each[1]) * _SECONDS_IN[each[2]]) for each in _PART.finditer(parts)), timedelta())
    return -span if sign == "-" else span


def _moment(found: re.Match[str], local: datetime) -> datetime:
    day, hour, minute = found.groups()
    at = local.timetz() if hour is None else time(int(hour), int(minute), tzinfo=local.tzinfo)
    return datetime.combine(_day(day, local.date()), at).astimezone(UTC)


def _day(named: str | None, today: date) -> date:
    if named is None or named == "today":
        return today
    if named in ("tomorrow", "yesterday"):
        return today + timedelta(days=1 if named == "tomorrow" else -1)
    if named in _DAYS:
        return today + timedelta(days=(_DAYS.index(named) - today.weekday() - 1) % 7 + 1)
    return date.fromisoformat(named)
