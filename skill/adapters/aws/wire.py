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
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zlib import crc32

from skill.adapters.aws.clock import now_utc

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
_COMPLAINT_LENGTH_MAX_BYTES = 10_000
_IDLE_MAX = 50
#: Between two tries at a file.
_FILE_WAITS_S = (0.1, 0.4)


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
    method: str = "POST",
    host: str,
    path: str,
    service: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """The headers of a request with its signature. Names of `headers` are in lower case; `path` is quoted and has no query."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    signed = {**headers, "host": host, "x-amz-date": moment}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    names = sorted(signed)
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in names)
    canonical = f"{method}\n{path}\n\n{lines}\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"
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


class Connections:
    """Connections to one address, kept open between calls. Safe to share between threads. Raises botocore's errors."""

    def __init__(self, address: str, *, connect_timeout_s: float, read_timeout_s: float) -> None:
        self.address = address
        parts = urlsplit(address)
        self.host = parts.netloc
        self._encrypted = parts.scheme != "http"
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        # Connections that nobody is using, the one used last on top. A deque may be shared between threads.
        self._idle: deque[HTTPConnection] = deque()

    def ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[HTTPConnection, HTTPResponse]:
        """The response to a request, its body unread; `give_back` the connection when it has been read."""
        connection = self._take()
        try:
            connection.request(method, path, body, headers)
            return connection, connection.getresponse()
        except (OSError, HTTPException) as error:
            raise self.failed(connection, error) from error

    def failed(self, connection: HTTPConnection, error: Exception) -> Exception:
        """Lets the connection go; the error is botocore's for what happened."""
        connection.close()
        kind = "ReadTimeoutError" if isinstance(error, TimeoutError) else "ConnectionClosedError"
        return _unanswered(kind, endpoint_url=self.address, error=error)

    def give_back(self, connection: HTTPConnection) -> None:
        self._idle.append(connection)
        if len(self._idle) > _IDLE_MAX:
            self._idle.popleft().close()

    def close(self) -> None:
        """Lets the connections go that nobody is using. The next call opens one."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> HTTPConnection:
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if not _has_been_closed(idle):
                return idle
            idle.close()
        opened = (
            HTTPSConnection(self.host, timeout=self._connect_timeout_s, context=_trusted())
            if self._encrypted
            else HTTPConnection(self.host, timeout=self._connect_timeout_s)
        )
        # Bytes are looked up as they are, a text first as an international name.
        opened._create_connection = _connect  # type: ignore[attr-defined]
        try:
            opened.connect()
        except OSError as error:
            opened.close()
            kind = "ConnectTimeoutError" if isinstance(error, TimeoutError) else "EndpointConnectionError"
            raise _unanswered(kind, endpoint_url=self.address, error=error) from error
        opened.sock.settimeout(self._read_timeout_s)
        return opened


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
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._service = service
        self._target, version = _SERVICES[service]
        self._content_type = f"application/x-amz-json-{version}"
        self._region = region
        self._credentials = credentials
        self._path = f"{urlsplit(address).path}/"
        self._connections = Connections(address, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s)
        self._now = now
        self.close = self._connections.close

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        operation = "".join(word.capitalize() for word in name.split("_"))

        def call(**request: Any) -> Any:
            return self._call(operation, request)

        # Found at once the next time.
        self.__dict__[name] = call
        return call

    def _call(self, operation: str, request: Mapping[str, Any]) -> Any:
        body = json.dumps(request, default=_write, separators=(",", ":")).encode()
        headers = sign(
            {"content-type": self._content_type, "x-amz-target": f"{self._target}.{operation}"},
            body,
            host=self._connections.host,
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
        connection, response = self._connections.ask("POST", self._path, body, headers)
        try:
            answer = response.read(_ANSWER_LENGTH_MAX_BYTES + 1)
        except (OSError, HTTPException) as error:
            raise self._connections.failed(connection, error) from error
        if len(answer) > _ANSWER_LENGTH_MAX_BYTES or response.will_close:
            connection.close()
        else:
            self._connections.give_back(connection)
        return response.status, answer, response.headers.get("x-amz-crc32")


class FileClient:
    """S3's GetObject of one object; every other operation is botocore's, whose client `others` makes when it is first needed.

    Raises as `JsonClient` does.
    """

    def __init__(
        self,
        region: str,
        credentials: Credentials,
        others: Callable[[], Any],
        *,
        address: str,
        connect_timeout_s: float,
        read_timeout_s: float,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._region = region
        self._credentials = credentials
        self._others = cache(others)
        self._prefix = urlsplit(address).path
        self._connections = Connections(address, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s)
        self._now = now
        self.close = self._connections.close

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._others(), name)

    def get_object(self, *, Bucket: str, Key: str, **particulars: Any) -> Any:
        """The object's `ETag` and its `Body`, which is read with `read()` or `iter_chunks(size)`, to its end.

        Asked for three times at most, where S3 fails or does not answer.
        """
        if particulars:
            return self._others().get_object(Bucket=Bucket, Key=Key, **particulars)
        for wait_s in _FILE_WAITS_S:
            try:
                return self._get_object(Bucket, Key)
            except (refused(), unanswered()) as error:
                answer = getattr(error, "response", {})
                if answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
                    raise
            time.sleep(wait_s)
        return self._get_object(Bucket, Key)

    def _get_object(self, bucket: str, key: str) -> Any:
        # The bucket stands in the path, as it may everywhere: its name need be no part of a host's name then.
        path = f"{self._prefix}/{bucket}/{quote(key, safe='/-._~')}"
        headers = sign(
            {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()},
            b"",
            method="GET",
            host=self._connections.host,
            path=path,
            service="s3",
            region=self._region,
            credentials=self._credentials,
            now=self._now(),
        )
        connection, response = self._connections.ask("GET", path, b"", headers)
        body = FileBody(self._connections, connection, response)
        if response.status == 200:
            return {"Body": body, "ETag": response.headers.get("etag", "")}
        told = body.read(_COMPLAINT_LENGTH_MAX_BYTES).decode("utf-8", "replace")
        if not response.isclosed():
            connection.close()
        raise _refused(
            response.status, {"__type": _between("Code", told), "message": _between("Message", told)}, "GetObject"
        )


class FileBody:
    """An object's bytes as they come. Its connection is used again once all of them have been read."""

    def __init__(self, connections: Connections, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connections = connections
        self._connection = connection
        self._response = response

    def read(self, length_max: int | None = None) -> bytes:
        try:
            read = self._response.read(length_max)
        except (OSError, HTTPException) as error:
            raise self._connections.failed(self._connection, error) from error
        if self._response.isclosed() and self._connection.sock is not None:
            self._connections.give_back(self._connection)
        return read

    def iter_chunks(self, length_bytes: int) -> Iterator[bytes]:
        while chunk := self.read(length_bytes):
            yield chunk


def _between(tag: str, told: str) -> str:
    """What an element of S3's XML holds; empty where there is none."""
    return told.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


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


def make_file_client(
    region: str | None, others: Callable[[], Any], *, connect_timeout_s: float, read_timeout_s: float
) -> FileClient | None:
    """A client of S3 by what the environment holds; None where the environment needs botocore."""
    credentials = credentials_in(os.environ)
    region = region or region_in(os.environ)
    if credentials is None or not region:
        return None
    return FileClient(
        region,
        credentials,
        others,
        address=address_of("s3", region, os.environ),
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
