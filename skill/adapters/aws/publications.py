"""Published catalogues in a bucket: indexes under their content's hash, and one pointer that says which of them answers.

A publisher puts the index first and then flips the pointer, on the condition that nobody else has meanwhile. An instance looks at
the pointer now and then, fetches what it names beside its work, and goes on answering from what it has until the new one is
whole, checked and in place. One that is missing, cut off or of another format is told of in the log, and the old one stays.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from skill.adapters.aws.wire import refused, unanswered
from skill.adapters.records import read_json, write_json
from skill.errors import CatalogueMissing, StorageError
from skill.ports import PUBLICATIONS_MAX, Clock, Publication

_log = logging.getLogger(__name__)

_FOLDER = "catalogue/"
_POINTER = f"{_FOLDER}published.json"
_CHUNK_BYTES = 1 << 20
#: How old what an instance knows of the pointer may be.
LOOK_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A publication, and where its index lies."""

    publication: Publication
    sha256: str
    size_bytes: int

    @property
    def key(self) -> str:
        return f"{_FOLDER}{self.sha256}.index"


def _listed(index: Path, publication: Publication) -> _Listed:
    with index.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return _Listed(publication, sha256, index.stat().st_size)


class BucketPublications:
    """`client` is a botocore client for S3, whose time limits suit whole indexes. Fetched files are kept in `folder`."""

    def __init__(self, client: Any, bucket: str, folder: Path) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = folder

    def keep(self, index: Path, publication: Publication) -> Path:
        try:
            self._put_index(index, _listed(index, publication))
        except (unanswered(), refused(), OSError) as error:
            raise StorageError(f"the catalogue could not be put into {self._bucket}: {error}") from error
        return index

    def publish(self, index: Path, publication: Publication) -> None:
        """Raises `StorageError` also where somebody else published at the same moment."""
        new = _listed(index, publication)
        try:
            listed, etag = self._read_list()
            self._put_index(index, new)
            kept = [new, *(each for each in listed if each.publication.version != publication.version)]
            self._write_list(kept[:PUBLICATIONS_MAX], etag)
        except (unanswered(), refused(), OSError) as error:
            if _status(error) in (409, 412):
                raise StorageError(
                    f"another catalogue was published to {self._bucket} at the same moment: look at it, and publish again"
                ) from error
            raise StorageError(f"the catalogue could not be published to {self._bucket}: {error}") from error
        still_named = {each.key for each in kept[:PUBLICATIONS_MAX]}
        for each in kept[PUBLICATIONS_MAX:]:
            # Left behind it costs a little room; a publication that failed for it would cost more.
            with suppress(unanswered(), refused()):
                if each.key not in still_named:
                    self._client.delete_object(Bucket=self._bucket, Key=each.key)

    def history(self) -> Sequence[Publication]:
        return [each.publication for each in self.listed()[0]]

    def fetch(self, version: str) -> Path:
        for each in self.listed()[0]:
            if each.publication.version == version:
                return self.fetch_listed(each)
        raise CatalogueMissing(
            f"catalogue {version} is not kept in {self._bucket}: see `sayso catalogue history`", path=self._bucket
        )

    def listed(self) -> tuple[list[_Listed], str | None]:
        """What is kept, newest first, and the pointer's ETag. Raises `StorageError`."""
        try:
            return self._read_list()
        except (unanswered(), refused()) as error:
            raise StorageError(f"the list of catalogues in {self._bucket} cannot be read: {error}") from error

    def fetch_listed(self, listed: _Listed) -> Path:
        """The index as a file of its own below `folder`. Raises `CatalogueMissing` where it is not what it was, `StorageError`."""
        target = self._folder / f"{listed.sha256}.index"
        if target.exists():
            return target
        self._folder.mkdir(parents=True, exist_ok=True)
        import tempfile  # a start that has its catalogue does without it

        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                digest = self._download(listed.key, file)
            if digest != listed.sha256:
                raise CatalogueMissing(
                    f"{listed.key} in {self._bucket} is not what was published: publish the catalogue again",
                    path=listed.key,
                )
            os.replace(name, target)
        except (unanswered(), refused(), OSError) as error:
            if _status(error) == 404:
                raise CatalogueMissing(
                    f"{listed.key} is missing in {self._bucket}: publish the catalogue again", path=listed.key
                ) from error
            raise StorageError(f"{listed.key} could not be fetched from {self._bucket}: {error}") from error
        finally:
            Path(name).unlink(missing_ok=True)
        return target

    def _download(self, key: str, file: Any) -> str:
        digest = hashlib.sha256()
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
        return digest.hexdigest()

    def _put_index(self, index: Path, new: _Listed) -> None:
        try:
            if self._client.head_object(Bucket=self._bucket, Key=new.key)["ContentLength"] == new.size_bytes:
                return
        except refused() as error:
            if _status(error) not in (403, 404):  # who may not list a bucket is told 403 of what is not there
                raise
        with index.open("rb") as file:
            self._client.put_object(Bucket=self._bucket, Key=new.key, Body=file, ContentType="application/vnd.sqlite3")

    def _read_list(self) -> tuple[list[_Listed], str | None]:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_POINTER)
        except refused() as error:
            if _status(error) == 404:
                return [], None
            raise
        text = answer["Body"].read().decode()
        try:
            return [
                _Listed(Publication(version, count, datetime.fromisoformat(at)), sha256, size)
                for version, count, at, sha256, size in read_json(text)
            ], answer["ETag"]
        except (ValueError, TypeError) as error:
            raise StorageError(f"{_POINTER} in {self._bucket} cannot be read: publish the catalogue again") from error

    def _write_list(self, listed: Sequence[_Listed], etag: str | None) -> None:
        lines = [
            [
                e.publication.version,
                e.publication.products_count,
                e.publication.published_at.isoformat(),
                e.sha256,
                e.size_bytes,
            ]
            for e in listed
        ]
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        self._client.put_object(
            Bucket=self._bucket,
            Key=_POINTER,
            Body=write_json(lines).encode(),
            ContentType="application/json",
            **condition,
        )


class CatalogueFollower:
    """Keeps the file `current` the index that the bucket's pointer names.

    `check` opens an index and tells its version; it raises `CatalogueMissing` where this Sayso cannot read it.
    """

    def __init__(
        self, publications: BucketPublications, current: Path, clock: Clock, check: Callable[[Path], str]
    ) -> None:
        self._publications = publications
        self._current = current
        self._clock = clock
        self._check = check
        self._looked_at: datetime | None = None
        self._version = ""
        self._refused: set[str] = set()
        self._fetching = threading.Lock()

    def start(self) -> None:
        """Fetches what answers; where that is bad, the newest before it that is good. What goes wrong is logged."""
        self._looked_at = self._clock.now_utc()
        with suppress(CatalogueMissing):  # a package may bring one along
            self._version = self._check(self._current)
        self._follow(all_of_them=True)

    def look(self) -> None:
        """At the start of a turn: where it is time, sees beside the turn whether there is another catalogue."""
        now = self._clock.now_utc()
        if self._looked_at is not None and abs(now - self._looked_at) < LOOK_EVERY:
            return
        self._looked_at = now
        threading.Thread(target=self._follow, name="catalogue", daemon=True).start()

    def _follow(self, all_of_them: bool = False) -> None:
        if not self._fetching.acquire(blocking=False):
            return  # the one before is still at it
        try:
            listed, _ = self._publications.listed()
            for each in listed if all_of_them else listed[:1]:
                if each.publication.version == self._version or self._take(each):
                    return
        except StorageError as error:
            _log.error("the catalogue is not refreshed: %s", error)
        finally:
            self._fetching.release()

    def _take(self, listed: _Listed) -> bool:
        if listed.sha256 in self._refused:
            return False
        try:
            fetched = self._publications.fetch_listed(listed)
        except CatalogueMissing as error:
            _log.error("catalogue %s is not taken: %s", listed.publication.version, error)
            return False
        try:
            self._check(fetched)
        except CatalogueMissing as error:
            # It has the right hash, so fetching it again would bring the same.
            self._refused.add(listed.sha256)
            fetched.unlink(missing_ok=True)
            _log.error("catalogue %s is not taken: %s", listed.publication.version, error)
            return False
        os.replace(fetched, self._current)
        self._version = listed.publication.version
        _log.info("catalogue %s answers", listed.publication.version)
        return True


def _status(error: Exception) -> int:
    """The HTTP status that an answer of S3's had; 0 where there was none."""
    if not isinstance(error, refused()):
        return 0
    status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status
