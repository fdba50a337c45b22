"""What a conversation remembers between two turns: the question that is pending, and what was just read out."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import orjson

from skill.shop.catalogue import Sku
from skill.shop.quote import Quote, quote_from_data, quote_to_data

NO_SKU = Sku("")

#: How many products an ear can hold at once.
READ_MAX = 3

#: How many results are kept for "more", beyond the three that were read.
RESULTS_MAX = 9

#: A stored conversation longer than this, in characters, is not ours. Fifty lines with long titles and many categories fit.
STATE_LENGTH_MAX = 96_000

#: What `State.answered` may add: a request's id and a hash.
_ANSWERED_LENGTH_MAX = 4_000

_write_any = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Challenge:
    """A quote that was read out and waits for its proof. `how` is code, spoken_number or yes; `asks` counts the silences.

    `task` is the token of the platform's own check where that was asked for instead of the digits; it is good for one answer.
    `warned`: it was said that the same was ordered a moment before.
    """

    quote: Quote
    seal: str
    how: str
    number: int = 0
    asks: int = 0
    speaker_changed: bool = False
    task: str = ""
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """The one question that "yes", "no" and ordinals answer.

    kind      what is asked
    offer     shall I add `quantity` of `sku`?
    choose    which of the products just read (then add `quantity` of it, if that is not 0)?
    describe  which of the products just read shall I tell about?
    how_many  how many of `sku`, or of what was named, where there is none?
    remove    which of `lines` shall I take out (`quantity` of it, all of it if that is 0), or the one `sku`?
    change    which of `lines` shall there be `quantity` of, or of the one `sku`?
    clear     shall I empty the cart, but for the `lines` that were named?
    remind    shall I remind you of the order that waits for an adult?
    undo      shall I take back the order `order_id` too?
    more      anything else, beside what is in the cart?
    challenge the code, the spoken number or the yes for a quote

    `named`: the quantity was said together with the product's name, so that it may count pieces ("a dozen eggs"); `unit` is
    what it counted, where that was said ("bottle").
    """

    kind: str
    sku: Sku = NO_SKU
    quantity: int = 0
    challenge: Challenge | None = None
    named: bool = False
    unit: str = ""
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """`listed` were read out last, `rest` come with "more", `earlier` were read before it. `focus` is what "it" means. `words` are
    what was looked for, `price_max` what it may cost since "something cheaper" was asked for, in minor units, 0 for whatever
    it costs, and `brands_left` the brands and colors that "a different brand" and "a different color" have left behind.
    `avoided` is what nobody may be given here, in the shopper's words: it outlives the wish.
    Where it was the cart that was read out last, its lines are in `lines` and nothing is `listed`. `removed` tells what was
    taken out of the cart last, and how many.

    `said` names the request whose answer "repeat" means, as its id and the hash of its body: the answer itself is kept with
    the others. `cart_said` tells whether that answer read the cart. `reached` are the marks (`shop.figures`) that the session
    has had, so that each is counted once as the session's first.
    """

    pending: Pending | None = None
    listed: tuple[Sku, ...] = ()
    rest: tuple[Sku, ...] = ()
    words: str = ""
    focus: Sku = NO_SKU
    said: tuple[str, str] | None = None
    cart_said: bool = False
    misses: int = 0
    reached: int = 0
    price_max: int = 0
    brands_left: tuple[str, ...] = ()
    lines: tuple[Sku, ...] = ()
    removed: tuple[Sku, int] | None = None
    earlier: tuple[Sku, ...] = ()
    avoided: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[Sku, ...]:
        """What "the second one" counts."""
        return self.listed or self.lines

    def asking(
        self,
        kind: str,
        sku: Sku = NO_SKU,
        quantity: int = 0,
        challenge: Challenge | None = None,
        *,
        named: bool = False,
        unit: str = "",
        order_id: str = "",
    ) -> State:
        return self._pending(Pending(kind, sku, quantity, challenge, named, unit, order_id))

    def settled(self) -> State:
        """With no question pending."""
        return self if self.pending is None else self._pending(None)

    def answered(self, said: tuple[str, str] | None, cart_said: bool, misses: int, reached: int) -> State:
        """After an answer: which one "repeat" means now, how often nothing was understood in a row, and what was reached."""
        if (said, cart_said, misses, reached) == (self.said, self.cart_said, self.misses, self.reached):
            return self
        return self._with(self.pending, said, cart_said, misses, reached)

    def looking_for(self, words: str, listed: tuple[Sku, ...] = ()) -> State:
        """At the beginning of a new wish: of the one before nothing holds any more."""
        return replace(self, words=words, listed=listed, rest=(), price_max=0, brands_left=(), earlier=())

    def _pending(self, pending: Pending | None) -> State:
        return self._with(pending, self.said, self.cart_said, self.misses, self.reached)

    def _with(
        self, pending: Pending | None, said: tuple[str, str] | None, cart_said: bool, misses: int, reached: int
    ) -> State:
        # Spelt out, because every turn comes through here and `replace` takes its time.
        return State(
            pending, self.listed, self.rest, self.words, self.focus, said, cart_said, misses, reached, self.price_max,
            self.brands_left, self.lines, self.removed, self.earlier, self.avoided,
        )  # fmt: skip


def state_to_json(state: State) -> str:
    data: dict[str, Any] = {"m": state.misses}
    if state.said:
        data |= {"a": state.said, "c": state.cart_said}
    if state.pending:
        pending = state.pending
        data["p"] = [
            pending.kind, pending.sku, pending.quantity, _pack_challenge(pending.challenge), pending.named, pending.unit
        ]  # fmt: skip
        if pending.order_id:
            data["d"] = pending.order_id
    if state.listed:
        data["l"] = state.listed
    if state.rest:
        data["r"] = state.rest
    if state.words:
        data["w"] = state.words
    if state.focus:
        data["f"] = state.focus
    if state.reached:
        data["g"] = state.reached
    if state.price_max:
        data["x"] = state.price_max
    if state.brands_left:
        data["b"] = state.brands_left
    if state.lines:
        data["n"] = state.lines
    if state.removed:
        data["o"] = state.removed
    if state.earlier:
        data["e"] = state.earlier
    if state.avoided:
        data["v"] = state.avoided
    try:
        return orjson.dumps(data).decode()
    except TypeError:
        # Half a surrogate pair in something heard has no form in UTF-8.
        return _write_any(data)


def can_be_kept(state: State) -> bool:
    """Whether `state_from_json` takes back what is written of the state."""
    return len(state_to_json(state)) + _ANSWERED_LENGTH_MAX <= STATE_LENGTH_MAX


def state_from_json(text: str | None) -> State:
    """A state that is missing, too long or not ours begins anew: nothing is ever bought because of what it says."""
    if not text or len(text) > STATE_LENGTH_MAX:
        return State()
    data = orjson.loads(text)
    pending, said, removed = data.get("p"), data.get("a"), data.get("o")
    return State(
        pending=pending and _unpack_pending(pending, data.get("d", "")),
        listed=tuple(data.get("l", ())),
        rest=tuple(data.get("r", ())),
        words=data.get("w", ""),
        focus=data.get("f", ""),
        said=said and (said[0], said[1]),
        cart_said=data.get("c", False),
        misses=data.get("m", 0),
        reached=data.get("g", 0),
        price_max=data.get("x", 0),
        brands_left=tuple(data.get("b", ())),
        lines=tuple(data.get("n", ())),
        removed=removed and (removed[0], removed[1]),
        earlier=tuple(data.get("e", ())),
        avoided=tuple(data.get("v", ())),
    )


def _unpack_pending(packed: list[Any], order_id: str) -> Pending:
    kind, sku, quantity, challenge, *later = packed
    # Kept by an older version, these are not there.
    named = bool(later and later[0])
    unit = later[1] if len(later) > 1 else ""
    return Pending(kind, sku, quantity, _unpack_challenge(challenge), named, unit, order_id)


def _pack_challenge(challenge: Challenge | None) -> list[Any] | None:
    if challenge is None:
        return None
    quote = quote_to_data(challenge.quote)
    return [
        quote,
        challenge.seal,
        challenge.how,
        challenge.number,
        challenge.asks,
        challenge.speaker_changed,
        challenge.task,
        challenge.warned,
    ]


def _unpack_challenge(packed: list[Any] | None) -> Challenge | None:
    if packed is None:
        return None
    quote, *rest = packed
    return Challenge(quote_from_data(quote), *rest)
