"""A conversation that orders and takes the order back, in a process that is killed after its N-th write.

python -m tests.ordering.crashing DATA_DIR N        N 0: to the end; prints how many writes there were
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from skill.adapters.sqlite.database import Database
from skill.app import App, build_app
from skill.settings import Settings
from skill.turn import Kind, Turn

BEGUN = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)

TURNS: tuple[tuple[str, dict[str, str]], ...] = (
    ("find_products", {"product_query": "bananas"}),
    ("add_to_cart", {"ordinal": "1", "quantity": "2"}),
    ("check_out", {}),
    ("give_code", {"code": "4271"}),
    ("cancel_order", {}),
)


class Clock:
    def __init__(self, now: datetime = BEGUN) -> None:
        self.now = now

    def now_utc(self) -> datetime:
        return self.now


def open_app(data: Path, clock: Clock) -> App:
    return build_app(Settings(data_dir=data, keys_dir=data / "keys"), clock=clock)


def talk(app: App, clock: Clock) -> list[str]:
    """Says every turn, two seconds apart, each with a request id that is the same whoever runs this; what was heard."""
    heard = []
    for number, (intent, slots) in enumerate(TURNS):
        clock.now += timedelta(seconds=2)
        turn = Turn(
            platform="alexa", store="corner", user="simulator", session="session", request_id=f"request-{number}",
            locale="en-US", kind=Kind.INTENT, body_hash=f"body-{number}", device="kitchen", intent=intent, slots=slots,
        )  # fmt: skip
        heard.append(app.answer(turn).speech)
    return heard


def main(data: Path, kill_after: int) -> None:
    clock = Clock()
    app = open_app(data, clock)
    writes = 0
    write = Database.write

    def counted(database: Database, function: Callable[..., Any], **how: Any) -> Any:
        nonlocal writes
        result = write(database, function, **how)
        writes += 1
        if writes == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    Database.write = counted  # type: ignore[method-assign]
    talk(app, clock)
    print(writes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
