"""What the page on costs says is what its command prints, and the sums are sums."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import costs

ROOT = Path(__file__).parents[2]


def test_the_page_holds_the_table_that_the_command_prints() -> None:
    assert costs.table() in (ROOT / "docs" / "aws-costs.md").read_text(encoding="utf-8")


def test_the_page_names_the_units_that_were_measured() -> None:
    page = (ROOT / "docs" / "aws-costs.md").read_text(encoding="utf-8")
    for name in ("read units", "write units", "read units of the stream", "write units of the stream"):
        assert f"{costs.UNITS[name]:.0f}" in page, name


def test_no_turns_cost_what_runs_without_them() -> None:
    idle = costs.month(0).dollars
    assert 0 == idle["DynamoDB, writes"] == idle["HTTP API"] == idle["Events"]
    fixed = 19 * 0.30 + 24 * 0.10 + 3 * 0.40 + 1.00
    assert pytest.approx(fixed) == idle["Metrics and alarms"] + idle["Secrets and key"]


def test_a_million_turns_more_cost_their_units() -> None:
    units = {"turns": 10, "orders": 0, "read units": 80.0, "write units": 40.0, "read units of the stream": 0.0} | {
        "write units of the stream": 0.0, "read units of a sweep": 0.0, "bytes kept of a turn": 0, "bytes kept of an order": 0,
    }  # fmt: skip
    spent = costs.month(1_000_000, units).dollars
    assert pytest.approx(8 * 0.125) == spent["DynamoDB, reads"]
    assert pytest.approx(4 * 0.625) == spent["DynamoDB, writes"]


def test_what_runs_without_turns_is_what_the_template_has() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    kinds = {"alarms": "CloudWatch::Alarm", "secrets": "SecretsManager::Secret", "keys": "KMS::Key"}
    # What order updates on Alexa bring along is there only where they are asked for.
    counted = {
        name: len(re.findall(rf"Type: AWS::{kind}\n(?!    Condition:)", template)) for name, kind in kinds.items()
    }
    assert counted == {name: costs.FIXED[name] for name in kinds}
    asked_for = {
        name: len(re.findall(rf"Type: AWS::{kind}\n    Condition: SendsOrderUpdates\n", template))
        for name, kind in kinds.items()
    }
    assert {"alarms": 1, "secrets": 1, "keys": 0} == asked_for
