"""What a language's two files must have: every message, plural, number and sentence; and nothing is spoken from elsewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fluent.syntax import FluentParser, FluentSerializer
from fluent.syntax import ast as fluent

import skill
from interaction_models.build import check_sentences
from interaction_models.language import flatten_words, load_language
from interaction_models.sampling import load_names, spell_number
from interaction_models.sources import locales, read_sentences, read_yaml
from interaction_models.understanding import understand
from skill.app import build_app
from skill.errors import SettingsInvalid
from skill.settings import Settings
from skill.shop.catalogue import Product
from skill.shop.money import Money
from skill.simulator.conversation import read_conversation
from skill.simulator.replay import PRODUCT_WORDS_MAX, play, set_stage
from skill.speech import render as rendering
from skill.speech.answer import Phrase, say
from skill.speech.heard import heard_number, heard_ordinal
from skill.speech.render import (
    FALLBACK_LOCALE,
    heard_words,
    load_voice,
    phrase,
    render,
    spoken_locales,
    spoken_money,
)
from skill.speech.wording import find_problems, read_messages, spoken_values

SPEECH = Path(skill.__file__).parent / "speech"
CONVERSATIONS = Path(__file__).parents[1] / "conversations"
PHRASINGS = Path(__file__).parents[1] / "interaction_models"
SENTENCES_EACH_MAX = 12  # tried of every intent; `python -m interaction_models check` tries them all


def shipped() -> dict[str, fluent.Message]:
    return read_messages((SPEECH / f"{FALLBACK_LOCALE}.ftl").read_text("utf-8"))


every_locale = pytest.mark.parametrize("locale", sorted({*spoken_locales(), *locales()}))


# --- both files are whole -----------------------------------------------------------------------------------------------


@every_locale
def test_a_language_has_both_its_files(locale: str) -> None:
    assert locale in spoken_locales(), f"skill/speech/{locale}.ftl is missing: what is said"
    assert locale in locales(), f"interaction_models/sentences/{locale}.yaml is missing: what is understood"


@pytest.mark.parametrize("locale", spoken_locales())
def test_every_message_is_there_with_its_values_and_plurals(locale: str) -> None:
    text = (SPEECH / f"{locale}.ftl").read_text("utf-8")
    assert [] == list(find_problems(text, locale, shipped(), whole=True))


@pytest.mark.parametrize("locale", spoken_locales())
def test_every_message_renders_for_every_number(locale: str) -> None:
    for key, message in shipped().items():
        for number in (0, 1, 2, 4, 5, 11, 21, 22, 101, 1000):
            text = phrase(Phrase(key, dict.fromkeys(sorted(spoken_values(message)), number)), locale)
            assert text == text.strip(), key
            assert "  " not in text.replace("\n", " ") or key.startswith("heard-"), key


@pytest.mark.parametrize("locale", spoken_locales())
def test_what_a_language_says_is_its_own(locale: str) -> None:
    """A message that was copied and never translated; names, digits and loans aside."""
    if locale.startswith("en-"):
        return
    own = read_messages((SPEECH / f"{locale}.ftl").read_text("utf-8"))
    serialize = FluentSerializer().serialize_entry
    same = {key for key, message in shipped().items() if key in own and serialize(own[key]) == serialize(message)}
    words = {
        key
        for key in same
        if re.search(r"[a-z]{3}", re.sub(r"\{[^}]*\}", "", serialize(shipped()[key]).partition("=")[2]))
    }
    assert set() == words


@pytest.mark.parametrize("locale", spoken_locales())
def test_three_products_fit_into_what_an_ear_holds(locale: str) -> None:
    """A priced name is eleven words or fewer nearly always; what stands around three of them must leave room for that."""
    around = dict.fromkeys(("first", "second", "third", "words"), "")
    longest = max(len(phrase(Phrase(f"found-three{kind}", around), locale).split()) for kind in ("", "-more", "-weak"))
    asked = max(len(phrase(Phrase(key), locale).split()) for key in ("which-one", "which-or-more"))
    assert longest + asked + 3 * 10 <= PRODUCT_WORDS_MAX


# --- what is heard --------------------------------------------------------------------------------------------------------

HEARD = {
    "digits": r"[0-9]",
    "numbers": r"x?[0-9]+|",
    "money": "",
    "ordinals": r"-?[0-9]+",
    "descriptions": "big|small|cheap|dear|best",
    "sizes": r"[0-9]+(mg|ul|mg/ul)|x[0-9]+(/[0-9]+)?|#\+?[a-z]*",
    "endings": r"[^\W\d_]*",
    "heads": "",
    "pronouns": "",
}


@pytest.mark.parametrize("locale", spoken_locales())
@pytest.mark.parametrize("name", HEARD)
def test_what_is_heard_is_pairs_of_word_and_meaning(name: str, locale: str) -> None:
    pairs = heard_words(name, locale)
    meanings = set(heard_words(name, FALLBACK_LOCALE).values())
    assert {"0", "1"} & meanings <= set(pairs.values())
    for word, meaning in pairs.items():
        assert word == word.strip().casefold()
        assert re.fullmatch(HEARD[name], meaning), word


@every_locale
def test_sentences_and_speech_know_the_same_money(locale: str) -> None:
    """A number before it is a price, whether words come typed or a platform has taken them apart."""
    assert load_language(locale).currencies == set(heard_words("money", locale))


@every_locale
def test_every_digit_has_its_word_so_that_no_code_is_echoed(locale: str) -> None:
    language = load_language(locale)
    known = heard_words("digits", locale)
    for digit in range(10):
        assert str(digit) == known.get(spell_number(language, digit)), spell_number(language, digit)
    assert set(map(str, range(10))) == set(known.values())


@every_locale
def test_numbers_up_to_a_hundred_are_heard_as_they_are_spelt(locale: str) -> None:
    language = load_language(locale)
    wrong = {
        spell_number(language, number): heard_number(spell_number(language, number), locale)
        for number in range(101)
        if heard_number(spell_number(language, number), locale) != number
    }
    assert {} == wrong


@every_locale
def test_the_first_five_and_the_last_are_heard(locale: str) -> None:
    """Whatever the sentences hear as a place in a list, the dialogue finds there."""
    for entry in read_sentences(locale)["lists"]["ordinal"]["values"]:
        place = -1 if entry["out"] == "last" else int(entry["out"])
        if place > 5:
            continue
        words = [word for word, _ in flatten_words({"values": [entry]})]
        assert place in {heard_ordinal(word, locale) for word in words} <= {place, None}, words


@every_locale
def test_what_a_product_is_like_is_heard_by_the_keys_of_the_sentences(locale: str) -> None:
    for entry in read_sentences(locale)["lists"]["description"]["values"]:
        key = entry["out"]
        assert heard_words("descriptions", FALLBACK_LOCALE).get(key) == heard_words("descriptions", locale).get(key), (
            key
        )


# --- what is understood ---------------------------------------------------------------------------------------------------


@every_locale
def test_sentences_parse_to_their_own_intents(locale: str) -> None:
    assert [] == check_sentences(load_names(), [locale], SENTENCES_EACH_MAX)


@pytest.mark.parametrize(
    "path",
    sorted(set(PHRASINGS.glob("phrasings.*.yaml")) - {PHRASINGS / "phrasings.en-US.yaml"}),
    ids=lambda path: path.stem,
)
def test_what_people_say_beyond_the_templates_is_understood(path: Path) -> None:
    locale = path.stem.removeprefix("phrasings.")
    table = read_yaml(path)
    heard = {
        words: (understood.intent, dict(understood.slots))
        for phrases in table.values()
        for words in phrases
        for understood in [understand(words, locale)]
    }
    wanted = {words: (intent, slots) for intent, phrases in table.items() for words, slots in phrases.items()}
    assert wanted == heard


@every_locale
def test_a_products_name_alone_is_looked_for_where_a_product_is_asked_for(locale: str) -> None:
    """Kazakh's "алма" is an apple and "take none"."""
    names = load_names().of("products", load_language(locale))
    heard = {name: understand(name, locale, "product_query") for name in names}
    assert {} == {name: each for name, each in heard.items() if each.slots.get("product_query") != name}


@every_locale
def test_buttons_mean_what_they_say(locale: str) -> None:
    """What may be tapped is understood as what the English button of the same name is."""
    for key in (key for key in shipped() if key.startswith("suggest-")):
        meant = understand(phrase(Phrase(key), FALLBACK_LOCALE), FALLBACK_LOCALE)
        own = understand(phrase(Phrase(key), locale), locale)
        assert (meant.intent, set(meant.slots)) == (own.intent, set(own.slots)), key


@pytest.mark.parametrize("locale", spoken_locales())
def test_words_that_a_shopper_is_told_to_say_are_understood(locale: str) -> None:
    """What stands between guillemets is to be said, except where it repeats what was heard."""
    lines = (SPEECH / f"{locale}.ftl").read_text("utf-8").replace("{ $available }", "3").splitlines()
    told = {words for line in lines if not line.startswith("#") for words in re.findall("«([^»{]+)»", line)}
    assert set() == {words for words in told if understand(words, locale).intent == "fallback"}
    assert (locale == "kk-KZ") <= (len(told) > 10)


# --- money ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "amount", "written"),
    [
        ("en-US", Money(349, "USD"), "$3.49"), ("en-GB", Money(349, "GBP"), "£3.49"), ("it-IT", Money(349, "EUR"), "3,49\xa0€"),
        ("hr-HR", Money(123456, "EUR"), "1.234,56\xa0€"), ("el-GR", Money(349, "EUR"), "3,49\xa0€"),
        # Kazakh says the currency's name, and no zeros behind a whole amount; one without a name there has its sign.
        ("kk-KZ", Money(24900, "KZT"), "249 теңге"), ("kk-KZ", Money(124950, "KZT"), "1\xa0249,50 теңге"),
        ("kk-KZ", Money(20, "KZT"), "0,20 теңге"),
        ("kk-KZ", Money(349, "USD"), "3,49 доллар"), ("kk-KZ", Money(300, "JPY"), "300\xa0JP¥"),
    ],
)  # fmt: skip
def test_money_is_written_as_its_language_writes_it(locale: str, amount: Money, written: str) -> None:
    assert written == spoken_money(amount, locale)


#: Words for money in any language here. What is spoken gets its currency from the store, with each amount.
MONEY_WORDS = re.compile(r"dollar|pound|quid|euro|eur[aio]\b|ευρώ|δολάρι|теңге|доллар|еуро|[$£€₸]", re.IGNORECASE)


@pytest.mark.parametrize("locale", spoken_locales())
def test_no_message_names_a_currency_which_may_not_be_the_stores(locale: str) -> None:
    text = (SPEECH / f"{locale}.ftl").read_text("utf-8")
    spoken = {key: FluentSerializer().serialize_entry(message) for key, message in read_messages(text).items()}
    named = {key for key, words in spoken.items() if not key.startswith(("heard-", "said-"))
             and MONEY_WORDS.search(re.sub(r"\{[^}]*\}", "", words.partition("=")[2]))}  # fmt: skip
    assert set() == named


@pytest.mark.parametrize("locale", spoken_locales())
def test_currencies_are_named_by_their_codes(locale: str) -> None:
    pairs = rendering._pairs("said-currencies", locale)
    assert all(re.fullmatch("[A-Z]{3}", code) and word for code, word in pairs.items())


# --- problems are found -----------------------------------------------------------------------------------------------------


def plural(*variants: str) -> str:
    return "can-undo = { $minutes ->\n    " + "\n    ".join(variants) + "\n  }"


@pytest.mark.parametrize(
    ("locale", "text", "problem"),
    [
        ("en-GB", "goodbye = Cheerio.\ngoodbye = Bye.", "line 2: goodbye is there twice"),
        ("en-GB", "godbye = Cheerio.", "line 1: godbye is never said; did you mean goodbye?"),
        ("en-GB", "welcome = Hi.", "line 1: welcome: $seller is not said"),
        ("en-GB", "goodbye = Bye { $name }.", "line 1: goodbye: there is no $name"),
        ("en-GB", "goodbye = <b>Bye</b>", "no markup"),
        ("en-GB", "goodbye = { busy }", "only values in braces"),
        ("en-GB", "goodbye = { NUMBER(1) }", "only values in braces"),
        ("en-GB", "goodbye = Bye\n    .title = x", "without attributes"),
        ("en-GB", "-brand = Shop", "terms are not taken"),
        ("en-GB", "goodbye = Bye\n\n}{", "line 3: this is not Fluent"),
        ("en-GB", "heard-digits = nil=0", "the language's own table"),
        ("en-GB", "said-currencies = GBP=quid", "the language's own table"),
        ("en-GB", "can-undo = { $minutes } minutes", "choose by $minutes"),
        ("hr-HR", plural("[one] { $minutes }", "*[other] { $minutes }"), "[few] of $minutes is missing; it is for 2, 3, 4"),
        ("hr-HR", plural("[one] jedna", "[few] { $minutes }", "*[other] { $minutes }"), "[one] is also for 21"),
        ("en-GB", plural("[one] one", "[few] { $minutes }", "*[other] { $minutes }"), "[few] is no plural of en-GB"),
        ("en-GB", plural("*[one] one", "[other] { $minutes }"), "needs *[other]"),
    ],
)  # fmt: skip
def test_a_wrong_wording_is_named(locale: str, text: str, problem: str) -> None:
    assert any(problem in each for each in find_problems(text, locale, shipped(), whole=False))


def test_a_number_by_itself_and_whole_numbers_beside_plurals_are_right() -> None:
    text = plural(
        "[1] minutu", "[one] { $minutes } minutu", "[few] { $minutes } minute", "*[other] { $minutes } minuta"
    )
    assert [] == list(find_problems(text, "hr-HR", shipped(), whole=False))


def test_a_whole_file_names_what_it_lacks() -> None:
    assert "goodbye is missing" in list(find_problems("busy = x", "en-GB", shipped(), whole=True))


# --- a store's own voice ----------------------------------------------------------------------------------------------------


def test_a_store_has_words_of_its_own_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "voice.en-US.ftl").write_text(
        "goodbye = Ahoy.\nremoved = Overboard with { $item }!\n", encoding="utf-8"
    )
    voice = load_voice(tmp_path)
    answer = say("goodbye", Phrase("removed", {"item": Phrase("name", {"name": "Rum"})}), ask="find-else")
    assert "Ahoy. Overboard with Rum! What else can I find for you?" == render(answer, "en-US", voice).speech
    assert "Goodbye." == render(say("goodbye"), "en-US").speech


@pytest.mark.parametrize("locale", spoken_locales())
def test_a_voice_overrides_in_every_language(locale: str, tmp_path: Path) -> None:
    """Its own words with their values, all other messages as they are shipped, and no other language touched."""
    (tmp_path / f"voice.{locale}.ftl").write_text("goodbye = ★.\nremoved = ★ { $item }!\n", encoding="utf-8")
    voice = load_voice(tmp_path)
    answer = say("goodbye", Phrase("removed", {"item": Phrase("name", {"name": "Rum"})}), "cart-empty")
    rest = render(say("cart-empty"), locale).speech
    assert f"★. ★ Rum! {rest}" == render(answer, locale, voice).speech
    others = [each for each in spoken_locales() if each != locale]
    assert [render(say("goodbye"), each).speech for each in others] == [
        render(say("goodbye"), each, voice).speech for each in others
    ]


def test_a_store_without_a_voice_speaks_as_everybody(tmp_path: Path) -> None:
    assert () == load_voice(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("voice.en-US.ftl", b"quote = All yours!", r"voice.en-US.ftl, line 1: quote: \$address is not said"),
        ("voice.xx-XX.ftl", b"goodbye = Bye", "voice.xx-XX.ftl: nobody speaks 'xx-XX'"),
        ("voice.en-US.ftl", b"goodbye = caf\xe9", "not UTF-8"),
        ("voice.en-US.ftl", b"# long\n" * 40_000, "longer than"),
    ],
)
def test_a_voice_that_cannot_be_taken_stops_the_start(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsInvalid, match=complaint):
        load_voice(tmp_path)


def test_the_application_speaks_with_the_voice_of_its_store(sample_store: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_store, tmp_path / "store")
    (tmp_path / "store" / "voice.en-US.ftl").write_text("goodbye = Ahoy.", encoding="utf-8")
    app = build_app(Settings(data_dir=tmp_path / "store", keys_dir=tmp_path / "store" / "keys"))
    try:
        assert (("en-US", "goodbye = Ahoy."),) == app.voice
    finally:
        app.close()


# --- every word comes from the speech files -----------------------------------------------------------------------------------

#: Every letter that a language here is written with, as a letter that none of them has.
GEORGIAN = [chr(0x10D0 + number) for number in range(33)]
WORD = re.compile(r"[^\W\d_\u10d0-\u10ff]{2,}")


def pseudo(text: str) -> str:
    return "".join(GEORGIAN[ord(each) % len(GEORGIAN)] if each.isalpha() else each for each in text)


def pseudo_text(locale: str) -> str:
    """The locale's file with every spoken letter replaced; what is heard stays, and the names of currencies."""
    resource = FluentParser().parse((SPEECH / f"{locale}.ftl").read_text("utf-8"))
    for entry in resource.body:
        if isinstance(entry, fluent.Message) and not entry.id.name.startswith(("heard-", "said-")):
            for element in _texts(entry):
                element.value = pseudo(element.value)
    return FluentSerializer().serialize(resource)


def _texts(node: Any) -> Iterator[fluent.TextElement]:
    for value in vars(node).values():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, fluent.TextElement):
                yield each
            elif isinstance(each, fluent.BaseNode):
                yield from _texts(each)


@pytest.fixture
def pseudo_speech(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "speech"
    folder.mkdir()
    for locale in spoken_locales():
        (folder / f"{locale}.ftl").write_text(pseudo_text(locale), encoding="utf-8")
    monkeypatch.setattr(rendering, "_FOLDER", folder)
    kept = (rendering._message, rendering._bundle, rendering._heard, rendering._pairs, rendering.best_locale)
    for cached in kept:
        cached.cache_clear()
    yield
    for cached in kept:
        cached.cache_clear()


def words_in(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def store_words(products: list[Product], locale: str) -> set[str]:
    """What the store, its feed and the language's own way with lists and money may bring into an answer."""
    texts = ["Corner Store", "12 Orchard Lane, Springfield", rendering._listed(("1", "2", "3"), locale)]
    texts.append(spoken_money(Money(349, "USD"), locale))
    for each in products:
        texts += [each.title, each.brand, each.size, each.description, each.review, *each.category, *each.allergens]
    return {word for text in texts for word in words_in(text)}


ORDER_ID = re.compile(r"\d{8}-\d{6}-\S+")
SPOKEN_IN: dict[str, list[Path]] = {}
for _path in sorted(CONVERSATIONS.glob("*.yaml")):
    SPOKEN_IN.setdefault(read_conversation(_path).locale, []).append(_path)
PARTS = 4  # of the fallback's conversations, which are most


@pytest.mark.parametrize(
    ("locale", "paths"),
    [
        pytest.param(FALLBACK_LOCALE, SPOKEN_IN[FALLBACK_LOCALE][part::PARTS], id=f"{FALLBACK_LOCALE}-{part}")
        for part in range(PARTS)
    ]
    + [pytest.param(locale, paths, id=locale) for locale, paths in SPOKEN_IN.items() if locale != FALLBACK_LOCALE],
)  # fmt: skip
def test_no_word_is_spoken_or_shown_that_the_speech_files_do_not_have(
    locale: str, paths: list[Path], sample: tuple[Path, list[Product]], pseudo_speech: None, tmp_path: Path
) -> None:
    store, products = sample
    known = store_words(products, locale)
    strange: dict[str, set[str]] = {}
    for number, path in enumerate(paths):
        conversation = read_conversation(path)
        platform = conversation.platforms[number % len(conversation.platforms)]
        stage = set_stage(conversation, platform, store, products, tmp_path / "stage")
        homes = (conversation.household, *conversation.households.values())
        own = known | {word for each in homes for word in words_in(each.address)}
        said: set[str] = set()
        try:
            for played in play(stage):
                said |= words_in(played.step.say or " ".join(played.step.slots.values()))
                heard = played.exchange.heard if played.exchange else None
                if heard is None:
                    continue
                shown = f"{heard.card.title}\n{heard.card.text}" if heard.card else ""
                spoken = f"{heard.speech}\n{heard.reprompt}\n{shown}\n{' '.join(heard.suggestions)}"
                found = words_in(ORDER_ID.sub("", spoken)) - own - said
                if found:
                    strange.setdefault(path.name, set()).update(found)
        finally:
            stage.close()
            shutil.rmtree(tmp_path / "stage")
    assert {} == strange


def test_every_language_has_conversations() -> None:
    assert set() == set(spoken_locales()) - SPOKEN_IN.keys()


@pytest.mark.parametrize("locale", spoken_locales())
def test_the_pseudo_text_would_show_a_word_from_elsewhere(locale: str, pseudo_speech: None) -> None:
    assert set() == words_in(phrase(Phrase("goodbye"), locale))
    assert words_in(phrase(Phrase("welcome", {"seller": "from elsewhere"}), locale)) == {"from", "elsewhere"}
