"""Charts as shapes: where each bar and each point stands, in the units of an SVG's view box. `console/charts.html` draws them.

Everything is whole numbers: what is drawn to the nearest pixel needs no others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: The view box. A phone scales it down, so that texts in it are few and large.
WIDTH, HEIGHT = 720, 280
#: Left for the numbers beside the lines, below for the words under the bars, above for the highest bar's edge.
_LEFT, _BELOW, _ABOVE, _RIGHT = 84, 36, 14, 8

Say = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """`words` are what it stands for and `said` how much, for whoever points at it or reads the table."""

    x: int
    y: int
    width: int
    height: int
    words: str
    said: str
    share: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a place of an axis."""

    at: int
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`title` and `summary` say it to those who do not see it; `table` is the same in rows of words and number."""

    kind: str  # columns, line or rows
    title: str
    summary: str
    bars: tuple[Bar, ...]
    lines: tuple[Mark, ...] = ()
    words: tuple[Mark, ...] = ()
    points: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    heads: tuple[str, str] = ("", "")

    @property
    def is_empty(self) -> bool:
        return not any(bar.height and bar.width for bar in self.bars)

    @property
    def right(self) -> int:
        return self.width - _RIGHT


def draw_columns(
    title: str, heads: tuple[str, str], values: Sequence[tuple[str, int]], say: Say = str, say_line: Say | None = None
) -> Chart:
    """One column for each (words, value), all from zero; as many of the words below as there is room for.

    `say` tells a value in full, `say_line` what a line of the scale stands for.
    """
    top = _nice_top(max((value for _, value in values), default=0))
    room = WIDTH - _LEFT - _RIGHT
    bars = []
    for number, (words, value) in enumerate(values):
        x, until = _LEFT + room * number // len(values), _LEFT + room * (number + 1) // len(values)
        gap = max((until - x) // 5, 1)
        height = _height(value, top)
        bars.append(Bar(x + gap // 2, _base() - height, max(until - x - gap, 1), height, words, say(value)))
    return Chart(
        "columns", title, _summary(values, say), tuple(bars), _lines(top, say_line or say), _words(bars, 5), heads=heads
    )


def draw_line(
    title: str, heads: tuple[str, str], values: Sequence[tuple[str, int]], say: Say = str, say_line: Say | None = None
) -> Chart:
    """A line through each (words, value)."""
    top = _nice_top(max((value for _, value in values), default=0))
    room = WIDTH - _LEFT - _RIGHT - 24
    bars = []
    for number, (words, value) in enumerate(values):
        x = _LEFT + 12 + room * number // max(len(values) - 1, 1)
        height = _height(value, top)
        bars.append(Bar(x, _base() - height, 1, height, words, say(value)))
    points = " ".join(f"{bar.x},{bar.y}" for bar in bars)
    return Chart(
        "line",
        title,
        _summary(values, say),
        tuple(bars),
        _lines(top, say_line or say),
        _words(bars, 7),
        points,
        heads=heads,
    )


def draw_rows(
    title: str, heads: tuple[str, str], values: Sequence[tuple[str, int]], say: Say = str, *, whole: int = 0
) -> Chart:
    """One row for each (words, value), the longest as wide as can be; with `whole`, each one's share of it as well."""
    most = max((value for _, value in values), default=0) or 1
    row, bar_height = 56, 20
    bars = tuple(
        Bar(
            0,
            number * row + 28,
            max(WIDTH * value // most, 2) if value else 0,
            bar_height,
            words,
            say(value),
            f"{percent(value, whole)}%" if whole else "",
        )
        for number, (words, value) in enumerate(values)
    )
    return Chart("rows", title, _summary(values, say), bars, height=max(len(values), 1) * row, left=0, heads=heads)


def percent(part: int, whole: int) -> int:
    """Rounded, halves up; 0 of nothing."""
    return (part * 200 + whole) // (whole * 2) if whole else 0


def _base() -> int:
    return HEIGHT - _BELOW


def _height(value: int, top: int) -> int:
    high = _base() - _ABOVE
    return max(high * value // top, 2) if value > 0 else 0


def _nice_top(most: int) -> int:
    """The end of the scale: 1, 2, 4 or 5 times a power of ten, and four lines below it that are whole numbers where they can be."""
    power = 1
    while power * 10 <= most:
        power *= 10
    return next((power * step for step in (1, 2, 4, 5, 8) if power * step >= most), power * 10) if most > 4 else 4


def _lines(top: int, say: Say) -> tuple[Mark, ...]:
    return tuple(Mark(_base() - (_base() - _ABOVE) * step // 4, say(top * step // 4)) for step in range(5))


def _words(bars: Sequence[Bar], most: int) -> tuple[Mark, ...]:
    every = -(-len(bars) // most) if bars else 1
    return tuple(Mark(bar.x + bar.width // 2, bar.words) for bar in bars[:: max(every, 1)])


def _summary(values: Sequence[tuple[str, int]], say: Say) -> str:
    if not any(value for _, value in values):
        return "Nothing yet."
    words, most = max(values, key=lambda each: each[1])
    return f"{len(values)} values; the highest is {say(most)} ({words})."
