"""(what is pending, intent) → what answers it: the one table of the dialogue."""

from __future__ import annotations

from skill.dialogue import accounts, browsing, cart, checkout, help, household, orders, reminding  # noqa: A004
from skill.dialogue.amending import put_right
from skill.dialogue.work import Topic, Work
from skill.turn import Kind

#: Whatever is pending, these answer so unless a line with the pending question says otherwise.
_ALWAYS: dict[str, Topic] = {
    "find_products": cart.find_or_add_amount,
    "more_results": browsing.more_results,
    "next": browsing.more_results,
    "find_cheaper": browsing.find_cheaper,
    "find_cheapest": cart.find_cheapest,
    "find_other_brand": browsing.find_other_brand,
    "find_other_color": browsing.find_other_color,
    "find_without": browsing.find_without,
    "note_allergy": browsing.note_allergy,
    "choose_item": cart.choose_item,
    "choose_other": cart.choose_other,
    "name_product": cart.take_name,
    "describe_item": browsing.describe_item,
    "add_to_cart": cart.add,
    "set_quantity": cart.change_quantity,
    "remove_from_cart": cart.remove,
    "put_back": cart.put_back,
    "show_cart": cart.show_cart,
    "clear_cart": cart.ask_to_clear,
    "give_number": cart.give_number,
    "check_out": checkout.check_out,
    "confirm_order": checkout.answer_number,
    "give_code": checkout.answer_code,
    "order_status": orders.order_status,
    "cancel_order": orders.cancel_order,
    "show_limits": household.show_limits,
    "lower_limit": household.lower_limit,
    "loosen_limits": household.loosen_limits,
    "freeze_ordering": household.freeze_ordering,
    "pair_device": accounts.pair_device,
    "yes": help.nothing_pending,
    "no": help.nothing_pending,
    "cancel": help.cancel,
    "stop": help.stop,
    "help": help.help_out,
    "repeat": help.repeat,
    "previous": browsing.previous_results,
    "start_over": help.start_over,
    "navigate_home": help.start_over,
    "fallback": help.not_understood,
}

#: What answers the pending question, and only that.
#: What the question which line of the cart is meant takes for an answer, whatever is to be done to the line.
_WHICH_LINE: dict[str, Topic] = {
    "yes": cart.accept_line,
    "no": cart.keep,
    "choose_item": cart.answer_line,
    "find_products": cart.answer_line,
    "name_product": cart.answer_line,
    "help": cart.ask_line_again,
    "next": cart.ask_line_again,
    "fallback": cart.ask_line_again,
}

_PENDING: dict[tuple[str, str], Topic] = {
    **{(act, intent): topic for act in ("remove", "change") for intent, topic in _WHICH_LINE.items()},
    ("offer", "yes"): cart.accept_offer,
    ("offer", "no"): browsing.decline_offer,
    ("offer", "next"): help.not_understood,
    ("choose", "yes"): cart.which_one,
    ("choose", "no"): browsing.decline_offer,
    ("choose", "find_products"): cart.choose_or_find,
    ("describe", "yes"): cart.which_one,
    ("describe", "no"): browsing.decline_offer,
    ("describe", "choose_item"): browsing.describe_item,
    ("describe", "find_products"): cart.choose_or_find,
    ("clear", "yes"): cart.clear,
    ("clear", "no"): cart.keep,
    ("clear", "next"): help.not_understood,
    ("more", "yes"): cart.yes_more,
    ("more", "no"): cart.no_more,
    ("more", "cancel"): cart.take_back,
    ("more", "more_results"): cart.more_lines,
    ("more", "next"): cart.more_lines,
    ("remind", "yes"): reminding.remind,
    ("remind", "no"): reminding.decline,
    ("undo", "yes"): orders.cancel_offered,
    ("undo", "no"): help.cancel,
    ("challenge", "yes"): checkout.answer_yes,
    ("challenge", "no"): checkout.give_up,
    ("challenge", "cancel"): checkout.give_up,
    ("challenge", "fallback"): checkout.give_up,
    # On Alexa any talk may be taken for a name.
    ("challenge", "name_product"): checkout.give_up,
    ("challenge", "give_code"): checkout.answer_code,
    ("challenge", "give_number"): checkout.answer_code,
    ("challenge", "confirm_order"): checkout.answer_number,
    ("challenge", "help"): checkout.challenge_help,
    ("challenge", "repeat"): help.repeat,
    ("challenge", "previous"): help.repeat,
    ("challenge", "stop"): checkout.leave,
}

#: These answer a pending quote, or leave it as it is; any other intent drops it before it is answered.
KEEPS_CHALLENGE = frozenset(intent for kind, intent in _PENDING if kind == "challenge")

_KINDS: dict[Kind, Topic] = {
    Kind.LAUNCH: help.welcome,
    Kind.SESSION_ENDED: help.farewell,
    Kind.EVENT: accounts.take_event,
    Kind.CAN_FULFILL: help.could_fulfill,
    Kind.TASK_RESULT: checkout.answer_task,
    Kind.UNKNOWN: help.unknown_request,
}


def route(work: Work) -> Topic:
    """The topic that answers this turn."""
    turn = work.turn
    if turn.kind is not Kind.INTENT:
        return _KINDS[turn.kind]
    put_right(work)
    turn = work.turn
    intent = turn.intent or "fallback"
    pending = work.state.pending
    if pending and pending.kind == "challenge" and intent not in KEEPS_CHALLENGE:
        if checkout.holds_code(work):
            return checkout.answer_code
        if checkout.is_ordered(work):
            return checkout.give_up
        work.state = work.state.settled()
        pending = None
    if pending and (pending.kind, intent) in _PENDING:
        return _PENDING[pending.kind, intent]
    return _ALWAYS.get(intent, help.not_understood)


def routed_intents() -> frozenset[str]:
    """Every intent that the table knows; a test holds it and the interaction model together."""
    return frozenset(_ALWAYS) | {intent for _, intent in _PENDING}
