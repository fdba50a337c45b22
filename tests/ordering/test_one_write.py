"""A change of limits, of the purchase code or of the time zone and its audit entry are one write: whenever the store fails, there
are both or neither.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from skill.adapters.aws.table import table_definition
from skill.adapters.sqlite.database import Database
from skill.app import App, build_app
from skill.errors import StorageError
from skill.guard.policy_file import PolicyChange
from skill.households import assign_profile, change_policy, create_household, move_household, set_purchase_code
from skill.settings import Settings
from skill.shop.households import HouseholdId, store_chain
from skill.simulator.talk import talk_in_process
from tests.adapters.aws.faults import DONE, REFUSED, FaultyClient

HOME = HouseholdId("home")

CHANGES: dict[str, Callable[[App], object]] = {
    "limit": lambda app: change_policy(app.ports, "household", HOME, PolicyChange({"order_max": 700}), "kim", "less"),
    "person": lambda app: change_policy(app.ports, "person", "home/lee", PolicyChange({"lines_max": 1}), "kim", ""),
    "store": lambda app: change_policy(app.ports, "store", "corner", PolicyChange({"order_max": 900}), "owner", ""),
    "profile": lambda app: assign_profile(app.ports, HOME, "lee", "child", "kim"),
    "code set": lambda app: set_purchase_code(app.ports, HOME, "8305", "kim"),
    "code removed": lambda app: set_purchase_code(app.ports, HOME, None, "kim"),
    "zone": lambda app: move_household(app.ports, HOME, "Europe/Paris", "kim"),
    "limit by voice": lambda app: talk_in_process(app, "alexa", "kim").say("lower the limit to five dollars"),
    "frozen by voice": lambda app: talk_in_process(app, "alexa", "kim").say("freeze ordering"),
}


class Failing:
    """An app over one of the stores. `after(n)`: its writes fail from then on, but for the next `n`; `mend()` ends that."""

    def __init__(self, app: App, after: Callable[[int], None], mend: Callable[[], None]) -> None:
        self.app, self.after, self.mend = app, after, mend

    def in_force(self) -> tuple[object, ...]:
        ports = self.app.ports
        layers = (("household", HOME), ("person", "home/lee"), ("store", "corner"))
        return (ports.households.get(HOME), *(ports.policies.layer(*each) for each in layers))

    def told(self) -> int:
        """Changes that the audit trails tell of."""
        kinds = ("policy_changed", "limit_tightened", "code_set", "code_removed", "zone_moved")
        chains = (HOME, store_chain("corner"))
        return sum(each.kind in kinds for chain in chains for each in self.app.ports.ledger.audit(chain, 100))


def over_sqlite(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Failing:
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"))
    left: list[int] = []
    write = Database.write

    def failing(database: Database, *args: Any, **how: Any) -> Any:
        if left and left[0] == 0:
            raise StorageError("the disk is full")
        left[:] = [each - 1 for each in left]
        return write(database, *args, **how)

    monkeypatch.setattr(Database, "write", failing)
    return Failing(app, lambda n: left.append(n), left.clear)


def over_dynamodb(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Failing:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    real = get_session().create_client("dynamodb", region_name="us-east-1")
    real.create_table(**table_definition("store"))
    client = FaultyClient(real)
    settings = Settings(data_dir=folder, keys_dir=folder / "keys", table="store", master="a master key of no store" * 2)

    def after(n: int) -> None:
        client.expect(*[DONE] * n)
        client.for_ever = REFUSED

    def mend() -> None:
        client.for_ever = DONE

    return Failing(build_app(settings, dynamodb=client), after, mend)


@pytest.fixture(params=[over_sqlite, over_dynamodb])
def failing(
    request: pytest.FixtureRequest, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Failing]:
    shutil.copytree(sample_store, tmp_path / "data")
    with mock_aws():
        opened = request.param(tmp_path / "data", monkeypatch)
        ports = opened.app.ports
        home = {"name": "Kim", "address": "1 Elm St", "time_zone": "America/New_York", "email": ""}
        create_household(ports, **home, who="test", household_id=HOME)
        ports.households.link(HOME, "alexa", "kim", ports.clock.now_utc())
        yield opened
        opened.app.close()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_its_entry_are_both_there_or_neither(failing: Failing, change: str) -> None:
    if change == "code removed":
        set_purchase_code(failing.app.ports, HOME, "4271", "kim")
    before, told_before = failing.in_force(), failing.told()
    for writes in count():
        failing.after(writes)
        with suppress(StorageError):
            CHANGES[change](failing.app)
        failing.mend()
        made, told = failing.in_force() != before, failing.told() - told_before
        assert (made, int(made)) == (made, told), f"after {writes} writes"
        if made:
            break
        assert writes < 5
