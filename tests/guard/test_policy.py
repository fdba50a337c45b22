"""Knobs, how they merge, and what a layer may hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.errors import PolicyInvalid
from skill.guard.policy import (
    COUNT_MAX,
    KNOBS,
    LEVELS,
    SECONDS_MAX,
    UNMERGED,
    WINDOW_KNOBS,
    Layer,
    Policy,
    WindowCap,
    check_layer,
    describe_kind,
    effective_policy,
    household_defaults,
    household_of,
    is_tighter,
)
from tests.guard.cases import AGE_RESTRICTED, CHOICES, knob_values, layers

NO_STORE, NO_HOUSEHOLD = Layer("store", "corner", {}), Layer("household", "h", {})


def merged(*inner: Layer, store: Layer = NO_STORE, household: Layer = NO_HOUSEHOLD) -> Policy:
    return effective_policy(store, household, inner, currency="USD", age_restricted_categories=AGE_RESTRICTED)


# --- one knob -----------------------------------------------------------------------------------------------------------

#: (knob, lax, strict): merging the two gives the strict one.
STRICTER: list[tuple[str, Any, Any]] = [
    ("ordering_enabled", True, False),
    ("frozen", False, True),
    ("pin_policy", "never", "over"),
    ("pin_policy", "over", "always"),
    ("pin_policy", "never", "always"),
    ("no_pin_confirm", "yes", "spoken_number"),
    ("unrecognised_speaker", "allow", "pin"),
    ("unrecognised_speaker", "pin", "adult"),
    ("unrecognised_speaker", "adult", "refuse"),
    ("unrecognised_speaker", "allow", "refuse"),
    ("quiet_hours", ((1260, 420),), ((720, 780), (1260, 420))),
    ("categories_denied", frozenset({"Beer"}), frozenset({"Beer", "Wine"})),
    ("skus_denied", frozenset(), frozenset({"ale"})),
    ("categories_allowed", frozenset({"Beer", "Milk"}), frozenset({"Milk"})),
    *(
        (name, 200, 100)
        for name in (
            "order_max", "day_max", "week_max", "month_max", "year_max", "total_max", "orders_per_day_max", "pin_over",
            "no_pin_order_max", "no_pin_total_max", "adult_approval_over", "quantity_per_line_max", "lines_max",
            "quote_ttl_s", "reservation_ttl_s", "approval_ttl_s", "undo_window_s", "approvals_open_max",
        )
    ),
    ("order_gap_min_s", 100, 200),
    ("duplicate_window_s", 100, 200),
]  # fmt: skip


def test_every_knob_has_a_stricter_side() -> None:
    assert set(KNOBS) == {name for name, _, _ in STRICTER}


@pytest.mark.parametrize(("name", "lax", "strict"), STRICTER)
def test_merging_takes_the_stricter_of_two(name: str, lax: Any, strict: Any) -> None:
    assert strict == KNOBS[name].merge(lax, strict) == KNOBS[name].merge(strict, lax)
    assert is_tighter(name, lax, strict)
    assert not is_tighter(name, strict, lax)


@pytest.mark.parametrize(("name", "lax", "strict"), STRICTER)
def test_none_is_no_constraint(name: str, lax: Any, strict: Any) -> None:
    assert strict == KNOBS[name].merge(None, strict) == KNOBS[name].merge(strict, None)
    assert KNOBS[name].merge(None, None) is None
    assert is_tighter(name, None, strict)
    assert not is_tighter(name, strict, None)


def test_what_neither_list_contains_alone_is_denied_by_both_and_allowed_by_none() -> None:
    some, others = frozenset({"Beer", "Milk"}), frozenset({"Milk", "Wine"})
    assert frozenset({"Beer", "Milk", "Wine"}) == KNOBS["categories_denied"].merge(some, others)
    assert frozenset({"Milk"}) == KNOBS["categories_allowed"].merge(some, others)
    assert ((1, 2), (3, 4)) == KNOBS["quiet_hours"].merge(((3, 4),), ((1, 2),))


def test_the_same_value_is_as_strict_as_it_was() -> None:
    assert is_tighter("order_max", 100, 100)


@st.composite
def three_values(draw: st.DrawFn) -> tuple[Callable[[Any, Any], Any], Any, Any, Any]:
    name = draw(st.sampled_from(sorted(KNOBS)))
    return KNOBS[name].merge, *(draw(knob_values(name) | st.none()) for _ in range(3))  # type: ignore[return-value]


@given(three_values())
def test_merging_a_knob_is_commutative_associative_and_idempotent(case: Any) -> None:
    merge, a, b, c = case
    assert merge(a, b) == merge(b, a)
    assert merge(a, merge(b, c)) == merge(merge(a, b), c)
    assert merge(a, a) == a


@given(three_values())
def test_merging_in_a_third_value_never_loosens(case: Any) -> None:
    merge, a, b, _ = case
    both = merge(a, b)
    assert merge(both, a) == both == merge(both, b)


# --- layers -------------------------------------------------------------------------------------------------------------


def test_a_household_that_has_set_nothing_has_the_defaults_of_the_table() -> None:
    policy = merged()
    assert {
        "currency": "USD", "version": "s0.h0", "ordering_enabled": False, "frozen": False, "order_max": 5000,
        "order_gap_min_s": 60, "pin_policy": "always", "pin_over": 0, "no_pin_order_max": 2000, "no_pin_total_max": 5000,
        "no_pin_confirm": "spoken_number", "adult_approval_over": 3000, "unrecognised_speaker": "pin",
        "quantity_per_line_max": 10, "lines_max": 10, "categories_denied": AGE_RESTRICTED, "categories_allowed": None,
        "skus_denied": frozenset(), "quiet_hours": ((21 * 60, 7 * 60),), "duplicate_window_s": 600, "quote_ttl_s": 120,
        "reservation_ttl_s": 900, "approval_ttl_s": 86400, "undo_window_s": 1800, "approvals_open_max": 3,
        "caps": (
            WindowCap("household", "day", 10000, 5), WindowCap("household", "week", 20000, None),
            WindowCap("household", "month", 50000, None),
        ),
    } == {name: getattr(policy, name) for name in Policy.__slots__}  # fmt: skip


def test_what_a_household_lifts_is_no_constraint() -> None:
    lifted = {name: None for name, knob in KNOBS.items() if knob.liftable}
    policy = merged(household=replace(NO_HOUSEHOLD, knobs=lifted))
    assert () == policy.caps == policy.quiet_hours
    assert frozenset() == policy.categories_denied == policy.skus_denied
    assert {None} == {
        policy.order_max, policy.order_gap_min_s, policy.pin_over, policy.no_pin_order_max, policy.no_pin_total_max,
        policy.adult_approval_over, policy.quantity_per_line_max, policy.lines_max, policy.categories_allowed,
        policy.duplicate_window_s, policy.approvals_open_max,
    }  # fmt: skip


def test_the_store_constrains_what_a_household_has_lifted_and_nothing_that_it_has_not_set() -> None:
    lifted = replace(NO_HOUSEHOLD, knobs={"order_max": None, "day_max": None})
    policy = merged(store=replace(NO_STORE, knobs={"order_max": 700, "day_max": 900}), household=lifted)
    assert 700 == policy.order_max
    assert WindowCap("household", "day", 900, 5) == policy.caps[0]
    assert 20000 == policy.caps[1].amount_max


@pytest.mark.parametrize(("name", "lax", "strict"), STRICTER)
def test_the_stricter_of_store_and_household_holds(name: str, lax: Any, strict: Any) -> None:
    one = merged(store=Layer("store", "", {name: lax}), household=Layer("household", "", {name: strict}))
    other = merged(store=Layer("store", "", {name: strict}), household=Layer("household", "", {name: lax}))
    assert one == other
    held = one.caps if name in (*WINDOW_KNOBS.values(), "orders_per_day_max") else getattr(one, name)
    assert strict == held or any(strict in (cap.amount_max, cap.orders_max) for cap in one.caps)


def test_the_age_restricted_goods_are_denied_until_the_household_says_otherwise() -> None:
    assert AGE_RESTRICTED == merged().categories_denied
    assert frozenset() == merged(household=replace(NO_HOUSEHOLD, knobs={"categories_denied": None})).categories_denied
    denied_by_store = replace(NO_STORE, knobs={"categories_denied": frozenset({"Knives"})})
    assert AGE_RESTRICTED | {"Knives"} == merged(store=denied_by_store).categories_denied


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        (frozenset({"Candy"}), AGE_RESTRICTED | {"Candy"}),
        (frozenset(), AGE_RESTRICTED),
        (frozenset({"none", "Candy"}), {"Candy"}),
        (frozenset({"None"}), set()),
        (None, set()),
    ],
)
def test_a_list_of_categories_adds_to_the_age_restricted_ones_and_none_lifts_those(denied: Any, expected: Any) -> None:
    household = replace(NO_HOUSEHOLD, knobs={"categories_denied": denied})
    assert expected == merged(household=household).categories_denied


@pytest.mark.parametrize("level", ["person", "profile"])
def test_a_persons_windows_stay_apart_from_the_households(level: str) -> None:
    knobs = {
        "day_max": 100,
        "week_max": 200,
        "month_max": 300,
        "year_max": 400,
        "total_max": 500,
        "orders_per_day_max": 1,
    }
    policy = merged(Layer(level, "h/kim", knobs))
    assert merged().caps == policy.caps[:3]
    own = f"{level}:h/kim"
    assert (
        WindowCap(own, "day", 100, 1),
        WindowCap(own, "week", 200),
        WindowCap(own, "month", 300),
        WindowCap(own, "year", 400),
        WindowCap(own, "ever", 500),
    ) == policy.caps[3:]


def test_a_person_without_windows_of_their_own_has_no_caps_of_their_own() -> None:
    policy = merged(Layer("person", "h/kim", {"order_max": 100, "day_max": None}))
    assert merged().caps == policy.caps
    assert 100 == policy.order_max


def test_a_count_of_orders_alone_is_a_cap_too() -> None:
    assert (
        WindowCap("person:h/kim", "day", None, 1)
        == merged(Layer("person", "h/kim", {"orders_per_day_max": 1})).caps[-1]
    )


def test_a_persons_other_limits_tighten_the_households() -> None:
    kim = Layer("person", "h/kim", {"order_max": 100, "pin_policy": "never", "frozen": True})
    policy = merged(kim)
    assert (100, "always", True) == (policy.order_max, policy.pin_policy, policy.frozen)


def test_the_version_names_every_layer_that_went_in() -> None:
    assert (
        "s3.h4.p6.p5"
        == merged(
            Layer("profile", "h/child", {}, 5),
            Layer("person", "h/kim", {}, 6),
            store=Layer("store", "corner", {}, 3),
            household=Layer("household", "h", {}, 4),
        ).version
    )


@given(st.lists(st.sampled_from(LEVELS[2:]).flatmap(lambda level: layers(level, "h/x")), max_size=3), layers("store"))
def test_inner_layers_may_come_in_any_order(inner: list[Layer], store: Layer) -> None:
    inner = [replace(layer, subject=f"h/{position}") for position, layer in enumerate(inner)]
    policies = [merged(*order, store=store) for order in permutations(inner)]
    assert [policies[0]] * len(policies) == policies


@given(st.lists(layers("store"), min_size=1, max_size=4))
def test_whole_layers_merge_in_any_order(parts: list[Layer]) -> None:
    """Merging is by knobs, so the store's, the household's and anybody's knobs give the same in whatever order they come."""

    def both(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
        names = {*left, *right}
        return {name: KNOBS[name].merge(left.get(name), right.get(name)) for name in names}

    results = [reduce(both, (dict(layer.knobs) for layer in order), {}) for order in permutations(parts)]
    assert [results[0]] * len(results) == results


# --- what a layer may hold ----------------------------------------------------------------------------------------------


@given(layers("household"))
def test_every_value_of_the_right_kind_is_taken(layer: Layer) -> None:
    check_layer(layer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order_max", -1), ("order_max", 10**12 + 1), ("order_max", 10.5), ("order_max", "5000"), ("order_max", True),
        ("order_gap_min_s", SECONDS_MAX + 1), ("order_gap_min_s", -1), ("quote_ttl_s", None),
        ("lines_max", COUNT_MAX + 1), ("lines_max", 2.0),
        ("ordering_enabled", 1), ("ordering_enabled", "true"), ("ordering_enabled", None), ("frozen", None), ("frozen", 0),
        ("pin_policy", "sometimes"), ("pin_policy", None), ("pin_policy", 1), ("no_pin_confirm", "never"),
        ("no_pin_confirm", None), ("unrecognised_speaker", "always"), ("unrecognised_speaker", None),
        ("reservation_ttl_s", None), ("approval_ttl_s", None), ("undo_window_s", None),
        ("skus_denied", "milk"), ("skus_denied", {"milk"}), ("skus_denied", ["milk"]), ("skus_denied", frozenset({1})),
        ("categories_denied", frozenset({None})),
        ("quiet_hours", [(1, 2)]), ("quiet_hours", ((1,),)), ("quiet_hours", ((1, 2, 3),)), ("quiet_hours", (5,)),
        ("quiet_hours", ([1, 2],)), ("quiet_hours", ((0, 1440),)), ("quiet_hours", ((-1, 5),)),
        ("quiet_hours", ((0.5, 5),)), ("quiet_hours", ((True, 5),)), ("quiet_hours", ("21:00-07:00",)),
        ("ordermax", 1), ("caps", ()), ("version", 1),
        ("currency", 5), ("time_zone", None), ("profile", ["child"]),
    ],
)  # fmt: skip
def test_a_damaged_layer_is_refused_and_the_knob_named(name: str, value: Any) -> None:
    layer = Layer("household", "h", {"day_max": 5, name: value})
    with pytest.raises(PolicyInvalid, match=f"household policy: {name} = ") as refused:
        check_layer(layer)
    assert name == refused.value.facts["knob"]
    assert ("a name" if name in UNMERGED else describe_kind(name)) == refused.value.facts["remedy"]
    for store, household, inner in (
        (layer, NO_HOUSEHOLD, ()),
        (NO_STORE, layer, ()),
        (NO_STORE, NO_HOUSEHOLD, (layer,)),
    ):
        with pytest.raises(PolicyInvalid):
            merged(*inner, store=store, household=household)


def test_a_limit_that_follows_a_name_is_checked_too() -> None:
    with pytest.raises(PolicyInvalid, match="order_max"):
        check_layer(Layer("person", "h/p", {"profile": "child", "order_max": -1}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order_max", 0), ("order_max", 10**12), ("order_gap_min_s", SECONDS_MAX), ("lines_max", COUNT_MAX),
        ("quiet_hours", ()), ("quiet_hours", ((0, 1439), (1439, 0))), ("currency", "USD"), ("time_zone", "Europe/Paris"),
        ("profile", "child"),
    ],
)  # fmt: skip
def test_what_is_just_possible_is_taken(name: str, value: Any) -> None:
    check_layer(Layer("person", "h/kim", {name: value}))


def test_limits_in_another_currency_are_no_limits_of_this_store() -> None:
    with pytest.raises(PolicyInvalid, match="the household's policy is in EUR, the store sells in USD") as refused:
        merged(household=replace(NO_HOUSEHOLD, knobs={"currency": "EUR"}))
    assert {"knob": "currency", "remedy": "USD"} == refused.value.facts
    assert merged() == merged(household=replace(NO_HOUSEHOLD, knobs={"currency": "USD"}))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("frozen", "true or false"),
        ("order_max", "a whole number of minor units (cents), 0 or more, or none for no limit"),
        ("quote_ttl_s", "a whole number of seconds, 30 or more"),
        ("undo_window_s", "a whole number of seconds, 0 or more"),
        ("lines_max", "a whole number, 0 or more, or none for no limit"),
        ("pin_policy", "never or over or always"),
        ("skus_denied", "a list of names, or none for no limit"),
        ("quiet_hours", "local times such as 21:00-07:00, or none for no limit"),
    ],
)
def test_what_would_be_right_is_said(name: str, says: str) -> None:
    assert says == describe_kind(name)


def test_for_an_unknown_knob_all_knobs_are_named() -> None:
    assert f"one of {', '.join(sorted(KNOBS))}" == describe_kind("ordermax")


def test_choices_go_from_lax_to_strict() -> None:
    assert CHOICES == {name: knob.choices for name, knob in KNOBS.items() if knob.kind == "choice"}
    assert ("never", "over", "always") == CHOICES["pin_policy"]
    assert ("yes", "spoken_number") == CHOICES["no_pin_confirm"]
    assert ("allow", "pin", "adult", "refuse") == CHOICES["unrecognised_speaker"]


def test_currency_zone_and_profile_belong_to_one_level_only() -> None:
    assert ("currency", "time_zone", "profile") == UNMERGED
    assert set() == set(UNMERGED) & set(household_defaults(AGE_RESTRICTED))


@pytest.mark.parametrize("subject", ["home", "home/child", "home/amzn1.ask.person.A/B"])
def test_a_subject_belongs_to_the_household_that_it_begins_with(subject: str) -> None:
    assert "home" == household_of(subject)
