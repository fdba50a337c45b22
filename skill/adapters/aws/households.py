"""Households in DynamoDB, the accounts linked to them, and their purchase codes.

Every attempt at a code is counted, in a write of its own, before it is checked: whatever happens then, it was a guess. What the
check said goes along with the turn's next write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from skill.adapters.aws.conversations import KEPT
from skill.adapters.aws.layout import (
    HOUSEHOLDS,
    age_queue,
    approval_key,
    attempt_key,
    cart_key,
    household_key,
    limited_key,
    link_key,
    linked_key,
    owner_partition,
    policy_key,
    recent_key,
    waiting_key,
)
from skill.adapters.aws.ledger import DynamoLedger
from skill.adapters.aws.orders import order_to_data, read_order, read_recent, write_order
from skill.adapters.aws.table import (
    Aged,
    Change,
    Item,
    Key,
    Table,
    aged,
    check,
    conflict,
    delete,
    put,
    put_version,
    raising,
    update,
)
from skill.adapters.codes import CHECK_MAX, code_is_right, hash_code
from skill.adapters.records import read_json, read_time, read_time_or_none, write_json, write_knobs, write_time
from skill.errors import CodeLocked, HouseholdUnknown, RequestReused, StorageError
from skill.guard.code import CODE_ATTEMPTS_MAX
from skill.guard.policy import PROFILES
from skill.ports import AuditDraft, Clock, Keys, RequestKey
from skill.shop.households import Household, HouseholdId

#: Items that one write of a deletion takes.
_FORGOTTEN_AT_ONCE = 40


class DynamoLinks:
    """The accounts of households: what may be read without a key."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def linked(self, household_id: HouseholdId) -> Sequence[tuple[str, str]]:
        found = self._table.query(owner_partition(household_id), "L#")
        return tuple(sorted((item["platform"], item["user"]) for item in found))


class DynamoHouseholds(DynamoLinks):
    def __init__(self, table: Table, keys: Keys, clock: Clock, ledger: DynamoLedger) -> None:
        super().__init__(table)
        self._ledger = ledger
        self._keys = keys
        self._clock = clock

    def create(self, household: Household) -> None:
        """The code is set apart, by `set_code`. Raises `StorageError` where the id is taken."""
        home = household.household_id
        item: Item = {
            "household_id": home,
            "name": household.name,
            "time_zone": household.time_zone,
            "address": household.address,
            "email": household.email,
            "created_at": write_time(household.created_at),
            "time_zone_before": household.time_zone_before,
            "time_zone_since": _time_or_none(household.time_zone_since),
            "code_epoch": 0,
            "code_wrong": 0,
            "code_generation": 0,
            "checking": {},
        }
        taken = raising(lambda: StorageError(f"there is a household {home} already"))
        self._table.write([put_version(household_key(home), item, 0, taken), put((HOUSEHOLDS, home), {})])

    def get(self, household_id: HouseholdId) -> Household:
        return read_household(self._item(household_id))

    def list(self, limit: int, after: str = "") -> Sequence[Household]:
        """By household id, those above `after`."""
        keys = [
            household_key(HouseholdId(item["sk"])) for item in self._table.query(HOUSEHOLDS, after=after, limit=limit)
        ]
        found = self._table.get_many(keys)
        return tuple(read_household(found[key]) for key in keys if key in found)

    def link(self, household_id: HouseholdId, platform: str, user: str, now: datetime) -> None:
        key = link_key(platform, user)

        def link(fresh: bool) -> None:
            self._table.write(link_changes(household_id, platform, user, now, self._table.get(key, fresh=fresh)))

        self._table.again(link)

    def of_user(self, platform: str, user: str) -> Household | None:
        link = self._table.get(link_key(platform, user))
        item = None if link is None else self._table.get(household_key(link["household_id"]))
        return None if item is None else read_household(item)

    def move(self, household_id: HouseholdId, time_zone: str, effective_at: datetime, audit: AuditDraft) -> None:
        """Moving again before the last move took effect replaces it."""
        now = write_time(self._clock.now_utc())

        def move(item: Item) -> Item:
            pending = item.get("time_zone_since", "") > now
            return {
                "time_zone_before": item["time_zone_before"] if pending else item["time_zone"],
                "time_zone": time_zone,
                "time_zone_since": write_time(effective_at),
            }

        self._change(household_id, move, audit)

    def stay(self, household_id: HouseholdId, audit: AuditDraft) -> None:
        now = write_time(self._clock.now_utc())

        def stay(item: Item) -> Item:
            if item.get("time_zone_since", "") <= now:
                return {}
            return {"time_zone": item["time_zone_before"], "time_zone_before": "", "time_zone_since": None}

        self._change(household_id, stay, audit)

    def set_code(self, household_id: HouseholdId, code: str | None, audit: AuditDraft) -> None:
        code_hash = None if code is None else hash_code(self._keys, household_id, code)

        def change(item: Item) -> Item:
            return {"code_hash": code_hash, "code_wrong": 0, "code_epoch": item["code_epoch"] + 1, "checking": {}}

        self._change(household_id, change, audit)

    def try_code(self, household_id: HouseholdId, code: str, request: RequestKey) -> bool:
        """One write, one key derivation, and what it said with the turn's next write, or in one of its own outside a turn.

        False, and not counted, where no code is set. Raises `CodeLocked`, `HouseholdUnknown`, and `RequestReused` for a request
        id that came with another body.
        """
        verdict, item = self._table.again(lambda fresh: self._count(household_id, request, fresh))
        if verdict is not None:
            return verdict
        right = self._is_right(household_id, code, item["code_hash"])
        epoch = item["code_epoch"]
        if self._table.in_turn:
            self._table.attach(self._conclude(item, request, right, again=True))
            return right

        def conclude(fresh: bool) -> bool:
            key = attempt_key(request.platform, request.request_id)
            found = self._table.get_many((key, household_key(household_id)), fresh=fresh)
            attempt, now = found.get(key), found.get(household_key(household_id))
            if attempt is not None and "verdict" in attempt:
                return bool(attempt["verdict"])  # the same request, delivered twice, was quicker
            if now is None:
                return False
            stands = right and now["code_epoch"] == epoch  # the code may have been changed meanwhile
            self._table.write(self._conclude(now, request, stands, again=False))
            return stands

        return self._table.again(conclude)

    def forget(self, household_id: HouseholdId) -> None:
        """The person is gone with the first write; what lies beside is deleted after it, as much at once as DynamoDB takes. A
        deletion that was interrupted is finished by another.
        """
        self._table.again(lambda fresh: self._forget_home(household_id, fresh))
        self._delete(self._beside(household_id))
        self._table.again(lambda fresh: self._forget_in_orders(household_id))
        # Only now that no order counts in them: one that is given back gives back to every window that it names.
        self._delete(
            delete((item["pk"], item["sk"]))
            for item in self._table.query(owner_partition(household_id), "W#")
            if item["scope"] != "household"
        )

    def _forget_home(self, household_id: HouseholdId, fresh: bool) -> None:
        """The household's layer of limits is emptied and not deleted: its new version stops an order that was decided before, and
        `WAITING` an approval that is being asked for.
        """
        of_limits, of_waiting = policy_key("household", household_id), waiting_key(household_id)
        item = self._item(household_id, fresh=fresh)
        beside = self._table.get_many((of_limits, of_waiting), fresh=fresh)
        layer, waiting = beside.get(of_limits), beside.get(of_waiting)
        after = _plain(item) | _FORGOTTEN | {"code_epoch": item["code_epoch"] + 1, "checking": {}}
        self._table.write(
            [
                put_version(household_key(household_id), after, item["version"]),
                put_version(of_limits, {"knobs": write_knobs({})}, layer["version"] if layer else 0),
                put_version(of_waiting, {"rows": "{}", "forgotten": True}, waiting["version"] if waiting else 0),
            ]
        )

    def _delete(self, changes: Iterable[Change]) -> None:
        left = iter(changes)
        while some := list(islice(left, _FORGOTTEN_AT_ONCE)):
            self._table.write(some)

    def _beside(self, household_id: HouseholdId) -> Iterator[Change]:
        partition = owner_partition(household_id)
        for item in self._table.query(partition, "L#"):
            mine = {"home": household_id}
            elsewhere = conflict("the account was linked elsewhere meanwhile")
            ours = "attribute_not_exists(pk) OR #household_id = :home"
            yield delete(link_key(item["platform"], item["user"]), ours, mine, elsewhere)
            yield delete((partition, item["sk"]))
        for prefix in ("S#", "Y#"):
            for item in self._table.query(partition, prefix):
                yield delete((partition, item["sk"]))
                if prefix == "Y#":
                    yield delete(approval_key(item["approval_id"]))
        yield delete(cart_key(household_id))
        for item in self._table.query(policy_key("household", household_id)[0], "CHANGE#"):
            yield delete((item["pk"], item["sk"]))
        listed = [(item["level"], item["subject"]) for item in self._table.query(partition, "P#")]
        for level, subject in dict.fromkeys((*listed, *self._unlisted(household_id))):
            for item in self._table.query(policy_key(level, subject)[0]):
                yield delete((item["pk"], item["sk"]))
        for level, subject in listed:
            yield delete(limited_key(level, subject))

    def _unlisted(self, household_id: HouseholdId) -> Sequence[tuple[str, str]]:
        """People and profiles whose limits may stand in no list, as those set until 2026-11-28 do: of all whom the household's own
        orders, windows and audit trail name, those that have limits.
        """
        named = dict.fromkeys(("profile", name) for name in PROFILES)
        partition, home = owner_partition(household_id), f"{household_id}/"
        for item in self._table.query(partition, "W#"):
            level, _, subject = item["scope"].partition(":")
            named[level, subject.removeprefix(home)] = None
        for item in self._table.query(partition, "O#"):
            named["person", read_order(item).person or ""] = None
        for item in self._table.query(partition, "A#"):
            opened = self._keys.decrypt_for(household_id, item["personal"]) if "personal" in item else None
            personal = {} if opened is None else read_json(opened.decode())
            named |= {(level, str(personal.get(level) or "")): None for level in ("person", "profile")}
        wanted = [(level, home + name) for level, name in named if name and level in ("person", "profile")]
        found = self._table.get_many(policy_key(*each) for each in wanted)
        return [each for each in wanted if policy_key(*each) in found]

    def _forget_in_orders(self, household_id: HouseholdId) -> None:
        """Who ordered and where to; the orders stay for the books."""
        partition = owner_partition(household_id)
        for item in self._table.query(partition, "O#"):
            order = read_order(item)
            if order != (forgotten := order.as_forgotten()):
                self._table.write([put_version((partition, item["sk"]), write_order(forgotten), item["version"])])
        recent = self._table.get(recent_key(household_id), fresh=True)
        if recent is not None:
            newest = [order_to_data(order.as_forgotten()) for order in read_recent(recent)]
            item = {"orders": write_json(newest), "whole": recent["whole"]}
            self._table.write([put_version(recent_key(household_id), item, recent["version"])])

    def _item(self, household_id: HouseholdId, *, fresh: bool = False) -> Item:
        item = self._table.get(household_key(household_id), fresh=fresh)
        if item is None:
            raise HouseholdUnknown(household_id=household_id)
        return item

    def _change(self, household_id: HouseholdId, change: Callable[[Item], Item], audit: AuditDraft) -> None:
        """Raises `HouseholdUnknown`, also where it is forgotten."""
        key = household_key(household_id)

        def changed(found: Mapping[Key, Item]) -> tuple[list[Change], None]:
            item = found.get(key)
            if item is None or not item["name"]:
                raise HouseholdUnknown(household_id=household_id)
            after = {name: value for name, value in (item | change(item)).items() if value is not None}
            return [put_version(key, _plain(after), item["version"])], None

        self._ledger.write_with_audit((key,), changed, audit)

    def _count(self, household_id: HouseholdId, request: RequestKey, fresh: bool) -> tuple[bool | None, Item]:
        """Counts the attempt: the verdict where it is known already, and the household as it is then."""
        key, now = attempt_key(request.platform, request.request_id), write_time(self._clock.now_utc())
        found = self._table.get_many((key, household_key(household_id)), fresh=fresh)
        attempt, item = found.get(key), found.get(household_key(household_id))
        if item is None:
            raise HouseholdUnknown(household_id=household_id)
        if attempt is not None:
            if (attempt["body_hash"], attempt["household_id"]) != (request.body_hash, household_id):
                raise RequestReused(platform=request.platform, request_id=request.request_id)
            if "verdict" in attempt:
                return bool(attempt["verdict"]), item
            # Counted, and its check never came to an end: it is made now, unless the code it was for is gone.
            return (None if item.get("code_hash") and attempt["code_epoch"] == item["code_epoch"] else False), item
        if not item.get("code_hash"):
            return False, item
        if item["code_wrong"] >= CODE_ATTEMPTS_MAX:
            if not fresh:
                raise Aged  # locked, unless an adult has unlocked it since this turn looked
            raise CodeLocked
        after = _plain(item) | {
            "code_wrong": item["code_wrong"] + 1,
            "checking": item["checking"] | {_name(request): now},
        }
        row = {
            "body_hash": request.body_hash,
            "household_id": household_id,
            "code_epoch": item["code_epoch"],
            "written_at": now,
            "age_queue": age_queue("attempt", key[0]),
            "ttl": int((self._clock.now_utc() + KEPT).timestamp()),
        }
        self._table.write(
            [
                put(key, row, "attribute_not_exists(pk)"),
                put_version(household_key(household_id), after, item["version"]),
            ]
        )
        return None, item | after | {"version": item["version"] + 1}

    def _conclude(self, item: Item, request: RequestKey, right: bool, *, again: bool) -> Sequence[Change]:
        """Writes the verdict down. A right code takes back what was counted, but for guesses that are being checked just now."""
        since = write_time(self._clock.now_utc() - CHECK_MAX)
        name = _name(request)
        checking = {each: at for each, at in item["checking"].items() if each != name and at > since}
        after = _plain(item) | {"checking": checking}
        if right:
            after |= {"code_wrong": len(checking), "code_generation": item["code_generation"] + 1}
        failed = conflict("the code or its count was changed meanwhile") if again else aged
        key = attempt_key(request.platform, request.request_id)
        return [
            update(key, "SET #verdict = :verdict", {"verdict": right}, "attribute_not_exists(#verdict)", failed),
            put_version(household_key(HouseholdId(item["household_id"])), after, item["version"], failed),
        ]

    def _is_right(self, household_id: HouseholdId, code: str, code_hash: str) -> bool:
        return code_is_right(self._keys, household_id, code, code_hash)


def link_changes(
    household_id: HouseholdId, platform: str, user: str, now: datetime, before: Item | None
) -> list[Change]:
    """Links the account, in place of the link `before`. `HouseholdUnknown` where there is no such household."""
    link = {"household_id": household_id, "linked_at": write_time(now)}
    changes = [
        check_household(household_id),
        put_version(link_key(platform, user), link, before["version"] if before else 0),
        put(linked_key(household_id, platform, user), {"platform": platform, "user": user}),
    ]
    if before is not None and before["household_id"] != household_id:
        changes.append(delete(linked_key(HouseholdId(before["household_id"]), platform, user)))
    return changes


def check_household(household_id: HouseholdId) -> Change:
    """`HouseholdUnknown`, and nothing is written, where there is none or it is forgotten."""
    unknown = raising(lambda: HouseholdUnknown(household_id=household_id))
    return check(household_key(household_id), "#name > :forgotten", {"forgotten": ""}, unknown)


_FORGOTTEN: Item = {"name": "", "address": "", "email": "", "code_hash": None}


def _name(request: RequestKey) -> str:
    return f"{request.platform}#{request.request_id}"


def _plain(item: Item) -> Item:
    """Without what the table adds."""
    return {name: value for name, value in item.items() if name not in ("pk", "sk", "version")}


def _time_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def read_household(item: Item) -> Household:
    return Household(
        household_id=HouseholdId(item["household_id"]),
        name=item["name"],
        time_zone=item["time_zone"],
        address=item["address"],
        created_at=read_time(item["created_at"]),
        email=item["email"],
        time_zone_before=item["time_zone_before"],
        time_zone_since=read_time_or_none(item.get("time_zone_since")),
        code_set=bool(item.get("code_hash")),
        code_locked=item["code_wrong"] >= CODE_ATTEMPTS_MAX,
        code_generation=item["code_generation"],
    )
