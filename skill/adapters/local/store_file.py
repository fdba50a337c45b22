"""`store.yaml`: who sells, in which currency and zone, and what delivery and tax come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill.errors import CurrencyMismatch, FeedError, PolicyInvalid, SettingsInvalid
from skill.guard.windows import zone
from skill.ports import Store, Tariffed
from skill.shop.money import Money, minor_unit_exponent, parse_decimal, total
from skill.shop.quote import AGE_RESTRICTED, QuoteLine

if TYPE_CHECKING:
    import yaml

#: A hundredth of a percent; 825 is 8.25 %.
_BASIS_POINTS = 10_000

#: A store's file is a page, not a catalogue.
_SIZE_MAX_BYTES = 100_000

_SAMPLE = Path(__file__).parents[2] / "sample" / "store.yaml"


@dataclass(frozen=True, slots=True)
class FlatTariff:
    """A flat fee for delivery, free for goods of `free_over` or more, and a tax rate for each category.

    Rates are basis points. Of a line's category path the most special one with a rate counts; `rate_default` is for the others.
    Tax is worked out line by line, and each line's is rounded to the minor unit, halves up: the item basis of the Streamlined
    Sales and Use Tax Agreement, section 324.
    """

    fee: Money
    free_over: Money | None = None
    delivery_note: str = ""
    rate_default: int = 0
    rate_delivery: int = 0
    rates: Mapping[str, int] = field(default_factory=dict)  # category, case folded → basis points

    def price(self, lines: Sequence[QuoteLine], address: str) -> Tariffed:
        """The same for every address. Raises `CurrencyMismatch` for lines in another currency."""
        currency = self.fee.currency
        goods = total((line.price for line in lines), currency)
        free = self.free_over is not None and goods >= self.free_over
        delivery = Money(0, currency) if free else self.fee
        tax = sum(_round_half_up(line.price.amount * self._rate(line)) for line in lines)
        tax += _round_half_up(delivery.amount * self.rate_delivery)
        return Tariffed(delivery, Money(tax, currency), self.delivery_note)

    def _rate(self, line: QuoteLine) -> int:
        for name in reversed(line.category):
            rate = self.rates.get(name.casefold())
            if rate is not None:
                return rate
        return self.rate_default


def _round_half_up(amount_times_rate: int) -> int:
    return (amount_times_rate * 2 + _BASIS_POINTS) // (_BASIS_POINTS * 2)


def read_store_file(path: Path) -> tuple[Store, FlatTariff]:
    """Raises `SettingsInvalid` where there is no such file, `FeedError` for one with a mistake; both say what to do."""
    import yaml

    try:
        raw = path.read_bytes()
    except FileNotFoundError as missing:
        raise SettingsInvalid(
            f"There is no {path}. `make run` sets a sample store up; or copy {_SAMPLE} there and make it yours."
        ) from missing
    except OSError as error:
        raise SettingsInvalid(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > _SIZE_MAX_BYTES:
        raise FeedError(f"{path} is {len(raw)} bytes long; a store file has at most {_SIZE_MAX_BYTES}")
    try:
        text = raw.decode("utf-8-sig")
        # Scalars stay text: 3.99 must not become a float, nor NO a false.
        try:
            node = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        except yaml.YAMLError:
            node = yaml.compose(text, Loader=yaml.BaseLoader)  # slower, and the better at saying what is wrong
        content = None if node is None else yaml.BaseLoader("").construct_document(node)
    except UnicodeDecodeError as error:
        raise FeedError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise FeedError(f"{path}{where}: {getattr(error, 'problem', None) or error}") from error
    if node is None or not isinstance(content, dict):
        raise FeedError(f"{path} must hold keys and values; copy {_SAMPLE} and make it yours")
    _refuse_repeated_keys(path, node)
    return _read(path, node, content)


@cache
def _store_file() -> type[Any]:
    """The shape of the file, a pydantic model: made when the first one is read."""
    from pydantic import BaseModel, ConfigDict, Field

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    class Delivery(Strict):
        fee: str
        free_over: str | None = None
        note: str = Field(default="", pattern=r"^[a-z][a-z0-9-]*$")

    class Tax(Strict):
        default: int = Field(default=0, ge=0, le=_BASIS_POINTS)
        delivery: int = Field(default=0, ge=0, le=_BASIS_POINTS)
        categories: dict[str, int] = Field(default_factory=dict)

    class StoreFile(Strict):
        store_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
        seller: str = Field(min_length=1, max_length=80)
        currency: str = Field(pattern=r"^[A-Z]{3}$")
        time_zone: str
        age_restricted_categories: list[str] | None = None
        delivery: Delivery
        tax: Tax = Field(default_factory=Tax)

    return StoreFile


def _read(path: Path, node: yaml.Node, content: dict[str, Any]) -> tuple[Store, FlatTariff]:
    from pydantic import ValidationError

    try:
        read = _store_file().model_validate(content)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        raise _mistake(path, node, first["loc"], _remedy(first)) from invalid
    try:
        zone(read.time_zone)
    except PolicyInvalid as unknown:
        raise _mistake(path, node, ("time_zone",), "must be an IANA name such as America/New_York") from unknown
    for name, rate in read.tax.categories.items():
        if not 0 <= rate <= _BASIS_POINTS:
            remedy = "must be basis points from 0 to 10000 (825 is 8.25 %)"
            raise _mistake(path, node, ("tax", "categories", name), remedy)
    fee = _amount(path, node, ("delivery", "fee"), read.delivery.fee, read.currency)
    free_over = None
    if read.delivery.free_over is not None:
        free_over = _amount(path, node, ("delivery", "free_over"), read.delivery.free_over, read.currency)
    tariff = FlatTariff(
        fee=fee,
        free_over=free_over,
        delivery_note=read.delivery.note,
        rate_default=read.tax.default,
        rate_delivery=read.tax.delivery,
        rates={name.casefold(): rate for name, rate in read.tax.categories.items()},
    )
    named = read.age_restricted_categories
    # An empty list allows all. Who names some, or says nothing, does not sell by voice what has a least age either.
    restricted = frozenset() if named == [] else frozenset((AGE_RESTRICTED, *(named or ())))
    return Store(read.store_id, read.seller, read.currency, read.time_zone, restricted), tariff


def _amount(path: Path, node: yaml.Node, keys: tuple[str, ...], text: str, currency: str) -> Money:
    places = minor_unit_exponent(currency)
    example = "399" if not places else f"3.{'99'.ljust(places, '0')[:places]}"
    try:
        amount = parse_decimal(text, currency)
    except (ValueError, CurrencyMismatch) as wrong:
        raise _mistake(path, node, keys, f"must be an amount in {currency} such as {example}") from wrong
    if amount.amount < 0:
        raise _mistake(path, node, keys, f"must not be below zero; an amount in {currency} such as {example}")
    return amount


#: pydantic's kinds of mistake, in the words of somebody who edits the file.
_REMEDIES = {
    "missing": "is missing: add it",
    "extra_forbidden": "is not known: remove it, or correct its name",
    "string_type": "must be a single text",
    "list_type": "must be a list",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
    "model_attributes_type": "must hold keys and values",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
}

_PATTERNS = {
    "store_id": "must be lower-case letters, digits and dashes, at most 63",
    "currency": "must be an ISO 4217 code such as USD",
    "note": "must be a key of the speech files such as delivery-today",
    "seller": "must be 1 to 80 characters long",
    "default": "must be basis points from 0 to 10000 (825 is 8.25 %)",
    "delivery": "must be basis points from 0 to 10000 (825 is 8.25 %)",
}


def _remedy(error: Any) -> str:
    return _REMEDIES.get(error["type"]) or _PATTERNS.get(str(error["loc"][-1])) or str(error["msg"])


def _mistake(path: Path, node: yaml.Node, keys: Sequence[object], remedy: str) -> FeedError:
    name = ".".join(map(str, keys))
    return FeedError(f"{path}, line {_line_of(node, keys)}: {name} {remedy}", key=name, line=_line_of(node, keys))


def _line_of(node: yaml.Node, keys: Sequence[object]) -> int:
    """The line of the key, or of the innermost thing around it that is there; from 1."""
    import yaml

    line = node.start_mark.line
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == key), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
    return line + 1


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    """YAML's readers keep the last of two equal keys, which hides a mistake."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise FeedError(f"{path}, line {line}: {key.value} is there twice; keep one", key=key.value, line=line)
            seen.add(key.value)
            _refuse_repeated_keys(path, value)
