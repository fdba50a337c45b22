"""What platforms tell of their accounts, however late and in whatever order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skill.errors import PairingRefused
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from tests.contracts.stores import HOME, NOON, Stores, household, record, request_key

GUEST = "guest:alexa:speaker"
LATER = NOON + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def home(stores: Stores) -> None:
    stores.households.create(household())
    stores.households.link(HOME, "alexa", "speaker", NOON)


def leave(stores: Stores, at=LATER):
    return stores.accounts.leave("alexa", "speaker", GUEST, at)


def state_of(stores: Stores, owner: str) -> str | None:
    return stores.conversations.open(owner, "session", request_key()).state


def test_who_leaves_is_linked_no_more_and_its_household_is_told(stores: Stores) -> None:
    assert HOME == leave(stores)
    assert stores.households.of_user("alexa", "speaker") is None
    assert leave(stores) is None


def test_other_accounts_of_the_household_stay(stores: Stores) -> None:
    stores.households.link(HOME, "alexa", "kitchen", NOON)
    leave(stores)
    assert [("alexa", "kitchen")] == list(stores.households.linked(HOME))


def test_what_was_pending_in_the_households_sessions_is_gone_and_its_cart_stays(stores: Stores) -> None:
    cart = Cart((CartLine(Sku("milk"), 2),))
    stores.conversations.close(record(cart=cart))
    leave(stores)
    assert state_of(stores, HOME) is None
    assert cart.lines == stores.carts.load(HOME).lines


def test_what_a_guest_left_behind_is_gone(stores: Stores) -> None:
    stores.conversations.close(record(owner=GUEST, cart=Cart((CartLine(Sku("milk"), 2),))))
    leave(stores)
    assert state_of(stores, GUEST) is None
    assert () == stores.carts.load(GUEST).lines


def test_an_open_pairing_code_is_void(stores: Stores) -> None:
    code = stores.pairings.begin("alexa", "speaker", NOON)
    leave(stores)
    with pytest.raises(PairingRefused):
        stores.pairings.redeem(code, HOME, LATER)


def test_an_account_that_came_back_since_stays(stores: Stores) -> None:
    stores.households.link(HOME, "alexa", "speaker", LATER + timedelta(seconds=1))
    stores.conversations.close(record())
    assert leave(stores) is None
    assert stores.households.of_user("alexa", "speaker") is not None
    assert state_of(stores, HOME) is not None


def test_the_newest_news_of_what_is_allowed_counts(stores: Stores) -> None:
    stores.accounts.grant("alexa", "speaker", "permissions", ["reminders", "email"], LATER)
    stores.accounts.grant("alexa", "speaker", "permissions", ["reminders"], NOON)
    assert ("reminders", "email") == stores.accounts.granted("alexa", "speaker", "permissions")
    stores.accounts.grant("alexa", "speaker", "permissions", [], LATER)
    assert () == stores.accounts.granted("alexa", "speaker", "permissions")


def test_permissions_and_subscriptions_are_kept_apart_and_forgotten_with_the_account(stores: Stores) -> None:
    stores.accounts.grant("alexa", "speaker", "subscriptions", ["AMAZON.OrderStatus.Updated"], NOON)
    assert () == stores.accounts.granted("alexa", "speaker", "permissions")
    assert ("AMAZON.OrderStatus.Updated",) == stores.accounts.granted("alexa", "speaker", "subscriptions")
    leave(stores)
    assert () == stores.accounts.granted("alexa", "speaker", "subscriptions")
