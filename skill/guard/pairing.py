"""A pairing code: six letters that a speaker reads out and an adult types in, so that nobody types an account's id.

It proves that whoever types it hears the speaker. It buys nothing: whoever pairs a speaker lets it shop for their own household.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

#: Letters that neither an ear nor an eye takes for one another: of B, C, D, E, G ... one is left, of A, J, K one, of I, L, 1 one.
PAIRING_LETTERS = "BFHKLMORUWXY"
PAIRING_LENGTH = 6
PAIRING_TTL = timedelta(minutes=10)

#: Codes that are open at once, over the whole store: one in three thousand of those that there are.
PAIRINGS_OPEN_MAX = 1000
#: Wrong codes that a household may try within the time.
PAIRING_WRONG_MAX = 10
PAIRING_WRONG_WITHIN = timedelta(hours=1)


def new_pairing_code(new_number: Callable[[int, int], int]) -> str:
    """`new_number(low, high)` gives a random number, both ends included."""
    return "".join(PAIRING_LETTERS[new_number(0, len(PAIRING_LETTERS) - 1)] for _ in range(PAIRING_LENGTH))


def read_pairing_code(typed: str) -> str | None:
    """`b f-h k l m` → `BFHKLM`; None for what is no code."""
    letters = "".join(each for each in typed.upper() if each not in " -.,\t\r\n")
    return letters if len(letters) == PAIRING_LENGTH and set(letters) <= set(PAIRING_LETTERS) else None
