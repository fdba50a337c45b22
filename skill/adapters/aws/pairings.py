"""Pairing codes in DynamoDB: an item a code, an item an account, and one that lists the open codes, which are few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from skill.adapters.aws.carts import read_cart
from skill.adapters.aws.households import link_changes
from skill.adapters.aws.layout import (
    PAIRINGS_OPEN,
    account_pairing_key,
    cart_key,
    household_key,
    link_key,
    pairing_key,
    tries_key,
)
from skill.adapters.aws.table import Change, Item, Table, delete, put, put_version
from skill.adapters.records import read_json, write_cart_lines, write_json, write_time
from skill.errors import HouseholdUnknown, PairingRefused, StorageError
from skill.guard.pairing import (
    PAIRING_TTL,
    PAIRING_WRONG_MAX,
    PAIRING_WRONG_WITHIN,
    PAIRINGS_OPEN_MAX,
    new_pairing_code,
)
from skill.ports import Keys
from skill.shop.cart import Cart, clear_cart, merge_carts
from skill.shop.households import HouseholdId, guest_owner

#: Of three million codes a thousand may be open: drawing one that is taken so many times in a row is a broken generator.
_DRAWS_MAX = 10

#: What is over may be deleted by DynamoDB itself then; whether it is over is decided by its own `until`.
_KEPT = timedelta(days=1)


class DynamoPairings:
    def __init__(self, table: Table, keys: Keys) -> None:
        self._table = table
        self._keys = keys

    def begin(self, platform: str, user: str, now: datetime) -> str:
        mine, until = account_pairing_key(platform, user), now + PAIRING_TTL

        def put_code(fresh: bool) -> str:
            found = self._table.get_many((mine, PAIRINGS_OPEN), fresh=fresh)
            older, listed = found.get(mine), found.get(PAIRINGS_OPEN)
            is_open = {code: each for code, each in open_codes(listed).items() if each > write_time(now)}
            changes: list[Change] = []
            if older is not None:
                is_open.pop(older["code"], None)
                changes.append(delete(pairing_key(older["code"])))
            if len(is_open) >= PAIRINGS_OPEN_MAX:
                raise PairingRefused(why="too_many_open")
            code = self._draw(is_open)
            is_open[code] = write_time(until)
            row = {
                "platform": platform,
                "user": user,
                "until": write_time(until),
                "ttl": int((until + _KEPT).timestamp()),
            }
            account = {"code": code, "ttl": row["ttl"]}
            codes = put_version(PAIRINGS_OPEN, {"codes": write_json(is_open)}, listed["version"] if listed else 0)
            changes = [each for each in changes if each.key != pairing_key(code)]
            self._table.write([*changes, put(pairing_key(code), row), put(mine, account), codes])
            return code

        return self._table.again(put_code)

    def redeem(
        self,
        code: str,
        household_id: HouseholdId,
        now: datetime,
        *,
        quantity_max: int | None = None,
        lines_max: int | None = None,
    ) -> tuple[str, str]:
        def merge(cart: Cart, other: Cart) -> Cart:
            return merge_carts(cart, other, quantity_max=quantity_max, lines_max=lines_max)

        linked = self._table.again(lambda fresh: self._redeem(code, household_id, now, merge))
        if linked is None:
            raise PairingRefused(why="unknown")
        return linked

    def _redeem(
        self, code: str, household_id: HouseholdId, now: datetime, merge: Callable[[Cart, Cart], Cart]
    ) -> tuple[str, str] | None:
        """The account, linked; None where the code is unknown, which has been counted."""
        of_tries = tries_key(household_id)
        found = self._table.get_many(
            (household_key(household_id), of_tries, pairing_key(code), PAIRINGS_OPEN), fresh=True
        )
        if not found.get(household_key(household_id), {}).get("name"):
            raise HouseholdUnknown(household_id=household_id)
        tries, pairing = found.get(of_tries), found.get(pairing_key(code))
        since = write_time(now - PAIRING_WRONG_WITHIN)
        tried = [at for at in (read_json(tries["at"]) if tries else []) if at > since]
        if len(tried) >= PAIRING_WRONG_MAX:
            raise PairingRefused(why="too_many_tries")
        if pairing is None or pairing["until"] <= write_time(now):
            # Counted before it is told, under the version that was read, so that guesses sent at once are counted too.
            tried.append(write_time(now))
            version = tries["version"] if tries else 0
            self._table.write([put_version(of_tries, {"at": write_json(tried)}, version)])
            return None
        platform, user = pairing["platform"], pairing["user"]
        link = self._table.get(link_key(platform, user), fresh=True)
        changes = link_changes(household_id, platform, user, now, link)
        changes += self._move_cart(guest_owner(platform, user), household_id, merge)
        self._table.write([*changes, *close_pairing(platform, user, code, found.get(PAIRINGS_OPEN))])
        return platform, user

    def _move_cart(self, guest: str, household_id: str, merge: Callable[[Cart, Cart], Cart]) -> list[Change]:
        """Each cart on the condition that it is as it was read; none where the guest has put nothing aside."""
        found = self._table.get_many((cart_key(guest), cart_key(household_id)), fresh=True)
        left, ours = read_cart(found.get(cart_key(guest))), read_cart(found.get(cart_key(household_id)))
        if not left.lines:
            return []
        moved = ((household_id, merge(ours, left)), (guest, clear_cart(left)))
        return [
            put_version(cart_key(owner), {"lines": write_cart_lines(cart.lines)}, cart.version) for owner, cart in moved
        ]

    def _draw(self, taken: Item) -> str:
        for _ in range(_DRAWS_MAX):
            code = new_pairing_code(self._keys.new_number)
            if code not in taken:
                return code
        raise StorageError("no pairing code is free")


def open_codes(listed: Item | None) -> dict[str, str]:
    """Code → until when."""
    return {} if listed is None else read_json(listed["codes"])


def close_pairing(platform: str, user: str, code: str, listed: Item | None) -> list[Change]:
    """The code is good for nothing any more; on the condition that it was still there."""
    is_open = open_codes(listed)
    is_open.pop(code, None)
    changes = [delete(pairing_key(code), "attribute_exists(pk)"), delete(account_pairing_key(platform, user))]
    if listed is not None:
        changes.append(put_version(PAIRINGS_OPEN, {"codes": write_json(is_open)}, listed["version"]))
    return changes
