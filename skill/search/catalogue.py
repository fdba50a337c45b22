"""The catalogue as a shopper's question sees it: one read-only index file, opened in milliseconds."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from skill.errors import CatalogueMissing
from skill.search.alternatives import Alternative, numbers_from
from skill.search.answering import (
    FITTING_MARGIN,
    VOTERS_MAX,
    bought_first,
    is_far,
    is_weak,
    most_voted,
    sound_of,
    variant,
)
from skill.search.hearing import Spelling
from skill.search.layout import APPLICATION_ID, FORMAT_VERSION
from skill.search.listening import Listener
from skill.search.ranking import FEATURES, Ranker, scores
from skill.search.retrieval import gather
from skill.search.understanding import Understanding
from skill.search.words import Words
from skill.shop.catalogue import Findings, Found, Product, Sku, Wish
from skill.shop.money import Money
from skill.shop.sizes import Size, are_comparable, read_size, whole_times

#: Products that are ranked with all features, of all that a wish brings.
CANDIDATES_MAX = 140
#: Products that are looked through for those that pass a price or another filter.
FILTERED_MAX = 5000
#: Products that filters without words are tried on.
BROWSED_MAX = 500
#: Products offered instead where nothing passes the filters.
SIMILAR_MAX = 3
#: Products that sound like one that is found, and are kept with it: one of them may be on the shelf when it is not.
TWINS_MAX = 4
#: Products of an answer that is explained.
EXPLAINED_MAX = 60
#: Products that an open index keeps at hand before it forgets them all and reads them again.
REMEMBERED_MAX = 1024

#: Score, row, features.
Ranked = tuple[float, tuple[Any, ...], tuple[float, ...]]
TEXT_COVERED, WORDS_FOUND, EXACT_COVERED, HEAD = map(
    FEATURES.index, ("text_covered", "words_found", "exact_covered", "head")
)

_COLUMNS = (
    "id, sku, price, stock, title, terms, head, sounds, facts, body, brand, size, category, rating, currency, more"
)


def open_catalogue(path: Path) -> SearchCatalogue:
    """Opens an index read-only. Raises `CatalogueMissing` for no file, another kind of file or another format version."""
    return SearchCatalogue(Path(path))


class Match(NamedTuple):
    """A heard word, what it was taken for, the sounds of both, how far apart they are and how likely that is."""

    heard: str
    meant: str
    heard_sounds: str
    meant_sounds: str
    distance: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a product came: the matches of heard words, and the features that its score is the weighted sum of.

    `rank` is its place by that score, `place` the one in the answer, both from 1. Where it is not in the answer `place` is 0 and
    `left_out` says why: the field of the wish that keeps it out, `twin` where it sounds the same as one that is, `size` where
    it comes in another one, `kind` where something else was asked for, or something of it that claims to be free of what is
    avoided, `further` beyond the answer's end.
    """

    sku: Sku
    title: str
    score: float
    matches: tuple[Match, ...]
    features: dict[str, float]
    rank: int = 0
    place: int = 0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Sales:
    """How many of a catalogue's prices are those of a sale that ends, and when the first of these sales ends."""

    count: int
    end_at: datetime

    def facts(self) -> dict[str, str]:
        """As an index keeps them, for `build_index`."""
        return {"sales_count": str(self.count), "sales_end_at": self.end_at.astimezone(UTC).isoformat()}


class Heard(NamedTuple):
    """A wish's words as they may have been meant, and the rows of the products that have some of them."""

    ranker: Ranker
    rows: list[tuple[Any, ...]]


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
        # An index that was replaced is closed when its last user lets it go, which no `close()` waits for.
        weakref.finalize(self, self._db.close)
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
        #: None where no price is that of a sale that ends.
        self.sales: Sales | None = None
        if "sales_end_at" in self._meta:
            self.sales = Sales(int(self._meta["sales_count"]), datetime.fromisoformat(self._meta["sales_end_at"]))
        self.currency = self._meta["currency"] or "USD"
        self.words = Words(json.loads(self._meta["rules"]))
        spelling = Spelling(json.loads(self._meta["spelling"]))
        self.listener = Listener(self._all, self.words, spelling, self.count, self._in_category)
        self._categories = {
            number: tuple(json.loads(names)) for number, names in self._all("SELECT id, path FROM category")
        }
        # What an index says of a product is true as long as the index is open: nobody writes to it.
        self._known: dict[Sku, Product] = {}
        self._understanding = self._understand(self.words)
        self._others: dict[str, Understanding] = {}

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
        # Other languages' rules are read when somebody speaks them.
        return dict(self._db.execute("SELECT key, value FROM meta WHERE key NOT LIKE 'rules.%'").fetchall())

    def check(self) -> None:
        """Reads the whole file. Raises `CatalogueMissing` where it is damaged."""
        try:
            ((found, *_), *_) = self._all("PRAGMA quick_check(1)")
        except sqlite3.DatabaseError as error:
            found = str(error)
        if found != "ok":
            raise CatalogueMissing(
                f"{self.path} is damaged ({' '.join(str(found).split())}): build it again, or import the feed",
                path=str(self.path),
            )

    def close(self) -> None:
        """Lets the file go. Further calls fail."""
        self._db.close()

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def shelf(self) -> Iterator[Product]:
        """Every product by SKU, price and stock alone: what a shelf must know."""
        last, step = 0, 1000
        while rows := self._all(
            "SELECT id, sku, price, stock, currency FROM product WHERE id > ? ORDER BY id LIMIT ?", (last, step)
        ):
            for _, sku, price, stock, currency in rows:
                yield Product(sku=sku, title="", price=Money(price, currency or self.currency), stock=stock)
            last = rows[-1][0]

    # Products by name

    def product(self, sku: Sku) -> Product | None:
        """The product, or None."""
        return self.products((sku,)).get(sku)

    def products(self, skus: Iterable[Sku]) -> dict[Sku, Product]:
        """Those of the products that there are, by SKU."""
        out: dict[Sku, Product | None] = {sku: self._known.get(sku) for sku in skus}
        unread = [sku for sku, product in out.items() if product is None]
        for start in range(0, len(unread), 500):
            part = unread[start : start + 500]
            marks = ",".join("?" * len(part))
            for row in self._all(f"SELECT {_COLUMNS} FROM product WHERE sku IN ({marks})", part):
                out[row[1]] = self._product(row)
        return {sku: product for sku, product in out.items() if product is not None}

    def top(self, limit: int) -> tuple[Product, ...]:
        """The products of the best quality that are in stock, best first."""
        rows = self._all(f"SELECT {_COLUMNS} FROM product WHERE stock > 0 ORDER BY id LIMIT ?", (limit,))
        return tuple(map(self._product, rows))

    def categories(self) -> tuple[str, ...]:
        """The names of all categories, every level of each path once, in the order of the alphabet."""
        return tuple(sorted({name for path in self._categories.values() for name in path}))

    def _understand(self, words: Words) -> Understanding:
        return Understanding(words, self.currency, self.categories(), self._brand, self._in_titles, self._in_one_title)

    def _understanding_in(self, locale: str) -> Understanding:
        """What reads wishes in the shopper's language, which may be another one than the catalogue's."""
        language = locale.partition("-")[0]
        if language == self.locale.partition("-")[0]:
            return self._understanding
        known = self._others.get(language)
        if known is None:
            rows = self._all("SELECT value FROM meta WHERE key = ?", (f"rules.{language}",))
            known = self._understand(Words(json.loads(rows[0][0]))) if rows else self._understanding
            self._others[language] = known
        return known

    def _in_titles(self, said: Sequence[str]) -> bool:
        """Whether the words stand side by side in titles, pair by pair."""
        pairs = {" ".join(pair) for pair in pairwise(self.words.terms(said))}
        marks = ",".join("?" * len(pairs))
        return bool(pairs) and len(pairs) == len(self._all(f"SELECT 1 FROM term WHERE text IN ({marks})", tuple(pairs)))

    def _in_one_title(self, said: Sequence[str]) -> bool:
        """Whether some title has all the words that carry meaning."""
        terms = sorted(set(self.words.terms(said)))
        marks = ",".join("?" * len(terms))
        rows = self._all(f"SELECT in_titles FROM term WHERE text IN ({marks})", terms)
        return len(rows) == len(terms) and bool(set.intersection(*(set(numbers_from(each)) for (each,) in rows)))

    def _brand(self, said: str) -> str | None:
        """The brand's own spelling, by its tokens as heard."""
        rows = self._all("SELECT name FROM brand WHERE said = ?", (said,))
        return rows[0][0] if rows else None

    def _product(self, row: tuple[Any, ...]) -> Product:
        (_, sku, price, stock, title, _, _, _, _, _, brand, size, category, rating, currency, more) = row
        known = self._known.get(sku)
        if known is not None:
            return known
        rest = json.loads(more) if more else {}
        product = Product(
            sku=sku, title=title, price=Money(price, currency or self.currency), brand=brand or "", size=size or "",
            category=self._categories.get(category, ()), stock=stock, rating_tenths=rating,
            description=rest.get("description", ""), reviews_count=rest.get("reviews_count", 0),
            review=rest.get("review", ""), age_min=rest.get("age_min", 0), allergens=tuple(rest.get("allergens", ())),
            gtin=rest.get("gtin", sku), image_url=rest.get("image_url", ""),
            attributes=tuple((name, text) for name, text in rest.get("attributes", ())),
        )  # fmt: skip
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[sku] = product
        return product

    # Wishes

    def understand(self, words: str, locale: str = "en-US") -> Wish:
        """The wish in the words: filters taken out, the rest as `words`."""
        return self._understanding_in(locale).wish(words)

    def rank(self, words: str, limit: int = 10) -> list[tuple[Sku, float]]:
        """The ranking itself: (SKU, score), best first; near-duplicates stay, prices and other filters are not applied."""
        heard = self._hear(self._understanding.wish(words, keep=True).words)
        return [(row[1], points) for points, row, _ in self._ranked(heard)[:limit]] if heard else []

    def candidates(self, words: str) -> tuple[list[tuple[Sku, tuple[float, ...]]], bool]:
        """For fitting: the products that the words bring, with their features, and whether words may have been misheard."""
        heard = self._hear(self._understanding.wish(words, keep=True).words)
        if heard is None:
            return [], False
        return [(row[1], features) for _, row, features in self._ranked(heard)], heard.ranker.misheard

    def find(self, wish: Wish, *, locale: str = "en-US", limit: int = 12, bought: Sequence[Sku] = ()) -> Findings:
        """What answers the wish, best first. Filters in its words are understood and added to its own.

        Near-duplicates come once. What is in `bought` comes first where it fits. `Found.weak` marks an answer that should be
        asked about. Where nothing passes the filters, `similar` has what would have without them.
        """
        reads = self._understanding_in(locale)
        understood = reads.merge(wish)
        words = understood.words
        admitted = _filter_sql(understood, self.currency)
        claiming = self._claiming(reads, wish, understood, admitted)
        heard = self._hear(words, admitted)
        if heard is None:
            return Findings(understood, self._browse(reads, understood, claiming, limit))
        known = {row[0] for row in heard.rows}
        heard = heard._replace(rows=[*heard.rows, *(row for row in claiming if row[0] not in known)])
        ranked = self._ranked(heard)
        free = ranked
        if understood_has_filters(understood) and (not ranked or ranked[0][2][WORDS_FOUND] < 1.0):
            # What passes the filters may be of another kind than what was asked for: "coffee under five dollars" is no tea.
            free = self._ranked(self._hear(words) or heard)
        ranked = self._of_the_kind(heard.ranker.terms, ranked, free)
        if ranked and "last" not in self.words.rules.get("heads", ("last",)):
            # The ranking takes the last word for what a thing is: here tuna in oil is no oil.
            covered = ranked[0][2][TEXT_COVERED]
            ranked.sort(
                key=lambda each: each[2][TEXT_COVERED] < covered or not self._is_called(heard.ranker.terms, *each[1:])
            )
        understood, ranked = self._of_the_amount(reads, understood, heard.ranker.terms, ranked)
        if understood.sort == "relevance":
            order = bought_first([(points, row[1]) for points, row, _ in ranked], frozenset(bought))
            ranked = [ranked[at] for at in order]
        elif ranked:
            ranked = self._sorted(understood.sort, self._fitting(heard.ranker.terms, ranked))
        found = self._answer(reads, understood, ranked, limit, [row[1] for row in claiming])
        if found:
            category = self._nearest_category(ranked) if found[0].weak else None
            return Findings(understood, found, category)
        if not understood_has_filters(understood):
            return Findings(understood, (), self._nearest_category(ranked))
        others = self._of_the_kind(heard.ranker.terms, free, free)
        if others and (understood.price_min or understood.price_max):
            # "The coffee that comes closest" is the one whose price does.
            fits = {each[1][0] for each in self._fitting(heard.ranker.terms, others)}
            others.sort(
                key=lambda each: (each[1][0] not in fits, each[1][0] in fits and _apart(understood, each[1][2]))
            )
        unpriced = replace(
            Wish(understood.words), allergens_excluded=understood.allergens_excluded,
            attributes_required=understood.attributes_required, words_avoided=understood.words_avoided,
            words_excluded=understood.words_excluded,
            skus_excluded=understood.skus_excluded,
        )  # fmt: skip
        similar = tuple(f.product for f in self._answer(reads, unpriced, others, SIMILAR_MAX) if not f.weak)
        return Findings(understood, (), self._nearest_category(others), similar)

    def _claiming(
        self, reads: Understanding, wish: Wish, understood: Wish, admitted: tuple[str, tuple[Any, ...]] | None
    ) -> list[tuple[Any, ...]]:
        """Rows of products that say themselves that they are free of what the wish excludes: the other words alone bring few."""
        if not (understood.allergens_excluded or understood.words_avoided):
            return []
        heard = self._hear(reads.merge(wish, keep=True).words, admitted)
        if heard is None:
            return []
        return [row for _, row, _ in self._ranked(heard) if reads.admission.claims_all(understood, self._product(row))]

    @cached_property
    def _category_names(self) -> dict[frozenset[str], frozenset[int]]:
        """The numbers of the categories by the terms of each name of their paths: a name has those below it, too."""
        numbers: dict[frozenset[str], set[int]] = {}
        for number, path in self._categories.items():
            for name in path:
                numbers.setdefault(frozenset(self.words.terms(self.words.tokens(name))), set()).add(number)
        return {terms: frozenset(each) for terms, each in numbers.items()}

    def _in_category(self, terms: frozenset[str]) -> bool:
        """Whether the words are of one category's name: then its products have what was said, whatever their titles say."""
        return bool(terms) and any(terms <= name for name in self._category_names)

    def _of_the_kind(self, said: Sequence[str], ranked: Sequence[Ranked], free: Sequence[Ranked]) -> list[Ranked]:
        """Those of `ranked` that are what was asked for with the terms `said`, judged by `free`, which no filter has passed.

        Where the words name a category ("milk"), those are in it, and after them what says so in its title (milk chocolate).
        Where they are part of a category's name and no title has them ("meat", of meat and fish), it is that category, what
        describes itself so first. Where they end with a category's name ("red wine"), what has all of them in its title comes
        before what is in the category; alone, where nothing of that is in the category and one is called just that ("root
        beer"). Otherwise a title must have at least half as many of the words as the best one has, and a word as it was heard
        if the best one has.
        """
        if not free:
            return []
        # How much of it is wanted says nothing of its kind: "six pack of beer".
        terms = [t for t in said if not self._counts(t)] or said
        whole = len(terms) / len(said) - 1e-9
        names = self._category_names
        named = names.get(frozenset(terms))
        if named:
            kept = [each for each in ranked if each[1][12] in named or each[2][WORDS_FOUND] >= whole]
            kept.sort(key=lambda each: each[1][12] not in named)
            return kept
        if not any(each[2][WORDS_FOUND] for each in free) and self._in_category(frozenset(terms)):
            kept = [each for each in ranked if set(terms) <= set((each[1][8] or "").split())]
            kept.sort(key=lambda each: not set(terms) & set((each[1][9] or "").split()))
            return kept
        best = free[0][2]
        ending = next(
            (names[end] for at in range(1, len(terms)) if (end := frozenset(terms[at:])) in names), frozenset()
        )
        covered = [
            max((each[2][EXACT_COVERED] for each in free if (each[1][12] in ending) == inside), default=0.0)
            for inside in (True, False)
        ]
        if covered[0] < covered[1]:
            ending = frozenset()  # "cookies with chocolate chips" are no chips
        kept = [
            each for each in ranked
            if each[1][12] in ending
            or (each[2][WORDS_FOUND] >= best[WORDS_FOUND] / 2 and each[2][EXACT_COVERED] >= min(best[EXACT_COVERED], 1e-9))
        ]  # fmt: skip
        if not ending:
            return kept
        # A red barn only sounds like it where there is red wine; and white rice is no white wine.
        exact = whole if any(each[2][EXACT_COVERED] >= whole for each in kept) else 0.0
        named_whole = [each for each in kept if each[2][WORDS_FOUND] >= whole and each[2][EXACT_COVERED] >= exact]
        other = exact > 0 and not any(each[1][12] in ending for each in named_whole)
        if other and any(each[2][HEAD] for each in named_whole):
            return named_whole
        before = {each[1][0] for each in named_whole}
        inside = [each for each in kept if each[1][12] in ending and each[1][0] not in before]
        inside.sort(key=lambda each: each[2][EXACT_COVERED] < exact)
        return [*named_whole, *inside] or kept

    def _sorted(self, sort: str, ranked: list[Ranked]) -> list[Ranked]:
        """By price, rating or size; of sizes those first that can be compared with the best one's."""
        if sort in ("price", "rating"):
            at, sign = (2, 1) if sort == "price" else (13, -1)
            return sorted(ranked, key=lambda each: (each[1][at] or 0) * sign)
        sizes = {each[1][0]: size for each in ranked if (size := self._size(each[1])) is not None}
        first = next(iter(sizes.values()), None)
        totals = {at: size.total for at, size in sizes.items() if first and are_comparable((first, size))}
        sign = -1 if sort == "biggest" else 1
        return sorted(ranked, key=lambda each: (each[1][0] not in totals, sign * totals.get(each[1][0], 0)))

    def _size(self, row: tuple[Any, ...]) -> Size | None:
        """The product's size, or else the one in its title."""
        return read_size(" ".join(self.words.tokens(row[11] or row[4])), self._understanding.sizes)

    def _fitting(self, said: Sequence[str], ranked: Sequence[Ranked]) -> list[Ranked]:
        """What may be sorted: it is of the same kind as the best, and fits nearly as well or has as much of what was said.

        A title that says no more than what was said ("milk") fits so well that nothing else comes near.
        """
        return [
            each for each in self._alike(said, ranked)
            if each[0] >= ranked[0][0] - FITTING_MARGIN
            or (each[2][TEXT_COVERED] >= ranked[0][2][TEXT_COVERED] and each[2][EXACT_COVERED] >= ranked[0][2][EXACT_COVERED])
        ]  # fmt: skip

    def _alike(self, said: Sequence[str], ranked: Sequence[Ranked]) -> list[Ranked]:
        """What has half as much of what was said as the best, and is of its kind: milk chocolate is no cheaper milk."""
        if not ranked:
            return []
        _, row, features = ranked[0]
        covered, kind = features[TEXT_COVERED] / 2, self._is_called(said, row, features)
        return [
            each for each in ranked
            if each[2][TEXT_COVERED] >= covered and self._is_called(said, each[1], each[2]) >= kind
        ]  # fmt: skip

    def _is_called(self, said: Sequence[str], row: tuple[Any, ...], features: Sequence[float]) -> bool:
        """Whether the title says that the product is what was said, where the language has that word: "kava mljevena" is kava."""
        places = self.words.rules.get("heads", ("last",))
        if "last" in places and features[HEAD]:
            return True
        if "first" in places and row[12] in self._category_names.get(frozenset(said), ()):
            return True
        title = row[5].split(" ")[: row[6]]
        brand = frozenset(self.words.terms(self.words.tokens(row[10]))) if row[10] else frozenset()
        own = [term for term in title if term not in brand and not self._counts(term)] or title
        at = {"first": 0, "last": -1}
        return bool({said[at[place]] for place in places} & {own[at[place]] for place in places})

    def _counts(self, term: str) -> bool:
        return term[:1].isdigit() or self.words.is_unit(term)

    def _of_the_amount(
        self, reads: Understanding, wish: Wish, said: Sequence[str], ranked: list[Ranked]
    ) -> tuple[Wish, list[Ranked]]:
        """Those of `ranked` that fit and come in the wish's size; where none does, first what that is so many of ("two
        gallons" of half gallons). Packs of a number that none has are so many packs. What says the container comes first.
        """
        named = self._category_names.get(frozenset(said), ())
        fits = {each[1][0] for each in self._alike(said, ranked)} | {
            each[1][0] for each in ranked if each[1][12] in named
        }
        size = read_size(wish.size, reads.sizes) if wish.size else None
        if size is not None:
            times = {each[1][0]: self._times(size, each[1]) for each in ranked if each[1][0] in fits}
            whole = [each for each in ranked if times.get(each[1][0]) == 1]
            if whole:
                ranked = whole
            elif wish.size and wish.size[-1].isdigit():
                # A bare number may be of anything, a tent for four among it: nobody is to buy four tents.
                wish = replace(wish, size=None)
            elif size.measure is None and not wish.quantity:
                wish = replace(wish, size=None, quantity=int(size.pieces))
            else:
                ranked = sorted(ranked, key=lambda each: not times.get(each[1][0]))
        if wish.container:
            (container,) = self.words.terms([wish.container])
            ranked = sorted(
                ranked, key=lambda each: each[1][0] not in fits or container not in f"{each[1][5]} {each[1][8]}".split()
            )
        return wish, ranked

    def _times(self, size: Size, row: tuple[Any, ...]) -> int:
        """How often what the row says to be its size makes that size; 0 where it does not come out even, or nobody knows."""
        own = self._size(row)
        if own is None or not own.total or not are_comparable((size, own)):
            return 0
        # What is sold by the pound makes any number of pounds.
        return 1 if own.by_measure else whole_times(size, own)

    def explain(self, words: str, limit: int = 5, *, locale: str = "en-US") -> list[Explanation]:
        """Why the answer to the words is what it is: the products that are in it, in its order, then the best of the others."""
        reads = self._understanding_in(locale)
        understood = reads.wish(words)
        heard = self._hear(understood.words)
        if heard is None:
            return []
        found = self.find(Wish(words), locale=locale, limit=EXPLAINED_MAX).found
        places = {each.product.sku: place for place, each in enumerate(found, start=1)}
        twins = {twin.product.sku for each in found for twin in each.twins}
        size = read_size(understood.size, reads.sizes) if understood.size else None
        ranked = list(enumerate(self._ranked(heard), start=1))
        ranked.sort(key=lambda each: places.get(each[1][1][1], len(places) + 1))
        out = []
        for rank, (points, row, features) in ranked[:limit]:
            place = places.get(row[1], 0)
            refused = "" if place else reads.admission.refused_by(understood, self._product(row))
            unlike = size is not None and self._times(size, row) != 1
            other = "further" if len(found) == EXPLAINED_MAX else "size" if unlike else "kind"
            left_out = "" if place else "twin" if row[1] in twins else refused or other
            have = set(f"{row[5]} {row[8] or ''} {row[9] or ''}".split())
            matched = sorted(
                (a for a in heard.ranker.alternatives if have.issuperset(a.terms)), key=lambda a: (a.start, -a.likeness)
            )
            out.append(
                Explanation(
                    sku=row[1], title=row[4], score=points,
                    matches=tuple(
                        Match(
                            " ".join(heard.ranker.terms[at] for at in a.positions), " ".join(a.terms), a.sounds, a.meant,
                            a.ratio, a.likeness,
                        )
                        for a in matched
                    ),
                    features=dict(zip(FEATURES, features, strict=True)),
                    rank=rank, place=place, left_out=left_out,
                )
            )  # fmt: skip
        return out

    def _answer(
        self, reads: Understanding, wish: Wish, ranked: Sequence[Ranked], limit: int, claiming: Sequence[Sku] = ()
    ) -> tuple[Found, ...]:
        """The products that the wish admits, those that sound the same once, as one's twins.

        First those of `claiming`, in their order, that say themselves that they are free of what the wish avoids, where they fit
        as well as the best: baby food without fish is no better cat food.
        """
        found: dict[tuple[object, ...], Found] = {}
        filtered = understood_has_filters(wish)
        if claiming and ranked:
            best = ranked[0][2]
            fit = {
                each[1][1] for each in ranked
                if not is_weak(each[2]) and each[2][WORDS_FOUND] >= best[WORDS_FOUND] and each[2][HEAD] >= best[HEAD]
            }  # fmt: skip
            place = {sku: at if wish.sort == "relevance" else 0 for at, sku in enumerate(claiming) if sku in fit}
            ranked = sorted(ranked, key=lambda each: place.get(each[1][1], len(claiming)))
        sounds = set()
        for points, row, features in ranked:
            if is_far(features):
                continue
            sound = sound_of(row[5].split(" "), row[6], self.words.terms(self.words.tokens(row[11] or "")))
            if len(found) >= limit and sound not in sounds:
                continue
            product = self._product(row)
            if filtered and not reads.admission.admits(wish, product):
                continue
            sounds.add(sound)
            first = found.get((sound, variant(product)))
            if first is not None and len(first.twins) >= TWINS_MAX:
                continue
            each = Found(product, points, is_weak(features), reads.admission.untold(wish, product))
            if first is not None:
                found[sound, variant(product)] = replace(first, twins=(*first.twins, each))
            elif len(found) < limit:
                found[sound, variant(product)] = each
        return _claimed_only(reads, wish, list(found.values()))

    def _browse(
        self, reads: Understanding, wish: Wish, claiming: Sequence[tuple[Any, ...]], limit: int
    ) -> tuple[Found, ...]:
        """The wish has filters and no words: what they admit, in the order of the catalogue or as the wish sorts.

        What claims to be free of something that the wish excludes comes first.
        """
        if not understood_has_filters(wish):
            return ()
        where, values = _filter_sql(wish, self.currency) or ("1", ())
        order = {"price": "price, id", "rating": "rating DESC, id"}.get(wish.sort, "id")
        rows = self._all(f"SELECT {_COLUMNS} FROM product WHERE {where} ORDER BY {order} LIMIT {BROWSED_MAX}", values)
        products = dict.fromkeys(self._product(row) for row in (*claiming, *rows))
        found = [
            Found(product, 0.0, untold=reads.admission.untold(wish, product))
            for product in products if reads.admission.admits(wish, product)
        ]  # fmt: skip
        return _claimed_only(reads, wish, found)[:limit]

    def _nearest_category(self, ranked: Sequence[Ranked]) -> str | None:
        return most_voted(self._categories.get(row[12], ()) for _, row, _ in ranked[:VOTERS_MAX])

    def _ranked(self, heard: Heard) -> list[Ranked]:
        featured = heard.ranker.features(heard.rows)
        scored = list(zip(scores(featured, heard.ranker.misheard), heard.rows, featured, strict=True))
        scored.sort(key=lambda s: (-s[0], s[1][0]))
        return scored

    def _hear(self, text: str, admitted: tuple[str, tuple[Any, ...]] | None = None) -> Heard | None:
        """What the words may mean, and the products that have some of it and pass the SQL condition `admitted`."""
        said = self.listener.hear(text)
        if said is None:
            return None
        ranker = Ranker(
            said.terms, said.sounds, said.alternatives, said.idf, said.idf_unknown, said.misheard, said.utterance, said.head
        )  # fmt: skip
        limit = FILTERED_MAX if admitted else CANDIDATES_MAX
        gathered = gather(len(said.terms), said.alternatives, said.postings, limit)
        if admitted:
            gathered = self._admitted(gathered, *admitted)
        return Heard(ranker, self._candidates(gathered))

    def alternatives(self, words: str) -> list[tuple[Alternative, dict[str, float]]]:
        """For fitting: everything that the words may have been, with what its likelihood is judged by."""
        return self.listener.misheard(words)

    def _admitted(self, gathered: dict[int, float], where: str, values: tuple[Any, ...]) -> dict[int, float]:
        """The best of the gathered products that pass the condition, best first."""
        order = sorted(gathered, key=lambda number: (-gathered[number], number))
        out: dict[int, float] = {}
        for at in range(0, len(order), 800):
            part = order[at : at + 800]
            marks = ",".join("?" * len(part))
            passed = {
                n for (n,) in self._all(f"SELECT id FROM product WHERE id IN ({marks}) AND {where}", (*part, *values))
            }
            out.update((number, gathered[number]) for number in part if number in passed)
            if len(out) >= CANDIDATES_MAX:
                break
        return dict(list(out.items())[:CANDIDATES_MAX])

    def _candidates(self, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
        listed = list(numbers)
        marks = ",".join("?" * len(listed))
        return self._all(f"SELECT {_COLUMNS} FROM product WHERE id IN ({marks})", listed)


def _apart(wish: Wish, amount: int) -> int:
    """How far the amount, in minor units, is from the prices that the wish allows."""
    least = wish.price_min.amount if wish.price_min else 0
    most = wish.price_max.amount if wish.price_max else amount
    return max(least - amount, amount - most, 0)


def _claimed_only(reads: Understanding, wish: Wish, found: Sequence[Found]) -> tuple[Found, ...]:
    """Of "beer without alcohol" what says so, where anything does: of the others only the label tells."""
    claimed = [each for each in found if not each.weak and not reads.admission.unclaimed(wish, each.product)]
    return tuple(claimed or found) if wish.words_avoided else tuple(found)


def understood_has_filters(wish: Wish) -> bool:
    """Whether the wish asks for more than words."""
    return bool(
        wish.price_min or wish.price_max or wish.category or wish.brand or wish.in_stock_only
        or wish.rating_min_tenths is not None or wish.allergens_excluded or wish.attributes_required
        or wish.words_avoided or wish.words_excluded or wish.skus_excluded or wish.sort != "relevance"
    )  # fmt: skip


def _filter_sql(wish: Wish, currency: str) -> tuple[str, tuple[Any, ...]] | None:
    """Those filters of the wish that the index can apply before ranking, as an SQL condition and its values."""
    parts: list[str] = []
    values: list[Any] = []
    for bound, sign in ((wish.price_min, ">="), (wish.price_max, "<=")):
        if bound is not None and bound.currency == currency:
            parts.append(f"(price {sign} ? OR currency IS NOT NULL)")
            values.append(bound.amount)
    if wish.in_stock_only:
        parts.append("stock > 0")
    if wish.rating_min_tenths is not None:
        parts.append("rating >= ?")
        values.append(wish.rating_min_tenths)
    if wish.brand is not None:
        parts.append("(brand IS NULL OR brand = ? COLLATE NOCASE)")
        values.append(wish.brand)
    return (" AND ".join(parts), tuple(values)) if parts else None
