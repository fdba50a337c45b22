"""`sayso orders`: what was ordered, as the ledger has it."""

from __future__ import annotations

from typing import Any

import click

from skill.cli.options import NAME, Call, common_options
from skill.cli.tables import list_table, print_table
from skill.shop.households import HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId


@click.group(help="List and show orders.")
def orders() -> None:
    pass


@orders.command("list")
@click.option("--household", metavar="HOUSEHOLD", type=NAME, default=None, help="Only this household's.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="How many at most.")
@click.option("--after", default="", metavar="ORDER", help="Go on after this order.")
@common_options
def list_orders(call: Call, household: str | None, limit: int, after: str) -> None:
    """List orders, oldest first."""
    with call.app() as app:
        household_id = app.ports.households.get(HouseholdId(household)).household_id if household else None
        found = app.ports.orders.list(limit, after, household_id)
    if call.as_json:
        call.print_json([order_json(each) for each in found])
        return
    table = list_table("order", "household", "state", "total", "placed at", ids=2)
    for each in found:
        placed = each.placed_at.isoformat() if each.placed_at else ""
        table.add_row(each.order_id, each.household_id, each.state, str(each.total), placed)
    print_table(table)


@orders.command("show")
@click.argument("order_id", metavar="ORDER", type=NAME)
@common_options
def show(call: Call, order_id: str) -> None:
    """Show an order with its lines."""
    with call.app() as app:
        order = app.ports.orders.get(OrderId(order_id))
    if order is None:
        raise click.ClickException(f"there is no order {order_id}; `sayso orders list` shows the ones there are")
    if call.as_json:
        call.print_json(order_json(order))
        return
    for label, value in (
        ("order", order.order_id),
        ("household", order.household_id),
        ("state", order.state),
        ("seller", order.seller),
        *(("item", f"{line.quantity} x {line.title} ({line.sku}), {line.price}") for line in order.lines),
        ("delivery", order.delivery),
        ("tax", order.tax),
        ("total", order.total),
        ("to", order.address),
        ("placed at", order.placed_at.isoformat() if order.placed_at else "not placed"),
        ("payment", order.payment_state),
        ("code proved", "yes" if order.code_proved else "no"),
    ):
        click.echo(f"{label + ':':<14} {value}")


def order_json(order: Order) -> dict[str, Any]:
    """An order as programs read it: amounts in minor units, times in UTC as ISO 8601."""
    return {
        "order_id": order.order_id,
        "household_id": order.household_id,
        "state": order.state.value,
        "total": _money_json(order.total),
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "size": line.size,
                "quantity": line.quantity,
                "unit_price": _money_json(line.unit_price),
            }
            for line in order.lines
        ],
        "placed_at": order.placed_at.isoformat() if order.placed_at else None,
        "delivery": _money_json(order.delivery),
        "tax": _money_json(order.tax),
        "discount": _money_json(order.discount),
        "seller": order.seller,
        "address": order.address,
        "platform": order.platform,
        "payment_state": order.payment_state,
        "code_proved": order.code_proved,
        "undo_until": order.undo_until.isoformat() if order.undo_until else None,
        "closed_at": order.closed_at.isoformat() if order.closed_at else None,
    }


def _money_json(amount: Money) -> dict[str, Any]:
    return {"amount": amount.amount, "currency": amount.currency}
