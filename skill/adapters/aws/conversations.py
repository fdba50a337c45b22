"""Conversations in DynamoDB: the state of each session, and the answers given.

DynamoDB itself deletes what is old (`ttl`), some day; `sweep` deletes what must be gone by now. Nothing is decided by either.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from skill.adapters.aws.carts import cart_change
from skill.adapters.aws.layout import age_queue, age_queues, answer_key, session_key
from skill.adapters.aws.table import Change, Key, Table, conflict, delete, put, put_version
from skill.adapters.records import write_time
from skill.errors import RequestReused
from skill.ports import Opened, RequestKey, TurnRecord

#: Sessions, answers and attempts at a code are kept at least a day; the sweeper takes them after two.
KEPT = timedelta(days=3)

#: Kinds of items that are forgotten by age.
_KINDS = ("session", "answer", "attempt")

#: Items that one write deletes.
_DELETED_AT_ONCE = 50


class DynamoConversations:
    def __init__(self, table: Table) -> None:
        self._table = table

    def open(self, owner: str, session: str, request: RequestKey) -> Opened:
        of_session, of_answer = session_key(owner, session), answer_key(request.platform, request.request_id)
        found = self._table.get_many((of_session, of_answer))
        state, answer = found.get(of_session, {}), found.get(of_answer)
        if answer is not None and answer["body_hash"] != request.body_hash:
            raise RequestReused(
                f"{request.platform} request {request.request_id} came before with another body",
                platform=request.platform,
                request_id=request.request_id,
            )
        return Opened(state.get("state"), state.get("version", 0), None if answer is None else answer["answer"])

    def close(self, record: TurnRecord) -> None:
        self._table.write(turn_changes(record))

    def sweep(self, before: datetime, limit: int) -> int:
        """Forgets at most `limit` of sessions, of answers and of attempts at a code."""
        return sum(self._sweep(kind, write_time(before), limit) for kind in _KINDS)

    def _sweep(self, kind: str, before: str, limit: int) -> int:
        old: list[Key] = []
        for queue in age_queues(kind):
            if len(old) < limit:
                old += self._table.query_by_age(queue, before, limit - len(old))
        forgotten = 0
        for start in range(0, len(old), _DELETED_AT_ONCE):
            forgotten += self._forget(old[start : start + _DELETED_AT_ONCE], before)
        return forgotten

    def _forget(self, keys: list[Key], before: str) -> int:
        """Deletes those that are still as old as the index said, which may lag behind."""

        def forget(fresh: bool) -> int:
            found = self._table.get_many(keys, fresh=fresh) if fresh else None
            old = [key for key in keys if found is None or (key in found and found[key]["written_at"] < before)]
            self._table.write([delete(key, "#written_at < :before", {"before": before}) for key in old])
            return len(old)

        return self._table.again(forget)


def turn_changes(record: TurnRecord) -> list[Change]:
    """What a turn leaves behind; `VersionConflict` where somebody else wrote the session, the request or the cart."""
    now, request = write_time(record.now), record.request
    ages = {"written_at": now, "ttl": int((record.now + KEPT).timestamp())}
    of_session, of_answer = session_key(record.owner, record.session), answer_key(request.platform, request.request_id)
    changes = [
        put_version(
            of_session,
            {"state": record.state, "age_queue": age_queue("session", of_session[1]), **ages},
            record.version,
            conflict("the session was changed meanwhile", version=record.version),
        ),
        put(
            of_answer,
            {
                "body_hash": request.body_hash,
                "answer": record.answer,
                "marks": record.marks,
                "took_ms": record.took_ms,
                "sought": record.sought,
                "age_queue": age_queue("answer", of_answer[0]),
                **ages,
            },
            "attribute_not_exists(pk)",
            None,
            conflict("the request was answered meanwhile", request_id=request.request_id),
        ),
    ]
    if record.cart is not None:
        changes.append(cart_change(record.owner, record.cart))
    return changes
