"""The built package, and the AWS that it runs against: DynamoDB Local for the table, moto's server for the rest."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from skill.adapters.aws.table import table_definition
from skill.app import App, build_app
from skill.background import Background
from skill.catalogues import import_catalogue, open_feed
from skill.cli.demo import SAMPLE_CATALOGUE, ensure_demo_household, make_sample_store
from skill.settings import Settings
from tests.contracts import dynamodb_local

ROOT = Path(__file__).parents[3]
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
RUNTIME = f"python{sys.version_info[0]}.{sys.version_info[1]}"
SKILL_ID = "amzn1.ask.skill.11111111-1111-1111-1111-111111111111"
DIALOGFLOW_SECRET = "what-the-agent-sends-along"
MASTER = "a master key of no store" * 2
BUS, BUCKET = "orders", "anchors"

_numbers = count(1)


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample store's data directory, as its owner would build a package from."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    make_sample_store(folder)
    return folder


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, sample_data: Path) -> Path:
    """The package of the functions, built for this machine and this Python."""
    folder = tmp_path_factory.mktemp("package") / "function"
    command = [sys.executable, str(ROOT / "deployment" / "package.py"), str(folder), "--runtime", RUNTIME]
    command += ["--architecture", ARCHITECTURE, "--data", str(sample_data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert 0 == done.returncode, done.stderr
    return folder


@dataclass(frozen=True)
class Cloud:
    """An empty store on AWS but for the sample's catalogue and the demonstration's household, and what a function finds there."""

    app: App
    variables: dict[str, str]
    dynamodb: Any

    def charges(self) -> list[dict[str, Any]]:
        """The charges that the demonstration's payment provider has approved."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.variables["SAYSO_TABLE"])
        payments = [item for page in pages for item in page["Items"] if item["sk"]["S"] == "PAYMENT"]
        return [item for item in payments if item["state"]["S"] == "approved"]

    def sweep_after_the_deadline(self) -> None:
        """A round of the sweeper's, at a time when no reservation is still waited for."""
        later = replace(self.app, ports=replace(self.app.ports, clock=_Later(timedelta(hours=1))))
        Background(later).run_once()


@dataclass(frozen=True)
class _Later:
    by: timedelta

    def now_utc(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(moto_address: str, tmp_path: Path) -> Iterator[Cloud]:
    table = f"clients-{os.getpid()}-{next(_numbers)}"
    dynamodb = dynamodb_local.shared_client()
    dynamodb.create_table(**table_definition(table))
    keys = {"region_name": "us-east-1", "aws_access_key_id": "tests", "aws_secret_access_key": "tests"}
    secrets = get_session().create_client("secretsmanager", endpoint_url=moto_address, **keys)
    held = {"master": MASTER, "dialogflow_secret": DIALOGFLOW_SECRET}
    secrets.create_secret(Name=f"secret-{table}", SecretString=json.dumps(held))
    secrets.close()
    data = tmp_path / "owner"
    make_sample_store(data)
    client = dynamodb_local.make_quick_client(dynamodb_local.endpoint())
    app = build_app(Settings(data_dir=data, keys_dir=data / "keys", table=table, master=MASTER), dynamodb=client)
    import_catalogue(app, open_feed(app, SAMPLE_CATALOGUE))
    ensure_demo_household(app)
    variables = {
        "PATH": os.defpath, "LANG": "en_US.UTF-8", "TZ": ":UTC", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_ENDPOINT_URL": moto_address, "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_local.endpoint(),
        "SAYSO_DATA_DIR": str(tmp_path / "function"), "SAYSO_TABLE": table, "SAYSO_SECRET": f"secret-{table}",
        "SAYSO_SKILL_ID": SKILL_ID, "SAYSO_BUS": "default", "SAYSO_ANCHORS_BUCKET": BUCKET,
    }  # fmt: skip
    yield Cloud(app, variables, dynamodb)
    app.close()
    client.close()
