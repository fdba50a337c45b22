"""AWS Lambda once a day: `lambda.checker.handler`. Counts the books again, and tells CloudWatch how many are wrong."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from skill.app import App
from skill.ordering.checking import check_ledger, household_ids, verify_audit
from skill.shop.households import HouseholdId, store_chain

from .metrics import store_metrics
from .store import open_store, settle_in

#: What is left of a run when no further household is begun.
RESERVE_MS = 30_000
#: What a household's id begins with, and what may come next: runs begin at another place each day.
_BEGINS, _NEXT = "hh_", "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

#: Events of the shop's webhook that were given up: of more it is only told that there are as many.
DEAD_COUNTED_MAX = 100

_log = logging.getLogger("sayso.lambda")


@cache
def store() -> App:
    """Opened once an instance. Raises `SettingsInvalid`."""
    return open_store(os.environ)


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Goes through as many households as the run has time for. Each day begins where another day's run ends, so that all have
    their turn in however large a store; what is wrong is logged by its household's id and counted."""
    app = store()
    anchors = app.ports.ledger.anchors()
    checked = drifted = broken = 0
    for household_id in from_today(app):
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            break
        drifts, findings = check_ledger(app.ports, household_id), verify_audit(app.ports, household_id, anchors)
        for wrong in (*drifts, *findings):
            _log.error("the books of %s are wrong: %s", household_id, type(wrong).__name__)
        checked, drifted, broken = checked + 1, drifted + bool(drifts), broken + bool(findings)
    metrics = store_metrics()
    metrics.add_metric("HouseholdsChecked", MetricUnit.Count, checked)
    metrics.add_metric("LedgerDrift", MetricUnit.Count, drifted)
    metrics.add_metric("AuditBroken", MetricUnit.Count, broken)
    metrics.add_metric("DeadLetters", MetricUnit.Count, len(app.ports.outbox.list(DEAD_COUNTED_MAX, "dead")))
    metrics.flush_metrics()
    return {"checked": checked, "drifted": drifted, "broken": broken}


def from_today(app: App) -> Iterator[HouseholdId]:
    """The store's own chain, then every household once: from the place that today begins at to the end, then from the start."""
    yield store_chain(app.ports.store.store_id)
    today = app.ports.clock.now_utc().date().toordinal()
    place = _BEGINS + _NEXT[today % len(_NEXT)]
    yield from household_ids(app.ports, after=place)
    yield from itertools.takewhile(lambda household_id: household_id <= place, household_ids(app.ports))


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    store()
    settle_in()
