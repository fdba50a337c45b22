"""Platform accounts: pairing one with a household by voice, and what platforms tell of them when nobody is talking."""

from __future__ import annotations

from skill.dialogue.work import Work
from skill.errors import PairingRefused
from skill.guard.pairing import PAIRING_TTL
from skill.ports import AuditDraft
from skill.shop.households import HouseholdId, guest_owner
from skill.speech.answer import Answer, Phrase, Shown, say
from skill.turn import Capability

#: Events that tell all that an account allows from now on, and what of it.
_GRANTS = {
    "skill_permission_accepted": "permissions",
    "skill_permission_changed": "permissions",
    "proactive_subscription_changed": "subscriptions",
}


def not_linked(work: Work) -> Answer:
    """What a shopper without a household is told; where the platform can, it shows the way to sign in."""
    asks = Capability.ACCOUNT_LINKING in work.turn.capabilities
    return say("not-linked", ask="find-else", shown=Shown("account_linking", Phrase("card-pair")) if asks else None)


def pair_device(work: Work) -> Answer:
    """Reads a code out, letter by letter, that an adult types in elsewhere. Nothing is linked by saying so."""
    work.state = work.state.settled()
    if work.household is not None:
        return say("pair-already", ask="find-else")
    if not work.turn.authentic_user:
        return say("pair-no-account", ask="find-else")
    try:
        code = work.ports.pairings.begin(work.turn.platform, work.turn.user, work.now)
    except PairingRefused:
        return say("pair-too-many", ask="find-else")
    minutes = int(PAIRING_TTL.total_seconds()) // 60
    spoken = Phrase("pair-code", {"letters": ". ".join(code), "minutes": minutes})
    shown = Shown(
        "note", Phrase("card-pair"), (Phrase("card-pair-code", {"letters": " ".join(code), "minutes": minutes}),)
    )
    return say(spoken, ask="pair-again-or-find", shown=shown)


def take_event(work: Work) -> Answer:
    """Keeps the record true. Every event may come late, twice, or after the one that followed it."""
    turn, at = work.turn, work.turn.sent_at or work.now
    if turn.event == "skill_disabled":
        household_id = work.ports.accounts.leave(turn.platform, turn.user, guest_owner(turn.platform, turn.user), at)
        if household_id is not None:
            _write_audit(work, household_id, "account_left", {})
    elif turn.event in _GRANTS and turn.granted is not None:
        what = _GRANTS[turn.event]
        work.ports.accounts.grant(turn.platform, turn.user, what, turn.granted, at)
        if work.household is not None:
            _write_audit(work, work.household.household_id, "account_granted", {what: list(turn.granted)})
    elif turn.event == "skill_account_linked" and work.household is not None and turn.account:
        # Every request brings the token from now on, and none does once it is unlinked: nothing is kept that could outlive it.
        _write_audit(work, work.household.household_id, "account_linked", {})
    return say()


def _write_audit(work: Work, household_id: HouseholdId, kind: str, facts: dict[str, object]) -> None:
    turn = work.turn
    work.ports.ledger.write_audit(
        AuditDraft(
            household_id, kind, work.now, facts={"platform": turn.platform, **facts}, personal={"user": turn.user}
        )
    )
