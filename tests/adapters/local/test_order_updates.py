from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model.services.proactive_events.create_proactive_event_request import CreateProactiveEventRequest

from skill.adapters.local.keys import FileKeys
from skill.adapters.local.order_updates import EVENT, STATUS, TOKEN_URL, TRIES_MAX, OrderUpdates, write_event
from skill.adapters.sqlite.accounts import SqliteAccounts
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import SqliteHouseholds
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.errors import SettingsInvalid
from skill.ports import Notice
from skill.shop.households import Household, HouseholdId

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
HOME = HouseholdId("home")
URL = "https://api.amazonalexa.com/v1/proactiveEvents"
RECEIPT = Notice(HOME, "receipt", NOW, {"order_id": "ord-1", "seller": "Corner Store", "total_minor": 537})


class Amazon:
    """Amazon's two addresses, and what was posted to them."""

    def __init__(self):
        self.now, self.answers, self.events, self.tokens = NOW, [], [], 0

    def now_utc(self):
        return self.now

    def post(self, url, body, headers):
        if url == TOKEN_URL:
            self.tokens += 1
            form = parse_qs(body.decode())
            assert (["client_credentials"], ["alexa::proactive_events"]) == (form["grant_type"], form["scope"])
            return 200, json.dumps({"access_token": f"t{self.tokens}", "expires_in": 3600}).encode()
        assert URL == url
        self.events.append((headers["Authorization"], json.loads(body)))
        answer = self.answers.pop(0) if self.answers else 202
        if isinstance(answer, OSError):
            raise answer
        return answer, b""


class Kept:
    def __init__(self):
        self.notices = []

    def notify(self, notice):
        self.notices.append(notice)
        return True


@pytest.fixture
def amazon():
    return Amazon()


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def updates(tmp_path, amazon, kept):
    database = Database(tmp_path / "sayso.db")
    keys, accounts = FileKeys(tmp_path / "keys"), SqliteAccounts(database)
    households = SqliteHouseholds(database, keys, amazon, SqliteLedger(database, keys))
    households.create(Household(HOME, "Kim", "Europe/Rome", "7 Mill Road", NOW))
    for platform, user in (("alexa", "subscribed"), ("alexa", "silent"), ("dialogflow-cx", "subscribed")):
        households.link(HOME, platform, user, NOW)
    accounts.grant("alexa", "subscribed", "subscriptions", [EVENT], NOW)
    yield OrderUpdates(
        kept, households, accounts, amazon,
        url=URL, client_id="c", client_secret="s", locales=("en-US", "hr-HR", "it-IT"), post=amazon.post,
    )  # fmt: skip
    database.close()


def test_a_receipt_becomes_an_update_for_the_accounts_that_subscribed(updates, amazon, kept):
    updates.notify(RECEIPT)
    assert [] == amazon.events
    assert 1 == updates.deliver()
    assert [RECEIPT] == kept.notices
    ((authorization, event),) = amazon.events
    assert "Bearer t1" == authorization
    assert {
        "timestamp": "2026-11-21T12:00:00.123Z",
        "referenceId": "ord-1-ORDER_RECEIVED",
        "expiryTime": "2026-11-22T12:00:00.123Z",
        "event": {
            "name": "AMAZON.OrderStatus.Updated",
            "payload": {
                "state": {"status": "ORDER_RECEIVED", "enterTimestamp": "2026-11-21T12:00:00.123Z"},
                "order": {"seller": {"name": "localizedattribute:sellerName"}},
            },
        },
        "localizedAttributes": [
            {"locale": "en-US", "sellerName": "Corner Store"},
            {"locale": "it-IT", "sellerName": "Corner Store"},
        ],
        "relevantAudience": {"type": "Unicast", "payload": {"user": "subscribed"}},
    } == event
    assert 0 == updates.deliver()


def test_amazons_own_model_reads_the_event_whole():
    event = write_event(RECEIPT, "amzn1.ask.account.KIM", ("en-US",))
    serializer = DefaultSerializer()
    read = serializer.serialize(serializer.deserialize(json.dumps(event), CreateProactiveEventRequest))
    assert event.keys() == read.keys()
    for key in ("referenceId", "event", "localizedAttributes", "relevantAudience"):
        assert event[key] == read[key]


def test_a_shipped_order_is_an_update_of_its_own(updates, amazon):
    updates.notify(RECEIPT)
    updates.notify(replace(RECEIPT, kind="shipped", at=NOW + timedelta(hours=2)))
    assert 2 == updates.deliver()
    received, shipped = (event for _, event in amazon.events)
    assert "ord-1-ORDER_SHIPPED" == shipped["referenceId"] != received["referenceId"]
    state = shipped["event"]["payload"]["state"]
    assert {"status": "ORDER_SHIPPED", "enterTimestamp": "2026-11-21T14:00:00.123Z"} == state


def test_every_status_is_one_that_amazon_knows():
    known = {"PREORDER_RECEIVED", "ORDER_RECEIVED", "ORDER_PREPARING", "ORDER_SHIPPED", "ORDER_OUT_FOR_DELIVERY"}
    assert set(STATUS.values()) <= known | {"ORDER_DELIVERED"}


def test_other_notices_are_nobodys_update(updates, amazon, kept):
    updates.notify(Notice(HOME, "code_locked", NOW, {}))
    assert (0, 1) == (updates.deliver(), len(kept.notices))
    assert [] == amazon.events


@pytest.mark.parametrize("answer", [500, 503, 429, 401, OSError("no route")])
def test_what_may_pass_is_tried_again(updates, amazon, answer):
    amazon.answers = [answer]
    updates.notify(RECEIPT)
    assert [0, 1, 0] == [updates.deliver() for _ in range(3)]


def test_nothing_is_tried_for_ever(updates, amazon):
    amazon.answers = [500] * 10
    updates.notify(RECEIPT)
    assert [0] * 6 == [updates.deliver() for _ in range(6)]
    assert TRIES_MAX == len(amazon.events)


def test_what_amazon_refuses_is_given_up(updates, amazon):
    amazon.answers = [400]
    updates.notify(RECEIPT)
    assert [0, 0] == [updates.deliver() for _ in range(2)]
    assert 1 == len(amazon.events)


def test_a_token_is_kept_while_it_lasts_and_renewed_when_it_is_refused(updates, amazon):
    for _ in range(2):
        updates.notify(RECEIPT)
        updates.deliver()
    assert 1 == amazon.tokens
    amazon.answers = [401]
    updates.notify(RECEIPT)
    assert [0, 1] == [updates.deliver(), updates.deliver()]
    amazon.now += timedelta(hours=1)
    updates.notify(RECEIPT)
    updates.deliver()
    assert 3 == amazon.tokens


def test_without_a_token_nothing_is_sent(updates, amazon, monkeypatch):
    monkeypatch.setattr(updates, "_post", lambda *_: (400, b'{"error": "invalid_client"}'))
    updates.notify(RECEIPT)
    assert [0] * 4 == [updates.deliver() for _ in range(4)]


def test_an_update_of_yesterday_is_not_sent(updates, amazon):
    updates.notify(RECEIPT)
    amazon.now += timedelta(days=1)
    assert (0, []) == (updates.deliver(), amazon.events)


def test_updates_go_over_https_alone(updates, kept):
    with pytest.raises(SettingsInvalid, match="SAYSO_ALEXA_EVENTS_URL"):
        OrderUpdates(kept, None, None, None, url="http://api", client_id="c", client_secret="s", locales=())
