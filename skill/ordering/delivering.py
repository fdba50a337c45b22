"""The shop gets the order: events from the outbox, posted to the shop's webhook until they are taken.

Signed as Standard Webhooks say (standardwebhooks.com, specification 1.0: headers webhook-id, webhook-timestamp and
webhook-signature, `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`). An event's id is the same at every try, so the
shop can tell a repetition.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from skill.errors import SettingsInvalid
from skill.ports import Event, Outbox

#: Waits after the first, second ... failed try. After the last one the event is a dead letter.
RETRY_AFTER_S = (5, 30, 120, 600, 1800, 7200, 21600, 86400)

_SECRET_PREFIX = "whsec_"
_SECRET_LENGTH_MIN, _SECRET_LENGTH_MAX = 24, 64


class Webhook(Protocol):
    """Posts to the shop's address, with a time limit, following no redirect."""

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The HTTP status. Raises `OSError` where there was none."""


@dataclass(frozen=True, slots=True)
class Delivered:
    delivered: int = 0
    failed: int = 0
    dead: int = 0


def read_secret(text: str) -> bytes:
    """`whsec_` and the base64 of 24 to 64 random bytes. Raises `SettingsInvalid`."""
    try:
        secret = base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not _SECRET_LENGTH_MIN <= len(secret) <= _SECRET_LENGTH_MAX:
        raise SettingsInvalid(
            f"SAYSO_WEBHOOK_SECRET must be {_SECRET_PREFIX} and the base64 of {_SECRET_LENGTH_MIN} to "
            f"{_SECRET_LENGTH_MAX} random bytes"
        )
    return secret


def sign_event(secret: bytes, event_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    timestamp = str(int(sent_at.timestamp()))
    signature = hmac.digest(secret, f"{event_id}.{timestamp}.".encode() + body, "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def deliver(outbox: Outbox, webhook: Webhook, secret: bytes, now: datetime, limit: int = 50) -> Delivered:
    """Tries every event whose time has come, once. The outbox hands out the events of one order in order."""
    delivered = failed = dead = 0
    for event in outbox.due(now, limit):
        problem = _try(webhook, secret, event, now)
        if problem is None:
            outbox.delivered(event.event_id, now)
            delivered += 1
            continue
        waits = RETRY_AFTER_S[event.attempts :][:1]
        outbox.failed(event.event_id, problem, now + timedelta(seconds=waits[0]) if waits else None)
        failed, dead = failed + 1, dead + (not waits)
    return Delivered(delivered, failed, dead)


def _try(webhook: Webhook, secret: bytes, event: Event, now: datetime) -> str | None:
    """What went wrong, or None where the shop has taken the event."""
    body = json.dumps(
        {"type": event.kind, "timestamp": event.at.isoformat(), "data": event.body}, separators=(",", ":")
    ).encode()  # fmt: skip
    try:
        status = webhook.post(body, sign_event(secret, event.event_id, now, body))
    except OSError as unreachable:
        return f"no answer: {unreachable}"
    return None if 200 <= status < 300 else f"HTTP {status}"
