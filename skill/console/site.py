"""What every page shares: who may see it, what a browser must bring to change anything, and how a page is put together.

Nothing is a page of this site that was not given a role here, so that no check can be forgotten; `skill/console/__init__.py` shows
how a page is added.
"""

from __future__ import annotations

import hmac
import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from skill.app import App
from skill.console.access import (
    OWNER,
    PARENT,
    SESSION_LASTS,
    Visitor,
    digest,
    find_visitor,
    note_proved,
    prove,
)
from skill.console.openid import Issuer
from skill.console.writing import decimal_sign, read_amount, write_money, write_time, write_typed
from skill.errors import PolicyInvalid, RequestRejected, SignInRefused, StorageError, VersionConflict
from skill.guard.windows import zone
from skill.shop.money import Money

_log = logging.getLogger(__name__)

View = Callable[..., Any]

#: Where each role begins.
HOMES = {OWNER: "/console", PARENT: "/household"}

#: A form of ours is short; pages that take files say how long they may be.
FORM_BYTES_MAX = 64 * 1024
FORM_FIELDS_MAX = 1000
NOTE_LASTS_S = 60

#: Cookies: the session's, and the note that the next page shows.
_SESSION, _NOTE = "sayso", "sayso-note"

#: The names of fields that every form has, and of the one that comes back when the passphrase was asked for.
CSRF_FIELD, PROOF_FIELD = "csrf", "proof"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # With `no-referrer` a browser would send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ONE_YEAR = "max-age=31536000"


class Site:
    """The pages of one store. `page` and `action` add to it; `render`, `go` and `note` answer."""

    def __init__(self, app: App, *, issuer: Issuer | None = None) -> None:
        self.app = app
        self.ports = app.ports
        self.settings = app.settings
        self._locale = app.settings.locale.replace("-", "_")
        if issuer is None and app.settings.sign_in_issuer:
            issuer = Issuer(app.settings, app.ports.clock.now_utc)
        self.issuer = issuer
        self.blueprint = Blueprint(
            "site", __name__, static_folder="static", static_url_path="/site", template_folder="templates"
        )
        self.blueprint.after_request(_add_headers)
        self.blueprint.register_error_handler(HTTPException, self._show_http_error)
        self.blueprint.register_error_handler(RequestRejected, self._show_rejected)
        self.blueprint.register_error_handler(VersionConflict, self._show_conflict)
        self.blueprint.register_error_handler(StorageError, self._show_storage_error)
        self.blueprint.register_error_handler(Exception, self._show_failure)
        self.blueprint.add_app_template_filter(self.money, "money")

    # --- adding pages -------------------------------------------------------------------------------------------------

    def page(self, path: str, *, role: str | None, recent: bool = False) -> Callable[[View], View]:
        """`view(visitor, **of_the_path)` answers GET. A `role` of None lets everybody in, with a visitor or None.

        `recent` asks who it is where the last sign-in lies longer back than `access.RECENT`.
        """

        def add(view: View) -> View:
            @wraps(view)
            def checked(**of_the_path: Any) -> Any:
                visitor = self._visitor()
                if role is not None and (visitor is None or visitor.account.role != role):
                    return self._to_sign_in(visitor)
                if recent and visitor is not None and not visitor.is_recent(self.now()):
                    return self.go(f"/sign-in/again?next={quote(_own_path(), safe='/')}")
                return view(visitor, **of_the_path)

            self.blueprint.add_url_rule(path, endpoint=_endpoint("get", path), view_func=checked, methods=["GET"])
            return view

        return add

    def action(
        self,
        path: str,
        *,
        role: str | None,
        recent: bool = True,
        carry: bool = True,
        body_bytes_max: int = FORM_BYTES_MAX,
    ) -> Callable[[View], View]:
        """`view(visitor, **of_the_path)` answers POST, after: same origin, signed in with the role, length, token of the form, and
        unless told otherwise a sign-in of the last minutes.

        Where that is older, the visitor is asked for the passphrase and the form is sent again as it was; without `carry`, for
        secrets and files, it must be filled in anew.
        """

        def add(view: View) -> View:
            @wraps(view)
            def checked(**of_the_path: Any) -> Any:
                self._check_origin()
                visitor = self._visitor()
                if role is not None and (visitor is None or visitor.account.role != role):
                    return self._to_sign_in(visitor)
                # Only now is anything of the body read, and no more than this.
                request.max_content_length = body_bytes_max
                request.max_form_memory_size = FORM_BYTES_MAX
                request.max_form_parts = FORM_FIELDS_MAX
                self._check_token()
                if role is not None and recent and visitor is not None:
                    asked = self._prove(visitor, carry=carry)
                    if asked is not None:
                        return asked
                return view(visitor, **of_the_path)

            self.blueprint.add_url_rule(path, endpoint=_endpoint("post", path), view_func=checked, methods=["POST"])
            return view

        return add

    # --- answering ----------------------------------------------------------------------------------------------------

    def render(self, template: str, visitor: Visitor | None, *, status: int = 200, **values: Any) -> Response:
        """The page, with what `layout.html` needs: visitor, csrf (the token), note, seller, role, recent."""
        cookie = request.cookies.get(self.cookie_name(_SESSION), "")
        fresh = "" if cookie else self.ports.keys.new_token(32)
        note = self._read_note()
        text = render_template(
            template,
            visitor=visitor,
            role=visitor.account.role if visitor else "",
            recent=visitor is not None and visitor.is_recent(self.now()),
            csrf=self._token_for(cookie or fresh),
            note=note,
            seller=self.ports.store.seller,
            decimal_sign=decimal_sign(self._locale),
            issuer=self.issuer is not None,
            here=request.path,
            **values,
        )
        response = make_response(text, status)
        if fresh:
            self.set_cookie(response, fresh)
        if note is not None:
            self.drop(response, _NOTE)
        return response

    def go(self, path: str, note: str = "", *, kind: str = "good") -> Response:
        """Sends the browser to one of our own pages (303), where `note` is shown once; `kind` is good, bad or plain."""
        response = make_response(redirect(own_path_or(path, "/"), code=303))
        if note:
            self.keep(response, _NOTE, self.seal("note", json.dumps([kind, note[:500]])), NOTE_LASTS_S)
        return response

    def set_cookie(self, response: Response, cookie: str) -> None:
        self.keep(response, _SESSION, cookie, int(SESSION_LASTS.total_seconds()))

    def leave(self, address: str) -> Response:
        """Sends the browser to the issuer, the only other place that it is ever sent to."""
        return make_response(redirect(address, code=303))

    def keep(self, response: Response, name: str, text: str, lasts_s: int) -> None:
        """A cookie beside the session's."""
        response.set_cookie(
            self.cookie_name(name), text, max_age=lasts_s, path="/", secure=_is_secure(), httponly=True, samesite="Lax"
        )

    def drop(self, response: Response, name: str) -> Response:
        response.delete_cookie(self.cookie_name(name), path="/", secure=_is_secure(), httponly=True, samesite="Lax")
        return response

    def cookie_name(self, name: str) -> str:
        """`__Host-` has browsers refuse a cookie that another host of the same domain has set."""
        return f"__Host-{name}" if _is_secure() else name

    def sign_in_cookie(self) -> str:
        """What the browser brought, signed in or not."""
        return request.cookies.get(self.cookie_name(_SESSION), "")

    def money(self, amount: Money | int) -> str:
        """`$1,234.50`; a bare number is in minor units of the store's currency."""
        money = amount if isinstance(amount, Money) else Money(amount, self.ports.store.currency)
        return write_money(money, self._locale)

    def typed(self, minor: int | None) -> str:
        """An amount as a field has it: `1234.50`, or `1234,50` where amounts are written so; empty for None."""
        return "" if minor is None else write_typed(Money(minor, self.ports.store.currency), self._locale)

    def read_amount(self, typed: str) -> int | None:
        """What a field has, in minor units; None where nothing was typed. Raises `ValueError`, also for `1,200`."""
        return read_amount(typed, self.ports.store.currency, self._locale)

    def when(self, moment: datetime, time_zone: str, form: str = "EEE d MMM, HH:mm") -> str:
        """The time on a clock of that zone, in the words of these pages, which are English."""
        try:
            local = moment.astimezone(zone(time_zone))
        except PolicyInvalid:
            local = moment
        return write_time(local, form, self._locale if self._locale.startswith("en") else "en_GB")

    def now(self) -> datetime:
        return self.ports.clock.now_utc()

    def own_address(self) -> str:
        """How others know this server, without a path."""
        return self.settings.public_url or request.host_url.rstrip("/")

    def seal(self, purpose: str, text: str) -> str:
        """`text` and a signature that only this store can make, for what a browser must bring back unchanged."""
        written = urlsafe_b64encode(text.encode()).decode()
        return f"{written}.{self._seal(purpose, written)}"

    def unseal(self, purpose: str, sealed: str) -> str | None:
        """None where it was not sealed here for that purpose."""
        written, _, signature = sealed.partition(".")
        if not written or not hmac.compare_digest(
            self._seal(purpose, written).encode(), signature.encode("utf-8", "replace")
        ):
            return None
        return urlsafe_b64decode(written).decode()

    # --- checks -------------------------------------------------------------------------------------------------------

    def _visitor(self) -> Visitor | None:
        return find_visitor(self.ports, request.cookies.get(self.cookie_name(_SESSION), ""))

    def _to_sign_in(self, visitor: Visitor | None) -> Response:
        if request.method == "POST":
            return self.go("/sign-in", "You were signed out. Nothing was changed.", kind="bad")
        note = "That page is for somebody else; sign in as them." if visitor is not None else ""
        return self.go(f"/sign-in?next={quote(_own_path(), safe='/')}", note, kind="plain")

    def _check_origin(self) -> None:
        """Another site's page cannot send our forms: browsers say where a form comes from."""
        fetched_from = request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = request.headers.get("Origin")
        ours = {urlsplit(each).netloc for each in (request.host_url, self.settings.public_url) if each}
        if fetched_from not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc not in ours):
            raise RequestRejected("the form was sent from another site", status=403)

    def _check_token(self) -> None:
        given = request.form.get(CSRF_FIELD) or request.headers.get("X-CSRF-Token", "")
        wanted = self._token_for(request.cookies.get(self.cookie_name(_SESSION), ""))
        if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            raise RequestRejected("the form is too old, or not ours", status=403)

    def _token_for(self, cookie: str) -> str:
        """Bound to the cookie, which another site can neither read nor use; a signed-out browser has one too."""
        return self._seal("form", digest(cookie))

    def _prove(self, visitor: Visitor, *, carry: bool) -> Response | None:
        """None where the person is proved; otherwise what asks for the proof."""
        proof = request.form.get(PROOF_FIELD, "")
        if visitor.is_recent(self.now()):
            return None
        if not visitor.has_passphrase:
            return self.go(f"/sign-in/again?next={HOMES[visitor.account.role]}")
        problem = ""
        if proof:
            try:
                prove(self.ports, visitor.account, proof)
            except SignInRefused as refused:
                problem = WRONG_SIGN_IN[refused.facts["why"]]
            else:
                note_proved(self.ports, visitor)
                return None
        if not carry:
            note = "To be sure that it is you: your passphrase, then fill in the form again."
            back = quote(own_path_or(urlsplit(request.referrer or "").path, HOMES[visitor.account.role]), safe="/")
            return self.go(f"/sign-in/again?next={back}", note, kind="plain")
        carried = [
            (name, value) for name, value in request.form.items(multi=True) if name not in (CSRF_FIELD, PROOF_FIELD)
        ]
        return self.render(
            "sign_in/confirm.html",
            visitor,
            status=403,
            carried=carried,
            problem=problem,
            back=HOMES[visitor.account.role],
        )

    def _read_note(self) -> tuple[str, str] | None:
        told = self.unseal("note", request.cookies.get(self.cookie_name(_NOTE), ""))
        if told is None:
            return None
        kind, note = json.loads(told)
        return kind, note

    def _seal(self, purpose: str, text: str) -> str:
        return self.ports.keys.mac(f"pages.{purpose}", text.encode("utf-8", "replace")).hex()

    # --- when something goes wrong ------------------------------------------------------------------------------------

    def show_problem(self, title: str, told: str, status: int) -> Response:
        visitor = self._visitor()
        back = HOMES[visitor.account.role] if visitor else "/sign-in"
        return self.render("problem.html", visitor, status=status, title=title, told=told, back=back)

    def _show_http_error(self, error: HTTPException) -> Response:
        code = error.code or 500
        if code < 400:
            return make_response(error.get_response())
        told = {
            404: "There is no such page, or it is not yours.",
            405: "That cannot be done here.",
            413: f"What was sent is too long: {_size(request.max_content_length)} is taken here. Nothing was changed.",
        }.get(code, "The request could not be read.")
        return self.show_problem("Not possible", told, code)

    def _show_rejected(self, error: RequestRejected) -> Response:
        _log.warning("rejected %s: %s", request.path, error)
        told = "Nothing was changed. Go back, load the page again and repeat what you did."
        return self.show_problem(f"Refused: {error}", told, int(error.facts.get("status", 400)))

    def _show_conflict(self, error: VersionConflict) -> Response:
        told = (
            "Somebody else changed the same thing a moment ago. Nothing of yours was saved: look again, then repeat it."
        )
        return self.show_problem("Changed meanwhile", told, 409)

    def _show_storage_error(self, error: StorageError) -> Response:
        _log.error("store failed at %s: %s", request.path, error)
        told = "The store's records do not answer at the moment. Nothing was ordered or changed; try again in a minute."
        return make_response(render_template("bare.html", title="Not now", told=told), 503)

    def _show_failure(self, error: Exception) -> Response:
        incident = self.ports.keys.new_token(12)
        _log.error("incident %s at %s", incident, request.path, exc_info=error)
        told = f"That should not have happened. Whoever runs this store finds it in the log as {incident}."
        return make_response(render_template("bare.html", title="An error", told=told), 500)


WRONG_SIGN_IN = {
    "wrong": "The sign-in name or the passphrase is wrong.",
    "too_many_tries": "Too many wrong tries. Wait a quarter of an hour, or ask for a new link.",
    "link": "This link was used, has run out, or was replaced by a newer one. Ask for another.",
    "name_taken": "Somebody else has this sign-in name. Take another.",
}


def _size(bytes_max: int | None) -> str:
    kib = (bytes_max or 0) // 1024
    return f"at most {kib // 1024} MB" if kib >= 1024 else f"at most {kib} kB"


def own_path_or(path: str, otherwise: str) -> str:
    """The path where it leads to a page of this very site, which nothing else does: no other host, no script, no header."""
    split = urlsplit(path) if path.isascii() and path.isprintable() else None
    if (
        split is None
        or split.scheme
        or split.netloc
        or not path.startswith("/")
        or path.startswith("//")
        or "\\" in path
    ):
        return otherwise
    return path


def _own_path() -> str:
    return own_path_or(request.path, "/")


def _is_secure() -> bool:
    """Cookies are for https alone, but on this very machine, where browsers are on http."""
    return request.is_secure or not is_loopback_host(request.host)


def is_loopback_host(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    try:
        return name == "localhost" or ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if _is_secure():
        response.headers["Strict-Transport-Security"] = _ONE_YEAR
    if request.endpoint != "site.static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _endpoint(method: str, path: str) -> str:
    """What Flask calls the page; a dot would part a blueprint's name from it."""
    return f"{method} {path.replace('.', '-')}"
