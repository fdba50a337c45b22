"""A store that is looked at after every request: what may have changed, and what never may."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from flask.testing import FlaskClient

from skill.app import App
from skill.cli.demo import DEMO_CODE, DEMO_HOUSEHOLD
from skill.ordering.checking import check_ledger, verify_audit
from skill.ports import AuditDraft
from skill.shop.households import guest_owner
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes
from skill.turn import Kind, Reply, Turn
from skill.web import create_app
from tests.platforms.signing import NOW
from tests.web.model_envelopes import FRESH

#: Intents that may change a cart: the dialogue's own, and what answers a question about it.
CHANGES_CART = frozenset(
    {
        "add_to_cart", "choose_item", "choose_other", "name_product", "set_quantity", "remove_from_cart", "put_back", "clear_cart",
        "give_number", "yes",
    }
)  # fmt: skip

_MONEY = (
    "SELECT * FROM orders",
    "SELECT * FROM windows",
    "SELECT * FROM outbox",
    "SELECT * FROM demo_payments",
    "SELECT sku, price_minor, on_hand, reserved FROM inventory",
    "SELECT household_id, code_hash, address, email FROM households",
)


class WatchedStore:
    """The demo household has a code, a shipped order, and two products in its cart. It is the account of every fourth request."""

    def __init__(self, app: App, patch: pytest.MonkeyPatch) -> None:
        self._app = app
        self._turn: Turn | None = None
        answer = App.answer

        def listen(app: App, turn: Turn) -> Reply:
            self._turn = turn
            return answer(app, turn)

        patch.setattr(App, "answer", listen)
        self._client: FlaskClient = create_app(app).test_client()
        self._place_an_order()
        self._money = self._read_money()
        self.understood: Counter[Kind] = Counter()
        self._number = 0

    def _place_an_order(self) -> None:
        alexa = AlexaEnvelopes(SIMULATED_USER, now=lambda: NOW)
        for intent, slots in (
            ("add_to_cart", {"product": "milk"}),
            ("choose_item", {"ordinal": "1"}),
            ("check_out", {}),
            ("give_code", {"code": DEMO_CODE}),
            ("add_to_cart", {"product": "bread", "quantity": "2"}),
            ("choose_item", {"ordinal": "1"}),
        ):
            assert 200 == self._client.post("/alexa", json=alexa.intent(intent, slots)).status_code
        ports = self._app.ports
        [order] = ports.orders.recent(DEMO_HOUSEHOLD, 10)
        ports.ledger.ship(order.order_id, NOW, AuditDraft(DEMO_HOUSEHOLD, "order_shipped", NOW, order.order_id))
        assert ports.carts.load(DEMO_HOUSEHOLD).lines

    def post(self, path: str, envelope: dict[str, Any]) -> None:
        """Sends it, and raises `AssertionError` unless it is answered or refused, and money and carts are as they should be."""
        self._turn = None
        self._number += 1
        for holder in (envelope, envelope.get("request")):
            for name in ("requestId", "detectIntentResponseId", "responseId"):
                if isinstance(holder, dict) and holder.get(name) == FRESH:
                    holder[name] = f"request-{self._number}"
        carts = self._read("SELECT owner, lines FROM carts ORDER BY owner")
        answer = self._client.post(path, data=json.dumps(envelope), content_type="application/json")
        assert answer.status_code in (200, 400), answer.data
        assert answer.is_json
        assert b"Traceback" not in answer.data
        assert self._money == self._read_money()
        turn = self._turn
        if turn is not None:
            self.understood[turn.kind] += 1
        if turn is not None and turn.event == "skill_disabled":
            # Who leaves takes what they had put in as a guest, and nobody else's.
            guest = guest_owner(turn.platform, turn.user)
            carts = [cart for cart in carts if cart[0] != guest]
        if turn is None or turn.kind is not Kind.INTENT or turn.intent not in CHANGES_CART:
            assert carts == self._read("SELECT owner, lines FROM carts ORDER BY owner"), turn
        if self._app.ports.households.of_user("alexa", SIMULATED_USER) is None:
            assert turn is not None
            assert "skill_disabled" == turn.event
            self._app.ports.households.link(DEMO_HOUSEHOLD, "alexa", SIMULATED_USER, NOW)

    def check_books(self) -> None:
        """Every window holds what its orders add up to, and the audit trail is whole."""
        assert () == check_ledger(self._app.ports, DEMO_HOUSEHOLD)
        assert () == verify_audit(self._app.ports, DEMO_HOUSEHOLD)

    def _read_money(self) -> list[list[tuple[Any, ...]]]:
        return [self._read(statement) for statement in _MONEY]

    def _read(self, statement: str) -> list[tuple[Any, ...]]:
        database = self._app.database
        assert database is not None
        return database.read(lambda connection: connection.execute(statement).fetchall())
