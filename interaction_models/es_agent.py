"""A Dialogflow ES agent in the layout of its own zip export, made from the sources.

Every intent calls the webhook with its own name as the action. What a pending question awaits is a context that the webhook opens
for one turn: an intent that listens in it is preferred there and heard nowhere else, so that bare digits are a code only after the
code was asked for. Layout: an agent exported from the Dialogflow ES console ("Export and import", "Export as zip").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from interaction_models.cx_agent import (
    CLASSIFICATION_THRESHOLD,
    CODE_PATTERNS,
    FALLBACK,
    LAUNCH,
    fill_phrases,
    give_id,
    list_entities,
    write_parts,
)
from interaction_models.language import Language
from interaction_models.sampling import Filler, Names, make_samples
from interaction_models.sources import load_intents, load_slot_types

WEBHOOK_URI = "https://store.example/dialogflow/es"
PRIORITY = 500000  # Dialogflow's normal
AWAITED_PRIORITY = 750000  # "high": what was asked for comes before what could always be said
AWAITED_ROUNDS = 5  # of filling a bare answer with other digits
CONTEXT = "sayso_awaits_"  # as the webhook names it, with what is awaited behind
ENTRIES_MAX = 30000  # an entity type
WELCOME, NOT_UNDERSTOOD = "Default Welcome Intent", "Default Fallback Intent"

#: What a pending question may await, as the sentences name it, by the context's name for it.
_AWAITED = {"code": "code"}


def make_es_agent(
    languages: Sequence[Language], names: Names, webhook_uri: str = WEBHOOK_URI
) -> dict[str, dict[str, Any] | list[Any]]:
    """The agent's files: path below the agent's folder → JSON. The first language is the agent's default."""
    by_code: dict[str, Language] = {}
    for language in languages:
        by_code.setdefault(language.source["dialogflow_language"], language)
    default, *others = by_code
    files: dict[str, dict[str, Any] | list[Any]] = {
        "package.json": {"version": "1.0.0"},
        "agent.json": _write_agent(default, others, webhook_uri),
    }
    for name in load_intents():
        if name != FALLBACK:
            files[f"intents/{name}.json"] = _write_intent(name, name)
    files[f"intents/{WELCOME}.json"] = _write_intent(WELCOME, LAUNCH, events=["WELCOME"])
    files[f"intents/{NOT_UNDERSTOOD}.json"] = _write_intent(NOT_UNDERSTOOD, FALLBACK, is_fallback=True)
    for name, kind in load_slot_types().items():
        if kind.dialogflow_cx == name:
            files[f"entities/{name}.json"] = _write_entity(name)
    for code, language in by_code.items():
        filler = Filler(language, names)
        for name in load_intents():
            if name == FALLBACK:
                continue
            phrases = fill_phrases(language, filler, name)
            files[f"intents/{name}_usersays_{code}.json"] = [
                _write_phrase(name, code, number, phrase["parts"]) for number, phrase in enumerate(phrases)
            ]
            for awaited, phrases_awaited in _fill_awaited(language, filler, name):
                own = f"{name} awaited"
                files.setdefault(f"intents/{own}.json", _write_intent(own, name, intent=name, context=awaited))
                files[f"intents/{own}_usersays_{code}.json"] = [
                    _write_phrase(own, code, number, parts) for number, parts in enumerate(phrases_awaited)
                ]
        for name, listed in ((WELCOME, "greetings"), (NOT_UNDERSTOOD, "not_for_a_store")):
            files[f"intents/{name}_usersays_{code}.json"] = [
                _write_phrase(name, code, number, [{"text": text}])
                for number, text in enumerate(language.source[listed])
            ]
        for name, kind in load_slot_types().items():
            if kind.dialogflow_cx == name:
                files[f"entities/{name}_entries_{code}.json"] = _write_entries(language, names, name)
    return dict(sorted(files.items()))


def _write_agent(default: str, others: Sequence[str], webhook_uri: str) -> dict[str, Any]:
    return {
        "description": "",
        "language": default,
        "supportedLanguages": list(others),
        "displayName": "Sayso",
        "defaultTimezone": "America/New_York",
        # What shoppers say, codes among it, is nobody's to keep.
        "disableInteractionLogs": True,
        "disableStackdriverLogs": True,
        "isPrivate": True,
        "mlMinConfidence": CLASSIFICATION_THRESHOLD,
        "enableOnePlatformApi": True,
        "onePlatformApiVersion": "v2",
        "webhook": {"url": webhook_uri, "headers": {}, "available": True, "useForDomains": False},
    }


def _write_intent(
    own: str,
    action: str,
    *,
    intent: str = "",
    context: str = "",
    events: Sequence[str] = (),
    is_fallback: bool = False,
) -> dict[str, Any]:
    source = load_intents().get(intent or own)
    return {
        "id": give_id("es intent", own),
        "name": own,
        "auto": True,
        "contexts": [f"{CONTEXT}{context}"] if context else [],
        "responses": [
            {
                "resetContexts": False,
                "action": action,
                "affectedContexts": [],
                "parameters": [
                    {
                        "id": give_id("es parameter", f"{own}/{slot}"),
                        "name": slot,
                        "required": False,
                        "dataType": f"@{load_slot_types()[kind].dialogflow_cx}",
                        "value": f"${slot}",
                        "defaultValue": "",
                        "isList": False,
                        "prompts": [],
                    }
                    for slot, kind in (source.slots.items() if source else ())
                ],
                "messages": [],
                "speech": [],
            }
        ],
        "priority": AWAITED_PRIORITY if context else PRIORITY,
        "webhookUsed": True,
        "webhookForSlotFilling": False,
        "fallbackIntent": is_fallback,
        "events": [{"name": each} for each in events],
    }


def _fill_awaited(language: Language, filler: Filler, name: str) -> Iterator[tuple[str, list[list[dict[str, str]]]]]:
    """What is heard only where it is awaited: (the context's name for it, parts of each phrase)."""
    for expecting, context in _AWAITED.items():
        samples = [each for each in make_samples(language, name, every=False) if each.expecting == expecting]
        slots = load_intents()[name].slots
        phrases: dict[str, list[dict[str, str]]] = {}
        for sample in samples * AWAITED_ROUNDS:
            parts = write_parts(filler.fill(sample), language)
            if all(part.get("parameterId") in slots for part in parts if "parameterId" in part):
                phrases.setdefault("".join(part["text"] for part in parts), parts)
        if phrases:
            yield context, list(phrases.values())


def _write_phrase(intent: str, code: str, number: int, parts: Sequence[dict[str, str]]) -> dict[str, Any]:
    slots = load_intents()[intent.removesuffix(" awaited")].slots if intent not in (WELCOME, NOT_UNDERSTOOD) else {}
    data: list[dict[str, Any]] = []
    for part in parts:
        slot = part.get("parameterId")
        if slot:
            kind = load_slot_types()[slots[slot]].dialogflow_cx
            data.append({"text": part["text"], "alias": slot, "meta": f"@{kind}", "userDefined": True})
        else:
            data.append({"text": part["text"], "userDefined": False})
    return {
        "id": give_id("es phrase", f"{intent}/{code}/{number}"),
        "data": data,
        "isTemplate": False,
        "count": 0,
        "lang": code,
        "updated": 0,
    }


def _write_entity(name: str) -> dict[str, Any]:
    kind = load_slot_types()[name]
    return {
        "id": give_id("es entity", name),
        "name": name,
        "isOverridable": True,
        "isEnum": False,
        "isRegexp": kind.reads == "digits",
        # A shopper names things that no list has.
        "automatedExpansion": bool(kind.names),
        "allowFuzzyExtraction": bool(kind.names),
    }


def _write_entries(language: Language, names: Names, name: str) -> list[dict[str, Any]]:
    if load_slot_types()[name].reads == "digits":
        return [{"value": pattern, "synonyms": [pattern]} for pattern in CODE_PATTERNS]
    entries = list_entities(language, names, name)[:ENTRIES_MAX]
    return [{"value": value, "synonyms": synonyms} for value, synonyms in entries]
