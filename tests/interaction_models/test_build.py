from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from interaction_models.build import check_routes, check_sentences, check_written, main, make_models
from interaction_models.sampling import Names
from interaction_models.sources import HERE, load_intents, locales


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def write_one_sentence_each() -> dict[str, Any]:
    return {name: {"data": [{"sentences": [f"frase di {name}".replace("_", " ")]}]} for name in load_intents()}


@pytest.fixture(scope="module")
def made(names: Names) -> dict[str, str]:
    return make_models(names)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    for room in ("alexa", "dialogflow"):
        shutil.copytree(HERE / room, tmp_path / room)
    return tmp_path


def test_written_models_are_what_the_sources_make(made: dict[str, str]) -> None:
    assert [] == check_written(made, HERE)


def test_models_are_the_same_every_time(made: dict[str, str], names: Names) -> None:
    assert made == make_models(names)


def test_build_writes_what_check_finds_in_step(tmp_path: Path, made: dict[str, str]) -> None:
    result = run("build", "--output", str(tmp_path))
    assert (0, "") == (result.exit_code, result.stderr)
    assert [] == check_written(made, tmp_path)
    assert json.loads((tmp_path / "alexa/en-US.json").read_text("utf-8"))["interactionModel"]


def test_build_removes_what_is_made_from_nothing(written: Path, made: dict[str, str]) -> None:
    (written / "dialogflow/cx/intents/old/trainingPhrases").mkdir(parents=True)
    (written / "dialogflow/cx/intents/old/trainingPhrases/en.json").write_text("{}")
    (written / "elsewhere.json").write_text("{}")
    run("build", "--output", str(written))
    assert not (written / "dialogflow/cx/intents/old").exists()
    assert (written / "elsewhere.json").exists()
    assert [] == check_written(made, written)


def test_edited_missing_and_left_over_files_are_named(written: Path, made: dict[str, str]) -> None:
    model = written / "alexa/en-US.json"
    model.write_text(model.read_text("utf-8").replace("corner store", "other store", 1), encoding="utf-8")
    (written / "dialogflow/cx/agent.json").unlink()
    (written / "alexa/xx-XX.json").write_text("{}")
    missing, left_over, edited = check_written(made, written)
    assert missing.startswith("dialogflow/cx/agent.json is missing: run `python -m interaction_models build`")
    assert left_over.startswith("alexa/xx-XX.json is made from nothing any more: run")
    assert edited.startswith("alexa/en-US.json is not what the sources make: run")


def test_stores_own_words_are_built_in(tmp_path: Path) -> None:
    (tmp_path / "products.txt").write_text("left handed mug\n", encoding="utf-8")
    (tmp_path / "brands.txt").write_text("acme\n", encoding="utf-8")
    options = ("--products", str(tmp_path / "products.txt"), "--brands", str(tmp_path / "brands.txt"))
    own = ("--invocation-name", "mug shop", "--webhook-uri", "https://mugs.test/cx", "--output", str(tmp_path / "out"))
    assert 0 == run("build", *options, *own).exit_code
    assert "left handed mug" in (tmp_path / "out/alexa/en-US.json").read_text("utf-8")
    assert "mug shop" in (tmp_path / "out/alexa/en-US.json").read_text("utf-8")
    assert "https://mugs.test/cx" in (tmp_path / "out/dialogflow/cx/webhooks/sayso.json").read_text("utf-8")


def test_names_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "products.txt").write_bytes(b"caf\xe9")
    result = run("build", "--products", str(tmp_path / "products.txt"), "--output", str(tmp_path / "out"))
    assert 1 == result.exit_code
    assert result.stderr.startswith("Error: ")
    assert "not UTF-8" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("number", "changes", "complaint"),
    [
        (1, {}, "it-B1: no: no sentence"),
        (
            2,
            {"show_cart": ["il carrello"], "clear_cart": ["il carrello"]},
            "clear_cart: 'il carrello' (from 'il carrello') is understood as show_cart",
        ),
        (
            3,
            {
                "add_to_cart": ["metti {quantity} {product}", "metti {product}"],
                "find_products": ["vedi {product_query}"],
            },
            "",
        ),
        (4, {"add_to_cart": ["metti {product}", "metti {product_query}"]}, "another template takes it"),
        (5, {"show_cart": ["per favore"]}, "is not understood"),
    ],
)
def test_sentence_that_does_not_mean_its_own_intent_is_named(
    write_language: Callable[..., None], names: Names, number: int, changes: dict[str, list[str]], complaint: str
) -> None:
    locale = f"it-B{number}"
    own = write_one_sentence_each()
    own |= {name: {"data": [{"sentences": sentences}]} for name, sentences in changes.items()}
    if number == 1:
        del own["no"]
    write_language(locale, intents=own)
    problems = check_sentences(names)
    assert all(problem.startswith(f"{locale}: ") for problem in problems)
    if complaint:
        assert any(complaint in problem for problem in problems), problems
    else:
        assert [] == problems


def test_check_says_what_is_wrong_and_fails(tmp_path: Path, write_language: Callable[..., None]) -> None:
    write_language("it-B9")
    (tmp_path / "routes.txt").write_text("yes\nfly\n", encoding="utf-8")
    result = run("check", "--output", str(tmp_path / "nothing"), "--routes", str(tmp_path / "routes.txt"))
    assert (1, "") == (result.exit_code, result.stdout)
    assert "it-B9: no: no sentence" in result.stderr
    assert "more" == result.stderr.split()[-1]


def test_check_passes_what_build_made(tmp_path: Path, write_language: Callable[..., None]) -> None:
    write_language("it-B8", intents=write_one_sentence_each())
    (tmp_path / "routes.txt").write_text("# every intent\n" + "\n".join(load_intents()), encoding="utf-8")
    run("build", "--output", str(tmp_path / "made"))
    result = run("check", "--output", str(tmp_path / "made"), "--routes", str(tmp_path / "routes.txt"))
    assert (0, "") == (result.exit_code, result.stderr)
    assert "it-B8: every sentence is understood" in result.stdout


def test_routes_and_intents_are_held_together() -> None:
    assert [] == check_routes(load_intents())
    unrouted, unknown = check_routes(
        [*[name for name in load_intents() if name != "undo" and name != "yes"], "fly", ""]
    )
    assert unrouted.startswith("yes: an intent without a route")
    assert unknown.startswith("fly: a route without an intent")


def test_a_language_may_be_checked_by_itself(tmp_path: Path, write_language: Callable[..., None]) -> None:
    write_language("it-B6", intents=write_one_sentence_each())
    write_language("it-B7")
    run("build", "--output", str(tmp_path))
    assert 0 == run("check", "--output", str(tmp_path), "--locale", "it-B6").exit_code
    assert "it-B7: no: no sentence" in run("check", "--output", str(tmp_path)).stderr
    assert "Error: no sentences for 'xx'" in run("check", "--output", str(tmp_path), "--locale", "xx").stderr


def test_few_sentences_are_spread_over_all(write_language: Callable[..., None], names: Names) -> None:
    own = write_one_sentence_each() | {"stop": {"data": [{"sentences": ["(basta|fine|frase di yes)"]}]}}
    write_language("it-B10", intents=own)
    assert [1, 1, 0] == [len(check_sentences(names, ["it-B10"], each_max)) for each_max in (None, 3, 1)]


def test_alexa_is_given_the_languages_that_it_speaks(write_language: Callable[..., None], names: Names) -> None:
    write_language("pt-BR")
    write_language("pt-XX", dialogflow_language="xx")
    made = make_models(names)
    assert ["alexa/pt-BR.json"] == [path for path in made if path.startswith("alexa/")]
    assert "dialogflow/cx/intents/yes/trainingPhrases/xx.json" in made


def parse(*arguments: str) -> Any:
    return json.loads(run("parse", "--json", *arguments).stdout)


def test_parse_prints_json() -> None:
    expected = {"intent": "add_to_cart", "slots": {"quantity": "2", "ordinal": "2"}}
    assert expected == parse("add two of the second one", "--locale", "en-US")
    assert {"intent": "give_code", "slots": {"code": "42"}} == parse("42", "--expecting", "code")
    assert {"intent": "fallback", "slots": {}} == parse("")


def test_parse_prints_a_line_for_people() -> None:
    assert "add_to_cart: quantity = 2, ordinal = 2\n" == run("parse", "add two of the second one").stdout
    assert "yes\n" == run("parse", "yes").stdout


@pytest.mark.parametrize("command", [("parse", "yes"), ("sample",)])
def test_unknown_locale_is_one_line(command: tuple[str, ...]) -> None:
    result = run(*command, "--locale", "xx-XX")
    assert (1, "Error: no sentences for 'xx-XX'; there are: " + ", ".join(locales()) + "\n") == (
        result.exit_code,
        result.stderr,
    )


def test_sample_shows_as_many_as_asked_for() -> None:
    lines = run("sample", "--intent", "confirm_order", "--count", "2", "--seed", "3").stdout.splitlines()
    assert 2 == len(lines)
    assert all(line.startswith("confirm_order ") for line in lines)
    assert lines == run("sample", "--intent", "confirm_order", "--count", "2", "--seed", "3").stdout.splitlines()


def test_sample_of_no_intent_names_the_intents() -> None:
    result = run("sample", "--intent", "fly")
    assert 1 == result.exit_code
    assert "add_to_cart" in result.stderr


def test_module_is_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "interaction_models", "parse", "order forty seven"],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (0, "confirm_order: confirmation_number = 47\n") == (done.returncode, done.stdout)
