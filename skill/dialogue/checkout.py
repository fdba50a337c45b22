"""Checking out: the quote, the guard's challenge, and the order. The only topic that spends money.

    check_out ─▶ quote read out, challenge pending ─▶ answer_* ─▶ _agree ─▶ reserve ─▶ pay ─▶ commit

What is said is here; what is done is in `ordering`, which asks the guard and makes the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from skill.dialogue.accounts import not_linked
from skill.dialogue.help import stop
from skill.dialogue.household import why_frozen
from skill.dialogue.naming import named_product, quoted_lines
from skill.dialogue.reminding import may_offer
from skill.dialogue.state import Challenge
from skill.dialogue.work import Close, Work
from skill.errors import (
    ApprovalsFull,
    CodeLocked,
    ConsentInvalid,
    OrderCountExceeded,
    OutOfStock,
    PriceChanged,
    SpendCapExceeded,
    VersionConflict,
)
from skill.guard.burst import burst_phrase
from skill.guard.code import CODE_ASKS_MAX, heard_code, redact_codes
from skill.guard.consent import grant, seal_quote
from skill.guard.decision import Confirm, Decision, NeedAdult, NeedCode, Proofs, Refuse
from skill.ordering.approving import ask_approval, new_approval, notify_approval
from skill.ordering.deciding import Channel, Verdict, ask_guard, consent_sign, decision_draft, overtaken
from skill.ordering.placing import (
    Outcome,
    Placed,
    drop_order,
    finish_order,
    pay_order,
    reserve_order,
    resume_order,
)
from skill.ordering.quoting import Asker, make_quote
from skill.ordering.shelf import Shelf, find_shortage
from skill.ports import ApprovalState, AuditDraft, Notice, PaymentState, TurnRecord
from skill.shop.cart import clear_cart, remove_from_cart
from skill.shop.households import Household
from skill.shop.money import Money
from skill.shop.orders import Order
from skill.shop.quote import Quote, QuoteLine
from skill.speech.answer import Answer, Item, Phrase, Shown, say
from skill.speech.render import heard_words
from skill.turn import Capability, Expect, PlatformTask

#: How many reasons for a refusal are spoken; the audit has them all.
REASONS_SPOKEN_MAX = 2

#: How many of the household's approvals are looked at before another is asked for.
APPROVALS_LOOKED_AT_MAX = 50

#: Two figures: said in a breath, and out of a television's reach.
NUMBER_LOW, NUMBER_HIGH = 11, 99


def check_out(work: Work) -> Answer:
    """Reads the quote aloud and asks for what the guard wants, or says why not."""
    if work.household is None:
        work.state = work.state.settled()
        return not_linked(work)
    if not work.cart.lines:
        work.state = work.state.settled()
        return say("cart-empty", ask="find-what")
    return _shortage(work) or _challenge(work, work.household, ())


def answer_code(work: Work) -> Answer:
    """The digits that answer "which code?"; they may arrive as a four-digit slot, a number, or free text."""
    challenge = _challenge_of(work)
    if challenge is None:
        return say("code-for-what", ask="find-what")
    if challenge.how != "code" or challenge.task:
        return give_up(work)
    heard = _heard_code(work)
    if heard is None:
        return _ask_again(work, challenge) if _is_silence(work) else give_up(work)
    stale = _stale(work, challenge)
    if stale:
        return stale
    household = _household(work)
    try:
        right = work.ports.households.try_code(household.household_id, heard, work.request)
    except CodeLocked:
        return _locked(work, household)
    if not right:
        if work.ports.households.get(household.household_id).code_locked:
            return _locked(work, household)
        work.close = _audited(work, "code_wrong")
        return say("code-wrong", ask="code-again", suggestions=("suggest-stop",), **_expecting("code"))
    return _agree(work, challenge, Proofs(code=True))


def answer_task(work: Work) -> Answer:
    """The platform checked the speaker itself. It counts only where it says achieved, for the same person, with a fresh token."""
    challenge, task = _challenge_of(work), work.turn.task
    fresh = challenge is not None and task is not None and challenge.task and challenge.task == task.token
    if challenge is None or task is None or not fresh:
        return say("nothing-to-confirm", ask="find-what")
    if task.achieved and work.turn.person is not None and work.turn.person == challenge.quote.person:
        return _stale(work, challenge) or _agree(work, challenge, Proofs(code=True))
    if task.status == "NOT_ENABLED":
        work.state = work.state.asking("challenge", challenge=replace(challenge, task=""))
        return say(ask=_question(challenge), **_expecting("code"))
    return give_up(work)


def answer_number(work: Work) -> Answer:
    """ "Order" and the number that the quote just named."""
    challenge = _challenge_of(work)
    if challenge is None:
        return say("nothing-to-confirm", ask="find-what")
    if challenge.how != "spoken_number" or work.number("confirmation_number") != challenge.number:
        return give_up(work)
    return _stale(work, challenge) or _agree(work, challenge, Proofs(confirmation="spoken_number"))


def answer_yes(work: Work) -> Answer:
    """Only where the household asked for a plain yes; anywhere else a yes is not what was asked."""
    challenge = _challenge_of(work)
    if challenge is None or challenge.how != "yes":
        return give_up(work)
    return _stale(work, challenge) or _agree(work, challenge, Proofs(confirmation="yes"))


def give_up(work: Work) -> Answer:
    """Anything but the answer that was asked for cancels the quote, politely. The cart stays.

    Where a turn has made the order and died before it could say so, what became of it is told instead: a charge that was not
    asked for yet is never made.
    """
    order = _ordered_already(work)
    if order is not None:
        placed = drop_order(work.ports, order, work.now)
        answer = _placed(work, placed)
        if placed.outcome is not Outcome.VOIDED:
            return answer
    work.state = work.state.settled()
    return say("not-ordered", ask="not-ordered-next", suggestions=("suggest-check-out", "suggest-cart"))


def leave(work: Work) -> Answer:
    """A goodbye to a quote; where that is an order already, it is told first."""
    return give_up(work) if is_ordered(work) else stop(work)


def is_ordered(work: Work) -> bool:
    """Whether the pending quote is an order already: then that is told before anything else."""
    return _ordered_already(work) is not None


def challenge_help(work: Work) -> Answer:
    """Help leaves the quote pending."""
    challenge, work.keep_said = _challenge_of(work), True
    how = challenge.how if challenge else "yes"
    return say(Phrase(f"help-challenge-{how.replace('_', '-')}"), ask=_question(challenge), **_expecting(how))


def awaits_consent(work: Work) -> bool:
    """Whether a quote waits for its proof once this turn is written down."""
    return _challenge_of(work) is not None


def too_long_to_agree(work: Work) -> Answer:
    """Instead of a quote that would be cut off before its end: nobody agrees to what was not heard."""
    work.state = work.state.settled()
    return say("quote-too-long", "nothing-ordered", ask="change-cart", suggestions=("suggest-cart",))


def holds_code(work: Work) -> bool:
    """Whether free text that answers "which code?" is nothing but digits."""
    words, challenge = work.turn.slots.get("product_query", ""), _challenge_of(work)
    if challenge is None or challenge.how != "code" or not words:
        return False
    return not redact_codes(words, heard_words("digits", work.turn.locale)).strip()


# --- the challenge ----------------------------------------------------------------------------------------------------


def _challenge(work: Work, household: Household, because: tuple[Phrase, ...], *, changed: bool = False) -> Answer:
    verdict = _ask(work, household, Proofs(), speaker_changed=changed, counted=True)
    decision, quote = verdict.decision, verdict.quote
    work.close = _decided(work, household, verdict)
    if isinstance(decision, Refuse):
        return _refused(work, verdict)
    if isinstance(decision, NeedAdult):
        return _ask_adult(work, verdict)
    how = "code" if isinstance(decision, NeedCode) else decision.how
    number = work.ports.keys.new_number(NUMBER_LOW, NUMBER_HIGH) if how == "spoken_number" else 0
    by_platform = how == "code" and Capability.VERIFY_PERSON in work.turn.capabilities
    challenge = Challenge(
        quote,
        seal_quote(quote, consent_sign(work.ports)),
        how,
        number,
        speaker_changed=changed,
        task=work.ports.keys.new_token() if by_platform else "",
        warned=_has_reason(decision, "duplicate"),
    )
    work.state = work.state.asking("challenge", challenge=challenge)
    said = (*because, *_warnings(decision), _spoken_quote(quote, work.turn.locale))
    if by_platform:
        # The platform asks for its own code, so that the digits never reach us, and comes back with the result.
        task = PlatformTask("verify_person", challenge.task)
        return say(*said, "platform-asks-code", shown=_shown_quote(quote), task=task)
    return say(
        *said,
        ask=_question(challenge),
        shown=_shown_quote(quote),
        suggestions=("suggest-repeat", "suggest-stop"),
        **_expecting(how),
    )


def _agree(work: Work, challenge: Challenge, proofs: Proofs) -> Answer:
    """The right answer was given. The quote is made again from what is true now; only the same quote becomes an order."""
    household, spoken, known = _household(work), challenge.quote, _ordered_already(work)
    if known is not None:
        return _placed(work, resume_order(work.ports, known, work.now))
    shortage = _shortage(work)
    if shortage:
        return shortage
    verdict = _ask(work, household, proofs)
    if isinstance(verdict.decision, Refuse | NeedAdult):
        work.close = _decided(work, household, verdict)
        return _refused(work, verdict)
    if _has_reason(verdict.decision, "duplicate") and not challenge.warned:
        # The same was ordered elsewhere while this quote was waiting: "again?" has not been asked yet.
        return _challenge(work, household, ())
    if _has_reason(verdict.decision, "burst") and not _is_given(verdict.decision):
        # A television began after the quote was read: what was asked for then is not enough any more.
        return _challenge(work, household, ())
    try:
        consent = grant(
            verdict.decision, spoken, challenge.seal, verdict.quote, proofs, work.now, consent_sign(work.ports)
        )  # fmt: skip
        # The quote was of the whole cart: nothing is left in it.
        left = clear_cart(work.cart)
        order, new = reserve_order(work.ports, consent, verdict, work.request, work.now, cart=left)
    except ConsentInvalid as invalid:
        if invalid.facts["why"] in ("changed", "not_confirmed"):
            return _challenge(work, household, (Phrase("quote-changed"),))
        return _expired(work)
    except (SpendCapExceeded, OrderCountExceeded) as full:
        work.close = _decided(work, household, overtaken(verdict, full))
        raise
    except (OutOfStock, PriceChanged):
        # The shelf changed between the look and the write: the new quote, or what is missing, is read out.
        work.look_again()
        return _shortage(work) or _challenge(work, household, (Phrase("quote-changed"),))
    work.order_id = order.order_id
    return _placed(work, (pay_order if new else resume_order)(work.ports, order, work.now))


def _stale(work: Work, challenge: Challenge) -> Answer | None:
    """A quote that has expired, or that another device or another voice asked for. One that is an order already is past that."""
    quote, turn = challenge.quote, work.turn
    expired = work.now >= quote.expires_at
    elsewhere = turn.device != quote.device or turn.session != quote.session
    if not expired and not elsewhere and turn.person == quote.person:
        return None
    if is_ordered(work):
        return None
    if expired:
        return _expired(work)
    if elsewhere:
        work.state = work.state.settled()
        return say("other-device", ask="not-ordered-next")
    if challenge.asks >= CODE_ASKS_MAX:
        return give_up(work)
    answer = _challenge(work, _household(work), (Phrase("speaker-changed"),), changed=True)
    again = _challenge_of(work)
    if again:
        work.state = work.state.asking("challenge", challenge=replace(again, asks=challenge.asks + 1))
    return answer


def _expired(work: Work) -> Answer:
    work.state = work.state.settled()
    return say("quote-expired", ask="not-ordered-next", suggestions=("suggest-check-out",))


def _ask_again(work: Work, challenge: Challenge) -> Answer:
    """Silence and "?" are no guesses: asked again, at most twice."""
    if challenge.asks >= CODE_ASKS_MAX:
        return give_up(work)
    work.keep_said = True
    work.state = work.state.asking("challenge", challenge=replace(challenge, asks=challenge.asks + 1))
    return say("code-not-heard", ask="code-again", **_expecting("code"))


def _locked(work: Work, household: Household) -> Answer:
    work.state = work.state.settled()
    work.close = _audited(work, "code_locked")
    work.ports.notifier.notify(Notice(household.household_id, "code_locked", work.now, {}))
    return say("code-locked", ask="find-else")


def _question(challenge: Challenge | None) -> Phrase:
    match challenge.how if challenge else "yes":
        case "code":
            return Phrase("ask-code")
        case "spoken_number":
            return Phrase("ask-number", {"number": challenge.number if challenge else 0})
        case _:
            return Phrase("ask-yes")


def _expecting(how: str) -> dict[str, object]:
    if how == "code":
        return {"expects": Expect.CODE, "slot": ("give_code", "code")}
    return {"expects": Expect.YES_OR_NO if how == "yes" else Expect.FREE}


def _heard_code(work: Work) -> str | None:
    turn = work.turn
    words = heard_words("digits", turn.locale)
    for name in ("code", "number", "confirmation_number", "quantity", "product_query"):
        heard = heard_code(turn.slots.get(name), words)
        if heard is not None:
            return heard
    return None


def _is_silence(work: Work) -> bool:
    """Nothing was said, or a recogniser gave "?"; other words are an answer, though not the one asked for."""
    heard = [text for name, text in work.turn.slots.items() if name in ("code", "number") and text.strip()]
    return not work.turn.slots.get("product_query") and all(text.strip() == "?" for text in heard)


def _challenge_of(work: Work) -> Challenge | None:
    return work.state.pending.challenge if work.state.pending else None


def _ordered_already(work: Work) -> Order | None:
    """The order that the pending quote has made, in a turn that died or is still at work."""
    challenge = _challenge_of(work)
    return None if challenge is None else work.ports.orders.of_consent(challenge.quote.nonce)


def _household(work: Work) -> Household:
    """A challenge is only ever pending for a household; one that has gone since may not order."""
    if work.household is None:
        raise ConsentInvalid(why="not_confirmed")
    return work.household


# --- the guard --------------------------------------------------------------------------------------------------------


def _ask(
    work: Work, household: Household, proofs: Proofs, *, speaker_changed: bool = False, counted: bool = False
) -> Verdict:
    """Asks the guard about the cart. `counted`: the basket counts towards a burst, once for each check-out; one that is on is
    always looked for.
    """
    turn, limits = work.turn, work.limits()
    asker = Asker(turn.platform, turn.device, turn.session, turn.person)
    quote = make_quote(work.ports, household, work.cart, _shelf(work), asker, limits.policy, work.now)
    bursts, home = work.ports.bursts, household.household_id
    channel = Channel(
        recognises_speakers=Capability.SPEAKER_RECOGNITION in turn.capabilities,
        speaker_changed=speaker_changed,
        code_optional=Capability.CODE_OPTIONAL in turn.capabilities,
        authentic=turn.authentic_user,
        burst=bursts.note(burst_phrase(quote), home, work.now) if counted else bursts.is_on(work.now),
    )
    return ask_guard(work.ports, household, quote, proofs, channel, limits, work.now)


def _ask_adult(work: Work, verdict: Verdict) -> Answer:
    """Sends the order to the adult. The cart goes with it, so that it cannot be ordered a second time meanwhile."""
    if verdict.policy is None:
        raise ConsentInvalid(why="not_confirmed")
    ports, open_max = work.ports, verdict.policy.approvals_open_max
    work.state = work.state.settled()
    values = {"total": verdict.quote.total, "cap": _money(verdict, "adult_approval_over")}
    open_now = ports.approvals.of_household(verdict.quote.household_id, APPROVALS_LOOKED_AT_MAX)
    waiting = sum(each.state is ApprovalState.OPEN and work.now < each.lapses_at for each in open_now)
    if open_max is not None and waiting >= open_max:
        return say(Phrase("approvals-full", values | {"waiting": waiting}), "nothing-ordered", ask="change-cart")
    approval = new_approval(ports, verdict.quote, verdict.policy, work.now)
    work.cart = clear_cart(work.cart)

    def close(record: TurnRecord) -> None:
        try:
            ask_approval(ports, approval, verdict, open_max, record)
        except ApprovalsFull as full:
            # Somebody else's came in between: the turn begins anew, and tells that.
            raise VersionConflict("others have asked for approval meanwhile") from full

    work.close = close
    work.after.append(lambda: notify_approval(ports, approval))
    key = "needs-adult" if _has_reason(verdict.decision, "adult_approval_over") else "needs-adult-voice"
    if may_offer(work, approval):
        work.state = work.state.asking("remind")
        return say(
            Phrase(key, values), ask="reminder-offer", expects=Expect.YES_OR_NO, shown=_shown_quote(verdict.quote),
            suggestions=("suggest-yes", "suggest-no"),
        )  # fmt: skip
    return say(Phrase(key, values), ask="find-else", shown=_shown_quote(verdict.quote))


def _refused(work: Work, verdict: Verdict) -> Answer:
    """Says why, in at most `REASONS_SPOKEN_MAX` sentences, and what can be done."""
    work.state = work.state.settled()
    currency = verdict.quote.currency
    asks_for_proof = _ASKS_FOR_PROOF
    if work.household is not None and work.household.code_set:
        # What one order may cost without the code is then only why the code is asked for.
        asks_for_proof |= {"no_pin_order_max"}
    if verdict.policy and verdict.policy.unrecognised_speaker != "refuse":
        # A voice that is not known is then only asked for more.
        asks_for_proof |= {"speaker_unrecognised"}
    spoken: list[Phrase] = []
    for why, data in verdict.decision.reasons:
        key = why_frozen(work) if why == "frozen" else f"refused-{why.replace('_', '-')}"
        if why not in asks_for_proof and key not in {each.key for each in spoken}:
            spoken.append(Phrase(key, _values(data, currency)))
    return say(*spoken[:REASONS_SPOKEN_MAX], "nothing-ordered", ask="change-cart")


#: Reasons that ask for more proof are not read out as refusals.
_ASKS_FOR_PROOF = frozenset(
    ("pin_policy", "platform_asks", "speaker_changed", "burst", "duplicate", "no_pin_total_max", "adult_approval_over")
)


def _warnings(decision: Decision) -> tuple[Phrase, ...]:
    """What the shopper should know before agreeing: the same basket again."""
    return (Phrase("warn-duplicate"),) if _has_reason(decision, "duplicate") else ()


def _has_reason(decision: Decision, reason: str) -> bool:
    return reason in {why for why, _ in decision.reasons}


def _is_given(decision: Decision) -> bool:
    return isinstance(decision, Confirm) and decision.given


def _values(data: Mapping[str, object], currency: str) -> dict[str, object]:
    """The reason's data as a message takes them: amounts in minor units become money."""
    return {
        name.removesuffix("_minor"): Money(value, currency)
        if name.endswith("_minor") and isinstance(value, int)
        else value
        for name, value in data.items()
    }


def _money(verdict: Verdict, why: str) -> Money:
    data = next((data for reason, data in verdict.decision.reasons if reason == why), {})
    amount = data.get("cap_minor", 0)
    return Money(amount if isinstance(amount, int) else 0, verdict.quote.currency)


# --- the order --------------------------------------------------------------------------------------------------------


def _placed(work: Work, placed: Placed) -> Answer:
    """What became of the order, in words; it is written together with the turn's own record."""
    order = placed.order
    work.order_id = order.order_id
    if placed.outcome is Outcome.IN_FLIGHT:
        # Written down nowhere: the answer to this request is the one that is still being made.
        work.close = lambda record: None
        return say("still-working")
    work.state = work.state.settled()
    work.cart_moved()
    match placed.outcome:
        case Outcome.COMMITTED:
            work.close = _finished(work, placed)
            said = [Phrase("ordered", {"lines": quoted_lines(order.lines, work.turn.locale), "total": order.total})]
            if order.undo_window_s >= 60:
                said.append(Phrase("can-undo", {"minutes": order.undo_window_s // 60}))
            return say(*said, shown=_shown_receipt(order))
        case Outcome.PAYMENT_UNKNOWN:
            return say("payment-unknown")
        case Outcome.VOIDED if placed.payment and placed.payment.state is PaymentState.ACTION_REQUIRED:
            work.close = _finished(work, placed, "payment_action_required")
            return say("payment-action-required", ask="not-ordered-next")
        case Outcome.VOIDED if placed.payment:
            work.close = _finished(work, placed)
            return say("payment-declined", ask="not-ordered-next")
        case _:
            return say("not-ordered", ask="not-ordered-next")


def _finished(work: Work, placed: Placed, not_paid: str = "") -> Close:
    """Closes the turn with the order's end in the same write; `not_paid` is the notice of one that came to nothing."""
    return lambda record: finish_order(work.ports, placed, work.now, record, not_paid=not_paid)


# --- what is read out and shown ---------------------------------------------------------------------------------------


def _shortage(work: Work) -> Answer | None:
    """What to say about a line that cannot be bought as it stands. One that is no longer sold leaves the cart."""
    shortage = find_shortage(work.cart, _shelf(work))
    if shortage is None:
        return None
    work.state = work.state.settled()
    if shortage.product is None:
        work.cart = remove_from_cart(work.cart, shortage.sku)
        return say("line-gone", ask="check-out-or-more")
    work.state = replace(work.state, focus=shortage.sku)
    values = {"item": named_product(shortage.product), "available": shortage.available}
    if shortage.available:
        return say(Phrase("line-short", values), ask=Phrase("change-or-remove", values))
    return say(Phrase("line-sold-out", values), ask="remove-it")


def _shelf(work: Work) -> Shelf:
    return work.shelf((line.sku for line in work.cart.lines), to_quote=True)


def _spoken_quote(quote: Quote, locale: str) -> Phrase:
    return Phrase(
        "quote",
        {
            "seller": quote.seller,
            "lines": quoted_lines(quote.lines, locale),
            "delivery": quote.delivery,
            "tax": quote.tax,
            "total": quote.total,
            "address": quote.address,
        },
    )


def _shown_quote(quote: Quote) -> Shown:
    return Shown("quote", Phrase("card-quote", {"seller": quote.seller}), _totals(quote), _items(quote.lines))


def _shown_receipt(order: Order) -> Shown:
    title = Phrase("card-receipt", {"seller": order.seller})
    text = (Phrase("card-order", {"order": order.order_id}), *_totals(order))
    return Shown("receipt", title, text, _items(order.lines))


def _totals(priced: Quote | Order) -> tuple[Phrase, ...]:
    return (
        Phrase("card-delivery", {"delivery": priced.delivery}),
        Phrase("card-tax", {"tax": priced.tax}),
        Phrase("card-total", {"total": priced.total}),
        Phrase("card-address", {"address": priced.address}),
    )


def _items(lines: tuple[QuoteLine, ...]) -> tuple[Item, ...]:
    return tuple(
        Item(line.sku, line.title, f"{line.quantity} × {line.size}".rstrip(" ×"), line.price) for line in lines
    )


# --- writing it down --------------------------------------------------------------------------------------------------


def _decided(work: Work, household: Household, verdict: Verdict) -> Close:
    draft = decision_draft(household, "decided", verdict, work.now)
    return lambda record: work.ports.ledger.write_audit(draft, record)


def _audited(work: Work, kind: str) -> Close:
    """Closes the turn with an audit entry in the same write."""
    draft = AuditDraft(_household(work).household_id, kind, work.now)

    def close(record: TurnRecord) -> None:
        work.ports.ledger.write_audit(draft, record)

    return close
