"""What every ledger checks before it reserves, whatever it is kept in."""

from __future__ import annotations

from skill.errors import ConsentInvalid
from skill.ports import Reservation
from skill.shop.orders import OrderState

#: A policy may name any number of seconds; a deadline must still be a date. Ten years.
UNDO_WINDOW_S_MAX = 10 * 365 * 86400


def check_consented(reservation: Reservation) -> None:
    """What is charged is what was spoken: the order holds exactly what the consent was given to. Raises `ConsentInvalid`."""
    order, quote = reservation.order, reservation.consent.quote
    extras = order.delivery.amount + order.tax.amount - order.discount.amount
    goods = sum([line.unit_price.amount * line.quantity for line in order.lines])
    same = (
        order.consent_id == reservation.consent.consent_id
        and order.household_id == quote.household_id == reservation.audit.household_id
        and order.state is OrderState.RESERVED
        and order.store == quote.store
        and order.seller == quote.seller
        and order.lines == quote.lines
        and order.address == quote.address
        and (order.delivery, order.tax, order.discount) == (quote.delivery, quote.tax, quote.discount)
        and order.total.amount == goods + extras
        and order.total.currency == quote.currency
    )
    if not same:
        raise ConsentInvalid("the order is not what was consented to", why="changed")
    checked = [check.charge for check in reservation.checks]
    if checked != list(order.charges) and not set(checked) <= set(order.charges):
        raise ValueError("a window is to be checked that the order does not count in")
