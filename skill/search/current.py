"""The catalogue that is there now, whichever index that is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from skill.errors import CatalogueMissing
from skill.search.catalogue import Explanation, SearchCatalogue, open_catalogue
from skill.shop.catalogue import Findings, Product, Sku, Wish


class CurrentCatalogue:
    """The catalogue at a path, whichever index lies there now: a swap is noticed at the next call.

    Calls that are under way keep the index that they began with. `currency` is the store's, where there is a store: prices are kept
    as minor units of it, so an index in another one is refused.
    """

    def __init__(self, path: Path, currency: str = "") -> None:
        self.path = Path(path)
        self._currency = currency
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._open: SearchCatalogue | None = None

    def current(self) -> SearchCatalogue:
        """The index that is there now. Raises `CatalogueMissing` as `open_catalogue` does, and for one of another currency."""
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
                opened = open_catalogue(self.path)
                if self._currency and opened.count and opened.currency != self._currency:
                    opened.close()
                    raise CatalogueMissing(
                        f"the prices of {self.path} are in {opened.currency}, and the store sells in {self._currency}: import a "
                        "catalogue in it with `sayso catalogue import FILE`, or set `currency` back in store.yaml",
                        path=str(self.path),
                    )
                self._open, self._seen = opened, seen
            return self._open

    @property
    def version(self) -> str:
        return self.current().version

    @property
    def count(self) -> int:
        return self.current().count

    def find(self, wish: Wish, *, locale: str = "en-US", limit: int = 12, bought: Sequence[Sku] = ()) -> Findings:
        return self.current().find(wish, locale=locale, limit=limit, bought=bought)

    def explain(self, words: str, limit: int = 5, *, locale: str = "en-US") -> list[Explanation]:
        return self.current().explain(words, limit, locale=locale)

    def understand(self, words: str, locale: str = "en-US") -> Wish:
        return self.current().understand(words, locale)

    def rank(self, words: str, limit: int = 10) -> list[tuple[Sku, float]]:
        return self.current().rank(words, limit)

    def product(self, sku: Sku) -> Product | None:
        return self.current().product(sku)

    def products(self, skus: Iterable[Sku]) -> dict[Sku, Product]:
        return self.current().products(skus)

    def top(self, limit: int) -> tuple[Product, ...]:
        return self.current().top(limit)

    def categories(self) -> tuple[str, ...]:
        return self.current().categories()

    def close(self) -> None:
        """Lets the file go; the next call opens it again."""
        with self._lock:
            catalogue, self._open, self._seen = self._open, None, None
        if catalogue is not None:
            catalogue.close()
