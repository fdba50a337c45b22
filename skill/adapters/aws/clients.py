"""AWS clients, made when a store is opened: one try each, short time limits, so that a turn's own deadline decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from skill.errors import SettingsInvalid

#: A call within a region takes milliseconds; one that takes this long is better made again.
_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S = 1, 2


def make_client(service: str, region: str | None = None) -> Any:
    """A botocore client. Credentials, the region and, for emulators, the endpoint come from the environment as AWS has it."""
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=10,
        parameter_validation=False,
        tcp_keepalive=True,
    )
    try:
        return get_session().create_client(service, region_name=region, config=config)
    except BotoCoreError as error:
        raise SettingsInvalid(f"SAYSO_TABLE: the AWS client cannot be made: {error}") from error


def read_secret(name: str, client: Any = None) -> Mapping[str, str]:
    """The texts in a secret of Secrets Manager, a JSON object. Read once an instance: what was changed is taken by new ones.

    Raises `SettingsInvalid`; its message never shows what is in the secret.
    """
    try:
        text = (client or make_client("secretsmanager")).get_secret_value(SecretId=name)["SecretString"]
        values = json.loads(text)
    except (BotoCoreError, ClientError) as error:
        raise SettingsInvalid(f"SAYSO_SECRET: {name} cannot be read: {error}") from error
    except (ValueError, KeyError):
        values = None
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise SettingsInvalid(f"SAYSO_SECRET: {name} must be a JSON object of texts")
    return values
