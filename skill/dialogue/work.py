"""One turn's work: what the turn is about, what it has changed so far, and how it will be written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from skill.dialogue.state import State
from skill.ordering.deciding import Limits, limits_for
from skill.ordering.shelf import live_products
from skill.ports import LiveItem, Ports, RequestKey, TurnRecord
from skill.shop.cart import Cart
from skill.shop.catalogue import Product, Sku
from skill.shop.households import Household
from skill.shop.orders import OrderId
from skill.speech.answer import Answer, Phrase
from skill.speech.heard import heard_number, heard_ordinal
from skill.turn import Turn

#: Writes the turn's record; what a topic puts here instead of the plain write also does the topic's own, atomically.
Close = Callable[[TurnRecord], object]


#: The slot that a bare name answers: a platform that is not told expects whole sentences.
NAME_SLOT = ("find_products", "product_query")


@dataclass(slots=True)
class Work:
    """A turn being answered. Topics change `state` and `cart`; nothing is stored before `converse` closes the turn.

    `household` is None for a guest or an account that is linked to none. `order_id` is the order that money was reserved
    for, so that a failure after it is not reported as "nothing was ordered". `keep_said`: "repeat"
    goes on meaning the answer before this one. `opening` is said before what the topic answers, and what that reads leaves room
    for it. `after` runs once the turn is written: telling people. `began_s` is when it
    began, by `time.perf_counter`.
    """

    turn: Turn
    ports: Ports
    now: datetime
    household: Household | None
    owner: str
    request: RequestKey
    state: State
    version: int
    close: Close
    order_id: OrderId | None = None
    keep_said: bool = False
    opening: tuple[Phrase, ...] = ()
    began_s: float = 0.0
    reached_before: int = 0  # the marks that the session came with
    after: list[Callable[[], None]] = field(default_factory=list)
    _cart: Cart | None = field(default=None, repr=False)
    _cart_changed: bool = field(default=False, repr=False)
    _limits: Limits | None = field(default=None, repr=False)
    _shelf: dict[Sku, tuple[Product, LiveItem] | None] = field(default_factory=dict, repr=False)
    _quotable: set[Sku] = field(default_factory=set, repr=False)

    @property
    def cart(self) -> Cart:
        if self._cart is None:
            self._cart = self.ports.carts.load(self.owner)
        return self._cart

    @cart.setter
    def cart(self, cart: Cart) -> None:
        self._cart, self._cart_changed = cart, True

    def cart_moved(self) -> None:
        """The ledger has written the cart: whoever looks at it reads it again."""
        self._cart, self._cart_changed = None, False

    @property
    def changed_cart(self) -> Cart | None:
        return self._cart if self._cart_changed else None

    def slot(self, name: str) -> str | None:
        """What was heard for the slot; None where it was not filled or not understood (`?`)."""
        heard = (self.turn.slots.get(name) or "").strip()
        return heard if heard and heard != "?" else None

    def number(self, name: str) -> int | None:
        return heard_number(self.slot(name), self.turn.locale)

    def ordinal(self) -> int | None:
        return heard_ordinal(self.slot("ordinal"), self.turn.locale)

    def shelf_of(self, found: Sequence[Product]) -> list[tuple[Product, LiveItem]]:
        """Those of the products, just found, that are still sold."""
        return self.shelf([product.sku for product in found], found)

    def said_before(self) -> str | None:
        """The JSON of the answer that "repeat" means; None where nothing was said yet."""
        if self.state.said is None:
            return None
        answered = RequestKey(self.request.platform, *self.state.said)
        return self.ports.conversations.open(self.owner, self.turn.session, answered).answered

    def start_again(self, state: State) -> None:
        """Takes back what the turn was about to write down, and goes on from `state`."""
        self.state, self.close = state, self.ports.conversations.close
        self._cart, self._cart_changed, self.keep_said, self.opening = None, False, False, ()
        self.after.clear()

    def look_again(self) -> None:
        """Forgets what the shelf said: somebody else has just taken from it."""
        self._shelf.clear()
        self._quotable.clear()

    def limits(self) -> Limits:
        """The limits in force for who speaks, as they were when the turn first asked."""
        if self._limits is None:
            self._limits = limits_for(self.ports, self.household, self.turn.person)
        return self._limits

    def shelf(
        self, skus: Iterable[Sku], found: Iterable[Product] = (), *, to_quote: bool = False
    ) -> list[tuple[Product, LiveItem]]:
        """The products that are still sold, in the order asked for, with price and stock as the turn first saw them.

        `found` are products that the catalogue has just given, and need not be read again. What is to be quoted is looked up
        live; browsing may do with what the catalogue says.
        """
        wanted = tuple(skus)
        unseen = [sku for sku in wanted if sku not in (self._quotable if to_quote else self._shelf)]
        if unseen:
            self._shelf.update(dict.fromkeys(unseen))
            for product, live in live_products(self.ports, unseen, found, browsing=not to_quote):
                self._shelf[product.sku] = product, live
            if to_quote:
                self._quotable.update(unseen)
        return [seen for sku in wanted if (seen := self._shelf[sku]) is not None]


#: A topic's function: it may change the work's state and cart, and returns what is to be said.
Topic = Callable[[Work], Answer]
