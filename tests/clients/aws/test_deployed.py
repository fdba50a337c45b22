"""The template, built and deployed by the sam command onto an AWS that others wrote, and an order by voice through what runs there.

ministack expands the template as AWS does, makes its table, secrets, buckets, bus and functions, and runs these on its own Python,
so that the package is built for that one. It serves no HTTP API of version 2: a webhook's event is handed to its function.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import get_session

from skill.adapters.aws.wire import Credentials, JsonClient
from skill.app import App, build_app
from skill.catalogues import import_catalogue, open_feed
from skill.cli.demo import DEMO_CODE, SAMPLE_CATALOGUE, ensure_demo_household
from skill.platforms.webhook import SECRET_HEADER
from skill.settings import Settings
from skill.shop.orders import OrderState
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes, DialogflowCxEnvelopes
from skill.speech.render import spoken_money
from tests.clients.aws.conftest import ARCHITECTURE, DIALOGFLOW_SECRET, ROOT, RUNTIME, SKILL_ID

pytestmark = pytest.mark.clients

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
START_S_MAX = 60.0
STREAM_S_MAX = 60.0
#: On a machine that does much else a turn may pass its deadline; then the shopper hears so, and nothing was ordered.
TRIES_MAX = 3
CONVERSATION: tuple[tuple[str, dict[str, str]], ...] = (
    ("clear_cart", {}),
    ("yes", {}),
    ("find_products", {"product_query": "bread"}),
    ("choose_item", {"ordinal": "1"}),
    ("yes", {}),
    ("check_out", {}),
    ("give_code", {"code": DEMO_CODE}),
)


def command(name: str, variable: str, home: str) -> str:
    found = Path(os.environ.get(variable) or ROOT / home) / "bin" / name
    assert found.exists(), f"there is no {found}: run `make test-clients`, which installs it"
    return str(found)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """ministack, reached from this machine alone."""
    folder = tmp_path_factory.mktemp("ministack")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [command("ministack", "SAYSO_MINISTACK", ".venv-ministack")],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_S_MAX
        while True:
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            try:
                urllib.request.urlopen(f"{url}/_ministack/health", timeout=2).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def sam(tmp_path_factory: pytest.TempPathFactory, address: str, sample_data: Path) -> Callable[..., str]:
    home = tmp_path_factory.mktemp("sam")
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(home), "SAM_CLI_TELEMETRY": "0", "AWS_ENDPOINT_URL": address,
        "RUNTIME": RUNTIME, "ARCHITECTURE": ARCHITECTURE, "DATA": str(sample_data), **KEYS,
        **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))},
        "BUILD_PYTHON": sys.executable,
    }  # fmt: skip

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [command("sam", "SAYSO_SAM", ".venv-sam"), *arguments], cwd=ROOT, env=variables, capture_output=True,
            text=True, timeout=900, check=False,
        )  # fmt: skip
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    return run


class Stack:
    """What was deployed, by the template's names."""

    def __init__(self, address: str) -> None:
        self.address = address
        resources = self.client("cloudformation").describe_stack_resources(StackName="sayso")["StackResources"]
        self.named = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}

    def client(self, service: str) -> Any:
        return get_session().create_client(
            service, region_name="us-east-1", endpoint_url=self.address, aws_access_key_id="test",
            aws_secret_access_key="test", config=Config(read_timeout=120, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        answer = self.client("lambda").invoke(FunctionName=self.named[function], Payload=json.dumps(event).encode())
        told = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        return told


@pytest.fixture(scope="module")
def stack(address: str, sam: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Stack:
    built = tmp_path_factory.mktemp("built")
    # The functions run on this very machine, and write where they would on Lambda.
    shutil.rmtree("/tmp/sayso", ignore_errors=True)
    parameters = [
        f"Runtime={RUNTIME}", f"Architecture={ARCHITECTURE}", f"AlexaSkillId={SKILL_ID}",
        f"DialogflowSecret={DIALOGFLOW_SECRET}", "SignInPrefix=corner-store",
    ]  # fmt: skip
    sam("build", "--build-dir", str(built), "--parameter-overrides", *parameters)
    files = get_session().create_client(
        "s3", region_name="us-east-1", endpoint_url=address, aws_access_key_id="test", aws_secret_access_key="test"
    )
    files.create_bucket(Bucket="artifacts")
    files.close()
    sam(
        "deploy", "--template-file", str(built / "template.yaml"), "--stack-name", "sayso", "--s3-bucket", "artifacts",
        "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides",
        *parameters,
    )  # fmt: skip
    return Stack(address)


@pytest.fixture(scope="module")
def app(stack: Stack, sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The owner's own way to the store: the same table and secret, from a machine of theirs."""
    data = tmp_path_factory.mktemp("owner") / "data"
    shutil.copytree(sample_data, data)
    secrets = stack.client("secretsmanager")
    master = json.loads(secrets.get_secret_value(SecretId=stack.named["MasterSecret"])["SecretString"])["master"]
    client = JsonClient(
        "dynamodb", "us-east-1", Credentials("test", "test"), address=stack.address, connect_timeout_s=5,
        read_timeout_s=30,
    )  # fmt: skip
    settings = Settings(data_dir=data, keys_dir=data / "keys", table=stack.named["Table"], master=master)
    opened = build_app(settings, dynamodb=client)
    import_catalogue(opened, open_feed(opened, SAMPLE_CATALOGUE))
    ensure_demo_household(opened)
    yield opened
    opened.close()
    client.close()


@pytest.fixture(scope="module")
def said(stack: Stack, app: App) -> list[str]:
    """An order by voice, and all that was answered. Whichever of the tests comes first in its process makes it."""
    said: list[str] = []
    for _ in range(TRIES_MAX):
        envelopes = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID)
        for request in (
            envelopes.launch(),
            *(envelopes.intent(intent, slots) for intent, slots in CONVERSATION),
        ):
            said.append(envelopes.heard(stack.invoke("AlexaFunction", request)).speech)
        if app.ports.orders.list(9):
            break
    return said


def test_what_was_deployed_takes_an_order_by_voice_and_tells_of_it(stack: Stack, app: App, said: list[str]) -> None:
    (order,) = app.ports.orders.list(9) or (None,)
    assert order is not None, said
    assert OrderState.COMMITTED == order.state, said
    assert spoken_money(order.total, "en-US") in said[-1]

    # Dialogflow's webhook, on the same table.
    cx = DialogflowCxEnvelopes(SIMULATED_USER)
    event = {
        "version": "2.0", "rawPath": "/dialogflow/cx", "headers": {SECRET_HEADER.lower(): DIALOGFLOW_SECRET},
        "requestContext": {"http": {"method": "POST", "path": "/dialogflow/cx"}}, "isBase64Encoded": False,
        "body": json.dumps(cx.intent("find_products", {"product_query": "bread"})),
    }  # fmt: skip
    answer = stack.invoke("DialogflowFunction", event)
    assert 200 == answer["statusCode"], answer
    assert "Bread" in cx.heard(json.loads(answer["body"])).speech

    # The table's stream brings the chain's heads to the bucket.
    files, deadline = stack.client("s3"), time.monotonic() + STREAM_S_MAX
    bucket = stack.named["AnchorsBucket"]
    while not files.list_objects_v2(Bucket=bucket, Prefix="anchors/").get("KeyCount"):
        assert time.monotonic() < deadline, "the stream has brought nothing"
        time.sleep(1)

    stack.invoke("SweeperFunction", {})
    checked = stack.invoke("CheckerFunction", {})
    assert 0 == checked["drifted"], checked


@pytest.mark.usefixtures("said")
def test_a_stack_that_is_taken_down_leaves_the_orders(stack: Stack, app: App) -> None:
    table = stack.named["Table"]
    stack.client("cloudformation").delete_stack(StackName="sayso")
    deadline = time.monotonic() + STREAM_S_MAX
    functions = stack.client("lambda")
    while functions.list_functions()["Functions"]:
        assert time.monotonic() < deadline
        time.sleep(1)

    assert table in stack.client("dynamodb").list_tables()["TableNames"]
    assert 1 == len(app.ports.orders.list(9))
