"""Dataclasses whose code was compiled beforehand are the dataclasses that they would have been."""

from __future__ import annotations

import dataclasses
import importlib
import marshal
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
quick_start = importlib.import_module("lambda.quick_start")


@pytest.fixture(autouse=True)
def as_ever() -> Iterator[None]:
    yield
    quick_start.compile_as_ever()


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """What the build writes for one dataclass."""
    codes: dict[bytes, bytes] = {}

    def run(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
        code = compile(source, "<beforehand>", "exec")
        codes[sha256(source.encode()).digest()] = marshal.dumps(code)
        exec(code, variables, names)

    vars(dataclasses)["exec"] = run
    make_point()
    vars(dataclasses).pop("exec")
    path = tmp_path / "dataclasses.compiled"
    path.write_bytes(MAGIC_NUMBER + marshal.dumps(codes))
    return path


def make_point() -> type:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Point:
        """A place."""

        x: int
        y: int = 7

    return Point


def file_of(made: type) -> str:
    code: CodeType = made.__init__.__code__  # type: ignore[misc]
    return code.co_filename


def test_a_dataclass_takes_the_code_that_was_compiled(compiled: Path) -> None:
    quick_start.use_compiled_dataclasses(compiled)
    made = make_point()

    assert "<beforehand>" == file_of(made)
    assert made(1) == made(1, 7)
    assert repr(made(1)).endswith("Point(x=1, y=7)")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made(1).x = 2


def test_a_dataclass_that_was_not_compiled_is_compiled_as_ever(compiled: Path) -> None:
    quick_start.use_compiled_dataclasses(compiled)
    other = dataclasses.make_dataclass("Other", ["z"])

    assert "<beforehand>" != file_of(other)
    assert other(3) == other(3)


def test_afterwards_dataclasses_compile_as_ever(compiled: Path) -> None:
    quick_start.use_compiled_dataclasses(compiled)
    quick_start.compile_as_ever()

    assert "<beforehand>" != file_of(make_point())


def test_without_the_file_or_with_another_pythons_nothing_changes(compiled: Path, tmp_path: Path) -> None:
    quick_start.use_compiled_dataclasses(tmp_path / "none")
    assert "exec" not in vars(dataclasses)
    compiled.write_bytes(b"\0\0\r\n" + compiled.read_bytes()[4:])
    quick_start.use_compiled_dataclasses(compiled)
    assert "exec" not in vars(dataclasses)


def test_a_shoppers_function_loads_nothing_that_it_may_not_need() -> None:
    """What an instance imports until its store is open, less what the store itself asks for."""
    look = """
import importlib, sys
importlib.import_module("lambda.alexa")
for name in ("ledger", "households", "turns", "clients", "keys", "notifier", "payments", "publications"):
    importlib.import_module(f"skill.adapters.aws.{name}")
heavy = ("pydantic", "yaml", "ask_sdk_core", "ask_sdk_model", "flask", "click", "rich", "boto3", "botocore", "jwt", "cryptography",
         "urllib.request", "skill.adapters.sqlite", "interaction_models")
print([each for each in heavy if each in sys.modules])
"""
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "[]" == told.stdout.strip(), told.stdout + told.stderr
