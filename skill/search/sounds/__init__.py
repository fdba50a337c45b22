"""How words sound: each language's spelling rules, and the English pronouncing dictionary.

A sound is one ASCII letter, a word's sounds are a string of them: consonants are capitals, vowels are small. All languages
use the same forty, so that a French brand in an English title and an English guess at it can be compared.

`en.dictionary.gz` is made from the CMU Pronouncing Dictionary (`LICENSE-CMUDICT`) with

    python -m skill.search.sounds CMUDICT.DICT
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from importlib import resources

#: ARPAbet names and the letters that stand for them here.
SOUNDS = {
    "AA": "a", "AE": "q", "AH": "u", "AO": "o", "AW": "w", "AY": "y", "EH": "e", "ER": "r", "EY": "x", "IH": "i",
    "IY": "j", "OW": "h", "OY": "z", "UH": "k", "UW": "v",
    "B": "B", "CH": "C", "D": "D", "DH": "Q", "F": "F", "G": "G", "HH": "H", "JH": "J", "K": "K", "L": "L", "M": "M",
    "N": "N", "NG": "X", "P": "P", "R": "R", "S": "S", "SH": "A", "T": "T", "TH": "O", "V": "V", "W": "W", "Y": "Y",
    "Z": "Z", "ZH": "I",
}  # fmt: skip

#: A rule as the index carries it: letters, classes to the left (nearest first), to the right (nearest first), sounds.
Rule = tuple[str, list[str], list[str], str]


def read_spelling(code: str) -> dict[str, list[Rule]]:
    """A language's spelling rules by first letter; empty for a language without a file. Raises `ValueError` by line."""
    path = resources.files(__package__) / f"{code}.rules"
    if not path.is_file():
        return {}
    return parse_spelling(path.read_text("utf-8").splitlines(), f"{code}.rules")


def parse_spelling(lines: Iterable[str], name: str = "rules") -> dict[str, list[Rule]]:
    """Rules by the first of their letters. Raises `ValueError` that names the line."""
    vowels = "aeiou"
    rules: dict[str, list[Rule]] = {}
    for number, line in enumerate(lines, 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        said, equals, sounds = line.partition("=")
        if said.strip() == "vowels":
            vowels = sounds.strip()
            continue
        left, opened, rest = said.partition("<")
        letters, closed, right = rest.partition(">")
        unknown = [s for s in sounds.split() if s not in SOUNDS]
        if not (equals and opened and closed and letters) or unknown:
            raise ValueError(f"{name}, line {number}: expected `left <letters> right = SOUNDS`, got {line!r} {unknown}")
        rule = (
            letters, list(reversed(_classes(left, vowels))), _classes(right, vowels),
            "".join(SOUNDS[s] for s in sounds.split()),
        )  # fmt: skip
        rules.setdefault(letters[0], []).append(rule)
    return rules


def _classes(text: str, vowels: str) -> list[str]:
    """`[eiy] C $` → the letters that fit at each place; a class that begins with `!` is everything else."""
    out = []
    for part in text.replace("[", " [").replace("]", "] ").split():
        if part == "V":
            out.append(vowels)
        elif part == "C":
            out.append(f"!{vowels}^$")
        elif part.startswith("["):
            out.append(part[1:-1])
        else:
            out.extend(part)
    return out


def read_dictionary(code: str) -> str:
    """The language's dictionary: sorted lines `word sounds`. Empty where there is none."""
    path = resources.files(__package__) / f"{code}.dictionary.gz"
    return gzip.decompress(path.read_bytes()).decode() if path.is_file() else ""


def pack_dictionary(lines: Iterable[str]) -> Iterator[str]:
    """`word sounds` lines from CMUdict's: first pronunciation of each word, stress and punctuation dropped, sorted."""
    said: dict[str, str] = {}
    for line in lines:
        word, *names = line.partition("#")[0].split()
        word = word.replace("'", "").replace("-", "")
        if word.isalpha() and names:
            said.setdefault(word, "".join(SOUNDS[name.rstrip("012")] for name in names))
    for word in sorted(said):
        yield f"{word} {said[word]}"
