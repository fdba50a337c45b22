"""One language: its sentences file read, checked and compiled, once a process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from types import MappingProxyType
from typing import Any

from hassil import Expression, Group, Intents, ListReference, RuleReference
from hassil.intents import IntentData
from hassil.numbers import get_rbnf_engine
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.sample import sample_expression

from interaction_models.sources import LocaleUnknown, SourceInvalid, load_intents, locales, read_names, read_sentences

FALLBACK = "fallback"
#: A wildcard for words that nobody needs.
UNNEEDED = "rest"

# Numbers reach the templates as marks, one mark for each number of an utterance, so that the templates compile once and
# any quantity can be heard, also one that must be refused. A mark starts with a character that is a letter to hassil and
# that no utterance keeps.
MARK = "ː"
NUMBER_MARKS = 12  # numbers in one utterance; further ones stay words
RULES_DEEP_MAX = 8  # rules within rules; deeper is one that refers to itself
# The tables of a sentences file that are looked up by the words of an utterance.
_HEARD_TABLES = (
    "contractions", "hesitations", "starts", "openers", "closers", "empty_words", "elisions", "symbols", "numbers", "code_asides",
)  # fmt: skip
PLACES_MAX = 20  # "number twenty" is the last place in a list that anybody hears


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each: what is made of it can be kept
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
    elisions: frozenset[str]
    symbols: Mapping[str, str]
    thousands_separator: str
    phrases: Mapping[tuple[str, ...], int]
    scales: Mapping[str, int]
    scales_alone: frozenset[str]
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
    currencies: frozenset[str]
    names: frozenset[tuple[str, ...]]
    code_lead: frozenset[tuple[str, ...]]
    code_words: frozenset[tuple[str, ...]]
    code_link: frozenset[str]


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


@cache
def _compile_language(locale: str) -> Language:
    source = read_sentences(locale)
    heard = _fold({key: source.get(key) for key in _HEARD_TABLES})
    numbers = heard["numbers"] or {}
    asides = heard["code_asides"] or {}
    joiners = frozenset(numbers.get("joiners", ()))
    return Language(
        locale=locale,
        source=MappingProxyType(source),
        intents=_compile_intents(locale, source),
        order={name: rank for rank, name in enumerate(load_intents())},
        contractions={
            tuple(short.split()): tuple(meant.split())
            for meant, shorts in (heard["contractions"] or {}).items()
            for short in shorts
        },
        hesitations=_split_all(heard["hesitations"] or ()),
        starts=_split_all(heard["starts"] or ()),
        openers=_split_all(heard["openers"] or ()),
        closers=_split_all(heard["closers"] or ()),
        empty_words=frozenset(heard["empty_words"] or ()),
        elisions=frozenset(heard["elisions"] or ()),
        symbols=heard["symbols"] or {},
        thousands_separator=source.get("thousands_separator", ""),
        phrases=_spell_numbers(source["number_words"], joiners, numbers.get("words", {})),
        scales=numbers.get("scales", {}),
        scales_alone=frozenset(numbers.get("scales_alone", ())),
        joiners=joiners,
        minus=frozenset(numbers.get("minus", ())),
        point=frozenset(numbers.get("point", ())),
        fractions=_split_keys(numbers.get("fractions", {})),
        amounts=_split_keys(numbers.get("amounts", {})),
        dozens=numbers.get("dozens", {}),
        digits=numbers.get("digits", {}),
        repeats=numbers.get("repeats", {}),
        pronouns=numbers.get("pronouns", {}),
        places=frozenset(numbers.get("places", ())),
        measures=frozenset(numbers.get("measures", ())),
        currencies=frozenset(numbers.get("currencies", ())),
        names=_split_all(numbers.get("names", ())),
        code_lead=_split_all(asides.get("lead", ())),
        code_words=_split_all(asides.get("words", ())),
        code_link=frozenset(asides.get("link", ())),
    )


def _fold(table: Any) -> Any:
    """A table of words as utterances are compared with it: Greek's two small sigmas are one letter, and capitals are small."""
    if isinstance(table, str):
        return table.casefold()
    if isinstance(table, list):
        return [_fold(each) for each in table]
    if isinstance(table, dict):
        return {_fold(key): _fold(value) for key, value in table.items()}
    return table


def _split_all(phrases: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase in phrases)


def _split_keys(table: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    return {tuple(phrase.split()): value for phrase, value in table.items()}


def _spell_numbers(spelling: str, joiners: frozenset[str], more: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    """Every spelling of 0 to 999 by Unicode's rules, with and without a joiner ("one hundred and five"), and the
    language's own forms beside them (`more`)."""
    phrases: dict[tuple[str, ...], int] = {}
    for words, number in _spell_by_rules(spelling):
        phrases.setdefault(words, number)
        phrases.setdefault(tuple(word for word in words if word not in joiners), number)
    phrases |= {tuple(words.split()): number for words, number in more.items()}
    for words, number in list(phrases.items()):
        if number >= 100 and number % 100 == 0:
            for joiner in joiners:
                for rest, small in list(phrases.items()):
                    if 0 < small < 100 and joiner not in rest:
                        phrases.setdefault((*words, joiner, *rest), number + small)
    return phrases


@cache
def _spell_by_rules(spelling: str) -> Sequence[tuple[tuple[str, ...], int]]:
    """Every spelling of 0 to 999 by Unicode's rules alone, the numbers in order. Raises SourceInvalid."""
    try:
        engine = get_rbnf_engine(spelling)
    except ValueError as error:
        raise SourceInvalid(
            f"number_words: no spelling rules for {spelling!r}; give a language code such as en"
        ) from error
    return [
        (tuple(text.replace("\u00ad", "").replace("-", " ").casefold().split()), number)
        for number in range(1000)
        for text in sorted(set(engine.format_number(number).text_by_ruleset.values()))
    ]


def _compile_intents(locale: str, source: Mapping[str, Any]) -> Intents:
    """The templates, with word lists laid flat (hassil finds plain words by index) and marks for numbers added."""
    pronouns = source.get("numbers", {}).get("pronouns", {})

    # A mark says what sort of number it is: w a whole number, f one of exactly four digits, n any other number, d digits
    # said one by one, g such digits where they are exactly four, p a place in a list ("number two").
    def marks(kinds: str) -> list[dict[str, str]]:
        every = [number_mark(kind, place) for kind in kinds for place in range(NUMBER_MARKS)]
        return [{"in": mark, "out": mark} for mark in every]

    places = [{"in": number_mark("p", place), "out": str(place)} for place in range(1, PLACES_MAX + 1)]
    one = [{"in": word, "out": value} for word, value in pronouns.items()]
    products = source.get("products") or read_names(None, "products")
    lists: dict[str, Any] = {
        "quantity": {"values": marks("wfn") + one},
        "amount": {"values": marks("wfn") + one},
        "number": {"values": marks("wfnd") + one},
        "confirmation_number": {"values": marks("wfdg") + one},
        "code": {"values": marks("wfdg") + one},
        "four_digits": {"values": marks("fg")},
        "place": {"values": places + marks("w") + one},
        "spot": {"values": places},
        "product": {"wildcard": True},
        "product_query": {"wildcard": True},
        "item_description": {"wildcard": True},
        "rest": {"wildcard": True},
        "known_product": {"values": [{"in": _apart(name, source), "out": name} for name in products]},
    }
    for name, entry in source["lists"].items():
        lists[name] = {"values": [{"in": words, "out": str(out)} for words, out in flatten_words(entry)]}
    lists["rank"] = {"values": list(lists["ordinal"]["values"])}
    lists["ordinal"]["values"] += places
    parts = {"intents": source["intents"], "lists": lists, "expansion_rules": source.get("expansion_rules", {})}
    try:
        intents = Intents.from_dict({"language": locale, **parts})
    except ParseError as error:
        raise SourceInvalid(f"{locale}: expansion_rules: {error}") from error
    for intent in intents.intents.values():
        for block in intent.data:
            _check_block(locale, intents, intent.name, block)
    return intents


def _apart(name: str, source: Mapping[str, Any]) -> str:
    """As utterances are split: "olio d' oliva"."""
    return reduce(lambda words, article: words.replace(article, f"{article} "), source.get("elisions", ()), name)


def _check_block(locale: str, intents: Intents, name: str, block: IntentData) -> None:
    """Templates are parsed here, once, and what they refer to must be there."""
    try:
        sentences = block.sentences
    except ParseError as error:
        raise SourceInvalid(
            f"{locale}: {name}: one of {block.sentence_texts[:1]} and its neighbours: {error}"
        ) from error
    slots = {*load_intents()[name].slots, UNNEEDED}
    for sentence in sentences:
        for reference in _find_references(sentence.expression, intents, 0):
            where = f"{locale}: {name}: {sentence.text!r}"
            if isinstance(reference, RuleReference):
                raise SourceInvalid(f"{where}: there is no rule <{reference.rule_name}>, or it refers to itself")
            if reference.list_name not in intents.slot_lists:
                raise SourceInvalid(f"{where}: there is no list {{{reference.list_name}}}")
            if reference.slot_name not in slots and name != FALLBACK:
                raise SourceInvalid(f"{where}: {reference.slot_name!r} is none of its slots in intents.yaml")


def _find_references(expression: Expression, intents: Intents, depth: int) -> Iterator[ListReference | RuleReference]:
    """The lists that an expression needs, and the rules that it needs and that are not to be had."""
    if isinstance(expression, ListReference):
        yield expression
    elif isinstance(expression, RuleReference):
        rule = intents.expansion_rules.get(expression.rule_name)
        if rule is None or depth == RULES_DEEP_MAX:
            yield expression
        else:
            yield from _find_references(rule.expression, intents, depth + 1)
    elif isinstance(expression, Group):
        for item in expression.items:
            yield from _find_references(item, intents, depth)


def flatten_words(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A word list's (words, key) pairs, its alternatives written out."""
    pairs: list[tuple[str, str]] = []
    for value in entry["values"]:
        words, key = (value, value) if isinstance(value, str) else (value["in"], value["out"])
        for text in sample_expression(parse_sentence(words).expression):
            pairs.append((text.strip(), str(key)))
    return pairs
