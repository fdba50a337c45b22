"""Orders that wait for an adult: exactly what will be charged, approved or refused once."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import NotFound

from skill.console.access import PARENT, Visitor
from skill.console.household import APPROVALS_SHOWN_MAX, Home, approval_path
from skill.console.site import Site
from skill.console.story import refusing, tell_reason
from skill.errors import ApprovalClosed
from skill.ordering.approving import Approved, approve, find_approval, refuse
from skill.ordering.placing import Outcome
from skill.ports import Approval, ApprovalState

_CLOSED = {
    "unknown": "There is no such order any more.",
    "approved": "It was approved before.",
    "refused": "It was refused before.",
    "lapsed": "Nobody decided in time; whoever wants it may ask again.",
    "changed": "A price, the stock or the address has changed since it was asked for, so nothing was ordered. Ask again.",
}
_OUTCOMES = {
    Outcome.COMMITTED: ("Ordered. The receipt is on its way.", "good"),
    Outcome.VOIDED: ("The payment was declined, so nothing was ordered.", "bad"),
    Outcome.PAYMENT_UNKNOWN: (
        "The payment gave no answer yet. The money is set aside, and the store asks again.",
        "plain",
    ),
    Outcome.IN_FLIGHT: ("It is being ordered at this moment. Look again in a minute.", "plain"),
    Outcome.UNDONE: ("It was ordered, and taken back since.", "plain"),
}


def add_approval_pages(site: Site) -> None:
    home, ports = Home(site), site.ports

    @site.page("/household/approvals", role=PARENT)
    def approvals(visitor: Visitor) -> Response:
        found = ports.approvals.of_household(visitor.household_id, APPROVALS_SHOWN_MAX)
        waiting = home.open_approvals(visitor)
        names, household = home.names(visitor), home.household(visitor)
        open_ids = {each.approval_id for each in waiting}
        return home.show(
            "household/approvals.html",
            visitor,
            approvals=[(each, approval_path(site, each)) for each in waiting],
            decided=[
                (each, approval_path(site, each), _state(each), home.decider(each, names, household))
                for each in found
                if each.approval_id not in open_ids
            ],
        )

    @site.page("/household/approvals/<token>", role=PARENT)
    def approval_page(visitor: Visitor, token: str) -> Response:
        return show(visitor, token)

    @site.action("/household/approvals/<token>/approve", role=PARENT)
    def approve_now(visitor: Visitor, token: str) -> Response:
        approval = _own(site, visitor, token)
        if approval.state is not ApprovalState.OPEN:
            return closed(approval.state.value)
        try:
            done = approve(ports, approval, visitor.who, site.now())
        except ApprovalClosed as late:
            return closed(late.facts["why"])
        if done.refused:
            return show(visitor, token, done, 409)
        note, kind = _OUTCOMES[done.placed.outcome] if done.placed else (_CLOSED["unknown"], "bad")
        return site.go("/household/approvals", note, kind=kind)

    @site.action("/household/approvals/<token>/refuse", role=PARENT)
    def refuse_now(visitor: Visitor, token: str) -> Response:
        try:
            refuse(ports, _own(site, visitor, token), visitor.who, site.now())
        except ApprovalClosed as late:
            return closed(late.facts["why"])
        return site.go("/household/approvals", "Refused. Whoever asked for it will hear so.")

    def closed(why: str) -> Response:
        return site.go("/household/approvals", _CLOSED[why], kind="bad")

    def show(visitor: Visitor, token: str, refused: Approved | None = None, status: int = 200) -> Response:
        approval = _own(site, visitor, token)
        currency = ports.store.currency
        reasons = refused.refused if refused else ()
        return home.show(
            "household/approval.html",
            visitor,
            status=status,
            approval=approval,
            quote=approval.quote,
            token=token,
            state=_state(approval) if approval.state is not ApprovalState.OPEN else "",
            decided=home.decider(approval, home.names(visitor), home.household(visitor)),
            lapsed=approval.state is ApprovalState.OPEN and site.now() >= approval.lapses_at,
            refused=[tell_reason(why, data, currency, home.money_text) for why, data in refusing(reasons)],
        )


def _own(site: Site, visitor: Visitor, token: str) -> Approval:
    """The approval of the link; for another household's there is none."""
    try:
        approval = find_approval(site.ports, token)
    except ApprovalClosed as unknown:
        raise NotFound from unknown
    if approval.household_id != visitor.household_id:
        raise NotFound
    return approval


def _state(approval: Approval) -> str:
    return {
        ApprovalState.OPEN: "nobody decided in time",
        ApprovalState.APPROVED: "approved",
        ApprovalState.REFUSED: "refused",
        ApprovalState.LAPSED: "nobody decided in time",
        ApprovalState.CHANGED: "changed meanwhile, not ordered",
    }[approval.state]
