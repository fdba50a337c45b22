"""AWS Lambda on a schedule: `lambda.sweeper.handler`. Resolves what was left half-way, and posts events to the shop's webhook."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from skill.background import Background
from skill.errors import StorageError

from .store import open_store, settle_in


@cache
def background() -> Background:
    """Opened once an instance. Raises `SettingsInvalid`."""
    return Background(open_store(os.environ))


def handler(event: dict[str, Any], context: object) -> None:
    """One round. What fails is logged and tried again in the next; one in which something did raises at its end, for the alarm."""
    background().run_once()
    if failed := background().failed_count:
        raise StorageError(f"{failed} of the round failed, as said above")


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    background()
    settle_in()
