"""The store at a glance: what shoppers did, what came of it, and whether they come back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, request

from skill.console.access import OWNER, Visitor
from skill.console.charts import Chart, Say, draw_columns, draw_line, draw_rows, percent
from skill.console.site import Site
from skill.console.staged_catalogue import standing, version_of
from skill.guard.windows import zone
from skill.ordering.sweeping import count_figures
from skill.ports import Ports
from skill.shop.figures import TOOK_MS, Counts

#: Periods that can be looked at, in days.
PERIODS = (7, 30, 90, 365)
#: A longer period is looked at by its weeks: a screen shows no more columns well.
_DAYS_DRAWN_MAX = 31
#: What is compared with the days before, and what the page of what was asked for sums up.
_COMPARED = ("orders", "cancelled", "revenue_minor", "cancelled_minor", "sessions")
_ASKED = ("turns", "missed", "searches", "unmet")
#: Months of first orders that the revenue of a household is averaged over, and for how many months after.
COHORT_MONTHS = 24
_AGES_MAX = 12
UNMET_SHOWN = 8
#: Events that the shop did not take; of more it is only said that there are as many.
DEAD_COUNTED_MAX = 100
#: Orders whose payment provider has no answer that are named.
UNANSWERED_SHOWN = 10

#: Why the guard said no, as an owner understands it.
REASONS = {
    "adult_approval_over": "An adult must approve it",
    "category_denied": "A category that is not allowed",
    "category_not_allowed": "Outside the allowed categories",
    "code_locked": "The code is locked",
    "code_not_set": "No code chosen yet",
    "currency": "Another currency",
    "day_max": "Over the day’s limit",
    "empty": "Nothing in the cart",
    "ever_max": "Over the limit in all",
    "frozen": "Orders were frozen",
    "lines_max": "Too many different things",
    "month_max": "Over the month’s limit",
    "no_code_max": "Too much without a code",
    "no_pin_order_max": "Too much for one order without a code",
    "not_authentic": "Not a checked request",
    "order_gap": "Too soon after the last order",
    "order_max": "Over the limit for one order",
    "ordering_off": "Ordering is switched off",
    "orders_per_day_max": "Too many orders in a day",
    "policy_unreadable": "Limits that cannot be read",
    "price_invalid": "A price that cannot be",
    "quantity": "Too many of one thing",
    "quiet_hours": "Quiet hours",
    "sku_denied": "A product that is not allowed",
    "speaker_unrecognised": "A voice that nobody knows",
    "week_max": "Over the week’s limit",
    "year_max": "Over the year’s limit",
}


def add_asked_pages(site: Site) -> None:
    @site.page("/console/asked", role=OWNER)
    def asked(visitor: Visitor) -> Response:
        return site.render("console/asked.html", visitor, **asked_values(site, read_period()))


def read_period() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in {str(each) for each in PERIODS} else 30


@dataclass(frozen=True, slots=True)
class Period:
    """So many days up to today, and as many before them; the longest by weeks, which are fewer.

    `steps` are the days (or the Mondays) of now in order, each with its counts.
    """

    days: int
    step: str  # Day or Week from
    steps: tuple[tuple[date, Counts], ...]
    before: tuple[Counts, ...]


def read_figures(ports: Ports, days_count: int, *, with_before: bool = True) -> Period:
    """The period's figures, with whatever has just happened."""
    count_figures(ports, writes_max=1)
    last, step = today(ports), timedelta(days=1)
    if days_count > _DAYS_DRAWN_MAX:
        last, step = last - timedelta(days=last.weekday()), timedelta(days=7)
    number = -(-days_count // step.days)
    first = last - (number - 1) * step
    since = first - number * step if with_before else first
    found = ports.figures.weeks(since, last) if step.days == 7 else ports.figures.days(since, last)
    steps = tuple((day, found.get(day, {})) for day in (first + at * step for at in range(number)))
    before = tuple(counts for day, counts in found.items() if day < first)
    return Period(days_count, "Week from" if step.days == 7 else "Day", steps, before)


def overview_values(site: Site, days_count: int) -> dict[str, Any]:
    ports = site.ports
    period = read_figures(ports, days_count)
    now = sum_counts(counts for _, counts in period.steps)
    before = sum_counts(period.before, _COMPARED)
    last = today(ports)
    totals, catalogue = ports.figures.totals(), version_of(site.app)
    return {
        "period": days_count,
        "periods_all": PERIODS,
        "tiles": _tiles(site, now, before, totals),
        "revenue": draw_period("Revenue", period, _revenue_of, site.money, say_round(site)),
        "orders": draw_period("Orders", period, lambda counts: counts.get("orders", 0), say_count),
        "sessions": draw_period("Conversations", period, lambda counts: counts.get("sessions", 0), say_count),
        "funnel": draw_funnel(now),
        "lifetime": draw_lifetime(ports, last, site.money, say_round(site)),
        "buyers": totals.get("buyers", 0),
        "buyers_again": totals.get("buyers_again", 0),
        "answers": draw_times(now),
        "median": took_at(now, 50),
        "slowest": took_at(now, 95),
        "refusals": draw_refusals(now, 6),
        "unmet": ports.figures.unmet(UNMET_SHOWN),
        "latest": ports.orders.newest(6),
        "catalogue": catalogue,
        **standing(site.app, catalogue, site.now()),
        "dead": len(ports.outbox.list(DEAD_COUNTED_MAX, "dead")),
        "dead_max": DEAD_COUNTED_MAX,
        "unanswered": [each.order_id for each in ports.ledger.unanswered(UNANSWERED_SHOWN)],
    }


def asked_values(site: Site, days_count: int) -> dict[str, Any]:
    ports = site.ports
    period = read_figures(ports, days_count, with_before=False)
    now = sum_counts((counts for _, counts in period.steps), _ASKED)
    return {
        "period": days_count,
        "periods_all": PERIODS,
        "counts": now,
        "understood": percent(now.get("turns", 0) - now.get("missed", 0), now.get("turns", 0)),
        "found": percent(now.get("searches", 0) - now.get("unmet", 0), now.get("searches", 0)),
        "unmet": [(each, site.when(each.last_at, ports.store.time_zone)) for each in ports.figures.unmet(100)],
    }


def say_count(number: int) -> str:
    return f"{number:,}"


def say_round(site: Site) -> Say:
    """Money without its decimals where they are zeros: beside a chart's lines there is little room."""
    return lambda minor: re.sub(r"[.,]0+(?=\D*$)", "", site.money(minor))


def today(ports: Ports) -> date:
    return ports.clock.now_utc().astimezone(zone(ports.store.time_zone)).date()


def sum_counts(several: Iterable[Counts], names: Iterable[str] = ()) -> Counter[str]:
    """All counts together, or those of some names."""
    total: Counter[str] = Counter()
    wanted = tuple(names)
    for counts in several:
        if wanted:
            for name in wanted:
                total[name] += counts.get(name, 0)
        else:
            for name, count in counts.items():
                total[name] += count
    return total


def _revenue_of(counts: Counts) -> int:
    return max(counts.get("revenue_minor", 0) - counts.get("cancelled_minor", 0), 0)


def _tiles(site: Site, now: Counts, before: Counts, totals: Counts) -> list[dict[str, Any]]:
    orders, sessions = now.get("orders", 0) - now.get("cancelled", 0), now.get("sessions", 0)
    kept_before = before.get("orders", 0) - before.get("cancelled", 0)
    buyers, again = totals.get("buyers", 0), totals.get("buyers_again", 0)
    return [
        _tile("Revenue", site.money(_revenue_of(now)), _revenue_of(now), _revenue_of(before)),
        _tile("Orders", f"{orders:,}", orders, kept_before),
        _tile("Conversations", f"{sessions:,}", sessions, before.get("sessions", 0)),
        {
            "words": "Households that came back",
            "said": f"{percent(again, buyers)}%",
            "beside": f"{again} of {buyers} ordered more than once",
            "rose": None,
        },
    ]


def _tile(words: str, said: str, now: int, before: int) -> dict[str, Any]:
    if not before:
        return {"words": words, "said": said, "beside": "nothing in the days before" if now else "", "rose": None}
    change = percent(now - before, before) if now >= before else -percent(before - now, before)
    beside = f"{abs(change)}% {'more' if change > 0 else 'less'} than before" if change else "as before"
    return {"words": words, "said": said, "beside": beside, "rose": None if not change else change > 0}


def draw_period(
    title: str, period: Period, of: Callable[[Counts], int], say: Say, say_line: Say | None = None
) -> Chart:
    """A column a day, or a week."""
    values = [(f"{day.day} {day:%b}", of(counts)) for day, counts in period.steps]
    named = f"{title} a {'day' if period.step == 'Day' else 'week'}"
    return draw_columns(named, (period.step, title), values, say, say_line)


def draw_funnel(counts: Counts) -> Chart:
    sessions = counts.get("sessions", 0)
    steps = (
        ("Talked to the store", "sessions"),
        ("Looked for something", "sessions_searched"),
        ("Put something into the cart", "sessions_carted"),
        ("Heard a total", "sessions_quoted"),
        ("Ordered", "sessions_ordered"),
    )
    values = [(words, counts.get(name, 0)) for words, name in steps]
    return draw_rows("From a conversation to an order", ("Step", "Conversations"), values, say_count, whole=sessions)


def draw_times(counts: Counts) -> Chart:
    """How long answers took until they were written down."""
    values = [(f"≤ {_took(bound)}", counts.get(f"took:{bound}", 0)) for bound in TOOK_MS]
    values.append((f"> {_took(TOOK_MS[-1])}", counts.get("took:more", 0)))
    return draw_columns("Time to answer", ("Time", "Answers"), values, say_count)


def took_at(counts: Counts, share: int) -> str:
    """In how much time `share` per cent of the answers were ready at the latest; empty where there were none."""
    numbers = [(bound, counts.get(f"took:{bound}", 0)) for bound in TOOK_MS]
    whole = sum(number for _, number in numbers) + counts.get("took:more", 0)
    if not whole:
        return ""
    so_far = 0
    for bound, number in numbers:
        so_far += number
        if so_far * 100 >= whole * share:
            return _took(bound)
    return f"more than {_took(TOOK_MS[-1])}"


def _took(bound_ms: int) -> str:
    return f"{bound_ms} ms" if bound_ms < 1000 else f"{bound_ms // 1000}{'.5' if bound_ms % 1000 else ''} s"


def draw_refusals(counts: Counts, most: int) -> Chart:
    found = sorted(
        ((name.removeprefix("refused:"), count) for name, count in counts.items() if name.startswith("refused:")),
        key=lambda each: (-each[1], each[0]),
    )
    values = [(REASONS.get(reason, reason.replace("_", " ")), count) for reason, count in found[:most]]
    rest = sum(count for _, count in found[most:])
    if rest:
        values.append(("Anything else", rest))
    return draw_rows("Why orders were refused", ("Reason", "Times"), values, say_count)


def draw_lifetime(ports: Ports, last: date, say: Say, say_line: Say) -> Chart:
    """What a household has brought by so many months after its first order, on average over those that are as old."""
    months = _months_up_to(last, COHORT_MONTHS)
    cohorts = ports.figures.cohorts(months[0], months[-1])
    values, so_far = [], 0
    for age in range(_AGES_MAX + 1):
        old_enough = [cohorts[month] for month in months[: len(months) - age] if month in cohorts]
        households = sum(counts.get("households", 0) for counts in old_enough)
        if not households:
            break
        so_far += sum(counts.get(f"revenue_minor:{age}", 0) for counts in old_enough) // households
        values.append(("first month" if age == 0 else f"+{age}", so_far))
    return draw_line(
        "Revenue a household over time", ("Months after the first order", "So far, a household"), values, say
    )


def _months_up_to(last: date, count: int) -> Sequence[str]:
    newest = last.year * 12 + last.month - 1
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(newest - count + 1, newest + 1)]
