"""Our verifier and Amazon's own look at the same forged chains and requests, and agree.

Amazon's are ask-sdk-express-adapter for Node and ask-sdk-webservice-support for Python, which differ between themselves in a
few cases. Where one of them takes what ours refuses, the case says which; what both refuse, ours never takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from skill.errors import RequestRejected
from skill.platforms.alexa import AlexaEnvelope
from skill.platforms.alexa_verify import AlexaVerifier
from tests.platforms.signing import NOW, URL, Chain, sign

pytestmark = pytest.mark.clients


@dataclass(frozen=True)
class Case:
    """A request, and whether ours is to accept it. `taken_by` names those of Amazon's that take what ours must not."""

    name: str
    pem: bytes
    body: str
    headers: dict[str, str]
    accepted: bool = False
    taken_by: tuple[str, ...] = ()


def body_at(age_s: float = 0, kind: str = "LaunchRequest") -> str:
    sent_at = (NOW - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"request": {"type": kind, "timestamp": sent_at}, "note": "κατάλογος"}, ensure_ascii=False)


def case(name: str, chain: Chain | None = None, *names: str, **given: Any) -> Case:
    """A whole request but for what is given."""
    body = given.get("body", body_at())
    pem = given.get("pem", (chain or WHOLE).pem(*names))
    signed = given.get("signature") or sign(given.get("signed", body).encode())
    headers = given.get("headers", {"Signature-256": signed, "SignatureCertChainUrl": given.get("url", URL)})
    return Case(name, pem, body, headers, given.get("accepted", False), given.get("taken_by", ()))


WHOLE = Chain()
SECOND = timedelta(seconds=1)

CASES = [
    case("a whole chain", accepted=True),
    case("a chain without its root", WHOLE, "signer", "intermediate", accepted=True),
    # The certificates.
    case("another name", Chain(san="echo-api.amazon.com.evil.example")),
    case("a wildcard of another name", Chain(san="*.amazon.co")),
    case("no name", Chain(san=None)),
    case("signer expired", Chain(signer_until=NOW - SECOND)),
    case("signer not valid yet", Chain(signer_from=NOW + SECOND)),
    case("intermediate expired", Chain(intermediate_until=NOW - SECOND)),
    case("intermediate may not sign", Chain(intermediate_is_ca=False)),
    case("signed by a stranger's key", Chain(signed_by="stranger")),
    case("another kind of key", Chain(elliptic=True)),
    case("the signer alone", WHOLE, "signer"),
    case("no intermediate", WHOLE, "signer", "root"),
    case("no signer", WHOLE, "intermediate", "root"),
    case("the root alone", WHOLE, "root"),
    case("the signer not first", WHOLE, "intermediate", "signer", "root"),
    case("no chain at all", pem=b""),
    case("a chain of nonsense", pem=b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    # Amazon's look at the name, and not at what the certificate was made for.
    case("made for signing code", Chain(usage=ExtendedKeyUsageOID.CODE_SIGNING), taken_by=("node", "python")),
    # The signature.
    case("no signature", headers={"SignatureCertChainUrl": URL}),
    case("the old signature alone", headers={"Signature": sign(b"x"), "SignatureCertChainUrl": URL}),
    case("a stranger's signature", signature=sign(body_at().encode(), "stranger")),
    case("a signature over SHA-1", signature=sign(body_at().encode(), algorithm=hashes.SHA1())),
    case("a signature of noise", signature=b64encode(b"x" * 256).decode()),
    case("another body", signed=body_at() + " "),
    # The address.
    case("no address", headers={"Signature-256": sign(body_at().encode())}),
    case("a plain http address", url="http://s3.amazonaws.com/echo.api/echo-api-cert.pem"),
    case("another host", url="https://notamazon.com/echo.api/echo-api-cert.pem"),
    case("a host that begins like Amazon's", url="https://s3.amazonaws.com.evil.example/echo.api/echo-api-cert.pem"),
    case("a user before another host", url="https://s3.amazonaws.com@evil.example/echo.api/echo-api-cert.pem"),
    case("another path", url="https://s3.amazonaws.com/invalid.path/echo-api-cert.pem"),
    case("a path in other letters", url="https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem"),
    case("another port", url="https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem"),
    case("the port written out", url="https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem", accepted=True),
    case("a host in capitals", url="https://S3.AMAZONAWS.com/echo.api/echo-api-cert.pem", accepted=True),
    # The documents ask for a path that is normalised first; the one for Node takes it as it comes.
    case(
        "a path that leads out", url="https://s3.amazonaws.com/echo.api/../evil/echo-api-cert.pem", taken_by=("node",)
    ),
    # The time.
    case("150 seconds old", body=body_at(150), accepted=True),
    case("151 seconds old", body=body_at(151)),
    case("an event of an hour", body=body_at(3600, "AlexaSkillEvent.SkillDisabled"), accepted=True),
    case("an event of an hour and a second", body=body_at(3601, "AlexaSkillEvent.SkillDisabled")),
    case("a launch of an hour", body=body_at(3600)),
    case("no time", body=json.dumps({"request": {"type": "LaunchRequest"}})),
    # The one for Node looks only into the past.
    case("from the future", body=body_at(-151), taken_by=("node",)),
]
#: The one for Node wants each certificate to be signed by the next; TLS since 1.3 lets a sender mix up all but the first.
MIXED_UP = case("the root before the intermediate", WHOLE, "signer", "root", "intermediate", accepted=True)


def ours(each: Case) -> bool:
    verifier = AlexaVerifier(now=lambda: NOW, roots=[WHOLE.root], fetch=lambda url: each.pem)
    try:
        verifier.verify(each.headers, each.body.encode(), AlexaEnvelope(json.loads(each.body)))
    except RequestRejected:
        return False
    return True


@pytest.fixture(scope="module")
def cases_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("forged") / "cases.json"
    root = WHOLE.root.public_bytes(serialization.Encoding.PEM).decode()
    cases = [{"pem": each.pem.decode(), "headers": each.headers, "body": each.body} for each in (*CASES, MIXED_UP)]
    file.write_text(json.dumps({"now": int(NOW.timestamp() * 1000), "roots": [root], "cases": cases}))
    return file


def said(command: list[str], environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    """By the case's name: {"accepted", "why"}."""
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert 0 == run.returncode, run.stderr
    told = [json.loads(line) for line in run.stdout.splitlines()]
    return {each.name: one for each, one in zip((*CASES, MIXED_UP), told, strict=True)}


@pytest.fixture(scope="module")
def node_says(clients_dir: Path, cases_file: Path) -> dict[str, dict[str, Any]]:
    script = Path(__file__).with_name("ask_sdk_express_adapter.cjs")
    return said(["node", str(script), str(cases_file)], os.environ | {"NODE_PATH": str(clients_dir)})


@pytest.fixture(scope="module")
def python_says(cases_file: Path) -> dict[str, dict[str, Any]]:
    script = Path(__file__).with_name("ask_sdk_webservice_support_cases.py")
    return said([sys.executable, str(script), str(cases_file)], dict(os.environ))


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.name)
def test_our_verifier_and_amazons_agree(
    node_says: dict[str, dict[str, Any]], python_says: dict[str, dict[str, Any]], each: Case
) -> None:
    assert each.accepted == ours(each)
    by_node, by_python = node_says[each.name], python_says[each.name]
    assert (each.accepted or "node" in each.taken_by) == by_node["accepted"], by_node["why"]
    assert (each.accepted or "python" in each.taken_by) == by_python["accepted"], by_python["why"]


def test_certificates_in_another_order_are_all_that_ours_takes_and_one_of_amazons_does_not(
    node_says: dict[str, dict[str, Any]], python_says: dict[str, dict[str, Any]]
) -> None:
    assert ours(MIXED_UP)
    assert python_says[MIXED_UP.name]["accepted"]
    assert not node_says[MIXED_UP.name]["accepted"]
