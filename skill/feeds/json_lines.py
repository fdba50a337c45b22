"""JSON Lines: one object a line. Our own form; any of the plain CSV's column names are keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from skill.feeds.columns import PLAIN, normal_name
from skill.feeds.rows import JsonNumber, RawRow, RowProblem, shown
from skill.feeds.source import LINE_LENGTH_MAX, Source


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")


class _KeyTwice(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _KeyTwice(key)
        found[key] = value
    return found


# Numbers stay text: 12.99 must never become a float, and a GTIN keeps its zeros.
_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=JsonNumber, parse_int=JsonNumber, parse_constant=_no_number
).decode
_KNOWN = PLAIN.known()


def json_rows(source: Source, encoding: str) -> Iterator[RawRow | RowProblem | None]:
    """The rows of the file, None for one that is left out as hidden. A line that is no object is a `RowProblem`; the lines after
    it are read."""
    with source.open_text(encoding) as text:
        number, overlong = 0, False
        while line := text.readline(LINE_LENGTH_MAX):
            whole = line.endswith(("\n", "\r")) or len(line) < LINE_LENGTH_MAX
            if not overlong:
                number += 1
                if whole:
                    if bare := line.strip().lstrip("\ufeff"):
                        yield _row(number, bare)
                else:
                    remedy = f"a line may have {LINE_LENGTH_MAX} characters: put each object on a line of its own"
                    yield RowProblem(number, "", shown(line), remedy, "line_too_long")
            overlong = not whole


def _row(number: int, line: str) -> RawRow | RowProblem | None:
    try:
        value: Any = _decode(line)
    except json.JSONDecodeError as error:
        remedy = f"the line is not JSON ({error.msg} at character {error.colno}): write one object on each line"
        return RowProblem(number, "", shown(line), remedy, "json_invalid")
    except _KeyTwice as error:
        return _twice(number, line, str(error))
    except (ValueError, RecursionError):
        remedy = "the line is not JSON: use numbers, texts and lists that are not nested deeply"
        return RowProblem(number, "", shown(line), remedy, "json_invalid")
    if not isinstance(value, dict):
        remedy = 'write an object such as {"sku": "…", "title": "…", "price": "…"} on each line'
        return RowProblem(number, "", shown(line), remedy, "not_an_object")
    names = {normal_name(key): key for key in value}
    if len(names) < len(value):
        for key in value:
            if names[normal_name(key)] != key and normal_name(key) in _KNOWN:
                return _twice(number, line, key)
    cells = {name: value[key] for name, key in names.items()}
    return None if PLAIN.is_left_out(cells) else PLAIN.raw_row(number, cells, names)


def _twice(number: int, line: str, key: str) -> RowProblem:
    return RowProblem(
        number, shown(key), shown(line), f"the object says {shown(key)} twice: keep one of the two", "key_twice"
    )
