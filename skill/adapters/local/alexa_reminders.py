"""Reminders on the device that is talking: Amazon's Reminders API, with the token that the request itself brought.

Fields: developer.amazon.com/docs/alexa/smapi/alexa-reminders-api-reference.html. A reminder is a courtesy: it is tried once,
while the shopper waits.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

_log = logging.getLogger(__name__)

PATH = "/v1/alerts/reminders"
#: Amazon's addresses, by region. Any other that a request names is not asked.
HOSTS = frozenset({"api.amazonalexa.com", "api.eu.amazonalexa.com", "api.fe.amazonalexa.com"})
TIMEOUT_S = 2.0
_CREATED = 201

#: (address, body, headers) → status. Raises `OSError`.
Post = Callable[[str, bytes, Mapping[str, str]], int]


class AlexaReminders:
    def __init__(self, post: Post | None = None) -> None:
        self._post = post or _post

    def remind(self, endpoint: str, token: str, text: str, locale: str, *, after: timedelta, now: datetime) -> bool:
        parts = urlsplit(endpoint)
        if parts.scheme != "https" or parts.netloc not in HOSTS:
            _log.warning("a reminder was not set: %r is no address of Amazon's", parts.netloc)
            return False
        body = json.dumps(write_reminder(text, locale, after, now), ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            status = self._post(f"https://{parts.netloc}{PATH}", body, headers)
        except OSError as failed:
            _log.warning("a reminder was not set: %s", failed)
            return False
        if status != _CREATED:
            _log.warning("Amazon answered a reminder with %d", status)
        return status == _CREATED


def write_reminder(text: str, locale: str, after: timedelta, now: datetime) -> dict[str, object]:
    return {
        "requestTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}",
        "trigger": {"type": "SCHEDULED_RELATIVE", "offsetInSeconds": int(after.total_seconds())},
        "alertInfo": {"spokenInfo": {"content": [{"locale": locale, "text": text}]}},
        "pushNotification": {"status": "ENABLED"},
    }


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    import urllib3

    try:
        response = urllib3.request(
            "POST", url, body=body, headers=dict(headers), timeout=TIMEOUT_S, retries=False, redirect=False
        )
    except (urllib3.exceptions.HTTPError, UnicodeError) as failed:
        raise OSError(str(failed)) from failed
    return response.status
