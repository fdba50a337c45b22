"""What platforms tell of their accounts, in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from skill.adapters.aws.layout import (
    PAIRINGS_OPEN,
    account_pairing_key,
    cart_key,
    grant_key,
    link_key,
    linked_key,
    owner_partition,
)
from skill.adapters.aws.pairings import close_pairing
from skill.adapters.aws.table import Aged, Change, Table, delete, put
from skill.adapters.records import read_json, write_json, write_time
from skill.shop.households import HouseholdId

_GRANTS = ("permissions", "subscriptions")

#: Sessions that are forgotten in the same write as the link; a household with more loses the others a moment earlier.
_SESSIONS_AT_ONCE = 80


class DynamoAccounts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def leave(self, platform: str, user: str, guest: str, at: datetime) -> HouseholdId | None:
        return self._table.again(lambda fresh: self._leave(platform, user, guest, at))

    def grant(self, platform: str, user: str, what: str, granted: Sequence[str], at: datetime) -> None:
        item = {"granted": write_json(list(granted)), "at": write_time(at)}
        older = "attribute_not_exists(pk) OR #at <= :told_at"
        try:
            self._table.write([put(grant_key(platform, user, what), item, older, {"told_at": write_time(at)})])
        except Aged:
            return  # newer news has come before

    def granted(self, platform: str, user: str, what: str) -> Sequence[str]:
        item = self._table.get(grant_key(platform, user, what))
        return () if item is None else tuple(read_json(item["granted"]))

    def _leave(self, platform: str, user: str, guest: str, at: datetime) -> HouseholdId | None:
        of_link, of_pairing = link_key(platform, user), account_pairing_key(platform, user)
        found = self._table.get_many((of_link, of_pairing, PAIRINGS_OPEN), fresh=True)
        link, pairing = found.get(of_link), found.get(of_pairing)
        if link is not None and link["linked_at"] > write_time(at):
            return None  # it came back since
        changes: list[Change] = [delete(grant_key(platform, user, what)) for what in _GRANTS]
        changes.append(delete(cart_key(guest)))
        if pairing is not None:
            changes += close_pairing(platform, user, pairing["code"], found.get(PAIRINGS_OPEN))
        if link is not None:
            home = HouseholdId(link["household_id"])
            changes.append(delete(of_link, "#version = :version_read", {"version_read": link["version"]}))
            changes.append(delete(linked_key(home, platform, user)))
        owners = (guest, link["household_id"]) if link else (guest,)
        sessions = [
            delete((partition, item["sk"]))
            for partition in map(owner_partition, owners)
            for item in self._table.query(partition, "S#")
        ]
        while len(sessions) > _SESSIONS_AT_ONCE:
            self._table.write(sessions[:_SESSIONS_AT_ONCE])
            sessions = sessions[_SESSIONS_AT_ONCE:]
        self._table.write([*changes, *sessions])
        return HouseholdId(link["household_id"]) if link else None
