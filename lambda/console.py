"""AWS Lambda behind the pages, called through an HTTP API: `lambda.console.handler`."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from apig_wsgi import make_lambda_handler

from skill.web import create_pages_app

from .store import open_store, settle_in


@cache
def pages() -> Any:
    """The owner's and the parents' pages, built once an instance. Raises `SettingsInvalid`."""
    return make_lambda_handler(create_pages_app(open_store(os.environ)).wsgi_app)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    answer: dict[str, Any] = pages()(event, context)
    return answer


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    pages()
    settle_in()
