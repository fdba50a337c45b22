"""The composition root: Settings → App. The one place where adapters are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from skill.adapters.local.anchors import FileAnchors
from skill.adapters.local.clock import SystemClock
from skill.adapters.local.keys import FileKeys
from skill.adapters.local.notifier import FileNotifier
from skill.adapters.local.payments import DemoPayments
from skill.adapters.local.store_file import read_store_file
from skill.adapters.sqlite.accounts import SqliteAccounts
from skill.adapters.sqlite.approvals import SqliteApprovals
from skill.adapters.sqlite.bursts import SqliteBursts
from skill.adapters.sqlite.carts import SqliteCarts
from skill.adapters.sqlite.conversations import SqliteConversations
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import SqliteHouseholds
from skill.adapters.sqlite.inventory import SqliteInventory
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.adapters.sqlite.orders import SqliteOrders
from skill.adapters.sqlite.outbox import SqliteOutbox
from skill.adapters.sqlite.pairings import SqlitePairings
from skill.adapters.sqlite.policies import SqlitePolicies
from skill.dialogue.converse import converse
from skill.ports import Clock, Payments, Ports
from skill.search.catalogue import CurrentCatalogue
from skill.settings import Settings
from skill.speech.render import Voice, load_voice
from skill.turn import Reply, Turn


@dataclass(frozen=True, slots=True)
class App:
    """A store that can be talked to. `answer` is the whole of it: a turn in, a reply out."""

    settings: Settings
    ports: Ports
    database: Database
    catalogue: CurrentCatalogue
    voice: Voice = ()

    def answer(self, turn: Turn) -> Reply:
        return converse(turn, self.ports, self.voice)

    def close(self) -> None:
        self.catalogue.close()
        self.database.close()


def build_app(settings: Settings, *, clock: Clock | None = None, payments: Payments | None = None) -> App:
    """The embedded App: SQLite and files below `settings.data_dir`. `clock` and `payments` are for tests and demonstrations.

    Raises `SettingsInvalid` (also for a `voice.<locale>.ftl`), `StorageOutdated`, and `FeedError` for a `store.yaml` that cannot
    be read.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock = clock or SystemClock()
    keys = FileKeys(settings.keys_dir)
    voice = load_voice(settings.data_dir)
    store, tariff = read_store_file(settings.data_dir / "store.yaml")
    database = Database(settings.data_dir / "sayso.db")
    ledger = SqliteLedger(database, keys, FileAnchors(settings.keys_dir / "anchors"))
    catalogue = CurrentCatalogue(settings.data_dir / "catalogue.index")
    ports = Ports(
        store=store,
        catalogue=catalogue,
        inventory=SqliteInventory(database, store.currency),
        carts=SqliteCarts(database),
        conversations=SqliteConversations(database),
        households=SqliteHouseholds(database, keys, clock),
        pairings=SqlitePairings(database, keys),
        accounts=SqliteAccounts(database),
        policies=SqlitePolicies(database),
        ledger=ledger,
        orders=SqliteOrders(database),
        approvals=SqliteApprovals(database, ledger),
        bursts=SqliteBursts(database),
        outbox=SqliteOutbox(database),
        tariff=tariff,
        payments=payments or DemoPayments(database),
        keys=keys,
        notifier=FileNotifier(settings.data_dir / "notices.jsonl"),
        clock=clock,
    )
    return App(settings, ports, database, catalogue, voice)
