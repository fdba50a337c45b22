"""Products as phrases: the name for the ear, the size, and always the price."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill.ports import LiveItem
from skill.shop.catalogue import Product, title_head
from skill.shop.money import Money
from skill.shop.quote import QuoteLine
from skill.speech.answer import Item, Phrase
from skill.speech.ear import NAME_WORDS_MAX, ear_names
from skill.speech.heard import heard_stems
from skill.speech.render import FALLBACK_LOCALE, heard_words


def named_products(products: Sequence[Product], words_max: int = NAME_WORDS_MAX) -> tuple[Phrase, ...]:
    """ "Hillside Whole Milk, half gallon"; no two products that are read together have the same name and size."""
    named = ear_names([(each.title, each.size) for each in products], words_max)
    return tuple(_named(name, size) for name, size in named)


def named_product(product: Product) -> Phrase:
    return named_products((product,))[0]


def priced_products(shelf: Sequence[tuple[Product, LiveItem]], words_max: int = NAME_WORDS_MAX) -> tuple[Phrase, ...]:
    """ "Hillside Whole Milk, half gallon, $3.49", of products that are read together."""
    names = named_products([product for product, _ in shelf], words_max)
    return tuple(
        Phrase("priced", {"name": name, "price": live.price}) for name, (_, live) in zip(names, shelf, strict=True)
    )


def priced(product: Product, price: Money) -> Phrase:
    return Phrase("priced", {"name": named_product(product), "price": price})


def counted_lines(lines: Sequence[tuple[int, Product | QuoteLine]], locale: str) -> tuple[Phrase, ...]:
    """ "2 Hillside Whole Milk, half gallon", of quantities that are read together."""
    names = ear_names([(each.title, each.size) for _, each in lines])
    return tuple(
        Phrase("counted", {"quantity": quantity, "name": _counted_name(name, size, locale)})
        for (quantity, _), (name, size) in zip(lines, names, strict=True)
    )


def counted(quantity: int, product: Product, locale: str) -> Phrase:
    return counted_lines([(quantity, product)], locale)[0]


def quoted_lines(lines: Sequence[QuoteLine], locale: str) -> tuple[Phrase, ...]:
    return counted_lines([(line.quantity, line) for line in lines], locale)


def _counted_name(name: str, size: str, locale: str) -> Phrase:
    """Behind a number "each" says nothing: six lemons, not "6 Lemons, each"."""
    single = {*heard_words("each", FALLBACK_LOCALE), *heard_words("each", locale)}
    head, _, last = name.rpartition(", ")
    return _named(head if head and last.casefold() in single else name, "" if size.casefold() in single else size)


def _named(name: str, size: str) -> Phrase:
    return Phrase("name-sized", {"name": name, "size": size}) if size else Phrase("name", {"name": name})


def product_item(product: Product, price: Money) -> Item:
    return Item(product.sku, product.title, product.size, price, product.image_url)


def matching(words: str, products: Sequence[Product], locale: str) -> list[Product]:
    """Those that cover most of the heard words with brand, title and size; none where no word fits."""
    heard = heard_stems(words, locale)
    scored = [(len(heard & heard_stems(f"{each.brand} {each.title} {each.size}", locale)), each) for each in products]
    best = max((score for score, _ in scored), default=0)
    return [each for score, each in scored if score == best and best > 0]


def covers(words: str, product: Product, locale: str) -> bool:
    """Whether every heard word stands in the product's brand, title, size or category."""
    described = f"{product.brand} {product.title} {product.size} {' '.join(product.category)}"
    return heard_stems(words, locale) <= heard_stems(described, locale)


def in_title(words: str, product: Product, locale: str) -> bool:
    """Whether every heard word stands in the product's brand, title or size."""
    return heard_stems(words, locale) <= heard_stems(f"{product.brand} {product.title} {product.size}", locale)


def names(words: str, product: Product, locale: str) -> bool:
    """Whether the words say what the product is, and nothing else: "rope" names no Rope Dog Toy, "dog toy" does."""
    return in_title(words, product, locale) and is_kind(words, product, locale)


def is_kind(words: str, product: Product, locale: str) -> bool:
    """Whether the words say what the product is: "soup" does of a tomato soup, and "tomatoes" does not."""
    return not heard_stems(words, locale).isdisjoint(_heads(product, locale))


def _heads(product: Product, locale: str) -> frozenset[str]:
    """The words for what the product is, as they are compared: where the language has them in a title, its brand aside."""
    head = title_head(product.title)
    words = re.findall(r"\w+", head)
    brand = heard_stems(product.brand, locale)
    own = [word for word in words if not heard_stems(word, locale) <= brand] or words
    places = heard_words("heads", locale)
    said = [own[at] for place, at in (("1", 0), ("-1", -1)) if own and place in places]
    return heard_stems(" ".join(said), locale)
