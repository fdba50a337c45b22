"""Baskets asked for in many households at once, in DynamoDB: one item a basket, one attribute a household."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from skill.adapters.aws.layout import BURST, phrase_key
from skill.adapters.aws.table import Aged, Key, Table, put
from skill.adapters.records import write_time
from skill.guard.burst import BURST_HOUSEHOLDS_MIN, BURST_LASTS_S, BURST_WITHIN_S
from skill.shop.households import HouseholdId

#: A basket that is asked for all day long is cleared of old households now and then.
_HOUSEHOLDS_KEPT_MAX = 60
_CLEARED_AT_ONCE = 40

#: An item that nobody added to for so long may be deleted.
_KEPT = timedelta(days=1)


class DynamoBursts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, phrase: str, household_id: HouseholdId, now: datetime) -> bool:
        """While a burst is on, nothing is counted: a television must not make one item everybody's."""
        if self.is_on(now):
            return True
        key, since = phrase_key(phrase), write_time(now - timedelta(seconds=BURST_WITHIN_S))
        name = "h" + hashlib.sha256(household_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        item = self._table.update_now(
            key,
            "SET #household = :at, #ttl = :ttl",
            {"at": write_time(now), "ttl": int((now + _KEPT).timestamp())},
            names={"#household": name},
        )
        asked = {each: at for each, at in item.items() if each.startswith("h")}
        if len(asked) > _HOUSEHOLDS_KEPT_MAX:
            self._clear(key, [each for each, at in asked.items() if at <= since], since)
        if sum(at > since for at in asked.values()) < BURST_HOUSEHOLDS_MIN:
            return False
        self._table.write([put(BURST, {"until": write_time(now + timedelta(seconds=BURST_LASTS_S))})])
        return True

    def is_on(self, now: datetime) -> bool:
        on = self._table.get(BURST)
        return on is not None and bool(on["until"] > write_time(now))

    def _clear(self, key: Key, names: list[str], since: str) -> None:
        """Somebody who asks again at this moment stays; then it is cleared the next time."""
        old = names[:_CLEARED_AT_ONCE]
        if not old:
            return
        remove = "REMOVE " + ", ".join(f"#{each}" for each in old)
        when = " AND ".join(f"#{each} <= :since" for each in old)
        try:
            self._table.update_now(key, remove, {"since": since}, when)
        except Aged:
            return
