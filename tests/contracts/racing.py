"""A process of its own that does what it is told to, at the moment it is told to: `python -m tests.contracts.racing STORE DIR`.

Each line of standard input is a JSON object (`do`, `at`: the monotonic second to start at, and what the deed needs); each line
of standard output is what became of it: `"done"`, a value, or the name of the error.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from skill.errors import SaysoError
from skill.shop.cart import Cart
from skill.shop.orders import OrderId
from tests.contracts.stores import STORES, SetClock, Stores, draft, record, request_key, reservation


def do(stores: Stores, deed: dict[str, Any]) -> Any:
    match deed["do"]:
        case "reserve":
            made = reservation(household_id=deed["home"], amount_max=deed["amount_max"], consent_id=deed["consent"])
            order = stores.ledger.reserve(made) or made.order
            return order.order_id
        case "commit" | "void" | "cancel" | "ship":
            order = stores.orders.get(OrderId(deed["order"]))
            assert order is not None
            getattr(stores, deed["do"])(order)
        case "close":
            request = request_key(deed["request"])
            stores.conversations.close(record(0, request=request, owner=deed["home"], cart=Cart()))
        case "guess":
            return stores.households.try_code(deed["home"], deed["code"], request_key(deed["request"]))
        case "audit":
            stores.ledger.write_audit(draft("kind", household_id=deed["home"]))
    return "done"


def main(store: str, directory: str) -> None:
    stores = STORES[store](Path(directory), SetClock())
    for line in sys.stdin:
        deed = json.loads(line)
        while time.monotonic() < deed["at"]:
            pass
        try:
            became = do(stores, deed)
        except SaysoError as error:
            became = type(error).__name__
        print(json.dumps(became), flush=True)
    stores.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
