"""The same content gives the same text, and every text can be stored."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.guard.canonical import write_canonical

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)


def test_the_text_is_compact_with_its_keys_in_order() -> None:
    """The stored seals of a live shop depend on these very bytes."""
    assert '{"a":[1,null,true],"b":"é\\"\\n","日":{"x":-5,"y":""}}' == write_canonical(
        {"日": {"y": "", "x": -5}, "b": 'é"\n', "a": (1, None, True)}
    )


@given(values)
def test_what_is_written_is_read_back_the_same_and_written_again_the_same(value: Any) -> None:
    text = write_canonical(value)
    assert value == json.loads(text)
    assert text == write_canonical(json.loads(text))
    text.encode()


def test_keys_are_in_the_order_of_their_characters() -> None:
    assert '{"":0,"A":1,"Z":2,"a":3,"é":4,"日":5,"😀":6}' == write_canonical(
        {"😀": 6, "日": 5, "é": 4, "a": 3, "Z": 2, "A": 1, "": 0}
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("half \ud83d", '"half \\ud83d"'),
        ({"\udc00": "é"}, '{"\\udc00":"\\u00e9"}'),
        ({"b": 2**64, "a": 1}, '{"a":1,"b":18446744073709551616}'),
        ([-(2**70)], "[-1180591620717411303424]"),
        ({2: "x"}, '{"2":"x"}'),
        (enum.StrEnum("Kind", ["ADULT"]).ADULT, '"adult"'),
    ],
)
def test_what_the_quick_writer_has_no_form_for_is_written_all_the_same(value: Any, expected: str) -> None:
    assert expected == write_canonical(value)


@dataclass
class Thing:
    a: int = 1


@pytest.mark.parametrize("value", [{1, 2}, Thing(), datetime(2026, 11, 21, tzinfo=UTC), b"bytes", object()])
def test_what_is_no_json_value_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        write_canonical([value])
