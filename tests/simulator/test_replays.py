"""A conversation file is played on a page: one step at a time, what it wants beside what there was."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from skill.simulator import replays
from skill.simulator.conversation import FILE_LENGTH_MAX
from skill.simulator.replays import REPLAYS_MAX, committed_names

FILE = """\
title: Bananas
household:
  policy: {order_max: 5000}
steps:
  - launch: true
    hear: Welcome

  - say: find bananas
    speaker: kim
    hear: [Bananas, pineapples]
    cart: {}

  - say: check out
    advance: 2m
    cart: {Bananas: 2}
"""


def begin(reading: Any, **posted: Any) -> None:
    reading.open("/simulator/replay")
    reading.submit("pasted", **posted)


def test_a_file_is_played_one_step_at_a_time(reading: Any) -> None:
    begin(reading, pasted=FILE)
    assert "0 of 3 steps played" in reading.page.text
    assert 3 == len(reading.page.all("li", kind="waiting"))
    reading.submit("go", go="next")
    step = reading.page.one("li", id="step-1")
    assert step.has("kind", "right")
    assert ["hear", "Welcome"] == [step.all("tbody")[0].all("th")[0].text.split()[-1], step.all("td")[0].text]
    assert "Welcome to Corner Store" in step.all("td")[1].text
    assert 2 == len(reading.page.all("li", kind="waiting"))


def test_what_goes_otherwise_is_shown_beside_what_was_wanted(reading: Any) -> None:
    begin(reading, pasted=FILE)
    reading.submit("go", go="end")
    assert "3 of 3 steps played: 2 went otherwise" in reading.page.text
    step = reading.page.one("li", id="step-2")
    assert step.has("kind", "wrong")
    assert ["✗wrong: hear", "Bananas pineapples"] == [
        each.text for each in step.all("tr", kind="wrong")[0].all()[0:1]
    ] + [step.all("td")[0].text]
    assert "wanted to hear: 'pineapples'" in step.all(kind="alarm")[0].text
    assert "✓" in step.all("tr")[2].text, "the cart is as it was wanted"
    last = reading.page.one("li", id="step-3")
    assert "+2 min" in last.text
    assert "2 x Bananas" in last.all("td")[0].text
    assert "nothing" == last.all("td")[1].text
    assert '"requestId"' in reading.page.one(id="request-3").text
    assert '"response"' in reading.page.one(id="response-3").text


def test_the_limits_and_the_cart_of_the_file_stand_beside_it(reading: Any) -> None:
    begin(reading, committed="order-with-the-code.yaml")
    reading.submit("go", go="end")
    assert "steps played: all as written" in reading.page.text
    assert "Allowed, by code" in reading.part("guard-title")
    assert "committed" in reading.part("orders-title")
    assert "UTC" in reading.part("clock-title")


def test_a_replay_begins_again_from_the_start(reading: Any) -> None:
    begin(reading, pasted=FILE)
    reading.submit("go", go="end")
    reading.submit("go", go="start")
    assert "0 of 3 steps played" in reading.page.text
    reading.submit("go", go="next")
    assert reading.page.one("li", id="step-1").has("kind", "right")


def test_going_on_after_the_end_does_nothing(reading: Any) -> None:
    begin(reading, pasted=FILE)
    reading.submit("go", go="end")
    before = reading.page.one(id="steps").text
    reading.submit("go", go="next")
    assert before == reading.page.one(id="steps").text


def test_a_file_is_uploaded(reading: Any) -> None:
    begin(reading, file=(io.BytesIO(FILE.encode()), "../../my <b>test.yaml"))
    assert "my <b>test.yaml" in reading.page.text
    assert [] == reading.page.all("b", kind="x")
    assert "0 of 3 steps played" in reading.page.text


def test_a_platform_may_be_chosen(reading: Any) -> None:
    begin(reading, pasted=FILE, platform="dialogflow-es")
    assert "Dialogflow ES" in reading.page.one(id="steps-head").text
    reading.submit("go", go="next")
    assert '"queryResult"' in reading.page.one(id="request-1").text


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({}, "choose a conversation, upload a file, or paste one"),
        (
            {"pasted": "title: x\nsteps:\n  - sai: hello\n"},
            "pasted.yaml, line 3: sai is not known here; did you mean say?",
        ),
        (
            {"pasted": "title: x\nhousehold: {cart: {nothing: 1}}\nsteps:\n  - launch: true\n"},
            "the store has no nothing",
        ),
        ({"pasted": FILE, "platform": "siri"}, "not for siri"),
        ({"committed": "../../pyproject.toml"}, "none of the conversations"),
        ({"file": (io.BytesIO(b"\xff\xfe"), "a.yaml")}, "a.yaml is not UTF-8"),
        ({"file": (io.BytesIO(b"x" * (FILE_LENGTH_MAX + 1)), "a.yaml")}, f"at most {FILE_LENGTH_MAX} are played"),
    ],
)
def test_what_cannot_be_played_is_told_with_the_remedy(reading: Any, posted: dict[str, Any], says: str) -> None:
    begin(reading, **posted)
    assert 422 == reading.status
    assert says in reading.alert


def test_what_was_pasted_is_not_lost_when_it_is_wrong(reading: Any) -> None:
    begin(reading, pasted="title: <b>\nsteps: []\n")
    assert "title: <b> steps: []" == reading.page.one("textarea").text


def test_a_shelf_that_the_store_has_not_ends_the_replay_and_says_so(reading: Any) -> None:
    begin(
        reading,
        pasted="title: x\nsteps:\n  - {say: check out, outside: {shelf: {pineapple: {stock: 0}}}}\n  - launch: true\n",
    )
    reading.submit("go", go="end")
    assert "the store has no pineapple" in reading.alert
    assert 2 == len(reading.page.all("li", kind="waiting"))


def test_every_committed_conversation_can_be_chosen(reading: Any) -> None:
    reading.open("/simulator/replay")
    offered = [each.attributes["value"] for each in reading.page.one("select", name="committed").all("option")]
    there = sorted(path.name for path in (Path(__file__).parents[1] / "conversations").glob("*.yaml"))
    assert ["", *there] == offered
    assert there


def test_an_installed_package_has_none_to_choose(reading: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(replays, "COMMITTED", tmp_path / "nowhere")
    assert () == committed_names()
    reading.open("/simulator/replay")
    assert [] == reading.page.all("select", name="committed")


def test_the_oldest_replay_makes_room(reading: Any) -> None:
    begin(reading, pasted=FILE)
    first = reading.address
    for _ in range(REPLAYS_MAX):
        begin(reading, pasted=FILE)
    reading.open(first)
    assert 404 == reading.status
    assert "no such replay" in reading.page.text


def test_nothing_of_the_developers_own_store_is_touched(app: Any, reading: Any) -> None:
    begin(reading, committed="order-with-the-code.yaml")
    reading.submit("go", go="end")
    assert [] == list(app.ports.orders.list(5))
