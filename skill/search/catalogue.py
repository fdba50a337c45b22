"""The catalogue as a shopper's question sees it: one read-only index file, opened in milliseconds."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from skill.errors import CatalogueMissing
from skill.search.alternatives import LIKELY_EXACT, LIKELY_MIN, Alternative, Ears, likeness, numbers_from
from skill.search.hearing import Spelling
from skill.search.index import APPLICATION_ID, FORMAT_VERSION
from skill.search.ranking import Ranker, score
from skill.search.retrieval import Postings, gather
from skill.search.understanding import Understanding
from skill.search.words import Words
from skill.shop.catalogue import Findings, Found, Product, Sku, Wish
from skill.shop.money import Money

#: Words of one wish that are searched for; what comes after is not heard.
HEARD_WORDS_MAX = 16
#: Products that are ranked with all features, of all that a wish brings.
CANDIDATES_MAX = 200
#: Products in which all the exact words occur together, from which on nothing is taken to be misheard.
TOGETHER_ENOUGH = 6

_COLUMNS = "id, sku, price, stock, title, terms, head, echo, facts, body, brand, size, category, rating, currency, more"


def open_catalogue(path: Path) -> SearchCatalogue:
    """Opens an index read-only. Raises `CatalogueMissing` for no file, another kind of file or another format version."""
    return SearchCatalogue(Path(path))


class SearchCatalogue:
    """Finds products in one index file. Safe to share between threads; keeps its file when another takes its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise CatalogueMissing(
                f"there is no catalogue at {path}: import one with `sayso catalogue import FILE`", path=str(path)
            )
        self._db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
        )
        # One connection for all threads: a connection opened later by name could be to the file that replaced this one.
        self._lock = threading.Lock()
        try:
            self._meta = self._read_meta()
        except BaseException:
            self._db.close()
            raise
        self.version: str = self._meta["version"]
        self.locale: str = self._meta["locale"]
        self.count = int(self._meta["count"])
        self._currency = self._meta["currency"] or "USD"
        self._words = Words(json.loads(self._meta["rules"]))
        self._ears = Ears(self._all, self._words, Spelling(json.loads(self._meta["spelling"])))
        self._categories = {
            number: tuple(json.loads(names)) for number, names in self._all("SELECT id, path FROM category")
        }
        self._understanding = Understanding(self._words, self._currency, self.categories())

    def _read_meta(self) -> dict[str, str]:
        try:
            (kind,) = self._db.execute("PRAGMA application_id").fetchone()
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise CatalogueMissing(
                f"{self.path} is not a catalogue index: import the catalogue again", path=str(self.path)
            ) from error
        if kind != APPLICATION_ID or version != FORMAT_VERSION:
            raise CatalogueMissing(
                f"{self.path} has index format {version}, this Sayso reads {FORMAT_VERSION}: "
                "import the catalogue again with `sayso catalogue import FILE`",
                path=str(self.path), found=version, wanted=FORMAT_VERSION,
            )  # fmt: skip
        return dict(self._db.execute("SELECT key, value FROM meta").fetchall())

    def close(self) -> None:
        """Lets the file go. Further calls fail."""
        self._db.close()

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # Products by name

    def product(self, sku: Sku) -> Product | None:
        """The product, or None."""
        rows = self._all(f"SELECT {_COLUMNS} FROM product WHERE sku = ?", (sku,))
        return self._product(rows[0]) if rows else None

    def products(self, skus: Iterable[Sku]) -> dict[Sku, Product]:
        """Those of the products that there are, by SKU."""
        wanted = list(dict.fromkeys(skus))
        out: dict[Sku, Product] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            for row in self._all(f"SELECT {_COLUMNS} FROM product WHERE sku IN ({marks})", part):
                product = self._product(row)
                out[product.sku] = product
        return {sku: out[sku] for sku in wanted if sku in out}

    def categories(self) -> tuple[str, ...]:
        """The names of all categories, every level of each path once, in the order of the alphabet."""
        return tuple(sorted({name for path in self._categories.values() for name in path}))

    def _product(self, row: tuple[Any, ...]) -> Product:
        (_, sku, price, stock, title, _, _, _, _, _, brand, size, category, rating, currency, more) = row
        rest = json.loads(more) if more else {}
        return Product(
            sku=sku, title=title, price=Money(price, currency or self._currency), brand=brand or "", size=size or "",
            category=self._categories.get(category, ()), stock=stock, rating_tenths=rating,
            description=rest.get("description", ""), reviews_count=rest.get("reviews_count", 0),
            review=rest.get("review", ""), age_min=rest.get("age_min", 0), allergens=tuple(rest.get("allergens", ())),
            gtin=rest.get("gtin", sku), image_url=rest.get("image_url", ""),
            attributes=tuple((name, text) for name, text in rest.get("attributes", ())),
        )  # fmt: skip

    # Wishes

    def understand(self, words: str, locale: str = "en-US") -> Wish:
        """The wish in the words: filters taken out, the rest as `words`."""
        return self._understanding.wish(words)

    def rank(self, words: str, limit: int = 10) -> list[tuple[Sku, float]]:
        """The ranking itself, before near-duplicates are collapsed: (SKU, score), best first."""
        wish = self._understanding.wish(words)
        return [(row[1], points) for points, row in self._ranked(wish)[:limit]]

    def find(
        self, wish: Wish, *, locale: str = "en-US", limit: int = 12, bought: Sequence[Sku] = ()
    ) -> Findings:
        """What answers the wish, best first. Filters in its words are understood and added to its own."""
        understood = self._understanding.merge(wish)
        found = []
        for points, row in self._ranked(understood):
            product = self._product(row)
            if product.sku in understood.skus_excluded or not self._understanding.admits(understood, product):
                continue
            found.append(Found(product, points))
            if len(found) >= limit:
                break
        if understood.sort == "price":
            found.sort(key=lambda f: f.product.price.amount)
        elif understood.sort == "rating":
            found.sort(key=lambda f: -(f.product.rating_tenths or 0))
        return Findings(understood, tuple(found))

    def _ranked(self, wish: Wish) -> list[tuple[float, tuple[Any, ...]]]:
        heard = self._hear(wish.words)
        if heard is None:
            return []
        ranker, rows = heard
        scored = [(score(ranker.features(row)), row) for row in rows]
        scored.sort(key=lambda s: (-s[0], s[1][0]))
        return scored

    def candidates(self, words: str) -> list[tuple[Sku, tuple[float, ...]]]:
        """The products that the words bring, each with its features: what the weights are fitted on."""
        heard = self._hear(self._understanding.wish(words).words)
        return [(row[1], heard[0].features(row)) for row in heard[1]] if heard else []

    def _hear(self, text: str) -> tuple[Ranker, list[tuple[Any, ...]]] | None:
        """What the words may mean, and the products that have some of it."""
        tokens = self._words.tokens(text)[:HEARD_WORDS_MAX]
        meaningful = self._words.meaningful(tokens)
        if not meaningful:
            return None
        terms = [self._words.stem(t) for t in meaningful]
        postings = self._postings(terms)
        exact = [
            Alternative(at, at + 1, (t,), LIKELY_EXACT, positions=(at,)) for at, t in enumerate(terms) if t in postings
        ]  # fmt: skip
        alternatives = exact
        said = [postings[t].sounds if t in postings else "" for t in terms]
        if len(exact) < len(terms) or not self._together(terms, postings):
            spoken = self._ears.say(tokens)
            misheard = self._misheard(tokens, spoken, meaningful, terms)
            postings |= self._postings(sorted({t for a in misheard for t in a.terms}.difference(postings)))
            alternatives = exact + self._likely(misheard, terms, postings)
            said = [s for t, s in zip(tokens, spoken, strict=True) if t in meaningful]
        idf = {t: self._idf(len(p.in_titles) + len(p.in_texts)) for t, p in postings.items()}
        for alternative in alternatives:
            alternative.idf = sum(idf.get(t, 0.0) for t in alternative.terms)
        ranker = Ranker(terms, said, alternatives, idf, self._idf(1))
        numbers = gather(len(terms), alternatives, postings, CANDIDATES_MAX)
        return ranker, self._candidates(numbers)

    def _misheard(
        self, tokens: Sequence[str], spoken: Sequence[str], meaningful: Sequence[str], terms: Sequence[str]
    ) -> list[Alternative]:
        """Alternatives from the sounds of all tokens, those that only join words among them."""
        where: dict[int, int] = {}
        for at, token in enumerate(tokens):
            if len(where) < len(meaningful) and token == meaningful[len(where)]:
                where[at] = len(where)
        out = []
        for alternative in self._ears.alternatives(tokens, spoken):
            covered = tuple(where[at] for at in range(alternative.start, alternative.end) if at in where)
            if covered and alternative.terms != tuple(terms[at] for at in covered):
                alternative.positions = covered
                out.append(alternative)
        return out

    def _likely(
        self, misheard: Sequence[Alternative], terms: Sequence[str], postings: dict[str, Postings]
    ) -> list[Alternative]:
        """The alternatives that are likely enough, with how likely they are."""
        rarity = {t: math.log((self.count + 1) / (len(p.in_titles) + 1)) for t, p in postings.items()}
        unknown = math.log(self.count + 1)
        nearest: dict[tuple[int, int], float] = {}
        for each in misheard:
            nearest[each.start, each.end] = min(each.ratio, nearest.get((each.start, each.end), 9.0))
        out = []
        for each in misheard:
            if not all(t in rarity for t in each.terms):
                continue
            heard = sum(rarity.get(terms[at], unknown) for at in each.positions) / len(each.positions)
            gap = each.ratio - nearest[each.start, each.end]
            each.likeness = likeness(each, gap, max(rarity[t] for t in each.terms), heard)
            if each.likeness >= LIKELY_MIN:
                out.append(each)
        return out

    def _postings(self, terms: Sequence[str]) -> dict[str, Postings]:
        if not terms:
            return {}
        marks = ",".join("?" * len(terms))
        return {
            text: Postings(numbers_from(titles), numbers_from(texts), sounds)
            for text, sounds, titles, texts in self._all(
                f"SELECT text, sounds, in_titles, in_texts FROM term WHERE text IN ({marks})", terms
            )
        }

    def _together(self, terms: Sequence[str], postings: dict[str, Postings]) -> bool:
        """Whether enough titles have all the words exactly: then nothing is taken to be misheard."""
        lists = sorted((postings[t].in_titles for t in dict.fromkeys(terms)), key=len)
        if len(lists) == 1:
            return len(lists[0]) >= TOGETHER_ENOUGH
        common = set(lists[0])
        for each in lists[1:]:
            common.intersection_update(each)
            if len(common) < TOGETHER_ENOUGH:
                return False
        return True

    def _idf(self, products: int) -> float:
        return math.log1p((self.count - products + 0.5) / (products + 0.5))

    def _candidates(self, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
        listed = list(numbers)
        marks = ",".join("?" * len(listed))
        return self._all(f"SELECT {_COLUMNS} FROM product WHERE id IN ({marks})", listed)


class CurrentCatalogue:
    """The catalogue at a path, whichever index lies there now: a swap is noticed at the next call.

    Calls that are under way keep the index that they began with.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._open: SearchCatalogue | None = None

    def current(self) -> SearchCatalogue:
        """The index that is there now. Raises `CatalogueMissing` as `open_catalogue` does."""
        try:
            stat = os.stat(self.path)
        except OSError as error:
            raise CatalogueMissing(
                f"there is no catalogue at {self.path}: import one with `sayso catalogue import FILE`",
                path=str(self.path),
            ) from error
        seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        catalogue = self._open
        if catalogue is not None and seen == self._seen:
            return catalogue
        with self._lock:
            if self._open is None or seen != self._seen:
                # The one before is not closed here: somebody may be in the middle of a search. Its last user frees it.
                self._open = open_catalogue(self.path)
                self._seen = seen
            return self._open

    @property
    def version(self) -> str:
        return self.current().version

    @property
    def count(self) -> int:
        return self.current().count

    def find(self, wish: Wish, *, locale: str = "en-US", limit: int = 12, bought: Sequence[Sku] = ()) -> Findings:
        return self.current().find(wish, locale=locale, limit=limit, bought=bought)

    def understand(self, words: str, locale: str = "en-US") -> Wish:
        return self.current().understand(words, locale)

    def rank(self, words: str, limit: int = 10) -> list[tuple[Sku, float]]:
        return self.current().rank(words, limit)

    def product(self, sku: Sku) -> Product | None:
        return self.current().product(sku)

    def products(self, skus: Iterable[Sku]) -> dict[Sku, Product]:
        return self.current().products(skus)

    def categories(self) -> tuple[str, ...]:
        return self.current().categories()

    def close(self) -> None:
        """Lets the file go; the next call opens it again."""
        with self._lock:
            catalogue, self._open, self._seen = self._open, None, None
        if catalogue is not None:
            catalogue.close()
