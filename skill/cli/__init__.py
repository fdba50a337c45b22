"""The `sayso` command: one topic a file, each imported only when it is asked for."""

from __future__ import annotations

import sqlite3
import sys
from importlib import import_module

import click

from skill.cli.options import data_option, json_option
from skill.errors import SaysoError, sqlite_remedy

#: Topic → where its command is, and its line in `sayso --help`. The line stands here so that help imports no topic.
TOPICS = {
    "demo": ("skill.cli.demo:demo", "Set up the sample store and a demo household."),
    "serve": ("skill.cli.serve:serve", "Start the web server."),
    "chat": ("skill.cli.chat:chat", "Talk to the skill in the terminal."),
    "catalogue": ("skill.cli.catalogue:catalogue", "Import, search and compare catalogues."),
    "household": ("skill.cli.household:household", "Create, list and link households; set their codes."),
    "sign-in": ("skill.cli.sign_in:sign_in", "Make one-time links to the pages; list who may sign in."),
    "policy": ("skill.cli.policy:policy", "Show and set what may be bought."),
    "orders": ("skill.cli.orders:orders", "List and show orders."),
    "approvals": ("skill.cli.approvals:approvals", "Approve or refuse orders that wait for an adult."),
    "audit": ("skill.cli.audit:audit", "Verify the audit trail, and read an order's story."),
    "ledger": ("skill.cli.ledger:ledger", "Recompute what was spent from the orders themselves."),
    "outbox": ("skill.cli.outbox:outbox", "Show events for the shop's webhook, and retry them."),
    "backup": ("skill.cli.backup:backup", "Write the database to a file, while the store goes on."),
    "sweep": ("skill.cli.sweep:sweep_once", "Resolve overdue reservations and open refunds, once."),
}


class LazyGroup(click.Group):
    """Commands by name in `topics`; a command's module is imported when the command is used, not before."""

    def __init__(self, *, topics: dict[str, tuple[str, str]], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]
        self.topics = topics

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.topics)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.topics:
            return None
        module, _, name = self.topics[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.topics.items()])


@click.group(
    cls=LazyGroup,
    topics=TOPICS,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Voice ordering for a store, in which nobody buys by accident.",
)
@data_option
@json_option
@click.version_option(package_name="sayso", prog_name="sayso")
def sayso() -> None:
    pass


def main() -> None:
    """Runs the command. An error of ours is one line on standard error and exit code 1, never a stack trace."""
    try:
        sayso(prog_name="sayso")
    except (SaysoError, OSError) as error:
        click.echo(f"Error: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except sqlite3.Error as error:
        click.echo(f"Error: {error}: {sqlite_remedy(error)}", err=True)
        sys.exit(1)
