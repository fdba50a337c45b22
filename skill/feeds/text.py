"""Text as it may leave a feed: without markup, control characters and characters that turn the reading direction around."""

from __future__ import annotations

import html
import re
import unicodedata

#: Characters of a text that are looked at, before anything is stripped from it. What a product is, is said in less.
TEXT_READ_MAX = 20_000

# What is never closed reaches to the end, as in a browser; it also keeps the search linear.
_BLOCK = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|em|font|i|mark|q|s|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|[!?][^<>]*)>")
#: Control, format, private, unassigned and lone surrogate code points, and nothing that is white space.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Pictures, which a voice reads out by their names ("fire"): Unicode's blocks of symbols and emoji, and what chooses their look.
_PICTURES = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]+")
#: Joiners, which several scripts need to spell a word.
_JOINERS = frozenset("\u200c\u200d")


class TextUnreadable(ValueError):
    """The text has bytes that its encoding does not know."""


def without_pictures(text: str) -> str:
    """The text without emoji and their like."""
    return text if text.isascii() else _PICTURES.sub(" ", text)


def plain_text(text: str, length_max: int) -> str:
    """The text in one line: markup and entities resolved, invisible characters removed, cut at a word's end.

    Raises `TextUnreadable` for a text that could not be decoded.
    """
    text = text[:TEXT_READ_MAX]
    if "<" in text or "&" in text:
        text = _without_markup(text)
    if not text.isascii():
        text = _without_unseen(unicodedata.normalize("NFC", text))
    elif not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    text = " ".join(text.split())
    return text if len(text) <= length_max else _cut(text, length_max)


def _without_markup(text: str) -> str:
    # Shops escape twice as often as not: `&amp;lt;b&amp;gt;`. A second round finds what the first one uncovered.
    for _ in range(2):
        text = _COMMENT.sub(" ", _BLOCK.sub(" ", text)) if "<" in text else text
        text = _TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text
        if "&" not in text:
            break
        text = html.unescape(text)
    return _TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text


def _without_unseen(text: str) -> str:
    kept = []
    for character in text:
        if character.isascii():
            kept.append(character if character.isprintable() else " " if character.isspace() else "")
        elif unicodedata.category(character) not in _UNSEEN_CATEGORIES or character in _JOINERS:
            kept.append(character)
        elif "\ud800" <= character <= "\udfff":
            raise TextUnreadable("the text has bytes that are not of its encoding")
    return "".join(kept)


def _cut(text: str, length_max: int) -> str:
    cut = text[: length_max + 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > length_max // 2 else cut[:length_max]).rstrip(" ,;:-–(")
