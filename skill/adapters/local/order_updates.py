"""Order updates on Alexa devices: Amazon's Proactive Events, for accounts that have subscribed to them.

Schema: developer.amazon.com/docs/alexa/smapi/schemas-for-proactive-events.html, `AMAZON.OrderStatus.Updated`; sending:
proactive-events-api.html. An update is a courtesy: it is tried a few times, and no order waits for it.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from skill.errors import SettingsInvalid
from skill.ports import Accounts, Clock, Notice, Notifier
from skill.shop.households import HouseholdId

_log = logging.getLogger(__name__)

EVENT = "AMAZON.OrderStatus.Updated"
#: Notices that Amazon has a word for. It has none for an order that was cancelled or refused.
STATUS = {"receipt": "ORDER_RECEIVED", "shipped": "ORDER_SHIPPED"}
TOKEN_URL = "https://api.amazon.com/auth/o2/token"
#: An event may be delivered for at most a day.
EXPIRES_AFTER = timedelta(hours=24)
#: A token is renewed so long before it ends.
TOKEN_SPARE = timedelta(seconds=60)
WAITING_MAX = 1000
SENT_A_ROUND_MAX = 50
TRIES_MAX = 3
TIMEOUT_S = 10.0
_PLATFORM = "alexa"
#: The locales that Alexa speaks: an event with another one is refused.
_LOCALES = frozenset(
    [
        "ar-SA",
        "de-DE",
        "en-AU",
        "en-CA",
        "en-GB",
        "en-IN",
        "en-US",
        "es-ES",
        "es-MX",
        "es-US",
        "fr-CA",
        "fr-FR",
        "hi-IN",
        "it-IT",
        "ja-JP",
        "nl-NL",
        "pt-BR",
    ]
)

#: (address, body, headers) → (status, body). Raises `OSError`.
Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    notice: Notice
    user: str
    tries: int = 0


class Links(Protocol):
    """What is asked about households: `skill.ports.Households` has it, and whatever else knows their accounts."""

    def linked(self, household_id: HouseholdId) -> Sequence[tuple[str, str]]: ...


class ProactiveEvents:
    """Amazon's Proactive Events. `url` is their address for the shop's region and stage, `locales` all that the store speaks."""

    def __init__(
        self,
        households: Links,
        accounts: Accounts,
        clock: Clock,
        *,
        url: str,
        client_id: str,
        client_secret: str,
        locales: Sequence[str],
        post: Post | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise SettingsInvalid(f"SAYSO_ALEXA_EVENTS_URL is {url!r}; it must be an https address")
        self._households = households
        self._accounts = accounts
        self._clock = clock
        self._url = url
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._locales = tuple(locale for locale in locales if locale in _LOCALES)
        self._post = post or _post
        self._token: tuple[str, datetime] | None = None

    def send(self, notice: Notice) -> int:
        """Sends a notice to all whom Alexa may tell of it; how many of its events Amazon took. Raises `StorageError`, and
        `OSError` where Amazon may take some later: what it has taken already, it does not take twice.
        """
        if notice.kind not in STATUS or self._is_over(notice):
            return 0
        sent = [self._send(each) for each in self._addressed(notice)]
        if None in sent:
            raise OSError(f"{sent.count(None)} of {len(sent)} order updates were not sent; they may be sent later")
        return sent.count(True)

    def _is_over(self, notice: Notice) -> bool:
        return self._clock.now_utc() - notice.at >= EXPIRES_AFTER

    def _addressed(self, notice: Notice) -> Iterator[_Waiting]:
        for platform, user in self._households.linked(notice.household_id):
            if platform == _PLATFORM and EVENT in self._accounts.granted(platform, user, "subscriptions"):
                yield _Waiting(notice, user)

    def _send(self, waiting: _Waiting) -> bool | None:
        """Whether Amazon took it; None where it may take it later."""
        try:
            token = self._fresh_token()
            body = json.dumps(write_event(waiting.notice, waiting.user, self._locales), ensure_ascii=False).encode()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            status, _ = self._post(self._url, body, headers)
        except OSError as failed:
            _log.warning("an order update was not sent: %s", failed)
            return None
        if status == 202:
            return True
        _log.warning("Amazon answered an order update with %d", status)
        if status in (401, 403):
            self._token = None
        return None if status in (401, 403, 429) or status >= 500 else False

    def _fresh_token(self) -> str:
        """Raises `OSError` where Amazon gives none."""
        now = self._clock.now_utc()
        if self._token is not None and now < self._token[1]:
            return self._token[0]
        form = {"grant_type": "client_credentials", "scope": "alexa::proactive_events", **self._client}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self._post(TOKEN_URL, urlencode(form).encode(), headers)
        try:
            told = json.loads(answer)
            token, lasts = str(told["access_token"]), timedelta(seconds=float(told["expires_in"]))
        except (ValueError, LookupError, TypeError, OverflowError) as error:
            raise OSError(f"Amazon gave no token, and answered {status}") from error
        self._token = token, now + lasts - TOKEN_SPARE
        return token


class OrderUpdates(ProactiveEvents):
    """A notifier that hands every notice to `then` and keeps those that Alexa may tell of; `deliver` sends them.

    What waits is lost with the process: the receipt that `then` has is the one that counts.
    """

    def __init__(
        self,
        then: Notifier,
        households: Links,
        accounts: Accounts,
        clock: Clock,
        *,
        url: str,
        client_id: str,
        client_secret: str,
        locales: Sequence[str],
        post: Post | None = None,
    ) -> None:
        super().__init__(
            households,
            accounts,
            clock,
            url=url,
            client_id=client_id,
            client_secret=client_secret,
            locales=locales,
            post=post,
        )
        self._then = then
        self._waiting: deque[Notice | _Waiting] = deque(maxlen=WAITING_MAX)

    def notify(self, notice: Notice) -> bool:
        """Never sends by itself: `deliver` does, and may take its time."""
        taken = self._then.notify(notice)
        if taken and notice.kind in STATUS:
            self._waiting.append(notice)
        return taken

    def forget(self, household_id: HouseholdId) -> None:
        """What waits finds no linked account any more, and what is tried again is gone with its last try."""
        self._then.forget(household_id)

    def deliver(self) -> int:
        """Sends what waits, at most `SENT_A_ROUND_MAX` of it; how many Amazon took. Raises `StorageError`."""
        taken = 0
        for _ in range(min(SENT_A_ROUND_MAX, len(self._waiting))):
            first = self._waiting.popleft()
            for each in self._addressed(first) if isinstance(first, Notice) else (first,):
                if self._is_over(each.notice):
                    continue
                sent = self._send(each)
                taken += sent is True
                if sent is None and each.tries + 1 < TRIES_MAX:
                    self._waiting.append(replace(each, tries=each.tries + 1))
        return taken


def write_event(notice: Notice, user: str, locales: Sequence[str]) -> dict[str, object]:
    """The event as Amazon takes it. The seller's name is the same in every language."""
    status, at = STATUS[notice.kind], _write_time(notice.at)
    return {
        "timestamp": at,
        "referenceId": f"{notice.values['order_id']}-{status}",
        "expiryTime": _write_time(notice.at + EXPIRES_AFTER),
        "event": {
            "name": EVENT,
            "payload": {
                "state": {"status": status, "enterTimestamp": at},
                "order": {"seller": {"name": "localizedattribute:sellerName"}},
            },
        },
        "localizedAttributes": [{"locale": locale, "sellerName": notice.values["seller"]} for locale in locales],
        "relevantAudience": {"type": "Unicast", "payload": {"user": user}},
    }


def _write_time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    import urllib3

    try:
        response = urllib3.request(
            "POST", url, body=body, headers=dict(headers), timeout=TIMEOUT_S, retries=False, redirect=False
        )
    except (urllib3.exceptions.HTTPError, UnicodeError) as failed:
        raise OSError(str(failed)) from failed
    return response.status, response.data
