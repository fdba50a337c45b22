from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from interaction_models.alexa_model import SAMPLE_LENGTH_MAX, SAMPLES_MAX, make_alexa_model
from interaction_models.language import Language, load_language
from interaction_models.sampling import Names
from interaction_models.sources import SourceInvalid, load_intents

BUILT_IN_SLOTS = {"AMAZON.SearchQuery", "AMAZON.NUMBER", "AMAZON.FOUR_DIGIT_NUMBER"}


@pytest.fixture(scope="module")
def model(english: Language, names: Names) -> dict[str, Any]:
    made: dict[str, Any] = make_alexa_model(english, names)["interactionModel"]
    return made


@pytest.fixture(scope="module")
def intents(model: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {intent["name"]: intent for intent in model["languageModel"]["intents"]}


def all_samples(intents: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    own = [(name, sample) for name, intent in intents.items() for sample in intent["samples"]]
    slots = [
        (name, s)
        for name, intent in intents.items()
        for slot in intent.get("slots", ())
        for s in slot.get("samples", ())
    ]
    return own + slots


def test_every_intent_is_there_under_its_platform_name(intents: dict[str, dict[str, Any]]) -> None:
    assert [intent.alexa or name for name, intent in load_intents().items()] == list(intents)
    assert {"AMAZON.YesIntent", "AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.HelpIntent"} <= set(intents)


def test_samples_hold_only_what_alexa_takes(intents: dict[str, dict[str, Any]]) -> None:
    for name, sample in all_samples(intents):
        assert re.fullmatch(r"[a-z' ]+|([a-z' ]*\{[a-z_]+\}[a-z' ]*)+", sample), (name, sample)
        assert len(sample) <= SAMPLE_LENGTH_MAX
        assert sample == sample.strip()
        assert "  " not in sample


def test_no_sample_is_in_two_intents_or_twice_in_one(intents: dict[str, dict[str, Any]]) -> None:
    samples = [sample for intent in intents.values() for sample in intent["samples"]]
    assert len(samples) == len(set(samples))


def test_phrase_slot_stands_alone_among_words(intents: dict[str, dict[str, Any]]) -> None:
    for intent in intents.values():
        phrases = [slot["name"] for slot in intent.get("slots", ()) if slot["type"] == "AMAZON.SearchQuery"]
        own = [*intent["samples"], *(s for slot in intent.get("slots", ()) for s in slot.get("samples", ()))]
        for sample in own:
            found = re.findall(r"{(\w+)}", sample)
            if set(found) & set(phrases):
                assert 1 == len(found), sample
                assert sample != f"{{{found[0]}}}"


def test_slots_in_samples_are_declared_and_have_types(
    model: dict[str, Any], intents: dict[str, dict[str, Any]]
) -> None:
    types = {entry["name"] for entry in model["languageModel"]["types"]}
    assert {"product", "ordinal", "item_description", "unit", "claim"} == types
    for intent in intents.values():
        slots = {slot["name"]: slot["type"] for slot in intent.get("slots", ())}
        assert set(slots.values()) <= types | BUILT_IN_SLOTS
        assert {name for sample in intent["samples"] for name in re.findall(r"{(\w+)}", sample)} <= set(slots)


def test_every_intent_of_ours_has_samples_and_not_too_many(intents: dict[str, dict[str, Any]]) -> None:
    for name, intent in intents.items():
        assert len(intent["samples"]) <= SAMPLES_MAX
        assert intent["samples"] or name.startswith("AMAZON.")


def test_yes_is_left_to_alexa_alone(intents: dict[str, dict[str, Any]]) -> None:
    assert [] == intents["AMAZON.YesIntent"]["samples"] == intents["AMAZON.FallbackIntent"]["samples"]


def test_confirming_takes_the_word_order(intents: dict[str, dict[str, Any]]) -> None:
    assert {"order {confirmation_number}", "order number {confirmation_number}"} == set(
        intents["confirm_order"]["samples"]
    )


def test_one_open_slot_stands_by_itself_in_an_intent_that_takes_only_sure_names(
    intents: dict[str, dict[str, Any]],
) -> None:
    bare = {
        (name, sample)
        for name, intent in intents.items()
        for sample in intent["samples"]
        if re.fullmatch(r"{\w+}", sample)
    }
    closed = {("give_code", "{code}"), ("give_number", "{number}"), ("choose_item", "{ordinal}")}
    assert {*closed, ("name_product", "{product}")} == bare


def test_type_values_are_said_once(model: dict[str, Any]) -> None:
    for kind in model["languageModel"]["types"]:
        said = [
            word for value in kind["values"] for word in (value["name"]["value"], *value["name"].get("synonyms", ()))
        ]
        ids = [value["id"] for value in kind["values"]]
        assert len(said) == len(set(said)), kind["name"]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[a-z0-9_]+", each) for each in ids)


def test_ordinals_resolve_to_places(model: dict[str, Any]) -> None:
    ordinals = next(kind for kind in model["languageModel"]["types"] if kind["name"] == "ordinal")
    second = next(value for value in ordinals["values"] if value["id"] == "2")
    assert {"value": "second", "synonyms": ["2nd", "number two", "option two"]} == second["name"]


def test_slots_that_are_asked_for_have_prompts(model: dict[str, Any]) -> None:
    asked = [
        slot["prompts"]["elicitation"]
        for intent in model["dialog"]["intents"]
        for slot in intent["slots"]
        if slot["elicitationRequired"]
    ]
    assert ["Elicit.give_code.code", "Elicit.find_products.product_query"] == asked
    assert sorted(asked) == sorted(prompt["id"] for prompt in model["prompts"])
    assert all(variation["value"] for prompt in model["prompts"] for variation in prompt["variations"])


def test_dialog_knows_the_slots_of_its_intents(model: dict[str, Any], intents: dict[str, dict[str, Any]]) -> None:
    for intent in model["dialog"]["intents"]:
        declared = [(slot["name"], slot["type"]) for slot in intents[intent["name"]]["slots"]]
        assert declared == [(slot["name"], slot["type"]) for slot in intent["slots"]]


def test_code_may_be_answered_bare(intents: dict[str, dict[str, Any]]) -> None:
    (slot,) = intents["give_code"]["slots"]
    assert ("code", "AMAZON.FOUR_DIGIT_NUMBER") == (slot["name"], slot["type"])
    assert "{code}" in slot["samples"]


def test_store_may_name_its_skill_and_its_products(english: Language) -> None:
    made = make_alexa_model(english, Names(("blue widget",), ("acme",)), "harbour street books")["interactionModel"][
        "languageModel"
    ]
    assert "harbour street books" == made["invocationName"]
    product, _, description, *_ = made["types"]
    assert [{"id": "blue_widget", "name": {"value": "blue widget"}}] == product["values"]
    assert {"id": "acme", "name": {"value": "acme"}} in description["values"]


@pytest.mark.parametrize(
    "name", ["store", "Corner Store", "corner store 2", "ask corner", "the skill", "a  b", "", "corner-store now"]
)
def test_invocation_name_that_alexa_refuses_is_refused(english: Language, names: Names, name: str) -> None:
    if name:
        with pytest.raises(SourceInvalid, match="invocation name"):
            make_alexa_model(english, names, name)
    else:
        assert (
            "corner store"
            == make_alexa_model(english, names, name)["interactionModel"]["languageModel"]["invocationName"]
        )


@pytest.mark.parametrize(
    ("number", "intent", "sentence", "complaint"),
    [
        (1, "add_to_cart", "aggiungi {quantity} {product_query}", "takes no other slot"),
        (2, "find_products", "{product_query}", "needs words around it"),
        (3, "show_cart", "mostra 3 cose", "cannot hold 3"),
        (4, "show_cart", "mostra: tutto", "cannot hold :"),
        (5, "add_to_cart", "{product} e {product}", "same slot twice"),
        (6, "show_cart", "mostra " + "tutto " * 40, "at most 200"),
        (7, "show_cart", "cercami il carrello", "share the sample"),
    ],
)
def test_sentence_that_alexa_refuses_is_refused(
    write_language: Callable[..., None], names: Names, number: int, intent: str, sentence: str, complaint: str
) -> None:
    sentences = {intent: {"data": [{"sentences": [sentence]}]}}
    if number == 7:
        sentences["find_products"] = {"data": [{"sentences": [sentence]}]}
    write_language(f"it-A{number}", intents=sentences)
    with pytest.raises(SourceInvalid, match=complaint):
        make_alexa_model(load_language(f"it-A{number}"), names)


def test_slot_that_is_asked_for_without_a_prompt_is_refused(write_language: Callable[..., None], names: Names) -> None:
    write_language("it-A9", prompts={"unreachable": "Il negozio non risponde."})
    with pytest.raises(SourceInvalid, match="has no prompt"):
        make_alexa_model(load_language("it-A9"), names)
