"""What the dialogue and the guard need of the outside world, as Protocols.

Every write is one narrow atomic write with its conditions, so that each can be one SQLite transaction or one DynamoDB
TransactWriteItems. Any method may raise `StorageError`: then nothing was written, or nobody knows, and a retry with the same
keys is safe. Times are UTC, amounts minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from skill.guard.audit import Anchor
from skill.guard.consent import Consent
from skill.guard.decision import Spent
from skill.guard.policy import Layer
from skill.shop.cart import Cart
from skill.shop.catalogue import Findings, Product, Sku, Wish
from skill.shop.figures import Counts, HouseholdFigures, Unmet
from skill.shop.households import Household, HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, WindowCharge
from skill.shop.quote import Quote, QuoteLine

# --- the turn -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Who may be sending twice: the platform's request id, and the hash of the body it came with."""

    platform: str
    request_id: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a turn starts from. `state` is None for a new session; `answered` is the answer given to this very request."""

    state: str | None
    version: int
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """Everything that a turn leaves behind, written at once or not at all.

    `owner` is the household's id, or a guest's key. `state` and `answer` are JSON that only the dialogue reads. `version` is the
    one that was opened; `cart`, if not None, replaces the owner's cart of `cart.version`. Both are
    conditions. `request` is put if absent.
    """

    owner: str
    session: str
    request: RequestKey
    state: str
    version: int
    answer: str
    cart: Cart | None
    now: datetime
    marks: int = 0  # what the turn was, for the figures: see `shop.figures`
    took_ms: int = 0  # how long the answer has taken until it is written down
    sought: str = ""  # what was asked for and not found


class Conversations(Protocol):
    """Opaque, versioned JSON for each owner and session, and the answers given, kept at least a day."""

    def open(self, owner: str, session: str, request: RequestKey) -> Opened:
        """Raises `RequestReused` where the request id came before with another body."""

    def close(self, record: TurnRecord) -> None:
        """Raises `VersionConflict` where the session, the cart or the request was written by somebody else meanwhile."""

    def sweep(self, before: datetime, limit: int) -> int:
        """Forgets sessions and answers last written before `before`; how many."""


class Carts(Protocol):
    def load(self, owner: str) -> Cart: ...

    def save(self, owner: str, cart: Cart) -> None:
        """Raises `VersionConflict` unless the stored version is `cart.version`."""


# --- the shop -------------------------------------------------------------------------------------------------------


class Catalogue(Protocol):
    """The products, as the last import left them. Raises `CatalogueMissing` where there was none."""

    @property
    def version(self) -> str: ...

    def find(self, wish: Wish, *, locale: str, limit: int, bought: Sequence[Sku] = ()) -> Findings: ...

    def understand(self, words: str, locale: str) -> Wish:
        """The wish that is in the words, without looking for anything."""

    def product(self, sku: Sku) -> Product | None: ...

    def products(self, skus: Iterable[Sku]) -> Mapping[Sku, Product]: ...

    def top(self, limit: int) -> Sequence[Product]:
        """The best known that are in stock, best first."""

    def categories(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Publication:
    """A catalogue that was put in place, by its index's version."""

    version: str
    products_count: int
    published_at: datetime


class Publications(Protocol):
    """The indexes that answered shoppers, the newest of them still kept."""

    def keep(self, index: Path, publication: Publication) -> Path:
        """Brings the index to where it is kept, and gives what to publish; what answers, and the history, stay as they are.

        What needs room or a connection is done here, so that `publish` has little left to fail at. Raises `StorageError`.
        """

    def publish(self, index: Path, publication: Publication) -> None:
        """Puts the index in the place of the one that answers, in one step; those beyond `PUBLICATIONS_MAX` are forgotten.

        Raises `StorageError`; then the one before still answers. `index` stays the caller's.
        """

    def history(self) -> Sequence[Publication]:
        """Newest first; the first one answers. Empty where nothing was published here."""

    def fetch(self, version: str) -> Path:
        """A file with that index, to read. Raises `CatalogueMissing` for one that is not kept."""


#: Catalogues that can be gone back to, the one that answers included.
PUBLICATIONS_MAX = 5


@dataclass(frozen=True, slots=True)
class LiveItem:
    """What the shelf says now: the price, and how many can be bought (on hand less reserved)."""

    sku: Sku
    price: Money
    available: int


class Inventory(Protocol):
    """Live prices and stock, beside the catalogue's index. Only `Ledger` reserves."""

    def items(self, skus: Iterable[Sku]) -> Mapping[Sku, LiveItem]: ...

    def glance(self, products: Iterable[Product]) -> Mapping[Sku, LiveItem]:
        """For browsing: as `items`, or as the catalogue's own products say where every look costs a round trip."""

    def restock(self, products: Iterable[Product]) -> None:
        """Sets price and stock on hand of every product and drops the rest, in one write; reservations stay as they are."""


@dataclass(frozen=True, slots=True)
class Tariffed:
    """Delivery and tax for a basket; `delivery_note` is a key of the speech files, such as `delivery-today`."""

    delivery: Money
    tax: Money
    delivery_note: str = ""


class Tariff(Protocol):
    """What comes on top of the goods, and who sells."""

    def price(self, lines: Sequence[QuoteLine], address: str) -> Tariffed: ...


@dataclass(frozen=True, slots=True)
class Store:
    """The shop itself, from `store.yaml`. `currency` is the ledger's only one."""

    store_id: str
    seller: str
    currency: str
    time_zone: str
    age_restricted_categories: frozenset[str] = frozenset()


# --- who shops, and within which limits --------------------------------------------------------------------------------


#: Accounts at the shop itself, which a token proves whatever the platform: linked under this name.
SHOP_ACCOUNT = "account"


class Households(Protocol):
    """Households, the platform accounts linked to them, and their purchase codes.

    One that is forgotten is found by `get` and `list`, for the books; to every other method it is unknown.
    """

    def create(self, household: Household) -> None: ...

    def get(self, household_id: HouseholdId) -> Household:
        """Raises `HouseholdUnknown`."""

    def list(self, limit: int, after: str = "") -> Sequence[Household]: ...

    def link(self, household_id: HouseholdId, platform: str, user: str, now: datetime) -> None:
        """Replaces an older link of that account. Raises `HouseholdUnknown`."""

    def linked(self, household_id: HouseholdId) -> Sequence[tuple[str, str]]:
        """(platform, user) of every link."""

    def of_user(self, platform: str, user: str) -> Household | None: ...

    def set_code(self, household_id: HouseholdId, code: str | None, audit: AuditDraft) -> None:
        """Sets, changes or (None) removes the code, unlocks, and forgets the attempts, with the audit entry in the same write. The
        caller has checked the code. Raises `HouseholdUnknown`.
        """

    def try_code(self, household_id: HouseholdId, code: str, request: RequestKey) -> bool:
        """Counts the attempt, then checks it; a right one resets the count. One and the same request counts once.

        Raises `CodeLocked` where three wrong ones in a row were counted before, whatever the code is.
        """

    def forget(self, household_id: HouseholdId) -> None:
        """Deletes the people from the records: links, name, address, email, code, carts, sessions, approvals, all limits with their
        changes, and who ordered and where to in the orders and windows, which themselves stay for the books
        (`Order.as_forgotten`). An order that was decided before it cannot come after it, as the basis of its reservation is gone,
        nor can an approval be asked for.

        Where it takes several writes, the first of them is that basis, name and address; one that was interrupted is finished by
        another. Raises `HouseholdUnknown`.
        """

    def move(self, household_id: HouseholdId, time_zone: str, effective_at: datetime, audit: AuditDraft) -> None:
        """With the audit entry in the same write. Raises `HouseholdUnknown`."""

    def stay(self, household_id: HouseholdId, audit: AuditDraft) -> None:
        """Takes back a move that has not taken effect; otherwise nothing changes but the audit trail, which the entry is written to
        in the same write. Raises `HouseholdUnknown`.
        """


class Pairings(Protocol):
    """Codes that a speaker reads out and an adult types in; `guard.pairing` has the figures."""

    def begin(self, platform: str, user: str, now: datetime) -> str:
        """A new code for the account, in place of an older one. Raises `PairingRefused` where too many are open."""

    def redeem(
        self,
        code: str,
        household_id: HouseholdId,
        now: datetime,
        *,
        quantity_max: int | None = None,
        lines_max: int | None = None,
    ) -> tuple[str, str]:
        """Links the account that the code was read out to, once: (platform, user). In the same write the cart that it filled as a
        guest is emptied into the household's, as far as the limits let it (`merge_carts`).

        Raises `PairingRefused` for a code that is unknown, over or used, and where the household has tried too many wrong ones
        (counted durably, whatever comes after); `HouseholdUnknown`.
        """


class Accounts(Protocol):
    """What platforms tell of their accounts when nobody is talking.

    Events arrive late and in any order: `at` is when it happened.
    """

    def leave(self, platform: str, user: str, guest: str, at: datetime) -> HouseholdId | None:
        """The account has left the store: in one write its link and what it allowed go, with the sessions of its household (and
        so whatever was pending in them), its pairing code, and cart and sessions of the owner `guest`.

        Returns the household that it was linked to. Nothing happens where the account was linked after `at`.
        """

    def grant(self, platform: str, user: str, what: str, granted: Sequence[str], at: datetime) -> None:
        """All that the account allows from now on; `what` is `permissions` or `subscriptions`. Older news changes nothing."""

    def granted(self, platform: str, user: str, what: str) -> Sequence[str]: ...


class Policies(Protocol):
    """The layers as they were set, each with its version. Unreadable ones raise `PolicyInvalid`."""

    def layer(self, level: str, subject: str) -> Layer: ...

    def set_layer(
        self, layer: Layer, who: str, why: str, now: datetime, audit: AuditDraft, record: TurnRecord | None = None
    ) -> Layer:
        """Replaces the layer of that version, with the audit entry and the turn's own record in the same write; the one returned
        has the new version. Raises `VersionConflict`, and `HouseholdUnknown` for a level of a household that is not there or is
        forgotten.
        """

    def subjects(self, household_id: HouseholdId, limit: int) -> Sequence[tuple[str, str]]:
        """(level, subject) of the household's people and profiles whose limits were ever set, in order."""


# --- money ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WindowCheck:
    """Add to the window `charge` on the condition that no cap is passed; None is no constraint."""

    charge: WindowCharge
    amount_max: int | None
    orders_max: int | None


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """An entry for the household's audit trail. `facts` are JSON values; `personal` are kept under the household's own key."""

    household_id: HouseholdId
    kind: str
    at: datetime
    order_id: OrderId | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry as it stands in the chain: `seal` is a MAC over the entry and the seal before it.

    `personal_sealed` is what the seal is over, `personal` what it says: None once the household's key has been destroyed.
    """

    household_id: HouseholdId
    number: int
    kind: str
    at: datetime
    order_id: OrderId | None
    facts: Mapping[str, Any]
    personal: Mapping[str, Any] | None
    seal: str
    personal_sealed: bytes = b""


#: How many of the household's latest orders the guard looks at for gaps and repeated baskets.
ORDERS_LOOKED_AT_MAX = 20


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision of the guard rests on beside the windows: layers of limits (level, subject, version), and the household's
    newest orders, at most `ORDERS_LOOKED_AT_MAX`, as `Orders.recent` gives them. `orders` None is no condition.
    """

    layers: tuple[tuple[str, str, int], ...] = ()
    orders: tuple[OrderId, ...] | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """An adult's click on an approval that is open: `by` is who, from the sign-in."""

    approval_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """All that the one atomic write needs. `consent` can only come from the guard, `click` is there where an adult gave it.

    `cart` is what the order leaves in the household's cart, in place of the cart of `cart.version`; None where the order was not
    made of it.
    """

    consent: Consent
    order: Order
    checks: tuple[WindowCheck, ...]
    request: RequestKey
    audit: AuditDraft
    basis: Basis
    click: Click | None = None
    cart: Cart | None = None


class Ledger(Protocol):
    """The only way to an order, and the only keeper of what was spent."""

    def spent(self, household_id: HouseholdId, charges: Iterable[WindowCharge]) -> Mapping[WindowCharge, Spent]: ...

    def reserve(self, reservation: Reservation) -> None:
        """One atomic write: consumes the consent, adds to every window, takes the stock, puts order, outbox and audit, and takes
        what is ordered out of the cart. An approval that was clicked is approved in it, on the condition that it is still open.

        Raises `ConsentUsed`, `ApprovalClosed`, `SpendCapExceeded`, `OrderCountExceeded`, `OutOfStock`, `PriceChanged`, and
        `VersionConflict` where the decision's basis or the cart is not what it was, so that the guard must be asked again; then
        nothing was written. The condition on the price is the quoted one.
        """

    def commit(
        self, order_id: OrderId, payment: str, now: datetime, audit: AuditDraft, record: TurnRecord | None = None
    ) -> Order:
        """Reserved → committed, with the turn's own record and the notice `receipt` in the same write. Raises
        `OrderStateConflict`.
        """

    def void(
        self,
        order_id: OrderId,
        note: str,
        now: datetime,
        audit: AuditDraft,
        record: TurnRecord | None = None,
        *,
        cart: Cart | None = None,
        notice: str = "",
    ) -> Order:
        """Reserved → voided, its payment declined; money and stock are given back once. `cart` replaces the household's of
        `cart.version`, and `notice`, if not empty, is the kind that is queued, in the same write. Raises `OrderStateConflict`,
        `VersionConflict`.
        """

    def cancel(
        self,
        order_id: OrderId,
        now: datetime,
        audit: AuditDraft,
        record: TurnRecord | None = None,
        *,
        any_time: bool = False,
    ) -> Order:
        """Committed → cancelled inside the undo window; money and stock are given back once, and the notice `cancelled` is queued.

        `any_time` is the store's own way: until it ships an order, it can take it back. Raises `UndoWindowClosed`,
        `OrderStateConflict`.
        """

    def ship(self, order_id: OrderId, now: datetime, audit: AuditDraft) -> Order:
        """Committed → shipped, with the notice `shipped` in the same write. Raises `OrderStateConflict`."""

    def note_payment(
        self, order_id: OrderId, payment_state: str, payment: str, audit: AuditDraft, *, notice: str = ""
    ) -> Order:
        """Keeps what the provider said (unknown, refunded, refund_unknown, refund_declined) without moving the order. `notice`, if
        not empty, is the kind that is queued in the same write. Raises `OrderStateConflict` for an order that is not there, and
        where it has heard more meanwhile (`Order.may_note`).
        """

    def windows(self, household_id: HouseholdId) -> Mapping[WindowCharge, Spent]:
        """Every window that the household has ever spent in, for counting again."""

    def overdue(self, now: datetime, limit: int) -> Sequence[Order]:
        """Reserved orders past their deadline whose provider is to be asked now, oldest first, unknown payments last."""

    def unrefunded(self, now: datetime, limit: int) -> Sequence[Order]:
        """Cancelled orders whose money is not known to be back and whose provider is to be asked now, oldest first; not those whose
        refund was declined.
        """

    def put_off(self, order: Order, ask_at: datetime, audit: AuditDraft | None = None) -> Order:
        """Counts one more ask of the order's provider; the next is due then. With the audit entry, where there is one, in the same
        write. Raises `OrderStateConflict` where the order has moved on, or somebody else was quicker.
        """

    def unanswered(self, limit: int) -> Sequence[Order]:
        """Orders whose payment or refund has had no answer after more than `UNANSWERED_ASKS` asks, the next to be asked first."""

    def write_audit(self, draft: AuditDraft, record: TurnRecord | None = None) -> None:
        """Appends to the household's chain, with the turn's own record in the same write."""

    def audit(self, household_id: HouseholdId, limit: int, after: int = 0) -> Sequence[AuditEntry]:
        """Entries in order, those numbered above `after`."""

    def last_audit(self, household_id: HouseholdId, limit: int) -> Sequence[AuditEntry]:
        """The newest entries, newest first."""

    def audit_of_order(
        self, household_id: HouseholdId, order_id: OrderId, limit: int
    ) -> tuple[Sequence[AuditEntry], int]:
        """The newest of the household's entries of that order, oldest first, and how many there are."""

    def anchors(self) -> Mapping[HouseholdId, Sequence[Anchor]]:
        """(number, seal) of every household's entries, as they were noted outside the store, for `verify_chain`."""


class ApprovalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody decided in time
    CHANGED = "changed"  # a price or the stock was no longer what was asked for


@dataclass(frozen=True, slots=True)
class Approval:
    """An order that waits for an adult's click. Nothing is reserved for it while it is open; `order_id` is there from then on.

    `told` tells whether the shopper has heard how it ended.
    """

    approval_id: str
    household_id: HouseholdId
    quote: Quote
    asked_at: datetime
    lapses_at: datetime
    state: ApprovalState = ApprovalState.OPEN
    decided_at: datetime | None = None
    decided_by: str = ""
    order_id: OrderId | None = None
    told: bool = False


class Approvals(Protocol):
    """Orders that wait for an adult."""

    def ask(
        self, approval: Approval, open_max: int | None, audit: AuditDraft, record: TurnRecord | None = None
    ) -> None:
        """Puts it if fewer than `open_max` are open, with the turn's own record. Raises `ApprovalsFull`, and `VersionConflict`
        where the household has been forgotten meanwhile.
        """

    def get(self, approval_id: str) -> Approval | None: ...

    def of_household(
        self, household_id: HouseholdId, limit: int, *, untold_only: bool = False, waiting_only: bool = False
    ) -> Sequence[Approval]:
        """Newest first. `untold_only`: decided, and the shopper has not heard of it; `waiting_only`: those, and the open ones."""

    def settle(self, approval_id: str, state: ApprovalState, by: str, now: datetime, audit: AuditDraft) -> Approval:
        """Open → refused, lapsed or changed, once; approving is `Ledger.reserve`'s. Raises `ApprovalClosed`."""

    def tell(self, approval_ids: Iterable[str]) -> None:
        """The shopper has heard of these."""


class Bursts(Protocol):
    """The same basket from many households at once: a television."""

    def note(self, phrase: str, household_id: HouseholdId, now: datetime) -> bool:
        """Counts the household in, and tells whether a burst is on, begun now or before (`guard.burst` has the figures)."""

    def is_on(self, now: datetime) -> bool:
        """Whether a burst is on; counts nobody."""


class Orders(Protocol):
    """Reading orders; writing them is the ledger's."""

    def get(self, order_id: OrderId) -> Order | None: ...

    def of_consent(self, consent_id: str) -> Order | None: ...

    def recent(self, household_id: HouseholdId, limit: int) -> Sequence[Order]:
        """Newest first, by `Order.bought_at` and among those of one moment by id."""

    def list(self, limit: int, after: str = "", household_id: HouseholdId | None = None) -> Sequence[Order]:
        """By order id, which sorts by time."""

    def newest(self, limit: int, before: str = "") -> Sequence[Order]:
        """Newest first, those whose id comes before `before` where one is given."""


class PaymentState(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"  # the bank wants the cardholder, who cannot be asked here: the order is voided
    UNKNOWN = "unknown"  # no answer: the money stays reserved until the provider tells


@dataclass(frozen=True, slots=True)
class PaymentResult:
    state: PaymentState
    reference: str = ""


class Payments(Protocol):
    """The payment provider. The order's id is the idempotency key of everything."""

    def charge(self, order_id: OrderId, amount: Money) -> PaymentResult: ...

    def look_up(self, order_id: OrderId) -> PaymentResult | None:
        """What became of the charge; None where the provider has never seen it."""

    def close(self, order_id: OrderId) -> PaymentResult:
        """What became of the charge; one that the provider has never seen is declined from now on, whoever asks late."""

    def refund(self, order_id: OrderId, amount: Money) -> PaymentResult: ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the shop must hear of: order.placed, order.cancelled. `number` orders the events of one order."""

    event_id: str
    order_id: OrderId
    number: int
    kind: str
    at: datetime
    body: Mapping[str, Any]
    attempts: int = 0
    last_error: str = ""
    state: str = "pending"


class Outbox(Protocol):
    """Events on their way to the shop. `Ledger` writes them; whoever delivers marks them."""

    def due(self, now: datetime, limit: int) -> Sequence[Event]:
        """The oldest undelivered event of each order whose time has come."""

    def delivered(self, event_id: str, now: datetime) -> None: ...

    def failed(self, event_id: str, error: str, next_at: datetime | None) -> None:
        """Tried in vain; `next_at` None means never again: a dead letter."""

    def list(self, limit: int, state: str | None = None) -> Sequence[Event]: ...

    def retry(self, event_id: str, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class QueuedNotice:
    """That the household is to be told of its order; what it is told is made from the order when it is handed on.

    `key` is the same at every try, so that who gets it twice can tell.
    """

    key: str
    kind: str
    at: datetime
    order: Order
    next_at: datetime
    attempts: int = 0


class Notices(Protocol):
    """What households are to be told of their orders, until it is handed on. `Ledger` queues it in the write that it tells of."""

    def due(self, now: datetime, limit: int) -> Sequence[QueuedNotice]:
        """Those whose time has come, the oldest first."""

    def handed_on(self, notice: QueuedNotice) -> None:
        """It is forgotten. Nothing happens where it was before."""

    def put_off(self, notice: QueuedNotice, next_at: datetime) -> None:
        """Tried in vain; due again then. Nothing happens where it was handed on meanwhile."""


# --- the pages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may open the pages: the store's owner, or a parent of the household `household_id`.

    `sign_in` is what they are known by: `local:name`, or `oidc:` and a digest of issuer and subject. `generation` grows when the
    passphrase changes, which ends the sessions of older ones. `passphrase_hash` is empty where an issuer does the checking.
    """

    account_id: str
    role: str  # owner, parent
    household_id: HouseholdId | None
    sign_in: str
    name: str
    created_at: datetime
    passphrase_hash: str = field(default="", repr=False)
    generation: int = 0


@dataclass(frozen=True, slots=True)
class SignInOffer:
    """Whoever has the link may make an account of this kind, once. A newer offer of the same `slot`, if not empty, ends it."""

    role: str
    household_id: HouseholdId | None
    until: datetime
    slot: str = ""


@dataclass(frozen=True, slots=True)
class PageSession:
    """A browser that is signed in. `proved_at` is when the person last showed who they are."""

    account_id: str
    generation: int
    opened_at: datetime
    seen_at: datetime
    proved_at: datetime


class SignIns(Protocol):
    """Who may open the pages. Links and sessions are known by a digest alone: whoever reads the store can use none of them."""

    def offer(self, digest: str, offer: SignInOffer) -> None: ...

    def offered(self, digest: str, now: datetime) -> SignInOffer | None:
        """None for a link that is unknown, used, replaced or over."""

    def enrol(self, digest: str, account: Account, now: datetime) -> Account:
        """Uses the link up and puts the account, in one write. An account of the same `sign_in`, role and household keeps its id,
        and gets the new name and passphrase and the next generation.

        Raises `SignInRefused`: `link` where it is not good any more, `name_taken` where the `sign_in` is somebody else's.
        """

    def account(self, account_id: str) -> Account | None: ...

    def account_of(self, sign_in: str) -> Account | None: ...

    def accounts(self, role: str, household_id: HouseholdId | None, limit: int) -> Sequence[Account]: ...

    def set_passphrase(self, account_id: str, passphrase_hash: str) -> Account:
        """The account in its next generation. Raises `SignInRefused` (why: `link`) where there is none."""

    def remove(self, account_id: str) -> None:
        """Ends its sessions too. Nothing happens where there is none."""

    def open_session(self, digest: str, session: PageSession, until: datetime) -> None:
        """`until`: when it may be forgotten."""

    def session(self, digest: str) -> tuple[PageSession, Account] | None:
        """None where it is not open, or its account is gone or of a newer generation."""

    def note_seen(self, digest: str, seen_at: datetime, proved_at: datetime) -> None:
        """Nothing happens where the session is not open."""

    def close_session(self, digest: str) -> None: ...

    def count_try(self, subject: str, now: datetime, within: timedelta, tries_max: int) -> bool:
        """Counts a try before it is checked; False, and not counted, where so many were counted within the time."""

    def forget_tries(self, subject: str) -> None: ...

    def forget(self, household_id: HouseholdId) -> None:
        """Deletes the household's accounts and links, and so ends their sessions."""


# --- figures --------------------------------------------------------------------------------------------------------


class Figures(Protocol):
    """What happened in the store, counted from its recorded turns and its audit trail; days and months are the store's own.

    Each record is counted once, however often and by whomever `fold` is called.
    """

    def fold(self, limit: int) -> int:
        """Counts at most `limit` turns and `limit` audit entries that were not counted before; how many there were.

        Where the store itself tells what is new (a table's stream), there is nothing to do.
        """

    def days(self, first: date, last: date) -> Mapping[date, Counts]:
        """The counts of each day on which something happened."""

    def weeks(self, first: date, last: date) -> Mapping[date, Counts]:
        """As `days`, by the Monday of each week; `first` and `last` are Mondays."""

    def cohorts(self, first: str, last: str) -> Mapping[str, Counts]:
        """By the month (`2026-11`) in which households first ordered; `revenue_minor:3` came three months later."""

    def totals(self) -> Counts:
        """Of all days: orders, revenue_minor, cancelled, cancelled_minor, and households that bought (once, again)."""

    def of_households(self, household_ids: Iterable[HouseholdId]) -> Mapping[HouseholdId, HouseholdFigures]: ...

    def unmet(self, limit: int) -> Sequence[Unmet]:
        """What was asked for and not found, most often first; a bounded list, the latest of them."""


# --- the rest -------------------------------------------------------------------------------------------------------


class Keys(Protocol):
    """Secrets that never leave: only what they make of a message does. Kept outside the database."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA256 under the key of that purpose: consent, audit, code, request, approval."""

    def new_token(self, length_bytes: int = 16) -> str:
        """A random, URL-safe, unguessable text."""

    def new_number(self, low: int, high: int) -> int:
        """A random whole number, both ends included."""

    def encrypt_for(self, household_id: HouseholdId, text: bytes) -> bytes: ...

    def decrypt_for(self, household_id: HouseholdId, sealed: bytes) -> bytes | None:
        """None where the household's key has been destroyed."""

    def destroy(self, household_id: HouseholdId) -> None: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the household should read: a receipt, a refusal, a request to approve. `values` are JSON values.

    `key`, where there is one, is the same at every try: a notice that comes twice is told once by who keeps to it.
    """

    household_id: HouseholdId
    kind: str
    at: datetime
    values: Mapping[str, Any]
    key: str = ""


class Anchors(Protocol):
    """The heads of the audit chains, kept where whoever can write to the store cannot: append-only."""

    def put(self, heads: Iterable[tuple[HouseholdId, int, str]], *, durable: bool) -> None:
        """(household, number, seal) of each. Never raises: the entries are in the store already, and an anchor may lag behind. An
        entry that is not `durable` may be lost in a power cut, and counts only until a durable one of its household follows.
        """

    def noted(self) -> Mapping[HouseholdId, Sequence[Anchor]]:
        """All that count, of every household."""


class Notifier(Protocol):
    def notify(self, notice: Notice) -> bool:
        """Whether it was taken. What was not is logged, without its values. Never raises."""

    def forget(self, household_id: HouseholdId) -> None:
        """Deletes the household's notices that are kept here; what was handed on is not called back. Raises `StorageError`."""


class Reminders(Protocol):
    """Reminders on a shopper's own device, with what the platform lends us for the turn."""

    def remind(self, endpoint: str, token: str, text: str, locale: str, *, after: timedelta, now: datetime) -> bool:
        """Whether it was set: `text` will be said so long `after` now. Never raises."""


class Clock(Protocol):
    def now_utc(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """One adapter for each port, chosen by `app`."""

    store: Store
    catalogue: Catalogue
    publications: Publications
    inventory: Inventory
    carts: Carts
    conversations: Conversations
    households: Households
    pairings: Pairings
    accounts: Accounts
    policies: Policies
    ledger: Ledger
    orders: Orders
    approvals: Approvals
    bursts: Bursts
    sign_ins: SignIns
    outbox: Outbox
    notices: Notices
    tariff: Tariff
    payments: Payments
    keys: Keys
    notifier: Notifier
    clock: Clock
    figures: Figures
    reminders: Reminders | None = None  # None where no platform of the store can remind
