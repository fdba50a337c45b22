"""Secrets on AWS: one in Secrets Manager, under a KMS key of the deployment; each household's own key in the table.

A household's key lies in the table encrypted under one that is derived from the secret, so that neither alone reads anything.
Destroying it leaves a mark behind, so that it is never made anew. What point-in-time recovery still holds of it lasts 35 days.
"""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress

from skill.adapters.aws.layout import person_key_key
from skill.adapters.aws.table import Table, conflict, put
from skill.errors import SettingsInvalid, VersionConflict
from skill.shop.households import HouseholdId

KEY_LENGTH_BYTES = 32
MASTER_LENGTH_MIN = 32
_NONCE_LENGTH_BYTES = 12


class TableKeys:
    """`master` is the secret's text, at least 32 random characters. The key of a purpose is HMAC-SHA256(master, purpose).

    Raises `SettingsInvalid` for a shorter one.
    """

    def __init__(self, table: Table, master: str) -> None:
        if len(master) < MASTER_LENGTH_MIN:
            raise SettingsInvalid(f"the secret's `master` must hold at least {MASTER_LENGTH_MIN} random characters")
        self._table = table
        self._master = hmac.digest(b"sayso", master.encode(), "sha256")
        self._of_purpose: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "TableKeys()"

    def mac(self, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self._key_of_purpose(purpose), message, "sha256")

    def new_token(self, length_bytes: int = 16) -> str:
        return secrets.token_urlsafe(length_bytes)

    def new_number(self, low: int, high: int) -> int:
        return low + secrets.randbelow(high - low + 1)

    def encrypt_for(self, household_id: HouseholdId, text: bytes) -> bytes:
        """AES-256-GCM, the nonce in front. Empty where the household's key has been destroyed: then nothing is kept."""
        key = self._key_of(household_id) or self._make_key(household_id)
        return _encrypt(key, text, household_id) if key else b""

    def decrypt_for(self, household_id: HouseholdId, sealed: bytes) -> bytes | None:
        """None also where it was not encrypted for this household, or was changed."""
        key = self._key_of(household_id)
        return _decrypt(key, sealed, household_id) if key else None

    def destroy(self, household_id: HouseholdId) -> None:
        self._table.write([put(person_key_key(household_id), {"destroyed": 1})])

    def _make_key(self, household_id: HouseholdId) -> bytes:
        """The household's new key; empty where it had one that was destroyed."""
        place = person_key_key(household_id)
        if self._table.get(place) is None:
            wrapped = _encrypt(self._key_of_purpose("household"), secrets.token_bytes(KEY_LENGTH_BYTES), household_id)
            with suppress(VersionConflict):  # somebody else made it at the same moment
                self._table.write([put(place, {"key": wrapped}, "attribute_not_exists(pk)", None, conflict("made"))])
        return self._key_of(household_id)

    def _key_of(self, household_id: HouseholdId) -> bytes:
        item = self._table.get(person_key_key(household_id))
        if item is None or "key" not in item:
            return b""
        return _decrypt(self._key_of_purpose("household"), item["key"], household_id) or b""

    def _key_of_purpose(self, purpose: str) -> bytes:
        key = self._of_purpose.get(purpose)
        if key is None:
            key = self._of_purpose[purpose] = hmac.digest(self._master, b"sayso." + purpose.encode(), "sha256")
        return key


def _encrypt(key: bytes, text: bytes, household_id: HouseholdId) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_LENGTH_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, household_id.encode())


def _decrypt(key: bytes, sealed: bytes, household_id: HouseholdId) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        nonce, rest = sealed[:_NONCE_LENGTH_BYTES], sealed[_NONCE_LENGTH_BYTES:]
        return AESGCM(key).decrypt(nonce, rest, household_id.encode())
    except (InvalidTag, ValueError):
        return None
