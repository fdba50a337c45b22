"""Spend windows: which day, week, month and year an order counts in, in the household's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skill.errors import PolicyInvalid
from skill.guard.policy import Policy, QuietHours
from skill.shop.households import Household
from skill.shop.orders import WindowCharge

#: `no_code` runs from one proved code to the next; its key is the number of codes proved so far. A household without a code can
#: prove none, and has a month.
WINDOWS = ("day", "week", "month", "year", "ever", "no_code")

#: A household cannot move its midnight to have a second allowance on the same evening.
ZONE_MOVE_DELAY = timedelta(hours=24)


def window_charges(
    household: Household, person: str | None, profile: str | None, now: datetime, *, code_proved: bool
) -> tuple[WindowCharge, ...]:
    """Every window that an order made now counts in: the household's, the profile's and the person's own.

    All are counted whether or not a cap is set today, so that a cap set tomorrow finds the truth.
    """
    # A scope is called as the layer is that may cap it.
    scopes = ["household"]
    scopes += [f"profile:{household.household_id}/{profile}"] if profile else []
    scopes += [f"person:{household.household_id}/{person}"] if person else []
    keys = window_keys(household, now)
    charges = [WindowCharge(scope, window, key) for scope in scopes for window, key in keys.items()]
    if not code_proved:
        key = str(household.code_generation) if household.code_set else keys["month"]
        charges.append(WindowCharge("household", "no_code", key))
    return tuple(charges)


def window_keys(household: Household, now: datetime) -> dict[str, str]:
    """The key of each calendar window that `now` lies in. Weeks are ISO weeks: they start on Monday."""
    moved = household.time_zone_since
    if moved is None:
        local = now.astimezone(zone(household.time_zone))
        return {window: _key(window, local) for window in WINDOWS[:5]}
    return {window: _key(window, now.astimezone(_zone(household, window, now, moved))) for window in WINDOWS[:5]}


def moves_again_at(household: Household) -> datetime | None:
    """From when on (UTC) a household that has moved may move again: once the day, week and month that were open at the move have
    ended in the zone that they began in. A second move before that would forget the zone, and so begin them anew.

    None for one that never moved. A year is not waited for: it may then end as much earlier as the zones lie apart.
    """
    moved = household.time_zone_since
    if moved is None:
        return None
    before = zone(household.time_zone_before)
    day = moved.astimezone(before).date()
    week_ends = day + timedelta(days=7 - day.weekday())
    month_ends = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(max(week_ends, month_ends), time(), before).astimezone(UTC)


def local_time(household: Household, now: datetime) -> datetime:
    """`now` on the household's own clock."""
    moved = household.time_zone_since
    return now.astimezone(zone(household.time_zone_before if moved and now < moved else household.time_zone))


def in_quiet_hours(hours: QuietHours, local: datetime) -> bool:
    """Whether the local time lies in one of the spans; a span's end is outside it, and equal ends are the whole day."""
    minute = local.hour * 60 + local.minute
    return any(
        start <= minute < end if start < end else minute >= start or minute < end for start, end in hours
    )  # fmt: skip


def caps_for(policy: Policy, charges: tuple[WindowCharge, ...]) -> dict[WindowCharge, tuple[int | None, int | None]]:
    """The caps (amount in minor units, orders) in force for each charge; None is no constraint."""
    named = {(cap.scope, cap.window): (cap.amount_max, cap.orders_max) for cap in policy.caps}
    named["household", "no_code"] = (policy.no_pin_total_max, None)
    return {charge: named.get((charge.scope, charge.window), (None, None)) for charge in charges}


def zone(name: str) -> ZoneInfo:
    """Raises `PolicyInvalid` for a name that is no IANA time zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise PolicyInvalid(f"{name!r} is no time zone such as America/New_York", knob="time_zone") from unknown


def _zone(household: Household, window: str, now: datetime, moved: datetime) -> ZoneInfo:
    """A window that was open when the zone moved runs to its own end in the zone it began in: moving resets nothing."""
    before = zone(household.time_zone_before)
    if now < moved or _key(window, now.astimezone(before)) == _key(window, moved.astimezone(before)):
        return before
    return zone(household.time_zone)


def _key(window: str, local: datetime) -> str:
    match window:
        case "day":
            return local.date().isoformat()
        case "week":
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{local.year}-{local.month:02}"
        case "year":
            return str(local.year)
        case _:
            return "ever"
