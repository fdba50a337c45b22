"""An audit trail in plain words, for `sayso audit show` and for the household's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skill.guard.decision import Reason
from skill.guard.policy import KNOBS
from skill.ports import Approval, ApprovalState, AuditEntry
from skill.shop.money import Money

#: What each kind of entry tells. `{total}` and the like come from the entry's facts.
_STORY = {
    "decided": "{total} was quoted; the guard said: {decision}{why}",
    "reserved": "{total} was reserved, agreed to by {how}{why}",
    "committed": "the payment was approved; the order was placed",
    "voided": "the order came to nothing: {payment}",
    "payment_unknown": "the payment gave no answer; the money stays reserved",
    "payment_unanswered": "the payment still has no answer; the store's owner sees it, and the provider is asked four times a day",
    "cancelled": "the order was taken back, by {by}",
    "refunded": "the money was given back",
    "refund_unknown": "the refund gave no answer yet; it will be asked for again",
    "refund_unanswered": "the refund still has no answer; the store's owner sees it, and the provider is asked four times a day",
    "refund_declined": "the refund was declined; the store must give the money back some other way",
    "shipped": "the order was sent off",
    "approval_asked": "an adult was asked to approve {total}",
    "approval_refused": "an adult refused it",
    "approval_lapsed": "nobody approved it in time",
    "approval_changed": "it was approved too late: something in it had changed",
    "request_rejected": "a request with the id of an earlier one and another body was rejected",
    "code_wrong": "a wrong code was said",
    "code_locked": "three wrong codes: orders are locked until an adult resets the code",
    "code_set": "a purchase code was set",
    "code_removed": "the purchase code was removed",
    "limit_tightened": "the limit {knob} was made tighter by voice{figures}",
    "policy_changed": "limits{whose} were changed by {who}{changes}{why_said}",
    "account_paired": "a speaker was paired by {who}",
    "zone_moved": "the time zone was changed by {who}",
    "sign_in_made": "somebody was let in to the pages: {who}",
    "sign_in_removed": "somebody was shut out of the pages by {who}",
    "passphrase_changed": "{who} has a new passphrase",
    "data_downloaded": "the household's data were downloaded by {who}",
    "household_deleted": "the household was deleted by {who}",
    "restored": "the store was restored from a backup, and what had followed here is lost",
}
_DECISIONS = {
    "Refuse": "no",
    "NeedAdult": "an adult must approve",
    "NeedCode": "the code first",
    "Confirm": "confirm first",
}

#: Why the guard said what it said. `{cap}` and `{left}` are money, the rest is as it was recorded.
_REASONS = {
    "not_authentic": "the request could not be trusted",
    "policy_unreadable": "the limits could not be read, so nothing may be bought",
    "ordering_off": "ordering is switched off",
    "frozen": "everything is frozen",
    "code_not_set": "no purchase code has been set",
    "speaker_unrecognised": "the speaker did not recognise the voice",
    "currency": "it is in another currency",
    "empty": "there is nothing in it",
    "lines_max": "more than {lines_max} different products",
    "quantity": "more than {quantity_max} of {title}",
    "price_invalid": "a price cannot be right",
    "sku_denied": "{title} is not allowed",
    "category_denied": "{title} is of a category that is not allowed",
    "category_not_allowed": "{title} is of none of the categories that are allowed",
    "quiet_hours": "it was in the quiet hours",
    "order_gap": "the last order was only a moment before",
    "order_max": "over {cap} for one order",
    "day_max": "over {cap} for a day, of which {left} were left",
    "week_max": "over {cap} for a week, of which {left} were left",
    "month_max": "over {cap} for a month, of which {left} were left",
    "year_max": "over {cap} for a year, of which {left} were left",
    "ever_max": "over {cap} altogether, of which {left} were left",
    "no_code_max": "over {cap} without the code, of which {left} were left",
    "orders_per_day_max": "more than {orders_max} orders in a day",
    "no_pin_order_max": "over {cap} for an order without the code",
    "no_pin_total_max": "over {cap} since the code was last given",
    "adult_approval_over": "over {cap} waits for an adult",
    "code_locked": "the code is locked after three wrong tries",
    "pin_policy": "the code is asked for",
    "platform_asks": "the platform asks for the code",
    "speaker_changed": "somebody else spoke than had asked",
    "burst": "many households were asking for the same at that moment",
    "duplicate": "the same was ordered a moment before",
}

#: What stops an order, beside the guard's own no.
_STOPS = frozenset(
    {"voided", "approval_refused", "approval_lapsed", "approval_changed", "code_wrong", "code_locked", "cancelled"}
    | {"request_rejected"}
)

MoneyText = Callable[[Money], str]

#: Whom the trail names where the store itself did it, without an account.
_STORES_OWN = frozenset({"operator", "demo"})

#: How an approval is decided by somebody.
_BY_SOMEBODY = frozenset({ApprovalState.APPROVED, ApprovalState.REFUSED})

#: A platform's name for a voice is longer, and tells a household nothing: its end is enough to tell voices apart.
_NAME_SHOWN_MAX = 12


@dataclass(frozen=True, slots=True)
class Told:
    """An entry for readers. `tone` is good, bad, wait or plain; `why` are sentences, `items` what was asked for."""

    entry: AuditEntry
    tone: str
    title: str
    why: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    who: str = ""


def tell_entry(entry: AuditEntry, money: MoneyText = str) -> str:
    """One sentence for one entry; an entry of a newer kind is told by its name."""
    facts = entry.facts
    reasons = tell_reasons(entry, money)
    values = {
        "total": _total(entry, money),
        "decision": _DECISIONS.get(str(facts.get("decision")), ""),
        "how": str(facts.get("how", "")).replace("_", " "),
        "why": f" ({', '.join(reasons)})" if reasons else "",
        "payment": str(facts.get("payment", "")).replace("_", " "),
        "by": str(facts.get("by", "")),
        "who": str(facts.get("who", "")),
        "whose": _whose(entry) or (" of the household" if facts.get("level") != "store" else ""),
        "knob": str(facts.get("knob", "")),
        "figures": f": {figures}" if (figures := _figures(entry, money)) else "",
        "changes": f": {'; '.join(changes)}" if (changes := tell_changes(entry, money)) else "",
        "why_said": f" ({why_said})" if (why_said := _why_said(entry)) else "",
    }
    return _STORY.get(entry.kind, entry.kind.replace("_", " ")).format(**values)


def tell_reasons(entry: AuditEntry, money: MoneyText = str) -> tuple[str, ...]:
    """Every reason that the guard recorded."""
    currency = _currency(entry)
    return tuple(tell_reason(str(why), data, currency, money) for why, data in entry.facts.get("reasons", ()))


def tell_reason(why: str, data: Mapping[str, Any], currency: str, money: MoneyText = str) -> str:
    values = {"title": "", "lines_max": "", "quantity_max": "", "orders_max": "", "cap": "", "left": ""}
    for name in ("cap", "left"):
        minor = data.get(f"{name}_minor")
        if isinstance(minor, int) and currency:
            values[name] = money(Money(minor, currency))
    values |= {name: str(each) for name, each in data.items() if name in values}
    words = _REASONS.get(why, why.replace("_", " "))
    if any(f"{{{name}}}" in words and not values[name] for name in values):
        return name_limits((why,)) or why.replace("_", " ")  # recorded without its figures
    return words.format(**values)


def tell(entry: AuditEntry, money: MoneyText, names: Mapping[str, str]) -> Told:
    """An entry for the household itself; `names` are those of the accounts that may have done it."""
    facts, kind = entry.facts, entry.kind
    total, decision = _total(entry, money), str(facts.get("decision", ""))
    who = str(facts.get("who") or (entry.personal or {}).get("by") or facts.get("by") or "")
    named = _named(who, names)
    items = _items(entry)
    if kind == "decided":
        tone, title = {
            "Refuse": ("bad", f"Refused: an order of {total}"),
            "NeedAdult": ("wait", f"An order of {total} needs an adult"),
            "NeedCode": ("plain", f"The code was asked for, for {total}"),
        }.get(decision, ("plain", f"{total} was read out to be confirmed"))
        return Told(entry, tone, title, _decisive_reasons(entry, money), items, named)
    if kind == "reserved":
        how = {"code": "with the code", "adult": "approved by an adult"}.get(
            str(facts.get("how")), "confirmed by voice"
        )
        return Told(entry, "plain", f"{total} agreed to, {how}", (), items, named)
    title, tone = _TITLES.get(kind) or (tell_entry(entry, money), "plain")
    if kind == "limit_tightened":
        title = f"By voice: {_KNOBS.get(str(facts.get('knob')), 'a limit')} was made tighter"
        figures = _figures(entry, money)
        return Told(entry, tone, title, (figures,) if figures else (), items, named)
    if kind == "approval_asked":
        return Told(entry, "wait", f"An adult was asked about {total}", tell_reasons(entry, money), items)
    if kind == "policy_changed":
        whose = _whose(entry, shorten=True)
        return Told(
            entry, "plain", f"Limits{whose} were changed" if whose else title, tell_changes(entry, money), who=named
        )
    why = (str(facts.get("payment", "")).replace("_", " "),) if kind == "voided" and facts.get("payment") else ()
    return Told(entry, tone, title, why, items, named)


def tell_decision(approval: Approval | None, names: Mapping[str, str], when: Callable[[datetime], str]) -> str:
    """Who decided, by which means and when, as `by Kim, on …, Thu 19 Nov, 09:00`; "" where nobody has: a lapse or a changed price
    is nobody's will."""
    if approval is None or approval.decided_at is None or approval.state not in _BY_SOMEBODY:
        return ""
    return f"by {tell_decider(approval.decided_by, names)}, {when(approval.decided_at)}"


def tell_decider(who: str, names: Mapping[str, str]) -> str:
    """Who decided about an approval, and by which means: on the pages adults have accounts, commands are the store's own."""
    return f"{_named(who, names)}, {'with a command' if who in _STORES_OWN else 'on the household’s pages'}"


def _named(who: str, names: Mapping[str, str]) -> str:
    if who in _STORES_OWN:
        return "the store"
    named = names.get(who, who)
    # The account is gone, and its name with it.
    return "somebody who cannot sign in any more" if named == who and who.startswith("acc_") else named


def tell_changes(
    entry: AuditEntry, money: MoneyText = str, *, names: Mapping[str, str] | None = None, currency: str = ""
) -> tuple[str, ...]:
    """Each limit that an entry tells the change of, with its value before and after; the limits are called by `names`.

    Entries until 2026-11-28 have the new values alone, and no currency: then it is `currency`, if given.
    """
    facts, names = entry.facts, _KNOBS if names is None else names
    currency = _currency(entry) or currency

    def told(name: str, *values: Any) -> str:
        shown = " → ".join(each for each in (_value(name, value, currency, money) for value in values) if each)
        return ": ".join(
            each for each in (names.get(name) or _KNOBS.get(name) or name.replace("_", " "), shown) if each
        )

    changed, restored = _changed(entry), facts.get("restored", ())
    default = "the default" if facts.get("level") == "household" else "no longer set"
    return (
        *(f"{told(name, *values)}{f', {default}' if name in restored else ''}" for name, values in changed.items()),
        *(told(name, value) for name, value in facts.get("set", {}).items()),
        *(f"{told(name)}: {default}" for name in restored if name not in changed),
    )


def _changed(entry: AuditEntry) -> Mapping[str, Any]:
    """Limit → value before and after. An age profile stands under the household's key."""
    personal = entry.personal or {}
    changed = {**entry.facts.get("changed", {}), **personal.get("changed", {})}
    if "person" in personal and "profile" in personal and entry.kind == "policy_changed":
        changed["profile"] = [personal["profile"]]  # as it was recorded until 2026-11-28
    return changed


def _value(name: str, value: Any, currency: str, money: MoneyText) -> str:
    """A limit as `knob_json` wrote it down; "" for an amount of nobody knows which currency."""
    kind = KNOBS[name].kind if name in KNOBS else ""
    if value is None:
        return "no limit" if kind in ("minor", "seconds", "count") else "none"
    if kind == "minor":
        return money(Money(value, currency)) if currency else ""
    if kind == "seconds":
        return f"{value} s"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value).replace("_", " ")


def _figures(entry: AuditEntry, money: MoneyText) -> str:
    """The values before and after of the one limit that was made tighter."""
    values = entry.facts.get("changed", {}).get(entry.facts.get("knob"), ())
    return " → ".join(_value(str(entry.facts["knob"]), each, _currency(entry), money) for each in values)


def _whose(entry: AuditEntry, *, shorten: bool = False) -> str:
    """` of the profile child`; "" where they are the household's or the store's."""
    personal = entry.personal or {}
    level = entry.facts.get("level") or ("person" if "person" in personal else "")
    if level not in ("profile", "person"):
        return ""
    kind, name = ("voice" if level == "person" else "profile"), str(personal.get(level, ""))
    if shorten and len(name) > _NAME_SHOWN_MAX:
        name = f"…{name[-6:]}"
    return f" of the {kind} {name}" if name else f" of a {kind}"


def _why_said(entry: AuditEntry) -> str:
    return str((entry.personal or {}).get("why") or entry.facts.get("why") or "")


def name_limits(reasons: Iterable[str]) -> str:
    """The limits behind the guard's reasons, as the pages call them; what is no limit is left out."""
    known = (_KNOBS.get(why) or _KNOBS.get(_LIMIT_BEHIND.get(why, "")) for why in reasons)
    return ", ".join(dict.fromkeys(each for each in known if each))


def is_stop(entry: AuditEntry) -> bool:
    """Whether the entry tells that something was not bought."""
    return entry.kind in _STOPS or (entry.kind == "decided" and entry.facts.get("decision") == "Refuse")


_TITLES = {
    "committed": ("The order was placed and paid", "good"),
    "voided": ("The order came to nothing", "bad"),
    "payment_unknown": ("The payment gave no answer yet; the money stays set aside", "wait"),
    "payment_unanswered": ("The payment still has no answer; the store is looking into it", "wait"),
    "cancelled": ("The order was taken back", "bad"),
    "refunded": ("The money was given back", "good"),
    "refund_unknown": ("The refund is on its way", "wait"),
    "refund_unanswered": ("The refund still has no answer; the store is looking into it", "wait"),
    "refund_declined": ("The refund was declined: ask the store for the money", "bad"),
    "shipped": ("The order was sent off", "good"),
    "approval_refused": ("Refused by an adult", "bad"),
    "approval_lapsed": ("Nobody approved it in time", "bad"),
    "approval_changed": ("Approved too late: a price, the stock or the address had changed", "bad"),
    "request_rejected": ("Rejected: a request that used the name of an earlier one", "bad"),
    "code_wrong": ("A wrong code was said", "bad"),
    "code_locked": ("Three wrong codes: orders are locked until you set the code again", "bad"),
    "code_set": ("The purchase code was set", "plain"),
    "code_removed": ("The purchase code was removed", "plain"),
    "policy_changed": ("Limits were changed", "plain"),
    "account_paired": ("A speaker was paired", "plain"),
    "zone_moved": ("The time zone was changed", "plain"),
    "sign_in_made": ("Somebody was let in to these pages", "plain"),
    "sign_in_removed": ("Somebody was shut out of these pages", "plain"),
    "passphrase_changed": ("A passphrase was changed", "plain"),
    "data_downloaded": ("The household's data were downloaded", "plain"),
    "restored": ("The store was restored from a backup: what was newer is lost", "wait"),
    "quote_cancelled": ("It was not confirmed", "plain"),
}

#: Limits as the pages call them.
_KNOBS = {
    "ordering_enabled": "whether there may be orders",
    "frozen": "freeze everything",
    "order_max": "limit of one order",
    "day_max": "limit of a day",
    "week_max": "limit of a week",
    "month_max": "limit of a month",
    "year_max": "limit of a year",
    "total_max": "limit altogether",
    "orders_per_day_max": "orders in a day",
    "order_gap_min_s": "time between two orders",
    "pin_policy": "when the code is asked for",
    "pin_over": "amount from which the code is asked for",
    "no_pin_order_max": "limit of an order without the code",
    "no_pin_total_max": "limit altogether without the code",
    "no_pin_confirm": "how an order without the code is confirmed",
    "adult_approval_over": "amount from which an adult must approve",
    "unrecognised_speaker": "voices that are not recognised",
    "quantity_per_line_max": "pieces of one product",
    "lines_max": "different products in an order",
    "categories_denied": "categories that are not allowed",
    "categories_allowed": "categories that are allowed",
    "skus_denied": "products that are not allowed",
    "quiet_hours": "quiet hours",
    "duplicate_window_s": "when the same order counts as repeated",
    "undo_window_s": "time to take an order back",
    "profile": "age profile",
}


#: Reasons that are called otherwise than the limit they come from.
_LIMIT_BEHIND = {
    "ever_max": "total_max",
    "no_code_max": "no_pin_total_max",
    "quantity": "quantity_per_line_max",
    "category_denied": "categories_denied",
    "category_not_allowed": "categories_allowed",
    "sku_denied": "skus_denied",
    "order_gap": "order_gap_min_s",
    "speaker_unrecognised": "unrecognised_speaker",
}


#: Reasons to ask for something; where there is a reason to refuse as well, they only stand in its way.
_ASKING = frozenset(
    {
        "pin_policy",
        "platform_asks",
        "adult_approval_over",
        "speaker_unrecognised",
        "speaker_changed",
        "duplicate",
        "burst",
    }
    | {"no_pin_order_max", "no_pin_total_max"}
)


def refusing(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Of a refusal's reasons those to refuse: what is asked for beside them does not stand in the way."""
    every = tuple(reasons)
    return tuple(each for each in every if each[0] not in _ASKING) or every


def _decisive_reasons(entry: AuditEntry, money: MoneyText) -> tuple[str, ...]:
    """Of a refusal the reasons to refuse, and of anything else all."""
    reasons: tuple[Reason, ...] = tuple((str(why), data) for why, data in entry.facts.get("reasons", ()))
    if entry.facts.get("decision") == "Refuse":
        reasons = refusing(reasons)
    return tuple(tell_reason(why, data, _currency(entry), money) for why, data in reasons)


def _currency(entry: AuditEntry) -> str:
    quote = entry.facts.get("quote")
    return str((quote if isinstance(quote, dict) else entry.facts).get("currency", ""))


def _total(entry: AuditEntry, money: MoneyText) -> str:
    minor, currency = entry.facts.get("total_minor"), _currency(entry)
    return money(Money(minor, currency)) if isinstance(minor, int) and currency else str(minor or "")


def _items(entry: AuditEntry) -> tuple[str, ...]:
    quote = entry.facts.get("quote")
    lines = quote.get("lines", ()) if isinstance(quote, dict) else ()
    return tuple(f"{quantity} × {title}{f', {size}' if size else ''}" for _, title, size, quantity, *_ in lines)
