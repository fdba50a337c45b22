"""Takes a spoken wish apart: "dog food under twenty dollars, not dry" → dog food, a price ceiling, a word left out.

So is an amount: "a gallon of milk" is milk in a size, "three cans of tuna" is tuna, three of them.

The phrases are data (`languages/<code>.yaml`); here is only how they are matched. Nothing in a wish is an error: words that
mean no filter are words to search for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile

from skill.search.admitting import Admission
from skill.search.avoiding import Avoided
from skill.search.words import Words
from skill.shop.catalogue import Wish
from skill.shop.money import AMOUNT_MINOR_MAX, Money, minor_unit_exponent

#: Words of an utterance that are read. Nobody says more in one breath.
UTTERANCE_WORDS_MAX = 40
#: Words of the longest brand or category name that is recognised in speech.
NAME_WORDS_MAX = 4
#: Words of several names that stand before their negation: "nut, milk and egg free".
NAMES_WORDS_MAX = 8

#: Numbers of the longest amount that is recognised: "two half gallons".
AMOUNT_NUMBERS_MAX = 2

#: So many words that name nothing are talk; "our light" is an outdoor light.
TALK_WORDS_MIN = 3

#: What says that something is not wanted, and may name more of it: "without soy or nuts".
_NEGATIONS = frozenset({"free_from", "without", "exclude"})
#: Placeholders for what is not wanted; a claim is one of them only where something is not to be that ("not gluten free").
_NAMES = frozenset({"{name}", "{what}"})
#: Words that may stand between a negation and the name of what is not wanted: "not any of the".
_BEFORE_NAME_MAX = 3

#: A phrase's placeholders and the filter it sets, by phrase: `("under", "{price}")` → `price_max`.
Pattern = tuple[tuple[str, ...], str]


@dataclass(slots=True)
class _Taken:
    """The filters found so far, and the words that are left."""

    left: list[str] = field(default_factory=list)
    price_min: int | None = None
    price_max: int | None = None
    brand: str | None = None
    category: str | None = None
    in_stock_only: bool = False
    rating_min_tenths: int | None = None
    free_from: list[str] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    size: str = ""
    quantity: int = 0
    container: str = ""
    amount: list[str] = field(default_factory=list)
    sort: str = "relevance"
    any: bool = False


class Understanding:
    """Reads wishes in one language for one catalogue. `find_brand` maps spoken words to a brand's own spelling; `in_titles` tells
    whether words stand side by side in titles, as the names of things do ("peanut butter"), `in_one_title` whether a title has
    all of them."""

    def __init__(
        self,
        words: Words,
        currency: str,
        categories: Iterable[str],
        find_brand: Callable[[str], str | None] = lambda spoken: None,
        in_titles: Callable[[Sequence[str]], bool] = lambda spoken: False,
        in_one_title: Callable[[Sequence[str]], bool] = lambda spoken: False,
    ) -> None:
        rules = words.rules
        self._words = words
        self._currency = currency
        self._unit = 10 ** minor_unit_exponent(currency)
        self._find_brand = find_brand
        self._in_titles = in_titles
        self._in_one_title = in_one_title
        self._talk = frozenset(rules.get("talk", ()))
        self._category_names = categories
        self._major = frozenset(rules.get("currency_words", {}).get(currency, ()))
        self._minor = frozenset(rules.get("minor_words", ()))
        self._price_words: Mapping[str, float] = rules.get("price_words", {})
        self._one = frozenset(rules.get("one_before_currency", ()))
        self._and = frozenset(rules.get("joiners", ()))
        self._or = frozenset(rules.get("alternatives", ()))
        self._points = frozenset(rules.get("decimal_points", ()))
        self._halves = [tuple(half.split()) for half in rules.get("and_a_half", ())]
        #: What units measure and what things come in, for `read_size`.
        self.sizes: Mapping[str, str] = {**dict.fromkeys(rules.get("containers", ()), "#"), **rules.get("measures", {})}
        self._containers = frozenset(rules.get("containers", ()))
        self._partitives = frozenset(rules.get("partitives", ()))
        self._size_words: Mapping[str, str] = {
            word: sort for sort, words_for in rules.get("size_words", {}).items() for word in words_for
        }
        self._factors = frozenset(each for each, meaning in self.sizes.items() if meaning.startswith("x"))
        self._about_percent = int(rules.get("price_about_percent", 20))
        self._avoided = Avoided(words)
        #: Which products pass the filters of a wish in this language.
        self.admission = Admission(words, self._avoided)
        self._around_allergies = frozenset(rules.get("around_allergies", ()))
        self._contractions = {short: full.split() for short, full in rules.get("contractions", {}).items()}
        self._before_name = frozenset(rules.get("before_name", ()))
        self._after_name = [tuple(each.split()) for each in rules.get("after_name", ())]
        self._free_endings: Sequence[str] = rules.get("free_from_endings", ())
        self._diets: Mapping[str, Sequence[str]] = rules.get("diets", {})
        self._vague = frozenset(rules.get("vague", ()))
        self._kept = frozenset(rules.get("phrases_kept", ()))
        self._patterns: dict[str, list[Pattern]] = {}
        for means, says in rules.get("phrases", {}).items():
            for say in says:
                parts = tuple(say.split())
                self._patterns.setdefault(parts[0], []).append((parts, means))
        for patterns in self._patterns.values():
            patterns.sort(key=lambda pattern: -len(pattern[0]))
        #: What a negation begins with: no name of what is not wanted.
        self._negating = frozenset(
            first for first, patterns in self._patterns.items()
            if not first.startswith("{") and any(means in _NEGATIONS for _, means in patterns)
        )  # fmt: skip
        #: Words that some phrase cannot do without: an utterance with none of them has no filters.
        self._signals = frozenset(
            part for patterns in self._patterns.values() for parts, _ in patterns
            for part in [next((p for p in parts if not p.startswith("{")), "")]
        ) | self._major | frozenset(self._price_words)  # fmt: skip

    @cached_property
    def _categories(self) -> dict[str, str]:
        """The names of the categories by their terms: some shops have thousands, and few shoppers name one."""
        return {" ".join(self._words.terms(self._words.tokens(name))): name for name in self._category_names}

    def wish(self, text: str, *, keep: bool = False) -> Wish:
        """The wish in an utterance."""
        return self.merge(Wish(text), keep=keep)

    def merge(self, wish: Wish, *, keep: bool = False) -> Wish:
        """The wish with what its words say added. What the wish states already wins over what its words say.

        With `keep`, words that titles say too ("gluten free") stay among the words, for ranking.
        """
        tokens = self._words.tokens(wish.words)[:UTTERANCE_WORDS_MAX]
        if not self._contractions.keys().isdisjoint(tokens):
            return self._merge(
                wish, [word for token in tokens for word in self._contractions.get(token, (token,))], keep
            )
        return self._merge(wish, tokens, keep)

    def _merge(self, wish: Wish, tokens: list[str], keep: bool) -> Wish:
        amounts = not keep and any(
            self._is_measure(token) or token in self._containers or token in self._size_words for token in tokens
        )
        if not (amounts or keep) and any(token[0].isdigit() for token in tokens[:AMOUNT_NUMBERS_MAX]):
            amounts = bool(self._take_amount(tokens, 0, _Taken()))
        if not amounts and self._signals.isdisjoint(tokens) and not any(map(self._freed, tokens)):
            left = self._naming(self._words.without_filler(tokens), keep)
            diets = self._diets.keys() & set(left)
            if not diets and len(left) == len(tokens):
                return wish
            return replace(
                wish, words=" ".join(left) if len(left) != len(tokens) else wish.words,
                attributes_required=_union(wish.attributes_required, sorted(diets)),
            )  # fmt: skip
        taken = self._take(tokens, keep)
        if not taken.any:
            taken.left = self._words.without_filler(tokens)
        left = self._words.without_filler(taken.left)
        if taken.any:
            left = self._without_joiners(left)
        if taken.free_from:
            # "For my daughter, who is allergic to nuts": whose allergy it is finds no product.
            left = [token for token in left if token not in self._around_allergies]
        if taken.any and all(token in self._vague or token in self._words.function_words for token in left):
            left = []
        left = self._naming(left, keep)
        if not left and taken.amount:
            # "Two bottles" are what is looked for themselves.
            taken.size, taken.quantity, taken.container, left = "", 0, "", taken.amount
        elif not keep and taken.sort == "relevance":
            left = self._take_size_word(left, taken)
        diets = self._diets.keys() & set(left)
        return replace(
            wish,
            words=" ".join(left) if len(left) != len(tokens) else wish.words,
            price_min=wish.price_min or self._money(taken.price_min),
            price_max=wish.price_max or self._money(taken.price_max),
            category=wish.category or taken.category,
            brand=wish.brand or taken.brand,
            size=wish.size or taken.size or None,
            quantity=wish.quantity or taken.quantity,
            container=wish.container or taken.container,
            in_stock_only=wish.in_stock_only or taken.in_stock_only,
            rating_min_tenths=wish.rating_min_tenths if wish.rating_min_tenths is not None else taken.rating_min_tenths,
            allergens_excluded=_union(wish.allergens_excluded, taken.free_from),
            attributes_required=_union(wish.attributes_required, sorted(diets)),
            words_avoided=_union(wish.words_avoided, taken.avoided),
            words_excluded=_union(wish.words_excluded, taken.excluded),
            sort=wish.sort if wish.sort != "relevance" else taken.sort,
        )

    def _take_size_word(self, left: list[str], taken: _Taken) -> list[str]:
        """ "Large coffee" is coffee, the biggest first, where no title says so itself, as titles of eggs do."""
        meaningful = self._words.meaningful(left)
        sort = self._size_words.get(meaningful[0]) if len(meaningful) > 1 else None
        if sort is None or self._in_one_title(meaningful):
            return left
        taken.sort = sort
        return [token for token in left if token != meaningful[0]]

    def _without_talk(self, left: list[str]) -> list[str]:
        """What people say while they think ("I was wondering if you maybe have") names nothing, where titles do not say it too:
        beside the same word as here, or a title all that was said. One such word may be a word of a title that was misheard."""
        talk = self._talk
        if sum(token in talk for token in left) < TALK_WORDS_MIN or talk.union(self._words.function_words).issuperset(
            left
        ):
            return left
        kept = [
            token not in talk
            or any(
                beside not in talk and beside not in self._words.function_words and self._in_titles(pair)
                for beside, pair in ((before, (before, token)), (after, (token, after))) if beside
            )
            for before, token, after in zip(["", *left], left, [*left[1:], ""], strict=False)
        ]  # fmt: skip
        if all(kept) or self._in_one_title(left):
            return left
        return [token for token, keep in zip(left, kept, strict=True) if keep]

    def _naming(self, left: list[str], keep: bool) -> list[str]:
        """What may name something: without talk and, where the words are not to be kept, without what only leads to it."""
        left = self._without_talk(left)
        return left if keep else self._without_lead(left)

    def _without_lead(self, left: list[str]) -> list[str]:
        """Words that only join others, several of them in front, name nothing ("for a headache"), and may sound like something. One
        of them may be the beginning of a word that was misheard: "a corn squash"."""
        lead = next((at for at, token in enumerate(left) if token not in self._words.function_words), 0)
        return left[lead:] if lead > 1 else left

    def _without_joiners(self, left: list[str]) -> list[str]:
        """Where a filter was taken out, what joined it to the rest is left over: "coffee and (in stock)"."""
        joining = self._and | self._or
        start, end = 0, len(left)
        while start < end and left[start] in joining:
            start += 1
        while end > start and left[end - 1] in joining:
            end -= 1
        return left[start:end]

    def _money(self, amount: int | None) -> Money | None:
        return None if amount is None else Money(min(amount, AMOUNT_MINOR_MAX), self._currency)

    def _take(self, tokens: list[str], keep: bool) -> _Taken:
        taken = _Taken()
        at = 0
        while at < len(tokens):
            # What is ranked for its own sake keeps its sizes: titles may say them.
            end = (0 if keep else self._take_amount(tokens, at, taken)) or self._take_phrase(tokens, at, taken, keep)
            if end:
                at = end
            else:
                taken.left.append(tokens[at])
                at += 1
        return taken

    def _is_measure(self, token: str) -> bool:
        return (self._words.unit(token) or token) in self.sizes

    def _take_amount(self, tokens: list[str], at: int, taken: _Taken) -> int:
        """The end of an amount that begins at `at`, noted in `taken`: a size ("24 oz", "half gal", "6 pk"), containers
        ("three cans of"), or so many of a size ("two half gallons of"); 0 where none does.

        Without a number a unit is one only where "of" follows, or, in a language that says no "of", first of all: a pound
        cake is no cake by the pound.
        """
        if taken.amount:
            return 0
        numbers, end = self._amount_numbers(tokens, at)
        if end >= len(tokens):
            return 0
        unit = self._words.unit(tokens[end]) or tokens[end]
        counted = bool(numbers)
        if measured := unit in self.sizes and unit not in self._factors and tokens[end] not in self._containers:
            after = end + 1
            while after < len(tokens) and tokens[after] in self._containers:
                after += 1
        elif tokens[end] in self._containers and (not numbers or (len(numbers) == 1 and numbers[0].isdigit())):
            after = end + 1
        else:
            return self._take_pieces(tokens, numbers, end, taken)
        follows = after < len(tokens) and tokens[after] in self._partitives
        if not follows and self._partitives and not (counted and (measured or after == len(tokens))):
            return 0
        if not follows and not counted and taken.left:
            return 0
        if tokens[end] in self._major and not follows:
            return 0  # five pounds may be a price
        several = measured and len(numbers) > 1 and numbers[0].isdigit() and int(numbers[0]) > 1
        if several or not measured:
            taken.quantity = int(numbers.pop(0)) if numbers else 0
        if measured:
            taken.size = " ".join((*(numbers or ["1"]), unit))
        taken.container = tokens[after - 1] if tokens[after - 1] in self._containers else ""
        taken.amount, taken.any = tokens[at:after], True
        return after + follows

    def _take_pieces(self, tokens: list[str], numbers: list[str], end: int, taken: _Taken) -> int:
        """The end of a bare number that begins a wish and counts what is named after it: the size of "a dozen eggs"; else 0.

        What titles say together with the number is a name ("3 musketeers"), and so is what none says at all.
        """
        words = self._words
        if end < len(tokens) and tokens[end] in self._partitives:
            end += 1
        said = [number for number in numbers if number.isdigit()]
        name = list(
            takewhile(lambda token: token.isalpha() and token not in words.function_words | self._signals, tokens[end:])
        )
        if (
            not (said and name)
            or not words.function_words.issuperset(taken.left)
            or words.unit(name[0])
            or not self._in_one_title(name)
            or self._in_one_title([*said, *name])
        ):
            return 0
        taken.size, taken.amount, taken.any = " ".join(numbers), tokens[:end], True
        return end

    def _amount_numbers(self, tokens: list[str], at: int) -> tuple[list[str], int]:
        """The numbers before a unit at `at`, as `read_size` reads them, and where they end: "2 half", "2.5", none of "a"."""
        numbers: list[str] = []
        end = at
        while end < len(tokens) and len(numbers) < AMOUNT_NUMBERS_MAX:
            half = next((half for half in self._halves if tuple(tokens[end : end + len(half)]) == half), ())
            if half and numbers and numbers[-1].isdigit():
                numbers[-1], end = f"{numbers[-1]}.5", end + len(half)
            elif tokens[end][0].isdigit() or tokens[end] in self._factors:
                numbers, end = [*numbers, tokens[end]], end + 1
            elif tokens[end] in self._one:
                end += 1  # "a half gallon", "half a gallon"
            else:
                break
        return numbers, end

    def _freed(self, token: str) -> str:
        """What a word says to be without by its ending ("eggless"); empty where it says no such thing."""
        for ending in self._free_endings:
            stem = token.removesuffix(ending)
            if stem != token and self._avoided.known((stem,)):
                return stem
        return ""

    def _freed_things(self, tokens: list[str], at: int) -> tuple[list[str], int]:
        """What a word's ending says to be without, the things that are joined to it before ("жаңғақ пен сүтсіз") among it; and
        where that ends (0: nowhere)."""
        things: list[str] = []
        joined = False
        while at < len(tokens):
            freed = self._freed(tokens[at])
            if freed:
                return ([*things, freed], at + 1) if joined or not things else ([], 0)
            thing, after = self._name("{thing}", tokens, at)
            if not after or after == len(tokens):
                break
            things.append(thing)
            joined = tokens[after] in self._and | self._or
            at = after + joined
        return [], 0

    def _take_phrase(self, tokens: list[str], at: int, taken: _Taken, keep: bool) -> int:
        """The end of a phrase that begins at `at`, its filter noted in `taken`; 0 where none does."""
        freed, end = self._freed_things(tokens, at)
        if freed:
            taken.any = True
            taken.free_from += freed
            if keep:
                taken.left += tokens[at:end]
            return end
        starts = list(self._patterns.get(tokens[at], ()))
        open_starts: list[Pattern] = []
        for placeholder in ("{price}", "{sum}", "{stars}", "{thing}", "{brand}", "{name}", "{what}"):
            if placeholder == "{stars}" and not tokens[at][0].isdigit():
                continue
            if placeholder == "{thing}" and not self._avoided.begins(tokens[at]):
                continue
            open_starts += self._patterns.get(placeholder, ())
        starts += sorted(open_starts, key=lambda pattern: -len(pattern[0]))
        for parts, means in starts:
            if parts[0] in _NAMES and parts[1] not in tokens[at + 1 : at + 1 + NAMES_WORDS_MAX]:
                continue
            if taken.left and len(parts) == 2 and parts[0] in self._and:
                continue  # "but chocolate" is what a platform leaves of "anything but chocolate"
            values: list[str | int] = []
            # "No salt crackers" are crackers: there the name ends with its first word.
            adjective = not taken.left and parts[:1] == ("no",)
            end = self._match(parts, tokens, at, values, name_words_max=1 if adjective else NAME_WORDS_MAX)
            if end and parts == ("{price}",) and taken.left and end < len(tokens):
                continue  # "ten dollar wine", "wine ten dollars"; in the middle it may be a name
            if parts[0] in _NAMES and end < len(tokens):
                begun = self._patterns.get(tokens[end - 1], ())
                if any(others[1:2] == (tokens[end],) for others, _ in begun):
                    continue  # "cookies free of nuts"
            if means == "without" and self._is_said_so(parts, tokens[at:end]):
                continue
            if end and means == "words":
                taken.left += tokens[at:end]
                return end
            if end and self._note(means, values, taken):
                taken.any = True
                if means in _NEGATIONS and parts[-1].startswith("{"):
                    end = self._further(tokens, end, taken, means)
                if keep and means in self._kept:
                    taken.left += tokens[at:end]
                return end
        return 0

    def _is_said_so(self, parts: Sequence[str], said: list[str]) -> bool:
        """Whether the words of a negation are a name themselves: a brand called "No Name", "cage free" where titles say so."""
        if self._find_brand(" ".join(said)):
            return True
        return parts[0] in _NAMES and not self._avoided.known(said[:-1]) and self._in_titles(said)

    def _further(self, tokens: list[str], end: int, taken: _Taken, means: str) -> int:
        """Takes "or eggs", "and nuts" along with what a negation named before."""
        names, end = self._joined(tokens, end, "{what}" if means == "exclude" else "{name}")
        for name in names:
            self._note_unwanted("without" if means == "free_from" else means, name, taken)
        return end

    def _joined(self, tokens: list[str], end: int, kind: str) -> tuple[list[str], int]:
        """What is named beside something unwanted that ends at `end`, and where that ends: after "or" anything of that kind, after
        "and" a known thing. Of "(nuts,) milk and eggs" all: a comma is not heard."""
        names: list[str] = []
        passed: list[str] = []
        at = end
        while at < len(tokens):
            joins = tokens[at] in self._and | self._or
            begins = self._past_articles(tokens, at + 1) if joins else at
            if joins and begins < len(tokens) and tokens[begins] in self._negating:
                break  # "without nuts or without milk"
            name, after = self._name(kind if tokens[at] in self._or else "{thing}", tokens, begins)
            if not after:
                break
            passed.append(name)
            if joins:
                names, passed, end = [*names, *passed], [], after
            at = after
        return names, end

    def _past_articles(self, tokens: list[str], at: int) -> int:
        """Where a name begins after a joiner: "noci e al latte". What is counted is something else: "and a milk"."""
        last = min(at + _BEFORE_NAME_MAX, len(tokens) - 1)
        while at < last and tokens[at] in self._before_name and tokens[at] not in self._one:
            at += 1
        return at

    def _note_unwanted(self, means: str, name: str, taken: _Taken) -> None:
        """Writes down what a negation names. To be without peanut butter is to be without peanuts as well."""
        if means == "exclude":
            taken.excluded.append(name)
            return
        thing, end = self._name("{thing}", name.split(), 0)
        if thing:
            taken.free_from.append(thing)
        if end < len(name.split()):
            (taken.excluded if thing else taken.avoided).append(name)

    def _is_name(self, token: str) -> bool:
        """Whether a word can be what is not wanted: "no milk", but not "no thanks" or "no, find ..."."""
        words = self._words
        return (
            token.isalpha()
            and token not in words.function_words
            and token not in self._vague
            and not words.is_filler(token)
        )

    def _match(
        self,
        parts: Sequence[str],
        tokens: list[str],
        at: int,
        values: list[str | int],
        *,
        name_words_max: int = NAME_WORDS_MAX,
    ) -> int:
        has_currency = False
        bare_price = False
        for part in parts:
            if at >= len(tokens):
                return 0
            if part in ("{price}", "{sum}"):
                price, end, said = self._price(tokens, at)
                if not end or (part == "{sum}" and not said):
                    return 0
                values.append(price)
                has_currency |= said
                bare_price = not said
                at = end
            elif part == "{stars}":
                tenths, at = self._stars(tokens, at)
                if not at:
                    return 0
                values.append(tenths)
            elif part == "{thing}":
                things, at = self._things(tokens, at)
                if not at:
                    return 0
                values += things
            elif part[0] == "{":
                if part in _NAMES and part != parts[0]:
                    last = min(at + _BEFORE_NAME_MAX, len(tokens) - 1)
                    while at < last and tokens[at] in self._before_name:
                        at += 1
                # What is said before its negation may be several things: "жаңғақ пен сүт жоқ".
                things, end = self._things(tokens, at) if part in _NAMES and part != parts[-1] else ([], 0)
                if len(things) < 2:
                    name, end = self._name(part, tokens, at, name_words_max)
                    things = [name]
                if not end:
                    return 0
                values += things
                at = end
                if part in _NAMES and part == parts[-1]:
                    at += next(
                        (len(said) for said in self._after_name if tuple(tokens[at : at + len(said)]) == said), 0
                    )
            elif tokens[at] == part:
                at += 1
            else:
                return 0
        if not bare_price or has_currency:
            return at
        # A number without a currency is a price where nothing follows that it could count.
        counts = at < len(tokens) and tokens[at] not in self._signals | self._and
        return 0 if parts == ("{price}",) or counts else at

    def _things(self, tokens: list[str], at: int) -> tuple[list[str], int]:
        """The things to avoid at `at`, and where they end (0: none): "nut and dairy" (free)."""
        thing, end = self._name("{thing}", tokens, at)
        if not end:
            return [], 0
        further, end = self._joined(tokens, end, "{thing}")
        return [thing, *further], end

    def _stars(self, tokens: list[str], at: int) -> tuple[int, int]:
        """A rating in tenths of a star at `at`, as in 4.7, "four point seven" or "four and a half"; and where it ends (0: none)."""
        if not tokens[at][0].isdigit():
            return 0, 0
        tenths, end = round(_number(tokens[at]) * 10), at + 1
        if end + 1 < len(tokens) and tokens[end] in self._points and tokens[end + 1] in "0123456789":
            tenths, end = tenths + int(tokens[end + 1]), end + 2
        else:
            for half in self._halves:
                if tuple(tokens[end : end + len(half)]) == half:
                    tenths, end = tenths + 5, end + len(half)
                    break
        return (tenths, end) if 0 <= tenths <= 50 else (0, 0)

    def _name(self, placeholder: str, tokens: list[str], at: int, words_max: int = NAME_WORDS_MAX) -> tuple[str, int]:
        """The longest name of that kind that begins at `at`, and where it ends; end 0 for none."""
        for end in range(min(len(tokens), at + words_max), at, -1):
            said = tokens[at:end]
            if placeholder == "{thing}":
                name = " ".join(said) if self._avoided.known(said) else None
            elif placeholder in _NAMES:
                claim = placeholder == "{what}" and self._avoided.claim_of(said)
                name = " ".join(said) if claim or self._is_known(said) else None
            elif placeholder == "{category}":
                name = self._categories.get(" ".join(self._words.terms(said)))
            else:
                name = self._find_brand(" ".join(said))
            if name is not None:
                return name, end
        return "", 0

    def _is_known(self, said: list[str]) -> bool:
        """Whether the words name something that may be unwanted: any word by itself, several where they belong together."""
        if self._avoided.known(said) or (len(said) == 1 and self._is_name(said[0])):
            return True
        if len(said) == 1 or not self._is_name(said[0]) or said[-1] in self._words.function_words:
            return self._find_brand(" ".join(said)) is not None
        return bool(
            " ".join(self._words.terms(said)) in self._categories
            or self._find_brand(" ".join(said))
            or (not (self._and | self._or).intersection(said) and self._in_titles(said))
        )

    def _price(self, tokens: list[str], at: int) -> tuple[int, int, bool]:
        """An amount in minor units at `at`, where it ends (0: there is none), and whether a currency was said."""
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if tokens[at] in self._one and (following in self._major or following in self._price_words):
            if following in self._price_words:  # "a fiver"
                return round(self._price_words[following] * self._unit), at + 2, True
            amount, end = self._unit, at + 1  # "a dollar", "a buck twenty"
        elif tokens[at] in self._price_words:
            return round(self._price_words[tokens[at]] * self._unit), at + 1, True
        elif tokens[at][0].isdigit():
            amount, end = round(_number(tokens[at]) * self._unit), at + 1
            if end < len(tokens) and tokens[end] in self._minor:
                return round(_number(tokens[at])), end + 1, True
        else:
            return 0, 0, False
        said = end < len(tokens) and tokens[end] in self._major
        if said:
            end += 1
            rest = tokens[end : end + 3]
            if len(rest) > 1 and rest[0] in self._and and (len(rest) == 2 or rest[2] in self._minor):
                end += 1
        if self._unit == 100 and end < len(tokens) and tokens[end].isdigit() and len(tokens[end]) == 2:
            # "four ninety nine", "four dollars ninety nine", "four dollars and ninety nine cents"
            after = end + 1
            minor_said = after < len(tokens) and tokens[after] in self._minor
            if minor_said or said or after == len(tokens) or not self._words.is_unit(tokens[after]):
                amount += int(tokens[end])
                major_said = after < len(tokens) and tokens[after] in self._major
                return amount, after + (minor_said or major_said), said or minor_said or major_said
        return amount, end, said

    def _note(self, means: str, values: list[str | int], taken: _Taken) -> bool:
        """Writes a phrase's filter down; False where it cannot mean that here."""
        match means, values:
            case "price_max", [int(amount)]:
                taken.price_max = amount
            case "price_min", [int(amount)]:
                taken.price_min = amount
            case "price_range", [int(low), int(high)]:
                taken.price_min, taken.price_max = min(low, high), max(low, high)
            case "price_about", [int(amount)]:
                spread = amount * self._about_percent // 100
                taken.price_min, taken.price_max = amount - spread, amount + spread
            case "sort_price", []:
                taken.sort = "price"
            case "sort_rating", []:
                taken.sort = "rating"
            case "in_stock", []:
                taken.in_stock_only = True
            case "rating_min", [int(tenths)]:
                taken.rating_min_tenths = tenths
            case "free_from", [*things]:
                taken.free_from += map(str, things)
            case "exclude" | "without", [_, *_]:
                for name in values:
                    self._note_unwanted(means, str(name), taken)
            case "brand", [str(name)]:
                taken.brand = name
            case "category", [str(name)]:
                taken.category = name
            case _:
                return False
        return True


def _number(token: str) -> float:
    """`3` → 3.0, `4.99` → 4.99, `3,50` → 3.5, `1/2` → 0.5. A token that begins with a digit is always one of these."""
    if "/" in token:
        above, _, below = token.partition("/")
        below = below.partition("/")[0].partition(".")[0].partition(",")[0]
        return _number(above) / (float(below) or 1.0)
    whole, dot, rest = token.replace(",", ".").partition(".")
    if len(rest) == 3 and "," in token:
        return float(whole + rest)
    return float(f"{whole}.{rest.replace('.', '') or '0'}" if dot else whole)


def _union(stated: tuple[str, ...], said: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*stated, *said)))
