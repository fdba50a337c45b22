"""`benchmarks/cold_start.py` starts the built package and a stock skill, and both answer. How they compare, it says itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.cold_start import measure

pytestmark = pytest.mark.clients


def test_both_answer_and_ours_needs_less_memory(package: Path) -> None:
    ((ours, theirs),) = measure(package, 1)

    assert "Corner Store" in json.loads(ours.answer)["response"]["outputSpeech"]["ssml"]
    assert "Okay." in json.loads(theirs.answer)["response"]["outputSpeech"]["ssml"]
    assert ours.peak_mb < theirs.peak_mb
