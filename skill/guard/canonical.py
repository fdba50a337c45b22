"""JSON in one form only, for what is sealed and for what is stored: the same content gives the same text."""

from __future__ import annotations

import json
from typing import Any

import orjson

#: Keys in order, and nothing that JSON has no form for. (A kind of text or number of our own is left to `_write_any`.)
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
_write = orjson.dumps
_write_any = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def write_canonical(value: Any) -> str:
    """Compact, keys sorted, in UTF-8 that can always be stored.

    What orjson has no form for (half a surrogate pair in something heard, a whole number beyond 64 bits) is written by the
    standard library, escaped. Raises `TypeError` for what is no JSON value.
    """
    try:
        return _write(value, option=_OPTIONS).decode()
    except TypeError:
        return _write_any(value)
