"""What the vendors' own models say of every envelope of every conversation file, and of every intent said out of the blue.

Google's protocol buffers refuse unknown keys, wrong types and unknown enum values. Amazon's models drop unknown keys without
a word, so what they read is written again and must come out as it went in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from skill.shop.catalogue import Product
from skill.simulator.conversation import PLATFORMS, parse_conversation, read_conversation
from skill.simulator.replay import play, set_stage
from skill.simulator.talk import Exchange

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
# Google publishes no model of Actions Builder's webhook for Python.
MODELLED = tuple(each for each in PLATFORMS if each != "actions-builder")
CONVERSATIONS = [
    pytest.param(path, platform, id=f"{path.stem}-{platform}")
    for path in sorted((ROOT / "tests" / "conversations").glob("**/*.yaml"))
    for platform in read_conversation(path).platforms
    if platform in MODELLED
]

Reader = Callable[[Mapping[str, Any]], dict[str, Any]]


def read_as_dialogflow_cx(message: str) -> Reader:
    from google.cloud.dialogflowcx_v3 import types
    from google.protobuf.json_format import MessageToDict, ParseDict

    def read(envelope: Mapping[str, Any]) -> dict[str, Any]:
        return dict(MessageToDict(ParseDict(dict(envelope), getattr(types, message).pb()())))

    return read


def read_as_dialogflow_es(message: str) -> Reader:
    from google.cloud import dialogflow_v2
    from google.protobuf.json_format import MessageToDict, ParseDict

    def read(envelope: Mapping[str, Any]) -> dict[str, Any]:
        return dict(MessageToDict(ParseDict(dict(envelope), getattr(dialogflow_v2, message).pb()())))

    return read


def read_as_alexa(model: str) -> Reader:
    import ask_sdk_model
    from ask_sdk_core.serialize import DefaultSerializer

    serializer = DefaultSerializer()

    def read(envelope: Mapping[str, Any]) -> dict[str, Any]:
        return dict(serializer.serialize(serializer.deserialize(json.dumps(envelope), getattr(ask_sdk_model, model))))

    return read


def read_request_and_response(platform: str) -> tuple[Reader, Reader]:
    if platform == "alexa":
        return read_as_alexa("RequestEnvelope"), read_as_alexa("ResponseEnvelope")
    read_as = read_as_dialogflow_es if platform == "dialogflow-es" else read_as_dialogflow_cx
    return read_as("WebhookRequest"), read_as("WebhookResponse")


def exchanges(conversation: Any, platform: str, store: tuple[Path, list[Product]], folder: Path) -> Iterator[Exchange]:
    stage = set_stage(conversation, platform, store[0], store[1], folder)
    try:
        yield from (played.exchange for played in play(stage) if played.exchange is not None)
    finally:
        stage.close()


def check_exchange(platform: str, exchange: Exchange) -> None:
    read_request, read_response = read_request_and_response(platform)
    read_request(exchange.request)
    understood = read_response(exchange.response)
    if platform == "alexa":
        # The model writes times and decimals its own way in requests; responses have neither.
        assert json.loads(json.dumps(exchange.response)) == json.loads(json.dumps(understood))


@pytest.mark.parametrize(("path", "platform"), CONVERSATIONS)
def test_vendors_models_take_every_envelope_of_a_conversation(
    path: Path, platform: str, sample: tuple[Path, list[Product]], tmp_path: Path
) -> None:
    for exchange in exchanges(read_conversation(path), platform, sample, tmp_path / "stage"):
        check_exchange(platform, exchange)


def test_there_are_conversations_to_check_on_every_platform() -> None:
    assert set(MODELLED) == {each.values[1] for each in CONVERSATIONS}


@pytest.mark.parametrize("platform", MODELLED)
def test_vendors_models_take_the_answer_to_every_intent_out_of_the_blue(
    platform: str, sample: tuple[Path, list[Product]], tmp_path: Path
) -> None:
    source = yaml.safe_load((ROOT / "interaction_models" / "intents.yaml").read_text("utf-8"))
    heard = {
        "quantity": "2", "number": "12", "confirmation_number": "31", "amount": "20", "code": "0042",
        "ordinal": "1", "product": "milk", "product_query": "milk", "item_description": "cheaper",
        "unit": "bottle", "asked": "gluten free", "avoided": "nuts", "excluded": "cheaper", "claimed": "gluten free",
    }  # fmt: skip
    steps: list[dict[str, Any]] = [{"launch": True}]
    for name, intent in source["intents"].items():
        slots = {slot: heard[slot] for slot in intent.get("slots", {})}
        steps += [{"intent": name}, {"intent": name, "slots": slots}] if slots else [{"intent": name}]
    steps.append({"end": True})
    conversation = parse_conversation(json.dumps({"title": "Every intent", "steps": steps}), "every intent")
    seen = 0
    for exchange in exchanges(conversation, platform, sample, tmp_path / "stage"):
        check_exchange(platform, exchange)
        seen += 1
    # Dialogflow does not say that a shopper walked away.
    assert len(steps) - (platform != "alexa") == seen


def test_googles_buffers_refuse_what_they_do_not_know() -> None:
    from google.protobuf.json_format import ParseError

    with pytest.raises(ParseError):
        read_as_dialogflow_cx("WebhookResponse")({"fulfilmentResponse": {}})
