"""Virtual Google Assistant (Node) understands by our generated Dialogflow ES agent and orders through a running server.

What it cannot do, so that nobody looks for it here: it gives slots as they were said ("first" stays "first"), knows no patterns, so
that a code goes in as what Dialogflow makes of one, and looks at no contexts when it chooses an intent.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
AGENT = ROOT / "interaction_models" / "dialogflow" / "es"
USER = "virtual-google-assistant"


class Assistant:
    def __init__(self, url: str, clients: Path) -> None:
        self._node = subprocess.Popen(
            [
                "node",
                str(Path(__file__).with_name("virtual_google_assistant.cjs")),
                f"{url}/dialogflow/es",
                str(AGENT),
                f"projects/corner/agent/sessions/{USER}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"NODE_PATH": str(clients)},
        )

    def perform(self, **step):
        """(the request that was sent, the response)."""
        self._node.stdin.write(json.dumps(step) + "\n")
        self._node.stdin.flush()
        outcome = json.loads(self._node.stdout.readline())
        assert "error" not in outcome, outcome
        return outcome["request"], outcome["response"]

    def close(self):
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait(timeout=10)


@pytest.fixture
def assistant(served_store, clients_dir: Path):
    served_store.link("dialogflow-es", USER)
    running = Assistant(served_store.url, clients_dir)
    yield running
    running.close()


def test_an_order_from_launch_to_code(served_store, assistant) -> None:
    _, welcome = assistant.perform(launch=True)
    assert "Corner Store" in welcome["fulfillmentText"]

    request, found = assistant.perform(utter="find milk")
    assert ("find_products", "milk") == (
        request["queryResult"]["action"],
        request["queryResult"]["parameters"]["product_query"],
    )
    assert "$" in found["fulfillmentText"]

    request, added = assistant.perform(utter="add the first one")
    assert "add_to_cart" == request["queryResult"]["action"]
    assert "Added" in added["fulfillmentText"]

    request, quote = assistant.perform(utter="check out")
    assert "check_out" == request["queryResult"]["action"]
    assert "total" in quote["fulfillmentText"]
    (opened,) = quote["outputContexts"]
    assert opened["name"].endswith("/contexts/sayso_awaits_code")
    assert [] == served_store.orders()

    request, placed = assistant.perform(intend="give_code awaited", slots={"code": served_store.code})
    assert [opened] == request["queryResult"]["outputContexts"]
    assert placed["fulfillmentText"].startswith("Done.")
    assert not placed["payload"]["google"]["expectUserResponse"]
    [order] = served_store.orders()
    assert ("committed", served_store.household_id) == (order["state"], order["household_id"])


def test_a_stranger_may_look_round_and_not_order(served_store, clients_dir: Path) -> None:
    stranger = Assistant(served_store.url, clients_dir)
    try:
        stranger.perform(utter="find milk")
        stranger.perform(utter="add the first one")
        _, refused = stranger.perform(utter="check out")
    finally:
        stranger.close()
    assert "not linked" in refused["fulfillmentText"]
    assert [] == served_store.orders()
