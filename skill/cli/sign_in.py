"""`sayso sign-in`: who may open the pages of the store's owner and of its households."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from skill.cli.household import OPERATOR
from skill.cli.options import NAME, Call, common_options
from skill.cli.tables import list_table, print_table
from skill.console.access import LINK_LASTS, OWNER, PARENT, invite_address, make_sign_in_link, remove_account
from skill.settings import Settings
from skill.shop.households import HouseholdId

if TYPE_CHECKING:
    from skill.app import App

ACCOUNTS_SHOWN_MAX = 100

#: Where a running server has written its address, in the data directory.
ADDRESS_NOTE = "server.address"


@click.group(help="Make one-time links for owners and parents; list who may sign in.")
def sign_in() -> None:
    pass


@sign_in.command("link")
@click.option(
    "--household",
    metavar="HOUSEHOLD",
    type=NAME,
    default=None,
    help="For a parent of this household.  [default: the owner]",
)
@common_options
def link(call: Call, household: str | None) -> None:
    """Print a link with which somebody makes an account, or a new passphrase, once.

    It ends the link before it, and every session of the account whose name is given there.
    """
    with call.app() as app:
        role, household_id = (PARENT, HouseholdId(household)) if household else (OWNER, None)
        address = page_address(app.settings) + make_sign_in_link(app.ports, role, household_id)
    if call.as_json:
        call.print_json({"role": role, "household_id": household_id, "link": address})
        return
    click.echo(address)
    click.echo(
        f"It works once, within {LINK_LASTS.total_seconds() / 3600:.0f} hours. Give it to nobody else.", err=True
    )


@sign_in.command("invite")
@click.argument("household", metavar="HOUSEHOLD", type=NAME)
@click.argument("address", metavar="EMAIL")
@common_options
def invite(call: Call, household: str, address: str) -> None:
    """Let whoever signs in with EMAIL, where SAYSO_SIGN_IN_ISSUER is set, be a parent of HOUSEHOLD."""
    with call.app() as app:
        if not app.settings.sign_in_issuer:
            raise click.ClickException("SAYSO_SIGN_IN_ISSUER is not set: use `sayso sign-in link --household` instead")
        until = invite_address(app.ports, HouseholdId(household), address)
    if call.as_json:
        call.print_json({"household_id": household, "address": address, "until": until.isoformat()})
    else:
        click.echo(f"{address} may sign in for {household} until {until:%Y-%m-%d %H:%M} UTC.")


@sign_in.command("list")
@click.option(
    "--household", metavar="HOUSEHOLD", type=NAME, default=None, help="Parents of this household.  [default: owners]"
)
@common_options
def list_accounts(call: Call, household: str | None) -> None:
    """List who may sign in."""
    with call.app() as app:
        role, household_id = (PARENT, HouseholdId(household)) if household else (OWNER, None)
        if household_id:
            app.ports.households.get(household_id)
        found = app.ports.sign_ins.accounts(role, household_id, ACCOUNTS_SHOWN_MAX)
    if call.as_json:
        call.print_json(
            [
                {"account_id": each.account_id, "name": each.name, "created_at": each.created_at.isoformat()}
                for each in found
            ]
        )
        return
    table = list_table("account", "name", "since")
    for each in found:
        table.add_row(each.account_id, each.name, each.created_at.isoformat(timespec="seconds"))
    print_table(table)


@sign_in.command("remove")
@click.argument("account_id", metavar="ACCOUNT", type=NAME)
@common_options
def remove(call: Call, account_id: str) -> None:
    """Shut somebody out: ACCOUNT, as `list` shows it, cannot sign in any more and is signed out everywhere."""
    with call.app() as app:
        account = app.ports.sign_ins.account(account_id)
        if account is None:
            raise click.ClickException(
                f"there is no account {account_id}; `sayso sign-in list` shows the ones there are"
            )
        remove_account(app.ports, account, OPERATOR)
    call.print_json({"removed": account_id}) if call.as_json else click.echo(f"{account.name} cannot sign in any more.")


def first_owner_link(app: App) -> str:
    """A link for the store's first owner; empty where there is one, or where an issuer says who is."""
    if app.settings.sign_in_issuer or app.ports.sign_ins.accounts(OWNER, None, 1):
        return ""
    return (app.settings.public_url or own_address(app.settings)) + make_sign_in_link(app.ports, OWNER, None)


def page_address(settings: Settings) -> str:
    """How a browser finds the store's pages: at the address that others know, or at this machine's where `serve` says it is."""
    return settings.public_url or _noted(settings) or own_address(settings)


def own_address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


@contextmanager
def noting_address(settings: Settings) -> Iterator[None]:
    """As long as a server runs, other commands know where: its port may have been given to it alone."""
    note, address = settings.data_dir / ADDRESS_NOTE, own_address(settings)
    note.write_text(f"{address}\n", encoding="utf-8")
    try:
        yield
    finally:
        if _noted(settings) == address:  # and not that of a server that was started later
            note.unlink(missing_ok=True)


def _noted(settings: Settings) -> str:
    try:
        return (settings.data_dir / ADDRESS_NOTE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
