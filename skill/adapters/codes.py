"""How a purchase code is kept: argon2id over HMAC(pepper, household and code). The pepper is `Keys`' and never in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from skill.errors import StorageError
from skill.ports import Keys
from skill.shop.households import HouseholdId

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: A check that has not come to its end by then died with its process.
CHECK_MAX = timedelta(seconds=60)


def hash_code(keys: Keys, household_id: HouseholdId, code: str) -> str:
    return _hasher().hash(_peppered(keys, household_id, code))


def code_is_right(keys: Keys, household_id: HouseholdId, code: str, code_hash: str) -> bool:
    """One key derivation. Raises `StorageError` where what is stored cannot be read."""
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

    try:
        return _hasher().verify(code_hash, _peppered(keys, household_id, code))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError) as error:
        raise StorageError("a stored code cannot be read; set it again") from error


def _peppered(keys: Keys, household_id: HouseholdId, code: str) -> str:
    return keys.mac("code", f"{household_id}\0{code}".encode()).hex()


def _hasher() -> PasswordHasher:
    """argon2id with 19 MiB, two passes, one lane: the least that is recommended for a password.

    Four digits are guessed offline in minutes whatever it costs; the pepper and the lock protect them, so that a shopper need
    not wait for more. Source: OWASP Password Storage Cheat Sheet, argon2id.
    """
    from argon2 import PasswordHasher  # imported when a code is heard: most turns have none

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)
