"""Who puts themselves right in mid-sentence means what comes last: "two no wait three bananas"."""

from __future__ import annotations

from dataclasses import replace

from skill.dialogue.browsing import is_sure
from skill.dialogue.work import Work
from skill.speech.heard import heard_correction, heard_number, heard_places
from skill.speech.render import heard_words

#: Slots that hold the shopper's own words, and may hold a correction with them.
_WORDS = ("product", "product_query", "item_description")
#: What can be said of how many.
_COUNTING = frozenset({"add_to_cart", "set_quantity", "remove_from_cart"})


def put_right(work: Work) -> None:
    """Takes out of the turn's slots what was taken back.

    "I mean" is also said by people who think aloud: a name gives way only to one that surely is in the store.
    """
    turn = work.turn
    name = next((name for name in _WORDS if work.slot(name)), None)
    amended = heard_correction(turn.slots[name], turn.locale) if name else None
    if name is None or amended is None:
        return
    before, after = amended
    counts = turn.intent in _COUNTING
    first, _, rest = after.partition(" ")
    if not after:
        # The platform has found the right number by itself: "it two no wait", and three.
        right = _named(name, before, turn.locale)
    elif counts and heard_number(after, turn.locale) is not None:
        right = _named(name, before, turn.locale) | {"quantity": after}
    elif len(heard_places(after, turn.locale)) == 1:
        right = {"ordinal": after}
    elif counts and rest and heard_number(first, turn.locale) is not None and is_sure(work, rest):
        right = {name: rest, "quantity": first}
    elif name == "item_description" or is_sure(work, after):
        right = {name: after}
    else:
        return
    others = {each: said for each, said in turn.slots.items() if each != name}
    work.turn = replace(turn, slots=others | right)


def _named(name: str, words: str, locale: str) -> dict[str, str]:
    """The slot without a number that was taken back, and without what names nothing: "it two"."""
    left = [word for word in words.split() if heard_number(word, locale) is None]
    names_something = any(word.casefold() not in heard_words("fillers", locale) for word in left)
    return {name: " ".join(left)} if names_something else {}
