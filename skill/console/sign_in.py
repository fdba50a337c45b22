"""The doors: signing in with a passphrase or elsewhere, once more before a change, with a one-time link, and out."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import NotFound

from skill.console.access import (
    LINK_LASTS,
    OWNER,
    PARENT,
    Visitor,
    address_digest,
    change_passphrase,
    digest,
    enrol,
    note_account,
    note_proved,
    open_session,
    prove,
    sign_in,
)
from skill.console.openid import Identity, is_owner, subject_sign_in
from skill.console.site import HOMES, WRONG_SIGN_IN, Site, own_path_or
from skill.errors import RequestRejected, SignInRefused
from skill.ports import Account, SignInOffer
from skill.shop.households import HouseholdId

#: A sign-in elsewhere that has not come back by then is begun anew.
FLOW_LASTS = timedelta(minutes=10)
_FLOW_COOKIE = "sayso-flow"


def add_sign_in_pages(site: Site) -> None:
    _add_passphrase_pages(site)
    _add_link_pages(site)
    if site.issuer is not None:
        _add_issuer_pages(site)

    for role, home in HOMES.items():
        _add_nothing_else(site, role, home)

    @site.action("/sign-out", role=None)
    def sign_out(visitor: Visitor | None) -> Response:
        if visitor is not None:
            site.ports.sign_ins.close_session(visitor.digest)
        response = site.go("/sign-in", "You are signed out.")
        site.set_cookie(response, site.ports.keys.new_token(32))
        return response


def _add_passphrase_pages(site: Site) -> None:
    @site.page("/sign-in", role=None)
    def sign_in_page(visitor: Visitor | None) -> Response:
        return site.render("sign_in/sign_in.html", None, next=_next(), name="", problem="")

    @site.action("/sign-in", role=None)
    def sign_in_now(visitor: Visitor | None) -> Response:
        name = request.form.get("name", "")
        try:
            account = sign_in(site.ports, name, request.form.get("passphrase", ""))
        except SignInRefused as refused:
            problem = WRONG_SIGN_IN[refused.facts["why"]]
            return site.render("sign_in/sign_in.html", None, status=403, next=_next(), name=name[:100], problem=problem)
        return _let_in(site, account, _next())

    @site.page("/sign-in/again", role=None)
    def again_page(visitor: Visitor | None) -> Response:
        if visitor is None:
            return site.go("/sign-in")
        if not visitor.has_passphrase:
            return site.go(f"/sign-in/start?again=1&next={quote(_next(), safe='/')}")
        return site.render("sign_in/again.html", visitor, next=_next(), problem="")

    @site.action("/sign-in/again", role=None)
    def again_now(visitor: Visitor | None) -> Response:
        if visitor is None or not visitor.has_passphrase:
            return site.go("/sign-in")
        try:
            prove(site.ports, visitor.account, request.form.get("passphrase", ""))
        except SignInRefused as refused:
            problem = WRONG_SIGN_IN[refused.facts["why"]]
            return site.render("sign_in/again.html", visitor, status=403, next=_next(), problem=problem)
        note_proved(site.ports, visitor)
        return site.go(_next() or HOMES[visitor.account.role])

    for role in (OWNER, PARENT):
        _add_account_page(site, role)


def _add_nothing_else(site: Site, role: str, home: str) -> None:
    @site.page(f"{home}/<path:rest>", role=role)
    def nothing(visitor: Visitor, rest: str) -> Response:
        """What no other page answers: told as a page, and to nobody but who may look around there."""
        raise NotFound


def _add_account_page(site: Site, role: str) -> None:
    path = f"{HOMES[role]}/account"

    def show(visitor: Visitor, problem: str = "", status: int = 200) -> Response:
        return site.render("sign_in/account.html", visitor, status=status, problem=problem, path=path)

    @site.page(path, role=role)
    def account_page(visitor: Visitor) -> Response:
        return show(visitor)

    @site.action(path, role=role, carry=False)
    def set_passphrase(visitor: Visitor) -> Response:
        if not visitor.has_passphrase:
            raise NotFound
        try:
            account = change_passphrase(
                site.ports, visitor.account, request.form.get("passphrase", ""), request.form.get("again", "")
            )
        except SignInRefused as refused:
            return show(visitor, str(refused), 422)
        response = site.go(path, "Your passphrase is changed; every other browser is signed out.")
        site.set_cookie(response, open_session(site.ports, account, site.sign_in_cookie()))
        return response


def _add_link_pages(site: Site) -> None:
    def show(token: str, name: str = "", problem: str = "", status: int = 200) -> Response:
        offer = site.ports.sign_ins.offered(digest(token), site.now())
        if offer is None:
            return site.show_problem("This link is no longer good", WRONG_SIGN_IN["link"], 404)
        household = "" if offer.household_id is None else site.ports.households.get(offer.household_id).name
        return site.render(
            "sign_in/welcome.html", None, status=status, token=token, offer=offer, household=household, name=name,
            problem=problem,
        )  # fmt: skip

    @site.page("/welcome/<token>", role=None)
    def welcome(visitor: Visitor | None, token: str) -> Response:
        return show(token)

    @site.action("/welcome/<token>", role=None)
    def make_account(visitor: Visitor | None, token: str) -> Response:
        if site.issuer is not None:
            raise NotFound
        name = request.form.get("name", "")[:200]
        passphrase, again = request.form.get("passphrase", ""), request.form.get("again", "")
        try:
            account = enrol(site.ports, token, name, passphrase, again)
        except SignInRefused as refused:
            problem = WRONG_SIGN_IN.get(refused.facts["why"], str(refused))
            return show(token, name, problem, 422)
        return _let_in(site, account, "", "Welcome. From now on you sign in with this name and passphrase.")


def _add_issuer_pages(site: Site) -> None:
    assert site.issuer is not None
    issuer = site.issuer

    def back_to() -> str:
        return f"{site.own_address()}/sign-in/done"

    @site.page("/sign-in/start", role=None)
    def start(visitor: Visitor | None) -> Response:
        """A link and not a form: a form's own redirect may not leave this site."""
        keys = site.ports.keys
        flow: dict[str, Any] = {
            "state": keys.new_token(24),
            "nonce": keys.new_token(24),
            "verifier": keys.new_token(48),
            "next": _next(),
            "link": request.args.get("link", "")[:100],
            "until": (site.now() + FLOW_LASTS).timestamp(),
        }
        again = bool(request.args.get("again")) or visitor is not None
        address = issuer.sign_in_address(
            back_to=back_to(), state=flow["state"], nonce=flow["nonce"], verifier=flow["verifier"], again=again
        )
        response = site.leave(address)
        site.keep(response, _FLOW_COOKIE, site.seal("flow", json.dumps(flow)), int(FLOW_LASTS.total_seconds()))
        return response

    @site.page("/sign-in/done", role=None)
    def done(visitor: Visitor | None) -> Response:
        flow = _read_flow(site)
        state = request.args.get("state", "")
        if flow is None or not hmac.compare_digest(flow["state"].encode(), state.encode("utf-8", "replace")):
            raise RequestRejected("this sign-in was not begun in this browser, or too long ago", status=403)
        if request.args.get("error") or not request.args.get("code"):
            return site.drop(site.go("/sign-in", "You were not signed in there.", kind="bad"), _FLOW_COOKIE)
        identity = issuer.read_identity(
            request.args["code"][:2000], back_to=back_to(), nonce=flow["nonce"], verifier=flow["verifier"]
        )
        try:
            account = _account_for(site, identity, flow["next"], flow["link"])
        except SignInRefused:
            told = f"{identity.address or identity.name} may not open these pages. Ask the store for a link."
            return site.drop(site.go("/sign-in", told, kind="bad"), _FLOW_COOKIE)
        response = _let_in(site, account, flow["next"], proved=identity)
        return site.drop(response, _FLOW_COOKIE)


def _read_flow(site: Site) -> dict[str, Any] | None:
    told = site.unseal("flow", request.cookies.get(site.cookie_name(_FLOW_COOKIE), ""))
    flow: dict[str, Any] | None = None if told is None else json.loads(told)
    return flow if flow is not None and flow["until"] > site.now().timestamp() else None


def _account_for(site: Site, identity: Identity, next_path: str, link: str) -> Account:
    """Whose account it is: made by a link, known before, by an address that was invited, or an owner by the settings.

    Raises `SignInRefused` for somebody who is none of them.
    """
    sign_ins, settings = site.ports.sign_ins, site.settings
    if link:
        offer = sign_ins.offered(digest(link), site.now())
        if offer is not None:
            return _enrol_identity(site, identity, digest(link), offer.role, offer.household_id)
    parent = sign_ins.account_of(subject_sign_in(settings, identity.subject, PARENT))
    if parent is None and identity.address:
        invited = address_digest(identity.address)
        offer = sign_ins.offered(invited, site.now())
        if offer is not None and offer.household_id is not None:
            parent = _enrol_identity(site, identity, invited, PARENT, offer.household_id)
    owner = sign_ins.account_of(subject_sign_in(settings, identity.subject, OWNER))
    # Who is an owner is asked each time: whoever was taken off the list is none any more.
    if is_owner(settings, identity):
        if parent is not None and next_path.startswith(HOMES[PARENT]):
            return parent
        return owner or _enrol_owner(site, identity)
    if parent is not None:
        return parent
    if owner is not None and not settings.sign_in_owners and not settings.sign_in_owners_group:
        return owner  # made by a link: nobody is named in the settings
    raise SignInRefused(why="wrong")


def _enrol_owner(site: Site, identity: Identity) -> Account:
    token = site.ports.keys.new_token(32)
    site.ports.sign_ins.offer(digest(token), SignInOffer(OWNER, None, site.now() + LINK_LASTS))
    return _enrol_identity(site, identity, digest(token), OWNER, None)


def _enrol_identity(
    site: Site, identity: Identity, offered: str, role: str, household_id: HouseholdId | None
) -> Account:
    account = Account(
        account_id=f"acc_{site.ports.keys.new_token(9)}",
        role=role,
        household_id=household_id,
        sign_in=subject_sign_in(site.settings, identity.subject, role),
        name=identity.address or identity.name,
        created_at=site.now(),
    )
    account = site.ports.sign_ins.enrol(offered, account, site.now())
    note_account(site.ports, account, "sign_in_made")
    return account


def _let_in(
    site: Site, account: Account, next_path: str, note: str = "", *, proved: Identity | None = None
) -> Response:
    home = HOMES[account.role]
    # Somebody else's page would only send them back.
    path = next_path if next_path == home or next_path.startswith(f"{home}/") else home
    response = site.go(path, note)
    cookie = open_session(site.ports, account, site.sign_in_cookie(), proved.proved_at if proved is not None else None)
    site.set_cookie(response, cookie)
    return response


def _next() -> str:
    """Where to go afterwards; empty for what is no page of ours."""
    return own_path_or(request.values.get("next", "")[:500], "")
