"""Names for the ear: what a feed calls a product, made short enough to be heard once and understood."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

NAME_WORDS_MAX = 9
#: Where several are read together and nine each would be too many for an ear.
BRIEF_NAME_WORDS_MAX = 7
NAME_LENGTH_MAX = 70
SIZE_WORDS_MAX = 4
SIZE_LENGTH_MAX = 24

#: What is beyond this in a title or a size, in characters, is never said; ten thousand brackets are not even looked at.
_READ_LENGTH_MAX = 400

#: Words that tell a variant apart, at the end of a title: feeds put colour, pattern and options behind commas.
_ENDING_WORDS_MAX = 4
_ENDING_LENGTH_MAX = 30
#: The word for the thing itself is kept where it leaves room for more.
_THING_LENGTH_MAX = 20

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_BRACKETS = re.compile(r"[(\[{)\]}]")
_MARKUP = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")
_PART_END = re.compile(r" ?, | [-–—] ")
#: What nobody hears between words.
_UNHEARD = re.compile(r"[\s,.;:–—-]+")
_AROUND = " ,;-–—"


@lru_cache(maxsize=4096)
def ear_name(title: str, size: str = "", words_max: int = NAME_WORDS_MAX) -> str:
    """The title without markup, brackets and its size (which is said beside it), at most `words_max` words.

    What is too long is shortened before its last comma or dash: behind it stands what makes a variant that variant. There the
    first word stays, and those next to the word for the thing itself: "Canned Food" is no "Dog Food".
    """
    name = (
        _without_size(_BRACKETED.sub(" ", _without_markup(title)), size)
        or _SPACES.sub(" ", _without_markup(title)).strip()
    )
    words = name.split(" ")
    if len(words) <= words_max and len(name) <= NAME_LENGTH_MAX:
        return name
    ending = _ending(name)
    if not ending:
        return _cut(words, words_max, NAME_LENGTH_MAX)
    head = name[: -len(ending)].rstrip(_AROUND).split(" ")
    room = words_max - len(ending.split())
    ending = f", {ending}"
    if len(head) == 1 or len(head[-1]) > _THING_LENGTH_MAX:
        return _cut(head, room, NAME_LENGTH_MAX - len(ending)) + ending
    # The word for the thing stands last, or first, as languages have it; both stay, and what tells most of it is beside it.
    first, *others = head
    others = others[-(room - 1) :]
    while len(others) > 1 and len(" ".join((first, *others))) + len(ending) > NAME_LENGTH_MAX:
        del others[0]
    ending = f" {' '.join(others)}{ending}"
    return _cut([first], 1, NAME_LENGTH_MAX - len(ending)) + ending


@lru_cache(maxsize=1024)
def ear_size(size: str) -> str:
    """The size as it is said: without markup and brackets, at most `SIZE_WORDS_MAX` words."""
    words = _BRACKETED.sub(" ", _without_markup(size)).split()
    return _cut(words, SIZE_WORDS_MAX, SIZE_LENGTH_MAX)


def ear_names(things: Sequence[tuple[str, str]], words_max: int = NAME_WORDS_MAX) -> list[tuple[str, str]]:
    """Name and size of each (title, size) of those that are read together, each name of at most `words_max` words.

    Those that would sound alike are told apart: by the words that not all of them have, or else by all that they are called.
    """
    return _told_apart(tuple(things), words_max)


@lru_cache(maxsize=1024)
def _told_apart(things: tuple[tuple[str, str], ...], words_max: int) -> list[tuple[str, str]]:
    said = {(title, size): (ear_name(title, size, words_max), ear_size(size)) for title, size in things}
    for longer in (partial(_by_own_words, words_max=words_max), _in_full):
        alike: dict[str, list[tuple[str, str]]] = {}
        for thing, (name, said_size) in said.items():
            alike.setdefault(_UNHEARD.sub(" ", f"{name} , {said_size}".casefold()), []).append(thing)
        if len(alike) == len(said):
            break
        for group in alike.values():
            if len(group) > 1:
                said.update(zip(group, longer(group), strict=True))
    return [said[thing] for thing in things]


def _in_full(things: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(" ".join(_all_words(title, size)), " ".join(_all_words(size))) for title, size in things]


def _by_own_words(things: Sequence[tuple[str, str]], words_max: int) -> list[tuple[str, str]]:
    """As few words as before, among them those that fewest have."""
    whole = [_all_words(title, size) for title, size in things]
    having = Counter(folded for words in whole for folded in {_folded(word) for word in words})
    sizes = {" ".join(_all_words(size)) for _, size in things}
    return [
        (
            _with_own(words, having, len(things), words_max),
            ear_size(size) if len(sizes) == 1 else " ".join(_all_words(size)),
        )
        for words, (_, size) in zip(whole, things, strict=True)
    ]


def _with_own(words: Sequence[str], having: Mapping[str, int], count: int, words_max: int) -> str:
    own = [at for at, word in enumerate(words) if having[_folded(word)] < count]
    kept = set(sorted(own, key=lambda at: having[_folded(words[at])])[: words_max - 1])
    length = sum(len(words[at]) + 2 for at in kept)
    for at, word in enumerate(words):
        length += 0 if at in kept else len(word) + 1
        if len(kept) == words_max or length > NAME_LENGTH_MAX:
            break
        kept.add(at)
    name = ""
    for at in sorted(kept):
        gap = " " if at - 1 in kept or name.endswith(",") else ", "
        name += f"{gap}{words[at]}" if name else words[at]
    return name.strip(_AROUND)


def _all_words(title: str, size: str = "") -> list[str]:
    """All that a title says, what stands in brackets too; but not the size beside it."""
    return _without_size(_BRACKETS.sub(" ", _without_markup(title)), size).split()


def _folded(word: str) -> str:
    return word.casefold().strip(".:" + _AROUND)


def _without_size(name: str, size: str) -> str:
    if size and len(name) > len(size):
        within = rf"[\s,–-]*(?<!\w){re.escape(size)}(?!\w)(\s*,)?"
        name = re.sub(within, lambda found: "," if found[1] else " ", name, flags=re.IGNORECASE)
    return _SPACES.sub(" ", name.replace("|", ",")).strip(_AROUND)


def _ending(name: str) -> str:
    """What stands behind the last commas or dashes, as long as it is short; "" where it is not."""
    ending = ""
    for found in reversed(list(_PART_END.finditer(name))):
        longer = name[found.end() :]
        if not longer or len(longer.split()) > _ENDING_WORDS_MAX or len(longer) > _ENDING_LENGTH_MAX:
            break
        ending = longer
    return ending


def _cut(words: Sequence[str], words_max: int, length_max: int) -> str:
    """As many of the words as there is room for; a part of one only where it is the first and has no room."""
    kept = list(words[:words_max])
    while len(kept) > 1 and len(" ".join(kept)) > length_max:
        kept.pop()
    return " ".join(kept)[:length_max].strip(_AROUND)


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
