"""Products as phrases: the name for the ear, the size, and always the price."""

from __future__ import annotations

from collections.abc import Sequence

from skill.shop.catalogue import Product
from skill.shop.money import Money
from skill.shop.quote import QuoteLine
from skill.speech.answer import Item, Phrase
from skill.speech.ear import ear_name, ear_size
from skill.speech.heard import heard_stems


def named(title: str, size: str) -> Phrase:
    """ "Hillside Whole Milk, half gallon"."""
    name = ear_name(title, size)
    said = ear_size(size)
    return Phrase("name-sized", {"name": name, "size": said}) if said else Phrase("name", {"name": name})


def named_product(product: Product) -> Phrase:
    return named(product.title, product.size)


def priced(product: Product, price: Money) -> Phrase:
    """ "Hillside Whole Milk, half gallon, $3.49"."""
    return Phrase("priced", {"name": named_product(product), "price": price})


def counted(quantity: int, title: str, size: str) -> Phrase:
    """ "2 Hillside Whole Milk, half gallon"."""
    return Phrase("counted", {"quantity": quantity, "name": named(title, size)})


def counted_line(line: QuoteLine) -> Phrase:
    return counted(line.quantity, line.title, line.size)


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
