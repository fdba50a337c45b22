"""The command: makes the platforms' models from the sources, checks them, and shows what an utterance means."""

from __future__ import annotations

import json

import click

from interaction_models.language import LocaleUnknown
from interaction_models.understanding import understand


@click.group()
def main() -> None:
    """Interaction models: what shoppers say, for every platform, from one source."""


@main.command()
@click.argument("text")
@click.option("--locale", default="en-US", show_default=True)
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
    else:
        slots = ", ".join(f"{slot} = {value}" for slot, value in understood.slots.items())
        click.echo(f"{understood.intent}{': ' if slots else ''}{slots}")
