"""Builds the catalogue's index: one SQLite file with everything that a shopper's question needs.

The file is written beside its destination, synced, and renamed over it: a process that reads the old one goes on reading
it, the next to open sees the new one, and a build that dies leaves the old one in place. Memory is bounded by the
vocabulary, not by the number of products.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from skill.errors import FeedError
from skill.search.hearing import Spelling, grams, pronounce, sound_mask
from skill.search.languages import language_codes, read_language
from skill.search.layout import APPLICATION_ID, FORMAT_VERSION, GRAMS_MAX, GRAMS_SHIFT, MASK_SHIFT, SOUNDS_COUNT_MAX
from skill.search.sounds import read_dictionary, read_spelling
from skill.search.words import Words
from skill.shop.catalogue import Product, title_head

#: Distinct words of a description that are indexed. What a product is, is said in its first sentences.
BODY_TERMS_MAX = 80
#: Pairs of neighbouring title words that can be heard as one, the most frequent ones.
PAIRS_MAX = 300_000
#: Pairs that are counted at a time; beyond it those seen once are forgotten, which bounds memory.
PAIRS_COUNTED_MAX = 3_000_000
#: Words and pairs under one gram of sounds, the most frequent ones.
GRAM_SOUNDS_MAX = 1000
#: Bytes of a page of the pronouncing dictionary: small enough to search, large enough not to be many rows.
DICTIONARY_PAGE_BYTES = 4000
#: Seconds after which a file that a build was writing, and no longer does, is taken to be left over.
LEFT_OVER_S = 3600
#: Products between two calls of `progress`.
PROGRESS_STEP = 500

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE product (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL, title TEXT NOT NULL,
    terms TEXT NOT NULL, head INTEGER NOT NULL, sounds TEXT NOT NULL, facts TEXT, body TEXT,
    brand TEXT, size TEXT, category INTEGER, rating INTEGER, currency TEXT, more TEXT);
CREATE TABLE category (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, products INTEGER NOT NULL);
CREATE TABLE term (
    text TEXT PRIMARY KEY, sounds TEXT NOT NULL, in_titles BLOB NOT NULL, in_texts BLOB NOT NULL);
CREATE TABLE brand (said TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE dictionary (first TEXT PRIMARY KEY, page TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sound (id INTEGER PRIMARY KEY, sounds TEXT NOT NULL, terms TEXT NOT NULL, titles INTEGER NOT NULL);
CREATE TABLE gram (text TEXT PRIMARY KEY, sounds BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What was built. `version` is a hash of the content and of the rules, the same for the same input."""

    path: Path
    version: str
    products_count: int
    terms_count: int
    size_bytes: int


def build_index(
    products: Iterable[Product],
    path: Path,
    *,
    locale: str = "en-US",
    progress: Callable[[int], None] | None = None,
    facts: Callable[[], Mapping[str, str]] | None = None,
) -> IndexInfo:
    """Writes the index of `products` to `path`, atomically.

    `locale` says which language titles and shoppers have. `progress` is called with the number of products read so far.
    `facts` is asked for further entries of `meta` when all products have been read; the version does not depend on them.
    Raises `FeedError` when a SKU comes twice, `SettingsInvalid` for a language without rules; `path` is then untouched.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.{os.getpid()}.building")
    staging = path.with_name(f".{path.name}.{os.getpid()}.staging")
    try:
        for left in (building, staging):
            left.unlink(missing_ok=True)
        _clear_left_over(path, building)
        info = _build(products, building, staging, locale, progress, facts)
        with open(building, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(building, path)
        _sync_folder(path.parent)
    finally:
        for left in (building, staging):
            left.unlink(missing_ok=True)
    return IndexInfo(path, info.version, info.products_count, info.terms_count, path.stat().st_size)


def _clear_left_over(path: Path, building: Path) -> None:
    """Removes what builds of this index that were killed left behind: a build that lives writes all the time."""
    building.touch()
    latest = building.stat().st_mtime - LEFT_OVER_S
    for left in path.parent.glob(f".{path.name}.*.*ing"):
        with suppress(OSError):  # another build may be clearing up, too
            if left.stat().st_mtime < latest:
                left.unlink()


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every file system lets a folder be opened; the rename has happened all the same
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _build(
    products: Iterable[Product],
    building: Path,
    staging: Path,
    locale: str,
    progress: Callable[[int], None] | None,
    facts: Callable[[], Mapping[str, str]] | None,
) -> IndexInfo:
    words = Words(read_language(locale.partition("-")[0]))
    with closing(sqlite3.connect(building, isolation_level=None)) as db:
        db.executescript(
            "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
        )
        db.execute("ATTACH ? AS stage", (str(staging),))
        db.executescript("PRAGMA stage.journal_mode=OFF; PRAGMA stage.synchronous=OFF;")
        db.executescript(_SCHEMA)
        db.execute("CREATE TABLE stage.staged (sku TEXT PRIMARY KEY, quality INTEGER, row TEXT)")
        language = locale.partition("-")[0]
        dictionary = read_dictionary(language)
        stager = _Stager(words, Speaker(words, dictionary, Spelling(read_spelling(language))))
        db.execute("BEGIN")
        try:
            db.executemany("INSERT INTO stage.staged VALUES (?,?,?)", stager.rows(products, progress))
        except sqlite3.IntegrityError as error:
            raise FeedError(
                f"the SKU {stager.last_sku!r} comes twice (product {stager.count}): each product needs its own",
                sku=stager.last_sku,
            ) from error
        db.execute("COMMIT")
        db.execute("BEGIN")
        _write_products(db, stager)
        db.executemany("INSERT INTO brand VALUES (?,?)", sorted(stager.brands.items()))
        db.executemany("INSERT INTO category VALUES (?,?,?)", stager.category_rows())
        db.executemany("INSERT INTO dictionary VALUES (?,?)", _pages(dictionary))
        _write_sounds(db, stager)
        db.execute("CREATE UNIQUE INDEX product_sku ON product(sku)")
        # Shoppers may speak another language than the catalogue: filters are understood in all of them.
        rules = {code: words.rules if code == language else read_language(code) for code in language_codes()}
        stager.digest.update(json.dumps(rules, sort_keys=True).encode())
        version = f"{FORMAT_VERSION}-{stager.digest.hexdigest()[:16]}"
        meta = {
            "version": version,
            "locale": locale,
            "currency": stager.currency,
            "count": str(stager.count),
            "title_terms_mean": f"{stager.title_terms / max(1, stager.count):.3f}",
            "rules": json.dumps(words.rules, separators=(",", ":")),
            **{
                f"rules.{code}": json.dumps(other, separators=(",", ":"))
                for code, other in rules.items()
                if code != language
            },
            "spelling": json.dumps(read_spelling(locale.partition("-")[0]), separators=(",", ":")),
        }
        meta |= facts() if facts else {}
        db.executemany("INSERT INTO meta VALUES (?,?)", sorted(meta.items()))
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={FORMAT_VERSION}")
        db.execute("COMMIT")
        db.execute("DETACH stage")
    return IndexInfo(building, version, stager.count, stager.terms_count, 0)


class Speaker:
    """Says words, each worked out once."""

    def __init__(self, words: Words, dictionary: str, spelling: Spelling) -> None:
        self._words = words
        self._dictionary = dictionary.splitlines()
        self._spelling = spelling
        self._said: dict[str, str] = {}

    def sounds(self, word: str) -> str:
        said = self._said.get(word)
        if said is None:
            said = self._said[word] = pronounce(self._words.spoken(word), self._look_up, self._spelling)
        return said

    def _look_up(self, word: str) -> str | None:
        """The lines are sorted: a small catalogue has done before a table of all of them is made."""
        at = bisect_left(self._dictionary, f"{word} ")
        found, _, sounds = self._dictionary[at].partition(" ") if at < len(self._dictionary) else ("", "", "")
        return sounds if found == word else None


class _Stager:
    """Reads products once: rows for the staging table, and the counts that the whole index needs."""

    def __init__(self, words: Words, speaker: Speaker) -> None:
        self.words = words
        self.speaker = speaker
        self.count = 0
        self.last_sku = ""
        self.currency = ""
        self.title_terms = 0
        self.terms_count = 0
        self.surfaces: Counter[str] = Counter()
        self.pairs: Counter[str] = Counter()
        self.categories: dict[tuple[str, ...], int] = {}
        self.brands: dict[str, str] = {}
        self.category_products: Counter[int] = Counter()
        self.digest = hashlib.sha256(str(FORMAT_VERSION).encode())

    def rows(
        self, products: Iterable[Product], progress: Callable[[int], None] | None
    ) -> Iterator[tuple[str, int, str]]:
        for product in products:
            self.count += 1
            self.last_sku = product.sku
            yield self._row(product)
            if progress and self.count % PROGRESS_STEP == 0:
                progress(self.count)
        if progress:
            progress(self.count)

    def _row(self, product: Product) -> tuple[str, int, str]:
        words = self.words
        head = len(words.terms(words.tokens(title_head(product.title))))
        surfaces = words.meaningful(words.tokens(product.title))
        terms = [words.stem(s) for s in surfaces]
        self._count_sounds(surfaces)
        seen = set(terms)
        facts = self._more_terms([product.brand, product.size, *product.category, *_attribute_texts(product)], seen)
        body = self._more_terms([product.description], seen)[:BODY_TERMS_MAX]
        self.title_terms += len(terms)
        if not self.currency:
            self.currency = product.price.currency
        if product.brand:
            self.brands.setdefault(" ".join(words.tokens(product.brand)), product.brand)
        category = None
        if product.category:
            category = self.categories.setdefault(product.category, len(self.categories) + 1)
            self.category_products[category] += 1
        row = [
            product.sku, product.price.amount, product.stock, product.title,
            " ".join(terms), min(head, len(terms)),
            " ".join(map(self.speaker.sounds, surfaces)), " ".join(facts) or None, " ".join(body) or None,
            product.brand or None, product.size or None, category, product.rating_tenths,
            product.price.currency if product.price.currency != self.currency else None, _more(product),
        ]  # fmt: skip
        encoded = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        self.digest.update(encoded.encode())
        # Short titles first, then the much reviewed: where a scan must stop early, it has seen the likelier ones.
        return product.sku, len(terms) * 1_000_000 - min(product.reviews_count, 999_999), encoded

    def _count_sounds(self, surfaces: list[str]) -> None:
        self.surfaces.update(set(surfaces))
        self.pairs.update({f"{one} {other}" for one, other in pairwise(surfaces) if not (one[0] + other[0]).isdigit()})
        if len(self.pairs) > PAIRS_COUNTED_MAX:
            self.pairs = Counter({pair: n for pair, n in self.pairs.items() if n > 1})

    def _more_terms(self, texts: Iterable[str], seen: set[str]) -> list[str]:
        """Terms of the texts that are not in `seen` yet, each once; they are then."""
        fresh = []
        for text in texts:
            if text:
                for term in self.words.terms(self.words.tokens(text)):
                    if term not in seen:
                        seen.add(term)
                        fresh.append(term)
        return fresh

    def category_rows(self) -> Iterator[tuple[int, str, int]]:
        for path, number in self.categories.items():
            yield number, json.dumps(path, ensure_ascii=False), self.category_products[number]


def _attribute_texts(product: Product) -> Iterator[str]:
    for _, text in product.attributes:
        yield text


def _more(product: Product) -> str | None:
    """The facts that few products have, as JSON by field name; None where there are none."""
    more: dict[str, object] = {}
    for name in ("description", "reviews_count", "review", "age_min", "allergens", "image_url", "attributes"):
        value = getattr(product, name)
        if value:
            more[name] = value
    if product.gtin and product.gtin != product.sku:
        more["gtin"] = product.gtin
    elif not product.gtin:
        more["gtin"] = ""
    return json.dumps(more, ensure_ascii=False, separators=(",", ":")) if more else None


def _write_products(db: sqlite3.Connection, stager: _Stager) -> None:
    """Numbers the products by quality and writes them, and which of them have which term."""
    insert = "INSERT INTO product VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    stem = stager.words.stem
    pairs = {" ".join(map(stem, pair.split(" "))) for pair, _ in stager.pairs.most_common(PAIRS_MAX)}
    in_titles: dict[str, array[int]] = {}
    in_texts: dict[str, array[int]] = {}
    staged = db.cursor().execute("SELECT row FROM stage.staged ORDER BY quality, sku")
    for number, (encoded,) in enumerate(staged, 1):
        row = json.loads(encoded)
        db.execute(insert, (number, *row))
        title, facts, body = row[4], row[7], row[8]
        for term in set(title.split()):
            in_titles.setdefault(term, array("I")).append(number)
        neighbours = {f"{one} {other}" for one, other in pairwise(title.split())}
        for pair in neighbours & pairs:
            in_titles.setdefault(pair, array("I")).append(number)
        for term in f"{facts or ''} {body or ''}".split():
            in_texts.setdefault(term, array("I")).append(number)
    terms = sorted(in_titles.keys() | in_texts.keys())
    stager.terms_count = sum(" " not in term for term in terms)
    nowhere: array[int] = array("I")
    sounds: dict[str, str] = {}
    for surface, _ in stager.surfaces.most_common():
        sounds.setdefault(stem(surface), stager.speaker.sounds(surface))
    db.executemany(
        "INSERT INTO term VALUES (?,?,?,?)",
        (
            (
                term,
                "" if " " in term else sounds.get(term) or stager.speaker.sounds(term),
                numbers_blob(in_titles.get(term, nowhere)),
                numbers_blob(in_texts.get(term, nowhere)),
            )
            for term in terms
        ),
    )


def numbers_blob(numbers: array[int]) -> bytes:
    """The numbers as they lie in the index: little-endian, whatever the machine that builds it."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()


def _write_sounds(db: sqlite3.Connection, stager: _Stager) -> None:
    """The tables by which a misheard word is found: what title words and pairs of them sound like, by gram."""
    words, say = stager.words, stager.speaker.sounds
    entries: dict[tuple[str, str], int] = {}
    for surface, count in stager.surfaces.items():
        key: tuple[str, str] = (say(surface), words.stem(surface))
        entries[key] = entries.get(key, 0) + count
    for pair, count in stager.pairs.most_common(PAIRS_MAX):
        one, _, other = pair.partition(" ")
        if not say(one) or not say(other):
            continue  # a symbol without a sound cannot be misheard
        key = (say(one) + say(other), f"{words.stem(one)} {words.stem(other)}")
        entries[key] = entries.get(key, 0) + count
    ordered = sorted(((n, *key) for key, n in entries.items() if key[0]), key=lambda e: (-e[0], e[1], e[2]))
    del ordered[SOUNDS_COUNT_MAX:]
    listed: dict[str, array[int]] = {}
    for number, (_, sounds, _) in enumerate(ordered, 1):
        found_by = grams(sounds)
        packed = sound_mask(sounds) << MASK_SHIFT | min(len(found_by), GRAMS_MAX) << GRAMS_SHIFT | number
        for gram in found_by:
            of_gram = listed.setdefault(gram, array("Q"))
            if len(of_gram) < GRAM_SOUNDS_MAX:
                of_gram.append(packed)
    db.executemany(
        "INSERT INTO sound VALUES (?,?,?,?)",
        ((number, sounds, terms, n) for number, (n, sounds, terms) in enumerate(ordered, 1)),
    )
    db.executemany("INSERT INTO gram VALUES (?,?)", ((gram, numbers_blob(listed[gram])) for gram in sorted(listed)))


def _pages(dictionary: str) -> Iterator[tuple[str, str]]:
    """The dictionary cut into pages at line ends: (first word of the page, its lines)."""
    at = 0
    while at < len(dictionary):
        end = dictionary.find("\n", at + DICTIONARY_PAGE_BYTES)
        end = len(dictionary) if end < 0 else end + 1
        page = dictionary[at:end]
        yield page.partition(" ")[0], page
        at = end
