"""What "it", "the second one" and "the bigger one" mean: always something that was just read out."""

from __future__ import annotations

from dataclasses import replace

from skill.dialogue.amounts import is_of_size, size_in_words
from skill.dialogue.naming import in_title, is_kind, matching, priced_products
from skill.dialogue.state import READ_MAX
from skill.dialogue.work import Work
from skill.ports import LiveItem
from skill.shop.catalogue import Product, Sku
from skill.shop.sizes import size_in_base_units
from skill.speech.answer import Answer, Phrase, say
from skill.speech.render import heard_words
from skill.turn import Expect

Shelf = tuple[Product, LiveItem]


def chosen(work: Work) -> Shelf | None:
    """The one product that the turn's slots point at among those just read, or the one in focus where they point at none."""
    meant = _meant(work)
    return meant[0] if len(meant) == 1 else None


def of_size(work: Work, words: str) -> list[Shelf]:
    """Those just read that have the size which the words name, and name nothing else: "half gallon"."""
    size = size_in_words(words, work.turn.locale)
    if size is None:
        return []
    return [each for each in work.shelf(work.state.listed) if is_of_size(each[0], size, work.turn.locale)]


def told_apart(work: Work, words: str) -> list[Shelf]:
    """The one just read that the words tell from the others by what it is like: "chocolate", of three ice creams.

    Words for what a thing is ask for such things, and it must be what was looked for: of bananas and a baby food of apple and
    banana, neither "baby food" nor "apples" is the latter.
    """
    locale = work.turn.locale
    fitting = [each[0] for each in work.shelf(work.state.listed) if in_title(words, each[0], locale)]
    if len(fitting) != 1 or is_kind(words, fitting[0], locale) or not is_kind(work.state.words, fitting[0], locale):
        return []
    return work.shelf((fitting[0].sku,))


def ask_which(work: Work, asking: str = "choose") -> Answer:
    """Asks which one is meant: of those that fit alike, else of all that were read, each named again with its price."""
    meant = _meant(work)
    read = (meant if len(meant) > 1 else work.shelf(work.state.listed))[:READ_MAX]
    if not read:
        return say(ask="find-what")
    items = priced_products(read)
    if len(items) == 1:
        only = read[0][0].sku
        work.state = replace(work.state.asking("offer", only, 1), focus=only)
        return say(Phrase("chosen", {"item": items[0]}), ask=Phrase("offer", {"quantity": 1}), expects=Expect.YES_OR_NO)
    pending = work.state.pending
    quantity, named = (pending.quantity, pending.named) if pending and pending.kind == "choose" else (0, False)
    listed = tuple(product.sku for product, _ in read)
    left = tuple(sku for sku in work.state.listed if sku not in listed)
    work.state = replace(
        work.state.asking(asking, quantity=quantity, named=named), listed=listed, rest=(*left, *work.state.rest)
    )
    key = {2: "which-of-two", 3: "which-of-three"}[len(items)]
    return say(ask=Phrase(key, dict(zip(("first", "second", "third"), items, strict=False))))


def _meant(work: Work) -> list[Shelf]:
    ordinal, description, name = work.ordinal(), work.slot("item_description"), work.slot("product")
    if work.slot("ordinal") or (work.slot("number") and not name):
        return _by_position(work, ordinal if ordinal is not None else work.number("number"))
    if description:
        return _by_description(work, description)
    if name:
        read = work.shelf(dict.fromkeys((*work.state.listed, *((work.state.focus,) if work.state.focus else ()))))
        return _fitting(work, name, read)
    focus = work.state.focus or (work.state.listed[0] if len(work.state.listed) == 1 else Sku(""))
    return work.shelf((focus,)) if focus else []


def _by_position(work: Work, ordinal: int | None) -> list[Shelf]:
    listed = work.state.places
    if ordinal is None or not listed or not (1 <= ordinal <= len(listed) or ordinal == -1):
        return []
    return work.shelf((listed[ordinal - 1 if ordinal > 0 else -1],))


def _by_description(work: Work, description: str) -> list[Shelf]:
    read = work.shelf(work.state.places)
    if not read:
        return []
    known = heard_words("descriptions", work.turn.locale)
    folded = description.casefold().replace("_", " ").strip()
    wanted = known.get(folded) or next((known[word] for word in folded.split() if word in known), None)
    match wanted:
        case "cheap":
            return [min(read, key=lambda each: each[1].price.amount)]
        case "dear":
            return [max(read, key=lambda each: each[1].price.amount)]
        case "best":
            return [max(read, key=lambda each: each[0].rating_tenths or 0)]
        case "big" | "small":
            units = heard_words("sizes", work.turn.locale)
            sized = [(size, each) for each in read if (size := size_in_base_units(each[0].size, units)) is not None]
            if not sized:
                return []
            pick = max if wanted == "big" else min
            return [pick(sized, key=lambda pair: pair[0])[1]]
    if size_in_words(folded, work.turn.locale) is not None:
        return of_size(work, folded)
    # Half of what was said is not enough: "sugar free" is not "gluten free".
    return [each for each in read if in_title(folded, each[0], work.turn.locale)]


def _fitting(work: Work, words: str, read: list[Shelf]) -> list[Shelf]:
    fitting = {product.sku for product in matching(words, [product for product, _ in read], work.turn.locale)}
    return [each for each in read if each[0].sku in fitting]
