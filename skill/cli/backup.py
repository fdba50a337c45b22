"""`sayso backup`: the database in one file, to be kept elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from skill.cli.options import Call, common_options
from skill.errors import SettingsInvalid


@click.command(
    "backup", help="Write the database to a new FILE, as it is now, while the store goes on (docs/operations.md)."
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@common_options
def backup(call: Call, file: Path) -> None:
    with call.app() as app:
        if app.database is None:
            raise SettingsInvalid(
                f"the store is kept in the DynamoDB table {app.settings.table}, which is recovered from a point in time: see "
                "docs/aws-operations.md"
            )
        app.database.back_up(file)
        keys = app.settings.keys_dir
    size_bytes = file.stat().st_size
    if call.as_json:
        call.print_json({"file": str(file), "size_bytes": size_bytes})
        return
    click.echo(
        f"Written to {file}, {size_bytes:,} bytes. It reads nothing without the keys in {keys}: keep those elsewhere."
    )
