"""The quote: the cart as it would be charged now, with live prices, delivery and tax."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from skill.guard.policy import Policy
from skill.ordering.shelf import Shelf
from skill.ports import Ports
from skill.shop.cart import Cart
from skill.shop.households import Household
from skill.shop.money import Money
from skill.shop.quote import Quote, QuoteLine


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and through what: a quote answers to nobody else."""

    platform: str
    device: str
    session: str
    person: str | None


def make_quote(
    ports: Ports,
    household: Household,
    cart: Cart,
    shelf: Shelf,
    asker: Asker,
    policy: Policy | None,
    now: datetime,
) -> Quote:
    """Lines are sorted by SKU, as the seal wants them. A policy that cannot be read gives a quote that has expired.

    `shelf` is what `shelf_for` said of the cart in this turn.
    """
    quantities = {line.sku: line.quantity for line in cart.lines}
    lines = tuple(
        sorted(
            (
                QuoteLine(
                    product.sku,
                    product.title,
                    product.size,
                    quantities[product.sku],
                    live.price,
                    product.category,
                    product.age_min,
                )
                for product, live in shelf
            ),
            key=lambda line: line.sku,
        )
    )
    tariffed = ports.tariff.price(lines, household.address)
    return Quote(
        household_id=household.household_id,
        store=ports.store.store_id,
        seller=ports.store.seller,
        platform=asker.platform,
        device=asker.device,
        session=asker.session,
        person=asker.person,
        lines=lines,
        delivery=tariffed.delivery,
        tax=tariffed.tax,
        discount=Money(0, ports.store.currency),
        address=household.address,
        policy_version=policy.version if policy else "",
        quoted_at=now,
        expires_at=now + timedelta(seconds=policy.quote_ttl_s if policy else 0),
        nonce=ports.keys.new_token(),
    )
