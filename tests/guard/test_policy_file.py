"""Policies as people write them: every wrong value is named with what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import PolicyInvalid
from skill.guard.policy import KNOBS, Layer, check_layer, effective_policy
from skill.guard.policy_file import (
    change_layer,
    knob_json,
    knob_text,
    knob_value,
    limits_in_force,
    read_assignments,
    read_knobs,
)

RESTRICTED = frozenset({"Beer", "Wine"})


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("day_max=5000", 5000),
        ("day_max=0", 0),
        ("year_max=none", None),
        ("order_gap_min_s=90", 90),
        ("lines_max=3", 3),
        ("frozen=yes", True),
        ("ordering_enabled=off", False),
        ("pin_policy=Over", "over"),
        ("categories_denied=Beer, Wine", frozenset({"Beer", "Wine"})),
        ("quiet_hours=21:00-07:00,12:30-13:00", ((750, 780), (1260, 420))),
        ("quiet_hours=none", None),
    ],
)
def test_a_written_value_is_read_as_the_layer_holds_it(assignment: str, expected: object) -> None:
    change = read_assignments([assignment], "USD")
    assert {assignment.partition("=")[0]: expected} == change.knobs
    check_layer(Layer("household", "h", change.knobs))


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("ordermax=1", "ordermax is no limit; did you mean order_max?"),
        ("day-max=1", "did you mean day_max?"),
        ("zzz=1", "write one of adult_approval_over"),
        (
            "day_max=20.00 USD",
            "order_max".replace("order", "day")
            + ": '20.00 USD' is not in minor units of USD; for 20.00 USD write 2000",
        ),
        ("day_max=$20", "for 20.00 USD write 2000"),
        ("day_max=20.5", "for 20.50 USD write 2050"),
        ("day_max=-1", "day_max: -1 is below zero; write a whole number of minor units"),
        ("day_max=lots", "'lots' is not right; write a whole number of minor units"),
        ("day_max=1e3", "'1e3' is not right"),
        ("day_max=9999999999999", "is too large; write at most 1000000000000"),
        ("order_gap_min_s=5m", "'5m' is not in seconds; write 300"),
        ("undo_window_s=2 hours", "write 7200"),
        ("lines_max=1.5", "write a whole number, 0 or more"),
        ("pin_policy=sometimes", "write never or over or always"),
        ("pin_policy=none", "cannot be lifted; write never or over or always"),
        ("frozen=perhaps", "write true or false"),
        ("quiet_hours=9pm-7am", "write local times such as 21:00-07:00"),
        ("quiet_hours=21:00-24:00", "write local times such as 21:00-07:00"),
        ("currency=EUR", "currency is no limit: it is the store's"),
        ("day_max", "'day_max' is no KEY=VALUE"),
        ("nonsense=", "nonsense is no limit"),
        ("skus_denied=" + "x" * 101, "give at most 100 characters"),
        ("skus_denied=" + ",".join(map(str, range(201))), "give at most 200"),
        ("quiet_hours=" + ",".join(["01:00-02:00"] * 9), "give at most 8"),
    ],
)
def test_a_wrong_value_names_the_knob_and_what_would_be_right(assignment: str, says: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        read_assignments([assignment], "USD")
    assert says in str(refused.value)
    assert assignment.partition("=")[0] == refused.value.facts["knob"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"day_max": -5},
         "day_max: -5 is below zero; write a whole number of minor units (cents), 0 or more, or none for no limit"),
        ({"day_max": 10**20}, "day_max: 100000000000000000000 is too large; write at most 1000000000000"),
        ({"day_max": 20.5}, "day_max: 20.5 is not in minor units of USD; for 20.50 USD write 2050"),
        ({"day_max": [20]},
         "day_max: [20] is not right; write a whole number of minor units (cents), 0 or more, or none for no limit"),
        ({"lines_max": True}, "lines_max: True is not right; write a whole number, 0 or more, or none for no limit"),
        ({"lines_max": 2.0}, "lines_max: 2.0 is not right; write a whole number, 0 or more, or none for no limit"),
        ({"orders_per_dy_mx": 1}, "orders_per_dy_mx is no limit; did you mean orders_per_day_max?"),
        ({"adult-confirm": 1}, "adult-confirm is no limit; did you mean no_pin_confirm?"),
        ({"adult-lines": 1}, "adult-lines is no limit; did you mean adult_approval_over?"),
    ],
)  # fmt: skip
def test_a_wrong_value_of_a_json_file_is_told_as_exactly(written: dict[str, Any], says: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        read_knobs(written, "USD")
    assert says == str(refused.value)


@pytest.mark.parametrize("knob", ["quote_ttl_s", "reservation_ttl_s", "approval_ttl_s"])
def test_a_deadline_is_long_enough_to_be_kept(knob: str) -> None:
    assert {knob: 30} == read_knobs({knob: 30}, "USD")
    with pytest.raises(PolicyInvalid):
        read_knobs({knob: 29}, "USD")


def test_a_name_is_the_same_however_its_accents_were_typed() -> None:
    assert {"categories_denied": frozenset({"Caf\xe9"})} == read_knobs({"categories_denied": "Cafe\u0301"}, "USD")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), (5000, 5000), (False, False), ("always", "always"), (frozenset({"Wine", "Beer"}), ["Beer", "Wine"]),
        (frozenset(), []), ((), []), (((21 * 60, 7 * 60), (13 * 60 + 5, 14 * 60)), ["21:00-07:00", "13:05-14:00"]),
    ],
)  # fmt: skip
def test_a_value_as_json_is_read_back_the_same(value: Any, expected: Any) -> None:
    assert expected == knob_json(value)


def test_several_quiet_hours_are_written_with_a_comma_between() -> None:
    assert "01:00-02:30,21:00-07:00" == knob_value("quiet_hours", ((60, 150), (21 * 60, 7 * 60)))


@pytest.mark.parametrize(
    ("written", "says", "remedy"),
    [
        (["day_max"], "'day_max' is no KEY=VALUE; write for instance day_max=5000", "KEY=VALUE"),
        (["day_max=1", "day_max=2"], "day_max is given twice; give it once", "once"),
        (["lines_max=x"], "lines_max: 'x' is not right; write a whole number, 0 or more, or none for no limit", None),
        (["lines_max=1.5"], "lines_max: '1.5' is not right; write a whole number, 0 or more, or none for no limit", None),
        (["lines_max=٣"], "lines_max: '٣' is not right; write a whole number, 0 or more, or none for no limit", None),
        (["frozen=perhaps"], "frozen: 'perhaps' is not right; write true or false", None),
        (["pin_policy=Often"], "pin_policy: 'Often' is not right; write never or over or always", None),
        (["quiet_hours=9pm"], "quiet_hours: '9pm' is not right; write local times such as 21:00-07:00, or none for no limit",
         None),
        (["quiet_hours=01:00-24:00"],
         "quiet_hours: '01:00-24:00' is not right; write local times such as 21:00-07:00, or none for no limit", None),
        (["quiet_hours=01:60-02:00"],
         "quiet_hours: '01:60-02:00' is not right; write local times such as 21:00-07:00, or none for no limit", None),
        (["quote_ttl_s=none"], "quote_ttl_s: it cannot be lifted; write a whole number of seconds, 30 or more", None),
        (["quote_ttl_s=0"], "quote_ttl_s: 0 is too short; write a whole number of seconds, 30 or more", None),
        (["order_gap_min_s=soon"],
         "order_gap_min_s: 'soon' is not right; write a whole number of seconds, 0 or more, or none for no limit", None),
        (["order_gap_min_s=-1"],
         "order_gap_min_s: -1 is below zero; write a whole number of seconds, 0 or more, or none for no limit", None),
        (["order_gap_min_s=34560001"], "order_gap_min_s: 34560001 is too large; write at most 34560000", None),
        (["lines_max=100001"], "lines_max: 100001 is too large; write at most 100000", None),
        (["day_max=+1000000000001"], "day_max: 1000000000001 is too large; write at most 1000000000000", None),
        (["day_max=20,50"], "day_max: '20,50' is not in minor units of USD; for 20.50 USD write 2050", None),
        (["day_max=20.505"],
         "day_max: '20.505' is not right; write a whole number of minor units (cents), 0 or more, or none for no limit",
         None),
        (["skus_denied=" + "abcdefghijklmnopqrstuvwxyz" * 4],
         "skus_denied: the name 'abcdefghijklmnopqrst'… is too long; give at most 100 characters", None),
        (["zzz=1"], f"zzz is no limit; write one of {', '.join(sorted(KNOBS))}", None),
        (["lines-mx=1"], "lines-mx is no limit; did you mean lines_max?", None),
    ],
)  # fmt: skip
def test_a_refusal_says_exactly_what_would_be_right(written: list[str], says: str, remedy: str | None) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        read_assignments(written, "USD")
    assert says == str(refused.value)
    name = written[0].partition("=")[0]
    right = remedy or says.removeprefix(f"{name}: ").removeprefix(f"{name} ")
    assert {"knob": name, "remedy": right} == refused.value.facts


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("skus_denied", 5), ("skus_denied", {"a": 1}), ("skus_denied", ["a", 1]), ("quiet_hours", 5),
        ("quiet_hours", {"21:00-07:00"}), ("quiet_hours", [5]), ("lines_max", 2.0), ("lines_max", True), ("lines_max", []),
        ("day_max", True), ("day_max", []), ("day_max", 10**16),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_shown_as_it_was_written(knob: str, value: object) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        read_knobs({knob: value}, "USD")
    assert f"{knob}: {value!r} is" in str(refused.value).replace(" too large", "")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("order_gap_min_s=34560000", 34560000), ("lines_max=100000", 100000), ("day_max=1000000000000", 10**12),
        ("day_max=+5", 5), ("quiet_hours=00:00-23:59", ((0, 1439),)), ("quiet_hours=23:59-0:00", ((1439, 0),)),
        ("skus_denied=" + "x" * 100, frozenset({"x" * 100})),
        ("skus_denied=" + ",".join(map(str, range(200))), frozenset(map(str, range(200)))),
        ("quiet_hours=" + ",".join(f"0{n}:00-0{n}:30" for n in range(8)), tuple((60 * n, 60 * n + 30) for n in range(8))),
        ("year_max=NONE", None), ("frozen=ON", True),
    ],
)  # fmt: skip
def test_what_is_just_possible_is_taken(written: str, value: object) -> None:
    assert [value] == list(read_assignments([written], "USD").knobs.values())


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(PolicyInvalid) as refused:
        read_assignments(["day_max=x", "lines_max=-2"], "USD")
    assert ["day_max:", "lines_max:"] == [line.split()[0] for line in str(refused.value).splitlines()]


def test_the_same_knob_twice_is_refused() -> None:
    with pytest.raises(PolicyInvalid, match="day_max is given twice"):
        read_assignments(["day_max=1", "day_max=2"], "USD")


def test_yen_have_no_minor_unit_to_convert_to() -> None:
    assert {"day_max": 2000} == read_assignments(["day_max=2000"], "JPY").knobs
    with pytest.raises(PolicyInvalid, match="for 2000 JPY write 2000"):
        read_assignments(["day_max=2000 JPY"], "JPY")


def test_json_values_are_read_like_text() -> None:
    written = {
        "day_max": 5000,
        "frozen": True,
        "skus_denied": ["a", "b"],
        "quiet_hours": ["21:00-07:00"],
        "pin_over": None,
    }
    assert {
        "day_max": 5000,
        "frozen": True,
        "skus_denied": frozenset({"a", "b"}),
        "quiet_hours": ((1260, 420),),
        "pin_over": None,
    } == read_knobs(written, "USD")


def test_a_float_is_never_money() -> None:
    with pytest.raises(PolicyInvalid, match=r"for 20\.50 USD write 2050"):
        read_knobs({"day_max": 20.5}, "USD")


def test_an_empty_value_restores_the_default_and_none_lifts() -> None:
    layer = Layer("household", "h", {"day_max": 1, "week_max": 2}, version=4)
    changed = change_layer(layer, read_assignments(["day_max=", "week_max=none", "order_max=9"], "USD"))
    assert Layer("household", "h", {"week_max": None, "order_max": 9}, version=4) == changed


def _value_of(name: str) -> st.SearchStrategy[object]:
    knob = KNOBS[name]
    minutes = st.integers(0, 1439)
    spans = st.tuples(minutes, minutes).filter(lambda span: span[0] != span[1])
    kinds: dict[str, st.SearchStrategy[object]] = {
        "bool": st.booleans(),
        "minor": st.integers(0, 10**12),
        "seconds": st.integers(knob.least, 10**6),
        "count": st.integers(0, 10**4),
        "choice": st.sampled_from(knob.choices or ("",)),
        "set": st.frozensets(st.sampled_from(["Beer", "Wine", "Pet food"]), min_size=1),
        "hours": st.sets(spans, min_size=1, max_size=3).map(lambda each: tuple(sorted(each))),
    }
    return st.one_of(st.none(), kinds[knob.kind]) if knob.liftable else kinds[knob.kind]


layers_of_knobs = st.sets(st.sampled_from(sorted(KNOBS)), max_size=8).flatmap(
    lambda names: st.fixed_dictionaries({name: _value_of(name) for name in names})
)


@given(layers_of_knobs)
def test_what_is_shown_reads_back_as_what_was_set(knobs: dict[str, object]) -> None:
    written = [f"{name}={knob_value(name, value)}" for name, value in knobs.items()]
    assert knobs == read_assignments(written, "USD").knobs
    assert knobs == read_knobs({name: knob_json(value) for name, value in knobs.items()}, "USD")


@given(layers_of_knobs, layers_of_knobs, layers_of_knobs)
def test_limits_shown_are_the_limits_in_force(
    store: dict[str, object], household: dict[str, object], kid: dict[str, object]
) -> None:
    layers = (Layer("store", "", store), Layer("household", "h", household))
    inner = (Layer("profile", "kids", {name: value for name, value in kid.items() if not name.endswith("_max")}),)
    policy = effective_policy(*layers, inner, currency="USD", age_restricted_categories=RESTRICTED)
    shown = {each.name: each.value for each in limits_in_force(*layers, inner, age_restricted_categories=RESTRICTED)}
    for name in ("order_max", "pin_policy", "frozen", "order_gap_min_s", "lines_max", "categories_allowed"):
        assert getattr(policy, name) == shown[name]
    for name in ("categories_denied", "skus_denied"):
        assert getattr(policy, name) == (shown[name] or frozenset())
    assert policy.quiet_hours == (shown["quiet_hours"] or ())
    assert {cap.window: cap.amount_max for cap in policy.caps}.get("day") == shown["day_max"]


def test_each_limit_says_which_level_it_comes_from() -> None:
    limits = limits_in_force(
        Layer("store", "", {"day_max": 3000, "order_max": 9000, "categories_denied": frozenset({"Tobacco"})}),
        Layer("household", "h", {"order_max": 4000, "week_max": None}),
        (Layer("person", "kim", {"lines_max": 2}),),
        age_restricted_categories=RESTRICTED,
    )
    named = {each.name: each for each in limits}
    assert ("store",) == named["day_max"].sources
    assert (4000, ("household",)) == (named["order_max"].value, named["order_max"].sources)
    assert (None, ("household",)) == (named["week_max"].value, named["week_max"].sources)
    assert ("household (default)",) == named["month_max"].sources
    assert ("person kim",) == named["lines_max"].sources
    assert ("household (default)", "store") == named["categories_denied"].sources
    assert list(KNOBS) == [each.name for each in limits]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("day_max", 5000, "50.00 USD"),
        ("day_max", None, "none"),
        ("undo_window_s", 1800, "1800 s"),
        ("quiet_hours", ((1260, 420),), "21:00-07:00"),
        ("skus_denied", frozenset(), "none"),
        ("frozen", True, "true"),
    ],
)
def test_a_limit_is_shown_as_people_read_it(name: str, value: object, expected: str) -> None:
    assert expected == knob_text(name, value, "USD")


# --- the guide --------------------------------------------------------------------------------------------------------------


def test_the_guide_has_every_limit_with_its_default_and_no_other() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in guide.splitlines() if line.startswith("| `")
    ]
    told = {row[0].strip("`"): row[2] for row in rows}
    defaults = {name: knob_value(name, knob.default) for name, knob in KNOBS.items()}
    assert defaults | {"categories_denied": "the store's age-restricted ones"} == told


def test_a_choice_and_a_name_are_written_as_they_are() -> None:
    assert ["over", "Pet food,SKU-1", "5", "false"] == [
        knob_value(*each)
        for each in (
            ("pin_policy", "over"), ("skus_denied", frozenset({"SKU-1", "Pet food"})), ("lines_max", 5), ("frozen", False),
        )
    ]  # fmt: skip


def test_a_list_that_nobody_has_filled_comes_from_the_household() -> None:
    limits = limits_in_force(
        Layer("store", "", {"skus_denied": frozenset()}),
        Layer("household", "h", {}),
        age_restricted_categories=RESTRICTED,
    )
    named = {each.name: each for each in limits}
    assert ("household (default)",) == named["skus_denied"].sources
