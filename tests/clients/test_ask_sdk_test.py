"""Amazon's test framework for skills (ask-sdk-test, Node) orders through a running server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients


def test_ask_sdk_test_orders_and_finds_no_session_left_open_without_a_question(served_store, clients_dir: Path) -> None:
    run = subprocess.run(
        [
            "node",
            str(clients_dir / "mocha" / "bin" / "mocha.js"),
            "--timeout",
            "20000",
            str(Path(__file__).with_name("ask_sdk_test.cjs")),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ
        | {
            "NODE_PATH": str(clients_dir),
            "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
            "SAYSO_URL": f"{served_store.url}/alexa",
            "SAYSO_USER": served_store.alexa_user,
            "SAYSO_CODE": served_store.code,
        },
    )
    assert 0 == run.returncode, run.stdout + run.stderr
    assert ["committed"] == [order["state"] for order in served_store.orders()]
