"""The page at `/`: talk to the skill in a browser, through the platform's real adapter. On loopback alone."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Lock
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skill.app import App
from skill.errors import HouseholdUnknown, RequestRejected
from skill.shop.households import Household, HouseholdId
from skill.simulator import Platform, Verified
from skill.simulator.envelopes.shapes import new_id
from skill.simulator.inside import inside_json
from skill.simulator.recording import Recording, recording_name
from skill.simulator.talk import Exchange, Talk, talk_in_process

#: Conversations that are kept; the one that was silent longest is forgotten first.
TALKS_MAX = 100
HOUSEHOLDS_SHOWN_MAX = 50

PLATFORM_LABELS = (
    ("alexa", "Alexa"),
    ("dialogflow-cx", "Dialogflow CX"),
    ("dialogflow-es", "Dialogflow ES"),
    ("actions-builder", "Actions Builder"),
)
DEVICES = (("kitchen", "Kitchen speaker"), ("living-room", "Living room speaker"), ("display", "Display with a screen"))
SPEAKERS = (("kim", "Kim"), ("alex", "Alex"))
MASKED = "••••"

#: Whose cart is empty.
NOBODY = "guest:nobody"

STARTERS = ("find milk", "dog food under 20 dollars", "order a dollhouse")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Said(_Sent):
    """What the page posts for each turn: words, a launch, or how the platform's own check of the speaker ended.

    `talk` is the handle of a conversation that goes on.
    """

    platform: Platform
    household: Annotated[str, Field(max_length=200)] = ""
    device: Literal["kitchen", "living-room", "display"] = "kitchen"
    speaker: Literal["", "kim", "alex"] = ""
    words: Annotated[str, Field(max_length=500)] = ""
    launch: bool = False
    verify: Verified | None = None
    talk: str | None = None


class Saved(_Sent):
    talk: str


class Looked(_Sent):
    household: Annotated[str, Field(max_length=200)] = ""


@dataclass(slots=True)
class _Held:
    """A conversation of the page, and whose it is."""

    talk: Talk
    setting: tuple[str, str, str]
    owner: str
    household_id: HouseholdId | None
    recording: Recording
    lock: Lock


class _Talks:
    """The conversations of this process's pages."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = Lock()

    def get(self, handle: str | None) -> _Held | None:
        with self._lock:
            held = self._held.get(handle or "")
            if held is not None and handle is not None:
                self._held.move_to_end(handle)
            return held

    def put(self, held: _Held) -> str:
        handle = new_id()
        with self._lock:
            self._held[handle] = held
            while len(self._held) > TALKS_MAX:
                self._held.popitem(last=False)
        return handle


def create_simulator(app: App) -> Blueprint:
    """The page and what it posts to, for a server on loopback; a request from or to anywhere else gets 404."""
    blueprint = Blueprint(
        "simulator", __name__, static_folder="static", static_url_path="/simulator/static", template_folder="templates"
    )
    talks = _Talks()

    @blueprint.before_request
    def stay_home() -> None:
        if not app.settings.on_loopback or not _is_loopback(request.remote_addr) or not _is_loopback(_named_host()):
            abort(404)
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)

    @blueprint.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @blueprint.get("/")
    def page() -> str:
        return render_template(
            "simulator.html",
            seller=app.ports.store.seller,
            platforms=PLATFORM_LABELS,
            devices=DEVICES,
            speakers=SPEAKERS,
            starters=STARTERS,
            households=app.ports.households.list(HOUSEHOLDS_SHOWN_MAX),
        )

    @blueprint.post("/simulator/say")
    def say() -> Response | tuple[Response, int]:
        try:
            said = Said.model_validate(_posted_json())
            held, handle = _held(app, talks, said)
            with held.lock:
                exchange = _exchange(held, said)
                household = app.ports.households.get(held.household_id) if held.household_id else None
                return jsonify(_answer(app, held, handle, exchange, household))
        except ValidationError as invalid:
            return jsonify(error=_problem(invalid)), 422
        except (RequestRejected, HouseholdUnknown) as rejected:
            return jsonify(error=str(rejected)), 422

    @blueprint.post("/simulator/look")
    def look() -> Response | tuple[Response, int]:
        try:
            household_id = HouseholdId(Looked.model_validate(_posted_json()).household)
            household = app.ports.households.get(household_id) if household_id else None
        except ValidationError as invalid:
            return jsonify(error=_problem(invalid)), 422
        except (RequestRejected, HouseholdUnknown) as rejected:
            return jsonify(error=str(rejected)), 422
        return jsonify(inside=inside_json(app.ports, household_id or NOBODY, household))

    @blueprint.post("/simulator/save")
    def save() -> Response | tuple[Response, int]:
        try:
            held = talks.get(Saved.model_validate(_posted_json()).talk)
        except ValidationError as invalid:
            return jsonify(error=_problem(invalid)), 422
        if held is None or held.recording.is_empty:
            return jsonify(error="there is no such conversation any more; say something first"), 422
        name = recording_name(app.ports.clock.now_utc())
        return jsonify(name=name, yaml=held.recording.to_yaml("A conversation from the simulator"))

    return blueprint


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address((name or "").strip("[]")).is_loopback
    except ValueError:
        return False


def _named_host() -> str | None:
    """The name by which the browser calls us, without the port: a page elsewhere may point its own name at this machine."""
    return urlsplit(f"//{request.host}").hostname


def _posted_json() -> Any:
    """JSON by content type, which a form on another site cannot send."""
    if request.mimetype != "application/json":
        raise RequestRejected("the content type must be application/json")
    posted = request.get_json(silent=True)
    if not isinstance(posted, dict):
        raise RequestRejected("the body is not a JSON object")
    return posted


def _problem(invalid: ValidationError) -> str:
    first = invalid.errors(include_url=False)[0]
    return f"{'.'.join(str(each) for each in first['loc'])}: {first['msg']}"


def _held(app: App, talks: _Talks, said: Said) -> tuple[_Held, str]:
    """The conversation that goes on, or a new one where there is none or something but the speaker has changed."""
    setting = (said.platform, said.household, said.device)
    held = talks.get(said.talk)
    if held is not None and said.talk is not None and held.setting == setting:
        return held, said.talk
    household, user = _shopper(app, said.platform, said.household)
    owner = household.household_id if household else f"guest:{said.platform}:{user}"
    talk = talk_in_process(app, said.platform, user, device=said.device, screen=said.device == "display")
    recording = Recording(app.ports, said.platform, app.settings.locale, owner, household)
    held = _Held(talk, setting, owner, household.household_id if household else None, recording, Lock())
    return held, talks.put(held)


def _shopper(app: App, platform: str, household_id: str) -> tuple[Household | None, str]:
    """The household and its account on the platform. Raises `HouseholdUnknown`, `RequestRejected`."""
    if not household_id:
        return None, f"guest-{new_id()}"
    household = app.ports.households.get(HouseholdId(household_id))
    user = next(
        (user for linked, user in app.ports.households.linked(household.household_id) if linked == platform), None
    )
    if user is None:
        raise RequestRejected(
            f"{household.name} has no account linked on {platform}: "
            f"sayso household link {household_id} --platform {platform} --user simulator"
        )
    return household, user


def _exchange(held: _Held, said: Said) -> Exchange:
    speaker = said.speaker or None
    held.talk.recognise(speaker)
    words = " ".join(said.words.split())
    deed: dict[str, Any] | None = None
    if said.launch:
        exchange, deed = held.talk.launch(), {"launch": True}
    elif said.verify is not None:
        exchange, deed = held.talk.verify(said.verify), {"verify": said.verify}
    elif words:
        exchange = held.talk.say(words)
    else:
        raise RequestRejected("nothing was said")
    held.recording.add(exchange, device=said.device, speaker=speaker, deed=deed)
    return exchange


def _answer(app: App, held: _Held, handle: str, exchange: Exchange, household: Household | None) -> dict[str, Any]:
    heard, understood = exchange.heard, exchange.understood
    slots = dict(understood.slots) if understood else {}
    return {
        "talk": handle,
        # A purchase code is shown nowhere but in the envelope that carried it.
        "is_secret": "code" in slots,
        "understood": understood
        and {"intent": understood.intent, "slots": slots | ({"code": MASKED} if "code" in slots else {})},
        "speech": heard.speech,
        "reprompt": heard.reprompt,
        "card": heard.card and {"title": heard.card.title, "text": heard.card.text},
        "expects_more": heard.expects_more,
        "task": heard.task,
        "expected": heard.expected_slot[1].replace("_", " ") if heard.expected_slot else "",
        # Alexa has no chips; a developer may tap what the skill suggested all the same.
        "suggestions": list(exchange.reply.suggestions if exchange.reply else heard.suggestions),
        "request": json.dumps(exchange.request, indent=2, ensure_ascii=False),
        "response": json.dumps(exchange.response, indent=2, ensure_ascii=False),
        "inside": inside_json(app.ports, held.owner, household),
    }
