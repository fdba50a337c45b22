"""Reserve, pay, commit. After the reservation every way out resolves the order or leaves it to the sweeper.

A reservation is one atomic write that needs the guard's consent; the payment's idempotency key is the order's id; the commit
carries the turn's own record. A crash between any two of them is resolved by the same request again, or by the sweeper.

What is ordered leaves the cart with the reservation and comes back where the order is voided, so that at no moment it is both in
the cart and in an order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from skill.errors import (
    ConsentInvalid,
    ConsentUsed,
    OrderStateConflict,
    StorageError,
    VersionConflict,
)
from skill.guard.consent import Consent
from skill.guard.windows import caps_for
from skill.ordering.deciding import Verdict
from skill.ports import (
    AuditDraft,
    Click,
    PaymentResult,
    PaymentState,
    Ports,
    RequestKey,
    Reservation,
    TurnRecord,
    WindowCheck,
)
from skill.shop.cart import Cart, CartLine, merge_carts
from skill.shop.orders import Order, OrderId, OrderState

#: A reservation younger than this may still be at work in another process.
IN_FLIGHT_S = 8

#: How often the end of an order is written where others keep writing the session or the cart.
TRIES_MAX = 3


class Outcome(StrEnum):
    """How placing an order ended, so far as is known now."""

    COMMITTED = "committed"
    VOIDED = "voided"
    PAYMENT_UNKNOWN = "payment_unknown"
    IN_FLIGHT = "in_flight"
    UNDONE = "undone"  # it had been placed, and cancelled since


@dataclass(frozen=True, slots=True)
class Placed:
    """An order and what has become of it. `payment` is what the provider said, None where it was not asked again.

    COMMITTED and VOIDED are not written yet where `to_write` is true: `finish` writes them with the turn's record.
    """

    order: Order
    outcome: Outcome
    payment: PaymentResult | None = None
    to_write: bool = False


def reserve_order(
    ports: Ports,
    consent: Consent,
    verdict: Verdict,
    request: RequestKey,
    now: datetime,
    *,
    cart: Cart | None = None,
    click: Click | None = None,
) -> tuple[Order, bool]:
    """Reserves money and stock for the consent's quote, or finds the order that the consent has made already.

    Tells whether it is new. `cart` is what the order leaves in the household's cart, where it was made of it. `click` is the
    adult's, where the consent is an approval: it is approved in the same write. Raises what `Ledger.reserve` raises but
    `ConsentUsed`; then nothing was written. At a `VersionConflict` what the guard looked at has changed: whoever has asked it asks
    again.
    """
    if verdict.policy is None:
        raise ConsentInvalid(why="not_confirmed")
    quote = consent.quote
    order = Order(
        order_id=OrderId(f"{now:%Y%m%d-%H%M%S}-{ports.keys.new_token(6)}"),
        household_id=quote.household_id,
        store=quote.store,
        seller=quote.seller,
        state=OrderState.RESERVED,
        lines=quote.lines,
        delivery=quote.delivery,
        tax=quote.tax,
        discount=quote.discount,
        total=quote.total,
        address=quote.address,
        platform=quote.platform,
        consent_id=consent.consent_id,
        reserved_at=now,
        reserve_deadline=now + timedelta(seconds=verdict.policy.reservation_ttl_s),
        undo_window_s=verdict.policy.undo_window_s,
        charges=verdict.charges,
        person=quote.person,
        code_proved=consent.proofs.code,
    )
    checks = tuple(
        WindowCheck(charge, amount_max, orders_max)
        for charge, (amount_max, orders_max) in caps_for(verdict.policy, verdict.charges).items()
    )
    # Who asked, and where it goes, was written down with the quote that this is the consent to.
    facts, personal = dict(verdict.facts), {}
    if click is not None:
        facts["approval_id"], personal = click.approval_id, {"by": click.by}
    draft = AuditDraft(quote.household_id, "reserved", now, order.order_id, facts, personal)
    try:
        ports.ledger.reserve(Reservation(consent, order, checks, request, draft, verdict.basis, click, cart))
    except ConsentUsed as used:
        known = ports.orders.get(used.facts["order_id"])
        if known is None:
            raise StorageError("a consent was used by an order that cannot be read") from used
        return known, False
    return order, True


def resume_order(ports: Ports, order: Order, now: datetime) -> Placed:
    """Goes on with an order where a retry, or another process, finds it."""
    match order.state:
        case OrderState.RESERVED:
            young = now - order.reserved_at < timedelta(seconds=IN_FLIGHT_S)
            if young and order.payment_state == "none":
                return Placed(order, Outcome.IN_FLIGHT)
            return pay_order(ports, order, now)
        case OrderState.COMMITTED | OrderState.SHIPPED:
            return Placed(order, Outcome.COMMITTED)
        case OrderState.CANCELLED:
            return Placed(order, Outcome.UNDONE)
        case _:
            return Placed(order, Outcome.VOIDED)


def drop_order(ports: Ports, order: Order, now: datetime) -> Placed:
    """What has become of an order that nobody wants any more: a charge that the provider has not seen yet is never made."""
    if order.state is not OrderState.RESERVED:
        return resume_order(ports, order, now)
    return settle_order(ports, order, ports.payments.close(order.order_id), now)


def pay_order(ports: Ports, order: Order, now: datetime) -> Placed:
    """Asks the provider for the money; the same order is charged once however often this is called."""
    return settle_order(ports, order, ports.payments.charge(order.order_id, order.total), now)


def settle_order(ports: Ports, order: Order, result: PaymentResult, now: datetime) -> Placed:
    """What the payment's answer makes of a reserved order. Unknown is noted once, and stays reserved."""
    if result.state is PaymentState.APPROVED:
        return Placed(order, Outcome.COMMITTED, result, to_write=True)
    if result.state is PaymentState.UNKNOWN:
        if order.payment_state != "unknown":
            draft = AuditDraft(order.household_id, "payment_unknown", now, order.order_id)
            try:
                order = ports.ledger.note_payment(order.order_id, "unknown", result.reference, draft)
            except OrderStateConflict:
                # The sweeper, or the same request elsewhere, has heard what became of it.
                return _ended(ports, order, now)
        return Placed(order, Outcome.PAYMENT_UNKNOWN, result)
    return Placed(order, Outcome.VOIDED, result, to_write=True)


def _ended(ports: Ports, order: Order, now: datetime) -> Placed:
    known = ports.orders.get(order.order_id)
    if known is None or known.state is OrderState.RESERVED:
        raise StorageError("an order that has ended cannot be read")
    return resume_order(ports, known, now)


def finish_order(
    ports: Ports, placed: Placed, now: datetime, record: TurnRecord | None = None, *, not_paid: str = ""
) -> tuple[Order, bool]:
    """Writes what `placed` says, with the turn's own record and the household's notice in the same write. Being second is no error.

    Tells whether it was written here. `not_paid` is the notice of an order that is voided, empty where who asked hears of it. Where
    another turn of the session came in between, the record follows it; the order never waits for the conversation, and in the end
    is written without.
    """
    order = placed.order
    if placed.to_write:
        try:
            for _ in range(TRIES_MAX):
                try:
                    return _write(ports, placed, now, record, _returned(ports, placed), not_paid), True
                except VersionConflict:
                    record = _following(ports, record)
            return _write(ports, placed, now, None, None, not_paid), True
        except OrderStateConflict:
            # The sweeper or the same request elsewhere was quicker, and the payment told it the same.
            order = ports.orders.get(order.order_id) or order
    if record is not None:
        ports.conversations.close(record)
    return order, False


def _following(ports: Ports, record: TurnRecord | None) -> TurnRecord | None:
    """The record after whatever was written meanwhile; None where that was the answer to this very request."""
    if record is None:
        return None
    opened = ports.conversations.open(record.owner, record.session, record.request)
    return replace(record, version=opened.version) if opened.answered is None else None


def _returned(ports: Ports, placed: Placed) -> Cart | None:
    """The household's cart with what a voided order had taken; None where nothing goes back, or nobody is left to have it."""
    order = placed.order
    if placed.outcome is not Outcome.VOIDED or not ports.households.get(order.household_id).address:
        return None
    lines = Cart(tuple(CartLine(line.sku, line.quantity) for line in order.lines))
    return merge_carts(ports.carts.load(order.household_id), lines, quantity_max=None, lines_max=None)


def _write(
    ports: Ports, placed: Placed, now: datetime, record: TurnRecord | None, cart: Cart | None, not_paid: str
) -> Order:
    order, result = placed.order, placed.payment
    if result is None:
        raise StorageError("an order is finished by what its payment said, and nothing was said")
    if placed.outcome is Outcome.COMMITTED:
        draft = AuditDraft(order.household_id, "committed", now, order.order_id, {"payment": result.reference})
        return ports.ledger.commit(order.order_id, result.reference, now, draft, record)
    draft = AuditDraft(order.household_id, "voided", now, order.order_id, {"payment": result.state.value})
    return ports.ledger.void(order.order_id, result.state.value, now, draft, record, cart=cart, notice=not_paid)
