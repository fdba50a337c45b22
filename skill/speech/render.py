"""Answer → Reply: every spoken word comes out of the locale's Fluent file here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_decimal_symbol

from skill.errors import SettingsInvalid, Unspeakable
from skill.shop.money import Money, minor_unit_exponent
from skill.speech.answer import Answer, Phrase, Shown
from skill.speech.unread import UnreadBundle
from skill.turn import Display, DisplayItem, Reply

_FOLDER = Path(__file__).parent

#: Spoken where a locale has no file of its own.
FALLBACK_LOCALE = "en-US"

#: A store's own wording: (locale, Fluent text) pairs, whose messages take the place of the locale's.
Voice = tuple[tuple[str, str], ...]
_VOICE_LENGTH_MAX = 200_000


def load_voice(folder: Path) -> Voice:
    """The voice of the store in `folder`: its files `voice.<locale>.ftl`, none of which has to be there.

    Raises `SettingsInvalid`, which names file, line and what would be right.
    """
    voice = []
    for path in sorted(folder.glob("voice.*.ftl")):
        locale = path.name.removeprefix("voice.").removesuffix(".ftl")
        if locale not in spoken_locales():
            raise SettingsInvalid(f"{path.name}: nobody speaks {locale!r}; there are: {', '.join(spoken_locales())}")
        try:
            with path.open(encoding="utf-8") as opened:
                text = opened.read(_VOICE_LENGTH_MAX + 1)
        except UnicodeDecodeError as unreadable:
            raise SettingsInvalid(f"{path.name} is not UTF-8: save it as UTF-8") from unreadable
        except OSError as unreadable:
            raise SettingsInvalid(f"{path.name} cannot be read: {unreadable.strerror}") from unreadable
        if len(text) > _VOICE_LENGTH_MAX:
            raise SettingsInvalid(f"{path.name} is longer than {_VOICE_LENGTH_MAX} characters; cut it down")
        # Imported where there is a voice: a start without one needs no checks.
        from skill.speech.wording import find_problems, read_messages

        problem = next(find_problems(text, locale, read_messages(_shipped(FALLBACK_LOCALE)), whole=False), None)
        if problem:
            raise SettingsInvalid(f"{path.name}, {problem}")
        voice.append((locale, text))
    return tuple(voice)


def render(answer: Answer, locale: str, voice: Voice = ()) -> Reply:
    """The answer in words. An unknown locale is answered in `FALLBACK_LOCALE`. Raises `Unspeakable`."""
    spoken = best_locale(locale)
    asked = phrase(answer.ask, spoken, voice) if answer.ask else ""
    said = [phrase(each, spoken, voice) for each in answer.say]
    return Reply(
        speech=" ".join(part for part in (*said, asked) if part),
        expects=answer.expects,
        reprompt=asked,
        slot=answer.slot,
        display=_display(answer.shown, spoken, voice) if answer.shown else None,
        suggestions=tuple(phrase(Phrase(key), spoken, voice) for key in answer.suggestions),
        suggested=tuple(key.removeprefix("suggest-") for key in answer.suggestions),
        task=answer.task,
        can_fulfill=answer.can_fulfill,
    )


def fits(speech: str, length_max: int, bytes_max: int) -> bool:
    """Whether a channel can speak the text whole: in characters and in bytes of UTF-8, escapes counted. 0 is no limit."""
    escapes = 4 * speech.count("&") + 3 * (speech.count("<") + speech.count(">"))
    if length_max and len(speech) + escapes > length_max:
        return False
    return not bytes_max or len(speech.encode(errors="surrogatepass")) + escapes <= bytes_max


def phrase(what: Phrase, locale: str, voice: Voice = ()) -> str:
    """One message in words. Raises `Unspeakable` for a missing key or value: the tests hold files and sources together."""
    if not what.values:
        return _message(locale, what.key, (), voice)
    values = tuple((name, _spoken(value, locale, voice)) for name, value in what.values.items())
    return _message(locale, what.key, values, voice)


@lru_cache(maxsize=8192)
def _message(locale: str, key: str, values: tuple[tuple[str, str | int], ...], voice: Voice) -> str:
    """Resolving a message costs more than anything else in a plain turn, and shops say the same things all day."""
    bundle = _bundle(locale, voice)
    try:
        pattern = bundle.get_message(key).value
    except LookupError as missing:
        raise Unspeakable(f"{key} in {locale} is missing") from missing
    if pattern is None:
        raise Unspeakable(f"{key} in {locale} has no text")
    text, problems = bundle.format_pattern(pattern, dict(values))
    if problems:
        raise Unspeakable(f"{key} in {locale}: {problems[0]}")
    return str(text)


def spoken_locales() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.ftl")))


@lru_cache(maxsize=64)
def best_locale(locale: str) -> str:
    """The locale itself, another of its language, or the fallback."""
    have = spoken_locales()
    language = locale.split("-")[0]
    near = (each for each in (locale, FALLBACK_LOCALE, *have) if each in have and each.split("-")[0] == language)
    return next(near, FALLBACK_LOCALE)


def spoken_money(amount: Money, locale: str) -> str:
    """As it is written in running text, which the platforms' voices read as people say it: `$3.49`."""
    return _money(amount.amount, amount.currency, locale)


@lru_cache(maxsize=4096)
def _money(amount_minor: int, currency: str, locale: str) -> str:
    amount = Money(amount_minor, currency).decimal()
    word = _pairs("said-currencies", best_locale(locale)).get(currency)
    if word is None:
        return str(format_currency(amount, currency, locale=_babel(locale)))
    # Nobody says the zeros of a whole amount: "249 теңге".
    minor = "0" * minor_unit_exponent(currency)
    written = format_decimal(amount, f"#,##0.{minor}".rstrip("."), locale=_babel(locale))
    return f"{written.removesuffix(_point(locale) + minor) if minor else written} {word}"


def _point(locale: str) -> str:
    return str(get_decimal_symbol(_babel(locale)))


@lru_cache(maxsize=4096)
def _listed(parts: tuple[str, ...], locale: str) -> str:
    return format_list(parts, locale=_babel(locale))


def heard_words(name: str, locale: str) -> Mapping[str, str]:
    """The message `heard-<name>`, a list of `word=meaning`: how this language says digits, numbers, ordinals and the like."""
    return _heard(name, best_locale(locale))


@lru_cache(maxsize=128)
def _heard(name: str, locale: str) -> Mapping[str, str]:
    """The table with its words folded, as what was heard is: Greek's two small sigmas are one letter."""
    return {word.casefold(): meaning.casefold() for word, meaning in _pairs(f"heard-{name}", locale).items()}


@lru_cache(maxsize=32)
def _pairs(key: str, locale: str) -> Mapping[str, str]:
    pairs = phrase(Phrase(key), locale).split()
    return {word.replace("_", " "): meaning for word, _, meaning in (pair.partition("=") for pair in pairs)}


def _spoken(value: Any, locale: str, voice: Voice) -> Any:
    match value:
        case str() | int():
            return value
        case Money():
            return spoken_money(value, locale)
        case Phrase():
            return phrase(value, locale, voice)
        case tuple() | list():
            return _listed(tuple(str(_spoken(each, locale, voice)) for each in value), locale)
        case _:
            return value


def _display(shown: Shown, locale: str, voice: Voice) -> Display:
    items = tuple(
        DisplayItem(
            each.key, each.title, each.detail, spoken_money(each.price, locale) if each.price else "", each.image_url
        )
        for each in shown.items
    )
    text = "\n".join(phrase(each, locale, voice) for each in shown.text)
    return Display(shown.kind, phrase(shown.title, locale, voice), text, items)


@lru_cache(maxsize=32)
def _bundle(locale: str, voice: Voice) -> UnreadBundle:
    return UnreadBundle(locale, _shipped(locale), tuple(text for spoken, text in voice if spoken == locale))


def _shipped(locale: str) -> str:
    return (_FOLDER / f"{locale}.ftl").read_text(encoding="utf-8")


@lru_cache(maxsize=32)
def _babel(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")
