"""The store's own limits: what no household can go beyond, and what other ones would have done to the orders of late."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, request

from skill.console.access import OWNER, Visitor
from skill.console.site import Site
from skill.errors import CatalogueMissing, PolicyInvalid
from skill.guard.policy import KNOBS, Knob, Layer, loosened
from skill.guard.policy_file import SECONDS_MAX, PolicyChange, knob_value, read_knobs
from skill.households import change_policy, names_not_sold
from skill.ordering.what_if import ADULT, CODE, LET_THROUGH, REFUSED, Replayed, replay_entries
from skill.ports import Ports

#: Of what a what-if looks at: the households that ordered last, the newest entries of each, and how old they may be.
_ORDERS_LOOKED_AT = 200
_HOUSEHOLDS_LOOKED_AT = 60
_ENTRIES_LOOKED_AT = 40
_DECISIONS_MAX = 400
LOOKED_BACK = timedelta(days=31)

_DURATION = re.compile(r"(\d{1,6})\s*(s|sec|seconds?|min|minutes?|h|hours?|d|days?)?\Z", re.IGNORECASE)
_SECONDS_IN = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Field:
    """A limit as the form shows it. `kind` is the knob's; `value` what stands in the field."""

    name: str
    label: str
    hint: str
    kind: str
    choices: tuple[tuple[str, str], ...]
    value: str
    default: str
    problem: str = ""


#: Groups of limits with their labels and what they mean for a store.
_GROUPS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Money",
        (
            ("order_max", "One order at most", "Goods, delivery and tax together."),
            ("day_max", "A household’s day", ""),
            ("week_max", "A household’s week", "From Monday."),
            ("month_max", "A household’s month", ""),
            ("year_max", "A household’s year", ""),
            ("total_max", "A household, ever", ""),
        ),
    ),
    (
        "The code and the adult",
        (
            ("pin_policy", "When the code is asked for", ""),
            ("pin_over", "Ask for it from this amount on", "Only with “above an amount”."),
            ("no_pin_order_max", "One order without a code", ""),
            (
                "no_pin_total_max",
                "In all without a code",
                "From one right code to the next; a month where a household has none.",
            ),
            ("no_pin_confirm", "How an order without a code is confirmed", ""),
            ("adult_approval_over", "An adult approves above", "By the link in the message, not by voice."),
            ("unrecognised_speaker", "A voice that the speaker does not know", ""),
        ),
    ),
    (
        "How much and how often",
        (
            ("orders_per_day_max", "Orders a day", ""),
            ("order_gap_min_s", "Time between two orders", "At least, such as 60 s or 5 min."),
            ("duplicate_window_s", "The same basket again", "Within this time the code is asked for."),
            ("quantity_per_line_max", "Pieces of one product", ""),
            ("lines_max", "Different products in one order", ""),
            ("approvals_open_max", "Orders waiting for an adult", "At once."),
        ),
    ),
    (
        "What and when",
        (
            ("categories_denied", "Categories that are never sold by voice", "With commas between them."),
            ("categories_allowed", "Only these categories", "With commas between them; empty is all."),
            ("skus_denied", "Products that are never sold by voice", "Their ids, with commas between them."),
            ("quiet_hours", "No orders between", "Such as 22:00-06:00, on the household’s clock."),
        ),
    ),
    (
        "Deadlines",
        (
            ("quote_ttl_s", "A total that was read out holds for", "At most."),
            ("reservation_ttl_s", "Goods are held for a payment", "At most."),
            ("approval_ttl_s", "An adult has time to approve", "At most."),
            ("undo_window_s", "An order can be undone for", "At most."),
        ),
    ),
    (
        "Switches",
        (
            ("ordering_enabled", "Orders by voice", ""),
            ("frozen", "Freeze all orders now", "For when something is wrong; browsing goes on."),
        ),
    ),
)
#: What each limit is called.
LABELS = {name: label for _, rows in _GROUPS for name, label, _ in rows}
_CHOICES = {
    "never": "Never",
    "over": "Above an amount",
    "always": "Always",
    "yes": "With a yes",
    "spoken_number": "By saying a number",
    "allow": "May order",
    "pin": "Needs the code",
    "adult": "Needs an adult",
    "refuse": "May not order",
}
_TOLD = {
    REFUSED: "refused",
    ADULT: "sent to an adult",
    CODE: "asked for the code",
    LET_THROUGH: "let through without a code",
}


def add_policy_pages(site: Site) -> None:
    ports = site.ports

    def layer() -> Layer:
        return ports.policies.layer("store", ports.store.store_id)

    def written_over(before: Layer, fields: Mapping[str, str]) -> dict[str, str]:
        """The form as it was filled in; a field that was not sent leaves its limit as it is."""
        return written_of(before, site) | _written(fields)

    def show(visitor: Visitor, written: Mapping[str, str], problems: Mapping[str, str], **more: Any) -> Response:
        return site.render(
            "console/policy.html",
            visitor,
            groups=_groups(written, problems, site),
            problems=problems,
            not_sold=[(LABELS[limit], name) for limit, name in names_not_sold(ports, read_written(written, site)[0])],
            version=layer().version,
            categories=_categories(ports),
            currency=ports.store.currency,
            **{"replayed": None, "status": 422 if problems else 200} | more,
        )

    @site.page("/console/policy", role=OWNER)
    def policy(visitor: Visitor) -> Response:
        return show(visitor, written_of(layer(), site), {})

    @site.page("/console/policy/what-if", role=OWNER)
    def what_if(visitor: Visitor) -> Response:
        """The form as it was filled in, and what it would have done; nothing is saved."""
        written = written_over(layer(), request.args)
        knobs, problems = read_written(written, site)
        replayed = None if problems else _replay(ports, layer(), knobs)
        return show(visitor, written, problems, replayed=replayed, status=200)

    @site.page("/console/policy/preview", role=OWNER)
    def preview(visitor: Visitor) -> Response:
        """As `what_if`, for the page that is open: its part alone."""
        knobs, problems = read_written(written_over(layer(), request.args), site)
        replayed = None if problems else _replay(ports, layer(), knobs)
        return site.render("console/what_if.html", visitor, replayed=replayed, problems=problems)

    @site.action("/console/policy", role=OWNER)
    def save(visitor: Visitor) -> Response:
        before = layer()
        written = written_over(before, request.form)
        knobs, problems = read_written(written, site)
        if problems:
            return show(visitor, written, problems)
        if request.form.get("version") != str(before.version):
            told = {"": "Somebody else has changed the limits meanwhile. Look through them and save again."}
            return show(visitor, written, told)
        change = PolicyChange(
            {name: value for name, value in knobs.items() if name not in before.knobs or before.knobs[name] != value},
            frozenset(before.knobs) & frozenset(KNOBS) - frozenset(knobs),
        )
        if not change.knobs and not change.restored:
            return site.go("/console/policy", "Nothing was different.", kind="plain")
        why = " ".join(request.form.get("why", "").split())[:200]
        change_policy(ports, "store", ports.store.store_id, change, visitor.who, why)
        return site.go("/console/policy", "Saved. Every order from now on is held to it.")


def written_of(layer: Layer, site: Site) -> dict[str, str]:
    """The layer's limits as their fields have them; what the store has not set is empty."""
    written = {}
    for name, value in layer.knobs.items():
        if name in KNOBS and value is not None:
            written[name] = _write(KNOBS[name], value, site)
    return written


def read_written(written: Mapping[str, str], site: Site) -> tuple[dict[str, Any], dict[str, str]]:
    """The limits in the fields, and what is wrong by name. Empty fields are limits that the store does not set."""
    knobs: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, text in written.items():
        if not text or name not in KNOBS:
            continue
        try:
            knobs |= read_knobs({name: _read(KNOBS[name], text, site)}, site.ports.store.currency)
        except ValueError:
            problems[name] = f"{text!r} is no amount; write it such as {site.typed(120_000)}, without thousands"
        except PolicyInvalid as invalid:
            problems[name] = _problem(KNOBS[name], text, invalid)
    return knobs, problems


def _problem(knob: Knob, text: str, invalid: PolicyInvalid) -> str:
    """What is wrong, as this page has values: the guard's own words are for those who write minor units and seconds."""
    if knob.kind == "seconds" and _DURATION.match(text.strip()):
        least, most = (_write_seconds(each) for each in (knob.least, SECONDS_MAX))
        return f"{text!r} is too long, or too short; write a time from {least} to {most}"
    return str(invalid.facts.get("remedy") or invalid)


def _read(knob: Knob, text: str, site: Site) -> Any:
    """Raises `ValueError` for what is no amount, `PolicyInvalid` for what is no time."""
    if knob.kind == "minor":
        return site.read_amount(text)
    if knob.kind == "seconds":
        found = _DURATION.match(text.strip())
        if found is None:
            told = f"{text!r} is no time; write it such as 90 s, 10 min or 24 h"
            raise PolicyInvalid(told, knob=knob.name, remedy=told)
        return int(found[1]) * _SECONDS_IN[(found[2] or "s")[0].lower()]
    return text


def _write(knob: Knob, value: Any, site: Site) -> str:
    if knob.kind == "minor":
        return site.typed(value)
    if knob.kind == "seconds":
        return _write_seconds(value)
    return knob_value(knob.name, value)


def _write_seconds(value: int) -> str:
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if value and value % seconds == 0:
            return f"{value // seconds} {unit}"
    return f"{value} s"


def _written(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(fields[name].split())[:20_000] for name in KNOBS if name in fields}


def _groups(written: Mapping[str, str], problems: Mapping[str, str], site: Site) -> list[tuple[str, list[Field]]]:
    groups = []
    for title, rows in _GROUPS:
        fields = []
        for name, label, hint in rows:
            knob = KNOBS[name]
            choices: tuple[tuple[str, str], ...] = ()
            if knob.kind == "choice":
                choices = tuple((each, _CHOICES[each]) for each in knob.choices)
            if knob.kind == "bool":
                choices = (("true", "Yes"), ("false", "No")) if name == "frozen" else (("true", "On"), ("false", "Off"))
            plain = knob.kind == "bool" or knob.default in (None, frozenset(), (), 0)
            default = "" if plain else _write(knob, knob.default, site)
            told = dict(choices).get(default, default)
            told = f"“{told}”" if choices and told else told
            fields.append(
                Field(name, label, hint, knob.kind, choices, written.get(name, ""), told, problems.get(name, ""))
            )
        groups.append((title, fields))
    return groups


def _categories(ports: Ports) -> tuple[str, ...]:
    try:
        return ports.catalogue.categories()[:500]
    except CatalogueMissing:
        return ()


def _replay(ports: Ports, before: Layer, knobs: Mapping[str, Any]) -> dict[str, Any]:
    """The decisions of the last month, of the households that ordered last, under the other limits."""
    changes = {name: value for name, value in knobs.items() if before.knobs.get(name) != value}
    since = ports.clock.now_utc() - LOOKED_BACK
    homes = list(dict.fromkeys(order.household_id for order in ports.orders.newest(_ORDERS_LOOKED_AT)))
    moves: Counter[tuple[str, str]] = Counter()
    money: Counter[tuple[str, str]] = Counter()
    decisions = 0
    for home in homes[:_HOUSEHOLDS_LOOKED_AT]:
        entries = [each for each in reversed(ports.ledger.last_audit(home, _ENTRIES_LOOKED_AT)) if each.at >= since]
        for each in replay_entries(ports, home, entries, changes, as_store=True):
            _count(each, moves, money)
            decisions += 1
        if decisions >= _DECISIONS_MAX:
            break
    return {
        "decisions": decisions,
        "different": sum(count for (was, now), count in moves.items() if was != now),
        "changes": bool(changes),
        "loosened": bool(loosened(before.knobs, knobs))
        or any(each not in knobs for each in before.knobs if each in KNOBS),
        "moves": [
            (_TOLD[was], _TOLD[now], count, money[was, now])
            for (was, now), count in sorted(moves.items(), key=lambda each: (each[0][0] == each[0][1], -each[1]))
        ],
    }


def _count(each: Replayed, moves: Counter[tuple[str, str]], money: Counter[tuple[str, str]]) -> None:
    moves[each.before, each.after] += 1
    money[each.before, each.after] += each.total.amount
