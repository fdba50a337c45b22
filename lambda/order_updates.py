"""AWS Lambda behind the bus: `lambda.order_updates.handler`. Receipts and shipped orders are told to Alexa devices."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from skill.app import open_order_updates
from skill.settings import read_settings


@cache
def send() -> Callable[[Mapping[str, Any]], int]:
    """Opened once an instance. Raises `SettingsInvalid`."""
    return open_order_updates(read_settings(os.environ))


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """A notice that raises is sent again by Lambda, twice, and then put into the dead-letter queue. Amazon knows an event that it
    has taken by its reference, and takes none twice."""
    return {"sent": send()(event)}


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    send()
