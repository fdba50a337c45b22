"""What a server does beside answering: sweeping what was left half-way, and posting events to the shop."""

from __future__ import annotations

import logging
import threading

from skill.adapters.local.webhook import HttpWebhook
from skill.app import App
from skill.errors import SaysoError
from skill.ordering.delivering import deliver, read_secret
from skill.ordering.sweeping import sweep

log = logging.getLogger("sayso.background")

SWEEP_EVERY_S = 15.0


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

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=30)

    def run_once(self) -> None:
        """One round: sweeps, then delivers. A store that fails is logged, and the next round tries again."""
        ports, updates = self._app.ports, self._app.order_updates
        try:
            now = ports.clock.now_utc()
            swept = sweep(ports, now)
            if swept.committed or swept.voided or swept.refunded:
                log.info("swept: %s", swept)
            if self._webhook is not None:
                done = deliver(ports.outbox, self._webhook, self._secret, now)
                if done.failed:
                    log.warning("the shop's webhook did not take everything: %s", done)
            if updates is not None:
                updates.deliver()
        except SaysoError as failed:
            log.warning("a background round failed: %s", type(failed).__name__)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self.run_once()
