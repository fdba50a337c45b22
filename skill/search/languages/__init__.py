"""The languages that can be heard: one YAML file each, read when an index is built."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from skill.errors import SettingsInvalid


def language_codes() -> tuple[str, ...]:
    """The languages that have a file here, such as `("en",)`."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


@cache
def read_language(code: str) -> dict[str, Any]:
    """The rules of a language, not to be changed: they are read once. Raises `SettingsInvalid` where there is no such file."""
    import yaml  # only a build needs it: a shopper's turn reads the rules from the index

    path = resources.files(__package__) / f"{code}.yaml"
    if not path.is_file():
        known = ", ".join(language_codes())
        raise SettingsInvalid(f"no rules for the language {code!r}; there are rules for {known}", language=code)
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return rules
