"""Calls of AWS's JSON protocols, signed and sent with the standard library: what a function needs on a shopper's way.

botocore reads each service's model, its endpoints and its parsers before the first call, which takes longer and more memory than
everything else that an instance does at its start. The three services that a turn may call take a JSON object and give one, under
one signature. What fails raises botocore's own errors, so that nobody needs to know which client it was; they are imported then.

Sources: AWS Signature Version 4 ("Create a signed AWS API request", IAM User Guide); Smithy's AWS JSON 1.0 and 1.1 protocols.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import select
import socket
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zlib import crc32

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

#: The service's name in an address and in a signature, what its operations stand behind, and the version of the protocol.
_SERVICES = {
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "events": ("AWSEvents", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
}

#: DynamoDB gives at most 16 MB; a secret holds 64 kB.
_ANSWER_LENGTH_MAX_BYTES = 20_000_000
_IDLE_MAX = 50


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request is signed with. `token` belongs to keys that run out, as those of a function do."""

    access_key: str
    secret_key: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.access_key!r})"


def credentials_in(variables: Mapping[str, str]) -> Credentials | None:
    """A function's credentials, which it finds in its variables for as long as it lives. None where they are kept elsewhere."""
    access, secret = variables.get("AWS_ACCESS_KEY_ID"), variables.get("AWS_SECRET_ACCESS_KEY")
    return Credentials(access, secret, variables.get("AWS_SESSION_TOKEN", "")) if access and secret else None


def address_of(service: str, region: str, variables: Mapping[str, str]) -> str:
    """Where the service answers; an emulator is named by the variables that AWS's own libraries read."""
    named = variables.get(f"AWS_ENDPOINT_URL_{service.upper()}") or variables.get("AWS_ENDPOINT_URL")
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return (named or f"https://{service}.{region}.{domain}").rstrip("/")


def sign(
    headers: Mapping[str, str],
    body: bytes,
    *,
    host: str,
    path: str,
    service: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """The headers of a POST with its signature. Names of `headers` are in lower case; `path` has no query."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    signed = {**headers, "host": host, "x-amz-date": moment}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    names = sorted(signed)
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in names)
    canonical = f"POST\n{path}\n\n{lines}\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + credentials.secret_key.encode()
    for part in (moment[:8], region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return signed


class JsonClient:
    """A client for one of DynamoDB, EventBridge and Secrets Manager; `client.batch_get_item(...)` is BatchGetItem, and so on.

    Takes and gives what botocore's client of that service does, but that bytes in an answer are still base64. Each call is made
    once. Raises `ClientError` for what the service refuses and a `BotoCoreError` where it did not answer.
    """

    def __init__(
        self,
        service: str,
        region: str,
        credentials: Credentials,
        *,
        address: str,
        connect_timeout_s: float,
        read_timeout_s: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._service = service
        self._target, version = _SERVICES[service]
        self._content_type = f"application/x-amz-json-{version}"
        self._region = region
        self._credentials = credentials
        self._address = address
        parts = urlsplit(address)
        self._host, self._path = parts.netloc, f"{parts.path}/"
        self._encrypted = parts.scheme != "http"
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._now = now
        # Connections that nobody is using, the one used last on top. A deque may be shared between threads.
        self._idle: deque[HTTPConnection] = deque()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        operation = "".join(word.capitalize() for word in name.split("_"))

        def call(**request: Any) -> Any:
            return self._call(operation, request)

        # Found at once the next time.
        self.__dict__[name] = call
        return call

    def close(self) -> None:
        """Lets the connections go that nobody is using. The next call opens one."""
        while self._idle:
            self._idle.pop().close()

    def _call(self, operation: str, request: Mapping[str, Any]) -> Any:
        body = json.dumps(request, default=_write, separators=(",", ":")).encode()
        headers = sign(
            {"content-type": self._content_type, "x-amz-target": f"{self._target}.{operation}"},
            body,
            host=self._host,
            path=self._path,
            service=self._service,
            region=self._region,
            credentials=self._credentials,
            now=self._now(),
        )
        status, answer, checksum = self._send(body, headers)
        if checksum and int(checksum) != crc32(answer):
            raise _unanswered(
                "ChecksumError", checksum_type="crc32", expected_checksum=checksum, actual_checksum="other"
            )
        try:
            read = json.loads(answer) if answer else {}
        except ValueError:
            # A proxy in between, or half an answer.
            read = None
        if status < 300 and isinstance(read, dict):
            return read
        raise _refused(status, read if isinstance(read, dict) else {}, operation)

    def _send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, str | None]:
        """Status, body and DynamoDB's own checksum of it."""
        connection = self._connection()
        try:
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            answer = response.read(_ANSWER_LENGTH_MAX_BYTES + 1)
        except TimeoutError as error:
            connection.close()
            raise _unanswered("ReadTimeoutError", endpoint_url=self._address, error=error) from error
        except (OSError, HTTPException) as error:
            connection.close()
            raise _unanswered("ConnectionClosedError", endpoint_url=self._address, error=error) from error
        if len(answer) > _ANSWER_LENGTH_MAX_BYTES or response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
            if len(self._idle) > _IDLE_MAX:
                self._idle.popleft().close()
        return response.status, answer, response.headers.get("x-amz-crc32")

    def _connection(self) -> HTTPConnection:
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if not _has_been_closed(idle):
                return idle
            idle.close()
        opened = (
            HTTPSConnection(self._host, timeout=self._connect_timeout_s, context=_trusted())
            if self._encrypted
            else HTTPConnection(self._host, timeout=self._connect_timeout_s)
        )
        # Bytes are looked up as they are, a text first as an international name.
        opened._create_connection = _connect  # type: ignore[attr-defined]
        try:
            opened.connect()
        except OSError as error:
            opened.close()
            kind = "ConnectTimeoutError" if isinstance(error, TimeoutError) else "EndpointConnectionError"
            raise _unanswered(kind, endpoint_url=self._address, error=error) from error
        opened.sock.settimeout(self._read_timeout_s)
        return opened


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates takes longer than a call, so it is done once."""
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)


def _connect(address: tuple[str, int], timeout_s: float, source: None = None) -> socket.socket:
    return socket.create_connection((address[0].encode("ascii"), address[1]), timeout_s, source)  # type: ignore[arg-type]


def _has_been_closed(idle: HTTPConnection) -> bool:
    """Whether there is something to read on a connection that asked for nothing: its end, as after an instance's sleep."""
    waiting = select.poll()
    waiting.register(idle.sock, select.POLLIN)
    return bool(waiting.poll(0))


def region_in(variables: Mapping[str, str]) -> str:
    return variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or ""


def make_json_client(
    service: str, region: str | None, *, connect_timeout_s: float, read_timeout_s: float
) -> JsonClient | None:
    """A client of that service by what the environment holds; None where the service or the environment needs botocore."""
    credentials = credentials_in(os.environ)
    region = region or region_in(os.environ)
    if service not in _SERVICES or credentials is None or not region:
        return None
    return JsonClient(
        service,
        region,
        credentials,
        address=address_of(service, region, os.environ),
        connect_timeout_s=connect_timeout_s,
        read_timeout_s=read_timeout_s,
    )


def _write(value: Any) -> Any:
    """Bytes are base64, moments are seconds."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def refused() -> type[ClientError]:
    """What is raised when a service answers no, for an `except` clause: it is imported only once something has failed."""
    from botocore.exceptions import ClientError

    return ClientError


def unanswered() -> type[BotoCoreError]:
    """What is raised when a service does not answer, or nobody can ask it, for an `except` clause."""
    from botocore.exceptions import BotoCoreError

    return BotoCoreError


def _refused(status: int, answer: Mapping[str, Any], operation: str) -> Exception:
    # `com.amazonaws.dynamodb.v20120810#ThrottlingException`, `ResourceNotFoundException:http://…`
    code = str(answer.get("__type") or status).rpartition("#")[2].partition(":")[0]
    if status >= 500 and "__type" not in answer:
        code = "InternalServerError"
    message = str(answer.get("message") or answer.get("Message") or "")
    # The first entry stands for what botocore's parser makes of an error; the rest is the service's own.
    response: Any = {**answer, "Error": {"Code": code, "Message": message}}
    response["ResponseMetadata"] = {"HTTPStatusCode": status}
    return refused()(response, operation)


def _unanswered(kind: str, **facts: Any) -> Exception:
    from botocore import exceptions

    error: Exception = getattr(exceptions, kind)(**facts)
    return error
