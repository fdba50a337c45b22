"""The composition root: Settings → App. The one place where adapters are chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill.adapters.local.checked_store import read_checked_store
from skill.adapters.local.clock import SystemClock
from skill.dialogue.converse import converse
from skill.errors import CatalogueMissing, SettingsInvalid
from skill.ports import Clock, Notifier, Payments, Ports, Publications
from skill.search.catalogue import open_catalogue
from skill.search.current import CurrentCatalogue
from skill.settings import Settings, check_together
from skill.shop.figures import Counts
from skill.speech.ear import ear_name
from skill.speech.render import Voice, load_voice, spoken_locales
from skill.turn import Reply, Turn

if TYPE_CHECKING:
    from skill.adapters.aws.anchors import BucketAnchors
    from skill.adapters.aws.publications import CatalogueFollower
    from skill.adapters.aws.stream import TableStream
    from skill.adapters.local.order_updates import OrderUpdates
    from skill.adapters.sqlite.database import Database

_log = logging.getLogger(__name__)

#: The embedded store's database, below the data directory.
DATABASE = "sayso.db"

#: Opens what a turn reads, and closes it when the turn has ended.
Reading = Callable[[Turn], AbstractContextManager[None]]


def _reading_when_asked(turn: Turn) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class App:
    """A store that can be talked to. `answer` is the whole of it: a turn in, a reply out."""

    settings: Settings
    ports: Ports
    database: Database | None  # None where the store is not kept in a file of its own
    catalogue: CurrentCatalogue
    voice: Voice = ()
    reading: Reading = _reading_when_asked
    order_updates: OrderUpdates | None = None  # what `Background` has to deliver
    charges_nobody: bool = False  # payments are a demonstration

    def warn_of_payments(self) -> None:
        """For whatever begins to take orders. An order that was never paid for must surprise nobody at the end of the month."""
        if self.charges_nobody:
            _log.warning("payments are a demonstration: every order counts as paid, and nobody is charged")

    def answer(self, turn: Turn) -> Reply:
        with self.reading(turn):
            return converse(turn, self.ports, self.voice)

    def product_names(self, limit: int) -> Sequence[tuple[str, str]]:
        """(SKU, name for the ear) of the best known products, for platforms that can be told what to listen for."""
        try:
            return [(each.sku, ear_name(each.title, each.size)) for each in self.ports.catalogue.top(limit)]
        except CatalogueMissing:
            return []

    def close(self) -> None:
        self.catalogue.close()
        if self.database is not None:
            self.database.close()


def build_app(
    settings: Settings, *, clock: Clock | None = None, payments: Payments | None = None, dynamodb: Any = None
) -> App:
    """The App: SQLite and files below `settings.data_dir`, or DynamoDB where `settings.table` names a table.

    `payments` is the adapter of a payment provider; without one payments are a demonstration. `clock` and `dynamodb`, a botocore
    client, are for tests.

    Raises `SettingsInvalid` (also for a `voice.<locale>.ftl`), `StorageOutdated`, and `FeedError` for a `store.yaml` that cannot
    be read.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock = clock or SystemClock()
    if settings.table:
        return _build_on_aws(settings, clock, payments, dynamodb)
    # Imported here, so that an instance on AWS starts without them.
    from skill.adapters.local.alexa_reminders import AlexaReminders
    from skill.adapters.local.anchors import FileAnchors
    from skill.adapters.local.keys import FileKeys
    from skill.adapters.local.notifier import FileNotifier
    from skill.adapters.local.order_updates import OrderUpdates
    from skill.adapters.local.payments import DemoPayments
    from skill.adapters.local.publications import FolderPublications
    from skill.adapters.local.store_file import read_store_file
    from skill.adapters.sqlite.accounts import SqliteAccounts
    from skill.adapters.sqlite.approvals import SqliteApprovals
    from skill.adapters.sqlite.bursts import SqliteBursts
    from skill.adapters.sqlite.carts import SqliteCarts
    from skill.adapters.sqlite.conversations import SqliteConversations
    from skill.adapters.sqlite.database import Database
    from skill.adapters.sqlite.figures import SqliteFigures
    from skill.adapters.sqlite.households import SqliteHouseholds
    from skill.adapters.sqlite.inventory import SqliteInventory
    from skill.adapters.sqlite.keys_known import check_keys
    from skill.adapters.sqlite.ledger import SqliteLedger
    from skill.adapters.sqlite.notices import SqliteNotices
    from skill.adapters.sqlite.orders import SqliteOrders
    from skill.adapters.sqlite.outbox import SqliteOutbox
    from skill.adapters.sqlite.pairings import SqlitePairings
    from skill.adapters.sqlite.policies import SqlitePolicies
    from skill.adapters.sqlite.sign_ins import SqliteSignIns

    written, anchors = settings.data_dir / DATABASE, settings.keys_dir / "anchors"
    if not written.exists() and anchors.exists():
        raise SettingsInvalid(
            f"{written} is not there, and {anchors} has the heads of its audit trail: restore it from its backup "
            "(docs/operations.md), or name its folder. To begin anew, move the keys directory away first"
        )
    keys = FileKeys(settings.keys_dir, begins=not written.exists())
    voice = load_voice(settings.data_dir)
    store, tariff = read_store_file(settings.data_dir / "store.yaml")
    database = Database(written)
    check_keys(database, keys)
    ledger = SqliteLedger(database, keys, FileAnchors(anchors))
    catalogue = CurrentCatalogue(settings.data_dir / "catalogue.index", store.currency)
    households, accounts = SqliteHouseholds(database, keys, clock, ledger), SqliteAccounts(database)
    notifier: Notifier = FileNotifier(settings.data_dir / "notices.jsonl")
    updates = None
    if settings.alexa_client_id:
        notifier = updates = OrderUpdates(
            notifier,
            households,
            accounts,
            clock,
            url=settings.alexa_events_url,
            client_id=settings.alexa_client_id,
            client_secret=settings.alexa_client_secret,
            locales=spoken_locales(),
        )
    ports = Ports(
        store=store,
        catalogue=catalogue,
        publications=FolderPublications(catalogue.path, settings.data_dir / "catalogues"),
        inventory=SqliteInventory(database, store.currency),
        carts=SqliteCarts(database),
        conversations=SqliteConversations(database),
        households=households,
        pairings=SqlitePairings(database, keys),
        accounts=accounts,
        policies=SqlitePolicies(database, ledger),
        ledger=ledger,
        orders=SqliteOrders(database),
        approvals=SqliteApprovals(database, ledger),
        bursts=SqliteBursts(database),
        sign_ins=SqliteSignIns(database),
        outbox=SqliteOutbox(database),
        notices=SqliteNotices(database),
        tariff=tariff,
        payments=payments or DemoPayments(database),
        keys=keys,
        notifier=notifier,
        clock=clock,
        figures=SqliteFigures(database, store.time_zone),
        reminders=AlexaReminders(),
    )
    return App(settings, ports, database, catalogue, voice, order_updates=updates, charges_nobody=payments is None)


def _build_on_aws(settings: Settings, clock: Clock, payments: Payments | None, dynamodb: Any) -> App:
    """Everything in one DynamoDB table. AWS's library is imported here, so that the embedded store starts without it."""
    from skill.adapters.aws.accounts import DynamoAccounts
    from skill.adapters.aws.approvals import DynamoApprovals
    from skill.adapters.aws.bursts import DynamoBursts
    from skill.adapters.aws.carts import DynamoCarts
    from skill.adapters.aws.clients import make_client, read_secret
    from skill.adapters.aws.conversations import DynamoConversations
    from skill.adapters.aws.figures import DynamoFigures
    from skill.adapters.aws.households import DynamoHouseholds
    from skill.adapters.aws.inventory import DynamoInventory
    from skill.adapters.aws.keys import TableKeys
    from skill.adapters.aws.ledger import DynamoLedger
    from skill.adapters.aws.notices import DynamoNotices
    from skill.adapters.aws.notifier import EventBridgeNotifier
    from skill.adapters.aws.orders import DynamoOrders
    from skill.adapters.aws.outbox import DynamoOutbox
    from skill.adapters.aws.pairings import DynamoPairings
    from skill.adapters.aws.payments import DynamoDemoPayments
    from skill.adapters.aws.policies import DynamoPolicies
    from skill.adapters.aws.sign_ins import DynamoSignIns
    from skill.adapters.aws.table import Table
    from skill.adapters.aws.turns import DynamoTurns
    from skill.adapters.local.alexa_reminders import AlexaReminders
    from skill.adapters.local.notifier import FileNotifier
    from skill.adapters.local.publications import FolderPublications

    settings = _with_secrets(settings, read_secret)
    if not settings.master:
        raise SettingsInvalid(
            "SAYSO_TABLE is set, and SAYSO_SECRET is not; it must name the secret in Secrets Manager that holds `master`"
        )
    voice = load_voice(settings.data_dir)
    store, tariff = read_checked_store(settings.data_dir)
    client = dynamodb or make_client("dynamodb")
    table = Table(client, settings.table)
    keys = TableKeys(table, settings.master)
    ledger = DynamoLedger(table, keys, _anchors_in(settings.anchors_bucket))
    catalogue = CurrentCatalogue(settings.data_dir / "catalogue.index", store.currency)
    reading: Reading = DynamoTurns(table, store.store_id, clock).reading
    folder = settings.data_dir / "catalogues"
    publications: Publications = FolderPublications(catalogue.path, folder)
    if settings.catalogue_bucket:
        from skill.adapters.aws.publications import BucketPublications, CatalogueFollower

        files = make_client("s3", patient=True)
        publications = BucketPublications(files, settings.catalogue_bucket, folder)
        taken = BucketPublications(files, settings.catalogue_bucket, settings.data_dir / "taken")
        follower = CatalogueFollower(taken, catalogue.path, clock, partial(_version_of, catalogue))
        follower.start()
        reading = _following(follower, reading)
    bus = settings.bus
    ports = Ports(
        store=store,
        catalogue=catalogue,
        publications=publications,
        inventory=DynamoInventory(table, store.currency),
        carts=DynamoCarts(table),
        conversations=DynamoConversations(table),
        households=DynamoHouseholds(table, keys, clock, ledger),
        pairings=DynamoPairings(table, keys),
        accounts=DynamoAccounts(table),
        policies=DynamoPolicies(table, ledger),
        ledger=ledger,
        orders=DynamoOrders(table),
        approvals=DynamoApprovals(table, ledger),
        bursts=DynamoBursts(table),
        sign_ins=DynamoSignIns(table),
        outbox=DynamoOutbox(table),
        notices=DynamoNotices(table),
        tariff=tariff,
        # A table of its own, as it were: a provider's memory is no part of what a turn has read.
        payments=payments or DynamoDemoPayments(Table(client, settings.table)),
        keys=keys,
        notifier=EventBridgeNotifier(make_client("events"), bus)
        if bus
        else FileNotifier(settings.data_dir / "notices.jsonl"),
        clock=clock,
        figures=DynamoFigures(table, store.time_zone),
        reminders=AlexaReminders(),
    )
    return App(settings, ports, None, catalogue, voice, reading, charges_nobody=payments is None)


def _anchors_in(bucket: str) -> BucketAnchors | None:
    if not bucket:
        return None
    from skill.adapters.aws.anchors import BucketAnchors
    from skill.adapters.aws.clients import make_client

    return BucketAnchors(make_client("s3"), bucket)


def _version_of(catalogue: CurrentCatalogue, path: Path) -> str:
    if path == catalogue.path:
        return catalogue.version  # opened once, and kept
    with closing(open_catalogue(path)) as opened:
        return opened.version


def _following(follower: CatalogueFollower, reading: Reading) -> Reading:
    def follow_and_read(turn: Turn) -> AbstractContextManager[None]:
        follower.look()
        return reading(turn)

    return follow_and_read


def open_stream(settings: Settings) -> TableStream:
    """What takes in the table's stream. It needs no secret and no catalogue. Raises `SettingsInvalid`."""
    from skill.adapters.aws.anchors import BucketAnchors
    from skill.adapters.aws.clients import make_client
    from skill.adapters.aws.outbox import DynamoOutbox
    from skill.adapters.aws.stream import EventBridge, TableStream
    from skill.adapters.aws.table import Table

    for variable, value in (
        ("SAYSO_TABLE", settings.table),
        ("SAYSO_ANCHORS_BUCKET", settings.anchors_bucket),
        ("SAYSO_BUS", settings.bus),
    ):
        if not value:
            raise SettingsInvalid(f"{variable} is not set; the function behind the table's stream needs it")
    return TableStream(
        BucketAnchors(make_client("s3"), settings.anchors_bucket),
        DynamoOutbox(Table(make_client("dynamodb"), settings.table)),
        EventBridge(make_client("events"), settings.bus),
        SystemClock(),
    )


def open_figures(settings: Settings) -> Callable[[Sequence[Mapping[str, Any]]], Counts]:
    """What counts batches of the table's stream in the store's figures. It needs no secret and no catalogue, and stands apart
    from `open_stream`: whoever can write to the table must not be able to write the audit's anchors. Raises `SettingsInvalid`.
    """
    from skill.adapters.aws.clients import make_client
    from skill.adapters.aws.figures import DynamoFigures
    from skill.adapters.aws.stream import new_items
    from skill.adapters.aws.table import Table

    if not settings.table:
        raise SettingsInvalid("SAYSO_TABLE is not set; the function that counts the table's stream needs it")
    store, _ = read_checked_store(settings.data_dir)
    figures = DynamoFigures(Table(make_client("dynamodb"), settings.table), store.time_zone)
    return lambda records: figures.take(new_items(records))


def open_order_updates(settings: Settings) -> Callable[[Mapping[str, Any]], int]:
    """What sends a notice, an event of the bus, to Alexa devices, and says to how many. It needs no key of the store and no
    catalogue. Raises `SettingsInvalid`; what it gives raises `RequestRejected`, `StorageError`, and `OSError` for what may be
    sent later.
    """
    from skill.adapters.aws.accounts import DynamoAccounts
    from skill.adapters.aws.clients import make_client, read_secret
    from skill.adapters.aws.households import DynamoLinks
    from skill.adapters.aws.notifier import read_notice
    from skill.adapters.aws.table import Table
    from skill.adapters.local.order_updates import ProactiveEvents

    if not settings.table:
        raise SettingsInvalid("SAYSO_TABLE is not set; the function that sends order updates needs it")
    settings = _with_secrets(settings, read_secret)
    if not settings.alexa_client_id:
        raise SettingsInvalid(
            "SAYSO_ALEXA_CLIENT_ID is not set, nor `alexa_client_secret` in SAYSO_SECRET; the function that sends order "
            "updates needs both"
        )
    table = Table(make_client("dynamodb"), settings.table)
    events = ProactiveEvents(
        DynamoLinks(table),
        DynamoAccounts(table),
        SystemClock(),
        url=settings.alexa_events_url,
        client_id=settings.alexa_client_id,
        client_secret=settings.alexa_client_secret,
        locales=spoken_locales(),
    )
    return lambda event: events.send(read_notice(event))


#: What a deployment's secrets may hold: the settings that are never shown.
_SECRETS = frozenset(field.name for field in fields(Settings) if not field.repr)


def _with_secrets(settings: Settings, read: Callable[[str], Mapping[str, str]]) -> Settings:
    """The settings with what their secrets hold in them. Raises `SettingsInvalid`, also for a setting that no secret may hold, and
    where what belongs together is not."""
    for name in filter(None, settings.secret.split(",")):
        secrets = read(name)
        unknown = sorted(set(secrets) - _SECRETS)
        if unknown:
            raise SettingsInvalid(f"SAYSO_SECRET: {name} holds {unknown}; it may hold {sorted(_SECRETS)}")
        held: dict[str, Any] = {each: text.strip() for each, text in secrets.items() if text.strip()}
        settings = replace(settings, **held)
    check_together(settings)
    return settings
