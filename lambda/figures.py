"""AWS Lambda behind the table's stream: `lambda.figures.handler`. What turns and orders wrote down is counted for the console."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from skill.app import open_figures

from .store import read_seeded_settings


@cache
def take() -> Callable[..., int]:
    """Opened once an instance. Raises `SettingsInvalid`."""
    return open_figures(read_seeded_settings(os.environ))


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """A batch that raises is sent again by Lambda, in halves; what of it was counted is not counted twice."""
    return {"counted": take()(event.get("Records", []))}


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    take()
