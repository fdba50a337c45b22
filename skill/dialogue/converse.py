"""One turn: load, route, run, save, render. The one place that turns the shop's errors into words."""

from __future__ import annotations

import logging
from dataclasses import replace
from time import perf_counter

from skill.dialogue.cart import cart_full
from skill.dialogue.checkout import awaits_consent, too_long_to_agree
from skill.dialogue.marking import SEARCHES, mark_turn, sought_in_vain
from skill.dialogue.routes import route
from skill.dialogue.state import can_be_kept, state_from_json, state_to_json
from skill.dialogue.work import NAME_SLOT, Work
from skill.errors import (
    CartFull,
    CatalogueMissing,
    ConsentInvalid,
    GuardError,
    OrderCountExceeded,
    RequestRejected,
    SaysoError,
    ShopError,
    SpendCapExceeded,
    StorageError,
    Unspeakable,
    VersionConflict,
)  # fmt: skip
from skill.ports import SHOP_ACCOUNT, AuditDraft, Ports, RequestKey, TurnRecord
from skill.shop.households import Household, guest_owner
from skill.speech.answer import Answer, answer_from_json, answer_to_json, say
from skill.speech.render import Voice, fits, render
from skill.turn import Kind, Reply, Turn

log = logging.getLogger("sayso.dialogue")

#: Two turns of one session at the same moment: the later one starts again from what the earlier one left.
TRIES_MAX = 3

#: Questions for the name of a product.
_ASKED_FOR_NAME = frozenset(
    {"welcome-ask", "find-what", "find-else", "find-otherwise", "missed-start-2", "missed-start-3"}
)

#: Nobody's question: these leave no trace in the conversation.
_UNRECORDED = frozenset({Kind.EVENT, Kind.CAN_FULFILL})


def converse(turn: Turn, ports: Ports, voice: Voice = ()) -> Reply:
    """The reply to a turn, in the store's own voice where it has one.

    Raises `RequestRejected` for a request id that came before with another body.
    """
    for _ in range(TRIES_MAX):
        try:
            return _answer(turn, ports, voice)
        except VersionConflict:
            continue
    return _failing(turn, "busy", voice)[1]


def _answer(turn: Turn, ports: Ports, voice: Voice) -> Reply:
    work: Work | None = None
    began_s = perf_counter()
    try:
        opened = _open(turn, ports, began_s)
        if isinstance(opened, Answer):
            return _say_again(turn, opened, voice)
        work = opened
        answer, reply = _run(work, voice)
        if turn.kind not in _UNRECORDED:
            work.close(_record(work, answer))
        for tell in work.after:
            tell()
        if log.isEnabledFor(logging.INFO):
            _log_turn(work, answer)
        return reply
    except VersionConflict:
        raise
    except RequestRejected:
        _write_rejection(turn, ports)
        raise
    except SaysoError as failed:
        # A store that fails means no order, and the shopper is told so; money that was reserved before is not denied.
        order_id = work.order_id if work is not None else None
        log.warning(
            "turn failed: %s",
            # What a store says of its failure is for whoever runs it; what other errors hold may be a shopper's.
            f"{type(failed).__name__}: {failed}" if isinstance(failed, StorageError) else type(failed).__name__,
            extra={"turn_id": turn.request_id, "platform": turn.platform, "order_id": order_id},
        )
        return _failing(turn, _failed(work), voice)[1]


def _failed(work: Work | None) -> str:
    return "storage-failed" if work is None or work.order_id is None else "storage-failed-after-order"


def _failing(turn: Turn, key: str, voice: Voice) -> tuple[Answer, Reply]:
    """What is said when nothing else can be: a sentence without values, in the locale's words where the store's own are broken."""
    answer = say(key, ask="try-again")
    try:
        return answer, render(answer, turn.locale, voice)
    except Unspeakable:
        return answer, render(answer, turn.locale)


def _say_again(turn: Turn, answered: Answer, voice: Voice) -> Reply:
    """What this request was answered before. Where words for it are gone since, an order that it may have told of is not denied."""
    try:
        return render(answered, turn.locale, voice)
    except Unspeakable as unspeakable:
        log.error("an answer that was given cannot be said again: %s", unspeakable, extra={"turn_id": turn.request_id})
        return _failing(turn, "storage-failed-after-order", voice)[1]


def _write_rejection(turn: Turn, ports: Ports) -> None:
    """A request id that came before with another body is told to the household, and rejected whether or not that can be written."""
    try:
        household = _household_of(turn, ports)
        if household is not None:
            facts = {"platform": turn.platform, "request_id": turn.request_id}
            draft = AuditDraft(household.household_id, "request_rejected", ports.clock.now_utc(), facts=facts)
            ports.ledger.write_audit(draft)
    except StorageError:
        log.warning("a rejected request could not be written down", extra={"turn_id": turn.request_id})


def _open(turn: Turn, ports: Ports, began_s: float) -> Work | Answer:
    """The turn's work, or the answer that this very request was given before."""
    household = _household_of(turn, ports)
    owner = household.household_id if household else guest_owner(turn.platform, turn.user)
    # Keyed, because a body may hold the four digits of a code: a plain hash of it could be guessed from a stolen database.
    body = ports.keys.mac("request", turn.body_hash.encode()).hex()
    request = RequestKey(turn.platform, turn.request_id, body)
    opened = ports.conversations.open(owner, turn.session, request)
    if opened.answered is not None:
        return answer_from_json(opened.answered)
    state = state_from_json(opened.state)
    return Work(
        turn=turn,
        ports=ports,
        now=ports.clock.now_utc(),
        household=household,
        owner=owner,
        request=request,
        state=state,
        version=opened.version,
        close=ports.conversations.close,
        began_s=began_s,
        reached_before=state.reached,
    )


def _log_turn(work: Work, answer: Answer) -> None:
    """One line a turn, from the envelope's request id to the order's: what was asked and answered, and no word of what was said."""
    turn = work.turn
    took_ms = int((perf_counter() - work.began_s) * 1000)
    asked, answered = turn.intent or turn.kind.value, [each.key for each in answer.say]
    facts = {
        "turn_id": turn.request_id,
        "platform": turn.platform,
        "kind": turn.kind.value,
        "intent": turn.intent,
        "locale": turn.locale,
        "answer": answered,
        "took_ms": took_ms,
        "order_id": work.order_id,
    }
    if any(each in SEARCHES for each in answered):
        facts["catalogue"] = work.ports.catalogue.version
    order = f", order {work.order_id}" if work.order_id else ""
    log.info("%s %s: %s in %d ms%s", turn.platform, asked, " ".join(answered), took_ms, order, extra=facts)


def _household_of(turn: Turn, ports: Ports) -> Household | None:
    """Whose household it is: that of the account which a token proves, else that of the platform's own account."""
    if not turn.authentic_user:
        return None
    proved = ports.households.of_user(SHOP_ACCOUNT, turn.account) if turn.account else None
    return proved or ports.households.of_user(turn.platform, turn.user)


def _run(work: Work, voice: Voice) -> tuple[Answer, Reply]:
    """What is answered, and how it is spoken: nothing is written down, least of all a consent, that could not be said.

    Where money was reserved the order is written down all the same, and where it can be looked for is said.
    """
    before, turn = work.state, work.turn
    try:
        answer = _run_topic(work)
        reply = render(answer, turn.locale, voice)
        if awaits_consent(work) and not _can_be_agreed_to(work, reply):
            answer = too_long_to_agree(work)
            reply = render(answer, turn.locale, voice)
    except Unspeakable as unspeakable:
        log.error("an answer cannot be said: %s", unspeakable, extra={"turn_id": turn.request_id})
        if work.order_id is None:
            work.start_again(before.settled())
        answer, reply = _failing(turn, _failed(work), voice)
    return answer, reply


def _can_be_agreed_to(work: Work, reply: Reply) -> bool:
    """Whether the channel speaks the quote to its end, and the conversation can remember it until it is agreed to."""
    turn = work.turn
    return fits(reply.speech, turn.speech_length_max, turn.speech_bytes_max) and can_be_kept(work.state)


def _run_topic(work: Work) -> Answer:
    """Runs the topic; what a rule of the shop or the guard stops becomes words here."""
    try:
        topic = route(work)
        answer = topic(work)
    except CartFull as full:
        answer = cart_full(full)
    except CatalogueMissing:
        answer = say("catalogue-missing")
    except (SpendCapExceeded, OrderCountExceeded):
        # Somebody in the household ordered between the guard's look and the reservation.
        work.state = work.state.settled()
        answer = say("cap-just-reached", "nothing-ordered", ask="change-cart")
    except ConsentInvalid:
        work.state = work.state.settled()
        answer = say("not-ordered", ask="not-ordered-next")
    except (ShopError, GuardError) as stopped:
        log.info("stopped by a rule: %s", type(stopped).__name__)
        work.state = work.state.settled()
        answer = say("rule-stopped", "nothing-ordered", ask="find-else")
    if work.opening:
        answer = replace(answer, say=(*work.opening, *answer.say))
    return _telling_the_slot(answer)


def _telling_the_slot(answer: Answer) -> Answer:
    if answer.slot is None and answer.ask is not None and answer.ask.key in _ASKED_FOR_NAME:
        return replace(answer, slot=NAME_SLOT)
    return answer


def _record(work: Work, answer: Answer) -> TurnRecord:
    said = answer_to_json(answer)
    understood = work.turn.intent not in (None, "fallback")
    marks, reached = mark_turn(work, answer)
    state = work.state
    if answer.say or answer.ask:
        request, cart_said = state.said, state.cart_said
        if not work.keep_said:
            request = (work.request.request_id, work.request.body_hash)
            cart_said = any(each.key.startswith("cart-lines") for each in answer.say)
        state = state.answered(request, cart_said, 0 if understood else state.misses, reached)
    return TurnRecord(
        owner=work.owner,
        session=work.turn.session,
        request=work.request,
        state=state_to_json(state),
        version=work.version,
        answer=said,
        cart=work.changed_cart,
        now=work.now,
        marks=marks,
        took_ms=int((perf_counter() - work.began_s) * 1000),
        sought=sought_in_vain(work, answer),
    )
