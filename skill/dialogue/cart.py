"""The cart: add, change, remove, read, empty."""

from __future__ import annotations

from dataclasses import replace

from skill.dialogue.amounts import holds_amount, is_measured, packs_of
from skill.dialogue.browsing import describe_item, echo, find, find_products, kept, offer_packs, search
from skill.dialogue.choosing import ask_which, chosen, of_size
from skill.dialogue.naming import (
    counted,
    counted_lines,
    covers,
    in_title,
    matching,
    named_product,
    named_products,
    names,
    priced,
    product_item,
)  # fmt: skip
from skill.dialogue.state import READ_MAX
from skill.dialogue.work import Work
from skill.errors import CartFull
from skill.ports import LiveItem
from skill.shop.cart import CartLine, add_to_cart, clear_cart, remove_from_cart, set_quantity
from skill.shop.catalogue import Product, Sku, Wish
from skill.shop.money import Money, total
from skill.speech.answer import Answer, Phrase, Shown, say
from skill.turn import Expect

#: How many lines of a cart are read before the rest is summed up.
LINES_READ_MAX = 3


def add(work: Work) -> Answer:
    """ "Add two of the second one", "add it", "add two bananas", "add oat milk"."""
    words = work.slot("product") or work.slot("product_query")
    if words and not (work.slot("ordinal") or work.slot("item_description")):
        return _add_named(work, words)
    quantity, problem = _quantity(work)
    if problem:
        return _how_many_instead(work, problem)
    picked = chosen(work)
    if picked is None:
        if len(work.state.listed) > 1 and not work.slot("ordinal") and not work.slot("item_description"):
            work.state = work.state.asking("choose", quantity=quantity)
            return say(ask="which-one")
        return ask_which(work)
    pending = work.state.pending
    if work.slot("quantity") is None and pending:
        if pending.kind == "choose":
            return _take(work, *picked, pending.quantity or 1)
        if pending.kind == "offer" and pending.sku == picked[0].sku:
            return accept_offer(work)
    return put_in_cart(work, *picked, quantity)


def choose_item(work: Work) -> Answer:
    """ "The second one" answers what was just read; then it is offered, with its price, before it goes into the cart."""
    picked = chosen(work)
    if picked is None:
        return ask_which(work)
    pending = work.state.pending
    return _take(work, *picked, pending.quantity if pending and pending.kind == "choose" else 0)


def _take(work: Work, product: Product, live: LiveItem, asked: int) -> Answer:
    """What was chosen goes in where so many were asked for before; it is offered where none were, or more come of it."""
    pending = work.state.pending
    named, unit = (pending.named, pending.unit) if pending else (False, "")
    packs = packs_of(product, asked or 1, work.state.words, work.turn.locale, named=named, unit=unit)
    quantity = packs.count
    if (most := _limits(work)["quantity_max"]) is not None and quantity > most:
        work.state = replace(work.state.asking("how_many", product.sku), focus=product.sku)
        return say(Phrase("quantity-max", {"most": most}), ask="how-many-again")
    if asked and not packs.asks:
        return put_in_cart(work, product, live, quantity)
    work.state = replace(work.state.asking("offer", product.sku, quantity), focus=product.sku)
    return say(
        Phrase("chosen", {"item": priced(product, live.price)}),
        ask=offer_packs(packs),
        expects=Expect.YES_OR_NO,
        suggestions=("suggest-yes", "suggest-about"),
    )


def choose_or_find(work: Work) -> Answer:
    """ "Half gallon" answers "which one?"; other words are a new wish."""
    words = work.slot("product_query") or work.slot("product")
    meant = of_size(work, words) if words else []
    pending = work.state.pending
    return _take(work, *meant[0], pending.quantity if pending else 0) if len(meant) == 1 else find_products(work)


def which_one(work: Work) -> Answer:
    """ "Yes" to "which one?" names none: asked again, and nothing is added."""
    return say(ask="which-one")


def accept_offer(work: Work) -> Answer:
    """ "Yes" to "shall I add it?"."""
    pending = work.state.pending
    known = work.shelf((pending.sku,)) if pending else []
    if not pending or not known:
        work.state = work.state.settled()
        return say("gone", ask="find-else")
    return put_in_cart(work, *known[0], max(pending.quantity, 1))


def give_number(work: Work) -> Answer:
    """A bare number answers "how many?" or "which one?"; to anything else it says nothing."""
    pending = work.state.pending
    if pending and pending.kind == "how_many":
        quantity, problem = _quantity(work, "number")
        if not problem and not pending.sku:
            return _add_by_name(work, work.state.words, quantity, pending.unit)
        known = work.shelf((pending.sku,))
        if problem or not known:
            return problem or say("gone", ask="find-else")
        return put_in_cart(work, *known[0], quantity)
    if pending and pending.kind == "offer":
        quantity, problem = _quantity(work, "number")
        return problem or _accept_many(work, pending.sku, quantity)
    if pending and pending.kind == "describe":
        return describe_item(work)
    if work.state.listed:
        return choose_item(work)
    return say("number-for-what", ask="find-what")


def put_in_cart(work: Work, product: Product, live: LiveItem, quantity: int) -> Answer:
    """Adds, and says what, how many and for how much."""
    already = work.cart.quantity_of(product.sku)
    if live.available < already + quantity:
        work.state = replace(work.state.settled(), focus=product.sku)
        if live.available <= already:
            return say(
                Phrase("sold-out", {"item": named_product(product), "available": live.available}), ask="find-else"
            )
        work.state = work.state.asking("offer", product.sku, live.available - already)
        left = Phrase("only-some-left", {"item": named_product(product), "available": live.available})
        return say(left, ask=Phrase("offer", {"quantity": live.available - already}), expects=Expect.YES_OR_NO)
    work.cart = add_to_cart(work.cart, product.sku, quantity, **_limits(work))
    work.state = replace(work.state.asking("more"), focus=product.sku)
    item = counted(quantity, product)
    return say(
        Phrase("added", {"item": item, "quantity": quantity, "price": live.price}),
        *_cart_total(work),
        ask="anything-else",
        suggestions=("suggest-check-out", "suggest-cart"),
    )


def change_quantity(work: Work) -> Answer:
    """ "Make it three", "change the milk to three". None at all removes the line."""
    heard, pending = work.number("quantity"), work.state.pending
    named = work.slot("product") or work.slot("ordinal")
    if pending and pending.kind == "offer" and heard and not named and not work.cart.quantity_of(pending.sku):
        quantity, problem = _quantity(work)
        return problem or _accept_many(work, pending.sku, quantity)
    picked = _in_cart(work)
    if isinstance(picked, Answer):
        return picked
    product, live = picked
    if heard == 0:
        return _removed(work, product)
    quantity, problem = _quantity(work)
    if problem:
        return problem
    if work.slot("quantity") is None:
        work.state = replace(work.state.asking("how_many", product.sku), focus=product.sku)
        return say(ask=Phrase("how-many", {"item": named_product(product)}))
    if live.available < quantity:
        left = Phrase("only-some-left", {"item": named_product(product), "available": live.available})
        return say(left, ask="find-else")
    return _changed(work, product, live, quantity)


def _changed(work: Work, product: Product, live: LiveItem, quantity: int) -> Answer:
    work.cart = set_quantity(work.cart, product.sku, quantity, **_limits(work))
    work.state = replace(work.state.asking("more"), focus=product.sku)
    item = counted(quantity, product)
    return say(
        Phrase("changed", {"item": item, "quantity": quantity, "price": live.price}),
        *_cart_total(work),
        ask="anything-else",
    )


def remove(work: Work) -> Answer:
    """ "Remove the bananas" takes the line out; "remove two bananas" as many of it."""
    picked = _in_cart(work)
    if isinstance(picked, Answer):
        return picked
    product, live = picked
    fewer, problem = _quantity(work)
    if problem:
        return problem
    left = work.cart.quantity_of(product.sku) - fewer
    if work.slot("quantity") is None or left <= 0:
        return _removed(work, product)
    return _changed(work, product, live, left)


def show_cart(work: Work) -> Answer:
    lines = _lines(work)
    work.state = work.state.settled()
    if not lines:
        return say("cart-empty", ask="find-what")
    read = counted_lines([(line.quantity, product) for line, product, _ in lines[:LINES_READ_MAX]])
    goods = _goods(work, lines)
    key = "cart-lines" if len(lines) <= LINES_READ_MAX else "cart-lines-more"
    items = tuple(
        replace(
            product_item(product, live.price * line.quantity), detail=f"{line.quantity} × {product.size}".rstrip(" ×")
        )
        for line, product, live in lines
    )
    work.state = work.state.asking("more")
    return say(
        Phrase(key, {"lines": read, "others": len(lines) - len(read), "total": goods}),
        ask="check-out-or-more",
        shown=Shown("cart", Phrase("card-cart"), (Phrase("card-cart-total", {"total": goods}),), items),
        suggestions=("suggest-check-out", "suggest-clear"),
    )


def ask_to_clear(work: Work) -> Answer:
    if not work.cart.lines:
        work.state = work.state.settled()
        return say("cart-empty", ask="find-what")
    work.state = work.state.asking("clear")
    return say(ask=Phrase("clear-really", {"lines": len(work.cart.lines)}), expects=Expect.YES_OR_NO)


def clear(work: Work) -> Answer:
    work.cart = clear_cart(work.cart)
    work.state = work.state.settled()
    return say("cart-cleared", ask="find-what")


def keep(work: Work) -> Answer:
    work.state = work.state.settled()
    return say("cart-kept", ask="anything-else")


def no_more(work: Work) -> Answer:
    """ "No" to "anything else?": nothing is bought by it; how to go on is said."""
    work.state = work.state.settled()
    return say("nothing-more", ask="check-out-or-stop")


def yes_more(work: Work) -> Answer:
    work.state = work.state.settled()
    return say(ask="find-what")


def _add_named(work: Work, words: str) -> Answer:
    """A quantity that cannot be is asked for again, and the words are kept for it."""
    counted, unit = work.slot("quantity"), work.slot("unit") or ""
    if unit and holds_amount(unit, work.turn.locale):
        return _add_by_name(work, f"{counted or 1} {unit} {words}", 1)
    if counted and is_measured(words, work.turn.locale):
        # Not every platform knows that "five" of "dollars or less coffee" counts nothing.
        return _add_by_name(work, f"{counted} {words}", 1)
    quantity, problem = _quantity(work)
    number = work.number("quantity")
    if problem and number and _comes_in_packs(work, words, number, unit):
        quantity, problem = number, None
    if problem:
        work.state = replace(
            work.state.asking("how_many", unit=unit),
            words=kept(work, words),
            price_max=0,
            brands_left=(),
            listed=(),
            rest=(),
            focus=Sku(""),
        )
        return problem
    return _add_by_name(work, words, quantity, unit)


def _add_by_name(work: Work, words: str, quantity: int, unit: str = "") -> Answer:
    """The one product that the words name goes in at once; otherwise the shopper hears what there is, prices said."""
    locale, listed = work.turn.locale, work.state.listed
    if len(listed) > 1:
        meant = [each for each in work.shelf(listed) if in_title(words, each[0], locale)]
        if len(meant) == 1 and meant[0][1].available > 0:
            return put_in_cart(work, *meant[0], quantity)
    found = [each for first in search(work, Wish(words)).found for each in (first, *first.twins)]
    # What only sounds the same is something else to pay for, too.
    fitting = [each.product for each in found if covers(words, each.product, locale)]
    if len(fitting) == 1 and (fitting[0].sku in listed or names(words, fitting[0], locale)):
        known = [each for each in work.shelf_of(fitting) if each[1].available > 0]
        packs = packs_of(fitting[0], quantity, words, locale, named=True, unit=unit)
        if known and not packs.asks:
            work.state = replace(
                work.state, listed=(fitting[0].sku,), rest=(), words=kept(work, words), price_max=0, brands_left=()
            )
            return put_in_cart(work, *known[0], packs.count)
    return find(work, Wish(words), words, quantity=quantity, unit=unit)


def _comes_in_packs(work: Work, words: str, pieces: int, unit: str) -> bool:
    """Whether so many pieces, more than may be bought of one product, are few enough packs of what there is."""
    most = _limits(work)["quantity_max"]
    found = search(work, Wish(words)).found[:READ_MAX]
    packs = (packs_of(each.product, pieces, words, work.turn.locale, named=True, unit=unit) for each in found)
    return most is not None and any(each.count <= most for each in packs)


def _how_many_instead(work: Work, problem: Answer) -> Answer:
    """A quantity that cannot be: where it is clear of what, a bare number is enough to put it right."""
    picked = chosen(work)
    if picked is not None:
        work.state = replace(work.state.asking("how_many", picked[0].sku), focus=picked[0].sku)
    return problem


def _accept_many(work: Work, sku: Sku, quantity: int) -> Answer:
    known = work.shelf((sku,))
    return put_in_cart(work, *known[0], quantity) if known else say("gone", ask="find-else")


def _quantity(work: Work, slot: str = "quantity") -> tuple[int, Answer | None]:
    """The quantity that was heard, one where none was; or what is wrong with it."""
    heard = work.slot(slot)
    if heard is None:
        # "?" is a recogniser that heard a number it could not make out: asking beats guessing.
        return 1, say(ask="how-many-again") if (work.turn.slots.get(slot) or "").strip() == "?" else None
    number = work.number(slot)
    if number is None or number < 1:
        return 0, say("quantity-invalid", ask="how-many-again")
    most = _limits(work)["quantity_max"]
    if most is not None and number > most:
        return 0, say(Phrase("quantity-max", {"most": most}), ask="how-many-again")
    return number, None


def _limits(work: Work) -> dict[str, int | None]:
    policy = work.limits().policy
    if policy is None:
        return {"quantity_max": None, "lines_max": None}
    return {"quantity_max": policy.quantity_per_line_max, "lines_max": policy.lines_max}


def _lines(work: Work) -> list[tuple[CartLine, Product, LiveItem]]:
    quantities = {line.sku: line for line in work.cart.lines}
    return [(quantities[product.sku], product, live) for product, live in work.shelf(quantities)]


def _goods(work: Work, lines: list[tuple[CartLine, Product, LiveItem]]) -> Money:
    return total((live.price * line.quantity for line, _, live in lines), work.ports.store.currency)


def _cart_total(work: Work) -> tuple[Phrase, ...]:
    """The running total, where there is more than what was just said."""
    lines = _lines(work)
    pieces = sum(line.quantity for line, _, _ in lines)
    return (Phrase("cart-total", {"total": _goods(work, lines)}),) if pieces > 1 else ()


def _in_cart(work: Work) -> tuple[Product, LiveItem] | Answer:
    """The line that is meant: by name, by position of what was just read, the one in focus, or the only one."""
    if not work.cart.lines:
        work.state = work.state.settled()
        return say("cart-empty", ask="find-what")
    words = work.slot("product") or work.slot("product_query") or work.slot("item_description")
    lines = _lines(work)
    inside = {product.sku: (product, live) for _, product, live in lines}
    if words:
        fitting = matching(words, [product for product, _ in inside.values()], work.turn.locale)
        if len(fitting) == 1:
            return inside[fitting[0].sku]
        if len(fitting) > 1:
            return say(ask=Phrase("which-in-cart", {"items": named_products(fitting[:3])}))
        return say(Phrase("not-in-cart", {"words": echo(work, words)}), ask="find-else")
    ordinal = work.ordinal()
    if work.slot("ordinal"):
        # What was read last counts, be it a list of products or the cart itself.
        listed = work.state.listed if work.state.listed and not _cart_was_read(work) else tuple(inside)
        position = len(listed) if ordinal == -1 else ordinal or 0
        if 1 <= position <= len(listed) and listed[position - 1] in inside:
            return inside[listed[position - 1]]
        return say("not-in-cart-that", ask="anything-else")
    if work.state.focus in inside:
        return inside[work.state.focus]
    if work.state.focus and not _cart_was_read(work):
        return say("not-in-cart-that", ask="anything-else")
    if len(inside) == 1:
        return next(iter(inside.values()))
    first = [product for product, _ in list(inside.values())[:3]]
    return say(ask=Phrase("which-in-cart", {"items": named_products(first)}))


def _cart_was_read(work: Work) -> bool:
    return work.state.cart_said


def _removed(work: Work, product: Product) -> Answer:
    if not work.cart.quantity_of(product.sku):
        return say(Phrase("not-in-cart", {"words": echo(work, product.title)}), ask="find-else")
    work.cart = remove_from_cart(work.cart, product.sku)
    work.state = replace(work.state.asking("more"), focus=Sku(""))
    return say(
        Phrase("removed", {"item": named_product(product)}),
        *(_cart_total(work) if work.cart.lines else (Phrase("cart-now-empty"),)),
        ask="anything-else",
    )


def cart_full(error: CartFull) -> Answer:
    """What to say when the cart's limits stop an addition."""
    if "quantity_max" in error.facts:
        return say(Phrase("quantity-max", {"most": error.facts["quantity_max"]}), ask="anything-else")
    return say(Phrase("lines-max", {"most": error.facts["lines_max"]}), ask="check-out-or-more")
