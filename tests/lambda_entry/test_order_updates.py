"""The function behind the bus: notices become Alexa's order updates, by the code that a server sends them with."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from skill.adapters.aws.notifier import EventBridgeNotifier, read_notice
from skill.adapters.local.order_updates import EVENT, STATUS, TOKEN_URL
from skill.errors import RequestRejected, SettingsInvalid
from skill.ports import Notice
from skill.settings import ALEXA_EVENTS_URL
from tests.contracts import dynamodb_local
from tests.contracts.stores import HOME, SetClock, household, over_dynamodb

botocore = pytest.importorskip("botocore.session")
TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
NOW = datetime.now(UTC).replace(microsecond=123456)
RECEIPT = Notice(HOME, "receipt", NOW, {"order_id": "ord-1", "seller": "Corner Store", "total_minor": 537})


class Bus:
    """A bus that hands what is put on it to the function, as EventBridge does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, int]:
        for each in Entries:
            detail = json.loads(each["Detail"])
            self.events.append({"source": each["Source"], "detail-type": each["DetailType"], "detail": detail})
        return {"FailedEntryCount": 0}


class Amazon:
    """Amazon's two addresses; `answers` are of the next events."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.told: list[str] = []
        self.forms: list[bytes] = []

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if url == TOKEN_URL:
            self.forms.append(body)
            return 200, b'{"access_token": "t", "expires_in": 3600}'
        assert (ALEXA_EVENTS_URL, "Bearer t") == (url, headers["Authorization"])
        event = json.loads(body)
        self.told.append(f"{event['referenceId']} {event['relevantAudience']['payload']['user']}")
        return self.answers.pop(0) if self.answers else 202, b""


def on_bus(notice: Notice) -> dict[str, Any]:
    bus = Bus()
    EventBridgeNotifier(bus).notify(notice)
    return bus.events[0]


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    posted = Amazon()
    monkeypatch.setattr("skill.adapters.local.order_updates._post", posted.post)
    return posted


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    """Over a table in which two Alexa accounts of the household have subscribed, and two others of it have not."""
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    with mock_aws():
        clients = {
            service: botocore.get_session().create_client(service, region_name="us-east-1")
            for service in ("dynamodb", "secretsmanager")
        }
        monkeypatch.setattr("skill.adapters.aws.clients.make_client", lambda service, *_, **__: clients[service])
        secret = json.dumps({"alexa_client_secret": "hush"})
        clients["secretsmanager"].create_secret(Name="messaging", SecretString=secret)
        table = dynamodb_local.table_name(tmp_path)
        dynamodb_local.create_table(clients["dynamodb"], table)
        stores = over_dynamodb(clients["dynamodb"], tmp_path, SetClock())
        stores.households.create(household())
        for platform, user in (("alexa", "ada"), ("alexa", "bob"), ("alexa", "kim"), ("dialogflow-cx", "ada")):
            stores.households.link(HOME, platform, user, NOW)
        for user in ("ada", "bob"):
            stores.accounts.grant("alexa", user, "subscriptions", (EVENT,), NOW)
        variables = {"TABLE": table, "SECRET": "messaging", "ALEXA_CLIENT_ID": "client", "DATA_DIR": str(tmp_path)}
        for name, value in variables.items():
            monkeypatch.setenv(f"SAYSO_{name}", value)
        monkeypatch.delitem(sys.modules, "lambda.order_updates", raising=False)
        yield importlib.import_module("lambda.order_updates")
        stores.close()


@pytest.mark.parametrize("kind", sorted(STATUS))
def test_a_notice_is_told_to_the_households_accounts_that_subscribed(
    function: ModuleType, amazon: Amazon, kind: str
) -> None:
    notice = Notice(HOME, kind, NOW, RECEIPT.values)
    assert {"sent": 2} == function.handler(on_bus(notice), None)
    assert [f"ord-1-{STATUS[kind]} {user}" for user in ("ada", "bob")] == amazon.told
    assert b"client_id=client&client_secret=hush" in amazon.forms[0]


def test_what_amazon_may_take_later_fails_so_that_lambda_sends_it_again(function: ModuleType, amazon: Amazon) -> None:
    amazon.answers = [202, 503]
    with pytest.raises(OSError, match="1 of 2"):
        function.handler(on_bus(RECEIPT), None)
    # The second try is told that the first account's event is there already.
    amazon.answers = [409, 202]
    assert {"sent": 1} == function.handler(on_bus(RECEIPT), None)


def test_what_amazon_refuses_other_notices_and_yesterdays_are_not_tried_again(
    function: ModuleType, amazon: Amazon
) -> None:
    amazon.answers = [400, 400]
    assert {"sent": 0} == function.handler(on_bus(RECEIPT), None)
    told = len(amazon.told)
    assert {"sent": 0} == function.handler(on_bus(Notice(HOME, "code_locked", NOW, {})), None)
    assert {"sent": 0} == function.handler(on_bus(Notice(HOME, "receipt", NOW - timedelta(days=1), {})), None)
    assert told == len(amazon.told)


def test_a_household_without_accounts_is_told_nothing(function: ModuleType, amazon: Amazon) -> None:
    elsewhere = Notice(type(HOME)("hh_elsewhere"), "receipt", NOW, RECEIPT.values)
    assert {"sent": 0} == function.handler(on_bus(elsewhere), None)
    assert [] == amazon.told == amazon.forms


@pytest.mark.parametrize("missing", ["SAYSO_ALEXA_CLIENT_ID", "SAYSO_SECRET", "SAYSO_TABLE"])
def test_a_missing_setting_stops_the_function(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(SettingsInvalid, match=r"SAYSO_ALEXA_CLIENT_ID|SAYSO_TABLE"):
        function.send()


def test_a_notice_comes_back_from_the_bus_as_it_was_put_there() -> None:
    assert RECEIPT == read_notice(on_bus(RECEIPT))


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "aws.s3"},
        {"detail-type": "order.placed"},
        {"detail": None},
        {"detail": {}},
        {"detail": {"household_id": "h", "at": "noon", "values": {}}},
    ],
)
def test_an_event_that_is_no_notice_is_rejected(changed: dict[str, Any]) -> None:
    with pytest.raises(RequestRejected, match="no notice"):
        read_notice(on_bus(RECEIPT) | changed)


def test_the_rule_takes_the_notices_that_alexa_has_a_word_for() -> None:
    (kinds,) = re.findall(r"detail-type: \[(.+)\]", TEMPLATE)
    assert {f"notice.{kind}" for kind in STATUS} == set(kinds.split(", "))


def test_the_client_secret_is_in_no_functions_environment_and_nothing_is_made_without_it() -> None:
    assert 1 == len(re.findall(r"\$\{AlexaMessagingClientSecret\}", TEMPLATE))
    assert not re.search(r"SAYSO_\w+: .*AlexaMessagingClientSecret", TEMPLATE)
    of_updates = re.findall(r"^  ((?:OrderUpdates|AlexaMessagingS)\w+):\n((?:    .*\n)+)", TEMPLATE, re.M)
    assert 4 == len(of_updates)
    for name, resource in of_updates:
        assert "    Condition: SendsOrderUpdates\n" in resource, name
