"""`sayso approvals`: orders that wait for an adult. Whoever may run commands on this machine counts as the adult."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from skill.cli.household import OPERATOR
from skill.cli.options import NAME, Call, common_options
from skill.cli.tables import list_table, print_table
from skill.console.story import refusing
from skill.errors import ApprovalClosed
from skill.ordering.approving import Approved, approve, find_approval, refuse
from skill.ordering.placing import Outcome
from skill.ports import Approval
from skill.shop.households import HouseholdId

if TYPE_CHECKING:
    from skill.app import App

_WHY_CLOSED = {
    "unknown": "there is no such approval; `sayso approvals list HOUSEHOLD` shows the ones there are",
    "approved": "it was approved before",
    "refused": "it was refused before",
    "lapsed": "it has lapsed; the shopper may ask again",
    "changed": "a price, the stock or the address has changed since; the shopper may ask again",
}


@click.group(help="Approve or refuse orders that wait for an adult.")
def approvals() -> None:
    pass


@approvals.command("list")
@click.argument("household", metavar="HOUSEHOLD", type=NAME)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@common_options
def list_approvals(call: Call, household: str, limit: int) -> None:
    """List a household's approvals, newest first; `approve` and `refuse` take one by its id."""
    with call.app() as app:
        household_id = app.ports.households.get(HouseholdId(household)).household_id
        found = app.ports.approvals.of_household(household_id, limit)
    if call.as_json:
        call.print_json([approval_json(each) for each in found])
        return
    table = list_table("approval", "state", "total", "asked at", "lapses at")
    for each in found:
        times = (each.asked_at.isoformat(timespec="seconds"), each.lapses_at.isoformat(timespec="seconds"))
        table.add_row(each.approval_id, each.state, str(each.quote.total), *times)
    print_table(table)


@approvals.command("approve")
@click.argument("named", metavar="APPROVAL", type=NAME)
@common_options
def approve_order(call: Call, named: str) -> None:
    """Place the order that APPROVAL, its id or the token of the notice, asks for."""
    with call.app() as app:
        try:
            done = approve(app.ports, _find(app, named), OPERATOR, app.ports.clock.now_utc())
        except ApprovalClosed as closed:
            raise click.ClickException(_WHY_CLOSED[closed.facts["why"]]) from closed
    _tell(call, done)


@approvals.command("refuse")
@click.argument("named", metavar="APPROVAL", type=NAME)
@common_options
def refuse_order(call: Call, named: str) -> None:
    """Refuse it; the shopper hears so."""
    with call.app() as app:
        try:
            refused = refuse(app.ports, _find(app, named), OPERATOR, app.ports.clock.now_utc())
        except ApprovalClosed as closed:
            raise click.ClickException(_WHY_CLOSED[closed.facts["why"]]) from closed
    call.print_json(approval_json(refused)) if call.as_json else click.echo("Refused.")


def _find(app: App, named: str) -> Approval:
    """By its id, which whoever may run commands here can list, or by the signed token. Raises `ApprovalClosed`."""
    return app.ports.approvals.get(named) or find_approval(app.ports, named)


def _tell(call: Call, done: Approved) -> None:
    if done.refused:
        why = ", ".join(why for why, _ in refusing(done.refused))
        raise click.ClickException(f"a limit stands in the way ({why}); the approval stays open until it lapses")
    placed = done.placed
    if call.as_json:
        outcome = placed.outcome.value if placed else None
        call.print_json(approval_json(done.approval) | {"outcome": outcome})
    elif placed and placed.outcome is Outcome.COMMITTED:
        click.echo(f"Ordered: {placed.order.order_id}, {placed.order.total}.")
    elif placed:
        click.echo(f"Not ordered: {placed.outcome.value.replace('_', ' ')}.")


def approval_json(approval: Approval) -> dict[str, Any]:
    quote = approval.quote
    return {
        "approval_id": approval.approval_id,
        "household_id": approval.household_id,
        "state": approval.state.value,
        "total": {"amount": quote.total.amount, "currency": quote.currency},
        "lines": [{"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in quote.lines],
        "asked_at": approval.asked_at.isoformat(),
        "lapses_at": approval.lapses_at.isoformat(),
        "order_id": approval.order_id,
        "decided_at": approval.decided_at.isoformat() if approval.decided_at else None,
        "decided_by": approval.decided_by,
    }
