"""Published catalogues in a folder beside the one that answers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from skill.errors import CatalogueMissing, StorageError
from skill.ports import PUBLICATIONS_MAX, Publication

_VERSION = re.compile(r"[A-Za-z0-9._-]{1,80}")


class FolderPublications:
    """`current` is the file that answers; those that can be gone back to lie in `folder`, which has their list too."""

    def __init__(self, current: Path, folder: Path) -> None:
        self._current = current
        self._folder = folder

    def keep(self, index: Path, publication: Publication) -> Path:
        kept = self._path(publication.version)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not (kept.exists() and index.samefile(kept)):
                _put(index, kept)
        except OSError as error:
            raise StorageError(f"the catalogue could not be put into {self._folder}: {error.strerror}") from error
        return kept

    def publish(self, index: Path, publication: Publication) -> None:
        kept = self.keep(index, publication)
        try:
            # The list first: a file that is in no list yet would never be forgotten.
            listed = [publication, *(each for each in self.history() if each.version != publication.version)]
            self._write_list(listed[:PUBLICATIONS_MAX])
            _put(kept, self._current)
            self._forget_others({each.version for each in listed[:PUBLICATIONS_MAX]})
        except OSError as error:
            raise StorageError(f"the catalogue could not be put into {self._folder}: {error.strerror}") from error

    def history(self) -> Sequence[Publication]:
        try:
            listed = json.loads((self._folder / "published.json").read_text(encoding="utf-8"))
            return [
                Publication(version, products, datetime.fromisoformat(at))
                for version, products, at in listed
                if self._path(version).exists()
            ]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise StorageError(f"{self._folder / 'published.json'} cannot be read; move it away: {error}") from error

    def fetch(self, version: str) -> Path:
        path = self._path(version)
        if not path.is_file():
            raise CatalogueMissing(
                f"catalogue {version} is not kept here: see `sayso catalogue history`", path=str(path)
            )
        return path

    def _path(self, version: str) -> Path:
        if not _VERSION.fullmatch(version):
            raise CatalogueMissing(
                f"{version!r} is no catalogue's version: see `sayso catalogue history`", path=version
            )
        return self._folder / f"{version}.index"

    def _write_list(self, publications: Sequence[Publication]) -> None:
        lines = [[each.version, each.products_count, each.published_at.isoformat()] for each in publications]
        written = self._folder / "published.json.new"
        with written.open("w", encoding="utf-8") as file:
            json.dump(lines, file)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self._folder / "published.json")

    def _forget_others(self, versions: set[str]) -> None:
        for path in self._folder.glob("*.index"):
            if path.stem not in versions:
                path.unlink(missing_ok=True)


def _put(source: Path, target: Path) -> None:
    """The same file under another name, in one step, whatever was there before; a copy where there can be no second name."""
    beside = target.with_name(f"{target.name}.new")
    beside.unlink(missing_ok=True)
    try:
        os.link(source, beside)
    except OSError:
        import shutil  # a start without a publication does without it

        shutil.copyfile(source, beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
    beside.replace(target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
