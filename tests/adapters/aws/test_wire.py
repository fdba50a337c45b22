"""Calls without botocore: signed as botocore signs, sent as it sends, and failing with its errors."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zlib import crc32

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as some

from skill.adapters.aws.clients import make_client
from skill.adapters.aws.wire import (
    Credentials,
    FileClient,
    JsonClient,
    address_of,
    credentials_in,
    make_json_client,
    sign,
)

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
NAMES = some.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
PLAIN = some.text(some.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


@dataclass
class Answers:
    """What the server is to do next, and what it was asked."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0


class Listener(ThreadingHTTPServer):
    request_queue_size = 128  # eight threads connect at once, and a busy machine takes none of them in for a while


@pytest.fixture
def server() -> Iterator[tuple[str, Answers]]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            answers.connections += 1
            super().setup()

        def do_GET(self) -> None:
            answers.paths.append(self.path)
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            answers.asked.append(({name.lower(): text for name, text in self.headers.items()}, body))
            if answers.how == "hang up":
                self.close_connection = True
                return
            if answers.how == "silence":
                released.wait(10)
                self.close_connection = True
                return
            self.send_response(answers.status)
            self.send_header("content-length", str(len(answers.body)))
            for name, text in answers.headers.items():
                self.send_header(name, text)
            self.end_headers()
            cut_off = answers.how == "cut off"
            self.wfile.write(answers.body[: len(answers.body) // 2] if cut_off else answers.body)
            self.close_connection = self.close_connection or cut_off

        def log_message(self, *said: Any) -> None:
            pass

    released = threading.Event()
    http = Listener(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}", answers
    released.set()
    http.shutdown()
    http.server_close()


Make = Callable[..., JsonClient]


@pytest.fixture
def make(server: tuple[str, Answers]) -> Iterator[Make]:
    opened: list[JsonClient] = []

    def open_client(service: str = "dynamodb", address: str = server[0], read_timeout_s: float = 5) -> JsonClient:
        credentials = Credentials("AKID", "secret", "token")
        opened.append(
            JsonClient(
                service, "us-east-1", credentials, address=address, connect_timeout_s=1,
                read_timeout_s=read_timeout_s, now=lambda: NOW,
            )
        )  # fmt: skip
        return opened[-1]

    yield open_client
    for each in opened:
        each.close()


@pytest.fixture
def client(make: Make) -> JsonClient:
    return make()


@given(
    headers=some.dictionaries(NAMES.map(lambda name: f"x-{name}"), PLAIN, max_size=4),
    body=some.binary(max_size=200),
    path=some.sampled_from(["/", "/prefix/"]),
    token=some.sampled_from(["", "a/token+of=some"]),
    secret=PLAIN,
)
def test_a_request_is_signed_as_botocore_signs_it(
    headers: dict[str, str], body: bytes, path: str, token: str, secret: str
) -> None:
    signed = sign(
        headers, body, host="db.example:8000", path=path, service="dynamodb", region="eu-west-1",
        credentials=Credentials("AKID", secret, token), now=NOW,
    )  # fmt: skip

    theirs = AWSRequest(
        "POST", f"http://db.example:8000{path}", headers={**headers, "host": "db.example:8000"}, data=body
    )
    theirs.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    auth = SigV4Auth(BotocoreCredentials("AKID", secret, token or None), "dynamodb", "eu-west-1")
    theirs.headers["X-Amz-Date"] = theirs.context["timestamp"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    assert signed["authorization"].endswith(f", Signature={signature}")
    assert f"SignedHeaders={auth.signed_headers(auth.headers_to_sign(theirs))}," in signed["authorization"]


def test_the_request_is_what_botocore_sends(server: tuple[str, Answers], client: JsonClient) -> None:
    address, answers = server
    theirs = get_session().create_client(
        "dynamodb", region_name="us-east-1", endpoint_url=address, aws_access_key_id="AKID",
        aws_secret_access_key="secret", aws_session_token="token",
    )  # fmt: skip
    asked = {"RequestItems": {"t": {"Keys": [{"pk": {"S": "ü"}, "sk": {"B": b"\x00\xff"}}], "ConsistentRead": True}}}
    answers.body = b'{"Responses":{}}'

    assert {"Responses": {}} == client.batch_get_item(**asked)
    theirs.batch_get_item(**asked)
    theirs.close()

    (ours, our_body), (their, their_body) = answers.asked
    assert json.loads(their_body) == json.loads(our_body)
    for name in ("x-amz-target", "content-type", "host", "x-amz-security-token"):
        assert their[name] == ours[name]


def test_a_moment_is_sent_as_seconds(server: tuple[str, Answers], make: Make) -> None:
    make("events").put_events(Entries=[{"Time": NOW}])

    ((headers, body),) = server[1].asked
    assert {"Entries": [{"Time": NOW.timestamp()}]} == json.loads(body)
    assert ("AWSEvents.PutEvents", "application/x-amz-json-1.1") == (headers["x-amz-target"], headers["content-type"])


def test_what_is_refused_is_botocores_error_with_its_reasons(server: tuple[str, Answers], client: JsonClient) -> None:
    server[1].status = 400
    server[1].body = json.dumps(
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "cancelled",
            "CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": {"pk": {"S": "a"}}}],
        }
    ).encode()

    with pytest.raises(ClientError) as refused:
        client.transact_write_items(TransactItems=[])

    response: Any = refused.value.response
    assert {"Code": "TransactionCanceledException", "Message": "cancelled"} == response["Error"]
    assert "ConditionalCheckFailed" == response["CancellationReasons"][0]["Code"]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"__type":"ResourceNotFoundException:http://internal","message":"no"}', "ResourceNotFoundException"),
        (500, b"<html>", "InternalServerError"),
        (503, b"", "InternalServerError"),
        (413, b"too large", "413"),
        (200, b"[]", "200"),
        (200, b'{"half', "200"),
    ],
)
def test_whatever_is_no_answer_is_an_error(
    server: tuple[str, Answers], client: JsonClient, status: int, body: bytes, code: str
) -> None:
    server[1].status, server[1].body = status, body

    with pytest.raises(ClientError) as refused:
        client.query()
    assert code == refused.value.response["Error"]["Code"]


def test_an_answer_whose_checksum_differs_is_none(server: tuple[str, Answers], client: JsonClient) -> None:
    server[1].headers = {"x-amz-crc32": str(crc32(b"{}"))}
    assert {} == client.query()
    server[1].headers = {"x-amz-crc32": "1"}
    with pytest.raises(Exception, match="Checksum"):
        client.query()


def test_a_connection_is_used_again_until_the_other_side_has_closed_it(
    server: tuple[str, Answers], client: JsonClient
) -> None:
    answers = server[1]
    for _ in range(3):
        client.query()
    assert 1 == answers.connections
    answers.headers = {"connection": "close"}
    client.query()
    answers.headers = {}
    client.query()
    assert 2 == answers.connections


def test_silence_and_a_hang_up_are_told_apart_from_an_answer(server: tuple[str, Answers], make: Make) -> None:
    answers = server[1]
    answers.how = "hang up"
    with pytest.raises(ConnectionClosedError):
        make().query()
    answers.how = "silence"
    with pytest.raises(ReadTimeoutError):
        make(read_timeout_s=0.05).query()


def test_nobody_there_is_an_error_of_botocores(make: Make) -> None:
    with pytest.raises(EndpointConnectionError):
        make(address="http://127.0.0.1:1").query()


def test_a_connection_that_is_not_made_in_time_is_an_error_of_botocores(
    client: JsonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*address: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr("skill.adapters.aws.wire.socket.create_connection", slow)
    with pytest.raises(ConnectTimeoutError):
        client.query()


def test_credentials_are_never_shown() -> None:
    assert "Credentials('AKID')" == repr(Credentials("AKID", "secret", "token"))


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "https://dynamodb.eu-west-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "http://127.0.0.1:4566"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_DYNAMODB": "http://b"}, "http://b"),
    ],
)
def test_the_address_is_the_regions_or_the_one_that_is_named(variables: dict[str, str], address: str) -> None:
    assert address == address_of("dynamodb", "eu-west-1", variables)
    assert address_of("dynamodb", "cn-north-1", {}).endswith(".amazonaws.com.cn")


def test_a_function_gets_quick_clients_and_everybody_else_botocores(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)

    assert isinstance(make_client("dynamodb"), JsonClient)
    assert isinstance(make_client("s3"), FileClient)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert None is credentials_in({})
    assert None is make_json_client("dynamodb", "eu-west-1", connect_timeout_s=1, read_timeout_s=1)
    assert not isinstance(make_client("dynamodb", "eu-west-1"), JsonClient)


@pytest.fixture
def files(server: tuple[str, Answers], monkeypatch: pytest.MonkeyPatch) -> Iterator[FileClient]:
    monkeypatch.setattr("skill.adapters.aws.wire._FILE_WAITS_S", (0, 0))
    opened = FileClient(
        "us-east-1", Credentials("AKID", "secret", "token"), lambda: pytest.fail("botocore is not needed"),
        address=server[0], connect_timeout_s=1, read_timeout_s=5, now=lambda: NOW,
    )  # fmt: skip
    yield opened
    opened.close()


def test_a_file_is_read_whole_or_in_pieces_over_one_connection(server: tuple[str, Answers], files: FileClient) -> None:
    answers = server[1]
    answers.body, answers.headers = b"0123456789", {"etag": '"e"'}

    got = files.get_object(Bucket="b", Key="catalogue/a b+ü.index")
    assert ('"e"', b"0123456789") == (got["ETag"], got["Body"].read())
    assert [b"0123", b"4567", b"89"] == list(files.get_object(Bucket="b", Key="k")["Body"].iter_chunks(4))
    assert 1 == answers.connections
    assert ["/b/catalogue/a%20b%2B%C3%BC.index", "/b/k"] == answers.paths


def test_a_file_is_asked_for_as_botocore_asks(server: tuple[str, Answers], files: FileClient) -> None:
    theirs = get_session().create_client(
        "s3", region_name="us-east-1", endpoint_url=server[0], aws_access_key_id="AKID",
        aws_secret_access_key="secret", aws_session_token="token",
    )  # fmt: skip
    files.get_object(Bucket="b", Key="a b+ü.index")["Body"].read()
    theirs.get_object(Bucket="b", Key="a b+ü.index")["Body"].read()
    theirs.close()

    ours, their = server[1].paths
    assert their == ours
    (our_headers, _), (their_headers, _) = server[1].asked
    for name in ("host", "x-amz-content-sha256", "x-amz-security-token"):
        assert their_headers[name] == our_headers[name]


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (500, 3), (503, 3)])
def test_a_file_that_is_not_given_is_botocores_error(
    server: tuple[str, Answers], files: FileClient, status: int, asked: int
) -> None:
    server[1].status = status
    server[1].body = b"<?xml?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>"

    with pytest.raises(ClientError) as refused:
        files.get_object(Bucket="b", Key="k")
    assert {"Code": "NoSuchKey", "Message": "none"} == refused.value.response["Error"]
    assert status == refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert asked == len(server[1].asked)


def test_a_file_that_is_cut_off_is_botocores_error(server: tuple[str, Answers], files: FileClient) -> None:
    server[1].how, server[1].body = "cut off", b"0123456789"

    with pytest.raises(ConnectionClosedError):
        files.get_object(Bucket="b", Key="k")["Body"].read()


def test_what_else_a_bucket_can_do_is_botocores(server: tuple[str, Answers]) -> None:
    made: list[str] = []

    class Botocore:
        def put_object(self, **request: Any) -> str:
            return "put"

        def get_object(self, **request: Any) -> str:
            return "got"

    def others() -> Botocore:
        made.append("botocore")
        return Botocore()

    files = FileClient(
        "us-east-1", Credentials("a", "b"), others, address=server[0], connect_timeout_s=1, read_timeout_s=1
    )
    assert [] == made
    assert "put" == files.put_object(Bucket="b", Key="k", Body=b"")
    assert "got" == files.get_object(Bucket="b", Key="k", VersionId="v")
    assert ["botocore"] == made


def test_many_threads_share_one_client(server: tuple[str, Answers], client: JsonClient) -> None:
    server[1].body = b'{"Items":[]}'
    failed: list[Exception] = []

    def ask(call: Callable[..., Any]) -> None:
        try:
            for _ in range(20):
                assert {"Items": []} == call()
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(client.query,)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert [] == failed
    assert 160 == len(server[1].asked)
