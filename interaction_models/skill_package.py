"""The skill package of Alexa's command line tool: manifest and models in the folders that `ask deploy` takes.

Layout and fields: developer.amazon.com/docs/alexa/smapi/skill-package-api-reference.html and skill-manifest.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from interaction_models.alexa_model import ALEXA_LOCALES
from interaction_models.icons import FOLDER, SIZES, read_icon
from interaction_models.sources import HERE, SourceInvalid

STORE_FILE = HERE / "skill.yaml"
NAME_LENGTH_MAX = 50
SUMMARY_LENGTH_MAX = 160
DESCRIPTION_LENGTH_MAX = 4000
PHRASES_MAX = 3
KEYWORDS_MAX = 30

#: What the skill wants to be told, and what it tells; each has its answer in the skill.
_EVENTS = (
    "SKILL_ENABLED",
    "SKILL_DISABLED",
    "SKILL_ACCOUNT_LINKED",
    "SKILL_PERMISSION_ACCEPTED",
    "SKILL_PERMISSION_CHANGED",
    "SKILL_PROACTIVE_SUBSCRIPTION_CHANGED",
)
_ORDER_UPDATES = "AMAZON.OrderStatus.Updated"
_PERMISSIONS = ("alexa::devices:all:notifications:write", "alexa::alerts:reminders:skill:readwrite")
_TEXTS = {"name": NAME_LENGTH_MAX, "summary": SUMMARY_LENGTH_MAX, "description": DESCRIPTION_LENGTH_MAX}


def read_store(path: Path = STORE_FILE) -> dict[str, Any]:
    """What the store says of itself. Raises `SourceInvalid`, naming what is missing or too long."""
    try:
        store = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourceInvalid(f"{path}: {error}") from error
    if not isinstance(store, dict) or not isinstance(store.get("locales"), dict):
        raise SourceInvalid(f"{path}: write it as skill.yaml is written, with `locales`")
    for key in ("distribution", "testing"):
        if not store.get(key):
            raise SourceInvalid(f"{path}: {key} is missing")
    for locale, texts in store["locales"].items():
        _check_locale(f"{path}: {locale}", texts)
    own = store.get("icons") or {}
    if not isinstance(own, dict) or not own.keys() <= SIZES.keys():
        raise SourceInvalid(f"{path}: icons: write {' and '.join(SIZES)}, each with a file")
    store["icons"] = {
        name: read_icon(path.parent / own[name] if name in own else FOLDER / f"{name}.png", size)
        for name, size in SIZES.items()
    }
    return store


def with_pages(store: Mapping[str, Any], pages: Mapping[str, str | None]) -> dict[str, Any]:
    """The store with these pages for every language: `privacy_page` and `terms_page`, None leaves what the file says.

    Raises `SourceInvalid` for one that is no https address.
    """
    said = {name: page for name, page in pages.items() if page is not None}
    placed = {locale: {**texts, **said} for locale, texts in store["locales"].items()}
    for locale, texts in placed.items():
        _check_locale(locale, texts)
    return {**store, "locales": placed}


def _check_locale(where: str, texts: Any) -> None:
    if not isinstance(texts, dict):
        raise SourceInvalid(f"{where}: write name, summary, description, phrases, keywords and the two pages")
    for key, length_max in _TEXTS.items():
        text = texts.get(key)
        if not isinstance(text, str) or not 0 < len(text) <= length_max:
            raise SourceInvalid(f"{where}: {key}: write 1 to {length_max} characters")
    for key, count_max in (("phrases", PHRASES_MAX), ("keywords", KEYWORDS_MAX)):
        listed = texts.get(key)
        if not isinstance(listed, list) or not 0 < len(listed) <= count_max:
            raise SourceInvalid(f"{where}: {key}: write 1 to {count_max} of them")
    for key in ("privacy_page", "terms_page"):
        if not str(texts.get(key, "")).startswith("https://"):
            raise SourceInvalid(f"{where}: {key}: write an https address")


def make_skill_package(
    models: Mapping[str, dict[str, Any]], store: Mapping[str, Any], endpoint: str
) -> dict[str, dict[str, Any] | bytes]:
    """The package's files: path → JSON, or the bytes of a picture. `models` are Alexa's, by locale; `endpoint` is a Lambda
    function's ARN or an https address.

    Raises `SourceInvalid` where the endpoint is neither, or a language has a model and no words in the store's file.
    """
    spoken = [locale for locale in models if locale in ALEXA_LOCALES]
    without = [locale for locale in spoken if locale not in store["locales"]]
    if without:
        raise SourceInvalid(f"{', '.join(without)}: write what the skill store shows in that language, under `locales`")
    return {
        "ask-resources.json": {
            "askcliResourcesVersion": "2020-03-31",
            "profiles": {"default": {"skillMetadata": {"src": "./skill-package"}}},
        },
        "skill-package/skill.json": {"manifest": _write_manifest(store, spoken, _write_endpoint(endpoint))},
        **{
            f"skill-package/{_icon_path(locale, name)}": icon
            for locale in spoken
            for name, icon in store["icons"].items()
        },
        **{f"skill-package/interactionModels/custom/{locale}.json": models[locale] for locale in spoken},
    }


def _icon_path(locale: str, name: str) -> str:
    return f"assets/images/{locale}_{name}Icon.png"


def _write_endpoint(endpoint: str) -> dict[str, Any]:
    if endpoint.startswith("arn:aws:lambda:"):
        return {"uri": endpoint}
    parts = urlsplit(endpoint)
    if parts.scheme != "https" or not parts.hostname:
        raise SourceInvalid(
            f"endpoint {endpoint!r}: give a Lambda function's ARN, or an https address such as https://…/alexa"
        )
    return {"uri": endpoint, "sslCertificateType": "Trusted"}


def _write_manifest(store: Mapping[str, Any], locales: Sequence[str], endpoint: dict[str, Any]) -> dict[str, Any]:
    texts = {locale: store["locales"][locale] for locale in locales}
    return {
        "manifestVersion": "1.0",
        "apis": {"custom": {"endpoint": endpoint, "interfaces": [{"type": "ALEXA_PRESENTATION_APL"}]}},
        "events": {
            "endpoint": endpoint,
            "subscriptions": [{"eventName": name} for name in _EVENTS],
            "publications": [{"eventName": _ORDER_UPDATES}],
        },
        "permissions": [{"name": name} for name in _PERMISSIONS],
        "privacyAndCompliance": {
            "allowsPurchases": True,
            "usesPersonalInfo": True,
            "isChildDirected": False,
            "isExportCompliant": True,
            "containsAds": False,
            "locales": {
                locale: {"privacyPolicyUrl": text["privacy_page"], "termsOfUseUrl": text["terms_page"]}
                for locale, text in texts.items()
            },
        },
        "publishingInformation": {
            "category": "SHOPPING",
            "distributionMode": "PUBLIC",
            "isAvailableWorldwide": False,
            "distributionCountries": list(store["distribution"]),
            "testingInstructions": store["testing"],
            "locales": {
                locale: {
                    "name": text["name"],
                    "summary": text["summary"],
                    "description": text["description"],
                    "examplePhrases": list(text["phrases"]),
                    "keywords": list(text["keywords"]),
                    "smallIconUri": f"file://{_icon_path(locale, 'small')}",
                    "largeIconUri": f"file://{_icon_path(locale, 'large')}",
                }
                for locale, text in texts.items()
            },
        },
    }
