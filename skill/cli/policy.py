"""`sayso policy`: the limits of the store, of a household, and of the people in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from skill.app import App
from skill.cli.household import OPERATOR
from skill.cli.options import NAME, Call, common_options
from skill.cli.what_if import what_if
from skill.errors import PolicyInvalid
from skill.guard.policy import KNOBS, Layer
from skill.guard.policy_file import knob_json, knob_text, limits_in_force, read_assignments
from skill.households import assign_profile, change_policy, names_not_sold
from skill.shop.households import HouseholdId

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(help="Show and set what may be bought. Amounts are minor units: 2000 is 20.00 USD.")
def policy() -> None:
    pass


policy.add_command(what_if)


def _of_a_level(command: Command) -> Command:
    """The options that say whose limits are meant."""
    for name, metavar, says in reversed(
        (
            ("--household", "HOUSEHOLD", "This household's limits.  [default: the store's]"),
            ("--profile", "NAME", "An age profile's limits in that household, such as child."),
            ("--person", "KEY", "A recognised speaker's own limits in that household."),
        )
    ):
        command = click.option(name, metavar=metavar, type=NAME, default=None, help=says)(command)
    return command


@policy.command("show")
@_of_a_level
@click.option("--effective", is_flag=True, help="Every limit as it holds for the household, and where it comes from.")
@common_options
def show(call: Call, household: str | None, profile: str | None, person: str | None, effective: bool) -> None:
    """Show the limits that one level has set, or with --effective all that are in force."""
    with call.app() as app:
        layers = _layers(app, household, profile, person)
        if effective:
            _show_effective(call, app, layers)
        else:
            _show_layer(call, app, layers[-1])


@policy.command("set")
@_of_a_level
@click.option("--why", default="", metavar="TEXT", help="The reason, for the audit trail.")
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
@common_options
def set_limits(
    call: Call,
    household: str | None,
    profile: str | None,
    person: str | None,
    why: str,
    assignments: tuple[str, ...],
) -> None:
    """Set limits. KEY= restores a limit's default, KEY=none lifts it."""
    with call.app() as app:
        try:
            change = read_assignments(assignments, app.ports.store.currency)
        except PolicyInvalid as refused:
            raise click.ClickException(str(refused)) from refused
        level = _layers(app, household, profile, person)[-1]
        after = change_policy(app.ports, level.level, level.subject, change, OPERATOR, why)
        for knob, name in names_not_sold(app.ports, change.knobs):
            click.echo(f"Note: {knob} names {name!r}, which the catalogue does not have now.", err=True)
        _show_layer(call, app, after)


@policy.command("assign")
@click.argument("household", metavar="HOUSEHOLD", type=NAME)
@click.argument("person", metavar="PERSON", type=NAME)
@click.argument("profile", metavar="PROFILE", type=NAME)
@common_options
def assign(call: Call, household: str, person: str, profile: str) -> None:
    """Put a recognised speaker into an age profile, such as child; `none` takes them out of it."""
    with call.app() as app:
        household_id = app.ports.households.get(HouseholdId(household)).household_id
        _show_layer(call, app, assign_profile(app.ports, household_id, person, profile, OPERATOR))


def _layers(app: App, household: str | None, profile: str | None, person: str | None) -> tuple[Layer, ...]:
    """The layers from the store's inwards, the one that is meant last."""
    policies = app.ports.policies
    layers = [policies.layer("store", app.ports.store.store_id)]
    if (person or profile) and not household:
        raise click.UsageError("--person and --profile need --household: people belong to one")
    if person and profile:
        raise click.UsageError("name --person or --profile; `sayso policy assign` puts a person into a profile")
    if household:
        household_id = app.ports.households.get(HouseholdId(household)).household_id
        layers.append(policies.layer("household", household_id))
        if person:
            own = policies.layer("person", f"{household_id}/{person}")
            profile = own.knobs.get("profile")
            layers += [policies.layer("profile", f"{household_id}/{profile}"), own] if profile else [own]
        elif profile:
            layers.append(policies.layer("profile", f"{household_id}/{profile}"))
    return tuple(layers)


def _show_layer(call: Call, app: App, layer: Layer) -> None:
    if call.as_json:
        knobs = {name: knob_json(value) for name, value in sorted(layer.knobs.items())}
        call.print_json({"level": layer.level, "subject": layer.subject, "version": layer.version, "knobs": knobs})
        return
    click.echo(f"{layer.level} {layer.subject}, version {layer.version}")
    if not layer.knobs:
        click.echo(
            "  nothing set: the defaults hold" if layer.level == "household" else "  nothing set: no limit of its own"
        )
    if layer.knobs.get("profile"):
        click.echo(f"  {'profile:':<24} {layer.knobs['profile']}")
    for name, value in sorted(layer.knobs.items()):
        if name in KNOBS:
            click.echo(f"  {name + ':':<24} {knob_text(name, value, app.ports.store.currency)}")


def _show_effective(call: Call, app: App, layers: tuple[Layer, ...]) -> None:
    store, *inner = layers
    household, *inner = inner or [Layer("household", "", {})]
    limits = limits_in_force(
        store, household, inner, age_restricted_categories=app.ports.store.age_restricted_categories
    )
    if call.as_json:
        call.print_json({each.name: {"value": knob_json(each.value), "from": list(each.sources)} for each in limits})
        return
    table = Table("limit", "value", "comes from")
    for each in limits:
        table.add_row(each.name, knob_text(each.name, each.value, app.ports.store.currency), ", ".join(each.sources))
    Console().print(table)
