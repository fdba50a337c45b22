"""Which products pass the filters of a wish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from skill.search.avoiding import Avoided, has_begun
from skill.search.words import Words
from skill.shop.catalogue import Product, Wish


class Admission:
    """Holds products against wishes in one language."""

    def __init__(self, words: Words, avoided: Avoided) -> None:
        self._words = words
        self._avoided = avoided
        self._diets: Mapping[str, Sequence[str]] = words.rules.get("diets", {})
        #: What each field of a wish keeps out, the quickest to tell first.
        self._filters: tuple[tuple[str, Callable[[Wish, Product], bool]], ...] = (
            ("price_max", self._is_dearer),
            ("price_min", self._is_cheaper),
            ("in_stock_only", lambda wish, product: wish.in_stock_only and product.stock <= 0),
            (
                "rating_min_tenths",
                lambda wish, product: (
                    wish.rating_min_tenths is not None and (product.rating_tenths or 0) < wish.rating_min_tenths
                ),
            ),
            ("skus_excluded", lambda wish, product: product.sku in wish.skus_excluded),
            (
                "category",
                lambda wish, product: wish.category is not None and not self._is_in(product.category, wish.category),
            ),
            ("brand", lambda wish, product: wish.brand is not None and not self._is_brand(product, wish.brand)),
            (
                "allergens_excluded",
                lambda wish, product: any(self._avoided.is_in(thing, product) for thing in wish.allergens_excluded),
            ),
            ("words_avoided", lambda wish, product: any(self._names(word, product) for word in wish.words_avoided)),
            (
                "words_excluded",
                lambda wish, product: any(
                    self._names(word, product) or self._is(word, product) for word in wish.words_excluded
                ),
            ),
            ("attributes_required", self._lacks_attributes),
        )

    def admits(self, wish: Wish, product: Product) -> bool:
        """Whether the product passes every filter of the wish. A filter that the catalogue knows nothing of admits."""
        return not self.refused_by(wish, product)

    def refused_by(self, wish: Wish, product: Product) -> str:
        """The first field of the wish that keeps the product out; empty where none does."""
        return next((name for name, refuses in self._filters if refuses(wish, product)), "")

    def _is_dearer(self, wish: Wish, product: Product) -> bool:
        most, price = wish.price_max, product.price
        return most is not None and price.currency == most.currency and price > most

    def _is_cheaper(self, wish: Wish, product: Product) -> bool:
        least, price = wish.price_min, product.price
        return least is not None and price.currency == least.currency and price < least

    def _lacks_attributes(self, wish: Wish, product: Product) -> bool:
        if not wish.attributes_required:
            return False
        said = frozenset(self._said_of(product))
        return not all(
            any(said.issuperset(self._words.tokens(one)) for one in self._diets.get(each, (each,)))
            for each in wish.attributes_required
        )

    def claims_all(self, wish: Wish, product: Product) -> bool:
        """Whether the product itself says that it is free of all that the wish avoids; False where it avoids nothing."""
        avoided = (*wish.allergens_excluded, *wish.words_avoided)
        return bool(avoided) and all(self._avoided.claimed_by(thing, product) for thing in avoided)

    def untold(self, wish: Wish, product: Product) -> tuple[str, ...]:
        """Those of the things to avoid that the product says nothing of, neither in a list nor by a claim."""
        allergens = [thing for thing in wish.allergens_excluded if not self._avoided.is_told(thing, product)]
        return (*allergens, *self.unclaimed(wish, product))

    def unclaimed(self, wish: Wish, product: Product) -> tuple[str, ...]:
        """Those of the other things to avoid that the product does not say to be free of: no list tells of alcohol."""
        return tuple(word for word in wish.words_avoided if not self._avoided.claimed_by(word, product))

    def _names(self, name: str, product: Product) -> bool:
        """Whether the product's name or its list of allergens has what is not wanted; "fat free" has no fat."""
        if self._avoided.claimed_by(name, product):
            return False
        named = self._words.terms(self._words.tokens(f"{product.title} {product.brand} {' '.join(product.allergens)}"))
        return has_begun(named, self._words.terms(self._words.tokens(name)))

    def _is(self, name: str, product: Product) -> bool:
        """Whether the product is of that name's category, states that diet, or claims just that: "not gluten free"."""
        claim = self._avoided.claim_of(self._words.tokens(name))
        if claim and self._avoided.claimed_by(claim, product):
            return True
        diet = self._diets.get(name)
        if diet is not None:
            said = frozenset(self._said_of(product))
            return any(said.issuperset(self._words.tokens(one)) for one in (name, *diet[:1]))
        return self._is_in(product.category, name)

    def _is_in(self, path: Sequence[str], category: str) -> bool:
        wanted = " ".join(self._words.terms(self._words.tokens(category)))
        return any(" ".join(self._words.terms(self._words.tokens(name))) == wanted for name in path)

    def _is_brand(self, product: Product, brand: str) -> bool:
        wanted = self._words.tokens(brand)
        have = self._words.tokens(product.brand) or self._words.tokens(product.title)[: len(wanted)]
        return have == wanted or have[: len(wanted)] == wanted

    def _said_of(self, product: Product) -> list[str]:
        texts = [product.title, product.description, *(text for _, text in product.attributes), *product.category]
        return self._words.tokens(" . ".join(texts))
