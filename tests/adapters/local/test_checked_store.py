"""A store that was checked beforehand is the store that its `store.yaml` describes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from skill.adapters.local.checked_store import CHECKED_STORE, check_store, read_checked_store
from skill.adapters.local.store_file import read_store_file
from skill.errors import FeedError, SettingsInvalid

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "skill" / "sample" / "store.yaml"


def test_what_was_checked_reads_as_the_file_does(tmp_path: Path) -> None:
    check_store(SAMPLE, tmp_path / CHECKED_STORE)

    assert read_store_file(SAMPLE) == read_checked_store(tmp_path)


def test_a_store_without_free_delivery_reads_as_the_file_does(tmp_path: Path) -> None:
    lines = [line for line in SAMPLE.read_text(encoding="utf-8").splitlines() if "free_over" not in line]
    (tmp_path / "store.yaml").write_text("\n".join(lines), encoding="utf-8")
    check_store(tmp_path / "store.yaml", tmp_path / CHECKED_STORE)

    assert read_store_file(tmp_path / "store.yaml") == read_checked_store(tmp_path)
    assert None is read_checked_store(tmp_path)[1].free_over


def test_where_nothing_was_checked_the_file_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "store.yaml").write_bytes(SAMPLE.read_bytes())

    assert read_store_file(SAMPLE) == read_checked_store(tmp_path)
    with pytest.raises(SettingsInvalid, match=r"store\.yaml"):
        read_checked_store(tmp_path / "nowhere")


def test_a_store_with_a_mistake_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "store.yaml").write_text("store_id: A STORE\n", encoding="utf-8")

    with pytest.raises(FeedError, match="line 1"):
        check_store(tmp_path / "store.yaml", tmp_path / CHECKED_STORE)
    assert not (tmp_path / CHECKED_STORE).exists()


def test_another_versions_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / CHECKED_STORE).write_text(json.dumps({"format": 0}), encoding="utf-8")

    with pytest.raises(SettingsInvalid, match="build the package again"):
        read_checked_store(tmp_path)


def test_reading_it_needs_neither_yaml_nor_pydantic(tmp_path: Path) -> None:
    check_store(SAMPLE, tmp_path / CHECKED_STORE)
    look = (
        "import sys; from pathlib import Path; from skill.adapters.local.checked_store import read_checked_store\n"
        "read_checked_store(Path(sys.argv[1])); print([each for each in ('yaml', 'pydantic') if each in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", look, str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert "[]" == told.stdout.strip(), told.stderr
