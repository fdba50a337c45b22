"""What the pages on AWS say is what the template and the functions have."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "aws-operations.md").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")


def test_the_page_says_what_to_do_about_every_alarm() -> None:
    alarms = re.findall(r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm$", TEMPLATE, re.M)
    assert alarms
    rows = " ".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(alarms) <= set(re.findall(r"`(\w+)`", rows))


def test_the_page_names_every_metric() -> None:
    told = set(importlib.import_module("lambda.figures").METRICS.values())
    told |= {"Understood", "RefusalsByReason", "HouseholdsChecked", "LedgerDrift", "AuditBroken"}
    assert set() == {name for name in told if f"`{name}`" not in PAGE}


def test_every_variable_that_the_template_sets_is_a_setting() -> None:
    set_there = set(re.findall(r"^ +SAYSO_(\w+): ", TEMPLATE, re.M)) - {"SEED_DIR", "STACK"}
    settings = importlib.import_module("skill.settings").Settings.__dataclass_fields__
    assert set() == {name for name in set_there if name.lower() not in settings}


def test_a_deletion_keeps_what_must_last() -> None:
    for name in ("Table", "AnchorsBucket", "CatalogueBucket", "SecretsKey", "MasterSecret", "People"):
        assert re.search(rf"^  {name}:\n    Type: \S+\n    DeletionPolicy: Retain\n", TEMPLATE, re.M), name
