from __future__ import annotations

from datetime import UTC, datetime

import pytest

from skill.errors import RequestRejected
from skill.platforms.envelope import clean, hash_body, read_json, read_locale, read_time


@pytest.mark.parametrize(
    ("value", "locale"),
    [
        ("en-US", "en-US"),
        ("en_us", "en-US"),
        ("EN", "en-US"),
        ("kk-KZ", "kk-KZ"),
        ("kk", "kk"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("", "en-US"),
        ("../../etc", "en-US"),
        ("x" * 100, "en-US"),
        (None, "en-US"),
        (7, "en-US"),
    ],
)
def test_a_locale_is_well_formed_or_the_default(value, locale):
    assert locale == read_locale(value, "en-US")


@pytest.mark.parametrize(
    "value", ["2026-11-21T10:00:00Z", "2026-11-21T12:00:00+02:00", "2026-11-21T10:00:00", 1795255200000]
)
def test_every_way_to_write_a_time_is_utc(value):
    assert datetime(2026, 11, 21, 10, tzinfo=UTC) == read_time(value, "timestamp")


def test_clean_text_is_stripped_and_whole():
    assert "γάλα 2%" == clean(" γάλα 2% ")


def test_nesting_too_deep_to_hash_is_rejected():
    nested = {}
    for _ in range(100_000):
        nested = {"a": nested}
    with pytest.raises(RequestRejected):
        hash_body(nested)
    while nested:  # taken apart by hand: freeing it at once would recurse as deep
        nested = nested.pop("a")


def test_a_json_object_is_read_from_text_and_bytes():
    assert {"a": 1} == read_json('{"a": 1}') == read_json(b'{"a": 1}')
