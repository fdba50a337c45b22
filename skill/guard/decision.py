"""The decision: may this quote become an order, and what is still needed? Pure: same input, same answer.

First hit wins: refuse, needs an adult, locked, needs a code, needs confirmation. There is no plain "allow".
Every decision carries all the reasons that hold, so that speech can be helpful and the audit complete.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from skill.guard.policy import Policy
from skill.guard.windows import caps_for, in_quiet_hours
from skill.shop.cart import QUANTITY_MAX
from skill.shop.orders import LIVE_STATES, Order, OrderState, WindowCharge, basket
from skill.shop.quote import AGE_RESTRICTED, Quote

#: (reason, data): the reason is a key of the speech files, the data are plain values in minor units, counts or names.
Reason = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Proofs:
    """What has been proved for this quote: a right code, a bound confirmation, an adult behind a sign-in."""

    code: bool = False
    confirmation: str | None = None  # "yes" or "spoken_number"
    adult: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What a window holds: money reserved and committed less cancelled, in minor units, and orders begun."""

    amount: int = 0
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """What the guard needs to know beside the quote and the policy.

    `speaker_changed`: somebody else speaks than asked for the quote. `recognises_speakers`: the platform says whether it
    knows the voice. `code_optional`: the platform allows orders without the code once one is set. `recent` are the
    household's latest orders. `local` is the time on the household's clock, `charges` the windows the order would count in.
    """

    platform: str
    person: str | None
    recognises_speakers: bool
    code_set: bool
    code_locked: bool
    local: datetime
    charges: tuple[WindowCharge, ...]
    proofs: Proofs = Proofs()
    speaker_changed: bool = False
    code_optional: bool = False
    authentic: bool = True
    burst: bool = False
    recent: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NeedAdult:
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NeedCode:
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Confirm:
    """`how` is code, adult, spoken_number or yes; `given` tells whether it is there already, which opens the door."""

    how: str
    given: bool
    reasons: tuple[Reason, ...] = ()


Decision = Refuse | NeedAdult | NeedCode | Confirm


def decide(
    quote: Quote, situation: Situation, policy: Policy | None, spent: Mapping[WindowCharge, Spent], now: datetime
) -> Decision:
    """May `quote` become an order? A policy of None is one that could not be read, and refuses. `now` is UTC.

    A request that is not authentic is told that and nothing else: the household's limits are not for a stranger.
    Raises `CurrencyMismatch` and `AmountOutOfRange` for a quote that has no total.
    """
    if not situation.authentic:
        return Refuse((("not_authentic", {}),))
    if policy is None:
        return Refuse((("policy_unreadable", {}),))
    total = quote.total.amount
    asked_why = tuple(_code_reasons(quote, total, situation, policy, spent, now))
    code_asked = situation.code_set and bool(asked_why) and not situation.proofs.adult
    # A code that was deleted after it was proved proves nothing.
    code_proved = situation.code_set and situation.proofs.code
    refusals = [
        *_switches(situation, policy),
        *_goods(quote, total, policy),
        *_times(situation, policy, now),
        *_amounts(
            total, policy, situation, spent, code_will_stand=code_asked or code_proved or situation.proofs.adult
        ),
    ]  # fmt: skip
    adult_why = _adult_reasons(total, situation, policy)
    locked_why: list[Reason] = [("code_locked", {})] if situation.code_locked else []
    if refusals:
        return Refuse((*refusals, *adult_why, *locked_why, *asked_why))
    if adult_why and not situation.proofs.adult:
        return NeedAdult((*adult_why, *locked_why, *asked_why))
    if situation.code_locked:
        return Refuse((*locked_why, *adult_why, *asked_why))
    if situation.proofs.adult:
        return Confirm("adult", given=True, reasons=(*adult_why, *asked_why))
    if code_proved:
        return Confirm("code", given=True, reasons=asked_why)
    if code_asked:
        return NeedCode(asked_why)
    how = "spoken_number" if asked_why else policy.no_pin_confirm
    given = situation.proofs.confirmation == how or situation.proofs.confirmation == "spoken_number"
    return Confirm(how, given=given and not situation.speaker_changed, reasons=asked_why)


def _switches(situation: Situation, policy: Policy) -> list[Reason]:
    reasons: list[Reason] = []
    if not policy.ordering_enabled:
        reasons.append(("ordering_off", {}))
    if policy.frozen:
        reasons.append(("frozen", {}))
    # Until a household has set a code or declined one, it has not said yet how it wants to be protected.
    if not situation.code_set and policy.pin_policy != "never" and not situation.proofs.adult:
        reasons.append(("code_not_set", {}))
    if situation.recognises_speakers and situation.person is None and policy.unrecognised_speaker == "refuse":
        reasons.append(("speaker_unrecognised", {}))
    return reasons


def _goods(quote: Quote, total: int, policy: Policy) -> list[Reason]:
    reasons: list[Reason] = []
    if quote.currency != policy.currency:
        reasons.append(("currency", {"currency": policy.currency}))
    if not quote.lines:
        reasons.append(("empty", {}))
    if policy.lines_max is not None and len(quote.lines) > policy.lines_max:
        reasons.append(("lines_max", {"lines_max": policy.lines_max}))
    quantity_max = QUANTITY_MAX
    if policy.quantity_per_line_max is not None:
        quantity_max = min(policy.quantity_per_line_max, QUANTITY_MAX)
    denied = _names(policy.categories_denied)
    allowed = None if policy.categories_allowed is None else _names(policy.categories_allowed)
    for line in quote.lines:
        names = _names(line.category)
        if line.age_min > 0:
            names.add(AGE_RESTRICTED.casefold())
        if not 0 < line.quantity <= quantity_max:
            reasons.append(("quantity", {"title": line.title, "quantity_max": quantity_max}))
        if line.unit_price.amount < 0:
            reasons.append(("price_invalid", {"title": line.title}))
        if line.sku in policy.skus_denied:
            reasons.append(("sku_denied", {"title": line.title}))
        if parts_of(names) & denied:
            reasons.append(("category_denied", {"title": line.title}))
        if allowed is not None and not names & allowed:
            reasons.append(("category_not_allowed", {"title": line.title}))
    if total < 0 or quote.discount.amount < 0 or quote.delivery.amount < 0 or quote.tax.amount < 0:
        reasons.append(("price_invalid", {"title": ""}))
    return reasons


def _names(names: Iterable[str]) -> set[str]:
    """The names as they are compared: however they were typed, in capitals or with accents apart from their letters."""
    return {unicodedata.normalize("NFC", each.casefold()) for each in names}


#: What shops write between categories that should have been names of their own. Never "&" or "and": what is of "Food, Beverages &
#: Tobacco" is not tobacco.
_BETWEEN_NAMES = re.compile(r"""[,;|/\\>»›→:•"\[\]]|\s[-–—]\s""")


def parts_of(names: set[str]) -> set[str]:
    """The names, and what they are made of: `Wine, Gifts` is denied with wine. Only denied: nothing is allowed for a part of it."""
    return names | {
        part.strip() for name in names if _BETWEEN_NAMES.search(name) for part in _BETWEEN_NAMES.split(name)
    }


def _times(situation: Situation, policy: Policy, now: datetime) -> list[Reason]:
    reasons: list[Reason] = []
    if in_quiet_hours(policy.quiet_hours, situation.local):
        reasons.append(("quiet_hours", {}))
    gap = timedelta(seconds=policy.order_gap_min_s or 0)
    since = min((_distance(now, order) for order in situation.recent if order.state in LIVE_STATES), default=gap)
    if since < gap:
        reasons.append(("order_gap", {"wait_s": -((since - gap) // timedelta(seconds=1))}))
    return reasons


def _distance(now: datetime, order: Order) -> timedelta:
    """How far the order lies from now. A clock that jumped back must not turn a gap of a minute into a wait of hours."""
    return abs(now - order.bought_at)


def _amounts(
    total: int,
    policy: Policy,
    situation: Situation,
    spent: Mapping[WindowCharge, Spent],
    *,
    code_will_stand: bool,
) -> list[Reason]:
    reasons: list[Reason] = []
    if policy.order_max is not None and total > policy.order_max:
        reasons.append(("order_max", {"cap_minor": policy.order_max, "total_minor": total}))
    counted = {(charge.scope, charge.window) for charge in situation.charges}
    if any((cap.scope, cap.window) not in counted for cap in policy.caps):
        # A cap that nobody counts would be no cap.
        reasons.append(("policy_unreadable", {}))
    for charge, (amount_max, orders_max) in caps_for(policy, situation.charges).items():
        if charge.window == "no_code" and code_will_stand:
            continue
        holds = spent.get(charge, Spent())
        if amount_max is not None and holds.amount + total > amount_max:
            left = max(amount_max - holds.amount, 0)
            reasons.append((f"{charge.window}_max", {"cap_minor": amount_max, "left_minor": left}))
        if orders_max is not None and holds.orders >= orders_max:
            reasons.append(("orders_per_day_max", {"orders_max": orders_max}))
    if not code_will_stand and policy.no_pin_order_max is not None and total > policy.no_pin_order_max:
        reasons.append(("no_pin_order_max", {"cap_minor": policy.no_pin_order_max}))
    return reasons


def _adult_reasons(total: int, situation: Situation, policy: Policy) -> list[Reason]:
    reasons: list[Reason] = []
    if policy.adult_approval_over is not None and total > policy.adult_approval_over:
        reasons.append(("adult_approval_over", {"cap_minor": policy.adult_approval_over}))
    if situation.recognises_speakers and situation.person is None and policy.unrecognised_speaker == "adult":
        reasons.append(("speaker_unrecognised", {}))
    return reasons


def _code_reasons(
    quote: Quote,
    total: int,
    situation: Situation,
    policy: Policy,
    spent: Mapping[WindowCharge, Spent],
    now: datetime,
) -> list[Reason]:
    """Why the code is wanted. Where no code is set, these ask for the spoken number instead."""
    reasons: list[Reason] = []
    over = policy.pin_policy == "over" and policy.pin_over is not None and total > policy.pin_over
    if policy.pin_policy == "always" or over:
        reasons.append(("pin_policy", {}))
    elif situation.code_set and not situation.code_optional:
        reasons.append(("platform_asks", {}))
    if situation.recognises_speakers and situation.person is None and policy.unrecognised_speaker == "pin":
        reasons.append(("speaker_unrecognised", {}))
    if situation.speaker_changed:
        reasons.append(("speaker_changed", {}))
    if situation.burst:
        reasons.append(("burst", {}))
    if _is_repeated(quote, situation, policy, now):
        reasons.append(("duplicate", {}))
    if situation.code_set and policy.no_pin_order_max is not None and total > policy.no_pin_order_max:
        reasons.append(("no_pin_order_max", {"cap_minor": policy.no_pin_order_max}))
    without = sum(spent.get(charge, Spent()).amount for charge in situation.charges if charge.window == "no_code")
    if situation.code_set and policy.no_pin_total_max is not None and without + total > policy.no_pin_total_max:
        reasons.append(("no_pin_total_max", {"cap_minor": policy.no_pin_total_max}))
    return reasons


def _is_repeated(quote: Quote, situation: Situation, policy: Policy, now: datetime) -> bool:
    """The same basket again inside the duplicate window, which does not begin to end before the order is placed."""
    if not policy.duplicate_window_s:
        return False
    window, asked = timedelta(seconds=policy.duplicate_window_s), basket(quote.lines)
    return any(
        order.state in LIVE_STATES
        and (order.state is OrderState.RESERVED or _distance(now, order) < window)
        and order.basket == asked
        for order in situation.recent
    )
