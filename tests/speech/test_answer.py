"""An answer survives being stored, and says so when it asks."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from skill.shop.money import Money
from skill.speech.answer import Answer, Item, Phrase, Shown, answer_from_json, answer_to_json, say
from skill.turn import Expect, PlatformTask

texts = st.text(max_size=10)
money = st.builds(Money, st.integers(-(10**6), 10**6), st.sampled_from(("USD", "JPY")))
values = st.recursive(
    texts | st.integers(-(10**9), 10**9) | money,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple) | st.builds(Phrase, texts, st.dictionaries(texts, inner, max_size=2))
    ),
    max_leaves=6,
)
phrases = st.builds(Phrase, texts, st.dictionaries(texts, values, max_size=3))
items = st.builds(Item, texts, texts, texts, st.none() | money, texts)
shown = st.builds(
    Shown, texts, phrases, st.lists(phrases, max_size=2).map(tuple), st.lists(items, max_size=2).map(tuple)
)
tasks = st.builds(PlatformTask, texts, texts, st.lists(st.tuples(texts, texts), max_size=2).map(tuple))
answers = st.builds(
    Answer,
    say=st.lists(phrases, max_size=3).map(tuple),
    ask=st.none() | phrases,
    expects=st.sampled_from(Expect),
    slot=st.none() | st.tuples(texts, texts),
    shown=st.none() | shown,
    suggestions=st.lists(texts, max_size=2).map(tuple),
    task=st.none() | tasks,
)


@given(answers)
def test_an_answer_that_was_stored_is_the_same_answer(answer: Answer) -> None:
    assert answer == answer_from_json(answer_to_json(answer))


def test_a_plain_answer_is_stored_in_few_words() -> None:
    stored = answer_to_json(say("gone", ask="find-else"))
    assert {"s": [["gone", {}]], "e": "free", "a": ["find-else", {}]} == json.loads(stored)
    assert " " not in stored


def test_what_asks_waits_for_a_free_turn_and_what_does_not_waits_for_nothing() -> None:
    assert Answer((Phrase("gone"),), Phrase("find-else"), Expect.FREE) == say("gone", ask="find-else")
    assert Answer((Phrase("goodbye"),), None, Expect.NOTHING) == say("goodbye")
    assert Answer() == say()


def test_what_is_expected_can_be_said() -> None:
    question = Phrase("offer", {"quantity": 2})
    assert Answer((), question, Expect.YES_OR_NO, suggestions=("suggest-yes",)) == say(
        ask=question, expects=Expect.YES_OR_NO, suggestions=("suggest-yes",)
    )
    assert Expect.NOTHING == say(ask="find-else", expects=Expect.NOTHING).expects


def test_keys_and_phrases_mix() -> None:
    added = Phrase("added", {"quantity": 1})
    assert (added, Phrase("gone")) == say(added, "gone").say
