"""Words as they are said: one folding for titles and for what was heard, so that the two meet.

Everything that belongs to one language is data: `languages/<code>.yaml`, read when an index is built and carried inside it,
so that a shopper's first question parses no YAML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

#: Words kept of one text. A spoken wish has five; a title twenty; more is a description or an attack.
WORDS_MAX = 200

_TOKEN = re.compile(r"\d+(?:[.,/]\d+)*|[^\W\d_]+|[%\"]")
_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=\w)")
_INCH = re.compile(r"(?<=\d)\s?(?:''|”|″|\")")
_FEET = re.compile(r"(?<=\d)['’′](?!\w)")


def fold(text: str) -> str:
    """Lower case without accents: `Crème` → `creme`. Letters of other scripts stay themselves (й is not и)."""
    text = text.lower()
    if text.isascii():
        return text
    # Greek's two small sigmas are one letter: which one is written depends on what follows.
    text = text.replace("ς", "σ")
    decomposed = unicodedata.normalize("NFKD", text).replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    kept = "".join(c for c in decomposed if c == "\u0306" or not unicodedata.combining(c))
    return unicodedata.normalize("NFKC", kept).replace("\u0306", "")


class Words:
    """The words of one language: tokens, numbers, units, stems. `rules` is a parsed `languages/<code>.yaml`."""

    __slots__ = (
        "_after_number", "_elided", "_filler", "_filler_first", "_hundreds", "_irregular", "_numbers", "_repeats", "_same",
        "_spoken", "_stem_last", "_stem_rules", "_stems", "_tens", "_unit_names", "_units", "function_words", "rules",
    )  # fmt: skip

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.rules = rules
        self._numbers: dict[str, int] = dict(rules.get("numbers", {}))
        self._tens: dict[str, int] = dict(rules.get("tens", {}))
        self._hundreds: dict[str, int] = dict(rules.get("hundreds", {}))
        self._repeats: dict[str, int] = dict(rules.get("repeats", {}))
        self._units: dict[str, str] = {said: unit for unit, ways in rules.get("units", {}).items() for said in ways}
        self._unit_names = frozenset(rules.get("units", {}))
        self._after_number = frozenset(rules.get("only_after_number", ()))
        self.function_words = frozenset(rules.get("function_words", ()))
        elisions = "|".join(rules.get("elisions", ()))
        self._elided = re.compile(rf"\b({elisions})['’`´](?=\w)") if elisions else None
        phrases = sorted((tuple(p.split()) for p in rules.get("filler", ())), key=len, reverse=True)
        self._filler = phrases
        self._filler_first = frozenset(p[0] for p in phrases)
        self._irregular: dict[str, str] = dict(rules.get("irregular", {}))
        self._stem_rules = [_stem_rule(r) for r in rules.get("stem", ())]
        self._stem_last = [_stem_rule(r) for r in rules.get("stem_last", ())]
        self._stems: dict[str, str] = {}
        self._same: dict[str, list[str]] | None = None
        self._spoken = {str(value): word for word, value in reversed([*self._numbers.items(), *self._tens.items()])}
        self._spoken |= {unit: ways[1] for unit, ways in rules.get("units", {}).items() if len(ways) > 1}

    def tokens(self, text: str) -> list[str]:
        """The text's words and numbers, folded: `24in "LED" lamp, twenty five watts` → 24 inch led lamp 25 w."""
        text = fold(text)
        if "'" in text or '"' in text or "’" in text or "”" in text or "″" in text or "′" in text:
            text = _INCH.sub(" inch ", text)
            text = _FEET.sub(" ft ", text)
            if self._elided is not None:
                text = self._elided.sub(r"\1 ", text)
            text = _APOSTROPHE.sub("", text).replace('"', " ")
        found = _TOKEN.findall(text)
        del found[WORDS_MAX:]
        return self._fold_numbers(found)

    def _fold_numbers(self, found: Sequence[str]) -> list[str]:
        numbers, tens, hundreds, units = self._numbers, self._tens, self._hundreds, self._units
        if not self._repeats.keys().isdisjoint(found):
            found = self._fold_repeats(found)
        out: list[str] = []
        after_number = ten = False
        for token in found:
            value = numbers.get(token)
            if value is not None:
                if ten and 0 < value < 10:
                    out[-1] = str(int(out[-1]) + value)
                else:
                    out.append(str(value))
                after_number, ten = True, False
            elif token in tens:
                out.append(str(tens[token]))
                after_number = ten = True
            elif token in hundreds:
                if after_number and out[-1].isdigit() and len(out[-1]) < 4:
                    out[-1] = str(int(out[-1]) * hundreds[token])
                else:
                    out.append(str(hundreds[token]))
                after_number, ten = True, False
            else:
                unit = units.get(token)
                if unit is not None and (after_number or token not in self._after_number):
                    token = unit
                out.append(token)
                after_number, ten = token[0].isdigit(), False
        return out

    def _fold_repeats(self, found: Sequence[str]) -> list[str]:
        """Letters as they are written: `double a` → aa."""
        out: list[str] = []
        for token in found:
            times = self._repeats.get(out[-1]) if out and len(token) == 1 and token.isalpha() else None
            if times:
                out[-1] = token * times
            else:
                out.append(token)
        return out

    def stem(self, word: str) -> str:
        """The word without its ending, as terms are kept in the index: `batteries` → `batteri`."""
        kept = self._stems.get(word)
        if kept is None:
            kept = self._stems[word] = self._stem(word) if word.isalpha() else word
            if len(self._stems) > 100_000:
                self._stems.clear()
        return kept

    def _stem(self, word: str) -> str:
        word = self._irregular.get(word, word)
        for rules in (self._stem_rules, self._stem_last):
            for end, to, keep, undouble in rules:
                if word.endswith(end) and len(word) - len(end) >= keep:
                    word = word[: len(word) - len(end)] + to
                    if undouble and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                        word = word[:-1]
                    break
            # "womens" is said of women, as "women's" is.
            word = self._irregular.get(word, word)
        return word

    def terms(self, tokens: Sequence[str]) -> list[str]:
        """The stems of the words that carry meaning; all of them where nothing else is left."""
        return [self.stem(t) for t in self.meaningful(tokens)]

    def meaningful(self, tokens: Sequence[str]) -> list[str]:
        """The words without those that only join others; all of them where nothing else is left."""
        function_words = self.function_words
        return [t for t in tokens if t not in function_words] or list(tokens)

    def unit(self, token: str) -> str:
        """The unit that a word is, as `tokens` writes it after a number: `pounds` → lb; empty where it is none."""
        return self._units.get(token, "")

    def is_unit(self, token: str) -> bool:
        """Whether the token is a unit of measure, as `tokens` writes them."""
        return token in self._unit_names

    def spoken(self, token: str) -> str:
        """How a token is said, in words: `16` → sixteen, `42` → forty two, `505` → five zero five, `oz` → ounce."""
        said = self._spoken.get(token)
        if said is not None:
            return said
        if not token.isdecimal():
            return token
        tens = f"{token[:-1]}0" if len(token) == 2 else ""
        parts = (tens, token[-1]) if tens in self._spoken else tuple(token)
        return " ".join(self._spoken.get(part, "") for part in parts).strip()

    def same(self, term: str) -> Sequence[str]:
        """Other terms for the same thing: `sofa` → couch."""
        if self._same is None:
            self._same = {}
            for group in self.rules.get("same", ()):
                terms = [self.stem(word) for word in group]
                for one in terms:
                    self._same.setdefault(one, []).extend(other for other in terms if other != one)
        return self._same.get(term, ())

    def is_filler(self, token: str) -> bool:
        """Whether what people say around what they want begins with the word."""
        return token in self._filler_first

    def without_filler(self, tokens: Sequence[str]) -> list[str]:
        """`find me some dog food` → dog food. An utterance of filler alone is left as it is."""
        if self._filler_first.isdisjoint(tokens):
            return list(tokens)
        out: list[str] = []
        at = 0
        while at < len(tokens):
            for phrase in self._filler:
                if tokens[at] == phrase[0] and tuple(tokens[at : at + len(phrase)]) == phrase:
                    at += len(phrase)
                    break
            else:
                out.append(tokens[at])
                at += 1
        return out or list(tokens)


def _stem_rule(rule: Mapping[str, Any]) -> tuple[str, str, int, bool]:
    return str(rule["end"]), str(rule["to"]), int(rule["keep"]), bool(rule.get("undouble", False))
