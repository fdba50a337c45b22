"""Each handler in the built package under AWS's own runtime interface emulator: its time-out, its limits, its client."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
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

from skill.adapters.aws.table import pack
from skill.cli.demo import DEMO_CODE
from skill.platforms.webhook import SECRET_HEADER
from skill.shop.orders import OrderState
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes, DialogflowCxEnvelopes
from skill.speech.render import spoken_money
from tests.clients.aws.conftest import ARCHITECTURE, BUCKET, DIALOGFLOW_SECRET, ROOT, SKILL_ID, Cloud
from tests.clients.aws.stalling import StallingWay
from tests.contracts import dynamodb_local

pytestmark = pytest.mark.clients

START_S_MAX = 60.0
#: Lambda's own, and the template's.
RESPONSE_LENGTH_MAX_BYTES = 6 * 1024 * 1024 + 100
TIMEOUT_S = 8

TO_THE_TILL: tuple[tuple[str, dict[str, str]], ...] = (
    ("find_products", {"product_query": "bread"}),
    ("choose_item", {"ordinal": "1"}),
    ("yes", {}),
    ("check_out", {}),
)


@pytest.fixture(scope="session")
def emulator() -> Path:
    """`aws-lambda-rie`, which comes with the sam command."""
    name = f"aws-lambda-rie-{ARCHITECTURE}"
    home = Path(os.environ.get("SAYSO_SAM") or ROOT / ".venv-sam")
    found = sorted(home.glob(f"lib/python*/site-packages/samcli/local/rapid/{name}"))
    assert found, f"{name} is not in {home}: run `make test-clients`, which installs it"
    found[0].chmod(0o755)
    return found[0]


@pytest.fixture(scope="session")
def runtime_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """awslambdaric and what it needs, and nothing else of this environment: what a function needs is in its package."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in ("awslambdaric", "simplejson", "snapshot_restore_py", "runtime_client"):
        spec = importlib.util.find_spec(name)
        assert spec is not None, f"{name} is not installed: run `make test-clients`"
        assert spec.origin is not None
        source = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
        (folder / source.name).symlink_to(source)
    return folder


Invoke = Callable[[Any], Any]


@pytest.fixture
def start(emulator: Path, runtime_client: Path, tmp_path: Path) -> Iterator[Callable[..., Invoke]]:
    """`start(package, "lambda.alexa.handler", variables, timeout_s=8)`: a function; call it with an event."""
    started: list[subprocess.Popen[bytes]] = []

    def run(folder: Path, handler: str, variables: dict[str, str], timeout_s: int = TIMEOUT_S) -> Invoke:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", 0))
            port, runtime_port = first.getsockname()[1], second.getsockname()[1]
        environment = variables | {
            "PYTHONPATH": os.pathsep.join([str(folder), str(runtime_client)]), "LAMBDA_TASK_ROOT": str(folder),
            "AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_s),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        command = [
            str(emulator), "--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address",
            f"127.0.0.1:{runtime_port}", sys.executable, "-S", "-m", "awslambdaric", handler,
        ]  # fmt: skip
        log = (tmp_path / f"{handler}.log").open("wb")
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        log.close()
        started.append(server)
        deadline = time.monotonic() + START_S_MAX
        while time.monotonic() < deadline:
            assert server.poll() is None, (tmp_path / f"{handler}.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"

        def invoke(event: Any) -> Any:
            request = urllib.request.Request(url, json.dumps(event).encode(), {"content-type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    text = response.read().decode()
            except urllib.error.HTTPError as failed:
                text = failed.read().decode()
            try:
                return json.loads(text)
            except ValueError:
                return text

        return invoke

    yield run
    for server in started:
        # The emulator's runtimes belong to its group.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=10)


def test_alexa_takes_an_order(start: Callable[..., Invoke], package: Path, cloud: Cloud) -> None:
    invoke = start(package, "lambda.alexa.handler", cloud.variables)
    envelopes = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID)
    invoke(envelopes.launch())
    for intent, slots in TO_THE_TILL:
        invoke(envelopes.intent(intent, slots))
    heard = envelopes.heard(invoke(envelopes.intent("give_code", {"code": DEMO_CODE})))

    (order,) = cloud.app.ports.orders.list(9)
    assert OrderState.COMMITTED == order.state
    assert spoken_money(order.total, "en-US") in heard.speech
    assert 1 == len(cloud.charges())


def test_dialogflow_takes_an_order(start: Callable[..., Invoke], package: Path, cloud: Cloud) -> None:
    invoke = start(package, "lambda.dialogflow.handler", cloud.variables)
    envelopes = DialogflowCxEnvelopes(SIMULATED_USER)

    def say(request: dict[str, Any]) -> Any:
        event = {
            "version": "2.0", "rawPath": "/dialogflow/cx", "headers": {SECRET_HEADER.lower(): DIALOGFLOW_SECRET},
            "requestContext": {"http": {"method": "POST", "path": "/dialogflow/cx"}}, "body": json.dumps(request),
            "isBase64Encoded": False,
        }  # fmt: skip
        answer = invoke(event)
        assert 200 == answer["statusCode"], answer
        return envelopes.heard(json.loads(answer["body"]))

    say(envelopes.launch())
    for intent, slots in TO_THE_TILL[:-1]:
        say(envelopes.intent(intent, slots))
    heard = say(envelopes.intent("show_cart", {}))

    assert "Bread" in heard.speech
    # A Dialogflow shopper whom nobody has signed for is a guest, and a guest orders nothing.
    say(envelopes.intent("check_out", {}))
    assert () == cloud.app.ports.orders.list(9)
    refused = invoke({"headers": {}, "rawPath": "/dialogflow/cx", "body": "{}"})
    assert 401 == refused["statusCode"]


@pytest.mark.parametrize(
    ("stuck_at", "when_it_comes_again", "in_the_end", "charged"),
    [
        ("the reservation", OrderState.RESERVED, OrderState.VOIDED, 0),
        ("the charge", OrderState.RESERVED, OrderState.COMMITTED, 1),
        ("the commit", OrderState.COMMITTED, OrderState.COMMITTED, 1),
    ],
)
def test_a_checkout_that_timed_out_and_came_again_is_one_order_and_never_two_charges(
    start: Callable[..., Invoke],
    package: Path,
    cloud: Cloud,
    stuck_at: str,
    when_it_comes_again: OrderState,
    in_the_end: OrderState,
    charged: int,
) -> None:
    """Lambda ends the function while an answer of the table's is stuck, its write made; the same request comes again."""
    way = StallingWay(dynamodb_local.endpoint())
    try:
        variables = cloud.variables | {"AWS_ENDPOINT_URL_DYNAMODB": way.address}
        invoke = start(package, "lambda.alexa.handler", variables, timeout_s=5)
        envelopes = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID)
        invoke(envelopes.launch())
        for intent, slots in TO_THE_TILL:
            invoke(envelopes.intent(intent, slots))
        request = envelopes.intent("give_code", {"code": DEMO_CODE})
        # The attempt at the code is counted first.
        way.stall(
            "TransactWriteItems", after=("attempt", "the reservation", "the charge", "the commit").index(stuck_at)
        )

        timed_out = invoke(request)
        assert "timed out" in json.dumps(timed_out).lower()
        assert way.stuck.is_set()
        way.clear()
        said = [envelopes.heard(invoke(request)).speech for _ in range(2)]

        assert [when_it_comes_again] == [order.state for order in cloud.app.ports.orders.list(9)], said
        assert said[0] == said[1]
        cloud.sweep_after_the_deadline()
        (order,) = cloud.app.ports.orders.list(9)
        assert in_the_end == order.state
        assert charged == len(cloud.charges())
    finally:
        way.close()


def test_the_outbox_and_the_sweeper_do_their_rounds(
    start: Callable[..., Invoke], package: Path, cloud: Cloud, moto_address: str
) -> None:
    from botocore.session import get_session

    keys = {"region_name": "us-east-1", "aws_access_key_id": "tests", "aws_secret_access_key": "tests"}
    files = get_session().create_client("s3", endpoint_url=moto_address, **keys)
    files.create_bucket(Bucket=BUCKET)
    invoke = start(package, "lambda.alexa.handler", cloud.variables)
    envelopes = AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID)
    for intent, slots in (*TO_THE_TILL, ("give_code", {"code": DEMO_CODE})):
        invoke(envelopes.intent(intent, slots))
    table = cloud.app.ports.ledger._table  # type: ignore[attr-defined]
    (order,) = cloud.app.ports.orders.list(9)
    items = [*table.query("EVENTS"), *table.query(f"H#{order.household_id}", "A#")]
    stream = [
        {"eventName": "INSERT", "dynamodb": {"NewImage": pack(item), "SequenceNumber": f"{number:06}"}}
        for number, item in enumerate({k: v for k, v in each.items() if not isinstance(v, bytes)} for each in items)
    ]

    told = start(package, "lambda.outbox.handler", cloud.variables)({"Records": stream})
    assert {"anchored": len(items) - 1, "events": 1} == told
    assert 1 == files.list_objects_v2(Bucket=BUCKET, Prefix="anchors/")["KeyCount"]
    assert None is start(package, "lambda.sweeper.handler", cloud.variables)({})
    files.close()


def test_a_response_of_more_than_six_megabytes_is_refused(
    start: Callable[..., Invoke], tmp_path: Path, cloud: Cloud
) -> None:
    large = tmp_path / "large"
    large.mkdir()
    (large / "large.py").write_text("def handler(event, context):\n    return 'x' * event\n", encoding="utf-8")
    invoke = start(large, "large.handler", cloud.variables)

    assert RESPONSE_LENGTH_MAX_BYTES - 1000 == len(invoke(RESPONSE_LENGTH_MAX_BYTES - 1000))
    refused = invoke(RESPONSE_LENGTH_MAX_BYTES + 1000)
    assert "Function.ResponseSizeTooLarge" == refused["errorType"]


def test_without_its_settings_a_function_does_not_start(
    start: Callable[..., Invoke], package: Path, cloud: Cloud
) -> None:
    invoke = start(package, "lambda.alexa.handler", cloud.variables | {"SAYSO_SKILL_ID": ""})
    assert "SAYSO_SKILL_ID" in json.dumps(invoke(AlexaEnvelopes(SIMULATED_USER, skill_id=SKILL_ID).launch()))


def test_the_package_holds_no_more_than_it_needs(package: Path) -> None:
    names = {path.name for path in package.iterdir()}
    assert not names & {"pydantic", "rich", "click", "flask", "boto3", "ask_sdk_core", "pytest", "yaml"}
    assert {"cli", "simulator", "console", "sample"}.isdisjoint(path.name for path in (package / "skill").iterdir())
    assert {"dynamodb", "events", "s3", "secretsmanager"} == {
        path.name for path in (package / "botocore" / "data").iterdir() if path.is_dir()
    }
    for source in package.rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        assert compiled.exists(), f"{source} is not compiled"
        # An unchecked hash, PEP 552: valid whatever the file's time is.
        assert 1 == int.from_bytes(compiled.read_bytes()[4:8], "little"), source
    assert (package / "lambda" / "dataclasses.compiled").stat().st_size > 100_000


def test_the_package_speaks_as_the_whole_libraries_do(package: Path) -> None:
    """What was left out of babel is spoken by nobody: money, lists, numbers and dates are the same in every language."""
    ask = """
import sys, json
from datetime import datetime
from decimal import Decimal
from babel import Locale
from babel.dates import format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_decimal_symbol
said = []
for name in sys.argv[1:]:
    locale = Locale.parse(name, sep="-")
    said += [format_currency(Decimal("1234.5"), each, locale=locale) for each in ("USD", "EUR", "JPY", "KZT")]
    said += [format_list(["a", "b", "c"], locale=locale), format_decimal(1234567, locale=locale)]
    said += [get_decimal_symbol(locale), locale.plural_form(21)]
    said += [format_datetime(datetime(2026, 11, 22, 1, 2), each, locale=locale) for each in ("short", "medium")]
print(json.dumps(said))
"""
    locales = sorted(path.stem for path in (package / "skill" / "speech").glob("*.ftl"))
    ours = subprocess.run(
        [sys.executable, "-S", "-c", ask, *locales], env={"PYTHONPATH": str(package)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    whole = subprocess.run([sys.executable, "-c", ask, *locales], capture_output=True, text=True, check=False)
    assert json.loads(whole.stdout) == json.loads(ours.stdout), ours.stderr
