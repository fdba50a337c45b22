"""What each format calls the fields of a product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from skill.errors import FeedError
from skill.feeds.google_categories import google_path
from skill.feeds.rows import Cell, RawRow, named_texts

_METAFIELD = re.compile(r"\((?:product|variant)\.metafields\.[^.()]+\.([^()]+)\)\s*\Z", re.IGNORECASE)


@lru_cache(maxsize=4096)
def normal_name(column: str) -> str:
    """`g:Image Link` → `image_link`: how columns are compared. Letters of every script are kept, to be told in an error.

    Shopify's metafields have their key in brackets behind a label that shops change: `metafield_dietary_preferences`.
    """
    if metafield := _METAFIELD.search(column):
        column = f"metafield_{metafield[1]}"
    return re.sub(r"[\W_]+", "_", column.strip().lower().removeprefix("g:")).strip("_")


_GOOGLE_CATEGORY = frozenset({"google_product_category", "google_shopping_google_product_category"})

#: Google's defaults, which every other row repeats.
_SAYS_NOTHING = frozenset({("age_group", "adult"), ("age_group", "all ages"), ("gender", "unisex")})


@dataclass(frozen=True, slots=True)
class Layout:
    """A format's columns, normalized. `fields` maps our field to their columns; the first that is not empty counts, and of
    categories all of them, because the guard asks what else a product is.

    `attributes` maps a column to the name of the attribute that it becomes. `required` are groups of fields of which each
    file must have one. `left_out` tells rows that are not for sale: a column and the values that say so.
    """

    fields: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, str] = field(default_factory=dict)
    required: tuple[tuple[str, ...], ...] = (("sku",), ("title",), ("price",), ("quantity", "availability"))
    left_out: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: How columns begin that every such feed has and nothing here needs, so that nobody is told of them.
    unneeded: tuple[str, ...] = ()
    #: Column → our field and the column's rank among those that can fill it. Worked out once: every row asks.
    meanings: Mapping[str, tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        meanings = {c: (name, rank) for name, columns in self.fields.items() for rank, c in enumerate(columns)}
        object.__setattr__(self, "meanings", meanings)

    def known(self) -> frozenset[str]:
        """Every column that means something."""
        return (
            frozenset(c for columns in self.fields.values() for c in columns)
            | self.attributes.keys()
            | self.left_out.keys()
        )

    def unused(self, names: Mapping[str, str]) -> list[str]:
        """What the file calls the columns that mean nothing here, but for those that every such file has. `names` are by normalized
        column.
        """
        known = self.known()
        return [
            written for name, written in names.items()
            if written and name not in known and not name.startswith(self.unneeded)
        ]  # fmt: skip

    def require(self, names: Iterable[str], path: str) -> None:
        """Raises `FeedError`, naming what was found and what is missing, unless `names` (normalized) are enough."""
        have = frozenset(names)
        lacking = [
            group for group in self.required if not any(have.intersection(self.fields[field]) for field in group)
        ]
        if lacking:
            missing = [" or ".join(self.fields[field][0] for field in group) for group in lacking]
            others = [
                f"{self.fields[field][0]} also {', '.join(rest)}"
                for group in lacking
                for field in group
                if (rest := self.fields[field][1:])
            ]
            found = ", ".join(sorted(have)[:60]) or "none"
            known = f" ({'; '.join(others)})" if others else ""
            raise FeedError(
                f"{path} lacks these columns: {'; '.join(missing)}. It has: {found}. "
                f"Rename the columns{known}, or say --format if this is another kind of feed",
                path=path, missing=tuple(missing), found=tuple(sorted(have)[:60]),
            )  # fmt: skip

    def is_left_out(self, cells: Mapping[str, Cell]) -> bool:
        """Whether the row says that it is a draft, archived or hidden. `cells` by normalized column."""
        return any(
            str(cell).strip().lower() in values
            for column, values in self.left_out.items()
            if (cell := cells.get(column)) is not None
        )

    def raw_row(self, line: int, cells: Mapping[str, Cell], names: Mapping[str, str]) -> RawRow:
        """The row by our field names. `cells` and `names` (as the file writes them) are by normalized column."""
        ours: dict[str, Cell] = {}
        columns: dict[str, str] = {}
        ranks: dict[str, int] = {}
        categories: list[tuple[int, str, Cell]] = []
        for column, cell in cells.items():
            meaning = self.meanings.get(column)
            if meaning is None:
                continue
            name, rank = meaning
            if cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()):
                columns.setdefault(name, names[column])
            elif name == "category":
                if column in _GOOGLE_CATEGORY and isinstance(cell, str):
                    cell = google_path(cell)
                if cell:
                    categories.append((rank, column, cell))
            elif name not in ranks or rank < ranks[name]:
                ours[name], columns[name], ranks[name] = cell, names[column], rank
        if categories:
            (_, first, ours["category"]), *others = sorted(categories, key=lambda each: each[0])
            columns["category"] = names[first]
            further = [cell for _, _, cell in others] + _paths(ours["category"] if first in _SEVERAL else None)
            if further:
                ours["category_others"] = further
                columns["category_others"] = names[others[0][1] if others else first]
        if self.attributes:
            given = [
                (label, cell)
                for column, label in self.attributes.items()
                if isinstance(cell := cells.get(column), str | list)
                and not (
                    isinstance(cell, str) and (not cell.strip() or (column, cell.strip().lower()) in _SAYS_NOTHING)
                )
            ]
            own = ours.get("attributes") or {}
            if isinstance(own, str):
                own = named_texts(own)
            if given and isinstance(own, dict):
                ours["attributes"] = _merged([*given, *own.items()])
        return RawRow(line, ours, columns, names)


def _merged(pairs: Iterable[tuple[str, Cell]]) -> dict[str, Cell]:
    """Attributes by name. What is said of one in two places is all kept: a diet is no less true for standing in a column."""
    merged: dict[str, Cell] = {}
    for name, cell in pairs:
        known = merged.setdefault(name, cell)
        if known != cell:
            merged[name] = [
                *(known if isinstance(known, list) else [known]),
                *(cell if isinstance(cell, list) else [cell]),
            ]
    return merged


#: Columns in which shops write several categories with commas between them.
_SEVERAL = frozenset({"product_type", "categories"})


def _paths(cell: Cell) -> list[Cell]:
    """The paths of `Food > Wine, Cellar > Reds`, as Google has several types written in a table; none where there is one path.

    `Food > Meat, Fish & Eggs > Eggs` looks the same, so that the cell counts as one path too.
    """
    paths = cell.split(",") if isinstance(cell, str) and "," in cell else []
    return list(paths) if all(">" in path for path in paths) else []


#: Our own CSV and JSON Lines. The first name of each field is the one that we write.
PLAIN = Layout(
    fields={
        "sku": ("sku", "id", "product_id", "item_id", "item_number", "article"),
        "title": ("title", "name", "product_name", "product"),
        # No `unit_price`: shops write there what a kilo costs.
        "price": ("price", "regular_price"),
        "sale_price": ("sale_price",),
        "sale_price_effective_date": ("sale_price_effective_date",),
        "quantity": ("quantity", "stock", "on_hand", "stock_on_hand", "inventory", "qty", "stock_quantity"),
        "availability": ("availability", "in_stock"),
        "brand": ("brand", "vendor", "manufacturer"),
        "size": ("size", "unit_size", "pack_size", "package_size"),
        "category": ("category", "categories", "product_type", "department", "subcategory", "sub_category"),
        "description": ("description",),
        "rating": ("rating", "stars"),
        "reviews_count": ("reviews_count", "review_count", "reviews"),
        "review": ("review",),
        "age_min": ("age_min", "age_restriction", "minimum_age", "min_age", "age_limit"),
        "adult": ("adult",),
        "allergens": ("allergens", "allergen_information", "contains"),
        "gtin": ("gtin", "upc", "ean", "barcode"),
        "image_url": ("image_url", "image_link", "image"),
        "attributes": ("attributes",),
    },
    attributes={"color": "color", "colour": "color", "material": "material", "pattern": "pattern", "diet": "diet"},
    # WooCommerce's: 0 and -1 are private and draft.
    left_out={"published": frozenset({"0", "-1", "false", "no"}), "visibility_in_catalog": frozenset({"hidden"})},
)

#: WooCommerce's product CSV. Source: WooCommerce, "Product CSV Import Schema". Variations and their parents are `woocommerce.py`'s.
WOOCOMMERCE = Layout(
    fields={
        **PLAIN.fields,
        "category": ("categories", *(each for each in PLAIN.fields["category"] if each != "categories")),
        "description": ("description", "short_description"),
        "gtin": ("gtin_upc_ean_or_isbn", *PLAIN.fields["gtin"]),
        "image_url": ("images", *PLAIN.fields["image_url"]),
        "sale_start": ("date_sale_price_starts",),
        "sale_end": ("date_sale_price_ends",),
        "type": ("type",),
        "parent": ("parent",),
    },
    attributes=PLAIN.attributes,
    left_out=PLAIN.left_out,
    unneeded=(
        "is_featured", "tax_", "low_stock_amount", "backorders_allowed", "sold_individually", "weight", "length", "width", "height",
        "allow_customer_reviews", "purchase_note", "shipping_class", "tags", "download", "grouped_products", "upsells",
        "cross_sells", "external_url", "button_text", "position", "attribute_", "swatches_attributes", "meta_", "cost_of_goods",
    ),
)  # fmt: skip

#: Google Merchant Center and Meta's catalogue, which took Google's names over.
#: Sources: Google, "Product data specification"; Meta, "Catalog fields".
MERCHANT = Layout(
    fields={
        "sku": ("id",),
        "title": ("title",),
        "price": ("price",),
        "sale_price": ("sale_price",),
        "sale_price_effective_date": ("sale_price_effective_date",),
        "availability": ("availability",),
        "quantity": (
            "quantity_to_sell_on_facebook", "quantity_to_sell_on_fb", "sell_on_google_quantity", "inventory", "quantity",
        ),
        "brand": ("brand",),
        "size": ("size", "unit_pricing_measure"),
        "category": ("product_type", "fb_product_category", "google_product_category"),
        # Atom's own word for it is the summary.
        "description": ("description", "rich_text_description", "summary"),
        "adult": ("adult",),
        "gtin": ("gtin",),
        "image_url": ("image_link", "image_0_url"),
        "group": ("item_group_id",),
        "condition": ("condition",),
        "expires_at": ("expiration_date",),
        "subscription": ("subscription_cost",),
        "installment": ("installment",),
        "multipack": ("multipack",),
        # Not theirs, but shops add it.
        "allergens": ("allergens", "allergen_information"),
        "age_min": ("age_min", "age_restriction", "minimum_age", "min_age", "age_limit"),
    },
    attributes={
        "color": "color", "material": "material", "pattern": "pattern", "gender": "gender", "age_group": "age group",
        "diet": "diet",
    },
    required=(("sku",), ("title",), ("price",), ("availability", "quantity")),
    left_out={"status": frozenset({"archived", "draft"}), "visibility": frozenset({"hidden", "staging"})},
    unneeded=(
        "link", "mobile_link", "canonical_link", "additional_image", "lifestyle_image", "image_", "video", "virtual_model", "mpn",
        "identifier_exists", "shipping", "ships_from", "tax", "custom_label", "custom_number", "ads_", "adwords", "excluded_",
        "included_", "promotion_id", "min_handling_time", "max_handling_time", "transit_time", "unit_pricing_base_measure", "size_",
        "cost_of_goods_sold", "energy_efficiency", "min_energy", "max_energy", "availability_date", "is_bundle",
        "product_highlight", "pause", "commerce_tax", "return_policy", "origin_country", "manufacturer_", "importer_",
        "internal_label", "applink", "guid", "pubdate", "updated", "author", "rights",
        "ios_", "android_", "iphone_", "ipad_", "windows_phone",
    ),
)  # fmt: skip

#: Shopify's product CSV, in its older and its newer wording. Source: Shopify Help, "Using CSV files to import and export
#: products". Options, variants and drafts are `shopify.py`'s.
SHOPIFY = Layout(
    fields={
        "handle": ("handle", "url_handle"),
        "title": ("title",),
        "price": ("variant_price", "price"),
        "sku": ("variant_sku", "sku"),
        "quantity": ("variant_inventory_qty", "inventory_quantity"),
        "tracker": ("variant_inventory_tracker", "inventory_tracker"),
        "policy": ("variant_inventory_policy", "continue_selling_when_out_of_stock"),
        "brand": ("vendor",),
        "category": ("product_category", "type", "google_shopping_google_product_category"),
        "description": ("body_html", "description"),
        "tags": ("tags",),
        "gtin": ("variant_barcode", "barcode"),
        "variant_image": ("variant_image", "variant_image_url"),
        "product_image": ("image_src", "product_image_url"),
        "gift_card": ("gift_card",),
        "fulfillment": ("variant_fulfillment_service", "fulfillment_service"),
        "published": ("published", "published_on_online_store"),
        "status": ("status",),
        "option1_name": ("option1_name",),
        "option1_value": ("option1_value",),
        "option2_name": ("option2_name",),
        "option2_value": ("option2_value",),
        "option3_name": ("option3_name",),
        "option3_value": ("option3_value",),
        "condition": ("google_shopping_condition",),
        "allergens": (
            "metafield_allergen_information",
            "metafield_allergens",
            "metafield_allergen",
            "metafield_contains",
        ),
        "rating": ("metafield_rating",),
        "reviews_count": ("metafield_rating_count",),
        "age_min": ("metafield_age_min", "metafield_minimum_age", "metafield_age_restriction"),
    },
    attributes={
        "metafield_dietary_preferences": "diet",
        "metafield_dietary_preference": "diet",
        "metafield_diet": "diet",
    },
    unneeded=(
        "option",
        "variant_",
        "image_",
        "seo_",
        "google_shopping_",
        "unit_price_",
        "cost_per_item",
        "included_",
        "price_",
        "compare_at_price",
        "body_html",
        "tax",
        "charge_tax",
        "requires_shipping",
        "weight",
        "product_image",
        "metafield_color_pattern",
    ),
    required=(("handle",), ("title",), ("price",)),
)
