"""Published catalogues in a folder: one answers, a few are kept, and no crash loses both."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from skill.adapters.local.publications import FolderPublications
from skill.errors import CatalogueMissing, StorageError
from skill.ports import PUBLICATIONS_MAX, Publication

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> FolderPublications:
    return FolderPublications(tmp_path / "catalogue.index", tmp_path / "catalogues")


def publish(shelf: FolderPublications, tmp_path: Path, version: str, minute: int = 0) -> Publication:
    index = tmp_path / "built"
    index.unlink(missing_ok=True)
    index.write_text(f"index {version}")
    publication = Publication(version, 3, NOON + timedelta(minutes=minute))
    shelf.publish(index, publication)
    return publication


def test_the_newest_answers_and_those_before_can_be_fetched(shelf: FolderPublications, tmp_path: Path) -> None:
    first, second = publish(shelf, tmp_path, "7-a"), publish(shelf, tmp_path, "7-b", 1)
    assert "index 7-b" == (tmp_path / "catalogue.index").read_text()
    assert [second, first] == shelf.history()
    assert "index 7-a" == shelf.fetch("7-a").read_text()


def test_what_is_published_again_moves_to_the_front(shelf: FolderPublications, tmp_path: Path) -> None:
    publish(shelf, tmp_path, "7-a")
    publish(shelf, tmp_path, "7-b", 1)
    again = Publication("7-a", 3, NOON + timedelta(minutes=2))
    shelf.publish(shelf.fetch("7-a"), again)
    assert [again.version, "7-b"] == [each.version for each in shelf.history()]
    assert "index 7-a" == (tmp_path / "catalogue.index").read_text()
    assert "index 7-a" == shelf.fetch("7-a").read_text()


def test_the_oldest_beyond_the_limit_are_forgotten(shelf: FolderPublications, tmp_path: Path) -> None:
    for number in range(PUBLICATIONS_MAX + 2):
        publish(shelf, tmp_path, f"7-{number}", number)
    assert PUBLICATIONS_MAX == len(shelf.history())
    assert PUBLICATIONS_MAX == len(list((tmp_path / "catalogues").glob("*.index")))
    with pytest.raises(CatalogueMissing, match="7-0 is not kept"):
        shelf.fetch("7-0")


def test_a_reader_keeps_the_file_that_it_opened(shelf: FolderPublications, tmp_path: Path) -> None:
    publish(shelf, tmp_path, "7-a")
    with (tmp_path / "catalogue.index").open() as reader:
        publish(shelf, tmp_path, "7-b", 1)
        assert "index 7-a" == reader.read()


def test_without_hard_links_the_files_are_copied(
    shelf: FolderPublications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    publish(shelf, tmp_path, "7-a")
    assert "index 7-a" == (tmp_path / "catalogue.index").read_text()
    assert 1 == (tmp_path / "catalogue.index").stat().st_nlink


@pytest.mark.parametrize("version", ["../escape", "", "a/b", "x" * 81])
def test_a_version_cannot_name_another_folder(shelf: FolderPublications, version: str) -> None:
    with pytest.raises(CatalogueMissing):
        shelf.fetch(version)


def test_a_list_that_cannot_be_read_says_which_file(shelf: FolderPublications, tmp_path: Path) -> None:
    publish(shelf, tmp_path, "7-a")
    (tmp_path / "catalogues" / "published.json").write_text("{")
    with pytest.raises(StorageError, match=r"published\.json"):
        shelf.history()


def test_a_full_disk_leaves_the_catalogue_that_answers(
    shelf: FolderPublications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(shelf, tmp_path, "7-a")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr("shutil.copyfile", refuse)
    with pytest.raises(StorageError, match="No space left"):
        publish(shelf, tmp_path, "7-b", 1)
    assert "index 7-a" == (tmp_path / "catalogue.index").read_text()
    assert ["7-a"] == [each.version for each in shelf.history()]


def test_an_index_is_copied_once_and_before_it_answers(
    shelf: FolderPublications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(shelf, tmp_path, "7-a")
    built, publication, link = tmp_path / "elsewhere", Publication("7-b", 3, NOON), os.link
    built.write_text("index 7-b")

    def link_here(source: Path, target: Path) -> None:
        if source == built:
            raise OSError(18, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(os, "link", link_here)
    kept = shelf.keep(built, publication)
    assert "index 7-a" == (tmp_path / "catalogue.index").read_text()
    assert ["7-a"] == [each.version for each in shelf.history()]

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", refuse)
    shelf.publish(kept, publication)
    assert "index 7-b" == (tmp_path / "catalogue.index").read_text()


def test_what_was_kept_and_never_published_is_forgotten_with_the_next(
    shelf: FolderPublications, tmp_path: Path
) -> None:
    (tmp_path / "left").write_text("index 7-x")
    left = shelf.keep(tmp_path / "left", Publication("7-x", 3, NOON))
    publish(shelf, tmp_path, "7-a")
    assert not left.exists()
