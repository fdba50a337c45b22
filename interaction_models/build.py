"""The command: makes the platforms' models from the sources, checks them, and shows what an utterance means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from interaction_models.alexa_model import ALEXA_LOCALES, make_alexa_model
from interaction_models.cx_agent import WEBHOOK_URI, make_cx_agent
from interaction_models.es_agent import WEBHOOK_URI as ES_WEBHOOK_URI
from interaction_models.es_agent import make_es_agent
from interaction_models.icons import FOLDER, SIZES, write_icons
from interaction_models.language import FALLBACK, Language, load_language
from interaction_models.sampling import Filler, Names, choose_sentences, load_names, make_samples
from interaction_models.skill_package import STORE_FILE, make_skill_package, read_store, with_pages
from interaction_models.sources import HERE, LocaleUnknown, SourceInvalid, load_intents, locales
from interaction_models.understanding import understand

DEFAULT_LOCALE = "en-US"
PROBLEMS_MAX = 30  # shown at once; the first ones usually explain the rest
SAMPLES_SHOWN_MAX = 10000

ALEXA = "alexa"
CX = "dialogflow/cx"
ES = "dialogflow/es"

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def main() -> None:
    """Interaction models: what shoppers say, for every platform, from one source."""


def _names_options(command: Command) -> Command:
    for option in reversed(
        (
            click.option(
                "--products",
                type=click.Path(exists=True, dir_okay=False),
                help="The store's product names, one a line.",
            ),
            click.option(
                "--brands", type=click.Path(exists=True, dir_okay=False), help="The store's brands, one a line."
            ),
            click.option("--invocation-name", help="What the skill is called on Alexa."),
            click.option(
                "--webhook-uri", default=WEBHOOK_URI, show_default=True, help="Where Dialogflow CX finds the store."
            ),
            click.option(
                "--es-webhook-uri",
                default=ES_WEBHOOK_URI,
                show_default=True,
                help="Where Dialogflow ES finds the store.",
            ),
            click.option(
                "--output", type=click.Path(file_okay=False, path_type=Path), default=HERE, help="Where the models are."
            ),
        )
    ):
        command = option(command)
    return command


@main.command()
@_names_options
def build(
    products: str | None,
    brands: str | None,
    invocation_name: str | None,
    webhook_uri: str,
    es_webhook_uri: str,
    output: Path,
) -> None:
    """Write the platforms' models."""
    try:
        made = make_models(load_names(products, brands), invocation_name, webhook_uri, es_webhook_uri)
    except SourceInvalid as error:
        raise click.ClickException(str(error)) from error
    for path in _find_written(output) - set(made):
        (output / path).unlink()
        _remove_empty_folders(output, path)
    for path, text in made.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{len(made)} files in {output / ALEXA}, {output / CX} and {output / ES}")


@main.command()
@_names_options
@click.option("--routes", type=click.File(encoding="utf-8"), help="The intents that the dialogue answers, one a line.")
@click.option("--locale", "only", multiple=True, help="Check the sentences of this language; all of them unless said.")
def check(
    products: str | None,
    brands: str | None,
    invocation_name: str | None,
    webhook_uri: str,
    es_webhook_uri: str,
    output: Path,
    routes: Iterable[str] | None,
    only: Sequence[str],
) -> None:
    """Check the sources, and that the written models are in step with them. Exits with 1 where they are not."""
    try:
        names = load_names(products, brands)
        problems = check_sentences(names, only or locales())
        problems += check_written(make_models(names, invocation_name, webhook_uri, es_webhook_uri), output)
    except (SourceInvalid, LocaleUnknown) as error:
        raise click.ClickException(str(error.args[0])) from error
    if routes is not None:
        problems += check_routes(line.partition("#")[0].strip() for line in routes)
    for problem in problems[:PROBLEMS_MAX]:
        click.echo(problem, err=True)
    if len(problems) > PROBLEMS_MAX:
        click.echo(f"... and {len(problems) - PROBLEMS_MAX} more", err=True)
    if problems:
        raise SystemExit(1)
    click.echo(f"{', '.join(only or locales())}: every sentence is understood, and the models are in step.")


@main.command("package")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--endpoint", required=True, help="Where Alexa finds the store: a Lambda function's ARN, or an https address."
)
@click.option(
    "--store",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=STORE_FILE,
    help="What the skill store shows, instead of skill.yaml.",
)
@click.option("--products", type=click.Path(exists=True, dir_okay=False), help="The store's product names, one a line.")
@click.option("--brands", type=click.Path(exists=True, dir_okay=False), help="The store's brands, one a line.")
@click.option("--privacy-page", help="The page on privacy in every language, instead of the ones in the store's file.")
@click.option("--terms-page", help="The page with the terms of use, likewise.")
def package(
    folder: Path,
    endpoint: str,
    store: Path,
    products: str | None,
    brands: str | None,
    privacy_page: str | None,
    terms_page: str | None,
) -> None:
    """Write Alexa's skill package into FOLDER, where `ask deploy` takes it."""
    try:
        names = load_names(products, brands)
        spoken = [locale for locale in locales() if locale in ALEXA_LOCALES]
        models = {locale: make_alexa_model(load_language(locale), names) for locale in spoken}
        shown = with_pages(read_store(store), {"privacy_page": privacy_page, "terms_page": terms_page})
        made = make_skill_package(models, shown, endpoint)
    except SourceInvalid as error:
        raise click.ClickException(str(error)) from error
    for path, file in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(file, bytes):
            (folder / path).write_bytes(file)
            continue
        text = json.dumps(file, ensure_ascii=False, indent=2) + "\n"
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{len(made)} files in {folder}; next: cd {folder} && ask deploy")


@main.command("icons")
def icons() -> None:
    """Draw the icons of the skill store anew."""
    write_icons()
    click.echo(f"{len(SIZES)} icons in {FOLDER}")


@main.command()
@click.argument("text")
@click.option("--locale", default=DEFAULT_LOCALE, show_default=True)
@click.option("--expecting", help="What the pending question awaits: code, quantity, confirmation, ordinal ...")
@click.option("--json", "as_json", is_flag=True, help='Print {"intent": ..., "slots": {...}}.')
def parse(text: str, locale: str, expecting: str | None, as_json: bool) -> None:
    """Show what TEXT is understood as."""
    try:
        understood = understand(text, locale, expecting)
    except LocaleUnknown as error:
        raise click.ClickException(str(error.args[0])) from error
    if as_json:
        click.echo(json.dumps({"intent": understood.intent, "slots": dict(understood.slots)}, ensure_ascii=False))
        return
    slots = ", ".join(f"{slot} = {value}" for slot, value in understood.slots.items())
    click.echo(f"{understood.intent}: {slots}" if slots else understood.intent)


@main.command()
@click.option("--intent", help="Only this intent.")
@click.option("--count", type=click.IntRange(1, SAMPLES_SHOWN_MAX), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed shows the same sentences.")
@click.option("--locale", default=DEFAULT_LOCALE, show_default=True)
@click.option("--json", "as_json", is_flag=True, help='Print a line {"intent": ..., "text": ...} for each.')
def sample(intent: str | None, count: int, seed: int, locale: str, as_json: bool) -> None:
    """Show sentences that are understood."""
    if intent is not None and intent not in load_intents():
        raise click.ClickException(f"no intent {intent!r}; there are: {', '.join(load_intents())}")
    try:
        language = load_language(locale)
    except LocaleUnknown as error:
        raise click.ClickException(str(error.args[0])) from error
    for name, text in choose_sentences(
        language, load_names(), [intent] if intent else list(load_intents()), count, seed
    ):
        click.echo(json.dumps({"intent": name, "text": text}, ensure_ascii=False) if as_json else f"{name:18} {text}")


def make_models(
    names: Names,
    invocation_name: str | None = None,
    webhook_uri: str = WEBHOOK_URI,
    es_webhook_uri: str = ES_WEBHOOK_URI,
) -> dict[str, str]:
    """All files that are made from the sources: path below this room → text. The same text every time."""
    languages = [load_language(locale) for locale in locales()]
    languages.sort(key=lambda language: language.locale != DEFAULT_LOCALE)
    made: dict[str, Any] = {
        f"{ALEXA}/{language.locale}.json": make_alexa_model(language, names, invocation_name)
        for language in languages
        if language.locale in ALEXA_LOCALES
    }
    made |= {f"{CX}/{path}": file for path, file in make_cx_agent(languages, names, webhook_uri).items()}
    made |= {f"{ES}/{path}": file for path, file in make_es_agent(languages, names, es_webhook_uri).items()}
    how = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {path: orjson.dumps(file, option=how).decode() for path, file in made.items()}


def check_sentences(names: Names, only: Iterable[str] | None = None, each_max: int | None = None) -> list[str]:
    """What is wrong with the sentences of `only` these locales: a line for each, saying how to mend it.

    With `each_max` at most so many sentences of every intent are tried, spread over its templates. Raises LocaleUnknown.
    """
    problems = []
    for locale in locales() if only is None else only:
        language = load_language(locale)
        for name, intent in load_intents().items():
            samples = make_samples(language, name, every=True)
            if not samples and name != FALLBACK:
                problems.append(f"{locale}: {name}: no sentence; write at least one for {intent.says!r}")
        problems += _check_understood(language, names, each_max)
    return problems


def _check_understood(language: Language, names: Names, each_max: int | None) -> list[str]:
    """Every sentence must mean its own intent and slots; where it means another's, two intents share it."""
    problems = []
    filler = Filler(language, names)
    for name in load_intents():
        samples = make_samples(language, name, every=True)
        for one in samples[:: -(-len(samples) // each_max) or 1] if each_max else samples:
            filled = filler.fill(one)
            slots = {} if name == FALLBACK else dict(filled.slots)
            understood = understand(filled.text, language.locale, one.expecting)
            where = f"{language.locale}: {name}: {filled.text!r} (from {one.template!r})"
            if understood.intent == FALLBACK != name:
                problems.append(
                    f"{where} is not understood; see whether `empty_words`, `openers` or a list swallow its words"
                )
            elif understood.intent != name:
                problems.append(f"{where} is understood as {understood.intent}: take it out of one of the two")
            elif dict(understood.slots) != slots:
                problems.append(
                    f"{where} has the slots {slots} and is understood with {dict(understood.slots)}: "
                    "another template takes it; make one of them narrower"
                )
    return problems


def check_written(made: dict[str, str], output: Path) -> list[str]:
    """Which written files are not what would be made now."""
    remedy = "run `python -m interaction_models build`, and change the sources, never what is made from them"
    written = _find_written(output)
    problems = [f"{path} is missing: {remedy}" for path in made if path not in written]
    problems += [f"{path} is made from nothing any more: {remedy}" for path in sorted(written - set(made))]
    problems += [
        f"{path} is not what the sources make: {remedy}"
        for path, text in made.items()
        if path in written and (output / path).read_text(encoding="utf-8") != text
    ]
    return problems


def check_routes(routes: Iterable[str]) -> list[str]:
    """Intents that nothing answers, and answers to intents that there are not."""
    routed = set(routes) - {""}
    problems = [
        f"{name}: an intent without a route; route it, or take it out of intents.yaml"
        for name in load_intents()
        if name not in routed
    ]
    problems += [
        f"{name}: a route without an intent; add it to intents.yaml, or drop the route"
        for name in sorted(routed - set(load_intents()))
    ]
    return problems


def _find_written(output: Path) -> set[str]:
    return {
        path.relative_to(output).as_posix()
        for room in (ALEXA, CX, ES)
        for path in (output / room).rglob("*")
        if path.is_file()
    }


def _remove_empty_folders(output: Path, path: str) -> None:
    for folder in (output / path).parents:
        if folder == output or any(folder.iterdir()):
            return
        folder.rmdir()
