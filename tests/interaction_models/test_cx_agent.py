from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from interaction_models.cx_agent import PHRASES_MAX, PHRASES_MIN, make_cx_agent
from interaction_models.language import Language, load_language
from interaction_models.sampling import Names
from interaction_models.sources import load_intents
from interaction_models.understanding import understand

FLOW = "flows/Default Start Flow/Default Start Flow.json"
CODE_PAGE = "flows/Default Start Flow/pages/Purchase code.json"


@pytest.fixture(scope="module")
def agent(english: Language, names: Names) -> dict[str, dict[str, Any]]:
    return make_cx_agent([english], names)


def phrases(agent: dict[str, dict[str, Any]], intent: str, code: str = "en") -> list[list[dict[str, Any]]]:
    return [phrase["parts"] for phrase in agent[f"intents/{intent}/trainingPhrases/{code}.json"]["trainingPhrases"]]


def test_every_intent_calls_the_webhook_with_its_own_name(agent: dict[str, dict[str, Any]]) -> None:
    routes = {
        route["intent"]: route["triggerFulfillment"] for route in agent[FLOW]["transitionRoutes"] if "intent" in route
    }
    assert {"webhook": "sayso", "tag": "launch"} == routes.pop("Default Welcome Intent")
    assert {name: {"webhook": "sayso", "tag": name} for name in load_intents() if name != "fallback"} == routes


def test_what_was_not_understood_calls_the_webhook_too(agent: dict[str, dict[str, Any]]) -> None:
    handlers = {handler["event"]: handler["triggerFulfillment"] for handler in agent[FLOW]["eventHandlers"]}
    assert (
        {"webhook": "sayso", "tag": "fallback"} == handlers["sys.no-match-default"] == handlers["sys.no-input-default"]
    )
    assert "messages" in handlers["webhook.error"]


def test_every_route_leads_to_what_is_there(agent: dict[str, dict[str, Any]]) -> None:
    assert "webhooks/sayso.json" in agent
    for file in (FLOW, CODE_PAGE):
        for route in agent[file]["transitionRoutes"]:
            assert route.get("targetPage", "Start Page") in ("Start Page", "Purchase code")
            assert "intent" not in route or f"intents/{route['intent']}/{route['intent']}.json" in agent


def test_code_is_redacted_wherever_it_is_held(agent: dict[str, dict[str, Any]]) -> None:
    assert agent["entityTypes/code/code.json"]["redact"]
    (parameter,) = agent["intents/give_code/give_code.json"]["parameters"]
    assert ("code", "@code", True) == (parameter["id"], parameter["entityType"], parameter["redact"])
    (asked,) = agent[CODE_PAGE]["form"]["parameters"]
    assert ("code", True, True) == (asked["displayName"], asked["required"], asked["redact"])
    assert {} == agent["agent.json"]["advancedSettings"]["loggingSettings"]


def test_code_page_forgets_the_last_code_when_it_is_entered(agent: dict[str, dict[str, Any]]) -> None:
    assert [{"parameter": "code", "value": None}] == agent[CODE_PAGE]["entryFulfillment"]["setParameterActions"]
    filled = agent[CODE_PAGE]["transitionRoutes"][0]
    assert {"webhook": "sayso", "tag": "give_code"} == filled["triggerFulfillment"]


def test_training_phrases_are_enough_and_not_too_many(agent: dict[str, dict[str, Any]]) -> None:
    for name in load_intents():
        if name != "fallback":
            count = len(phrases(agent, name))
            assert PHRASES_MIN <= count <= PHRASES_MAX + PHRASES_MIN, name
            assert count == agent[f"intents/{name}/{name}.json"]["numTrainingPhrases"]


def test_parameters_in_phrases_are_declared_and_typed(agent: dict[str, dict[str, Any]]) -> None:
    for name in load_intents():
        if name == "fallback":
            continue
        declared = {p["id"]: p["entityType"] for p in agent[f"intents/{name}/{name}.json"].get("parameters", ())}
        assert {
            part["parameterId"] for parts in phrases(agent, name) for part in parts if "parameterId" in part
        } <= set(declared)
        for kind in declared.values():
            assert kind.startswith("@sys.") or f"entityTypes/{kind[1:]}/{kind[1:]}.json" in agent


def test_no_phrase_trains_two_intents(agent: dict[str, dict[str, Any]]) -> None:
    owners: dict[str, str] = {}
    for name in [*load_intents(), "Default Welcome Intent", "Default Negative Intent"]:
        for parts in phrases(agent, name) if name != "fallback" else ():
            text = "".join(part["text"] for part in parts)
            assert name == owners.setdefault(text, name), text


@pytest.mark.parametrize("intent", ["yes", "confirm_order", "check_out", "order_status", "set_quantity"])
def test_training_phrases_mean_what_they_train(intent: str, agent: dict[str, dict[str, Any]]) -> None:
    for parts in phrases(agent, intent):
        text = "".join(part["text"] for part in parts)
        slots = {part["parameterId"] for part in parts if "parameterId" in part}
        understood = understand(text, "en-US")
        assert (intent, slots) == (understood.intent, set(understood.slots)), text


def test_nothing_that_a_store_knows_is_trained_as_strange(agent: dict[str, dict[str, Any]]) -> None:
    for parts in phrases(agent, "Default Negative Intent"):
        assert "fallback" == understand(parts[0]["text"], "en-US").intent, parts


def test_ordinals_are_places(agent: dict[str, dict[str, Any]]) -> None:
    entities = {e["value"]: e["synonyms"] for e in agent["entityTypes/ordinal/entities/en.json"]["entities"]}
    assert {"second", "2nd", "number two", "number 2"} <= set(entities["2"])
    assert "last" in entities["last"]


def test_names_are_not_shared_between_things(agent: dict[str, dict[str, Any]]) -> None:
    ids = [file["name"] for file in agent.values() if "name" in file]
    # The welcome intent and the start flow have the same well-known identifier in every agent.
    assert len(ids) - 1 == len(set(ids))


def test_webhook_may_be_elsewhere(english: Language, names: Names) -> None:
    agent = make_cx_agent([english], names, "https://shop.test/cx")
    assert {"uri": "https://shop.test/cx"} == agent["webhooks/sayso.json"]["genericWebService"]


def test_second_language_adds_its_phrases_and_words(
    english: Language, names: Names, write_language: Callable[..., None]
) -> None:
    write_language("it-C1")
    agent = make_cx_agent([english, load_language("it-C1")], names)
    assert ("en", ["it"]) == (agent["agent.json"]["defaultLanguageCode"], agent["agent.json"]["supportedLanguageCodes"])
    assert any(
        "".join(part["text"] for part in parts) == "ordina quarantasette"
        for parts in phrases(agent, "confirm_order", "it")
    )
    assert "entityTypes/ordinal/entities/it.json" in agent
    assert make_cx_agent([english], names)["intents/yes/yes.json"] == agent["intents/yes/yes.json"]
