"""A quote: what would be bought, from whom, for how much, until when. Every word of it is spoken before anything completes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.money import Money, total

#: The category, for the guard, of whatever has a least age, be its own what they may.
AGE_RESTRICTED = "Age-restricted"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line with the price of one piece. `category` and `age_min` are the product's, for the guard's rules."""

    sku: Sku
    title: str
    size: str
    quantity: int
    unit_price: Money
    category: tuple[str, ...] = ()
    age_min: int = 0

    @property
    def price(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """Everything that the shopper's consent is bound to. Lines are sorted by SKU; times are UTC."""

    household_id: HouseholdId
    store: str
    seller: str
    platform: str
    device: str
    session: str
    person: str | None
    lines: tuple[QuoteLine, ...]
    delivery: Money
    tax: Money
    discount: Money
    address: str
    policy_version: str
    quoted_at: datetime
    expires_at: datetime
    nonce: str

    @property
    def currency(self) -> str:
        return self.delivery.currency

    @property
    def goods(self) -> Money:
        return total((line.price for line in self.lines), self.currency)

    @property
    def total(self) -> Money:
        return total((*(line.price for line in self.lines), self.delivery, self.tax), self.currency) - self.discount


def quote_to_data(quote: Quote) -> dict[str, Any]:
    """The quote as JSON values, for a conversation that must remember what it read out."""
    return {
        "household": quote.household_id,
        "store": quote.store,
        "seller": quote.seller,
        "platform": quote.platform,
        "device": quote.device,
        "session": quote.session,
        "person": quote.person,
        "currency": quote.currency,
        "lines": [line_to_data(line) for line in quote.lines],
        "delivery": quote.delivery.amount,
        "tax": quote.tax.amount,
        "discount": quote.discount.amount,
        "address": quote.address,
        "policy": quote.policy_version,
        "quoted": quote.quoted_at.isoformat(),
        "expires": quote.expires_at.isoformat(),
        "nonce": quote.nonce,
    }


def quote_from_data(data: Mapping[str, Any]) -> Quote:
    currency = data["currency"]
    return Quote(
        household_id=data["household"],
        store=data["store"],
        seller=data["seller"],
        platform=data["platform"],
        device=data["device"],
        session=data["session"],
        person=data["person"],
        lines=tuple(line_from_data(line, currency) for line in data["lines"]),
        delivery=Money(data["delivery"], currency),
        tax=Money(data["tax"], currency),
        discount=Money(data["discount"], currency),
        address=data["address"],
        policy_version=data["policy"],
        quoted_at=datetime.fromisoformat(data["quoted"]),
        expires_at=datetime.fromisoformat(data["expires"]),
        nonce=data["nonce"],
    )


def line_to_data(line: QuoteLine) -> list[Any]:
    return [line.sku, line.title, line.size, line.quantity, line.unit_price.amount, list(line.category), line.age_min]


def line_from_data(data: Sequence[Any], currency: str) -> QuoteLine:
    sku, title, size, quantity, unit_minor, category, age_min = data
    return QuoteLine(sku, title, size, quantity, Money(unit_minor, currency), tuple(category), age_min)
