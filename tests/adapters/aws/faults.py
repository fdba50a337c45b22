"""A DynamoDB client that fails as the real one may: throttled, timed out, or done with the answer lost on its way back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

#: What may become of a call.
DONE, THROTTLED, CONFLICT = "done", "throttled", "conflict"
TIMED_OUT, ANSWER_LOST, REFUSED = "timed-out", "answer-lost", "refused"


class FaultyClient:
    """`expect(...)` says what becomes of the next calls that write; after them, or always, `for_ever`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._faults: deque[str] = deque()
        self.for_ever = DONE
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def expect(self, *faults: str) -> None:
        self._faults.extend(faults)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def faulty(**request: Any) -> Any:
            writes = name in ("transact_write_items", "update_item")
            fault = (self._faults.popleft() if self._faults else self.for_ever) if writes else DONE
            self.calls.append((name, dict(request)))
            match fault:
                case "throttled":
                    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, name)
                case "refused":
                    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not allowed"}}, name)
                case "conflict" if name == "update_item":
                    error = {"Error": {"Code": "TransactionConflictException", "Message": "somebody else's"}}
                    raise ClientError(error, name)
                case "conflict":
                    reasons = [
                        {"Code": "TransactionConflict"},
                        *({"Code": "None"} for _ in request["TransactItems"][1:]),
                    ]
                    error = {"Error": {"Code": "TransactionCanceledException", "Message": "canceled"}}
                    raise ClientError(error | {"CancellationReasons": reasons}, name)
                case "timed-out":
                    raise ReadTimeoutError(endpoint_url="http://nowhere")
                case "answer-lost":
                    call(**request)
                    raise ReadTimeoutError(endpoint_url="http://nowhere")
            return call(**request)

        return faulty
