"""The Flask application: webhooks, health and, where this machine alone is served, the simulator."""

from __future__ import annotations

import gc
import json
import logging
import uuid
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, jsonify, render_template, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from skill.errors import CatalogueMissing, RequestRejected, SettingsInvalid, StorageError
from skill.platforms.alexa import AlexaSkill
from skill.platforms.alexa_verify import AlexaVerifier
from skill.platforms.flask_ask_sdk_import import import_skill_adapter
from skill.platforms.linked_account import open_accounts
from skill.platforms.webhook import SECRET_HEADER, Webhook
from skill.platforms.webhooks import open_webhooks
from skill.simulator.forwarded import was_forwarded

if TYPE_CHECKING:
    from skill.app import App
    from skill.background import Background

_log = logging.getLogger(__name__)

ALEXA_PATH = "/alexa"

#: The largest request that is read: a megabyte is an attack, an honest one has a few kilobytes.
BODY_BYTES_MAX = 999_999

#: A turn makes some two thousand objects, and next to none of them in a circle: Python's 700 is several looks a turn.
ALLOCATIONS_A_COLLECTION = 20_000

#: What every answer carries, unless it says otherwise itself.
_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
#: And what every answer carries that a browser could show as a page: all but those to JSON that was posted, which no link and
#: no form can send.
_PAGE_HEADERS = (
    *_HEADERS,
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)

#: A webhook's answer has its type and its length, and so none of ours.
_PLAIN_HEADERS_COUNT = 2

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def create_app(app: App, *, verifier: AlexaVerifier | None = None, background: Background | None = None) -> Flask:
    """The web application for a store. `verifier` takes the place of the one that checks Alexa's signatures;
    `background` is what runs beside it, for `/healthz` to tell of.

    For this machine alone requests of any skill (agent) are taken, and the log says so. A server for others serves a platform
    when it can be checked: raises `SettingsInvalid` where none can.
    """
    settings = app.settings
    if not settings.on_loopback and not settings.skill_id and not settings.checks_google:
        raise SettingsInvalid(
            f"a server on {settings.host} can be reached by others: set SAYSO_SKILL_ID to the Alexa skill's id, "
            "or SAYSO_DIALOGFLOW_SECRET to the Dialogflow webhook's secret, or SAYSO_GOOGLE_ACCOUNT to its service agent, "
            "or SAYSO_HOST to 127.0.0.1"
        )
    app.warn_of_payments()
    flask = _Flask("sayso", static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    _mount_alexa(flask, app, verifier)
    _mount_webhooks(flask, app)
    _mount_health(flask, app, background)
    _mount_pages(flask, app)
    if settings.serves_simulator:
        _mount_simulator(flask, app)
    return _with_edge(flask, this_machine_only=not settings.serves_others)


def create_pages_app(app: App) -> Flask:
    """The owner's and the parents' pages and nothing else, where the platforms are answered elsewhere."""
    flask = _Flask("sayso", static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    _mount_health(flask, app)
    _mount_pages(flask, app)
    return _with_edge(flask, this_machine_only=False)


def _with_edge(flask: Flask, *, this_machine_only: bool) -> Flask:
    flask.wsgi_app = _Edge(flask.wsgi_app, this_machine_only=this_machine_only)  # type: ignore[method-assign]  # as Flask documents
    flask.register_error_handler(RequestRejected, _answer_rejected)
    flask.register_error_handler(HTTPException, _answer_http_error)
    flask.register_error_handler(Exception, _answer_failure)
    return flask


class _Json(DefaultJSONProvider):
    """Escaped, a Greek or Kazakh answer would be three times as long, and platforms count its bytes.

    One encoder for every answer: Flask makes one for each, from options that say how people would like to read it.
    """

    _encode = staticmethod(
        json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=DefaultJSONProvider.default).encode
    )

    def dumps(self, obj: Any, **_: Any) -> str:
        try:
            return orjson.dumps(obj, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()
        except TypeError:  # half a surrogate pair, or what Flask has a form for
            return self._encode(obj)


class _Response(Response):
    def get_wsgi_headers(self, environ: Any) -> Headers:
        """A plain answer's type and length are right as they stand: there is no address in them to complete."""
        if self.status_code == 200 and len(self.headers) == _PLAIN_HEADERS_COUNT:
            return self.headers
        return super().get_wsgi_headers(environ)


class _Rule(Rule):
    """Werkzeug compiles two functions a rule that build its address, most of what a start took; here when one is first built."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = cache(super()._compile_builder)

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(rule, **values)

        return build


class _Flask(Flask):
    json_provider_class = _Json
    url_rule_class = _Rule
    response_class = _Response

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine, and finding that out anew for every request takes its time."""
        return func


class _Edge:
    """What every answer goes through, whatever made it: the headers; and where nothing is checked, a look at who was asked.

    An unchecked server answers to this machine's names alone, and not through a proxy: neither to a tunnel nor to a page that
    rebinds its name.
    """

    def __init__(self, inner: WsgiApplication, *, this_machine_only: bool) -> None:
        self._inner = inner
        self._this_machine_only = this_machine_only

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        is_call = environ.get("CONTENT_TYPE") == "application/json" and environ["REQUEST_METHOD"] == "POST"
        added = _HEADERS if is_call else _PAGE_HEADERS

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(status, _with_headers(headers, added), *failure)

        if self._this_machine_only and not _comes_from_this_machine(environ):
            why = "set SAYSO_SKILL_ID or SAYSO_DIALOGFLOW_SECRET to serve other machines"
            _log.warning("rejected a request from elsewhere: %s", why)
            return Response(json.dumps({"error": why}), 403, mimetype="application/json")(environ, start)
        return self._inner(environ, start)


def _comes_from_this_machine(environ: dict[str, Any]) -> bool:
    return _is_this_machine(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")) and not was_forwarded(environ)


def _with_headers(headers: list[tuple[str, str]], added: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    if len(headers) <= _PLAIN_HEADERS_COUNT:
        return [*headers, *added]
    said = {name.lower() for name, _ in headers}
    return [*headers, *(each for each in added if each[0].lower() not in said)]


def settle_memory() -> None:
    """What a server has built by now stays as long as it runs: the collector need not look through it again and again.

    Called once, by the process that is about to serve.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_A_COLLECTION)


def _mount_alexa(flask: Flask, app: App, verifier: AlexaVerifier | None) -> None:
    settings = app.settings
    if not settings.skill_id:
        if settings.serves_others:
            _log.warning("Alexa is not served: SAYSO_SKILL_ID is not set")
            return
        _log.warning("SAYSO_SKILL_ID is not set: requests of any skill are taken, unsigned, from this machine alone")
    skill = AlexaSkill(
        app.answer,
        store=app.ports.store.store_id,
        skill_id=settings.skill_id or None,
        accounts=open_accounts(settings, app.ports.clock.now_utc),
        names=app.product_names,
        locale=settings.locale,
    )
    checks = [verifier or AlexaVerifier(now=app.ports.clock.now_utc)] if settings.skill_id else []
    # Amazon's own verifiers are off: they do not work with today's OpenSSL, and ours take their place.
    flask.config["ASK_SDK_VERIFY_SIGNATURE"] = False
    flask.config["ASK_SDK_VERIFY_TIMESTAMP"] = False
    adapter = import_skill_adapter()(skill=skill, skill_id=settings.skill_id, verifiers=checks, app=flask)

    def alexa() -> Response:
        _demand_json()
        response: Response = adapter.dispatch_request()
        return response

    flask.add_url_rule(ALEXA_PATH, view_func=alexa, methods=["POST"])


def _mount_webhooks(flask: Flask, app: App) -> None:
    settings = app.settings
    if not settings.checks_google:
        if settings.serves_others:
            _log.warning("Dialogflow and Actions Builder are not served: SAYSO_DIALOGFLOW_SECRET is not set")
            return
        _log.warning("SAYSO_DIALOGFLOW_SECRET is not set: the session's name is the shopper, from this machine alone")
    webhooks = open_webhooks(
        settings,
        app.answer,
        store=app.ports.store.store_id,
        now=app.ports.clock.now_utc,
        trusted=not settings.serves_others,
    )
    for path, webhook in webhooks.items():
        flask.add_url_rule(path, endpoint=path, view_func=_view(webhook), methods=["POST"])


def _view(webhook: Webhook) -> Callable[[], Response]:
    def view() -> Response:
        webhook.check_caller(request.headers.get(SECRET_HEADER), request.headers.get("Authorization"))
        _demand_json()
        return jsonify(webhook.invoke_json(request.get_data(cache=False)))

    return view


def _mount_health(flask: Flask, app: App, background: Background | None = None) -> None:
    def healthz() -> tuple[Response, int]:
        """Whether an order could be taken: there is a catalogue, the store answers, and its disk has room for more."""
        health: dict[str, Any] = {"ok": True, "catalogue": None, "store": True}
        try:
            health["catalogue"] = app.ports.catalogue.version
        except CatalogueMissing:
            health["ok"] = False
        try:
            app.ports.carts.load("healthz")
            if app.database is not None and not app.database.has_room():
                health["ok"] = health["store"] = False
        except StorageError:
            health["ok"] = health["store"] = False
        if background is not None:
            last = background.last_round_at
            health["last_round_at"] = None if last is None else last.isoformat(timespec="seconds")
            health["failed_in_round"] = background.failed_count
            health["payments_unanswered"] = background.unanswered_count
            health["ok"] = health["ok"] and not background.is_late
        return jsonify(health), 200 if health["ok"] else 503

    flask.add_url_rule("/healthz", view_func=healthz)


def _mount_pages(flask: Flask, app: App) -> None:
    from skill.console.pages import create_pages

    flask.register_blueprint(create_pages(app))


def _mount_simulator(flask: Flask, app: App) -> None:
    from skill.cli.demo import make_sample_store
    from skill.simulator.page import create_simulator

    flask.register_blueprint(create_simulator(app, make_sample_store))


def _demand_json() -> None:
    """A webhook's body is JSON in UTF-8. Browsers must ask before they may send that to another site, and are told no."""
    if request.environ.get("CONTENT_TYPE") != "application/json" and request.mimetype != "application/json":
        raise RequestRejected("the content type must be application/json", status=415)
    try:
        request.get_data().decode()
    except UnicodeDecodeError as error:
        raise RequestRejected("the body is not UTF-8") from error


@lru_cache(maxsize=64)
def _is_this_machine(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _answer_rejected(error: RequestRejected) -> tuple[Response, int]:
    status = error.facts.get("status", 400)
    _log.warning("rejected %s: %s", request.path, error)
    return jsonify(error=str(error)), status


def _answer_http_error(error: HTTPException) -> tuple[Response | str, int]:
    """A browser that asked for a page is answered with one, which leads back to where pages begin."""
    if request.method == "GET" and request.accept_mimetypes.best == "text/html":
        told = "There is no such page here." if error.code == 404 else "That cannot be done here."
        return render_template("bare.html", title=error.name, told=told, back="/sign-in"), error.code or 500
    return jsonify(error=error.name), error.code or 500


def _answer_failure(error: Exception) -> tuple[Response, int]:
    """The outermost edge: whatever nobody foresaw is logged under an id, which is all that the answer tells."""
    incident = uuid.uuid4().hex
    _log.error("incident %s at %s", incident, request.path, exc_info=error)
    return jsonify(error="internal error", incident=incident), 500
