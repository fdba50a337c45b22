"""Where each thing lies in the table: the keys of every item. `docs/dynamodb.md` draws them with who asks for what."""

from __future__ import annotations

import hashlib

from skill.adapters.aws.table import Key, key_part
from skill.shop.catalogue import Sku
from skill.shop.households import HouseholdId
from skill.shop.orders import OrderId, WindowCharge

#: The shelf lies in so many partitions, each of which an import reads through.
SHELVES = 8

#: What is forgotten by age is queued in so many partitions a kind, so that none takes every turn's writes.
AGE_QUEUES = 4

LEDGER: Key = ("LEDGER", "CURRENCY")
BURST: Key = ("BURST", "ON")
PAIRINGS_OPEN: Key = ("PAIRINGS", "OPEN")
#: Partitions that list things in order: all households, orders and events, and what waits for somebody.
HOUSEHOLDS, ORDERS, EVENTS = "HOUSEHOLDS", "ORDERS", "EVENTS"
RESERVED, UNREFUNDED, UNDELIVERED, DEAD = "Q#reserved", "Q#unrefunded", "Q#undelivered", "Q#dead"
UNTOLD = "Q#untold"


def owner_partition(owner: str) -> str:
    """Everything of a household, or of a guest, that is read together."""
    return f"H#{key_part(owner)}"


def household_key(household_id: HouseholdId) -> Key:
    return owner_partition(household_id), "HOME"


def cart_key(owner: str) -> Key:
    return owner_partition(owner), "CART"


def session_key(owner: str, session: str) -> Key:
    return owner_partition(owner), f"S#{key_part(session)}"


def answer_key(platform: str, request_id: str) -> Key:
    return f"R#{key_part(platform)}#{key_part(request_id)}", "ANSWER"


def attempt_key(platform: str, request_id: str) -> Key:
    return f"R#{key_part(platform)}#{key_part(request_id)}", "ATTEMPT"


def link_key(platform: str, user: str) -> Key:
    return f"U#{key_part(platform)}#{key_part(user)}", "LINK"


def linked_key(household_id: HouseholdId, platform: str, user: str) -> Key:
    return owner_partition(household_id), f"L#{key_part(platform)}#{key_part(user)}"


def policy_key(level: str, subject: str) -> Key:
    return f"P#{key_part(level)}#{key_part(subject)}", "LAYER"


def policy_change_key(level: str, subject: str, version: int) -> Key:
    return f"P#{key_part(level)}#{key_part(subject)}", f"CHANGE#{version:010}"


def limited_key(level: str, subject: str) -> Key:
    """That a profile or a person of the household has limits."""
    home, _, name = subject.partition("/")
    return owner_partition(home), f"P#{key_part(level)}#{key_part(name)}"


def window_key(household_id: HouseholdId, charge: WindowCharge) -> Key:
    return (
        owner_partition(household_id),
        f"W#{key_part(charge.scope)}#{key_part(charge.window)}#{key_part(charge.key)}",
    )


def order_key(household_id: HouseholdId, order_id: OrderId) -> Key:
    return owner_partition(household_id), f"O#{order_id}"


def recent_key(household_id: HouseholdId) -> Key:
    return owner_partition(household_id), "RECENT"


def consent_key(consent_id: str) -> Key:
    return f"C#{key_part(consent_id)}", "CONSENT"


def head_key(household_id: HouseholdId) -> Key:
    return owner_partition(household_id), "HEAD"


def audit_key(household_id: HouseholdId, number: int) -> Key:
    return owner_partition(household_id), f"A#{number:012}"


def waiting_key(household_id: HouseholdId) -> Key:
    return owner_partition(household_id), "WAITING"


def approval_key(approval_id: str) -> Key:
    return f"Y#{key_part(approval_id)}", "APPROVAL"


def asked_key(household_id: HouseholdId, asked_at: str, approval_id: str) -> Key:
    return owner_partition(household_id), f"Y#{asked_at}#{key_part(approval_id)}"


def phrase_key(phrase: str) -> Key:
    return f"B#{key_part(phrase)}", "PHRASE"


def shelf_partition(number: int) -> str:
    return f"I#{number}"


def shelf_key(sku: Sku) -> Key:
    number = hashlib.sha256(sku.encode("utf-8", "surrogatepass")).digest()[0] % SHELVES
    return shelf_partition(number), key_part(sku)


def person_key_key(household_id: HouseholdId) -> Key:
    """Of the household's own encryption key."""
    return owner_partition(household_id), "KEY"


def payment_key(order_id: OrderId) -> Key:
    """Of the demonstration's payment provider: it stands for somebody else's database."""
    return f"D#{order_id}", "PAYMENT"


def age_queue(kind: str, name: str) -> str:
    return f"{kind}#{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).digest()[0] % AGE_QUEUES}"


def age_queues(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind}#{number}" for number in range(AGE_QUEUES))


def account_pairing_key(platform: str, user: str) -> Key:
    """The account's open pairing code."""
    return link_key(platform, user)[0], "PAIRING"


def pairing_key(code: str) -> Key:
    return f"X#{key_part(code)}", "PAIRING"


def tries_key(household_id: HouseholdId) -> Key:
    """Wrong pairing codes that a household has tried of late."""
    return owner_partition(household_id), "TRIES"


def grant_key(platform: str, user: str, what: str) -> Key:
    return link_key(platform, user)[0], f"G#{key_part(what)}"


def account_key(account_id: str) -> Key:
    """Of somebody who may open the pages."""
    return f"N#{key_part(account_id)}", "ACCOUNT"


def sign_in_key(sign_in: str) -> Key:
    return f"N@{key_part(sign_in)}", "ACCOUNT"


def accounts_partition(role: str, household_id: HouseholdId | None) -> str:
    """Lists the accounts of a household's parents, or the owners'."""
    return f"M#{key_part(role)}#{key_part(household_id or '')}"


def offer_key(digest: str) -> Key:
    return f"M@{digest}", "OFFER"


def offer_slot_key(slot: str) -> Key:
    return f"M@{key_part(slot)}", "SLOT"


def page_session_key(digest: str) -> Key:
    return f"Z#{digest}", "SESSION"


def page_tries_key(subject: str) -> Key:
    return f"Z#{key_part(subject)}", "TRIES"


#: The store's figures, a document an item; and what was asked for and not found, a query an item.
FIGURES, UNMET = "FIGURES", "UNMET"


def figures_key(document: str) -> Key:
    return FIGURES, document


def household_figures_key(household_id: HouseholdId) -> Key:
    return owner_partition(household_id), "FIGURES"


def unmet_key(words: str) -> Key:
    return UNMET, key_part(words)


def taken_key(record: Key) -> Key:
    """That an answer or an audit entry has been counted in the figures."""
    return f"T#{record[0]}#{record[1]}", "TAKEN"
