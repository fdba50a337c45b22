"""Stores whose catalogue a test writes itself, as the feed of a shop."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from skill.app import build_app
from skill.catalogues import import_catalogue, open_feed
from skill.cli.demo import SAMPLE
from skill.settings import Settings
from skill.shop.catalogue import Product

COLUMNS = ("id", "title", "price", "availability", "item_group_id", "color", "size")


def make_store(folder: Path, rows: Iterable[Mapping[str, str]]) -> list[Product]:
    """A data directory with the sample store's settings and the products of a Google feed of these rows."""
    folder.mkdir(parents=True)
    shutil.copyfile(SAMPLE / "store.yaml", folder / "store.yaml")
    feed_path = folder.with_suffix(".txt")
    lines = ["\t".join({"availability": "in_stock", **row}.get(name, "") for name in COLUMNS) for row in rows]
    feed_path.write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    try:
        feed = open_feed(app, feed_path)
        import_catalogue(app, feed)
        return list(feed)
    finally:
        app.close()
