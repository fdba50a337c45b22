"""How far two words are apart for the ear: spelling → sounds, consonant skeletons, a weighted distance.

"quise inert" is Cuisinart: the same consonants, nearly the same sounds, other words. The trigrams of its echo, and a bit mask of
its sounds, find what it might have been; the distance orders that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # reading spelling files is for builds; a shopper's turn has them from the index
    from skill.search.sounds import Rule

#: Sounds of a word or a pair of words that are compared; a longer one is cut.
SOUNDS_MAX = 24
#: Letters of each of the two words that a word which the dictionary does not have may be made of, at least.
PART_LETTERS_MIN = 3

#: Consonants that recognisers confuse share a class; vowels, h and y come and go and are left out.
_CLASSES = {
    "P": "PB", "T": "TDOQ", "K": "KGX", "F": "FV", "S": "SZ", "C": "CJAI", "M": "M", "N": "N", "L": "L", "R": "Rr", "W": "W",
}  # fmt: skip
_SKELETON = {ord(sound): key for key, sounds in _CLASSES.items() for sound in sounds}
_SKELETON |= dict.fromkeys(map(ord, "aquowyehxijzkvHY"), "")
_SKELETON[ord("X")] = "N"

_BITS = {sound: 1 << bit for bit, sound in enumerate("BCDFGHJKLMNXPRSATVWYZIOQaquowyerxijhzkv")}
_ORDER = "aquowyerxijhzkvBCDQFGHJKLMNXPRSATOVWYZI"


class Spelling:
    """Spelling rules of one language, as `sounds.read_spelling` gives them."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._rules = rules

    def sounds(self, word: str) -> str:
        """The word's sounds, a letter each; letters without a rule are silent."""
        padded = f"^{word}$"
        out = []
        at = 1
        while at < len(padded) - 1:
            for letters, left, right, sounds in self._rules.get(padded[at], ()):
                end = at + len(letters)
                if (
                    padded.startswith(letters, at)
                    and (not left or _fits(left, padded[at - 1 :: -1] if at else ""))
                    and (not right or _fits(right, padded[end:]))
                ):
                    out.append(sounds)
                    at = end
                    break
            else:
                at += 1
        return "".join(out)


def _fits(classes: Sequence[str], letters: str) -> bool:
    if len(letters) < len(classes):
        return False
    return all(
        (letter not in kind) if kind[0] == "!" and len(kind) > 1 else (letter in kind)
        for kind, letter in zip(classes, letters, strict=False)
    )


def skeleton(sounds: str) -> str:
    """The classes of the consonants, doubles once: sounds of `cuisinart` → `KSNRT`."""
    bare = sounds.translate(_SKELETON)
    out = bare[:1]
    for letter in bare[1:]:
        if letter != out[-1]:
            out += letter
    return out


_ECHO = {**_SKELETON, **dict.fromkeys(map(ord, "aquowyehxijzkv"), "a"), ord("r"): "aR"}


def echo(sounds: str) -> str:
    """The sounds as a bad line would pass them: classes of consonants, every vowel the same."""
    return sounds.translate(_ECHO)


def grams(sounds: str) -> set[str]:
    """By what a word's sounds are found: the trigrams of their echo, its start and its end marked."""
    marked = f"^{echo(sounds)}$"
    return {marked[at : at + 3] for at in range(len(marked) - 2)}


def sound_mask(sounds: str) -> int:
    """Which sounds occur, a bit each: 39 bits."""
    mask = 0
    for sound in sounds:
        mask |= _BITS[sound]
    return mask


# Distances. A sound apart from nothing, and each sound apart from each other, from how and where they are made.
# The tables are filled once when the module is imported: 39 × 39 small numbers, under a millisecond.

GAP = {
    **dict.fromkeys("BCDFGJKLMNPRSATVWZIOQ", 0.8), "H": 0.3, "Y": 0.3, "W": 0.5, "R": 0.5, "L": 0.6, "T": 0.6, "D": 0.55,
    "N": 0.6, "X": 0.5, "Q": 0.5, "S": 0.7, "Z": 0.6, "V": 0.65,
    **dict.fromkeys("aqowyehxzv", 0.5), "u": 0.25, "i": 0.35, "r": 0.5, "j": 0.4, "k": 0.35,
}  # fmt: skip

#: Nearer than their groups say.
_NEAR = {
    "PB": 0.25, "TD": 0.2, "KG": 0.25, "FV": 0.25, "SZ": 0.12, "AI": 0.15, "CJ": 0.25, "OQ": 0.2, "MN": 0.35, "NX": 0.25,
    "OF": 0.3, "OT": 0.4, "OS": 0.45, "QD": 0.25, "QV": 0.35, "QT": 0.4, "SA": 0.35, "ZI": 0.4, "CA": 0.3, "JI": 0.3,
    "CT": 0.45, "JD": 0.45, "LR": 0.5, "LW": 0.5, "RW": 0.5, "PT": 0.5, "PK": 0.5, "TK": 0.5, "BD": 0.5, "BG": 0.55,
    "DG": 0.5, "FP": 0.5, "BV": 0.4, "PF": 0.5, "FS": 0.5, "VW": 0.45, "MB": 0.55, "ND": 0.55, "NL": 0.55, "ZD": 0.6,
    "HK": 0.6, "HF": 0.5, "YJ": 0.5, "CK": 0.6, "JG": 0.6, "Rr": 0.2, "vW": 0.4, "jY": 0.35, "CS": 0.5, "JZ": 0.5,
    "ui": 0.12, "ue": 0.2, "uk": 0.15, "ua": 0.25, "uq": 0.25, "uh": 0.3, "ao": 0.1, "ij": 0.2, "ie": 0.2, "ex": 0.25,
    "eq": 0.2, "kv": 0.15, "ow": 0.3, "oh": 0.25, "hv": 0.35, "yj": 0.4, "xj": 0.3, "ya": 0.3, "wa": 0.3, "wh": 0.3,
    "ru": 0.25, "rk": 0.3, "oz": 0.3, "jx": 0.3, "xq": 0.3, "yi": 0.35, "ah": 0.3, "aq": 0.25, "re": 0.35, "ri": 0.35,
}  # fmt: skip
_VOWELS_APART = 0.42
_CONSONANTS_APART = 0.85
_KINDS_APART = 1.1


def _apart(one: str, other: str) -> float:
    if one == other:
        return 0.0
    near = _NEAR.get(one + other, _NEAR.get(other + one))
    if near is not None:
        return near
    if one.islower() and other.islower():
        return _VOWELS_APART
    return _CONSONANTS_APART if one.isupper() and other.isupper() else _KINDS_APART


APART = {one: {other: _apart(one, other) for other in _ORDER} for one in _ORDER}


def distance(heard: str, meant: str, limit: float = 99.0) -> float:
    """The least cost of turning one string of sounds into the other; anything over `limit` once that is passed.

    Sounds that both begin or end with stand for each other: what is looked up shares most of them, and only the rest is compared.
    """
    shorter = min(len(heard), len(meant))
    start = end = 0
    while start < shorter and heard[start] == meant[start]:
        start += 1
    shorter -= start
    while end < shorter and heard[-1 - end] == meant[-1 - end]:
        end += 1
    heard, meant = heard[start : len(heard) - end], meant[start : len(meant) - end]
    gap, apart = GAP, APART
    gaps = [gap[m] for m in meant]
    row = [0.0]
    total = 0.0
    for g in gaps:
        total += g
        row.append(total)
    for h in heard:
        near = apart[h]
        dropped = gap[h]
        diagonal = row[0]
        left = diagonal + dropped
        row[0] = best = left
        for at, m in enumerate(meant, 1):
            cost = diagonal + near[m]
            diagonal = row[at]
            other = diagonal + dropped
            if other < cost:
                cost = other
            other = left + gaps[at - 1]
            if other < cost:
                cost = other
            row[at] = left = cost
            if cost < best:
                best = cost
        if best > limit:
            return best
    return row[-1]


def pronounce(spoken: str, dictionary: Callable[[str], str | None], spelling: Spelling) -> str:
    """The sounds of a word, or of several with spaces between: the dictionary's, or those of the two words that it is made of
    ("gamepad"), or else as it is spelt."""
    out = ""
    for word in spoken.split(" "):
        said = dictionary(word) or _compound(word, dictionary)
        out += said if said is not None else spelling.sounds(word)
    return out[:SOUNDS_MAX]


def _compound(word: str, dictionary: Callable[[str], str | None]) -> str | None:
    length = len(word)
    middle = length // 2
    for at in sorted(range(PART_LETTERS_MIN, length - PART_LETTERS_MIN + 1), key=lambda cut: abs(cut - middle)):
        first = dictionary(word[:at])
        second = dictionary(word[at:]) if first else None
        if first and second:
            return first + second
    return None
