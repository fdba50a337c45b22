"""Pairing codes, in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from skill.adapters.records import write_time
from skill.adapters.sqlite.carts import read_cart, write_cart
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import check_household
from skill.errors import PairingRefused
from skill.guard.pairing import (
    PAIRING_TTL,
    PAIRING_WRONG_MAX,
    PAIRING_WRONG_WITHIN,
    PAIRINGS_OPEN_MAX,
    new_pairing_code,
)
from skill.ports import Keys
from skill.shop.cart import clear_cart, merge_carts
from skill.shop.households import HouseholdId, guest_owner

#: Of three million codes a thousand may be open: drawing one that is taken three times in a row is a broken generator.
_DRAWS_MAX = 10

_LAPSE = "DELETE FROM pairings WHERE until <= ? OR (platform = ? AND user = ?)"
_OPEN = "SELECT count(*) FROM pairings"
_BEGIN = "INSERT INTO pairings (platform, user, code, until) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_TAKE = "DELETE FROM pairings WHERE code = ? AND until > ? RETURNING platform, user"
_FORGET_TRIES = "DELETE FROM pairing_tries WHERE at <= ?"
_TRIES = "SELECT count(*) FROM pairing_tries WHERE household_id = ?"
_TRY = "INSERT INTO pairing_tries (household_id, at) VALUES (?, ?)"
_LINK = """
INSERT INTO links (platform, user, household_id, linked_at) VALUES (?, ?, ?, ?)
ON CONFLICT (platform, user) DO UPDATE SET household_id = excluded.household_id, linked_at = excluded.linked_at
"""


class SqlitePairings:
    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def begin(self, platform: str, user: str, now: datetime) -> str:
        until = write_time(now + PAIRING_TTL)

        def put(connection: sqlite3.Connection) -> str:
            connection.execute(_LAPSE, (write_time(now), platform, user))
            if connection.execute(_OPEN).fetchone()[0] >= PAIRINGS_OPEN_MAX:
                raise PairingRefused(why="too_many_open")
            for _ in range(_DRAWS_MAX):
                code = new_pairing_code(self._keys.new_number)
                if connection.execute(_BEGIN, (platform, user, code, until)).rowcount == 1:
                    return code
            raise PairingRefused(why="too_many_open")

        return self._database.write(put, durable=False)

    def redeem(
        self,
        code: str,
        household_id: HouseholdId,
        now: datetime,
        *,
        quantity_max: int | None = None,
        lines_max: int | None = None,
    ) -> tuple[str, str]:
        at = write_time(now)

        def link(connection: sqlite3.Connection) -> tuple[str, str] | str:
            check_household(connection, household_id)
            connection.execute(_FORGET_TRIES, (write_time(now - PAIRING_WRONG_WITHIN),))
            if connection.execute(_TRIES, (household_id,)).fetchone()[0] >= PAIRING_WRONG_MAX:
                return "too_many_tries"
            account = connection.execute(_TAKE, (code, at)).fetchone()
            if account is None:
                # Counted by the same write that looked, so that guesses sent at once are counted too.
                connection.execute(_TRY, (household_id, at))
                return "unknown"
            connection.execute(_LINK, (*account, household_id, at))
            guest = guest_owner(*account)
            left = read_cart(connection, guest)
            if left.lines:
                ours = read_cart(connection, household_id)
                merged = merge_carts(ours, left, quantity_max=quantity_max, lines_max=lines_max)
                write_cart(connection, household_id, merged)
                write_cart(connection, guest, clear_cart(left))
            return account[0], account[1]

        linked = self._database.write(link)
        if isinstance(linked, str):
            raise PairingRefused(why=linked)
        return linked
