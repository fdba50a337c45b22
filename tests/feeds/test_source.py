import gzip
from pathlib import Path

import pytest

from skill.errors import FeedError
from skill.feeds.source import open_source

HEADER = "sku,title,price,quantity\n"


def encoding_of(tmp_path: Path, content: bytes) -> tuple[str, str]:
    path = tmp_path / "feed.csv"
    path.write_bytes(content)
    return open_source(path).encoding()


@pytest.mark.parametrize(
    ("codec", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("ascii", "utf-8")],
)
def test_the_encoding_is_found(tmp_path: Path, codec: str, named: str) -> None:
    text = HEADER if codec == "ascii" else HEADER + "1,Crème,1.00,1\n"
    assert (named, "") == encoding_of(tmp_path, text.encode(codec))


def test_big_endian_utf_16_is_found_by_its_mark(tmp_path: Path) -> None:
    assert ("utf-16", "") == encoding_of(tmp_path, b"\xfe\xff" + HEADER.encode("utf-16-be"))


def test_what_cannot_be_utf_8_is_read_as_windows_1252_with_a_note(tmp_path: Path) -> None:
    name, note = encoding_of(tmp_path, (HEADER + "1,Crème – “brûlée”,1.00,1\n").encode("windows-1252"))
    assert "windows-1252" == name
    assert "line 2" in note
    assert "save it as UTF-8" in note


@pytest.mark.parametrize(
    ("language", "title", "code_page"),
    [
        ("el", "Γάλα πλήρες", "windows-1253"),
        ("hr", "Čokolada sa šećerom", "windows-1250"),
        ("kk", "Сут (молоко)", "windows-1251"),
        ("it", "Caffè", "windows-1252"),
    ],
)
def test_what_cannot_be_utf_8_is_read_in_the_code_page_of_the_language(
    tmp_path: Path, language: str, title: str, code_page: str
) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes((HEADER + f"1,{title},1.00,1\n").encode(code_page))
    name, note = open_source(path).encoding(language)
    assert code_page == name
    assert code_page.title() in note
    assert "--encoding" in note


def test_single_bad_bytes_among_good_utf_8_do_not_change_the_encoding(tmp_path: Path) -> None:
    content = (HEADER + "1,Crème,1.00,1\n2,Brûlée,1.00,1\n").encode() + b"3,Caf\xe9,1.00,1\n"
    assert ("utf-8", "") == encoding_of(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "export the catalogue again"),
        (gzip.compress(b"", mtime=0), "export the catalogue again"),
        (b"PK\x03\x04rest of a spreadsheet", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "save it as CSV"),
        (b"%PDF-1.7", "as CSV"),
        (b"SQLite format 3\0", "as CSV"),
        (HEADER.encode("utf-32"), "save it as UTF-8"),
        (gzip.compress(b"PK\x03\x04", mtime=0), "save it as CSV"),
    ],
)
def test_a_file_that_is_no_feed_says_what_to_do(tmp_path: Path, content: bytes, remedy: str) -> None:
    path = tmp_path / "feed"
    path.write_bytes(content)
    with pytest.raises(FeedError, match=remedy):
        open_source(path)


def test_utf_16_without_a_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="save it as UTF-8"):
        encoding_of(tmp_path, HEADER.encode("utf-16-le"))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="there is no file"):
        open_source(tmp_path / "none.csv")
    with pytest.raises(FeedError, match="is a folder"):
        open_source(tmp_path)


@pytest.mark.parametrize("damage", [slice(0, -20), slice(0, 30)])
def test_a_damaged_gzip_file_says_so(tmp_path: Path, damage: slice) -> None:
    path = tmp_path / "feed.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 50, mtime=0)[damage])
    with pytest.raises(FeedError, match="damaged gzip file"), open_source(path).open_bytes() as stream:
        stream.read()


@pytest.mark.parametrize("packed", [False, True])
def test_progress_counts_the_bytes_on_the_disk(tmp_path: Path, packed: bool) -> None:
    content = (HEADER + "1,Milk,1.00,1\n" * 5000).encode()
    path = tmp_path / "feed"
    path.write_bytes(gzip.compress(content) if packed else content)
    source = open_source(path)
    with source.open_bytes() as stream:
        while stream.read(1000):
            pass
    assert path.stat().st_size == source.bytes_read == source.bytes_total
