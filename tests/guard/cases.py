"""Quotes, situations and policies to ask the guard with: plain ones to vary by hand, and strategies that vary everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from skill.guard.decision import Confirm, Decision, NeedAdult, NeedCode, Proofs, Refuse, Situation, Spent, decide
from skill.guard.policy import CONFIRMATIONS, KNOBS, PIN_POLICIES, UNRECOGNISED, Layer, Policy, effective_policy
from skill.guard.windows import window_charges
from skill.shop.catalogue import Sku
from skill.shop.households import Household, HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState, WindowCharge
from skill.shop.quote import Quote, QuoteLine

#: A Saturday afternoon in New York.
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOME = Household(HouseholdId("hh_1"), "Home", "America/New_York", "1 Elm St", NOW - timedelta(days=90))
AGE_RESTRICTED = frozenset({"Beer", "Wine"})

#: What a household has set that wants to test one rule at a time: on, no code wanted, nothing lies in the way.
OPEN: dict[str, Any] = {
    "ordering_enabled": True,
    "pin_policy": "never",
    "no_pin_confirm": "yes",
    "adult_approval_over": None,
    "no_pin_order_max": None,
    "no_pin_total_max": None,
    "unrecognised_speaker": "allow",
    "quiet_hours": None,
    "order_max": None,
    "day_max": None,
    "week_max": None,
    "month_max": None,
    "orders_per_day_max": None,
    "order_gap_min_s": None,
    "duplicate_window_s": None,
    "quantity_per_line_max": None,
    "lines_max": None,
    "categories_denied": None,
}


def line(sku: str = "milk", quantity: int = 1, minor: int = 1000, *category: str, currency: str = "USD") -> QuoteLine:
    path = category or ("Dairy", "Milk")
    return QuoteLine(Sku(sku), f"Hillside {sku}", "1 gallon", quantity, Money(minor, currency), path)


def quote(*lines: QuoteLine, minor: int = 1000, currency: str = "USD", **more: Any) -> Quote:
    """A quote over `minor`, or over `lines`, without delivery and tax unless `more` says so."""
    nothing = Money(0, currency)
    values: dict[str, Any] = {
        "household_id": HOME.household_id, "store": "corner", "seller": "Corner Store", "platform": "voice",
        "device": "kitchen", "session": "s-1", "person": None, "lines": lines or (line(minor=minor, currency=currency),),
        "delivery": nothing, "tax": nothing, "discount": nothing, "address": HOME.address, "policy_version": "s1.h1",
        "quoted_at": NOW, "expires_at": NOW + timedelta(seconds=120), "nonce": "n-1",
    }  # fmt: skip
    return Quote(**values | more)


def policy(
    household: Mapping[str, Any] | None = None,
    *,
    store: Mapping[str, Any] | None = None,
    inner: tuple[Layer, ...] = (),
    currency: str = "USD",
) -> Policy:
    """The policy of a household that has set OPEN and `household`, in a store that has set `store`."""
    return effective_policy(
        Layer("store", "corner", store or {}, 1),
        Layer("household", HOME.household_id, OPEN | dict(household or {}), 1),
        inner,
        currency=currency,
        age_restricted_categories=AGE_RESTRICTED,
    )


def situation(now: datetime = NOW, profile: str | None = None, **more: Any) -> Situation:
    """A household without a code that speaks to a channel which demands nothing."""
    proofs = more.get("proofs", Proofs())
    charges = window_charges(HOME, more.get("person"), profile, now, code_proved=proofs.code or proofs.adult)
    values: dict[str, Any] = {
        "platform": "voice", "person": None, "recognises_speakers": False, "code_set": False, "code_locked": False,
        "local": datetime(2026, 11, 21, 15, 0), "charges": charges, "code_optional": True,  # noqa: DTZ001
    }  # fmt: skip
    return Situation(**values | more)


def charge(window: str, scope: str = "household", key: str | None = None) -> WindowCharge:
    keys = {each.window: each.key for each in window_charges(HOME, None, None, NOW, code_proved=False)}
    return WindowCharge(scope, window, key if key is not None else keys[window])


def order(*lines: QuoteLine, ago_s: int = 0, state: OrderState = OrderState.COMMITTED, number: int = 1) -> Order:
    """An earlier order of `lines`, reserved `ago_s` seconds before NOW."""
    at, nothing = NOW - timedelta(seconds=ago_s), Money(0, "USD")
    return Order(
        OrderId(f"o-{number}"), HOME.household_id, "corner", "Corner Store", state, lines or (line(),),
        nothing, nothing, nothing, nothing, HOME.address, "voice", f"c-{number}", at, at + timedelta(seconds=900), 1800, (),
    )  # fmt: skip


def ask(
    the_quote: Quote | None = None,
    the_situation: Situation | None = None,
    the_policy: Policy | None = None,
    spent: Mapping[WindowCharge, Spent] | None = None,
    now: datetime = NOW,
) -> Decision:
    return decide(the_quote or quote(), the_situation or situation(), the_policy or policy(), spent or {}, now)


def reasons(decision: Decision) -> list[str]:
    return [why for why, _ in decision.reasons]


def laxness(decision: Decision) -> int:
    """How much a decision permits: an order may follow only where it is 4. A lock is as far from it as a missing adult."""
    match decision:
        case Refuse(reasons=(("code_locked", _), *_)):
            return 1
        case Refuse():
            return 0
        case NeedAdult():
            return 1
        case NeedCode():
            return 2
        case Confirm(given=False):
            return 3
        case _:
            return 4


# --- strategies ---------------------------------------------------------------------------------------------------------

#: Amounts meet here, so that "equal to the cap" and "one above" come up all the time.
_EDGES = (0, 1, 499, 500, 501, 999, 1000, 1001, 2000, 2001, 5000)
amounts = st.sampled_from(_EDGES) | st.integers(0, 6000)
_CATEGORIES = ("Dairy", "Milk", "Beer", "Wine", "Candy")
_SKUS = ("ale", "bread", "candy", "milk")
_MINUTES = st.sampled_from((0, 1, 420, 899, 900, 901, 1260, 1439))

_values: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "minor": amounts,
    "seconds": st.sampled_from((0, 1, 59, 60, 61, 600, 3600)),
    "count": st.sampled_from((0, 1, 2, 3, 10, 5000)),
    "set": st.frozensets(st.sampled_from(_CATEGORIES + _SKUS), max_size=3),
    "hours": st.lists(st.tuples(_MINUTES, _MINUTES), max_size=2, unique=True).map(lambda spans: tuple(sorted(spans))),
}


def knob_values(name: str) -> st.SearchStrategy[Any]:
    """Any value that the knob may have, none included where it may be lifted."""
    knob = KNOBS[name]
    values = st.sampled_from(knob.choices) if knob.kind == "choice" else _values[knob.kind]
    return values | st.none() if knob.liftable else values


def layers(level: str, subject: str = "x") -> st.SearchStrategy[Layer]:
    """A layer that has set some of the knobs."""
    knobs = st.lists(st.sampled_from(sorted(KNOBS)), unique=True, max_size=8).flatmap(
        lambda names: st.fixed_dictionaries({name: knob_values(name) for name in names})
    )
    return st.builds(lambda set_knobs: Layer(level, subject, set_knobs, 1), knobs)


#: Most of them let most orders pass, or every example would end in the same refusal.
household_knobs = st.builds(
    lambda set_knobs: OPEN | set_knobs,
    st.lists(st.sampled_from(sorted(KNOBS.keys() - {"ordering_enabled", "frozen"})), unique=True, max_size=5).flatmap(
        lambda names: st.fixed_dictionaries({name: knob_values(name) for name in names})
    ),
)

quote_lines = st.lists(
    st.builds(
        lambda sku, quantity, minor, category: line(sku, quantity, minor, *category),
        st.sampled_from(_SKUS),
        st.sampled_from((1, 1, 1, 2, 3, 10, 11, 999, 1000, 1500)),
        amounts,
        st.lists(st.sampled_from(_CATEGORIES), min_size=1, max_size=2, unique=True),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.sku,
).map(lambda drawn: tuple(sorted(drawn, key=lambda each: each.sku)))

quotes = st.builds(
    lambda drawn, delivery, person: quote(*drawn, delivery=Money(delivery, "USD"), person=person),
    quote_lines,
    st.sampled_from((0, 0, 499)),
    st.sampled_from((None, "kim")),
)

proofs = st.builds(
    Proofs,
    code=st.booleans(),
    confirmation=st.sampled_from((None, *CONFIRMATIONS)),
    adult=st.sampled_from((False, False, True)),
)

orders = st.builds(
    lambda drawn, ago_s, state, number: order(*drawn, ago_s=ago_s, state=state, number=number),
    quote_lines,
    st.sampled_from((-7200, -30, 0, 30, 59, 60, 61, 599, 600, 86400)),
    st.sampled_from(tuple(OrderState)),
    st.integers(1, 99),
)


@st.composite
def situations(draw: st.DrawFn, person: str | None = None) -> Situation:
    return situation(
        profile="child" if person else None,
        person=person,
        proofs=draw(proofs),
        recognises_speakers=draw(st.booleans()),
        code_set=draw(st.booleans()),
        code_locked=draw(st.sampled_from((False, False, False, True))),
        speaker_changed=draw(st.sampled_from((False, False, True))),
        code_optional=draw(st.booleans()),
        authentic=draw(st.sampled_from((True, True, True, False))),
        burst=draw(st.sampled_from((False, False, True))),
        recent=tuple(draw(st.lists(orders, max_size=2))),
        local=draw(st.sampled_from((datetime(2026, 11, 21, 15, 0), datetime(2026, 11, 21, 23, 59, 59)))),  # noqa: DTZ001
    )


@st.composite
def spendings(draw: st.DrawFn, charges: tuple[WindowCharge, ...]) -> dict[WindowCharge, Spent]:
    held = draw(st.lists(st.sampled_from(charges), unique=True, max_size=4))
    return {each: Spent(draw(amounts), draw(st.sampled_from((0, 1, 2, 10)))) for each in held}


@st.composite
def inner_layers(draw: st.DrawFn, person: str | None) -> tuple[Layer, ...]:
    """The person's and the profile's layers, as `Policies` keeps them; none for a voice that is not known."""
    if person is None:
        return ()
    return (
        draw(layers("profile", f"{HOME.household_id}/child")),
        draw(layers("person", f"{HOME.household_id}/{person}")),
    )


@st.composite
def cases(
    draw: st.DrawFn,
) -> tuple[Quote, Situation, dict[str, Any], Mapping[str, Any], tuple[Layer, ...], dict[WindowCharge, Spent]]:
    """A quote, a situation, the household's knobs, the store's, inner layers, and what was spent."""
    the_quote = draw(quotes)
    the_situation = draw(situations(the_quote.person))
    return (
        the_quote,
        the_situation,
        draw(household_knobs),
        draw(layers("store")).knobs,
        draw(inner_layers(the_quote.person)),
        draw(spendings(the_situation.charges)),
    )


CHOICES = {"pin_policy": PIN_POLICIES, "no_pin_confirm": CONFIRMATIONS, "unrecognised_speaker": UNRECOGNISED}


def later(the_quote: Quote, **seconds: int) -> Quote:
    return replace(the_quote, expires_at=the_quote.expires_at + timedelta(**seconds))
