"""AWS Lambda behind the table's stream: `lambda.outbox.handler`. Heads of audit chains go to the bucket, events to the bus."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from skill.app import open_stream
from skill.settings import read_settings


@cache
def stream() -> Any:
    """Opened once an instance. Raises `SettingsInvalid`."""
    return open_stream(read_settings(os.environ))


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """A batch that raises is sent again by Lambda, in halves, and at last put into the dead-letter queue."""
    taken: dict[str, int] = stream().take(event.get("Records", []))
    return taken


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    stream()
