"""Sentences made from the templates: for the platforms' models, for checking the templates, and to look at."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from hassil import Alternative, Expression, Group, ListReference, Permutation, RuleReference, TextChunk
from hassil.intents import IntentData
from hassil.numbers import get_rbnf_engine

from interaction_models.language import Language, flatten_words
from interaction_models.sources import SourceInvalid, load_intents, load_slot_types, read_names

VARIANTS_MAX = 2000  # of one template; a template with more says too many things at once

# Lists of a sentences file that hold numbers, and numbers to show them with.
_NUMBERS = {
    "quantity": (2, 3, 5, 12, 4, 6, 10),
    "amount": (20, 50, 35, 15, 100),
    "number": (3, 7, 25, 2, 11, 40),
    "confirmation_number": (47, 82, 105, 13, 96, 31, 60, 24, 7, 58, 75),
}
_PLACES = (1, 2, 3, 4, 5)
_CODES = ("4271", "0836", "9150", "5728", "3094")


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot in a sample: the list that its words come from, and the slot that they fill."""

    words: str
    slot: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence of a template with its slots open. `spoken` is false where platforms' models leave it out."""

    intent: str
    template: str
    pieces: tuple[str | Slot, ...]
    given: Mapping[str, str]
    expecting: str | None
    spoken: bool

    def render(self) -> str:
        """The sentence with its slots in braces, as Alexa writes samples."""
        return "".join(piece if isinstance(piece, str) else f"{{{piece.slot}}}" for piece in self.pieces)


Variant = tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Words for the slot types that a store fills: `products`, `brands`.

    `everyday` are the ones of the two that no store gave: for them a language's own words come first.
    """

    products: tuple[str, ...]
    brands: tuple[str, ...]
    everyday: tuple[str, ...] = ()

    def of(self, name: str, language: Language) -> tuple[str, ...]:
        own = language.source.get(name) if name in self.everyday else None
        return tuple(own or {"products": self.products, "brands": self.brands}[name])


def load_names(products: str | None = None, brands: str | None = None) -> Names:
    """Names from files of one name a line ("#" begins a comment); without a file, everyday ones: the language's own
    (`products` and `brands` of its sentences file), or the English ones that are shipped."""
    everyday = tuple(kind for kind, path in (("products", products), ("brands", brands)) if path is None)
    return Names(read_names(products, "products"), read_names(brands, "brands"), everyday)


@cache
def make_samples(language: Language, intent: str, *, every: bool) -> Sequence[Sample]:
    """Samples of an intent: of every template first one, then its next one, and so on; none twice.

    Every alternative and every option of a template is in at least one of its samples, with `every` also those of the
    rules that it uses; without, a rule's are spread over the templates of the intent.
    """
    queues = []
    uses: dict[str, int] | None = None if every else {}
    for block in language.intents.intents[intent].data if intent in language.intents.intents else ():
        for sentence in block.sentences:
            cover = _cover(sentence.expression, language, uses)
            # Options are left out or added one at a time; people also say all of them at once.
            cover.insert(1, _write_fullest(sentence.expression, language))
            queues.append(_open_samples(cover, intent, block, sentence.text or ""))
    turns = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    unique: dict[tuple[str, str | None], Sample] = {}
    for sample in turns:
        if sample is not None:
            unique.setdefault((sample.render(), sample.expecting), sample)
    return tuple(unique.values())


def _open_samples(cover: list[Variant], intent: str, block: IntentData, template: str) -> list[Sample]:
    slots = load_intents()[intent].slots
    metadata = block.metadata or {}
    awaited = block.requires_context.get("expecting")
    expecting = awaited[0] if isinstance(awaited, list) else awaited
    samples = []
    for variant in cover[:VARIANTS_MAX]:
        pieces = _tidy(variant)
        heard = all(piece.slot in slots for piece in pieces if isinstance(piece, Slot))
        # An article that has lost its vowel stands before some words only, and nobody knows what a slot will hold.
        elided = any(
            isinstance(piece, Slot) and isinstance(before, str) and before.endswith("' ")
            for before, piece in itertools.pairwise(pieces)
        )
        spoken = heard and expecting is None and not elided and not metadata.get("typed_only")
        samples.append(Sample(intent, template, pieces, block.slots, expecting, spoken))
    return samples


def _cover(expression: Expression, language: Language, uses: dict[str, int] | None) -> list[Variant]:
    """Variants in which every alternative occurs: the plainest first, each other one differing from it in one place.

    `uses` counts the uses of each rule: its first use has all its variants, every later one the plainest and one other.
    """
    if isinstance(expression, TextChunk):
        return [(expression.original_text,)]
    if isinstance(expression, ListReference):
        return [(Slot(expression.list_name, expression.slot_name),)]
    if isinstance(expression, RuleReference):
        variants = _cover(language.intents.expansion_rules[expression.rule_name].expression, language, uses)
        if uses is None:
            return variants
        use = uses[expression.rule_name] = uses.get(expression.rule_name, -1) + 1
        return variants if use == 0 else list(dict.fromkeys([variants[0], variants[use % len(variants)]]))
    if isinstance(expression, Alternative):
        items = [_cover(item, language, uses) for item in expression.items]
        # An option is left out first, so that the plainest variant is the shortest.
        if expression.is_optional:
            return [(), *(variant for item in items for variant in item if variant != ("",))]
        return [variant for item in items for variant in item]
    if isinstance(expression, Permutation) or not isinstance(expression, Group):
        raise SourceInvalid(f"{language.locale}: (a;b) permutations are not supported: write the orders out")
    items = [_cover(item, language, uses) for item in expression.items]
    plain = [item[0] for item in items]
    variants = [tuple(itertools.chain.from_iterable(plain))]
    for place, item in enumerate(items):
        for other in item[1:]:
            variants.append(tuple(itertools.chain.from_iterable([*plain[:place], other, *plain[place + 1 :]])))
    return variants


def _write_fullest(expression: Expression, language: Language) -> Variant:
    """The first of all alternatives, with every option."""
    if isinstance(expression, TextChunk):
        return (expression.original_text,)
    if isinstance(expression, ListReference):
        return (Slot(expression.list_name, expression.slot_name),)
    if isinstance(expression, RuleReference):
        return _write_fullest(language.intents.expansion_rules[expression.rule_name].expression, language)
    if isinstance(expression, Alternative):
        return _write_fullest(expression.items[0], language)
    items = expression.items if isinstance(expression, Group) else ()
    return tuple(itertools.chain.from_iterable(_write_fullest(item, language) for item in items))


def _tidy(variant: Variant) -> Variant:
    """Neighbouring texts joined, with single spaces."""
    pieces: list[str | Slot] = []
    for is_text, group in itertools.groupby(variant, key=lambda piece: isinstance(piece, str)):
        if is_text:
            pieces.append(re.sub(r"\s+", " ", "".join(str(piece) for piece in group)))
        else:
            pieces.extend(group)
    if pieces and isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return tuple(piece for piece in pieces if piece != "")


def contract(sentence: str, language: Language) -> str:
    """A sentence as it is spoken: "i will" as "i'll"."""
    for words in language.source.get("contracted_samples", ()):
        if words not in sentence:
            continue
        meant, short = next(
            (meant, shorts[0]) for meant, shorts in language.source["contractions"].items() if words.startswith(meant)
        )
        spoken = short + words.removeprefix(meant)
        sentence = re.sub(rf"(?<!\S){re.escape(words)}(?!\S)", spoken, sentence)
    # An article that has lost its vowel is written together with its word: "l'ordine".
    return sentence.replace("' ", "'")


def spell_number(language: Language, number: int) -> str:
    """A number as it is said."""
    text = get_rbnf_engine(language.source["number_words"]).format_number(number).text
    return text.replace("-", " ").replace("\u00ad", "")


# ---- filled in ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """A sample with words in its slots: each part with the slot that it fills (or none), and what the slots must be."""

    sample: Sample
    parts: tuple[tuple[str, str | None], ...]
    slots: Mapping[str, str]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


class Filler:
    """Fills samples with numbers, names and listed words, each in turn; the same sequence every time."""

    def __init__(self, language: Language, names: Names) -> None:
        self._language = language
        self._turns: dict[str, Iterator[tuple[str, str]]] = {}
        self._names = names

    def fill(self, sample: Sample) -> Filled:
        parts: list[tuple[str, str | None]] = []
        slots = dict(sample.given)
        for piece in sample.pieces:
            if isinstance(piece, str):
                parts.append((piece, None))
                continue
            if piece.words not in self._turns:
                self._turns[piece.words] = itertools.cycle(self._choose_words(piece.words))
            words, value = next(self._turns[piece.words])
            parts.append((words, piece.slot))
            if piece.slot in load_intents()[sample.intent].slots:
                slots[piece.slot] = value
        return Filled(sample, tuple(parts), slots)

    def _choose_words(self, name: str) -> Sequence[tuple[str, str]]:
        if name in _NUMBERS:
            return [(spell_number(self._language, number), str(number)) for number in _NUMBERS[name]]
        if name == "place":
            return [(spell_number(self._language, number), str(number)) for number in _PLACES]
        if name == "spot":
            markers = sorted(self._language.places)
            return [(f"{marker} {spell_number(self._language, n)}", str(n)) for marker in markers for n in _PLACES]
        if name in ("code", "four_digits"):
            return [(code, code) for code in _CODES]
        if name == "rank":
            name = "ordinal"
        if name in self._language.source["lists"]:
            return flatten_words(self._language.source["lists"][name])
        slot_type = load_slot_types().get(name)
        free = self._names.of((slot_type.names if slot_type else "") or "products", self._language)
        return [(word, word) for word in free]


def choose_sentences(
    language: Language, names: Names, intents: Iterable[str], count: int, seed: int
) -> list[tuple[str, str]]:
    """`count` pairs of intent and sentence, drawn from all templates alike; the same ones for the same seed."""
    filler = Filler(language, names)
    filled = [filler.fill(sample) for intent in intents for sample in make_samples(language, intent, every=False)]
    chooser = random.Random(seed)
    drawn = filled if count >= len(filled) else chooser.sample(filled, count)
    return [(one.sample.intent, contract(one.text, language)) for one in drawn]
