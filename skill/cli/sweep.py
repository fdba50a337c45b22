"""`sayso sweep`: resolves what a crash or a silent bank left half-way, once."""

from __future__ import annotations

from dataclasses import asdict

import click

from skill.background import Attempts
from skill.cli.options import Call, common_options
from skill.ordering.sweeping import sweep


@click.command("sweep", help="Resolve overdue reservations and open refunds, once. A running server does it by itself.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=1000, show_default=True, help="How many at most.")
@common_options
def sweep_once(call: Call, limit: int) -> None:
    attempt = Attempts()
    with call.app() as app:
        swept = sweep(app.ports, app.ports.clock.now_utc(), limit, attempt)
    if call.as_json:
        call.print_json(asdict(swept) | {"failed": attempt.failed_count})
    else:
        click.echo(
            f"{swept.committed} committed, {swept.voided} voided, {swept.left_unknown} left to the bank, "
            f"{swept.refunded} refunded, {swept.told} notices handed on, {swept.forgotten} old records forgotten"
        )
    if attempt.failed_count:
        raise click.ClickException(
            f"{attempt.failed_count} of it failed, as said above; sweep again when that is mended"
        )
