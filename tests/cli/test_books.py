"""The operators' commands over the books: audit, ledger, outbox, sweep, approvals, what-if, and forgetting a household."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
RunJson = Callable[..., Any]

ORDERING = "find bananas\nadd two of the first one\ncheck out\n4271\n"


@pytest.fixture
def ordered(run: Run, demo: str) -> str:
    assert "Done" in run("chat", stdin=ORDERING).out
    return demo


def tamper(data: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(data / "sayso.db") as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def test_a_whole_trail_verifies(run_json: RunJson, ordered: str) -> None:
    assert {"chains": 1, "findings": {}} == run_json("audit", "verify")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET facts = replace(facts, 'NeedCode', 'Confirm') WHERE kind = 'decided'", "changed"),
        ("DELETE FROM audit WHERE kind = 'reserved'", "missing"),
        ("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)", "cut_off"),
        ("DELETE FROM audit", "cut_off"),
    ],
)
def test_a_trail_that_was_tampered_with_is_found(
    run: Run, ordered: str, data: Path, statement: str, fault: str
) -> None:
    tamper(data, statement)
    outcome = run("audit", "verify", "--json")
    assert 1 == outcome.code
    assert fault in {each["fault"] for each in outcome.json["findings"][ordered]}


def test_an_orders_story_is_told_in_plain_words(run: Run, run_json: RunJson, ordered: str) -> None:
    (order,) = run_json("orders", "list")
    told = run("audit", "show", "--order", order["order_id"]).out.splitlines()
    assert ["was quoted", "was reserved, agreed to by code", "the payment was approved"] == [
        next(
            part
            for part in ("was quoted", "was reserved, agreed to by code", "the payment was approved")
            if part in line
        )
        for line in told
    ]
    assert "5.37 USD" in told[0]
    entries = run_json("audit", "show", "--order", order["order_id"])
    assert "12 Orchard Lane, Springfield" == entries[0]["personal"]["address"]


def test_a_household_without_faults_has_no_drift_and_a_changed_counter_is_named(
    run: Run, run_json: RunJson, ordered: str, data: Path
) -> None:
    assert [] == run_json("ledger", "check")["drifts"]
    tamper(data, "UPDATE windows SET amount_minor = amount_minor - 1 WHERE window = 'day'")
    outcome = run("ledger", "check", "--json")
    assert 1 == outcome.code
    (drift,) = outcome.json["drifts"]
    assert ("day", 536, 537) == (drift["window"], drift["held"]["amount"], drift["counted"]["amount"])


def test_the_outbox_shows_the_order_and_retries_only_what_waits(run: Run, run_json: RunJson, ordered: str) -> None:
    (event,) = run_json("outbox", "show")
    assert ("order.placed", "pending", 0) == (event["kind"], event["state"], event["attempts"])
    assert [] == run_json("outbox", "show", "--state", "dead")
    assert 0 == run("outbox", "retry", event["event_id"]).code
    for unknown in ("nothing.1", "e1"):
        refused = run("outbox", "retry", unknown)
        told = f"Error: there is no event {unknown}; `sayso outbox show` lists the ones there are\n"
        assert (1, told) == (refused.code, refused.err)


def test_a_sweep_with_nothing_to_do_says_so(run_json: RunJson, ordered: str) -> None:
    swept = run_json("sweep")
    assert (0, 0, 0, 0) == (swept["committed"], swept["voided"], swept["left_unknown"], swept["refunded"])


def test_what_if_tells_what_another_limit_would_have_done(run: Run, run_json: RunJson, ordered: str) -> None:
    same = run_json("policy", "what-if", "order_max=600")
    assert [("code", "code", 1)] == [(each["before"], each["after"], each["orders"]) for each in same["moves"]]
    (move,) = run_json("policy", "what-if", "order_max=500")["moves"]
    assert ("code", "refused", {"amount": 537, "currency": "USD"}) == (move["before"], move["after"], move["total"])
    (move,) = run_json("policy", "what-if", "--household", ordered, "adult_approval_over=500")["moves"]
    assert "adult" == move["after"]
    assert 5000 == run_json("policy", "show", "--household", ordered, "--effective")["order_max"]["value"]
    assert 1 == run("policy", "what-if", "order_maxx=1").code


@pytest.mark.parametrize(("command", "state"), [("approve", "approved"), ("refuse", "refused")])
def test_an_approval_that_is_listed_is_decided_by_its_id(
    run: Run, run_json: RunJson, demo: str, command: str, state: str
) -> None:
    run("policy", "set", "--household", demo, "adult_approval_over=100")
    run("chat", stdin="find bananas\nadd two of the first one\ncheck out\n")
    (waiting,) = run_json("approvals", "list", demo)
    unknown = run("approvals", command, "nope")
    assert (1, "") == (unknown.code, unknown.out)
    assert "`sayso approvals list HOUSEHOLD` shows the ones there are" in unknown.err
    assert state == run_json("approvals", command, waiting["approval_id"])["state"]


def test_an_adult_approves_once_by_the_link_in_the_notice(run: Run, run_json: RunJson, demo: str, data: Path) -> None:
    run("policy", "set", "--household", demo, "adult_approval_over=100")
    assert "asked for approval" in run("chat", stdin="find bananas\nadd two of the first one\ncheck out\n").out
    (waiting,) = run_json("approvals", "list", demo)
    assert ("open", None) == (waiting["state"], waiting["order_id"])
    (notice,) = (line for line in (data / "notices.jsonl").read_text().splitlines() if "approval_asked" in line)
    import json

    token = json.loads(notice)["values"]["token"]
    assert "there is no such approval" in run("approvals", "approve", token[:-1] + "x").err
    assert "committed" == run_json("approvals", "approve", token)["outcome"]
    assert "was approved before" in run("approvals", "refuse", token).err
    (decided,) = run_json("approvals", "list", demo)
    assert "operator" == decided["decided_by"]
    assert decided["asked_at"] <= decided["decided_at"]
    (order,) = run_json("orders", "list")
    assert "committed" == order["state"]


def test_a_forgotten_household_leaves_a_whole_chain_and_no_person(
    run: Run, run_json: RunJson, ordered: str, data: Path
) -> None:
    run_json("household", "delete", ordered, "--yes")
    assert {"chains": 1, "findings": {}} == run_json("audit", "verify")
    assert all(
        entry["personal"] is None or entry["personal"] == {}
        for entry in run_json("audit", "show", "--household", ordered)
    )
    (order,) = run_json("orders", "list")
    assert "" == order["address"]
    with sqlite3.connect(data / "sayso.db") as connection:
        tables = ("households", "orders", "links", "carts", "sessions")
        rows = [str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    assert not any("Orchard Lane" in row for row in rows)


def test_forgetting_asks_first(run: Run, demo: str) -> None:
    assert 1 == run("household", "delete", demo, stdin="n\n").code
    assert 0 == run("household", "show", demo).code


def test_a_figure_that_is_not_what_the_orders_say_is_found(
    run: Run, run_json: RunJson, ordered: str, data: Path
) -> None:
    assert [] == run_json("ledger", "check")["figures"]
    tamper(data, "UPDATE figures SET counts = replace(counts, '\"orders\":1', '\"orders\":2') WHERE document <> 'all'")
    outcome = run("ledger", "check", "--json")
    assert 1 == outcome.code
    assert [("orders", 2, 1)] == [(each["name"], each["held"], each["counted"]) for each in outcome.json["figures"]]


def test_what_was_done_to_the_stores_limits_is_told(run: Run, run_json: RunJson, ordered: str) -> None:
    run("policy", "set", "order_max=4000", "--why", "a slow start")
    run("policy", "set", "order_max=3000", "quote_ttl_s=60", "quiet_hours=22:00-06:00", "--why", "still slow")
    assert [
        "limits were changed by operator: limit of one order: no limit → 40.00 USD (a slow start)",
        "limits were changed by operator: limit of one order: 40.00 USD → 30.00 USD; "
        "quiet hours: none → 22:00-06:00; quote ttl s: no limit → 60 s (still slow)",
    ] == [line.partition("  ")[2] for line in run("audit", "show", "--store").out.splitlines()]
    facts = run_json("audit", "show", "--store")[-1]["facts"]
    assert ([4000, 3000], "still slow") == (facts["changed"]["order_max"], facts["why"])
    assert {"chains": 2, "findings": {}} == run_json("audit", "verify")


def test_what_if_a_household_had_the_default_of_a_limit_back(run: Run, run_json: RunJson, demo: str) -> None:
    run_json("policy", "set", "--household", demo, "adult_approval_over=100")
    run("chat", stdin=ORDERING)
    (move,) = run_json("policy", "what-if", "--household", demo, "adult_approval_over=")["moves"]
    assert ("adult", "code") == (move["before"], move["after"])
    run("policy", "set", "order_max=1000")
    looser = run("policy", "what-if", "order_max=2000", "day_max=1")
    assert (1, True) == (looser.code, "order_max: what was recorded has the store's limits merged in" in looser.err)
    assert 0 == run("policy", "what-if", "order_max=900").code
    failed = run("policy", "what-if", "order_max=")
    assert 1 == failed.code
    assert "order_max: what was recorded has the store's limits merged in" in failed.err


def test_a_household_that_there_is_not_is_not_asked_about(run: Run, demo: str) -> None:
    failed = run("household", "delete", "hh_nope", stdin="y\n")
    assert (1, "") == (failed.code, failed.out)
    assert "there is no household 'hh_nope'" in failed.err
    assert f"Forget {demo}, Demo household?" in run("household", "delete", demo, stdin="n\n").out
