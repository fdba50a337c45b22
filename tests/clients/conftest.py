"""A store of its own for each test, served by the real command, and the outside clients that order from it.

Nothing here skips: where a client or its runtime is missing, the test fails and says what to install.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
START_S_MAX = 60.0
CODE = "4821"
ALEXA_USER = "amzn1.ask.account.CLIENTTESTS"


def run_sayso(data_dir: Path, *arguments: str, stdin: str = "") -> str:
    """What the `sayso` command prints; its complaint in the failure otherwise."""
    done = subprocess.run(
        [sys.executable, "-c", "from skill.cli import main; main()", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=sayso_environment(data_dir),
        check=False,
    )
    assert 0 == done.returncode, f"sayso {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def sayso_environment(data_dir: Path) -> dict[str, str]:
    """The process's own environment, less any setting of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
    return kept | {"SAYSO_DATA_DIR": str(data_dir)}


def create_household(data_dir: Path, alexa_user: str) -> str:
    created = json.loads(run_sayso(data_dir, "household", "create", "--address", "7 Mill Road", "--json"))
    household_id = str(created["household_id"])
    run_sayso(data_dir, "household", "link", household_id, "--platform", "alexa", "--user", alexa_user)
    # The served stores run by the clock on the wall: whoever tests in the evening must be able to order too.
    run_sayso(data_dir, "policy", "set", "--household", household_id, "quiet_hours=none")
    return household_id


@dataclass(frozen=True)
class ServedStore:
    """A running `sayso serve` and the household that shops there."""

    data_dir: Path
    url: str
    household_id: str
    alexa_user: str
    code: str

    def add_household(self, alexa_user: str, *limits: str) -> str:
        """Another household, without a code; its id."""
        household_id = create_household(self.data_dir, alexa_user)
        run_sayso(self.data_dir, "policy", "set", "--household", household_id, *limits)
        return household_id

    def link(self, platform: str, user: str) -> None:
        """Another account of the store's household."""
        run_sayso(self.data_dir, "household", "link", self.household_id, "--platform", platform, "--user", user)

    def orders(self) -> list[dict[str, Any]]:
        listed = json.loads(run_sayso(self.data_dir, "orders", "list", "--json"))
        return list(listed["orders"] if isinstance(listed, dict) else listed)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server stopped: {log.read_text()}"
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"the server did not answer within {START_S_MAX} s: {log.read_text()}")


@pytest.fixture(scope="session")
def set_up_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample store's data directory, and a household with a code and a linked account, as the commands set them up."""
    data_dir = tmp_path_factory.mktemp("set-up-store")
    run_sayso(data_dir, "demo")
    household_id = create_household(data_dir, ALEXA_USER)
    run_sayso(data_dir, "household", "code", household_id, stdin=f"{CODE}\n")
    return data_dir, household_id


@pytest.fixture
def served_store(tmp_path: Path, set_up_store: tuple[Path, str]) -> Iterator[ServedStore]:
    """A copy of that store with no order in it yet, behind a server of its own."""
    data_dir, household_id = tmp_path / "data", set_up_store[1]
    shutil.copytree(set_up_store[0], data_dir)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = tmp_path / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", "from skill.cli import main; main()", "serve", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=sayso_environment(data_dir),
        )
    try:
        wait_until_healthy(url, server, log)
        yield ServedStore(data_dir, url, household_id, ALEXA_USER, CODE)
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture(scope="session")
def clients_dir() -> Path:
    """Where `make test-clients` has installed the Node clients."""
    installed = Path(os.environ.get("SAYSO_CLIENTS") or ROOT / ".clients") / "node_modules"
    if shutil.which("node") is None:
        pytest.fail("these tests need Node.js 18 or later on the PATH (Debian, Ubuntu: apt install nodejs npm)")
    if not (installed / "virtual-alexa").is_dir():
        pytest.fail(f"there are no clients in {installed}: run `make test-clients`, which installs them")
    return installed


@dataclass
class Spoken:
    """What one turn over Virtual Alexa brought."""

    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def words(self) -> str:
        """The speech without its markup."""
        speech = self.response["response"].get("outputSpeech", {})
        return re.sub(r"<[^>]+>", " ", speech.get("ssml") or speech.get("text") or "").strip()

    @property
    def intent(self) -> str:
        return str(self.request["request"]["intent"]["name"])

    @property
    def ended(self) -> bool:
        return bool(self.response["response"].get("shouldEndSession"))


class VirtualAlexa:
    """A speaker that understands by our generated interaction model and talks to our webhook."""

    def __init__(self, store: ServedStore, clients: Path, model: Path, user: str, device: str) -> None:
        self._node = subprocess.Popen(
            [
                "node",
                str(Path(__file__).with_name("virtual_alexa.cjs")),
                f"{store.url}/alexa",
                str(model),
                user,
                device,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"NODE_PATH": str(clients)},
        )

    def launch(self) -> Spoken:
        return self._perform({"launch": True})

    def utter(self, words: str) -> Spoken:
        return self._perform({"utter": words})

    def intend(self, intent: str, **slots: str) -> Spoken:
        return self._perform({"intend": intent, "slots": slots})

    def close(self) -> None:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait(timeout=10)

    def _perform(self, step: dict[str, Any]) -> Spoken:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(step) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, f"Virtual Alexa stopped with {self._node.wait(timeout=10)} at {step}"
        outcome = json.loads(line)
        if "error" in outcome:
            raise AssertionError(f"{step}: {outcome['error']} (request: {outcome.get('request')})")
        return Spoken(outcome["request"], outcome["response"])


@pytest.fixture(scope="session")
def start_virtual_alexa() -> type[VirtualAlexa]:
    return VirtualAlexa
