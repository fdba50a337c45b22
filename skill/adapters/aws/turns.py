"""Reading ahead: what a turn is going to need, in one BatchGetItem.

The household of an account is known only once its link has been read, and the cart's products once the cart has. So an instance
remembers of the accounts that it heard last where their things lie, and reads all of it together with the link, which decides:
what was remembered is never trusted, only looked up. An account that is heard for the first time costs one round trip more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from skill.adapters.aws.households import read_household
from skill.adapters.aws.layout import (
    BURST,
    LEDGER,
    answer_key,
    attempt_key,
    cart_key,
    head_key,
    household_key,
    link_key,
    person_key_key,
    policy_key,
    recent_key,
    session_key,
    shelf_key,
    waiting_key,
    window_key,
)
from skill.adapters.aws.table import Key, Table
from skill.adapters.records import read_cart_lines
from skill.errors import PolicyInvalid, StorageError
from skill.guard.windows import window_charges
from skill.ports import SHOP_ACCOUNT, Clock
from skill.shop.households import Household, HouseholdId
from skill.turn import Turn

#: Accounts that an instance remembers, and places that it remembers of each.
_ACCOUNTS_MAX = 1000
_PLACES_MAX = 40

#: Partitions of what is read because of what was read before: the answer to repeat, the limits of a profile.
_REMEMBERED = ("R#", "P#")


@dataclass(frozen=True, slots=True)
class _Account:
    household: Household
    places: tuple[Key, ...]


class DynamoTurns:
    """`reading(turn)` is put around a turn. Within it the adapters over `table` read nothing twice."""

    def __init__(self, table: Table, store_id: str, clock: Clock) -> None:
        self._table = table
        self._store_id = store_id
        self._clock = clock
        self._accounts: OrderedDict[tuple[str, str], _Account] = OrderedDict()

    @contextmanager
    def reading(self, turn: Turn) -> Iterator[None]:
        with self._table.turn():
            # A store that cannot be read is told of by whoever needs it.
            with suppress(StorageError):
                self._read_ahead(turn)
            yield
            self._remember(turn)

    def _read_ahead(self, turn: Turn) -> None:
        links = _links_of(turn)
        known = self._accounts.get(links[0]) if links else None
        request = (turn.platform, turn.request_id)
        keys = [answer_key(*request), attempt_key(*request), policy_key("store", self._store_id), BURST, LEDGER]
        keys += [link_key(*each) for each in links]
        if known is None:
            guest = f"guest:{turn.platform}:{turn.user}"
            keys += [session_key(guest, turn.session), cart_key(guest)]
        else:
            keys += [*self._keys_of(turn, known.household.household_id, known.household), *known.places]
        self._table.get_many(keys)
        home = self._linked(links)
        if home is not None and (known is None or home != known.household.household_id):
            self._table.get_many(self._keys_of(turn, home, None))

    def _linked(self, links: Sequence[tuple[str, str]]) -> HouseholdId | None:
        """The household of the first of the accounts that has one, by what this turn has read."""
        found = (self._table.seen.get(link_key(*each)) for each in links)
        return next((HouseholdId(link["household_id"]) for link in found if link is not None), None)

    def _keys_of(self, turn: Turn, household_id: HouseholdId, household: Household | None) -> Iterable[Key]:
        yield household_key(household_id)
        yield session_key(household_id, turn.session)
        yield cart_key(household_id)
        yield head_key(household_id)
        yield recent_key(household_id)
        yield waiting_key(household_id)
        yield person_key_key(household_id)
        yield policy_key("household", household_id)
        if turn.person:
            yield policy_key("person", f"{household_id}/{turn.person}")
        if household is not None:
            with suppress(PolicyInvalid):
                now = self._clock.now_utc()
                for charge in window_charges(household, turn.person, None, now, code_proved=False):
                    yield window_key(household_id, charge)

    def _remember(self, turn: Turn) -> None:
        links = _links_of(turn)
        if not links:
            return
        seen, account, home = self._table.seen, links[0], self._linked(links)
        item = seen.get(household_key(home)) if home is not None else None
        if item is None:
            self._accounts.pop(account, None)
            return
        household = read_household(item)
        cart = seen.get(cart_key(household.household_id))
        in_cart = [shelf_key(line.sku) for line in read_cart_lines(cart["lines"])] if cart else []
        beside = [key for key in seen if key[0].startswith(_REMEMBERED) and key[1] != "ATTEMPT"]
        places = tuple(dict.fromkeys([*in_cart, *beside]))[:_PLACES_MAX]
        self._accounts[account] = _Account(household, places)
        self._accounts.move_to_end(account)
        while len(self._accounts) > _ACCOUNTS_MAX:
            self._accounts.popitem(last=False)


def _links_of(turn: Turn) -> tuple[tuple[str, str], ...]:
    """The accounts by which the turn's household may be known, the one that counts first: the shop's own, then the platform's."""
    if not turn.authentic_user:
        return ()
    own = (turn.platform, turn.user)
    return ((SHOP_ACCOUNT, turn.account), own) if turn.account else (own,)
