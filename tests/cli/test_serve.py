"""`sayso serve`, as a process of its own: it says where it is, answers, and says plainly why it cannot."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from skill.cli.sign_in import ADDRESS_NOTE
from skill.simulator.talk import talk_over_http
from tests.cli.conftest import Run

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


def test_a_link_leads_to_the_server_that_runs(served: tuple[str, subprocess.Popen[str]], run: Run) -> None:
    url, process = served
    assert run("sign-in", "link").out.startswith(f"{url}/welcome/")
    assert run("sign-in", "link", "--household", "hh_demo").out.startswith(f"{url}/welcome/")
    process.terminate()
    process.communicate(timeout=20)
    assert run("sign-in", "link").out.startswith("http://127.0.0.1:8080/welcome/")


def test_a_server_that_ends_leaves_the_address_of_a_later_one(data: Path, demo: str, run: Run) -> None:
    earlier, later = serve(data, "--port", str(free_port())), serve(data, "--port", str(port := free_port()))
    try:
        for each in (earlier, later):
            assert each.stdout is not None
            each.stdout.readline()
        (data / ADDRESS_NOTE).write_text(f"http://127.0.0.1:{port}\n")
        earlier.terminate()
        earlier.communicate(timeout=20)
        assert run("sign-in", "link").out.startswith(f"http://127.0.0.1:{port}/welcome/")
    finally:
        for each in (earlier, later):
            each.terminate()
            each.communicate(timeout=20)


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


def status_of(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_server_that_a_proxy_stands_before_has_no_simulator(data: Path, demo: str) -> None:
    """The proxy is on this machine too, and asks for 127.0.0.1: nothing but the settings tells that others are served."""
    process = serve(
        data, "--port", str(free_port()), SAYSO_SKILL_ID="amzn1.ask.skill.ours", SAYSO_DIALOGFLOW_SECRET="s3cret"
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().rsplit(" ", 1)[-1].strip()
        assert [404, 404] == [status_of(url), status_of(url, **{"X-Forwarded-For": "203.0.113.9"})]
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=20)
    assert "talk to it" not in said


def test_a_developers_own_server_answers_no_proxy(served: tuple[str, subprocess.Popen[str]]) -> None:
    url, _ = served
    assert [200, 403] == [status_of(url), status_of(url, **{"X-Forwarded-For": "203.0.113.9"})]
    assert 403 == status_of(url, Via="1.1 proxy")


def test_a_webhook_that_cannot_be_used_is_told_before_anything_else(data: Path, demo: str) -> None:
    process = serve(data, "--port", str(free_port()), SAYSO_WEBHOOK_URL="https://shop.example/orders")
    said, complained = process.communicate(timeout=60)
    assert (1, "") == (process.returncode, said)
    assert "SAYSO_WEBHOOK_SECRET must be" in complained


def test_the_greeting_lists_what_is_served_and_nothing_else(data: Path, demo: str) -> None:
    process = serve(data, "--port", str(free_port()), SAYSO_SKILL_ID="amzn1.ask.skill.ours")
    assert process.stdout is not None
    greeted = ""
    for line in process.stdout:
        greeted += line
        if "stop it" in line:
            break
    process.terminate()
    process.communicate(timeout=20)
    assert "/alexa" in greeted
    assert "/console" in greeted
    assert "Dialogflow" not in greeted
    assert "Actions" not in greeted
