"""The conversations that a page holds: who talks on what, and every turn as it went."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from skill.app import App
from skill.errors import RequestRejected
from skill.guard.windows import local_time, zone
from skill.platforms.text import locales
from skill.shop.households import Household, HouseholdId
from skill.simulator import Platform, Verified
from skill.simulator.conversation import Touch
from skill.simulator.envelopes.captured import platform_of, send_anew, speak_for, user_in
from skill.simulator.envelopes.shapes import new_id
from skill.simulator.inside import decision_json, last_decision
from skill.simulator.recording import Recording, captured_step
from skill.simulator.screen import Screen, screen_of
from skill.simulator.talk import Exchange, Talk, talk_in_process

#: Conversations that are kept; the one that was silent longest is forgotten first.
TALKS_MAX = 100
#: Turns of one that are shown; older ones are forgotten.
TURNS_MAX = 200

GUEST = "guest"
MASKED = "••••"

Device = Literal["kitchen", "living-room", "display"]
#: The devices that have a screen.
SCREENS = ("display",)

_VERIFIED_TEXTS = {
    "achieved": "The voice code was right",
    "not_achieved": "The voice code was wrong",
    "not_enabled": "No voice code is set up",
}


class Setting(BaseModel):
    """Who talks to the skill, on what. `household` is an id, `guest` for nobody's, and "" for the first there is.

    `talk` is the handle of a conversation that goes on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: Platform = "alexa"
    locale: str = ""
    household: Annotated[str, Field(max_length=200)] = ""
    device: Device = "kitchen"
    speaker: Annotated[str, Field(max_length=100)] = ""
    talk: Annotated[str, Field(max_length=100)] = ""

    @field_validator("locale")
    @classmethod
    def _is_spoken(cls, locale: str) -> str:
        if locale and locale not in locales():
            raise ValueError(f"there are no sentences for {locale[:20]!r}; there are {', '.join(locales())}")
        return locale

    @field_validator("speaker")
    @classmethod
    def _is_a_name(cls, speaker: str) -> str:
        if not speaker.isprintable():
            raise ValueError("a speaker's name has characters that nobody can read")
        return speaker.strip()

    @property
    def conversation(self) -> tuple[str, str, str, str]:
        """What makes another conversation when it changes. Another speaker may break into one."""
        return (self.platform, self.locale, self.household, self.device)


class Said(Setting):
    """What is posted for a turn: words, or one thing that was done without any."""

    words: Annotated[str, Field(max_length=500)] = ""
    launch: bool = False
    touch: Touch | None = None
    verify: Verified | None = None
    redeliver: bool = False
    end: bool = False

    @property
    def setting(self) -> Setting:
        return Setting(**{name: getattr(self, name) for name in Setting.model_fields})


@dataclass(frozen=True, slots=True)
class TurnSeen:
    """A turn as the page shows it. `said` is what the shopper did; `decision` what the guard decided in it, if anything."""

    number: int
    said: str
    is_deed: bool
    speaker: str
    at: str
    exchange: Exchange
    decision: Mapping[str, Any] | None
    screen: Screen | None
    slots: Mapping[str, str]


@dataclass(slots=True)
class Held:
    """A conversation of the page, and whose it is. Whoever speaks in it holds `lock`."""

    talk: Talk
    setting: Setting
    owner: str
    household_id: HouseholdId | None
    recording: Recording
    lock: Lock = field(default_factory=Lock)
    turns: list[TurnSeen] = field(default_factory=list)
    decided: int = 0
    count: int = 0


class Talks:
    """The conversations of this process's pages."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = Lock()

    def get(self, handle: str) -> Held | None:
        with self._lock:
            held = self._held.get(handle)
            if held is not None:
                self._held.move_to_end(handle)
            return held

    def put(self, held: Held) -> str:
        handle = new_id()
        with self._lock:
            self._held[handle] = held
            while len(self._held) > TALKS_MAX:
                self._held.popitem(last=False)
        return handle


def open_talk(app: App, talks: Talks, setting: Setting) -> tuple[Held, str]:
    """The conversation that goes on, or a new one where there is none or something but the speaker has changed.

    Raises `HouseholdUnknown`, `RequestRejected`.
    """
    held = talks.get(setting.talk)
    if held is not None and held.setting.conversation == setting.conversation:
        return held, setting.talk
    household, user = _shopper(app, setting.platform, setting.household)
    return _put(app, talks, setting, household, user)


def _put(app: App, talks: Talks, setting: Setting, household: Household | None, user: str) -> tuple[Held, str]:
    owner = household.household_id if household else f"guest:{setting.platform}:{user}"
    has_screen = setting.device in SCREENS and setting.platform == "alexa"
    talk = talk_in_process(app, setting.platform, user, device=setting.device, screen=has_screen, locale=setting.locale)
    screens = SCREENS if has_screen else ()
    recording = Recording(app.ports, setting.platform, setting.locale, owner, household, screens)
    held = Held(talk, setting, owner, household.household_id if household else None, recording)
    held.decided = _last_decided(app, household)
    return held, talks.put(held)


def _shopper(app: App, platform: str, household_id: str) -> tuple[Household | None, str]:
    """The household and its account on the platform. Raises `HouseholdUnknown`, `RequestRejected`."""
    if household_id == GUEST:
        return None, f"guest-{new_id()}"
    household = app.ports.households.get(HouseholdId(household_id))
    linked = dict(app.ports.households.linked(household.household_id))
    if platform not in linked:
        raise RequestRejected(
            f"{household.name} has no account linked on {platform}: link one below, or with "
            f"sayso household link {household_id} --platform {platform} --user simulator-{household_id}"
        )
    return household, linked[platform]


def take_turn(app: App, held: Held, said: Said) -> None:
    """What was said, through the platform's adapter and back. Raises `RequestRejected`."""
    speaker = said.speaker or None
    held.talk.recognise(speaker)
    words = " ".join(said.words.split())
    deed: dict[str, Any] | None = None
    exchange: Exchange | None
    if said.launch:
        exchange, deed, shown = held.talk.launch(), {"launch": True}, "Opened the store"
    elif said.verify is not None:
        exchange, deed, shown = held.talk.verify(said.verify), {"verify": said.verify}, _VERIFIED_TEXTS[said.verify]
    elif said.touch is not None:
        exchange, deed, shown = held.talk.touch(said.touch), {"touch": said.touch}, f"Touched {said.touch}"
    elif said.redeliver:
        exchange, deed, shown = held.talk.redeliver(), {"redeliver": True}, "The last request once more"
    elif said.end:
        exchange, deed, shown = held.talk.end(), {"end": True}, "Walked away"
    elif words:
        exchange, shown = held.talk.say(words), words
    else:
        raise RequestRejected("nothing was said")
    if exchange is None:
        # This platform tells nobody that the shopper has left, so there is nothing to show.
        return
    held.recording.add(exchange, device=held.setting.device, speaker=speaker, deed=deed)
    _note(app, held, exchange, shown, said.speaker, is_deed=deed is not None)


def take_captured(
    app: App, talks: Talks, captured: tuple[dict[str, Any], ...], setting: Setting, *, anew: bool
) -> tuple[Held, str]:
    """Runs requests that a platform sent once, in a conversation of their own: (it, its handle).

    `setting.household` is whose account they are to be of; `guest` leaves them as they are. Raises `HouseholdUnknown`,
    `RequestRejected`.
    """
    platform = platform_of(captured[0])
    if any(platform_of(each) != platform for each in captured):
        raise RequestRejected("these requests are of several platforms; paste those of one")
    household, user = _shopper(app, platform, setting.household)
    is_spoken_for = household is not None
    if household is None and user_in(captured[0]):
        user = user_in(captured[0])
        household = app.ports.households.of_user(platform, user)
    setting = setting.model_copy(
        update={"platform": platform, "household": household.household_id if household else GUEST}
    )
    held, handle = _put(app, talks, setting, household, user)
    with held.lock:
        for each in captured:
            request = send_anew(each, platform) if anew else each
            if is_spoken_for:
                request = speak_for(request, platform, user, held.talk.token_of(user))
            exchange = held.talk.send_captured(request)
            is_step, deed, shown = captured_step(exchange)
            if is_step:
                held.recording.add(exchange, device=setting.device, speaker=None, deed=deed)
            _note(app, held, exchange, shown, "", is_deed=True)
        _speak_its_language(held)
    return held, handle


def _speak_its_language(held: Held) -> None:
    """What is said next is said in the language of what was captured, where there are sentences in it."""
    locale = held.talk.envelopes.locale
    if locale in locales():
        held.talk.locale = locale
        held.setting = held.setting.model_copy(update={"locale": locale})


def _note(app: App, held: Held, exchange: Exchange, shown: str, speaker: str, *, is_deed: bool) -> None:
    household = app.ports.households.get(held.household_id) if held.household_id else None
    slots = dict(exchange.understood.slots) if exchange.understood else {}
    if "code" in slots:
        # A purchase code is shown nowhere but in the envelope that carried it.
        slots["code"] = shown = MASKED
    decision = last_decision(app.ports, household) if household else None
    fresh = decision if decision and decision.number > held.decided else None
    if fresh:
        held.decided = fresh.number
    held.count += 1
    held.turns.append(
        TurnSeen(
            number=held.count,
            said=shown,
            is_deed=is_deed,
            speaker=speaker,
            at=f"{_local(app, household):%H:%M:%S}",
            exchange=exchange,
            decision=decision_json(fresh, household, app.ports.store.currency) if fresh and household else None,
            screen=screen_of(exchange.response),
            slots=slots,
        )
    )
    del held.turns[:-TURNS_MAX]


def _local(app: App, household: Household | None) -> Any:
    now = app.ports.clock.now_utc()
    return local_time(household, now) if household else now.astimezone(zone(app.ports.store.time_zone))


def _last_decided(app: App, household: Household | None) -> int:
    decision = last_decision(app.ports, household) if household else None
    return decision.number if decision else 0
