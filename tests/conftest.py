"""Hypothesis profiles for every test of the project, cheap hashes of purchase codes, and what is worked out once for all of them.

`default` is quick and tries the same examples every time, so that a test fails because of a change and not by chance;
`pytest --hypothesis-profile nightly` looks for new examples by the thousand; `mutants` only needs to know whether one fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from jinja2.bccache import Bucket, BytecodeCache

from skill.adapters import codes
from skill.simulator import talk

if TYPE_CHECKING:
    from skill.shop.catalogue import Product

settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    max_examples=3000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "mutants",
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

_DEAR = codes._hasher


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Product]]:
    """The sample store with nobody in it, and the products of its catalogue. Made once: whoever changes it takes a copy."""
    from skill.cli.demo import make_sample_store  # most tests of rules need no store

    folder = tmp_path_factory.mktemp("sample") / "data"
    return folder, make_sample_store(folder)


@pytest.fixture(scope="session")
def sample_store(sample: tuple[Path, list[Product]]) -> Path:
    return sample[0]


@pytest.fixture(autouse=True, scope="session")
def cheap_codes() -> Iterator[None]:
    """Purchase codes are hashed as cheaply as can be: thousands of tests set one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True, scope="session")
def kept_meanings() -> Iterator[None]:
    """What words mean hangs on nothing but them, and thousands of conversations say the same few hundred things."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(talk, "understand", cache(talk.understand))
        yield


class _KeptTemplates(BytecodeCache):
    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def kept_templates() -> Iterator[None]:
    """A page's template is compiled once, and not anew for the server of every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": _KeptTemplates()})
        yield


@pytest.fixture
def dear_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are hashed as a shop's are."""
    monkeypatch.setattr(codes, "_hasher", _DEAR)
