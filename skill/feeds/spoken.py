"""What labels write and people say: the words of `spoken.yaml`, by language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from skill.feeds.text import plain_text

_WORD = re.compile(r"[^\W_]+")
#: Months from a range alone: `10M` may be metres.
_AGE = re.compile(r"(\d{1,2})(?:\s*[-–]\s*(\d{1,2})\s*(?=[myt])|\s*(?=[yt]))([myt])")
_COLOR_CODE = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})|(?=.*\d)[0-9a-f]{6}", re.IGNORECASE)
#: A value that says nothing by itself: the width D, the width EE.
_LETTERS = re.compile(r"[A-Z]{1,2}")


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """The words of one language. All keys are in small letters."""

    letter_sizes: Mapping[str, str] = field(default_factory=dict)
    size_range: str = ""
    ages: Mapping[str, str] = field(default_factory=dict)
    multipack: str = ""
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    allergens: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def size(self, written: str) -> str:
        """`XL` → "extra large", `S/M` → "small to medium", `6-12M` → "6 to 12 months"; any other size as it is written."""
        folded = written.casefold()
        if folded in self.letter_sizes:
            return self.letter_sizes[folded]
        if (age := _AGE.fullmatch(folded)) and age[3] in self.ages:
            years = self.size_range.format(**{"from": age[1], "to": age[2]}) if age[2] else age[1]
            return self.ages[age[3]].format(years)
        start, slash, end = (part.strip() for part in folded.partition("/"))
        if slash and self.size_range and start in self.letter_sizes and end in self.letter_sizes:
            return self.size_range.format(**{"from": self.letter_sizes[start], "to": self.letter_sizes[end]})
        return written

    def pack(self, title: str, count: int) -> str:
        """The title of a pack of several, unless it says how many itself."""
        if count < 2 or not self.multipack or names(title, str(count)):
            return title
        return self.multipack.format(title=title, count=count)

    def title(self, title: str, condition: str) -> str:
        """The title of what is `used` or `refurbished`: it says so, unless it does already."""
        said = self.conditions.get(condition)
        if said is None or any(names(title, word) for word in said["words"]):
            return title
        return str(said["title"]).format(title=title)


def can_be_said(text: str) -> bool:
    """Whether a value can be read aloud: no code of a colour (`#FF0000`), and no pictures alone."""
    return _COLOR_CODE.fullmatch(text) is None and any(c.isalnum() for c in text)


def names(title: str, words: str) -> bool:
    """Whether the title has all the words, in any order and case."""
    return _words(words) <= _words(title)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def and_further(title: str, further: Iterable[str], length_max: int) -> str:
    """The title with further words behind commas; of what is too long the title is cut, because they tell variants apart."""
    ending = "".join(f", {each}" for each in further)
    return plain_text(title, max(0, length_max - len(ending))) + ending


@dataclass(frozen=True, slots=True)
class OptionWords:
    """What shops in any language call the options of a product, in small letters."""

    size: frozenset[str]
    size_within: frozenset[str]
    color: frozenset[str]
    bare: frozenset[str]

    def is_size(self, name: str, value: str) -> bool:
        """`Size: M`, `Ring size: 7`; but `Oversize: yes` is none."""
        name = name.casefold()
        named = name in self.size or any(word in name for word in self.size_within)
        return named and value.casefold() not in self.bare

    def is_color(self, name: str) -> bool:
        return name.casefold() in self.color

    def said(self, name: str, value: str) -> str:
        """The value as it is read out: `Blue`, but "ring size 7", "width d" and "engraving no": those values alone say nothing."""
        says_all = self.is_size(name, value) or self.is_color(name) or not _LETTERS.fullmatch(value)
        if value.casefold() not in self.bare and any(c.isalpha() for c in value) and says_all:
            return value
        return f"{name} {value}".lower()


@dataclass(frozen=True, slots=True)
class AllergenWords:
    """What feeds in any language write in a list of allergens beside allergens: `before` one, and where there is `no_answer`."""

    before: tuple[str, ...]
    no_answer: frozenset[str]

    def named(self, entry: str) -> str:
        """The entry, in small letters, without what stands before its name: `contains: milk` → `milk`."""
        at = 0
        while at < len(self.before):
            rest = entry.removeprefix(self.before[at])
            if rest != entry and rest[:1] in (" ", ":", ""):
                entry, at = rest.lstrip(" :"), 0
            else:
                at += 1
        return entry

    def says_nothing(self, entry: str) -> bool:
        """Whether the entry is no answer, such as `N/A` or `see label.`"""
        return " ".join(_WORD.findall(entry)) in self.no_answer


@lru_cache(maxsize=1)
def _languages() -> dict[str, SpokenWords]:
    import yaml  # only an import needs it

    text = resources.files(__package__).joinpath("spoken.yaml").read_text("utf-8")
    spoken = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {code: SpokenWords(**words) for code, words in spoken.items()}


def spoken_words(language: str) -> SpokenWords:
    """The words of a language, such as "en"; none for a language without any."""
    return _languages().get(language) or SpokenWords()


@lru_cache(maxsize=1)
def option_words() -> OptionWords:
    every = [words.options for words in _languages().values()]
    return OptionWords(
        *(frozenset(word for options in every for word in options.get(kind, ())) for kind in OptionWords.__slots__)
    )


@lru_cache(maxsize=1)
def allergen_words() -> AllergenWords:
    every = [words.allergens for words in _languages().values()]
    before = sorted({before for words in every for before in words.get("before", ())}, key=len, reverse=True)
    return AllergenWords(tuple(before), frozenset(said for words in every for said in words.get("no_answer", ())))
