"""Consent: bound to what was spoken, as dynamic linking binds a payment code to amount and payee.

A quote is sealed when it is read out. When the shopper agrees, the same quote is made again from what is on the shelf now;
only if its seal is the same may an order follow. `grant` is the one place where a consent can come from.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from skill.errors import ConsentInvalid
from skill.guard.canonical import write_canonical
from skill.guard.decision import Confirm, Decision, Proofs
from skill.shop.quote import Quote

#: Makes a MAC of a message under a key that only the deployment knows (`Keys.mac` for "consent").
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Consent:
    """Leave to make exactly one order of exactly this quote. Only `grant` makes one."""

    consent_id: str
    quote: Quote
    seal: str
    proofs: Proofs


def canonical(quote: Quote) -> bytes:
    """The quote as bytes, the same for the same content: what the seal is over. The order of its lines says nothing."""
    lines = sorted([line.sku, line.quantity, line.unit_price.amount, line.title, line.size] for line in quote.lines)
    return write_canonical(
        {
            "household": quote.household_id,
            "store": quote.store,
            "seller": quote.seller,
            "platform": quote.platform,
            "device": quote.device,
            "session": quote.session,
            "person": quote.person,
            "lines": lines,
            "delivery": quote.delivery.amount,
            "tax": quote.tax.amount,
            "discount": quote.discount.amount,
            "total": quote.total.amount,
            "currency": quote.currency,
            "address": quote.address,
            "policy": quote.policy_version,
            "expires": quote.expires_at.isoformat(),
            "nonce": quote.nonce,
        }
    ).encode()


def seal_quote(quote: Quote, sign: Sign) -> str:
    return sign(canonical(quote)).hex()


def same_terms(old: Quote, new: Quote) -> bool:
    """Whether what would be bought, for how much and to where, is unchanged: the shopper need not hear it again."""
    return canonical(replace(new, expires_at=old.expires_at, nonce=old.nonce)) == canonical(old)


def grant(
    decision: Decision, spoken: Quote, seal: str, current: Quote, proofs: Proofs, now: datetime, sign: Sign
) -> Consent:
    """The consent to `spoken`, provided that the guard says so and that nothing has changed since it was read out.

    `current` is the quote made again now. Raises `ConsentInvalid` with `why`: not_confirmed, forged, expired or changed.
    """
    if not (isinstance(decision, Confirm) and decision.given):
        raise ConsentInvalid(why="not_confirmed")
    if not hmac.compare_digest(seal_quote(spoken, sign).encode(), seal.encode(errors="replace")):
        raise ConsentInvalid(why="forged")
    if now >= spoken.expires_at:
        raise ConsentInvalid(why="expired")
    if not same_terms(spoken, current):
        raise ConsentInvalid(why="changed")
    return Consent(spoken.nonce, spoken, seal, proofs)
