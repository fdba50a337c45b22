"""The purchase code at rest, and an attempt that is counted whatever happens to its check."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import argon2
import pytest

from skill.adapters.local.keys import FileKeys
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import SqliteHouseholds
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.errors import CodeLocked, StorageError
from skill.guard.policy import Layer
from skill.shop.orders import WindowCharge
from tests.contracts.stores import (
    DAY,
    HOME,
    NOON,
    SetClock,
    draft,
    household,
    open_sqlite,
    record,
    request_key,
    reservation,
)

#: The entry for a code that is set.
SET = draft("code_set")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "sayso.db")
    yield opened
    opened.close()


@pytest.fixture
def households(database: Database, tmp_path: Path) -> SqliteHouseholds:
    made = over(database, FileKeys(tmp_path / "keys"))
    made.create(household())
    made.set_code(HOME, "4271", SET)
    return made


def over(database: Database, keys: FileKeys) -> SqliteHouseholds:
    return SqliteHouseholds(database, keys, SetClock(), SqliteLedger(database, keys))


def code_hash(database: Database) -> str:
    row = database.read(lambda connection: connection.execute("SELECT code_hash FROM households").fetchone())
    return str(row[0])


def test_a_code_is_kept_as_argon2id_with_its_parameters_and_a_long_salt(
    dear_codes: None, database: Database, households: SqliteHouseholds
) -> None:
    households.set_code(HOME, "4271", SET)
    stored = code_hash(database)
    parameters = argon2.extract_parameters(stored)

    assert argon2.Type.ID is parameters.type
    assert (2, 19456, 1) == (parameters.time_cost, parameters.memory_cost, parameters.parallelism)
    assert parameters.salt_len >= 16
    households.set_code(HOME, "4271", SET)
    assert stored != code_hash(database), "each code has a salt of its own"


def test_without_the_pepper_the_right_code_does_not_fit_the_hash(
    database: Database, households: SqliteHouseholds
) -> None:
    for text in ("4271", f"{HOME}4271", f"{HOME}\0004271"):
        with pytest.raises(argon2.exceptions.VerifyMismatchError):
            argon2.PasswordHasher().verify(code_hash(database), text)


def test_with_other_keys_the_right_code_is_wrong(
    database: Database, households: SqliteHouseholds, tmp_path: Path
) -> None:
    others = over(database, FileKeys(tmp_path / "other keys"))

    assert not others.try_code(HOME, "4271", request_key())


def test_the_code_is_in_no_file(households: SqliteHouseholds, tmp_path: Path) -> None:
    canary = "9184736250"
    households.set_code(HOME, canary, SET)
    households.try_code(HOME, canary, request_key())
    households.try_code(HOME, canary[::-1], request_key())

    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert canary.encode() not in content, file
            assert canary[::-1].encode() not in content, file


def _count_derivations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        derive = getattr(argon2.low_level, name)

        def counted(*args: object, derive=derive, name=name, **named: object) -> object:  # type: ignore[no-untyped-def]
            made.append(name)
            return derive(*args, **named)

        monkeypatch.setattr(argon2._password_hasher, name, counted)
    return made


def test_a_check_costs_one_key_derivation_and_a_repeated_request_none(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived = _count_derivations(monkeypatch)
    request = request_key()

    households.try_code(HOME, "0000", request)
    assert ["verify_secret"] == derived
    households.try_code(HOME, "0000", request)
    assert ["verify_secret"] == derived
    households.try_code(HOME, "4271", request_key())
    assert ["verify_secret"] * 2 == derived
    for _ in range(5):
        try:
            households.try_code(HOME, "0000", request_key())
        except CodeLocked:
            continue
    assert ["verify_secret"] * 5 == derived, "three after the right one, and none behind the lock"


def test_argon2_is_not_imported_by_a_turn_without_a_code() -> None:
    code = "import sys, skill.adapters.sqlite.households, skill.adapters.local.keys; print('argon2' in sys.modules, \
'cryptography' in sys.modules)"
    root = Path(__file__).parents[3]

    printed = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout

    assert "False False\n" == printed


def _die_while_checking(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch, code: str, request_id: str
) -> None:
    def die(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(households, "_is_right", die)
        with pytest.raises(KeyboardInterrupt):
            households.try_code(HOME, code, request_key(request_id))


def test_an_attempt_is_counted_before_it_is_checked(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        _die_while_checking(households, monkeypatch, "0000", f"r{number}")

    assert households.get(HOME).code_locked
    with pytest.raises(CodeLocked):
        households.try_code(HOME, "4271", request_key())


def test_a_request_whose_check_died_is_checked_when_it_comes_again_and_not_counted_twice(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch
) -> None:
    _die_while_checking(households, monkeypatch, "4271", "r1")
    for _ in range(2):
        households.try_code(HOME, "0000", request_key())
    assert households.get(HOME).code_locked

    assert households.try_code(HOME, "4271", request_key("r1"))
    assert not households.get(HOME).code_locked


def test_an_attempt_at_an_older_code_is_no_free_guess_at_the_new_one(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch
) -> None:
    _die_while_checking(households, monkeypatch, "8305", "r1")
    households.set_code(HOME, "8305", SET)

    assert not households.try_code(HOME, "8305", request_key("r1"))
    assert 0 == households.get(HOME).code_generation


@pytest.mark.parametrize("code", ["8305", "4271", None])
def test_a_code_changed_or_removed_while_a_guess_is_checked_makes_it_wrong(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch, code: str | None
) -> None:
    check = households._is_right

    def change_meanwhile(*args: str) -> bool:
        right = check(*args)
        households.set_code(HOME, code, SET)
        return right

    monkeypatch.setattr(households, "_is_right", change_meanwhile)

    assert not households.try_code(HOME, "4271", request_key())
    assert (0, False) == (households.get(HOME).code_generation, households.get(HOME).code_locked)


def test_guesses_that_are_being_checked_still_count_after_a_right_one(
    households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch
) -> None:
    _die_while_checking(households, monkeypatch, "0000", "r1")
    _die_while_checking(households, monkeypatch, "0001", "r2")

    assert households.try_code(HOME, "4271", request_key())
    assert not households.get(HOME).code_locked
    households.try_code(HOME, "0002", request_key())

    assert households.get(HOME).code_locked, "two that may still be under way, and one more"


def test_a_check_that_died_long_ago_does_not_count_after_a_right_one(
    database: Database, households: SqliteHouseholds, monkeypatch: pytest.MonkeyPatch
) -> None:
    _die_while_checking(households, monkeypatch, "0000", "r1")
    households._clock.pass_time(minutes=2)  # type: ignore[attr-defined]

    assert households.try_code(HOME, "4271", request_key())
    for _ in range(2):
        households.try_code(HOME, "0000", request_key())
    assert not households.get(HOME).code_locked


def test_a_damaged_hash_is_a_storage_error_and_not_a_right_code(
    database: Database, households: SqliteHouseholds
) -> None:
    def damage(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE households SET code_hash = 'damaged'")

    database.write(damage)

    with pytest.raises(StorageError):
        households.try_code(HOME, "4271", request_key())


def test_what_was_forgotten_is_in_no_file_any_more(tmp_path: Path) -> None:
    stores = open_sqlite(tmp_path, SetClock())
    stores.households.create(household(name="Canary", address="7 Canary Wharf"))
    stores.stock(milk=5)
    stores.set_layer(Layer("person", f"{HOME}/canary-voice", {"order_max": 1}), "kim", "a canary's")
    stores.households.link(HOME, "alexa", "canary-speaker", NOON)
    stores.conversations.close(record(state='{"heard":"' + "canary " * 5000 + '"}'))
    stores.conversations.close(record(version=1, state="{}"))  # what a page held before is gone from it, too
    order = reservation(charges=(DAY, WindowCharge(f"person:{HOME}/canary-voice", "day", "2026-11-21")))
    stores.ledger.reserve(replace(order, order=replace(order.order, person="canary-voice")))

    stores.households.forget(HOME)

    for file in tmp_path.glob("sayso.db*"):
        assert b"canary" not in file.read_bytes().lower(), file
    stores.close()


def test_a_reader_does_not_keep_a_household_from_being_forgotten(tmp_path: Path) -> None:
    stores = open_sqlite(tmp_path, SetClock())
    stores.households.create(household())
    reading = sqlite3.connect(tmp_path / "sayso.db", isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM households").fetchone()

    stores.households.forget(HOME)

    reading.close()
    assert "" == stores.households.get(HOME).name
    stores.close()
