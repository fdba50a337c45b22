"""The household hears of its order at least once, whatever its notifier does, and under one key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from skill.errors import StorageError
from skill.ordering.telling import GIVEN_UP_AFTER, RETRY_AFTER_S, tell_household
from skill.ports import Notice, Ports
from tests.contracts.stores import HOME, SetClock, Stores, household, open_sqlite


class Mail:
    """Takes notices, or does not."""

    def __init__(self) -> None:
        self.takes = True
        self.came: list[Notice] = []

    def notify(self, notice: Notice) -> bool:
        self.came.append(notice)
        return self.takes


class Home:
    """A store in which an order was placed, and the mail that tells of it."""

    def __init__(self, stores: Stores) -> None:
        self.stores, self.notices, self.notifier = stores, stores.notices, Mail()

    def round(self) -> int:
        """How many were told. As the background does, one failure does not keep it from the next."""
        now, told = self.stores.clock.now, 0
        for each in self.notices.due(now, 9):
            try:
                told += tell_household(cast(Ports, self), each, now)
            except StorageError:
                continue
        return told


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    stores = open_sqlite(tmp_path, SetClock())
    stores.households.create(household())
    stores.stock(milk=9)
    stores.commit(stores.reserve())
    yield Home(stores)
    stores.close()


def test_a_receipt_is_told_once_with_what_was_bought(home: Home) -> None:
    assert 1 == home.round()
    assert 0 == home.round()

    (notice,) = home.notifier.came
    assert ("receipt", HOME, 1000) == (notice.kind, notice.household_id, notice.values["total_minor"])
    assert [[1, "Milk", "1 l", 1000]] == notice.values["lines"]
    assert notice.key.endswith(".receipt")


def test_a_receipt_that_is_not_taken_is_tried_again_later_and_later_under_the_same_key(home: Home) -> None:
    home.notifier.takes = False
    waited = []
    for _ in range(len(RETRY_AFTER_S) + 2):
        home.round()
        began = home.stores.clock.now
        while not home.notices.due(home.stores.clock.now, 9):
            home.stores.clock.pass_time(seconds=30)
        waited.append((home.stores.clock.now - began).total_seconds())
    home.notifier.takes = True

    assert 1 == home.round()
    assert [*RETRY_AFTER_S, RETRY_AFTER_S[-1], RETRY_AFTER_S[-1]] == waited
    assert 1 == len({each.key for each in home.notifier.came})
    assert 1 == len({each.at for each in home.notifier.came}), "it tells when it happened, not when it was tried"


def test_a_process_that_dies_before_it_is_marked_tells_again_under_the_same_key(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(home.notices, "handed_on", die)
        with pytest.raises(SystemExit):
            home.round()

    assert 1 == home.round()
    assert 2 == len(home.notifier.came)
    assert home.notifier.came[0] == home.notifier.came[1]


def test_a_receipt_that_nobody_takes_for_a_month_is_given_up(home: Home) -> None:
    home.notifier.takes = False
    home.stores.clock.now += GIVEN_UP_AFTER - timedelta(seconds=1)
    home.round()
    assert home.notices.due(home.stores.clock.pass_time(days=1), 9)
    home.round()
    assert not home.notices.due(home.stores.clock.pass_time(days=9), 9)


def test_nobody_is_told_of_the_orders_of_a_household_that_was_deleted(home: Home) -> None:
    home.stores.households.forget(HOME)

    assert 0 == home.round()
    assert [] == home.notifier.came
    assert not home.notices.due(home.stores.clock.pass_time(days=9), 9)
