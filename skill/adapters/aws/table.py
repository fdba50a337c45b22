"""One DynamoDB table for all the ports: reading, writing together or not at all, and trying again within a deadline.

Every write is one TransactWriteItems with a token of its own, so that one whose answer was lost can be sent again without being
done twice. What each key holds is drawn in `docs/dynamodb.md`.

Source of the limits: Amazon DynamoDB Developer Guide, "Quotas in Amazon DynamoDB" and "TransactWriteItems".
"""

from __future__ import annotations

import hashlib
import random
import re
import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from skill.adapters.aws.wire import refused, unanswered
from skill.errors import SaysoError, StorageError, VersionConflict

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Outcome = TypeVar("Outcome")

#: Partition and sort key.
Key = tuple[str, str]
#: An item's attributes as plain values: texts, whole numbers, bytes, and maps of texts.
Item = dict[str, Any]

#: A voice platform gives a turn eight seconds in all. What has not worked by then is said to have failed: a try that begins just
#: before takes as long as a call may, and so may the one call of whoever asks next.
DEADLINE_S = 5.0
#: Waits between two tries are drawn from zero up to a limit that doubles, from the first of these to the second.
_WAIT_FIRST_S, _WAIT_MOST_S = 0.02, 0.5

#: Of one TransactWriteItems, of one BatchGetItem, and of one item.
WRITES_MAX = 100
_READS_MAX = 100
ITEM_LENGTH_MAX_BYTES = 400 * 1024 - 10 * 1024  # less what names of attributes and the keys may take

#: Longer parts of a key are replaced by their digest: a partition key holds 2048 bytes, a sort key 1024.
_KEY_PART_LENGTH_MAX_BYTES = 400

_NAME = re.compile(r"#(\w+)")

#: Nothing was written, and a moment later it may well be.
_TRY_AGAIN = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

#: What a condition that did not hold means: an error of the shop's, or None where what was read beforehand has merely aged.
Failed = Callable[[Item | None], Exception | None]


def aged(found: Item | None) -> Exception | None:
    """No error, only a reason to read again."""
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction does to one item. `after` is the whole item where that is known beforehand."""

    action: str
    key: Key
    request: Mapping[str, Any]
    failed: Failed
    after: Item | None = None


def put(key: Key, item: Item, when: str = "", values: Item | None = None, failed: Failed = aged) -> Change:
    """Replaces the item where `when` holds. Names in expressions are written `#name`, values `:value`."""
    whole = {"pk": key[0], "sk": key[1], **item}
    request: dict[str, Any] = {"Item": pack(whole)}
    _check_length(key, whole)
    return Change("Put", key, _with_condition(request, when, values), failed, whole)


def update(key: Key, how: str, values: Item, when: str = "", failed: Failed = aged) -> Change:
    request: dict[str, Any] = {"Key": pack_key(key), "UpdateExpression": how}
    return Change("Update", key, _with_condition(request, when, values, how), failed)


def delete(key: Key, when: str = "", values: Item | None = None, failed: Failed = aged) -> Change:
    return Change("Delete", key, _with_condition({"Key": pack_key(key)}, when, values), failed)


def check(key: Key, when: str, values: Item | None = None, failed: Failed = aged) -> Change:
    return Change("ConditionCheck", key, _with_condition({"Key": pack_key(key)}, when, values), failed)


def put_version(key: Key, item: Item, version: int, failed: Failed = aged) -> Change:
    """Replaces the item of that version, or puts the first where `version` is 0; the new one has the next version."""
    item = {**item, "version": version + 1}
    if version:
        return put(key, item, "#version = :version_read", {"version_read": version}, failed)
    return put(key, item, "attribute_not_exists(pk)", None, failed)


class Client(Protocol):
    """The four calls that this needs of a botocore client for DynamoDB."""

    def batch_get_item(self, **request: Any) -> Any: ...

    def query(self, **request: Any) -> Any: ...

    def transact_write_items(self, **request: Any) -> Any: ...

    def update_item(self, **request: Any) -> Any: ...


class Table:
    """`client` is a botocore client for DynamoDB that itself tries once only: trying again is done here, with a deadline.

    Reads are strongly consistent. Raises `StorageError` where DynamoDB failed, throttled or did not answer in time: then nothing
    was written, or nobody knows.
    """

    def __init__(self, client: Client, name: str, *, deadline_s: float = DEADLINE_S) -> None:
        self.name = name
        self._client = client
        self._deadline_s = deadline_s
        self._local = threading.local()

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, key: Key, *, fresh: bool = False) -> Item | None:
        return self.get_many((key,), fresh=fresh).get(key)

    def get_many(self, keys: Iterable[Key], *, fresh: bool = False) -> dict[Key, Item]:
        """The items that are there. Within a turn, what the turn has read before unless it is to be `fresh`."""
        turn = self._turn
        wanted = tuple(dict.fromkeys(keys))
        seen: dict[Key, Item | None] = {} if turn is None or fresh else turn.seen
        unseen = [key for key in wanted if key not in seen]
        found = {key: item for key in wanted if (item := seen.get(key)) is not None}
        for start in range(0, len(unseen), _READS_MAX):
            some = unseen[start : start + _READS_MAX]
            got = self._batch_get(some)
            found |= got
            if turn is not None:
                turn.seen.update({key: got.get(key) for key in some})
        return found

    def query(
        self,
        partition: str,
        begins: str = "",
        *,
        after: str = "",
        up_to: str = "",
        newest_first: bool = False,
        limit: int | None = None,
        where: str = "",
        values: Item | None = None,
    ) -> Iterator[Item]:
        """The items of a partition, in order. `begins` is a prefix of the sort key; `after` and `up_to` bound what follows it."""
        low, high = begins + after, (begins + up_to) if up_to else begins + "\U0010ffff"
        request: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": pack({":pk": partition, ":low": low or " ", ":high": high}),
        }
        if where:
            request["FilterExpression"] = where
            request["ExpressionAttributeNames"] = _names(where)
            request["ExpressionAttributeValues"] |= _values(values)
        left = limit
        while left is None or left > 0:
            if left is not None:
                request["Limit"] = min(left + 1, 1000)  # one more: `after` itself is not wanted
            page = self._call(self._client.query, request)
            for wire in page["Items"]:
                item = unpack(wire)
                if after and item["sk"] == low:
                    continue
                yield item
                if left is not None:
                    left -= 1
                    if left == 0:
                        return
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def query_by_age(self, queue: str, before: str, limit: int) -> list[Key]:
        """Keys of what was last written before then, the oldest first, from the index `by_age`, which may lag behind."""
        request = {
            "TableName": self.name,
            "IndexName": "by_age",
            "KeyConditionExpression": "age_queue = :queue AND written_at < :before",
            "ExpressionAttributeValues": pack({":queue": queue, ":before": before}),
            "Limit": limit,
        }
        return [
            (str(item["pk"]), str(item["sk"])) for item in map(unpack, self._call(self._client.query, request)["Items"])
        ]

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change]) -> None:
        """Makes all the changes or none. Raises the first error that a failed condition stands for, in the order given.

        Raises `Aged` where conditions failed that stand for none: what was read beforehand must be read again.
        """
        turn = self._turn
        attached = turn.attached if turn is not None else []
        whole = [*changes, *attached]
        if not whole:
            return
        if len(whole) > WRITES_MAX:
            raise StorageError(f"one write holds at most {WRITES_MAX} items, and this one has {len(whole)}")
        request: dict[str, Any] = {
            "TransactItems": [
                {
                    each.action: {
                        "TableName": self.name,
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                        **each.request,
                    }
                }
                for each in whole
            ]
        }
        try:
            self._transact(request, whole)
        except BaseException as error:
            if turn is not None:
                turn.seen.clear()
                if isinstance(error, StorageError):
                    turn.attached = []  # perhaps written, or too late: the turn begins anew
            raise
        if turn is not None:
            turn.attached = []
            for each in whole:
                turn.seen.pop(each.key, None)
                if each.after is not None:
                    turn.seen[each.key] = each.after
                elif each.action == "Delete":
                    turn.seen[each.key] = None

    def update_now(
        self, key: Key, how: str, values: Item, when: str = "", names: Mapping[str, str] | None = None
    ) -> Item:
        """One UpdateItem, which must be one that may be done twice; the item afterwards. Raises `Aged` where `when` fails."""
        request = _with_condition({"Key": pack_key(key), "UpdateExpression": how}, when, values, how)
        request |= {"TableName": self.name, "ReturnValues": "ALL_NEW"}
        request["ExpressionAttributeNames"] = request.get("ExpressionAttributeNames", {}) | dict(names or {})
        try:
            item = unpack(self._call(self._client.update_item, request)["Attributes"])
        except refused() as error:
            if _code_of(error) != "ConditionalCheckFailedException":
                raise StorageError(f"{self.name}: {_code_of(error)}") from error
            raise Aged from error
        turn = self._turn
        if turn is not None:
            turn.seen[key] = item
        return item

    def again(self, work: Callable[[bool], Outcome]) -> Outcome:
        """Runs `work(fresh)` until what it read was still so when it wrote: with `fresh` False first, then True."""
        tries = self._tries()
        fresh = False
        while True:
            try:
                return work(fresh)
            except Aged:
                fresh = True
                if not next(tries):
                    raise StorageError(f"{self.name}: others kept writing; nothing was written") from None

    # --- a turn -------------------------------------------------------------------------------------------------------

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within it, this thread reads each item once, and has one deadline for everything."""
        if self._turn is not None:
            yield
            return
        self._local.turn = turn = _Turn(time.monotonic() + self._deadline_s)
        try:
            yield
            if turn.attached:
                with suppress(SaysoError, Aged):
                    self.write(())
        finally:
            self._local.turn = None

    def attach(self, changes: Sequence[Change]) -> None:
        """These go along with this turn's next write; outside a turn they are written now."""
        turn = self._turn
        if turn is None:
            self.write(changes)
        else:
            turn.attached = [*turn.attached, *changes]

    def begin_anew(self) -> None:
        """What this turn has read has aged, and what was attached hangs on it: both are forgotten."""
        turn = self._turn
        if turn is not None:
            turn.seen.clear()
            turn.attached = []

    @property
    def seen(self) -> Mapping[Key, Item | None]:
        """What this turn has read, None for what was not there; empty outside a turn."""
        return {} if self._turn is None else self._turn.seen

    @property
    def in_turn(self) -> bool:
        return self._turn is not None

    @property
    def _turn(self) -> _Turn | None:
        return getattr(self._local, "turn", None)

    # --- calls --------------------------------------------------------------------------------------------------------

    def _transact(self, request: dict[str, Any], changes: Sequence[Change]) -> None:
        tries = self._tries()
        request["ClientRequestToken"] = secrets.token_hex(16)
        while True:
            try:
                self._client.transact_write_items(**request)
                return
            except refused() as error:
                code = _code_of(error)
                if code == "TransactionCanceledException":
                    reasons = error.response.get("CancellationReasons") or []
                    _raise_for(changes, reasons)
                    if not all(each.get("Code") in _TRY_AGAIN | {"None", None} for each in reasons) or not reasons:
                        raise StorageError(f"{self.name}: {error}") from error
                elif code not in _TRY_AGAIN:
                    raise StorageError(f"{self.name}: {error}") from error
                failure: Exception = error
            except unanswered() as error:
                failure = error  # perhaps it was done: the token says that it is the same write
            if not next(tries):
                raise StorageError(f"{self.name}: {failure}") from failure

    def _batch_get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        asked: dict[str, Any] = {self.name: {"Keys": [pack_key(key) for key in keys], "ConsistentRead": True}}
        found: dict[Key, Item] = {}
        tries = self._tries()
        while asked:
            answer = self._call(self._client.batch_get_item, {"RequestItems": asked})
            for wire in answer["Responses"].get(self.name, ()):
                item = unpack(wire)
                found[item["pk"], item["sk"]] = item
            asked = answer.get("UnprocessedKeys") or {}
            if asked and not next(tries):
                raise StorageError(f"{self.name}: throttled")
        return found

    def _call(self, function: Callable[..., Any], request: Mapping[str, Any]) -> Any:
        """A call that may be made twice."""
        tries = self._tries()
        while True:
            try:
                return function(**request)
            except refused() as error:
                if _code_of(error) == "ConditionalCheckFailedException":
                    raise
                if _code_of(error) not in _TRY_AGAIN:
                    raise StorageError(f"{self.name}: {error}") from error
                failure: Exception = error
            except unanswered() as error:
                failure = error
            if not next(tries):
                raise StorageError(f"{self.name}: {failure}") from failure

    def _tries(self) -> Iterator[bool]:
        """Waits, and says whether there is time for another try. Full jitter, so that those who met do not meet again."""
        turn = self._turn
        deadline = turn.deadline if turn is not None else time.monotonic() + self._deadline_s
        most = _WAIT_FIRST_S
        while True:
            wait = random.uniform(0, most)
            if time.monotonic() + wait >= deadline:
                yield False
            time.sleep(wait)
            most = min(most * 2, _WAIT_MOST_S)
            yield True


class Aged(Exception):
    """What a write was based on has changed. Never leaves the adapters."""


@dataclass(slots=True)
class _Turn:
    deadline: float
    seen: dict[Key, Item | None] = field(default_factory=dict)
    attached: list[Change] = field(default_factory=list)


def _raise_for(changes: Sequence[Change], reasons: Sequence[Mapping[str, Any]]) -> None:
    failed = False
    for change, reason in zip(changes, reasons, strict=False):
        if reason.get("Code") == "ConditionalCheckFailed":
            failed = True
            old = reason.get("Item")
            error = change.failed(unpack(old) if old else None)
            if error is not None:
                raise error
    if failed:
        raise Aged


def conflict(message: str, **facts: Any) -> Failed:
    """Somebody else was first."""
    return lambda found: VersionConflict(message, **facts)


def raising(error: Callable[[], SaysoError]) -> Failed:
    return lambda found: error()


# --- what goes over the wire ----------------------------------------------------------------------------------------------


def key_part(text: str) -> str:
    """The text, or its digest where it is too long for a key; never empty, and with no `#` of its own."""
    if (
        len(text) * 4 > _KEY_PART_LENGTH_MAX_BYTES
        and len(text.encode("utf-8", "surrogatepass")) > _KEY_PART_LENGTH_MAX_BYTES
    ):
        return "~" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return text.replace("%", "%25").replace("#", "%23") or "%"


def pack(item: Item) -> dict[str, Any]:
    return {name: _pack_value(value) for name, value in item.items() if value is not None}


def pack_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def unpack(wire: Mapping[str, Any]) -> Item:
    return {name: _unpack_value(value) for name, value in wire.items()}


def _pack_value(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):  # True and False as well
        return {"N": str(int(value))}
    if isinstance(value, bytes):
        return {"B": value}
    return {"M": {name: _pack_value(each) for name, each in value.items()}}


def _unpack_value(wire: Mapping[str, Any]) -> Any:
    ((kind, value),) = wire.items()
    if kind == "S":
        return value
    if kind == "N":
        return int(value)
    if kind == "B":
        return value if isinstance(value, bytes) else b64decode(value)  # `wire` leaves bytes as they came
    return {name: _unpack_value(each) for name, each in value.items()}


def _with_condition(request: dict[str, Any], when: str, values: Item | None, how: str = "") -> dict[str, Any]:
    if when:
        request["ConditionExpression"] = when
    names = _names(f"{when} {how}")
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = _values(values)
    return request


def _names(expression: str) -> dict[str, str]:
    return {f"#{name}": name for name in _NAME.findall(expression)}


def _values(values: Item | None) -> dict[str, Any]:
    return {f":{name}": _pack_value(value) for name, value in (values or {}).items()}


def _check_length(key: Key, item: Item) -> None:
    length = sum(
        len(value.encode("utf-8", "replace"))
        if isinstance(value, str)
        else len(value)
        if isinstance(value, bytes)
        else 40
        for value in item.values()
    )
    if length > ITEM_LENGTH_MAX_BYTES:
        raise StorageError(f"{key[0]}: {length} bytes are more than an item holds ({ITEM_LENGTH_MAX_BYTES})")


def _code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def table_definition(name: str) -> dict[str, Any]:
    """What CreateTable needs, for tests and for stores of one's own; the template says the same."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", "age_queue", "written_at")
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by_age",
                "KeySchema": [
                    {"AttributeName": "age_queue", "KeyType": "HASH"},
                    {"AttributeName": "written_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    }
