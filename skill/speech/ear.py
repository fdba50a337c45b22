"""Names for the ear: what a feed calls a product, made short enough to be heard once and understood."""

from __future__ import annotations

import re
import unicodedata

NAME_WORDS_MAX = 7
NAME_LENGTH_MAX = 60
SIZE_WORDS_MAX = 4
SIZE_LENGTH_MAX = 24

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_MARKUP = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")


def ear_name(title: str, size: str = "") -> str:
    """The title without markup, brackets and its size (which is said beside it), at most `NAME_WORDS_MAX` words."""
    name = _BRACKETED.sub(" ", _MARKUP.sub(" ", plain(title)))
    if size and len(name) > len(size):
        name = re.sub(rf"[\s,–-]*\b{re.escape(size)}\b", " ", name, flags=re.IGNORECASE)
    words = _SPACES.sub(" ", name.replace("|", ",")).strip(" ,;-–").split(" ")
    short = " ".join(words[:NAME_WORDS_MAX]).strip(" ,;-–")
    return short[:NAME_LENGTH_MAX].strip() or plain(title)[:NAME_LENGTH_MAX]


def ear_size(size: str) -> str:
    """The size as it is said: without brackets, at most `SIZE_WORDS_MAX` words."""
    words = _BRACKETED.sub(" ", plain(size)).split()
    return " ".join(words[:SIZE_WORDS_MAX])[:SIZE_LENGTH_MAX].strip(" ,;-–")


def plain(text: str) -> str:
    """Without control characters and marks that turn the reading direction."""
    return "".join(
        " " if each.isspace() else each for each in text if unicodedata.category(each) not in ("Cc", "Cf", "Co")
    )
