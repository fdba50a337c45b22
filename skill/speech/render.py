"""Answer → Reply: every spoken word comes out of the locale's Fluent file here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency
from fluent.runtime import FluentBundle, FluentResource

from skill.shop.money import Money
from skill.speech.answer import Answer, Phrase, Shown
from skill.turn import Display, DisplayItem, Reply

_FOLDER = Path(__file__).parent

#: Spoken where a locale has no file of its own.
FALLBACK_LOCALE = "en-US"


def render(answer: Answer, locale: str) -> Reply:
    """The answer in words. An unknown locale is answered in `FALLBACK_LOCALE`."""
    spoken = best_locale(locale)
    asked = phrase(answer.ask, spoken) if answer.ask else ""
    said = [phrase(each, spoken) for each in answer.say]
    return Reply(
        speech=" ".join(part for part in (*said, asked) if part),
        expects=answer.expects,
        reprompt=asked,
        slot=answer.slot,
        display=_display(answer.shown, spoken) if answer.shown else None,
        suggestions=tuple(phrase(Phrase(key), spoken) for key in answer.suggestions),
        task=answer.task,
        can_fulfill=answer.can_fulfill,
    )


def phrase(what: Phrase, locale: str) -> str:
    """One message in words. Raises `LookupError` for a key that the locale's file lacks: the tests hold them together."""
    if not what.values:
        return _message(locale, what.key, ())
    return _message(locale, what.key, tuple((name, _spoken(value, locale)) for name, value in what.values.items()))


@lru_cache(maxsize=8192)
def _message(locale: str, key: str, values: tuple[tuple[str, str | int], ...]) -> str:
    """Resolving a message costs more than anything else in a plain turn, and shops say the same things all day."""
    bundle = _bundle(locale)
    pattern = bundle.get_message(key).value
    if pattern is None:
        raise LookupError(f"{key} in {locale} has no text")
    text, problems = bundle.format_pattern(pattern, dict(values))
    if problems:
        raise LookupError(f"{key} in {locale}: {problems[0]}")
    return str(text)


def spoken_locales() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.ftl")))


@lru_cache(maxsize=64)
def best_locale(locale: str) -> str:
    """The locale itself, another of its language, or the fallback."""
    have = spoken_locales()
    language = locale.split("-")[0]
    return next((each for each in (locale, *have) if each in have and each.split("-")[0] == language), FALLBACK_LOCALE)


@lru_cache(maxsize=4096)
def spoken_money(amount: Money, locale: str) -> str:
    """As it is written in running text, which the platforms' voices read as people say it: `$3.49`."""
    return str(format_currency(amount.decimal(), amount.currency, locale=_babel(locale)))


def heard_words(name: str, locale: str) -> Mapping[str, str]:
    """The message `heard-<name>`, a list of `word=meaning`: how this language says digits, numbers, ordinals and the like."""
    return _heard(name, best_locale(locale))


@lru_cache(maxsize=128)
def _heard(name: str, locale: str) -> Mapping[str, str]:
    pairs = phrase(Phrase(f"heard-{name}"), locale).split()
    return {word.replace("_", " "): meaning for word, _, meaning in (pair.partition("=") for pair in pairs)}


def _spoken(value: Any, locale: str) -> Any:
    match value:
        case Money():
            return spoken_money(value, locale)
        case Phrase():
            return phrase(value, locale)
        case tuple() | list():
            return format_list([str(_spoken(each, locale)) for each in value], locale=_babel(locale))
        case _:
            return value


def _display(shown: Shown, locale: str) -> Display:
    items = tuple(
        DisplayItem(
            each.key, each.title, each.detail, spoken_money(each.price, locale) if each.price else "", each.image_url
        )
        for each in shown.items
    )
    text = "\n".join(phrase(each, locale) for each in shown.text)
    return Display(shown.kind, phrase(shown.title, locale), text, items)


@lru_cache(maxsize=32)
def _bundle(locale: str) -> FluentBundle:
    # Isolation marks are for mixed scripts on paper; a voice would stumble over them.
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource((_FOLDER / f"{locale}.ftl").read_text(encoding="utf-8")))
    return bundle


@lru_cache(maxsize=32)
def _babel(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")
