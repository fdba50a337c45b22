"""A quote: what would be bought, from whom, for how much, until when. Every word of it is spoken before anything completes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.money import Money, total


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
        return self.goods + self.delivery + self.tax - self.discount
