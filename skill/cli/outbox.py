"""`sayso outbox`: what is on its way to the shop, and what could not be delivered."""

from __future__ import annotations

import click

from skill.cli.options import NAME, Call, common_options
from skill.cli.tables import list_table, print_table
from skill.errors import OrderStateConflict


@click.group(help="Show events for the shop's webhook, and retry those that were given up.")
def outbox() -> None:
    pass


@outbox.command("show")
@click.option("--state", type=click.Choice(["pending", "delivered", "dead"]), default=None, help="Only these.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@common_options
def show(call: Call, state: str | None, limit: int) -> None:
    """Show events, newest first."""
    with call.app() as app:
        events = app.ports.outbox.list(limit, state)
    if call.as_json:
        call.print_json(
            [
                {
                    "event_id": each.event_id,
                    "order_id": each.order_id,
                    "kind": each.kind,
                    "at": each.at.isoformat(),
                    "state": each.state,
                    "attempts": each.attempts,
                    "last_error": each.last_error,
                }
                for each in events
            ]
        )
        return
    table = list_table("event", "kind", "state", "attempts", "last error")
    for each in events:
        table.add_row(each.event_id, each.kind, each.state, str(each.attempts), each.last_error)
    print_table(table)


@outbox.command("retry")
@click.argument("event_id", metavar="EVENT", type=NAME)
@common_options
def retry(call: Call, event_id: str) -> None:
    """Make an event due again at once."""
    with call.app() as app:
        try:
            app.ports.outbox.retry(event_id, app.ports.clock.now_utc())
        except OrderStateConflict as conflict:
            raise click.ClickException(
                f"{event_id} was delivered; there is nothing to retry"
                if conflict.facts["state"] == "delivered"
                else f"there is no event {event_id}; `sayso outbox show` lists the ones there are"
            ) from conflict
    call.print_json({"event_id": event_id, "state": "pending"}) if call.as_json else click.echo(
        f"{event_id} is due again."
    )
