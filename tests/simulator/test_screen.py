"""The screen is drawn from what a device is given, and the page lays it out as the device's own document does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skill.app import App
from skill.errors import RequestRejected
from skill.simulator.screen import screen_of
from skill.simulator.talk import talk_in_process

SKILL = Path(__file__).parents[2] / "skill"
STYLES = (SKILL / "simulator" / "static" / "simulator.css").read_text(encoding="utf-8")


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from parts(value)


def test_a_device_with_a_screen_shows_lines_that_can_be_touched(app: App) -> None:
    talk = talk_in_process(app, "alexa", "simulator", screen=True)
    screen = screen_of(talk.say("find bananas").response)
    assert screen is not None
    assert ("products", "What I found") == (screen.kind, screen.title)
    assert [1, 2, 3] == [line.ordinal for line in screen.lines][:3]
    assert ("Bananas", "$0.69") == (screen.lines[0].title, screen.lines[0].price)
    assert "Bananas · per lb · $0.69" in screen.words


def test_a_quote_has_lines_that_cannot_be_touched(app: App) -> None:
    talk = talk_in_process(app, "alexa", "simulator", screen=True)
    for words in ("find bananas", "add two of the first one"):
        talk.say(words)
    screen = screen_of(talk.say("check out").response)
    assert screen is not None
    assert [0] == [line.ordinal for line in screen.lines]


def test_touching_does_what_saying_does(app: App) -> None:
    said, touched = (talk_in_process(app, "alexa", "simulator", screen=True) for _ in range(2))
    for talk in (said, touched):
        talk.say("find bananas")
    assert said.say("the first one").heard.speech == touched.touch(1).heard.speech
    assert touched.last is not None
    assert touched.last.understood is not None
    assert ("choose_item", {"ordinal": "1"}) == (touched.last.understood.intent, touched.last.understood.slots)


def test_what_the_screen_does_not_show_cannot_be_touched(app: App) -> None:
    talk = talk_in_process(app, "alexa", "simulator", screen=True)
    with pytest.raises(RequestRejected, match="shows nothing to touch that is 1"):
        talk.touch(1)
    talk.say("find bananas")
    talk.say("help")
    for nothing in (99, "check-out", "unheard-of"):
        with pytest.raises(RequestRejected, match=f"that is {nothing}"):
            talk.touch(nothing)  # type: ignore[arg-type]
    assert "Bananas" in talk.touch(1).heard.speech, "a screen stands until another takes its place"
    talk.say("stop")
    with pytest.raises(RequestRejected, match="that is 1"):
        talk.touch(1)


@pytest.mark.parametrize("platform", ["alexa", "dialogflow-cx"])
def test_a_device_without_a_screen_shows_nothing(app: App, platform: str) -> None:
    assert screen_of(talk_in_process(app, platform, "simulator").say("find bananas").response) is None


@pytest.mark.parametrize(
    "response",
    [{}, {"response": []}, {"response": {"directives": [1, {}]}}, {"response": {"directives": {"type": "x"}}}],
)
def test_what_draws_nothing_is_no_screen(response: dict[str, Any]) -> None:
    assert screen_of(response) is None


def test_a_datasource_of_another_shape_shows_what_can_be_read() -> None:
    sayso = {"title": 1, "touchable": "yes", "items": [None, {"title": "Milk", "image": 3}], "buttons": 1}
    directive = {"type": "Alexa.Presentation.APL.RenderDocument", "datasources": {"sayso": sayso}}
    screen = screen_of({"response": {"directives": [directive]}})
    assert screen is not None
    assert ("", "Milk") == (screen.title, screen.words)


def test_the_page_draws_in_the_documents_own_sizes() -> None:
    """Every size of the document is one of the page's: whoever changes the one is told to draw the other anew."""
    document = json.loads((SKILL / "platforms" / "alexa_screen.json").read_text(encoding="utf-8"))
    sizes = {
        value
        for part in parts(document["mainTemplate"])
        for name, value in part.items()
        if name in ("fontSize", "width", "height", "paddingLeft", "paddingTop", "paddingBottom", "spacing")
    } - {"100vw", "100vh"}
    drawn = {f"{size}v{unit[-1]}" for size, unit in re.findall(r"([\d.]+)(cqw|cqh)", STYLES)}
    assert set() == sizes - drawn
