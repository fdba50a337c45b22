"""The languages that can be heard: one YAML file each, read when an index is built."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from skill.errors import SettingsInvalid

#: Words of which one is said, or none of those in square brackets; groups within groups are not needed.
_GROUP = re.compile(r"([(\[])([^()\[\]]*)[)\]]")


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
    rules: dict[str, Any] = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for means, says in rules.get("phrases", {}).items():
        rules["phrases"][means] = list(dict.fromkeys(each for say in says for each in expanded(say)))
    return rules


def expanded(phrase: str) -> list[str]:
    """What a phrase stands for: `(is|are) not`, and `[but] not` with or without the word."""
    group = _GROUP.search(phrase)
    if group is None:
        return [" ".join(phrase.split())]
    ways = [*group[2].split("|"), *([""] if group[1] == "[" else [])]
    return [each for way in ways for each in expanded(f"{phrase[: group.start()]}{way}{phrase[group.end() :]}")]
