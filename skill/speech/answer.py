"""An answer before it is words: message keys and typed values, as JSON where it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from skill.shop.money import Money
from skill.turn import Expect, PlatformTask


@dataclass(frozen=True, slots=True)
class Phrase:
    """One message of the Fluent file, with its values. A key names a whole sentence or a whole noun phrase."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A product as it is shown: `title` and `detail` come from the feed, the price is money."""

    key: str
    title: str
    detail: str = ""
    price: Money | None = None
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card or a screen shows; see `turn.Display` for the kinds."""

    kind: str
    title: Phrase
    text: tuple[Phrase, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`say` are whole sentences, `ask` the question that ends the turn and is repeated in the silence after it."""

    say: tuple[Phrase, ...] = ()
    ask: Phrase | None = None
    expects: Expect = Expect.NOTHING
    slot: tuple[str, str] | None = None
    shown: Shown | None = None
    suggestions: tuple[str, ...] = ()
    task: PlatformTask | None = None
    can_fulfill: bool | None = None


def say(*phrases: Phrase | str, ask: Phrase | str | None = None, **more: Any) -> Answer:
    """An answer from phrases or bare keys; with a question, a free turn is expected unless `expects` says otherwise."""
    question = Phrase(ask) if isinstance(ask, str) else ask
    more.setdefault("expects", Expect.NOTHING if question is None else Expect.FREE)
    return Answer(tuple(Phrase(each) if isinstance(each, str) else each for each in phrases), question, **more)


def answer_to_json(answer: Answer) -> str:
    packed = _pack(answer)
    try:
        return orjson.dumps(packed, _pack_value, _OPTIONS).decode()
    except TypeError:
        # Half a surrogate pair in something heard, for one, has no form in UTF-8.
        return _write_any(packed)


def answer_from_json(text: str) -> Answer:
    data = json.loads(text)
    shown, task = data.get("d"), data.get("t")
    return Answer(
        say=tuple(_phrase(each) for each in data["s"]),
        ask=_phrase(data["a"]) if data.get("a") else None,
        expects=Expect(data["e"]),
        slot=tuple(data["l"]) if data.get("l") else None,
        shown=shown and Shown(
            shown["k"], _phrase(shown["t"]), tuple(_phrase(each) for each in shown["x"]),
            tuple(Item(key, title, detail, price and Money(*price), image) for key, title, detail, price, image in shown["i"]),
        ),
        suggestions=tuple(data.get("g", ())),
        task=task and PlatformTask(task[0], task[1], tuple((name, value) for name, value in task[2])),
    )  # fmt: skip


def _pack(answer: Answer) -> dict[str, Any]:
    packed: dict[str, Any] = {"s": [_pack_phrase(each) for each in answer.say], "e": answer.expects}
    if answer.ask:
        packed["a"] = _pack_phrase(answer.ask)
    if answer.slot:
        packed["l"] = answer.slot
    if answer.shown:
        shown = answer.shown
        packed["d"] = {
            "k": shown.kind,
            "t": _pack_phrase(shown.title),
            "x": [_pack_phrase(each) for each in shown.text],
            "i": [
                (
                    each.key,
                    each.title,
                    each.detail,
                    each.price and (each.price.amount, each.price.currency),
                    each.image_url,
                )
                for each in shown.items
            ],
        }
    if answer.suggestions:
        packed["g"] = answer.suggestions
    if answer.task:
        packed["t"] = (answer.task.name, answer.task.token, answer.task.parameters)
    return packed


def _pack_phrase(phrase: Phrase) -> tuple[Any, ...]:
    return phrase.key, phrase.values


def _pack_value(value: Any) -> dict[str, Any]:
    """What JSON has no form for, inside the values of a phrase."""
    if isinstance(value, Phrase):
        return {"p": (value.key, value.values)}
    if isinstance(value, Money):
        return {"m": (value.amount, value.currency)}
    raise TypeError(f"a {type(value).__name__} cannot be said")


_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_write_any = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_pack_value).encode


def _phrase(packed: list[Any]) -> Phrase:
    return Phrase(packed[0], {name: _value(value) for name, value in packed[1].items()})


def _value(packed: Any) -> Any:
    match packed:
        case {"m": money}:
            return Money(*money)
        case {"p": phrase}:
            return _phrase(phrase)
        case list():
            return tuple(map(_value, packed))
        case _:
            return packed
