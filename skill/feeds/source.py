"""The bytes of a feed: packed or not, their encoding, and lines of bounded length."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from skill.errors import FeedError

#: A line beyond this is no row of a shop. It bounds the memory that one row can take, in bytes or characters.
LINE_LENGTH_MAX = 1_000_000
_CHUNK_BYTES = 1 << 16

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: What shops' older programs write in, by language; `windows-1252` in all others.
#: Source: Microsoft, "Code page identifiers", the ANSI code pages.
_CODE_PAGES = {
    "el": "windows-1253",
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq"), "windows-1250"),
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "ru", "sr", "uk"), "windows-1251"),
    "tr": "windows-1254", "et": "windows-1257", "lt": "windows-1257", "lv": "windows-1257",
}  # fmt: skip
_GZIP = b"\x1f\x8b"
_NOT_TEXT = (
    (b"PK\x03\x04", "is a spreadsheet or a zip archive: save it as CSV (comma separated, UTF-8), or unpack it"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel spreadsheet: save it as CSV (comma separated, UTF-8)"),
    (b"%PDF", "is a PDF: export the products as CSV instead"),
    (b"SQLite format 3", "is a database: export the products as CSV instead"),
    (codecs.BOM_UTF32_LE, "is UTF-32: save it as UTF-8"),
    (codecs.BOM_UTF32_BE, "is UTF-32: save it as UTF-8"),
)


@dataclass(slots=True)
class Source:
    """A feed's file. `bytes_read` of `bytes_total` are behind the reader, counted as they lie on the disk."""

    path: Path
    bytes_total: int
    packed: bool
    bytes_read: int = 0

    @contextmanager
    def open_bytes(self) -> Iterator[BinaryIO]:
        """The unpacked bytes. Raises `FeedError` where the file cannot be read or its packing is damaged."""
        self.bytes_read = 0
        try:
            with self.path.open("rb") as file:
                counted = _Counted(file, self)
                if self.packed:
                    with gzip.GzipFile(fileobj=counted) as unpacked:
                        yield cast(BinaryIO, unpacked)
                else:
                    yield cast(BinaryIO, io.BufferedReader(counted, _CHUNK_BYTES))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FeedError(
                f"{self.path} is a damaged gzip file ({error}): copy it again", path=str(self.path)
            ) from error
        except UnicodeDecodeError as error:
            raise FeedError(
                f"{self.path} breaks its own encoding, {error.encoding} ({error.reason}): save it as UTF-8",
                path=str(self.path),
            ) from error

    @contextmanager
    def open_text(self, encoding: str) -> Iterator[IO[str]]:
        """The text, line ends as they are. Bytes that are no character become lone surrogates, so that their row is known."""
        errors = "strict" if encoding == "utf-16" else "surrogateescape"
        with self.open_bytes() as stream, io.TextIOWrapper(stream, encoding, errors, newline="") as text:
            yield text

    def encoding(self, language: str = "en") -> tuple[str, str]:
        """The encoding, and a note for the operator where it had to be guessed.

        A byte order mark decides; otherwise UTF-8, unless the text cannot be that: then the Windows code page of the language
        ("en"), in which shops' older programs write. Single bad lines among good UTF-8 do not turn the file into that.
        """
        with self.open_bytes() as stream:
            head = stream.read(4096)
            for mark, name in _BOMS:
                if head.startswith(mark):
                    return name, ""
            if b"\0" in head:
                raise FeedError(
                    f"{self.path} is not text, or UTF-16 without a byte order mark: save it as UTF-8",
                    path=str(self.path),
                )
        good = bad = first_bad = number = 0
        with self.open_bytes() as stream:
            while line := stream.readline(LINE_LENGTH_MAX):
                number += 1
                if line.isascii():
                    continue
                try:
                    line.decode()
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
                    first_bad = first_bad or number
        if bad > good:
            code_page = _CODE_PAGES.get(language, "windows-1252")
            return code_page, (
                f"line {first_bad} is not UTF-8, so the file was read as {code_page.title()}: "
                "if letters look wrong, name its encoding with --encoding, or save it as UTF-8"
            )
        return "utf-8", ""


def known_encoding(name: str) -> str:
    """The encoding of that name. Raises `FeedError` for one that there is not, or that is no encoding of texts."""
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except LookupError as error:
        raise FeedError(f"there is no encoding {name}: write one such as utf-8, windows-1253 or iso-8859-2") from error


def open_source(path: Path) -> Source:
    """Raises `FeedError` for a file that is not there, is empty, or is no text in any packing that is known."""
    try:
        bytes_total = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(16)
    except (FileNotFoundError, NotADirectoryError):
        raise FeedError(f"there is no file {path}", path=str(path)) from None
    except IsADirectoryError:
        raise FeedError(f"{path} is a folder: name the feed's file in it", path=str(path)) from None
    except OSError as error:
        raise FeedError(f"{path} cannot be read: {error.strerror}", path=str(path)) from error
    source = Source(path, bytes_total, packed=head.startswith(_GZIP))
    if source.packed:
        with source.open_bytes() as stream:
            head = stream.read(16)
    for mark, what in _NOT_TEXT:
        if head.startswith(mark):
            raise FeedError(f"{path} {what}", path=str(path))
    if not head:
        raise FeedError(f"{path} is empty: export the catalogue again", path=str(path))
    return source


class _Counted(io.RawIOBase):
    """A file that tells its source how far it has been read."""

    def __init__(self, file: BinaryIO, source: Source) -> None:
        self._file, self._source = file, source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._source.bytes_read += len(data)
        return len(data)
