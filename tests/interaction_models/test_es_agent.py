from __future__ import annotations

import re

import pytest

from interaction_models.es_agent import make_es_agent
from interaction_models.language import load_language
from interaction_models.sources import load_intents, load_slot_types
from skill.platforms.dialogflow_es import CONTEXT, DialogflowEs
from skill.turn import Expect, Reply


@pytest.fixture(scope="module")
def agent(english, names):
    return make_es_agent([english, load_language("en-GB")], names, "https://mugs.test/es")


def test_every_intent_calls_the_webhook_with_its_own_name_as_the_action(agent):
    for name in load_intents():
        if name != "fallback":
            intent = agent[f"intents/{name}.json"]
            (response,) = intent["responses"]
            assert (True, name, []) == (intent["webhookUsed"], response["action"], intent["contexts"])


def test_the_adapter_reads_every_action_of_the_agent(agent):
    read = set()
    for path, file in agent.items():
        if path.startswith("intents/") and "_usersays_" not in path:
            result = {"action": file["responses"][0]["action"], "intent": {"displayName": file["name"]}}
            request = {"session": "s", "responseId": path, "queryResult": result}
            turn = DialogflowEs(lambda turn: Reply(""), store="corner").read_turn(request)
            read.add(turn.intent or turn.kind.value)
    assert set(load_intents()) | {"launch"} == read


def test_the_context_of_the_awaited_code_is_the_one_that_the_webhook_opens(agent):
    awaited = agent["intents/give_code awaited.json"]
    asking = DialogflowEs(lambda turn: Reply("Code?", Expect.CODE, slot=("give_code", "code")), store="corner")
    request = {"session": "projects/p/agent/sessions/s", "responseId": "1", "queryResult": {"action": "check_out"}}
    (opened,) = asking.handle(request)["outputContexts"]
    assert [opened["name"].rsplit("/", 1)[-1]] == awaited["contexts"]
    assert awaited["contexts"][0].startswith(CONTEXT)
    assert awaited["priority"] > agent["intents/give_code.json"]["priority"]
    texts = [
        "".join(part["text"] for part in phrase["data"])
        for phrase in agent["intents/give_code awaited_usersays_en.json"]
    ]
    assert len(texts) > 3
    assert all(re.fullmatch(r"\d{4}", text) for text in texts)


def test_marked_words_are_of_the_parameters_type(agent):
    marked = 0
    for path, phrases in agent.items():
        if "_usersays_" not in path:
            continue
        intent = agent[path.split("_usersays_")[0] + ".json"]
        types = {each["name"]: each["dataType"] for each in intent["responses"][0]["parameters"]}
        for phrase in phrases:
            for part in phrase["data"]:
                if part["userDefined"]:
                    marked += 1
                    assert types[part["alias"]] == part["meta"]
    assert marked > 100


def test_entity_types_that_are_named_are_there_in_every_language(agent):
    own = {name for name, kind in load_slot_types().items() if kind.dialogflow_cx == name}
    assert own == {path[9:-5] for path in agent if path.startswith("entities/") and "_entries_" not in path}
    assert {f"entities/{name}_entries_en.json" for name in own} <= set(agent)
    assert agent["entities/code.json"]["isRegexp"]


def test_no_two_things_share_an_identifier(agent):
    ids = []
    for path, file in agent.items():
        for each in file if isinstance(file, list) else [file]:
            if "id" in each:
                ids.append((each["id"], path))
    assert len(ids) == len({each for each, _ in ids})


def test_the_agent_keeps_no_logs_and_asks_the_store(agent):
    settings = agent["agent.json"]
    assert (True, True) == (settings["disableInteractionLogs"], settings["disableStackdriverLogs"])
    assert ("https://mugs.test/es", "v2") == (settings["webhook"]["url"], settings["onePlatformApiVersion"])


def test_each_of_dialogflows_languages_is_in_it_once(agent):
    assert ("en", []) == (agent["agent.json"]["language"], agent["agent.json"]["supportedLanguages"])


def test_nothing_matched_and_the_welcome_are_dialogflows_own(agent):
    fallback, welcome = agent["intents/Default Fallback Intent.json"], agent["intents/Default Welcome Intent.json"]
    assert (True, [{"name": "WELCOME"}]) == (fallback["fallbackIntent"], welcome["events"])
