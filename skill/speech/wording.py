"""What is wrong with a locale's wording: asked by the tests of the shipped files, and of a store's own voice when it is loaded."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale
from fluent.syntax import FluentParser, ast

#: Plural categories are looked for among these numbers; nobody says "a million of them" in a shop.
_COUNTED_MAX = 1000
_CATEGORIES = frozenset({"zero", "one", "two", "few", "many"})
#: What is heard decides which words are taken for a code, and how money is named what a shopper agrees to: no store changes it.
_NOT_SPOKEN = ("heard-", "said-", "wish-")


def read_messages(text: str) -> dict[str, ast.Message]:
    """The messages of a Fluent text by their keys; what is no message is left out."""
    return {entry.id.name: entry for entry in FluentParser().parse(text).body if isinstance(entry, ast.Message)}


def spoken_values(message: ast.Message) -> frozenset[str]:
    """The names of the values that a message speaks or chooses by."""
    return frozenset(each.id.name for each in _parts(message) if isinstance(each, ast.VariableReference))


def find_problems(text: str, locale: str, shipped: Mapping[str, ast.Message], *, whole: bool) -> Iterator[str]:
    """What is wrong with a Fluent text, held against the messages that are `shipped`: where, what, and what would be right.

    A `whole` text must have every message; one that is not is a store's own, and speaks only.
    """
    seen: set[str] = set()
    for entry in FluentParser().parse(text).body:
        where = f"line {text.count(chr(10), 0, entry.span.start if entry.span else 0) + 1}"
        if isinstance(entry, ast.Junk):
            told = entry.annotations[0].message if entry.annotations else "no message"
            yield f"{where}: this is not Fluent ({told}); write key = text"
        elif isinstance(entry, ast.Term):
            yield f"{where}: -{entry.id.name}: terms are not taken; write the words where they are said"
        elif isinstance(entry, ast.Message):
            key = entry.id.name
            if key in seen:
                yield f"{where}: {key} is there twice; keep one of them"
            elif key not in shipped:
                near = difflib.get_close_matches(key, shipped, n=1)
                yield f"{where}: {key} is never said" + (f"; did you mean {near[0]}?" if near else "; leave it out")
            elif not whole and key.startswith(_NOT_SPOKEN):
                yield f"{where}: {key} is the language's own table, no sentence; leave it out"
            else:
                for problem in _message_problems(entry, locale, shipped[key]):
                    yield f"{where}: {key}: {problem}"
            seen.add(key)
    if whole:
        yield from (f"{key} is missing" for key in shipped if key not in seen)


def _message_problems(message: ast.Message, locale: str, shipped: ast.Message) -> Iterator[str]:
    if message.value is None or message.attributes:
        yield "a message is one text, without attributes"
        return
    for each in _parts(message):
        if isinstance(each, ast.FunctionReference | ast.MessageReference | ast.TermReference):
            yield "only values in braces are taken, such as { $item }"
        elif isinstance(each, ast.TextElement) and "<" in each.value:
            yield "no markup: the platforms' answers are made from plain words"
    have, known = spoken_values(message), spoken_values(shipped)
    if have - known:
        yield f"there is no ${min(have - known)}; known are: {', '.join(f'${name}' for name in sorted(known)) or 'none'}"
    if known - have:
        yield f"${min(known - have)} is not said, and a shopper has to hear it"
    choices, asked = _choices(message), _choices(shipped)
    for name in asked.keys() - choices.keys():
        yield f"choose by ${name}, as en-US does: one and many may need different words"
    for name, choice in choices.items():
        yield from _choice_problems(name, choice, locale, counted=name in asked and _counts(asked[name]))


def _choice_problems(name: str, choice: ast.SelectExpression, locale: str, *, counted: bool) -> Iterator[str]:
    """Every number of things needs its form: "1 proizvod, 2 proizvoda", and 21 is like 1 in one language and not in another."""
    if not (counted or _counts(choice)):
        return
    keys = {_key(variant): variant for variant in choice.variants}
    numbers = _numbers_by_category(locale)
    for key in keys.keys() & _CATEGORIES - numbers.keys():
        yield f"[{key}] is no plural of {locale}; it has: {', '.join(sorted(numbers))}"
    if "other" not in keys or not keys["other"].default:
        yield f"${name} needs *[other] for all other numbers"
    said = {key for key, variant in keys.items() if name in _names(variant.value)}
    for category, members in numbers.items():
        left = [number for number in members if str(number) not in keys]
        if category not in keys and left and said:
            yield f"[{category}] of ${name} is missing; it is for {', '.join(map(str, left[:3]))}"
        if category in keys and category not in said and said and len(left) > 1:
            yield f"[{category}] is also for {left[1]}; say {{ ${name} }} in it, or write [{left[0]}] for {left[0]} alone"


@cache
def _numbers_by_category(locale: str) -> Mapping[str, list[int]]:
    """Plural category → the whole numbers that take it."""
    form = Locale.parse(locale, sep="-").plural_form
    found: dict[str, list[int]] = {}
    for number in range(_COUNTED_MAX + 1):
        found.setdefault(str(form(number)), []).append(number)
    return found


def _counts(choice: ast.SelectExpression) -> bool:
    return any(_key(variant) in _CATEGORIES for variant in choice.variants)


def _choices(message: ast.Message) -> dict[str, ast.SelectExpression]:
    return {
        each.selector.id.name: each
        for each in _parts(message)
        if isinstance(each, ast.SelectExpression) and isinstance(each.selector, ast.VariableReference)
    }


def _key(variant: ast.Variant) -> str:
    return variant.key.name if isinstance(variant.key, ast.Identifier) else str(variant.key.value)


def _names(pattern: ast.Pattern) -> set[str]:
    return {each.id.name for each in _parts(pattern) if isinstance(each, ast.VariableReference)}


def _parts(node: ast.BaseNode) -> Iterator[ast.BaseNode]:
    """The node and everything below it."""
    yield node
    for value in vars(node).values():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, ast.BaseNode):
                yield from _parts(each)
