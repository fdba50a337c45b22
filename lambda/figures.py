"""AWS Lambda behind the table's stream: `lambda.figures.handler`. What turns and orders wrote down is counted, for the console
and as CloudWatch metrics.

The metrics come from what was recorded and not from the functions that shoppers wait for: they cost no turn anything, a record that
comes twice is counted once, and nothing that is secret or personal is at hand here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from skill.app import open_figures

from .metrics import store_metrics
from .store import read_seeded_settings

#: The store's counts → their metrics.
METRICS = {
    "turns": "Turns",
    "missed": "NotUnderstood",
    "sessions": "Sessions",
    "searches": "Searches",
    "unmet": "NotFound",
    "quotes": "Quotes",
    "orders": "Orders",
    "cancelled": "Cancellations",
    "payments_failed": "PaymentsFailed",
    "refused": "Refusals",
    "codes_wrong": "CodesWrong",
    "codes_locked": "CodesLocked",
    "adults_asked": "AdultsAsked",
}
_REASON = "refused:"


@cache
def take() -> Callable[..., Mapping[str, int]]:
    """Opened once an instance. Raises `SettingsInvalid`."""
    return open_figures(read_seeded_settings(os.environ))


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """A batch that raises is sent again by Lambda, in halves; what of it was counted is not counted twice."""
    counts = take()(event.get("Records", []))
    tell(counts)
    return {"counted": counts["records"]}


def tell(counts: Mapping[str, int]) -> None:
    """Prints the counts as CloudWatch's embedded metrics, which Lambda's log turns into metrics without a call."""
    told = {metric: counts[name] for name, metric in METRICS.items() if counts.get(name)}
    if not told:
        return
    metrics = store_metrics()
    if counts.get("turns"):
        metrics.add_metric("Understood", MetricUnit.Count, counts["turns"] - counts.get("missed", 0))
    for metric, count in told.items():
        metrics.add_metric(metric, MetricUnit.Count, count)
    metrics.flush_metrics()
    for name, count in counts.items():
        if name.startswith(_REASON) and count:
            refusals = store_metrics()
            refusals.add_dimension("Reason", name.removeprefix(_REASON) or "none")
            refusals.add_metric("RefusalsByReason", MetricUnit.Count, count)
            refusals.flush_metrics()


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now.
    take()
