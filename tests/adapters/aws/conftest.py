"""Everything here needs DynamoDB Local, but for what says that it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.aws.faults import FaultyClient
from tests.contracts import dynamodb_local
from tests.contracts.stores import SetClock, Stores, over_dynamodb


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FaultyClient]:
    dynamodb_local.create_table(dynamodb_local.shared_client(), dynamodb_local.table_name(tmp_path))
    real = dynamodb_local.make_quick_client(dynamodb_local.endpoint())
    yield FaultyClient(real)
    real.close()


@pytest.fixture
def stores(client: FaultyClient, tmp_path: Path) -> Iterator[Stores]:
    opened = over_dynamodb(client, tmp_path, SetClock())
    yield opened
    opened.close()
