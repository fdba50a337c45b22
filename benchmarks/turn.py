"""A whole Alexa turn against a skill on stock ask-sdk-core that does nothing: CPU ratios, measured side by side in one run.

    python benchmarks/turn.py [--rounds 15] [--json]

Both take a request body and give a response body. Ours is the real adapter, dialogue, guard and embedded store over the
sample catalogue; every turn is read, decided, written and committed. Theirs is `SkillBuilder().lambda_handler()` with ten
intent handlers that say one word. A round runs every kind of turn once in blocks beside a block of theirs of the same length;
the figure is the median over the rounds of CPU time by CPU time (user and system, every thread). The turn that checks a
purchase code is left out: what its hash costs is chosen, and is most of it.

Goals: turns that do not search at most 1.3, turns that search at most 3. Exits with 1 where one is missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from ask_sdk_core.dispatch_components import AbstractRequestHandler
from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_intent_name

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household, make_sample_store
from skill.platforms.alexa import AlexaSkill
from skill.settings import Settings
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes

GOAL_WITHOUT_SEARCH = 1.3
GOAL_WITH_SEARCH = 3.0
TURNS_PER_BLOCK = 100
QUERIES = (
    "oat milk",
    "dog food",
    "bread",
    "cheap coffee",
    "crackers",
    "dish soap under five dollars",
    "apples",
    "yogurt",
)

Turn = Callable[[str], str]


def stock_builder() -> SkillBuilder:
    """A skill of ten intents that does nothing, as the SDK's own documentation writes one."""

    def handling(name: str) -> AbstractRequestHandler:
        class Handler(AbstractRequestHandler):
            def can_handle(self, handler_input: Any) -> bool:
                return bool(is_intent_name(name)(handler_input))

            def handle(self, handler_input: Any) -> Any:
                return handler_input.response_builder.speak("Okay.").ask("What next?").response

        return Handler()

    builder = SkillBuilder()
    for number in range(10):
        builder.add_request_handler(handling(f"intent_{number}"))
    return builder


def stock_turn() -> Turn:
    handler = stock_builder().lambda_handler()
    return lambda body: json.dumps(handler(json.loads(body), None))


def our_turn(app: App) -> Turn:
    skill = AlexaSkill(app.answer, store=app.ports.store.store_id, skill_id="amzn1.ask.skill.simulated")
    return lambda body: json.dumps(skill.invoke_json(body))


class Shopper:
    """Makes the bodies of the requests. Every one has an id of its own, so that none is answered from memory."""

    def __init__(self, now: Callable[[], Any]) -> None:
        numbers = count()
        self.envelopes = AlexaEnvelopes(SIMULATED_USER, ids=lambda: f"{next(numbers):012}", now=now)

    def say(self, intent: str, **slots: str) -> str:
        return json.dumps(self.envelopes.intent(intent, slots))


#: What is said before a block, and again and again in it. Each leaves the conversation where it was.
KINDS: dict[str, tuple[tuple[tuple[str, dict[str, str]], ...], tuple[str, dict[str, str]]]] = {
    "help": ((), ("help", {})),
    "show cart": ((("add_to_cart", {"product": "oat milk"}),), ("show_cart", {})),
    "choose": ((("find_products", {"product_query": "milk"}),), ("choose_item", {"ordinal": "2"})),
    "describe": ((("find_products", {"product_query": "milk"}),), ("describe_item", {"ordinal": "1"})),
    "set quantity": (
        (("find_products", {"product_query": "bread"}), ("choose_item", {"ordinal": "1"}), ("yes", {})),
        ("set_quantity", {"quantity": "2", "ordinal": "1"}),
    ),
    "check out": (
        (("find_products", {"product_query": "bread"}), ("choose_item", {"ordinal": "1"}), ("yes", {})),
        ("check_out", {}),
    ),
    "no": ((), ("no", {})),
    "fallback": ((), ("fallback", {})),
}


def measure(rounds: int) -> Iterator[tuple[str, list[float]]]:
    """Every kind of turn and its ratios, one a round."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        make_sample_store(data)
        app = build_app(Settings(data_dir=data, keys_dir=data / "keys"))
        try:
            ensure_demo_household(app)
            shopper, ours, theirs = Shopper(app.ports.clock.now_utc), our_turn(app), stock_turn()
            ratios: dict[str, list[float]] = {name: [] for name in (*KINDS, "find")}
            gc.collect()
            gc.freeze()
            for number in range(rounds + 1):
                for name in ratios:
                    ratio = _ratio(shopper, ours, theirs, name)
                    if number:  # the first round warms up
                        ratios[name].append(ratio)
            yield from ratios.items()
        finally:
            app.close()


def _ratio(shopper: Shopper, ours: Turn, theirs: Turn, name: str) -> float:
    if name == "find":
        bodies = [
            shopper.say("find_products", product_query=QUERIES[at % len(QUERIES)]) for at in range(TURNS_PER_BLOCK)
        ]
    else:
        before, (intent, slots) = KINDS[name]
        ours(shopper.say("clear_cart"))
        ours(shopper.say("yes"))
        for said, with_slots in before:
            ours(shopper.say(said, **with_slots))
        bodies = [shopper.say(intent, **slots) for _ in range(TURNS_PER_BLOCK)]
    stock = [shopper.say("intent_5", product="oat milk") for _ in range(TURNS_PER_BLOCK)]
    return _cpu_s(ours, bodies) / _cpu_s(theirs, stock)


def _cpu_s(turn: Turn, bodies: list[str]) -> float:
    start = time.process_time()
    for body in bodies:
        turn(body)
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description="A whole Alexa turn against a do-nothing skill on stock ask-sdk-core.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {name: median(ratios) for name, ratios in measure(options.rounds)}
    searching = figures.pop("find")
    without = sum(figures.values()) / len(figures)
    if options.json:
        print(json.dumps({"turns": figures, "without_search": without, "with_search": searching}))
    else:
        for name, ratio in figures.items():
            print(f"  {name:<16} {ratio:5.2f}")
        print(f"without search     {without:5.2f}   (goal {GOAL_WITHOUT_SEARCH})")
        print(f"with search        {searching:5.2f}   (goal {GOAL_WITH_SEARCH})")
    return int(without > GOAL_WITHOUT_SEARCH or searching > GOAL_WITH_SEARCH)


if __name__ == "__main__":
    sys.exit(main())
