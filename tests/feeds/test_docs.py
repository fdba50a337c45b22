"""docs/feeds.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skill.feeds import FORMATS, QUANTITY_PRESUMED
from skill.feeds.columns import MERCHANT, PLAIN
from skill.feeds.rows import QUANTITY_MAX, SKU_LENGTH_MAX
from skill.shop.catalogue import TITLE_LENGTH_MAX

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "feeds.md").read_text("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_described(name: str) -> None:
    assert f"| `{name}` |" in DOCS


@pytest.mark.parametrize("field", PLAIN.fields)
def test_every_column_and_every_other_name_of_it_is_listed(field: str) -> None:
    first, *others = PLAIN.fields[field]
    (row,) = re.findall(rf"^\| `{first}` \|.*$", DOCS, re.MULTILINE)
    names = re.findall(r"`([a-z_]+)`", row.rpartition(" | ")[2])
    assert field == "attributes" or others == names


@pytest.mark.parametrize(
    "column", [*(column for columns in MERCHANT.fields.values() for column in columns[:1]), *MERCHANT.attributes]
)
def test_what_is_read_of_google_and_meta_is_listed(column: str) -> None:
    assert f"`{column}`" in DOCS


def test_the_limits_are_those_of_the_code() -> None:
    assert f"at most {SKU_LENGTH_MAX} characters" in DOCS
    assert f"beyond {TITLE_LENGTH_MAX} characters" in DOCS
    assert f"counts as {QUANTITY_PRESUMED} on hand" in DOCS
    assert f"from 0 to {QUANTITY_MAX}" in DOCS


def test_the_example_is_of_the_sample_store() -> None:
    (example,) = re.findall(r"```json\n(.*)\n```", DOCS)
    sample = (ROOT / "skill" / "sample" / "catalogue.jsonl").read_text("utf-8")
    rows = {row["sku"]: row for row in map(json.loads, sample.splitlines())}
    shown = json.loads(example)
    assert shown.items() <= rows[shown["sku"]].items()
