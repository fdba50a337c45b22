"""Every kind of entry and every reason of the guard has words, for the command and for the page."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from skill.console import story
from skill.console.story import is_stop, name_limits, tell, tell_decider, tell_entry, tell_reason
from skill.guard.policy import KNOBS
from skill.ports import AuditEntry
from skill.shop.households import HouseholdId
from tests.contracts.stores import NOON

SKILL = Path(__file__).parents[2] / "skill"


def entry(kind: str, **facts: object) -> AuditEntry:
    return AuditEntry(HouseholdId("home"), 1, kind, NOON, None, facts, None, "seal")


def money(amount: object) -> str:
    return f"${amount}"


def guards_reasons() -> set[str]:
    """The first part of each `("reason", {...})` in the decision's source."""
    tree = ast.parse((SKILL / "guard" / "decision.py").read_text("utf-8"))
    return {
        node.elts[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple)
        and len(node.elts) == 2
        and isinstance(node.elts[0], ast.Constant)
        and isinstance(node.elts[0].value, str)
        and isinstance(node.elts[1], ast.Dict)
    }


def test_every_reason_of_the_guard_has_words() -> None:
    reasons = guards_reasons() | {f"{window}_max" for window in ("day", "week", "month", "year", "ever", "no_code")}
    assert len(reasons) > 25
    assert set() == reasons - story._REASONS.keys()


def test_every_limit_has_a_name() -> None:
    told = {"quote_ttl_s", "reservation_ttl_s", "approval_ttl_s", "approvals_open_max"}  # no parent's business
    assert set() == KNOBS.keys() - story._KNOBS.keys() - told


def test_every_kind_of_entry_that_is_written_has_words() -> None:
    makers = {"AuditDraft", "_draft", "_audited", "decision_draft", "note_account"}
    written = set()
    for path in SKILL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
                written |= {each.value for each in node.args[1:3] if isinstance(each, ast.Constant)}
    written = {each for each in written if isinstance(each, str) and each}
    assert len(written) > 15
    assert set() == written - story._STORY.keys()


@pytest.mark.parametrize("kind", sorted(story._STORY))
def test_every_entry_is_told_without_its_figures_too(kind: str) -> None:
    for told in (tell_entry(entry(kind)), tell(entry(kind), money, {}).title):
        assert told
        assert "{" not in told


def test_a_reason_tells_its_figures() -> None:
    data = {"cap_minor": 5000, "left_minor": 120}
    assert "over 50.00 USD for a day, of which 1.20 USD were left" == tell_reason("day_max", data, "USD")
    assert "more than 3 of Milk" == tell_reason("quantity", {"title": "Milk", "quantity_max": 3}, "USD")


def test_a_reason_that_was_recorded_without_figures_is_told_by_its_limit() -> None:
    assert "limit of a day" == tell_reason("day_max", {}, "USD")


def test_a_reason_of_a_newer_kind_is_told_by_its_name() -> None:
    assert "moon phase" == tell_reason("moon_phase", {}, "USD")


def test_a_refusal_tells_what_refuses_and_not_what_would_have_been_asked_next() -> None:
    reasons = [["order_max", {"cap_minor": 500}], ["adult_approval_over", {"cap_minor": 300}], ["pin_policy", {}]]
    refused = entry("decided", decision="Refuse", reasons=reasons, quote={"currency": "USD", "lines": []})
    assert ("over $5.00 USD for one order",) == tell(refused, money, {}).why
    asked = entry("decided", decision="NeedCode", reasons=[["pin_policy", {}]], quote={"currency": "USD", "lines": []})
    assert ("the code is asked for",) == tell(asked, money, {}).why
    assert (True, False) == (is_stop(refused), is_stop(asked))


def test_who_did_it_is_told_by_name() -> None:
    assert "you" == tell(entry("policy_changed", who="acc_1"), money, {"acc_1": "you"}).who
    assert "somebody who cannot sign in any more" == tell(entry("policy_changed", who="acc_1"), money, {}).who
    assert "Kim, on the household’s pages" == tell_decider("acc_1", {"acc_1": "Kim"})
    assert "somebody who cannot sign in any more, on the household’s pages" == tell_decider("acc_1", {"acc_1": "acc_1"})
    assert "the store" == tell(entry("code_set", who="operator"), money, {}).who


def test_a_changed_limit_tells_its_value_before_and_after() -> None:
    changed = {
        "day_max": [1000, None], "order_max": [5000, 2000], "lines_max": [None, 3], "frozen": [False, True],
        "pin_policy": ["always", "over"], "skus_denied": [[], ["b", "a"]], "order_gap_min_s": [60, 0],
        "categories_allowed": [["Candy"], None],
    }  # fmt: skip
    facts = {"level": "household", "currency": "USD", "changed": changed, "restored": ["order_max"]}
    told = tell(entry("policy_changed", **facts), money, {})
    assert "Limits were changed" == told.title
    assert (
        "limit of a day: $10.00 USD → no limit",
        "limit of one order: $50.00 USD → $20.00 USD, the default",
        "different products in an order: no limit → 3",
        "freeze everything: no → yes",
        "when the code is asked for: always → over",
        "products that are not allowed: none → b, a",
        "time between two orders: 60 s → 0 s",
        "categories that are allowed: Candy → none",
    ) == told.why


@pytest.mark.parametrize(
    ("level", "personal", "command", "page"),
    [
        ("store", {}, "limits were", "Limits were changed"),
        ("household", {}, "limits of the household were", "Limits were changed"),
        ("profile", {"profile": "child"}, "limits of the profile child were", "Limits of the profile child were changed"),
        ("profile", None, "limits of a profile were", "Limits of a profile were changed"),
        ("person", {"person": "amzn1.ask.person.ABCDEFGH"}, "limits of the voice amzn1.ask.person.ABCDEFGH were",
         "Limits of the voice …CDEFGH were changed"),
        ("person", {"person": "kim"}, "limits of the voice kim were", "Limits of the voice kim were changed"),
        ("person", None, "limits of a voice were", "Limits of a voice were changed"),
    ],
)  # fmt: skip
def test_whose_limits_were_changed_is_told_unless_it_is_forgotten(
    level: str, personal: dict[str, str] | None, command: str, page: str
) -> None:
    changed = replace(entry("policy_changed", who="operator", level=level), personal=personal)
    assert f"{command} changed by operator" == tell_entry(changed)
    assert page == tell(changed, money, {}).title


def test_a_change_that_was_recorded_without_its_old_values_is_told_as_far_as_it_is_known() -> None:
    """As entries were until 2026-11-28; their seals are over what they hold."""
    old = entry("policy_changed", who="operator", why="holidays", level="household", version=2,
                set={"order_max": 100, "lines_max": 3}, restored=["day_max"])  # fmt: skip
    assert (
        "limits of the household were changed by operator: limit of one order; different products in an order: 3; "
        "limit of a day: the default (holidays)"
    ) == tell_entry(old)
    assert ("limit of one order", "different products in an order: 3", "limit of a day: the default") == (
        tell(old, money, {}).why
    )
    of_store = entry("policy_changed", who="operator", level="store", set={}, restored=["day_max"])
    assert "limits were changed by operator: limit of a day: no longer set" == tell_entry(of_store)
    assigned = entry("policy_changed", who="operator", why="profile assigned", version=1)
    assigned = replace(assigned, personal={"person": "kim", "profile": "child"})
    assert "limits of the voice kim were changed by operator: age profile: child (profile assigned)" == (
        tell_entry(assigned)
    )
    assert "the limit order_max was made tighter by voice" == tell_entry(entry("limit_tightened", knob="order_max"))


def test_a_limit_that_was_tightened_by_voice_tells_its_value_before_and_after() -> None:
    said = entry("limit_tightened", knob="order_max", currency="USD", changed={"order_max": [5000, 2000]})
    assert "the limit order_max was made tighter by voice: 50.00 USD → 20.00 USD" == tell_entry(said)
    told = tell(said, money, {})
    assert ("By voice: limit of one order was made tighter", ("$50.00 USD → $20.00 USD",)) == (told.title, told.why)


def test_limits_behind_reasons_are_named_once() -> None:
    assert "limit of one order, products that are not allowed" == name_limits(
        ("order_max", "sku_denied", "order_max", "pin_policies", "frozen_soon")
    )
