"""Who may open the pages: accounts, the one-time links that make them, passphrases, and sessions on our side.

A child on the parent's phone cannot approve or change anything: that needs a sign-in of the last minutes (`RECENT`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from skill.errors import HouseholdUnknown, SignInRefused, StorageError
from skill.ports import Account, AuditDraft, PageSession, Ports, SignInOffer
from skill.shop.households import HouseholdId

if TYPE_CHECKING:
    from argon2 import PasswordHasher

OWNER, PARENT = "owner", "parent"

#: A session ends when nobody has come for so long, and in any case so long after the sign-in.
SESSION_IDLE = timedelta(minutes=30)
SESSION_LASTS = timedelta(hours=12)
#: That somebody came is written down this often.
SEEN_EVERY = timedelta(minutes=1)
#: Approving and every change need the passphrase, or a sign-in at the issuer, of the last minutes.
RECENT = timedelta(minutes=5)

LINK_LASTS = timedelta(hours=24)
#: An address that may sign in once at the issuer, to become a household's parent.
INVITATION_LASTS = timedelta(days=14)

#: Passphrases that may be tried for a name: in a quarter of an hour, and in a day.
TRIES = ((timedelta(minutes=15), 5), (timedelta(days=1), 20))

#: Each takes 64 MiB for a moment: whoever sends many at once waits, and does not fill the memory.
_HASHING = BoundedSemaphore(2)

NAME_LENGTH_MAX = 64
PASSPHRASE_LENGTH_MIN, PASSPHRASE_LENGTH_MAX = 12, 200
#: Fewer different characters than that is a pattern, such as abcabcabcabc.
PASSPHRASE_CHARACTERS_MIN = 5
_GUESSABLE = (
    "password",
    "passwort",
    "passphrase",
    "qwertyuiop",
    "1234567890",
    "letmein",
    "iloveyou",
    "abcdefgh",
    "sayso",
)
_NAME = re.compile(r"[\w.@+-]+( [\w.@+-]+)*\Z")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. `digest` names the session."""

    account: Account
    session: PageSession
    digest: str

    @property
    def who(self) -> str:
        """Whom the audit trail names: an id, because names are forgotten with their household."""
        return self.account.account_id

    @property
    def household_id(self) -> HouseholdId:
        """Raises `SignInRefused` for an owner, who has none."""
        if self.account.household_id is None:
            raise SignInRefused(why="wrong")
        return self.account.household_id

    @property
    def has_passphrase(self) -> bool:
        return bool(self.account.passphrase_hash)

    def is_recent(self, now: datetime) -> bool:
        return now - self.session.proved_at < RECENT


# --- links and accounts -----------------------------------------------------------------------------------------------


def make_sign_in_link(ports: Ports, role: str, household_id: HouseholdId | None, lasts: timedelta = LINK_LASTS) -> str:
    """The path of a page on which somebody becomes the owner, or a parent of the household, once. It ends the link before it.

    Raises `HouseholdUnknown`.
    """
    if household_id is not None:
        _check_there(ports, household_id)
    token = ports.keys.new_token(32)
    offer = SignInOffer(role, household_id, ports.clock.now_utc() + lasts, slot=f"{role}/{household_id or ''}")
    ports.sign_ins.offer(digest(token), offer)
    return f"/welcome/{token}"


def invite_address(ports: Ports, household_id: HouseholdId, address: str) -> datetime:
    """Whoever first signs in at the issuer with that address, which the issuer has verified, is a parent of the household.

    Until when, in UTC. Raises `HouseholdUnknown`.
    """
    _check_there(ports, household_id)
    until = ports.clock.now_utc() + INVITATION_LASTS
    ports.sign_ins.offer(address_digest(address), SignInOffer(PARENT, household_id, until))
    return until


def _check_there(ports: Ports, household_id: HouseholdId) -> None:
    if ports.households.get(household_id).is_forgotten:
        raise HouseholdUnknown(household_id=household_id)


def digest(token: str) -> str:
    """What a link or a cookie is stored as. It has 256 random bits, so that a plain digest gives nothing away."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def address_digest(address: str) -> str:
    return digest(f"address {fold_name(address)}")


def fold_name(name: str) -> str:
    """Names that look the same are the same."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def local_sign_in(name: str) -> str:
    return f"local:{fold_name(name)}"


def check_name(name: str) -> str:
    """The name as it is kept. Raises `SignInRefused` (why: name)."""
    name = " ".join(name.split())
    if len(name) > NAME_LENGTH_MAX or not _NAME.match(name):
        raise SignInRefused(
            f"A sign-in name has 1 to {NAME_LENGTH_MAX} letters, figures, and any of . @ + - between them.", why="name"
        )
    return name


def check_passphrase(name: str, passphrase: str, again: str) -> None:
    """Raises `SignInRefused` (why: passphrase) with the reason; the passphrase is in no message."""
    folded = fold_name(passphrase)
    reason = ""
    if passphrase != again:
        reason = "The two passphrases are not the same."
    elif len(passphrase) < PASSPHRASE_LENGTH_MIN:
        reason = f"Take at least {PASSPHRASE_LENGTH_MIN} characters; four or five unrelated words are easy to remember."
    elif len(passphrase) > PASSPHRASE_LENGTH_MAX:
        reason = f"Take at most {PASSPHRASE_LENGTH_MAX} characters."
    elif len(set(folded)) < PASSPHRASE_CHARACTERS_MIN or any(each in folded for each in _GUESSABLE):
        reason = "This is among the first that anybody would try. Take four or five unrelated words."
    elif len(fold_name(name)) > 3 and fold_name(name) in folded:
        reason = "The passphrase must not contain the sign-in name."
    if reason:
        raise SignInRefused(reason, why="passphrase")


def enrol(ports: Ports, token: str, name: str, passphrase: str, again: str) -> Account:
    """Makes the account that the link is for, or gives the one of that name a new passphrase and ends its sessions.

    Raises `SignInRefused` (why: link, name, name_taken, passphrase).
    """
    now = ports.clock.now_utc()
    offer = ports.sign_ins.offered(digest(token), now)
    if offer is None:
        raise SignInRefused(why="link")
    name = check_name(name)
    check_passphrase(name, passphrase, again)
    hashed = hash_passphrase(ports, passphrase)
    account = Account(
        account_id=f"acc_{ports.keys.new_token(9)}",
        role=offer.role,
        household_id=offer.household_id,
        sign_in=local_sign_in(name),
        name=name,
        created_at=now,
        passphrase_hash=hashed,
    )
    account = ports.sign_ins.enrol(digest(token), account, now)
    _forget_tries(ports, account.sign_in)
    note_account(ports, account, "sign_in_made")
    return account


def change_passphrase(ports: Ports, account: Account, passphrase: str, again: str) -> Account:
    """Ends every session of the account. Raises `SignInRefused` (why: passphrase)."""
    check_passphrase(account.name, passphrase, again)
    changed = ports.sign_ins.set_passphrase(account.account_id, hash_passphrase(ports, passphrase))
    note_account(ports, changed, "passphrase_changed")
    return changed


def remove_account(ports: Ports, account: Account, who: str) -> None:
    """Nobody signs in with it any more, and whoever is signed in is signed out."""
    ports.sign_ins.remove(account.account_id)
    if account.household_id is not None:
        facts = {"who": who, "account": account.account_id}
        draft = AuditDraft(account.household_id, "sign_in_removed", ports.clock.now_utc(), facts=facts)
        ports.ledger.write_audit(draft)


def note_account(ports: Ports, account: Account, kind: str) -> None:
    if account.household_id is not None:
        facts = {"who": account.account_id}
        ports.ledger.write_audit(AuditDraft(account.household_id, kind, ports.clock.now_utc(), facts=facts))


# --- passphrases ------------------------------------------------------------------------------------------------------


def sign_in(ports: Ports, name: str, passphrase: str) -> Account:
    """The account of that name. Raises `SignInRefused`: `wrong`, whichever of the two it was, or `too_many_tries`.

    The try is counted, durably, before it is checked; then even the right passphrase is refused.
    """
    known_as = local_sign_in(name[: NAME_LENGTH_MAX * 2])
    _count_try(ports, known_as)
    account = ports.sign_ins.account_of(known_as)
    if account is None:
        hash_passphrase(ports, passphrase)  # as long as a check takes: nobody learns which names there are
        raise SignInRefused(why="wrong")
    _check(ports, account, passphrase)
    return account


def prove(ports: Ports, account: Account, passphrase: str) -> None:
    """The same person once more. Raises `SignInRefused` as `sign_in` does."""
    _count_try(ports, account.sign_in)
    _check(ports, account, passphrase)


def _check(ports: Ports, account: Account, passphrase: str) -> None:
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

    try:
        with _HASHING:
            _hasher().verify(account.passphrase_hash, _peppered(ports, passphrase))
    except VerifyMismatchError as mismatch:
        raise SignInRefused(why="wrong") from mismatch
    except (InvalidHashError, VerificationError) as error:
        raise StorageError("a stored passphrase cannot be read; set it again with a new link") from error
    _forget_tries(ports, account.sign_in)


def _count_try(ports: Ports, known_as: str) -> None:
    now = ports.clock.now_utc()
    for within, tries_max in TRIES:
        if not ports.sign_ins.count_try(_tries_of(known_as, within), now, within, tries_max):
            raise SignInRefused(why="too_many_tries")


def _forget_tries(ports: Ports, known_as: str) -> None:
    for within, _ in TRIES:
        ports.sign_ins.forget_tries(_tries_of(known_as, within))


def _tries_of(known_as: str, within: timedelta) -> str:
    return f"{digest(known_as)}/{int(within.total_seconds())}"


def hash_passphrase(ports: Ports, passphrase: str) -> str:
    """argon2id over HMAC(pepper, passphrase): a stolen database alone cannot even be guessed at."""
    with _HASHING:
        return _hasher().hash(_peppered(ports, passphrase))


def _peppered(ports: Ports, passphrase: str) -> str:
    text = unicodedata.normalize("NFKC", passphrase[: PASSPHRASE_LENGTH_MAX * 2])
    return ports.keys.mac("passphrase", text.encode("utf-8", "replace")).hex()


def _hasher() -> PasswordHasher:
    """argon2id with 64 MiB and three passes. Source: RFC 9106, section 4, the second recommended option, in one lane."""
    from argon2 import PasswordHasher  # imported when somebody signs in

    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1, hash_len=32, salt_len=16)


# --- sessions ---------------------------------------------------------------------------------------------------------


def open_session(ports: Ports, account: Account, instead_of: str, proved_at: datetime | None = None) -> str:
    """A new session's cookie. Whatever the browser brought (`instead_of`) ends: nobody's session is chosen for them."""
    now = ports.clock.now_utc()
    if instead_of:
        ports.sign_ins.close_session(digest(instead_of))
    cookie = ports.keys.new_token(32)
    session = PageSession(account.account_id, account.generation, now, now, proved_at or now)
    ports.sign_ins.open_session(digest(cookie), session, now + SESSION_LASTS)
    return cookie


def find_visitor(ports: Ports, cookie: str) -> Visitor | None:
    """Who has this cookie; None where the session is not open, was idle too long, or is too old."""
    if not cookie:
        return None
    named = digest(cookie)
    found = ports.sign_ins.session(named)
    if found is None:
        return None
    session, account = found
    now = ports.clock.now_utc()
    if now - session.seen_at >= SESSION_IDLE or now - session.opened_at >= SESSION_LASTS:
        ports.sign_ins.close_session(named)
        return None
    if now - session.seen_at >= SEEN_EVERY:
        ports.sign_ins.note_seen(named, now, session.proved_at)
    return Visitor(account, session, named)


def note_proved(ports: Ports, visitor: Visitor) -> None:
    now = ports.clock.now_utc()
    ports.sign_ins.note_seen(visitor.digest, now, now)
