"""What a checkout has, an installed package has too: word lists, schemas, pages and sample data ride in the wheel."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

# Code, and what tools leave behind.
IGNORED = ("*.py", "*/__pycache__/*", "*/.*")


def test_every_file_that_the_code_reads_is_packaged(root: Path) -> None:
    config = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    patterns = config["tool"]["setuptools"]["package-data"]["*"]
    data = [
        path
        for room in ("skill", "interaction_models")
        for path in sorted((root / room).rglob("*"))
        if path.is_file() and not any(fnmatch(path.as_posix(), pattern) for pattern in IGNORED)
    ]
    assert [] == [
        path.relative_to(root).as_posix() for path in data if not any(fnmatch(path.name, each) for each in patterns)
    ]
