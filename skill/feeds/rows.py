"""One row of a feed, whatever its format: the schema that it must fit, and what is wrong with it where it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from skill.feeds.gtin import is_gtin
from skill.feeds.prices import Period, PriceRefused, parse_end, parse_period, parse_price
from skill.feeds.spoken import SpokenWords, allergen_words, and_further, can_be_said, names, spoken_words
from skill.feeds.text import TEXT_READ_MAX, TextUnreadable, plain_text, without_pictures
from skill.shop.catalogue import TITLE_LENGTH_MAX, VARIANT_ATTRIBUTES, Product, Sku
from skill.shop.money import Money, minor_unit_exponent

SKU_LENGTH_MAX = 100
BRAND_LENGTH_MAX = 80
SIZE_LENGTH_MAX = 60
CATEGORY_LENGTH_MAX = 80
#: Names of one path. A feed may give several paths of a product, of which all count.
CATEGORY_DEPTH_MAX = 16
DESCRIPTION_LENGTH_MAX = 2_000
REVIEW_LENGTH_MAX = 200
ALLERGENS_MAX = 40
ATTRIBUTES_MAX = 40
ATTRIBUTE_LENGTH_MAX = 200
URL_LENGTH_MAX = 2_000
#: More on the shelf than any shop has: a bar code in the wrong column.
QUANTITY_MAX = 10_000_000
#: How much of a refused value is shown.
VALUE_SHOWN_MAX = 80
#: On hand where a feed says "in stock" and not how many: enough for a household, few enough not to oversell by much.
QUANTITY_PRESUMED = 20


class JsonNumber(str):
    """A number of a JSON document, as it is written there. Its point is a decimal point in every country."""

    __slots__ = ()


#: A cell as its file had it: text, or in JSON Lines also a list, an object, true or false. Numbers stay text, so that 12.99
#: is never a float.
Cell = str | bool | list[Any] | dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row, and what to do. `refused` rows are not imported; of others only `column` was left out.

    `line` counts from 1, the header included. `column` is named as the file names it, empty where the whole row is meant.
    `kind` is the same from one release to the next.
    """

    line: int
    column: str
    value: str
    remedy: str
    kind: str
    refused: bool = True


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before it is checked: cells by our field names, and what the file calls each of those fields.

    `names` are all columns of the row, normalized → as the file writes them.
    """

    line: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is in order and not for sale here: `hidden` (a draft, archived, unpublished), `expired`, `contract`, `gift_card`
    or `elsewhere` (another shop sells it).
    """

    kind: str


@dataclass(slots=True)
class Reading:
    """What a row is read against. `language` ("en") is that of its titles. `allergen_entry` tells what an entry of a list of
    allergens does: it `lists` one, `claims` that there is none of it, or, empty, neither. `noted` collects (field, value, kind,
    remedy) of what was left out of an accepted row; `sale_end_at` is when its price ends, where that is a sale's.
    """

    currency: str
    now: datetime
    time_zone: tzinfo = UTC
    quantity_presumed: int = QUANTITY_PRESUMED
    language: str = "en"
    allergen_entry: Callable[[str], str] = lambda entry: "lists"
    sale_end_at: datetime | None = None
    noted: list[tuple[str, str, str, str]] = field(default_factory=list)


def _refuse(kind: str, remedy: str, **facts: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "{remedy}", {"remedy": remedy, **facts})


def _said(value: Any, length_max: int) -> str:
    if not isinstance(value, str):
        raise _refuse("not_text", "write one text here, not a list, an object, or true or false")
    try:
        return plain_text(value, length_max)
    except TextUnreadable as error:
        raise _refuse("encoding", "this text has bytes that are no characters: save the whole file as UTF-8") from error


#: How a spreadsheet keeps digits from becoming a number: `="00042"`.
_TEXT_FORMULA = re.compile(r'="([^"]*)"\Z')
#: How it writes a long number that nobody kept from it: `7.61304E+12`. The last digits are gone.
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+\Z", re.ASCII | re.IGNORECASE)


def _digits_kept(value: Any, length_max: int) -> str:
    text = _said(value, length_max)
    found = _TEXT_FORMULA.match(text)
    return found[1].strip() if found else text


def _sku(value: Any) -> str:
    sku = _digits_kept(value, SKU_LENGTH_MAX + 1)
    if not sku:
        raise _refuse("sku_missing", "give the product an id of its own")
    if _ROUNDED.match(sku):
        raise _refuse(
            "sku_rounded", "a spreadsheet has rounded this id: format its column as text before the ids are put in"
        )
    if len(sku) > SKU_LENGTH_MAX:
        raise _refuse("sku_too_long", f"an id may have {SKU_LENGTH_MAX} characters: shorten it")
    return sku


def _title(value: Any, info: ValidationInfo[Reading]) -> str:
    title = _said(without_pictures(value) if isinstance(value, str) else value, TITLE_LENGTH_MAX)
    if not title:
        raise _refuse("title_missing", "give the product a name that can be read aloud")
    if len(value) > TITLE_LENGTH_MAX and len(_said(value, TEXT_READ_MAX)) > TITLE_LENGTH_MAX:
        _note(info, "title", value, "title_cut", f"a title may have {TITLE_LENGTH_MAX} characters: shorten it")
    return title


def _note(info: ValidationInfo[Reading], name: str, value: Any, kind: str, remedy: str) -> None:
    info.context.noted.append((name, str(value), kind, remedy))


def _price(value: Any, info: ValidationInfo[Reading]) -> Money:
    text = _said(value, 100)
    if isinstance(value, JsonNumber) and re.fullmatch(r"\d+\.\d+", text, re.ASCII):
        text = text.rstrip("0").rstrip(".")  # 12.100 is twelve and a tenth, and no twelve thousand
        currency = info.context.currency
        if len(text.partition(".")[2]) > minor_unit_exponent(currency):
            raise _refuse("price_too_precise", f"write no more decimal places than {currency} has")
    try:
        return parse_price(text, info.context.currency)
    except PriceRefused as refused:
        raise _refuse(refused.kind, str(refused)) from refused


def _sale_price(value: Any, info: ValidationInfo[Reading]) -> Money | None:
    """None for a zero, which programs write where there is no sale."""
    try:
        return _price(value, info)
    except PydanticCustomError as refused:
        if refused.type == "price_zero":
            return None
        raise


_WHOLE = re.compile(r"(-?)(\d{1,15})(?:[.,]0+)?\Z", re.ASCII)
#: A thousand in half of the world's writing, one in the other half.
_MAYBE_THOUSAND = re.compile(r"[1-9]\d{0,2}[.,]000\Z", re.ASCII)


def _whole_number(value: Any, kind: str, highest: int, remedy: str) -> int:
    text = _said(value, 40)
    if not isinstance(value, JsonNumber) and _MAYBE_THOUSAND.match(text):
        raise _refuse(kind, f"this can be {text[:-4]} or {text[:-4]}000: write it without a point or a comma")
    found = _WHOLE.match(text)
    if not found or found[1] or int(found[2]) > highest:
        raise _refuse(kind, remedy)
    return int(found[2])


def _quantity(value: Any) -> int:
    return _whole_number(
        value,
        "quantity_invalid",
        QUANTITY_MAX,
        f"write how many are on hand as a whole number from 0 to {QUANTITY_MAX}",
    )


def _reviews_count(value: Any) -> int:
    return _whole_number(value, "reviews_count_invalid", 10**9, "write how many reviews there are as a whole number")


_UNSAYABLE = ("unsayable", "this cannot be read aloud, and was left out of the name: write it in words")


def _multipack(value: Any) -> int:
    return _whole_number(value, "multipack_invalid", 10_000, "write how many are in the pack as a whole number")


def _unsaid(value: Any, info: ValidationInfo[Reading]) -> str:
    text = _said(value, ATTRIBUTE_LENGTH_MAX)
    _note(info, "unsaid", text, *_UNSAYABLE)
    return text


def _age_min(value: Any) -> int:
    text = _said(value, 40).removesuffix("+").removesuffix(" years")
    return _whole_number(text, "age_min_invalid", 99, "write the buyer's least age in years, such as 21")


_RATING = re.compile(r"(\d)(?:[.,](\d)(\d*))?\Z", re.ASCII)


def _rating_tenths(value: Any) -> int:
    found = _RATING.match(_said(value, 40))
    tenths = int(found[1]) * 10 + int(found[2] or 0) + ((found[3] or "0")[0] >= "5") if found else 99
    if tenths > 50:
        raise _refuse("rating_invalid", "write the rating as stars from 0 to 5, such as 4.5")
    return tenths


def _text_of(length_max: int) -> PlainValidator:
    return PlainValidator(lambda value: _said(value, length_max))


def _names(value: Any) -> list[str]:
    """A list, or a text with commas or semicolons, as single names."""
    if isinstance(value, str):
        value = re.split(r"[,;|]", value)
    if not isinstance(value, list):
        raise _refuse("not_a_list", "write the names with commas between them")
    return [name for each in value if (name := _said(each, ATTRIBUTE_LENGTH_MAX))]


#: An entry of a list of allergens that is no word, such as the `A, C, G` of a menu: whose letters they are nobody can tell.
_NO_WORD = re.compile(r"[\W\d_]*(?:[^\W\d_]\d*[\W_]*)?")


def _allergens(value: Any, info: ValidationInfo[Reading]) -> tuple[str, ...]:
    """The entries that say something, without "contains" before them. What says nothing must not look like a list: then it
    would count as told what the product has.
    """
    names = _names(value)
    if len(names) > ALLERGENS_MAX:
        raise _refuse("too_many", f"at most {ALLERGENS_MAX} allergens can be kept: write them more shortly")
    words = allergen_words()
    kept: dict[str, None] = {}
    for name in names:
        entry = words.named(name.lower())
        silent = _NO_WORD.fullmatch(entry) or words.says_nothing(entry)
        if silent:
            remedy = "this names no allergen, and counts as not told: name each one, or say what it is free of"
            _note(info, "allergens", name, "allergens_untold", remedy)
            continue
        if not info.context.allergen_entry(entry):
            remedy = "this is no allergen that shoppers can ask for, and tells nothing of others: name each one plainly"
            _note(info, "allergens", name, "allergen_unknown", remedy)
        kept[entry] = None
    return tuple(kept)


@lru_cache(maxsize=4096)
def _category_path(text: str) -> tuple[str, ...]:
    # Google also takes its category's number, 2271 for dresses: nobody says that.
    names = (plain_text(each, CATEGORY_LENGTH_MAX) for each in text.split(">"))
    return tuple(name for name in names if name and not name.isdigit())[:CATEGORY_DEPTH_MAX]


def _category(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(name for each in value if (name := _said(each, CATEGORY_LENGTH_MAX)))[:CATEGORY_DEPTH_MAX]
    # "Home &gt; Garden" is as common in feeds as "Home > Garden".
    return _category_path(_said(value, CATEGORY_LENGTH_MAX * CATEGORY_DEPTH_MAX))


def _category_others(value: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(_category(each) for each in value) if isinstance(value, list) else ()


def named_texts(text: str) -> dict[str, list[str]]:
    """`color: red; diet: vegan` → {"color": ["red"], "diet": ["vegan"]}; what has no name has the name ""."""
    found: dict[str, list[str]] = {}
    for each in text.split(";"):
        name, colon, said = each.partition(":")
        if each.strip():
            found.setdefault(name.strip() if colon else "", []).append((said if colon else name).strip())
    return found


def _attributes(value: Any, info: ValidationInfo[Reading]) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        value = named_texts(value)
    if not isinstance(value, dict):
        raise _refuse(
            "attributes_invalid", 'write attributes as "color: red; material: cotton", or as an object of texts'
        )
    if unnamed := value.get(""):
        remedy = 'this was left out, because it does not say what it is: write a name before it, such as "diet: vegan"'
        _note(info, "attributes", _attribute_text(unnamed), "attribute_unnamed", remedy)
    pairs = [(_said(name, ATTRIBUTE_LENGTH_MAX), _attribute_text(text)) for name, text in value.items()]
    if len(pairs) > ATTRIBUTES_MAX:
        raise _refuse("too_many", f"at most {ATTRIBUTES_MAX} attributes can be kept: leave some out")
    return tuple((name, text) for name, text in pairs if name and text)


def _attribute_text(value: Any) -> str:
    return ", ".join(_names(value)) if isinstance(value, list) else _said(value, ATTRIBUTE_LENGTH_MAX)


def _gtin(value: Any, info: ValidationInfo[Reading]) -> str:
    # Shopify writes an apostrophe before the digits, to keep spreadsheets from making a number of them.
    digits = _digits_kept(value, 40).lstrip("'").replace(" ", "").replace("-", "")
    if not digits or is_gtin(digits):
        return digits
    remedy = "the check digit does not fit: compare it with the bar code on the pack"
    if _ROUNDED.match(digits):
        remedy = "a spreadsheet has rounded these digits: format the column as text before they are put in"
    elif not digits.isdigit():
        remedy = "write the digits below the bar code and nothing else; format the column as text in a spreadsheet"
    elif len(digits) not in (8, 12, 13, 14):
        remedy = "a GTIN has 8, 12, 13 or 14 digits: a spreadsheet may have dropped zeros at the front"
    _note(info, "gtin", value, "gtin_invalid", remedy)
    return ""


_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+\Z", re.IGNORECASE)


def _image_url(value: Any, info: ValidationInfo[Reading]) -> str:
    if not isinstance(value, str):
        raise _refuse("not_text", "write one text here, not a list, an object, or true or false")
    # An address is no text with entities: `&copy=1` in it is no ©. Only `&amp;` is never meant as it stands.
    url = value.strip().replace("&amp;", "&")
    if not url:
        return ""
    if not _WEB_ADDRESS.match(url) or not url.isprintable() or len(url) > URL_LENGTH_MAX:
        _note(info, "image_url", value, "image_url_invalid", "give the picture's address in full, from https:// on")
        return ""
    return url


#: Google's, Meta's, schema.org's and WooCommerce's words. Source: the attribute `availability` in their product data
#: specifications, the enumeration `ItemAvailability`, and WooCommerce's `stock_status`.
_AVAILABLE = frozenset(
    {
        "in_stock", "instock", "available", "available_for_order", "limited_availability", "limitedavailability",
        "onlineonly", "yes", "true", "1",
    }
)  # fmt: skip
_UNAVAILABLE = frozenset(
    {
        "out_of_stock", "outofstock", "sold_out", "soldout", "preorder", "pre_order", "backorder", "back_order",
        "discontinued", "coming_soon", "unavailable", "mark_as_sold", "pending", "presale", "madetoorder", "instoreonly",
        "reserved", "onbackorder", "on_backorder", "no", "false", "0",
    }
)  # fmt: skip


def _availability(value: Any) -> bool:
    word = _words(value).removeprefix("http_schema_org_").removeprefix("https_schema_org_")
    if word in _AVAILABLE:
        return True
    if word in _UNAVAILABLE:
        return False
    raise _refuse("availability_unknown", "write in_stock, out_of_stock, preorder or backorder")


def _flag(value: Any) -> bool:
    word = _words(value)
    if word in ("yes", "true", "1", "y"):
        return True
    if word in ("no", "false", "0", "n", ""):
        return False
    raise _refuse("flag_invalid", "write yes or no")


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return re.sub(r"[^a-z0-9]+", "_", _said(value, 100).lower()).strip("_")


def _period(value: Any, info: ValidationInfo[Reading]) -> Period | None:
    try:
        return parse_period(_said(value, 100), info.context.time_zone)
    except ValueError as error:
        raise _refuse(
            "period_invalid", "write when the sale starts and ends, such as 2026-11-24T00:00-0500/2026-11-30T23:59-0500"
        ) from error


def _expiration(value: Any, info: ValidationInfo[Reading]) -> datetime:
    try:
        return parse_end(_said(value, 100), info.context.time_zone)
    except ValueError as error:
        raise _refuse(
            "expiration_invalid", "write when the offer ends, such as 2026-11-30T23:59-0500, or leave it empty"
        ) from error


class ProductRow(BaseModel):
    """What a row of a feed must hold, by our names of the fields. Of all texts markup and invisible characters are removed.

    Required: `sku`, `title`, `price`, and one of `quantity` (on hand) and `availability`. Where both are given and
    `availability` says that it cannot be had, it cannot. `price` and `sale_price` are in the store's currency and above zero;
    `sale_price` holds in `sale_price_effective_date`, without one always. `adult` raises `age_min` to 18.
    `category_others` are further paths that the feed gives. `group` is the same for variants of one product; `expires_at`,
    `condition`, `multipack`, `subscription` and `installment` are Google's, and decide what the product is called and whether it is
    sold. `unsaid` is what tells a variant apart and cannot be said.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    sku: Annotated[str, PlainValidator(_sku)]
    title: Annotated[str, PlainValidator(_title)]
    price: Annotated[Money, PlainValidator(_price)]
    sale_price: Annotated[Money | None, PlainValidator(_sale_price)] = None
    sale_price_effective_date: Annotated[Period | None, PlainValidator(_period)] = None
    quantity: Annotated[int | None, PlainValidator(_quantity)] = None
    availability: Annotated[bool | None, PlainValidator(_availability)] = None
    brand: Annotated[str, _text_of(BRAND_LENGTH_MAX)] = ""
    size: Annotated[str, _text_of(SIZE_LENGTH_MAX)] = ""
    category: Annotated[tuple[str, ...], PlainValidator(_category)] = ()
    category_others: Annotated[tuple[tuple[str, ...], ...], PlainValidator(_category_others)] = ()
    description: Annotated[str, _text_of(DESCRIPTION_LENGTH_MAX)] = ""
    rating: Annotated[int | None, PlainValidator(_rating_tenths)] = None
    reviews_count: Annotated[int, PlainValidator(_reviews_count)] = 0
    review: Annotated[str, _text_of(REVIEW_LENGTH_MAX)] = ""
    age_min: Annotated[int, PlainValidator(_age_min)] = 0
    adult: Annotated[bool, PlainValidator(_flag)] = False
    allergens: Annotated[tuple[str, ...], PlainValidator(_allergens)] = ()
    gtin: Annotated[str, PlainValidator(_gtin)] = ""
    image_url: Annotated[str, PlainValidator(_image_url)] = ""
    attributes: Annotated[tuple[tuple[str, str], ...], PlainValidator(_attributes)] = ()
    group: Annotated[str, _text_of(SKU_LENGTH_MAX)] = ""
    condition: Annotated[str, PlainValidator(_words)] = ""
    expires_at: Annotated[datetime | None, PlainValidator(_expiration)] = None
    subscription: Annotated[str, _text_of(200)] = ""
    installment: Annotated[str, _text_of(200)] = ""
    multipack: Annotated[int, PlainValidator(_multipack)] = 0
    unsaid: Annotated[str, PlainValidator(_unsaid)] = ""


#: In an adult's hands only, where a feed says no more than "adult". Source: Google Merchant Center, attribute `adult`.
ADULT_AGE = 18


def check_row(raw: RawRow, reading: Reading) -> tuple[Product | LeftOut | None, list[RowProblem]]:
    """The row as a product, None where it is refused, and everything that is wrong with it.

    `LeftOut` where there is nothing wrong, and the product is not sold now or not for its price alone.
    """
    reading.noted.clear()
    reading.sale_end_at = None
    cells = {name: cell for name, cell in raw.cells.items() if cell is not None and cell != ""}
    try:
        row = ProductRow.model_validate(cells, context=reading)
        if row.expires_at is not None and row.expires_at <= reading.now:
            return LeftOut("expired"), []
        if row.subscription or _DOWN_PAYMENT.search(row.installment):
            return LeftOut("contract"), []
        product = _product(row, reading)
    except ValidationError as error:
        problems = [_problem(raw, each["loc"], each["type"], each["msg"]) for each in error.errors(include_url=False)]
        return None, problems
    except _CellsDisagree as error:
        return None, [_problem(raw, (error.column,), error.kind, str(error))]
    if not reading.noted:
        return product, []
    return product, [
        RowProblem(raw.line, raw.columns.get(name, name), shown(value), remedy, kind, refused=False)
        for name, value, kind, remedy in reading.noted
    ]


class _CellsDisagree(ValueError):
    def __init__(self, column: str, kind: str, remedy: str) -> None:
        self.column, self.kind = column, kind
        super().__init__(remedy)


#: `6:50 EUR:10 EUR`, months, rate and down payment; in XML its elements. With one, the price is not what the product costs.
#: Source: Google Merchant Center, attributes `installment` and `subscription_cost`.
_DOWN_PAYMENT = re.compile(r"^[^:]*:[^:]*:[^:]*\d|down_?payment=")


def _title_said(row: ProductRow, words: SpokenWords) -> str:
    """The title as variants can be told apart by ear, and a used thing from a new one.

    Of a stream no row is seen beside its siblings, so whatever has a group says its colour and pattern; its material where it
    has neither.
    """
    title = row.title
    if row.group:
        given = [(name, text) for name, text in row.attributes if name in VARIANT_ATTRIBUTES]
        if len(given) > 1:
            given = [(name, text) for name, text in given if name != "material"]
        further = [text.replace("/", ", ") for _, text in given if not names(title, text) and can_be_said(text)]
        title = and_further(title, further, TITLE_LENGTH_MAX) if further else title
    title = words.pack(title, row.multipack)
    condition = "used" if row.condition.startswith("used") else row.condition
    return words.title(title, condition)[:TITLE_LENGTH_MAX] if condition else title


def _product(row: ProductRow, reading: Reading) -> Product:
    words = spoken_words(reading.language)
    price = row.price
    if row.sale_price is not None:
        if row.sale_price > price:
            raise _CellsDisagree(
                "sale_price", "sale_price_above_price", "a sale price must not be above the price: check which is which"
            )
        period = row.sale_price_effective_date
        start, end = period or (None, None)
        if (start is None or start <= reading.now) and (end is None or reading.now < end):
            price = row.sale_price
            reading.sale_end_at = end
    if row.group:
        reading.noted += (("attributes", text, *_UNSAYABLE) for _, text in row.attributes if not can_be_said(text))
    # "Gluten free" among the allergens is a fact of its own: nobody must hear that the product contains it.
    claims = [entry for entry in row.allergens if reading.allergen_entry(entry) == "claims"]
    return Product(
        sku=Sku(row.sku),
        title=_title_said(row, words),
        price=price,
        brand=row.brand,
        size=words.size(row.size) if row.size else "",
        category=_all_categories(row),
        description=row.description,
        stock=_stock(row, reading),
        rating_tenths=row.rating,
        reviews_count=row.reviews_count,
        review=row.review,
        age_min=max(row.age_min, ADULT_AGE) if row.adult else row.age_min,
        allergens=tuple(entry for entry in row.allergens if entry not in claims),
        gtin=row.gtin,
        image_url=row.image_url,
        attributes=(*row.attributes, ("free from", ", ".join(claims))) if claims else row.attributes,
    )


def _all_categories(row: ProductRow) -> tuple[str, ...]:
    """Every category name that the feed gives, each once: the guard refuses by any of them. The store's own come last, as the
    most special ones.
    """
    if not row.category_others:
        return row.category
    own = {name.casefold() for name in row.category}
    others = {name.casefold(): name for path in reversed(row.category_others) for name in path}
    return (*(name for folded, name in others.items() if folded not in own), *row.category)


def _stock(row: ProductRow, reading: Reading) -> int:
    if row.availability is False:
        return 0
    if row.quantity is not None:
        return row.quantity
    if row.availability is None:
        raise _CellsDisagree("quantity", "quantity_missing", "say how many are on hand, or whether it is in stock")
    return reading.quantity_presumed


#: What to do about a field that every row must have.
_MISSING = {
    "sku": ("sku_missing", "give the product an id of its own"),
    "title": ("title_missing", "give the product a name that can be read aloud"),
    "price": ("price_missing", "write the price as a number, in the store's currency"),
}


def _problem(raw: RawRow, where: tuple[int | str, ...], kind: str, message: str) -> RowProblem:
    name = str(where[0]) if where else ""
    if kind == "missing":
        kind, message = _MISSING[name]
    return RowProblem(raw.line, raw.columns.get(name, name), shown(raw.cells.get(name)), message, kind)


def shown(value: Any) -> str:
    """A refused value as it may be printed: one line, no control characters, not long."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(c if c.isprintable() else "�" for c in text[: VALUE_SHOWN_MAX + 1])
    return text if len(text) <= VALUE_SHOWN_MAX else text[: VALUE_SHOWN_MAX - 1] + "…"
