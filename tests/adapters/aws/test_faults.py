"""DynamoDB throttling, timing out and losing answers: nothing is ordered twice, and nothing is said to be that is not."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from skill.adapters.aws.bursts import DynamoBursts
from skill.adapters.aws.carts import DynamoCarts
from skill.adapters.aws.table import ITEM_LENGTH_MAX_BYTES, Table, put
from skill.errors import StorageError
from skill.guard.decision import Spent
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from tests.adapters.aws.faults import ANSWER_LOST, CONFLICT, DONE, REFUSED, THROTTLED, TIMED_OUT, FaultyClient
from tests.contracts import dynamodb_local
from tests.contracts.stores import DAY, EVER, HOME, NOON, Stores, household, record, request_key
from tests.contracts.test_households import held, order_of, recounted, set_limits

pytestmark = pytest.mark.clients

PASSING = [THROTTLED, CONFLICT, TIMED_OUT, ANSWER_LOST]


@pytest.fixture
def impatient(client: FaultyClient, tmp_path: Path) -> Table:
    return Table(client, dynamodb_local.table_name(tmp_path), deadline_s=0.3)


@pytest.mark.parametrize("fault", PASSING)
def test_an_order_is_reserved_once_whatever_passes(stores: Stores, client: FaultyClient, fault: str) -> None:
    stores.stock(milk=5)
    client.expect(fault, fault)

    order = stores.reserve(amount_max=1000)

    assert (1000, 1) == stores.spent()
    assert 4 == stores.available("milk")
    assert [order] == list(stores.orders.list(9))
    assert 1 == len(stores.ledger.audit(HOME, 9))


@pytest.mark.parametrize("fault", PASSING)
def test_an_order_is_committed_and_cancelled_once_whatever_passes(
    stores: Stores, client: FaultyClient, fault: str
) -> None:
    stores.stock(milk=5)
    order = stores.reserve()
    client.expect(fault)
    stores.commit(order, record=record(request=request_key("r1")))
    client.expect(fault)
    stores.cancel(order)

    assert (0, 1) == stores.spent()
    assert 5 == stores.available("milk")
    assert ["reserved", "committed", "cancelled"] == [entry.kind for entry in stores.ledger.audit(HOME, 9)]
    assert 2 == len(stores.outbox.list(9))


@pytest.mark.parametrize("fault", PASSING)
def test_a_cart_is_saved_once_and_not_called_a_conflict(stores: Stores, client: FaultyClient, fault: str) -> None:
    client.expect(fault)

    stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 1),)))

    assert 1 == stores.carts.load(HOME).version


@pytest.mark.parametrize("fault", PASSING)
def test_a_guess_is_counted_once_whatever_passes(stores: Stores, client: FaultyClient, fault: str) -> None:
    stores.households.create(household())
    stores.set_code("4271")
    for _ in range(2):
        client.expect(fault)
        assert not stores.households.try_code(HOME, "0000", request_key())

    assert not stores.households.get(HOME).code_locked
    assert not stores.households.try_code(HOME, "0000", request_key())
    assert stores.households.get(HOME).code_locked


@pytest.mark.parametrize("fault", [THROTTLED, CONFLICT, TIMED_OUT])
def test_what_does_not_pass_is_a_storage_error_within_the_deadline(
    impatient: Table, client: FaultyClient, fault: str
) -> None:
    client.for_ever = fault

    with pytest.raises(StorageError):
        DynamoCarts(impatient).save(HOME, Cart())

    client.for_ever = "done"
    assert Cart() == DynamoCarts(impatient).load(HOME)


def test_what_is_not_allowed_is_not_tried_again(impatient: Table, client: FaultyClient) -> None:
    client.for_ever = REFUSED

    with pytest.raises(StorageError, match="AccessDenied"):
        DynamoCarts(impatient).save(HOME, Cart())

    assert 1 == len(client.calls)


def test_every_try_of_a_write_has_its_token_and_every_write_its_own(stores: Stores, client: FaultyClient) -> None:
    client.expect(ANSWER_LOST, CONFLICT, THROTTLED)
    stores.carts.save(HOME, Cart())
    stores.carts.save(HOME, Cart((), version=1))

    *tries, other = (request["ClientRequestToken"] for name, request in client.calls if name == "transact_write_items")
    assert 4 == len(tries)
    assert 1 == len(set(tries))
    assert other not in tries


def test_a_turn_has_one_deadline_for_all_its_calls(impatient: Table, client: FaultyClient) -> None:
    client.for_ever = THROTTLED
    with impatient.turn():
        impatient._turn.deadline = 0.0  # type: ignore[union-attr]
        for _ in range(2):
            with pytest.raises(StorageError):
                DynamoCarts(impatient).save(HOME, Cart())

    assert 2 == len(client.calls), "the time was up: each was tried once"


def test_a_throttled_burst_counts_a_household_once(impatient: Table, client: FaultyClient) -> None:
    client.expect(ANSWER_LOST, THROTTLED)

    assert not DynamoBursts(impatient).note("milk", HOME, NOON)


def test_an_item_that_is_too_large_is_refused_before_it_is_sent() -> None:
    with pytest.raises(StorageError, match="more than an item holds"):
        put(("a", "b"), {"text": "x" * ITEM_LENGTH_MAX_BYTES})


def test_within_a_turn_an_item_is_read_once_and_what_was_written_is_known(stores: Stores, client: FaultyClient) -> None:
    stores.stock(milk=5)
    table = stores.ledger._table  # type: ignore[attr-defined]
    with table.turn():
        order = stores.reserve(charges=(DAY,))
        client.calls.clear()
        stores.commit(order, record=record())

    assert ["transact_write_items"] == [name for name, _ in client.calls]


def test_what_others_wrote_since_the_turn_looked_is_found_out_by_its_write(
    stores: Stores, client: FaultyClient
) -> None:
    stores.stock(milk=5)
    order = stores.reserve()
    other, table = stores.reopen(), stores.ledger._table  # type: ignore[attr-defined]
    with table.turn():
        assert (order,) == stores.orders.recent(HOME, 1)
        other.reserve()
        stores.commit(order)

    assert ["reserved", "reserved", "committed"] == [entry.kind for entry in stores.ledger.audit(HOME, 9)]
    assert 2 == len(stores.orders.recent(HOME, 9))
    other.close()


def test_a_household_is_forgotten_whole_wherever_it_was_interrupted_and_its_orders_move_meanwhile(
    stores: Stores, client: FaultyClient
) -> None:
    """After each of its writes in turn the deletion fails; an order is taken back, and the deletion is asked for again."""
    for writes in count():
        home = HouseholdId(f"home-{writes}")
        stores.households.create(household(home))
        stores.stock(milk=50)
        set_limits(stores, home)
        first, second = order_of(stores, home), order_of(stores, home)
        stores.commit(first)
        client.expect(*[DONE] * writes, REFUSED)

        try:
            stores.households.forget(home)
            break
        except StorageError:
            stores.cancel(first)
            stores.void(second)
            stores.households.forget(home)

        assert {DAY: Spent(0, 1), EVER: Spent(0, 1)} == recounted(stores, home) == held(stores, home)
        assert "kim" not in stores.texts().lower()
    assert writes > 4
