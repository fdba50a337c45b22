from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interaction_models import sources
from interaction_models.sources import (
    SourceInvalid,
    load_intents,
    load_slot_types,
    read_intents,
    read_sentences,
    read_yaml,
)


def test_intents_are_read_with_their_slots_in_order() -> None:
    assert ["yes", "no", "cancel"] == list(load_intents())[:3]
    assert {"product": "product", "ordinal": "ordinal"}.items() <= load_intents()["set_quantity"].slots.items()
    assert "AMAZON.YesIntent" == load_intents()["yes"].alexa


def test_the_code_is_the_one_secret() -> None:
    assert ["code"] == [name for name, kind in load_slot_types().items() if kind.secret]


def test_yes_no_on_and_off_are_words(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("words: [yes, no, on, off, true]", encoding="utf-8")
    assert {"words": ["yes", "no", "on", "off", True]} == read_yaml(tmp_path / "words.yaml")


@pytest.mark.parametrize("content", [b"a: [1", b"\xff\xfe\x00", b"a: b: c"])
def test_file_that_is_no_yaml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.yaml").write_bytes(content)
    with pytest.raises(SourceInvalid, match=r"broken\.yaml"):
        read_yaml(tmp_path / "broken.yaml")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("intents: {}", "slot_types is missing"),
        ("[]", "slot_types is missing"),
        ("slot_types: {}\nintents: {greet: {}}", "greet: `says` is missing"),
        ("slot_types: {}\nintents: {buy: {says: x, slots: {what: thing}}}", r"buy\.what is of the type 'thing'"),
        ("slot_types: {}\nintents: {buy: {says: x, elicit: [what]}}", "buy elicits 'what'"),
    ],
)
def test_intents_that_cannot_be_used_are_refused(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "intents.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SourceInvalid, match=complaint):
        read_intents(tmp_path / "intents.yaml")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"language": "de-DE"}, "it must be the file's name, it-X1"),
        ({"intents": None}, "intents is missing"),
        ({"greetings": None}, "greetings is missing"),
        ({"lists": {}}, "lists: ordinal is missing"),
        ({"intents": {"fly": {"data": [{"sentences": ["vola"]}]}}}, "fly is not in intents.yaml"),
        ({"intents": {"yes": {"data": [{}]}}}, "yes: data is missing"),
        ({"intents": {"yes": {"data": [{"sentences": ["sì"], "slots": {"x": "1"}}]}}}, "'x' is none of its slots"),
    ],
)
def test_sentences_that_cannot_be_used_are_refused(
    write_language: Callable[..., None], changes: dict[str, object], complaint: str
) -> None:
    write_language("it-X1", **changes)
    with pytest.raises(SourceInvalid, match=complaint):
        read_sentences("it-X1")


def test_locales_are_the_sentences_files(write_language: Callable[..., None]) -> None:
    assert "en-US" not in sources.locales()
    write_language("it-X2")
    write_language("it-X3")
    assert ("it-X2", "it-X3") == sources.locales()
