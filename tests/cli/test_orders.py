"""`sayso orders`: an order as programs and people read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skill.cli import tables

Run = Callable[..., Any]
RunJson = Callable[..., Any]

ORDERING = "find bananas\nadd two of the first one\ncheck out\n4271\n"


@pytest.fixture
def ordered(run: Run, demo: str) -> str:
    """The household that has bought two pounds of bananas."""
    assert "Done" in run("chat", stdin=ORDERING).out
    return demo


def test_an_order_in_json_has_what_a_shop_needs(run_json: RunJson, ordered: str) -> None:
    (listed,) = run_json("orders", "list")
    shown = run_json("orders", "show", listed["order_id"])
    assert listed == shown
    assert (ordered, "committed", {"amount": 537, "currency": "USD"}) == (
        shown["household_id"], shown["state"], shown["total"],
    )  # fmt: skip
    (line,) = shown["lines"]
    assert ("bananas-per-lb", 2, {"amount": 69, "currency": "USD"}) == (
        line["sku"],
        line["quantity"],
        line["unit_price"],
    )
    assert shown["placed_at"].endswith("+00:00")
    assert shown["code_proved"]


def test_orders_of_a_household_are_its_own(run: Run, run_json: RunJson, ordered: str) -> None:
    other = run_json("household", "create")["household_id"]
    assert [] == run_json("orders", "list", "--household", other)
    assert 1 == len(run_json("orders", "list", "--household", ordered))
    assert 1 == run("orders", "list", "--household", "hh_none").code


def test_listing_goes_on_after_an_order(run_json: RunJson, ordered: str) -> None:
    (listed,) = run_json("orders", "list")
    assert [] == run_json("orders", "list", "--after", listed["order_id"])


def test_people_read_the_lines_and_the_total(run: Run, run_json: RunJson, ordered: str) -> None:
    order_id = run_json("orders", "list")[0]["order_id"]
    shown = run("orders", "show", order_id).out
    assert "2 x Bananas (bananas-per-lb), 1.38 USD" in shown
    assert "5.37 USD" in run("orders", "list").out


def test_an_order_that_is_not_there_is_said_so(run: Run) -> None:
    result = run("orders", "show", "nothing")
    assert 1 == result.code
    assert "there is no order nothing" in result.err


@pytest.mark.parametrize(
    "command", [["orders", "list"], ["household", "list"], ["outbox", "show"], ["catalogue", "history"]]
)
def test_ids_are_whole_however_narrow_the_terminal_is(
    run: Run, run_json: RunJson, ordered: str, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    listed = run_json(*command)[0]
    first = next(iter(listed.values()))
    monkeypatch.setenv("COLUMNS", "80")
    assert first in run(*command).out, "through a pipe"
    monkeypatch.setattr(tables, "_PIPE_WIDTH", 80)
    assert first in run(*command).out, "on a terminal of eighty columns"
