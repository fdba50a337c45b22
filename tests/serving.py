"""Serves an app to a test, on a free port, and stops without a loop that waits on a socket that is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from waitress.server import create_server


@contextmanager
def served(wsgi: Any, threads: int = 4) -> Iterator[str]:
    """The address at which the app answers while the block lasts."""
    server: Any = create_server(wsgi, host="127.0.0.1", port=0, threads=threads)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Closed from its own loop: another thread's close would leave it waiting on a socket that is gone.
        with suppress(OSError):  # a loop that is awake closes before it is woken
            server.trigger.pull_trigger(server.close)
        running.join(timeout=10)
        server.task_dispatcher.shutdown()
