"""The sources as they are read: intents.yaml, and the sentences file of a locale, with what is wrong in them named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

HERE = Path(__file__).parent
SENTENCES = HERE / "sentences"

NAMES_MAX = 5000

_READS = frozenset({"number", "digits", "keys", "words"})
#: What every sentences file must have; every other table of en-US.yaml may be left out.
_SENTENCES_MUST = ("number_words", "invocation_name", "dialogflow_language", "prompts", "greetings", "not_for_a_store")


class LocaleUnknown(LookupError):
    """There is no sentences file for a locale."""

    def __init__(self, locale: str) -> None:
        super().__init__(f"no sentences for {locale!r}; there are: {', '.join(locales())}")


class SourceInvalid(ValueError):
    """intents.yaml or a sentences file cannot be used; says which, where and what would be right."""


@dataclass(frozen=True, slots=True)
class IntentSource:
    """One intent of intents.yaml.

    `slots` maps each slot to its type, `alexa` is the built-in's name or empty, `elicit` the slots that are asked for by name;
    without `extend` Alexa is given no samples.
    """

    name: str
    says: str
    slots: Mapping[str, str]
    alexa: str
    elicit: tuple[str, ...]
    extend: bool


@dataclass(frozen=True, slots=True)
class SlotType:
    """One slot type of intents.yaml. `words` are lists of the sentences file, `names` what a store fills in."""

    name: str
    reads: str
    alexa: str
    dialogflow_cx: str
    words: tuple[str, ...]
    names: str
    secret: bool


@cache
def load_intents() -> Mapping[str, IntentSource]:
    """The intents of intents.yaml by name, in its order."""
    return MappingProxyType(read_intents(HERE / "intents.yaml"))


@cache
def load_slot_types() -> Mapping[str, SlotType]:
    """The slot types of intents.yaml by name, in its order."""
    return MappingProxyType(read_slot_types(HERE / "intents.yaml"))


def locales() -> tuple[str, ...]:
    """The locales that have a sentences file."""
    return tuple(sorted(path.stem for path in SENTENCES.glob("*.yaml")))


def read_intents(path: Path) -> dict[str, IntentSource]:
    """Raises SourceInvalid."""
    source = read_yaml(path)
    types = _mapping(source, "slot_types", path)
    intents = {}
    for name, entry in _mapping(source, "intents", path).items():
        if not isinstance(entry, dict) or not entry.get("says"):
            raise SourceInvalid(f"{path.name}: {name}: `says` is missing: what does a shopper mean by it?")
        slots = dict(entry.get("slots", {}))
        for slot, slot_type in slots.items():
            if slot_type not in types:
                raise SourceInvalid(f"{path.name}: {name}.{slot} is of the type {slot_type!r}, which slot_types lacks")
        elicit = tuple(entry.get("elicit", ()))
        for slot in elicit:
            if slot not in slots:
                raise SourceInvalid(f"{path.name}: {name} elicits {slot!r}, which is none of its slots")
        intents[name] = IntentSource(
            name, entry["says"], MappingProxyType(slots), entry.get("alexa", ""), elicit, entry.get("extend", True)
        )
    return intents


def read_slot_types(path: Path) -> dict[str, SlotType]:
    """Raises SourceInvalid."""
    types = {}
    for name, entry in _mapping(read_yaml(path), "slot_types", path).items():
        if entry.get("reads") not in _READS:
            raise SourceInvalid(f"{path.name}: slot_types: {name}: `reads` must be one of {', '.join(sorted(_READS))}")
        types[name] = SlotType(
            name=name,
            reads=entry["reads"],
            alexa=entry.get("alexa", name),
            dialogflow_cx=entry.get("dialogflow_cx", name),
            words=tuple(entry.get("words", ())),
            names=entry.get("names", ""),
            secret=entry.get("secret", False),
        )
    return types


def read_sentences(locale: str) -> dict[str, Any]:
    """The sentences file of a locale, its shape checked. Raises SourceInvalid."""
    path = SENTENCES / f"{locale}.yaml"
    source: dict[str, Any] = read_yaml(path)
    intents = _mapping(source, "intents", path)
    if source.get("language") != locale:
        raise SourceInvalid(f"{path.name}: language: {source.get('language')!r}; it must be the file's name, {locale}")
    for key in _SENTENCES_MUST:
        if not source.get(key):
            raise SourceInvalid(f"{path.name}: {key} is missing; see what en-US.yaml has there")
    lists = _mapping(source, "lists", path)
    for kind in load_slot_types().values():
        for words in kind.words:
            if words not in lists:
                raise SourceInvalid(
                    f"{path.name}: lists: {words} is missing, which the slot type {kind.name} is made of"
                )
    for name, entry in intents.items():
        if name not in load_intents():
            raise SourceInvalid(f"{path.name}: intents: {name} is not in intents.yaml; add it there, or rename it")
        blocks = entry.get("data") if isinstance(entry, dict) else None
        if not isinstance(blocks, list) or not all(
            isinstance(block, dict) and block.get("sentences") for block in blocks
        ):
            raise SourceInvalid(
                f"{path.name}: intents: {name}: data is missing: a list of blocks, each with `sentences`"
            )
        for block in blocks:
            for slot in block.get("slots", {}):
                if slot not in load_intents()[name].slots:
                    raise SourceInvalid(f"{path.name}: {name}: slots: {slot!r} is none of its slots in intents.yaml")
    return source


def read_names(path: str | None, kind: str) -> tuple[str, ...]:
    """The names in a file, one a line, or the shipped ones of that kind. Raises SourceInvalid."""
    file = HERE / f"{kind}.txt" if path is None else path
    try:
        with open(file, encoding="utf-8") as lines:
            found = dict.fromkeys(_clean_name(line.partition("#")[0]) for line in lines)
    except UnicodeDecodeError as error:
        raise SourceInvalid(f"{file}: not UTF-8; save it as UTF-8, one name a line") from error
    found.pop("", None)
    if not found:
        raise SourceInvalid(f"{file}: no names; write one name a line")
    if len(found) > NAMES_MAX:
        raise SourceInvalid(f"{file}: {len(found)} names; at most {NAMES_MAX}: leave out those that sell least")
    return tuple(found)


def _clean_name(name: str) -> str:
    """A name as it is said: lower case, without signs that cannot be spoken."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s'.\-]|_", " ", name.casefold())).strip()


def read_yaml(path: Path) -> Any:
    """Raises SourceInvalid."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_WordsLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceInvalid(f"{path.name} is not YAML in UTF-8: {error}") from error


def _mapping(source: Any, key: str, path: Path) -> dict[str, Any]:
    value = source.get(key) if isinstance(source, dict) else None
    if not isinstance(value, dict):
        raise SourceInvalid(f"{path.name}: {key} is missing, or no mapping")
    return value


class _WordsLoader(SafeLoader):
    """YAML in which only `true` and `false` are truth values: "yes", "no", "on" and "off" are words that people say."""


_WordsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}
_WordsLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
