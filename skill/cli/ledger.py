"""`sayso ledger`: counting again."""

from __future__ import annotations

from dataclasses import asdict

import click

from skill.app import App
from skill.cli.options import NAME, Call, common_options
from skill.ordering.checking import Drift, FiguresDrift, all_orders, check_figures, check_ledger, household_ids
from skill.shop.households import HouseholdId


@click.group(help="Recompute what was spent from the orders themselves.")
def ledger() -> None:
    pass


@ledger.command("check")
@click.option("--household", metavar="HOUSEHOLD", type=NAME, default=None, help="Only this household's windows.")
@common_options
def check(call: Call, household: str | None) -> None:
    """Recompute every counter, and the console's order figures, from the orders. Exits with 1 where one differs."""
    checked = 0
    drifts: list[Drift] = []
    figures: tuple[FiguresDrift, ...] = ()
    with call.app() as app:
        for household_id in [_counted(app, household)] if household else household_ids(app.ports):
            checked += 1
            drifts += check_ledger(app.ports, household_id)
        if not household:
            figures = check_figures(app.ports)
    if call.as_json:
        call.print_json(
            {
                "households": checked,
                "drifts": [
                    {
                        "household_id": each.household_id,
                        "scope": each.charge.scope,
                        "window": each.charge.window,
                        "key": each.charge.key,
                        "held": {"amount": each.held.amount, "orders": each.held.orders},
                        "counted": {"amount": each.counted.amount, "orders": each.counted.orders},
                    }
                    for each in drifts
                ],
                "figures": [asdict(each) for each in figures],
            }
        )
    else:
        for each in drifts:
            where = f"{each.household_id} {each.charge.scope} {each.charge.window} {each.charge.key}"
            click.echo(
                f"{where}: holds {each.held.amount} in {each.held.orders} orders, "
                f"and the orders say {each.counted.amount} in {each.counted.orders}"
            )
        for figure in figures:
            click.echo(
                f"the console's {figure.name} of {figure.day}: {figure.held}, and the orders say {figure.counted}"
            )
        click.echo(f"{checked} households, {len(drifts) + len(figures)} counters differ")
    if drifts or figures:
        raise SystemExit(1)


def _counted(app: App, named: str) -> HouseholdId:
    """Raises `HouseholdUnknown` where neither a household nor an order of it is there; a forgotten one's orders are."""
    household_id = HouseholdId(named)
    if next(all_orders(app.ports, household_id), None) is None:
        app.ports.households.get(household_id)
    return household_id
