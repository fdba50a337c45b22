from __future__ import annotations

import http.server
import json
import threading
from base64 import b64encode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from skill.errors import RequestRejected
from skill.platforms import alexa_verify, fetch
from skill.platforms.alexa import AlexaEnvelope
from skill.platforms.alexa_verify import AlexaVerifier, canonical_chain_url, fetch_chain
from tests.platforms.signing import DAY, NOW, URL, Chain, sign

BODY = '{"request": {"type": "LaunchRequest", "timestamp": "2026-11-21T10:00:00Z"}, "note": "κατάλογος"}'.encode()


class Source:
    """Where chains are fetched from; counts."""

    def __init__(self, pem):
        self.pem = pem
        self.fetched = []

    def __call__(self, url):
        self.fetched.append(url)
        return self.pem


def verifier(chain, *, pem=None, now=NOW, roots=None):
    source = Source(chain.pem() if pem is None else pem)
    return AlexaVerifier(now=lambda: now, roots=[chain.root] if roots is None else roots, fetch=source)


def headers(signature=None, url=URL):
    return {"Signature-256": sign(BODY) if signature is None else signature, "SignatureCertChainUrl": url}


def test_a_whole_chain_and_the_signers_signature_are_accepted():
    verifier(Chain()).check_signature(headers(), BODY)


@pytest.mark.parametrize("names", [("signer", "intermediate"), ("signer", "root", "intermediate")])
def test_the_root_may_be_left_out_and_the_order_of_the_others_does_not_matter(names):
    chain = Chain()
    verifier(chain, pem=chain.pem(*names)).check_signature(headers(), BODY)


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param(Chain(san="echo-api.amazon.com.evil.example"), id="another name"),
        pytest.param(Chain(san="*.amazon.co"), id="a wildcard of another name"),
        pytest.param(Chain(san=None), id="no name"),
        pytest.param(Chain(signer_until=NOW - timedelta(seconds=1)), id="signer expired"),
        pytest.param(Chain(signer_from=NOW + timedelta(seconds=1)), id="signer not valid yet"),
        pytest.param(Chain(intermediate_until=NOW - timedelta(seconds=1)), id="intermediate expired"),
        pytest.param(Chain(intermediate_is_ca=False), id="intermediate may not sign"),
        pytest.param(Chain(usage=ExtendedKeyUsageOID.CODE_SIGNING), id="made for signing code"),
        pytest.param(Chain(signed_by="stranger"), id="signed by a stranger's key"),
        pytest.param(Chain(elliptic=True), id="another kind of key"),
    ],
)
def test_a_chain_with_one_thing_wrong_is_refused(chain):
    with pytest.raises(RequestRejected):
        verifier(chain).check_signature(headers(), BODY)


@pytest.mark.parametrize(
    "names", [("signer",), ("signer", "root"), ("intermediate", "root"), ("root",), ("intermediate", "signer", "root")]
)
def test_a_chain_with_a_missing_or_misplaced_link_is_refused(names):
    chain = Chain()
    with pytest.raises(RequestRejected):
        verifier(chain, pem=chain.pem(*names)).check_signature(headers(), BODY)


def test_a_chain_to_a_root_that_nobody_trusts_is_refused():
    with pytest.raises(RequestRejected, match="not trusted"):
        verifier(Chain(), roots=alexa_verify._read_trusted_roots()).check_signature(headers(), BODY)


def test_the_roots_that_amazon_uses_are_trusted():
    names = {each.subject.rfc4514_string() for each in alexa_verify._read_trusted_roots()}
    assert "CN=Amazon Root CA 1,O=Amazon,C=US" in names


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_chain_is_refused(pem):
    with pytest.raises(RequestRejected, match="cannot be read"):
        verifier(Chain(), pem=pem).check_signature(headers(), BODY)


def test_a_chain_without_end_is_refused():
    chain = Chain()
    with pytest.raises(RequestRejected, match="too long"):
        verifier(chain, pem=chain.pem("signer", *["intermediate"] * 10)).check_signature(headers(), BODY)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "!!!",
        "AAAA",
        "é",
        "!" + sign(BODY),
        sign(BODY + b" "),
        sign(BODY, "stranger"),
        sign(BODY, algorithm=hashes.SHA1()),
        b64encode(b"x" * 256).decode(),
    ],
)
def test_a_signature_that_does_not_fit_is_refused(signature):
    with pytest.raises(RequestRejected):
        verifier(Chain()).check_signature(headers(signature), BODY)


def test_the_old_sha1_signature_alone_counts_for_nothing():
    given = {"Signature": sign(BODY, algorithm=hashes.SHA1()), "SignatureCertChainUrl": URL}
    with pytest.raises(RequestRejected, match="Signature-256 is missing"):
        verifier(Chain()).check_signature(given, BODY)


def test_a_body_with_one_byte_changed_is_refused():
    with pytest.raises(RequestRejected, match="does not fit"):
        verifier(Chain()).check_signature(headers(), BODY.replace(b"Launch", b"launch"))


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://S3.AMAZONAWS.com/echo.api/echo-api-cert-12.pem",
        "HTTPS://s3.amazonaws.com:443/echo.api/echo-api-cert-12.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert-12.pem",
        "https://s3.amazonaws.com/echo.api/./echo-api-cert-12.pem",
    ],
)
def test_every_spelling_of_amazons_address_is_one_address(url):
    assert URL == canonical_chain_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://notamazon.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com.evil.example/echo.api/echo-api-cert.pem",
        "https://evil.example@s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com@evil.example/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:x/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:99999/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem",
        "https://s3.amazonaws.com/invalid.path/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/../evil/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2e/evil/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api%2F..%2Fevil.pem",
        "https://s3.amazonaws.com//echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/",
        "https://s3.amazonaws.com/echo.api",
        "https://s3.amazonaws.com/echo.api/\\..\\evil.pem",
        "https://s3.amazonaws.com/echo.api/cert.pem?x=1",
        "https://s3.amazonaws.com/echo.api/cert.pem#x",
        "https://s3.amazonaws.com/echo.api/cert.pem\r\nX: y",
        "https://[s3.amazonaws.com/echo.api/cert.pem",
        "https://s3。amazonaws.com/echo.api/cert.pem",
        "//s3.amazonaws.com/echo.api/cert.pem",
        "file:///echo.api/cert.pem",
    ],
)
def test_any_other_address_is_refused_and_never_fetched(url):
    chain = Chain()
    source = Source(chain.pem())
    checking = AlexaVerifier(now=lambda: NOW, roots=[chain.root], fetch=source)
    with pytest.raises(RequestRejected, match="SignatureCertChainUrl"):
        checking.check_signature(headers(url=url), BODY)
    assert [] == source.fetched


def test_a_chain_is_fetched_once_until_it_runs_out():
    chain, now = Chain(), NOW
    source = Source(chain.pem())
    checking = AlexaVerifier(now=lambda: now, roots=[chain.root], fetch=source)
    for _ in range(3):
        checking.check_signature(headers(), BODY)
    assert [URL] == source.fetched
    now = NOW + 2 * DAY
    with pytest.raises(RequestRejected, match="not trusted"):
        checking.check_signature(headers(), BODY)
    source.pem = Chain(signer_until=NOW + 3 * DAY).pem()
    checking.check_signature(headers(), BODY)
    assert [URL] * 3 == source.fetched


def test_few_chains_are_kept_and_the_oldest_goes_first():
    chain = Chain()
    source = Source(chain.pem())
    checking = AlexaVerifier(now=lambda: NOW, roots=[chain.root], fetch=source)
    urls = [f"https://s3.amazonaws.com/echo.api/{number}.pem" for number in range(alexa_verify.CHAINS_KEPT_MAX + 1)]
    for url in urls:
        checking.check_signature(headers(url=url), BODY)
    checking.check_signature(headers(url=urls[-1]), BODY)
    assert urls == source.fetched
    checking.check_signature(headers(url=urls[0]), BODY)
    assert [*urls, urls[0]] == source.fetched


def test_a_flood_of_addresses_does_not_take_every_thread():
    chain, entered, leave = Chain(), threading.Semaphore(0), threading.Event()

    def slow(url):
        entered.release()
        assert leave.wait(10)
        return chain.pem()

    checking = AlexaVerifier(now=lambda: NOW, roots=[chain.root], fetch=slow)
    given = [headers(url=f"https://s3.amazonaws.com/echo.api/{number}.pem") for number in range(3)]
    threads = [threading.Thread(target=checking.check_signature, args=(each, BODY)) for each in given[:2]]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=10)
    with pytest.raises(RequestRejected, match="too many"):
        checking.check_signature(given[2], BODY)
    leave.set()
    for thread in threads:
        thread.join()
    checking.check_signature(given[2], BODY)


def request(named, age_s):
    sent_at = NOW - timedelta(seconds=age_s)
    return {"request": {"type": named, "timestamp": sent_at.isoformat()}}


@pytest.mark.parametrize(
    ("named", "age_s"),
    [
        ("IntentRequest", 0),
        ("IntentRequest", 150),
        ("IntentRequest", -150),
        ("AlexaSkillEvent.SkillDisabled", 3600),
        ("AlexaSkillEvent.SomethingNew", 3600),
    ],
)
def test_a_request_of_the_right_age_is_accepted(named, age_s):
    verifier(Chain()).check_age(request(named, age_s))


@pytest.mark.parametrize(
    ("named", "age_s"),
    [
        ("IntentRequest", 151),
        ("IntentRequest", -151),
        ("LaunchRequest", 3600),
        ("Messaging.MessageReceived", 151),
        ("AlexaSkillEvent.SkillDisabled", 3601),
        ("AlexaSkillEvent.SkillDisabled", -151),
        (None, 151),
    ],
)
def test_a_request_too_old_or_from_the_future_is_refused(named, age_s):
    with pytest.raises(RequestRejected, match="too old"):
        verifier(Chain()).check_age(request(named, age_s))


@pytest.mark.parametrize(("age_s", "is_fine"), [(0, True), (151, False)])
def test_signature_and_age_are_checked_together(age_s, is_fine):
    raw = request("LaunchRequest", age_s)
    body = json.dumps(raw)
    checking = verifier(Chain())
    if is_fine:
        checking.verify(headers(sign(body.encode())), body, AlexaEnvelope(raw))
        return
    with pytest.raises(RequestRejected, match="too old"):
        checking.verify(headers(sign(body.encode())), body, AlexaEnvelope(raw))


@pytest.mark.parametrize("envelope", [{}, {"request": {}}, {"request": {"timestamp": "soon"}}, {"request": 7}])
def test_a_request_without_a_time_is_refused(envelope):
    with pytest.raises(RequestRejected, match="timestamp"):
        verifier(Chain()).check_age(envelope)


@pytest.fixture
def server(monkeypatch):
    """A server on loopback that answers what the path says. Only the certificate of https is not checked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/whole")
                self.end_headers()
                return
            self.send_response(404 if self.path == "/missing" else 200)
            self.end_headers()
            self.wfile.write(b"x" * (fetch.FILE_BYTES_MAX + (1 if self.path == "/long" else 0)))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_a_chain_is_fetched_whole(server):
    assert fetch.FILE_BYTES_MAX == len(fetch_chain(f"{server}/whole"))


@pytest.mark.parametrize("path", ["/long", "/missing", "/elsewhere"])
def test_a_chain_that_is_too_long_missing_or_elsewhere_is_refused(server, path):
    with pytest.raises(RequestRejected, match="chain"):
        fetch_chain(server + path)


def test_a_server_that_does_not_answer_is_a_refusal():
    with pytest.raises(RequestRejected, match="could not be fetched"):
        fetch_chain("http://127.0.0.1:9/")
