"""A message that is parsed when it is first spoken says what it says when the whole file is parsed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast
from hypothesis import given
from hypothesis import strategies as some

from skill.speech.unread import UnreadBundle, split_entries

FILES = sorted((Path(__file__).parents[2] / "skill" / "speech").glob("*.ftl"))

#: A message that speaks of another and of a term, and a term that speaks of a term.
LINKED = """\
# A comment
-shop = Corner { -kind }
-kind = Store
greeting = Welcome to { -shop }. { offer }
    And welcome again.

offer = { $count ->
    [one] One thing.
   *[other] { $count } things.
}
plain = Nothing
"""


def whole(locale: str, text: str) -> FluentBundle:
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource(text))
    return bundle


def says(bundle: FluentBundle, key: str, **values: object) -> tuple[object, list[Exception]]:
    text, problems = bundle.format_pattern(bundle.get_message(key).value, values)
    return text, [type(each) for each in problems]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_entry_is_found_and_parsed_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = FluentParser(with_spans=False).parse(text).body
    named = [each for each in entries if isinstance(each, ast.Message | ast.Term)]
    split = split_entries(text)

    assert ["-" * isinstance(each, ast.Term) + each.id.name for each in named] == list(split)
    for entry, piece in zip(named, split.values(), strict=True):
        entry.comment = None
        (alone, *_) = FluentParser(with_spans=False).parse(piece).body
        assert entry.equals(alone)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_message_says_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parsed = whole(path.stem, text)
    for key in (name for name in split_entries(text) if not name.startswith("-")):
        # A bundle of its own: nothing has been read before.
        assert says(parsed, key) == says(UnreadBundle(path.stem, text), key)


def test_what_a_message_speaks_of_is_read_with_it() -> None:
    bundle = UnreadBundle("en-US", LINKED)

    assert ("Welcome to Corner Store. 2 things.\nAnd welcome again.", []) == says(bundle, "greeting", count=2)
    assert not bundle.has_message("plain"), "nobody has spoken of it"
    assert ("Nothing", []) == says(bundle, "plain")


def test_a_missing_message_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        UnreadBundle("en-US", LINKED).get_message("nowhere")


def test_a_voice_takes_the_place_of_what_is_shipped_and_may_speak_of_it() -> None:
    voice = "greeting = Hi from { -shop }: { plain }\n"
    bundle = UnreadBundle("en-US", LINKED, (voice,))

    assert ("Hi from Corner Store: Nothing", []) == says(bundle, "greeting")
    assert ("One thing.", []) == says(bundle, "offer", count=1)


@given(order=some.permutations(["greeting", "offer", "plain"]))
def test_the_order_in_which_messages_are_spoken_changes_nothing(order: list[str]) -> None:
    bundle, other = UnreadBundle("en-US", LINKED), whole("en-US", LINKED)
    for key in order:
        assert says(other, key, count=3) == says(bundle, key, count=3)
