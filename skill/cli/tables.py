"""Tables on standard output, from which ids can be copied: cut short, no other command would know them."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

#: Wider than any table of ours: whatever reads a pipe has no edge that something could be beyond.
_PIPE_WIDTH = 10_000


def list_table(*headings: str, ids: int = 1) -> Table:
    """A table the first `ids` columns of which are ids, and stay whole however narrow the terminal is."""
    table = Table(*headings)
    for column in table.columns[:ids]:
        column.no_wrap, column.overflow, column.min_width = True, "ignore", None
    return table


def print_table(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)
