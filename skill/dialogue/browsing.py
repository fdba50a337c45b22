"""Finding things: the best three, more of them, the second one, something cheaper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from skill.dialogue.amounts import Packs, is_cut_so, packs_of
from skill.dialogue.choosing import Shelf, ask_which, at_places, chosen, is_described, is_said_to_be
from skill.dialogue.help import not_understood, repeat
from skill.dialogue.naming import in_title, is_kind, named_product, priced, priced_products, product_item
from skill.dialogue.state import READ_MAX, RESULTS_MAX, Pending
from skill.dialogue.work import Work
from skill.guard.code import redact_codes
from skill.guard.windows import local_time
from skill.ports import LiveItem
from skill.shop.catalogue import VARIANT_ATTRIBUTES, Findings, Found, Product, Sku, Wish
from skill.shop.money import Money
from skill.shop.orders import OrderState
from skill.speech.answer import Answer, Phrase, Shown, say
from skill.speech.ear import BRIEF_NAME_WORDS_MAX, plain
from skill.speech.heard import heard_joined, heard_places, heard_stems
from skill.speech.render import best_locale, heard_words, phrase
from skill.turn import Expect

#: What an ear can hold, in an answer that reads products.
ANSWER_WORDS_MAX = 45

#: Heard words are kept this far, in characters, to go on from; and said back this far, in words and in characters.
_KEPT_LENGTH_MAX = 200
_ECHO_WORDS_MAX = 8
_ECHO_LENGTH_MAX = 60

#: What is said where no product that is read tells what must be avoided, and where some do.
_UNKNOWN = {
    "allergens": ("about-allergens-unknown", "some-allergens-unknown"),
    "contents": ("about-contents-unknown", "some-contents-unknown"),
}
_TOLD: Mapping[Sku, str] = MappingProxyType({})
#: Brands that are remembered as left behind; nobody asks for another one more often.
_BRANDS_LEFT_MAX = 12

#: So many things to avoid are kept.
_AVOIDED_MAX = 12
#: Things of one breath that are told apart; each takes searches, and their number grows with every way to part them.
_THINGS_MAX = 4

#: A month's name says when it was as long as it cannot be the same month of another year.
_MONTH_SAID_WITHIN = timedelta(days=330)


def find_products(work: Work) -> Answer:
    words = work.slot("product_query") or work.slot("product") or ""
    if not words:
        return say(ask="find-what")
    words = _of_what_was_read(work, words) or words
    both = two_things(work, words)
    if both:
        (_, words), (_, further) = both
        work.opening = (Phrase("one-half-first", {"words": echo(work, further)}),)
    return find(work, Wish(words), words)


def two_things(work: Work, words: str) -> tuple[tuple[str, str], ...]:
    """ "Batteries and milk", as `heard_halves` gives two halves: nothing is surely both, and there is surely each.

    The second may be two things itself.
    """
    joined = list(heard_joined(words, work.turn.locale))
    if not joined or len(joined) >= _THINGS_MAX or is_sure(work, words):
        return ()
    for first, second in joined:
        if is_sure(work, first) and (is_sure(work, second) or two_things(work, second)):
            return ("", first), ("", second)
    return ()


def is_sure(work: Work, words: str) -> bool:
    """Whether what comes first is no guess."""
    found = search(work, Wish(words)).found
    return bool(found) and not found[0].weak


def _of_what_was_read(work: Work, words: str) -> str:
    """What was looked for before with what is asked of it now: "is there a gluten free one", "anything under five dollars"; empty
    for a wish of its own."""
    if not (work.state.listed and work.state.words):
        return ""
    said, left = words.split(), without_pronouns(words, work.turn.locale).split()
    if not left or (len(left) == len(said) and not _asks_to_add(work)):
        return ""
    wish = work.ports.catalogue.understand(" ".join(left), work.turn.locale)
    names_something = wish.brand or wish.category or wish.size or wish.quantity
    only_filters = all(word in wish.attributes_required for word in wish.words.split())
    if not only_filters or (len(left) == len(said) and names_something):
        return ""
    return f"{work.state.words} {' '.join(left)}"


def without_pronouns(words: str, locale: str) -> str:
    """ "A gluten free one" without the word that stands for what was read."""
    pronouns = heard_words("pronouns", locale)
    return " ".join(word for word in words.split() if word.casefold() not in pronouns)


def find(work: Work, wish: Wish, words: str, *, quantity: int = 0, unit: str = "") -> Answer:
    """Searches, and reads out the best three; `quantity` and its `unit` are kept for the one that is chosen."""
    work.state = replace(work.state.settled().looking_for(kept(work, words)), focus=Sku(""))
    had = _bought(work)
    findings = search(work, wish, tuple(had))
    if findings.understood.quantity and not quantity:
        quantity = findings.understood.quantity
        container = heard_stems(findings.understood.container, work.turn.locale)
        unit = next((word for word in words.split() if heard_stems(word, work.turn.locale) == container), "")
    found = sorted(
        (each.product for each in findings.found), key=lambda each: not is_cut_so(each, unit, work.turn.locale)
    )
    on_shelf = work.shelf_of(found)
    buyable = [each for each in on_shelf if each[1].available > 0]
    if not on_shelf:
        return _nothing_found(work, findings)
    best, live = on_shelf[0]
    if not buyable:
        return say(Phrase("all-sold-out", {"item": priced(best, live.price)}), ask="find-else")
    weak, buyable = _of_the_surety_of_the_first(findings, buyable)
    if weak:
        _say_what_is_avoided(work)
    answer = read_out(
        work, buyable, weak=weak, quantity=quantity, named=quantity > 0, unit=unit, had=had.get(buyable[0][0].sku),
        # One that was named and is sold out is one of the three that an ear can hold.
        read_max=READ_MAX if live.available > 0 else READ_MAX - 1, untold=_untold(findings),
    )  # fmt: skip
    if live.available <= 0 and in_title(words, best, work.turn.locale):
        return replace(answer, say=(Phrase("is-sold-out", {"item": named_product(best)}), *answer.say))
    return answer


def _of_the_surety_of_the_first(
    findings: Findings, buyable: list[tuple[Product, LiveItem]]
) -> tuple[bool, list[tuple[Product, LiveItem]]]:
    """Whether the first of them is only a guess, and what is read with it: where it is surely meant, no guesses behind it.

    Where it is a guess, so is all behind it: what is sure of a part of what was said is no better answer to the whole.
    """
    guesses = {one.product.sku for each in findings.found for one in (each, *each.twins) if one.weak}
    if not buyable or buyable[0][0].sku in guesses:
        return True, buyable
    return False, [each for each in buyable if each[0].sku not in guesses]


def find_without(work: Work) -> Answer:
    """ "Without mushrooms", "not the chocolate one", "gluten free": what was looked for before, but so."""
    avoided, excluded, claimed = work.slot("avoided"), work.slot("excluded"), work.slot("claimed")
    places = heard_places(excluded, work.turn.locale) if excluded else ()
    if len(places) > 1 or not (avoided or excluded or claimed):
        return ask_which(work)
    if places:
        read = work.shelf(work.state.listed)
        left = [each for each in read if each not in at_places(places, read)]
        return (
            _page(work, [*left, *work.shelf(work.state.rest)], work.state.earlier, read_max=len(left))
            if left
            else more_results(work)
        )
    looked_for = work.state.words if work.state.listed else ""
    if claimed and not looked_for:
        return find(work, Wish(claimed), claimed)
    if claimed:
        wish = work.ports.catalogue.understand(claimed, work.turn.locale)
        if wish.allergens_excluded or wish.words_avoided or wish.attributes_required:
            return _find_again(work, f"{looked_for} {claimed}")
        # "Organic" only tells among what was looked for: eggs are no organic cookies.
        return find_such(work, claimed) or say("none-claimed", ask="choose-or-find")
    if not looked_for:
        return note_allergy(work)
    if avoided and not _is_to_avoid(work, avoided):
        return not_understood(work)
    key, what = ("wish-without", avoided) if avoided else ("wish-not", excluded)
    return _find_again(work, wish_in_words(work, key, looked_for, what or ""))


def note_allergy(work: Work) -> Answer:
    """ "I am allergic to nuts" goes for what was read, and for whatever is looked for until the conversation begins anew."""
    avoided = work.slot("avoided")
    if not avoided:
        return say(ask="find-what")
    if not _is_to_avoid(work, avoided):
        return not_understood(work)
    noted = dict.fromkeys((*work.state.avoided, kept(work, avoided)))
    work.state = replace(work.state, avoided=tuple(noted)[-_AVOIDED_MAX:])
    work.opening = (_avoiding(work),)
    if not (work.state.listed and work.state.words):
        return say(ask="find-what")
    return _find_again(work, work.state.words)


def _is_to_avoid(work: Work, avoided: str) -> bool:
    """Whether the search knows what to keep out by the words: nothing else may be promised to be left out."""
    wish = work.ports.catalogue.understand(wish_in_words(work, "wish-without", "", avoided), work.turn.locale)
    return bool(wish.allergens_excluded or wish.words_avoided)


def _find_again(work: Work, words: str) -> Answer:
    """Looks once more for what is now wished for, and for as many as before."""
    pending = _choosing(work)
    return find(work, Wish(words), words, quantity=pending.quantity, unit=pending.unit)


def _choosing(work: Work) -> Pending:
    """The question which of those just read; where it is another one, nothing is known of how many."""
    pending = work.state.pending
    return pending if pending and pending.kind == "choose" else Pending("choose")


def _say_what_is_avoided(work: Work) -> None:
    """Who does not know that it goes on holding would wonder why there is none."""
    if work.state.avoided and not work.opening:
        work.opening = (_avoiding(work),)


def _avoiding(work: Work) -> Phrase:
    return Phrase("avoiding", {"what": tuple(echo(work, each) for each in work.state.avoided)})


def wish_in_words(work: Work, key: str, words: str, what: str = "") -> str:
    """What is wished for as the search understands it: "pizza without mushrooms"."""
    return phrase(Phrase(key, {"words": words, "what": what}), best_locale(work.turn.locale)).strip()


def _noted(work: Work, wish: Wish) -> Wish:
    """The wish with what nobody may be given here."""
    for each in work.state.avoided:
        without = work.ports.catalogue.understand(wish_in_words(work, "wish-without", "", each), work.turn.locale)
        wish = replace(
            wish, allergens_excluded=(*wish.allergens_excluded, *without.allergens_excluded),
            words_avoided=(*wish.words_avoided, *without.words_avoided),
        )  # fmt: skip
    return wish


def find_such(work: Work, description: str) -> Answer | None:
    """Those that are like that among all that was looked for; None where nothing is said to be so, or nothing was looked for."""
    words = f"{work.state.words} {description}"
    sure = [each.product for each in search(work, Wish(words)).found if not each.weak] if work.state.listed else []
    if not any(
        is_described(description, each, work.turn.locale) or is_said_to_be(work, each, description) for each in sure
    ):
        return None
    return _find_again(work, words)


def search(work: Work, wish: Wish, bought: Sequence[Sku] | None = None) -> Findings:
    """What the catalogue has, what the household bought before first; `bought` where the caller has looked that up."""
    wish = _noted(work, wish)
    before = tuple(_bought(work)) if bought is None else tuple(bought)
    findings = work.ports.catalogue.find(wish, locale=work.turn.locale, limit=RESULTS_MAX, bought=before)
    return replace(findings, found=tuple(_on_sale(work, findings.found)))


def _on_sale(work: Work, found: Sequence[Found]) -> list[Found]:
    """What was found, in the place of what is sold out the first of its twins that is not."""
    with_twins = [each for each in found if each.twins]
    if not with_twins:
        return list(found)
    # The shelf is asked once: with what is found it is about to be asked for that anyway.
    listed = {product.sku: live for product, live in work.shelf_of([each.product for each in found])}
    gone = [each for each in with_twins if each.product.sku not in listed or listed[each.product.sku].available <= 0]
    twins = [twin.product for each in gone for twin in each.twins]
    there = {product.sku for product, live in work.shelf_of(twins) if live.available > 0}
    instead = {each: next((twin for twin in each.twins if twin.product.sku in there), each) for each in gone}
    return [instead.get(each, each) for each in found]


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
    unit: str = "",
    more: bool = False,
    had: datetime | None = None,
    read_max: int = READ_MAX,
    untold: Mapping[Sku, str] = _TOLD,
    earlier: Sequence[Sku] = (),
) -> Answer:
    """Reads up to three with size and price, and asks which; a single one is offered at once.

    `had` is when the household last ordered the first of them. `untold` is as of `_untold`. `earlier` is what "go back" reads.
    """
    now, rest = buyable[:read_max], buyable[read_max:]
    work.state = replace(
        work.state,
        listed=tuple(product.sku for product, _ in now),
        rest=tuple(product.sku for product, _ in rest),
        earlier=tuple(earlier),
    )
    items = priced_products(now)
    shown = Shown(
        "products", Phrase("card-products"), (), tuple(product_item(product, live.price) for product, live in now)
    )
    values = dict(zip(("first", "second", "third"), items, strict=False))
    if len(now) == 1:
        product = now[0][0]
        packs = packs_of(product, quantity or 1, work.state.words, work.turn.locale, named=named, unit=unit)
        work.state = replace(work.state.asking("offer", product.sku, packs.count), focus=product.sku)
        key, ask = "found-one-weak" if weak else "found-one", offer_packs(packs)
        warned = _warned(now, untold)
        values |= _with_month(work, key, values, (*warned, ask), had)
        return say(
            Phrase(key, values | {"words": _room_for(work, key, values, (*warned, ask))}), *warned,
            ask=ask, expects=Expect.YES_OR_NO, shown=shown, suggestions=("suggest-yes", "suggest-no"),
        )  # fmt: skip
    work.state = replace(work.state.asking("choose", quantity=quantity, named=named, unit=unit), focus=Sku(""))
    key = {2: "found-two", 3: "found-three"}[len(now)] + ("-weak" if weak else "-more" if more else "")
    ask = Phrase("which-or-more" if rest else "which-one")
    warned = _warned(now, untold)
    if _words_of(work, key, values, (*warned, ask)) > ANSWER_WORDS_MAX:
        values |= dict(zip(values, priced_products(now, BRIEF_NAME_WORDS_MAX), strict=True))
    long = (warned or work.opening) and _words_of(work, key, values, (*warned, ask)) > ANSWER_WORDS_MAX
    if long and len(now) > 1:
        return read_out(
            work, buyable, weak=weak, quantity=quantity, named=named, unit=unit, more=more, had=had, read_max=len(now) - 1,
            untold=untold, earlier=earlier,
        )  # fmt: skip
    values |= _with_month(work, key, values, (*warned, ask), had)
    return say(
        Phrase(key, values | {"words": _room_for(work, key, values, (*warned, ask))}),
        *warned,
        ask=ask,
        shown=shown,
        suggestions=("suggest-first", "suggest-more") if rest else ("suggest-first",),
    )


def _untold(findings: Findings) -> dict[Sku, str]:
    """Of which products nobody knows whether they have what is to be avoided: `allergens`, or other `contents`."""
    allergens = frozenset(findings.understood.allergens_excluded)
    return {
        each.product.sku: "contents" if allergens.isdisjoint(each.untold) else "allergens"
        for each in findings.found if each.untold
    }  # fmt: skip


def _warned(read: Sequence[tuple[Product, LiveItem]], untold: Mapping[Sku, str]) -> tuple[Phrase, ...]:
    """That nobody knows of them whether they have what must be avoided: silence would be taken for "none"."""
    unknown = [untold[product.sku] for product, _ in read if product.sku in untold]
    if not unknown:
        return ()
    of_all, of_some = _UNKNOWN["allergens" if "allergens" in unknown else "contents"]
    return (Phrase(of_all if len(unknown) == len(read) else of_some),)


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
    return _length(work, *work.opening, Phrase(key, {**values, "words": ""}), *further)


def _length(work: Work, *phrases: Phrase) -> int:
    """How many words the phrases are when they are spoken."""
    return sum(len(phrase(each, best_locale(work.turn.locale)).split()) for each in phrases)


def more_results(work: Work) -> Answer:
    if not work.state.rest:
        if not work.state.listed:
            return say(ask="find-what")
        return say("no-more-results", ask="choose-or-find")
    on_shelf = [each for each in work.shelf(work.state.rest) if each[1].available > 0]
    if not on_shelf:
        work.state = replace(work.state, rest=())
        return say("no-more-results", ask="choose-or-find")
    return _page(work, on_shelf, (*work.state.earlier, *work.state.listed), more=True)


def previous_results(work: Work) -> Answer:
    """ "Go back": what was read before "more"; the last answer again where nothing was."""
    state = work.state
    before = [each for each in work.shelf(state.earlier[-READ_MAX:]) if each[1].available > 0]
    if not (before and state.listed):
        return repeat(work)
    after = [each for each in work.shelf((*state.listed, *state.rest)) if each[1].available > 0]
    return _page(work, [*before, *after], state.earlier[:-READ_MAX], read_max=len(before))


def _page(
    work: Work,
    on_shelf: Sequence[tuple[Product, LiveItem]],
    earlier: Sequence[Sku],
    *,
    more: bool = False,
    read_max: int = READ_MAX,
) -> Answer:
    """Reads on in what was found; a question how many of it goes on."""
    choosing, words = _choosing(work), work.state.words
    wish = _noted(work, work.ports.catalogue.understand(words, work.turn.locale)) if words else Wish("")
    untold = _untold(search(work, Wish(words))) if wish.allergens_excluded or wish.words_avoided else _TOLD
    return read_out(
        work, on_shelf, quantity=choosing.quantity, named=choosing.named, unit=choosing.unit, more=more, untold=untold,
        read_max=read_max, earlier=earlier,
    )  # fmt: skip


def find_cheaper(work: Work) -> Answer:
    known = _spoken_of(work)
    if not known or not work.state.words:
        return say(ask="find-what")
    cheapest = min(live.price for _, live in known)
    below = Money(max(cheapest.amount - 1, 0), cheapest.currency)
    wish = Wish(
        work.state.words, price_max=below, sort="price", skus_excluded=tuple(product.sku for product, _ in known)
    )
    findings = search(work, wish)
    buyable = _buyable(work, findings, wish, known)
    return _read_similar(work, wish, findings, buyable) if buyable else say("nothing-cheaper", ask="choose-or-find")


def find_other_brand(work: Work) -> Answer:
    """Of none of the brands that were just read, or left before.

    Where there are no brands, something else than what was just read. "Something cheaper" goes on holding.
    """
    known = _spoken_of(work)
    if not known or not work.state.words:
        return say(ask="find-what")
    below = Money(work.state.price_max, known[0][1].price.currency) if work.state.price_max else None
    none = Phrase("no-other-brand-below", {"price": below}) if below else Phrase("no-other-brand")
    return _find_other(work, lambda product: product.brand, known, known, below) or say(none, ask="choose-or-find")


def find_other_color(work: Work) -> Answer:
    """In none of the colors that were just read, or left before; where the shop has none, in another than the first of them."""
    known = _spoken_of(work)
    if not known or not work.state.words:
        return say(ask="find-what")
    if any(_color(product) for product, _ in known):
        for read in (known, known[:1]):
            other = _find_other(work, _color, known, read, None, "")
            if other:
                return other
    return say("no-other-color", ask="choose-or-find")


def _color(product: Product) -> str:
    return next((text for name, text in product.attributes if name == VARIANT_ATTRIBUTES[0]), "")


def _find_other(
    work: Work,
    trait: Callable[[Product], str],
    known: Sequence[Shelf],
    read: Sequence[Shelf],
    below: Money | None,
    *never: str,
) -> Answer | None:
    """What differs by its brand or its color from what was `read`, of the kind of what is `known`; None where nothing does.

    `never` are traits that are no answer.
    """
    left = (*work.state.brands_left, *(trait(product) for product, _ in read if trait(product)))
    away = tuple(dict.fromkeys(left))[-_BRANDS_LEFT_MAX:]
    wish = Wish(work.state.words, price_max=below, skus_excluded=tuple(product.sku for product, _ in read))
    findings = search(work, wish)
    buyable = _buyable(work, findings, wish, known, trait, (*away, *never))
    if not buyable:
        return None
    work.state = replace(work.state, brands_left=away)
    return _read_similar(work, wish, findings, buyable)


def _spoken_of(work: Work) -> list[tuple[Product, LiveItem]]:
    return work.shelf((work.state.focus,) if work.state.focus else work.state.listed)


def _buyable(
    work: Work,
    findings: Findings,
    wish: Wish,
    known: Sequence[Shelf],
    trait: Callable[[Product], str] = lambda product: "",
    without: Sequence[str] = (),
) -> list[Shelf]:
    """What was found, or what sounds the same, of none of those brands or colors, of the kind of what is known, and can be bought.

    A milk chocolate bar is no cheaper milk: it is neither called that nor among milk.
    """
    among = {product.category for product, _ in known if product.category}
    called = any(is_kind(work.state.words, product, work.turn.locale) for product, _ in known)
    found = [
        other for each in findings.found
        if (other := next((one for one in (each, *each.twins) if trait(one.product) not in without), None))
    ]  # fmt: skip
    return [
        (product, live)
        for product, live in work.shelf_of([each.product for each in found])
        if live.available > 0
        and product.sku not in wish.skus_excluded
        and not (wish.price_max and wish.price_max < live.price)
        and (not called or product.category in among or is_kind(work.state.words, product, work.turn.locale))
    ]


def _read_similar(work: Work, wish: Wish, findings: Findings, buyable: list[tuple[Product, LiveItem]]) -> Answer:
    weak, buyable = _of_the_surety_of_the_first(findings, buyable)
    work.state = replace(work.state, price_max=wish.price_max.amount if wish.price_max else 0)
    return read_out(work, buyable, weak=weak, untold=_untold(findings))


def describe_item(work: Work) -> Answer:
    picked, asked = chosen(work), work.slot("asked")
    if picked is None and asked and work.state.listed:
        return _which_are(work, asked)
    if picked is None:
        words = work.slot("product")
        found = [each.product for each in search(work, Wish(words)).found[:1]] if words else []
        known = work.shelf_of(found)
        if not known:
            return ask_which(work, "describe")
        picked = known[0]
    product, live = picked
    sold_out = live.available <= 0
    about, packs = _about(product, live), _packs_in_question(work, product)
    if asked:
        about.insert(0, Phrase("claimed" if is_said_to_be(work, product, asked) else "not-claimed"))
    # What is in the cart is not offered again, unless it was just found again.
    has_it = bool(work.cart.quantity_of(product.sku)) and not _asks_to_add(work)
    ask = Phrase("anything-else" if has_it else "find-else") if has_it or sold_out else offer_packs(packs)
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
    work.state = work.state.asking("offer", product.sku, packs.count)
    return say(*about, ask=ask, expects=Expect.YES_OR_NO, shown=shown, suggestions=("suggest-yes", "suggest-no"))


def _which_are(work: Work, asked: str) -> Answer:
    """Reads those of the products just read that are said to be so: "which ones are gluten free"."""
    pending = work.state.pending or Pending("choose")
    fitting = [each for each in work.shelf(work.state.listed) if is_said_to_be(work, each[0], asked)]
    buyable = [each for each in fitting if each[1].available > 0]
    if not buyable:
        return say("none-claimed", ask="choose-or-find")
    return read_out(work, buyable, quantity=pending.quantity, named=pending.named, unit=pending.unit)


def _packs_in_question(work: Work, product: Product) -> Packs:
    """How many of the product the question that is open would add."""
    pending = work.state.pending
    if pending and pending.kind == "choose":
        asked, locale = pending.quantity or 1, work.turn.locale
        return packs_of(product, asked, work.state.words, locale, named=pending.named, unit=pending.unit)
    return Packs(pending.quantity if pending and pending.kind == "offer" and pending.sku == product.sku else 1)


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
    said = kept(work, words).split()
    if len(said) > words_max:
        # Of a long-winded wish what was understood is said back, and not how it began.
        understood = kept(work, work.ports.catalogue.understand(words, work.turn.locale).words).split()
        said = understood or said
    said = said[:words_max]
    while len(said) > 1 and len(" ".join(said)) > _ECHO_LENGTH_MAX:
        said.pop()
    return " ".join(said)[:_ECHO_LENGTH_MAX]


def offer(quantity: int) -> Phrase:
    return Phrase("offer", {"quantity": quantity or 1})


def offer_packs(packs: Packs) -> Phrase:
    """Asks whether to add so many; where they hold other pieces than were asked for, how many those are."""
    if not packs.pieces:
        return offer(packs.count)
    return Phrase("offer-packs", {"quantity": packs.count, "pieces": packs.pieces})


def _nothing_found(work: Work, findings: Findings) -> Answer:
    _say_what_is_avoided(work)
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
    words = echo(work, work.state.words)
    if findings.understood.attributes_required:
        return say(Phrase("found-none-stated", {"words": words}), ask="find-else")
    if findings.nearest_category and heard_stems(words, work.turn.locale) == heard_stems(
        findings.nearest_category, work.turn.locale
    ):
        # What keeps all of it out was too long to be said back: "nothing for cookies, but we have cookies" is no answer.
        return say("found-none-so", ask="find-otherwise")
    if findings.nearest_category:
        values = {"words": words, "category": plain(findings.nearest_category)}
        return say(Phrase("found-category", values), ask="find-else")
    return say(Phrase("found-nothing", {"words": words}), ask="find-otherwise")


def _description(product: Product) -> tuple[Phrase, ...]:
    return (Phrase("text", {"text": _cut(product.description, 80)}),) if product.description else ()


def _cut(text: str, words_max: int) -> str:
    words = plain(text).split()
    return " ".join(words[:words_max]).rstrip(".,;: ")
