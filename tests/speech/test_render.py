"""Every spoken word comes out of the locale's file, and every message of the file is one that something says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fluent.syntax import FluentParser, FluentSerializer
from fluent.syntax import ast as fluent
from hypothesis import given
from hypothesis import strategies as st

import skill
from skill.errors import Unspeakable
from skill.guard.decision import Reason
from skill.ports import ApprovalState
from skill.shop.money import Money
from skill.shop.orders import OrderState
from skill.speech import render as rendering
from skill.speech.answer import Item, Phrase, Shown, say
from skill.speech.render import (
    FALLBACK_LOCALE,
    best_locale,
    fits,
    heard_words,
    phrase,
    render,
    spoken_locales,
    spoken_money,
)
from skill.turn import Expect, PlatformTask

SOURCES = Path(skill.__file__).parent
KEY = re.compile(r"[a-z]+(-[a-z0-9]+)+")


# --- what the sources say -----------------------------------------------------------------------------------------------


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(SOURCES)): ast.parse(path.read_text("utf-8")) for path in SOURCES.rglob("*.py")}


def literals(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may be: either side of a choice, but nothing inside a call or a dictionary."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*literals(body), *literals(orelse))
        case ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from literals(part)


def spoken_keys() -> dict[str, set[str]]:
    """Key → the files in which it is handed to `say`, `Phrase` or a suggestion."""
    found: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "Phrase"):
                given_parts = node.args if node.func.id == "say" else node.args[:1]
                named = [each.value for each in node.keywords if each.arg in ("ask", "suggestions")]
                for key in (key for part in (*given_parts, *named) for key in literals(part)):
                    found.setdefault(key, set()).add(path)
    return found


def all_literals() -> set[str]:
    return {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def guard_reasons() -> set[str]:
    """Every reason that a decision can carry, as the source of the guard names them."""
    tree = ast.parse((SOURCES / "guard" / "decision.py").read_text("utf-8"))
    plain = {
        node.elts[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Dict)
        for _ in [node.elts[0]]
        if isinstance(node.elts[0], ast.Constant)
    }
    return {str(reason) for reason in plain} | {
        f"{window}_max" for window in ("day", "week", "month", "year", "ever", "no_code")
    }


@cache
def reasons_that_only_ask() -> set[str]:
    tree = ast.parse((SOURCES / "dialogue" / "checkout.py").read_text("utf-8"))
    return next(
        {each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)}
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_ASKS_FOR_PROOF"
    )


#: Families of keys that are put together; each part is listed here because no search for the whole key finds it.
FAMILIES = {
    "refused": {f"refused-{why.replace('_', '-')}" for why in guard_reasons() - reasons_that_only_ask()},
    "help-challenge": {f"help-challenge-{how}" for how in ("code", "spoken-number", "yes")},
    "missed": {
        f"missed-{place}-{variant}"
        for place in ("start", "cart", "offer", "choose", "clear", "how-many")
        for variant in (1, 2, 3)
    },
    "status": {f"status-{state.value}" for state in OrderState} | {"status-unknown"},
    "told": {f"told-{state.value}" for state in ApprovalState if state is not ApprovalState.OPEN},
    "found": {f"found-{count}-{more}" for count in ("two", "three") for more in ("weak", "more")},
    "heard": {
        f"heard-{name}"
        for name in (
            "digits",
            "numbers",
            "money",
            "ordinals",
            "descriptions",
            "pronouns",
            "sizes",
            "endings",
            "heads",
            "joiners",
            "corrections",
            "fillers",
            "halves",
            "each",
        )
    },
}


@cache
def messages(locale: str = FALLBACK_LOCALE) -> dict[str, fluent.Message]:
    resource = FluentParser().parse((SOURCES / "speech" / f"{locale}.ftl").read_text("utf-8"))
    assert [] == [entry for entry in resource.body if isinstance(entry, fluent.Junk)]
    return {entry.id.name: entry for entry in resource.body if isinstance(entry, fluent.Message)}


def variables(message: fluent.Message) -> set[str]:
    return set(re.findall(r"\{\s*\$([a-z_]+)", _text(message)))


def _text(message: fluent.Message) -> str:
    return str(FluentSerializer().serialize_entry(message))


def test_every_key_that_is_said_is_in_the_file() -> None:
    have = messages().keys()
    assert {} == {key: where for key, where in spoken_keys().items() if key not in have}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_key_that_is_put_together_is_in_the_file(family: str) -> None:
    assert set() == FAMILIES[family] - messages().keys()


def test_no_other_keys_are_put_together() -> None:
    """A new f-string that makes a key belongs into FAMILIES, or a missing message would be found by a shopper."""
    prefixes = {
        node.values[0].value
        for path, tree in trees().items()
        if path.startswith(("dialogue/", "speech/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
        and re.fullmatch(r"[a-z]+(-[a-z]+)*-", str(node.values[0].value))
    }  # fmt: skip
    assert {f"{family}-" for family in FAMILIES} - {"found-"} == prefixes


def test_every_message_of_the_file_is_said_somewhere() -> None:
    said = all_literals().union(*FAMILIES.values())
    assert [] == sorted(messages().keys() - said)


def test_every_text_in_the_dialogue_that_looks_like_a_key_is_one() -> None:
    have, known = messages().keys(), {"-weak", "-more"}
    odd = {
        (path, node.value)
        for path, tree in trees().items()
        if path.startswith("dialogue/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value)
        and node.value not in have and node.value not in known
    }  # fmt: skip
    assert set() == odd


# --- what the file says -------------------------------------------------------------------------------------------------

#: Plausible values for every variable of the file; numbers choose the plural, so all of them are tried.
VALUES: dict[str, list[Any]] = {
    name: [0, 1, 2, 47]
    for name in (
        "quantity", "pieces", "reviews", "lines", "others", "most", "available", "minutes", "days", "whole", "tenth", "years",
        "number", "wait_s", "orders_max", "lines_max", "quantity_max", "count",
    )
} | {
    name: [Money(1099, "USD"), Money(0, "USD"), Money(100000, "USD")]
    for name in ("price", "total", "delivery", "tax", "cap", "left", "spent")
} | {
    name: [Phrase("name", {"name": "Whole Milk"})] for name in ("first", "second", "third", "item", "name")
}  # fmt: skip


def values_for(name: str) -> list[Any]:
    return VALUES.get(name, ["Hillside & Sons"])


@pytest.mark.parametrize("key", sorted(messages()))
def test_every_message_renders_with_plausible_values(key: str) -> None:
    names = sorted(variables(messages()[key]))
    for turn in range(4):
        values = {name: values_for(name)[turn % len(values_for(name))] for name in names}
        text = phrase(Phrase(key, values), FALLBACK_LOCALE)
        assert text or key.startswith("said-")
        assert not re.search(r"[{}$](?![0-9])|  |\bNone\b", text.replace("\n", " ")) or key.startswith("heard-")
        assert text == text.strip()


def reason_values(data: Any) -> dict[str, Any]:
    """A reason's data as messages take them."""
    return {
        name.removesuffix("_minor"): Money(each, "USD") if name.endswith("_minor") else each
        for name, each in data.items()
    }


def refusals() -> Iterator[Reason]:
    """Each reason with its data, as the guard's source writes them, every amount and count one."""
    tree = ast.parse((SOURCES / "guard" / "decision.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Dict):
            data = {str(key.value): 1 for key in node.elts[1].keys if isinstance(key, ast.Constant)}
            if isinstance(node.elts[0], ast.Constant):
                yield str(node.elts[0].value), data
            else:
                yield from ((f"{window}_max", data) for window in ("day", "week", "month", "year", "ever", "no_code"))


@pytest.mark.parametrize(("why", "data"), [each for each in refusals() if each[0] not in reasons_that_only_ask()])
def test_every_refusal_has_words_for_what_the_guard_tells(why: str, data: Any) -> None:
    assert phrase(Phrase(f"refused-{why.replace('_', '-')}", reason_values(data)), FALLBACK_LOCALE)


@pytest.mark.parametrize("name", ["digits", "numbers", "ordinals", "descriptions", "sizes"])
def test_what_is_heard_is_pairs_of_word_and_meaning(name: str) -> None:
    pairs = heard_words(name, FALLBACK_LOCALE)
    assert pairs
    for word, meaning in pairs.items():
        assert word == word.strip().casefold()
        assert "_" not in word
        assert re.fullmatch(
            {
                "digits": r"[0-9]",
                "numbers": r"x?[0-9]+|",
                "ordinals": r"-?[0-9]+",
                "descriptions": "big|small|cheap|dear|best",
                "sizes": r"[0-9]+(mg|ul|mg/ul)|x[0-9]+(/[0-9]+)?|#\+?[a-z]*",
            }[name],
            meaning,
        )


def test_the_question_for_the_number_does_not_contain_what_confirms() -> None:
    """A speaker that hears itself must not order."""
    asked = phrase(Phrase("ask-number", {"number": 47}), FALLBACK_LOCALE).casefold()
    assert "47" in asked
    assert "order 47" not in re.sub(r"[^a-z0-9 ]", "", asked)


def test_no_message_says_a_code_and_none_has_markup() -> None:
    for key, message in messages().items():
        assert not {"code", "pin", "digits"} & variables(message), key
        assert "<" not in _text(message), key


# --- rendering ----------------------------------------------------------------------------------------------------------


def test_a_key_that_is_missing_is_an_error_and_no_silence() -> None:
    for key in ("no-such-key", "", "heard-nothing"):
        with pytest.raises(Unspeakable):
            phrase(Phrase(key), FALLBACK_LOCALE)


def test_a_value_that_is_missing_is_an_error_and_no_gap() -> None:
    with pytest.raises(Unspeakable, match="welcome in en-US"):
        phrase(Phrase("welcome"), FALLBACK_LOCALE)


def test_an_answer_is_said_then_asked_and_the_question_is_asked_again_in_silence() -> None:
    reply = render(say("gone", Phrase("removed", {"item": "Milk"}), ask="find-else"), "en-US")
    assert "Sorry, that one is no longer here. I took out Milk. What else can I find for you?" == reply.speech
    assert "What else can I find for you?" == reply.reprompt
    assert Expect.FREE == reply.expects


def test_an_answer_without_words_is_silence() -> None:
    assert ("", "", None, ()) == (lambda r: (r.speech, r.reprompt, r.display, r.suggestions))(render(say(), "en-US"))


def test_money_phrases_and_lists_become_words() -> None:
    lines = (Phrase("counted", {"quantity": 2, "name": "Milk"}), "Ale", Phrase("name", {"name": "Salt"}))
    text = phrase(Phrase("ordered", {"lines": lines, "total": Money(123456, "USD")}), "en-US")
    assert "Done. 2 Milk, Ale, and Salt ordered, total $1,234.56." == text
    assert "Done. Ale ordered, total ¥500." == phrase(
        Phrase("ordered", {"lines": ["Ale"], "total": Money(500, "JPY")}), "en-US"
    )


def test_a_list_of_any_length_is_said_to_its_end() -> None:
    lines = tuple(f"thing number {number} of a hundred with a long name" for number in range(100))
    text = phrase(Phrase("ordered", {"lines": lines, "total": Money(100, "USD")}), "en-US")
    assert text.endswith("and thing number 99 of a hundred with a long name ordered, total $1.00.")


@pytest.mark.parametrize(
    ("speech", "length_max", "bytes_max", "whole"),
    [
        ("abcd", 0, 0, True), ("abcd", 4, 4, True), ("abcd", 3, 0, False), ("abcd", 0, 3, False),
        ("жы", 2, 4, True), ("жы", 2, 3, False), ("a&b", 7, 7, True), ("a&b", 6, 0, False), ("<>", 8, 8, True),
        ("<>", 0, 7, False), ("\ud800", 1, 3, True),
    ],
)  # fmt: skip
def test_what_a_channel_can_speak_is_counted_in_characters_and_bytes_with_escapes(
    speech: str, length_max: int, bytes_max: int, whole: bool
) -> None:
    assert whole is fits(speech, length_max, bytes_max)


def test_plurals_follow_the_number() -> None:
    said = [phrase(Phrase("can-undo", {"minutes": minutes}), "en-US") for minutes in (1, 30)]
    assert [
        "You have a minute to say: cancel my last order.",
        "You have 30 minutes to say: cancel my last order.",
    ] == said


def test_what_is_shown_has_words_prices_and_lines() -> None:
    shown = Shown(
        "cart",
        Phrase("card-cart"),
        (Phrase("card-cart-total", {"total": Money(698, "USD")}), Phrase("text", {"text": "ok"})),
        (Item("milk", "Whole Milk", "2 × 1 l", Money(698, "USD"), "https://img.example/milk"), Item("x", "X")),
    )
    task = PlatformTask("send_to_phone", "t")
    reply = render(say("gone", shown=shown, suggestions=("suggest-yes",), task=task, can_fulfill=True), "en-US")
    display = reply.display
    assert display is not None
    assert ("cart", "Your cart", "Goods: $6.98\nok") == (display.kind, display.title, display.text)
    assert [("milk", "Whole Milk", "2 × 1 l", "$6.98", "https://img.example/milk"), ("x", "X", "", "", "")] == [
        (each.key, each.title, each.detail, each.price, each.image_url) for each in display.items
    ]
    assert (("yes",), task, True) == (reply.suggestions, reply.task, reply.can_fulfill)


@pytest.mark.parametrize(
    ("amount", "locale", "spoken"),
    [
        (Money(349, "USD"), "en-US", "$3.49"), (Money(0, "USD"), "en-US", "$0.00"), (Money(-5, "USD"), "en-US", "-$0.05"),
        (Money(1000, "JPY"), "en-US", "¥1,000"), (Money(1234, "KWD"), "en-US", "KWD1.234"),
    ],
)  # fmt: skip
def test_money_is_spoken_with_its_own_places(amount: Money, locale: str, spoken: str) -> None:
    assert spoken == spoken_money(amount, locale)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("en-US", "en-US"), ("en-AU", "en-US"), ("en", "en-US"), ("xx-XX", "en-US"), ("", "en-US"), ("../../etc", "en-US"),
        ("EN-us", "en-US"), ("en_US", "en-US"),
    ],
)  # fmt: skip
def test_a_locale_without_a_file_is_answered_in_the_nearest(asked: str, spoken: str) -> None:
    assert spoken == best_locale(asked)
    assert render(say("gone"), spoken).speech == render(say("gone"), asked).speech


def test_the_locale_itself_comes_before_another_of_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "spoken_locales", lambda: ("de-AT", "de-DE", "en-GB", "en-US"))
    best_locale.cache_clear()
    try:
        assert ["de-DE", "de-AT", "en-GB", "en-US", "en-US"] == [
            best_locale(each) for each in ("de-DE", "de-CH", "en-GB", "en-US", "fr-FR")
        ]
    finally:
        best_locale.cache_clear()


def test_there_is_a_file_for_the_fallback() -> None:
    assert FALLBACK_LOCALE in spoken_locales()


def test_an_underscore_in_a_heard_word_is_a_space() -> None:
    assert "cheap" == heard_words("descriptions", "en-US")["less expensive"]


@given(st.text(max_size=50))
def test_words_of_a_feed_are_said_as_they_are_and_never_read_as_a_message(text: str) -> None:
    assert text == phrase(Phrase("text", {"text": text}), "en-US")
