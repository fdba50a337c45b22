"""What the platforms' adapters cost, against what their makers ship: ratios, measured side by side in one run.

    python benchmarks/platforms.py [--rounds 15] [--json]

Needs google-cloud-dialogflow-cx and gunicorn (`pip install -e '.[test,clients]' gunicorn`). Each figure is the median over the
rounds; within a round both sides do the same number of requests in turn.

  turn      Alexa, a turn that does not search, dict to dict, whole: read, decided, written to SQLite and committed; against
            `SkillBuilder().lambda_handler()` of a ten-intent skill that says one word. CPU time by CPU time. At most 1.3.
  cx        Dialogflow CX's adapter alone, text to text, against reading the same request and writing the same response with
            Google's proto-plus types. CPU time by CPU time. At most 0.15.
  verify    what checking Alexa's signature, certificates (cached), age and skill adds to a request. CPU time. At most 100 µs.
  requests  requests a second of `create_app` under gunicorn (one synchronous worker), the same turns as above, against
            flask_ask_sdk with the do-nothing skill under the same gunicorn; neither verifies. By the worker's own processor time,
            so that what else the machine does is not counted. At least 1.0. `wall` is the same by the clock on the wall.

Exits with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from turn import stock_builder  # noqa: E402

from skill.app import build_app  # noqa: E402
from skill.cli.demo import ensure_demo_household, make_sample_store  # noqa: E402
from skill.platforms.alexa import AlexaEnvelope, AlexaSkill  # noqa: E402
from skill.platforms.alexa_verify import AlexaVerifier  # noqa: E402
from skill.platforms.dialogflow_cx import DialogflowCx  # noqa: E402
from skill.settings import Settings  # noqa: E402
from skill.simulator import SIMULATED_USER  # noqa: E402
from skill.simulator.envelopes import AlexaEnvelopes, DialogflowCxEnvelopes  # noqa: E402
from skill.turn import Display, DisplayItem, Expect, Reply  # noqa: E402

GOALS = {"turn": 1.3, "cx": 0.15, "verify": 100.0, "requests": 1.0}
#: Where more is better; everywhere else less is.
AT_LEAST = frozenset({"requests"})

TURNS_PER_BLOCK = 100
REQUESTS_PER_BLOCK = 200
START_S_MAX = 60.0
#: Where both servers tell how much processor time they have used.
CPU_PATH = "/cpu"
#: Turns that search nothing and leave the conversation as it was.
SAID = ("help", "show_cart", "no", "fallback")


class Shopper:
    """Makes the requests. Every one has an id of its own, so that none is answered from memory."""

    def __init__(self, session: str) -> None:
        numbers = count()
        self._envelopes = AlexaEnvelopes(SIMULATED_USER, ids=lambda: f"{session}-{next(numbers):012}")

    def say(self, intent: str, **slots: str) -> dict[str, Any]:
        return self._envelopes.intent(intent, slots)

    def ours(self, number: int) -> list[dict[str, Any]]:
        return [self.say(SAID[at % len(SAID)]) for at in range(number)]

    def stocks(self, number: int) -> list[dict[str, Any]]:
        return [self.say("intent_5", product="oat milk") for _ in range(number)]


def cpu_s(work: Callable[[Any], Any], requests: Sequence[Any]) -> float:
    start = time.process_time()
    for request in requests:
        work(request)
    return time.process_time() - start


def measure_turn(data: Path, rounds: int) -> float:
    app = build_app(Settings(data_dir=data, keys_dir=data / "keys"))
    try:
        ensure_demo_household(app)
        skill = AlexaSkill(app.answer, store=app.ports.store.store_id, skill_id="amzn1.ask.skill.simulated")
        stock, shopper = stock_builder().lambda_handler(), Shopper("turn")
        skill.handle(shopper.say("add_to_cart", product="oat milk"))
        ratios = []
        for _ in range(rounds + 1):
            ours = cpu_s(skill.handle, shopper.ours(TURNS_PER_BLOCK))
            ratios.append(ours / cpu_s(lambda event: stock(event, None), shopper.stocks(TURNS_PER_BLOCK)))
        return median(ratios[1:])  # the first round warms up
    finally:
        app.close()


REPLY = Reply(
    "I found three. First, Oat milk, $2.49. Second, Rice milk, $2.99. Third, Soy milk, $1.99. Which one would you like?",
    Expect.FREE,
    reprompt="Which one would you like?",
    suggestions=("the first one", "more"),
    display=Display(
        "products",
        "What I found",
        "",
        tuple(DisplayItem(str(at), f"{kind} milk", "1 l", "$2.49") for at, kind in enumerate(("Oat", "Rice", "Soy"))),
    ),
)


def measure_cx(rounds: int) -> float:
    from google.cloud.dialogflowcx_v3 import types

    webhook = DialogflowCx(lambda turn: REPLY, store="corner")
    envelopes = DialogflowCxEnvelopes("ada")
    bodies = [
        json.dumps(envelopes.intent("add_to_cart", {"quantity": "2", "ordinal": "2"}, "add two of the second one"))
        for _ in range(TURNS_PER_BLOCK)
    ]
    written = webhook.invoke_json(bodies[0])

    def ours(body: str) -> str:
        return json.dumps(webhook.invoke_json(body))

    def googles(body: str) -> str:
        request = types.WebhookRequest.from_json(body)
        assert request.fulfillment_info.tag == "add_to_cart"
        return str(types.WebhookResponse.to_json(types.WebhookResponse(_snake(written))))

    ratios = [cpu_s(ours, bodies) / cpu_s(googles, bodies) for _ in range(rounds + 1)]
    return median(ratios[1:])


def _snake(written: Any) -> Any:
    """The response with the proto-plus types' own names for its fields; what is in free structures stays."""
    messages = []
    for each in written["fulfillmentResponse"]["messages"]:
        message = dict(each)
        if "outputAudioText" in message:
            message["output_audio_text"] = message.pop("outputAudioText")
        messages.append(message)
    session = written["sessionInfo"]
    return {
        "fulfillment_response": {"messages": messages, "merge_behavior": "REPLACE"},
        "session_info": {"session": session["session"], "parameters": session["parameters"]},
    }


def measure_verify(rounds: int) -> float:
    """µs a request. The keys are made here, so that everything is as it is with Amazon's own but the names in the chain."""
    from tests.platforms.signing import NOW, URL, Chain, sign

    chain = Chain()
    verifier = AlexaVerifier(now=lambda: NOW, roots=[chain.root], fetch=lambda url: chain.pem())
    envelopes = AlexaEnvelopes(SIMULATED_USER, now=lambda: NOW)
    signed = []
    for _ in range(TURNS_PER_BLOCK):
        envelope = envelopes.intent("help")
        body = json.dumps(envelope).encode()
        headers = {"Signature-256": sign(body), "SignatureCertChainUrl": URL}
        signed.append((headers, body, AlexaEnvelope(envelope)))
    spent = [cpu_s(lambda each: verifier.verify(*each), signed) / TURNS_PER_BLOCK for _ in range(rounds + 1)]
    return median(spent[1:]) * 1e6


# --- under gunicorn ---------------------------------------------------------------------------------------------------


def serve_ours() -> Any:
    """What gunicorn serves for us: the store in SAYSO_DATA_DIR."""
    from skill.settings import read_settings
    from skill.web import create_app, settle_memory

    app = build_app(read_settings(os.environ))
    ensure_demo_household(app)
    flask = _with_clock(create_app(app))
    settle_memory()  # as `sayso serve` does before it serves
    return flask


def serve_stock() -> Any:
    """What gunicorn serves for the SDK: its Flask extension with the do-nothing skill, unverified."""
    from flask import Flask

    from skill.platforms.flask_ask_sdk_import import import_skill_adapter

    flask = Flask("stock")
    flask.config["ASK_SDK_VERIFY_SIGNATURE"] = flask.config["ASK_SDK_VERIFY_TIMESTAMP"] = False
    adapter = import_skill_adapter()(skill=stock_builder().create(), skill_id="", app=flask)
    flask.add_url_rule("/alexa", view_func=adapter.dispatch_request, methods=["POST"])
    return _with_clock(flask)


def _with_clock(flask: Any) -> Any:
    flask.add_url_rule(CPU_PATH, "cpu", lambda: str(time.process_time()), methods=["POST"])
    return flask


@contextmanager
def served(factory: str, data: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--log-level", "error"]
    server = subprocess.Popen(
        [sys.executable, *command, "--chdir", str(ROOT / "benchmarks"), f"platforms:{factory}()"],
        env=os.environ | {"SAYSO_DATA_DIR": str(data)},
    )
    try:
        deadline = time.monotonic() + START_S_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise SystemExit(f"gunicorn did not serve {factory}") from None
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def post(port: int, body: bytes, path: str = "/alexa") -> bytes:
    """On a connection of its own, as the synchronous worker wants it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"port {port} answered {answer.status}")
    return text


def seconds_for(port: int, requests: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """What the requests took, one after the other: of the worker's processor time, and on the wall."""
    bodies = [json.dumps(each).encode() for each in requests]
    before, start = float(post(port, b"", CPU_PATH)), time.perf_counter()
    for body in bodies:
        post(port, body)
    wall = time.perf_counter() - start
    return float(post(port, b"", CPU_PATH)) - before, wall


def measure_requests(data: Path, rounds: int) -> tuple[float, float]:
    shopper = Shopper("requests")
    ratios = []
    with served("serve_ours", data) as ours, served("serve_stock", data) as stock:
        for _ in range(rounds + 1):
            mine = seconds_for(ours, shopper.ours(REQUESTS_PER_BLOCK))
            theirs = seconds_for(stock, shopper.stocks(REQUESTS_PER_BLOCK))
            ratios.append((theirs[0] / mine[0], theirs[1] / mine[1]))
    return median(cpu for cpu, _ in ratios[1:]), median(wall for _, wall in ratios[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description="What the platforms' adapters cost.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        make_sample_store(data)
        gc.collect()
        gc.freeze()
        figures = {"turn": measure_turn(data, options.rounds), "verify": measure_verify(options.rounds)}
        figures["requests"], figures["wall"] = measure_requests(data, options.rounds)
        figures["cx"] = measure_cx(options.rounds)
    missed = [
        name for name, goal in GOALS.items() if (figures[name] < goal if name in AT_LEAST else figures[name] > goal)
    ]
    if options.json:
        print(json.dumps(figures | {"missed": missed}))
    else:
        for name, goal in GOALS.items():
            print(f"{name:<10} {figures[name]:8.2f}   (at {'least' if name in AT_LEAST else 'most'} {goal})")
        print(f"{'wall':<10} {figures['wall']:8.2f}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
