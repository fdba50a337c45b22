"""Google Merchant feeds in XML: RSS 2.0 and Atom with the `g:` namespace, read as a stream.

Document types and entities of the feed's own are refused (they can make a few bytes into gigabytes, or read other files), and
what a feed can make us hold is bounded by the limits below. What shops' programs write though XML forbids it, and can be meant in
one way only, is read as it is meant: a bare `&`, HTML's entities, control characters, blank lines at the start.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from html.entities import html5
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from skill.errors import FeedError
from skill.feeds.columns import MERCHANT, normal_name
from skill.feeds.rows import RawRow, RowProblem, shown
from skill.feeds.source import Source
from skill.feeds.text import TEXT_READ_MAX

#: Google's namespace. Source: Google Merchant Center, "RSS 2.0 specification" and "Atom 1.0 specification".
GOOGLE = "http://base.google.com/ns/1.0"
_GOOGLE_AS_WRITTEN = frozenset(
    {GOOGLE, f"{GOOGLE}/", "https://base.google.com/ns/1.0", "https://base.google.com/ns/1.0/"}
)
_PLAIN_NAMESPACES = (None, "", "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/")

DEPTH_MAX = 40
FIELDS_MAX = 500
_CHUNK_BYTES = 1 << 16
#: Bytes without an element or text: an endless tag or comment, which the parser would hold whole.
_SILENT_BYTES_MAX = 1 << 20


def xml_rows(source: Source, encoding: str = "") -> Iterator[RawRow | RowProblem | None]:
    """The products of the feed; None for one that is left out as hidden. XML states its own encoding.

    Raises `FeedError`, with the line, where the feed is not well-formed, or has a document type or entities.
    """
    parser = create_parser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    blank = _blank_lines(source)
    items = _Items(lambda: (parser.getLineNumber() or 1) + blank)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(items)
    silent_bytes = events = 0
    try:
        with source.open_bytes() as stream:
            for chunk in _mended(iter(lambda: stream.read(_CHUNK_BYTES), b"")):
                parser.feed(chunk)
                silent_bytes = 0 if items.events != events else silent_bytes + len(chunk)
                events = items.events
                if silent_bytes > _SILENT_BYTES_MAX:
                    raise _broken(source, blank + (parser.getLineNumber() or 1), "a tag or comment does not end")
                yield from items.take()
            parser.close()
            yield from items.take()
    except DefusedXmlException as error:
        raise FeedError(
            f"{source.path} declares a document type or entities of its own, which are not read: "
            "remove the <!DOCTYPE …> at its start",
            path=str(source.path),
        ) from error
    except _TooDeep as error:
        raise _broken(source, error.line, str(error)) from error
    except SAXParseException as error:
        raise _broken(source, blank + (error.getLineNumber() or 1), error.getMessage()) from error
    except (SAXException, LookupError, ValueError) as error:
        raise _broken(source, 1, str(error)) from error
    if not items.count:
        raise FeedError(
            f"{source.path} has no <item> (RSS) and no <entry> (Atom): export it as a Google Merchant feed",
            path=str(source.path),
        )


_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*")
_ENTITY_BYTES_MAX = 40
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_AMPERSAND = re.compile(rb"&(?:(#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{0,35});)?")
_XMLS_OWN = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def _blank_lines(source: Source) -> int:
    """Lines before the feed's first character, which `_mended` leaves out."""
    with source.open_bytes() as stream:
        found = _START.match(stream.read(_CHUNK_BYTES))
    return found[0].count(b"\n") if found else 0


def _mended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The feed's bytes with what XML forbids written as it is meant. UTF-16 stays as it is.

    In CDATA a `&` becomes `&amp;` as well: every text is freed of entities once more, because shops escape twice.
    """
    kept, at_start, as_is = b"", True, False
    for chunk in chunks:
        if at_start:
            as_is, at_start = chunk.startswith(_UTF_16), False
            chunk = chunk if as_is else _START.sub(b"", chunk, count=1)
        if as_is:
            yield chunk
            continue
        chunk = kept + chunk
        # An entity may go on in the next chunk.
        begun = chunk.rfind(b"&", max(0, len(chunk) - _ENTITY_BYTES_MAX))
        end = len(chunk) if begun < 0 or b";" in chunk[begun:] else begun
        kept = chunk[end:]
        yield _AMPERSAND.sub(_entity, _CONTROL.sub(b" ", chunk[:end]))
    if kept:
        yield _AMPERSAND.sub(_entity, _CONTROL.sub(b" ", kept))


def _entity(found: re.Match[bytes]) -> bytes:
    name = found[1]
    if name is None:
        return b"&amp;"
    if name in _XMLS_OWN:
        return found[0]
    if name.startswith(b"#"):
        number = int(name[2:], 16) if name.startswith(b"#x") else int(name[1:])
        seen = (
            number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
        )
        return found[0] if seen else b" "
    said = html5.get(f"{name.decode()};")
    return b"&amp;" + found[0][1:] if said is None else b"".join(b"&#%d;" % ord(c) for c in said)


_DECLARED = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")


def stated_encoding(source: Source) -> str:
    """The encoding that the feed's byte order mark or first line states; UTF-8 without either."""
    with source.open_bytes() as stream:
        head = stream.read(1024)
    if head.startswith(_UTF_16):
        return "utf-16"
    found = _DECLARED.search(head)
    return found[1].decode().lower() if found else "utf-8"


def _broken(source: Source, line: int | None, reason: str) -> FeedError:
    remedy = "mend that line (a < in a text is written &lt;, and each element ends with its own name), or export the feed again"
    if "prefix" in reason:
        remedy = f'declare xmlns:g="{GOOGLE}" in the first element'
    elif "encoding" in reason:
        remedy = "state its encoding in the first line as it is, or save it as UTF-8"
    elif "invalid token" in reason and not _is_utf_8(source):
        remedy = (
            "it has letters that are not UTF-8; state its encoding in the first line as it is, such as "
            '<?xml version="1.0" encoding="windows-1252"?>, or save it as UTF-8'
        )
    return FeedError(
        f"{source.path} is broken at line {line or 1} ({reason}): {remedy}", path=str(source.path), line=line
    )


def _is_utf_8(source: Source) -> bool:
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        with source.open_bytes() as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                decode(chunk)
    except FeedError:  # what `open_bytes` makes of bytes that cannot be decoded
        return False
    return True


class _TooDeep(Exception):
    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(reason)


#: Fields that are made of elements, which are kept as `downpayment=10 EUR`.
_WITH_ELEMENTS = frozenset({"subscription_cost", "installment"})


#: Fields that an item has once. Of pictures it may have several, of which the first counts.
_ONCE = frozenset(
    column
    for column, (name, _) in MERCHANT.meanings.items()
    if name not in ("category", "image_url", "description", "allergens")
)
#: Fields of which all count that an item has, with what joins them.
_JOINED = {"product_type": " > ", "allergens": ", "}


class _Items(ContentHandler):
    """Collects each item's fields, one level deep: what lies deeper (`g:shipping`) is not used, but for `_WITH_ELEMENTS`."""

    def __init__(self, line_now: Callable[[], int]) -> None:
        super().__init__()
        self._line_now = line_now
        self.count = self.events = 0
        self._done: list[RawRow | RowProblem | None] = []
        self._twice: RowProblem | None = None
        self._depth = self._item_depth = self._line = 0
        self._cells: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._field: tuple[str, str, bool] | None = None
        self._text: list[str] = []
        self._text_length = 0

    def take(self) -> list[RawRow | RowProblem | None]:
        """The items that are complete, each given out once."""
        done, self._done = self._done, []
        return done

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        self.events += 1
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise _TooDeep(self._line_now(), f"more than {DEPTH_MAX} elements inside each other")
        namespace, local = name
        if not self._item_depth:
            if local in ("item", "entry") and namespace in _PLAIN_NAMESPACES:
                self._item_depth, self._line = self._depth, self._line_now()
                self._cells, self._names, self.count = {}, {}, self.count + 1
                self._twice = None
        elif self._depth == self._item_depth + 1 and (
            namespace in _GOOGLE_AS_WRITTEN or namespace in _PLAIN_NAMESPACES
        ):
            ours = namespace in _GOOGLE_AS_WRITTEN
            self._field = (normal_name(local), f"g:{local}" if ours else local, ours)
            self._text, self._text_length = [], 0
        elif self._is_within():
            self._text.append(f" {normal_name(local)}=")

    def _is_within(self) -> bool:
        """Whether this is an element of a field that is made of elements."""
        return self._depth == self._item_depth + 2 and self._field is not None and self._field[0] in _WITH_ELEMENTS

    def characters(self, content: str) -> None:
        self.events += 1
        of_field = self._field and self._depth == self._item_depth + 1
        if (of_field or self._is_within()) and self._text_length < TEXT_READ_MAX:
            self._text.append(content)
            self._text_length += len(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self.events += 1
        if self._item_depth and self._depth == self._item_depth + 1 and self._field:
            column, written, ours = self._field
            text = "".join(self._text).strip()
            if column in _JOINED and text and column in self._cells:
                # A product may be of several types, and the guard refuses by any of them.
                self._cells[column] = f"{self._cells[column]}{_JOINED[column]}{text}"[:TEXT_READ_MAX]
            # `g:title` counts before the feed's own `title`; of repeated fields (more pictures) the first.
            if column in _ONCE and text and written == self._names.get(column) and text != self._cells[column]:
                remedy = f"the item says {written} twice: keep one of the two"
                self._twice = RowProblem(self._line, written, shown(text), remedy, "key_twice")
            better = column not in self._cells or (ours and not self._names[column].startswith("g:"))
            if text and better and len(self._cells) < FIELDS_MAX:
                self._cells[column], self._names[column] = text, written
            self._field = None
        elif self._depth == self._item_depth:
            left_out = MERCHANT.is_left_out(self._cells)
            row = self._twice or MERCHANT.raw_row(self._line, self._cells, self._names)
            self._done.append(None if left_out else row)
            self._item_depth = 0
        self._depth -= 1
