"""Policies: layers as they were set, versioned, and every change with who made it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skill.errors import HouseholdUnknown, PolicyInvalid, VersionConflict
from skill.guard.policy import KNOBS, Layer
from skill.shop.households import HouseholdId
from tests.contracts.stores import HOME, Stores, at_once, household

KNOBS_SET = {
    "ordering_enabled": True,
    "order_max": 5000,
    "day_max": None,
    "skus_denied": frozenset({"b", "a"}),
    "categories_allowed": None,
    "categories_denied": frozenset(),
    "quiet_hours": ((1260, 420), (720, 780)),
    "pin_policy": "over",
}


@pytest.fixture(autouse=True)
def _home(stores: Stores) -> None:
    stores.households.create(household())


def set_layer(stores: Stores, layer: Layer) -> Layer:
    return stores.set_layer(layer)


def test_a_layer_never_set_has_no_knobs(stores: Stores) -> None:
    assert Layer("household", "home", {}, 0) == stores.policies.layer("household", "home")


def test_a_layer_comes_back_as_it_was_set(stores: Stores) -> None:
    written = set_layer(stores, Layer("household", "home", KNOBS_SET))

    assert Layer("household", "home", KNOBS_SET, 1) == written == stores.policies.layer("household", "home")
    assert {} == stores.policies.layer("household", "away").knobs
    assert {} == stores.policies.layer("person", "home").knobs


def _values(name: str) -> st.SearchStrategy[object]:
    knob = KNOBS[name]
    values: st.SearchStrategy[object] = {
        "bool": st.booleans(),
        "choice": st.sampled_from(knob.choices or ("",)),
        "set": st.frozensets(st.text(max_size=8), max_size=4),
        "hours": st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1439)), max_size=3).map(tuple),
    }.get(knob.kind, st.integers(0, 1000))
    return values | st.none() if knob.liftable else values


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_knob_comes_back_as_it_was_set(stores: Stores, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(KNOBS)), max_size=6))
    knobs = {name: data.draw(_values(name)) for name in sorted(names)}

    set_layer(stores, replace(stores.policies.layer("household", "home"), knobs=knobs))

    assert knobs == stores.policies.layer("household", "home").knobs


@pytest.mark.parametrize("version", [0, 2])
def test_a_layer_of_another_version_is_not_overwritten(stores: Stores, version: int) -> None:
    set_layer(stores, Layer("household", "home", {"order_max": 1}))

    with pytest.raises(VersionConflict):
        set_layer(stores, Layer("household", "home", {"order_max": 2}, version))

    assert Layer("household", "home", {"order_max": 1}, 1) == stores.policies.layer("household", "home")


def test_a_households_people_and_profiles_are_known_by_the_limits_that_were_set(stores: Stores) -> None:
    for neighbour in ("home-2", "homes", "home0"):
        stores.households.create(household(neighbour))
    for level, subject in (
        ("person", "home/voice/1"), ("profile", "home/child"), ("person", "home/Voice#2"), ("household", "home"),
        ("store", "corner"), ("person", "home-2/voice"), ("profile", "homes/teen"), ("person", "home0"),
    ):  # fmt: skip
        first = set_layer(stores, Layer(level, subject, {"order_max": 1}))
        set_layer(stores, replace(first, knobs={}))

    home = HouseholdId("home")
    assert (
        ("person", "home/Voice#2"), ("person", "home/voice/1"), ("profile", "home/child"),
    ) == stores.policies.subjects(home, 9)  # fmt: skip
    assert (("person", "home/Voice#2"),) == stores.policies.subjects(home, 1)
    assert () == stores.policies.subjects(HouseholdId("away"), 9)


@pytest.mark.parametrize(
    ("level", "subject"), [("household", "home"), ("person", "home/voice"), ("profile", "home/child")]
)
def test_nothing_is_set_for_a_household_that_was_deleted_or_never_was(stores: Stores, level: str, subject: str) -> None:
    stores.households.forget(HOME)
    before = stores.policies.layer(level, subject)

    with pytest.raises(HouseholdUnknown):
        set_layer(stores, replace(before, knobs={"order_max": 1}))
    with pytest.raises(HouseholdUnknown):
        set_layer(stores, Layer(level, subject.replace("home", "nowhere"), {"order_max": 1}))

    assert before == stores.policies.layer(level, subject)
    assert () == stores.policies.subjects(HOME, 9)
    assert [] == list(stores.ledger.audit(HOME, 9))


def test_of_two_adults_at_once_one_is_told_to_look_again(stores: Stores) -> None:
    results = at_once(6, lambda n: set_layer(stores, Layer("household", "home", {"order_max": n})))

    assert 5 == sum(isinstance(each, VersionConflict) for each in results)
    assert 1 == stores.policies.layer("household", "home").version


@pytest.mark.parametrize("knobs", [{"order_max": -1}, {"order_max": "50"}, {"no_such_knob": 1}, {"skus_denied": ["a"]}])
def test_a_layer_that_means_refuse_is_not_stored(stores: Stores, knobs: dict[str, object]) -> None:
    with pytest.raises(PolicyInvalid):
        set_layer(stores, Layer("household", "home", knobs))

    assert 0 == stores.policies.layer("household", "home").version
