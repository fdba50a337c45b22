"""Finding one's way: welcome, help, repeat, start over, goodbye, and whatever was not understood."""

from __future__ import annotations

from dataclasses import replace

from skill.dialogue.state import State
from skill.dialogue.work import Work
from skill.ordering.approving import decided_approvals
from skill.shop.orders import OrderState
from skill.speech.answer import Answer, Phrase, answer_from_json, say
from skill.turn import Expect

#: How many decided approvals are told in one welcome; the rest wait for the next.
TOLD_MAX = 2

#: Three different answers before the first comes again: nobody hears the same one three times.
_VARIANTS = 3


def welcome(work: Work) -> Answer:
    work.state = State()
    store = {"seller": work.ports.store.seller}
    told = _decided_meanwhile(work)
    if work.cart.lines:
        back = Phrase("welcome-back", store | {"pieces": sum(line.quantity for line in work.cart.lines)})
        return say(back, *told, ask="welcome-back-ask", suggestions=("suggest-cart",))
    return say(Phrase("welcome", store), *told, ask="welcome-ask", suggestions=("suggest-find", "suggest-help"))


def _decided_meanwhile(work: Work) -> list[Phrase]:
    """What became of orders that waited for an adult: told once."""
    if work.household is None:
        return []
    approvals = work.ports.approvals
    decided = decided_approvals(work.ports, work.household.household_id, TOLD_MAX, work.now)
    if decided:
        work.after.append(lambda: approvals.tell(each.approval_id for each, _ in decided))
    return [
        Phrase("payment-declined")
        if order is not None and order.state is OrderState.VOIDED
        else Phrase(f"told-{each.state.value}", {"total": each.quote.total})
        for each, order in decided
    ]


def help_out(work: Work) -> Answer:
    """Help for where the shopper is; a pending question stays pending and is asked again."""
    pending, work.keep_said = work.state.pending, True
    match pending.kind if pending else None:
        case "offer":
            return say("help-offer", ask="offer-again", expects=Expect.YES_OR_NO)
        case "choose" | "describe":
            return say("help-choose", ask="which-one")
        case "clear":
            return say("help-clear", ask="clear-again", expects=Expect.YES_OR_NO)
        case "how_many":
            return say("help-how-many", ask="how-many-again")
        case _:
            return say("help-cart" if work.cart.lines else "help", ask="find-what")


def repeat(work: Work) -> Answer:
    """The last answer again, word for word; whatever was pending still is."""
    said = work.said_before()
    return answer_from_json(said) if said else welcome(work)


def start_over(work: Work) -> Answer:
    work.state = State()
    return say("start-over-cart" if work.cart.lines else "start-over", ask="find-what")


def stop(work: Work) -> Answer:
    """Only where a quote was pending is it said that nothing was ordered: an order of a moment ago is not denied."""
    quoted = work.state.pending is not None and work.state.pending.kind == "challenge"
    work.state = State()
    return say("goodbye-quoted" if quoted else "goodbye-cart" if work.cart.lines else "goodbye")


def cancel(work: Work) -> Answer:
    """ "Cancel" drops the question that is pending; where there is none it is a goodbye."""
    if work.state.pending is None or work.state.pending.kind == "more":
        return stop(work)
    work.state = work.state.settled()
    return say("cancelled-question", ask="find-what")


def nothing_pending(work: Work) -> Answer:
    """ "Yes" or "no" to no question does nothing."""
    return say("nothing-to-answer", ask="find-what" if not work.cart.lines else "check-out-or-more")


def not_understood(work: Work) -> Answer:
    """Useful words for where the shopper is, in three variants by turns."""
    place = _place(work)
    work.state = replace(work.state, misses=work.state.misses + 1)
    variant = (work.state.misses - 1) % _VARIANTS + 1
    pending = work.state.pending
    yes_or_no = pending is not None and pending.kind in ("offer", "clear")
    return say(ask=f"missed-{place}-{variant}", expects=Expect.YES_OR_NO if yes_or_no else Expect.FREE)


def farewell(work: Work) -> Answer:
    """The session is over: a quote that was pending is not any more. Nothing is said, nobody listens."""
    work.state = replace(work.state.settled(), said=None)
    return say()


def unknown_request(work: Work) -> Answer:
    return say("request-unknown", ask="find-what")


def could_fulfill(work: Work) -> Answer:
    """Asked before any shopper is there: looks at nothing, changes nothing."""
    return say(can_fulfill=work.turn.intent == "find_products")


def _place(work: Work) -> str:
    pending = work.state.pending
    if pending and pending.kind == "describe":
        return "choose"
    if pending and pending.kind in ("offer", "choose", "clear"):
        return pending.kind
    if pending and pending.kind == "how_many":
        return "how-many"
    return "cart" if work.cart.lines else "start"
