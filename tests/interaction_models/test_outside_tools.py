"""The generated models, held against the platforms' own types and linters."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from interaction_models.sources import HERE, load_intents, locales, read_sentences

pytestmark = [
    pytest.mark.clients,
    # Google's and Amazon's libraries warn of what is theirs to mend.
    pytest.mark.filterwarnings("ignore"),
]

AGENT = HERE / "dialogflow" / "cx"
FLOW = AGENT / "flows" / "Default Start Flow"
# What an export has beside the API's own fields.
EXPORT_ONLY = {"languageCode", "numTrainingPhrases"}


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def as_api(exported: Any) -> Any:
    if isinstance(exported, dict):
        return {key: as_api(value) for key, value in exported.items() if key not in EXPORT_ONLY}
    return [as_api(each) for each in exported] if isinstance(exported, list) else exported


def parse(exported: Any, kind: str) -> Any:
    """Into the API's own type: unknown keys, wrong types and unknown enums raise."""
    from google.cloud import dialogflowcx_v3
    from google.protobuf.json_format import ParseDict

    message = getattr(dialogflowcx_v3, kind)
    return ParseDict(exported, message.pb(message()))


CODES = sorted({read_sentences(locale)["dialogflow_language"] for locale in locales()})


@pytest.mark.parametrize("code", CODES)
def test_intents_are_dialogflows_intents(code: str) -> None:
    folders = sorted((AGENT / "intents").iterdir())
    assert len(load_intents()) - 1 + 2 == len(folders)
    for folder in folders:
        exported = read(folder / f"{folder.name}.json") | read(folder / "trainingPhrases" / f"{code}.json")
        intent = parse(as_api(exported), "Intent")
        assert intent.training_phrases
        assert code != "en" or exported["numTrainingPhrases"] == len(intent.training_phrases)


@pytest.mark.parametrize("code", CODES)
def test_entity_types_are_dialogflows_entity_types(code: str) -> None:
    folders = sorted((AGENT / "entityTypes").iterdir())
    assert ["claim", "code", "item_description", "ordinal", "product", "unit"] == [folder.name for folder in folders]
    for folder in folders:
        exported = read(folder / f"{folder.name}.json") | read(folder / "entities" / f"{code}.json")
        assert parse(as_api(exported), "EntityType").entities


def test_flow_page_webhook_and_agent_are_dialogflows() -> None:
    assert len(load_intents()) + 1 == len(
        parse(as_api(read(FLOW / "Default Start Flow.json")), "Flow").transition_routes
    )
    page = parse(as_api(read(FLOW / "pages" / "Purchase code.json")), "Page")
    assert page.form.parameters[0].redact
    webhook = read(AGENT / "webhooks" / "sayso.json")
    # Exports spell a duration out; the API's JSON does not.
    parse(webhook | {"timeout": f"{webhook['timeout']['seconds']}s"}, "Webhook")
    parse(read(AGENT / "agent.json"), "Agent")


def test_cxlint_finds_nothing_in_the_agent() -> None:
    # The linter fails on agents without naming conventions, sets up logging when it is imported, and prints.
    code = f"""
from cxlint.cxlint import CxLint, config
CxLint(naming_conventions=dict.fromkeys(config["NAMING CONVENTIONS"], ".*")).lint_agent({str(AGENT)!r})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stderr
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    rated = re.findall(r"Your Agent (.+?) rated at ([\d.]+)/10", plain)
    assert [(room, "10.00") for room in ("Flows", "Entity Types", "Intents", "Webhooks")] == rated, plain


@pytest.mark.parametrize("locale", sorted(path.stem for path in (HERE / "alexa").glob("*.json")))
def test_alexa_model_comes_back_whole_from_amazons_types(locale: str) -> None:
    from ask_sdk_core.serialize import DefaultSerializer
    from ask_smapi_model.v1.skill.interaction_model.interaction_model_data import InteractionModelData

    model = read(HERE / "alexa" / f"{locale}.json")
    serializer = DefaultSerializer()
    again = serializer.serialize(serializer.deserialize(json.dumps(model), InteractionModelData))
    assert model == without_none(again)


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_none(each) for key, each in value.items() if each is not None}
    return [without_none(each) for each in value] if isinstance(value, list) else value
