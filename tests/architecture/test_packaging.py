"""What a checkout has, an installed package has too: word lists, schemas, pages and sample data ride in the wheel."""

from __future__ import annotations

import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

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


# A store that was tried out in the checkout was once committed with its books and its master key.
def test_a_checkout_has_at_its_top_what_belongs_there_and_no_store(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("only a clone, as CI's is, can tell what belongs to the project")
    assert {path.partition("/")[0] for path in listed.stdout.splitlines()} == {
        ".ci", ".gitignore", ".importlinter", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "benchmarks", "deployment",
        "docs", "interaction_models", "lambda", "pyproject.toml", "samconfig.toml", "skill", "template.yaml", "tests",
    }  # fmt: skip
