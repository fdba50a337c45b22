"""Conversation files that are played on a page, one step at a time: what each step wants, and what there was."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from skill.errors import ConversationInvalid
from skill.shop.catalogue import Product
from skill.simulator.conversation import Conversation
from skill.simulator.envelopes.shapes import new_id
from skill.simulator.inside import inside_json
from skill.simulator.replay import Played, Stage, owner_of, person_of, play, set_stage
from skill.simulator.screen import Screen, screen_of

#: Replays that are kept, each with a store of its own; the one that was looked at longest ago is taken down first.
REPLAYS_MAX = 4

#: The conversations that the project itself is tested with; an installed package has none.
COMMITTED = Path(__file__).parents[2] / "tests" / "conversations"

MakeStore = Callable[[Path], Sequence[Product]]


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step that was played, with both envelopes, and what stood behind the conversation after it."""

    played: Played
    screen: Screen | None
    request: str
    response: str
    inside: dict[str, Any]


@dataclass(slots=True)
class Replay:
    """A conversation on its stage. Whoever plays it holds `lock`."""

    named: str
    text: str
    conversation: Conversation
    platform: str
    stage: Stage
    folder: Path
    steps: Iterator[Played]
    seen: list[StepSeen] = field(default_factory=list)
    problem: str = ""
    lock: Lock = field(default_factory=Lock)

    @property
    def is_over(self) -> bool:
        return bool(self.problem) or len(self.seen) == len(self.conversation.steps)

    @property
    def wrong(self) -> int:
        return sum(1 for each in self.seen if each.played.problems)

    def take_down(self) -> None:
        self.stage.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def play_one(self) -> None:
        """The next step. What the file wants of the shop and cannot have ends the replay, and says so."""
        try:
            played = next(self.steps, None)
        except ConversationInvalid as invalid:
            self.problem = str(invalid)
            return
        if played is None:
            return
        exchange, step, ports = played.exchange, played.step, self.stage.app.ports
        household = ports.households.get(self.stage.households[step.household].household_id)
        owner = owner_of(self.stage, step.household)
        is_guest = owner != household.household_id
        speaker = person_of(step.speaker) if step.speaker else None
        self.seen.append(
            StepSeen(
                played,
                screen_of(exchange.response) if exchange else None,
                json.dumps(exchange.request, indent=2, ensure_ascii=False) if exchange else "",
                json.dumps(exchange.response, indent=2, ensure_ascii=False) if exchange else "",
                inside_json(ports, owner, None if is_guest else household, speaker),
            )
        )


class Replays:
    """The replays of this process's pages. The store that they are played in is made at the first of them."""

    def __init__(self, make_store: MakeStore) -> None:
        self._make_store = make_store
        self._held: OrderedDict[str, Replay] = OrderedDict()
        self._lock = Lock()
        self._folder: Path | None = None
        self._products: Sequence[Product] = ()

    def get(self, handle: str) -> Replay | None:
        with self._lock:
            held = self._held.get(handle)
            if held is not None:
                self._held.move_to_end(handle)
            return held

    def begin(self, named: str, text: str, conversation: Conversation, platform: str, handle: str = "") -> str:
        """Its handle; with the handle of another, in its place. Raises `ConversationInvalid`."""
        if platform not in conversation.platforms:
            raise ConversationInvalid(f"{named} is for {', '.join(conversation.platforms)}, not for {platform}")
        with self._lock:
            store = self._make_sample()
        folder = store.with_name(new_id())
        try:
            stage = set_stage(conversation, platform, store, self._products, folder)
        except ConversationInvalid:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        handle = handle or new_id()
        gone = []
        with self._lock:
            if handle in self._held:
                gone.append(self._held.pop(handle))
            self._held[handle] = Replay(named, text, conversation, platform, stage, folder, play(stage))
            while len(self._held) > REPLAYS_MAX:
                gone.append(self._held.popitem(last=False)[1])
        for each in gone:
            with each.lock:
                each.take_down()
        return handle

    def _make_sample(self) -> Path:
        if self._folder is None:
            folder = Path(tempfile.mkdtemp(prefix="sayso-replays-"))
            weakref.finalize(self, _clear, folder, self._held)
            self._products = self._make_store(folder / "store")
            self._folder = folder
        return self._folder / "store"


def _clear(folder: Path, held: OrderedDict[str, Replay]) -> None:
    """When the server ends, nothing of its replays stays behind."""
    for each in held.values():
        each.take_down()
    shutil.rmtree(folder, ignore_errors=True)


def committed_names() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in COMMITTED.glob("*.yaml"))) if COMMITTED.is_dir() else ()


def read_committed(named: str) -> str:
    """Raises `ConversationInvalid` for a name that is none of them."""
    if named not in committed_names():
        raise ConversationInvalid(f"{named[:60]!r} is none of the conversations in tests/conversations")
    return (COMMITTED / named).read_text(encoding="utf-8")
