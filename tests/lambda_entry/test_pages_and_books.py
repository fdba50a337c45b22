"""The functions behind the pages and the daily check, over a store of their own."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from skill.app import App, build_app
from skill.errors import StorageError
from skill.households import create_household
from skill.settings import Settings
from skill.shop.households import HouseholdId, store_chain
from tests.contracts.stores import SetClock


class Time:
    """A function's context: how long it may still run."""

    def __init__(self, *left_ms: int) -> None:
        self._left_ms = list(left_ms)

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms.pop(0) if len(self._left_ms) > 1 else self._left_ms[0]


@pytest.fixture
def app(sample_store: Path, tmp_path: Path) -> Iterator[App]:
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    opened = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=SetClock())
    yield opened
    opened.close()


@pytest.fixture
def load(app: App, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """`load("console")`: the module, over the store of `app`."""
    monkeypatch.setattr("skill.app.build_app", lambda settings: app)
    monkeypatch.setenv("SAYSO_DATA_DIR", str(app.settings.data_dir))

    def fresh(name: str) -> ModuleType:
        importlib.reload(importlib.import_module("lambda.store"))
        return importlib.reload(importlib.import_module(f"lambda.{name}"))

    return fresh


def request(path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    """As an HTTP API hands it over (payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "pages.example", "x-forwarded-proto": "https", **headers},
        "requestContext": {
            "domainName": "pages.example",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
        },
        "isBase64Encoded": False,
    }


def test_the_pages_are_served_and_the_platforms_and_the_simulator_are_not(load: Callable[[str], ModuleType]) -> None:
    module = load("console")
    sign_in = module.handler(request("/sign-in"), Time(9))
    assert (200, True) == (sign_in["statusCode"], "<form" in sign_in["body"])
    policy = {name.lower(): value for name, value in sign_in["headers"].items()}["content-security-policy"]
    assert "script-src 'self'" in policy
    assert {"ok": True} == {
        k: v for k, v in json.loads(module.handler(request("/healthz"), Time(9))["body"]).items() if k == "ok"
    }
    for path in ("/", "/alexa", "/dialogflow/cx", "/chat"):
        assert 404 == module.handler(request(path), Time(9))["statusCode"], path


def test_a_stranger_is_sent_to_sign_in(load: Callable[[str], ModuleType]) -> None:
    module = load("console")
    for path in ("/household",):
        answer = module.handler(request(path), Time(9))
        assert 303 == answer["statusCode"]
        assert "/sign-in" in {name.lower(): value for name, value in answer["headers"].items()}["location"]


def household(app: App, household_id: str) -> HouseholdId:
    made = create_household(
        app.ports,
        name="Kim",
        address="7 Mill Road",
        time_zone="Europe/Rome",
        email="",
        who="t",
        household_id=household_id,
    )
    return made.household_id


def told(printed: str) -> dict[str, float]:
    (line,) = printed.splitlines()
    document = json.loads(line)
    return {name: document[name][0] for name in ("HouseholdsChecked", "LedgerDrift", "AuditBroken", "DeadLetters")}


def test_good_books_are_told_as_good(
    app: App, load: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    household(app, "hh_one")
    assert {"checked": 2, "drifted": 0, "broken": 0} == load("checker").handler({}, Time(900_000))
    assert {"HouseholdsChecked": 2, "LedgerDrift": 0, "AuditBroken": 0, "DeadLetters": 0} == told(
        capsys.readouterr().out
    )


def test_a_changed_entry_is_told_and_its_household_is_logged(
    app: App, load: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = household(app, "hh_one")
    household(app, "hh_two")
    assert app.database is not None
    app.database.write(
        lambda db: db.execute("UPDATE audit SET facts = '{}' WHERE household_id = ?", (wrong,)), durable=True
    )
    assert {"checked": 3, "drifted": 0, "broken": 1} == load("checker").handler({}, Time(900_000))
    assert 1 == told(capsys.readouterr().out)["AuditBroken"]
    assert "the books of hh_one are wrong" in caplog.text


def test_a_run_ends_in_time_and_another_day_begins_elsewhere(app: App, load: Callable[[str], ModuleType]) -> None:
    ids = [household(app, f"hh_{letter}") for letter in "AMZaz"]
    module = load("checker")
    assert 2 == module.handler({}, Time(900_000, 900_000, 1))["checked"]
    firsts = set()
    for _ in range(70):
        store, *order = module.from_today(app)
        assert store_chain(app.ports.store.store_id) == store
        assert sorted(ids) == sorted(order)
        firsts.add(order[0])
        app.ports.clock.pass_time(days=1)  # type: ignore[attr-defined]
    assert set(ids) == firsts


def test_a_round_of_the_sweeper_in_which_something_failed_raises_for_the_alarm(
    app: App, load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load("sweeper")
    module.handler({}, Time(9))

    def fail(now: object, limit: int) -> None:
        raise TimeoutError("no answer")

    monkeypatch.setattr(app.ports.ledger, "overdue", fail)
    with pytest.raises(StorageError, match="1 of the round failed"):
        module.handler({}, Time(9))
