"""`sayso household`: households are set up here, outside the voice channel."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click

from skill.cli.options import NAME, Call, common_options
from skill.cli.tables import list_table, print_table
from skill.guard.windows import local_time
from skill.households import create_household, delete_household, move_household, pair_account, set_purchase_code
from skill.ports import SHOP_ACCOUNT
from skill.shop.households import Household, HouseholdId
from skill.simulator import PLATFORMS

#: Who the audit trail names for a change made with these commands.
OPERATOR = "operator"


@click.group(help="Create, list and link households; set their purchase codes.")
def household() -> None:
    pass


@household.command("create")
@click.option("--name", default="Household", show_default=True, help="What the household is called on cards and lists.")
@click.option(
    "--address",
    default="the address on file",
    show_default=True,
    help="Where its orders are delivered, as the quote reads it out.",
)
@click.option(
    "--time-zone", default="", metavar="ZONE", help="IANA name, such as Europe/Paris.  [default: the store's]"
)
@click.option("--email", default="", help="Where receipts go.")
@common_options
def create(call: Call, name: str, address: str, time_zone: str, email: str) -> None:
    """Set up a household that may order, once its code is set or declined."""
    with call.app(begins=True, whole=True) as app:
        zone = time_zone or app.ports.store.time_zone
        made = create_household(app.ports, name=name, address=address, time_zone=zone, email=email, who=OPERATOR)
    if call.as_json:
        call.print_json({"household_id": made.household_id})
        return
    click.echo(made.household_id)
    click.echo(f"Next: sayso household link {made.household_id} --platform alexa --user USER_ID", err=True)
    click.echo(f"      sayso household code {made.household_id}", err=True)
    click.echo(f"      sayso sign-in link --household {made.household_id}", err=True)


@household.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="How many at most.")
@click.option("--after", default="", metavar="HOUSEHOLD", help="Go on after this household.")
@common_options
def list_households(call: Call, limit: int, after: str) -> None:
    """List households by id."""
    with call.app() as app:
        found = app.ports.households.list(limit, after)
        now = app.ports.clock.now_utc()
    if call.as_json:
        call.print_json([_household_json(each, now) for each in found])
        return
    table = list_table("household", "name", "time zone", "code")
    for each in found:
        table.add_row(each.household_id, _name(each), _zone(each, now), _code_state(each))
    print_table(table)


@household.command("show")
@click.argument("household_id", metavar="HOUSEHOLD", type=NAME)
@common_options
def show(call: Call, household_id: str) -> None:
    """Show a household and the accounts that are linked to it."""
    with call.app() as app:
        found = app.ports.households.get(HouseholdId(household_id))
        links = app.ports.households.linked(found.household_id)
        now = app.ports.clock.now_utc()
    if call.as_json:
        call.print_json(
            _household_json(found, now) | {"links": [{"platform": platform, "user": user} for platform, user in links]}
        )
        return
    for label, value in (
        ("household", found.household_id),
        ("name", _name(found)),
        ("address", found.address or "none"),
        ("time zone", _zone(found, now)),
        ("email", found.email or "none"),
        ("set up at", found.created_at.isoformat()),
        ("code", _code_state(found)),
        *((f"linked to {platform}", user) for platform, user in links),
    ):
        click.echo(f"{label + ':':<27} {value}")


@household.command("link")
@click.argument("household_id", metavar="HOUSEHOLD", type=NAME)
@click.option("--platform", required=True, type=click.Choice((*PLATFORMS, SHOP_ACCOUNT)), help="Whose account it is.")
@click.option("--user", required=True, metavar="USER_ID", type=NAME, help="The platform's own id of the account.")
@common_options
def link(call: Call, household_id: str, platform: str, user: str) -> None:
    """Link a platform's account to a household; an older link of that account is replaced.

    `account` is the shop's own: the `sub` of the tokens that linked accounts bring.
    """
    if not user.strip() or len(user) > 1000:
        raise click.BadParameter("give the account's id, 1 to 1000 characters", param_hint="--user")
    with call.app() as app:
        app.ports.households.link(HouseholdId(household_id), platform, user.strip(), app.ports.clock.now_utc())
    if call.as_json:
        call.print_json({"household_id": household_id, "platform": platform, "user": user.strip()})
    else:
        click.echo(f"Linked to {household_id}.")


@household.command("pair")
@click.argument("household_id", metavar="HOUSEHOLD", type=NAME)
@common_options
def pair(call: Call, household_id: str) -> None:
    """Link the speaker that has just read out a pairing code.

    Say "give me a pairing code" to it first. The code is asked for, or read from standard input where that is no terminal.
    """
    typed = str(click.prompt("Pairing code")) if sys.stdin.isatty() else sys.stdin.readline(64).strip()
    with call.app() as app:
        platform, user = pair_account(app.ports, HouseholdId(household_id), typed, OPERATOR)
    if call.as_json:
        call.print_json({"household_id": household_id, "platform": platform, "user": user})
    else:
        click.echo(f"Linked to {household_id}: {user} on {platform}.")


@household.command("move")
@click.argument("household_id", metavar="HOUSEHOLD", type=NAME)
@click.option("--time-zone", required=True, metavar="ZONE", help="IANA name, such as Europe/Paris.")
@common_options
def move(call: Call, household_id: str, time_zone: str) -> None:
    """Count a household's days in another time zone, from a day later on.

    Not at once: nobody moves midnight to have the day's money twice.
    """
    with call.app() as app:
        effective_at = move_household(app.ports, HouseholdId(household_id), time_zone, OPERATOR)
    if call.as_json:
        call.print_json(
            {
                "household_id": household_id,
                "time_zone": time_zone,
                "effective_at": effective_at.isoformat() if effective_at else None,
            }
        )
    elif effective_at is None:
        click.echo(f"{time_zone} holds already, and goes on holding.")
    else:
        click.echo(f"{time_zone} holds from {effective_at:%Y-%m-%d %H:%M} UTC.")


@household.command("code")
@click.argument("household_id", metavar="HOUSEHOLD", type=NAME)
@click.option("--remove", is_flag=True, help="Remove the code instead.")
@common_options
def code(call: Call, household_id: str, remove: bool) -> None:
    """Set, change or remove a household's purchase code, and unlock its orders.

    The code is asked for twice and not shown, or read from standard input where that is no terminal. It is never an
    argument: those stand in the shell's history and in the list of processes.
    """
    with call.app() as app:
        app.ports.households.get(HouseholdId(household_id))
        set_purchase_code(app.ports, HouseholdId(household_id), None if remove else _read_code(), OPERATOR)
    if call.as_json:
        call.print_json({"household_id": household_id, "code_set": not remove})
    else:
        click.echo("The code is removed." if remove else "The code is set.")


@household.command("delete")
@click.argument("household_id", metavar="HOUSEHOLD", type=NAME)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def delete(call: Call, household_id: str, yes: bool) -> None:
    """Forget the people of a household. Orders stay for the books, without names and addresses."""
    with call.app() as app:
        name = app.ports.households.get(HouseholdId(household_id)).name
        if not yes:
            click.confirm(f"Forget {household_id}, {name}? This cannot be undone.", abort=True)
        delete_household(app.ports, HouseholdId(household_id), OPERATOR)
    call.print_json({"deleted": household_id}) if call.as_json else click.echo(f"{household_id} is forgotten.")


def _read_code() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Purchase code, four digits", hide_input=True, confirmation_prompt=True))
    # A line longer than any code is cut, so that a wrong file piped in is refused and not read whole.
    return sys.stdin.readline(64).strip()


def _name(each: Household) -> str:
    return "(forgotten)" if each.is_forgotten else each.name


def _zone(each: Household, now: datetime) -> str:
    """The one in which days are counted, and the one that comes after it."""
    zone, moves_at = str(local_time(each, now).tzinfo), _moves_at(each, now)
    return f"{zone}, {each.time_zone} from {moves_at:%Y-%m-%d %H:%M} UTC" if moves_at else zone


def _moves_at(each: Household, now: datetime) -> datetime | None:
    return each.time_zone_since if each.time_zone_since and now < each.time_zone_since else None


def _code_state(each: Household) -> str:
    if not each.code_set:
        return "none"
    return "locked" if each.code_locked else "set"


def _household_json(each: Household, now: datetime) -> dict[str, Any]:
    moves_at = _moves_at(each, now)
    return {
        "household_id": each.household_id,
        "name": each.name,
        "forgotten": each.is_forgotten,
        "address": each.address,
        "time_zone": str(local_time(each, now).tzinfo),
        "moves": {"time_zone": each.time_zone, "at": moves_at.isoformat()} if moves_at else None,
        "email": each.email,
        "created_at": each.created_at.isoformat(),
        "code_set": each.code_set,
        "code_locked": each.code_locked,
    }
