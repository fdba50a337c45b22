"""Who may open the pages, in SQLite: accounts, links that make them, sessions, and tries."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from skill.adapters.records import read_time, renewed_account, write_time
from skill.adapters.sqlite.database import Database
from skill.errors import SignInRefused
from skill.ports import Account, PageSession, SignInOffer
from skill.shop.households import HouseholdId

_ACCOUNT = "account_id, role, household_id, sign_in, name, created_at, passphrase_hash, generation"
_BY_ID = f"SELECT {_ACCOUNT} FROM page_accounts WHERE account_id = ?"
_BY_SIGN_IN = f"SELECT {_ACCOUNT} FROM page_accounts WHERE sign_in = ?"
_LIST = f"SELECT {_ACCOUNT} FROM page_accounts WHERE role = ? AND household_id IS ? ORDER BY created_at LIMIT ?"
_PUT_ACCOUNT = f"INSERT OR REPLACE INTO page_accounts ({_ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SET_PASSPHRASE = (
    "UPDATE page_accounts SET passphrase_hash = ?, generation = generation + 1 WHERE account_id = ? "
    f"RETURNING {_ACCOUNT}"
)
_END_OFFERS = "DELETE FROM page_offers WHERE slot = ? AND slot <> ''"
_PUT_OFFER = "INSERT OR REPLACE INTO page_offers (digest, role, household_id, until, slot) VALUES (?, ?, ?, ?, ?)"
_OFFER = "SELECT role, household_id, until, slot FROM page_offers WHERE digest = ? AND until > ?"
_TAKE_OFFER = "DELETE FROM page_offers WHERE digest = ? AND until > ? AND role = ? AND household_id IS ?"
_SESSION = "SELECT account_id, generation, opened_at, seen_at, proved_at FROM page_sessions WHERE digest = ?"
_LAPSE_SESSIONS = "DELETE FROM page_sessions WHERE until <= ?"
_OPEN_SESSION = """
INSERT OR REPLACE INTO page_sessions (digest, account_id, generation, opened_at, seen_at, proved_at, until)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_NOTE_SEEN = "UPDATE page_sessions SET seen_at = ?, proved_at = ? WHERE digest = ?"
_CLOSE_SESSION = "DELETE FROM page_sessions WHERE digest = ?"
_LAPSE_TRIES = "DELETE FROM page_tries WHERE until <= ?"
_TRIES = "SELECT count(*) FROM page_tries WHERE subject = ? AND at > ?"
_TRY = "INSERT INTO page_tries (subject, at, until) VALUES (?, ?, ?)"
_FORGET_TRIES = "DELETE FROM page_tries WHERE subject = ?"
_REMOVE = ("DELETE FROM page_sessions WHERE account_id = ?", "DELETE FROM page_accounts WHERE account_id = ?")
_FORGET = (
    "DELETE FROM page_sessions WHERE account_id IN (SELECT account_id FROM page_accounts WHERE household_id = ?)",
    "DELETE FROM page_accounts WHERE household_id = ?",
    "DELETE FROM page_offers WHERE household_id = ?",
)


class SqliteSignIns:
    def __init__(self, database: Database) -> None:
        self._database = database

    def offer(self, digest: str, offer: SignInOffer) -> None:
        values = (digest, offer.role, offer.household_id, write_time(offer.until), offer.slot)

        def put(connection: sqlite3.Connection) -> None:
            connection.execute(_END_OFFERS, (offer.slot,))
            connection.execute(_PUT_OFFER, values)

        self._database.write(put)

    def offered(self, digest: str, now: datetime) -> SignInOffer | None:
        row = self._one(_OFFER, (digest, write_time(now)))
        return None if row is None else SignInOffer(row[0], row[1], read_time(row[2]), row[3])

    def enrol(self, digest: str, account: Account, now: datetime) -> Account:
        def put(connection: sqlite3.Connection) -> Account:
            taken = (digest, write_time(now), account.role, account.household_id)
            if connection.execute(_TAKE_OFFER, taken).rowcount != 1:
                raise SignInRefused(why="link")
            row = connection.execute(_BY_SIGN_IN, (account.sign_in,)).fetchone()
            enrolled = account if row is None else renewed_account(_read_account(row), account)
            connection.execute(_PUT_ACCOUNT, _account_row(enrolled))
            return enrolled

        return self._database.write(put)

    def account(self, account_id: str) -> Account | None:
        row = self._one(_BY_ID, (account_id,))
        return None if row is None else _read_account(row)

    def account_of(self, sign_in: str) -> Account | None:
        row = self._one(_BY_SIGN_IN, (sign_in,))
        return None if row is None else _read_account(row)

    def accounts(self, role: str, household_id: HouseholdId | None, limit: int) -> Sequence[Account]:
        rows = self._database.read(lambda c: c.execute(_LIST, (role, household_id, limit)).fetchall())
        return tuple(map(_read_account, rows))

    def set_passphrase(self, account_id: str, passphrase_hash: str) -> Account:
        row = self._database.write(lambda c: c.execute(_SET_PASSPHRASE, (passphrase_hash, account_id)).fetchone())
        if row is None:
            raise SignInRefused(why="link")
        return _read_account(row)

    def remove(self, account_id: str) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            for statement in _REMOVE:
                connection.execute(statement, (account_id,))

        self._database.write(delete)

    def open_session(self, digest: str, session: PageSession, until: datetime) -> None:
        times = (session.opened_at, session.seen_at, session.proved_at, until)
        values = (digest, session.account_id, session.generation, *map(write_time, times))

        def put(connection: sqlite3.Connection) -> None:
            connection.execute(_LAPSE_SESSIONS, (write_time(session.seen_at),))
            connection.execute(_OPEN_SESSION, values)

        self._database.write(put)

    def session(self, digest: str) -> tuple[PageSession, Account] | None:
        def look(connection: sqlite3.Connection) -> tuple[PageSession, Account] | None:
            row = connection.execute(_SESSION, (digest,)).fetchone()
            found = row and connection.execute(_BY_ID, (row[0],)).fetchone()
            if not found:
                return None
            account = _read_account(found)
            return (PageSession(*row[:2], *map(read_time, row[2:])), account) if account.generation == row[1] else None

        return self._database.read(look)

    def note_seen(self, digest: str, seen_at: datetime, proved_at: datetime) -> None:
        values = (write_time(seen_at), write_time(proved_at), digest)
        self._database.write(lambda c: c.execute(_NOTE_SEEN, values).rowcount, durable=False)

    def close_session(self, digest: str) -> None:
        self._database.write(lambda c: c.execute(_CLOSE_SESSION, (digest,)).rowcount)

    def count_try(self, subject: str, now: datetime, within: timedelta, tries_max: int) -> bool:
        at = write_time(now)

        def count(connection: sqlite3.Connection) -> bool:
            connection.execute(_LAPSE_TRIES, (at,))
            if connection.execute(_TRIES, (subject, write_time(now - within))).fetchone()[0] >= tries_max:
                return False
            connection.execute(_TRY, (subject, at, write_time(now + within)))
            return True

        return self._database.write(count)

    def forget_tries(self, subject: str) -> None:
        self._database.write(lambda c: c.execute(_FORGET_TRIES, (subject,)).rowcount)

    def forget(self, household_id: HouseholdId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            for statement in _FORGET:
                connection.execute(statement, (household_id,))

        self._database.write(delete)

    def _one(self, statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.read(lambda c: c.execute(statement, values).fetchone())
        return row


def _account_row(account: Account) -> tuple[Any, ...]:
    return (
        account.account_id,
        account.role,
        account.household_id,
        account.sign_in,
        account.name,
        write_time(account.created_at),
        account.passphrase_hash,
        account.generation,
    )


def _read_account(row: tuple[Any, ...]) -> Account:
    account_id, role, household_id, sign_in, name, created_at, passphrase_hash, generation = row
    return Account(account_id, role, household_id, sign_in, name, read_time(created_at), passphrase_hash, generation)
