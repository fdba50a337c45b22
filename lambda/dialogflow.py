"""AWS Lambda behind Google's webhooks, called through an HTTP API or a function URL: `lambda.dialogflow.handler`.

The path says which: /dialogflow/cx, /dialogflow/es or /actions, as on a server; a function URL without a path is Dialogflow CX's.
"""

from __future__ import annotations

import json
import logging
import os
from base64 import b64decode
from binascii import Error as Base64Error
from functools import cache
from typing import Any

from skill.errors import RequestRejected, SettingsInvalid
from skill.platforms.webhook import SECRET_HEADER, Webhook
from skill.platforms.webhooks import WEBHOOKS, open_webhooks

from .store import open_store, settle_in


@cache
def webhooks() -> dict[str, Webhook]:
    """Built once an instance. Raises `SettingsInvalid` where nothing would be checked: anybody can call a function's URL."""
    app = open_store(os.environ)
    if not app.settings.checks_google:
        raise SettingsInvalid(
            "neither SAYSO_DIALOGFLOW_SECRET nor `dialogflow_secret` in SAYSO_SECRET is set, nor SAYSO_GOOGLE_ACCOUNT; "
            "one must say what proves that the agent's webhook is calling"
        )
    return open_webhooks(app.settings, app.answer, store=app.ports.store.store_id, now=app.ports.clock.now_utc)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    try:
        webhook = webhooks()[_path(event)]
        headers = event.get("headers", {})
        webhook.check_caller(headers.get(SECRET_HEADER.lower()), headers.get("authorization"))
        return _answer(200, webhook.invoke_json(_body(event)))
    except RequestRejected as rejected:
        logging.getLogger("sayso.lambda").warning("rejected: %s", rejected)
        return _answer(rejected.facts.get("status", 400), {"error": str(rejected)})


def _path(event: dict[str, Any]) -> str:
    """The path of the webhook that is meant; a stage's name may stand before it."""
    raw = str(event.get("rawPath") or "/")
    if raw == "/":
        return "/dialogflow/cx"
    for path in WEBHOOKS:
        if raw.endswith(path):
            return path
    raise RequestRejected("there is no such webhook", status=404)


def _body(event: dict[str, Any]) -> bytes | str:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body)
    try:
        return b64decode(body)
    except (Base64Error, ValueError) as error:
        raise RequestRejected("the body is not Base64") from error


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, ensure_ascii=False)}


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now and not at the first shopper's word.
    webhooks()
    settle_in()
