"""Lays an utterance over a title: how much of all that was heard the title's words account for, wherever words begin and end.

A recogniser cuts what it mishears at other places: "raybent's son blosses" are Ray-Ban sunglasses. So the utterance is one string
of sounds. Words of the title stand for parts of it, in any order and with any of them left out; what none stands for is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from skill.search.hearing import APART, GAP

#: A title's words that are looked at.
WORDS_MAX = 24
#: A word must account for so much of the sounds, and for this share of its own, or it is left out.
SAVED_MIN = 0.3
SAVED_SHARE_MIN = 0.35
#: Sums of the same costs in another order differ by less.
ROUNDING = 1e-9


class Laid(NamedTuple):
    """What share of the heard sounds the words account for, and the places of those that do."""

    share: float
    words: tuple[int, ...]


class Utterance:
    """Everything that was heard of one wish, as one string of sounds."""

    def __init__(self, sounds: str) -> None:
        self._gaps = [GAP[sound] for sound in sounds]
        self._sounds = sounds
        self._whole = sum(self._gaps) or 1.0
        #: Of a sound that was meant: how far each heard one is from it, and what it costs by itself.
        self._columns: dict[str, list[tuple[float, float]]] = {}
        self._accounts: dict[str, bool] = {}
        #: Titles of one kind share the words that account for something; places are those among these words.
        self._laid: dict[tuple[str, ...], Laid] = {}

    def lay_over(self, words: Sequence[str]) -> Laid:
        """How the words' sounds account for the utterance at the least cost."""
        able = [at for at, word in enumerate(words[:WORDS_MAX]) if word and self._can_account(word)]
        saying = tuple([words[at] for at in able])
        laid = self._laid.get(saying)
        if laid is None:
            laid = self._laid[saying] = self._lay_over(saying)
        return Laid(laid.share, tuple([able[place] for place in laid.words]))

    def _lay_over(self, words: Sequence[str]) -> Laid:
        costs = [0.0]
        for gap in self._gaps:
            costs.append(costs[-1] + gap)
        used: list[frozenset[int]] = [frozenset()] * len(costs)
        # Twice: so a word may stand for something before what an earlier word stands for.
        for at, word in [*enumerate(words)] * (2 if len(words) > 1 else 1):
            self._add(word, at, costs, used)
        return Laid(1.0 - costs[-1] / self._whole, tuple(sorted(used[-1])))

    def _add(self, word: str, at: int, costs: list[float], used: list[frozenset[int]]) -> None:
        """Lets one more word account for a part: `costs` of the heard sounds up to each place, and the words `used` for that."""
        row, starts = costs[:], list(range(len(costs)))
        for sound in word:
            gap = GAP[sound]
            diagonal, diagonal_start = row[0], 0
            left, left_start = diagonal + gap, 0
            row[0] = left
            for place, (apart, dropped) in enumerate(self._column(sound), 1):
                cost, start = diagonal + apart, diagonal_start
                diagonal, diagonal_start = row[place], starts[place]
                if diagonal + gap < cost:
                    cost, start = diagonal + gap, diagonal_start
                if left + dropped < cost:
                    cost, start = left + dropped, left_start
                row[place] = left = cost
                starts[place] = left_start = start
        before = used[:]
        for place in range(1, len(costs)):
            if row[place] < costs[place] - ROUNDING:
                costs[place] = row[place]
                used[place] = before[starts[place]] | {at}
            further = costs[place - 1] + self._gaps[place - 1]
            if further < costs[place] - ROUNDING:
                costs[place] = further
                used[place] = used[place - 1]

    def _can_account(self, word: str) -> bool:
        """Whether the word, by itself and at its best place, stands for enough of the sounds to be looked at."""
        able = self._accounts.get(word)
        if able is None:
            whole = 0.0
            row = [0.0] * (len(self._gaps) + 1)
            for sound in word:
                gap = GAP[sound]
                whole += gap
                diagonal = row[0]
                row[0] = left = diagonal + gap
                for place, (apart, dropped) in enumerate(self._column(sound), 1):
                    cost = diagonal + apart - dropped
                    diagonal = row[place]
                    if diagonal + gap < cost:
                        cost = diagonal + gap
                    if left < cost:
                        cost = left
                    row[place] = left = cost
            able = self._accounts[word] = -min(row) > max(SAVED_MIN, SAVED_SHARE_MIN * whole)
        return able

    def _column(self, sound: str) -> list[tuple[float, float]]:
        column = self._columns.get(sound)
        if column is None:
            apart = APART[sound]
            column = self._columns[sound] = [
                (apart[heard], gap) for heard, gap in zip(self._sounds, self._gaps, strict=True)
            ]
        return column
