"""What a shopper hears while DynamoDB throttles, times out or loses answers: never silence, and of no order that is not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from skill.adapters.aws import clients
from skill.adapters.aws.table import DEADLINE_S, Table
from skill.app import App, build_app
from skill.catalogues import import_catalogue, open_feed
from skill.cli.demo import DEMO_CODE, SAMPLE_CATALOGUE, ensure_demo_household
from skill.ordering.checking import all_orders, check_ledger
from skill.platforms.alexa_turns import AlexaTurns
from skill.settings import Settings
from skill.shop.orders import OrderState
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes
from tests.adapters.aws.faults import ANSWER_LOST, CONFLICT, THROTTLED, TIMED_OUT, FaultyClient
from tests.contracts import dynamodb_local

MASTER = "a master key of no store" * 2
#: What a platform waits for an answer, in seconds.
PLATFORM_WAITS_S = 8.0

CONVERSATION: tuple[tuple[str, dict[str, str]], ...] = (
    ("find_products", {"product_query": "bread"}),
    ("choose_item", {"ordinal": "1"}),
    ("yes", {}),
    ("check_out", {}),
    ("give_code", {"code": DEMO_CODE}),
)


@dataclass
class Shopper:
    app: App
    client: FaultyClient
    skill: AlexaTurns
    envelopes: AlexaEnvelopes

    def say(self, intent: str, slots: dict[str, str]) -> str:
        return self.envelopes.heard(self.skill.handle(self.envelopes.intent(intent, slots))).speech

    def orders(self) -> list[str]:
        return [order.state.value for order in all_orders(self.app.ports)]


@pytest.fixture
def shopper(
    client: FaultyClient, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shopper]:
    assert Table.__init__.__kwdefaults__ is not None
    monkeypatch.setitem(Table.__init__.__kwdefaults__, "deadline_s", 0.5)
    shutil.copytree(sample_store, tmp_path / "data")
    settings = Settings(
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        table=dynamodb_local.table_name(tmp_path),
        master=MASTER,
    )
    app = build_app(settings, dynamodb=client)
    import_catalogue(app, open_feed(app, SAMPLE_CATALOGUE))
    ensure_demo_household(app)
    skill = AlexaTurns(app.answer, store=app.ports.store.store_id, skill_id="amzn1.ask.skill.simulated")
    yield Shopper(app, client, skill, AlexaEnvelopes(SIMULATED_USER, skill_id="amzn1.ask.skill.simulated"))
    app.close()


@pytest.mark.clients
@pytest.mark.parametrize("fault", [THROTTLED, CONFLICT, TIMED_OUT])
@pytest.mark.parametrize("turn", range(len(CONVERSATION)))
def test_a_fault_that_lasts_is_spoken_and_orders_nothing(shopper: Shopper, fault: str, turn: int) -> None:
    for intent, slots in CONVERSATION[:turn]:
        shopper.say(intent, slots)
    shopper.client.for_ever = fault
    assert shopper.say(*CONVERSATION[turn]), "silence"
    shopper.client.for_ever = "done"

    assert [] == shopper.orders()
    # It goes on as if nothing had happened: the shopper says it again.
    for intent, slots in CONVERSATION[turn:]:
        heard = shopper.say(intent, slots)
    assert ["committed"] == shopper.orders(), heard


@pytest.mark.clients
@pytest.mark.parametrize("fault", [THROTTLED, CONFLICT, TIMED_OUT, ANSWER_LOST])
def test_a_fault_in_every_write_is_not_even_heard(shopper: Shopper, fault: str) -> None:
    for intent, slots in CONVERSATION:
        shopper.client.expect(fault)
        heard = shopper.say(intent, slots)

    (order,) = all_orders(shopper.app.ports)
    assert OrderState.COMMITTED == order.state, heard
    assert () == check_ledger(shopper.app.ports, order.household_id)


def test_whatever_fails_the_shopper_hears_of_it_while_the_platform_waits() -> None:
    assert clients._CONNECT_TIMEOUT_S <= clients._READ_TIMEOUT_S
    assert DEADLINE_S + 2 * clients._READ_TIMEOUT_S <= PLATFORM_WAITS_S
