"""Orders: what was bought, and the few states it can be in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.quote import QuoteLine

OrderId = NewType("OrderId", str)


class OrderState(StrEnum):
    RESERVED = "reserved"  # money and stock are held; the payment has not answered yet
    COMMITTED = "committed"  # paid; the shop has it
    SHIPPED = "shipped"  # on its way: no undo by voice any more
    CANCELLED = "cancelled"  # undone inside the window; money and stock given back
    VOIDED = "voided"  # never paid; money and stock given back


#: Which state may follow which. Every arrow is one conditional write.
NEXT_STATES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.RESERVED: frozenset({OrderState.COMMITTED, OrderState.VOIDED}),
    OrderState.COMMITTED: frozenset({OrderState.SHIPPED, OrderState.CANCELLED}),
    OrderState.SHIPPED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.VOIDED: frozenset(),
}

#: An order whose provider has had no answer so often is put before the store's owner.
UNANSWERED_ASKS = 8

#: Orders in these states count against the caps.
LIVE_STATES = frozenset({OrderState.RESERVED, OrderState.COMMITTED, OrderState.SHIPPED})


@dataclass(frozen=True, slots=True)
class WindowCharge:
    """What an order adds to one spend window; fixed when the money is reserved.

    `scope` is `household`, `profile:<household>/<profile>` or `person:<household>/<key>`; `window` is one of
    guard.windows.WINDOWS, `key` the window's own ("2026-11-21").
    """

    scope: str
    window: str
    key: str


@dataclass(frozen=True, slots=True)
class Order:
    """`reserve_deadline` and `undo_until` are stored deadlines in UTC: expiry is decided by them and by nothing else.

    `payment` is the provider's reference, empty until it answered; `payment_state` is none, approved, unknown, declined, refunded,
    refund_unknown or refund_declined. `code_proved` tells whether a code stood behind the order. `asks` is how often the sweeper
    has asked the provider in vain, and `ask_at` when it asks next; None is at once.
    """

    order_id: OrderId
    household_id: HouseholdId
    store: str
    seller: str
    state: OrderState
    lines: tuple[QuoteLine, ...]
    delivery: Money
    tax: Money
    discount: Money
    total: Money
    address: str
    platform: str
    consent_id: str
    reserved_at: datetime
    reserve_deadline: datetime
    undo_window_s: int
    charges: tuple[WindowCharge, ...]
    person: str | None = None
    code_proved: bool = False
    placed_at: datetime | None = None
    undo_until: datetime | None = None
    closed_at: datetime | None = None
    payment: str = ""
    payment_state: str = "none"
    note: str = ""
    asks: int = 0
    ask_at: datetime | None = None

    def as_committed(self, now: datetime, undo_until: datetime, payment: str) -> Order:
        """The same order once it is paid. (`dataclasses.replace` takes twice as long.)"""
        return Order(
            self.order_id, self.household_id, self.store, self.seller, OrderState.COMMITTED, self.lines,
            self.delivery, self.tax, self.discount, self.total, self.address, self.platform, self.consent_id,
            self.reserved_at, self.reserve_deadline, self.undo_window_s, self.charges, self.person, self.code_proved,
            now, undo_until, self.closed_at, payment, "approved", self.note,
        )  # fmt: skip

    def as_forgotten(self) -> Order:
        """What the books need of it once its household is forgotten. All that counts in a person's or a profile's windows counts in
        the household's as well.
        """
        charges = tuple(charge for charge in self.charges if charge.scope == "household")
        return replace(self, address="", person=None, charges=charges)

    def may_note(self, payment_state: str) -> bool:
        """Whether this can still be what the provider says of it: what comes late takes nothing back that was heard meanwhile."""
        asked_in = OrderState.RESERVED if payment_state == "unknown" else OrderState.CANCELLED
        return self.state is asked_in and self.payment_state != "refunded"

    @property
    def bought_at(self) -> datetime:
        """When it was placed; while it is not, when it was agreed to. They lie apart where a sweeper has ended it."""
        return self.placed_at or self.reserved_at

    @property
    def basket(self) -> tuple[tuple[str, int], ...]:
        """What is in it, for telling whether the same basket was ordered before."""
        return basket(self.lines)


def basket(lines: tuple[QuoteLine, ...]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((line.sku, line.quantity) for line in lines))
