"""AWS clients, made when a store is opened: one try each, short time limits, so that a turn's own deadline decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from skill.adapters.aws.wire import make_file_client, make_json_client, refused, unanswered
from skill.errors import SettingsInvalid

#: A call within a region takes milliseconds; one that takes this long is better made again.
_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S = 1.0, 1.5
#: For files, which no turn waits for.
_PATIENT_TIMEOUT_S, _PATIENT_ATTEMPTS = 30, 4


def make_client(service: str, region: str | None = None, *, patient: bool = False) -> Any:
    """A client as botocore's. Credentials, the region and, for emulators, the endpoint come from the environment as AWS has it.

    Where the environment holds credentials and region themselves, as a function's does, the services of a shopper's turn are
    called by `wire`; botocore finds them wherever else they may be.
    """
    limits = {
        "connect_timeout_s": _CONNECT_TIMEOUT_S,
        "read_timeout_s": _PATIENT_TIMEOUT_S if patient else _READ_TIMEOUT_S,
    }
    if service == "s3":
        quick: Any = make_file_client(region, lambda: _make_botocore_client(service, region, patient), **limits)
    else:
        quick = None if patient else make_json_client(service, region, **limits)
    return quick or _make_botocore_client(service, region, patient)


def _make_botocore_client(service: str, region: str | None, patient: bool) -> Any:
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_PATIENT_TIMEOUT_S if patient else _READ_TIMEOUT_S,
        retries={"total_max_attempts": _PATIENT_ATTEMPTS if patient else 1, "mode": "standard"},
        max_pool_connections=10,
        parameter_validation=False,
        tcp_keepalive=True,
    )
    try:
        return get_session().create_client(service, region_name=region, config=config)
    except unanswered() as error:
        raise SettingsInvalid(f"SAYSO_TABLE: the AWS client cannot be made: {error}") from error


def read_secret(name: str, client: Any = None) -> Mapping[str, str]:
    """The texts in a secret of Secrets Manager, a JSON object. Read once an instance: what was changed is taken by new ones.

    Raises `SettingsInvalid`; its message never shows what is in the secret.
    """
    try:
        text = (client or make_client("secretsmanager")).get_secret_value(SecretId=name)["SecretString"]
        values = json.loads(text)
    except (unanswered(), refused()) as error:
        raise SettingsInvalid(f"SAYSO_SECRET: {name} cannot be read: {error}") from error
    except (ValueError, KeyError):
        values = None
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise SettingsInvalid(f"SAYSO_SECRET: {name} must be a JSON object of texts")
    return values
