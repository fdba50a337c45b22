"""docs/languages.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel import Locale

from interaction_models.alexa_model import ALEXA_LOCALES
from interaction_models.sources import read_sentences, read_yaml
from interaction_models.understanding import understand
from skill.search.languages import language_codes
from skill.speech import heard
from skill.speech.answer import Phrase, say
from skill.speech.heard import heard_stems
from skill.speech.render import load_voice, render, spoken_locales

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "languages.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (yes|no) \| `(.+?)` \|$", re.MULTILINE)
ROWS = {row[0]: row[1:] for row in _ROW.findall(PAGE)}
SENTENCES = read_yaml(ROOT / "benchmarks" / "spoken_sentences.yaml")


def test_every_language_is_on_the_page() -> None:
    assert set(spoken_locales()) == ROWS.keys()


@pytest.mark.parametrize("locale", ROWS)
def test_a_language_is_described_as_it_is(locale: str) -> None:
    _, plurals, alexa, tag = ROWS[locale]
    assert sorted({*Locale.parse(locale, sep="-").plural_form.tags, "other"}) == plurals.split(", ")
    assert (locale in ALEXA_LOCALES) == (alexa == "yes")
    assert read_sentences(locale)["dialogflow_language"] == tag


@pytest.mark.parametrize("locale", ROWS)
def test_what_a_whole_language_has_is_there(locale: str) -> None:
    """Beside its two files: rules for a catalogue in it, phrasings (one English has them for both), conversations."""
    code = locale.split("-")[0]
    assert code in language_codes(), f"skill/search/languages/{code}.yaml is missing"
    assert (ROOT / "skill" / "search" / "sounds" / f"{code}.rules").exists(), (
        f"skill/search/sounds/{code}.rules is missing"
    )
    tests = ROOT / "tests"
    assert list((tests / "interaction_models").glob(f"phrasings.{code}-*.yaml")), f"phrasings.{locale}.yaml is missing"
    spoken = re.compile(rf"^locale: {locale}$", re.MULTILINE)
    if locale != "en-US":
        assert any(spoken.search(path.read_text("utf-8")) for path in (tests / "conversations").glob("*.yaml"))


def test_the_forms_of_one_word_on_the_page_are_one() -> None:
    examples = dict(re.findall(r"^\| ([A-Z][a-z]+) \| ([^|]+?) \|$", PAGE, re.MULTILINE))
    locales = {"English": "en-US", "Italian": "it-IT", "Greek": "el-GR", "Croatian": "hr-HR", "Kazakh": "kk-KZ"}
    assert locales.keys() == examples.keys()
    for language, forms in examples.items():
        assert 1 == len(heard_stems(forms, locales[language])), language


def test_up_to_four_endings_are_taken_off() -> None:
    assert "up to four" in PAGE
    assert 4 == heard._ENDINGS_MAX


def test_the_voice_on_the_page_is_taken(tmp_path: Path) -> None:
    (written,) = re.findall(r"```fluent\n(.+?)```", PAGE, re.DOTALL)
    (tmp_path / "voice.en-US.ftl").write_text(written, encoding="utf-8")
    greeting = render(say(Phrase("welcome", {"seller": "the Anchor"})), "en-US", load_voice(tmp_path)).speech
    assert "Ahoy, you are aboard the Anchor!" == greeting


def test_fifty_sentences_are_spoken_and_each_means_what_it_should() -> None:
    assert 50 == len(SENTENCES) == len({each["say"] for each in SENTENCES})
    heard_as = {each["say"]: understand(each["say"], "en-US", each.get("expecting")) for each in SENTENCES}
    assert {each["say"]: (each["intent"], each["slots"]) for each in SENTENCES} == {
        words: (understood.intent, dict(understood.slots)) for words, understood in heard_as.items()
    }
