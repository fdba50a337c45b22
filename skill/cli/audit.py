"""`sayso audit`: is the trail whole, and what does it tell?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from skill.app import App
from skill.cli.options import Call, common_options
from skill.console.story import tell_entry
from skill.ordering.checking import Anchors, all_audit, household_ids, verify_audit
from skill.ports import AuditEntry
from skill.shop.households import HouseholdId, store_chain
from skill.shop.orders import OrderId


@click.group(help="Verify the audit trail, and read an order's story.")
def audit() -> None:
    pass


@audit.command("verify")
@click.option("--household", metavar="HOUSEHOLD", default=None, help="Only this household's chain.")
@common_options
def verify(call: Call, household: str | None) -> None:
    """Look for changed, missing, reordered and cut-off entries. Exits with 1 where one is found."""
    findings: dict[str, list[dict[str, Any]]] = {}
    checked = 0
    with call.app() as app:
        anchors = app.ports.ledger.anchors()
        ids = iter([_chain(app, household, anchors)]) if household else _anchored_or_stored(app)
        for each_id in ids:
            checked += 1
            found = verify_audit(app.ports, each_id, anchors)
            if found:
                findings[each_id] = [{"number": each.number, "fault": each.fault.value} for each in found]
    if call.as_json:
        call.print_json({"chains": checked, "findings": findings})
    else:
        for household_id, faults in findings.items():
            for each in faults:
                click.echo(f"{household_id}: entry {each['number']} is {each['fault'].replace('_', ' ')}")
        click.echo(f"{checked} chains, {len(findings)} with faults")
    if findings:
        raise SystemExit(1)


@audit.command("show")
@click.option("--order", "order_id", metavar="ORDER", default=None, help="Only this order's story.")
@click.option("--household", metavar="HOUSEHOLD", default=None, help="Everything of this household.")
@click.option("--store", is_flag=True, help="What the store's owners have done.")
@common_options
def show(call: Call, order_id: str | None, household: str | None, store: bool) -> None:
    """Tell a story in plain words, oldest first."""
    if bool(order_id) + bool(household) + store != 1:
        raise click.UsageError("name one of --order, --household and --store")
    with call.app() as app:
        if order_id:
            order = app.ports.orders.get(OrderId(order_id))
            if order is None:
                raise click.ClickException(
                    f"there is no order {order_id}; `sayso orders list` shows the ones there are"
                )
            entries = [
                each for each in all_audit(app.ports, order.household_id) if _belongs(each, order_id, order.consent_id)
            ]
        elif store:
            entries = list(all_audit(app.ports, store_chain(app.ports.store.store_id)))
        else:
            entries = list(all_audit(app.ports, app.ports.households.get(HouseholdId(household or "")).household_id))
    if call.as_json:
        call.print_json([entry_json(each) for each in entries])
        return
    for each in entries:
        click.echo(f"{each.at.isoformat(timespec='seconds')}  {tell_entry(each)}")


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "order_id": entry.order_id,
        "told": tell_entry(entry),
        "facts": dict(entry.facts),
        "personal": dict(entry.personal) if entry.personal is not None else None,
    }


def _belongs(entry: AuditEntry, order_id: str, consent_id: str) -> bool:
    """The order's own entries, and the quote that was agreed to."""
    quote = entry.facts.get("quote")
    return entry.order_id == order_id or (isinstance(quote, dict) and quote.get("nonce") == consent_id)


def _chain(app: App, named: str, anchors: Anchors) -> HouseholdId:
    """Raises `HouseholdUnknown` where neither a household nor anything of its chain is there: a slip of the pen has no faults."""
    household_id = HouseholdId(named)
    if household_id not in anchors and next(all_audit(app.ports, household_id), None) is None:
        app.ports.households.get(household_id)
    return household_id


def _anchored_or_stored(app: App) -> Iterator[HouseholdId]:
    """Households that are there, and those that only an anchor still remembers: a chain may have been deleted whole."""
    yield from sorted({*household_ids(app.ports), *app.ports.ledger.anchors()})
