"""Checking out: the quote, the guard's challenge, and the order. The only topic that spends money.

    check_out ─▶ quote read out, challenge pending ─▶ answer_* ─▶ _agree ─▶ reserve ─▶ pay ─▶ commit

The guard is asked in one place, `_ask_guard`; an order is made in one place, `_place`, which needs a consent that only the
guard's `grant` can make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from skill.dialogue.naming import counted_line, live_products, named_product
from skill.dialogue.state import Challenge
from skill.dialogue.work import Close, Work
from skill.errors import CodeLocked, ConsentInvalid, ConsentUsed, OutOfStock, PriceChanged
from skill.guard.code import CODE_ASKS_MAX, heard_code, redact_codes
from skill.guard.consent import Consent, Sign, grant, seal_quote
from skill.guard.decision import Decision, NeedAdult, NeedCode, Proofs, Refuse, Situation, Spent, decide
from skill.guard.policy import Policy
from skill.guard.record import decision_facts
from skill.guard.windows import caps_for, local_time, window_charges
from skill.ports import AuditDraft, Notice, PaymentResult, PaymentState, Reservation, TurnRecord, WindowCheck
from skill.shop.cart import clear_cart
from skill.shop.households import Household
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState, WindowCharge
from skill.shop.quote import Quote, QuoteLine
from skill.speech.answer import Answer, Item, Phrase, Shown, say
from skill.speech.render import heard_words
from skill.turn import Capability, Expect

#: How many reasons for a refusal are spoken; the audit has them all.
REASONS_SPOKEN_MAX = 2

#: How many of the household's latest orders the guard looks at for gaps and repeated baskets.
ORDERS_LOOKED_AT_MAX = 20

#: A reservation younger than this may still be at work in another process.
IN_FLIGHT_S = 8

#: Two figures: said in a breath, and out of a television's reach.
NUMBER_LOW, NUMBER_HIGH = 11, 99


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the guard said, and all that it was asked with."""

    decision: Decision
    quote: Quote
    policy: Policy | None
    charges: tuple[WindowCharge, ...]
    facts: Mapping[str, object]


def check_out(work: Work) -> Answer:
    """Reads the quote aloud and asks for what the guard wants, or says why not."""
    household = work.household
    if household is None:
        work.state = work.state.settled()
        return say("not-linked", ask="find-else")
    if not work.cart.lines:
        work.state = work.state.settled()
        return say("cart-empty", ask="find-what")
    trouble = _shelf_trouble(work)
    return trouble or _challenge(work, household, ())


def answer_code(work: Work) -> Answer:
    """The digits that answer "which code?"; they may arrive as a four-digit slot, a number, or free text."""
    challenge = _challenge_of(work)
    if challenge is None:
        return say("code-for-what", ask="find-what")
    if challenge.how != "code":
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
        work.close = _audited(work, "code_wrong", {})
        return say(
            "code-wrong",
            ask="code-again",
            expects=Expect.CODE,
            slot=("give_code", "code"),
            suggestions=("suggest-stop",),
        )
    return _agree(work, challenge, Proofs(code=True))


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
    """Anything but the answer that was asked for cancels the quote, politely. The cart stays."""
    work.state = work.state.settled()
    return say("not-ordered", ask="not-ordered-next", suggestions=("suggest-check-out", "suggest-cart"))


def challenge_help(work: Work) -> Answer:
    """Help leaves the quote pending."""
    challenge = _challenge_of(work)
    how = challenge.how if challenge else "yes"
    return say(Phrase(f"help-challenge-{how.replace('_', '-')}"), ask=_question(challenge), **_expecting(how))


# --- the challenge ------------------------------------------------------------------------------------------------------


def _challenge(
    work: Work, household: Household, because: tuple[Phrase, ...], *, speaker_changed: bool = False
) -> Answer:
    quote = _quote(work, household)
    verdict = _ask_guard(work, household, quote, Proofs(), speaker_changed=speaker_changed)
    decision = verdict.decision
    work.close = _decided(work, verdict)
    if isinstance(decision, Refuse):
        return _refused(work, verdict)
    if isinstance(decision, NeedAdult):
        work.state = work.state.settled()
        return say(
            *because,
            Phrase("needs-adult", {"total": quote.total, "cap": _money(verdict, "adult_approval_over")}),
            ask="change-cart",
        )
    how = "code" if isinstance(decision, NeedCode) else decision.how
    number = work.ports.keys.new_number(NUMBER_LOW, NUMBER_HIGH) if how == "spoken_number" else 0
    seal = seal_quote(quote, _consent_mac(work))
    challenge = Challenge(quote, seal, how, number, speaker_changed=speaker_changed)
    work.state = work.state.asking("challenge", challenge=challenge)
    return say(
        *because,
        *_warnings(decision),
        _spoken_quote(quote),
        ask=_question(challenge),
        shown=_shown_quote(quote),
        suggestions=("suggest-repeat", "suggest-stop"),
        **_expecting(how),
    )


def _agree(work: Work, challenge: Challenge, proofs: Proofs) -> Answer:
    """The right answer was given. The quote is made again from what is true now; only the same quote becomes an order."""
    household = _household(work)
    spoken = challenge.quote
    known = work.ports.orders.of_consent(spoken.nonce)
    if known is not None:
        return _resume(work, known)
    trouble = _shelf_trouble(work)
    if trouble:
        return trouble
    current = replace(_quote(work, household), nonce=spoken.nonce)
    verdict = _ask_guard(work, household, current, proofs)
    if isinstance(verdict.decision, Refuse | NeedAdult):
        work.close = _decided(work, verdict)
        return _refused(work, verdict)
    try:
        consent = grant(verdict.decision, spoken, challenge.seal, current, proofs, work.now, _consent_mac(work))
    except ConsentInvalid as invalid:
        if invalid.facts["why"] in ("changed", "not_confirmed"):
            return _challenge(work, household, (Phrase("quote-changed"),))
        return _expired(work)
    return _place(work, household, consent, verdict)


def _stale(work: Work, challenge: Challenge) -> Answer | None:
    """A quote that has expired, or that another device or another voice asked for."""
    quote = challenge.quote
    if work.now >= quote.expires_at:
        known = work.ports.orders.of_consent(quote.nonce)
        return _resume(work, known) if known else _expired(work)
    if work.turn.device != quote.device or work.turn.session != quote.session:
        work.state = work.state.settled()
        return say("other-device", ask="not-ordered-next")
    if work.turn.person != quote.person:
        if challenge.asks >= CODE_ASKS_MAX:
            return give_up(work)
        answer = _challenge(work, _household(work), (Phrase("speaker-changed"),), speaker_changed=True)
        if pending := work.state.pending:
            again = pending.challenge and replace(pending.challenge, asks=challenge.asks + 1)
            work.state = work.state.asking("challenge", challenge=again)
        return answer
    return None


def _expired(work: Work) -> Answer:
    work.state = work.state.settled()
    return say("quote-expired", ask="not-ordered-next", suggestions=("suggest-check-out",))


def _ask_again(work: Work, challenge: Challenge) -> Answer:
    """Silence and "?" are no guesses: asked again, at most twice."""
    if challenge.asks >= CODE_ASKS_MAX:
        return give_up(work)
    work.state = work.state.asking("challenge", challenge=replace(challenge, asks=challenge.asks + 1))
    return say("code-not-heard", ask="code-again", **_expecting("code"))


def _locked(work: Work, household: Household) -> Answer:
    work.state = work.state.settled()
    work.close = _audited(work, "code_locked", {})
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


def holds_code(work: Work) -> bool:
    """Whether free text that answers "which code?" is nothing but digits."""
    words, challenge = work.turn.slots.get("product_query", ""), _challenge_of(work)
    if challenge is None or challenge.how != "code" or not words:
        return False
    return not redact_codes(words, heard_words("digits", work.turn.locale)).strip()


def _is_silence(work: Work) -> bool:
    """Nothing was said, or a recogniser gave "?"; other words are an answer, though not the one asked for."""
    heard = [text for name, text in work.turn.slots.items() if name in ("code", "number") and text.strip()]
    return not work.turn.slots.get("product_query") and all(text.strip() == "?" for text in heard)


def _challenge_of(work: Work) -> Challenge | None:
    return work.state.pending.challenge if work.state.pending else None


def _household(work: Work) -> Household:
    """A challenge is only ever pending for a household; one that has gone since may not order."""
    if work.household is None:
        raise ConsentInvalid(why="not_confirmed")
    return work.household


# --- the guard --------------------------------------------------------------------------------------------------------


def _ask_guard(
    work: Work, household: Household, quote: Quote, proofs: Proofs, *, speaker_changed: bool = False
) -> _Verdict:
    """The one place where the guard is asked."""
    turn, policy = work.turn, work.policy()
    charges = window_charges(household, turn.person, None, work.now, code_proved=proofs.code or proofs.adult)
    spent: Mapping[WindowCharge, Spent] = work.ports.ledger.spent(household.household_id, charges)
    situation = Situation(
        platform=turn.platform,
        person=turn.person,
        recognises_speakers=Capability.SPEAKER_RECOGNITION in turn.capabilities,
        code_set=household.code_set,
        code_locked=household.code_locked,
        local=local_time(household, work.now),
        charges=charges,
        proofs=proofs,
        speaker_changed=speaker_changed,
        code_optional=Capability.CODE_OPTIONAL in turn.capabilities,
        authentic=turn.authentic_user,
        recent=tuple(work.ports.orders.recent(household.household_id, ORDERS_LOOKED_AT_MAX)),
    )
    decision = decide(quote, situation, policy, spent, work.now)
    return _Verdict(
        decision, quote, policy, charges, decision_facts(quote, situation, policy, spent, work.now, decision)
    )


def _refused(work: Work, verdict: _Verdict) -> Answer:
    """Says why, in at most `REASONS_SPOKEN_MAX` sentences, and what can be done."""
    work.state = work.state.settled()
    currency = verdict.quote.currency
    spoken: list[Phrase] = []
    for why, data in verdict.decision.reasons:
        key = f"refused-{why.replace('_', '-')}"
        if key not in {each.key for each in spoken}:
            spoken.append(Phrase(key, _values(data, currency)))
    blocking = [each for each in spoken if each.key not in _NOT_BLOCKING][:REASONS_SPOKEN_MAX]
    return say(*blocking, "nothing-ordered", ask="change-cart")


#: Reasons that only ask for more proof are not read out as refusals.
_NOT_BLOCKING = frozenset(
    f"refused-{why}"
    for why in ("pin-policy", "platform-asks", "speaker-changed", "burst", "duplicate", "no-pin-total-max",
                "adult-approval-over")
)  # fmt: skip


def _warnings(decision: Decision) -> tuple[Phrase, ...]:
    """What the shopper should know before saying yes: the same basket again, a voice that is not known."""
    reasons = {why for why, _ in decision.reasons}
    return (Phrase("warn-duplicate"),) if "duplicate" in reasons else ()


def _values(data: Mapping[str, object], currency: str) -> dict[str, object]:
    return {
        name.removesuffix("_minor"): Money(value, currency)
        if name.endswith("_minor") and isinstance(value, int)
        else value
        for name, value in data.items()
    }


def _money(verdict: _Verdict, why: str) -> Money:
    data = next((data for reason, data in verdict.decision.reasons if reason == why), {})
    amount = data.get("cap_minor", 0)
    return Money(amount if isinstance(amount, int) else 0, verdict.quote.currency)


# --- the order --------------------------------------------------------------------------------------------------------


def _place(work: Work, household: Household, consent: Consent, verdict: _Verdict) -> Answer:
    """Reserve, pay, commit. After the reservation every way out either resolves the order or leaves it to the sweeper."""
    if verdict.policy is None:
        raise ConsentInvalid(why="not_confirmed")
    order = _order(work, consent, verdict, verdict.policy)
    checks = tuple(
        WindowCheck(charge, amount_max, orders_max)
        for charge, (amount_max, orders_max) in caps_for(verdict.policy, verdict.charges).items()
    )
    draft = AuditDraft(household.household_id, "reserved", work.now, order.order_id, verdict.facts)
    try:
        work.ports.ledger.reserve(Reservation(consent, order, checks, work.request, draft))
    except ConsentUsed as used:
        known = work.ports.orders.get(used.facts["order_id"])
        return _resume(work, known) if known else give_up(work)
    except (OutOfStock, PriceChanged):
        # The shelf changed between the look and the write: the new quote, or what is missing, is read out.
        return _shelf_trouble(work) or _challenge(work, household, (Phrase("quote-changed"),))
    work.ordered = True
    return _pay(work, order)


def _resume(work: Work, order: Order) -> Answer:
    """This consent has made its order already: the same request came twice, or we died half-way through the first."""
    work.ordered = True
    if order.state is OrderState.RESERVED:
        young = work.now - order.reserved_at < timedelta(seconds=IN_FLIGHT_S)
        if young and order.payment_state == "none":
            return say("still-working", expects=Expect.NOTHING)
        return _pay(work, order)
    work.state = work.state.settled()
    if order.state in (OrderState.COMMITTED, OrderState.SHIPPED):
        return _receipt(work, order)
    return say("not-ordered", ask="not-ordered-next")


def _pay(work: Work, order: Order) -> Answer:
    result = work.ports.payments.charge(order.order_id, order.total)
    return _settle(work, order, result)


def _settle(work: Work, order: Order, result: PaymentResult) -> Answer:
    """What the payment's answer makes of the order; written together with the turn's own record."""
    ledger, now = work.ports.ledger, work.now
    work.state = work.state.settled()
    if result.state is PaymentState.APPROVED:
        work.cart = clear_cart(work.cart)
        draft = AuditDraft(order.household_id, "committed", now, order.order_id, {"payment": result.reference})
        work.close = lambda record: ledger.commit(order.order_id, result.reference, now, draft, record)
        return _receipt(work, order)
    if result.state is PaymentState.UNKNOWN:
        draft = AuditDraft(order.household_id, "payment_unknown", now, order.order_id, {})
        ledger.note_payment(order.order_id, "unknown", result.reference, draft)
        return say("payment-unknown", expects=Expect.NOTHING)
    why = result.state.value
    draft = AuditDraft(order.household_id, "voided", now, order.order_id, {"payment": why})
    work.close = lambda record: ledger.void(order.order_id, why, now, draft, record)
    if result.state is PaymentState.ACTION_REQUIRED:
        notice = Notice(order.household_id, "payment_action_required", now, {"order_id": order.order_id})
        work.ports.notifier.notify(notice)
    return say(f"payment-{why.replace('_', '-')}", ask="not-ordered-next")


def _receipt(work: Work, order: Order) -> Answer:
    said = [Phrase("ordered", {"lines": tuple(counted_line(line) for line in order.lines), "total": order.total})]
    if order.undo_window_s >= 60:
        said.append(Phrase("can-undo", {"minutes": order.undo_window_s // 60}))
    work.ports.notifier.notify(
        Notice(
            order.household_id,
            "receipt",
            work.now,
            {"order_id": order.order_id, "total_minor": order.total.amount, "currency": order.total.currency},
        )
    )
    return say(*said, shown=_shown_receipt(order))


def _order(work: Work, consent: Consent, verdict: _Verdict, policy: Policy) -> Order:
    quote = consent.quote
    return Order(
        order_id=OrderId(f"{work.now:%Y%m%d-%H%M%S}-{work.ports.keys.new_token(6)}"),
        household_id=quote.household_id,
        store=quote.store,
        seller=quote.seller,
        state=OrderState.RESERVED,
        lines=quote.lines,
        delivery=quote.delivery,
        tax=quote.tax,
        discount=quote.discount,
        total=quote.total,
        address=quote.address,
        platform=quote.platform,
        consent_id=consent.consent_id,
        reserved_at=work.now,
        reserve_deadline=work.now + timedelta(seconds=policy.reservation_ttl_s),
        undo_window_s=policy.undo_window_s,
        charges=verdict.charges,
        person=quote.person,
        code_proved=consent.proofs.code,
    )


# --- the quote --------------------------------------------------------------------------------------------------------


def _quote(work: Work, household: Household) -> Quote:
    """The cart as it would be charged now, with live prices. Its lines are sorted by SKU, as the seal wants them."""
    quantities = {line.sku: line.quantity for line in work.cart.lines}
    lines = tuple(
        sorted(
            (
                QuoteLine(
                    product.sku, product.title, product.size, quantities[product.sku], live.price, product.category,
                    product.age_min,
                )
                for product, live in live_products(work, quantities)
            ),
            key=lambda line: line.sku,
        )
    )  # fmt: skip
    tariffed = work.ports.tariff.price(lines, household.address)
    policy = work.policy()
    store = work.ports.store
    return Quote(
        household_id=household.household_id,
        store=store.store_id,
        seller=store.seller,
        platform=work.turn.platform,
        device=work.turn.device,
        session=work.turn.session,
        person=work.turn.person,
        lines=lines,
        delivery=tariffed.delivery,
        tax=tariffed.tax,
        discount=Money(0, store.currency),
        address=household.address,
        policy_version=policy.version if policy else "",
        quoted_at=work.now,
        expires_at=work.now + timedelta(seconds=policy.quote_ttl_s if policy else 0),
        nonce=work.ports.keys.new_token(),
    )


def _shelf_trouble(work: Work) -> Answer | None:
    """Lines that cannot be bought as they stand: gone from the catalogue, or fewer on the shelf."""
    on_shelf = {
        product.sku: (product, live) for product, live in live_products(work, [line.sku for line in work.cart.lines])
    }
    for line in work.cart.lines:
        if line.sku not in on_shelf:
            work.cart = replace(work.cart, lines=tuple(each for each in work.cart.lines if each.sku != line.sku))
            work.state = work.state.settled()
            return say("line-gone", ask="check-out-or-more")
        product, live = on_shelf[line.sku]
        if live.available < line.quantity:
            work.state = replace(work.state.settled(), focus=product.sku)
            key = "line-short" if live.available > 0 else "line-sold-out"
            values = {"item": named_product(product), "available": max(live.available, 0)}
            return say(Phrase(key, values), ask="change-or-remove" if live.available > 0 else "remove-it")
    return None


def _spoken_quote(quote: Quote) -> Phrase:
    return Phrase(
        "quote",
        {
            "seller": quote.seller,
            "lines": tuple(counted_line(line) for line in quote.lines),
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
    return Shown(
        "receipt", title, (Phrase("card-order", {"order": order.order_id}), *_totals(order)), _items(order.lines)
    )


def _totals(priced: Quote | Order) -> tuple[Phrase, ...]:
    values = {"delivery": priced.delivery, "tax": priced.tax, "total": priced.total, "address": priced.address}
    return tuple(Phrase(key, values) for key in ("card-delivery", "card-tax", "card-total", "card-address"))


def _items(lines: tuple[QuoteLine, ...]) -> tuple[Item, ...]:
    return tuple(
        Item(line.sku, line.title, f"{line.quantity} × {line.size}".rstrip(" ×"), line.price) for line in lines
    )


# --- writing it down ------------------------------------------------------------------------------------------------------


def _consent_mac(work: Work) -> Sign:
    return lambda message: work.ports.keys.mac("consent", message)


def _decided(work: Work, verdict: _Verdict) -> Close:
    return _audited(work, "decided", verdict.facts)


def _audited(work: Work, kind: str, facts: Mapping[str, object]) -> Close:
    """Closes the turn with an audit entry in the same write."""
    draft = AuditDraft(_household(work).household_id, kind, work.now, None, facts)

    def close(record: TurnRecord) -> None:
        work.ports.ledger.write_audit(draft, record)

    return close
