"""Households, the accounts linked to them, and the purchase code with its lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skill.errors import CodeLocked, HouseholdUnknown, RequestReused, StorageError, VersionConflict
from skill.guard.decision import Spent
from skill.guard.policy import Layer
from skill.ports import Basis, RequestKey
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.orders import LIVE_STATES, Order, OrderState, WindowCharge
from tests.contracts.stores import DAY, EVER, HOME, NOON, Stores, at_once, household, request_key, reservation

AWAY = HouseholdId("away")
NOBODY = HouseholdId("nobody")
KIM = "amzn1.ask.person.KIM"


@pytest.fixture(autouse=True)
def _home(stores: Stores) -> None:
    stores.households.create(household())


def guess(stores: Stores, code: str, request: RequestKey | None = None) -> bool:
    return stores.households.try_code(HOME, code, request or request_key())


# --- households and links ---------------------------------------------------------------------------------------------


def test_a_household_comes_back_as_it_was_created(stores: Stores) -> None:
    moved = household("moved", time_zone_before="Europe/Paris", time_zone_since=NOON + timedelta(microseconds=1))
    stores.households.create(moved)

    assert household() == stores.households.get(HOME)
    assert moved == stores.households.get(HouseholdId("moved"))


def test_a_household_is_created_once(stores: Stores) -> None:
    with pytest.raises(StorageError):
        stores.households.create(household(name="Mallory"))

    assert household() == stores.households.get(HOME)


def test_what_an_unknown_household_is_asked_for_says_so(stores: Stores) -> None:
    for ask in (
        lambda: stores.households.get(NOBODY),
        lambda: stores.households.link(NOBODY, "alexa", "user-1", NOON),
        lambda: stores.set_code("4271", NOBODY),
        lambda: stores.set_code(None, NOBODY),
        lambda: stores.households.try_code(NOBODY, "4271", request_key()),
        lambda: stores.move("Europe/Paris", NOON, NOBODY),
        lambda: stores.households.forget(NOBODY),
    ):
        with pytest.raises(HouseholdUnknown):
            ask()
    assert None is stores.households.of_user("alexa", "user-1")


def test_list_goes_on_after_a_household(stores: Stores) -> None:
    for name in ("a", "z"):
        stores.households.create(household(name))

    assert ["a", "home"] == [each.household_id for each in stores.households.list(2)]
    assert ["z"] == [each.household_id for each in stores.households.list(2, after="home")]


def test_an_account_belongs_to_the_household_it_was_linked_to_last(stores: Stores) -> None:
    stores.households.create(household(AWAY))
    stores.households.link(HOME, "alexa", "user-1", NOON)
    stores.households.link(HOME, "dialogflow", "user-1", NOON)
    stores.households.link(AWAY, "alexa", "user-1", NOON)

    assert household(AWAY) == stores.households.of_user("alexa", "user-1")
    assert household() == stores.households.of_user("dialogflow", "user-1")
    assert None is stores.households.of_user("alexa", "user-2")
    assert [("dialogflow", "user-1")] == list(stores.households.linked(HOME))
    assert [("alexa", "user-1")] == list(stores.households.linked(AWAY))


def test_a_moved_household_keeps_its_zone_until_the_move_takes_effect(stores: Stores) -> None:
    since = NOON + timedelta(days=1)

    stores.move("Europe/Paris", since)

    assert household(time_zone="Europe/Paris", time_zone_before="America/New_York", time_zone_since=since) == (
        stores.households.get(HOME)
    )


def test_moving_again_before_a_move_took_effect_keeps_the_zone_that_is_in_force(stores: Stores) -> None:
    stores.move("Europe/Paris", NOON + timedelta(days=1))
    since = stores.clock.pass_time(hours=2) + timedelta(days=1)
    stores.move("Asia/Tokyo", since)

    found = stores.households.get(HOME)
    assert ("America/New_York", "Asia/Tokyo", since) == (found.time_zone_before, found.time_zone, found.time_zone_since)

    stores.clock.pass_time(days=2)
    stores.move("Europe/Rome", stores.clock.now + timedelta(days=1))
    assert ("Asia/Tokyo", "Europe/Rome") == (
        stores.households.get(HOME).time_zone_before,
        stores.households.get(HOME).time_zone,
    )


# --- the code ---------------------------------------------------------------------------------------------------------


def test_without_a_code_no_guess_is_right_and_none_counts(stores: Stores) -> None:
    assert [False] * 4 == [guess(stores, "0000") for _ in range(4)]
    assert not stores.households.get(HOME).code_locked


def test_the_right_code_is_right_and_another_is_not(stores: Stores) -> None:
    stores.set_code("4271")

    assert stores.households.get(HOME).code_set
    assert [False, True, False] == [guess(stores, each) for each in ("4272", "4271", "04271")]


def test_codes_of_two_households_are_apart(stores: Stores) -> None:
    stores.households.create(household(AWAY))
    stores.set_code("4271")
    stores.set_code("8305", AWAY)

    assert not guess(stores, "8305")
    assert stores.households.try_code(AWAY, "8305", request_key())


def test_third_wrong_code_locks_and_then_even_the_right_one_fails(stores: Stores) -> None:
    stores.set_code("4271")

    assert [False] * 3 == [guess(stores, "0000") for _ in range(3)]

    assert stores.households.get(HOME).code_locked
    for code in ("4271", "0000"):
        with pytest.raises(CodeLocked):
            guess(stores, code)


def test_wrong_codes_count_across_platforms_and_processes(stores: Stores) -> None:
    stores.set_code("4271")
    guess(stores, "0000", request_key(platform="alexa"))
    again = stores.reopen()
    guess(again, "0000", request_key(platform="dialogflow"))
    guess(again, "0000")
    again.close()

    with pytest.raises(CodeLocked):
        guess(stores, "4271")


def test_a_right_code_starts_the_count_again(stores: Stores) -> None:
    stores.set_code("4271")

    verdicts = [guess(stores, each) for each in ("0", "0", "4271", "0", "0", "4271", "0", "0", "0")]

    assert [False, False, True, False, False, True, False, False, False] == verdicts
    assert stores.households.get(HOME).code_locked


def test_a_right_code_starts_a_new_window_of_what_is_bought_without_one(stores: Stores) -> None:
    stores.set_code("4271")

    generations = []
    for code in ("0000", "4271", "4271"):
        guess(stores, code)
        generations.append(stores.households.get(HOME).code_generation)

    assert [0, 1, 2] == generations


@pytest.mark.parametrize("code", ["8305", "4271", None])
def test_setting_or_removing_the_code_unlocks(stores: Stores, code: str | None) -> None:
    stores.set_code("4271")
    for _ in range(3):
        guess(stores, "0000")

    stores.set_code(code)

    found = stores.households.get(HOME)
    assert (code is not None, False) == (found.code_set, found.code_locked)
    assert (code == "4271") is guess(stores, "4271")


def test_the_same_request_counts_once_and_has_the_same_verdict(stores: Stores) -> None:
    stores.set_code("4271")
    wrong, right = request_key("wrong"), request_key("right")

    assert [False] * 5 == [guess(stores, "0000", wrong) for _ in range(5)]
    assert [True] * 5 == [guess(stores, "4271", right) for _ in range(5)]

    found = stores.households.get(HOME)
    assert (False, 1) == (found.code_locked, found.code_generation)
    assert [False, False] == [guess(stores, "0000") for _ in range(2)], "the right one has reset the count"
    assert not stores.households.get(HOME).code_locked


def test_a_request_keeps_its_verdict_behind_the_lock_and_after_a_new_code(stores: Stores) -> None:
    stores.set_code("4271")
    first = request_key("first")
    assert guess(stores, "4271", first)
    for _ in range(3):
        guess(stores, "0000")

    assert guess(stores, "4271", first)
    stores.set_code("8305")
    assert guess(stores, "4271", first)
    assert 1 == stores.households.get(HOME).code_generation


def test_a_request_id_with_another_body_or_household_is_refused_and_not_checked(stores: Stores) -> None:
    stores.households.create(household(AWAY))
    for each in (HOME, AWAY):
        stores.set_code("4271", each)
    guess(stores, "0000", request_key("r1", "body"))

    with pytest.raises(RequestReused):
        guess(stores, "4271", request_key("r1", "another body"))
    with pytest.raises(RequestReused):
        stores.households.try_code(AWAY, "4271", request_key("r1", "body"))

    assert 0 == stores.households.get(HOME).code_generation


def test_eight_guesses_at_once_at_most_three_are_checked(stores: Stores) -> None:
    stores.set_code("4271")

    results = at_once(8, lambda n: guess(stores, f"{n:04}"))

    assert 3 == sum(each is False for each in results)
    assert 5 == sum(isinstance(each, CodeLocked) for each in results)


def test_a_right_guess_among_parallel_wrong_ones_gives_no_more_than_three_since_the_reset(stores: Stores) -> None:
    stores.set_code("4271")

    results = at_once(8, lambda n: guess(stores, "4271" if n == 0 else f"{n:04}"))
    checked_at_once = sum(each is False for each in results)
    afterwards = 0
    while not stores.households.get(HOME).code_locked:
        guess(stores, "0000")
        afterwards += 1

    # Two resets at most (the code's setting, the right guess), and three guesses after each.
    assert checked_at_once + afterwards <= 6
    assert afterwards <= 3


def test_one_right_request_delivered_by_many_at_once_resets_once(stores: Stores) -> None:
    stores.set_code("4271")
    request = request_key("r1")

    results = at_once(6, lambda _: guess(stores, "4271", request))

    assert [True] * 6 == results
    assert 1 == stores.households.get(HOME).code_generation


# --- forgetting -------------------------------------------------------------------------------------------------------


def test_a_forgotten_household_has_no_people_and_its_orders_stay(stores: Stores) -> None:
    stores.stock(milk=5)
    stores.households.link(HOME, "alexa", "user-1", NOON)
    stores.set_code("4271")
    order = stores.commit(stores.reserve())

    stores.households.forget(HOME)

    found = stores.households.get(HOME)
    assert ("", "", "", False) == (found.name, found.address, found.email, found.code_set)
    assert None is stores.households.of_user("alexa", "user-1")
    left = stores.orders.get(order.order_id)
    assert left is not None
    assert ("", None, order.total) == (left.address, left.person, left.total)
    assert (1000, 1) == stores.spent()


def charges_of(household_id: HouseholdId, person: str = KIM) -> tuple[WindowCharge, ...]:
    """As an order of somebody's counts: in the household's windows, a profile's, and the person's own."""
    scopes = ("household", f"profile:{household_id}/kim-and-lee", f"person:{household_id}/{person}")
    return tuple(replace(each, scope=scope) for scope in scopes for each in (DAY, EVER))


def order_of(stores: Stores, household_id: HouseholdId = HOME, person: str = KIM) -> Order:
    made = reservation(household_id=household_id, charges=charges_of(household_id, person))
    stores.ledger.reserve(replace(made, order=replace(made.order, person=person)))
    return replace(made.order, person=person)


def set_limits(stores: Stores, household_id: HouseholdId = HOME) -> None:
    for level, subject in (
        ("household", household_id),
        ("profile", f"{household_id}/kim-and-lee"),
        ("person", f"{household_id}/{KIM}"),
        ("person", f"{household_id}/{KIM}-who-never-spoke"),
    ):
        for version, order_max in enumerate((100, 200)):
            layer = Layer(level, subject, {"order_max": order_max, "skus_denied": frozenset({"kims-cake"})}, version)
            stores.set_layer(layer, "acc_1", "kim asked for it")


def recounted(stores: Stores, household_id: HouseholdId = HOME) -> dict[WindowCharge, Spent]:
    """The windows as the orders make them."""
    counted: dict[WindowCharge, Spent] = {}
    for order in stores.orders.list(100, household_id=household_id):
        if order.state is not OrderState.VOIDED:
            amount = order.total.amount if order.state in LIVE_STATES else 0
            for charge in order.charges:
                held = counted.get(charge, Spent())
                counted[charge] = Spent(held.amount + amount, held.orders + 1)
    return counted


def held(stores: Stores, household_id: HouseholdId = HOME) -> dict[WindowCharge, Spent]:
    return {charge: spent for charge, spent in stores.ledger.windows(household_id).items() if spent != Spent()}


def test_what_is_kept_of_a_forgotten_household_names_nobody(stores: Stores) -> None:
    stores.stock(milk=9)
    set_limits(stores)
    stores.carts.save(HOME, Cart((CartLine(Sku("milk"), 1),)))
    stores.commit(order_of(stores))
    order_of(stores)
    assert "kim" in stores.texts().lower()

    stores.households.forget(HOME)

    kept = stores.texts().lower()
    for each in ("kim", "the does", "1 main st", "doe@example.com"):
        assert each not in kept
    assert 2 == len(stores.orders.list(9))
    kinds = [entry.kind for entry in stores.ledger.audit(HOME, 99)]
    assert ["reserved", "committed", "reserved"] == [kind for kind in kinds if kind != "policy_changed"]


def test_the_books_of_a_forgotten_household_can_be_counted_and_its_orders_still_move(stores: Stores) -> None:
    stores.stock(milk=9)
    committed, reserved, cancelled, paid = (order_of(stores) for _ in range(4))
    for order in (committed, cancelled):
        stores.commit(order)
    stores.cancel(cancelled)

    stores.households.forget(HOME)

    assert {DAY: Spent(3000, 4), EVER: Spent(3000, 4)} == recounted(stores) == held(stores)
    stores.void(reserved)
    told = stores.commit(paid)
    assert ("", None, {"household"}) == (told.address, told.person, {each.scope for each in told.charges})
    stores.cancel(committed)
    assert {DAY: Spent(1000, 3), EVER: Spent(1000, 3)} == recounted(stores) == held(stores)
    assert 8 == stores.available("milk")


def test_forgetting_one_household_takes_nothing_from_another(stores: Stores) -> None:
    stores.stock(milk=9)
    next_door = HouseholdId(f"{HOME}-2")
    for each in (AWAY, next_door):
        stores.households.create(household(each))
        set_limits(stores, each)
        order_of(stores, each)
    set_limits(stores)
    order_of(stores)

    stores.households.forget(HOME)

    for each in (AWAY, next_door):
        assert household(each) == stores.households.get(each)
        assert dict.fromkeys(charges_of(each), Spent(1000, 1)) == held(stores, each)
        assert [KIM] == [order.person for order in stores.orders.list(9, household_id=each)]
        assert 2 == stores.policies.layer("person", f"{each}/{KIM}").version
        assert 2 == stores.policies.layer("profile", f"{each}/kim-and-lee").version


def test_forgetting_again_changes_nothing(stores: Stores) -> None:
    stores.stock(milk=9)
    set_limits(stores)
    order = order_of(stores)
    stores.households.forget(HOME)
    once = held(stores), stores.orders.get(order.order_id)

    stores.households.forget(HOME)

    assert once == (held(stores), stores.orders.get(order.order_id))


def test_a_forgotten_household_gets_no_code_no_account_and_no_zone(stores: Stores) -> None:
    stores.households.forget(HOME)
    for change in (
        lambda: stores.set_code("4271"),
        lambda: stores.households.link(HOME, "alexa", "user-1", NOON),
        lambda: stores.move("Europe/Rome", NOON),
        lambda: stores.stay(),
    ):
        with pytest.raises(HouseholdUnknown):
            change()
    found = stores.households.get(HOME)
    assert (True, False) == (found.is_forgotten, found.code_set)
    assert () == stores.households.linked(HOME)
    assert None is stores.households.of_user("alexa", "user-1")


@pytest.mark.parametrize("limits_set", [True, False])
def test_an_order_that_was_decided_before_the_household_was_forgotten_does_not_come_after_it(
    stores: Stores, limits_set: bool
) -> None:
    stores.stock(milk=9)
    if limits_set:
        set_limits(stores)
    seen = stores.policies.layer("household", HOME)
    late = reservation(charges=charges_of(HOME), basis=Basis((("household", HOME, seen.version),)))

    stores.households.forget(HOME)

    with pytest.raises(VersionConflict):
        stores.ledger.reserve(replace(late, order=replace(late.order, person=KIM)))
    assert {} == stores.policies.layer("household", HOME).knobs, "nothing may be ordered until somebody allows it again"
    assert "KIM" not in stores.texts()


def test_a_move_that_has_not_taken_effect_is_taken_back_and_leaves_nothing(stores: Stores) -> None:
    before = stores.households.get(HOME)
    stores.move("Europe/Paris", NOON + timedelta(days=1))
    stores.stay()
    assert before == stores.households.get(HOME)
    stores.stay()
    assert before == stores.households.get(HOME)


def test_a_move_that_has_taken_effect_is_not_taken_back(stores: Stores) -> None:
    stores.move("Europe/Paris", NOON + timedelta(days=1))
    stores.clock.pass_time(days=1)
    moved = stores.households.get(HOME)
    stores.stay()
    assert moved == stores.households.get(HOME)
    with pytest.raises(HouseholdUnknown):
        stores.stay(NOBODY)
