"""A conversation that was held, written down as a conversation file that can be played again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from skill.guard.policy_file import knob_json
from skill.ports import Ports
from skill.shop.cart import Cart
from skill.shop.households import Household
from skill.simulator.conversation import ADDRESS, CODE, STEPS_MAX, write_conversation
from skill.simulator.inside import cart_seen
from skill.simulator.screen import screen_of
from skill.simulator.talk import Exchange
from skill.turn import Expect, Kind

#: Said in the place of a wrong code: what a household's code was, or was taken for, is in no file.
WRONG_CODE = "9135"

_LAST_NUMBER = re.compile(r"\d+(?=\D*\Z)")


class Recording:
    """What was said and heard since the talk began, and how the household stood then."""

    def __init__(
        self,
        ports: Ports,
        platform: str,
        locale: str,
        owner: str,
        household: Household | None,
        screens: Sequence[str] = (),
    ) -> None:
        self._ports = ports
        self._owner = owner
        self._household_id = household.household_id if household else None
        self._address = household.address if household else ""
        self._last_at = ports.clock.now_utc()
        self._steps: list[dict[str, Any]] = []
        self._knobs = self._household_knobs()
        self._set_up = _set_up(ports, household, ports.carts.load(owner), self._knobs)
        store_policy = ports.policies.layer("store", ports.store.store_id).knobs
        self._start: dict[str, Any] = {
            "title": "",
            "platforms": [platform],
            "locale": locale,
            **({"screens": list(screens)} if screens else {}),
            # Whole seconds, as the steps count them.
            "clock": self._last_at.isoformat(timespec="seconds"),
            **({"store_policy": _knobs_json(store_policy)} if store_policy else {}),
            "household": self._set_up,
        }

    @property
    def is_empty(self) -> bool:
        return not self._steps

    def add(
        self, exchange: Exchange, *, device: str, speaker: str | None, deed: Mapping[str, Any] | None = None
    ) -> None:
        """A step; `deed` is what was done where nothing was said. Beyond `STEPS_MAX` nothing more is kept."""
        if len(self._steps) >= STEPS_MAX:
            return
        step: dict[str, Any] = dict(deed) if deed else _said(exchange)
        step |= {"device": device} | ({"speaker": speaker} if speaker else {})
        if speaker:
            self._add_person(speaker)
        waited_s = int((self._ports.clock.now_utc() - self._last_at).total_seconds())
        if waited_s:
            step["advance"] = f"{waited_s}s"
            self._last_at += timedelta(seconds=waited_s)
        changed = {
            name: value for name, value in self._household_knobs().items() if self._knobs.get(name, ...) != value
        }
        if changed:
            # Somebody has changed the limits while the conversation was held.
            step["outside"] = {"policy": _knobs_json(changed)}
            self._knobs = {**self._knobs, **changed}
        step["hear"] = [_heard(exchange, self._address)]
        if exchange.reply is not None:
            step["expects"] = exchange.reply.expects.value
        screen = screen_of(exchange.response)
        if screen is not None and screen.title:
            step["shows"] = [screen.title]
        step["cart"] = {each.sku: each.quantity for each in cart_seen(self._ports, self._owner)}
        self._steps.append(step)

    def to_yaml(self, title: str) -> str:
        return write_conversation(self._start | {"title": title, "steps": self._steps})

    def _household_knobs(self) -> Mapping[str, Any]:
        return self._ports.policies.layer("household", self._household_id).knobs if self._household_id else {}

    def _add_person(self, speaker: str) -> None:
        """The limits of a speaker, and of the profile that they are in, as they are when the speaker is first heard."""
        policies, household_id = self._ports.policies, self._household_id
        if household_id is None or speaker in self._set_up.get("people", {}):
            return
        own = policies.layer("person", f"{household_id}/{speaker}").knobs
        if not own:
            return
        self._set_up.setdefault("people", {})[speaker] = _knobs_json(own)
        if "profile" in own:
            knobs = policies.layer("profile", f"{household_id}/{own['profile']}").knobs
            self._set_up.setdefault("profiles", {})[own["profile"]] = _knobs_json(knobs)


def _knobs_json(knobs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: knob_json(value) for name, value in sorted(knobs.items())}


def captured_step(exchange: Exchange) -> tuple[bool, dict[str, Any] | None, str]:
    """Of a captured request: (whether a file has such a step, the deed where nothing was said in it, what it was in words)."""
    turn = exchange.turn
    if turn is None:
        return False, None, "a captured request"
    if turn.kind is Kind.LAUNCH:
        return True, {"launch": True}, "Opened the store"
    if turn.kind is Kind.SESSION_ENDED:
        return True, {"end": True}, "Walked away"
    if turn.kind is Kind.INTENT and turn.intent:
        return True, None, turn.words or turn.intent
    return False, None, turn.event or turn.kind.value.replace("_", " ")


def recording_name(at: datetime) -> str:
    return f"conversation-{at:%Y%m%d-%H%M%S}.yaml"


def _set_up(ports: Ports, household: Household | None, cart: Cart, knobs: Mapping[str, Any]) -> dict[str, Any]:
    """The household as the file's `household` has it. Its name, address and real code stay here."""
    kept: dict[str, Any] = {"cart": {line.sku: line.quantity for line in cart.lines}} if cart.lines else {}
    if household is None:
        return kept | {"linked": False}
    code = CODE if household.code_set else "none"
    return kept | {"time_zone": household.time_zone, "code": code, "policy": _knobs_json(knobs)}


def _said(exchange: Exchange) -> dict[str, Any]:
    understood = exchange.understood
    if understood is not None and "code" in understood.slots:
        return {"say": CODE if _was_ordered(exchange) else WRONG_CODE}
    if understood is not None and "confirmation_number" in understood.slots and _was_ordered(exchange):
        return {"say": "order {number}"}
    if exchange.words:
        return {"say": exchange.words}
    return {"intent": understood.intent, "slots": dict(understood.slots)} if understood else {"launch": True}


def _was_ordered(exchange: Exchange) -> bool:
    return (
        exchange.reply is not None and exchange.reply.display is not None and exchange.reply.display.kind == "receipt"
    )


def _heard(exchange: Exchange, address: str) -> str:
    """The speech; where a quote names a number to say, a pattern that remembers it, since it is drawn anew each time."""
    reply, speech = exchange.reply, exchange.heard.speech
    speech = speech.replace(address, ADDRESS) if address else speech
    is_quote = reply is not None and reply.display is not None and reply.display.kind == "quote"
    if reply is None or not is_quote or reply.expects is not Expect.FREE:
        return speech
    number = _LAST_NUMBER.search(speech)
    if number is None:
        return speech
    return f"/{re.escape(speech[: number.start()])}(?P<number>\\d+){re.escape(speech[number.end() :])}/"
