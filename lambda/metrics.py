"""Metrics of a deployment, printed in CloudWatch's embedded format, which Lambda's log turns into metrics without a call."""

from __future__ import annotations

import os

from aws_lambda_powertools.metrics import EphemeralMetrics

NAMESPACE = "Sayso"


def store_metrics() -> EphemeralMetrics:
    """Metrics that say of which stack they are, from SAYSO_STACK; `flush_metrics` prints them."""
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    metrics.add_dimension("Stack", os.environ.get("SAYSO_STACK", "sayso"))
    return metrics
