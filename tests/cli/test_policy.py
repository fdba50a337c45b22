"""`sayso policy`: limits are set in minor units, checked, and say where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from skill.app import build_app
from skill.ports import AuditEntry
from skill.settings import Settings
from skill.shop.households import HouseholdId

Run = Callable[..., Any]
RunJson = Callable[..., Any]


@pytest.fixture
def household_id(run_json: RunJson) -> str:
    return str(run_json("household", "create")["household_id"])


def test_a_limit_is_set_restored_and_lifted(run_json: RunJson, household_id: str) -> None:
    of = ("--household", household_id)
    after = run_json("policy", "set", *of, "day_max=5000", "quiet_hours=22:00-06:00", "skus_denied=a,b")
    assert {
        "ordering_enabled": True,
        "day_max": 5000,
        "quiet_hours": ["22:00-06:00"],
        "skus_denied": ["a", "b"],
    } == after["knobs"]
    assert {"ordering_enabled": True, "day_max": None} == run_json(
        "policy", "set", *of, "day_max=none", "quiet_hours=", "skus_denied="
    )["knobs"]


def test_every_change_has_a_version_of_its_own(run_json: RunJson, household_id: str) -> None:
    versions = [
        run_json("policy", "set", "--household", household_id, f"day_max={amount}")["version"] for amount in (1, 2)
    ]
    assert versions[0] + 1 == versions[1]


def test_the_store_has_limits_of_its_own(run_json: RunJson, household_id: str) -> None:
    run_json("policy", "set", "order_max=1500")
    assert {"order_max": 1500} == run_json("policy", "show")["knobs"]
    effective = run_json("policy", "show", "--household", household_id, "--effective")
    assert {"value": 1500, "from": ["store"]} == effective["order_max"]
    assert {"value": 10000, "from": ["household (default)"]} == effective["day_max"]
    assert {"value": True, "from": ["household"]} == effective["ordering_enabled"]


def test_a_persons_limits_are_the_stricter(run_json: RunJson, household_id: str) -> None:
    of = ("--household", household_id, "--person", "kim")
    run_json("policy", "set", *of, "lines_max=2")
    assert {"value": 2, "from": [f"person {household_id}/kim"]} == run_json("policy", "show", *of, "--effective")[
        "lines_max"
    ]


def test_the_table_shows_money_and_where_each_limit_comes_from(run: Run, household_id: str) -> None:
    shown = run("policy", "show", "--household", household_id, "--effective").out
    assert "50.00 USD" in shown
    assert "household (default)" in shown


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("daymax=1", "daymax is no limit; did you mean day_max?"),
        ("day_max=20.00 USD", "day_max: '20.00 USD' is not in minor units of USD; for 20.00 USD write 2000"),
        ("day_max=-5", "day_max: -5 is below zero"),
        ("day_max", "write for instance day_max=5000"),
        ("quiet_hours=07:00-07:00", "07:00-07:00 begins when it ends; give two times"),
        ("order_gap_min_s=5m", "write 300"),
    ],
)
def test_a_wrong_limit_is_named_and_nothing_is_set(
    run: Run, run_json: RunJson, household_id: str, assignment: str, says: str
) -> None:
    before = run_json("policy", "show", "--household", household_id)
    result = run("policy", "set", "--household", household_id, "lines_max=3", assignment)
    assert 1 == result.code
    assert says in result.err
    assert before == run_json("policy", "show", "--household", household_id)


def test_an_unknown_household_has_no_limits_to_set(run: Run) -> None:
    result = run("policy", "set", "--household", "hh_none", "day_max=1")
    assert 1 == result.code
    assert "hh_none" in result.err


def test_a_category_that_the_catalogue_does_not_have_is_taken_with_a_note(run: Run, demo: str) -> None:
    result = run("policy", "set", "--household", demo, "categories_denied=Candyy,Pets")
    assert 0 == result.code
    assert "'Candyy'" in result.err
    assert "'Pets'" not in result.err


def test_every_change_is_in_the_audit_trail_with_who_and_why(run_json: RunJson, household_id: str, data: Path) -> None:
    run_json("policy", "set", "--household", household_id, "day_max=700", "--why", "holidays")
    (entry,) = newest(data, household_id, 1)
    assert ("policy_changed", "operator", {"day_max": [10000, 700]}, "USD") == (
        entry.kind, entry.facts["who"], entry.facts["changed"], entry.facts["currency"],
    )  # fmt: skip
    assert {"why": "holidays"} == entry.personal
    run_json("policy", "set", "--household", household_id, "day_max=", "week_max=none", "categories_denied=Candy")
    (entry,) = newest(data, household_id, 1)
    assert {"day_max": [700, 10000], "week_max": [20000, None]} == {
        name: entry.facts["changed"][name] for name in ("day_max", "week_max")
    }
    before, after = entry.facts["changed"]["categories_denied"]
    assert (["day_max"], sorted([*before, "Candy"])) == (entry.facts["restored"], after)
    assert {} == entry.personal


def test_whose_limit_was_changed_is_in_the_audit_trail_under_the_households_key(
    run: Run, run_json: RunJson, household_id: str, data: Path
) -> None:
    told = ("policy", "set", "--household", household_id)
    run_json(*told, "--person", "kims-voice", "order_max=700")
    run_json(*told, "--person", "kims-voice", "order_max=300")
    run_json(*told, "--profile", "child", "lines_max=2", "order_max=none")
    run_json("policy", "assign", household_id, "kims-voice", "child")
    run_json("policy", "assign", household_id, "kims-voice", "none")
    entries = newest(data, household_id, 5)[::-1]
    assert [
        ("person", {"order_max": [None, 700]}, {"person": "kims-voice"}),
        ("person", {"order_max": [700, 300]}, {"person": "kims-voice"}),
        ("profile", {"lines_max": [None, 2], "order_max": [None, None]}, {"profile": "child"}),
        ("person", None, {"person": "kims-voice", "changed": {"profile": ["none", "child"]}}),
        ("person", None, {"person": "kims-voice", "changed": {"profile": ["child", "none"]}}),
    ] == [(each.facts["level"], each.facts.get("changed"), each.personal) for each in entries]
    assert all("kims-voice" not in str(each.facts) for each in entries)
    shown = run("audit", "show", "--household", household_id).out.splitlines()[-5:]
    assert [
        "limits of the voice kims-voice were changed by operator: limit of one order: no limit → 7.00 USD",
        "limits of the voice kims-voice were changed by operator: limit of one order: 7.00 USD → 3.00 USD",
        "limits of the profile child were changed by operator: different products in an order: no limit → 2; "
        "limit of one order: no limit → no limit",
        "limits of the voice kims-voice were changed by operator: age profile: none → child",
        "limits of the voice kims-voice were changed by operator: age profile: child → none",
    ] == [line.partition("  ")[2] for line in shown]
    assert {"chains": 1, "findings": {}} == run_json("audit", "verify", "--household", household_id)


def newest(data: Path, household_id: str, limit: int) -> Sequence[AuditEntry]:
    app = build_app(Settings(data_dir=data, keys_dir=data / "keys"))
    try:
        return app.ports.ledger.last_audit(HouseholdId(household_id), limit)
    finally:
        app.close()


def test_a_person_in_a_profile_has_the_profiles_limits_and_the_household_its_own(
    run: Run, run_json: RunJson, demo: str
) -> None:
    run_json("policy", "set", "--household", demo, "--profile", "child", "order_max=500")
    run_json("policy", "assign", demo, "kim", "child")
    shown = run_json("policy", "show", "--household", demo, "--person", "kim", "--effective")
    assert (500, 5000) == (
        shown["order_max"]["value"],
        run_json("policy", "show", "--household", demo, "--effective")["order_max"]["value"],
    )
    ordering = "find bananas\nadd two of the first one\ncheck out\n"
    assert "limit of $5.00" in run("chat", "--speaker", "kim", stdin=ordering).out
    assert "limit of $5.00" not in run("chat", stdin=ordering).out
    run_json("policy", "assign", demo, "kim", "none")
    assert (
        5000 == run_json("policy", "show", "--household", demo, "--person", "kim", "--effective")["order_max"]["value"]
    )
    assert 2 == run("policy", "show", "--profile", "child").code


def test_an_unknown_profile_is_refused_with_those_there_are(run: Run, run_json: RunJson, demo: str) -> None:
    run_json("policy", "set", "--household", demo, "--profile", "grandpa", "order_max=500")
    run_json("policy", "set", "--household", demo, "--person", "kim", "order_max=500")
    for unknown in ("chlid", "Child", "A Child!"):
        refused = run("policy", "assign", demo, "kim", unknown)
        assert 1 == refused.code
        assert f"{unknown!r} is no profile of {demo}; there are child, grandpa, teen" in refused.err
        assert "`none`" in refused.err
    shown = run_json("policy", "show", "--household", demo, "--person", "kim")
    assert (1, {"order_max": 500}) == (shown["version"], shown["knobs"])
    for known in ("grandpa", "teen", "child", "none"):
        run_json("policy", "assign", demo, "kim", known)


def test_a_profile_is_not_made_under_a_name_that_nobody_could_be_put_into(
    run: Run, run_json: RunJson, demo: str
) -> None:
    for name in ("A Child!", "none", "Kim/Lee"):
        refused = run("policy", "set", "--household", demo, "--profile", name, "order_max=500")
        assert 1 == refused.code
        assert "small letters, digits and dashes" in refused.err
    assert "child, teen;" in run("policy", "assign", demo, "kim", "kids").err


def test_no_limit_is_set_for_a_household_that_was_deleted(run: Run, household_id: str) -> None:
    run("household", "delete", household_id, "--yes")

    for said in (
        ("set", "--household", household_id, "day_max=1"),
        ("set", "--household", household_id, "--person", "kim", "day_max=1"),
        ("assign", household_id, "kim", "child"),
    ):
        refused = run("policy", *said)
        assert (1, "") == (refused.code, refused.out)
        assert f"there is no household {household_id!r}" in refused.err
    assert "nothing set" in run("policy", "show", "--household", household_id).out
