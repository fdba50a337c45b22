"""AWS Lambda behind a Dialogflow CX webhook, called through its function URL: `lambda.dialogflow.handler`."""

from __future__ import annotations

import json
import logging
import os
from base64 import b64decode
from functools import cache
from typing import Any

from skill.errors import RequestRejected, SettingsInvalid
from skill.platforms.dialogflow_cx import SECRET_HEADER, DialogflowCx
from skill.platforms.signed_user import SignedUsers

from .store import open_store, settle_in


@cache
def webhook() -> DialogflowCx:
    """The webhook, built once an instance. Raises `SettingsInvalid` without a secret: anybody can call a function's URL."""
    app = open_store(os.environ)
    if not app.settings.dialogflow_secret:
        raise SettingsInvalid(
            "neither SAYSO_DIALOGFLOW_SECRET nor `dialogflow_secret` in SAYSO_SECRET is set; "
            "it must be what the agent's webhook sends along"
        )
    store, key = app.ports.store.store_id, app.settings.dialogflow_user_key
    return DialogflowCx(
        app.answer,
        store=store,
        users=SignedUsers(key, audience=store, now=app.ports.clock.now_utc) if key else None,
        secret=app.settings.dialogflow_secret,
        locale=app.settings.locale,
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    try:
        webhook().check_secret(event.get("headers", {}).get(SECRET_HEADER.lower()))
        body = event.get("body") or ""
        return _answer(200, webhook().invoke_json(b64decode(body) if event.get("isBase64Encoded") else body))
    except RequestRejected as rejected:
        logging.getLogger("sayso.lambda").warning("rejected: %s", rejected)
        return _answer(rejected.facts.get("status", 400), {"error": str(rejected)})


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, ensure_ascii=False)}


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now and not at the first shopper's word.
    webhook()
    settle_in()
