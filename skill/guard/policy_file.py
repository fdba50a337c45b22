"""Policies as people write and read them: `KEY=VALUE`, JSON, and which level each limit comes from.

Checked with pydantic when written, so that a shopper's turn reads plain values and never imports it. A problem names the
knob and says what would be right.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo, create_model

from skill.errors import AmountOutOfRange, PolicyInvalid
from skill.guard.policy import KNOBS, UNMERGED, Knob, Layer, describe_kind, household_values
from skill.shop.money import AMOUNT_MINOR_MAX, Money, read_typed

#: A list of names is read by people, and every one of them is compared with every line of a quote.
NAMES_MAX = 200
NAME_LENGTH_MAX = 100
SPANS_MAX = 8

#: Counts and seconds: a year and a bit, and more lines than any cart has.
SECONDS_MAX = 400 * 86400
_COUNT_MAX = 100_000

_DURATION = re.compile(r"(\d{1,9})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)\Z", re.IGNORECASE)
_SECONDS_IN = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MONEY = re.compile(r"\s*(?:[A-Z]{3}|[$€£¥])?\s*(\d{1,12}(?:[.,]\d{1,3})?)\s*(?:[A-Z]{3}|[$€£¥])?\s*\Z")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\Z")
_SWITCH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}

#: Where a knob that is no limit is set instead.
_ELSEWHERE = {
    "currency": "it is the store's: `currency` in store.yaml",
    "time_zone": "it is the household's: `sayso household move HOUSEHOLD --time-zone ZONE`",
}


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What is to become of a layer: knobs set (None lifts one), and knobs that get their default back."""

    knobs: Mapping[str, Any]
    restored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LimitInForce:
    """A limit as it stands. `sources` are the levels that it comes from, such as `household (default)` or `store`."""

    name: str
    value: Any
    sources: tuple[str, ...]


def read_assignments(assignments: Sequence[str], currency: str) -> PolicyChange:
    """`["day_max=5000", "pin_over=none", "frozen="]` → the change. `KEY=` restores a default, `KEY=none` lifts the knob.

    Raises `PolicyInvalid` naming each knob at fault and what would be right (facts: `knob` and `remedy` of the first).
    """
    written: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        name = name.strip()
        if not equals:
            raise PolicyInvalid(
                f"{assignment!r} is no KEY=VALUE; write for instance day_max=5000", knob=name, remedy="KEY=VALUE"
            )
        if name in written:
            raise PolicyInvalid(f"{name} is given twice; give it once", knob=name, remedy="once")
        written[name] = value.strip()
    restored = frozenset(name for name, value in written.items() if not value)
    knobs = read_knobs({name: value for name, value in written.items() if value}, currency)
    for name in sorted(restored - KNOBS.keys()):
        _refuse([(name, _unknown(name))])
    return PolicyChange(knobs, restored)


def read_knobs(written: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Knobs as text or as JSON has them → the values that a `Layer` holds. Raises `PolicyInvalid`."""
    try:
        checked = _PolicyFile.model_validate(dict(written), context={"currency": currency})
    except ValidationError as invalid:
        problems = []
        for error in invalid.errors():
            name = str(error["loc"][0])
            unknown = error["type"] == "extra_forbidden"
            problems.append((name, _unknown(name) if unknown else error["msg"].removeprefix("Value error, ")))
        _refuse(problems)
    return {name: getattr(checked, name) for name in written}


def change_layer(layer: Layer, change: PolicyChange) -> Layer:
    """The layer with the change made; its version is still the one that was read, as the store's condition wants it."""
    kept = {name: value for name, value in layer.knobs.items() if name not in change.restored}
    return replace(layer, knobs=kept | dict(change.knobs))


def limits_in_force(
    store: Layer, household: Layer, inner: Iterable[Layer] = (), *, age_restricted_categories: frozenset[str]
) -> tuple[LimitInForce, ...]:
    """Every limit as `effective_policy` merges it, and the levels that it comes from, in the table's order."""
    of_household = household_values(household.knobs, age_restricted_categories)
    limits = []
    for name, knob in KNOBS.items():
        level = "household" if name in household.knobs else "household (default)"
        given: list[tuple[str, Any]] = [(level, of_household[name])]
        if name in store.knobs:
            given.append(("store", store.knobs[name]))
        given += [(f"{each.level} {each.subject}", each.knobs[name]) for each in inner if name in each.knobs]
        value = None
        for _, each in given:
            value = knob.merge(value, each)
        limits.append(LimitInForce(name, value, _sources(value, given)))
    return tuple(limits)


def _sources(value: Any, given: Sequence[tuple[str, Any]]) -> tuple[str, ...]:
    """Who contributed: everybody with a share in a merged list, otherwise the first whose value it is."""
    if isinstance(value, frozenset | tuple):
        shares = tuple(source for source, each in given if each)
        return shares or (given[0][0],)
    return (next(source for source, each in given if each == value),)


def knob_text(name: str, value: Any, currency: str) -> str:
    """A value as a person reads it: `50.00 USD`, `10 min`, `21:00-07:00`, `none`."""
    kind = KNOBS[name].kind
    if value is None:
        return "none"
    if kind == "minor":
        return str(Money(value, currency))
    if kind == "seconds":
        return f"{value} s"
    return knob_value(name, value)


def knob_value(name: str, value: Any) -> str:
    """A value as `KEY=VALUE` takes it: `5000`, `21:00-07:00`, `Beer,Wine`, `none`."""
    kind = KNOBS[name].kind
    if value is None or value in (frozenset(), ()):
        return "none"
    if kind == "set":
        return ",".join(sorted(value))
    if kind == "hours":
        return ",".join(f"{_clock(start)}-{_clock(end)}" for start, end in value)
    return str(value).lower()  # true or false, a number, a choice


def knob_json(value: Any) -> Any:
    """A value as JSON has it: a set is a sorted list, quiet hours are texts such as `21:00-07:00`."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [f"{_clock(start)}-{_clock(end)}" for start, end in value]
    return value


# --- reading one value ------------------------------------------------------------------------------------------------


def _read_bool(knob: Knob, value: Any, currency: str) -> bool:
    if isinstance(value, bool):
        return value
    read = _SWITCH.get(str(value).casefold())
    if read is None:
        _wrong(knob, value)
    return read


def _read_minor(knob: Knob, value: Any, currency: str) -> int:
    if type(value) is int or (isinstance(value, str) and value.isascii() and value.isdigit()):
        return _within(knob, int(value), AMOUNT_MINOR_MAX)
    money = _MONEY.match(str(value))
    if money is not None:
        try:
            amount = read_typed(money[1], currency)
        except (ValueError, AmountOutOfRange):
            _wrong(knob, value)
        raise ValueError(f"{value!r} is not in minor units of {currency}; for {amount} write {amount.amount}")
    return _within(knob, _whole(knob, value), AMOUNT_MINOR_MAX)


def _read_seconds(knob: Knob, value: Any, currency: str) -> int:
    duration = _DURATION.match(value) if isinstance(value, str) else None
    if duration is not None:
        seconds = int(duration[1]) * _SECONDS_IN[duration[2][0].lower()]
        raise ValueError(f"{value!r} is not in seconds; write {seconds}")
    return _within(knob, _whole(knob, value), SECONDS_MAX)


def _read_count(knob: Knob, value: Any, currency: str) -> int:
    return _within(knob, _whole(knob, value), _COUNT_MAX)


def _read_choice(knob: Knob, value: Any, currency: str) -> str:
    read = str(value).casefold()
    if read not in knob.choices:
        _wrong(knob, value)
    return read


def _read_set(knob: Knob, value: Any, currency: str) -> frozenset[str]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple | set | frozenset) or not all(isinstance(each, str) for each in names):
        _wrong(knob, value)
    # Feeds are read so too: however an accent was typed, it is the same name.
    read = frozenset(unicodedata.normalize("NFC", each.strip()) for each in names if each.strip())
    if len(read) > NAMES_MAX:
        raise ValueError(f"{len(read)} names are too many; give at most {NAMES_MAX}")
    too_long = next((each for each in read if len(each) > NAME_LENGTH_MAX), None)
    if too_long is not None:
        raise ValueError(f"the name {too_long[:20]!r}… is too long; give at most {NAME_LENGTH_MAX} characters")
    return read


def _read_hours(knob: Knob, value: Any, currency: str) -> tuple[tuple[int, int], ...]:
    spans = value.split(",") if isinstance(value, str) else value
    if not isinstance(spans, list | tuple) or not all(isinstance(each, str) for each in spans):
        _wrong(knob, value)
    if len(spans) > SPANS_MAX:
        raise ValueError(f"{len(spans)} spans are too many; give at most {SPANS_MAX}")
    read = set()
    for span in spans:
        found = _SPAN.match(span.strip())
        if found is None:
            _wrong(knob, span)
        start, end = (_minute(knob, found[at], found[at + 1], span) for at in (1, 3))
        if start == end:
            raise ValueError(
                f"{span.strip()} begins when it ends; give two times, or ordering_enabled=false for no orders at all"
            )
        read.add((start, end))
    return tuple(sorted(read))


def _minute(knob: Knob, hour: str, minute: str, span: str) -> int:
    if int(hour) > 23 or int(minute) > 59:
        _wrong(knob, span)
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _whole(knob: Knob, value: Any) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", str(value), re.ASCII):
        _wrong(knob, value)
    return int(value)


def _within(knob: Knob, value: int, most: int) -> int:
    if value < 0:
        raise ValueError(f"{value} is below zero; write {describe_kind(knob.name)}")
    if value < knob.least:
        raise ValueError(f"{value} is too short; write {describe_kind(knob.name)}")
    if value > most:
        raise ValueError(f"{value} is too large; write at most {most}")
    return value


def _wrong(knob: Knob, value: Any) -> NoReturn:
    raise ValueError(f"{value!r} is not right; write {describe_kind(knob.name)}")


_READERS: dict[str, Callable[[Knob, Any, str], Any]] = {
    "bool": _read_bool,
    "minor": _read_minor,
    "seconds": _read_seconds,
    "count": _read_count,
    "choice": _read_choice,
    "set": _read_set,
    "hours": _read_hours,
}


def _validator(knob: Knob) -> BeforeValidator:
    def read(value: Any, info: ValidationInfo) -> Any:
        if value is None or (isinstance(value, str) and value.casefold() == "none"):
            if not knob.liftable:
                raise ValueError(f"it cannot be lifted; write {describe_kind(knob.name)}")
            return None
        return _READERS[knob.kind](knob, value, (info.context or {})["currency"])

    return BeforeValidator(read)


def _fields() -> dict[str, Any]:
    return {name: (Annotated[Any, _validator(knob)], None) for name, knob in KNOBS.items()}


#: One optional field for each knob of the table, so that a new knob needs no second list.
_PolicyFile: type[BaseModel] = create_model("PolicyFile", __config__=ConfigDict(extra="forbid"), **_fields())


def _unknown(name: str) -> str:
    if name in UNMERGED:
        return f"is no limit: {_ELSEWHERE[name]}"
    near = difflib.get_close_matches(name.casefold().replace("-", "_"), KNOBS, cutoff=0.5)
    return f"is no limit; did you mean {near[0]}?" if near else f"is no limit; write {describe_kind(name)}"


def _refuse(problems: Sequence[tuple[str, str]]) -> NoReturn:
    first_name, first_problem = problems[0]
    raise PolicyInvalid(
        "\n".join(
            f"{name} {problem}" if problem.startswith("is ") else f"{name}: {problem}" for name, problem in problems
        ),
        knob=first_name,
        remedy=first_problem,
    )
