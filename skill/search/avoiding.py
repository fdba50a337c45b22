"""What shoppers must avoid, and how a product shows that it has it: "without nuts" is a promise that is kept or not made.

Everything is compared word by word without endings, so that "Hazel nuts" in a list, "nut" in a table and "nuts" as it is said meet,
with or without accents. The words are data (`free_from` in `languages/<code>.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skill.search.words import Words
from skill.shop.catalogue import Product

#: A word or several, as stems.
Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing to avoid. `lists` are its names and its kinds' in lists of allergens, `wider` names that may mean it among others
    and `others` the kinds of those that are not it ("hazel nut" of almonds); `titles` are foods that have it, which tell of it in a
    list, and in a title where no list tells anything; `but_not` is what only sounds like it ("coconut milk"). `claims` say that a
    product is free of it; where `met_by_claim`, they win over the list ("lactose free milk"). It is `known` where the table has
    it."""

    lists: frozenset[Stems]
    wider: frozenset[Stems]
    others: frozenset[Stems]
    titles: frozenset[Stems]
    but_not: tuple[Stems, ...]
    claims: tuple[Stems, ...]
    met_by_claim: bool
    known: bool


class Avoided:
    """The things to avoid in one language. Any other word can be avoided too: then it is looked for by itself."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._claims: Sequence[str] = words.rules.get("claims", ())
        data: Mapping[str, Mapping[str, Any]] = words.rules.get("free_from", {})
        self._data = {self._stems(name): (name, dict(about)) for name, about in data.items()}
        kinds = {self._stems(kind): kind for about in data.values() for kind in about.get("lists", ())}
        #: What can be said: the things by name, and their kinds ("almonds" of "nuts").
        self._said = {stems: name for stems, (name, _) in self._data.items()} | {
            stems: kind for stems, kind in kinds.items() if stems not in self._data
        }
        self._first = frozenset(stems[0] for stems in self._said if stems)
        self._things: dict[Stems, _Thing] = {}
        self._entries: dict[str, str] = {}

    def _stems(self, text: str) -> Stems:
        return tuple(map(self._words.stem, self._words.tokens(text)))

    def known(self, said: Sequence[str]) -> bool:
        """Whether the tokens name something that the language's table has."""
        return tuple(map(self._words.stem, said)) in self._said

    def begins(self, token: str) -> bool:
        """Whether the name of anything that the table has begins with the token."""
        return self._words.stem(token) in self._first

    def claim_of(self, said: Sequence[str]) -> str:
        """What the words claim something to be free of ("gluten free" → gluten); empty where they are no such claim."""
        for claim in self._claims:
            before, _, after = (part.split() for part in claim.partition("{thing}"))
            end = len(said) - len(after)
            if len(before) < end and list(said[: len(before)]) == before and list(said[end:]) == after:
                return " ".join(said[len(before) : end])
        return ""

    def claimed_by(self, thing: str, product: Product) -> bool:
        """Whether the product itself says that it is free of the thing, in its title, attributes or description."""
        return self._claimed(self._thing(thing), self._texts(product))

    def is_in(self, thing: str, product: Product) -> bool:
        """Whether the product has the thing, or must be taken to: its list names it, or its title does and claims nothing.

        The list is the safer source: what it names counts, whatever the title claims.
        """
        about = self._thing(thing)
        claimed = self._claimed(about, self._texts(product))
        if claimed and about.met_by_claim:
            return False
        if any(self._lists(about, self._stems(listed)) for listed in product.allergens):
            return True
        if claimed:
            return False
        title = _without(self._stems(f"{product.brand} {product.title}"), about.but_not)
        names = about.lists | about.wider | (frozenset() if self._is_listed(product) else about.titles)
        return any(_has(title, name) for name in names)

    def _lists(self, about: _Thing, entry: Stems) -> bool:
        """Whether an entry of a list of allergens names the thing or a food that has it, and does not claim the contrary
        ("gluten free"). "Cereals containing gluten" may be wheat, "hazel nuts" are no almonds."""
        words = set(_without(entry, about.but_not))
        named = any(
            words.issuperset(name) and not self._denied(name, entry) for name in about.lists | about.titles
        ) or (
            any(words.issuperset(name) for name in about.wider)
            and not any(words.issuperset(name) for name in about.others)
        )
        return named and not self._claimed(about, [entry])

    def _denied(self, name: Stems, entry: Stems) -> bool:
        """Whether the entry says of that very name that it is not there."""
        return any(_has(entry, self._stems(claim.replace("{thing}", " ".join(name)))) for claim in self._claims)

    def entry(self, listed: str) -> str:
        """What an entry of a list of allergens does: it `lists` something that the table knows, `claims` that something is not
        there, or, empty, neither: "see label" tells nothing."""
        known = self._entries.get(listed)
        if known is None:
            stems = self._stems(listed)
            if any(self._lists(self._thing(name), stems) for name, _ in self._data.values()):
                known = "lists"
            else:
                known = "claims" if any(self._denied(name, stems) for name in self._said) else ""
            if len(self._entries) > 1000:  # a feed may write anything
                self._entries.clear()
            self._entries[listed] = known
        return known

    def is_told(self, thing: str, product: Product) -> bool:
        """Whether the product tells of the thing: by a list that names anything that the table knows, or by a claim of its own.

        With neither nobody knows; and what claims to be free of gluten tells nothing of milk.
        """
        return self._is_listed(product) or self.claimed_by(thing, product)

    def _is_listed(self, product: Product) -> bool:
        """Whether the product has a list that names anything that the table knows."""
        return any(self.entry(listed) == "lists" for listed in product.allergens)

    def _claimed(self, about: _Thing, texts: Iterable[Stems]) -> bool:
        has = _has if about.known else has_begun
        return any(has(text, claim) for text in texts for claim in about.claims)

    def _texts(self, product: Product) -> list[Stems]:
        return [
            self._stems(text)
            for text in (
                product.title, product.description, *(text for _, text in product.attributes), *product.allergens
            )
        ]  # fmt: skip

    def _thing(self, said: str) -> _Thing:
        stems = self._stems(said)
        thing = self._things.get(stems)
        if thing is None:
            if len(self._things) > 1000:  # words that anybody may say
                self._things.clear()
            thing = self._things[stems] = self._make(stems, said)
        return thing

    def _make(self, stems: Stems, said: str) -> _Thing:
        name, about = self._data.get(stems, (said, {}))
        lists = {self._stems(kind) for kind in about.get("lists", ())} | {stems}
        wider = {
            each for each, (_, other) in self._data.items()
            if each not in lists and any(stems == self._stems(kind) for kind in other.get("lists", ()))
        }  # fmt: skip
        groups = [self._data[each][1] for each in sorted(wider)]
        others = {self._stems(kind) for group in groups for kind in group.get("lists", ())}
        but_not = {*about.get("but_not", ()), *(text for group in groups for text in group.get("but_not", ()))}
        # "Nut free" tells of almonds, too.
        names = dict.fromkeys((said, name, *(self._data[each][0] for each in sorted(wider))))
        claims = [claim.replace("{thing}", spelt) for claim in self._claims for spelt in names]
        return _Thing(
            lists=frozenset(lists),
            wider=frozenset(wider),
            others=frozenset(others - wider - lists),
            titles=frozenset(map(self._stems, about.get("titles", ()))),
            but_not=tuple(sorted(sorted(map(self._stems, but_not)), key=len, reverse=True)),
            claims=tuple(dict.fromkeys(map(self._stems, (*claims, *about.get("claims", ()))))),
            met_by_claim=bool(about.get("met_by_claim")),
            known=stems in self._said,
        )


def _has(text: Stems, part: Stems) -> bool:
    """Whether the words of `part` stand side by side in the text."""
    length = len(part)
    return any(text[at : at + length] == part for at in range(len(text) - length + 1)) if length else False


def has_begun(text: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the words of `part` stand side by side in the text, longer ones as beginnings ("alcoholic" of "alcohol")."""
    length = len(part)
    return length > 0 and any(
        all(t == p or (len(p) > 3 and t.startswith(p)) for t, p in zip(text[at : at + length], part, strict=True))
        for at in range(len(text) - length + 1)
    )


def _without(text: Stems, parts: Iterable[Stems]) -> Stems:
    """The text without those word sequences; what stood on either side of one does not become neighbours."""
    for part in parts:
        at = 0
        while at <= len(text) - len(part):
            if part and text[at : at + len(part)] == part:
                text = (*text[:at], "", *text[at + len(part) :])
            at += 1
    return text
