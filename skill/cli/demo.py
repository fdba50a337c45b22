"""`sayso demo`: makes the data directory ready to be talked to, once; a second time finds everything in place."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill.cli.options import Call, common_options, make_data_dir
from skill.errors import CatalogueMissing, HouseholdUnknown
from skill.guard.policy_file import PolicyChange, knob_text, limits_in_force
from skill.households import change_policy, create_household, set_purchase_code
from skill.settings import Settings
from skill.shop.households import Household, HouseholdId
from skill.simulator import PLATFORMS, SIMULATED_USER

if TYPE_CHECKING:
    from skill.app import App
    from skill.ports import Ports
    from skill.shop.catalogue import Product

SAMPLE = Path(__file__).parents[1] / "sample"
SAMPLE_CATALOGUE = SAMPLE / "catalogue.jsonl"

CATALOGUE_INDEX = "catalogue.index"

#: Remembers which sample was imported, so that an owner's own catalogue is left alone.
_STAMP = "sample-catalogue.imported"

DEMO_HOUSEHOLD = HouseholdId("hh_demo")

#: The demo household's code. It guards nothing but play money, so it may stand here.
DEMO_CODE = "4271"
DEMO_ADDRESS = "12 Orchard Lane, Springfield"

#: Whom the audit trail names for what this command did.
_WHO = "demo"
#: Entries of the trail that are looked through for whose code it is, and demo households that may have been deleted.
_ENTRIES_LOOKED_AT, _DEMOS_MAX = 2000, 100

#: Limits that are worth a line on the screen.
_SHOWN = ("order_max", "day_max", "week_max", "month_max", "adult_approval_over", "pin_policy", "quiet_hours")


@click.command("demo", help="Set up the sample store and a demo household.")
@common_options
def demo(call: Call) -> None:
    settings = call.settings()
    if settings.table:
        raise click.ClickException(
            "SAYSO_TABLE is set, and the demo's code is known to everybody: it is for a store on this machine"
        )
    make_data_dir(settings)
    if not (settings.data_dir / "store.yaml").exists():
        shutil.copyfile(SAMPLE / "store.yaml", settings.data_dir / "store.yaml")
    with call.app(begins=True) as app:
        imported = import_sample(app)
        household = ensure_demo_household(app)
        limits = _limits(app, household)
        code = DEMO_CODE if _code_is_demos(app, household) else None
    if call.as_json:
        told = {"household_id": household.household_id, "code": code, "code_set": household.code_set}
        call.print_json(told | {"limits": limits})
        return
    if imported:
        click.echo(f"Imported {imported} products of the sample store.")
    click.echo(f"Demo household {household.household_id}, {household.address}")
    changed = "one that was set here; `sayso household code` sets another" if household.code_set else "none"
    click.echo(f"  purchase code: {code or changed}")
    for name, text in limits.items():
        click.echo(f"  {name + ':':<20} {text}")
    click.echo(f"  its pages:           sayso sign-in link --household {household.household_id}")


def import_sample(app: App) -> int:
    """Imports the sample catalogue where there is none, or an older sample. A catalogue of the owner's own is left alone.

    How many products were imported.
    """
    stamp = app.settings.data_dir / _STAMP
    sample = hashlib.sha256(SAMPLE_CATALOGUE.read_bytes()).hexdigest()
    imported, _, of_version = (
        stamp.read_text(encoding="utf-8").strip().partition(" ") if stamp.exists() else ("", "", "")
    )
    try:
        is_ours = of_version == app.ports.catalogue.version
        is_current = imported == sample
    except CatalogueMissing:
        # None yet, or an index from before an upgrade: whose it was, the stamp tells.
        is_ours = bool(of_version) or not (app.settings.data_dir / CATALOGUE_INDEX).exists()
        is_current = False
    if is_current or not is_ours:
        return 0
    from skill.catalogues import (  # not at the top: mostly there is nothing to import
        import_catalogue,
        open_feed,
    )

    imported_now = import_catalogue(app, open_feed(app, SAMPLE_CATALOGUE))
    stamp.write_text(f"{sample} {imported_now.version}\n", encoding="utf-8")
    return imported_now.products_count


def ensure_demo_household(app: App) -> Household:
    """The household that the simulator's accounts are linked to, made where there is none."""
    ports = app.ports
    linked = ports.households.of_user(PLATFORMS[0], SIMULATED_USER)
    if linked is not None and not linked.is_forgotten:
        return linked
    household = _demo_household(ports)
    # A demonstration in the evening should not be sent to bed.
    no_quiet_hours = PolicyChange({"quiet_hours": None})
    change_policy(ports, "household", household.household_id, no_quiet_hours, _WHO, "a demonstration at any hour")
    set_purchase_code(ports, household.household_id, DEMO_CODE, _WHO)
    # The first platform's link is written last: it is what says that all the rest is there.
    for platform in reversed(PLATFORMS):
        ports.households.link(household.household_id, platform, SIMULATED_USER, ports.clock.now_utc())
    return ports.households.get(household.household_id)


def _demo_household(ports: Ports) -> Household:
    """The first that is not forgotten, of one id after the other: one that was deleted keeps its id."""
    for number in range(1, _DEMOS_MAX + 1):
        household_id = HouseholdId(DEMO_HOUSEHOLD if number == 1 else f"{DEMO_HOUSEHOLD}_{number}")
        try:
            household = ports.households.get(household_id)
        except HouseholdUnknown:
            return create_household(
                ports,
                name="Demo household",
                address=DEMO_ADDRESS,
                time_zone=ports.store.time_zone,
                email="",
                who=_WHO,
                household_id=household_id,
            )
        if not household.is_forgotten:
            return household
    raise click.ClickException(f"{_DEMOS_MAX} demo households were deleted here: begin a new store with --data")


def _code_is_demos(app: App, household: Household) -> bool:
    """Whether it was last set by this command: the code itself is nowhere to be read."""
    newest = app.ports.ledger.last_audit(household.household_id, _ENTRIES_LOOKED_AT)
    last = next((each for each in newest if each.kind in ("code_set", "code_removed")), None)
    return household.code_set and last is not None and last.facts["who"] == _WHO


def make_sample_store(folder: Path) -> list[Product]:
    """A data directory with the sample store and nobody in it; the products of its catalogue."""
    from skill.app import build_app
    from skill.catalogues import import_catalogue, open_feed

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SAMPLE / "store.yaml", folder / "store.yaml")
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    try:
        feed = open_feed(app, SAMPLE_CATALOGUE)
        import_catalogue(app, feed)
        return list(feed)
    finally:
        app.close()


def _limits(app: App, household: Household) -> dict[str, str]:
    store, policies = app.ports.store, app.ports.policies
    limits = limits_in_force(
        policies.layer("store", store.store_id),
        policies.layer("household", household.household_id),
        age_restricted_categories=store.age_restricted_categories,
    )
    return {each.name: knob_text(each.name, each.value, store.currency) for each in limits if each.name in _SHOWN}
