"""What "it", "the second one" and "the bigger one" mean: always something that was just read out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from skill.dialogue.amounts import is_of_size, size_in_words, size_of
from skill.dialogue.naming import in_title, is_kind, matching, priced_products
from skill.dialogue.state import READ_MAX, RESULTS_MAX, Pending
from skill.dialogue.work import Work
from skill.ports import LiveItem
from skill.shop.catalogue import Product, Sku
from skill.shop.sizes import are_comparable
from skill.speech.answer import Answer, Phrase, say
from skill.speech.heard import heard_numbers, heard_stems
from skill.speech.render import heard_words
from skill.turn import Expect

Shelf = tuple[Product, LiveItem]

_Read = TypeVar("_Read")


def chosen(work: Work) -> Shelf | None:
    """The one product that the turn's slots point at among those just read, or the one in focus where they point at none."""
    meant = pointed_at(work)
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
    meant = pointed_at(work)
    read = (meant if len(meant) > 1 else work.shelf(work.state.listed))[:READ_MAX]
    if not read:
        return say(ask="find-what")
    items = priced_products(read)
    if len(items) == 1:
        only = read[0][0].sku
        work.state = replace(work.state.asking("offer", only, 1), focus=only)
        return say(Phrase("chosen", {"item": items[0]}), ask=Phrase("offer", {"quantity": 1}), expects=Expect.YES_OR_NO)
    pending = work.state.pending
    choosing = pending if pending and pending.kind == "choose" else Pending(asking)
    listed = tuple(product.sku for product, _ in read)
    left = tuple(sku for sku in work.state.listed if sku not in listed)
    work.state = replace(
        work.state.asking(asking, quantity=choosing.quantity, named=choosing.named, unit=choosing.unit),
        listed=listed,
        rest=(*left, *work.state.rest),
    )
    return say(ask=which_of(items))


def which_of(items: Sequence[Phrase]) -> Phrase:
    """Asks which of two or three is meant."""
    key = {2: "which-of-two", 3: "which-of-three"}[len(items)]
    return Phrase(key, dict(zip(("first", "second", "third"), items, strict=False)))


def at_places(places: Sequence[int], read: Sequence[_Read]) -> list[_Read]:
    """What was read at those places, -1 being the last; all of it for 0 alone, none of it where a place is not there."""
    if tuple(places) == (0,):
        return list(read)
    found = [place for place in places if 1 <= place <= len(read) or (place == -1 and read)]
    return [read[place - 1 if place > 0 else -1] for place in found] if len(found) == len(places) else []


def pointed_at(work: Work) -> list[Shelf]:
    """Those among what was just read that the turn's slots point at, the one in focus where they point at none."""
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
    return work.shelf(at_places((ordinal,), work.state.places)) if ordinal else []


def _by_description(work: Work, description: str) -> list[Shelf]:
    """ "The bigger one", "the half gallon", "the vegetarian one", "the one for three dollars", "the large brown ones"."""
    read, locale = work.shelf(work.state.places), work.turn.locale
    if not read:
        return []
    folded = description.casefold().replace("_", " ").strip()
    wanted, others = _take_comparison(folded.split(), locale)
    if wanted and not others:
        return _extreme(read, wanted, locale)
    if size_in_words(folded, locale) is not None:
        return of_size(work, folded)
    # Half of what was said is not enough: "sugar free" is not "gluten free".
    wish = work.ports.catalogue.understand(folded, locale)
    described = [
        each for each in read
        if is_described(folded, each[0], locale) or (wish.attributes_required and is_said_to_be(work, each[0], folded))
    ]  # fmt: skip
    if described:
        return described
    if wish.price_min is not None or wish.price_max is not None:
        return [
            each
            for each in read
            if (wish.price_min is None or wish.price_min <= each[1].price)
            and (wish.price_max is None or each[1].price <= wish.price_max)
            and is_described(wish.words, each[0], locale)
        ]
    numbered = [each for each in read if (each[0].size, "") == (heard_numbers(folded, locale) or [("", "")])[-1]]
    if numbered:
        return numbered  # "size ten" of shoes, whose size says no more than that
    # A brand may be called "Little Lantern": a word compares only where the others say among which.
    left = [each for each in read if others and is_described(" ".join(others), each[0], locale)]
    return _extreme(left, wanted, locale) if wanted else []


def _take_comparison(words: list[str], locale: str) -> tuple[str, list[str]]:
    """What the longest of the words that compare means ("big", "cheap"), and the words beside it."""
    known = heard_words("descriptions", locale)
    for length in range(len(words), 0, -1):
        for at in range(len(words) - length + 1):
            meaning = known.get(" ".join(words[at : at + length]))
            if meaning:
                return meaning, words[:at] + words[at + length :]
    return "", words


def _extreme(read: list[Shelf], wanted: str, locale: str) -> list[Shelf]:
    if len(read) < 2:
        return read
    match wanted:
        case "cheap":
            return _most(read, [-live.price.amount for _, live in read])
        case "dear":
            return _most(read, [live.price.amount for _, live in read])
        case "best":
            return _most(read, [product.rating_tenths or 0 for product, _ in read])
        case _:
            return _by_size(read, 1 if wanted == "big" else -1, locale)


def _most(read: list[Shelf], figures: Sequence[Fraction | int]) -> list[Shelf]:
    """Those of the highest figure: several that are equal are to be asked about."""
    return [each for each, figure in zip(read, figures, strict=True) if figure == max(figures)]


def is_described(words: str, product: Product, locale: str) -> bool:
    """Whether the words are what the product is said to be: an attribute or a category as a whole, the rest in its title.

    A phrase of an attribute counts only where all of it was said together: "sugar free" is nothing of gluten free sugar.
    """
    said = [heard_stems(word, locale) for word in words.split()]
    texts = [*product.category, *(part for _, text in product.attributes for part in re.split(r"[,;/]", text))]
    for phrase in sorted((heard_stems(text, locale) for text in texts), key=len, reverse=True):
        for at in range(len(said) - len(phrase) + 1):
            if phrase and phrase == frozenset().union(*said[at : at + len(phrase)]):
                del said[at : at + len(phrase)]
                break
    own = heard_stems(f"{product.brand} {product.title} {product.size}", locale)
    return frozenset().union(*said) <= own


def is_said_to_be(work: Work, product: Product, asked: str) -> bool:
    """Whether the feed says so itself, and nothing that it lists speaks against it; that it lists nothing is no yes.

    What is vegan is vegetarian, as the catalogue knows.
    """
    locale = work.turn.locale
    wish = work.ports.catalogue.understand(asked, locale)
    if not (wish.attributes_required or is_described(asked, product, locale)):
        return False
    found = work.ports.catalogue.find(replace(wish, words=product.title), locale=locale, limit=RESULTS_MAX).found
    return any(one.product.sku == product.sku for each in found for one in (each, *each.twins))


def _by_size(read: list[Shelf], sign: int, locale: str) -> list[Shelf]:
    """The biggest, or with -1 the smallest; none where two litres would have to be compared with twelve cans."""
    sizes = [size_of(product, locale) for product, _ in read]
    known = [size for size in sizes if size is not None]
    if len(known) < len(read) or not are_comparable(known):
        return []
    return _most(read, [sign * size.total for size in known])


def _fitting(work: Work, words: str, read: list[Shelf]) -> list[Shelf]:
    fitting = {product.sku for product in matching(words, [product for product, _ in read], work.turn.locale)}
    return [each for each in read if each[0].sku in fitting]
