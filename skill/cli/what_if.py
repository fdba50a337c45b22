"""`sayso policy what-if`: what another policy would have done to the orders there were."""

from __future__ import annotations

from collections import defaultdict

import click
from rich.console import Console
from rich.table import Table

from skill.cli.options import NAME, Call, common_options
from skill.errors import PolicyInvalid
from skill.guard.policy import household_defaults, loosened
from skill.guard.policy_file import read_assignments
from skill.ordering.checking import household_ids
from skill.ordering.what_if import Replayed, replay_decisions
from skill.shop.households import HouseholdId
from skill.shop.money import Money, total

_TOLD = {
    "refused": "refused",
    "adult": "waiting for an adult",
    "code": "asked for the code",
    "let_through": "let through without a code",
}


@click.command("what-if")
@click.option(
    "--household", metavar="HOUSEHOLD", type=NAME, default=None, help="This household's policy.  [default: the store's]"
)
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
@common_options
def what_if(call: Call, household: str | None, assignments: tuple[str, ...]) -> None:
    """Replay recorded decisions under another policy; nothing is changed."""
    with call.app() as app:
        ports = app.ports
        currency = ports.store.currency
        try:
            change = read_assignments(assignments, currency)
        except PolicyInvalid as refused:
            raise click.ClickException(str(refused)) from refused
        own = ports.policies.layer("store", ports.store.store_id).knobs
        looser = [] if household else sorted({*change.restored, *loosened(own, change.knobs)})
        if looser:
            raise click.ClickException(
                f"{', '.join(looser)}: what was recorded has the store's limits merged in, so that only tighter "
                "ones can be tried; give a value, or try a household's limits with --household"
            )
        defaults = household_defaults(ports.store.age_restricted_categories)
        changes = {name: defaults[name] for name in change.restored} | dict(change.knobs)
        ids = [ports.households.get(HouseholdId(household)).household_id] if household else household_ids(ports)
        replayed = [
            each
            for household_id in ids
            for each in replay_decisions(ports, household_id, changes, as_store=household is None)
        ]
    moves: dict[tuple[str, str], list[Replayed]] = defaultdict(list)
    for each in replayed:
        moves[each.before, each.after].append(each)
    if call.as_json:
        call.print_json(
            {
                "decisions": len(replayed),
                "moves": [
                    {
                        "before": before,
                        "after": after,
                        "orders": len(several),
                        "total": {"amount": _sum(several, currency).amount, "currency": currency},
                        "entries": [
                            {
                                "household_id": each.entry.household_id,
                                "number": each.entry.number,
                                "order_id": each.entry.order_id,
                            }
                            for each in several[:100]
                        ],
                    }
                    for (before, after), several in sorted(moves.items())
                ],
            }
        )
        return
    table = Table("was", "would have been", "orders", "money")
    for (before, after), several in sorted(moves.items()):
        changed = before != after
        table.add_row(
            _TOLD[before], _TOLD[after] if changed else "the same", str(len(several)), str(_sum(several, currency))
        )
    Console().print(table)
    click.echo(
        f"{len(replayed)} decisions, {sum(len(each) for (was, now), each in moves.items() if was != now)} different"
    )


def _sum(several: list[Replayed], currency: str) -> Money:
    return total((each.total for each in several), currency)
