"""DynamoDB Local, Amazon's own emulator, for as long as the tests run. `make test-clients` installs it into .clients/."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import socket
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EMULATOR = "node_modules/amplify-dynamodb-simulator/emulator"
START_S_MAX = 60.0

#: Where it answers; processes that a test starts find it there.
VARIABLE = "SAYSO_TESTS_DYNAMODB"


def endpoint() -> str:
    """The emulator's address, started by the first who asks. Fails, and does not skip, where it or Java is missing."""
    known = os.environ.get(VARIABLE)
    if known:
        return known
    folder = Path(os.environ.get("SAYSO_CLIENTS") or ROOT / ".clients") / EMULATOR
    java = shutil.which("java")
    assert java, "these tests need Java 11 or later on the PATH (Debian, Ubuntu: apt install default-jre-headless)"
    assert folder.is_dir(), f"DynamoDB Local is not in {folder}: run `make test-clients`, which installs it"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    libraries = f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"
    command = [java, "-Xmx1g", libraries, "-jar", str(folder / "DynamoDBLocal.jar"), "-inMemory", "-port", str(port)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(_stop, server)
    _wait_for(port, server)
    os.environ[VARIABLE] = f"http://127.0.0.1:{port}"
    return os.environ[VARIABLE]


def make_client(url: str) -> Any:
    """A client of botocore's, with keys that mean nothing."""
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, max_pool_connections=50,
        parameter_validation=False,
    )  # fmt: skip
    return get_session().create_client(
        "dynamodb", region_name="us-east-1", endpoint_url=url, aws_access_key_id="tests",
        aws_secret_access_key="tests", config=config,
    )  # fmt: skip


@cache
def shared_client() -> Any:
    """For making tables; a botocore client is slow to make."""
    return make_client(endpoint())


def make_quick_client(url: str) -> Any:
    """A client as the functions have it on a shopper's way."""
    from skill.adapters.aws.wire import Credentials, JsonClient

    return JsonClient(
        "dynamodb", "us-east-1", Credentials("tests", "tests"), address=url, connect_timeout_s=2, read_timeout_s=5
    )


def table_name(directory: Path) -> str:
    return "t" + hashlib.sha256(str(directory).encode()).hexdigest()[:24]


def create_table(client: Any, name: str) -> None:
    """Unless it is there: a store is opened again by its directory's name."""
    from skill.adapters.aws.table import table_definition

    try:
        client.create_table(**table_definition(name))
    except client.exceptions.ResourceInUseException:
        return


def items_of(client: Any, name: str) -> list[dict[str, Any]]:
    """Every item of the table, as its stream would tell of them."""
    from skill.adapters.aws.table import unpack

    found: list[dict[str, Any]] = []
    start: dict[str, Any] = {}
    while True:
        page = client.scan(TableName=name, ConsistentRead=True, **start)
        found += map(unpack, page["Items"])
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        assert server.poll() is None, "DynamoDB Local stopped: it needs Java 11 or later"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"DynamoDB Local did not answer within {START_S_MAX:.0f} s")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(timeout=10)
