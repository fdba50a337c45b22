"""Every error that Sayso raises on purpose, in one tree.

SaysoError
├── ShopError                     a rule of the shop; the dialogue has words for each
│   ├── CurrencyMismatch          money of two currencies met
│   ├── AmountOutOfRange          money beyond what a ledger may hold
│   ├── QuantityInvalid           not a whole number of at least one
│   ├── ProductUnknown            the catalogue has no such SKU
│   └── CartFull                  more lines, or more of one line, than the limit
├── GuardError                    an order was stopped; nothing has been bought
│   ├── ConsentInvalid            the consent does not fit the quote (changed, expired, another device ...)
│   ├── ConsentUsed               this consent has made its order already
│   ├── SpendCapExceeded          a window's cap would be passed
│   ├── OrderCountExceeded        too many orders in a window
│   ├── OutOfStock                fewer on the shelf than asked for
│   ├── PriceChanged              the price on the shelf is no longer the quoted one
│   ├── CodeLocked                too many wrong codes: only an adult's reset helps
│   ├── ApprovalsFull             as many orders wait for an adult as may
│   ├── ApprovalClosed            decided already, lapsed, or not what it was asked for
│   ├── OrderStateConflict        the order is not in the state that the step needs
│   └── UndoWindowClosed          too late to cancel by voice
├── PolicyInvalid                 a policy that cannot be read or was refused when written; means "refuse"
├── StorageError                  a store failed or did not answer in time: nothing was ordered
│   ├── VersionConflict           somebody else wrote first: read again, then decide again
│   └── StorageOutdated           written by a newer Sayso than this one
├── Unspeakable                   an answer that cannot be put into words: nothing of it is written down
├── RequestRejected               an envelope that is not authentic or not well-formed (HTTP 400)
│   └── RequestReused             a request id seen before, with another body
├── FeedError                     a catalogue feed that cannot be taken; names line, column and remedy
├── CatalogueMissing              no catalogue has been imported yet, or its index is damaged, or of another version or currency
├── SalesEnded                    a catalogue that was built before would bring back the prices of sales that are over
├── HouseholdUnknown              no such household
├── PairingRefused                a pairing code that is unknown or over, or tried or asked for too often
├── SignInRefused                 nobody may open the pages with that
├── HouseholdInvalid              a household's name, address, zone or email that cannot be taken
├── CodeRefused                   a purchase code that may not be set (too guessable, not four digits)
├── ConversationInvalid           a conversation file that cannot be played; names line and remedy
└── SettingsInvalid               a SAYSO_* variable, named, with what would be right
"""

from __future__ import annotations

from typing import Any


class SaysoError(Exception):
    """Root of the tree. `facts` are the data that `speech/` and the operator's messages are made from."""

    #: What is wrong and what to do, for errors that reach an operator as they are; `{name}` is the fact of that name.
    told = ""

    def __init__(self, message: str = "", **facts: Any) -> None:
        self.facts = facts
        super().__init__(message or (self.told and self.told.format_map(facts)) or self._name_facts())

    def _name_facts(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.facts.items())})"


class ShopError(SaysoError):
    pass


class CurrencyMismatch(ShopError):
    """Facts: `ours`, `theirs`, where two met."""

    told = (
        "an amount in {theirs} met one in {ours}: a store's books are in one currency, so write into store.yaml the one that it "
        "began with, or begin another store"
    )


class AmountOutOfRange(ShopError):
    pass


class QuantityInvalid(ShopError):
    pass


class ProductUnknown(ShopError):
    pass


class CartFull(ShopError):
    pass


class GuardError(SaysoError):
    pass


class ConsentInvalid(GuardError):
    pass


class ConsentUsed(GuardError):
    """Facts: `order_id`, the order that the consent has made."""


class SpendCapExceeded(GuardError):
    """Facts: `scope`, `window`, `cap_minor`, `attempted_minor`."""


class OrderCountExceeded(GuardError):
    """Facts: `scope`, `window`, `count_max`."""


class OutOfStock(GuardError):
    """Facts: `sku`, `available`."""


class PriceChanged(GuardError):
    """Facts: `sku`."""


class CodeLocked(GuardError):
    pass


class ApprovalsFull(GuardError):
    """Facts: `open_max`."""


class ApprovalClosed(GuardError):
    """Facts: `why`: unknown, approved, refused, lapsed or changed."""


class OrderStateConflict(GuardError):
    """Facts: `order_id`, `state`, the state that the order is in."""


class UndoWindowClosed(GuardError):
    pass


class PolicyInvalid(SaysoError):
    """Facts: `knob` and `remedy` where a single knob is at fault."""


class StorageError(SaysoError):
    pass


class VersionConflict(StorageError):
    pass


class StorageOutdated(StorageError):
    pass


class Unspeakable(SaysoError):
    pass


class RequestRejected(SaysoError):
    pass


class RequestReused(RequestRejected):
    pass


class FeedError(SaysoError):
    pass


class CatalogueMissing(SaysoError):
    pass


class SalesEnded(SaysoError):
    """Facts: `sales`, how many prices; `ended_at`, when the first of these sales ended."""


class HouseholdUnknown(SaysoError):
    """Facts: `household_id`."""

    told = "there is no household {household_id!r}; `sayso household list` shows the ones there are"


class PairingRefused(SaysoError):
    """Facts: `why`: `unknown` (or over, or used), `too_many_tries`, or `too_many_open`."""


class SignInRefused(SaysoError):
    """Facts: `why`: `link` (unknown, over or used), `name_taken`, `name`, `passphrase`, `wrong` or `too_many_tries`."""


class HouseholdInvalid(SaysoError):
    pass


class CodeRefused(SaysoError):
    """Facts: `why`: `guessable` or `not_four_digits`."""


class ConversationInvalid(SaysoError):
    pass


class SettingsInvalid(SaysoError):
    pass


def sqlite_remedy(error: BaseException) -> str:
    """About a failure of SQLite's: a full disk, a damaged file, one that may not be written."""
    match getattr(error, "sqlite_errorname", "").split("_")[1:2]:
        case ["FULL"]:
            return "make room on the disk, and do it again"
        case ["CORRUPT" | "NOTADB"]:
            return (
                "the file is damaged; put its backup in its place (docs/operations.md), or import the catalogue again"
            )
        case ["READONLY" | "CANTOPEN" | "PERM"]:
            return (
                "see that its folder is there and that the user of this process may write to it and to the files in it"
            )
        case ["BUSY" | "LOCKED"]:
            return "another process holds it; do it again when that has ended"
        case _:
            return "see that the disk of the data directory can be read and written, and do it again"
