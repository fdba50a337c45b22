"""Numbers that Dialogflow leaves unread: `@sys.number` has no Greek, Croatian or Kazakh, so that a number slot comes empty and
the number stands in the shopper's words alone.

Source: cloud.google.com/dialogflow/es/docs/reference/system-entities and …/reference/language. Only what cannot be meant
otherwise is taken; a slot that stays empty confirms nothing and is no guess at a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LANGUAGES = frozenset({"el", "hr", "kk"})
_CODE_LENGTH = 4

#: The intents that have a slot for a number, and its name.
NUMBER_SLOTS: Mapping[str, str] = MappingProxyType(
    {
        "add_to_cart": "quantity",
        "confirm_order": "confirmation_number",
        "give_code": "code",
        "give_number": "number",
        "loosen_limits": "amount",
        "lower_limit": "amount",
        "remove_from_cart": "quantity",
        "set_quantity": "quantity",
    }
)


def read_unread_number(intent: str | None, slots: Mapping[str, str], words: str, locale: str) -> dict[str, str]:
    """The slot that the words fill, as digits: at most one, and none where the platform read it or has the language.

    A number is taken where the words hold exactly one beside what other slots have; a size ("500 ml") is no quantity. A code is
    taken where the words hold four digits in all.
    """
    slot = NUMBER_SLOTS.get(intent or "")
    if slot is None or slot in slots or not words or locale.partition("-")[0] not in _LANGUAGES:
        return {}
    # Only these turns look at the words; no other one loads what reads them.
    from skill.speech.heard import heard_numbers, heard_stems
    from skill.speech.render import heard_words

    if slot == "code":
        digits = "".join(number for number, _ in heard_numbers(words, locale))
        return {slot: digits} if len(digits) == _CODE_LENGTH else {}
    elsewhere = heard_stems(" ".join(slots.values()), locale)
    beside = " ".join(word for word in words.split() if not elsewhere & heard_stems(word, locale))
    numbers = heard_numbers(beside, locale)
    if slot == "quantity":
        sizes = heard_words("sizes", locale)
        numbers = [(number, after) for number, after in numbers if not _is_measure(sizes.get(after))]
    return {slot: numbers[0][0]} if len(numbers) == 1 else {}


def _is_measure(size: str | None) -> bool:
    """Whether it is a measure, such as grams, and no word for numbers or pieces."""
    return size is not None and size[:1].isdigit()
