"""Plain text → markup and back within limits: escaped once, cut at a sentence, never inside a tag."""

from __future__ import annotations

import re

#: What needs a second look before it is spoken: markup, control characters, half a surrogate pair, direction marks.
_SUSPECT = re.compile(
    "[&<>\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]"
)
_UNSPEAKABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]+"
)
_UNWRITABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]+"
)
#: Where a sentence ends: its last mark, with a space or the end behind it. Greek asks with a semicolon.
_SENTENCE_END = re.compile(r"[.!?…;。](?=\s|$)")

#: Characters of `<speak></speak>` around the text.
SSML_FRAME = len("<speak></speak>")


def ssml(text: str, length_max: int) -> str:
    """The text as SSML of at most `length_max` characters, tags and escapes counted; "" where nothing can be spoken."""
    if not text:
        return ""
    if _SUSPECT.search(text):
        text = _UNSPEAKABLE.sub(" ", text)
        text = _cut_escaped(text, length_max - SSML_FRAME)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    elif len(text) > length_max - SSML_FRAME:
        text = cut_at_sentence(text, length_max - SSML_FRAME)
    text = text.strip()
    return f"<speak>{text}</speak>" if text else ""


def plain(text: str, length_max: int) -> str:
    """The text for a card or a screen: line breaks kept, what cannot be shown left out, cut to `length_max` characters."""
    if _SUSPECT.search(text):
        text = _UNWRITABLE.sub(" ", text)
    return cut_at_sentence(text, length_max) if len(text) > length_max else text


def cut_at_sentence(text: str, length_max: int) -> str:
    """As many whole sentences as fit; as many whole words, where not even one sentence does."""
    if len(text) <= length_max:
        return text
    head = text[:length_max]
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, length_max + 1) if match.end() <= length_max]
    if ends:
        return head[: ends[-1]]
    words = head.rsplit(None, 1)
    return words[0] if len(words) == 2 else head


def _cut_escaped(text: str, length_max: int) -> str:
    """Cuts the unescaped text so that it fits once it is escaped."""
    grown = 0
    for at, character in enumerate(text):
        grown += {"&": 5, "<": 4, ">": 4}.get(character, 1)
        if grown > length_max:
            return cut_at_sentence(text, at)
    return text
