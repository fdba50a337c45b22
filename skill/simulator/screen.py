"""What a device with a screen shows of a response: the lines of the APL document's data, as the document lays them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skill.platforms.envelope import object_in
from skill.simulator.envelopes.shapes import carried

RENDER = "Alexa.Presentation.APL.RenderDocument"
LINES_MAX = 20


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """`ordinal` counts from 1, as a touch tells it; 0 where the line cannot be touched. `image` is a picture's address."""

    ordinal: int
    title: str
    detail: str
    price: str
    image: str


@dataclass(frozen=True, slots=True)
class ScreenButton:
    """`touch` is what touching it sends."""

    touch: str
    words: str


@dataclass(frozen=True, slots=True)
class Screen:
    kind: str
    title: str
    text: str
    lines: tuple[ScreenLine, ...]
    buttons: tuple[ScreenButton, ...] = ()

    @property
    def words(self) -> str:
        """All that can be read on it."""
        lines = [" · ".join(filter(None, (each.title, each.detail, each.price))) for each in self.lines]
        return "\n".join(filter(None, (self.title, self.text, *lines, *(each.words for each in self.buttons))))

    def can_touch(self, touched: int | str) -> bool:
        """Whether there is a line of this place, or a button that sends this."""
        if isinstance(touched, int):
            return any(each.ordinal == touched for each in self.lines)
        return any(each.touch == touched for each in self.buttons)


def screen_of(response: Mapping[str, Any]) -> Screen | None:
    """The screen that the response draws, None where it draws none."""
    directives = object_in(response, "response").get("directives")
    for directive in directives if isinstance(directives, list) else ():
        if isinstance(directive, dict) and directive.get("type") == RENDER:
            return _read(object_in(object_in(directive, "datasources"), "sayso"))
    return None


def _read(data: Mapping[str, Any]) -> Screen:
    touchable = data.get("touchable") is True
    lines, buttons = _objects(data.get("items")), _objects(data.get("buttons"))
    return Screen(
        kind=carried(data, "kind"),
        title=carried(data, "title"),
        text=carried(data, "text"),
        lines=tuple(
            ScreenLine(
                ordinal=number if touchable else 0,
                **{name: carried(each, name) for name in ("title", "detail", "price", "image")},
            )
            for number, each in enumerate(lines, 1)
        ),
        buttons=tuple(ScreenButton(carried(each, "touch"), carried(each, "words")) for each in buttons),
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    objects: list[Mapping[str, Any]] = (
        [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    )
    return objects[:LINES_MAX]
