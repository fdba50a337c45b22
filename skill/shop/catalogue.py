"""What is on the shelves: products, and what a shopper may ask of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NewType

from skill.shop.money import Money

Sku = NewType("Sku", str)

#: Longest title kept from a feed, in characters. A recogniser and an ear need far less; 10 kB of "title" is an attack.
TITLE_LENGTH_MAX = 200


#: Attributes that variants of one product differ by, as feeds name them.
VARIANT_ATTRIBUTES = ("color", "pattern", "material")

_HEAD_ENDS = re.compile(r"(?<=\w)(?:,| - | – | \(|: | / |;| with | for | w/)", re.IGNORECASE)


def title_head(title: str) -> str:
    """What a product is, without what its title says of it: "Accent Pillow with Heart Design - Red" → Accent Pillow."""
    return _HEAD_ENDS.split(title, maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Product:
    """One thing that can be bought, as the shop's feed describes it.

    `category` is a path from general to special, such as `("Pets", "Dog food")`. `size` is as it is said on the pack
    ("12 oz", "half gallon"). `rating_tenths` is 0 to 50, so 4.5 stars are 45. `age_min` is the buyer's least age in years,
    0 for everybody. `stock` is what the feed said was on hand; what can be bought now is the inventory's to say.
    `attributes` are further facts (colour, diet words such as "gluten free"), each a name and a text.
    """

    sku: Sku
    title: str
    price: Money
    brand: str = ""
    size: str = ""
    category: tuple[str, ...] = ()
    description: str = ""
    stock: int = 0
    rating_tenths: int | None = None
    reviews_count: int = 0
    review: str = ""
    age_min: int = 0
    allergens: tuple[str, ...] = ()
    gtin: str = ""
    image_url: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shopper asks for, taken apart: the words that are left, and the filters that were in them.

    Prices are inclusive bounds in the store's currency. `sort` is `relevance`, `price` (cheapest first), `rating`,
    `biggest` or `smallest`.
    `allergens_excluded` and `words_avoided` are what it must be without, allergens and other things ("without alcohol");
    `words_excluded` what it must not be ("not decaf"). `size` is the one that is wanted ("24 oz", "half gal"), `quantity` how many
    of it, 0 where that was not said, and `container` what they come in ("cans"). `skus_excluded` are not to be offered again ("a
    different one").
    """

    words: str
    price_min: Money | None = None
    price_max: Money | None = None
    category: str | None = None
    brand: str | None = None
    size: str | None = None
    in_stock_only: bool = False
    rating_min_tenths: int | None = None
    allergens_excluded: tuple[str, ...] = ()
    attributes_required: tuple[str, ...] = ()
    words_avoided: tuple[str, ...] = ()
    words_excluded: tuple[str, ...] = ()
    quantity: int = 0
    container: str = ""
    sort: str = "relevance"
    skus_excluded: tuple[Sku, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Found:
    """One answer to a wish. `score` is the engine's own, higher is better; `weak` means "did I hear that right?".

    `untold` are the things to avoid of which the product says nothing: it may have them. `twins` are further answers that
    sound the same when they are read out, but for the brand; one of them is offered where this one is sold out.
    """

    product: Product
    score: float
    weak: bool = False
    untold: tuple[str, ...] = ()
    twins: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """The answers to a wish, best first. `understood` is the wish as the engine took it.

    `nearest_category` and `similar` are for the shopper who would otherwise hear "nothing": a category name that fits the
    words, and products that come close to them.
    """

    understood: Wish
    found: tuple[Found, ...]
    nearest_category: str | None = None
    similar: tuple[Product, ...] = ()
