"""What "it", "the second one" and "the bigger one" mean: always something that was just read out."""

from __future__ import annotations

from skill.dialogue.naming import matching
from skill.dialogue.work import Work
from skill.ports import LiveItem
from skill.shop.catalogue import Product, Sku
from skill.shop.sizes import size_in_base_units
from skill.speech.answer import Answer, say
from skill.speech.render import heard_words

Shelf = tuple[Product, LiveItem]


def chosen(work: Work) -> Shelf | None:
    """The product that the turn's slots point at among those just read, or the one in focus where they point at none."""
    ordinal, description, name = work.ordinal(), work.slot("item_description"), work.slot("product")
    if work.slot("ordinal") or (work.slot("number") and not name):
        return _by_position(work, ordinal if ordinal is not None else work.number("number"))
    if description:
        return _by_description(work, description)
    if name:
        read = work.shelf((*work.state.listed, *((work.state.focus,) if work.state.focus else ())))
        fitting = matching(name, [product for product, _ in read], work.turn.locale)
        return next(((product, live) for product, live in read if fitting and product.sku == fitting[0].sku), None)
    focus = work.state.focus or (work.state.listed[0] if len(work.state.listed) == 1 else Sku(""))
    return next(iter(work.shelf((focus,))), None) if focus else None


def name_unknown(work: Work) -> Answer:
    """What to say when nothing that was read fits: which ones there are, or that something must be found first."""
    return say("which-is-that", ask="which-one") if work.state.listed else say(ask="find-what")


def _by_position(work: Work, ordinal: int | None) -> Shelf | None:
    listed = work.state.listed
    if ordinal is None or not listed or not (1 <= ordinal <= len(listed) or ordinal == -1):
        return None
    return next(iter(work.shelf((listed[ordinal - 1 if ordinal > 0 else -1],))), None)


def _by_description(work: Work, description: str) -> Shelf | None:
    read = work.shelf(work.state.listed)
    if not read:
        return None
    known = heard_words("descriptions", work.turn.locale)
    folded = description.casefold().strip()
    wanted = known.get(folded) or next((known[word] for word in folded.split() if word in known), None)
    match wanted:
        case "cheap":
            return min(read, key=lambda each: each[1].price.amount)
        case "dear":
            return max(read, key=lambda each: each[1].price.amount)
        case "best":
            return max(read, key=lambda each: each[0].rating_tenths or 0)
        case "big" | "small":
            units = heard_words("sizes", work.turn.locale)
            sized = [(size, each) for each in read if (size := size_in_base_units(each[0].size, units)) is not None]
            if not sized:
                return None
            pick = max if wanted == "big" else min
            return pick(sized, key=lambda pair: pair[0])[1]
    fitting = matching(description, [product for product, _ in read], work.turn.locale)
    if len(fitting) != 1:
        return None
    return next(each for each in read if each[0].sku == fitting[0].sku)
