"""`store.json`: a `store.yaml` that was checked when the package for AWS was built, in plain values.

An instance that starts with it needs neither a YAML reader nor the checks, which take longer than its first turn.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from skill.adapters.local.store_file import FlatTariff, read_store_file
from skill.adapters.records import read_json, write_json
from skill.errors import SettingsInvalid
from skill.ports import Store
from skill.shop.money import Money

CHECKED_STORE = "store.json"
_FORMAT = 1


def check_store(store_file: Path, checked: Path) -> None:
    """Checks a `store.yaml` and writes what it says to `checked`. Raises as `read_store_file` does."""
    store, tariff = read_store_file(store_file)
    plain: dict[str, Any] = {"format": _FORMAT, "store": asdict(store), "tariff": asdict(tariff)}
    plain["store"]["age_restricted_categories"] = sorted(store.age_restricted_categories)
    checked.write_text(write_json(plain) + "\n", encoding="utf-8")


def read_checked_store(folder: Path) -> tuple[Store, FlatTariff]:
    """The store in the folder: its `store.json`, and where there is none its `store.yaml`.

    Raises `SettingsInvalid` for a `store.json` that another version wrote, and otherwise as `read_store_file` does.
    """
    try:
        text = (folder / CHECKED_STORE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return read_store_file(folder / "store.yaml")
    plain = read_json(text)
    if plain.get("format") != _FORMAT:
        raise SettingsInvalid(f"{folder / CHECKED_STORE} was written by another version: build the package again")
    store, tariff = plain["store"], plain["tariff"]
    free_over = tariff["free_over"]
    return (
        Store(**store | {"age_restricted_categories": frozenset(store["age_restricted_categories"])}),
        FlatTariff(**tariff | {"fee": Money(**tariff["fee"]), "free_over": Money(**free_over) if free_over else None}),
    )
