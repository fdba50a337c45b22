"""`sayso audit`: is the trail whole, and what does it tell?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from skill.app import App
from skill.cli.household import OPERATOR
from skill.cli.options import NAME, Call, common_options
from skill.console.story import tell_entry
from skill.guard.audit import Fault
from skill.ordering.checking import Anchors, all_audit, household_ids, verify_audit
from skill.ports import AuditDraft, AuditEntry
from skill.shop.households import HouseholdId, store_chain
from skill.shop.orders import OrderId


@click.group(help="Verify the audit trail, and read an order's story.")
def audit() -> None:
    pass


@audit.command("verify")
@click.option("--household", metavar="HOUSEHOLD", type=NAME, default=None, help="Only this household's chain.")
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
@click.option("--order", "order_id", metavar="ORDER", type=NAME, default=None, help="Only this order's story.")
@click.option("--household", metavar="HOUSEHOLD", type=NAME, default=None, help="Everything of this household.")
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


@audit.command("restored")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def restored(call: Call, yes: bool) -> None:
    """After a backup was restored: write into every chain where it was cut off, and go on from there.

    What had been noted outside the database is kept under another name, as the proof of what there was.
    """
    with call.app() as app:
        heads = _cut_heads(app)
        where = app.settings.keys_dir / "anchors"
        aside = where.with_name(f"anchors-until-{app.ports.clock.now_utc():%Y%m%dT%H%M%SZ}")
        if not heads or not where.exists() or aside.exists():
            raise click.ClickException("no chain is cut off, so there is nothing to go on from")
        if not yes:
            cut = sum(noted > last for last, noted in heads.values())
            click.confirm(f"Take {cut} of {len(heads)} chains as cut off by a restored backup?", abort=True)
        where.rename(aside)
        now = app.ports.clock.now_utc()
        for household_id, (last, noted) in heads.items():
            facts = {"who": OPERATOR, "last": last, "lost": max(noted - last, 0)}
            app.ports.ledger.write_audit(AuditDraft(household_id, "restored", now, facts=facts))
    lost = sum(max(noted - last, 0) for last, noted in heads.values())
    if call.as_json:
        call.print_json({"chains": len(heads), "entries_lost": lost, "kept": str(aside)})
    else:
        click.echo(f"{len(heads)} chains go on, {lost} entries are lost; what was noted of them is kept in {aside}")


def _cut_heads(app: App) -> dict[HouseholdId, tuple[int, int]]:
    """Last number that is there and last that was noted, of every chain; empty where none is cut off.

    A restored backup only cuts chains off: raises `click.ClickException` where anything else is wrong with one.
    """
    anchors = app.ports.ledger.anchors()
    heads = {}
    is_cut = False
    for household_id in _anchored_or_stored(app):
        faults = {each.fault for each in verify_audit(app.ports, household_id, anchors)}
        is_cut |= Fault.CUT_OFF in faults
        if faults - {Fault.CUT_OFF}:
            raise click.ClickException(
                f"{household_id} is not only cut off: see `sayso audit verify`. Nothing was written"
            )
        newest = app.ports.ledger.last_audit(household_id, 1)
        noted = max((number for number, _ in anchors.get(household_id, ())), default=0)
        heads[household_id] = (newest[0].number if newest else 0, noted)
    return heads if is_cut else {}


def _anchored_or_stored(app: App) -> Iterator[HouseholdId]:
    """Households that are there, and those that only an anchor still remembers: a chain may have been deleted whole."""
    yield from sorted({*household_ids(app.ports), *app.ports.ledger.anchors()})
