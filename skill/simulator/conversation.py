"""Conversation files: whole conversations as data (YAML), as `docs/conversations.md` describes them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from skill.errors import ConversationInvalid
from skill.guard.code import is_four_digits
from skill.simulator import PLATFORMS, Platform, Verified

try:
    from yaml import CSafeLoader as QuickLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as QuickLoader  # type: ignore[assignment]

#: Nobody reads a conversation longer than this, and each step is a whole turn.
STEPS_MAX = 200
FILE_LENGTH_MAX = 200_000

#: Monday noon in New York: in the middle of a day, a week and a month, and outside everybody's quiet hours.
CLOCK_START = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)

#: The purchase code and the address of a household that does not say otherwise.
CODE = "4271"
ADDRESS = "12 Orchard Lane, Springfield"

_DURATION = re.compile(r"(-?\d{1,7})\s*(s|m|h|d)\Z")
_SECONDS_IN = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _read_duration(value: Any) -> Any:
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a number and a unit: 121s, 30m, 2h or 1d (-1h where the clock goes back)")
    return timedelta(seconds=int(found[1]) * _SECONDS_IN[found[2]])


def _read_code(value: Any) -> Any:
    # YAML reads 0042 as the number 34: only quotes keep a code what it is.
    if value is None or value == "none":
        return None
    if not isinstance(value, str) or not is_four_digits(value):
        raise ValueError("write four digits in quotes, such as '4271', or none")
    return value


def _read_texts(value: Any) -> Any:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(each, str) and each for each in texts):
        raise ValueError("write a text, or a list of texts; quote numbers")
    for text in texts:
        if is_pattern(text):
            try:
                re.compile(text[1:-1])
            except re.error as invalid:
                raise ValueError(f"{text} is no regular expression: {invalid}") from invalid
    return tuple(texts)


def _read_words(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("write words; quote numbers, such as '4271'")
    return value


def _read_slots(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("write slots as name: 'text'")
    return {str(name): text if isinstance(text, str) else str(text) for name, text in value.items()}


def is_pattern(text: str) -> bool:
    """Whether a text of `hear` is a regular expression: `/.../`."""
    return len(text) > 2 and text.startswith("/") and text.endswith("/")


#: A line of the screen, counted from 1, or a button, named by what it sends, such as `check-out`.
Touch = Annotated[int, Field(ge=1, le=99)] | Annotated[str, Field(pattern=r"^[a-z-]{1,30}$")]
Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
Code = Annotated[str | None, BeforeValidator(_read_code)]
Words = Annotated[str | None, BeforeValidator(_read_words), Field(min_length=1, max_length=500)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_read_texts)]
Slots = Annotated[Mapping[str, str], BeforeValidator(_read_slots)]


class _Reader(yaml.SafeLoader):
    """YAML in which `say: yes` and `say: no` are words, as in YAML 1.2, and times are texts."""


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Reader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))


class _QuickReader(QuickLoader):
    """The same YAML by libyaml, six times as fast."""

    yaml_implicit_resolvers = _Reader.yaml_implicit_resolvers


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HouseholdSetUp(_Part):
    """A household as the conversation finds it. `policy` holds knobs as `sayso policy set` takes them, `cart` SKUs.

    `people` hold knobs too, and with `profile` the name of one of `profiles`.
    """

    name: str = "Demo household"
    address: str = ADDRESS
    time_zone: str = ""
    code: Code = CODE
    policy: Mapping[str, Any] = Field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    cart: Mapping[str, int] = Field(default_factory=dict)
    linked: bool = True


class OrderWanted(_Part):
    """An order as it must be; what is left out is not checked. `total` is in minor units."""

    state: Literal["reserved", "committed", "shipped", "cancelled", "voided"] | None = None
    total: int | None = None
    code_proved: bool | None = None
    lines: Mapping[str, int] | None = None


class ShelfChange(_Part):
    """What the shop changes on a shelf: the price in minor units, the stock on hand."""

    price: int | None = Field(default=None, ge=0)
    stock: int | None = Field(default=None, ge=0)


class Outside(_Part):
    """What happens outside the voice channel, before the step's own words."""

    policy: Mapping[str, Any] | None = None
    store_policy: Mapping[str, Any] | None = None
    code: Code = None
    shelf: Mapping[str, ShelfChange] | None = None
    payment: Literal["approved", "declined", "action_required", "unknown"] | None = None


_DEEDS = ("launch", "say", "intent", "touch", "redeliver", "verify", "end")


class Step(_Part):
    """One step: at most one thing is done, and what must be true after it. Times pass before anything is done."""

    # what is done
    launch: Literal[True] | None = None
    say: Words = None
    intent: Words = None
    slots: Slots = Field(default_factory=dict)
    touch: Touch | None = None
    redeliver: Literal[True] | None = None
    verify: Verified | None = None
    end: Literal[True] | None = None
    # where and when
    advance: Duration | None = None
    outside: Outside | None = None
    device: str = "kitchen"
    speaker: str | None = None
    household: str = ""
    new_session: bool = False
    # what must be true
    hear: Texts = ()
    not_hear: Texts = ()
    card: Texts | None = None
    shows: Texts | None = None
    cart: Mapping[str, int] | None = None
    orders: int | tuple[OrderWanted, ...] | None = None
    charges: tuple[int, ...] | None = None
    expects: Literal["nothing", "free", "yes_or_no", "slot", "code"] | None = None
    understood: str | None = None
    decision: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        done = [name for name in _DEEDS if getattr(self, name) is not None]
        if len(done) > 1:
            raise ValueError(f"a step does one thing, this one has {' and '.join(done)}: make two steps of it")
        if self.slots and self.intent is None:
            raise ValueError("slots belong to an intent: add `intent:`, or use `say:` alone")
        asked = (self.hear, self.not_hear, self.expects, self.understood, self.card is not None, self.shows is not None)
        heard = any(asked)
        if heard and not done:
            raise ValueError("nothing is said in this step, so nothing can be heard: add `say:` or `launch: true`")
        if not done and not (self.advance or self.outside or self._is_checked()):
            raise ValueError("this step does nothing: add `say:`, `launch: true`, `advance:` or something to check")
        return self

    def _is_checked(self) -> bool:
        return any(each is not None for each in (self.cart, self.orders, self.charges, self.decision))


class Conversation(_Part):
    """A whole conversation. `households` are further ones, by the name that a step's `household` calls.

    `screens` are the devices that have a screen.
    """

    title: str = Field(min_length=1, max_length=200)
    platforms: tuple[Platform, ...] = Field(default=PLATFORMS, min_length=1)
    locale: str = "en-US"
    screens: tuple[str, ...] = ()
    clock: datetime = CLOCK_START
    household: HouseholdSetUp = HouseholdSetUp()
    households: Mapping[str, HouseholdSetUp] = Field(default_factory=dict)
    store_policy: Mapping[str, Any] = Field(default_factory=dict)
    steps: tuple[Step, ...]
    lines: tuple[int, ...] = Field(default=(), exclude=True, init=False)

    @model_validator(mode="after")
    def _knows_its_households(self) -> Self:
        if not 0 < len(self.steps) <= STEPS_MAX:
            raise ValueError(f"steps: there are {len(self.steps)}; write 1 to {STEPS_MAX}")
        if self.clock.tzinfo is None:
            raise ValueError("clock needs a zone: write it as 2026-03-09T16:00:00Z")
        for number, step in enumerate(self.steps, 1):
            if step.household and step.household not in self.households:
                raise ValueError(f"step {number} is in household {step.household!r}, which `households:` does not have")
        return self


def read_conversation(path: Path) -> Conversation:
    """Raises `ConversationInvalid`, which names the line and what would be right."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as unreadable:
        raise ConversationInvalid(f"{path.name} is not UTF-8: save it as UTF-8") from unreadable
    except OSError as unreadable:
        raise ConversationInvalid(f"{path} cannot be read: {unreadable.strerror}") from unreadable
    return parse_conversation(text, path.name)


def parse_conversation(text: str, named: str) -> Conversation:
    """`named` is what messages call the file. Raises `ConversationInvalid`."""
    if len(text) > FILE_LENGTH_MAX:
        raise ConversationInvalid(f"{named} is {len(text)} characters long; at most {FILE_LENGTH_MAX} are played")
    try:
        try:
            node, written = _read_yaml(text, _QuickReader)
        except (yaml.YAMLError, UnicodeEncodeError):
            node, written = _read_yaml(text, _Reader)  # it is the better of the two at saying what is wrong, and where
    except yaml.YAMLError as invalid:
        mark = getattr(invalid, "problem_mark", None)
        where = f"{named}, line {mark.line + 1}" if mark else named
        raise ConversationInvalid(f"{where}: {getattr(invalid, 'problem', None) or 'this is not YAML'}") from invalid
    except RecursionError as invalid:
        raise ConversationInvalid(f"{named} is nested too deep") from invalid
    if not isinstance(written, dict):
        raise ConversationInvalid(f"{named}, line 1: write a title: and steps:")
    repeated = _repeated_key(node)
    if repeated is not None:
        raise ConversationInvalid(f"{named}, line {repeated[1]}: {repeated[0]} is given twice; give it once")
    try:
        conversation = Conversation.model_validate(written)
    except ValidationError as invalid:
        raise ConversationInvalid("\n".join(_problems(invalid, node, named))) from invalid
    lines = tuple(_line(node, ("steps", at)) for at in range(len(conversation.steps)))
    return conversation.model_copy(update={"lines": lines})


def _read_yaml(text: str, loader: type[_Reader | _QuickReader]) -> tuple[yaml.Node | None, Any]:
    return yaml.compose(text, Loader=loader), yaml.load(text, Loader=loader)


def _problems(invalid: ValidationError, node: yaml.Node | None, named: str) -> Sequence[str]:
    problems = []
    for error in invalid.errors(include_url=False)[:10]:
        where = error["loc"]
        if error["type"] == "extra_forbidden":
            says = f"{where[-1]} is not known here{_near(where)}"
        else:
            says = error["msg"].removeprefix("Value error, ")
            path = ".".join(str(each) for each in where if isinstance(each, str) and not each.startswith("tuple"))
            says = f"{path}: {says}" if path else says
        problems.append(f"{named}, line {_line(node, where)}: {says}")
    return problems


def _near(where: tuple[int | str, ...]) -> str:
    """What the key may have been meant to be."""
    part: type[BaseModel] = Conversation
    for each in where[:-1]:
        inner: dict[str, type[BaseModel]] = {
            "steps": Step, "household": HouseholdSetUp, "households": HouseholdSetUp, "outside": Outside,
            "orders": OrderWanted, "shelf": ShelfChange,
        }  # fmt: skip
        part = inner.get(str(each), part)
    keys = [name for name in part.model_fields if name != "lines"]
    near = difflib.get_close_matches(str(where[-1]), keys, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(keys)}"


def _line(node: yaml.Node | None, where: tuple[int | str, ...]) -> int:
    """The line of the deepest part of `where` that the file has, counted from 1."""
    line = 1
    for each in where:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(each)), None)
            if found is None:
                continue
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(each, int) and each < len(node.value):
            node = node.value[each]
            line = node.start_mark.line + 1
    return line


def _repeated_key(node: yaml.Node | None) -> tuple[str, int] | None:
    """YAML keeps the last of two like keys without a word, which would lose a check."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, yaml.SequenceNode):
            waiting += part.value
        elif isinstance(part, yaml.MappingNode):
            seen = set()
            for key, value in part.value:
                if key.value in seen:
                    return key.value, key.start_mark.line + 1
                seen.add(key.value)
                waiting.append(value)
    return None


# --- writing ----------------------------------------------------------------------------------------------------------


def write_conversation(conversation: Mapping[str, Any]) -> str:
    """A conversation as YAML that `parse_conversation` takes: texts in quotes, one step a paragraph."""
    head = {name: value for name, value in conversation.items() if name != "steps"}
    steps = [_dump([step]) for step in conversation["steps"]]
    return _dump(head) + "steps:\n" + "\n".join("".join(f"  {line}\n" for line in each.splitlines()) for each in steps)


def _dump(value: Any) -> str:
    return str(
        yaml.dump(value, Dumper=_Writer, sort_keys=False, allow_unicode=True, default_flow_style=False, width=120)
    )


class _Writer(yaml.SafeDumper):
    """Quotes what YAML would otherwise read as something else, such as `no` and `0042`."""
