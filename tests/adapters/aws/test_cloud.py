"""What goes to AWS beside the table: secrets, keys, anchors, events and notices. On moto, one caller at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from skill.adapters.aws.anchors import BucketAnchors
from skill.adapters.aws.clients import read_secret
from skill.adapters.aws.keys import TableKeys
from skill.adapters.aws.notifier import EventBridgeNotifier
from skill.adapters.aws.outbox import DynamoOutbox
from skill.adapters.aws.payments import DynamoDemoPayments
from skill.adapters.aws.stream import EventBridge, TableStream
from skill.adapters.aws.table import Table, delete, pack
from skill.app import build_app
from skill.errors import SettingsInvalid, StorageError
from skill.guard.policy import Layer
from skill.ports import Notice, PaymentState
from skill.settings import Settings, read_settings
from skill.shop.households import HouseholdId
from skill.shop.orders import OrderId
from tests.contracts import dynamodb_local
from tests.contracts.stores import HOME, NOON, SetClock, Stores, draft, household, over_dynamodb, usd
from tests.contracts.test_households import KIM, order_of

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "skill" / "sample"
BUCKET, BUS = "anchors", "orders"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`aws(service)`: a client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    with mock_aws():
        clients: dict[str, Any] = {}

        def client(service: str) -> Any:
            if service not in clients:
                clients[service] = get_session().create_client(service, region_name="us-east-1")
            return clients[service]

        yield client


@pytest.fixture
def moto_stores(aws: Any, tmp_path: Path) -> Iterator[Stores]:
    dynamodb_local.create_table(aws("dynamodb"), dynamodb_local.table_name(tmp_path))
    opened = over_dynamodb(aws("dynamodb"), tmp_path, SetClock())
    yield opened
    opened.close()


@pytest.fixture
def anchors(aws: Any) -> BucketAnchors:
    aws("s3").create_bucket(Bucket=BUCKET)
    aws("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return BucketAnchors(aws("s3"), BUCKET)


class Bus:
    """Takes events as EventBridge does."""

    def __init__(self, failed: int = 0) -> None:
        self.failed = failed
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, int]:
        self.entries += Entries
        return {"FailedEntryCount": self.failed}


def records(stores: Stores) -> list[dict[str, Any]]:
    """The table's items as its stream would tell of them."""
    table = stores.ledger._table  # type: ignore[attr-defined]
    found = [*table.query("EVENTS"), *table.query("H#home")]
    return [
        {"eventName": "INSERT", "dynamodb": {"NewImage": pack(item), "SequenceNumber": f"{number:06}"}}
        for number, item in enumerate(found)
    ]


def test_an_order_goes_through_the_stream_to_anchors_and_bus(
    moto_stores: Stores, anchors: BucketAnchors, aws: Any, tmp_path: Path
) -> None:
    moto_stores.stock(milk=5)
    order = moto_stores.commit(moto_stores.reserve(lines={"milk": 2}))
    bus = Bus()
    outbox = DynamoOutbox(Table(aws("dynamodb"), dynamodb_local.table_name(tmp_path)))
    stream = TableStream(anchors, outbox, EventBridge(bus, BUS), SetClock())

    assert {"anchored": 2, "events": 1} == stream.take(records(moto_stores))

    (entry,) = bus.entries
    told = json.loads(entry["Detail"])
    assert ("sayso", "order.placed", BUS) == (entry["Source"], entry["DetailType"], entry["EventBusName"])
    assert (f"{order.order_id}.1", 2000) == (told["event_id"], told["total"]["amount"])
    assert [(each.number, each.seal) for each in moto_stores.ledger.audit(HOME, 9)] == sorted(anchors.noted()[HOME])


def test_what_the_stream_tells_of_changes_and_deletions_is_left_alone(
    moto_stores: Stores, anchors: BucketAnchors
) -> None:
    moto_stores.ledger.write_audit(draft("kind"))
    changed = [each | {"eventName": "MODIFY"} for each in records(moto_stores)]
    stream = TableStream(anchors, moto_stores.outbox, EventBridge(Bus(), BUS), SetClock())  # type: ignore[arg-type]

    assert {"anchored": 0, "events": 0} == stream.take([*changed, {"eventName": "REMOVE", "dynamodb": {}}])
    assert {} == anchors.noted()


def test_a_bus_that_does_not_take_everything_brings_the_batch_back(moto_stores: Stores, anchors: BucketAnchors) -> None:
    moto_stores.stock(milk=5)
    moto_stores.commit(moto_stores.reserve())
    stream = TableStream(anchors, moto_stores.outbox, EventBridge(Bus(failed=1), BUS), SetClock())  # type: ignore[arg-type]

    with pytest.raises(StorageError, match="1 of 1"):
        stream.take(records(moto_stores))


def test_an_anchor_put_over_another_hides_nothing(anchors: BucketAnchors) -> None:
    anchors.note([(HOME, 1, "seal")], NOON, "batch")
    anchors.note([(HOME, 1, "forged")], NOON, "batch")

    assert {(1, "seal"), (1, "forged")} == set(anchors.noted()[HOME])


def test_anchors_that_cannot_be_written_or_read_say_so(aws: Any) -> None:
    missing = BucketAnchors(aws("s3"), "no-such-bucket")

    with pytest.raises(StorageError):
        missing.note([(HOME, 1, "seal")], NOON, "batch")
    with pytest.raises(StorageError):
        missing.noted()


def test_a_notice_goes_to_the_bus_and_one_that_cannot_is_no_failure() -> None:
    bus = Bus()
    assert EventBridgeNotifier(bus, BUS).notify(Notice(HOME, "receipt", NOON, {"total_minor": 1000}))
    assert not EventBridgeNotifier(Bus(failed=1), BUS).notify(Notice(HOME, "receipt", NOON, {}))

    (entry,) = bus.entries
    assert ("notice.receipt", {"total_minor": 1000}) == (entry["DetailType"], json.loads(entry["Detail"])["values"])


def test_a_secret_is_a_json_object_of_texts_and_is_never_shown(aws: Any) -> None:
    client = aws("secretsmanager")
    for name, text in (
        ("good", '{"master":"m"}'),
        ("list", '["hidden"]'),
        ("number", '{"master":7}'),
        ("none", "hidden"),
    ):
        client.create_secret(Name=name, SecretString=text)

    assert {"master": "m"} == read_secret("good", client)
    for name in ("list", "number", "none", "missing"):
        with pytest.raises(SettingsInvalid) as refused:
            read_secret(name, client)
        assert name in str(refused.value)
        assert "hidden" not in str(refused.value)


def test_a_short_master_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="master"):
        TableKeys(Table(None, "t"), "short")  # type: ignore[arg-type]


def test_a_households_key_is_made_once_and_destroyed_for_good(moto_stores: Stores) -> None:
    keys = moto_stores.keys
    sealed = keys.encrypt_for(HOME, b"Kim")

    assert b"Kim" not in sealed
    assert b"Kim" == keys.decrypt_for(HOME, sealed) == moto_stores.reopen().keys.decrypt_for(HOME, sealed)
    assert None is keys.decrypt_for(HOME, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    keys.destroy(HOME)
    assert None is keys.decrypt_for(HOME, sealed)
    assert b"" == keys.encrypt_for(HOME, b"Kim again")


def test_the_table_holds_no_key_in_clear(moto_stores: Stores) -> None:
    moto_stores.keys.encrypt_for(HOME, b"Kim")
    table = moto_stores.ledger._table  # type: ignore[attr-defined]

    assert 12 + 32 + 16 == len(table.get(("H#home", "KEY"))["key"]), "a nonce, the key encrypted, and its tag"


def test_the_demonstrations_provider_charges_an_order_once(aws: Any, moto_stores: Stores, tmp_path: Path) -> None:
    payments = DynamoDemoPayments(Table(aws("dynamodb"), dynamodb_local.table_name(tmp_path)))
    order, late = OrderId("o1"), OrderId("o2")

    assert None is payments.look_up(order)
    first = payments.charge(order, usd(1000))
    assert (PaymentState.APPROVED, first) == (first.state, payments.charge(order, usd(1000)))
    assert PaymentState.APPROVED == payments.close(order).state == payments.refund(order, usd(1000)).state
    assert PaymentState.DECLINED == payments.close(late).state == payments.charge(late, usd(1)).state
    assert PaymentState.DECLINED == payments.refund(late, usd(1)).state


def test_limits_that_were_set_before_they_were_listed_are_forgotten_too(moto_stores: Stores) -> None:
    stores, table = moto_stores, moto_stores.ledger._table  # type: ignore[attr-defined]
    stores.stock(milk=9)
    for home in (HOME, HouseholdId("away")):
        stores.households.create(household(home))
        for level, name in (("person", KIM), ("person", "lee"), ("profile", "child"), ("profile", "kim-and-lee")):
            stores.set_layer(Layer(level, f"{home}/{name}", {"order_max": 100}))
    for item in list(table.query("H#home", "P#")):
        table.write([delete((item["pk"], item["sk"]))])
    order_of(stores)  # by Kim, who counts in a profile too
    stores.ledger.write_audit(draft("policy_changed", personal={"person": "lee", "profile": "child"}))
    assert () == stores.policies.subjects(HOME, 9)

    stores.households.forget(HOME)

    for level, name in (("person", KIM), ("person", "lee"), ("profile", "child"), ("profile", "kim-and-lee")):
        assert 0 == stores.policies.layer(level, f"{HOME}/{name}").version
        assert 1 == stores.policies.layer(level, f"away/{name}").version


def test_an_order_is_placed_undone_and_forgotten(moto_stores: Stores) -> None:
    """The whole life of an order in one pass; what happens at once is tested where it can be."""
    moto_stores.stock(milk=5, eggs=2)
    order = moto_stores.reserve(lines={"milk": 2}, personal={"name": "Kim"})
    placed = moto_stores.commit(order)
    assert [placed] == list(moto_stores.orders.list(9)) == list(moto_stores.orders.recent(HOME, 9))
    cancelled = moto_stores.cancel(order)
    assert [cancelled] == list(moto_stores.ledger.unrefunded(NOON, 9))
    moto_stores.ledger.note_payment(order.order_id, "refunded", "", draft("refunded", order))

    assert [] == list(moto_stores.ledger.unrefunded(NOON, 9)) == list(moto_stores.ledger.overdue(NOON, 9))
    assert (5, (0, 1)) == (moto_stores.available("milk"), moto_stores.spent())


@pytest.fixture
def on_aws(aws: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Settings of a store on AWS, its table and its two secrets made."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # moto stands in for AWS behind botocore's clients alone.
    monkeypatch.setattr("skill.adapters.aws.clients.make_json_client", lambda *which, **limits: None)
    monkeypatch.setattr("skill.adapters.aws.clients.make_file_client", lambda *which, **limits: None)
    shutil.copyfile(SAMPLE / "store.yaml", tmp_path / "store.yaml")
    dynamodb_local.create_table(aws("dynamodb"), "store")
    for name, held in (("master", {"master": "0123456789abcdef" * 4}), ("dialogflow", {"dialogflow_secret": "shared"})):
        aws("secretsmanager").create_secret(Name=name, SecretString=json.dumps(held))
    return Settings(data_dir=tmp_path, keys_dir=tmp_path / "keys", table="store", secret="master,dialogflow")


def test_a_store_on_aws_takes_its_secrets_from_secrets_manager(on_aws: Settings) -> None:
    app = build_app(on_aws)

    assert "shared" == app.settings.dialogflow_secret
    assert "shared" not in repr(app.settings)
    assert "0123456789abcdef" not in repr(app.settings)
    app.ports.households.create(household())
    assert household() == app.ports.households.get(HOME)
    app.close()


def test_a_secret_that_holds_what_it_may_not_is_refused(on_aws: Settings, aws: Any) -> None:
    aws("secretsmanager").create_secret(Name="odd", SecretString='{"data_dir":"/somewhere"}')

    with pytest.raises(SettingsInvalid, match="data_dir"):
        build_app(replace(on_aws, secret="master,odd"))


def test_linking_accounts_takes_its_secret_from_secrets_manager_alone(on_aws: Settings, aws: Any) -> None:
    linking = {
        "SAYSO_DATA_DIR": str(on_aws.data_dir),
        "SAYSO_TABLE": "store",
        "SAYSO_SECRET": "master",
        "SAYSO_ACCOUNT_AUDIENCE": "shop",
        "SAYSO_ACCOUNT_INTROSPECTION_URL": "https://id.shop.example/introspect",
        "SAYSO_ACCOUNT_CLIENT_ID": "sayso",
    }
    aws("secretsmanager").create_secret(Name="account", SecretString='{"account_client_secret":"held"}')

    app = build_app(read_settings(linking | {"SAYSO_SECRET": "master,account"}))
    assert "held" == app.settings.account_client_secret
    app.close()
    with pytest.raises(SettingsInvalid, match="SAYSO_ACCOUNT_CLIENT_SECRET"):
        build_app(read_settings(linking))


def test_a_table_needs_the_master_key(on_aws: Settings) -> None:
    with pytest.raises(SettingsInvalid, match="SAYSO_SECRET"):
        build_app(replace(on_aws, secret=""))


def test_the_embedded_store_starts_without_awss_library() -> None:
    look = "import sys, skill.app, skill.background; print([each for each in sys.modules if each in ('boto3', 'botocore')])"
    assert "[]" == subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, cwd=ROOT).stdout.strip()
