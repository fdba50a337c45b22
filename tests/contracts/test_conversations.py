"""What a turn leaves behind: written at once or not at all, and never twice for one request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skill.errors import RequestReused, VersionConflict
from skill.ports import Opened
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from tests.contracts.stores import HOME, NOON, Stores, at_once, record, request_key

MILK = CartLine(Sku("milk"), 2)


def test_a_new_session_is_empty(stores: Stores) -> None:
    assert Opened(None, 0) == stores.conversations.open(HOME, "session", request_key())


def test_what_was_closed_is_opened(stores: Stores) -> None:
    stores.conversations.close(record(state='{"a":"ä"}'))
    stores.conversations.close(record(1, state='{"b":2}'))

    assert Opened('{"b":2}', 2) == stores.conversations.open(HOME, "session", request_key())


def test_sessions_of_owners_and_of_one_owner_are_apart(stores: Stores) -> None:
    stores.conversations.close(record(owner="a", session="s"))

    assert None is stores.conversations.open("b", "s", request_key()).state
    assert None is stores.conversations.open("a", "t", request_key()).state


def test_a_request_delivered_again_has_its_answer(stores: Stores) -> None:
    request = request_key("r1")
    stores.conversations.close(record(request=request))

    assert '{"speech":"hello"}' == stores.conversations.open(HOME, "session", request).answered


def test_a_request_id_with_another_body_is_refused(stores: Stores) -> None:
    stores.conversations.close(record(request=request_key("r1", "body")))

    with pytest.raises(RequestReused):
        stores.conversations.open(HOME, "session", request_key("r1", "forged"))


def test_platforms_have_request_ids_of_their_own(stores: Stores) -> None:
    stores.conversations.close(record(request=request_key("r1", platform="alexa")))

    opened = stores.conversations.open(HOME, "session", request_key("r1", "other body", platform="dialogflow"))

    assert None is opened.answered


def test_a_request_is_answered_once(stores: Stores) -> None:
    stores.conversations.close(record(request=request_key("r1")))

    with pytest.raises(VersionConflict):
        stores.conversations.close(record(1, request=request_key("r1"), state='{"second":true}'))

    assert '{"state":1}' == stores.conversations.open(HOME, "session", request_key()).state


@pytest.mark.parametrize("version", [0, 2, 7])
def test_a_session_of_another_version_is_not_overwritten(stores: Stores, version: int) -> None:
    stores.conversations.close(record())

    with pytest.raises(VersionConflict):
        stores.conversations.close(record(version, request=request_key("late"), state='{"lost":true}'))

    assert Opened('{"state":1}', 1) == stores.conversations.open(HOME, "session", request_key("late"))


def test_a_session_that_was_forgotten_meanwhile_is_a_conflict(stores: Stores) -> None:
    with pytest.raises(VersionConflict):
        stores.conversations.close(record(3))


def test_the_cart_is_written_with_the_turn(stores: Stores) -> None:
    stores.conversations.close(record(cart=Cart((MILK,))))

    assert Cart((MILK,), version=1) == stores.carts.load(HOME)


def test_a_cart_changed_meanwhile_takes_the_whole_turn_back(stores: Stores) -> None:
    stores.carts.save(HOME, Cart((MILK,)))

    with pytest.raises(VersionConflict):
        stores.conversations.close(record(request=request_key("r1"), cart=Cart((), version=0)))

    assert Opened(None, 0) == stores.conversations.open(HOME, "session", request_key("r1"))
    assert Cart((MILK,), version=1) == stores.carts.load(HOME)


def test_one_request_delivered_by_many_at_once_is_answered_once(stores: Stores) -> None:
    same = record(request=request_key("r1"))

    results = at_once(8, lambda n: stores.conversations.close(replace(same, state=f'{{"n":{n}}}')))

    assert 7 == sum(isinstance(each, VersionConflict) for each in results)


def test_sweep_forgets_what_is_older_and_nothing_else(stores: Stores) -> None:
    old, new = NOON - timedelta(days=2), NOON
    stores.conversations.close(record(session="old", request=request_key("old"), now=old))
    stores.conversations.close(record(session="new", request=request_key("new"), now=new))

    assert 2 == stores.conversations.sweep(NOON - timedelta(days=1), 100)
    assert 0 == stores.conversations.sweep(NOON - timedelta(days=1), 100)

    assert Opened(None, 0) == stores.conversations.open(HOME, "old", request_key("old", "any body"))
    assert stores.conversations.open(HOME, "new", request_key("new")).answered


def test_a_session_lives_as_long_as_it_is_written(stores: Stores) -> None:
    stores.conversations.close(record(now=NOON - timedelta(days=2)))
    stores.conversations.close(record(1, now=NOON))

    stores.conversations.sweep(NOON - timedelta(days=1), 100)

    assert 2 == stores.conversations.open(HOME, "session", request_key()).version


def test_sweep_stops_at_its_limit_and_goes_on_the_next_time(stores: Stores) -> None:
    for number in range(5):
        stores.conversations.close(record(session=f"s{number}", now=NOON - timedelta(days=2)))

    forgotten = [stores.conversations.sweep(NOON, 2) for _ in range(4)]

    assert 10 == sum(forgotten)
    assert 0 == forgotten[-1]


def test_a_turn_survives_the_end_of_the_process(stores: Stores) -> None:
    stores.conversations.close(record(request=request_key("r1"), cart=Cart((MILK,))))
    again = stores.reopen()

    assert again.conversations.open(HOME, "session", request_key("r1")).answered
    assert Cart((MILK,), version=1) == again.carts.load(HOME)
    again.close()
