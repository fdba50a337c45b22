"""Finding things: the best three, more of them, the second one, something cheaper."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from skill.dialogue.amounts import comes_in, quantity_of, words_after_amount
from skill.dialogue.choosing import ask_which, chosen
from skill.dialogue.naming import in_title, named_product, priced, priced_products, product_item
from skill.dialogue.state import READ_MAX, RESULTS_MAX
from skill.dialogue.work import Work
from skill.guard.code import redact_codes
from skill.guard.windows import local_time
from skill.ports import LiveItem
from skill.shop.catalogue import Findings, Product, Sku, Wish
from skill.shop.money import Money
from skill.shop.orders import OrderState
from skill.speech.answer import Answer, Phrase, Shown, say
from skill.speech.ear import plain
from skill.speech.render import best_locale, heard_words, phrase
from skill.turn import Expect

#: What an ear can hold, in an answer that reads products.
ANSWER_WORDS_MAX = 45

#: Heard words are kept this far, in characters, to go on from; and said back this far, in words and in characters.
_KEPT_LENGTH_MAX = 200
_ECHO_WORDS_MAX = 8
_ECHO_LENGTH_MAX = 60

#: A month's name says when it was as long as it cannot be the same month of another year.
_MONTH_SAID_WITHIN = timedelta(days=330)


def find_products(work: Work) -> Answer:
    words = work.slot("product_query") or work.slot("product") or ""
    if not words:
        return say(ask="find-what")
    return find(work, Wish(words), words)


def find(work: Work, wish: Wish, words: str, *, quantity: int = 0) -> Answer:
    """Searches, and reads out the best three; `quantity`, said with the words, is kept for the one that is chosen."""
    work.state = replace(work.state.settled(), words=kept(work, words), price_max=0, focus=Sku(""), listed=(), rest=())
    had = _bought(work)
    findings = _of_the_kind(work, wish, search(work, wish, tuple(had)), tuple(had))
    on_shelf = work.shelf_of([each.product for each in findings.found])
    buyable = [each for each in on_shelf if each[1].available > 0]
    if not on_shelf:
        return _nothing_found(work, findings)
    best, live = on_shelf[0]
    if not buyable:
        return say(Phrase("all-sold-out", {"item": priced(best, live.price)}), ask="find-else")
    weak = findings.found[0].weak
    answer = read_out(
        work, buyable, weak=weak, quantity=quantity, named=quantity > 0, had=had.get(buyable[0][0].sku),
        # One that was named and is sold out is one of the three that an ear can hold.
        read_max=READ_MAX if live.available > 0 else READ_MAX - 1, untold=_untold(findings),
    )  # fmt: skip
    if live.available <= 0 and in_title(words, best, work.turn.locale):
        return replace(answer, say=(Phrase("is-sold-out", {"item": named_product(best)}), *answer.say))
    return answer


def _of_the_kind(work: Work, wish: Wish, findings: Findings, bought: Sequence[Sku]) -> Findings:
    """What is found without an amount in front that the catalogue does not know, what comes in such sizes first."""
    locale = work.turn.locale
    rest = words_after_amount(wish.words, locale)
    if not rest or (findings.found and not findings.found[0].weak):
        return findings
    again = search(work, replace(wish, words=rest), bought)
    if not again.found or again.found[0].weak:
        return findings
    return replace(
        again, found=tuple(sorted(again.found, key=lambda each: not comes_in(each.product, wish.words, locale)))
    )


def search(work: Work, wish: Wish, bought: Sequence[Sku] | None = None) -> Findings:
    """What the catalogue has, what the household bought before first; `bought` where the caller has looked that up."""
    before = tuple(_bought(work)) if bought is None else tuple(bought)
    return work.ports.catalogue.find(wish, locale=work.turn.locale, limit=RESULTS_MAX, bought=before)


def _bought(work: Work) -> dict[Sku, datetime]:
    """What the household bought lately and when it last did, the newest first."""
    if not work.household:
        return {}
    recent = work.ports.orders.recent(work.household.household_id, 10)
    orders = [each for each in recent if each.state in (OrderState.COMMITTED, OrderState.SHIPPED)]
    return {line.sku: order.reserved_at for order in reversed(orders) for line in order.lines}


def read_out(
    work: Work,
    buyable: Sequence[tuple[Product, LiveItem]],
    *,
    weak: bool = False,
    quantity: int = 0,
    named: bool = False,
    more: bool = False,
    had: datetime | None = None,
    read_max: int = READ_MAX,
    untold: Collection[Sku] = (),
) -> Answer:
    """Reads up to three with size and price, and asks which; a single one is offered at once.

    `had` is when the household last ordered the first of them. Of `untold` nobody knows whether they have what is to be avoided.
    """
    now, rest = buyable[:read_max], buyable[read_max:]
    work.state = replace(
        work.state,
        listed=tuple(product.sku for product, _ in now),
        rest=tuple(product.sku for product, _ in rest),
    )
    items = priced_products(now)
    shown = Shown(
        "products", Phrase("card-products"), (), tuple(product_item(product, live.price) for product, live in now)
    )
    values = dict(zip(("first", "second", "third"), items, strict=False))
    if len(now) == 1:
        product = now[0][0]
        quantity = quantity_of(product, quantity or 1, work.state.words, work.turn.locale, named=named)
        work.state = replace(work.state.asking("offer", product.sku, quantity), focus=product.sku)
        key, ask = "found-one-weak" if weak else "found-one", offer(quantity)
        warned = _warned(now, untold)
        values |= _with_month(work, key, values, (*warned, ask), had)
        return say(
            Phrase(key, values | {"words": _room_for(work, key, values, (*warned, ask))}), *warned,
            ask=ask, expects=Expect.YES_OR_NO, shown=shown, suggestions=("suggest-yes", "suggest-no"),
        )  # fmt: skip
    work.state = replace(work.state.asking("choose", quantity=quantity, named=named), focus=Sku(""))
    key = {2: "found-two", 3: "found-three"}[len(now)] + ("-weak" if weak else "-more" if more else "")
    ask = Phrase("which-or-more" if rest else "which-one")
    warned = _warned(now, untold)
    if warned and _words_of(work, key, values, (*warned, ask)) > ANSWER_WORDS_MAX and len(now) > 1:
        return read_out(
            work, buyable, weak=weak, quantity=quantity, named=named, more=more, had=had, read_max=len(now) - 1, untold=untold
        )  # fmt: skip
    values |= _with_month(work, key, values, (*warned, ask), had)
    return say(
        Phrase(key, values | {"words": _room_for(work, key, values, (*warned, ask))}),
        *warned,
        ask=ask,
        shown=shown,
        suggestions=("suggest-first", "suggest-more") if rest else ("suggest-first",),
    )


def _untold(findings: Findings) -> frozenset[Sku]:
    return frozenset(each.product.sku for each in findings.found if each.untold)


def _warned(read: Sequence[tuple[Product, LiveItem]], untold: Collection[Sku]) -> tuple[Phrase, ...]:
    """That nobody knows of them whether they have what must be avoided: silence would be taken for "none"."""
    unknown = [product for product, _ in read if product.sku in untold]
    if not unknown:
        return ()
    return (Phrase("about-allergens-unknown" if len(unknown) == len(read) else "some-allergens-unknown"),)


def _with_month(
    work: Work, key: str, values: Mapping[str, Phrase], further: Sequence[Phrase], had: datetime | None
) -> dict[str, Phrase]:
    """The first product with the month in which it was ordered before, where that is less than a year ago and there is room."""
    if had is None or work.household is None or work.now - had > _MONTH_SAID_WITHIN:
        return {}
    then, now = local_time(work.household, had), local_time(work.household, work.now)
    month = 0 if (then.year, then.month) == (now.year, now.month) else then.month
    first = {"first": Phrase("priced-before", {"item": values["first"], "month": month})}
    return first if _words_of(work, key, {**values, **first}, further) <= ANSWER_WORDS_MAX else {}


def _room_for(work: Work, key: str, values: Mapping[str, Phrase], further: Sequence[Phrase]) -> str:
    """The heard words, said back as far as there is room for them beside the products."""
    if not key.endswith("-weak"):
        return ""
    # Quotation marks without words between them are counted as one.
    room = ANSWER_WORDS_MAX + 1 - _words_of(work, key, values, further)
    return echo(work, work.state.words, min(max(room, 1), _ECHO_WORDS_MAX))


def _words_of(work: Work, key: str, values: Mapping[str, Phrase], further: Sequence[Phrase]) -> int:
    """How many words the answer has without those that were heard; `further` are the phrases after it."""
    return _length(work, Phrase(key, {**values, "words": ""}), *further)


def _length(work: Work, *phrases: Phrase) -> int:
    """How many words the phrases are when they are spoken."""
    return sum(len(phrase(each, best_locale(work.turn.locale)).split()) for each in phrases)


def more_results(work: Work) -> Answer:
    if not work.state.rest:
        if not work.state.listed:
            return say(ask="find-what")
        return say("no-more-results", ask="choose-or-find")
    pending = work.state.pending
    choosing = pending if pending and pending.kind == "choose" else None
    on_shelf = [each for each in work.shelf(work.state.rest) if each[1].available > 0]
    if not on_shelf:
        work.state = replace(work.state, rest=())
        return say("no-more-results", ask="choose-or-find")
    words = work.state.words
    avoids = words and work.ports.catalogue.understand(words, work.turn.locale).allergens_excluded
    untold = _untold(search(work, Wish(words))) if avoids else frozenset()
    if choosing is None:
        return read_out(work, on_shelf, more=True, untold=untold)
    return read_out(work, on_shelf, quantity=choosing.quantity, named=choosing.named, more=True, untold=untold)


def find_cheaper(work: Work) -> Answer:
    known = _spoken_of(work)
    if not known or not work.state.words:
        return say(ask="find-what")
    cheapest = min(live.price for _, live in known)
    below = Money(max(cheapest.amount - 1, 0), cheapest.currency)
    wish = Wish(work.state.words, price_max=below, sort="price", skus_excluded=work.state.listed)
    return _similar(work, wish, "nothing-cheaper")


def find_other_brand(work: Work) -> Answer:
    """Of another brand; where the shop has none, something else than what was just read. "Something cheaper" goes on holding."""
    known = _spoken_of(work)
    if not known or not work.state.words:
        return say(ask="find-what")
    brand, price = known[0][0].brand, known[0][1].price
    below = Money(work.state.price_max, price.currency) if work.state.price_max else None
    excluded = () if brand else work.state.listed
    wish = Wish(work.state.words, price_max=below, skus_excluded=excluded)
    return _similar(work, wish, "no-other-brand", without_brand=brand)


def _spoken_of(work: Work) -> list[tuple[Product, LiveItem]]:
    return work.shelf((work.state.focus,) if work.state.focus else work.state.listed)


def _similar(work: Work, wish: Wish, none_key: str, without_brand: str = "") -> Answer:
    findings = search(work, wish)
    found = findings.found
    weak = frozenset(each.product.sku for each in found if each.weak)
    buyable = [
        (product, live)
        for product, live in work.shelf_of([each.product for each in found])
        if live.available > 0
        and product.sku not in wish.skus_excluded
        and not (without_brand and product.brand == without_brand)
        and not (wish.price_max and wish.price_max < live.price)
    ]
    if not buyable:
        return say(none_key, ask="choose-or-find")
    # The cheapest of everything may be what nobody meant.
    sure = [each for each in buyable if each[0].sku not in weak]
    work.state = replace(work.state, price_max=wish.price_max.amount if wish.price_max else 0)
    return read_out(work, sure or buyable, weak=not sure, untold=_untold(findings))


def describe_item(work: Work) -> Answer:
    picked = chosen(work)
    if picked is None:
        words = work.slot("product")
        found = [each.product for each in search(work, Wish(words)).found[:1]] if words else []
        known = work.shelf_of(found)
        if not known:
            return ask_which(work, "describe")
        picked = known[0]
    product, live = picked
    sold_out = live.available <= 0
    about, quantity = _about(product, live), _quantity_in_question(work, product)
    # What is in the cart is not offered again, unless it was just found again.
    has_it = bool(work.cart.quantity_of(product.sku)) and not _asks_to_add(work)
    ask = Phrase("anything-else" if has_it else "find-else") if has_it or sold_out else offer(quantity)
    if has_it:
        about.append(in_cart(work, product))
    if _length(work, *about, ask) > ANSWER_WORDS_MAX:
        about = [each for each in about if each.key != "about-review"]
    work.state = replace(work.state.settled(), focus=product.sku)
    shown = Shown("note", named_product(product), _description(product), (product_item(product, live.price),))
    if has_it:
        work.state = work.state.asking("more")
    if has_it or sold_out:
        return say(*about, ask=ask, shown=shown)
    work.state = work.state.asking("offer", product.sku, quantity)
    return say(*about, ask=ask, expects=Expect.YES_OR_NO, shown=shown, suggestions=("suggest-yes", "suggest-no"))


def _quantity_in_question(work: Work, product: Product) -> int:
    """How many of the product the question that is open would add."""
    pending = work.state.pending
    if pending and pending.kind == "choose":
        asked = pending.quantity or 1
        return quantity_of(product, asked, work.state.words, work.turn.locale, named=pending.named)
    return pending.quantity if pending and pending.kind == "offer" and pending.sku == product.sku else 1


def _asks_to_add(work: Work) -> bool:
    pending = work.state.pending
    return pending is not None and pending.kind in ("offer", "choose", "describe")


def in_cart(work: Work, product: Product) -> Phrase:
    return Phrase("in-cart", {"quantity": work.cart.quantity_of(product.sku)})


def _about(product: Product, live: LiveItem) -> list[Phrase]:
    about = [Phrase("about-item", {"item": priced(product, live.price)})]
    if product.rating_tenths:
        stars = Phrase("stars", {"whole": product.rating_tenths // 10, "tenth": product.rating_tenths % 10})
        about.append(Phrase("about-rating", {"stars": stars, "reviews": product.reviews_count}))
    if product.review:
        about.append(Phrase("about-review", {"review": _cut(product.review, 12)}))
    if product.allergens:
        about.append(Phrase("about-allergens", {"allergens": ", ".join(plain(each) for each in product.allergens[:6])}))
    else:
        # Silence would be taken for "none".
        about.append(Phrase("about-allergens-unknown"))
    if product.age_min:
        about.append(Phrase("about-age", {"years": product.age_min}))
    if live.available <= 0:
        about.append(Phrase("about-sold-out"))
    return about


def decline_offer(work: Work) -> Answer:
    """ "No" to an offer or a choice: nothing is added, and the way on is said."""
    work.state = work.state.settled()
    return say("not-added", ask="more-or-find" if work.state.rest else "find-else")


def kept(work: Work, words: str) -> str:
    """Heard words as they may be kept, whole: what is found later is found by them. Nothing in them may be a code."""
    return redact_codes(plain(words), heard_words("digits", work.turn.locale))[:_KEPT_LENGTH_MAX].strip()


def echo(work: Work, words: str, words_max: int = _ECHO_WORDS_MAX) -> str:
    """Heard words as they may be said back: short, and without anything that may be a code."""
    said = kept(work, words).split()[:words_max]
    while len(said) > 1 and len(" ".join(said)) > _ECHO_LENGTH_MAX:
        said.pop()
    return " ".join(said)[:_ECHO_LENGTH_MAX]


def offer(quantity: int) -> Phrase:
    return Phrase("offer", {"quantity": quantity or 1})


def _nothing_found(work: Work, findings: Findings) -> Answer:
    near = [each for each in work.shelf_of(findings.similar[:3]) if each[1].available > 0]
    if near:
        work.state = replace(
            work.state.asking("offer", near[0][0].sku, 1), focus=near[0][0].sku, listed=(near[0][0].sku,), rest=()
        )
        item = priced(near[0][0], near[0][1].price)
        return say(
            Phrase("found-similar", {"words": echo(work, work.state.words), "item": item}),
            ask=offer(1),
            expects=Expect.YES_OR_NO,
        )
    if findings.nearest_category:
        values = {"words": echo(work, work.state.words), "category": plain(findings.nearest_category)}
        return say(Phrase("found-category", values), ask="find-else")
    return say(Phrase("found-nothing", {"words": echo(work, work.state.words)}), ask="find-otherwise")


def _description(product: Product) -> tuple[Phrase, ...]:
    return (Phrase("text", {"text": _cut(product.description, 80)}),) if product.description else ()


def _cut(text: str, words_max: int) -> str:
    words = plain(text).split()
    return " ".join(words[:words_max]).rstrip(".,;: ")
