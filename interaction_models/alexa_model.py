"""Alexa's interaction model of a locale, made from the sources.

The rules that Alexa's build holds a model to are in developer.amazon.com's "Create intents, utterances, and slots", "Slot
type reference" and "Choose the invocation name": they are checked here, so that a model that is written can be built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from interaction_models.language import Language, flatten_words
from interaction_models.sampling import Names, Sample, Slot, contract, make_samples, spell_number
from interaction_models.sources import SourceInvalid, load_intents, load_slot_types

SAMPLES_MAX = 240  # an intent; more of them teach Alexa nothing new
SAMPLE_LENGTH_MAX = 200
PLACES_SPOKEN = 10  # "number ten" is the last place in a list that is worth training
MARKERS_SPOKEN = 2  # "number two", "option two"
INVOCATION_WORDS_MIN = 2
#: The locales that Alexa speaks ("Develop skills in multiple languages"); a language outside them is for other platforms.
ALEXA_LOCALES = frozenset({
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA", "fr-FR", "hi-IN", "it-IT",
    "ja-JP", "nl-NL", "pt-BR",
})  # fmt: skip

_PHRASE_SLOT = "AMAZON.SearchQuery"
_NAME = re.compile(r"[A-Za-z][A-Za-z_]*\Z")
#: Samples beside a slot that is asked for. The intent's own count too, and the bare answer needs none.
ANSWERS_MAX = 100
_SAMPLE_TEXT = re.compile(r"[^\W\d_]|[ .'\-]")
_INVOCATION = re.compile(r"[^\W\d_A-Z]+(?:['. ][^\W\d_A-Z]+)*\Z")
# Words with which people open skills cannot be part of what a skill is called.
_LAUNCH_WORDS = frozenset(
    {"launch", "ask", "tell", "load", "begin", "enable", "alexa", "amazon", "echo", "computer", "skill", "app"}
)


def make_alexa_model(language: Language, names: Names, invocation_name: str | None = None) -> dict[str, Any]:
    """The model as `ask deploy` and the developer console take it. Raises SourceInvalid with the rule that is broken."""
    invocation = invocation_name or language.source["invocation_name"]
    _check_invocation_name(invocation)
    prompts: list[dict[str, Any]] = []
    intents = []
    for name in load_intents():
        intents.append(_write_intent(language, name))
    _check_shared_samples(intents)
    dialog = [_write_dialog(language, name, prompts) for name, intent in load_intents().items() if intent.elicit]
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": invocation,
                "intents": intents,
                "types": [
                    _write_type(language, names, name) for name, kind in load_slot_types().items() if kind.alexa == name
                ],
            },
            "dialog": {"intents": dialog, "delegationStrategy": "SKILL_RESPONSE"},
            "prompts": prompts,
        }
    }


def _write_intent(language: Language, name: str) -> dict[str, Any]:
    source = load_intents()[name]
    samples = _choose_samples(language, name) if source.extend else []
    written: dict[str, Any] = {"name": source.alexa or name}
    if source.slots:
        for slot in source.slots:
            if not _NAME.match(slot):
                raise SourceInvalid(f"intents.yaml: {name}.{slot}: Alexa takes letters and underscores in slot names")
        written["slots"] = [_write_slot(name, slot, samples) for slot in source.slots]
    written["samples"] = samples
    if not source.alexa and not _NAME.match(name):
        raise SourceInvalid(f"intents.yaml: {name}: Alexa takes letters and underscores in intent names")
    return written


def _write_slot(intent: str, slot: str, samples: Sequence[str]) -> dict[str, Any]:
    kind = load_slot_types()[load_intents()[intent].slots[slot]].alexa
    written: dict[str, Any] = {"name": slot, "type": kind}
    if slot in load_intents()[intent].elicit:
        # How the question for this one slot may be answered.
        own = f"{{{slot}}}"
        answers = [s for s in samples if s.count("{") == 1 and own in s and not (s == own and kind == _PHRASE_SLOT)]
        if kind != _PHRASE_SLOT and own not in answers:
            answers.insert(0, own)
        written["samples"] = answers[:ANSWERS_MAX]
    return written


def _choose_samples(language: Language, intent: str) -> list[str]:
    chosen: dict[str, None] = {}
    for sample in make_samples(language, intent, every=False):
        if not sample.spoken:
            continue
        text = contract(sample.render(), language)
        _check_sample(intent, sample, text)
        chosen.setdefault(text)
        if len(chosen) == SAMPLES_MAX:
            break
    return list(chosen)


def _check_sample(intent: str, sample: Sample, text: str) -> None:
    where = f"{intent}: {text!r} (from {sample.template!r})"
    slots = [piece for piece in sample.pieces if isinstance(piece, Slot)]
    types = load_intents()[intent].slots
    phrases = [slot for slot in slots if load_slot_types()[types[slot.slot]].alexa == _PHRASE_SLOT]
    spoken = "".join(piece for piece in sample.pieces if isinstance(piece, str))
    if phrases and len(slots) > 1:
        raise SourceInvalid(f"{where}: a phrase slot takes no other slot beside it; use a slot of another type")
    if phrases and not spoken.strip():
        raise SourceInvalid(f"{where}: a phrase slot needs words around it")
    if len({slot.slot for slot in slots}) < len(slots):
        raise SourceInvalid(f"{where}: the same slot twice")
    wrong = sorted(set(_SAMPLE_TEXT.sub("", spoken)))
    if wrong:
        raise SourceInvalid(f"{where}: Alexa's samples cannot hold {' '.join(wrong)}; spell it out, or make it a slot")
    if len(text) > SAMPLE_LENGTH_MAX:
        raise SourceInvalid(f"{where}: {len(text)} characters; at most {SAMPLE_LENGTH_MAX}")


def _check_shared_samples(intents: Sequence[dict[str, Any]]) -> None:
    owners: dict[str, str] = {}
    for intent in intents:
        for sample in intent["samples"]:
            owner = owners.setdefault(sample, intent["name"])
            if owner != intent["name"]:
                raise SourceInvalid(
                    f"{owner} and {intent['name']} share the sample {sample!r}: take it out of one of them"
                )


def _check_invocation_name(name: str) -> None:
    words = name.split()
    if not _INVOCATION.match(name) or len(words) < INVOCATION_WORDS_MIN or _LAUNCH_WORDS & set(words):
        raise SourceInvalid(
            f"invocation name {name!r}: two or more words in lower case, letters only, none of {', '.join(sorted(_LAUNCH_WORDS))}"
        )


def _write_type(language: Language, names: Names, name: str) -> dict[str, Any]:
    kind = load_slot_types()[name]
    values: dict[str, list[str]] = {}
    for words in kind.words:
        for said, key in flatten_words(language.source["lists"][words]):
            values.setdefault(key, []).append(said)
    if name == "ordinal":
        for place in range(1, PLACES_SPOKEN + 1):
            for marker in language.source.get("numbers", {}).get("places", ())[:MARKERS_SPOKEN]:
                values.setdefault(str(place), []).append(f"{marker} {spell_number(language, place)}")
    known = {said for words in values.values() for said in words}
    for free in names.of(kind.names, language) if kind.names else ():
        if free not in known:
            values.setdefault(free, []).append(free)
    return {"name": name, "values": [_write_value(key, words) for key, words in values.items()]}


def _write_value(key: str, words: Sequence[str]) -> dict[str, Any]:
    name: dict[str, Any] = {"value": words[0]}
    if len(words) > 1:
        name["synonyms"] = list(words[1:])
    return {"id": re.sub(r"\W+", "_", key), "name": name}


def _write_dialog(language: Language, intent: str, prompts: list[dict[str, Any]]) -> dict[str, Any]:
    slots = []
    for slot, kind in load_intents()[intent].slots.items():
        written: dict[str, Any] = {
            "name": slot,
            "type": load_slot_types()[kind].alexa,
            "confirmationRequired": False,
            "elicitationRequired": slot in load_intents()[intent].elicit,
            "prompts": {},
        }
        if written["elicitationRequired"]:
            prompt = f"Elicit.{intent}.{slot}"
            written["prompts"] = {"elicitation": prompt}
            text = language.source["prompts"].get(f"{intent}.{slot}")
            if not text:
                raise SourceInvalid(f"{language.locale}: prompts: {intent}.{slot} is asked for and has no prompt")
            prompts.append({"id": prompt, "variations": [{"type": "PlainText", "value": text}]})
        slots.append(written)
    return {
        "name": load_intents()[intent].alexa or intent,
        "delegationStrategy": "SKILL_RESPONSE",
        "confirmationRequired": False,
        "prompts": {},
        "slots": slots,
    }
