"""`sayso ledger`: counting again."""

from __future__ import annotations

import click

from skill.cli.options import Call, common_options
from skill.ordering.checking import Drift, check_ledger, household_ids
from skill.shop.households import HouseholdId


@click.group(help="Recompute what was spent from the orders themselves.")
def ledger() -> None:
    pass


@ledger.command("check")
@click.option("--household", metavar="HOUSEHOLD", default=None, help="Only this household's windows.")
@common_options
def check(call: Call, household: str | None) -> None:
    """Recompute every counter from the orders. Exits with 1 where one differs."""
    checked = 0
    drifts: list[Drift] = []
    with call.app() as app:
        for household_id in [HouseholdId(household)] if household else household_ids(app.ports):
            checked += 1
            drifts += check_ledger(app.ports, household_id)
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
            }
        )
    else:
        for each in drifts:
            where = f"{each.household_id} {each.charge.scope} {each.charge.window} {each.charge.key}"
            click.echo(
                f"{where}: holds {each.held.amount} in {each.held.orders} orders, "
                f"and the orders say {each.counted.amount} in {each.counted.orders}"
            )
        click.echo(f"{checked} households, {len(drifts)} counters differ")
    if drifts:
        raise SystemExit(1)
