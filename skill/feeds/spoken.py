"""What labels write and people say: the words of `spoken.yaml`, by language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from skill.feeds.text import plain_text


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """The words of one language. All keys are in small letters."""

    letter_sizes: Mapping[str, str] = field(default_factory=dict)
    size_range: str = ""
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def size(self, written: str) -> str:
        """`XL` → "extra large", `S/M` → "small to medium"; any other size as it is written."""
        folded = written.casefold()
        if folded in self.letter_sizes:
            return self.letter_sizes[folded]
        start, slash, end = (part.strip() for part in folded.partition("/"))
        if slash and self.size_range and start in self.letter_sizes and end in self.letter_sizes:
            return self.size_range.format(**{"from": self.letter_sizes[start], "to": self.letter_sizes[end]})
        return written

    def title(self, title: str, condition: str) -> str:
        """The title of what is `used` or `refurbished`: it says so, unless it does already."""
        said = self.conditions.get(condition)
        if said is None or any(names(title, word) for word in said["words"]):
            return title
        return str(said["title"]).format(title=title)


def names(title: str, words: str) -> bool:
    """Whether the title has all the words, in any order and case."""
    return _words(words) <= _words(title)


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def and_further(title: str, further: Iterable[str], length_max: int) -> str:
    """The title with further words behind commas; of what is too long the title is cut, because they tell variants apart."""
    ending = "".join(f", {each}" for each in further)
    return plain_text(title, max(0, length_max - len(ending))) + ending


@lru_cache(maxsize=16)
def spoken_words(language: str) -> SpokenWords:
    """The words of a language, such as "en"; none for a language without any."""
    import yaml  # only an import needs it

    text = resources.files(__package__).joinpath("spoken.yaml").read_text("utf-8")
    return SpokenWords(**yaml.safe_load(text).get(language, {}))
