"""Requests that were captured where a platform sent them: told apart, spoken for somebody else, sent as new ones."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from skill.errors import RequestRejected
from skill.platforms.envelope import object_in
from skill.simulator import Platform
from skill.simulator.envelopes.shapes import carried, new_id

#: Nobody pastes a longer conversation by hand, and each request is a whole turn.
CAPTURED_MAX = 50
TEXT_LENGTH_MAX = 500_000


def read_captured(text: str) -> tuple[dict[str, Any], ...]:
    """One request, a list of them, or one a line. What a gateway or a function wrapped round a request is taken off.

    Raises `RequestRejected`, naming what is wrong and where.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise RequestRejected(f"this is {len(text)} characters long; at most {TEXT_LENGTH_MAX} are read")
    if not text.strip():
        raise RequestRejected("paste a request as the platform sent it: a JSON object")
    found = _read(text)
    captured = found if isinstance(found, list) else [found]
    if not 0 < len(captured) <= CAPTURED_MAX:
        raise RequestRejected(f"there are {len(captured)} requests; paste 1 to {CAPTURED_MAX}")
    return tuple(_unwrap(each, number) for number, each in enumerate(captured, 1))


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as deep:
        raise RequestRejected("this is nested too deep") from deep
    except ValueError as whole:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            return [json.loads(line) for line in lines] if len(lines) > 1 else _refuse(whole)
        except (ValueError, RecursionError):
            # One object over many lines is likelier than a list of them: its own fault is the one to tell.
            return _refuse(whole)


def _refuse(fault: ValueError) -> Any:
    if isinstance(fault, json.JSONDecodeError):
        raise RequestRejected(f"line {fault.lineno}, column {fault.colno}: {fault.msg}; paste JSON") from fault
    raise RequestRejected("this is not JSON") from fault


def _unwrap(captured: Any, number: int) -> dict[str, Any]:
    body = captured.get("body") if isinstance(captured, dict) else None
    if isinstance(body, str) and isinstance(captured, dict):
        try:
            captured = json.loads(base64.b64decode(body) if captured.get("isBase64Encoded") is True else body)
        except (ValueError, RecursionError, binascii.Error) as unreadable:
            raise RequestRejected(f"request {number}: its body is not JSON") from unreadable
    if not isinstance(captured, dict):
        raise RequestRejected(f"request {number} is not a JSON object")
    return captured


def platform_of(captured: Mapping[str, Any]) -> Platform:
    """Whose request it is. Raises `RequestRejected` for one that none of the platforms sends."""
    if carried(object_in(captured, "request"), "type"):
        return "alexa"
    if "queryResult" in captured:
        return "dialogflow-es"
    if "sessionInfo" in captured or "detectIntentResponseId" in captured:
        return "dialogflow-cx"
    if "handler" in captured and "session" in captured:
        return "actions-builder"
    raise RequestRejected(
        "no platform sends this: an Alexa request has `request.type`, Dialogflow CX's `sessionInfo`, "
        "Dialogflow ES's `queryResult`, Actions Builder's `handler` and `session`"
    )


def user_in(captured: Mapping[str, Any]) -> str:
    """The account that an Alexa request is of; "" for the other platforms, whose users are signed for elsewhere."""
    system = object_in(object_in(captured, "context"), "System")
    return carried(object_in(system, "user") or object_in(object_in(captured, "session"), "user"), "userId")


def speak_for(captured: Mapping[str, Any], platform: str, user: str, token: str) -> dict[str, Any]:
    """The request as if another account had made it: `user` on Alexa, the signed `token` elsewhere."""
    request = deepcopy(dict(captured))
    match platform:
        case "alexa":
            for holder in (_made(_made(request, "context"), "System"), _made(request, "session")):
                _made(holder, "user")["userId"] = user
        case "dialogflow-cx":
            _made(request, "payload")["sayso_user"] = token
        case "dialogflow-es":
            _made(_made(request, "originalDetectIntentRequest"), "payload")["sayso_user"] = token
        case _:
            _made(_made(request, "user"), "params")["sayso_user"] = token
    return request


def send_anew(captured: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """The request under a new id, so that it is not answered as it was the first time. Actions Builder's have none: the
    session is a new one.
    """
    request = deepcopy(dict(captured))
    match platform:
        case "alexa":
            _made(request, "request")["requestId"] = f"amzn1.echo-api.request.{new_id()}"
        case "dialogflow-cx":
            request["detectIntentResponseId"] = new_id()
        case "dialogflow-es":
            request["responseId"] = new_id()
        case _:
            _made(request, "session")["id"] = new_id()
    return request


def _made(holder: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at `key`, made where there is none."""
    if not isinstance(holder.get(key), dict):
        holder[key] = {}
    made: dict[str, Any] = holder[key]
    return made
