"""Policies: the limits that the store's owner, the household and a person's profile set, and how they merge.

Each knob has a stricter direction and merging takes it, so that merging is commutative and tightening never permits more.
The table of knobs, with units and defaults, is KNOBS; `docs/limits.md` is the page for the people who set them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from skill.errors import PolicyInvalid
from skill.shop.money import AMOUNT_MINOR_MAX

#: From lax to strict: merging takes the later one.
PIN_POLICIES = ("never", "over", "always")
CONFIRMATIONS = ("yes", "spoken_number")
UNRECOGNISED = ("allow", "pin", "adult", "refuse")

#: More than these is a slip of the pen, or a stored policy that something has damaged.
SECONDS_MAX = 400 * 86400
COUNT_MAX = 100_000
#: A deadline that nobody could keep is a slip of the pen too: nothing could ever be ordered.
DEADLINE_LEAST_S = 30
_LARGEST = {"minor": AMOUNT_MINOR_MAX, "seconds": SECONDS_MAX, "count": COUNT_MAX}

#: Minutes of the local day, start and end; a start after its end runs over midnight.
QuietHours = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Knob:
    """One limit. `kind` says what a value is; `merge` takes the stricter of two values, None being no constraint.

    `default` holds for a household that has not set the knob; `liftable` tells whether it may be set to none. `least` is the
    least that anybody may write.
    """

    name: str
    kind: str  # bool, minor, seconds, count, choice, set, hours
    default: Any
    merge: Callable[[Any, Any], Any]
    liftable: bool = True
    choices: tuple[str, ...] = ()
    least: int = 0


def _unless_none(stricter: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def merge(left: Any, right: Any) -> Any:
        if left is None:
            return right
        return left if right is None else stricter(left, right)

    return merge


def _stricter_choice(choices: tuple[str, ...]) -> Callable[[Any, Any], Any]:
    return _unless_none(lambda left, right: max(left, right, key=choices.index))


_least = _unless_none(min)
_most = _unless_none(max)
_both = _unless_none(lambda left, right: left and right)
_either = _unless_none(lambda left, right: left or right)
_union = _unless_none(lambda left, right: left | right)
_intersection = _unless_none(lambda left, right: left & right)
_hours = _unless_none(lambda left, right: tuple(sorted({*left, *right})))

KNOBS: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob("ordering_enabled", "bool", False, _both, liftable=False),
        Knob("frozen", "bool", False, _either, liftable=False),
        Knob("order_max", "minor", 5000, _least),
        Knob("day_max", "minor", 10000, _least),
        Knob("week_max", "minor", 20000, _least),
        Knob("month_max", "minor", 50000, _least),
        Knob("year_max", "minor", None, _least),
        Knob("total_max", "minor", None, _least),
        Knob("orders_per_day_max", "count", 5, _least),
        Knob("order_gap_min_s", "seconds", 60, _most),
        Knob("pin_policy", "choice", "always", _stricter_choice(PIN_POLICIES), liftable=False, choices=PIN_POLICIES),
        # With `over` and no amount said, every order is over it.
        Knob("pin_over", "minor", 0, _least),
        Knob("no_pin_order_max", "minor", 2000, _least),
        Knob("no_pin_total_max", "minor", 5000, _least),
        Knob(
            "no_pin_confirm", "choice", "spoken_number", _stricter_choice(CONFIRMATIONS),
            liftable=False, choices=CONFIRMATIONS,
        ),
        Knob("adult_approval_over", "minor", 3000, _least),
        Knob(
            "unrecognised_speaker", "choice", "pin", _stricter_choice(UNRECOGNISED),
            liftable=False, choices=UNRECOGNISED,
        ),
        Knob("quantity_per_line_max", "count", 10, _least),
        Knob("lines_max", "count", 10, _least),
        # None here is "the store's age-restricted categories", put in by `household_values`.
        Knob("categories_denied", "set", None, _union),
        Knob("categories_allowed", "set", None, _intersection),
        Knob("skus_denied", "set", frozenset(), _union),
        Knob("quiet_hours", "hours", ((21 * 60, 7 * 60),), _hours),
        Knob("duplicate_window_s", "seconds", 600, _most),
        Knob("quote_ttl_s", "seconds", 120, _least, liftable=False, least=DEADLINE_LEAST_S),
        Knob("reservation_ttl_s", "seconds", 900, _least, liftable=False, least=DEADLINE_LEAST_S),
        Knob("approval_ttl_s", "seconds", 86400, _least, liftable=False, least=DEADLINE_LEAST_S),
        Knob("undo_window_s", "seconds", 1800, _least, liftable=False),
        Knob("approvals_open_max", "count", 3, _least),
    )
}  # fmt: skip

#: What a household writes where it means no limit: as a name among the categories denied it lifts the age-restricted ones alone.
LIFTED = "none"

#: These belong to one level only and are never merged.
UNMERGED = ("currency", "time_zone", "profile")

#: What a window's cap is called as a knob.
WINDOW_KNOBS = {"day": "day_max", "week": "week_max", "month": "month_max", "year": "year_max", "ever": "total_max"}

LEVELS = ("store", "household", "profile", "person")

#: Age profiles that every household has; others are there once limits are set for them.
PROFILES = ("child", "teen")


def household_of(subject: str) -> str:
    """The household that a layer's subject belongs to: `home` of `home`, `home/child` and `home/KEY`."""
    return subject.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Layer:
    """The knobs that one level has set. A value of None lifts the knob; a knob that is not there has not been set."""

    level: str
    subject: str
    knobs: Mapping[str, Any]
    version: int = 0


@dataclass(frozen=True, slots=True)
class WindowCap:
    """A cap in minor units, and a count of orders, over one window of one scope. None is no constraint."""

    scope: str
    window: str
    amount_max: int | None
    orders_max: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The merged limits that `decide()` reads: every knob has its strictest value, None where nothing constrains.

    `caps` hold the window caps of every scope; a person's own caps count that person's orders only. `version` names the
    versions of all the layers that went in. Amounts are minor units of `currency`.
    """

    currency: str
    version: str
    ordering_enabled: bool
    frozen: bool
    order_max: int | None
    order_gap_min_s: int | None
    pin_policy: str
    pin_over: int | None
    no_pin_order_max: int | None
    no_pin_total_max: int | None
    no_pin_confirm: str
    adult_approval_over: int | None
    unrecognised_speaker: str
    quantity_per_line_max: int | None
    lines_max: int | None
    categories_denied: frozenset[str]
    categories_allowed: frozenset[str] | None
    skus_denied: frozenset[str]
    quiet_hours: QuietHours
    duplicate_window_s: int | None
    quote_ttl_s: int
    reservation_ttl_s: int
    approval_ttl_s: int
    undo_window_s: int
    approvals_open_max: int | None
    caps: tuple[WindowCap, ...]


_PLAIN = tuple(each.name for each in fields(Policy) if each.name in KNOBS)


def household_defaults(age_restricted_categories: frozenset[str]) -> dict[str, Any]:
    """What holds for a household that has set nothing."""
    defaults = {knob.name: knob.default for knob in KNOBS.values()}
    return defaults | {"categories_denied": age_restricted_categories}


def household_values(knobs: Mapping[str, Any], age_restricted_categories: frozenset[str]) -> dict[str, Any]:
    """What a household's knobs come to, before anybody else's. Categories that it names are denied beside the age-restricted
    ones: who thinks of candy has not thought of beer.
    """
    values = household_defaults(age_restricted_categories) | dict(knobs)
    named: frozenset[str] | None = knobs.get("categories_denied")
    if named is not None:
        values["categories_denied"] = (
            without_lifted(named) if lifts_age_restricted(knobs) else named | age_restricted_categories
        )
    return values


def lifts_age_restricted(knobs: Mapping[str, Any]) -> bool:
    """Whether the household has said that the store's age-restricted categories may be ordered."""
    named: frozenset[str] | None = knobs.get("categories_denied", frozenset())
    return named is None or any(each.casefold() == LIFTED for each in named)


def without_lifted(named: frozenset[str]) -> frozenset[str]:
    """The categories in a list that may have `none` in it."""
    return frozenset(each for each in named if each.casefold() != LIFTED)


def effective_policy(
    store: Layer,
    household: Layer,
    inner: Iterable[Layer] = (),
    *,
    currency: str,
    age_restricted_categories: frozenset[str],
) -> Policy:
    """The stricter of all layers, knob by knob. `inner` are the profile's and the person's layers.

    Raises `PolicyInvalid` where a layer holds an unknown knob or a value of the wrong kind: such a policy means "refuse".
    """
    inner = sorted(inner, key=lambda layer: (layer.level, layer.subject))
    layers = (store, household, *inner)
    for layer in layers:
        check_layer(layer)
        if layer.knobs.get("currency", currency) != currency:
            raise PolicyInvalid(
                f"the {layer.level}'s policy is in {layer.knobs['currency']}, the store sells in {currency}",
                knob="currency", remedy=currency,
            )  # fmt: skip
    return _merged(currency, age_restricted_categories, tuple(map(_layer_as_key, layers)))


#: What a layer says, in a form that can be looked up.
_LayerKey = tuple[str, str, int, tuple[tuple[str, Any], ...]]


def _layer_as_key(layer: Layer) -> _LayerKey:
    return layer.level, layer.subject, layer.version, tuple(layer.knobs.items())


@lru_cache(maxsize=1024)
def _merged(currency: str, age_restricted_categories: frozenset[str], checked: tuple[_LayerKey, ...]) -> Policy:
    """`effective_policy` of layers that have been checked: remembered, because a household's limits change seldom."""
    layers = [Layer(level, subject, dict(knobs), version) for level, subject, version, knobs in checked]
    store, household, *inner = layers
    values = household_values(household.knobs, age_restricted_categories)
    for layer in (store, *inner):
        for name, value in layer.knobs.items():
            if name in KNOBS and not is_persons_window(layer, name):
                values[name] = KNOBS[name].merge(values.get(name), value)
    plain = {name: values[name] for name in _PLAIN}
    for name in ("categories_denied", "skus_denied"):
        plain[name] = plain[name] or frozenset()
    plain["quiet_hours"] = plain["quiet_hours"] or ()
    return Policy(
        currency=currency,
        version=".".join(f"{layer.level[0]}{layer.version}" for layer in layers),
        caps=(
            *_caps("household", values),
            *(cap for layer in inner for cap in _caps(f"{layer.level}:{layer.subject}", layer.knobs)),
        ),
        **plain,
    )


def is_persons_window(layer: Layer, name: str) -> bool:
    """A person's window caps count that person's own orders, so they stay apart from the household's."""
    return layer.level in ("profile", "person") and (name in WINDOW_KNOBS.values() or name == "orders_per_day_max")


def _caps(scope: str, values: Mapping[str, Any]) -> Iterable[WindowCap]:
    for window, knob in WINDOW_KNOBS.items():
        orders_max = values.get("orders_per_day_max") if window == "day" else None
        if values.get(knob) is not None or orders_max is not None:
            yield WindowCap(scope, window, values.get(knob), orders_max)


def check_layer(layer: Layer) -> None:
    """Raises `PolicyInvalid` unless every knob is known and of its kind."""
    for name, value in layer.knobs.items():
        if name in UNMERGED:
            if not isinstance(value, str):
                raise PolicyInvalid(f"{layer.level} policy: {name} = {value!r}", knob=name, remedy="a name")
            continue
        knob = KNOBS.get(name)
        if knob is None or not _fits(knob, value):
            raise PolicyInvalid(f"{layer.level} policy: {name} = {value!r}", knob=name, remedy=describe_kind(name))


def _fits(knob: Knob, value: Any) -> bool:
    if value is None:
        return knob.liftable
    match knob.kind:
        case "bool":
            return type(value) is bool
        case "choice":
            return value in knob.choices
        case "set":
            return isinstance(value, frozenset) and all(isinstance(each, str) for each in value)
        case "hours":
            return isinstance(value, tuple) and all(map(_is_span, value))
        case _:
            return type(value) is int and 0 <= value <= _LARGEST[knob.kind]


def _is_span(span: Any) -> bool:
    return (
        isinstance(span, tuple)
        and len(span) == 2
        and all(type(minute) is int and 0 <= minute < 1440 for minute in span)
    )


def describe_kind(name: str) -> str:
    """What would be right for a knob, in a developer's words."""
    knob = KNOBS.get(name)
    if knob is None:
        return f"one of {', '.join(sorted(KNOBS))}"
    right = {
        "bool": "true or false",
        "minor": "a whole number of minor units (cents), 0 or more",
        "seconds": f"a whole number of seconds, {knob.least} or more",
        "count": "a whole number, 0 or more",
        "choice": " or ".join(knob.choices),
        "set": "a list of names",
        "hours": "local times such as 21:00-07:00",
    }[knob.kind]
    return f"{right}, or none for no limit" if knob.liftable else right


def loosened(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The knobs of a layer's `old` that have a laxer value in `new`, by name."""
    return sorted(name for name in old.keys() & new.keys() & KNOBS.keys() if not is_tighter(name, old[name], new[name]))


def is_tighter(name: str, old: Any, new: Any) -> bool:
    """Whether the new value is at least as strict as the old: what may be done by voice."""
    return bool(KNOBS[name].merge(old, new) == new)
