"""Who may open the pages, in DynamoDB: an item an account, a sign-in, a link, a session; the tries of a subject in one item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from skill.adapters.aws.layout import (
    account_key,
    accounts_partition,
    offer_key,
    offer_slot_key,
    page_session_key,
    page_tries_key,
    sign_in_key,
)
from skill.adapters.aws.table import Aged, Change, Item, Table, check, delete, put, put_version
from skill.adapters.records import read_json, read_time, renewed_account, write_json, write_time
from skill.errors import SignInRefused
from skill.ports import Account, PageSession, SignInOffer
from skill.shop.households import HouseholdId

#: Accounts of a household that are deleted in one write.
_FORGOTTEN_AT_ONCE = 20


class DynamoSignIns:
    def __init__(self, table: Table) -> None:
        self._table = table

    def offer(self, digest: str, offer: SignInOffer) -> None:
        row = {
            "role": offer.role,
            "household": offer.household_id,
            "until": write_time(offer.until),
            "slot": offer.slot,
            "ttl": int(offer.until.timestamp()),
        }

        def put_offer(fresh: bool) -> None:
            changes = [put(offer_key(digest), row)]
            if offer.slot:
                older = self._table.get(offer_slot_key(offer.slot), fresh=True)
                if older is not None and older["digest"] != digest:
                    changes.append(delete(offer_key(older["digest"])))
                of_household = {"digest": digest, "household": offer.household_id}
                changes.append(put_version(offer_slot_key(offer.slot), of_household, older["version"] if older else 0))
            if offer.household_id is not None:
                listed = {"digest": digest, "ttl": row["ttl"]}
                changes.append(put((accounts_partition(offer.role, offer.household_id), f"O#{digest}"), listed))
            self._table.write(changes)

        self._table.again(put_offer)

    def offered(self, digest: str, now: datetime) -> SignInOffer | None:
        row = self._table.get(offer_key(digest), fresh=True)
        if row is None or row["until"] <= write_time(now):
            return None
        return SignInOffer(row["role"], row.get("household"), read_time(row["until"]), row["slot"])

    def enrol(self, digest: str, account: Account, now: datetime) -> Account:
        def put_account(fresh: bool) -> Account:
            offer = self.offered(digest, now)
            if offer is None or (offer.role, offer.household_id) != (account.role, account.household_id):
                raise SignInRefused(why="link")
            known = self.account_of(account.sign_in)
            enrolled = account if known is None else renewed_account(known, account)
            changes = [delete(offer_key(digest), "attribute_exists(pk)")]
            if offer.household_id is not None:
                changes.append(delete((accounts_partition(offer.role, offer.household_id), f"O#{digest}")))
            self._table.write([*changes, *_put_account(enrolled, None if known is None else known.generation)])
            return enrolled

        return self._table.again(put_account)

    def account(self, account_id: str) -> Account | None:
        row = self._table.get(account_key(account_id), fresh=True)
        return None if row is None else _read_account(row)

    def account_of(self, sign_in: str) -> Account | None:
        row = self._table.get(sign_in_key(sign_in), fresh=True)
        return None if row is None else self.account(row["account"])

    def accounts(self, role: str, household_id: HouseholdId | None, limit: int) -> Sequence[Account]:
        listed = self._table.query(accounts_partition(role, household_id), "A#", limit=limit)
        found = self._table.get_many([account_key(each["account"]) for each in listed], fresh=True)
        return tuple(sorted(map(_read_account, found.values()), key=lambda each: each.created_at))

    def set_passphrase(self, account_id: str, passphrase_hash: str) -> Account:
        def change(fresh: bool) -> Account:
            known = self.account(account_id)
            if known is None:
                raise SignInRefused(why="link")
            changed = replace(known, passphrase_hash=passphrase_hash, generation=known.generation + 1)
            self._table.write(_put_account(changed, known.generation))
            return changed

        return self._table.again(change)

    def remove(self, account_id: str) -> None:
        """Its sessions name an account that is gone, and open nothing."""

        def delete_account(fresh: bool) -> None:
            known = self.account(account_id)
            if known is not None:
                listed = (accounts_partition(known.role, known.household_id), f"A#{account_id}")
                self._table.write([delete(account_key(account_id)), delete(sign_in_key(known.sign_in)), delete(listed)])

        self._table.again(delete_account)

    def open_session(self, digest: str, session: PageSession, until: datetime) -> None:
        row = {
            "account": session.account_id,
            "generation": session.generation,
            "opened_at": write_time(session.opened_at),
            "seen_at": write_time(session.seen_at),
            "proved_at": write_time(session.proved_at),
            "ttl": int(until.timestamp()),
        }
        self._table.again(lambda fresh: self._table.write([put(page_session_key(digest), row)]))

    def session(self, digest: str) -> tuple[PageSession, Account] | None:
        row = self._table.get(page_session_key(digest), fresh=True)
        account = self.account(row["account"]) if row is not None else None
        if row is None or account is None or account.generation != row["generation"]:
            return None
        times = (read_time(row[name]) for name in ("opened_at", "seen_at", "proved_at"))
        return PageSession(row["account"], row["generation"], *times), account

    def note_seen(self, digest: str, seen_at: datetime, proved_at: datetime) -> None:
        values = {"seen_at": write_time(seen_at), "proved_at": write_time(proved_at)}
        how = "SET #seen_at = :seen_at, #proved_at = :proved_at"
        try:
            self._table.update_now(page_session_key(digest), how, values, "attribute_exists(pk)")
        except Aged:
            return  # signed out meanwhile

    def close_session(self, digest: str) -> None:
        self._table.again(lambda fresh: self._table.write([delete(page_session_key(digest))]))

    def count_try(self, subject: str, now: datetime, within: timedelta, tries_max: int) -> bool:
        def count(fresh: bool) -> bool:
            row = self._table.get(page_tries_key(subject), fresh=True)
            tried = [at for at in (read_json(row["at"]) if row else []) if at > write_time(now - within)]
            if len(tried) >= tries_max:
                return False
            tried.append(write_time(now))
            # Counted under the version that was read, so that tries at once are counted too.
            counted = {"at": write_json(tried), "ttl": int((now + within).timestamp())}
            self._table.write([put_version(page_tries_key(subject), counted, row["version"] if row else 0)])
            return True

        return self._table.again(count)

    def forget_tries(self, subject: str) -> None:
        self._table.again(lambda fresh: self._table.write([delete(page_tries_key(subject))]))

    def forget(self, household_id: HouseholdId) -> None:
        partition = accounts_partition("parent", household_id)
        while listed := list(islice(self._table.query(partition, limit=_FORGOTTEN_AT_ONCE), _FORGOTTEN_AT_ONCE)):
            changes: list[Change] = []
            for each in listed:
                changes.append(delete((partition, each["sk"])))
                if "digest" in each:
                    changes.append(delete(offer_key(each["digest"])))
                else:
                    changes += [delete(account_key(each["account"])), delete(sign_in_key(each["sign_in"]))]
            self._table.again(lambda fresh, changes=changes: self._table.write(changes))  # type: ignore[misc]


def _put_account(account: Account, generation: int | None) -> list[Change]:
    """The account over the one of that generation, or the first where that is None."""
    row: dict[str, Any] = {
        "account": account.account_id,
        "role": account.role,
        "household": account.household_id,
        "sign_in": account.sign_in,
        "name": account.name,
        "created_at": write_time(account.created_at),
        "passphrase": account.passphrase_hash,
        "generation": account.generation,
    }
    listed = (accounts_partition(account.role, account.household_id), f"A#{account.account_id}")
    if generation is not None:
        read = {"read": generation}
        return [
            put(account_key(account.account_id), row, "#generation = :read", read),
            check(listed, "attribute_exists(pk)"),
        ]
    return [
        put(account_key(account.account_id), row, "attribute_not_exists(pk)"),
        put(sign_in_key(account.sign_in), {"account": account.account_id}, "attribute_not_exists(pk)"),
        put(listed, {"account": account.account_id, "sign_in": account.sign_in}),
    ]


def _read_account(row: Item) -> Account:
    return Account(
        account_id=row["account"],
        role=row["role"],
        household_id=row.get("household"),
        sign_in=row["sign_in"],
        name=row["name"],
        created_at=read_time(row["created_at"]),
        passphrase_hash=row["passphrase"],
        generation=row["generation"],
    )
