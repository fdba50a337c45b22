"""A reminder of an order that waits for an adult: set where the shopper wants one and the platform has leave to set it."""

from __future__ import annotations

from datetime import timedelta

from skill.dialogue.work import Work
from skill.ports import Approval, ApprovalState
from skill.speech.answer import Answer, Phrase, Shown, say
from skill.speech.render import best_locale, phrase

#: What the messages say: half an hour.
REMIND_AFTER = timedelta(minutes=30)
_LOOKED_AT_MAX = 20


def may_offer(work: Work, approval: Approval) -> bool:
    """Whether the device can remind, and the order still waits for an adult by then."""
    return (
        work.turn.reminders is not None
        and work.ports.reminders is not None
        and approval.lapses_at > work.now + 2 * REMIND_AFTER
    )


def remind(work: Work) -> Answer:
    """ "Yes" to the offer. Without leave nothing is set, and a card asks for it."""
    work.state = work.state.settled()
    access, reminders = work.turn.reminders, work.ports.reminders
    waiting = _waiting(work)
    if access is None or reminders is None or waiting is None:
        return say("reminder-failed", ask="find-else")
    if not access.allowed:
        return say(
            "reminder-permission", ask="find-else", shown=Shown("reminders_permission", Phrase("card-reminders"))
        )
    locale = best_locale(work.turn.locale)
    text = phrase(Phrase("reminder-text", {"total": waiting.quote.total}), locale)
    is_set = reminders.remind(access.endpoint, access.token, text, locale, after=REMIND_AFTER, now=work.now)
    return say("reminder-set" if is_set else "reminder-failed", ask="find-else")


def decline(work: Work) -> Answer:
    work.state = work.state.settled()
    return say(ask="find-else")


def _waiting(work: Work) -> Approval | None:
    if work.household is None:
        return None
    newest = work.ports.approvals.of_household(work.household.household_id, _LOOKED_AT_MAX, waiting_only=True)
    return next((each for each in newest if each.state is ApprovalState.OPEN and work.now < each.lapses_at), None)
