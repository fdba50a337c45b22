"""A feed from a text, read to its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skill.feeds import Feed, read_feed
from skill.shop.catalogue import Product

#: A Saturday on which the sample feeds' sales are on.
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

ReadAll = Callable[..., tuple[Feed, list[Product]]]


@pytest.fixture
def samples() -> Path:
    return Path(__file__).parent / "samples"


@pytest.fixture
def read_all(tmp_path: Path) -> ReadAll:
    """`read_all(content)` writes the content to a file and reads it: the feed with its counts, and its products."""

    def read(content: str | bytes | Path, **settings: Any) -> tuple[Feed, list[Product]]:
        path = content if isinstance(content, Path) else tmp_path / "feed"
        if not isinstance(content, Path):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        feed = read_feed(path, **{"currency": "USD", "now": NOW, **settings})
        return feed, list(feed)

    return read
