"""Numbers that `@sys.number` leaves in the words, in the languages that it does not have."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from skill.platforms.dialogflow_cx import DialogflowCx
from skill.platforms.dialogflow_es import DialogflowEs
from skill.platforms.unread_numbers import NUMBER_SLOTS, read_unread_number
from skill.turn import Reply, Turn

INTENTS = Path(__file__).parents[2] / "interaction_models" / "intents.yaml"


def read_cx(event, intent, language, words, parameters) -> Turn:
    request = event("cx_intent")
    request["intentInfo"]["displayName"], request["languageCode"], request["text"] = intent, language, words
    request["intentInfo"]["parameters"] = {
        name: {"originalValue": value, "resolvedValue": value} for name, value in parameters.items()
    }
    return DialogflowCx(lambda turn: Reply("Hi."), store="corner").read_turn(request)


def read_es(event, intent, language, words, parameters) -> Turn:
    request = event("es_intent")
    # Dialogflow ES names every parameter of the intent, the unfilled ones with an empty text.
    empty = {NUMBER_SLOTS[intent]: ""} if intent in NUMBER_SLOTS else {}
    request["queryResult"] |= {"action": intent, "languageCode": language, "queryText": words}
    request["queryResult"]["parameters"] = empty | parameters
    return DialogflowEs(lambda turn: Reply("Hi."), store="corner").read_turn(request)


SAID = [
    ("el", "add_to_cart", "βάλε δύο γάλα", {"product": "γάλα"}, {"quantity": "2"}),
    ("hr", "add_to_cart", "dodaj tri mlijeka", {"product": "mlijeko"}, {"quantity": "3"}),
    ("kk", "add_to_cart", "екі сүт қос", {"product": "сүт"}, {"quantity": "2"}),
    ("el", "set_quantity", "κάν' το πέντε", {}, {"quantity": "5"}),
    ("hr", "remove_from_cart", "makni dva mlijeka", {"product": "mlijeko"}, {"quantity": "2"}),
    ("el", "confirm_order", "παράγγειλε σαράντα επτά", {}, {"confirmation_number": "47"}),
    ("hr", "confirm_order", "naruči četrdeset sedam", {}, {"confirmation_number": "47"}),
    ("hr", "confirm_order", "naruči, 47.", {}, {"confirmation_number": "47"}),
    ("kk", "confirm_order", "тапсырыс бер қырық жеті", {}, {"confirmation_number": "47"}),
    ("el", "give_code", "ο κωδικός είναι τέσσερα δύο επτά ένα", {}, {"code": "4271"}),
    ("hr", "give_code", "kod je nula nula četiri dva", {}, {"code": "0042"}),
    ("kk", "give_code", "код төрт екі жеті бір", {}, {"code": "4271"}),
    ("hr", "give_code", "0042", {}, {"code": "0042"}),
    ("el", "lower_limit", "κατέβασε το όριο στα πενήντα ευρώ", {}, {"amount": "50"}),
    ("kk", "give_number", "он бес", {}, {"number": "15"}),
]


@pytest.mark.parametrize("read", [read_cx, read_es])
@pytest.mark.parametrize(("language", "intent", "words", "parameters", "read_from_words"), SAID)
def test_the_number_in_the_words_fills_the_slot(event, read, language, intent, words, parameters, read_from_words):
    assert parameters | read_from_words == read(event, intent, language, words, parameters).slots


NOT_SAID = [
    ("hr", "confirm_order", "naruči", {}),
    ("hr", "confirm_order", "naruči četrdeset sedam ili četrdeset osam", {}),
    ("el", "confirm_order", "ναι παράγγειλε", {}),
    ("kk", "confirm_order", "жеті тоғыз", {}),
    ("hr", "give_code", "ne znam kod", {}),
    ("el", "give_code", "τέσσερα δύο", {}),
    ("kk", "give_code", "төрт екі жеті бір тоғыз", {}),
    ("el", "add_to_cart", "βάλε γάλα 2 λίτρα", {"product_query": "γάλα 2 λίτρα"}),
    ("hr", "add_to_cart", "dodaj mlijeko 500 ml", {"product": "mlijeko"}),
    ("hr", "add_to_cart", "dodaj mlijeko", {"product": "mlijeko"}),
    ("hr", "find_products", "dva mlijeka", {"product_query": "dva mlijeka"}),
    ("en", "add_to_cart", "add two", {}),
    ("it", "confirm_order", "ordina quarantasette", {}),
]


@pytest.mark.parametrize("read", [read_cx, read_es])
@pytest.mark.parametrize(("language", "intent", "words", "parameters"), NOT_SAID)
def test_none_several_or_another_slots_number_leaves_it_empty(event, read, language, intent, words, parameters):
    assert parameters == read(event, intent, language, words, parameters).slots


@pytest.mark.parametrize("read", [read_cx, read_es])
def test_what_the_platform_read_stands_and_raw_words_stay_as_they_came(event, read):
    assert {"quantity": "2"} == read(event, "add_to_cart", "hr", "dodaj tri", {"quantity": 2.0}).slots
    assert {"quantity": "dva"} == read(event, "add_to_cart", "hr", "dodaj dva", {"quantity": "dva"}).slots


def test_every_intent_with_a_number_is_known_and_no_other():
    model = yaml.safe_load(INTENTS.read_text(encoding="utf-8"))
    types = {name for name, told in model["slot_types"].items() if told["reads"] in ("number", "digits")}
    expected = {
        intent: slot
        for intent, told in model["intents"].items()
        for slot, kind in (told.get("slots") or {}).items()
        if kind in types
    }
    assert expected == dict(NUMBER_SLOTS)


def test_other_languages_and_other_intents_cost_nothing():
    assert {} == read_unread_number("add_to_cart", {}, "add two", "en-US")
    assert {} == read_unread_number(None, {}, "δύο", "el-GR")
    assert {"quantity": "2"} == read_unread_number("add_to_cart", {}, "δύο", "el-GR")
