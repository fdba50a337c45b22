"""The household hears of its order: notices that the ledger queued with what they tell of, handed on until they are taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from skill.errors import StorageError
from skill.ports import Notice, Ports, QueuedNotice

#: Waits after the first, second ... try in vain; the last of them from then on, until the notice is too old to be of use.
RETRY_AFTER_S = (60, 300, 1800, 7200, 21600)
GIVEN_UP_AFTER = timedelta(days=30)


def tell_household(ports: Ports, queued: QueuedNotice, now: datetime) -> bool:
    """Hands the notice on, and tells whether there was somebody to be told. At least once: a process that dies before it is marked
    hands it on again, with the same key.

    Raises `StorageError` where the notifier did not take it; it is tried again later.
    """
    order = queued.order
    somebody = bool(order.address)  # a household that was deleted has none any more
    if somebody and not ports.notifier.notify(_notice(queued)):
        if now - queued.at < GIVEN_UP_AFTER:
            wait = RETRY_AFTER_S[min(queued.attempts, len(RETRY_AFTER_S) - 1)]
            ports.notices.put_off(queued, now + timedelta(seconds=wait))
        else:
            ports.notices.handed_on(queued)
        raise StorageError(f"the notice {queued.key} was not taken")
    ports.notices.handed_on(queued)
    return somebody


def _notice(queued: QueuedNotice) -> Notice:
    order = queued.order
    values = {
        "order_id": order.order_id,
        "seller": order.seller,
        "total_minor": order.total.amount,
        "currency": order.total.currency,
        "lines": [[line.quantity, line.title, line.size, line.price.amount] for line in order.lines],
        "address": order.address,
    }
    return Notice(order.household_id, queued.kind, queued.at, values, queued.key)
