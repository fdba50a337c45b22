"""A household's limits: money, when, how and what, with what they would have done to the last month beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from skill.console.access import PARENT, Visitor
from skill.console.household import Home
from skill.console.site import Site
from skill.console.story import name_limits
from skill.errors import CatalogueMissing, PolicyInvalid
from skill.guard.policy import KNOBS, LIFTED, Layer, household_defaults, lifts_age_restricted, without_lifted
from skill.guard.policy_file import SPANS_MAX, PolicyChange, knob_text, knob_value, read_knobs
from skill.households import change_policy
from skill.ordering.what_if import ADULT, CODE, LET_THROUGH, REFUSED, Replayed, replay_entries
from skill.shop.money import Money, minor_unit_exponent

LAST_MONTH = timedelta(days=30)
#: Of a month with more than these, the newest are compared.
LOOKED_THROUGH_MAX = 2000
CHANGED_SHOWN_MAX = 5
#: Spans that the form has at least: as many as are set, where those are more.
QUIET_SPANS = 3
CATEGORIES_SHOWN_MAX = 300

#: Amounts that have a slider: the limit, what it is called, and what it does.
AMOUNTS = (
    ("order_max", "One order", "The most that a single order may cost, delivery and tax included."),
    ("day_max", "A day", "Everything ordered between midnight and midnight."),
    ("week_max", "A week", "From Monday to Sunday."),
    ("month_max", "A month", "A calendar month."),
    ("adult_approval_over", "Ask me above", "Orders above this wait until you approve them on this page."),
)
#: The same, for orders without the code.
CODE_AMOUNTS = (
    ("no_pin_order_max", "One order without the code", "The most that an order may cost for which no code is given."),
    (
        "no_pin_total_max",
        "Altogether without the code",
        "From one right code to the next; where no code is set, in a calendar month.",
    ),
)
PIN_POLICIES = (
    ("always", "Only with a purchase code", "Nothing can be ordered until you set one."),
    ("over", "With a purchase code above an amount", "Nothing can be ordered until you set one."),
    (
        "never",
        "Without a purchase code",
        "Anybody in the room can order within the limits, with a number that the speaker names.",
    ),
)
#: Where a platform demands the code that is set, as every one does now, this would only promise what it does not do.
_NOT_OFFERED = "over"

#: Every field of the form that is an amount.
_NAMES = (*(name for name, _, _ in (*AMOUNTS, *CODE_AMOUNTS)), "pin_over")

_PATH = "/household/limits"


@dataclass(frozen=True, slots=True)
class AmountField:
    """One amount of the form: as typed, in the currency's own units. `slider`, `top` and `step` are the slider's."""

    name: str
    label: str
    hint: str
    typed: str
    slider: str
    top: str
    step: str
    store_max: Money | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the last month's orders would have met with. `changed` are those that would have met with something else, and why."""

    asked: int
    counts: Mapping[str, int]
    changed: tuple[tuple[Replayed, str], ...]
    changed_count: int
    wrong: bool = False


def add_limit_pages(site: Site) -> None:
    home, ports = Home(site), site.ports
    currency = ports.store.currency

    @site.page(_PATH, role=PARENT)
    def limits_page(visitor: Visitor) -> Response:
        """With values in the address it shows what those would do; nothing is changed by looking."""
        return show(visitor, request.args if "order_max" in request.args else None)

    @site.page(f"{_PATH}/preview", role=PARENT)
    def preview(visitor: Visitor) -> str:
        changes, problems = _read_amounts(request.args, home.layer(visitor), defaults(), site)
        what_if = _what_if(home, visitor, changes) if not problems else WhatIf(0, {}, (), 0, wrong=True)
        household = home.household(visitor)
        return render_template(
            "household/what_if.html",
            what_if=what_if,
            when=lambda moment, form="EEE d MMM": site.when(moment, household.time_zone, form),
        )

    @site.action(_PATH, role=PARENT)
    def set_amounts(visitor: Visitor) -> Response:
        layer = home.layer(visitor)
        if request.form.get("restore"):
            return saved(visitor, PolicyChange({}, frozenset(_of_amounts() & layer.knobs.keys())), layer)
        changes, problems = _read_amounts(request.form, layer, defaults(), site)
        if problems:
            return show(visitor, request.form, problems, 422)
        return saved(visitor, PolicyChange(changes), layer)

    @site.action(f"{_PATH}/hours", role=PARENT)
    def set_hours(visitor: Visitor) -> Response:
        layer = home.layer(visitor)
        spans, kept = [], _spans((defaults() | dict(layer.knobs))["quiet_hours"])
        for number in range(SPANS_MAX):
            fields = [f"{edge}{number}" for edge in ("from", "to")]
            if not any(each in request.form for each in fields):
                spans += ["-".join(span) for span in kept[number : number + 1] if all(span)]
                continue
            begins, ends = (request.form.get(each, "").strip() for each in fields)
            if bool(begins) != bool(ends):
                return show(visitor, problems={"quiet_hours": "Give both times, or neither."}, status=422, again=True)
            if begins:
                spans.append(f"{begins[:5]}-{ends[:5]}")
        try:
            changes = read_knobs({"quiet_hours": ",".join(spans) or "none"}, currency)
        except PolicyInvalid:
            told = "Write two different times such as 21:00 and 07:00; to stop all orders, freeze everything."
            return show(visitor, problems={"quiet_hours": told}, status=422, again=True)
        same = changes["quiet_hours"] == (defaults() | dict(layer.knobs))["quiet_hours"]
        return saved(visitor, PolicyChange({} if same else changes), layer)

    @site.action(f"{_PATH}/categories", role=PARENT)
    def set_categories(visitor: Visitor) -> Response:
        layer, shown = home.layer(visitor), frozenset(categories())
        mode, adults = request.form.get("mode"), request.form.get("adults")
        if mode not in ("except", "only") or adults not in ("denied", "allowed", None):
            return show(visitor, problems={"categories": "Say which categories may be ordered."}, status=422)
        # Categories that are not in the catalogue now stay as they are: they may come back with the next feed.
        denied = frozenset(request.form.getlist("denied")) & shown | named(layer, "categories_denied") - shown
        lifted = adults == "allowed" if adults else lifts_age_restricted(layer.knobs)
        changes: dict[str, Any] = {"categories_allowed": None}
        restored: frozenset[str] = frozenset()
        if lifted:
            changes["categories_denied"] = denied | {LIFTED} if denied else None
        elif denied:
            changes["categories_denied"] = denied
        else:
            restored = frozenset({"categories_denied"})
        if mode == "only":
            allowed = frozenset(request.form.getlist("only")) & shown
            if not allowed:
                return show(
                    visitor,
                    problems={"categories": "Tick at least one category, or nothing could be bought."},
                    status=422,
                    again=True,
                )
            hidden = named(layer, "categories_allowed") - shown - restricted()
            changes["categories_allowed"] = allowed | hidden | (restricted() if lifted else frozenset())
        values = household_defaults(ports.store.age_restricted_categories) | dict(layer.knobs)
        changes = {name: value for name, value in changes.items() if name not in values or value != values[name]}
        return saved(visitor, PolicyChange(changes, restored & layer.knobs.keys()), layer)

    def saved(visitor: Visitor, change: PolicyChange, layer: Layer) -> Response:
        home.check_shown(layer)
        if not change.knobs and not change.restored:
            return site.go(_PATH, "Nothing was different.", kind="plain")
        change_policy(ports, "household", visitor.household_id, change, visitor.who, "on the page")
        return site.go(_PATH, "Saved. The speaker keeps to it from now on.")

    def show(
        visitor: Visitor,
        typed: MultiDict[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        status: int = 200,
        *,
        again: bool = False,
    ) -> Response:
        """`typed` are amounts; with `again` hours and categories are shown as the form that came had them."""
        layer, problems = home.layer(visitor), dict(problems or {})
        entered: Mapping[str, str] = {} if typed is None else typed
        changes: dict[str, Any] = {}
        if typed is not None:
            changes, found = _read_amounts(typed, layer, defaults(), site)
            problems |= found
        values = defaults() | dict(layer.knobs)
        store = home.store_layer()
        return home.show(
            "household/limits.html",
            visitor,
            status=status,
            version=layer.version,
            of_store=_of_store(store, currency),
            amounts=[_amount_field(each, values, changes, store, typed, problems, site) for each in AMOUNTS],
            code_amounts=[_amount_field(each, values, changes, store, typed, problems, site) for each in CODE_AMOUNTS],
            orders_per_day=entered.get("orders_per_day_max", _plain(values["orders_per_day_max"])),
            pin_policies=[each for each in PIN_POLICIES if each[0] != _NOT_OFFERED or values["pin_policy"] == each[0]],
            pin_policy=(typed.get("pin_policy") if typed else None) or values["pin_policy"],
            pin_over=entered.get("pin_over", site.typed(values["pin_over"])),
            **hours_and_categories(layer, values, request.form if again else MultiDict()),
            categories=categories(),
            restricted=sorted(restricted(), key=str.casefold),
            problems=problems,
            # Worked out when values are tried; the script asks for it once the page is there.
            what_if=_what_if(home, visitor, changes) if typed is not None and not problems else None,
            preview=f"{_PATH}/preview",
            trying=typed is not None and not problems and status == 200,
        )

    def hours_and_categories(layer: Layer, values: Mapping[str, Any], sent: MultiDict[str, str]) -> dict[str, Any]:
        """As they are set, or as the form that was `sent` has them."""
        told: dict[str, Any] = {
            "hours": _spans(values["quiet_hours"]),
            "mode": "only" if values["categories_allowed"] is not None else "except",
            "denied": named(layer, "categories_denied"),
            "only": named(layer, "categories_allowed"),
            "lifted": lifts_age_restricted(layer.knobs),
        }
        if "from0" in sent or "to0" in sent:
            spans = [(sent.get(f"from{number}", ""), sent.get(f"to{number}", "")) for number in range(SPANS_MAX)]
            told["hours"] = [each for at, each in enumerate(spans) if at < len(told["hours"]) or any(each)]
        if "mode" in sent:
            told |= {"mode": sent["mode"], "denied": sent.getlist("denied"), "only": sent.getlist("only")}
            told["lifted"] = sent.get("adults") == "allowed"
        return told

    def defaults() -> dict[str, Any]:
        return household_defaults(ports.store.age_restricted_categories)

    def restricted() -> frozenset[str]:
        return ports.store.age_restricted_categories

    def named(layer: Layer, knob: str) -> frozenset[str]:
        """What a list of the household's names beside the age-restricted ones, which have a question of their own."""
        return without_lifted(layer.knobs.get(knob) or frozenset()) - restricted()

    def categories() -> list[str]:
        try:
            known = ports.catalogue.categories()
        except CatalogueMissing:
            known = ()
        for_adults = {each.casefold() for each in restricted()}
        others = {each for each in known if each.casefold() not in for_adults}
        return sorted(others, key=str.casefold)[:CATEGORIES_SHOWN_MAX]


def _of_store(store: Layer, currency: str) -> dict[str, str]:
    """What the store itself has set of the limits that have no amount on this page, in words."""
    told = {
        name: knob_text(name, store.knobs[name], currency)
        for name in ("orders_per_day_max", "quiet_hours", "categories_denied", "categories_allowed")
        if store.knobs.get(name) is not None
    }
    if store.knobs.get("pin_policy", "never") != "never":
        told["pin_policy"] = store.knobs["pin_policy"]
    return told


def _of_amounts() -> frozenset[str]:
    return frozenset((*_NAMES, "orders_per_day_max", "pin_policy"))


def _read_amounts(
    typed: Mapping[str, str], layer: Layer, defaults: Mapping[str, Any], site: Site
) -> tuple[dict[str, Any], dict[str, str]]:
    """What differs from the limits as they are, and what is wrong with what was typed. An empty amount lifts the limit; a field
    that was not sent leaves it as it is.
    """
    values = dict(defaults) | dict(layer.knobs)
    read: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name in _NAMES:
        try:
            read[name] = site.read_amount(typed[name]) if name in typed else values[name]
        except ValueError:
            problems[name] = (
                f"Write an amount such as {site.typed(120_000)}, without thousands, or nothing for no limit."
            )
    written = {"pin_policy": typed.get("pin_policy") or values["pin_policy"]}
    if "orders_per_day_max" in typed:
        written["orders_per_day_max"] = typed["orders_per_day_max"].strip() or "none"
    try:
        read |= read_knobs(written, site.ports.store.currency)
    except PolicyInvalid:
        problems["orders_per_day_max"] = "Write a whole number, or nothing for no limit."
    if read.get("pin_policy") != "over":
        read.pop("pin_over", None)
    elif read.get("pin_over") is None and "pin_over" not in problems:
        problems["pin_over"] = "From which amount on is the code asked for?"
    return {name: value for name, value in read.items() if value != values[name]}, problems


def _amount_field(
    described: tuple[str, str, str],
    values: Mapping[str, Any],
    changes: Mapping[str, Any],
    store: Layer,
    typed: Mapping[str, str] | None,
    problems: Mapping[str, str],
    site: Site,
) -> AmountField:
    name, label, hint = described
    store_max = store.knobs.get(name)
    tried = changes.get(name, values[name])
    current, default = values[name], KNOBS[name].default
    currency = site.ports.store.currency
    exponent = minor_unit_exponent(currency)
    step = 10**exponent if exponent else 100
    top = max(default * 4, (current or 0) * 2) // step * step
    return AmountField(
        name=name,
        label=label,
        hint=hint,
        typed=site.typed(current) if typed is None else typed.get(name, site.typed(current)),
        slider=Money(top if tried is None else tried, currency).decimal(),
        top=Money(top, currency).decimal(),
        step=Money(step, currency).decimal(),
        store_max=None if store_max is None else Money(store_max, currency),
        problem=problems.get(name, ""),
    )


def _what_if(home: Home, visitor: Visitor, changes: Mapping[str, Any]) -> WhatIf:
    since = home.site.now() - LAST_MONTH
    newest = home.ports.ledger.last_audit(visitor.household_id, LOOKED_THROUGH_MAX)
    entries = (each for each in reversed(newest) if each.at >= since)
    replayed = list(replay_entries(home.ports, visitor.household_id, entries, changes))
    counts = Counter(each.after for each in replayed)
    changed = [each for each in replayed if each.before != each.after]
    return WhatIf(
        asked=len(replayed),
        counts={each: counts[each] for each in (LET_THROUGH, CODE, ADULT, REFUSED)},
        changed=tuple((each, name_limits(each.reasons)) for each in changed[-CHANGED_SHOWN_MAX:][::-1]),
        changed_count=len(changed),
    )


def _spans(hours: Any) -> list[tuple[str, str]]:
    spans = [tuple(each.split("-")) for each in knob_value("quiet_hours", hours).split(",")] if hours else []
    return [(each[0], each[1]) for each in spans] + [("", "")] * max(0, QUIET_SPANS - len(spans))


def _plain(count: int | None) -> str:
    return "" if count is None else str(count)
