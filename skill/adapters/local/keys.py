"""Secrets in files of their own directory, which belongs in no backup that the database is in."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from skill.errors import SettingsInvalid, StorageError
from skill.shop.households import HouseholdId

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_LENGTH_BYTES = 32
_NONCE_LENGTH_BYTES = 12

#: Households whose keys a process keeps at hand before it forgets them all and reads them again.
_REMEMBERED_MAX = 1000


class FileKeys:
    """`master.key` and, below `households/`, one key for each household; the directory is made when it is missing.

    `begins` is false where there are data already that were written with the keys: then no master key is made anew. The key of a
    purpose is HMAC-SHA256(master, purpose). A household's key that was destroyed leaves an empty file behind, so that it is never
    made anew. Raises `SettingsInvalid` where the keys cannot be read or written, or the master key is damaged or gone, and later
    `StorageError` where a household's cannot be.
    """

    def __init__(self, directory: Path, *, begins: bool = True) -> None:
        self._directory = directory
        self._households = directory / "households"
        self._of_purpose: dict[str, hmac.HMAC] = {}
        self._of_household: dict[HouseholdId, tuple[str, AESGCM]] = {}
        if not begins and not (directory / "master.key").exists():
            raise SettingsInvalid(
                f"SAYSO_KEYS_DIR: there is no {directory / 'master.key'}, and the store has data that were written with one. Name "
                "the directory that has it, or restore it from its backup; with a new one every code would be wrong and every seal "
                "worthless"
            )
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._households.mkdir(exist_ok=True, mode=0o700)
            self._master = _read_or_make(directory / "master.key")
        except OSError as error:
            raise SettingsInvalid(
                f"SAYSO_KEYS_DIR: {error.filename or directory}: {error.strerror}; it must be a directory that only "
                "the server's user can read and write"
            ) from error
        if len(self._master) != KEY_LENGTH_BYTES:
            raise SettingsInvalid(
                f"SAYSO_KEYS_DIR: {directory / 'master.key'} is damaged: it must hold {KEY_LENGTH_BYTES} bytes. Restore it from "
                "its backup; a new one would make every code and every seal worthless"
            )

    def __repr__(self) -> str:
        return f"FileKeys({str(self._directory)!r})"

    def mac(self, purpose: str, message: bytes) -> bytes:
        keyed = self._of_purpose.get(purpose)
        if keyed is None:
            key = hmac.digest(self._master, b"sayso." + purpose.encode(), "sha256")
            keyed = self._of_purpose[purpose] = hmac.new(key, digestmod="sha256")
        # A copy that is keyed already costs half of one that is not, and leaves the first as it was.
        mine = keyed.copy()
        mine.update(message)
        return mine.digest()

    def new_token(self, length_bytes: int = 16) -> str:
        return secrets.token_urlsafe(length_bytes)

    def new_number(self, low: int, high: int) -> int:
        return low + secrets.randbelow(high - low + 1)

    def encrypt_for(self, household_id: HouseholdId, text: bytes) -> bytes:
        """AES-256-GCM, the nonce in front. Empty where the household's key has been destroyed: then nothing is kept."""
        with self._failing_as_store():
            cipher = self._cipher_of(household_id, make=True)
        if cipher is None:
            return b""
        nonce = os.urandom(_NONCE_LENGTH_BYTES)
        return nonce + cipher.encrypt(nonce, text, household_id.encode())

    def decrypt_for(self, household_id: HouseholdId, sealed: bytes) -> bytes | None:
        """None also where it was not encrypted for this household, or was changed."""
        with self._failing_as_store():
            cipher = self._cipher_of(household_id, make=False)
        if cipher is None:
            return None
        from cryptography.exceptions import InvalidTag

        try:
            nonce, rest = sealed[:_NONCE_LENGTH_BYTES], sealed[_NONCE_LENGTH_BYTES:]
            return cipher.decrypt(nonce, rest, household_id.encode())
        except (InvalidTag, ValueError):
            return None

    def destroy(self, household_id: HouseholdId) -> None:
        path = self._path_of(household_id)
        with self._failing_as_store():
            _write_new(path, b"")
            with path.open("r+b") as file:
                # Overwritten before it is cut, for file systems that write in place.
                file.write(bytes(KEY_LENGTH_BYTES))
                file.flush()
                os.fsync(file.fileno())
                file.truncate(0)
                os.fsync(file.fileno())
        self._of_household.pop(household_id, None)

    @contextmanager
    def _failing_as_store(self) -> Iterator[None]:
        """A full disk, or a file that is gone or damaged, is a store that fails: there is no order, and the shopper is told so."""
        try:
            yield
        except (OSError, ValueError) as error:
            raise StorageError(f"a household's key in {self._directory} cannot be read or written: {error}") from error

    def _cipher_of(self, household_id: HouseholdId, *, make: bool) -> AESGCM | None:
        """AES-256-GCM under the household's key; None where there is none (any more)."""
        known = self._of_household.get(household_id)
        if known is not None:
            path, cipher = known
            if os.stat(path).st_size:
                return cipher
            self._of_household.pop(household_id, None)  # another process destroyed it
            return None
        file = self._path_of(household_id)
        if make:
            key = _read_or_make(file)
        else:
            key = file.read_bytes() if file.exists() else b""
        if not key:
            return None
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(self._of_household) >= _REMEMBERED_MAX:
            self._of_household.clear()
        cipher = AESGCM(key)
        self._of_household[household_id] = str(file), cipher
        return cipher

    def _path_of(self, household_id: HouseholdId) -> Path:
        """A file name that says nothing about the household and is safe whatever its id is."""
        return self._households / hashlib.sha256(household_id.encode()).hexdigest()


def _read_or_make(path: Path) -> bytes:
    """The key in the file, a new one where there is none: of processes that start at once, all get the same."""
    if not path.exists():
        _write_new(path, secrets.token_bytes(KEY_LENGTH_BYTES))
    return path.read_bytes()


def _write_new(path: Path, content: bytes) -> None:
    """Puts the file there whole, for its owner alone, unless it is there already."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(draft, path)  # fails where somebody else was first, as no rename would
        except FileExistsError:
            return
    finally:
        os.unlink(draft)
