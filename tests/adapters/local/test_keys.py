"""Secrets in files: made once, for their owner alone, told to nobody, and a household's own can be destroyed."""

from __future__ import annotations

import errno
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from skill.adapters.local import keys as module
from skill.adapters.local.keys import FileKeys
from skill.errors import SettingsInvalid, StorageError
from skill.shop.households import HouseholdId

HOME, AWAY = HouseholdId("home"), HouseholdId("away")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keys(directory: Path) -> FileKeys:
    return FileKeys(directory)


def test_the_same_keys_are_there_the_next_time(directory: Path, keys: FileKeys) -> None:
    sealed = keys.encrypt_for(HOME, b"Kim")
    again = FileKeys(directory)

    assert keys.mac("consent", b"message") == again.mac("consent", b"message")
    assert b"Kim" == again.decrypt_for(HOME, sealed)


def test_two_deployments_share_no_key(keys: FileKeys, tmp_path: Path) -> None:
    other = FileKeys(tmp_path / "other")

    assert keys.mac("consent", b"message") != other.mac("consent", b"message")
    assert None is other.decrypt_for(HOME, keys.encrypt_for(HOME, b"Kim"))


def test_each_purpose_has_a_key_of_its_own(keys: FileKeys) -> None:
    macs = {keys.mac(purpose, b"message") for purpose in ("consent", "audit", "code", "session", "approval")}

    assert 5 == len(macs)
    assert {32} == {len(mac) for mac in macs}


def test_files_and_directories_are_their_owners_alone(directory: Path, keys: FileKeys) -> None:
    keys.encrypt_for(HOME, b"Kim")

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (directory, *directory.rglob("*"))}
    assert {(True, 0o700), (False, 0o600)} == {(path.is_dir(), mode) for path, mode in modes.items()}
    assert 2 == sum(path.is_file() for path in modes), "the master key and the household's; no draft is left behind"


def test_processes_that_start_at_once_get_the_same_key(directory: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from skill.adapters.local.keys import FileKeys\n"
        f"print(FileKeys(Path({str(directory)!r})).mac('consent', b'm').hex())"
    )
    starting = [
        subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]

    assert 1 == len({process.communicate(timeout=60)[0] for process in starting})


def test_a_damaged_master_key_is_refused_and_not_replaced(directory: Path, keys: FileKeys) -> None:
    (directory / "master.key").write_bytes(b"short")

    with pytest.raises(SettingsInvalid, match=r"master\.key is damaged.*backup"):
        FileKeys(directory)

    assert b"short" == (directory / "master.key").read_bytes()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsInvalid, match=r"SAYSO_KEYS_DIR.*file"):
        FileKeys(tmp_path / "file" / "keys")


def test_a_repr_tells_no_secret(directory: Path, keys: FileKeys) -> None:
    master = (directory / "master.key").read_bytes()

    assert f"FileKeys({str(directory)!r})" == repr(keys)
    assert master.hex() not in repr(vars(keys)["_directory"])


def test_tokens_are_unguessable_and_safe_in_a_url(keys: FileKeys) -> None:
    tokens = {keys.new_token() for _ in range(200)}

    assert 200 == len(tokens)
    assert all(len(token) >= 21 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len(keys.new_token(32)) > len(keys.new_token(16))


def test_numbers_reach_both_ends_and_go_no_further(keys: FileKeys) -> None:
    assert {11, 12, 13} == {keys.new_number(11, 13) for _ in range(300)}
    assert 7 == keys.new_number(7, 7)


def test_what_is_encrypted_is_unreadable_and_never_the_same_twice(keys: FileKeys) -> None:
    one, two = keys.encrypt_for(HOME, b"Kim"), keys.encrypt_for(HOME, b"Kim")

    assert one != two
    assert b"Kim" not in one + two
    assert b"Kim" == keys.decrypt_for(HOME, one) == keys.decrypt_for(HOME, two)


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-1], lambda s: s[:-1] + bytes([s[-1] ^ 1]), lambda s: b"", lambda s: s[:5]]
)
def test_what_was_changed_does_not_decrypt(keys: FileKeys, spoil) -> None:  # type: ignore[no-untyped-def]
    assert None is keys.decrypt_for(HOME, spoil(keys.encrypt_for(HOME, b"Kim")))


def test_one_households_key_does_not_open_anothers(keys: FileKeys) -> None:
    keys.encrypt_for(AWAY, b"Lee")

    assert None is keys.decrypt_for(AWAY, keys.encrypt_for(HOME, b"Kim"))
    assert None is keys.decrypt_for(HouseholdId("nobody"), keys.encrypt_for(HOME, b"Kim"))


def test_a_destroyed_key_opens_nothing_and_is_never_made_anew(directory: Path, keys: FileKeys) -> None:
    sealed, others = keys.encrypt_for(HOME, b"Kim"), keys.encrypt_for(AWAY, b"Lee")

    keys.destroy(HOME)

    for each in (keys, FileKeys(directory)):
        assert None is each.decrypt_for(HOME, sealed)
        assert b"" == each.encrypt_for(HOME, b"Kim again")
        assert None is each.decrypt_for(HOME, b"")
        assert b"Lee" == each.decrypt_for(AWAY, others)


def test_a_process_that_held_the_key_loses_it_when_another_destroys_it(directory: Path, keys: FileKeys) -> None:
    sealed = keys.encrypt_for(HOME, b"Kim")

    FileKeys(directory).destroy(HOME)

    assert None is keys.decrypt_for(HOME, sealed)
    assert b"" == keys.encrypt_for(HOME, b"Kim again")


def test_destroying_twice_or_before_there_was_a_key_is_destroying_once(keys: FileKeys) -> None:
    keys.destroy(HOME)
    keys.destroy(HOME)

    assert b"" == keys.encrypt_for(HOME, b"Kim")


@pytest.mark.parametrize("odd", ["../../escape", "a/b", "", "x" * 500, "日本\n"])
def test_a_household_id_of_any_shape_stays_inside_the_directory(directory: Path, keys: FileKeys, odd: str) -> None:
    sealed = keys.encrypt_for(HouseholdId(odd), b"Kim")

    assert b"Kim" == keys.decrypt_for(HouseholdId(odd), sealed)
    assert {directory} == set(directory.parent.iterdir())


def test_no_master_key_is_made_where_there_are_data_that_were_written_with_one(directory: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"master\.key.*written with one.*backup"):
        FileKeys(directory, begins=False)
    assert not directory.exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_households_key_that_is_gone_damaged_or_cannot_be_written_is_a_store_that_fails(
    directory: Path, keys: FileKeys, known: bool
) -> None:
    sealed = keys.encrypt_for(HOME, b"Kim")
    (file,) = (directory / "households").iterdir()
    if not known:
        keys = FileKeys(directory)
        file.write_bytes(b"short")
    else:
        file.unlink()
    for fail in (lambda: keys.encrypt_for(HOME, b"Kim"), lambda: keys.decrypt_for(HOME, sealed)):
        with pytest.raises(StorageError, match="household's key"):
            fail()


def test_a_full_disk_is_a_store_that_fails(keys: FileKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "link", fail)
    with pytest.raises(StorageError, match="No space left on device"):
        keys.encrypt_for(HOME, b"Kim")
    with pytest.raises(StorageError, match="No space left on device"):
        keys.destroy(HOME)
