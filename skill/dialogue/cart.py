"""The cart: add, change, remove, read, empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skill.dialogue.amounts import Packs, holds_amount, is_measured, packs_in, packs_of, size_in_words
from skill.dialogue.browsing import (
    describe_item,
    echo,
    find,
    find_products,
    find_such,
    in_cart,
    kept,
    more_results,
    offer_packs,
    search,
    two_things,
    wish_in_words,
    without_pronouns,
)
from skill.dialogue.choosing import ask_which, at_places, chosen, of_size, pointed_at, told_apart, which_of
from skill.dialogue.help import cancel, not_understood
from skill.dialogue.naming import (
    counted,
    counted_lines,
    covers,
    in_title,
    is_kind,
    matching,
    named_product,
    named_products,
    names,
    priced,
    product_item,
)  # fmt: skip
from skill.dialogue.state import READ_MAX
from skill.dialogue.work import NAME_SLOT, Topic, Work
from skill.errors import CartFull
from skill.ports import LiveItem
from skill.shop.cart import CartLine, add_to_cart, clear_cart, remove_from_cart, set_quantity
from skill.shop.catalogue import Product, Sku, Wish
from skill.shop.money import Money, total
from skill.speech.answer import Answer, Phrase, Shown, say
from skill.speech.heard import all_but, heard_halves, heard_number, heard_places, naming_words
from skill.turn import Expect

#: How many lines of a cart are read before the rest is summed up.
LINES_READ_MAX = 3

#: How often it is asked which line of the cart is meant.
LINE_ASKED_MAX = 3


def add(work: Work) -> Answer:
    """ "Add two of the second one", "add it", "add two bananas", "add oat milk"."""
    return _half_by_half(work, "add")


def _half_by_half(work: Work, act: str) -> Answer:
    """ "Remove the ketchup and add pears": one after the other; where the first becomes a question, the second waits to be said."""
    words = _line_words(work) or ""
    halves = heard_halves(words, work.turn.locale) or (two_things(work, words) if act == "add" else ())
    if not halves:
        return _ACTS[act](work)
    (first, words), (second, further) = halves
    turn, state, cart = work.turn, work.state, work.cart
    counted = {name: turn.slots[name] for name in ("quantity", "unit") if name in turn.slots}
    work.turn = replace(turn, slots={**counted, "product": words})
    answer = _ACTS[first or act](work)
    if work.cart is cart:
        work.state, work.opening = state, (Phrase("one-half-first", {"words": echo(work, further)}),)
        return _ACTS[first or act](work)
    work.opening = answer.say[:1]
    work.turn = replace(turn, slots=_counted_name(further, turn.locale))
    return _ACTS[second or act](work)


def _counted_name(words: str, locale: str) -> dict[str, str]:
    """The slots of "two lemons", of "some pears"."""
    first, _, rest = words.partition(" ")
    if rest and heard_number(first, locale):
        return {"quantity": first, "product": rest}
    return {"product": naming_words(words, locale)}


def _add(work: Work) -> Answer:
    amount = _amount_alone(work)
    meant = _add_amount(work, amount) if amount else None
    if meant is not None:
        return meant
    words = work.slot("product") or work.slot("product_query")
    if words and not (work.slot("ordinal") or work.slot("item_description")):
        places = heard_places(words, work.turn.locale)
        if not places:
            return _add_named(work, words)
        if len(places) > 1 or 0 in places:
            return _one_at_a_time(work)
    if work.ordinal() == 0:
        return _one_at_a_time(work)
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


def _amount_alone(work: Work) -> str:
    """The amount, where nothing but one was heard, in whatever slots: "two gallons"; else empty."""
    counted, unit, locale = work.slot("quantity"), work.slot("unit"), work.turn.locale
    words = work.slot("product") or work.slot("product_query")
    if not words:
        return f"{counted or 1} {unit}" if unit and holds_amount(unit, locale) else ""
    heard = f"{counted} {words}" if counted and is_measured(words, locale) else words
    return heard if size_in_words(heard, locale) is not None else ""


def _add_amount(work: Work, amount: str) -> Answer | None:
    """ "Two gallons" is of what is spoken of, or of what was looked for; None where nothing was.

    It goes in where that comes out even; it is offered where it does not.
    """
    sized, pending = of_size(work, amount), work.state.pending
    if len(sized) == 1 and len(work.state.listed) > 1:
        return _take(work, *sized[0], 1)
    spoken_of = pending.sku if pending and pending.kind == "offer" else work.state.focus
    known = work.shelf((spoken_of,)) if spoken_of else []
    if known:
        packs = packs_of(known[0][0], 1, amount, work.turn.locale, named=False)
        return _offer_packs(work, *known[0], packs) if packs.asks else put_in_cart(work, *known[0], packs.count)
    if work.state.listed and work.state.words:
        return _add_by_name(work, f"{amount} {work.state.words}", 1)
    return None


def _one_at_a_time(work: Work) -> Answer:
    """Several places of a list in one breath: none of them is guessed, and the list stays."""
    if len(work.state.listed) < 2:
        return say("one-at-a-time", ask="find-what")
    work.state = work.state.asking("choose")
    return say("one-at-a-time", ask="which-one")


def choose_item(work: Work) -> Answer:
    """ "The second one" answers what was just read; then it is offered, with its price, before it goes into the cart."""
    picked = chosen(work)
    if picked is not None and not work.state.listed and work.cart.quantity_of(picked[0].sku):
        return _in_cart_already(work, *picked)
    if work.ordinal() == 0:
        return _one_at_a_time(work)
    if picked is None:
        description = work.slot("item_description")
        such = find_such(work, description) if description and not pointed_at(work) else None
        return such or ask_which(work)
    pending = work.state.pending
    if pending and pending.kind == "offer" and pending.sku == picked[0].sku:
        return _offer_packs(work, *picked, Packs(pending.quantity))
    return _take(work, *picked, pending.quantity if pending and pending.kind == "choose" else 0)


def _take(work: Work, product: Product, live: LiveItem, asked: int, *, sure: bool = True) -> Answer:
    """What was chosen goes in where so many were asked for before; it is offered where none were, or more come of it."""
    pending = work.state.pending
    named, unit = (pending.named, pending.unit) if pending else (False, "")
    packs = packs_of(product, asked or 1, work.state.words, work.turn.locale, named=named, unit=unit)
    quantity = packs.count
    if (most := _limits(work)["quantity_max"]) is not None and quantity > most:
        work.state = replace(work.state.asking("how_many", product.sku), focus=product.sku)
        return say(Phrase("quantity-max", {"most": most}), ask="how-many-again")
    if sure and asked and not packs.asks:
        return put_in_cart(work, product, live, quantity)
    return _offer_packs(work, product, live, packs)


def _offer_packs(work: Work, product: Product, live: LiveItem, packs: Packs) -> Answer:
    work.state = replace(work.state.asking("offer", product.sku, packs.count), focus=product.sku)
    return say(
        Phrase("chosen", {"item": priced(product, live.price)}),
        ask=offer_packs(packs),
        expects=Expect.YES_OR_NO,
        suggestions=("suggest-yes", "suggest-about"),
    )


def choose_or_find(work: Work) -> Answer:
    """ "Half gallon" answers "which one?"; other words are a new wish."""
    words = work.slot("product_query") or work.slot("product")
    places = heard_places(words, work.turn.locale) if words else ()
    if len(places) > 1 or 0 in places:
        return _one_at_a_time(work)
    sized = of_size(work, words) if words else []
    meant = sized or (told_apart(work, words) if words else [])
    pending = work.state.pending
    if len(meant) != 1:
        return find_or_add_amount(work)
    # Who says "chocolate" may as well look for chocolate: that is offered only.
    return _take(work, *meant[0], pending.quantity if pending else 0, sure=bool(sized))


def find_or_add_amount(work: Work) -> Answer:
    """A wish; "I want five pounds" is one for what is spoken of."""
    amount = _amount_alone(work)
    return (_add_amount(work, amount) if amount else None) or find_products(work)


def find_cheapest(work: Work) -> Answer:
    """ "The cheapest coffee", said without "find"; "the cheapest decaf one" is one of those that were just read."""
    words = work.slot("product_query")
    if not words:
        return say(ask="find-what")
    left = without_pronouns(words, work.turn.locale)
    if work.state.listed and left != words:
        work.turn = replace(work.turn, slots={"item_description": f"cheapest {left}"})
        return choose_item(work)
    words = wish_in_words(work, "wish-cheapest", words)
    return find(work, Wish(words), words)


def choose_other(work: Work) -> Answer:
    """ "The other one" of two that were read, where one of them was spoken of."""
    left = [each for each in work.shelf(work.state.listed) if each[0].sku != work.state.focus]
    if len(left) != 1 or len(work.state.listed) != 2:
        return ask_which(work)
    pending = work.state.pending
    return _take(work, *left[0], pending.quantity if pending and pending.kind == "choose" else 0)


def take_name(work: Work) -> Answer:
    """A product's name and nothing beside it: one of those just read, or a new wish.

    At an open microphone anything is heard: what only sounds like something in the store is no name.
    """
    words = work.slot("product")
    if not words or not any(not each.weak for each in search(work, Wish(words)).found):
        return not_understood(work)
    return choose_or_find(work)


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
    if pending and pending.kind in ("change", "remove"):
        return answer_line(work)
    if (
        (pending is None or pending.kind == "more")
        and not work.state.cart_said
        and work.cart.quantity_of(work.state.focus)
    ):
        # "Three, please", after something went into the cart, is how many there are to be.
        quantity, problem = _quantity(work, "number")
        return problem or _act_on(work, "change", *work.shelf((work.state.focus,))[0], quantity)
    if work.state.places:
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
    work.state = replace(work.state.asking("more"), focus=product.sku, removed=None)
    item = counted(quantity, product, work.turn.locale)
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
    if not named and (amount := _amount_alone(work)) and not work.cart.lines:
        meant = _add_amount(work, amount)
        if meant is not None:
            return meant
    if pending and pending.kind == "offer" and heard and not named and not work.cart.quantity_of(pending.sku):
        quantity, problem = _quantity(work)
        return problem or _accept_many(work, pending.sku, quantity)
    if pending and pending.kind == "choose" and heard and not named and (pending.quantity or not work.cart.lines):
        # "Add two" – "Which one?" – "Make it three."
        quantity, problem = _quantity(work)
        if problem:
            return problem
        work.state = work.state.asking("choose", quantity=quantity, named=pending.named, unit=pending.unit)
        return say(ask="which-one")
    if (unit := work.slot("unit")) and holds_amount(unit, work.turn.locale):
        return _change_to_amount(work, f"{work.slot('quantity')} {unit}")
    return _on_line(work, "remove" if heard == 0 else "change")


def _change_to_amount(work: Work, amount: str) -> Answer:
    """ "Make it three pounds": so many of the line as make that; where that does not come out even, how many is asked."""
    picked = _lines_meant(work, "change", 0)
    if isinstance(picked, Answer):
        return picked
    return _act_on_each(work, "change", picked[:1], packs_in(picked[0][0], amount, work.turn.locale))


def remove(work: Work) -> Answer:
    """ "Remove the bananas" takes the line out; "remove two bananas" as many of it, "all but the bananas" the other lines."""
    return _half_by_half(work, "remove")


def _remove(work: Work) -> Answer:
    left = all_but(_line_words(work) or "", work.turn.locale)
    return _ask_to_clear_but(work, naming_words(left, work.turn.locale)) if left else _on_line(work, "remove")


_ACTS: dict[str, Topic] = {"add": _add, "remove": _remove}


def put_back(work: Work) -> Answer:
    """ "Put it back" undoes what was just taken out; where nothing was, it means back on the shelf."""
    removed = work.state.removed
    known = work.shelf((removed[0],)) if removed else []
    return put_in_cart(work, *known[0], removed[1]) if removed and known else remove(work)


def take_back(work: Work) -> Answer:
    """ "Cancel that" after something went into the cart may mean just that, so it is asked; otherwise it is a goodbye."""
    focus = work.shelf((work.state.focus,)) if work.state.focus and not work.state.cart_said else []
    quantity = work.cart.quantity_of(work.state.focus)
    if not focus or not quantity:
        return cancel(work)
    product = focus[0][0]
    work.state = replace(work.state.asking("remove", product.sku), listed=(), rest=(), lines=(product.sku,))
    item = counted(quantity, product, work.turn.locale)
    return say(ask=Phrase("take-out-really", {"item": item}), expects=Expect.YES_OR_NO)


def answer_line(work: Work) -> Answer:
    """Answers which line of the cart was meant: by its place, by what it is like, by name, or with "both"."""
    pending = work.state.pending
    lines = [each for each in work.shelf(work.state.lines) if work.cart.quantity_of(each[0].sku)]
    if not pending or not lines:
        return _which_line(work, "remove", [])
    if pending.sku and work.slot("number"):
        quantity, problem = _quantity(work, "number")
        return problem or _act_on(work, pending.kind, *lines[0], quantity)
    words = _line_words(work)
    places = _places(work)
    if places:
        picked = at_places(places, lines)
    elif work.slot("item_description"):
        picked = [each for each in (chosen(work),) if each is not None]
    else:
        said = naming_words(words or "", work.turn.locale)
        picked = [each for each in lines if words and in_title(said, each[0], work.turn.locale)]
        if words and not picked:
            return find_products(work)
    if not picked or (len(picked) > 1 and not places):
        return ask_line_again(work)
    return _act_on_each(work, pending.kind, picked, pending.quantity)


def accept_line(work: Work) -> Answer:
    """ "Yes" to "do you mean ...?"; to "which one?" it names none."""
    pending = work.state.pending
    known = work.shelf((pending.sku,)) if pending and pending.sku else []
    return _act_on(work, pending.kind, *known[0], pending.quantity) if pending and known else ask_line_again(work)


def ask_line_again(work: Work) -> Answer:
    """The question which line is meant, once more; after a third answer that is none the cart stays as it is."""
    pending = work.state.pending
    if not pending or work.state.misses + 1 >= LINE_ASKED_MAX:
        return keep(work)
    lines = [product for product, _ in work.shelf(work.state.lines)]
    work.state = replace(work.state, misses=work.state.misses + 1)
    return _which_line(work, pending.kind, lines, pending.quantity)


def _on_line(work: Work, act: str) -> Answer:
    """Does to the line that is meant what was asked for: `remove` so many of it, or `change` it to so many."""
    quantity, problem = (0, None) if work.number("quantity") == 0 else _quantity(work)
    asked = quantity if work.slot("quantity") else 0
    picked = _lines_meant(work, act, asked)
    if isinstance(picked, Answer):
        return picked
    return problem or _act_on_each(work, act, picked, asked)


def _act_on_each(work: Work, act: str, lines: Sequence[tuple[Product, LiveItem]], quantity: int) -> Answer:
    answers = [_act_on(work, act, *line, quantity) for line in lines]
    return replace(answers[-1], say=(*(each.say[0] for each in answers[:-1]), *answers[-1].say))


def _act_on(work: Work, act: str, product: Product, live: LiveItem, quantity: int) -> Answer:
    before = work.cart.quantity_of(product.sku)
    if act == "remove":
        left = before - quantity if quantity else 0
        answer = _changed(work, product, live, left) if left > 0 else _removed(work, product)
        work.state = replace(work.state, removed=(product.sku, before - max(left, 0)) if before else None)
        return answer
    if not quantity:
        work.state = replace(work.state.asking("change", product.sku), focus=product.sku, lines=(product.sku,))
        return say(ask=Phrase("how-many", {"item": named_product(product)}))
    if live.available < quantity:
        left_over = Phrase("only-some-left", {"item": named_product(product), "available": live.available})
        return say(left_over, ask="find-else")
    return _changed(work, product, live, quantity)


def _changed(work: Work, product: Product, live: LiveItem, quantity: int) -> Answer:
    work.cart = set_quantity(work.cart, product.sku, quantity, **_limits(work))
    work.state = replace(work.state.asking("more"), focus=product.sku, removed=None)
    item = counted(quantity, product, work.turn.locale)
    return say(
        Phrase("changed", {"item": item, "quantity": quantity, "price": live.price}),
        *_cart_total(work),
        ask="anything-else",
    )


def show_cart(work: Work) -> Answer:
    lines = _lines(work)
    work.state = work.state.settled()
    if not lines:
        return say("cart-empty", ask="find-what")
    return _read_lines(work, lines)


def more_lines(work: Work) -> Answer:
    """ "And two more": they are read where the cart was read last. What was found goes on otherwise."""
    left = [line for line in _lines(work) if line[1].sku in work.state.rest]
    return _read_lines(work, left) if left and not work.state.listed else more_results(work)


def _read_lines(work: Work, lines: Sequence[tuple[CartLine, Product, LiveItem]]) -> Answer:
    """Reads up to three lines, and the total of all that is in the cart; the others come with "more"."""
    inside = _lines(work)
    read = counted_lines([(line.quantity, product) for line, product, _ in lines[:LINES_READ_MAX]], work.turn.locale)
    goods = _goods(work, inside)
    key = "cart-lines" if len(lines) <= LINES_READ_MAX else "cart-lines-more"
    items = tuple(
        replace(
            product_item(product, live.price * line.quantity), detail=f"{line.quantity} × {product.size}".rstrip(" ×")
        )
        for line, product, live in inside
    )
    # From here on it is the cart that "the second one" counts.
    every, unread = ([product.sku for _, product, _ in each] for each in (inside, lines[LINES_READ_MAX:]))
    work.state = replace(work.state.asking("more"), listed=(), rest=tuple(unread), lines=tuple(every))
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
    work.state = replace(work.state.asking("clear"), lines=())
    return say(ask=Phrase("clear-really", {"lines": len(work.cart.lines)}), expects=Expect.YES_OR_NO)


def clear(work: Work) -> Answer:
    left = [line for line in work.cart.lines if line.sku in work.state.lines]
    work.cart = clear_cart(work.cart)
    work.state = replace(work.state.settled(), lines=(), removed=None)
    if not left:
        return say("cart-cleared", ask="find-what")
    work.cart = replace(work.cart, lines=tuple(left))
    return show_cart(work)


def _ask_to_clear_but(work: Work, words: str) -> Answer:
    """ "Remove everything except the ketchup": what stays is said before anything is taken out."""
    if not work.cart.lines:
        return ask_to_clear(work)
    inside = [product for _, product, _ in _lines(work)]
    staying = [each for each in inside if is_kind(words, each, work.turn.locale)] or matching(
        words, inside, work.turn.locale
    )
    if not staying:
        return say(Phrase("not-in-cart", {"words": echo(work, words)}), ask="find-else")
    if len(staying) == len(inside):
        return keep(work)
    work.state = replace(work.state.asking("clear"), listed=(), rest=(), lines=tuple(each.sku for each in staying))
    return say(ask=Phrase("clear-but", {"items": named_products(staying)}), expects=Expect.YES_OR_NO)


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
    if problem and number and number > 0 and _comes_in_packs(work, words, number, unit):
        quantity, problem = number, None
    if problem:
        work.state = replace(work.state.asking("how_many", unit=unit).looking_for(kept(work, words)), focus=Sku(""))
        return problem
    return _add_by_name(work, words, quantity, unit)


def _add_by_name(work: Work, words: str, quantity: int, unit: str = "") -> Answer:
    """The one product that the words name goes in at once; otherwise the shopper hears what there is, prices said."""
    locale, listed = work.turn.locale, work.state.listed
    if len(listed) > 1:
        meant = [each for each in work.shelf(listed) if names(words, each[0], locale)]
        if len(meant) == 1 and meant[0][1].available > 0:
            packs = packs_of(meant[0][0], quantity, words, locale, named=True, unit=unit)
            if not packs.asks:
                return put_in_cart(work, *meant[0], packs.count)
    found = [each for first in search(work, Wish(words)).found for each in (first, *first.twins)]
    # What only sounds the same is something else to pay for, too.
    fitting = [each.product for each in found if covers(words, each.product, locale)]
    if len(fitting) == 1 and names(words, fitting[0], locale):
        known = [each for each in work.shelf_of(fitting) if each[1].available > 0]
        packs = packs_of(fitting[0], quantity, words, locale, named=True, unit=unit)
        if known and not packs.asks:
            work.state = work.state.looking_for(kept(work, words), listed=(fitting[0].sku,))
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


def _line_words(work: Work) -> str | None:
    return work.slot("product") or work.slot("product_query") or work.slot("item_description")


def _places(work: Work) -> tuple[int, ...]:
    """The places that the turn points at: by an ordinal, a number, or in words that are nothing else."""
    if work.slot("ordinal"):
        ordinal = work.ordinal()
        return (ordinal,) if ordinal is not None else ()
    if work.slot("number"):
        return (number,) if (number := work.number("number")) else ()
    words = _line_words(work)
    return heard_places(words, work.turn.locale) if words else ()


def _lines_meant(work: Work, act: str, quantity: int) -> list[tuple[Product, LiveItem]] | Answer:
    """The lines that are meant: by name, by position of what was just read, the one in focus, or the only one.

    A name must say what the line is, in words that are all its own: "the milk" is no milk chocolate. Anything less is asked.
    """
    words, lines = _line_words(work), _lines(work)
    if not lines:
        if work.state.pending and work.state.pending.kind == "choose":
            return say("cart-empty", ask="which-one")
        work.state = work.state.settled()
        return say("cart-empty", ask="find-what")
    inside = {product.sku: (product, live) for _, product, live in lines}
    places = _places(work)
    if words and not places:
        products = [product for product, _ in inside.values()]
        said = naming_words(words, work.turn.locale)
        sure = [each for each in products if names(said, each, work.turn.locale)]
        if len(sure) == 1:
            return [inside[sure[0].sku]]
        fitting = sure or matching(said, products, work.turn.locale)
        if fitting:
            return _which_line(work, act, fitting, quantity)
        return say(Phrase("not-in-cart", {"words": echo(work, words)}), ask="find-else")
    if places or work.slot("ordinal"):
        # What was read last counts, be it a list of products or the cart itself.
        meant = [inside[sku] for sku in at_places(places, work.state.places or tuple(inside)) if sku in inside]
        if 0 in places and len(meant) > 2:
            return _which_line(work, act, [product for product, _ in meant], quantity)
        asked = 2 if 0 in places else len(places)
        return meant if meant and len(meant) == asked else say("not-in-cart-that", ask="anything-else")
    if work.state.focus in inside:
        return [inside[work.state.focus]]
    if work.state.focus and not work.state.cart_said:
        return say("not-in-cart-that", ask="anything-else")
    if len(inside) == 1:
        return list(inside.values())
    return _which_line(work, act, [product for product, _ in inside.values()], quantity)


def _which_line(work: Work, act: str, fitting: Sequence[Product], quantity: int = 0) -> Answer:
    """Asks which line to `act` on. One that only may be meant is named before anything happens to it."""
    read = fitting[:READ_MAX]
    if not read:
        work.state = work.state.settled()
        return say("not-in-cart-that", ask="anything-else")
    only = read[0].sku if len(read) == 1 else Sku("")
    lines = tuple(each.sku for each in read)
    work.state = replace(work.state.asking(act, only, quantity), listed=(), rest=(), lines=lines)
    named = named_products(read)
    if only:
        return say(ask=Phrase("mean-line", {"item": named[0]}), expects=Expect.YES_OR_NO)
    return say(ask=which_of(named), slot=NAME_SLOT)


def _in_cart_already(work: Work, product: Product, live: LiveItem) -> Answer:
    work.state = replace(work.state.asking("more"), focus=product.sku)
    return say(Phrase("chosen", {"item": priced(product, live.price)}), in_cart(work, product), ask="anything-else")


def _removed(work: Work, product: Product) -> Answer:
    if not work.cart.quantity_of(product.sku):
        return say(Phrase("not-in-cart", {"words": echo(work, product.title)}), ask="find-else")
    work.cart = remove_from_cart(work.cart, product.sku)
    # "It" goes on meaning what was taken out, and never the line that happens to be left.
    work.state = replace(work.state.asking("more"), focus=product.sku)
    return say(
        Phrase("removed", {"item": named_product(product)}),
        *(_cart_total(work) if work.cart.lines else (Phrase("cart-now-empty"),)),
        ask="anything-else" if work.cart.lines else "find-else",
    )


def cart_full(error: CartFull) -> Answer:
    """What to say when the cart's limits stop an addition."""
    if "quantity_max" in error.facts:
        return say(Phrase("quantity-max", {"most": error.facts["quantity_max"]}), ask="anything-else")
    return say(Phrase("lines-max", {"most": error.facts["lines_max"]}), ask="check-out-or-more")
