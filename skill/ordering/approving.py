"""An adult's approval: asked for by voice, given by a click behind the adult's own sign-in, and good for one order.

It binds household, store, lines, prices, total, address and currency. Nothing is reserved before the click; the click quotes
again, and only where all of that is unchanged does it reserve and place the order.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from skill.errors import ApprovalClosed, OrderCountExceeded, SpendCapExceeded, VersionConflict
from skill.guard.consent import grant, same_terms, seal_quote
from skill.guard.decision import Proofs, Reason, Refuse
from skill.guard.policy import Policy
from skill.guard.record import decision_personal
from skill.ordering.deciding import Channel, Verdict, ask_guard, consent_sign, decision_draft, limits_for, overtaken
from skill.ordering.placing import Placed, finish_order, pay_order, reserve_order, resume_order
from skill.ordering.quoting import Asker, make_quote
from skill.ordering.shelf import find_shortage, shelf_for
from skill.ports import Approval, ApprovalState, AuditDraft, Click, Notice, Ports, RequestKey, TurnRecord
from skill.shop.cart import Cart, CartLine
from skill.shop.households import Household, HouseholdId
from skill.shop.orders import Order, OrderState
from skill.shop.quote import Quote

#: How many of a household's newest approvals are looked at.
LOOKED_AT_MAX = 20

#: What the id of an approval's consent begins with.
_CONSENT = "approval-"

#: How often the guard is asked where limits or orders change between its look and the reservation.
TRIES_MAX = 3


@dataclass(frozen=True, slots=True)
class Approved:
    """How an approval ended. `refused` are the guard's reasons where a limit stands in the way: the approval stays open."""

    approval: Approval
    placed: Placed | None = None
    refused: tuple[Reason, ...] = ()


def new_approval(ports: Ports, quote: Quote, policy: Policy, now: datetime) -> Approval:
    return Approval(
        approval_id=f"ap_{ports.keys.new_token()}",
        household_id=quote.household_id,
        quote=quote,
        asked_at=now,
        lapses_at=now + timedelta(seconds=policy.approval_ttl_s),
    )


def ask_approval(
    ports: Ports, approval: Approval, verdict: Verdict, open_max: int | None, record: TurnRecord | None = None
) -> None:
    """Keeps the request, with the guard's decision and the turn's own record. Raises `ApprovalsFull`."""
    facts = {**verdict.facts, "approval_id": approval.approval_id}
    personal = decision_personal(approval.quote)
    draft = AuditDraft(approval.household_id, "approval_asked", approval.asked_at, None, facts, personal)
    ports.approvals.ask(approval, open_max, draft, record)


def notify_approval(ports: Ports, approval: Approval) -> None:
    """Sends the adult the link. Whoever has it must still sign in."""
    quote = approval.quote
    values = {
        "token": approval_token(ports, approval.approval_id),
        "total_minor": quote.total.amount,
        "currency": quote.currency,
        "lines": [[line.quantity, line.title, line.size, line.price.amount] for line in quote.lines],
        "lapses_at": approval.lapses_at.isoformat(),
    }
    ports.notifier.notify(Notice(approval.household_id, "approval_asked", approval.asked_at, values))


def approval_token(ports: Ports, approval_id: str) -> str:
    """The signed part of the link: `id.signature`."""
    return f"{approval_id}.{ports.keys.mac('approval', approval_id.encode()).hex()[:32]}"


def find_approval(ports: Ports, token: str) -> Approval:
    """Raises `ApprovalClosed` (why: unknown) for a token that is forged or names nothing."""
    approval_id = token.partition(".")[0]
    if hmac.compare_digest(approval_token(ports, approval_id).encode(), token.encode()):
        approval = ports.approvals.get(approval_id)
        if approval is not None:
            return approval
    raise ApprovalClosed(why="unknown")


def approve(ports: Ports, approval: Approval, adult: str, now: datetime) -> Approved:
    """Places the order that was asked for, once. `adult` is who clicked, from the sign-in.

    Raises `ApprovalClosed` where it was decided before, has lapsed, or would not be the same order any more, and
    `VersionConflict` where limits or orders kept changing.
    """
    for _ in range(TRIES_MAX - 1):
        try:
            return _approve(ports, approval, adult, now)
        except VersionConflict:
            # What the guard looked at has changed since: it is asked again.
            approval = ports.approvals.get(approval.approval_id) or approval
    return _approve(ports, approval, adult, now)


def _approve(ports: Ports, approval: Approval, adult: str, now: datetime) -> Approved:
    known = ports.orders.of_consent(_consent_id(approval))
    if known is not None:
        return _finished(ports, approval, resume_order(ports, known, now), now)
    _check_open(ports, approval, now)
    household = ports.households.get(approval.household_id)
    asked = approval.quote
    limits = limits_for(ports, household, asked.person)
    cart = Cart(tuple(CartLine(line.sku, line.quantity) for line in asked.lines))
    asker = Asker(asked.platform, asked.device, asked.session, asked.person)
    shelf = shelf_for(ports, cart)
    current = replace(make_quote(ports, household, cart, shelf, asker, limits.policy, now), nonce=_consent_id(approval))
    # The limits may have moved since; the guard reads today's. What is bought, for how much and to where must not have.
    if find_shortage(cart, shelf) or not same_terms(replace(asked, policy_version=current.policy_version), current):
        raise _closed(ports, approval, ApprovalState.CHANGED, adult, now)
    proofs = Proofs(adult=True)
    verdict = ask_guard(ports, household, current, proofs, Channel(), limits, now)
    if isinstance(verdict.decision, Refuse):
        return _limited(ports, household, approval, verdict, adult, now)
    sign = consent_sign(ports)
    consent = grant(verdict.decision, current, seal_quote(current, sign), current, proofs, now, sign)
    # From this write on it is approved: whoever refuses it afterwards is told so, whatever becomes of the payment.
    request, click = RequestKey("approval", approval.approval_id, ""), Click(approval.approval_id, adult)
    try:
        order, new = reserve_order(ports, consent, verdict, request, now, click=click)
    except (SpendCapExceeded, OrderCountExceeded) as full:
        return _limited(ports, household, approval, overtaken(verdict, full), adult, now)
    return _finished(ports, approval, (pay_order if new else resume_order)(ports, order, now), now)


def _limited(
    ports: Ports, household: Household, approval: Approval, verdict: Verdict, adult: str, now: datetime
) -> Approved:
    """A limit stands in the way: written down as every refusal is, with who clicked."""
    draft = decision_draft(household, "decided", verdict, now)
    facts, personal = {**draft.facts, "approval_id": approval.approval_id}, {**draft.personal, "by": adult}
    ports.ledger.write_audit(replace(draft, facts=facts, personal=personal))
    return Approved(approval, refused=verdict.decision.reasons)


def refuse(ports: Ports, approval: Approval, adult: str, now: datetime) -> Approval:
    """Raises `ApprovalClosed` where it was decided before or has lapsed."""
    _check_open(ports, approval, now)
    draft = _draft(approval, "approval_refused", adult, now)
    return ports.approvals.settle(approval.approval_id, ApprovalState.REFUSED, adult, now, draft)


def approval_of(ports: Ports, order: Order) -> Approval | None:
    """The approval that made the order; None where it was agreed to by voice, or its household is forgotten."""
    approval_id = order.consent_id.removeprefix(_CONSENT)
    return None if approval_id == order.consent_id else ports.approvals.get(approval_id)


def decided_approvals(
    ports: Ports, household_id: HouseholdId, limit: int, now: datetime
) -> list[tuple[Approval, Order | None]]:
    """What the shopper has not heard of yet with the order it made, newest first; what nobody decided in time is closed here.

    An approved order is told once its payment has answered.
    """
    found = []
    for approval in ports.approvals.of_household(household_id, LOOKED_AT_MAX, waiting_only=True):
        if approval.state is ApprovalState.OPEN and now >= approval.lapses_at:
            draft = _draft(approval, "approval_lapsed", "", now)
            try:
                approval = ports.approvals.settle(approval.approval_id, ApprovalState.LAPSED, "", now, draft)
            except ApprovalClosed:
                continue  # decided at this moment: told the next time
        if approval.state is ApprovalState.OPEN or approval.told:
            continue
        order = ports.orders.get(approval.order_id) if approval.order_id else None
        if order is None or order.state is not OrderState.RESERVED:
            found.append((approval, order))
    return found[:limit]


def _finished(ports: Ports, approval: Approval, placed: Placed, now: datetime) -> Approved:
    order, _ = finish_order(ports, placed, now)
    return Approved(ports.approvals.get(approval.approval_id) or approval, replace(placed, order=order))


def _check_open(ports: Ports, approval: Approval, now: datetime) -> None:
    if approval.state is not ApprovalState.OPEN:
        raise ApprovalClosed(why=approval.state.value)
    if now >= approval.lapses_at:
        raise _closed(ports, approval, ApprovalState.LAPSED, "", now)


def _closed(ports: Ports, approval: Approval, state: ApprovalState, by: str, now: datetime) -> ApprovalClosed:
    ports.approvals.settle(approval.approval_id, state, by, now, _draft(approval, f"approval_{state}", by, now))
    return ApprovalClosed(why=state.value)


def _draft(approval: Approval, kind: str, by: str, now: datetime) -> AuditDraft:
    return AuditDraft(
        approval.household_id, kind, now, approval.order_id, {"approval_id": approval.approval_id}, {"by": by}
    )


def _consent_id(approval: Approval) -> str:
    """The consent is the approval itself: one click, or many, make one order."""
    return f"{_CONSENT}{approval.approval_id}"
