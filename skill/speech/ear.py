"""Names for the ear: what a feed calls a product, made short enough to be heard once and understood."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NAME_WORDS_MAX = 7
NAME_LENGTH_MAX = 60
SIZE_WORDS_MAX = 4
SIZE_LENGTH_MAX = 24

#: What is beyond this in a title or a size, in characters, is never said; ten thousand brackets are not even looked at.
_READ_LENGTH_MAX = 400

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_MARKUP = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=4096)
def ear_name(title: str, size: str = "") -> str:
    """The title without markup, brackets and its size (which is said beside it), at most `NAME_WORDS_MAX` words."""
    name = _BRACKETED.sub(" ", _without_markup(title))
    if size and len(name) > len(size):
        name = re.sub(rf"[\s,–-]*(?<!\w){re.escape(size)}(?!\w)", " ", name, flags=re.IGNORECASE)
    words = _SPACES.sub(" ", name.replace("|", ",")).strip(" ,;-–").split(" ")
    short = " ".join(words[:NAME_WORDS_MAX]).strip(" ,;-–")
    return short[:NAME_LENGTH_MAX].strip() or _without_markup(title).strip()[:NAME_LENGTH_MAX].strip()


@lru_cache(maxsize=1024)
def ear_size(size: str) -> str:
    """The size as it is said: without markup and brackets, at most `SIZE_WORDS_MAX` words."""
    words = _BRACKETED.sub(" ", _without_markup(size)).split()
    return " ".join(words[:SIZE_WORDS_MAX])[:SIZE_LENGTH_MAX].strip(" ,;-–")


def plain(text: str) -> str:
    """In one line, without control characters, halves of characters, and marks that turn the reading direction."""
    if text.isprintable():
        return text
    return "".join(
        " " if each.isspace() else each
        for each in text
        if each.isspace() or unicodedata.category(each) not in ("Cc", "Cf", "Co", "Cs")
    )


def _without_markup(text: str) -> str:
    """Tags are cut out, and what is left of an open one cannot begin another."""
    return _MARKUP.sub(" ", plain(text[:_READ_LENGTH_MAX])).replace("<", " ").replace(">", " ")
