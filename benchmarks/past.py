"""A store with a past, for benchmarks and pictures: households, orders, conversations, refusals, spread over days as in a shop.

The demo household talks for a moment first, so that every recorded decision is one that the guard has made; the rest are copies of
it, put into the embedded store row by row, and counted by the very code that counts in a running store. The audit rows that are
put in so are not sealed: `sayso audit verify` would say so.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from skill.app import App
from skill.ordering.sweeping import count_figures
from skill.shop.figures import BEGAN, CARTED, FIRST_SHIFT, MISSED, ORDERED, QUOTED, SEARCHED
from skill.simulator import SIMULATED_USER
from skill.turn import Kind, Turn

#: Of a hundred conversations so many go so far.
_STAGES = ((BEGAN, 100), (SEARCHED, 81), (CARTED, 47), (QUOTED, 33), (ORDERED, 26))
_REASONS = (
    ("day_max", 31), ("order_max", 22), ("quiet_hours", 17), ("category_denied", 11), ("order_gap", 8), ("frozen", 6),
    ("code_locked", 3), ("orders_per_day_max", 2),
)  # fmt: skip
_SOUGHT = (
    ("oat creamer", 41), ("dragon fruit", 33), ("birthday candles", 27), ("cat litter", 22), ("gluten free pizza", 19),
    ("phone charger", 15), ("kombucha", 12), ("baby wipes", 9), ("charcoal", 7), ("sourdough starter", 5), ("halloumi", 3),
)  # fmt: skip
_TOOK = ((2, 50), (8, 26), (20, 14), (40, 6), (90, 3), (400, 1))

_numbers = count(1)

_ORDER = """
INSERT INTO orders (order_id, household_id, state, consent_id, store, seller, currency, total_minor, delivery_minor, tax_minor,
                    discount_minor, lines, address, platform, person, code_proved, charges, reserved_at, reserve_deadline,
                    undo_window_s, placed_at, undo_until, closed_at, payment, payment_state, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 'alexa', NULL, 1, '[]', ?, ?, 1800, ?, ?, ?, 'demo', ?, '')
"""
_AUDIT = "INSERT INTO audit (household_id, number, kind, at, order_id, facts, personal, seal) VALUES (?, ?, ?, ?, ?, ?, x'', '')"
_ANSWER = """
INSERT INTO answers (platform, request_id, body_hash, answer, written_at, marks, took_ms, sought)
VALUES ('alexa', ?, '', '{"s":[],"e":"free"}', ?, ?, ?, ?)
"""
_HOUSEHOLD = """
INSERT INTO households (household_id, name, time_zone, address, email, created_at, time_zone_before) VALUES (?, ?, ?, ?, '', ?, '')
"""


def talk(app: App, *heard: tuple[str, dict[str, str]]) -> None:
    """The demo household says these intents, one conversation."""
    session = f"past-{next(_numbers)}"
    for intent, slots in heard:
        app.answer(
            Turn(
                platform="alexa",
                store=app.ports.store.store_id,
                user=SIMULATED_USER,
                session=session,
                request_id=f"{session}-{next(_numbers)}",
                locale="en-US",
                kind=Kind.LAUNCH if intent == "launch" else Kind.INTENT,
                intent=None if intent == "launch" else intent,
                slots=slots,
            )
        )


def give_past(app: App, *, orders: int, households: int, days: int, own_orders: int = 60, seed: int = 7) -> None:
    """Fills the store. `own_orders` of the orders are the demo household's, with their decisions."""
    chance = random.Random(seed)
    now = app.ports.clock.now_utc()
    talk(
        app,
        ("launch", {}),
        ("find_products", {"product_query": "coffee"}),
        ("choose_item", {"ordinal": "first"}),
        ("yes", {}),
    )
    talk(app, ("check_out", {}), ("give_code", {"code": "4271"}))
    app.ports.figures.fold(1000)
    assert app.database is not None
    app.database.write(lambda connection: _fill(connection, app, chance, now, orders, households, days, own_orders))
    while count_figures(app.ports):
        pass
    # What was said is forgotten after two days, as in any store.
    while app.ports.conversations.sweep(now - timedelta(days=2), 5000):
        pass


def _fill(
    db: sqlite3.Connection,
    app: App,
    chance: random.Random,
    now: datetime,
    orders: int,
    households: int,
    days: int,
    own: int,
) -> None:
    home = app.ports.orders.newest(1)[0].household_id
    (lines, tax, delivery, address, currency, seller, store) = db.execute(
        "SELECT lines, tax_minor, delivery_minor, address, currency, seller, store FROM orders LIMIT 1"
    ).fetchone()
    facts = json.loads(db.execute("SELECT facts FROM audit WHERE kind = 'reserved' LIMIT 1").fetchone()[0])
    homes = [home, *(f"hh_{number:05}" for number in range(1, households))]
    since = (now - timedelta(days=days)).isoformat(timespec="microseconds")
    db.executemany(
        _HOUSEHOLD,
        [
            (each, "The Does", app.ports.store.time_zone, f"{at} Main Street", since)
            for at, each in enumerate(homes)
            if at
        ],
    )
    number = {home: db.execute("SELECT max(number) FROM audit WHERE household_id = ?", (home,)).fetchone()[0]}
    baskets = list(_baskets(app, chance, json.loads(lines)))
    # Some households order every week, most of them now and then.
    weights = [1 / (at + 3) ** 0.9 for at in range(len(homes))]
    buyers = chance.choices(homes, weights, k=orders)
    own_at = set(chance.sample(range(orders), min(own, orders)))
    moments = sorted(_moment(chance, now, days) for _ in range(orders))
    written, trail = [], []
    for at, (moment, buyer) in enumerate(zip(moments, buyers, strict=True)):
        buyer = home if at in own_at else buyer if buyer != home else homes[1 + at % (len(homes) - 1)]
        basket, price = chance.choice(baskets)
        state = (
            "committed" if now - moment < timedelta(days=1) else "cancelled" if chance.random() < 0.03 else "shipped"
        )
        order_id = f"{moment:%Y%m%d-%H%M%S}-{at:06}"
        placed = moment.isoformat(timespec="microseconds")
        later = (moment + timedelta(minutes=10)).isoformat(timespec="microseconds")
        closed = None if state == "committed" else later
        payment = "refunded" if state == "cancelled" else "approved"
        whole = price + tax + delivery
        written.append(
            (order_id, buyer, state, f"past-{at}", store, seller, currency, whole, delivery, tax, basket,
             address if buyer == home else "1 Main Street", placed, later, placed, later, closed, payment)
        )  # fmt: skip
        # The guard's whole input is large: it is there for the demo household, and for what is newest of the others.
        if buyer == home or at > orders - 400:
            trail.append(
                _entry(number, buyer, "reserved", placed, order_id, _at(facts, moment, whole - tax - delivery))
            )
        trail.append(_entry(number, buyer, "committed", placed, order_id, "{}"))
        if state == "cancelled":
            trail.append(_entry(number, buyer, "cancelled", later, order_id, '{"by":"voice"}'))
        if chance.random() < 0.09:
            trail.append(
                _entry(number, buyer, "decided", placed, None, _refused(facts, moment, _one_of(chance, _REASONS)))
            )
        if chance.random() < 0.05:
            trail.append(_entry(number, buyer, "code_wrong", placed, None, "{}"))
    db.executemany(_ORDER, written)
    db.executemany(_AUDIT, trail)
    db.executemany(_ANSWER, _answers(chance, now, days, min(orders * 4, 400_000)))


def _baskets(app: App, chance: random.Random, lines: list[list[Any]]) -> Iterator[tuple[str, int]]:
    """Lines as they are stored, and their sum; from the store's own catalogue."""
    found = [each.product for words in ("coffee", "milk", "bread", "cheese", "soap", "juice", "rice", "apples")
             for each in app.ports.catalogue.find(_wish(words), locale="en-US", limit=5).found]  # fmt: skip
    for _ in range(120):
        some = chance.sample(found, chance.choice((1, 1, 2, 2, 3, 4)))
        pieces = [chance.choice((1, 1, 1, 2, 3)) for _ in some]
        data = [
            [each.sku, each.title, each.size, many, each.price.amount, list(each.category), each.age_min]
            for each, many in zip(some, pieces, strict=True)
        ]
        yield json.dumps(data), sum(each.price.amount * many for each, many in zip(some, pieces, strict=True))


def _wish(words: str) -> Any:
    from skill.shop.catalogue import Wish

    return Wish(words)


def _moment(chance: random.Random, now: datetime, days: int) -> datetime:
    """More of late than long ago, more before the weekend, and none at night."""
    while True:
        ago = days * (1 - chance.random() ** 0.6)
        at = (now - timedelta(days=ago)).replace(
            hour=chance.choices(range(12, 24), (1, 2, 3, 3, 2, 2, 2, 3, 4, 5, 4, 2))[0]
        )
        at = at.replace(minute=chance.randrange(60), second=chance.randrange(60))
        if at < now and chance.random() < (0.72, 0.66, 0.74, 0.85, 1.0, 0.95, 0.8)[at.weekday()]:
            return at


def _entry(number: dict[str, int], home: str, kind: str, at: str, order_id: str | None, facts: str) -> tuple[Any, ...]:
    number[home] = number.get(home, 0) + 1
    return home, number[home], kind, at, order_id, facts


def _at(facts: dict[str, Any], moment: datetime, goods: int) -> str:
    """The decision with another time and another price."""
    quote = dict(facts["quote"])
    first = list(quote["lines"][0])
    first[4] = max(goods // max(first[3], 1), 1)
    quote["lines"] = [first]
    situation = dict(facts["situation"], local=moment.replace(hour=12).isoformat(), recent=[])
    return json.dumps(facts | {"now": moment.isoformat(), "quote": quote, "situation": situation})


def _refused(facts: dict[str, Any], moment: datetime, reason: str) -> str:
    return json.dumps(
        json.loads(_at(facts, moment, 9900))
        | {"decision": "Refuse", "given": False, "how": "", "reasons": [[reason, {}]]}
    )


def _one_of(chance: random.Random, weighted: Sequence[tuple[Any, int]]) -> Any:
    return chance.choices([each for each, _ in weighted], [weight for _, weight in weighted])[0]


def _answers(chance: random.Random, now: datetime, days: int, sessions: int) -> Iterator[tuple[Any, ...]]:
    for at, moment in enumerate(sorted(_moment(chance, now, days) for _ in range(sessions))):
        far, marks = chance.randrange(100), 0
        for mark, share in _STAGES:
            if far < share:
                marks |= mark | mark << FIRST_SHIFT
        if chance.random() < 0.07:
            marks |= MISSED
        sought = _one_of(chance, _SOUGHT) if marks & SEARCHED and chance.random() < 0.06 else ""
        written_at = moment.isoformat(timespec="microseconds")
        yield f"past-{at}", written_at, marks, _one_of(chance, _TOOK), sought
