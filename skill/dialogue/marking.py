"""What a turn was, for the store's figures: a few bits that are written down with its answer and counted afterwards."""

from __future__ import annotations

from skill.dialogue.work import Work
from skill.shop.figures import BEGAN, CARTED, FIRST_SHIFT, MISSED, ORDERED, QUOTED, SEARCHED
from skill.speech.answer import Answer
from skill.turn import Kind

#: What an answer says → what its turn was.
_MARKS = {
    "added": CARTED,
    "all-sold-out": SEARCHED,
    "found-category": SEARCHED,
    "found-nothing": SEARCHED,
    "found-one": SEARCHED,
    "found-one-weak": SEARCHED,
    "found-similar": SEARCHED,
    "found-three": SEARCHED,
    "found-three-weak": SEARCHED,
    "found-two": SEARCHED,
    "found-two-weak": SEARCHED,
    "no-other-brand": SEARCHED,
    "no-other-color": SEARCHED,
    "nothing-cheaper": SEARCHED,
    "ordered": ORDERED,
    "quote": QUOTED,
}
#: The phrases that tell what the catalogue had.
SEARCHES = frozenset(key for key, mark in _MARKS.items() if mark == SEARCHED)
#: Nothing was found, or only what had to be asked back: "did I hear that right?"
_IN_VAIN = frozenset(
    {"found-category", "found-nothing", "found-one-weak", "found-similar", "found-three-weak", "found-two-weak"}
)
#: So much of it is kept, in characters.
_SOUGHT_LENGTH_MAX = 60


def mark_turn(work: Work, answer: Answer) -> tuple[int, int]:
    """The turn's marks, those that its session had not reached before moved up by `FIRST_SHIFT`; and all reached by now."""
    marks = 0
    for phrase in answer.say:
        marks |= _MARKS.get(phrase.key, 0)
    turn = work.turn
    if turn.kind is Kind.INTENT and turn.intent in (None, "fallback"):
        marks |= MISSED
    # What a session has reached outlives "start over", which begins a state and no session.
    before = work.reached_before
    if not work.version:
        marks |= BEGAN
    return marks | (marks & ~before) << FIRST_SHIFT, before | marks


def sought_in_vain(work: Work, answer: Answer) -> str:
    """What was asked for and not found, without anything that may be a code; empty where all was found."""
    return work.state.words[:_SOUGHT_LENGTH_MAX].strip() if any(each.key in _IN_VAIN for each in answer.say) else ""
