"""Whether a request came through a proxy: from this machine as far as the connection tells, and from anywhere in truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: As WSGI names them. Who sets up a proxy may leave them all out, so their absence proves nothing; their presence does.
_PROXYS_OWN = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")


def was_forwarded(asked: Mapping[str, Any]) -> bool:
    return any(name in asked for name in _PROXYS_OWN) or any(name.startswith("HTTP_X_FORWARDED") for name in asked)
