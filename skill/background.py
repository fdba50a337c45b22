"""What a server does beside answering: sweeping what was left half-way, and posting events to the shop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from skill.adapters.local.webhook import HttpWebhook
from skill.app import App
from skill.ordering.delivering import deliver, read_secret
from skill.ordering.sweeping import sweep

log = logging.getLogger("sayso.background")

SWEEP_EVERY_S = 15.0

#: A round that has not ended for so long hangs, or its thread is gone. A shop's server may take its time with fifty events.
ROUND_MAX_S = 900.0

UNANSWERED_COUNTED_MAX = 100

Done = TypeVar("Done")


class Attempts:
    """Tries one thing after another, whatever becomes of each: the outermost edge of what runs in the background."""

    def __init__(self) -> None:
        self.failed_count = 0

    def __call__(self, what: str, step: Callable[[], Done], /) -> Done | None:
        """What the step gives, None where it failed."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - the outermost edge
            # Also what a provider's adapter raises, or a record that nobody foresaw: it must not hold up everybody else's orders.
            self.failed_count += 1
            log.warning("%s failed, and is tried again: %s: %s", what, type(error).__name__, error)
            return None


class Background:
    """A daemon thread; `stop` waits for the round under way. Raises `SettingsInvalid` for a webhook that cannot be used."""

    def __init__(self, app: App, every_s: float = SWEEP_EVERY_S) -> None:
        self._app = app
        self._every_s = every_s
        self._stopping = threading.Event()
        settings = app.settings
        self._webhook = HttpWebhook(settings.webhook_url) if settings.webhook_url else None
        self._secret = read_secret(settings.webhook_secret) if settings.webhook_url else b""
        self._thread = threading.Thread(target=self._run, name="sayso-background", daemon=True)
        self._alive_s = monotonic()
        #: When the last round ended, and how much of it failed.
        self.last_round_at: datetime | None = None
        self.failed_count = 0
        #: Orders about which the payment provider has had no answer for long, `UNANSWERED_COUNTED_MAX` at most.
        self.unanswered_count = 0

    @property
    def is_late(self) -> bool:
        """Whether rounds have stopped: nothing that was left half-way is resolved, and the shop hears of no order."""
        return monotonic() - self._alive_s > ROUND_MAX_S

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=30)

    def run_once(self) -> None:
        """One round: sweeps, then delivers. What fails is logged, and the next round tries it again."""
        attempt = Attempts()
        attempt("the background round", partial(self._round, attempt))
        self._alive_s, self.failed_count = monotonic(), attempt.failed_count

    def _round(self, attempt: Attempts) -> None:
        ports, updates = self._app.ports, self._app.order_updates
        now = ports.clock.now_utc()
        swept = sweep(ports, now, attempt=attempt)
        unanswered = attempt("counting unanswered payments", partial(ports.ledger.unanswered, UNANSWERED_COUNTED_MAX))
        if unanswered is not None:
            self.unanswered_count = len(unanswered)
        if self.unanswered_count:
            log.warning(
                "the payment provider has no answer about %d orders; `/console` names them", self.unanswered_count
            )
        if swept.committed or swept.voided or swept.refunded:
            log.info("swept: %s", swept)
        if self._webhook is not None:
            done = attempt("posting to the shop", partial(deliver, ports.outbox, self._webhook, self._secret, now))
            if done is not None and done.failed:
                log.warning("the shop's webhook did not take everything: %s", done)
        if updates is not None:
            attempt("sending order updates", updates.deliver)
        self.last_round_at = now

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self.run_once()
