"""What the embedded ledger keeps in mind, and what its tables hold whatever the code around them does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.adapters.sqlite import ledger as module
from skill.errors import SpendCapExceeded, StorageError
from skill.guard.audit import verify_chain
from tests.contracts.stores import HOME, SetClock, Stores, draft, household, open_sqlite


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_sqlite(tmp_path, SetClock())
    opened.stock(milk=100)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE windows SET amount_minor = 2001",
        "UPDATE windows SET amount_minor = -1",
        "UPDATE windows SET orders = 3",
        "UPDATE inventory SET reserved = -1",
        "UPDATE inventory SET on_hand = -1",
        "UPDATE orders SET state = 'lost'",
        "UPDATE orders SET state = 'committed'",
        "UPDATE orders SET total_minor = 'ten'",
        "UPDATE households SET code_wrong = 4",
    ],
)
def test_the_tables_refuse_what_can_never_be(stores: Stores, statement: str) -> None:
    stores.households.create(household())
    stores.reserve(amount_max=2000, orders_max=2)

    with pytest.raises(StorageError, match=r"CHECK|cannot store"):
        stores.database.write(lambda connection: connection.execute(statement).rowcount)


def test_what_a_process_keeps_in_mind_has_a_limit(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED_MAX", 3)
    orders = [stores.reserve(household_id=f"h{n}") for n in range(5)]

    ledger = stores.ledger
    assert len(ledger._reserved) <= 3  # type: ignore[attr-defined]
    assert len(ledger._heads) <= 3  # type: ignore[attr-defined]
    assert ["committed"] * 5 == [stores.commit(order).state for order in orders]
    assert {} == ledger._reserved  # type: ignore[attr-defined]


def test_a_chain_goes_on_where_it_stands_though_the_process_remembers_another_end(stores: Stores) -> None:
    other = stores.reopen()
    for each in (stores, stores, other, stores, other, other, stores):
        each.ledger.write_audit(draft("kind"))
    other.close()

    entries = stores.ledger.audit(HOME, 20)
    assert list(range(1, 8)) == [entry.number for entry in entries]
    assert () == verify_chain(entries, stores.ledger.anchors()[HOME], lambda message: stores.keys.mac("audit", message))


def test_an_entry_that_was_taken_back_leaves_no_gap(stores: Stores) -> None:
    stores.reserve(amount_max=1000)
    for _ in range(2):
        with pytest.raises(SpendCapExceeded):
            stores.reserve(amount_max=1000)
    stores.reserve()

    assert [1, 2] == [entry.number for entry in stores.ledger.audit(HOME, 20)]


def test_a_condition_that_fails_and_then_holds_is_tried_again(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    stores.reserve(amount_max=1000)
    first = stores.orders.recent(HOME, 1)[0]
    explain = stores.ledger._explain  # type: ignore[attr-defined]

    def meanwhile(*args: object) -> None:
        monkeypatch.setattr(stores.ledger, "_explain", explain)
        stores.void(first)  # the money is given back between the try and the look at why it failed
        explain(*args)

    monkeypatch.setattr(stores.ledger, "_explain", meanwhile)
    stores.reserve(amount_max=1000)

    assert (1000, 1) == stores.spent()


def test_a_condition_that_never_settles_is_given_up(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    stores.reserve(amount_max=1000)
    monkeypatch.setattr(stores.ledger, "_explain", lambda *_: None)

    with pytest.raises(StorageError, match="nothing was reserved"):
        stores.reserve(amount_max=1000)


def test_goods_that_left_the_feed_are_dropped_once_nothing_of_them_is_reserved(stores: Stores) -> None:
    def rows(connection: sqlite3.Connection) -> list[tuple[str, int]]:
        return connection.execute("SELECT sku, listed FROM inventory ORDER BY sku").fetchall()

    order = stores.reserve()
    stores.stock(eggs=1)
    assert [("eggs", 1), ("milk", 0)] == stores.database.read(rows)
    stores.void(order)
    stores.stock(eggs=1)
    assert [("eggs", 1)] == stores.database.read(rows)
