"""What every platform's adapter needs to read an envelope that anybody may have sent: nothing in it is taken for granted.

Text that identifies somebody must be well-formed or the request is rejected; text that was heard is cleaned and cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from skill.errors import RequestRejected

#: Characters of an id; the longest that is sent in earnest are Dialogflow's session paths, of some 300.
ID_LENGTH_MAX = 1000
#: Characters of what was heard in a slot or an utterance. Nobody says more in one breath.
HEARD_LENGTH_MAX = 500
#: Slots that are read.
SLOTS_MAX = 40

#: What no text may carry further: control characters, half a surrogate pair, and marks that turn the direction of text.
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]+"
)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

_sorted_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def read_json(body: bytes | str) -> dict[str, Any]:
    """The JSON object in `body`. Raises `RequestRejected` for anything else: nested too deep, not UTF-8, a list ..."""
    try:
        envelope = orjson.loads(body)
    except ValueError:
        # The standard library takes more: half a surrogate pair, and numbers that are none.
        try:
            envelope = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise RequestRejected("the body is not JSON") from error
    if not isinstance(envelope, dict):
        raise RequestRejected("the body is not a JSON object")
    return envelope


def hash_body(*meaning: object) -> str:
    """The same for the same meaning, whatever the order of keys: half of what tells a repeated request from a forged one."""
    try:
        text = orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # nested deep, or holds half a surrogate pair
        try:
            text = _sorted_json(meaning).encode()
        except RecursionError as error:
            raise RequestRejected("the body is nested too deep") from error
    return sha256(text).hexdigest()


def object_in(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object at `key`; an empty one where there is none, or something else."""
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}


def text_in(mapping: Mapping[str, Any], key: str) -> str:
    """The text at `key`, cleaned and cut; "" where there is none."""
    value = mapping.get(key)
    return clean(value) if isinstance(value, str) else ""


def id_in(mapping: Mapping[str, Any], key: str, where: str) -> str:
    """The id at `key`. Raises `RequestRejected`, naming `where`, unless it is there and well-formed."""
    value = mapping.get(key)
    if not isinstance(value, str) or not value:
        raise RequestRejected(f"{where} is missing")
    if len(value) > ID_LENGTH_MAX or _UNFIT.search(value):
        raise RequestRejected(f"{where} is malformed")
    return value


def clean(heard: str) -> str:
    """What was heard, without characters that nobody can say, and cut to `HEARD_LENGTH_MAX`."""
    if len(heard) > HEARD_LENGTH_MAX:
        heard = heard[:HEARD_LENGTH_MAX]
    if heard.isascii() and heard.isprintable():
        return heard.strip()
    return _UNFIT.sub(" ", heard).strip()


def read_locale(value: object, default: str) -> str:
    """`en_us` and `EN-us` → `en-US`; `en` → the default where that is of the same language; nonsense → the default."""
    if value == default:
        return default
    if not isinstance(value, str) or len(value) > 35 or not _LOCALE.fullmatch(value):
        return default
    language, *rest = value.replace("_", "-").split("-")
    if not rest:
        return default if default.split("-")[0] == language.lower() else language.lower()
    return "-".join((language.lower(), *(part.upper() if len(part) == 2 else part for part in rest)))


def read_time(value: object, where: str) -> datetime | None:
    """ISO 8601 or milliseconds since 1970 → UTC; None for nothing. Raises `RequestRejected` where it is no time."""
    if value is None:
        return None
    try:
        if isinstance(value, str):
            sent_at = datetime.fromisoformat(value)
            return sent_at.astimezone(UTC) if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    except (ValueError, OverflowError) as error:
        raise RequestRejected(f"{where} is no time") from error
    raise RequestRejected(f"{where} is no time")
