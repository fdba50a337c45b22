"""Figures as CSV: whole, without names, and no formulas for a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.console.store_trail import guard_cell
from skill.ports import RequestKey, TurnRecord
from skill.shop.figures import SEARCHED


def rows_of(owner, name: str) -> list[dict[str, str]]:
    text = owner.get(f"/console/export/{name}.csv")
    assert f'attachment; filename="{name}-' in owner.last.headers["Content-Disposition"]
    assert "text/csv; charset=utf-8" == owner.last.headers["Content-Type"]
    return list(csv.DictReader(io.StringIO(text)))


def seek_in_vain(app, number: int, words: str) -> None:
    request = RequestKey("alexa", f"r{number}", "b")
    record = TurnRecord(f"g{number}", "s", request, "{}", 0, "{}", None, app.ports.clock.now_utc(), SEARCHED, 3, words)
    app.ports.conversations.close(record)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_cell_that_begins_like_a_formula_is_text(text):
    assert f"'{text}" == guard_cell(text)


@given(st.text())
def test_no_text_begins_like_a_formula(text):
    assert not str(guard_cell(text)).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers():
    assert -5 == guard_cell(-5)


def test_what_was_not_found_goes_out_as_text(app, owner):
    seek_in_vain(app, 1, '=HYPERLINK("http://evil.example","milk")')
    seek_in_vain(app, 2, 'milk, "fresh"\nor not')
    found = {each["heard_as"] for each in rows_of(owner, "not-found")}
    assert {'\'=hyperlink("http://evil.example","milk")', 'milk, "fresh" or not'} == found


def test_a_days_figures_are_there(app, owner):
    seek_in_vain(app, 1, "pomelo")
    (day,) = rows_of(owner, "days")
    assert ("2026-11-19", "USD", "1", "1", "1") == tuple(
        day[each] for each in ("day", "currency", "turns", "searches", "unmet")
    )


def test_households_are_numbers_and_sums(owner):
    (home,) = rows_of(owner, "households")
    assert ("hh_demo", "0", "0.00") == (home["household"], home["orders"], home["revenue"])


def test_orders_carry_no_address(owner):
    assert [] == rows_of(owner, "orders")
    assert "address" not in owner.get("/console/export/orders.csv")


def test_there_is_no_other_file(owner):
    owner.get("/console/export/secrets.csv", 404)
