"""One language: its sentences file read, checked and compiled, once a process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from hassil import Intents
from hassil.numbers import get_rbnf_engine
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_expression

HERE = Path(__file__).parent
SENTENCES = HERE / "sentences"

# Numbers reach the templates as marks, one mark for each number of an utterance, so that the templates compile once and
# any quantity can be heard, also one that must be refused. A mark starts with a character that is a letter to hassil and
# that no utterance keeps.
MARK = "ː"
NUMBER_MARKS = 12  # numbers in one utterance; further ones stay words
PLACES_MAX = 20  # "number twenty" is the last place in a list that anybody hears


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
    without `extend` platforms are given no samples.
    """

    name: str
    says: str
    slots: Mapping[str, str]
    alexa: str
    elicit: tuple[str, ...]
    extend: bool


@dataclass(frozen=True, slots=True)
class SlotType:
    """One slot type of intents.yaml."""

    name: str
    reads: str
    alexa: str
    dialogflow_cx: str
    words: tuple[str, ...]
    names: str
    secret: bool


@dataclass(frozen=True, slots=True)
class Language:
    """A compiled sentences file.

    `phrases` map words to a number below 1,000; the other tables are as the sentences file gives them, split into words.
    `order` ranks intents as intents.yaml lists them.
    """

    locale: str
    source: Mapping[str, Any]
    intents: Intents
    order: Mapping[str, int]
    contractions: Mapping[tuple[str, ...], tuple[str, ...]]
    hesitations: frozenset[tuple[str, ...]]
    starts: frozenset[tuple[str, ...]]
    openers: frozenset[tuple[str, ...]]
    closers: frozenset[tuple[str, ...]]
    empty_words: frozenset[str]
    symbols: Mapping[str, str]
    phrases: Mapping[tuple[str, ...], int]
    scales: Mapping[str, int]
    joiners: frozenset[str]
    minus: frozenset[str]
    point: frozenset[str]
    fractions: Mapping[tuple[str, ...], str]
    amounts: Mapping[tuple[str, ...], str]
    dozens: Mapping[str, int]
    digits: Mapping[str, str]
    repeats: Mapping[str, int]
    pronouns: Mapping[str, str]
    places: frozenset[str]
    measures: frozenset[str]
    names: frozenset[tuple[str, ...]]
    code_lead: frozenset[tuple[str, ...]]
    code_words: frozenset[tuple[str, ...]]
    code_link: frozenset[str]
    thousands_separator: str
    decimal_separator: str


@cache
def load_intents() -> Mapping[str, IntentSource]:
    """The intents of intents.yaml by name, in its order."""
    return MappingProxyType(_read_intents())


@cache
def load_slot_types() -> Mapping[str, SlotType]:
    """The slot types of intents.yaml by name, in its order."""
    types = {}
    for name, entry in _read_yaml(HERE / "intents.yaml")["slot_types"].items():
        types[name] = SlotType(
            name=name,
            reads=entry["reads"],
            alexa=entry.get("alexa", name),
            dialogflow_cx=entry.get("dialogflow_cx", name),
            words=tuple(entry.get("words", ())),
            names=entry.get("names", ""),
            secret=bool(entry.get("secret", False)),
        )
    return MappingProxyType(types)


def locales() -> tuple[str, ...]:
    """The locales that have a sentences file."""
    return tuple(sorted(path.stem for path in SENTENCES.glob("*.yaml")))


def number_mark(kind: str, place: int) -> str:
    """The mark that stands for a number; no mark is the beginning of another."""
    return f"{MARK}{kind}{chr(ord('a') + place)}"


def load_language(locale: str) -> Language:
    """The language of a locale, compiled once a process. Raises LocaleUnknown or SourceInvalid."""
    known = {name.casefold(): name for name in locales()}
    name = known.get(locale.replace("_", "-").casefold())
    if name is None:
        raise LocaleUnknown(locale)
    return _compile_language(name)


class _WordsLoader(yaml.SafeLoader):
    """YAML in which only `true` and `false` are truth values: "yes", "no", "on" and "off" are words that people say."""


_WordsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_WordsLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_WordsLoader)
    except yaml.YAMLError as error:
        raise SourceInvalid(f"{path.name} is not YAML: {error}") from error


def _read_intents() -> dict[str, IntentSource]:
    source = _read_yaml(HERE / "intents.yaml")
    intents = {}
    for name, entry in source["intents"].items():
        slots = dict(entry.get("slots", {}))
        for slot, slot_type in slots.items():
            if slot_type not in source["slot_types"]:
                raise SourceInvalid(f"intents.yaml: {name}.{slot} is of the type {slot_type!r}, which slot_types lacks")
        elicit = tuple(entry.get("elicit", ()))
        if not set(elicit) <= set(slots):
            raise SourceInvalid(
                f"intents.yaml: {name} elicits {sorted(set(elicit) - set(slots))}, which it has no slot for"
            )
        intents[name] = IntentSource(
            name, entry["says"], MappingProxyType(slots), entry.get("alexa", ""), elicit, entry.get("extend", True)
        )
    return intents


@cache
def _compile_language(locale: str) -> Language:
    source = _read_yaml(SENTENCES / f"{locale}.yaml")
    if source.get("language") != locale:
        raise SourceInvalid(f"{locale}.yaml: language is {source.get('language')!r}; it must be the file's name")
    unknown = set(source["intents"]) - set(load_intents())
    if unknown:
        raise SourceInvalid(
            f"{locale}.yaml: {', '.join(sorted(unknown))}: not in intents.yaml; add it there or rename it"
        )
    numbers = source["numbers"]
    asides = source["code_asides"]
    return Language(
        locale=locale,
        source=MappingProxyType(source),
        intents=_compile_intents(source),
        order={name: rank for rank, name in enumerate(load_intents())},
        contractions={
            tuple(short.split()): tuple(meant.split())
            for meant, shorts in source["contractions"].items()
            for short in shorts
        },
        hesitations=_split_all(source["hesitations"]),
        starts=_split_all(source["starts"]),
        openers=_split_all(source["openers"]),
        closers=_split_all(source["closers"]),
        empty_words=frozenset(source["empty_words"]),
        symbols=source["symbols"],
        phrases=_spell_numbers(source["number_words"], frozenset(numbers["joiners"])),
        scales=numbers["scales"],
        joiners=frozenset(numbers["joiners"]),
        minus=frozenset(numbers["minus"]),
        point=frozenset(numbers["point"]),
        fractions=_split_keys(numbers["fractions"]),
        amounts=_split_keys(numbers["amounts"]),
        dozens=numbers["dozens"],
        digits=numbers["digits"],
        repeats=numbers["repeats"],
        pronouns=numbers["pronouns"],
        places=frozenset(numbers["places"]),
        measures=frozenset(numbers["measures"]),
        names=_split_all(numbers["names"]),
        code_lead=_split_all(asides["lead"]),
        code_words=_split_all(asides["words"]),
        code_link=frozenset(asides["link"]),
        thousands_separator=source["thousands_separator"],
        decimal_separator=source["decimal_separator"],
    )


def _split_all(phrases: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase in phrases)


def _split_keys(table: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    return {tuple(phrase.split()): value for phrase, value in table.items()}


def _spell_numbers(spelling: str, joiners: frozenset[str]) -> dict[tuple[str, ...], int]:
    """Every spelling of 0 to 999 by Unicode's rules, and with a joiner after the hundreds ("one hundred and five")."""
    engine = get_rbnf_engine(spelling)
    phrases: dict[tuple[str, ...], int] = {}
    for number in range(1000):
        for text in sorted(set(engine.format_number(number).text_by_ruleset.values())):
            words = tuple(text.replace("\u00ad", "").replace("-", " ").casefold().split())
            phrases.setdefault(words, number)
    for words, number in list(phrases.items()):
        if number >= 100 and number % 100 == 0:
            for joiner in joiners:
                for rest, small in list(phrases.items()):
                    if 0 < small < 100 and joiner not in rest:
                        phrases.setdefault((*words, joiner, *rest), number + small)
    return phrases


def _compile_intents(source: Mapping[str, Any]) -> Intents:
    """The templates, with word lists laid flat (hassil finds plain words by index) and marks for numbers added."""
    pronouns = source["numbers"]["pronouns"]

    # A mark says what sort of number it is: w a whole number, f one of exactly four digits, n any other number, d digits
    # said one by one, g such digits where they are exactly four, p a place in a list ("number two").
    def marks(kinds: str) -> list[dict[str, str]]:
        every = [number_mark(kind, place) for kind in kinds for place in range(NUMBER_MARKS)]
        return [{"in": mark, "out": mark} for mark in every]

    places = [{"in": number_mark("p", place), "out": str(place)} for place in range(1, PLACES_MAX + 1)]
    one = [{"in": word, "out": value} for word, value in pronouns.items()]
    lists: dict[str, Any] = {
        "quantity": {"values": marks("wfn") + one},
        "amount": {"values": marks("wfn") + one},
        "number": {"values": marks("wfnd") + one},
        "confirmation_number": {"values": marks("wfdg") + one},
        "code": {"values": marks("wfdg") + one},
        "four_digits": {"values": marks("fg")},
        "place": {"values": places + marks("w") + one},
        "product": {"wildcard": True},
        "product_query": {"wildcard": True},
        "item_description": {"wildcard": True},
        "rest": {"wildcard": True},
    }
    for name, entry in source["lists"].items():
        lists[name] = {"values": [{"in": words, "out": str(out)} for words, out in flatten_words(entry)]}
    lists["rank"] = {"values": list(lists["ordinal"]["values"])}
    lists["ordinal"]["values"] += places
    return Intents.from_dict(
        {
            "language": source["language"],
            "intents": source["intents"],
            "lists": lists,
            "expansion_rules": source["expansion_rules"],
        }
    )


def flatten_words(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A word list's (words, key) pairs, its alternatives written out."""
    pairs: list[tuple[str, str]] = []
    for value in entry["values"]:
        words, key = (value, value) if isinstance(value, str) else (value["in"], value["out"])
        for text in sample_expression(parse_sentence(words).expression):
            pairs.append((text.strip(), str(key)))
    return pairs
