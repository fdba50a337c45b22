"""Which keys the database was written with: with others every code is wrong and every seal worthless, and nothing tells why."""

from __future__ import annotations

import sqlite3

from skill.adapters.sqlite.database import Database
from skill.errors import SettingsInvalid
from skill.ports import Keys

_KNOWN = "SELECT digest FROM keys_known"
_KNOW = "INSERT OR IGNORE INTO keys_known (one, digest) VALUES (1, ?)"


def check_keys(database: Database, keys: Keys) -> None:
    """Notes the master key by a digest the first time. Raises `SettingsInvalid` where the database was written with another."""
    digest = keys.mac("keys-known", b"").hex()

    def known(connection: sqlite3.Connection) -> str | None:
        row = connection.execute(_KNOWN).fetchone()
        return None if row is None else str(row[0])

    def know(connection: sqlite3.Connection) -> str | None:
        connection.execute(_KNOW, (digest,))
        return known(connection)

    if (database.read(known) or database.write(know)) != digest:
        raise SettingsInvalid(
            f"SAYSO_KEYS_DIR: {database.path} was written with other keys than those of {keys!r}. Name the directory that belongs "
            "to it, or restore both from backups of the same store"
        )
