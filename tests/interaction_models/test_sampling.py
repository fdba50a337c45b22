from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from interaction_models.language import Language, load_language
from interaction_models.sampling import (
    Filler,
    Names,
    choose_sentences,
    contract,
    load_names,
    make_samples,
    spell_number,
)
from interaction_models.sources import NAMES_MAX, SourceInvalid, load_intents
from interaction_models.understanding import understand


@pytest.mark.parametrize("intent", list(load_intents()))
def test_every_template_is_understood_as_its_own_intent_and_slots(intent: str, english: Language, names: Names) -> None:
    filler = Filler(english, names)
    for sample in make_samples(english, intent, every=False):
        filled = filler.fill(sample)
        understood = understand(filled.text, "en-US", sample.expecting)
        expected = {} if intent == "fallback" else dict(filled.slots)
        assert (intent, expected) == (understood.intent, dict(understood.slots)), (filled.text, sample.template)


@pytest.mark.parametrize("every", [False, True])
def test_every_alternative_and_option_is_sampled(write_language: Callable[..., None], every: bool) -> None:
    locale = f"it-S{every:d}"
    write_language(locale, intents={"yes": {"data": [{"sentences": ["(sì|certo) [(caro|cara)]"]}]}})
    texts = [sample.render() for sample in make_samples(load_language(locale), "yes", every=every)]
    assert ["sì", "sì caro", "certo", "sì cara"] == texts


def test_rule_is_spread_over_the_templates_that_use_it(write_language: Callable[..., None]) -> None:
    sentences = ["mostra il <carrello>", "svuota il <carrello>"]
    write_language("it-N2", intents={"show_cart": {"data": [{"sentences": sentences}]}})
    language = load_language("it-N2")
    spread = ["mostra il carrello", "svuota il carrello", "mostra il cestino", "svuota il cestino"]
    assert spread == [sample.render() for sample in make_samples(language, "show_cart", every=True)]
    assert set(spread) == {sample.render() for sample in make_samples(language, "show_cart", every=False)}


def test_no_sample_comes_twice(english: Language) -> None:
    for intent in load_intents():
        keys = [(sample.render(), sample.expecting) for sample in make_samples(english, intent, every=True)]
        assert len(keys) == len(set(keys))


def test_what_only_typing_or_a_pending_question_gives_is_not_for_platforms(english: Language) -> None:
    unspoken = [s.render() for s in make_samples(english, "find_products", every=False) if not s.spoken]
    assert "{product_query}" in unspoken


def test_filled_samples_are_the_same_every_time(english: Language, names: Names) -> None:
    samples = make_samples(english, "add_to_cart", every=False)
    once, again = Filler(english, names), Filler(english, names)
    assert [once.fill(sample).text for sample in samples] == [again.fill(sample).text for sample in samples]


def test_contractions_are_spoken(english: Language) -> None:
    assert "i'll take it" == contract("i will take it", english)
    assert "i don't want it that's all" == contract("i do not want it that is all", english)
    assert "the will of it" == contract("the will of it", english)


def test_numbers_are_spelt_without_hyphens(english: Language) -> None:
    assert "forty seven" == spell_number(english, 47)


def test_shipped_names_are_plain_words(names: Names) -> None:
    assert 100 < len(names.products)
    for name in (*names.products, *names.brands):
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", name), name


def test_names_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text(
        "# ours\nOat  Milk!\n\noat milk\nBen & Jerry's\nCrème_brûlée # sweet\n", encoding="utf-8"
    )
    assert ("oat milk", "ben jerry's", "crème brûlée") == load_names(str(tmp_path / "names.txt")).products


def test_a_language_brings_everyday_names_of_its_own(
    names: Names, write_language: Callable[..., None], tmp_path: Path
) -> None:
    write_language("it-N1")
    (tmp_path / "names.txt").write_text("acqua di casa\n", encoding="utf-8")
    italian = load_language("it-N1")
    assert ("acqua", "olio d'oliva") == names.of("products", italian)
    assert names.brands == names.of("brands", italian)
    assert ("acqua di casa",) == load_names(str(tmp_path / "names.txt")).of("products", italian)


def test_an_elided_article_before_a_slot_is_understood_and_no_sample(write_language: Callable[..., None]) -> None:
    sentences = ["compra (il|l') {product}", "compra l' {product} dell' anno"]
    write_language("it-N3", intents={"add_to_cart": {"data": [{"sentences": sentences}]}})
    italian = load_language("it-N3")
    samples = {
        contract(each.render(), italian): each.spoken for each in make_samples(italian, "add_to_cart", every=True)
    }
    assert {"compra il {product}": True, "compra l'{product}": False, "compra l'{product} dell'anno": False} == samples


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "no names"), (b"# nothing", "no names"), (b"caf\xe9", "not UTF-8"), (b"x%d\n", "at most")],
)
def test_names_that_cannot_be_used_are_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    if b"%d" in content:
        content = b"".join(content % number for number in range(NAMES_MAX + 1))
    (tmp_path / "names.txt").write_bytes(content)
    with pytest.raises(SourceInvalid, match=complaint):
        load_names(str(tmp_path / "names.txt"))


def test_drawn_sentences_are_the_same_for_the_same_seed(english: Language, names: Names) -> None:
    drawn = choose_sentences(english, names, ["add_to_cart", "yes"], 10, 7)
    assert drawn == choose_sentences(english, names, ["add_to_cart", "yes"], 10, 7)
    assert 10 == len(drawn)
    assert drawn != choose_sentences(english, names, ["add_to_cart", "yes"], 10, 8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drawn_sentences_are_understood_as_they_are_spoken(seed: int, english: Language, names: Names) -> None:
    spoken = [name for name in load_intents() if name not in ("fallback", "give_code", "find_products", "choose_item")]
    for intent, text in choose_sentences(english, names, spoken, 60, seed):
        assert intent == understand(text, "en-US").intent, text
