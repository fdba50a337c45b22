"""A Dialogflow CX agent in the layout that CX exports and imports ("JSON package"), made from the sources.

One flow: every intent calls the webhook with its own name as the tag, and the webhook decides what is said. What CX itself
has to know is kept small: that a purchase code is a secret, and a page that listens for one while the store awaits it.
Fields: cloud.google.com/dialogflow/cx/docs/reference/rest/v3 and the names that an export has beside them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from interaction_models.language import Language, flatten_words
from interaction_models.sampling import Filled, Filler, Names, contract, make_samples, spell_number
from interaction_models.sources import load_intents, load_slot_types

PHRASES_MAX = 200  # an intent
PHRASES_MIN = 20  # with fewer, Dialogflow hardly generalises
ROUNDS_MAX = 3  # of filling the same sentences with other words
CODE_PAGE = "Purchase code"
FLOW = "Default Start Flow"
WEBHOOK = "sayso"
WEBHOOK_TIMEOUT_S = 10
WEBHOOK_URI = "https://store.example/dialogflow/cx"
# A code as it is typed or transcribed; a match is the code.
CODE_PATTERNS = (r"\d{4}", r"\d \d \d \d", r"\d\d \d\d", r"\d-\d-\d-\d")
# A guess that is unsure is not taken: a purchase hangs on "yes".
CLASSIFICATION_THRESHOLD = 0.5

_PRIORITY = 500000  # Dialogflow's normal
_SPACE = uuid.UUID("9d1f3a52-6c5e-5a7b-9a0d-6a1c0f6f7e21")
_START_PAGE = "Start Page"
_WELCOME, _NEGATIVE = "Default Welcome Intent", "Default Negative Intent"
FALLBACK = "fallback"
LAUNCH = "launch"
_GIVE_CODE = "give_code"


def make_cx_agent(
    languages: Sequence[Language], names: Names, webhook_uri: str = WEBHOOK_URI
) -> dict[str, dict[str, Any]]:
    """The agent's files: path below the agent's folder → JSON. The first language is the agent's default."""
    # Dialogflow has one English where we have several: the first one stands for them all.
    by_code: dict[str, Language] = {}
    for language in languages:
        by_code.setdefault(language.source["dialogflow_language"], language)
    default, *others = by_code
    agent: dict[str, Any] = {
        "displayName": "Sayso",
        "defaultLanguageCode": default,
        "timeZone": "America/New_York",
        "startFlow": FLOW,
        "advancedSettings": {"loggingSettings": {}},
    }
    if others:
        agent["supportedLanguageCodes"] = others
    files: dict[str, dict[str, Any]] = {
        "agent.json": agent,
        f"webhooks/{WEBHOOK}.json": {
            "name": give_id("webhook", WEBHOOK),
            "displayName": WEBHOOK,
            "genericWebService": {"uri": webhook_uri},
            "timeout": {"seconds": WEBHOOK_TIMEOUT_S},
        },
        f"flows/{FLOW}/{FLOW}.json": _write_flow(by_code),
        f"flows/{FLOW}/pages/{CODE_PAGE}.json": _write_code_page(by_code),
    }
    # The default language comes last, so that what the languages share is counted in it.
    for code, language in reversed(by_code.items()):
        filler = Filler(language, names)
        for name in load_intents():
            if name != FALLBACK:
                files |= _write_intent(language, name, fill_phrases(language, filler, name))
        for name in (_WELCOME, _NEGATIVE):
            phrases = [_write_phrase([{"text": text}], code) for text in _own_phrases(language, name)]
            files |= _lay_out(name, _write_own_intent(name, len(phrases)), phrases, code)
        for name, kind in load_slot_types().items():
            if kind.dialogflow_cx == name:
                files |= _write_entity_type(language, names, name)
    return dict(sorted(files.items()))


def give_id(kind: str, name: str) -> str:
    """The same identifier for the same thing in every build, so that an import updates and does not duplicate."""
    return str(uuid.uuid5(_SPACE, f"{kind}/{name}"))


# ---- intents --------------------------------------------------------------------------------------------------------


def fill_phrases(language: Language, filler: Filler, name: str) -> list[dict[str, Any]]:
    """Phrases with words in their slots; where there are few, with other words again, and with the usual politeness."""
    code = language.source["dialogflow_language"]
    samples = [sample for sample in make_samples(language, name, every=False) if sample.spoken][:PHRASES_MAX]
    phrases: dict[str, dict[str, Any]] = {}
    for polite in ("{}", *[manner for manner in language.source.get("polite", ()) for _ in range(ROUNDS_MAX)]):
        if len(phrases) >= PHRASES_MIN:
            break
        before, _, after = polite.partition("{}")
        for sample in samples:
            filled = filler.fill(sample)
            parts = [{"text": text, "parameterId": slot} if slot else {"text": text} for text, slot in filled.parts]
            if "parameterId" not in parts[0]:
                parts[0]["text"] = before + parts[0]["text"]
            elif before:
                parts.insert(0, {"text": before})
            if after:
                parts.append({"text": after})
            parts = [part if "parameterId" in part else {"text": contract(part["text"], language)} for part in parts]
            phrases.setdefault("".join(part["text"] for part in parts), _write_phrase(parts, code))
    return list(phrases.values())


def write_parts(filled: Filled, language: Language) -> list[dict[str, str]]:
    """A phrase's parts: `{"text": ...}`, with `parameterId` where the words fill a slot."""
    parts = [{"text": text, "parameterId": slot} if slot else {"text": text} for text, slot in filled.parts]
    return [part if "parameterId" in part else {"text": contract(part["text"], language)} for part in parts]


def _write_phrase(parts: list[dict[str, str]], code: str) -> dict[str, Any]:
    return {"parts": parts, "repeatCount": 1, "languageCode": code}


def _write_intent(language: Language, name: str, phrases: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    intent: dict[str, Any] = {"name": give_id("intent", name), "displayName": name}
    if load_intents()[name].slots:
        intent["parameters"] = [_write_parameter(slot, kind) for slot, kind in load_intents()[name].slots.items()]
    intent |= {"priority": _PRIORITY, "description": load_intents()[name].says, "numTrainingPhrases": len(phrases)}
    return _lay_out(name, intent, phrases, language.source["dialogflow_language"])


def _write_parameter(slot: str, kind: str) -> dict[str, Any]:
    slot_type = load_slot_types()[kind]
    parameter: dict[str, Any] = {"id": slot, "entityType": f"@{slot_type.dialogflow_cx}"}
    if slot_type.secret:
        parameter["redact"] = True
    return parameter


def _write_own_intent(name: str, phrases: int) -> dict[str, Any]:
    """One of the two intents that every agent has; their identifiers are Dialogflow's."""
    place = (_WELCOME, _NEGATIVE).index(name)
    intent: dict[str, Any] = {"name": str(uuid.UUID(int=place)), "displayName": name, "priority": _PRIORITY}
    if name == _NEGATIVE:
        intent["isFallback"] = True
    return intent | {"numTrainingPhrases": phrases}


def _own_phrases(language: Language, name: str) -> Sequence[str]:
    phrases: Sequence[str] = language.source["greetings" if name == _WELCOME else "not_for_a_store"]
    return phrases


def _lay_out(name: str, intent: dict[str, Any], phrases: list[dict[str, Any]], code: str) -> dict[str, dict[str, Any]]:
    return {
        f"intents/{name}/{name}.json": intent,
        f"intents/{name}/trainingPhrases/{code}.json": {"trainingPhrases": phrases},
    }


# ---- entity types ---------------------------------------------------------------------------------------------------


def _write_entity_type(language: Language, names: Names, name: str) -> dict[str, dict[str, Any]]:
    kind = load_slot_types()[name]
    code = language.source["dialogflow_language"]
    entity_type: dict[str, Any] = {"name": give_id("entityType", name), "displayName": name, "kind": "KIND_MAP"}
    if kind.reads == "digits":
        entity_type["kind"] = "KIND_REGEXP"
        entities = [(pattern, [pattern]) for pattern in CODE_PATTERNS]
    else:
        entities = list_entities(language, names, name)
        if kind.names:
            # A shopper names things that no list has.
            entity_type |= {"autoExpansionMode": "AUTO_EXPANSION_MODE_DEFAULT", "enableFuzzyExtraction": True}
    if kind.secret:
        entity_type["redact"] = True
    written = [{"value": value, "synonyms": synonyms, "languageCode": code} for value, synonyms in entities]
    return {
        f"entityTypes/{name}/{name}.json": entity_type,
        f"entityTypes/{name}/entities/{code}.json": {"entities": written},
    }


def list_entities(language: Language, names: Names, name: str) -> list[tuple[str, list[str]]]:
    kind = load_slot_types()[name]
    values: dict[str, list[str]] = {}
    for words in kind.words:
        for said, key in flatten_words(language.source["lists"][words]):
            values.setdefault(key, []).append(said)
    if name == "ordinal":
        for place in [int(key) for key in values if key.isdecimal()]:
            for marker in language.source.get("numbers", {}).get("places", ()):
                values[str(place)] += [f"{marker} {spell_number(language, place)}", f"{marker} {place}"]
    known = {said for synonyms in values.values() for said in synonyms}
    for free in names.of(kind.names, language) if kind.names else ():
        if free not in known:
            values[free] = [free]
    return list(values.items())


# ---- the flow -------------------------------------------------------------------------------------------------------


def _call(tag: str) -> dict[str, Any]:
    return {"webhook": WEBHOOK, "tag": tag}


def _write_flow(by_code: Mapping[str, Language]) -> dict[str, Any]:
    routes = [{"name": give_id("route", LAUNCH), "intent": _WELCOME, "triggerFulfillment": _call(LAUNCH)}]
    for name in load_intents():
        if name != FALLBACK:
            routes.append({"name": give_id("route", name), "intent": name, "triggerFulfillment": _call(name)})
    # The webhook says what it awaits; a code is listened for on a page of its own.
    routes.append(
        {
            "name": give_id("route", CODE_PAGE),
            "condition": '$session.params.sayso_expects = "code"',
            "triggerFulfillment": {},
            "targetPage": CODE_PAGE,
        }
    )
    handlers = [
        _write_handler("flow", event, _call(FALLBACK)) for event in ("sys.no-match-default", "sys.no-input-default")
    ]
    handlers.append(_write_handler("flow", "webhook.error", _say_unreachable(by_code)))
    return {
        "name": str(uuid.UUID(int=0)),
        "displayName": FLOW,
        "description": "Every intent calls the webhook with its name as the tag; the webhook decides what is said.",
        "transitionRoutes": routes,
        "eventHandlers": handlers,
        "nluSettings": {
            "modelType": "MODEL_TYPE_ADVANCED",
            "classificationThreshold": CLASSIFICATION_THRESHOLD,
        },
    }


def _say_unreachable(by_code: Mapping[str, Language]) -> dict[str, Any]:
    return {
        "messages": [
            {"text": {"text": [language.source["prompts"]["unreachable"]]}, "languageCode": code}
            for code, language in by_code.items()
        ]
    }


def _write_handler(where: str, event: str, fulfillment: dict[str, Any]) -> dict[str, Any]:
    return {"name": give_id("eventHandler", f"{where}/{event}"), "event": event, "triggerFulfillment": fulfillment}


def _write_code_page(by_code: Mapping[str, Language]) -> dict[str, Any]:
    """The page that listens for the code: digits alone are enough, and nothing keeps them.

    What was filled before is emptied on entry, else the page would be done before anything is said.
    """
    slot = "code"
    kind = load_slot_types()[load_intents()[_GIVE_CODE].slots[slot]]
    reprompts = [
        _write_handler("code", event, _call(FALLBACK)) for event in ("sys.no-match-default", "sys.no-input-default")
    ]
    return {
        "name": give_id("page", CODE_PAGE),
        "displayName": CODE_PAGE,
        "entryFulfillment": {"setParameterActions": [{"parameter": slot, "value": None}]},
        "form": {
            "parameters": [
                {
                    "displayName": slot,
                    "required": True,
                    "entityType": f"@{kind.dialogflow_cx}",
                    "fillBehavior": {"initialPromptFulfillment": {}, "repromptEventHandlers": reprompts},
                    "redact": True,
                }
            ]
        },
        "transitionRoutes": [
            {
                "name": give_id("route", "code/filled"),
                "condition": '$page.params.status = "FINAL"',
                "triggerFulfillment": _call(_GIVE_CODE),
                "targetPage": _START_PAGE,
            },
            {
                "name": give_id("route", "code/left"),
                "condition": '$session.params.sayso_expects != "code"',
                "triggerFulfillment": {},
                "targetPage": _START_PAGE,
            },
        ],
        "eventHandlers": [_write_handler("code", "webhook.error", _say_unreachable(by_code))],
    }
