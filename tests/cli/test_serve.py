"""`sayso serve`, as a process of its own: it says where it is, answers, and says plainly why it cannot."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.simulator.talk import talk_over_http

ROOT = Path(__file__).parents[2]


def serve(data: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from skill.cli import main; main()", "serve", *options],
        cwd=ROOT,
        env=kept | {"SAYSO_DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def served(data: Path, demo: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = serve(data, "--port", str(free_port()))
    assert process.stdout is not None
    try:
        yield process.stdout.readline().rsplit(" ", 1)[-1].strip(), process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_server_says_where_it_is_and_answers_there(served: tuple[str, subprocess.Popen[str]]) -> None:
    url, process = served
    with urllib.request.urlopen(f"{url}/healthz", timeout=20) as health:
        assert json.load(health)["ok"]
    assert "Bananas" in talk_over_http(url, "alexa", "simulator", locale="en-US").say("find bananas").heard.speech
    with urllib.request.urlopen(url, timeout=20) as page:
        assert 'action="/simulator/clock"' in page.read().decode(), (
            "nobody outside takes part, so its clock can be moved"
        )
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert "SAYSO_SKILL_ID is not set: requests of any skill are taken" in said
    assert "Traceback" not in said
    assert 0 == process.returncode


def test_a_port_in_use_is_said_in_one_line(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = serve(data, "--port", str(port))
        said, complained = process.communicate(timeout=60)
    assert ("", f"Error: port {port} is in use; stop what listens there, or take another with --port\n") == (
        said,
        complained,
    )
    assert 1 == process.returncode


def test_an_address_that_others_reach_demands_a_skill_id(data: Path) -> None:
    process = serve(data, "--host", "0.0.0.0", "--port", str(free_port()))
    said, complained = process.communicate(timeout=60)
    assert "" == said
    assert complained.startswith("Error: a server on 0.0.0.0 can be reached by others: set SAYSO_SKILL_ID")
    assert 1 == process.returncode
